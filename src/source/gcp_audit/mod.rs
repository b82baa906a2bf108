//! Google Cloud audit logs: what was called in a project, by whom, through which service account, with which key.
//!
//! References: cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog and
//! cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry. Relied on: `timestamp`, `logName`, `protoPayload` with
//! `methodName`; used where present: `insertId`, `resource.labels`, `operation`, `authenticationInfo`,
//! `requestMetadata`, `resourceName`, `status.code`, `request`, `response`, `metadata`, `serviceData.policyDelta`; of
//! Gemini Enterprise's usage log `jsonPayload.userIamPrincipal` and the agents asked.
//!
//! Quirks. Reads and token exchanges are logged only where an administrator turned Data Access logs on, so silence
//! proves nothing. The same entry comes through a project's and an organisation's sink. A long-running operation has
//! two entries, and the id of what it made stands in the second. Callers from outside Google have a subject and no
//! address. Agents with an identity of their own appear as a principal that names them. Resources are named by the id
//! of a project or by its number. A log entry of any other kind is set aside.

mod actor;
mod effects;
mod entry;
mod wrapped;

use actor::{Authentication, Scene};
use entry::{Body, Entry, Event, Metadata, Payload, Usage};

use super::gcp_names::{self, agent_name};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::{Object, Record};
use crate::fact::claim::{Detail, Outcome};
use crate::fact::handle::HandleKind;
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads audit log entries.
pub struct GcpAudit;

const NAME: &str = "gcp_audit";

static CARD: Card = Card {
    name: NAME,
    title: "Google Cloud audit logs",
    tells: "who deployed, changed, issued and used what in Google Cloud; who acted through which service account; which Vertex AI agents there are",
    reference: "https://cloud.google.com/logging/docs/audit",
    recognised_by: "log entries with insertId or logName whose protoPayload is an AuditLog; also inside Pub/Sub messages",
    exports: &[
        Export {
            form: "entries of an organisation or project",
            command: "gcloud logging read 'logName:\"cloudaudit.googleapis.com\" AND timestamp>=\"2026-08-01T00:00:00Z\"' --organization=ORG --format=json > gcp-audit.json",
        },
        Export {
            form: "a sink's files in Cloud Storage",
            command: "gcloud storage cp -r gs://BUCKET/cloudaudit.googleapis.com/ gcp-audit/",
        },
        Export {
            form: "a sink's messages in Pub/Sub",
            command: "gcloud pubsub subscriptions pull SUBSCRIPTION --limit=1000 --format=json > gcp-audit-pubsub.json",
        },
        Export {
            form: "Gemini Enterprise usage",
            command: "gcloud logging read 'logName:\"gemini_enterprise_user_activity\" AND timestamp>=\"2026-08-01T00:00:00Z\"' --project=PROJECT --format=json > gemini-enterprise.json",
        },
    ],
};

/// What a log entry is, by its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An audit log entry, or one of a usage log.
    Entry,
    /// A message that holds an entry in base64.
    Message,
}

fn kind(object: &Object<'_>) -> Option<Kind> {
    let payload = object.raw("protoPayload").or(object.raw("protopayload_auditlog"));
    let Some(log) = object.raw("logName").or(object.raw("logname")) else {
        if wrapped::is_message(object) {
            return Some(Kind::Message);
        }
        // Some collectors leave the log's name out.
        let audit = payload.is_some_and(|payload| payload.contains("\"methodName\""));
        return (audit && object.has("timestamp")).then_some(Kind::Entry);
    };
    let log = log.trim_start_matches('"');
    let holders = ["projects/", "organizations/", "folders/", "billingAccounts/"];
    let in_cloud = holders.iter().any(|holder| log.starts_with(holder)) && log.split('/').any(|part| part == "logs");
    // What Workspace shares with Google Cloud stands in the log of an organisation, and is that source's.
    let shared = log.starts_with("organizations/") && payload.is_some_and(is_of_workspace);
    (in_cloud && (object.has("insertId") || payload.is_some()) && !shared).then_some(Kind::Entry)
}

impl Source for GcpAudit {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        if shape.body.json().is_some_and(|object| kind(&object).is_some()) { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        if kind(&object) == Some(Kind::Message) {
            let text = wrapped::decoded(&object).ok_or(Refusal::Unreadable("message.data"))?;
            return entry(&text, facts);
        }
        entry(object.text, facts)
    }
}

/// Whether a payload is an activity that Workspace shares with Google Cloud.
pub(super) fn is_of_workspace(payload: &str) -> bool {
    payload.contains("ccc_hosted_reporting")
}

