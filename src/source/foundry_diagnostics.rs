//! Azure AI Foundry and Azure OpenAI at work: the resource logs of their accounts, the traces of agents, the gateway before
//! them.
//!
//! References: learn.microsoft.com/azure/azure-monitor/reference/supported-logs/microsoft-cognitiveservices-accounts-logs,
//! …/azure/azure-monitor/reference/tables/appdependencies, …/azure/api-management/monitor-api-management-reference.
//! Relied on: a time, an operation, `resourceId` or the project in a trace; used where present: `properties.objectId`,
//! `modelDeploymentName`, `resultSignature`, `gen_ai.agent.id`.
//!
//! Quirks. A caller is an object id, and nothing says whether a user's or an app's; a caller with a key is nobody at all.
//! `Tenant` is a region. The last number of an address is masked. `properties` is an object or JSON in a string. Traces
//! name agent and project and no human. What was said to a model is never read.

use std::borrow::Cow;

use serde::Deserialize;

use super::azure_names::{Path, SHARED_KEYS};
use super::azure_resources::project_agent;
use super::text::{Text, folded, is_masked};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, entra_names, needed_time};
use crate::bundle::record::{Body, Object, Record, Row, string, word};
use crate::fact::claim::{Detail, Making, Outcome, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads resource logs of AI accounts and traces of agents.
pub struct FoundryDiagnostics;

const NAME: &str = "foundry_diagnostics";

static CARD: Card = Card {
    name: NAME,
    title: "Azure AI Foundry diagnostics",
    tells: "which identity or key called which model; which agents of which project were at work",
    reference: "https://learn.microsoft.com/azure/azure-monitor/reference/supported-logs/microsoft-cognitiveservices-accounts-logs",
    recognised_by: "records of the categories Audit, RequestResponse, Trace and AzureOpenAIRequestUsage of an account of \
                    Microsoft.CognitiveServices; of GatewayLogs of API Management; traces with gen_ai.agent.id",
    exports: &[
        Export {
            form: "diagnostic settings to a storage account (one JSON object a line)",
            command: "az storage blob download-batch --account-name ACCOUNT -s insights-logs-requestresponse -d foundry/   # also insights-logs-audit",
        },
        Export {
            form: "Log Analytics",
            command: "az monitor log-analytics query -w WORKSPACE --analytics-query \"AzureDiagnostics | where ResourceProvider == 'MICROSOFT.COGNITIVESERVICES'\" -o json > foundry-diagnostics.json",
        },
        Export {
            form: "traces of agents",
            command: "az monitor log-analytics query -w WORKSPACE --analytics-query \"AppDependencies | where Properties has 'gen_ai.agent.id'\" -o json > agent-traces.json",
        },
    ],
};

/// The categories of an account's resource logs.
const CATEGORIES: &[&str] = &["Audit", "RequestResponse", "Trace", "AzureOpenAIRequestUsage"];

/// The members of a record that are used, whatever its form.
#[derive(Debug, Default)]
struct Entry<'a> {
    time: Option<Cow<'a, str>>,
    category: Option<Cow<'a, str>>,
    operation: Option<Cow<'a, str>>,
    resource: Option<Cow<'a, str>>,
    result: Option<Cow<'a, str>>,
    correlation: Option<Cow<'a, str>>,
    address: Option<Cow<'a, str>>,
    properties: Option<Cow<'a, str>>,
    object: Option<Cow<'a, str>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Properties<'a> {
    #[serde(borrow)]
    object_id: Text<'a>,
    #[serde(borrow)]
    model_deployment_name: Text<'a>,
    #[serde(borrow)]
    operation_id: Text<'a>,
    #[serde(borrow)]
    apim_subscription_id: Text<'a>,
    #[serde(borrow)]
    response_code: Text<'a>,
}

/// A trace, by the names that OpenTelemetry gives.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Span<'a> {
    #[serde(rename = "gen_ai.agent.id", borrow)]
    agent: Text<'a>,
    #[serde(rename = "gen_ai.agent.name", borrow)]
    name: Text<'a>,
    #[serde(rename = "gen_ai.azure_ai_project.id", borrow)]
    project: Text<'a>,
    #[serde(rename = "microsoft.foundry.project.id", borrow)]
    newer_project: Text<'a>,
    #[serde(rename = "gen_ai.operation.name", borrow)]
    operation: Text<'a>,
    #[serde(rename = "gen_ai.response.model", borrow)]
    model: Text<'a>,
    #[serde(rename = "gen_ai.request.model", borrow)]
    requested: Text<'a>,
    #[serde(rename = "gen_ai.tool.name", borrow)]
    tool: Text<'a>,
}

