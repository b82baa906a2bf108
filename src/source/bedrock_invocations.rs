//! Amazon Bedrock's own log of model calls: which role or user called which model, call by call.
//!
//! Reference: docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html. Relied on: `schemaType`,
//! `timestamp`, `operation`, and `requestId` or `identity.arn`; used where present: `accountId`, `region`, `modelId`,
//! `errorCode`, `requestMetadata`.
//!
//! Quirks. Logging is off by default and set per region; S3 and CloudWatch get the same records, so a call may be
//! delivered twice. `identity.arn` has neither key nor source identity nor the role's path, and may be absent: who opened
//! the session is in CloudTrail alone, which has the same request id. So the actor is written under the request id, the
//! name that both records share; CloudTrail ties its session to it. `requestMetadata` is what the caller wrote: a user
//! named there is a claim of the session, no more. Prompts, completions and the tools in them are never read.

use serde::Deserialize;

use super::aws_names::{Arn, assumed_role, principal, principal_named, request, root_user};
use super::aws_tags::Tags;
use super::text::{Part, Text, folded, is_address};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::Record;
use crate::fact::claim::{Outcome, Tie};
use crate::fact::handle::HandleKind;
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads the log of model calls.
pub struct BedrockInvocations;

const NAME: &str = "bedrock_invocations";

static CARD: Card = Card {
    name: NAME,
    title: "Amazon Bedrock model-invocation logs",
    tells: "which role or user called which model, also roles that no agent is known to run as",
    reference: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html",
    recognised_by: "objects with the schemaType ModelInvocationLog",
    exports: &[
        Export {
            form: "log files in S3 (.json.gz, one JSON object a line)",
            command: "aws s3 sync s3://BUCKET/PREFIX/AWSLogs/ACCOUNT/BedrockModelInvocationLogs/ bedrock-invocations/ --exclude '*/data/*'",
        },
        Export {
            form: "a CloudWatch log group",
            command: "aws logs filter-log-events --log-group-name GROUP --log-stream-names aws/bedrock/modelinvocations --output json > bedrock-invocations.json",
        },
    ],
};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Entry<'a> {
    #[serde(borrow)]
    timestamp: Text<'a>,
    #[serde(borrow)]
    account_id: Text<'a>,
    #[serde(borrow)]
    region: Text<'a>,
    #[serde(borrow)]
    request_id: Text<'a>,
    #[serde(borrow)]
    operation: Text<'a>,
    #[serde(borrow)]
    model_id: Text<'a>,
    #[serde(borrow)]
    error_code: Text<'a>,
    #[serde(borrow)]
    identity: Part<Identity<'a>>,
    #[serde(borrow)]
    request_metadata: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Identity<'a> {
    #[serde(borrow)]
    arn: Text<'a>,
}

impl Source for BedrockInvocations {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let schema = shape.body.json().and_then(|object| object.raw("schemaType"));
        if schema == Some(r#""ModelInvocationLog""#) { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let entry: Entry<'_> = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the record"))?;
        let at = time(entry.timestamp.get().ok_or(Refusal::Missing("timestamp"))?)?;
        let operation = entry.operation.get().ok_or(Refusal::Missing("operation"))?;
        facts.event(at);
        let [region, account] = [&entry.region, &entry.account_id].map(|text| text.get().unwrap_or_default());
        if let Some(id) = entry.request_id.get() {
            facts.named(NAME, id, &[&at.to_string(), operation, region, account], Form::Full);
        }
        let actor = actor(&entry, facts).ok_or(Refusal::Missing("identity.arn"))?;
        for user in users(&entry.request_metadata) {
            let user = facts.handle(HandleKind::Login, "", &user);
            facts.tied(actor.by, Tie::CalledItself, user);
        }
        let model = entry.model_id.get().map(|model| match Arn::parse(model) {
            Some(_) => facts.handle(HandleKind::Resource, "", model),
            None => facts.handle(HandleKind::Resource, "", &format!("bedrock:{region}:{account}:{model}")),
        });
        facts.did(actor, &format!("bedrock:{operation}"), model, outcome(entry.error_code.get()));
        facts.account(entry.account_id.get());
        Ok(Reading::Claimed)
    }
}

/// AWS writes UTC with its zone; log collectors that make a column of it drop the zone.
fn time(text: &str) -> Result<Instant, Refusal> {
    Instant::parse(text).or_else(|| Instant::parse_naive_as_utc(text)).ok_or(Refusal::Unreadable("timestamp"))
}

/// Who called: by the request's id, which CloudTrail's record of the call has too, else by the principal. `None` where
/// the record names neither.
fn actor(entry: &Entry<'_>, facts: &mut FactWriter) -> Option<Actor> {
    let arn = entry.identity.get().and_then(|identity| identity.arn.get());
    let parsed = arn.and_then(Arn::parse);
    let session = parsed.as_ref().and_then(assumed_role);
    let principal = match (session, &parsed) {
        (Some((role, _)), Some(arn)) => Some(principal_named(facts, arn.account, "role", role)),
        (None, Some(Arn { partition, account, resource: "root", .. })) => Some(root_user(facts, partition, account)),
        (None, Some(known)) if known.iam_name().is_some() => principal(facts, None, arn),
        _ => None,
    };
    let shared = request(facts, entry.account_id.get(), entry.region.get(), entry.request_id.get());
    let by = shared.or(principal)?;
    // Without the request's id the record does not tell the sessions of a role apart.
    if let (Some(principal), Some(_)) = (principal, shared) {
        facts.tied(by, Tie::RunsAs, principal);
        if let Some((_, name)) = session {
            let name = facts.handle(HandleKind::Login, "", name);
            facts.tied(by, Tie::CalledItself, name);
        }
    }
    Some(Actor { by, principal, on_behalf_of: None })
}

/// Keys under which applications write the user they serve, without case and separators.
const USER_KEYS: &[&str] =
    &["developer", "email", "employee", "enduser", "requester", "user", "useremail", "userid", "username"];

/// The users whom the caller's own metadata names, where they are named by an address: what else stands there can be
/// anything.
fn users(metadata: &Tags<'_>) -> Vec<String> {
    let is_user = |key: &str| {
        let key: String = key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        USER_KEYS.contains(&key.as_str())
    };
    let named = metadata.pairs().filter(|(key, value)| is_user(key) && is_address(value));
    named.map(|(_, value)| folded(value).into_owned()).collect()
}

fn outcome(error: Option<&str>) -> Outcome {
    match error {
        None => Outcome::Succeeded,
        Some(code) if code.contains("AccessDenied") || code.contains("Unauthorized") => Outcome::Denied,
        Some(_) => Outcome::Failed,
    }
}
