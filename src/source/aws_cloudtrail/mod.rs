//! AWS CloudTrail: what was called in an AWS account, by which session, from where.
//!
//! Reference: docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
//! Relied on: `eventTime`, `eventSource`, `eventName`, `userIdentity`; used where present: `eventID`, `sharedEventID`,
//! `requestParameters`, `responseElements`, `resources`, `additionalEventData`, `errorCode`, `sourceIPAddress`,
//! `userAgent`, `recipientAccountId`, `awsRegion`, `sessionCredentialFromConsole`.
//!
//! Quirks. `eventTime` has whole seconds, so ties are normal and order proves nothing by itself. Records of one act in
//! two accounts share `sharedEventID`. Lambda's control operations carry a date (`CreateFunction20150331`). The console
//! uses a new key for each request, so its sessions are named by principal and start. The key that Identity Center's
//! `AssumeRoleWithSAML` returns is not the key that is used. A failed call makes nothing: it is an act and no more.

mod identity;
mod issuing;
mod params;
mod resources;
mod things;

use identity::{Scene, UserIdentity};
use serde::Deserialize;

use super::aws_names::partition;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, needed_time};
use crate::base::time::Instant;
use crate::bundle::record::{Object, Record, string};
use crate::fact::claim::{Detail, Outcome};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads CloudTrail records.
pub struct AwsCloudtrail;

const NAME: &str = "aws_cloudtrail";

static CARD: Card = Card {
    name: NAME,
    title: "AWS CloudTrail",
    tells: "who deployed, changed, issued and used what in AWS accounts; which session came from which",
    reference: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html",
    recognised_by: "objects with eventName, userIdentity and an eventSource that ends in .amazonaws.com",
    exports: &[
        Export {
            form: "trail files of an account or organisation (.json.gz in S3)",
            command: "aws s3 sync s3://BUCKET/AWSLogs/ cloudtrail/",
        },
        Export {
            form: "the last 90 days of management events of one region",
            command: "aws cloudtrail lookup-events --start-time 2026-08-01 --output json > lookup-events.json",
        },
        Export {
            form: "a CloudWatch log group",
            command: "aws logs filter-log-events --log-group-name GROUP --output json > cloudwatch.json",
        },
    ],
};

/// The members of a CloudTrail record that are used, as raw JSON.
#[derive(Clone, Copy, Debug, Default)]
struct Entry<'a> {
    event_time: Option<&'a str>,
    event_source: Option<&'a str>,
    event_name: Option<&'a str>,
    event_id: Option<&'a str>,
    event_type: Option<&'a str>,
    shared_event_id: Option<&'a str>,
    region: Option<&'a str>,
    recipient_account: Option<&'a str>,
    source_ip: &'a str,
    user_agent: &'a str,
    error_code: Option<&'a str>,
    user_identity: Option<&'a str>,
    request: &'a str,
    response: &'a str,
    resources: &'a str,
    additional: &'a str,
    from_console: bool,
}

impl<'a> Entry<'a> {
    fn of(object: &Object<'a>) -> Self {
        let mut entry = Self { source_ip: "null", user_agent: "null", ..Self::default() };
        for member in object.members {
            let raw = member.value;
            match member.key {
                "eventTime" => entry.event_time = plain(raw),
                "eventSource" => entry.event_source = plain(raw),
                "eventName" => entry.event_name = plain(raw),
                "eventID" => entry.event_id = plain(raw),
                "eventType" => entry.event_type = plain(raw),
                "sharedEventID" => entry.shared_event_id = plain(raw),
                "awsRegion" => entry.region = plain(raw),
                "recipientAccountId" => entry.recipient_account = plain(raw),
                "errorCode" => entry.error_code = plain(raw),
                "sourceIPAddress" => entry.source_ip = raw,
                "userAgent" => entry.user_agent = raw,
                "userIdentity" => entry.user_identity = Some(raw),
                "requestParameters" => entry.request = raw,
                "responseElements" => entry.response = raw,
                "resources" => entry.resources = raw,
                "additionalEventData" => entry.additional = raw,
                "sessionCredentialFromConsole" => entry.from_console = raw.contains("true"),
                _ => {}
            }
        }
        entry
    }

    fn service(&self) -> Option<&'a str> {
        self.event_source?.split('.').next()
    }

    fn region(&self) -> &'a str {
        self.region.unwrap_or("us-east-1")
    }
}

/// A raw JSON string without quotes, where it has no escapes: ids, times and names of events have none.
fn plain(raw: &str) -> Option<&str> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.is_empty() && !inner.contains('\\')).then_some(inner)
}

/// An event whose parts beyond the envelope are read, too.
struct Event<'a> {
    entry: Entry<'a>,
    at: Instant,
    /// The account that received the record.
    account: &'a str,
    service: &'a str,
    /// The operation without Lambda's date suffix.
    name: &'a str,
    actor: Actor,
    identity: &'a str,
}

