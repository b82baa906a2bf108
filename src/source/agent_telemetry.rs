//! OpenTelemetry of coding agents: Claude Code, Codex and Gemini CLI, and the spans of agents that follow the conventions
//! for generative AI.
//!
//! References: code.claude.com/docs/en/monitoring-usage, developers.openai.com/codex "Observability", opentelemetry.io
//! "Semantic conventions for GenAI agent spans". Relied on: the time and the name of the event; used where present: the
//! installation (`user.id`), the address the client was signed in with, the tool, and the server it belongs to.
//!
//! Quirks. Telemetry is written by the client on somebody's machine and proves nothing: whoever can send records can send
//! any name. So the address is kept as what the client called itself, and no more. `user.id` of Claude Code is the
//! installation's, the `userID` of `~/.claude.json`. Collectors keep the nested form of the protocol or flatten its
//! attributes; what the whole group has in common (`resource`) is not read. Tools of servers that a user set up have their names only where details are switched on.

use std::borrow::Cow;

use serde::Deserialize;

use super::endpoint_names::installed_agent;
use super::text::{Part, Parts, Text, is_address};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::{Object, Record};
use crate::fact::claim::{Detail, Outcome, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads telemetry of agents.
pub struct AgentTelemetry;

static CARD: Card = Card {
    name: "agent_telemetry",
    title: "OpenTelemetry of coding agents",
    tells: "which tools and MCP servers an agent on somebody's machine used",
    reference: "https://code.claude.com/docs/en/monitoring-usage",
    recognised_by: "log records whose event is claude_code.…, codex.… or gemini_cli.…; spans with gen_ai.operation.name",
    exports: &[Export {
        form: "OTLP/JSON lines of the collector's file exporter",
        command: "otelcol --config otlp-to-file.yaml   # exporters: file: {path: agents.jsonl}",
    }],
};

/// An attribute of the protocol.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Attribute<'a> {
    #[serde(borrow)]
    key: Text<'a>,
    #[serde(borrow)]
    value: Part<Value<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Value<'a> {
    #[serde(borrow)]
    string_value: Text<'a>,
    #[serde(borrow)]
    int_value: Text<'a>,
    #[serde(borrow)]
    bool_value: Text<'a>,
}

/// The attributes of a record, in either form.
#[derive(Default)]
struct Attributes<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Attributes<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref()).filter(|value| !value.is_empty())
    }

    /// The first of several names.
    fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }
}

impl Source for AgentTelemetry {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        if client(&object).is_some() { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let client = client(&object).ok_or(Refusal::Unreadable("the record"))?;
        let attributes = attributes(&object)?;
        let at = at(&object, &attributes)?;
        facts.event(at);
        name(&object, &attributes, at, facts);
        let Some(by) = agent(client, &attributes, facts) else {
            return Ok(Reading::SetAside("event of an agent that is not named"));
        };
        if let Some(email) = attributes.get("user.email").filter(|email| is_address(email)) {
            let login = facts.handle(HandleKind::Login, "", &email.to_lowercase());
            facts.tied(by, Tie::CalledItself, login);
        }
        let Some((action, on)) = act(&attributes, facts) else {
            return Ok(Reading::Claimed);
        };
        let failed = attributes.get("success") == Some("false") || attributes.get("status") == Some("failed");
        let outcome = if failed { Outcome::Failed } else { Outcome::Succeeded };
        facts.did(Actor { by, principal: None, on_behalf_of: None }, &action, on, outcome);
        Ok(Reading::Claimed)
    }
}

/// The client that a record is of, by the name of its event.
fn client(object: &Object<'_>) -> Option<&'static str> {
    const EVENTS: &[(&str, &str)] =
        &[("claude_code.", "claude-code"), ("codex.", "codex"), ("gemini_cli.", "gemini-cli")];
    let body = object.raw("body").unwrap_or_default();
    let name = object.raw("event_name").or(object.raw("eventName")).unwrap_or_default();
    let is = |begins: &str| [body, name].iter().any(|text| text.contains(&format!("\"{begins}")));
    if let Some((_, client)) = EVENTS.iter().find(|(begins, _)| is(begins)) {
        return Some(client);
    }
    let span = object.has("spanId") || object.has("span_id");
    let convention = object.raw("attributes").is_some_and(|raw| raw.contains("\"gen_ai.operation.name\""));
    (span && convention).then_some("agent")
}

fn attributes<'a>(object: &Object<'a>) -> Result<Attributes<'a>, Refusal> {
    const WHAT: Refusal = Refusal::Unreadable("attributes");
    let raw = object.raw("attributes").ok_or(Refusal::Missing("attributes"))?;
    if raw.starts_with('{') {
        let flat: std::collections::BTreeMap<Cow<'a, str>, Text<'a>> = serde_json::from_str(raw).map_err(|_| WHAT)?;
        let pairs = flat.into_iter().filter_map(|(key, value)| {
            let value = value.get().map(|text| Cow::Owned(text.to_owned()))?;
            Some((key, value))
        });
        return Ok(Attributes(pairs.collect()));
    }
    let list: Parts<Attribute<'a>> = serde_json::from_str(raw).map_err(|_| WHAT)?;
    let pairs = list.get().iter().filter_map(|attribute| {
        let value = attribute.value.get()?;
        let value = value.string_value.get().or(value.int_value.get()).or(value.bool_value.get())?;
        Some((Cow::Owned(attribute.key.get()?.to_owned()), Cow::Owned(value.to_owned())))
    });
    Ok(Attributes(pairs.collect()))
}

