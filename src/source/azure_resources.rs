//! A resource as Azure Resource Manager shows it: in snapshots, and in the answers that the Activity Log keeps.
//!
//! References: learn.microsoft.com/azure/templates (per type) and
//! …/azure/templates/microsoft.cognitiveservices/accounts/projects/applications. `systemData` says who made and last
//! changed a resource, where the resource provider writes it. An identity of the resource's own is a service principal;
//! its object id is never given again. What a project's property for the shared identity of its agents is called is not
//! settled in the previews: three spellings are read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::aws_tags::{Tags, tagged};
use super::azure_names::{self, FOUNDRY_AGENT, Path, Sort};
use super::entra_names;
use super::text::{Part, Parts, Text};
use crate::base::time::{Instant, When};
use crate::fact::claim::{Detail, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};

/// The fields of a resource that are used.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Resource<'a> {
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    #[serde(borrow)]
    pub(crate) name: Text<'a>,
    #[serde(borrow)]
    pub(crate) kind: Text<'a>,
    #[serde(borrow)]
    pub(crate) tags: Tags<'a>,
    #[serde(borrow)]
    pub(crate) identity: Part<Identity<'a>>,
    #[serde(borrow)]
    pub(crate) properties: Part<Properties<'a>>,
    #[serde(borrow)]
    pub(crate) system_data: Part<SystemData<'a>>,
    /// A user-assigned identity in the output of `az identity list`, and a role assignment in that of
    /// `az role assignment list`, have their properties on the outside.
    #[serde(flatten, borrow)]
    pub(crate) flat: Flat<'a>,
}

/// Properties that the command line puts on the outside.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Flat<'a> {
    #[serde(borrow)]
    pub(crate) principal_id: Text<'a>,
    #[serde(borrow)]
    pub(crate) principal_type: Text<'a>,
    #[serde(borrow)]
    pub(crate) principal_name: Text<'a>,
    #[serde(borrow)]
    pub(crate) client_id: Text<'a>,
    #[serde(borrow)]
    pub(crate) tenant_id: Text<'a>,
    #[serde(borrow)]
    pub(crate) role_definition_id: Text<'a>,
    #[serde(borrow)]
    pub(crate) role_definition_name: Text<'a>,
    #[serde(borrow)]
    pub(crate) scope: Text<'a>,
    #[serde(borrow)]
    pub(crate) created_by: Text<'a>,
    #[serde(borrow)]
    pub(crate) created_on: Text<'a>,
    #[serde(borrow)]
    pub(crate) issuer: Text<'a>,
    #[serde(borrow)]
    pub(crate) subject: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Identity<'a> {
    #[serde(borrow)]
    principal_id: Text<'a>,
    #[serde(borrow)]
    tenant_id: Text<'a>,
    #[serde(borrow)]
    user_assigned_identities: Part<BTreeMap<Cow<'a, str>, Part<Ids<'a>>>>,
}

/// The ids of an identity: of its app, and of its service principal.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Ids<'a> {
    #[serde(borrow)]
    client_id: Text<'a>,
    #[serde(borrow)]
    principal_id: Text<'a>,
    #[serde(borrow)]
    tenant_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Properties<'a> {
    #[serde(borrow)]
    display_name: Text<'a>,
    #[serde(borrow)]
    pub(crate) target: Text<'a>,
    #[serde(borrow)]
    tags: Tags<'a>,
    #[serde(borrow)]
    agents: Parts<AgentOf<'a>>,
    #[serde(borrow)]
    agent_identity_blueprint: Part<Ids<'a>>,
    #[serde(borrow)]
    default_instance_identity: Part<Ids<'a>>,
    #[serde(borrow)]
    agent_identity: Part<ProjectIdentity<'a>>,
    #[serde(borrow)]
    agent_identity_id: Text<'a>,
    #[serde(flatten, borrow)]
    pub(crate) flat: Flat<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AgentOf<'a> {
    #[serde(borrow)]
    agent_id: Text<'a>,
    #[serde(borrow)]
    agent_name: Text<'a>,
}

/// The identity that all agents of a project share until they are published.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProjectIdentity<'a> {
    #[serde(borrow)]
    agent_identity_id: Text<'a>,
    #[serde(borrow)]
    principal_id: Text<'a>,
    #[serde(borrow)]
    client_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SystemData<'a> {
    #[serde(borrow)]
    created_by: Text<'a>,
    #[serde(borrow)]
    created_by_type: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    last_modified_by: Text<'a>,
    #[serde(borrow)]
    last_modified_by_type: Text<'a>,
    #[serde(borrow)]
    last_modified_at: Text<'a>,
}

