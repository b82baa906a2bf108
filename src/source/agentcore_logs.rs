//! Application logs of AgentCore runtimes and gateways: which agent was called, when, by which request.
//!
//! Reference: docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-configure.html (vended logs). Relied on:
//! `resource_arn`, `event_timestamp`, `request_id`; used where present: `account_id`, `operation`, `body.isError`,
//! `body.request_payload.actor_id`, `severityText`.
//!
//! Quirks. A request writes several lines, each of which is told as one more of the same act. No line says who called:
//! the request's id, which CloudTrail's record of the call has too, is the only name there is, so the actor is written
//! under it. `actor_id` is what the application put into its own payload; where it is an address it is a claim of the
//! caller, and no more. Payloads, prompts and the text of `log` are never kept: anybody who calls can write into them.

use serde::Deserialize;

use super::aws_names::{Arn, request};
use super::aws_things::{GATEWAY, RUNTIME, agent_of, by_arn};
use super::text::{Part, Text, folded, is_address};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::Record;
use crate::fact::claim::{Outcome, Tie};
use crate::fact::handle::HandleKind;
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads application logs of AgentCore.
pub struct AgentcoreLogs;

const NAME: &str = "agentcore_logs";

static CARD: Card = Card {
    name: NAME,
    title: "Amazon Bedrock AgentCore application logs",
    tells: "which AgentCore runtimes and gateways are called, and by which request",
    reference: "https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability-configure.html",
    recognised_by: "objects with an event_timestamp and the resource_arn of something of AgentCore",
    exports: &[
        Export {
            form: "a CloudWatch log group of vended logs",
            command: "aws logs filter-log-events --log-group-name /aws/vendedlogs/bedrock-agentcore/runtime/APPLICATION_LOGS/ID --output json > agentcore-logs.json",
        },
        Export {
            form: "vended logs in S3 (one JSON object a line)",
            command: "aws s3 sync s3://BUCKET/AWSLogs/ACCOUNT/ agentcore-logs/",
        },
    ],
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    resource_arn: Text<'a>,
    #[serde(borrow)]
    event_timestamp: Text<'a>,
    #[serde(rename = "timeUnixNano", borrow)]
    nanoseconds: Text<'a>,
    #[serde(borrow)]
    account_id: Text<'a>,
    #[serde(borrow)]
    request_id: Text<'a>,
    #[serde(borrow)]
    span_id: Text<'a>,
    #[serde(borrow)]
    operation: Text<'a>,
    #[serde(rename = "severityText", borrow)]
    severity: Text<'a>,
    #[serde(borrow)]
    body: Part<Payload<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload<'a> {
    #[serde(rename = "isError", borrow)]
    is_error: Text<'a>,
    #[serde(borrow)]
    request_payload: Part<Asked<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked<'a> {
    #[serde(borrow)]
    actor_id: Text<'a>,
}

impl Source for AgentcoreLogs {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        let arn = object.raw("resource_arn").unwrap_or_default();
        let ours = object.has("event_timestamp") && arn.starts_with("\"arn:") && arn.contains(":bedrock-agentcore:");
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let entry: Entry<'_> = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the record"))?;
        let at = entry.event_timestamp.get().ok_or(Refusal::Missing("event_timestamp"))?;
        let millis = at.parse().ok().and_then(Instant::from_millis);
        facts.event(millis.or_else(|| Instant::parse(at)).ok_or(Refusal::Unreadable("event_timestamp"))?);
        let text = entry.resource_arn.get().ok_or(Refusal::Missing("resource_arn"))?;
        let arn = Arn::parse(text).ok_or(Refusal::Unreadable("resource_arn"))?;
        let Some(action) = action(&entry, text) else { return Ok(Reading::SetAside("line without an operation")) };
        let id = entry.request_id.get().ok_or(Refusal::Missing("request_id"))?;
        let key = [&entry.nanoseconds, &entry.event_timestamp, &entry.span_id, &entry.resource_arn];
        facts.named(NAME, id, &key.map(|text| text.get().unwrap_or_default()), Form::Full);
        let account = entry.account_id.get().or(Some(arn.account));
        let by = request(facts, account, Some(arn.region), Some(id)).ok_or(Refusal::Missing("account_id"))?;
        if let Some(user) = user(&entry) {
            let user = facts.handle(HandleKind::Login, "", &folded(user));
            facts.tied(by, Tie::CalledItself, user);
        }
        let on = by_arn(facts, text);
        let actor = Actor { by, principal: None, on_behalf_of: None };
        facts.did(actor, &action, on, outcome(&entry));
        facts.account(account);
        Ok(Reading::Claimed)
    }
}

/// What was done, in the words of CloudTrail: the line's own operation, else what calling such a thing is called. Lines
/// of a meter have neither an operation nor a body.
fn action(entry: &Entry<'_>, arn: &str) -> Option<String> {
    let is_name = |text: &&str| text.starts_with(|first: char| first.is_ascii_uppercase());
    let operation = match (entry.operation.get().filter(is_name), agent_of(arn)) {
        (Some(operation), _) => operation,
        (None, Some((RUNTIME, _))) if entry.body.get().is_some() => "InvokeAgentRuntime",
        (None, Some((GATEWAY, _))) if entry.body.get().is_some() => "InvokeGateway",
        _ => return None,
    };
    Some(format!("bedrock-agentcore:{operation}"))
}

/// The user whom the application's payload names, where it is an address: other words can be anything.
fn user<'e>(entry: &'e Entry<'_>) -> Option<&'e str> {
    let asked = entry.body.get()?.request_payload.get()?;
    asked.actor_id.get().filter(|user| is_address(user))
}

fn outcome(entry: &Entry<'_>) -> Outcome {
    let failed = entry.body.get().is_some_and(|body| body.is_error.get() == Some("true"));
    let severe = matches!(entry.severity.get(), Some("ERROR" | "FATAL"));
    if failed || severe { Outcome::Failed } else { Outcome::Succeeded }
}
