//! A log entry and the parts of it that are used.

use std::borrow::Cow;

use serde::Deserialize;

use super::actor::Authentication;
use crate::base::time::Instant;
use crate::fact::writer::Actor;
use crate::source::aws_tags::Tags;
use crate::source::gcp_names::is_number;
use crate::source::text::{Part, Parts, Text};
use crate::source::texts::{Exact, Texts};

/// A log entry. BigQuery writes the payload under a name of its own.
///
/// Parts that are large and often absent stand on the heap: an entry is handed on several times, and is copied then.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub(super) insert_id: Text<'a>,
    #[serde(borrow)]
    pub(super) log_name: Text<'a>,
    #[serde(borrow)]
    pub(super) timestamp: Text<'a>,
    #[serde(borrow)]
    pub(super) resource: Part<Monitored<'a>>,
    #[serde(borrow)]
    pub(super) operation: Part<Operation<'a>>,
    #[serde(borrow, alias = "protopayload_auditlog")]
    pub(super) proto_payload: Part<Box<Payload<'a>>>,
    #[serde(borrow)]
    pub(super) json_payload: Part<Box<Usage<'a>>>,
}

impl Entry<'_> {
    /// The log's name, decoded: `projects/clm-prod/logs/cloudaudit.googleapis.com/activity`.
    pub(super) fn log(&self) -> Cow<'_, str> {
        let name = self.log_name.get().unwrap_or_default();
        if !name.contains('%') {
            return Cow::Borrowed(name);
        }
        let mut parts = name.split('%');
        let mut decoded = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match part.strip_prefix("2F").or(part.strip_prefix("2f")) {
                Some(rest) => decoded.extend(["/", rest]),
                None => decoded.extend(["%", part]),
            }
        }
        Cow::Owned(decoded)
    }

    /// The project in whose log the entry stands, else the folder or organisation, else the resource's project.
    pub(super) fn account(&self) -> Option<&str> {
        let labelled = || self.resource.get()?.labels.get()?.project_id.get();
        let Some(name) = self.log_name.get() else { return labelled() };
        // `projects/clm-prod/logs/…`: cut at slashes, which is quicker than looking for words.
        let mut parts = name.split('/');
        let (sort, id) = (parts.next()?, parts.next());
        match (id, parts.next()) {
            (Some(id), Some("logs")) if sort == "projects" => Some(id),
            (Some(id), Some("logs")) => name.get(..sort.len() + 1 + id.len()),
            _ => name.split_once("/logs/").map(|(of, _)| of.trim_start_matches("projects/")).or_else(labelled),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Monitored<'a> {
    #[serde(borrow)]
    pub(super) labels: Part<Labels<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Labels<'a> {
    #[serde(borrow)]
    pub(super) project_id: Text<'a>,
    #[serde(borrow)]
    pub(super) email_id: Text<'a>,
    #[serde(borrow)]
    pub(super) unique_id: Exact<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Operation<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    first: Text<'a>,
    #[serde(borrow)]
    last: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Payload<'a> {
    #[serde(borrow)]
    pub(super) service_name: Text<'a>,
    #[serde(borrow)]
    pub(super) method_name: Text<'a>,
    #[serde(borrow)]
    pub(super) resource_name: Text<'a>,
    #[serde(borrow)]
    pub(super) status: Part<Status<'a>>,
    #[serde(borrow)]
    pub(super) authentication_info: Part<Authentication<'a>>,
    #[serde(borrow)]
    pub(super) request_metadata: Part<RequestMetadata<'a>>,
    #[serde(borrow)]
    pub(super) request: Part<Box<Body<'a>>>,
    #[serde(borrow)]
    pub(super) response: Part<Box<Body<'a>>>,
    #[serde(borrow)]
    pub(super) metadata: Part<Metadata<'a>>,
    #[serde(borrow)]
    pub(super) service_data: Part<Box<ServiceData<'a>>>,
    #[serde(borrow, rename = "servicedata_v1_iam")]
    pub(super) service_data_iam: Part<Box<ServiceData<'a>>>,
    #[serde(borrow)]
    pub(super) request_json: Text<'a>,
    #[serde(borrow)]
    pub(super) response_json: Text<'a>,
    #[serde(borrow)]
    pub(super) metadata_json: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status<'a> {
    #[serde(borrow)]
    pub(super) code: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RequestMetadata<'a> {
    #[serde(borrow)]
    pub(super) caller_ip: Text<'a>,
    #[serde(borrow)]
    pub(super) caller_supplied_user_agent: Text<'a>,
}

/// The fields of requests and responses that are used, of all methods together. Of a service account the fields are
/// written in either case.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) email: Text<'a>,
    #[serde(borrow, alias = "unique_id")]
    pub(super) unique_id: Exact<'a>,
    #[serde(borrow, alias = "display_name")]
    pub(super) display_name: Text<'a>,
    #[serde(borrow)]
    pub(super) uid: Text<'a>,
    #[serde(borrow, alias = "service_account")]
    pub(super) service_account: Part<Named<'a>>,
    #[serde(borrow)]
    pub(super) delegates: Texts<'a>,
    #[serde(borrow)]
    reasoning_engine: Part<AgentPart<'a>>,
    #[serde(borrow)]
    agent: Part<AgentPart<'a>>,
    #[serde(borrow)]
    engine: Part<AgentPart<'a>>,
    #[serde(borrow)]
    pub(super) spec: Part<Spec<'a>>,
    #[serde(borrow)]
    service: Part<Service<'a>>,
    #[serde(borrow)]
    template: Part<Template<'a>>,
    #[serde(borrow)]
    function: Part<Service<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Named<'a> {
    #[serde(borrow, alias = "display_name")]
    pub(super) display_name: Text<'a>,
}

