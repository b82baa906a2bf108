//! Entra ID's directory: users, groups, apps, service principals, agents, and what apps may do, as the Graph API lists
//! them.
//!
//! References: learn.microsoft.com/graph/api/resources/user (…/group, …/application, …/serviceprincipal,
//! …/oauth2permissiongrant, …/approleassignment, …/federatedidentitycredential), …/agentidentity?view=graph-rest-beta,
//! and learn.microsoft.com/entra/agent-id/agent-owners-sponsors-managers. Relied on: `id` with the keys that only one
//! kind of object has; used where present: the fields that the modules below name.
//!
//! Quirks. A list says neither whose directory it is nor when it was made. A user without `accountEnabled` was asked for
//! without it, and is not disabled. Lists of owners, sponsors and members do not say of what, unless they were expanded,
//! wrapped in an object that says so, or hold a link to their next page; expanded ones end at the twentieth. A sponsor
//! can be a group. An agent identity has no registration and names its blueprint by app id, the registry by object id.
//! `az` and the API write the same fields, PowerShell with capital letters, and those it does not know under
//! `AdditionalProperties`. Tables leave out whatever is nested. Hints and names of secrets are never read, nor titles,
//! telephones, places and private addresses.

mod apps;
mod grants;
mod people;
mod related;

use std::borrow::Cow;

use related::Relation;
use serde::Deserialize;

use super::entra_fields::{Fields, time};
use super::entra_names;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::{Around, Body, Record};
use crate::fact::claim::Detail;
use crate::fact::handle::HandleId;
use crate::fact::writer::{FactWriter, Stand};

/// Reads Entra ID's directory.
pub struct EntraDirectory;

/// The command that lists a collection, one page, with the tenant that the list does not name.
macro_rules! listed {
    ($path:literal, $file:literal) => {
        concat!(
            "az rest --method get --url \"https://graph.microsoft.com/",
            $path,
            "\" | jq --arg t \"$(az account show --query tenantId -o tsv)\" '{tenantId: $t} + .' > ",
            $file
        )
    };
}

static CARD: Card = Card {
    name: "entra_directory",
    title: "Microsoft Entra ID directory",
    tells: "who is there, away or gone, in which team, under which manager; whose apps, agents, secrets and consents there are",
    reference: "https://learn.microsoft.com/graph/api/resources/users",
    recognised_by: "objects with id and userPrincipalName, with id and appId, with clientId and consentType, with \
                    principalId and appRoleId, with issuer and subject; groups; agent identities; their tables",
    exports: &[
        Export {
            form: "users with their managers (each list is one page; the next is behind @odata.nextLink)",
            command: listed!(
                "beta/users?\\$select=id,userPrincipalName,mail,proxyAddresses,displayName,accountEnabled,userType,employeeId,employeeType,employeeLeaveDateTime,department,createdDateTime&\\$expand=manager(\\$select=id,userPrincipalName)&\\$top=999",
                "entra-users.json"
            ),
        },
        Export {
            form: "deleted users, for thirty days",
            command: listed!("v1.0/directory/deletedItems/microsoft.graph.user", "entra-users-deleted.json"),
        },
        Export {
            form: "groups, each with its first twenty members",
            command: listed!("v1.0/groups?\\$expand=members&\\$top=999", "entra-groups.json"),
        },
        Export {
            form: "all members of a group",
            command: "az rest --method get --url \"https://graph.microsoft.com/v1.0/groups/$GROUP/members?\\$top=999\" | jq --arg t \"$(az account show --query tenantId -o tsv)\" --arg g $GROUP '{tenantId: $t, groupId: $g, members: .value}' > entra-members-$GROUP.json",
        },
        Export {
            form: "registered apps and blueprints with their owners",
            command: listed!("v1.0/applications?\\$expand=owners&\\$top=999", "entra-applications.json"),
        },
        Export {
            form: "federated credentials of an app, with the app's object id",
            command: "az rest --method get --url \"https://graph.microsoft.com/v1.0/applications/$OBJECT/federatedIdentityCredentials\" | jq --arg t \"$(az account show --query tenantId -o tsv)\" --arg a $OBJECT '{tenantId: $t, applicationId: $a} + .' > entra-federated-$OBJECT.json",
        },
        Export {
            form: "service principals with their owners",
            command: listed!("v1.0/servicePrincipals?\\$expand=owners&\\$top=999", "entra-service-principals.json"),
        },
        Export {
            form: "agent identities with their sponsors and owners",
            command: listed!(
                "beta/servicePrincipals/microsoft.graph.agentIdentity?\\$expand=sponsors,owners",
                "entra-agents.json"
            ),
        },
        Export {
            form: "consents of users and administrators",
            command: listed!("v1.0/oauth2PermissionGrants?\\$top=999", "entra-grants.json"),
        },
        Export {
            form: "what a service principal may do by itself",
            command: listed!("v1.0/servicePrincipals/$OBJECT/appRoleAssignments", "entra-roles-$OBJECT.json"),
        },
        Export {
            form: "any of these as objects by PowerShell",
            command: "@{tenantId=(Get-MgContext).TenantId; value=@(Get-MgApplication -All -ExpandProperty Owners)} | ConvertTo-Json -Depth 12 > entra-applications.json",
        },
        Export {
            form: "a table (it leaves out whatever is nested)",
            command: "Get-MgUser -All -Property Id,UserPrincipalName,Mail,DisplayName,AccountEnabled,EmployeeId,Department | Export-Csv entra-users.csv",
        },
    ],
};

