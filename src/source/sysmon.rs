//! Sysmon: process starts (event 1), in the forms in which Windows events are exported.
//!
//! References: learn.microsoft.com/sysinternals/downloads/sysmon, github.com/omerbenamram/evtx (`evtx_dump`), elastic.co
//! "Winlogbeat exported fields", docs.nxlog.co "Event Log for Windows". Relied on: `UtcTime`, `CommandLine`, `User`, and the
//! computer; used where present: `ProcessGuid`.
//!
//! Quirks. `UtcTime` names no zone and is UTC. Forwarded events carry the collector's name beside the computer's
//! (`host`, `Hostname`): the computer's is meant. The GUID of a process is unique over all hosts; exports write it with
//! and without braces, in any case.

use super::process_start::{self, Start};
use super::windows_event::WindowsEvent;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::Record;
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

/// The event that starts a process.
const STARTS: u32 = 1;

impl Source for Sysmon {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = WindowsEvent::of(&shape.body).is_some_and(|event| event.provider.get() == Some(PROVIDER));
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let event = WindowsEvent::of(&record.body).ok_or(Refusal::Unreadable("the record"))?;
        if event.id.ok_or(Refusal::Missing("EventID"))? != STARTS {
            return Ok(Reading::SetAside("event that starts nothing"));
        }
        let at = event.data("UtcTime").ok_or(Refusal::Missing("UtcTime"))?;
        let at =
            Instant::parse(at).or_else(|| Instant::parse_naive_as_utc(at)).ok_or(Refusal::Unreadable("UtcTime"))?;
        facts.event(at);
        let line = event.data("CommandLine");
        if let Some(guid) = event.data("ProcessGuid") {
            let guid = guid.trim_matches(['{', '}']).to_lowercase();
            facts.named(CARD.name, &guid, &[line.unwrap_or_default()], Form::Full);
        }
        let start = Start { host: event.computer.get(), account: event.data("User"), line, arguments: &[] };
        process_start::claim(&start, facts, |_| None)
    }
}