/// An agent in a request.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AgentPart<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    pub(super) display_name: Text<'a>,
    #[serde(borrow)]
    pub(super) spec: Part<Spec<'a>>,
    #[serde(borrow)]
    pub(super) labels: Part<Tags<'a>>,
}

/// What an agent runs as and is given. The values of its environment are never read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Spec<'a> {
    #[serde(borrow)]
    pub(super) service_account: Text<'a>,
    #[serde(borrow)]
    deployment_spec: Part<Deployment<'a>>,
    #[serde(borrow)]
    template: Part<Template<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Deployment<'a> {
    #[serde(borrow)]
    secret_env: Parts<SecretEnv<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SecretEnv<'a> {
    #[serde(borrow)]
    secret_ref: Part<SecretRef<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SecretRef<'a> {
    #[serde(borrow)]
    secret: Text<'a>,
}

impl Spec<'_> {
    /// The secrets that the agent is given, by name.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let all = self.deployment_spec.get().map(|deployment| deployment.secret_env.get()).unwrap_or_default();
        all.iter().filter_map(|secret| secret.secret_ref.get()?.secret.get())
    }
}

/// A service of Cloud Run, in either version of its API, or a function.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Service<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    template: Part<Template<'a>>,
    #[serde(borrow)]
    spec: Part<Spec<'a>>,
    #[serde(borrow, alias = "serviceAccountEmail")]
    service_account: Text<'a>,
    #[serde(borrow)]
    service_config: Part<Run<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Template<'a> {
    #[serde(borrow, rename = "serviceAccount")]
    service_account: Text<'a>,
    #[serde(borrow)]
    spec: Part<Run<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Run<'a> {
    #[serde(borrow, rename = "serviceAccountName", alias = "serviceAccountEmail")]
    service_account: Text<'a>,
}

impl Template<'_> {
    fn runs_as(&self) -> Option<&str> {
        self.service_account.get().or_else(|| self.spec.get()?.service_account.get())
    }
}

impl Service<'_> {
    fn runs_as(&self) -> Option<&str> {
        let nested = || self.spec.get()?.template.get()?.runs_as();
        let own = self.service_account.get().or_else(|| self.service_config.get()?.service_account.get());
        own.or_else(|| self.template.get()?.runs_as()).or_else(nested)
    }
}