impl Source for FoundryDiagnostics {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = match &shape.body {
            Body::Json(object) => is_log(object) || is_trace(object),
            Body::Row(row) => is_log_row(row) || row.get("Properties").is_some_and(|cell| cell.contains(PROJECT)),
            Body::Line(_) | Body::Doc(_) => false,
        };
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        match record.body {
            Body::Json(object) if is_trace(&object) => trace(
                |name| {
                    object
                        .raw(name)
                        .and_then(|raw| if raw.starts_with('{') { Some(Cow::Borrowed(raw)) } else { word(raw) })
                },
                facts,
            ),
            Body::Row(row) if !is_log_row(&row) => trace(|name| cell(&row, name), facts),
            Body::Json(object) if object.has("ResourceProvider") => {
                log(&table(|name| object.raw(name).and_then(word)), facts)
            }
            Body::Json(object) => log(&envelope(&object), facts),
            Body::Row(row) => log(&table(|name| cell(&row, name)), facts),
            Body::Line(_) | Body::Doc(_) => Err(Refusal::Unreadable("the record")),
        }
    }
}

/// A member that only traces of agents of a project have.
const PROJECT: &str = "gen_ai.a"; // `gen_ai.agent.id`, `gen_ai.azure_ai_project.id`

fn cell<'a>(row: &Row<'a>, name: &str) -> Option<Cow<'a, str>> {
    row.get(name).or_else(|| row.get(&format!("{name} [UTC]"))).map(Cow::Borrowed)
}

fn is_log(object: &Object<'_>) -> bool {
    if object
        .text("ResourceProvider")
        .is_some_and(|provider| provider.eq_ignore_ascii_case("MICROSOFT.COGNITIVESERVICES"))
    {
        return object.has("TimeGenerated") && object.has("Category");
    }
    let (Some(category), Some(resource)) = (object.text("category"), object.raw("resourceId")) else { return false };
    let resource = resource.to_ascii_lowercase();
    let account =
        CATEGORIES.contains(&category.as_ref()) && resource.contains("/microsoft.cognitiveservices/accounts/");
    let gateway = category == "GatewayLogs" && resource.contains("/microsoft.apimanagement/service/");
    object.has("time") && object.has("operationName") && (account || gateway)
}

fn is_log_row(row: &Row<'_>) -> bool {
    let provider = row.get("ResourceProvider");
    row.has("Category") && provider.is_some_and(|provider| provider.eq_ignore_ascii_case("MICROSOFT.COGNITIVESERVICES"))
}

fn is_trace(object: &Object<'_>) -> bool {
    object.has("TimeGenerated") && object.raw("Properties").is_some_and(|raw| raw.contains(PROJECT))
}

fn envelope<'a>(object: &Object<'a>) -> Entry<'a> {
    let text = |name: &str| object.raw(name).and_then(word);
    let nested = |raw: &'a str| if raw.starts_with('{') { Some(Cow::Borrowed(raw)) } else { string(raw) };
    Entry {
        time: text("time"),
        category: text("category"),
        operation: text("operationName"),
        resource: text("resourceId"),
        result: text("resultSignature").or_else(|| text("resultType")),
        correlation: text("correlationId"),
        address: text("callerIpAddress"),
        properties: object.raw("properties").and_then(nested),
        object: None,
    }
}

fn table<'a>(get: impl Fn(&str) -> Option<Cow<'a, str>>) -> Entry<'a> {
    let get = |name: &str| get(name).filter(|text| !text.trim().is_empty() && !is_masked(text));
    Entry {
        time: get("TimeGenerated"),
        category: get("Category"),
        operation: get("OperationName"),
        resource: get("ResourceId").or_else(|| get("_ResourceId")),
        result: get("ResultSignature"),
        correlation: get("CorrelationId"),
        address: get("CallerIPAddress"),
        properties: get("properties_s"),
        object: get("objectId_g").or_else(|| get("objectId_s")),
    }
}

