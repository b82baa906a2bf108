//! How Azure writes names: resources and their types, roles. Shared by the Azure sources.
//!
//! References: learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules and
//! …/azure/role-based-access-control/resource-provider-operations. A resource is named by its path,
//! `/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME[/TYPE/NAME]`, whose casing differs from export to
//! export and means nothing. A path can be given again after a deletion.

use crate::fact::claim::{Detail, Making};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;
use crate::source::entra_names::{self, MANAGED_IDENTITY};
use crate::source::text::folded;

/// The kind of an AI agent of Azure AI Foundry, published or not.
pub(crate) const FOUNDRY_AGENT: &str = "foundry-agent";

/// The realm of agents of Azure AI Foundry in exports that do not say which project they are in.
pub(crate) const FOUNDRY: &str = "foundry:";

/// The kind of an agent of Copilot Studio, and the realm of such agents, by their id in Dataverse.
pub(crate) const COPILOT_STUDIO_AGENT: &str = "copilot-studio-agent";
/// See [`COPILOT_STUDIO_AGENT`].
pub(crate) const COPILOT_STUDIO: &str = "copilot-studio";

/// The realm of the keys that all users of a resource share; they have no ids, so the resource's path names them.
pub(crate) const SHARED_KEYS: &str = "azure-keys";

/// What a resource is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// It acts by itself.
    Agent,
    /// Agents run on it, or it carries an identity of its own.
    Workload,
    /// It is an identity.
    Identity,
}

use Sort::{Agent, Identity, Workload};

/// Types of resources that are more than something to act upon, and what they are called. In alphabetical order.
const TYPES: &[(&str, Sort, &str)] = &[
    ("microsoft.app/containerapps", Workload, "container-app"),
    ("microsoft.app/jobs", Workload, "container-job"),
    ("microsoft.automation/automationaccounts", Workload, "automation-account"),
    ("microsoft.botservice/botservices", Agent, "bot-service"),
    ("microsoft.cognitiveservices/accounts", Workload, "foundry-account"),
    ("microsoft.cognitiveservices/accounts/projects", Workload, "foundry-project"),
    ("microsoft.cognitiveservices/accounts/projects/agents", Agent, FOUNDRY_AGENT),
    ("microsoft.cognitiveservices/accounts/projects/applications", Agent, FOUNDRY_AGENT),
    ("microsoft.compute/virtualmachines", Workload, "virtual-machine"),
    ("microsoft.compute/virtualmachinescalesets", Workload, "virtual-machine-scale-set"),
    ("microsoft.containerinstance/containergroups", Workload, "container-group"),
    ("microsoft.containerservice/managedclusters", Workload, "kubernetes-cluster"),
    ("microsoft.datafactory/factories", Workload, "data-factory"),
    ("microsoft.logic/workflows", Workload, "logic-app"),
    ("microsoft.machinelearningservices/workspaces", Workload, "ml-workspace"),
    ("microsoft.machinelearningservices/workspaces/batchendpoints", Workload, "ml-endpoint"),
    ("microsoft.machinelearningservices/workspaces/onlineendpoints", Workload, "ml-endpoint"),
    ("microsoft.machinelearningservices/workspaces/serverlessendpoints", Workload, "ml-endpoint"),
    ("microsoft.managedidentity/userassignedidentities", Identity, MANAGED_IDENTITY),
    // Function apps are web apps of another kind, which only a snapshot shows.
    ("microsoft.web/sites", Workload, ""),
];

