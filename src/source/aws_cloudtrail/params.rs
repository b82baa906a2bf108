//! The request and response fields that tell which thing an event is about.

use serde::Deserialize;

use super::{Event, part};
use crate::source::aws_names::Arn;
use crate::source::aws_tags::Tags;
use crate::source::text::{Part, Parts, Text};

/// The parts of a record beyond its envelope.
#[derive(Debug, Default)]
pub(super) struct Params<'a> {
    pub(super) request: Request<'a>,
    pub(super) response: Response<'a>,
    resources: Vec<ResourceArn<'a>>,
}

/// `requestParameters`: the fields of all operations that are read. CloudTrail's camel case is the API's own, with
/// exceptions that the aliases name.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    pub(super) agent_id: Text<'a>,
    #[serde(borrow)]
    pub(super) agent_name: Text<'a>,
    #[serde(borrow)]
    pub(super) agent_resource_role_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) action_group_executor: Part<Executor<'a>>,
    #[serde(borrow)]
    agent_runtime_id: Text<'a>,
    #[serde(borrow)]
    agent_runtime_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) agent_runtime_name: Text<'a>,
    #[serde(borrow)]
    agent_runtime_artifact: Part<Artifact<'a>>,
    #[serde(borrow, alias = "gatewayId")]
    gateway_identifier: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) function_name: Text<'a>,
    #[serde(borrow, alias = "roleARN", alias = "executionRoleArn")]
    pub(super) role_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) role: Text<'a>,
    #[serde(borrow)]
    pub(super) stack_name: Text<'a>,
    #[serde(borrow)]
    pub(super) user_name: Text<'a>,
    #[serde(borrow)]
    pub(super) role_name: Text<'a>,
    #[serde(borrow)]
    access_key_id: Text<'a>,
    #[serde(borrow)]
    service_specific_credential_id: Text<'a>,
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    #[serde(borrow, alias = "resource")]
    pub(super) resource_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) tags: Tags<'a>,
    #[serde(borrow)]
    instances_set: Part<Items<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Executor<'a> {
    #[serde(borrow)]
    pub(super) lambda: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Artifact<'a> {
    #[serde(borrow)]
    container_configuration: Part<Container<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Container<'a> {
    #[serde(borrow)]
    container_uri: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Items<'a> {
    #[serde(borrow)]
    items: Parts<Instance<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Instance<'a> {
    #[serde(borrow)]
    instance_id: Text<'a>,
}

/// `responseElements`: the ids that were given.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Response<'a> {
    #[serde(borrow)]
    agent: Part<Agent<'a>>,
    #[serde(borrow)]
    agent_id: Text<'a>,
    #[serde(borrow)]
    agent_runtime_arn: Text<'a>,
    #[serde(borrow)]
    agent_runtime_id: Text<'a>,
    #[serde(borrow)]
    gateway_arn: Text<'a>,
    #[serde(borrow)]
    gateway_id: Text<'a>,
    #[serde(borrow)]
    function_arn: Text<'a>,
    #[serde(borrow)]
    stack_id: Text<'a>,
    #[serde(borrow)]
    instances_set: Part<Items<'a>>,
    #[serde(borrow)]
    pub(super) user: Part<Principal<'a>>,
    #[serde(borrow)]
    pub(super) role: Part<Principal<'a>>,
    #[serde(borrow)]
    pub(super) access_key: Part<AccessKey<'a>>,
    #[serde(borrow)]
    service_specific_credential: Part<ServiceKey<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Agent<'a> {
    #[serde(borrow)]
    agent_arn: Text<'a>,
    #[serde(borrow)]
    agent_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Principal<'a> {
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) role_id: Text<'a>,
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AccessKey<'a> {
    #[serde(borrow)]
    access_key_id: Text<'a>,
    #[serde(borrow)]
    pub(super) user_name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ServiceKey<'a> {
    #[serde(borrow)]
    service_specific_credential_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ResourceArn<'a> {
    #[serde(rename = "ARN", alias = "arn", borrow)]
    arn: Text<'a>,
}

impl<'a> Params<'a> {
    pub(super) fn of(event: &Event<'a>) -> Self {
        let resources: Parts<ResourceArn<'a>> = serde_json::from_str(event.entry.resources).unwrap_or_default();
        Self {
            request: part(event.entry.request),
            response: part(event.entry.response),
            resources: resources.into_inner(),
        }
    }

