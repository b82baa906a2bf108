//! osquery: process starts and running processes.
//!
//! References: osquery.readthedocs.io "Logging" and osquery.io/schema (`process_events`, `bpf_process_events`,
//! `es_process_events`, `processes`). Relied on: `hostIdentifier` or the host among the decorations, `unixTime`, `columns`
//! with `cmdline` and whose the process is.
//!
//! Quirks. All values are strings. Linux tables name the user by number alone: without `username` among the columns (a join
//! with `users`) it is known for the local administrator only, and an event is set aside. `hostIdentifier` may be an id of
//! the hardware; then the decorations have the host's name. A snapshot holds all rows of one query.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::process_start::{self, Start};
use super::text::Text;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::{Object, Record};
use crate::fact::writer::FactWriter;

/// Reads results of osquery.
pub struct Osquery;

static CARD: Card = Card {
    name: "osquery",
    title: "osquery process events",
    tells: "which MCP server or agent was started on a host, and by which account",
    reference: "https://osquery.readthedocs.io/en/stable/deployment/logging/",
    recognised_by: "objects with hostIdentifier, unixTime and columns or snapshot",
    exports: &[Export {
        form: "result log (NDJSON)",
        command: "cp /var/log/osquery/osqueryd.results.log osquery/$(hostname -s).results.log",
    }],
};

type Columns<'a> = BTreeMap<Cow<'a, str>, Text<'a>>;

#[derive(Deserialize)]
struct Decorations<'a> {
    #[serde(borrow, default)]
    hostname: Text<'a>,
}

impl Source for Osquery {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        let rows = object.has("columns") || object.has("snapshot");
        if object.has("hostIdentifier") && object.has("unixTime") && rows { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let at = object.word("unixTime").ok_or(Refusal::Missing("unixTime"))?;
        let at = at.parse().ok().and_then(Instant::from_seconds).ok_or(Refusal::Unreadable("unixTime"))?;
        let host = host(&object)?.ok_or(Refusal::Missing("hostIdentifier"))?;
        if object.text("action").as_deref() == Some("removed") {
            return Ok(Reading::SetAside("row that is gone"));
        }
        let mut rows: Vec<Columns<'_>> = Vec::new();
        if let Some(raw) = object.raw("columns") {
            rows.push(serde_json::from_str(raw).map_err(|_| Refusal::Unreadable("columns"))?);
        } else if let Some(raw) = object.raw("snapshot") {
            rows = serde_json::from_str(raw).map_err(|_| Refusal::Unreadable("snapshot"))?;
        }
        facts.event(at);
        let mut reading = Reading::SetAside("query about other things than processes");
        for row in &rows {
            if let Some(Reading::Claimed) = process(&host, row, facts)? {
                reading = Reading::Claimed;
            } else if row.contains_key("cmdline") && reading != Reading::Claimed {
                reading = Reading::SetAside("process that is no agent, or without its user's name");
            }
        }
        Ok(reading)
    }
}

/// The host's name: among the decorations, else the identifier where it is a name.
fn host(object: &Object<'_>) -> Result<Option<String>, Refusal> {
    let decorations = object.raw("decorations").map(serde_json::from_str::<Decorations<'_>>).transpose();
    let decorations = decorations.map_err(|_| Refusal::Unreadable("decorations"))?;
    let decorated = decorations.and_then(|decorations| decorations.hostname.get().map(str::to_owned));
    let is_id = |text: &str| text.len() == 36 && text.matches('-').count() == 4;
    let identifier = object.text("hostIdentifier").filter(|text| !is_id(text)).map(Cow::into_owned);
    Ok(decorated.or(identifier))
}

/// A row of a table of processes; `None` where it is none, or nobody is named.
fn process(host: &str, row: &Columns<'_>, facts: &mut FactWriter) -> Result<Option<Reading>, Refusal> {
    let get = |name: &str| row.get(name).and_then(Text::get);
    let Some(line) = get("cmdline") else { return Ok(None) };
    let number = |name: &str| get(name).filter(|uid| *uid == "0").map(|_| "root");
    // The login user survives `sudo`.
    let Some(account) = get("username").or_else(|| number("auid")).or_else(|| number("uid")) else { return Ok(None) };
    let start = Start { host: Some(host), account: Some(account), line: Some(line), arguments: &[] };
    process_start::claim(&start, facts, |_| None).map(Some)
}
