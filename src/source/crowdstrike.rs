//! CrowdStrike Falcon: process starts of the Data Replicator and of Next-Gen SIEM.
//!
//! References: falcon.crowdstrike.com "Falcon Data Replicator" and "Events Data Dictionary". Relied on: `event_simpleName`
//! (`ProcessRollup2`, `SyntheticProcessRollup2`), `CommandLine`, the host and the user by their names.
//!
//! Quirks. All values are strings. The replicator's own events name host and user by ids alone (`aid`, `UserSid`, `UID`);
//! exports that join them with `aidmaster` and the logons have `ComputerName` and `UserName`. A start without these names
//! nobody and is refused with what is missing. The time of the event is in milliseconds.

use super::process_start::{self, Start};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::{Object, Record};
use crate::fact::writer::{FactWriter, Form};

/// Reads events of Falcon.
pub struct Crowdstrike;

static CARD: Card = Card {
    name: "crowdstrike",
    title: "CrowdStrike Falcon process events",
    tells: "which MCP server or agent was started on a host, and by which account",
    reference: "https://falcon.crowdstrike.com/documentation/page/fa572b1c/falcon-data-replicator",
    recognised_by: "objects with event_simpleName or #event_simpleName, and aid",
    exports: &[
        Export {
            form: "Next-Gen SIEM (NDJSON)",
            command: "Falcon console > Advanced event search > #event_simpleName=ProcessRollup2 CommandLine=*mcp* | join host and user names > Export",
        },
        Export { form: "Data Replicator", command: "aws s3 sync s3://BUCKET/data crowdstrike/" },
    ],
};

impl Source for Crowdstrike {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        if name(&object).is_some() && object.has("aid") { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let at = at(&object)?;
        facts.event(at);
        facts.account(object.text("cid").as_deref());
        let line = object.text("CommandLine");
        if let Some(id) = object.text("id").or_else(|| object.text("@id")) {
            let event = name(&object).unwrap_or_default();
            facts.named(CARD.name, &id, &[&event, &at.to_string(), line.as_deref().unwrap_or_default()], Form::Full);
        }
        if !matches!(name(&object).as_deref(), Some("ProcessRollup2" | "SyntheticProcessRollup2")) {
            return Ok(Reading::SetAside("event that starts nothing"));
        }
        let host = object.text("ComputerName").or_else(|| object.text("hostname"));
        let account = object.text("UserName").or_else(|| object.text("UserPrincipal"));
        let start = Start { host: host.as_deref(), account: account.as_deref(), line: line.as_deref(), arguments: &[] };
        process_start::claim(&start, facts, |_| None)
    }
}

fn name<'a>(object: &Object<'a>) -> Option<std::borrow::Cow<'a, str>> {
    object.text("event_simpleName").or_else(|| object.text("#event_simpleName"))
}

/// The time of the start, else of the event.
fn at(object: &Object<'_>) -> Result<Instant, Refusal> {
    if let Some(at) = object.text("@timestamp").and_then(|text| Instant::parse(&text)) {
        return Ok(at);
    }
    let millis = object.word("timestamp").or_else(|| object.word("@timestamp")).ok_or(Refusal::Missing("timestamp"))?;
    millis.parse().ok().and_then(Instant::from_millis).ok_or(Refusal::Unreadable("timestamp"))
}