impl<'a> Body<'a> {
    /// The agent that a request makes or changes.
    pub(super) fn agent_part(&self) -> Option<&AgentPart<'a>> {
        self.reasoning_engine.get().or(self.agent.get()).or(self.engine.get())
    }

    /// The service account that a service or function runs as.
    pub(super) fn runs_as(&self) -> Option<&str> {
        let service = self.service.get().or(self.function.get());
        let nested = || self.spec.get()?.template.get()?.runs_as();
        service.and_then(Service::runs_as).or_else(|| self.template.get()?.runs_as()).or_else(nested)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata<'a> {
    #[serde(borrow)]
    pub(super) mapped_principal: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ServiceData<'a> {
    #[serde(borrow)]
    policy_delta: Part<PolicyDelta<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PolicyDelta<'a> {
    #[serde(borrow)]
    binding_deltas: Parts<Delta<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) action: Text<'a>,
    #[serde(borrow)]
    pub(super) role: Text<'a>,
    #[serde(borrow)]
    pub(super) member: Text<'a>,
}

/// The usage log of Gemini Enterprise: who asked which agent.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Usage<'a> {
    #[serde(borrow)]
    pub(super) user_iam_principal: Text<'a>,
    #[serde(borrow)]
    pub(super) log_metadata: Part<LogMetadata<'a>>,
    #[serde(borrow)]
    pub(super) request: Part<UsageRequest<'a>>,
    #[serde(borrow)]
    pub(super) response: Part<UsageResponse<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct LogMetadata<'a> {
    #[serde(borrow)]
    pub(super) method_name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct UsageRequest<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) agents_spec: Part<AgentsSpec<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AgentsSpec<'a> {
    #[serde(borrow)]
    pub(super) agent_specs: Parts<AgentSpec<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AgentSpec<'a> {
    #[serde(borrow)]
    pub(super) agent_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct UsageResponse<'a> {
    #[serde(borrow)]
    pub(super) agent_info: Part<Named<'a>>,
}

/// An entry whose parts are read.
pub(super) struct Event<'e> {
    pub(super) at: Instant,
    /// `aiplatform` of `aiplatform.googleapis.com`.
    pub(super) service: &'e str,
    /// The last part of the method's name, without its version.
    pub(super) method: &'e str,
    pub(super) resource: Option<&'e str>,
    pub(super) code: Option<&'e str>,
    pub(super) actor: Actor,
    pub(super) authentication: Option<&'e Authentication<'e>>,
    pub(super) entry: &'e Entry<'e>,
    pub(super) payload: &'e Payload<'e>,
    pub(super) request: &'e Body<'e>,
    pub(super) response: &'e Body<'e>,
    pub(super) metadata: &'e Metadata<'e>,
}

impl<'e> Event<'e> {
    pub(super) fn succeeded(&self) -> bool {
        self.code.is_none_or(|code| code == "0")
    }

    /// Whether the entry is the first of two of a long-running operation.
    pub(super) fn only_begun(&self) -> bool {
        let operation = self.entry.operation.get();
        operation.is_some_and(|it| it.first.get() == Some("true") && it.last.get() != Some("true"))
    }

    pub(super) fn labels(&self) -> Option<&'e Labels<'e>> {
        self.entry.resource.get()?.labels.get()
    }

    /// The id of the project that the entry is about, where it gives the id and not the number.
    pub(super) fn project(&self) -> Option<&'e str> {
        let labelled = self.labels().and_then(|labels| labels.project_id.get());
        let named = || self.resource?.strip_prefix("projects/")?.split('/').next();
        labelled.filter(|id| !is_number(id)).or_else(named).filter(|id| !is_number(id))
    }

    /// The names that an entry gives to what it is about, the most telling first.
    pub(super) fn names(&self) -> impl Iterator<Item = &'e str> {
        let part = self.request.agent_part().and_then(|part| part.name.get());
        let service = self.request.service.get().or(self.request.function.get()).and_then(|part| part.name.get());
        let operation = self.entry.operation.get().and_then(|operation| operation.id.get());
        let (response, request) = (self.response.name.get(), self.request.name.get());
        [response, request, part, service, self.resource, operation].into_iter().flatten()
    }

    pub(super) fn deltas(&self) -> &'e [Delta<'e>] {
        let data = self.payload.service_data.get().or(self.payload.service_data_iam.get());
        data.and_then(|data| data.policy_delta.get()).map(|delta| delta.binding_deltas.get()).unwrap_or_default()
    }
}
