//! Okta System Log: who signed in to which app, who made, changed, issued and ended what in an Okta organisation.
//!
//! References: developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/ (the event) and
//! developer.okta.com/docs/reference/api/event-types/ (the catalogue of event types, of which new ones appear monthly).
//! Relied on: `eventType`, `published`, `outcome.result`; used where present: `uuid`, `actor`, `target`, `client`,
//! `transaction.detail`, `authenticationContext`, and of `debugContext.debugData` the few fields that joins need.
//!
//! Quirks. The log never says which organisation it is of. `target`, `authenticationContext` and `client` may be `null`
//! as a whole, and text fields hold the words `unknown` and `null` for nothing. `user.authentication.sso` is written for
//! failed sign-ons, too. An act through an API token has the token's owner as its actor and the token in
//! `transaction.detail`. Imports and jobs are done by `SystemPrincipal`, for a user where `rootSessionId` is that of
//! the user's session; sessions that begin with `trs` are nobody's. The secret of an OAuth client stands in plain text in
//! the `detailEntry` of the event that made it: nothing but the sign-on mode is ever read from there. The CSV of the
//! admin console leaves out tokens, sign-on modes and changes.

mod actor;
mod effects;
mod entry;

use entry::{Entry, Scene};

use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, needed_time};
use crate::base::time::Instant;
use crate::bundle::record::{Body, Object, Record, Row};
use crate::fact::claim::Outcome;
use crate::fact::writer::{Actor, FactWriter, Form};

/// Reads System Log events.
pub struct OktaLog;

const NAME: &str = "okta_log";

static CARD: Card = Card {
    name: NAME,
    title: "Okta System Log",
    tells: "who signed in to which app; who joined and left; who made API tokens, OAuth clients and AI agents",
    reference: "https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/",
    recognised_by: "objects with a dotted eventType, published, uuid, actor and outcome; CSV with event_type, actor.id, target0.id",
    exports: &[
        Export {
            form: "System Log API, page by page (retention 90 days)",
            command: "curl -H \"Authorization: SSWS $TOKEN\" \"https://ORG.okta.com/api/v1/logs?since=2026-08-01T00:00:00Z&limit=1000&sortOrder=ASCENDING\" > okta-log.json",
        },
        Export {
            form: "log streaming to an AWS event bus or Splunk, one event a line",
            command: "aws s3 sync s3://BUCKET/okta/ okta/",
        },
        Export { form: "CSV", command: "Admin Console > Reports > System Log > Download CSV" },
    ],
};

/// Members that together only a System Log event has.
const MARKS: &[&str] = &[
    "uuid",
    "published",
    "actor",
    "outcome",
    "legacyEventType",
    "displayMessage",
    "debugContext",
    "authenticationContext",
    "securityContext",
    "transaction",
    "target",
];

/// So many of them tell an event, whatever is missing.
const ENOUGH: usize = 4;

/// Events that are known to tell nothing about ownership, by what their types begin with.
const SET_ASIDE: &[(&str, &str)] = &[
    ("policy.evaluate_sign_on", "policy.evaluate_sign_on"),
    ("security.threat.", "security.threat"),
    ("system.email.", "system.email"),
    ("system.org.rate_limit.", "system.org.rate_limit"),
    ("system.push.", "system.push"),
    ("system.sms.", "system.sms"),
    ("system.voice.", "system.voice"),
];

impl Source for OktaLog {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = match shape.body {
            Body::Json(object) => is_event(&object),
            Body::Row(row) => is_row(&row),
            Body::Line(_) | Body::Doc(_) => false,
        };
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let entry = match record.body {
            Body::Json(object) => Entry::of(&object),
            Body::Row(row) => Entry::of_row(&row),
            Body::Line(_) | Body::Doc(_) => return Err(Refusal::Unreadable("the record")),
        };
        let name = entry.event_type.as_deref().ok_or(Refusal::Missing("eventType"))?;
        let at = time(entry.published.as_deref(), entry.form)?;
        facts.event(at);
        if let Some(uuid) = entry.uuid.as_deref() {
            let second = at.millis().div_euclid(1000).to_string();
            facts.named(NAME, uuid, &[name, &second], entry.form);
        }
        if let Some((_, what)) = SET_ASIDE.iter().find(|(begin, _)| name.starts_with(begin)) {
            return Ok(Reading::SetAside(what));
        }
        let outcome = outcome(entry.result().ok_or(Refusal::Missing("outcome.result"))?);
        let event =
            Event { name, at, succeeded: outcome == Outcome::Succeeded, targets: entry.targets(), entry: &entry };
        let mut actor = circumstances(&event, facts);
        let on = effects::write(&event, &mut actor, facts);
        facts.did(actor, &format!("okta:{name}"), on, outcome);
        Ok(Reading::Claimed)
    }
}

/// An event whose parts beyond the envelope are read, too.
struct Event<'e, 'a> {
    name: &'e str,
    at: Instant,
    succeeded: bool,
    targets: Vec<entry::Party<'a>>,
    entry: &'e Entry<'a>,
}

fn is_event(object: &Object<'_>) -> bool {
    let dotted = object.raw("eventType").is_some_and(|raw| {
        let name = raw.trim_matches('"');
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        name.contains('.') && raw.starts_with('"') && name.bytes().all(plain)
    });
    dotted && MARKS.iter().filter(|mark| object.has(mark)).take(ENOUGH).count() == ENOUGH
}

fn is_row(row: &Row<'_>) -> bool {
    ["eventtype", "uuid", "actor.id", "outcome.result"].iter().all(|column| entry::column(row, column).is_some())
}

/// The time of an event. The console's CSV is in UTC, whether it says so or not.
fn time(text: Option<&str>, form: Form) -> Result<Instant, Refusal> {
    match (needed_time(text, "published"), text) {
        (Err(Refusal::Unreadable(field)), Some(text)) if form == Form::Poor => {
            Instant::parse_naive_as_utc(text).ok_or(Refusal::Unreadable(field))
        }
        (read, _) => read,
    }
}

/// Only these two were done. What was deferred, scheduled or challenged was not, as far as this record tells.
fn outcome(result: &str) -> Outcome {
    match result {
        "SUCCESS" | "ALLOW" => Outcome::Succeeded,
        "DENY" => Outcome::Denied,
        _ => Outcome::Failed,
    }
}

/// Who acted, from where and with which client: read once for all records that repeat it.
fn circumstances(event: &Event<'_, '_>, facts: &mut FactWriter) -> Actor {
    let scene = Scene::of(event.entry, event.name);
    let [who, whence] = event.entry.who_and_where();
    let [token, client, session, flags] = scene.key();
    let parts = [who.as_ref(), whence.as_ref(), token, client, session, flags];
    let read: Result<Actor, std::convert::Infallible> =
        facts.circumstances(&parts, |out| Ok(actor::actor(&event.entry.actor(), &event.entry.client(), scene, out)));
    match read {
        Ok(actor) => actor,
        Err(never) => match never {},
    }
}