/// The kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    User,
    Group,
    Application,
    ServicePrincipal,
    /// One user's or everybody's consent to an app.
    Consent,
    RoleAssignment,
    /// What an app trusts, of the app that stands around.
    FederatedCredential,
    AgentInstance,
    /// An element of a list that belongs to the object that stands around.
    Related,
}

/// Tells the kind of an object by its type, else by keys that only one kind has.
fn kind(fields: &Fields<'_>, around: &Around<'_>) -> Option<Kind> {
    let all = |keys: &[&str]| keys.iter().all(|key| fields.has(key));
    let any = |keys: &[&str]| keys.iter().any(|key| fields.has(key));
    let typed = fields.get("@odata.type");
    let typed = typed.as_deref().and_then(|name| name.strip_prefix("#microsoft.graph."));
    if all(&["id"]) && Relation::of(around, fields).is_some() {
        return Some(Kind::Related);
    }
    if let Some(kind) = typed.and_then(of_type).filter(|_| all(&["id"])) {
        return Some(kind);
    }
    let kind = match () {
        () if all(&["clientId", "consentType", "resourceId", "scope"]) => Kind::Consent,
        () if all(&["principalId", "resourceId", "appRoleId"]) => Kind::RoleAssignment,
        () if all(&["issuer", "subject", "audiences"]) => Kind::FederatedCredential,
        () if all(&["id"]) && any(&["originatingStore", "sourceAgentId"]) => Kind::AgentInstance,
        () if all(&["id", "userPrincipalName"]) && any(OF_USERS) && !any(OF_OTHERS) => Kind::User,
        () if all(&["id", "agentIdentityBlueprintId"]) => Kind::ServicePrincipal,
        () if all(&["id", "appId"]) && any(OF_PRINCIPALS) => Kind::ServicePrincipal,
        () if all(&["id", "appId"]) && any(OF_APPLICATIONS) => Kind::Application,
        () if all(&["id", "displayName", "securityEnabled", "mailEnabled"]) => Kind::Group,
        () => return None,
    };
    Some(kind)
}

/// Fields of users; with none of them something else has a user's name.
const OF_USERS: &[&str] = &[
    "displayName",
    "givenName",
    "mail",
    "accountEnabled",
    "userType",
    "employeeId",
    "department",
    "jobTitle",
    "manager",
    "otherMails",
    "onPremisesSamAccountName",
];

/// Fields of what else has an id and a user's name: devices, risks, sign-ins, registrations of methods.
const OF_OTHERS: &[&str] = &["userDisplayName", "deviceName", "riskLevel", "riskState", "isMfaRegistered", "appId"];

const OF_PRINCIPALS: &[&str] = &["servicePrincipalType", "servicePrincipalNames", "appOwnerOrganizationId"];