fn entry(text: &str, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let entry: Entry<'_> = serde_json::from_str(text).map_err(|_| Refusal::Unreadable("the record"))?;
    let at = entry.timestamp.get().ok_or(Refusal::Missing("timestamp"))?;
    let at = time(at).ok_or(Refusal::Unreadable("timestamp"))?;
    facts.event(at);
    facts.account(entry.account());
    let log = entry.log();
    if let Some(id) = entry.insert_id.get() {
        facts.named(NAME, id, &[&at.to_string(), &log], Form::Full);
    }
    match (entry.proto_payload.get(), entry.json_payload.get()) {
        (Some(payload), _) if payload.method_name.get().is_some() => audit(&entry, payload, at, facts),
        (None, Some(usage)) if log.ends_with("gemini_enterprise_user_activity") => used(&entry, usage, facts),
        (Some(_), _) => return Err(Refusal::Missing("protoPayload.methodName")),
        _ if log.contains("cloudaudit.googleapis.com") => return Err(Refusal::Missing("protoPayload")),
        _ => return Ok(Reading::SetAside("a log that is no audit log")),
    }
    Ok(Reading::Claimed)
}

/// Times are in UTC. Tables write them without saying so (`2026-06-02 09:14:03.221`, `2026-06-02 09:14:03.221 UTC`).
fn time(text: &str) -> Option<Instant> {
    Instant::parse(text).or_else(|| Instant::parse_naive_as_utc(text.trim_end_matches("UTC")))
}

