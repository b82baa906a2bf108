//! AWS CloudTrail: what was called in an AWS account, by which session, from where.
//!
//! Reference: docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
//! Relied on: `eventTime`, `eventSource`, `eventName`, `userIdentity`; used where present: `eventID`, `sharedEventID`,
//! `requestID`, `requestParameters`, `responseElements`, `resources`, `additionalEventData`, `errorCode`, `sourceIPAddress`,
//! `userAgent`, `recipientAccountId`, `awsRegion`, `sessionCredentialFromConsole`, `errorMessage`, `serviceEventDetails`,
//! `addendum`.
//!
//! Quirks. `eventTime` has whole seconds, so ties are normal and order proves nothing by itself. Records of one act in
//! two accounts share `sharedEventID`. Lambda's control operations carry a date (`CreateFunction20150331`). The console
//! uses a new key for each request, so its sessions are named by principal and start. The key that Identity Center's
//! `AssumeRoleWithSAML` returns is not the key that is used. A failed call makes nothing: it is an act and no more; some
//! failures have no `errorCode`, only an `errorMessage` or a word in the response. A record that was sent again with more
//! in it (`addendum`) has an id of its own: what it adds is claimed, the act is told by the first record. Logstash's
//! codec moves `eventTime` to `@timestamp`.

mod bearer;
mod camel;
mod directory;
mod events;
mod grants;
mod identity;
mod issuing;
mod params;
mod resources;
mod synced;
mod things;
mod told;

use camel::Camel;
use identity::{Scene, UserIdentity};
use serde::Deserialize;

use super::aws_names::{partition, requests_of};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, needed_time};
use crate::base::time::Instant;
use crate::bundle::record::{Around, Body, Object, Record, string};
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
    recognised_by: "objects with eventName, userIdentity and an eventSource that ends in .amazonaws.com; tables with these \
                    columns; OCSF records of the product CloudTrail",
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
        Export {
            form: "CloudTrail Lake (ask for eventJson: it has the whole record)",
            command: "aws cloudtrail get-query-results --query-id ID --output json > lake.json   # of: SELECT eventJson FROM EVENT_DATA_STORE",
        },
        Export {
            form: "Athena (CSV; cast structures to JSON)",
            command: "aws s3 cp s3://BUCKET/QUERY-ID.csv athena.csv   # of: SELECT *, json_format(CAST(useridentity AS JSON)) AS useridentity FROM cloudtrail_logs",
        },
        Export {
            form: "Security Lake (OCSF, as JSON)",
            command: "aws s3 cp s3://BUCKET/QUERY-ID.csv security-lake.csv   # or its parquet files, printed as JSON lines",
        },
        Export {
            form: "the console's event history (CSV: who called what when, and no more)",
            command: "CloudTrail > Event history > Download events > Download as CSV",
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
    request_id: Option<&'a str>,
    region: Option<&'a str>,
    recipient_account: Option<&'a str>,
    source_ip: &'a str,
    user_agent: &'a str,
    error_code: Option<&'a str>,
    error_message: &'a str,
    addendum: &'a str,
    details: &'a str,
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
            // Bytes, because the compiler makes a tree of them; texts it would compare one after the other.
            match member.key.as_bytes() {
                b"eventTime" => entry.event_time = plain(raw),
                b"@timestamp" => entry.event_time = entry.event_time.or(plain(raw)),
                b"eventSource" => entry.event_source = plain(raw),
                b"eventName" => entry.event_name = plain(raw),
                b"eventID" => entry.event_id = plain(raw),
                b"eventType" => entry.event_type = plain(raw),
                b"sharedEventID" => entry.shared_event_id = plain(raw),
                b"requestID" => entry.request_id = plain(raw),
                b"awsRegion" => entry.region = plain(raw),
                b"recipientAccountId" => entry.recipient_account = plain(raw),
                b"errorCode" => entry.error_code = plain(raw),
                b"errorMessage" => entry.error_message = raw,
                b"addendum" => entry.addendum = raw,
                b"serviceEventDetails" => entry.details = raw,
                b"sourceIPAddress" => entry.source_ip = raw,
                b"userAgent" => entry.user_agent = raw,
                b"userIdentity" => entry.user_identity = Some(raw).filter(|raw| *raw != "null"),
                b"requestParameters" => entry.request = raw,
                b"responseElements" => entry.response = raw,
                b"resources" => entry.resources = raw,
                b"additionalEventData" => entry.additional = raw,
                b"sessionCredentialFromConsole" => entry.from_console = raw.contains("true"),
                _ => {}
            }
        }
        entry
    }

    fn service(&self) -> Option<&'a str> {
        self.event_source?.split('.').next()
    }

    /// Whether the record is a fuller copy of another one.
    fn is_copy(&self) -> bool {
        resources::first_text(self.addendum, "originalEventID").is_some()
    }
}

/// A raw JSON string without quotes, where it has no escapes: ids, times and names of events have none.
fn plain(raw: &str) -> Option<&str> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    // The whole is looked at, whatever is found: short as it is, that is quicker than to stop at the first.
    let escaped = inner.bytes().fold(false, |found, byte| found | (byte == b'\\'));
    (!inner.is_empty() && !escaped).then_some(inner)
}