impl<'a> Resource<'a> {
    /// Reads a resource; `None` where the text is no object.
    pub(crate) fn of(json: &'a str) -> Option<Self> {
        if json.starts_with('{') { serde_json::from_str(json).ok() } else { None }
    }

    /// A property, whether it stands on the outside or in `properties`.
    pub(crate) fn flat<'r>(&'r self, field: impl Fn(&'r Flat<'a>) -> &'r Text<'a>) -> Option<&'r str> {
        let outside = field(&self.flat).get();
        outside.or_else(|| self.properties.get().and_then(|properties| field(&properties.flat).get()))
    }

    /// The directory that its identities are in.
    pub(crate) fn tenant(&self) -> Option<&str> {
        let properties = self.properties.get();
        let published = properties.and_then(|properties| properties.default_instance_identity.get());
        let own = self.identity.get().and_then(|identity| identity.tenant_id.get());
        own.or_else(|| self.flat(|flat| &flat.tenant_id)).or_else(|| published?.tenant_id.get())
    }
}

/// Writes what a resource shows of the thing that its path names: kind, name, tags, identities, agents.
pub(crate) fn shown(resource: &Resource<'_>, path: &Path, realm: &str, by: Option<HandleId>, facts: &mut FactWriter) {
    let thing = thing(resource, path, facts);
    let properties = resource.properties.get();
    if let Some(name) = properties.and_then(|properties| properties.display_name.get()) {
        facts.described(thing, Detail::DisplayName, name);
    }
    tagged(facts, thing, &resource.tags, by);
    if let Some(properties) = properties {
        tagged(facts, thing, &properties.tags, by);
    }
    if path.kind == "microsoft.web/sites"
        && let Some(kind) = resource.kind.get()
    {
        facts.described(thing, Detail::Kind, if kind.contains("functionapp") { "function-app" } else { "web-app" });
    }
    match path.sort() {
        Some((Sort::Identity, _)) => {
            let (principal, client) = (resource.flat(|flat| &flat.principal_id), resource.flat(|flat| &flat.client_id));
            // The path names the identity only as long as it is not deleted and made anew.
            if let Some(principal) = azure_names::service_principal(facts, realm, principal, client) {
                facts.tied(principal, Tie::Named, thing);
                facts.described(principal, Detail::Kind, entra_names::MANAGED_IDENTITY);
            }
        }
        _ => identities(resource, path, thing, realm, facts),
    }
}

/// What a resource is: one that acts under an identity of its own is a workload, whatever its type.
fn thing(resource: &Resource<'_>, path: &Path, facts: &mut FactWriter) -> HandleId {
    if path.sort().is_none() && resource.identity.get().is_some() {
        let thing = facts.handle(HandleKind::Workload, "", &path.id);
        facts.described(thing, Detail::Kind, &path.kind);
        facts.described(thing, Detail::DisplayName, path.name());
        return thing;
    }
    path.described(facts)
}

