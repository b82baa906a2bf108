//! Sysmon: process starts (event 1), in the forms in which Windows events are exported.
//!
//! References: learn.microsoft.com/sysinternals/downloads/sysmon, github.com/omerbenamram/evtx (`evtx_dump`), elastic.co
//! "Winlogbeat exported fields", docs.nxlog.co "Event Log for Windows". Relied on: `UtcTime`, `CommandLine`, `User`, and the
//! computer; used where present: `ProcessGuid`.
//!
//! Quirks. `UtcTime` names no zone and is UTC. Forwarded events carry the collector's name beside the computer's
//! (`host`, `Hostname`): the computer's is meant. The GUID of a process is unique over all hosts; exports write it with
//! and without braces, in any case.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::process_start::{self, Start};
use super::text::{Part, Text};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::{Body, DocKind, Object, Record};
use crate::fact::writer::{FactWriter, Form};

/// Reads events of Sysmon.
pub struct Sysmon;

/// The name under which Sysmon writes events.
const PROVIDER: &str = "Microsoft-Windows-Sysmon";

static CARD: Card = Card {
    name: "sysmon",
    title: "Sysmon process events",
    tells: "which MCP server or agent was started on a Windows host, and by which account",
    reference: "https://learn.microsoft.com/sysinternals/downloads/sysmon",
    recognised_by: "Windows events whose provider is Microsoft-Windows-Sysmon: Event with System and EventData, winlog, SourceName, XML",
    exports: &[
        Export {
            form: "evtx_dump (NDJSON)",
            command: "evtx_dump -o jsonl Microsoft-Windows-Sysmon%4Operational.evtx > sysmon.ndjson",
        },
        Export {
            form: "XML",
            command: "wevtutil qe Microsoft-Windows-Sysmon/Operational /f:xml /e:Events > sysmon.xml",
        },
        Export { form: "Winlogbeat or NXLog (NDJSON)", command: "winlogbeat.exe -c winlogbeat-sysmon-to-file.yml" },
    ],
};

/// The data of an event, by name.
type Data<'a> = BTreeMap<Cow<'a, str>, Text<'a>>;

/// An event, whatever form it has.
#[derive(Default)]
struct Event<'a> {
    number: Option<Cow<'a, str>>,
    computer: Option<Cow<'a, str>>,
    data: Data<'a>,
}

impl Event<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.data.get(name).and_then(Text::get)
    }
}

impl Source for Sysmon {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = match shape.body {
            Body::Json(object) => is_event(&object),
            Body::Doc(doc) => doc.kind == DocKind::Xml && is_xml(doc.text),
            Body::Line(line) => is_xml(line),
            Body::Row(_) => false,
        };
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let event = match record.body {
            Body::Json(object) => of_object(&object)?,
            Body::Doc(doc) => of_xml(doc.text),
            Body::Line(line) => of_xml(line),
            Body::Row(_) => return Err(Refusal::Unreadable("the record")),
        };
        if event.number.as_deref().ok_or(Refusal::Missing("EventID"))? != "1" {
            return Ok(Reading::SetAside("event that starts nothing"));
        }
        let at = event.get("UtcTime").ok_or(Refusal::Missing("UtcTime"))?;
        let at =
            Instant::parse(at).or_else(|| Instant::parse_naive_as_utc(at)).ok_or(Refusal::Unreadable("UtcTime"))?;
        facts.event(at);
        let line = event.get("CommandLine");
        if let Some(guid) = event.get("ProcessGuid") {
            let guid = guid.trim_matches(['{', '}']).to_lowercase();
            facts.named(CARD.name, &guid, &[line.unwrap_or_default()], Form::Full);
        }
        let start = Start { host: event.computer.as_deref(), account: event.get("User"), line, arguments: &[] };
        process_start::claim(&start, facts, |_| None)
    }
}

fn is_event(object: &Object<'_>) -> bool {
    let provider = |key: &str| object.raw(key).is_some_and(|raw| raw.contains(PROVIDER));
    provider("SourceName")
        || provider("winlog")
        || (provider("Event") && object.raw("Event").is_some_and(|raw| raw.contains("\"EventData\"")))
}

fn is_xml(text: &str) -> bool {
    text.contains("<Event") && text.contains(PROVIDER)
}

/// A value that some exports write alone and some with its attributes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Valued<'a> {
    With {
        #[serde(rename = "#text", borrow)]
        text: Text<'a>,
    },
    Alone(#[serde(borrow)] Text<'a>),
}

impl Valued<'_> {
    fn get(&self) -> Option<&str> {
        match self {
            Self::Alone(text) | Self::With { text } => text.get(),
        }
    }
}

#[derive(Deserialize)]
struct System<'a> {
    #[serde(rename = "EventID", borrow)]
    number: Valued<'a>,
    #[serde(rename = "Computer", borrow, default)]
    computer: Text<'a>,
}

#[derive(Deserialize)]
struct Dumped<'a> {
    #[serde(rename = "System", borrow)]
    system: System<'a>,
    #[serde(rename = "EventData", borrow, default)]
    data: Part<Data<'a>>,
}

#[derive(Deserialize)]
struct Winlog<'a> {
    #[serde(borrow, default)]
    event_id: Text<'a>,
    #[serde(borrow, default)]
    computer_name: Text<'a>,
    #[serde(borrow, default)]
    event_data: Part<Data<'a>>,
}

fn of_object<'a>(object: &Object<'a>) -> Result<Event<'a>, Refusal> {
    let owned = |text: Option<&str>| text.map(|text| Cow::Owned(text.to_owned()));
    if let Some(raw) = object.raw("Event") {
        let event: Dumped<'a> = serde_json::from_str(raw).map_err(|_| Refusal::Unreadable("Event"))?;
        let (number, computer) = (owned(event.system.number.get()), owned(event.system.computer.get()));
        return Ok(Event { number, computer, data: event.data.into_inner().unwrap_or_default() });
    }
    if let Some(raw) = object.raw("winlog") {
        let event: Winlog<'a> = serde_json::from_str(raw).map_err(|_| Refusal::Unreadable("winlog"))?;
        let (number, computer) = (owned(event.event_id.get()), owned(event.computer_name.get()));
        return Ok(Event { number, computer, data: event.event_data.into_inner().unwrap_or_default() });
    }
    let data: Data<'a> = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the record"))?;
    Ok(Event { number: object.word("EventID"), computer: object.text("Hostname"), data })
}

/// Reads an event of an XML export.
fn of_xml(text: &str) -> Event<'_> {
    let content = |name: &str| {
        let inner = text.split_once(&format!("<{name}"))?.1;
        let inner = inner.split_once('>')?.1.split_once(&format!("</{name}>"))?.0;
        Some(unescaped(inner.trim()))
    };
    let mut data = Data::new();
    for part in text.split("<Data Name=").skip(1) {
        let Some(quote) = part.chars().next().filter(|letter| matches!(letter, '\'' | '"')) else { continue };
        let Some((name, rest)) = part.get(1..).and_then(|rest| rest.split_once(quote)) else { continue };
        let Some(value) = rest.strip_prefix('>').and_then(|rest| rest.split_once("</Data>")) else { continue };
        data.insert(Cow::Borrowed(name), Text::of(Some(unescaped(value.0))));
    }
    Event { number: content("EventID"), computer: content("Computer"), data }
}

/// The text that an escaped text stands for.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    Cow::Owned(plain.replace("&#39;", "'").replace("&#34;", "\"").replace("&amp;", "&"))
}