fn at(object: &Object<'_>, attributes: &Attributes<'_>) -> Result<Instant, Refusal> {
    let written = attributes.get("event.timestamp").map(Cow::Borrowed).or_else(|| object.text("@timestamp"));
    if let Some(at) = written.and_then(|text| Instant::parse(&text)) {
        return Ok(at);
    }
    let nanos = object.word("timeUnixNano").or_else(|| object.word("startTimeUnixNano"));
    let nanos = nanos.ok_or(Refusal::Missing("timeUnixNano"))?;
    let nanos: i64 = nanos.parse().map_err(|_| Refusal::Unreadable("timeUnixNano"))?;
    Instant::from_millis(nanos / 1_000_000).ok_or(Refusal::Unreadable("timeUnixNano"))
}

/// Names the record by what every form of it carries: the session and the number in it, else the span.
fn name(object: &Object<'_>, attributes: &Attributes<'_>, at: Instant, facts: &mut FactWriter) {
    let session = attributes.first(&["session.id", "conversation.id"]);
    if let (Some(session), Some(number)) = (session, attributes.get("event.sequence")) {
        let event = attributes.get("event.name").unwrap_or_default();
        facts.named(CARD.name, &format!("{session}/{number}"), &[event, &at.to_string()], Form::Full);
    } else if let Some(span) = object.text("spanId").or_else(|| object.text("span_id")) {
        facts.named(CARD.name, &span, &[&at.to_string()], Form::Full);
    }
}

/// The agent: by its own id in spans, else by its installation, else by its session.
fn agent(client: &str, attributes: &Attributes<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    if let Some(id) = attributes.get("gen_ai.agent.id") {
        let agent = facts.handle(HandleKind::Agent, "", id);
        facts.described(agent, Detail::DisplayName, attributes.get("gen_ai.agent.name").unwrap_or_default());
        return Some(agent);
    }
    if client == "agent" {
        return None;
    }
    let id = attributes.first(&["user.id", "installation.id", "session.id", "conversation.id"])?;
    Some(installed_agent(facts, client, id))
}

/// What was done: a tool that was used, a server that was reached.
fn act(attributes: &Attributes<'_>, facts: &mut FactWriter) -> Option<(String, Option<HandleId>)> {
    let event = attributes.get("event.name").unwrap_or_default();
    let event = event.rsplit('.').next().unwrap_or_default();
    if event == "mcp_server_connection" {
        let server = attributes.get("server_name").map(|name| facts.handle(HandleKind::Resource, "mcp", name));
        return Some(("mcp:Connect".to_owned(), server));
    }
    let tool = attributes.first(&["gen_ai.tool.name", "mcp_tool_name", "function_name", "tool_name"])?;
    let details = attributes.get("tool_parameters").unwrap_or_default();
    let member = |key: &str| {
        let parsed: serde_json::Map<String, serde_json::Value> = serde_json::from_str(details).ok()?;
        parsed.get(key)?.as_str().map(str::to_owned)
    };
    // `mcp__SERVER__TOOL` is how Claude Code calls the tools of servers.
    let mut parts = tool.strip_prefix("mcp__").map(|rest| rest.splitn(2, "__")).into_iter().flatten();
    let (server, tool) = match (parts.next(), parts.next()) {
        (Some(server), Some(tool)) => (Some(server.to_owned()), tool.to_owned()),
        _ => {
            let server = attributes.get("mcp_server_name").map(str::to_owned).or_else(|| member("mcp_server_name"));
            (server, member("mcp_tool_name").unwrap_or_else(|| tool.to_owned()))
        }
    };
    let on = server.map(|server| facts.handle(HandleKind::Resource, "mcp", &server));
    Some((format!("tool:{tool}"), on))
}
