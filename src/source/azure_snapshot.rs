//! Snapshots of Azure: resources with their identities and authors, role assignments, agents of AI Foundry projects.
//!
//! References: learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types (resources),
//! …/azure/role-based-access-control/role-assignments-list-cli, …/azure/templates/microsoft.cognitiveservices/accounts/
//! projects/applications, …/azure/foundry/agents/concepts/agent-identity. Relied on: `id` and `type` of a resource;
//! `object` and a name of an agent; used where present: `systemData`, `identity`, `tags`, `properties`.
//!
//! Quirks. No resource says in whose directory it is, unless it has an identity. `systemData` names users by name, apps by
//! app id. The command line puts the properties of identities and role assignments on the outside. Lists of a project's
//! agents do not say which project it is, nor who made an agent. Agents without an identity of their own act under the
//! project's. Credentials of connections are never shown.

use serde::Deserialize;

use super::aws_tags::{Tags, tagged};
use super::azure_names::{self, FOUNDRY, FOUNDRY_AGENT, Path};
use super::azure_resources::{Resource, authors, shown};
use super::entra_names;
use super::text::{Part, Parts, Text, folded};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::{Instant, When};
use crate::bundle::record::{Object, Record};
use crate::fact::claim::{Detail, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};

/// Reads snapshots of Azure resources, role assignments and Foundry agents.
pub struct AzureSnapshot;

static CARD: Card = Card {
    name: "azure_snapshot",
    title: "Azure resources and AI Foundry agents",
    tells: "who made an agent and what it runs on; under which identity it acts; who may reach what",
    reference: "https://learn.microsoft.com/azure/templates/microsoft.cognitiveservices/accounts/projects/applications",
    recognised_by: "objects with type and an id under /subscriptions/; with object agent and a name",
    exports: &[
        Export {
            form: "all resources, with tags and identities",
            command: "az resource list -o json > resources.json",
        },
        Export {
            form: "AI Foundry accounts, with their authors",
            command: "az cognitiveservices account list -o json > foundry-accounts.json",
        },
        Export {
            form: "projects of an account, published agents of a project",
            command: "az rest --method get --url \"https://management.azure.com/ACCOUNT_ID/projects?api-version=2026-03-15-preview\" > projects.json   # also ACCOUNT_ID/projects/PROJECT/applications, and …/applications/NAME/agentDeployments",
        },
        Export {
            form: "agents of a project",
            command: "az rest --method get --resource https://ai.azure.com --url \"https://ACCOUNT.services.ai.azure.com/api/projects/PROJECT/agents?api-version=v1\" > agents.json",
        },
        Export { form: "user-assigned identities", command: "az identity list -o json > identities.json" },
        Export {
            form: "role assignments",
            command: "az role assignment list --all --include-inherited -o json > roleassignments.json",
        },
    ],
};

/// An agent of a project, or an assistant as agents were called before.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Agent<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    metadata: Tags<'a>,
    #[serde(borrow)]
    tools: Parts<Tool<'a>>,
    #[serde(borrow)]
    versions: Part<Versions<'a>>,
    #[serde(borrow)]
    instance_identity: Part<Ids<'a>>,
    #[serde(borrow)]
    blueprint: Part<Ids<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Versions<'a> {
    #[serde(borrow)]
    latest: Part<Version<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Version<'a> {
    #[serde(borrow)]
    metadata: Tags<'a>,
    #[serde(borrow)]
    definition: Part<Definition<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Definition<'a> {
    #[serde(borrow)]
    tools: Parts<Tool<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tool<'a> {
    #[serde(borrow)]
    server_url: Text<'a>,
    #[serde(borrow)]
    project_connection_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ids<'a> {
    #[serde(borrow)]
    principal_id: Text<'a>,
    #[serde(borrow)]
    client_id: Text<'a>,
}

impl Source for AzureSnapshot {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        if is_resource(&object) {
            return Fit::Certain;
        }
        match kind_of_agent(&object) {
            Some("agent") => Fit::Certain,
            Some(_) => Fit::Likely, // the same shape at the company that the API is a copy of
            None => Fit::No,
        }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        facts.snapshot(record.taken);
        if kind_of_agent(&object).is_some() && !is_resource(&object) {
            return agent(&object, facts);
        }
        let resource = Resource::of(object.text).ok_or(Refusal::Unreadable("the resource"))?;
        let path = Path::of(resource.id.get()).ok_or(Refusal::Unreadable("id"))?;
        let around = entra_names::tenant_around(&record.around);
        let realm =
            entra_names::realm(resource.tenant().or(around.as_deref()).filter(|tenant| entra_names::is_guid(tenant)));
        facts.account(path.subscription());
        if path.kind.ends_with("microsoft.authorization/roleassignments") {
            return role_assignment(&resource, &path, &realm, facts);
        }
        read_resource(&resource, &path, &realm, record.taken, facts)
    }
}