/// The service principals that a thing acts as.
fn identities(resource: &Resource<'_>, path: &Path, thing: HandleId, realm: &str, facts: &mut FactWriter) {
    if let Some(identity) = resource.identity.get() {
        if let Some(own) = azure_names::service_principal(facts, realm, identity.principal_id.get(), None) {
            facts.tied(thing, Tie::RunsAs, own);
            facts.described(own, Detail::Kind, entra_names::MANAGED_IDENTITY);
        }
        for (path, ids) in identity.user_assigned_identities.get().into_iter().flatten() {
            let Some(assigned) = Path::of(Some(path)) else { continue };
            let assigned = assigned.described(facts);
            facts.tied(thing, Tie::RunsAs, assigned);
            let ids = ids.get();
            let (principal, client) =
                (ids.and_then(|ids| ids.principal_id.get()), ids.and_then(|ids| ids.client_id.get()));
            if let Some(principal) = azure_names::service_principal(facts, realm, principal, client) {
                facts.tied(principal, Tie::Named, assigned);
            }
        }
    }
    let Some(properties) = resource.properties.get() else { return };
    let shared = properties.agent_identity.get();
    let shared_id = shared.and_then(|shared| shared.agent_identity_id.get().or(shared.principal_id.get()));
    let shared_app = shared.and_then(|shared| shared.client_id.get());
    let shared_id = properties.agent_identity_id.get().or(shared_id);
    // What the shared identity does, the project does: which of its agents it was, nobody can say.
    if let Some(shared) = azure_names::service_principal(facts, realm, shared_id, shared_app) {
        facts.tied(thing, Tie::RunsAs, shared);
    }
    if let Some(own) = properties.default_instance_identity.get() {
        instance(thing, own.principal_id.get(), own.client_id.get(), realm, facts);
    }
    if let Some(blueprint) = properties.agent_identity_blueprint.get() {
        let blueprint =
            azure_names::service_principal(facts, realm, blueprint.principal_id.get(), blueprint.client_id.get());
        if let Some(blueprint) = blueprint {
            facts.described(blueprint, Detail::Kind, entra_names::BLUEPRINT);
            facts.tied(thing, Tie::DependsOn, blueprint);
        }
    }
    let Some(project) = path.parent() else { return };
    let agents = properties.agents.get();
    for agent in agents {
        let Some(name) = agent.agent_name.get().or(agent.agent_id.get()) else { continue };
        let agent = project_agent(facts, &project, name);
        // An application of one agent is that agent, published. Wrong where a second application publishes it, too: then
        // the agent is neither's.
        facts.tied(thing, if agents.len() == 1 { Tie::Named } else { Tie::DependsOn }, agent);
    }
}

/// An agent's identity of its own, under which it is found in the directory.
///
/// The directory's id is given once and never again, so it is the lasting one, and the agent's path or name the name.
/// Wrong where the identity is one that several agents share; the platform gives those no instance of their own.
fn instance(agent: HandleId, id: Option<&str>, app: Option<&str>, realm: &str, facts: &mut FactWriter) {
    let Some(object) = entra_names::id(id) else { return };
    let identity = facts.handle(HandleKind::Agent, realm, &object);
    facts.tied(identity, Tie::Named, agent);
    if let Some(principal) = entra_names::service_principal(facts, realm, Some(&object), app) {
        facts.tied(identity, Tie::Named, principal);
    }
}

/// An agent of a project by its name, which is unique in the project.
pub(crate) fn project_agent(out: &mut impl Stand, project: &Path, name: &str) -> HandleId {
    let name = name.rsplit_once(':').map_or(name, |(name, _)| name).to_lowercase();
    let agent = out.handle(HandleKind::Agent, "", &format!("{}/agents/{name}", project.id));
    out.described(agent, Detail::Kind, FOUNDRY_AGENT);
    out.described(agent, Detail::DisplayName, &name);
    let project = project.handle(out);
    out.tied(agent, Tie::PartOf, project);
    agent
}

/// Writes who made and who last changed a resource, as of these times. `how` is the way its making changes `thing`.
pub(crate) fn authors(data: &SystemData<'_>, thing: HandleId, how: Making, realm: &str, facts: &mut FactWriter) {
    let created = data.created_at.get().and_then(Instant::parse);
    if how == Making::Created {
        facts.described(thing, Detail::Born, &created.map(|at| at.to_string()).unwrap_or_default());
    }
    if let (Some(at), Some(by)) = (created, author(facts, realm, &data.created_by, &data.created_by_type)) {
        facts.dated(When::at(at));
        facts.made(by, how, thing);
    }
    let changed = data.last_modified_at.get().and_then(Instant::parse).filter(|at| Some(*at) > created);
    if let (Some(at), Some(by)) = (changed, author(facts, realm, &data.last_modified_by, &data.last_modified_by_type)) {
        facts.dated(When::at(at));
        facts.made(by, if how == Making::Created { Making::Updated } else { how }, thing);
    }
}

/// Who `systemData` means: a user by name or object id, an app by its app id, an identity by its object id.
fn author(facts: &mut FactWriter, realm: &str, by: &Text<'_>, kind: &Text<'_>) -> Option<HandleId> {
    let by = by.get()?;
    match kind.get().unwrap_or_default().to_ascii_lowercase().as_str() {
        "application" => entra_names::app(facts, realm, Some(by)),
        "managedidentity" => azure_names::service_principal(facts, realm, Some(by), None),
        "key" => None,
        _ if entra_names::is_guid(by) => entra_names::user(facts, realm, Some(by), None),
        _ => entra_names::user(facts, realm, None, Some(by)),
    }
}
