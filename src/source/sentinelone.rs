//! SentinelOne Deep Visibility and Cloud Funnel: process starts.
//!
//! Reference: SentinelOne "Cloud Funnel 2.0" and "Deep Visibility" schema. Relied on: `event.type`, `event.time`,
//! `endpoint.name`, `tgt.process.cmdline`, and whose the started process is.
//!
//! Quirks. Names have dots in them and are no paths. On Windows the account of a start is that of the process that started
//! it (`src.process.user`, with its domain); on Linux and macOS the real user of the started one (`tgt.process.rUserName`).

use super::process_start::{self, Start};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::Record;
use crate::fact::writer::{FactWriter, Form};

/// Reads events of SentinelOne.
pub struct Sentinelone;

static CARD: Card = Card {
    name: "sentinelone",
    title: "SentinelOne Deep Visibility",
    tells: "which MCP server or agent was started on an endpoint, and by which account",
    reference: "https://www.sentinelone.com/platform/singularity-cloud-funnel/",
    recognised_by: "objects with event.type, endpoint.name and agent.uuid",
    exports: &[Export {
        form: "Cloud Funnel (S3)",
        command: "aws s3 sync s3://BUCKET/cloud-funnel sentinelone/ --exclude '*' --include '*process*'",
    }],
};

impl Source for Sentinelone {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        let ours = object.has("event.type") && object.has("endpoint.name") && object.has("event.time");
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let at = object.word("event.time").ok_or(Refusal::Missing("event.time"))?;
        let at = at.parse().ok().and_then(Instant::from_millis).ok_or(Refusal::Unreadable("event.time"))?;
        facts.event(at);
        facts.account(object.word("site.id").as_deref());
        let line = object.text("tgt.process.cmdline");
        if let Some(id) = object.text("event.id") {
            facts.named(CARD.name, &id, &[line.as_deref().unwrap_or_default()], Form::Full);
        }
        if object.text("event.type").as_deref() != Some("Process Creation") {
            return Ok(Reading::SetAside("event that starts nothing"));
        }
        let host = object.text("endpoint.name");
        let names = ["tgt.process.rUserName", "tgt.process.user", "src.process.user"];
        let account = names.iter().find_map(|name| object.text(name));
        let start = Start { host: host.as_deref(), account: account.as_deref(), line: line.as_deref(), arguments: &[] };
        process_start::claim(&start, facts, |_| None)
    }
}