const OF_APPLICATIONS: &[&str] = &[
    "signInAudience",
    "requiredResourceAccess",
    "publisherDomain",
    "identifierUris",
    "passwordCredentials",
    "keyCredentials",
    "web",
    "owners",
];

fn of_type(name: &str) -> Option<Kind> {
    match name {
        "user" | "agentUser" => Some(Kind::User),
        "group" => Some(Kind::Group),
        "application" | "agentIdentityBlueprint" => Some(Kind::Application),
        "servicePrincipal" | "agentIdentity" | "agentIdentityBlueprintPrincipal" => Some(Kind::ServicePrincipal),
        "oAuth2PermissionGrant" => Some(Kind::Consent),
        "appRoleAssignment" => Some(Kind::RoleAssignment),
        "agentInstance" => Some(Kind::AgentInstance),
        _ => None,
    }
}

impl Source for EntraDirectory {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        if !may_be_ours(&shape.body) {
            return Fit::No;
        }
        let known = Fields::of(&shape.body).and_then(|fields| kind(&fields, &shape.around));
        if known.is_some() { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let fields = Fields::of(&record.body).ok_or(Refusal::Unreadable("the record"))?;
        let kind = kind(&fields, &record.around).ok_or(Refusal::Unreadable("the record"))?;
        // The ids name objects, not these records: a later list shows the same object in another state.
        facts.snapshot(record.taken);
        let tenant = entra_names::tenant_around(&record.around);
        let tenant = tenant.or_else(|| entra_names::tenant_in_link(&fields.get("@odata.id")?));
        facts.account(tenant.as_deref());
        let realm = entra_names::realm(tenant.as_deref());
        let scene = Scene { realm: &realm, taken: record.taken };
        match kind {
            Kind::User => people::user(&fields, scene, facts)?,
            Kind::Group => people::group(&fields, scene, facts)?,
            Kind::Application => apps::application(&fields, scene, facts)?,
            Kind::ServicePrincipal => apps::service_principal(&fields, scene, facts)?,
            Kind::Consent => grants::consent(&fields, scene, facts)?,
            Kind::RoleAssignment => grants::role_assignment(&fields, scene, facts)?,
            Kind::FederatedCredential => return apps::federated_credential(&fields, &record.around, scene, facts),
            Kind::AgentInstance => apps::agent_instance(&fields, scene, facts)?,
            Kind::Related => {
                let relation = Relation::of(&record.around, &fields).ok_or(Refusal::Unreadable("the record"))?;
                return relation.write(&fields, scene, facts);
            }
        }
        Ok(Reading::Claimed)
    }
}

/// Whether a record has a key that every object of ours has one of.
fn may_be_ours(body: &Body<'_>) -> bool {
    const KEYS: [&str; 8] = ["id", "Id", "clientId", "ClientId", "principalId", "PrincipalId", "issuer", "Issuer"];
    match body {
        Body::Json(object) => KEYS.iter().any(|key| object.has(key)),
        Body::Row(row) => KEYS.iter().any(|key| row.has(key)),
        Body::Line(_) | Body::Doc(_) => false,
    }
}

/// What an object alone does not say.
#[derive(Clone, Copy, Debug)]
struct Scene<'s> {
    /// The realm of its tenant.
    realm: &'s str,
    /// When the list was made, where that is known.
    taken: Option<Instant>,
}

impl Scene<'_> {
    /// Whether a time lies behind the making of the list; of a list of unknown time everything may lie before.
    fn is_ahead(&self, at: Instant) -> bool {
        self.taken.is_some_and(|taken| at > taken)
    }
}

/// Reads a nested value; what cannot be read is as if it were absent.
fn parsed<'n, T: Deserialize<'n> + Default>(nested: Option<&'n str>) -> T {
    nested.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Says when an object was made.
fn born(fields: &Fields<'_>, who: HandleId, facts: &mut FactWriter) {
    if let Some(at) = fields.get("createdDateTime").and_then(|text| time(&text)) {
        facts.described(who, Detail::Born, &at.to_string());
    }
}

/// A needed id.
fn needed<'f>(fields: &'f Fields<'_>, name: &'static str) -> Result<Cow<'f, str>, Refusal> {
    fields.get(name).ok_or(Refusal::Missing(name))
}