/// What an account or the gateway before it logged.
fn log(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let at = needed_time(entry.time.as_deref(), "time")?;
    let operation = entry.operation.as_deref().ok_or(Refusal::Missing("operationName"))?;
    let path = Path::of(entry.resource.as_deref()).ok_or(Refusal::Missing("resourceId"))?;
    facts.event(at);
    let category = entry.category.as_deref().unwrap_or_default();
    if let Some(correlation) = &entry.correlation {
        let id = format!("{category}|{}", correlation.to_lowercase());
        facts.named(NAME, &id, &[&at.to_string(), operation], Form::Full);
    }
    facts.account(path.subscription());
    let properties: Properties<'_> =
        entry.properties.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let is_gateway = category == "GatewayLogs";
    let by = match is_gateway {
        true => subscription(&properties, &path, facts),
        false => caller(entry.object.as_deref().or(properties.object_id.get()), &path, facts),
    };
    if let Some(address) = entry.address.as_deref().filter(|address| is_address(address)) {
        let address = facts.handle(HandleKind::Network, "", address);
        facts.came_from(by, address);
    }
    let on = match properties.model_deployment_name.get() {
        Some(model) => facts.handle(HandleKind::Resource, "", &format!("{}/deployments/{}", path.id, folded(model))),
        None => path.handle(facts),
    };
    let outcome = outcome(entry.result.as_deref().or(properties.response_code.get()));
    if matches!(operation, "ListKey" | "ListKeys" | "RegenerateKey") && outcome == Outcome::Succeeded {
        let key = shared_key(&path, facts);
        facts.made(by, Making::Issued, key);
    }
    let operation = properties.operation_id.get().filter(|_| is_gateway).unwrap_or(operation);
    let actor = Actor { by, principal: None, on_behalf_of: None };
    facts.did(actor, &format!("foundry:{operation}"), Some(on), outcome);
    Ok(Reading::Claimed)
}

/// Who called: an object of the directory, else whoever has the account's key.
///
/// The id is written as a service principal's. Wrong where a user called: then it joins nothing, and the call is nobody's.
fn caller(object: Option<&str>, account: &Path, facts: &mut FactWriter) -> HandleId {
    match entra_names::id(object).filter(|id| entra_names::is_guid(id)) {
        Some(id) => facts.handle(HandleKind::PrincipalId, entra_names::TENANT, &id),
        None => shared_key(account, facts),
    }
}

fn shared_key(account: &Path, facts: &mut FactWriter) -> HandleId {
    let thing = account.handle(facts);
    let key = facts.handle(HandleKind::Key, SHARED_KEYS, &account.id);
    facts.described(key, Detail::Kind, "shared-key");
    facts.tied(key, Tie::RunsAs, thing);
    key
}

/// Who called through the gateway: whoever has the key of a subscription to it.
fn subscription(properties: &Properties<'_>, gateway: &Path, facts: &mut FactWriter) -> HandleId {
    match properties.apim_subscription_id.get() {
        Some(subscription) => {
            let id = format!("{}/subscriptions/{}", gateway.id, subscription.to_lowercase());
            let key = facts.handle(HandleKind::Key, SHARED_KEYS, &id);
            facts.described(key, Detail::Kind, "gateway-subscription-key");
            key
        }
        None => facts.handle(HandleKind::Service, "", "azure api management"),
    }
}

fn outcome(result: Option<&str>) -> Outcome {
    match result.map(|code| code.parse::<u16>()) {
        Some(Ok(401 | 403)) => Outcome::Denied,
        Some(Ok(400..)) => Outcome::Failed,
        Some(Err(_)) if result.is_some_and(|result| result.eq_ignore_ascii_case("failed")) => Outcome::Failed,
        _ => Outcome::Succeeded,
    }
}

/// A trace: an agent of a project was at work, with a model or tool.
fn trace<'a>(get: impl Fn(&str) -> Option<Cow<'a, str>>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let time = get("TimeGenerated");
    let at = needed_time(time.as_deref(), "TimeGenerated")?;
    let properties = get("Properties").ok_or(Refusal::Missing("Properties"))?;
    let span: Span<'_> = serde_json::from_str(&properties).map_err(|_| Refusal::Unreadable("Properties"))?;
    facts.event(at);
    let id = get("_ItemId").or_else(|| get("Id"));
    if let Some(id) = &id {
        let operation = get("OperationId").unwrap_or_default();
        facts.named(NAME, id, &[&operation], Form::Full);
    }
    let (Some(agent), Some(project)) =
        (span.agent.get().or(span.name.get()), Path::of(span.project.get().or(span.newer_project.get())))
    else {
        return Ok(Reading::SetAside("a trace that names no agent of a project"));
    };
    facts.account(project.subscription());
    let agent = project_agent(facts, &project, agent);
    let model = span.model.get().or(span.requested.get());
    let on = match (span.tool.get(), model) {
        (Some(tool), _) => Some(facts.handle(HandleKind::Resource, "foundry-tool", tool)),
        (None, Some(model)) => Some(facts.handle(HandleKind::Resource, "model", model)),
        (None, None) => None,
    };
    let failed = get("Success").is_some_and(|success| success.eq_ignore_ascii_case("false"));
    let outcome = if failed { Outcome::Failed } else { Outcome::Succeeded };
    let actor = Actor { by: agent, principal: None, on_behalf_of: None };
    facts.did(actor, &format!("foundry:{}", span.operation.get().unwrap_or("trace")), on, outcome);
    Ok(Reading::Claimed)
}

fn is_address(text: &str) -> bool {
    text != "0.0.0.0" && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:".contains(&byte))
}