impl<'a> Event<'a> {
    fn region(&self) -> &'a str {
        self.entry.region()
    }

    fn partition(&self) -> &'static str {
        partition(self.region())
    }

    fn identity(&self) -> UserIdentity<'a> {
        serde_json::from_str(self.identity).unwrap_or_default()
    }
}

/// Parses a raw part into the fields that are used; whatever cannot be read is as if it were absent.
fn part<'a, T: Deserialize<'a> + Default>(raw: &'a str) -> T {
    if raw.starts_with('{') { serde_json::from_str(raw).unwrap_or_default() } else { T::default() }
}

impl Source for AwsCloudtrail {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        let source = object.raw("eventSource").and_then(plain);
        let ours = source.is_some_and(|source| {
            source.strip_suffix(".amazonaws.com").or(source.strip_suffix(".amazonaws.com.cn")).is_some_and(|service| {
                service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
            })
        });
        match ours && object.has("eventName") && object.has("eventTime") {
            true if object.has("userIdentity") || object.has("eventVersion") => Fit::Certain,
            _ => Fit::No,
        }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let entry = Entry::of(&object);
        let at = needed_time(entry.event_time, "eventTime")?;
        let service = entry.service().ok_or(Refusal::Missing("eventSource"))?;
        let name = undated(entry.event_name.ok_or(Refusal::Missing("eventName"))?);
        facts.event(at);
        if let Some(id) = entry.event_id {
            let key = [entry.event_time, entry.event_source, entry.event_name, entry.region];
            facts.named(NAME, id, &key.map(Option::unwrap_or_default), Form::Full);
        }
        if entry.event_type == Some("AwsCloudTrailInsight") {
            return Ok(Reading::SetAside("AwsCloudTrailInsight"));
        }
        let identity = entry.user_identity.ok_or(Refusal::Missing("userIdentity"))?;
        let account = entry.recipient_account.unwrap_or_default();
        let actor = circumstances(&entry, identity, account, facts)?;
        let event = Event { entry, at, account, service, name, actor, identity };
        let resource = write(&event, facts);
        let action = format!("{service}:{name}");
        facts.did(actor, &action, resource, outcome(entry.error_code));
        facts.account(if account.is_empty() { None } else { Some(account) });
        Ok(Reading::Claimed)
    }
}

/// Who acted, from where and with which client: read once for all records that repeat it.
fn circumstances(entry: &Entry<'_>, identity: &str, account: &str, facts: &mut FactWriter) -> Result<Actor, Refusal> {
    let console = if entry.from_console { "console" } else { "" };
    let text = [identity, entry.source_ip, entry.user_agent, console, account, entry.region()];
    facts.circumstances(&text, |out| {
        let parsed: UserIdentity<'_> =
            serde_json::from_str(identity).map_err(|_| Refusal::Unreadable("userIdentity"))?;
        let scene = Scene { from_console: entry.from_console, region: entry.region(), account };
        let actor = identity::actor(&parsed, scene, out);
        if let Some(from) = string(entry.source_ip).filter(|ip| is_address(ip)) {
            let from = out.handle(HandleKind::Network, "", &from);
            out.came_from(actor.by, from);
        }
        if let Some(software) = string(entry.user_agent) {
            out.described(actor.by, Detail::Software, &software);
        }
        Ok(actor)
    })
}

/// Writes what the event claims beyond the act itself, and returns what the act was on.
fn write(event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let succeeded = event.entry.error_code.is_none();
    if succeeded && issuing::write(event, facts) {
        return resources::of(event, facts);
    }
    things::write(event, succeeded, facts).or_else(|| resources::of(event, facts))
}

fn outcome(error_code: Option<&str>) -> Outcome {
    match error_code {
        None => Outcome::Succeeded,
        Some(code) if code.contains("AccessDenied") || code.contains("Unauthorized") => Outcome::Denied,
        Some(_) => Outcome::Failed,
    }
}

/// A source address is a network address unless it is the DNS name of a service, or `AWS Internal`.
fn is_address(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:".contains(&byte))
}

/// The operation without the date that Lambda's control operations carry: `UpdateFunctionCode20150331v2`.
fn undated(name: &str) -> &str {
    let Some(at) = name.find("20").filter(|at| *at > 0) else { return name };
    let suffix = name.get(at..).unwrap_or_default();
    let digits = suffix.bytes().take_while(u8::is_ascii_digit).count();
    let version = suffix.get(digits..).unwrap_or_default();
    let is_version = version.is_empty()
        || version.strip_prefix('v').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    if digits == 8 && is_version { name.get(..at).unwrap_or(name) } else { name }
}
