//! Linux audit: program starts, one event in one record, as Laurel and Auditbeat write them.
//!
//! References: github.com/threathunters-io/laurel ("Laurel log format"), elastic.co "Auditbeat: auditd and system modules".
//! Relied on: the arguments of the program, the host and the login user's name; used where present: the event's number.
//!
//! Quirks. The kernel spreads one event over several lines, and the lines name users by number: raw `audit.log` lines are
//! set aside, since no line alone tells who started what. The login user (`AUID`, `user.audit`) survives `sudo`; a service
//! has none. Laurel writes names in capitals where it resolved a number.

use std::borrow::Cow;

use serde::Deserialize;

use super::process_start::{self, Start};
use super::text::{Part, Text};
use super::texts::Texts;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::{Body, Object, Record};
use crate::fact::writer::{FactWriter, Form};

/// Reads events of the Linux audit system.
pub struct Auditd;

static CARD: Card = Card {
    name: "auditd",
    title: "Linux audit events (Laurel, Auditbeat)",
    tells: "which MCP server or agent was started on a Linux host, and by which login user",
    reference: "https://github.com/threathunters-io/laurel",
    recognised_by: "objects with ID and SYSCALL or EXECVE; objects whose event.module is auditd, or system with process",
    exports: &[
        Export { form: "Laurel (NDJSON)", command: "cp /var/log/laurel/audit.log laurel/$(hostname -s).ndjson" },
        Export { form: "Auditbeat (NDJSON)", command: "auditbeat -c auditbeat-to-file.yml" },
    ],
};

/// An event, whatever form it has.
#[derive(Default)]
struct Executed<'a> {
    id: Option<Cow<'a, str>>,
    at: Option<Instant>,
    host: Option<Cow<'a, str>>,
    account: Option<Cow<'a, str>>,
    arguments: Vec<Cow<'a, str>>,
}

impl Source for Auditd {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = match shape.body {
            Body::Json(object) => is_laurel(&object) || is_beat(&object),
            Body::Line(line) => line.contains("type=") && line.contains("msg=audit("),
            Body::Row(_) | Body::Doc(_) => false,
        };
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let Some(object) = record.body.json() else {
            return Ok(Reading::SetAside("line that is a part of an event"));
        };
        let event = if is_laurel(&object) { laurel(&object)? } else { beat(&object)? };
        let Some(event) = event else { return Ok(Reading::SetAside("event that starts nothing")) };
        facts.event(event.at.ok_or(Refusal::Missing("the time"))?);
        let arguments: Vec<&str> = event.arguments.iter().map(AsRef::as_ref).collect();
        if let (Some(id), Some(host)) = (&event.id, &event.host) {
            facts.named(CARD.name, &format!("{}/{id}", host.to_lowercase()), &[&arguments.join(" ")], Form::Full);
        }
        let (host, account) = (event.host.as_deref(), event.account.as_deref());
        process_start::claim(&Start { host, account, line: None, arguments: &arguments }, facts, |_| None)
    }
}

fn is_laurel(object: &Object<'_>) -> bool {
    object.has("ID") && (object.has("SYSCALL") || object.has("EXECVE") || object.has("PROCTITLE"))
}

fn is_beat(object: &Object<'_>) -> bool {
    let module = object.raw("event").filter(|raw| raw.contains("\"module\""));
    module.is_some_and(|raw| raw.contains("\"auditd\"") || (raw.contains("\"system\"") && object.has("process")))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Syscall<'a> {
    #[serde(rename = "AUID", borrow)]
    login: Text<'a>,
    #[serde(rename = "UID", borrow)]
    user: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Execve<'a> {
    #[serde(rename = "ARGV", borrow)]
    arguments: Texts<'a>,
}

fn laurel<'a>(object: &Object<'a>) -> Result<Option<Executed<'a>>, Refusal> {
    let Some(raw) = object.raw("EXECVE") else { return Ok(None) };
    let execve: Execve<'_> = serde_json::from_str(raw).map_err(|_| Refusal::Unreadable("EXECVE"))?;
    let syscall = object.raw("SYSCALL").ok_or(Refusal::Missing("SYSCALL"))?;
    let syscall: Syscall<'_> = serde_json::from_str(syscall).map_err(|_| Refusal::Unreadable("SYSCALL"))?;
    let id = object.text("ID").ok_or(Refusal::Missing("ID"))?;
    let login = syscall.login.get().filter(|login| *login != "unset");
    let account = login.or(syscall.user.get()).map(|name| Cow::Owned(name.to_owned()));
    let arguments = execve.arguments.iter().map(|word| Cow::Owned(word.to_owned())).collect();
    Ok(Some(Executed { at: stamp(&id), id: Some(id), host: object.text("NODE"), account, arguments }))
}

/// The time in an event's number: `1604996384.965:93777`.
fn stamp(id: &str) -> Option<Instant> {
    let (seconds, millis) = id.split_once(':')?.0.split_once('.')?;
    let (seconds, millis) = (seconds.parse::<i64>().ok()?, millis.parse::<i64>().ok()?);
    Instant::from_millis(seconds.checked_mul(1000)?.checked_add(millis)?)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    hostname: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct User<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    audit: Part<Named<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Process<'a> {
    #[serde(borrow)]
    args: Texts<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct What<'a> {
    #[serde(borrow)]
    action: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Beat<'a> {
    #[serde(borrow, rename = "@timestamp")]
    at: Text<'a>,
    #[serde(borrow)]
    event: Part<What<'a>>,
    #[serde(borrow)]
    process: Part<Process<'a>>,
    #[serde(borrow)]
    user: Part<User<'a>>,
    #[serde(borrow)]
    host: Part<Named<'a>>,
}

/// What Auditbeat calls the start of a program, in its two modules; a process that runs when it begins to look is one that
/// was started.
const STARTS: &[&str] = &["executed", "process_started", "existing_process"];

fn beat<'a>(object: &Object<'a>) -> Result<Option<Executed<'a>>, Refusal> {
    let beat: Beat<'_> = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the record"))?;
    let action = beat.event.get().and_then(|event| event.action.get());
    if !action.is_some_and(|action| STARTS.contains(&action)) {
        return Ok(None);
    }
    let at = beat.at.get().ok_or(Refusal::Missing("@timestamp"))?;
    let at = Instant::parse(at).ok_or(Refusal::Unreadable("@timestamp"))?;
    let user = beat.user.get();
    let login = user.and_then(|user| user.audit.get()).and_then(|login| login.name.get());
    let account = login.or(user.and_then(|user| user.name.get())).map(|name| Cow::Owned(name.to_owned()));
    let host = beat.host.get().and_then(|host| host.hostname.get().or(host.name.get()));
    let arguments =
        beat.process.get().map(|process| process.args.iter().map(|word| Cow::Owned(word.to_owned())).collect());
    Ok(Some(Executed {
        id: None,
        at: Some(at),
        host: host.map(|host| Cow::Owned(host.to_owned())),
        account,
        arguments: arguments.unwrap_or_default(),
    }))
}