/// An event whose parts beyond the envelope are read, too.
struct Event<'a> {
    entry: Entry<'a>,
    at: Instant,
    /// The account that received the record, else the caller's; empty where the record names none.
    account: &'a str,
    service: &'a str,
    /// The operation without Lambda's date suffix.
    name: &'a str,
    actor: Actor,
    identity: &'a str,
}

impl<'a> Event<'a> {
    fn account(&self) -> Option<&'a str> {
        (!self.account.is_empty()).then_some(self.account)
    }

    fn partition(&self) -> &'static str {
        partition(self.entry.region.unwrap_or_default())
    }

    /// The ARN of something in the record's own account and region, its kind with the mark that ends it; `None` where the
    /// record does not name both.
    fn arn(&self, service: &str, kind: &str, name: &str) -> Option<String> {
        let (region, account) = (self.entry.region?, self.account()?);
        Some(["arn:", self.partition(), ":", service, ":", region, ":", account, ":", kind, name].concat())
    }

    fn identity(&self) -> UserIdentity<'a> {
        serde_json::from_str(self.identity).unwrap_or_default()
    }
}

/// Parses a raw part into the fields that are used; whatever cannot be read is as if it were absent.
fn part<'a, T: Deserialize<'a> + Default>(raw: &'a str) -> T {
    if raw.starts_with('{') {
        serde_json::from_str(raw).map(|Camel(part)| part).unwrap_or_default()
    } else {
        T::default()
    }
}

impl Source for AwsCloudtrail {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let object = match &shape.body {
            Body::Json(object) => *object,
            Body::Row(row) if told::is_row(row) => return Fit::Certain,
            Body::Row(_) | Body::Line(_) | Body::Doc(_) => return Fit::No,
        };
        let (mut source, mut is_named, mut is_ours) = (None, false, false);
        for member in object.members {
            match member.key.as_bytes() {
                b"eventSource" => source = plain(member.value),
                b"eventName" => is_named = true,
                b"userIdentity" | b"eventVersion" => is_ours = true,
                _ => {}
            }
        }
        let is_record = source.is_some_and(is_of_aws) && is_named && is_ours;
        let of_cloudtrail = || set_aside(&object, shape.around).is_some() || told::is_object(&object);
        if is_record || of_cloudtrail() { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let entry = record.body.json().map(|object| Entry::of(&object)).unwrap_or_default();
        if !entry.user_identity.is_some_and(|identity| identity.starts_with('{')) {
            if let Some(what) = record.body.json().and_then(|object| set_aside(&object, record.around))
                && entry.user_identity.is_none()
            {
                return Ok(Reading::SetAside(what));
            }
            if let Some(reading) = told::read(record, facts) {
                return reading;
            }
        }
        tell(&entry, Form::Full, facts)
    }
}

/// Whether a name is that of one of AWS's services.
fn is_of_aws(source: &str) -> bool {
    let service = source.strip_suffix(".amazonaws.com").or(source.strip_suffix(".amazonaws.com.cn"));
    service.is_some_and(|service| {
        service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
    })
}

/// Writes what a record tells, as its members say it in CloudTrail's own words.
fn tell(entry: &Entry<'_>, form: Form, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let at = needed_time(entry.event_time, "eventTime")?;
    let service = entry.service().ok_or(Refusal::Missing("eventSource"))?;
    let name = undated(entry.event_name.ok_or(Refusal::Missing("eventName"))?);
    facts.event(at);
    if let Some(id) = entry.event_id {
        // Logstash writes the time with milliseconds, which CloudTrail never has.
        let time = entry.event_time.unwrap_or_default();
        let time = time.strip_suffix(".000Z").unwrap_or(time.trim_end_matches('Z'));
        let key = [entry.event_source, entry.event_name, entry.region].map(Option::unwrap_or_default);
        facts.named(NAME, id, &[time, key[0], key[1], key[2]], form);
    }
    let identity = entry.user_identity.ok_or(Refusal::Missing("userIdentity"))?;
    let own = || resources::first_text(identity, "accountId").filter(|account| *account != "anonymous");
    let account = entry.recipient_account.or_else(own).unwrap_or_default();
    let actor = circumstances(entry, identity, account, facts)?;
    let mut event = Event { entry: *entry, at, account, service, name, actor, identity };
    if let Some(named) = bearer::caller(&event, facts).or_else(|| directory::on_behalf(&event, facts)) {
        event.actor = named;
    }
    if has_another_log(&event)
        && let (Some(account), Some(region), Some(id)) = (event.account(), entry.region, entry.request_id)
    {
        facts.also_told_as(event.actor.by, &requests_of(account, region), id);
    }
    let outcome = outcome(&event);
    let resource = write(&event, outcome == Outcome::Succeeded, facts);
    if !entry.is_copy() {
        facts.did(event.actor, &[service, ":", name].concat(), resource, outcome);
    }
    facts.account(event.account());
    Ok(Reading::Claimed)
}