/// Types of resources that are a part of what they stand in: whoever writes one changes the whole, in this way.
const PARTS: &[(&str, Making)] = &[
    ("microsoft.automation/automationaccounts/runbooks", Making::Updated),
    ("microsoft.automation/automationaccounts/schedules", Making::Updated),
    ("microsoft.automation/automationaccounts/webhooks", Making::Updated),
    ("microsoft.botservice/botservices/channels", Making::Updated),
    ("microsoft.botservice/botservices/connections", Making::Updated),
    ("microsoft.cognitiveservices/accounts/capabilityhosts", Making::Updated),
    ("microsoft.cognitiveservices/accounts/connections", Making::Updated),
    ("microsoft.cognitiveservices/accounts/deployments", Making::Updated),
    ("microsoft.cognitiveservices/accounts/projects/applications/agentdeployments", Making::Pointed),
    ("microsoft.cognitiveservices/accounts/projects/capabilityhosts", Making::Updated),
    ("microsoft.cognitiveservices/accounts/projects/connections", Making::Updated),
    ("microsoft.machinelearningservices/workspaces/batchendpoints/deployments", Making::Pointed),
    ("microsoft.machinelearningservices/workspaces/connections", Making::Updated),
    ("microsoft.machinelearningservices/workspaces/onlineendpoints/deployments", Making::Pointed),
    ("microsoft.managedidentity/userassignedidentities/federatedidentitycredentials", Making::Updated),
    ("microsoft.web/sites/config", Making::Updated),
    ("microsoft.web/sites/functions", Making::Updated),
];

/// What the path of a resource's tags ends in.
const TAGS: &str = "/providers/microsoft.resources/tags/default";

/// A resource by its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// The path, in lower case, without a slash at its end.
    pub(crate) id: String,
    /// Its type: `microsoft.cognitiveservices/accounts/projects`. Empty for a subscription or resource group.
    pub(crate) kind: String,
}

impl Path {
    /// Reads a path; `None` for anything else.
    pub(crate) fn of(text: Option<&str>) -> Option<Self> {
        let text = text?.trim().trim_end_matches('/');
        let lower = text.to_ascii_lowercase();
        // The tags of a resource are written as if they were a resource of their own.
        let lower = lower.strip_suffix(TAGS).unwrap_or(&lower);
        let known = ["/subscriptions/", "/providers/", "/tenants/"].iter().any(|start| lower.starts_with(start));
        // What is a secret in a name with white space can be seen for one as long as it keeps its case.
        let id = folded(text.get(..lower.len()).unwrap_or(text)).into_owned();
        known.then(|| Self { kind: kind_of(lower), id })
    }

    /// The subscription it is in.
    pub(crate) fn subscription(&self) -> Option<&str> {
        self.id.strip_prefix("/subscriptions/")?.split('/').next().filter(|id| !id.is_empty())
    }

    /// What it stands in: the path without its last type and name.
    pub(crate) fn parent(&self) -> Option<Self> {
        let (rest, _) = self.id.rsplit_once('/')?;
        let (id, _) = rest.rsplit_once('/')?;
        (!id.is_empty()).then(|| Self { id: id.to_owned(), kind: kind_of(id) })
    }

    /// Its last name.
    pub(crate) fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or_default()
    }

    /// What is changed when it is written, and in which way: itself, or what it is a part of.
    pub(crate) fn whole(&self) -> (Self, Option<Making>) {
        let part = PARTS.iter().find(|(kind, _)| *kind == self.kind);
        match part.and_then(|(_, how)| Some((self.parent()?, *how))) {
            Some((parent, how)) => (parent, Some(how)),
            None => (self.clone(), None),
        }
    }

    /// What it is to us, and what it is called.
    pub(crate) fn sort(&self) -> Option<(Sort, &'static str)> {
        TYPES.iter().find(|(kind, ..)| *kind == self.kind).map(|(_, sort, word)| (*sort, *word))
    }

    /// Its handle.
    pub(crate) fn handle(&self, out: &mut impl Stand) -> HandleId {
        let kind = match self.sort() {
            Some((Agent, _)) => HandleKind::Agent,
            Some((Workload, _)) => HandleKind::Workload,
            Some((Identity, _)) => HandleKind::PrincipalName,
            None => HandleKind::Resource,
        };
        out.handle(kind, "", &self.id)
    }

    /// Its handle, with what kind of thing it is and what it is called.
    pub(crate) fn described(&self, out: &mut impl Stand) -> HandleId {
        let handle = self.handle(out);
        if let Some((_, word)) = self.sort() {
            out.described(handle, Detail::Kind, word);
            out.described(handle, Detail::DisplayName, self.name());
        }
        handle
    }
}