fn is_resource(object: &Object<'_>) -> bool {
    let starts = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.starts_with("/subscriptions/") || text.starts_with("/providers/microsoft.")
    };
    let is_type = |text: &str| text.to_ascii_lowercase().starts_with("microsoft.") && text.contains('/');
    let event = ["eventTimestamp", "event_timestamp", "operationName", "operation_name"];
    object.text("id").is_some_and(|id| starts(&id))
        && object.text("type").is_some_and(|kind| is_type(&kind))
        && !event.iter().any(|key| object.has(key))
}

fn kind_of_agent(object: &Object<'_>) -> Option<&'static str> {
    let kind = object.text("object")?;
    let named = object.has("name") || object.has("id");
    match kind.as_ref() {
        "agent" if named && (object.has("versions") || object.has("instance_identity")) => Some("agent"),
        "assistant" if object.text("id").is_some_and(|id| id.starts_with("asst_")) => Some("assistant"),
        _ => None,
    }
}

fn read_resource(
    resource: &Resource<'_>,
    path: &Path,
    realm: &str,
    taken: Option<Instant>,
    facts: &mut FactWriter,
) -> Result<Reading, Refusal> {
    let (whole, part) = path.whole();
    let has_tags = resource.tags.pairs().next().is_some();
    if whole.sort().is_none() && resource.identity.get().is_none() && !has_tags {
        return Ok(Reading::SetAside("a resource without identity and tags"));
    }
    let Some(how) = part else {
        shown(resource, path, realm, None, facts);
        if path.sort().is_some() {
            let thing = path.handle(facts);
            made(resource, thing, Making::Created, realm, facts);
        }
        return Ok(Reading::Claimed);
    };
    let thing = whole.described(facts);
    let properties = resource.properties.get();
    if let Some(target) = properties.and_then(|properties| properties.target.get()).and_then(without_query) {
        let target = facts.handle(HandleKind::Resource, "", target);
        facts.tied(thing, Tie::DependsOn, target);
    }
    facts.dated(When::taken(taken));
    made(resource, thing, how, realm, facts);
    Ok(Reading::Claimed)
}

/// Who made and last changed it, as Azure itself keeps it beside the resource.
fn made(resource: &Resource<'_>, thing: HandleId, how: Making, realm: &str, facts: &mut FactWriter) {
    if let Some(data) = resource.system_data.get() {
        authors(data, thing, how, realm, facts);
    }
}

/// An address without what stands behind its path, where secrets are put.
fn without_query(address: &str) -> Option<&str> {
    let address = address.split(['?', '#']).next()?;
    let (scheme, rest) = address.split_once("://")?;
    let user = rest.split('/').next()?.contains('@');
    (!user && !scheme.is_empty() && !rest.is_empty()).then_some(address)
}

/// A role that somebody has. Who gave it is an object id without a word of what it is, and is left out.
fn role_assignment(
    assignment: &Resource<'_>,
    path: &Path,
    realm: &str,
    facts: &mut FactWriter,
) -> Result<Reading, Refusal> {
    let principal = assignment.flat(|flat| &flat.principal_id);
    let kind = assignment.flat(|flat| &flat.principal_type);
    let to = azure_names::assignee(facts, realm, kind, principal).ok_or(Refusal::Missing("principalId"))?;
    let definition = assignment.flat(|flat| &flat.role_definition_id).ok_or(Refusal::Missing("roleDefinitionId"))?;
    let around = path.id.split_once("/providers/microsoft.authorization/").map(|(scope, _)| scope);
    let scope = assignment.flat(|flat| &flat.scope).or(around).unwrap_or_default();
    let what = azure_names::role(facts, definition, scope);
    facts.described(what, Detail::DisplayName, assignment.flat(|flat| &flat.role_definition_name).unwrap_or_default());
    named(facts, realm, kind, to, assignment.flat(|flat| &flat.principal_name));
    if let Some(at) = assignment.flat(|flat| &flat.created_on).and_then(Instant::parse) {
        facts.dated(When::at(at));
    }
    facts.granted(None, to, what);
    Ok(Reading::Claimed)
}

/// The name that the command line looks up for whoever has a role: of a user the user name, of an app its app id.
fn named(facts: &mut FactWriter, realm: &str, kind: Option<&str>, to: HandleId, name: Option<&str>) {
    let Some(name) = name else { return };
    match kind.unwrap_or_default().to_ascii_lowercase().as_str() {
        "user" if name.contains('@') => {
            let login = facts.handle(HandleKind::Login, realm, &folded(name));
            facts.tied(to, Tie::Named, login);
        }
        // Without its directory a service principal would be a second one of its app.
        "serviceprincipal" if entra_names::is_guid(name) && realm != entra_names::TENANT => {
            if let Some(app) = entra_names::app(facts, realm, Some(name)) {
                facts.tied(to, Tie::Named, app);
            }
        }
        "group" | "serviceprincipal" if !entra_names::is_guid(name) => facts.described(to, Detail::DisplayName, name),
        _ => {}
    }
}

/// An agent as its project shows it.
///
/// Agents of two projects may have one name; where the bundle holds the lists of both, they are taken for one, unless
/// they have identities of their own.
fn agent(object: &Object<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let parsed: Agent<'_> = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the agent"))?;
    let id = parsed.id.get().or(parsed.name.get()).ok_or(Refusal::Missing("id"))?;
    let agent = match parsed.instance_identity.get().and_then(|own| entra_names::id(own.principal_id.get())) {
        Some(object) => facts.handle(HandleKind::Agent, entra_names::TENANT, &object),
        None => facts.handle(HandleKind::Agent, FOUNDRY, &folded(id)),
    };
    facts.described(agent, Detail::Kind, FOUNDRY_AGENT);
    facts.described(agent, Detail::DisplayName, parsed.name.get().unwrap_or(id));
    let born = parsed.created_at.get().and_then(|seconds| Instant::from_seconds(seconds.parse().ok()?));
    facts.described(agent, Detail::Born, &born.map(|at| at.to_string()).unwrap_or_default());
    if let Some(own) = parsed.instance_identity.get() {
        let principal = own.principal_id.get();
        instance_of(agent, principal, own.client_id.get(), facts);
    }
    let blueprint = parsed.blueprint.get().and_then(|blueprint| {
        azure_names::service_principal(
            facts,
            entra_names::TENANT,
            blueprint.principal_id.get(),
            blueprint.client_id.get(),
        )
    });
    if let Some(blueprint) = blueprint {
        facts.described(blueprint, Detail::Kind, entra_names::BLUEPRINT);
        facts.tied(agent, Tie::DependsOn, blueprint);
    }
    tagged(facts, agent, &parsed.metadata, None);
    let latest = parsed.versions.get().and_then(|versions| versions.latest.get());
    let definition = latest.and_then(|latest| latest.definition.get());
    if let Some(latest) = latest {
        tagged(facts, agent, &latest.metadata, None);
    }
    for tool in parsed.tools.get().iter().chain(definition.map(|one| one.tools.get()).unwrap_or_default()) {
        tool_of(agent, tool, facts);
    }
    Ok(Reading::Claimed)
}

fn tool_of(agent: HandleId, tool: &Tool<'_>, facts: &mut FactWriter) {
    if let Some(server) = tool.server_url.get().and_then(without_query) {
        let server = facts.handle(HandleKind::Resource, "", server);
        facts.tied(agent, Tie::DependsOn, server);
    }
    if let Some(connection) = Path::of(tool.project_connection_id.get()) {
        // The connection says which project the agent is in.
        if let Some(project) = connection.parent().filter(|parent| parent.kind.ends_with("/projects")) {
            let project = project.handle(facts);
            facts.tied(agent, Tie::PartOf, project);
        }
        let connection = connection.handle(facts);
        facts.tied(agent, Tie::DependsOn, connection);
    }
}

/// The service principal that an agent's identity is.
fn instance_of(agent: HandleId, principal: Option<&str>, client: Option<&str>, facts: &mut FactWriter) {
    if let Some(principal) = entra_names::service_principal(facts, entra_names::TENANT, principal, None) {
        facts.tied(agent, Tie::Named, principal);
    }
    if let Some(client) = entra_names::app(facts, entra_names::TENANT, client) {
        facts.tied(agent, Tie::RunsAs, client);
    }
}