/// Who acted, from where and with which client: read once for all records that repeat it.
fn circumstances(entry: &Entry<'_>, identity: &str, account: &str, facts: &mut FactWriter) -> Result<Actor, Refusal> {
    let console = if entry.from_console { "console" } else { "" };
    let region = entry.region.unwrap_or_default();
    let text = [identity, entry.source_ip, entry.user_agent, console, account, region];
    facts.circumstances(&text, |out| {
        let parsed: UserIdentity<'_> =
            serde_json::from_str(identity).map_err(|_| Refusal::Unreadable("userIdentity"))?;
        let scene = Scene { from_console: entry.from_console, region, account };
        let actor = identity::actor(&parsed, scene, out).ok_or(Refusal::Missing("userIdentity.accountId"))?;
        if parsed.account_id.get() == Some(ANONYMOUS) {
            return Ok(actor); // whoever called had a token: see `bearer`
        }
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

/// The account of callers who did not sign their request with AWS credentials.
const ANONYMOUS: &str = "anonymous";

/// Writes what the event claims beyond the act itself, and returns what the act was on.
fn write(event: &Event<'_>, succeeded: bool, facts: &mut FactWriter) -> Option<HandleId> {
    if succeeded && issuing::write(event, facts) {
        return resources::of(event, true, facts);
    }
    let on = things::write(event, succeeded, facts).or_else(|| directory::write(event, succeeded, facts));
    if succeeded {
        grants::write(event, on, facts);
    }
    let on = on.or_else(|| resources::of(event, succeeded, facts));
    if succeeded {
        synced::write(event, on, facts);
    }
    on
}

fn outcome(event: &Event<'_>) -> Outcome {
    let is_denied = |text: &str| text.contains("AccessDenied") || text.contains("Unauthorized");
    match event.entry.error_code {
        Some(code) if is_denied(code) => Outcome::Denied,
        Some(_) => Outcome::Failed,
        // A sign-in that failed has no code: the response says `{"ConsoleLogin":"Failure"}`.
        None if plain(event.entry.error_message).is_some() => Outcome::Failed,
        None if event.service == "signin" || event.service == "sso" => {
            let failed = |raw: &str| raw.contains(r#""Failure""#);
            let failed = failed(event.entry.response) || failed(event.entry.details);
            if failed { Outcome::Failed } else { Outcome::Succeeded }
        }
        None => Outcome::Succeeded,
    }
}

/// Whether a principal's session or key called a model or an agent that keeps a log of its own: that log may tell of the
/// same request, without the session. A caller that is no session stands for many, and is none of them.
fn has_another_log(event: &Event<'_>) -> bool {
    const MODELS: &[&str] = &[
        "Converse",
        "ConverseStream",
        "InvokeModel",
        "InvokeModelWithBidirectionalStream",
        "InvokeModelWithResponseStream",
        "StartAsyncInvoke",
    ];
    const AGENTS: &[&str] = &["InvokeAgentRuntime", "InvokeGateway", "InvokeMcp"];
    let calls = match event.service {
        "bedrock" => MODELS,
        "bedrock-agentcore" => AGENTS,
        _ => return false,
    };
    let is_session = event.actor.principal.is_some_and(|principal| principal != event.actor.by);
    is_session && calls.contains(&event.name)
}

/// What CloudTrail writes beside records of what was done: statistics of unusual activity, which name no actor of any one
/// call, and digests, which prove that files are complete.
fn set_aside(object: &Object<'_>, around: Around<'_>) -> Option<&'static str> {
    if object.raw("eventType") == Some(r#""AwsCloudTrailInsight""#) && !object.has("userIdentity") {
        return Some("insight event");
    }
    let digest = |object: &Object<'_>| object.has("digestStartTime") && object.has("previousDigestHashValue");
    let of_digest = around.list == Some("logFiles") && around.outer.is_some_and(|outer| digest(&outer));
    // CloudTrail Lake signs what it delivers in the same way.
    let signed = |object: &Object<'_>| object.has("hashSignature") && object.has("publicKeyFingerprint");
    let of_signed = around.list == Some("files") && around.outer.is_some_and(|outer| signed(&outer));
    (of_digest || of_signed || digest(object) || signed(object)).then_some("digest")
}

/// A source address is a network address unless it is the DNS name of a service, or `AWS Internal`.
fn is_address(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:".contains(&byte))
}

/// The operation without the date that Lambda's control operations carry: `UpdateFunctionCode20150331v2`.
fn undated(name: &str) -> &str {
    if !name.ends_with(|last: char| last.is_ascii_digit()) {
        return name;
    }
    let Some(at) = name.find("20").filter(|at| *at > 0) else { return name };
    let suffix = name.get(at..).unwrap_or_default();
    let digits = suffix.bytes().take_while(u8::is_ascii_digit).count();
    let version = suffix.get(digits..).unwrap_or_default();
    let is_version = version.is_empty()
        || version.strip_prefix('v').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    if digits == 8 && is_version { name.get(..at).unwrap_or(name) } else { name }
}
