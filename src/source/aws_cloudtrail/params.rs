//! The request and response fields that tell which thing an event is about.

use serde::Deserialize;

use super::{Event, part};
use crate::source::aws_names::Arn;
use crate::source::aws_tags::Tags;
use crate::source::aws_things::Artifact;
use crate::source::text::{Part, Parts, Text};

/// Words that say of an alias that it is no production.
const FOR_TRYING: &[&str] = &[
    "alpha",
    "beta",
    "debug",
    "demo",
    "dev",
    "development",
    "draft",
    "experiment",
    "preprod",
    "preview",
    "qa",
    "sandbox",
    "stage",
    "staging",
    "test",
    "testing",
    "tmp",
    "trial",
    "uat",
];

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
    agent_alias_name: Text<'a>,
    #[serde(borrow)]
    pub(super) agent_resource_role_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) knowledge_base_id: Text<'a>,
    #[serde(borrow)]
    pub(super) flow_identifier: Text<'a>,
    #[serde(borrow)]
    pub(super) agent_runtime_id: Text<'a>,
    #[serde(borrow)]
    pub(super) agent_runtime_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) agent_runtime_name: Text<'a>,
    #[serde(borrow)]
    agent_runtime_artifact: Part<Artifact<'a>>,
    #[serde(borrow, alias = "gatewayId")]
    pub(super) gateway_identifier: Text<'a>,
    #[serde(borrow)]
    pub(super) harness_id: Text<'a>,
    #[serde(borrow)]
    pub(super) harness_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) harness_name: Text<'a>,
    #[serde(borrow)]
    pub(super) workload_name: Text<'a>,
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
    pub(super) family: Text<'a>,
    #[serde(borrow)]
    pub(super) task_definition: Text<'a>,
    #[serde(borrow)]
    container_definitions: Parts<ContainerDefinition<'a>>,
    #[serde(borrow)]
    pub(super) cluster: Text<'a>,
    #[serde(borrow)]
    pub(super) service: Text<'a>,
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
    #[serde(borrow, alias = "resource", alias = "resourceARN")]
    pub(super) resource_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) tags: Tags<'a>,
    #[serde(borrow)]
    instances_set: Part<Items<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerDefinition<'a> {
    #[serde(borrow)]
    image: Text<'a>,
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
    pub(super) agent: Part<Agent<'a>>,
    #[serde(borrow)]
    pub(super) agent_id: Text<'a>,
    #[serde(borrow)]
    pub(super) agent_runtime_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) agent_runtime_id: Text<'a>,
    #[serde(borrow)]
    pub(super) gateway_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) gateway_id: Text<'a>,
    #[serde(borrow)]
    pub(super) workload_identity_details: Part<WorkloadIdentity<'a>>,
    #[serde(borrow)]
    pub(super) workload_identity_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) harness: Part<Harness<'a>>,
    /// Of flows, whose response is not nested.
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
    #[serde(borrow)]
    pub(super) flow_id: Text<'a>,
    #[serde(borrow)]
    pub(super) function_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) stack_id: Text<'a>,
    #[serde(borrow)]
    pub(super) task_definition: Part<TaskDefinition<'a>>,
    #[serde(borrow)]
    pub(super) service: Part<TaskService<'a>>,
    #[serde(borrow)]
    instances_set: Part<Items<'a>>,
    #[serde(borrow)]
    pub(super) user: Part<Principal<'a>>,
    #[serde(borrow)]
    pub(super) role: Part<Principal<'a>>,
    #[serde(borrow)]
    pub(super) access_key: Part<AccessKey<'a>>,
    #[serde(borrow)]
    pub(super) service_specific_credential: Part<ServiceKey<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Agent<'a> {
    #[serde(borrow)]
    pub(super) agent_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) agent_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WorkloadIdentity<'a> {
    #[serde(borrow)]
    pub(super) workload_identity_arn: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Harness<'a> {
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
    #[serde(borrow)]
    pub(super) harness_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TaskDefinition<'a> {
    #[serde(borrow)]
    pub(super) task_definition_arn: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TaskService<'a> {
    #[serde(borrow)]
    pub(super) service_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) task_definition: Text<'a>,
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
    #[serde(borrow)]
    pub(super) status: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ServiceKey<'a> {
    #[serde(borrow)]
    service_specific_credential_id: Text<'a>,
    #[serde(borrow)]
    pub(super) service_name: Text<'a>,
    #[serde(borrow)]
    pub(super) user_name: Text<'a>,
    #[serde(borrow)]
    pub(super) status: Text<'a>,
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

    /// The container image that a runtime or task was made from; its tag often is a commit.
    pub(super) fn image(&self) -> Option<&str> {
        let artifact = self.request.agent_runtime_artifact.get();
        let runtime = artifact.and_then(Artifact::image);
        runtime.or_else(|| self.request.container_definitions.get().iter().find_map(|container| container.image.get()))
    }

    /// The ids of all instances that the event is about.
    pub(super) fn instances(&self) -> impl Iterator<Item = &str> {
        let set = self.response.instances_set.get().or(self.request.instances_set.get());
        set.into_iter().flat_map(|set| set.items.get()).filter_map(|instance| instance.instance_id.get())
    }

    /// The first of the record's resources whose ARN is of this service and begins so.
    pub(super) fn resource(&self, service: &str, begin: &str) -> Option<&str> {
        self.resources.iter().find_map(|resource| {
            let arn = resource.arn.get()?;
            Arn::parse(arn)
                .filter(|parsed| parsed.service == service && parsed.resource.starts_with(begin))
                .map(|_| arn)
        })
    }

    /// Whether the alias or endpoint that is pointed says itself that it is no production: whoever points it tries the
    /// thing out, and takes nothing over. Wrong where people work with what is called `beta`; then pointing it is still
    /// care for the thing, and only does not hand it over at once.
    pub(super) fn is_for_trying(&self) -> bool {
        let name = self.request.agent_alias_name.get().or(self.request.name.get()).unwrap_or_default();
        let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| FOR_TRYING.iter().any(|one| one.eq_ignore_ascii_case(word)))
    }

    pub(super) fn access_key(&self) -> Option<&str> {
        let issued = self.response.access_key.get().and_then(|key| key.access_key_id.get());
        issued.or(self.request.access_key_id.get())
    }

    pub(super) fn service_key(&self) -> Option<&str> {
        let issued = self.response.service_specific_credential.get();
        let issued = issued.and_then(|key| key.service_specific_credential_id.get());
        issued.or(self.request.service_specific_credential_id.get())
    }
}