/// The type in a path: what follows the last `providers`, without the names. Agents of a project have no resource of
/// their own, and are named as if they had.
fn kind_of(id: &str) -> String {
    let Some((_, behind)) = id.rsplit_once("/providers/") else { return String::new() };
    let mut parts = behind.split('/');
    let mut kind = parts.next().unwrap_or_default().to_owned();
    for part in parts.step_by(2) {
        kind.push('/');
        kind.push_str(part);
    }
    kind
}

/// A service principal by what is known of it.
///
/// Where nobody says in which directory it is, the id of its app alone names it: its object id, under no directory, would
/// be a second service principal of that app, and the app's id then neither's.
pub(crate) fn service_principal(
    out: &mut impl Stand,
    realm: &str,
    object: Option<&str>,
    app: Option<&str>,
) -> Option<HandleId> {
    let object = object.filter(|_| realm != entra_names::TENANT || entra_names::id(app).is_none());
    entra_names::service_principal(out, realm, object, app)
}

/// A role at a scope, as what is granted: `realm` is the role by the id of its definition.
pub(crate) fn role(out: &mut impl Stand, definition: &str, scope: &str) -> HandleId {
    let definition = definition.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_lowercase();
    let scope = scope.trim_end_matches('/').to_lowercase();
    out.handle(HandleKind::Resource, &format!("azure-role:{definition}"), if scope.is_empty() { "/" } else { &scope })
}

/// To whom a role is given, by what the assignment says it is.
///
/// The type is left out by some requests; then it is taken for a service principal. That is wrong for a user or group,
/// whose id then joins nothing.
pub(crate) fn assignee(out: &mut impl Stand, realm: &str, kind: Option<&str>, id: Option<&str>) -> Option<HandleId> {
    let id = entra_names::id(id)?;
    let kind = match kind.unwrap_or_default().to_ascii_lowercase().as_str() {
        "user" => HandleKind::UserId,
        "group" | "foreigngroup" | "directoryroletemplate" => HandleKind::Team,
        _ => HandleKind::PrincipalId,
    };
    Some(out.handle(kind, realm, &id))
}

/// A user of a Dataverse database, which gives users ids of its own. `link` is an address in that database.
pub(crate) fn dataverse_user(out: &mut impl Stand, link: Option<&str>, id: &str) -> HandleId {
    let host = link.and_then(|link| link.split_once("://").map_or(link, |(_, behind)| behind).split('/').next());
    out.handle(
        HandleKind::UserId,
        &format!("dataverse:{}", host.unwrap_or_default().to_lowercase()),
        &id.to_lowercase(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str =
        "/subscriptions/0000/resourceGroups/rg-ai/providers/Microsoft.CognitiveServices/accounts/fdry";

    #[test]
    fn types_and_wholes() {
        let project = Path::of(Some(&format!("{ACCOUNT}/PROJECTS/Claims/"))).expect("a path");
        assert_eq!(project.kind, "microsoft.cognitiveservices/accounts/projects");
        assert_eq!((project.name(), project.subscription()), ("claims", Some("0000")));
        let deployment = Path::of(Some(&format!("{ACCOUNT}/projects/claims/applications/desk/agentDeployments/live")));
        let (application, how) = deployment.expect("a path").whole();
        assert_eq!((application.name(), how), ("desk", Some(Making::Pointed)));
        assert_eq!(application.sort(), Some((Sort::Agent, FOUNDRY_AGENT)));
        let group = Path::of(Some("/subscriptions/0000/resourceGroups/rg-ai")).expect("a path");
        assert_eq!((group.kind.as_str(), group.sort()), ("", None));
        assert_eq!(Path::of(Some("fdry")), None);
    }

    #[test]
    fn assignments_on_a_resource() {
        let path = format!("{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/11aa");
        assert_eq!(Path::of(Some(&path)).expect("a path").kind, "microsoft.authorization/roleassignments");
    }
}