    /// The container image that an AgentCore runtime was made from; its tag often is a commit.
    pub(super) fn image(&self) -> Option<&str> {
        self.request.agent_runtime_artifact.get()?.container_configuration.get()?.container_uri.get()
    }
}

/// Finds the id of the thing that an event is about: the response gives it, else the request, else the resources.
pub(super) struct Ids<'p, 'a> {
    pub(super) params: &'p Params<'a>,
    pub(super) event: &'p Event<'a>,
}

impl Ids<'_, '_> {
    fn arn(&self, service: &str, resource: &str) -> String {
        let (partition, region, account) = (self.event.partition(), self.event.region(), self.event.account);
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// The first of the record's resources whose ARN names such a thing, as its id.
    fn resource(&self, service: &str, kind: &str) -> Option<&str> {
        self.params.resources.iter().find_map(|resource| {
            let parsed = Arn::parse(resource.arn.get()?)?;
            let id = parsed.resource.strip_prefix(kind)?.strip_prefix('/')?;
            (parsed.service == service).then(|| id.split('/').next())?
        })
    }

    pub(super) fn bedrock_agent(&self) -> Option<String> {
        let Params { request, response, .. } = self.params;
        if let Some(arn) = response.agent.get().and_then(|agent| agent.agent_arn.get()) {
            return Some(arn.to_owned());
        }
        let id = response.agent.get().and_then(|agent| agent.agent_id.get());
        let id = id.or(response.agent_id.get()).or(request.agent_id.get());
        let id =
            id.or_else(|| self.resource("bedrock", "agent")).or_else(|| self.resource("bedrock", "agent-alias"))?;
        Some(self.arn("bedrock", &format!("agent/{id}")))
    }

    pub(super) fn runtime(&self) -> Option<String> {
        let Params { request, response, .. } = self.params;
        if let Some(arn) = response.agent_runtime_arn.get().or(request.agent_runtime_arn.get()) {
            return Some(arn.split("/runtime-endpoint/").next().unwrap_or(arn).to_owned());
        }
        let id = response.agent_runtime_id.get().or(request.agent_runtime_id.get());
        let id = id.or_else(|| self.resource("bedrock-agentcore", "runtime"))?;
        Some(self.arn("bedrock-agentcore", &format!("runtime/{id}")))
    }

    pub(super) fn gateway(&self) -> Option<String> {
        let Params { request, response, .. } = self.params;
        if let Some(arn) = response.gateway_arn.get() {
            return Some(arn.to_owned());
        }
        let id = response.gateway_id.get().or(request.gateway_identifier.get());
        let id = id.or_else(|| self.resource("bedrock-agentcore", "gateway"))?;
        Some(if id.starts_with("arn:") {
            id.to_owned()
        } else {
            self.arn("bedrock-agentcore", &format!("gateway/{id}"))
        })
    }

    pub(super) fn function(&self) -> Option<String> {
        let Params { request, response, .. } = self.params;
        let name = response.function_arn.get().or(request.function_name.get())?;
        Some(if name.starts_with("arn:") { name.to_owned() } else { self.arn("lambda", &format!("function:{name}")) })
    }

    pub(super) fn stack(&self) -> Option<String> {
        let Params { request, response, .. } = self.params;
        let name = response.stack_id.get().or(request.stack_name.get())?;
        Some(if name.starts_with("arn:") {
            name.to_owned()
        } else {
            self.arn("cloudformation", &format!("stack/{name}"))
        })
    }

    pub(super) fn instance(&self) -> Option<String> {
        let Params { request, response, .. } = self.params;
        let set = response.instances_set.get().or(request.instances_set.get())?;
        let id = set.items.get().iter().find_map(|instance| instance.instance_id.get())?;
        Some(self.arn("ec2", &format!("instance/{id}")))
    }

    pub(super) fn access_key(&self) -> Option<&str> {
        let Params { request, response, .. } = self.params;
        response.access_key.get().and_then(|key| key.access_key_id.get()).or(request.access_key_id.get())
    }

    pub(super) fn service_key(&self) -> Option<&str> {
        let Params { request, response, .. } = self.params;
        let issued = response.service_specific_credential.get();
        issued.and_then(|key| key.service_specific_credential_id.get()).or(request.service_specific_credential_id.get())
    }
}