/// Writes what an audit log entry claims.
fn audit(entry: &Entry<'_>, payload: &Payload<'_>, at: Instant, facts: &mut FactWriter) {
    let (nothing, metadata) = (Body::default(), Metadata::default());
    let request = payload.request.get().map_or(&nothing, |body| &**body);
    let response = payload.response.get().map_or(&nothing, |body| &**body);
    let metadata = payload.metadata.get().unwrap_or(&metadata);
    // BigQuery keeps these three as texts.
    let texts = [&payload.request_json, &payload.response_json, &payload.metadata_json].map(|text| text.get());
    let (own_request, own_response) =
        (texts[0].and_then(parsed::<Box<Body<'_>>>), texts[1].and_then(parsed::<Box<Body<'_>>>));
    let own_metadata = texts[2].and_then(parsed::<Metadata<'_>>);
    let authentication = payload.authentication_info.get();
    let around = payload.request_metadata.get();
    let scene = Scene {
        at,
        address: around.and_then(|around| around.caller_ip.get()),
        software: around.and_then(|around| around.caller_supplied_user_agent.get()),
        account: entry.account().unwrap_or_default(),
    };
    let request = own_request.as_deref().unwrap_or(request);
    let response = own_response.as_deref().unwrap_or(response);
    let metadata = own_metadata.as_ref().unwrap_or(metadata);
    let method = payload.method_name.get().unwrap_or_default();
    let (service, method) = (service(payload.service_name.get(), method), operation(method));
    let nobody = Authentication::default();
    let who = authentication.unwrap_or(&nobody);
    let (mapped, resource) = (metadata.mapped_principal.get(), payload.resource_name.get());
    let exchanging = (service == "sts").then(|| actor::exchanging(who, mapped, resource, scene, facts)).flatten();
    let actor = exchanging.unwrap_or_else(|| actor::actor(who, scene, facts));
    let event = Event {
        at,
        service,
        method,
        resource,
        code: payload.status.get().and_then(|status| status.code.get()),
        actor,
        authentication,
        entry,
        payload,
        request,
        response,
        metadata,
    };
    let on = effects::write(&event, facts);
    let outcome = match event.code {
        _ if event.succeeded() => Outcome::Succeeded,
        Some("7" | "16") => Outcome::Denied,
        _ => Outcome::Failed,
    };
    facts.did(event.actor, &format!("{}:{}", event.service, event.method), on, outcome);
}

fn parsed<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// `aiplatform` of `aiplatform.googleapis.com`; where the entry does not say, the first telling part of the method.
fn service<'e>(name: Option<&'e str>, method: &'e str) -> &'e str {
    let first = || method.split('.').find(|part| !matches!(*part, "google" | "cloud" | "v1" | "v2" | "beta"));
    name.map(|name| name.trim_end_matches(".googleapis.com").trim_end_matches(".io"))
        .or_else(|| first().filter(|_| method.contains('.')))
        .unwrap_or("gcp")
}

/// Operations have shorter names than this.
const LONGEST_OPERATION: usize = 72;

/// The operation without its package and version: `CreateReasoningEngine`, `instances.insert`.
fn operation(method: &str) -> &str {
    let last = method.rsplit('.').next().unwrap_or(method);
    // No operation has so long a name: it stays whole, so that what is a secret in it can be seen for one.
    if last.len() > LONGEST_OPERATION {
        return method;
    }
    if last.starts_with(|first: char| first.is_ascii_uppercase()) || method.starts_with("google.") {
        let api = method.strip_prefix("google.storage.").unwrap_or(last);
        // `Get` alone says little: `Files.Get`.
        let one_word = last.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
        let both = method.rsplitn(3, '.').nth(2).and_then(|before| method.get(before.len() + 1..));
        let both = both.filter(|both| one_word && both.starts_with(|first: char| first.is_ascii_uppercase()));
        return if api.is_empty() { method } else { both.unwrap_or(api) };
    }
    let versions = ["v1.", "v2.", "v3.", "beta.", "alpha.", "v1beta1.", "v1beta2."];
    let plain = versions.iter().find_map(|version| method.strip_prefix(version)).unwrap_or(method);
    let api = ["compute.", "storage.", "dns.", "io.k8s."].iter().find_map(|api| plain.strip_prefix(api));
    api.filter(|api| !api.is_empty()).unwrap_or(plain)
}

/// Writes what an entry of Gemini Enterprise's usage log claims: somebody asked agents. What was said is never read.
///
/// The log gives the agents' short ids; where it does not name the assistant they belong to, they are written under the
/// project, and join nothing. Agents that come with the product have a word for an id.
fn used(entry: &Entry<'_>, usage: &Usage<'_>, facts: &mut FactWriter) {
    let account = entry.account().unwrap_or_default();
    let user = usage.user_iam_principal.get().and_then(|user| gcp_names::principal(facts, user));
    let by = user.map_or_else(|| facts.handle(HandleKind::Account, "", account), |(user, _)| user);
    let actor = Actor { by, principal: Some(by), on_behalf_of: None };
    let method = usage.log_metadata.get().and_then(|metadata| metadata.method_name.get()).unwrap_or("use");
    let action = format!("discoveryengine:{}", operation(method));
    let request = usage.request.get();
    let assistant = request.and_then(|request| request.name.get()).filter(|name| name.contains("/assistants/"));
    let specs = request.and_then(|request| request.agents_spec.get()).map(|spec| spec.agent_specs.get());
    let mut asked = false;
    for id in specs.unwrap_or_default().iter().filter_map(|spec| spec.agent_id.get()) {
        if !id.bytes().any(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let full = assistant.and_then(|name| name.split("/sessions/").next()).map(|name| format!("{name}/agents/{id}"));
        let agent = match full.as_deref().and_then(agent_name) {
            Some((name, kind)) => gcp_names::agent(facts, name, kind),
            None => facts.handle(HandleKind::Agent, &format!("gemini-enterprise:{account}"), id),
        };
        let info = usage.response.get().and_then(|response| response.agent_info.get());
        facts.described(agent, Detail::Kind, "gemini-enterprise-agent");
        facts.described(agent, Detail::DisplayName, info.and_then(|info| info.display_name.get()).unwrap_or_default());
        facts.did(actor, &action, Some(agent), Outcome::Succeeded);
        asked = true;
    }
    if !asked {
        let app = assistant.and_then(agent_name).map(|(name, kind)| gcp_names::agent(facts, name, kind));
        facts.did(actor, &action, app, Outcome::Succeeded);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_without_package_and_version() {
        for (method, expected) in [
            ("google.cloud.aiplatform.v1beta1.ReasoningEngineService.CreateReasoningEngine", "CreateReasoningEngine"),
            ("v1.compute.instances.insert", "instances.insert"),
            ("storage.objects.get", "objects.get"),
            ("google.storage.objects.get", "objects.get"),
            ("SetIamPolicy", "SetIamPolicy"),
            ("io.k8s.core.v1.configmaps.update", "core.v1.configmaps.update"),
            ("google.ssh-serialport.v1.connect", "connect"),
            ("google.apps.drive.v3.Files.Get", "Files.Get"),
            ("", ""),
        ] {
            assert_eq!(operation(method), expected);
        }
        assert_eq!(service(Some("k8s.io"), ""), "k8s");
        assert_eq!(service(None, "compute.instances.setIamPolicy"), "compute");
        assert_eq!(service(None, "GetIamPolicy"), "gcp");
    }

    #[test]
    fn times_of_tables() {
        let at = time("2026-06-02T09:14:03.221Z");
        assert!(at.is_some());
        for text in ["2026-06-02 09:14:03.221", "2026-06-02 09:14:03.221000000 UTC"] {
            assert_eq!(time(text), at, "{text}");
        }
        assert_eq!(time("yesterday"), None);
    }
}
