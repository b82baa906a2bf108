//! Google Cloud as it stands: policies, projects, service accounts, keys, assets, and the agents of Vertex AI.
//!
//! References: cloud.google.com/asset-inventory/docs/reference/rest/v1/TopLevel/searchAllIamPolicies (and
//! …/searchAllResources, …/assets/list), cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts (and
//! ….keys), cloud.google.com/resource-manager/reference/rest/v1/projects,
//! cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.reasoningEngines. Relied on: `name`, or
//! `resource` with `policy`, or `projectId` with `projectNumber`; used where present: `email`, `uniqueId`,
//! `displayName`, `disabled`, `keyType`, `validAfterTime`, `createTime`, `updateTime`, `spec`, `labels`, `bindings`.
//!
//! Quirks. No list says when it was made, nor who made what it lists. A policy of one project does not say of which
//! project. Of the keys of a service account those that Google holds itself are changed every few days and are no
//! sign of anybody. Members of groups are not in any of these lists. An engine without a service account of its own
//! runs as one that all engines of the project share. Values of environment variables are never read.

use serde::Deserialize;

use super::aws_tags::{Tags, tagged};
use super::gcp_names::{
    self, agent_name, is_number, key_id, principal, service_account, service_account_named, up_to_id,
};
use super::text::{Part, Parts, Text};
use super::texts::{Exact, Texts};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, parsed};
use crate::base::time::Instant;
use crate::bundle::record::{Around, Object, Record};
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};

/// Reads lists of Google Cloud.
pub struct GcpSnapshot;

static CARD: Card = Card {
    name: "gcp_snapshot",
    title: "Google Cloud policies, service accounts and agents",
    tells: "which service accounts, keys and agents there are, what agents run as, who may use what",
    reference: "https://cloud.google.com/asset-inventory/docs/reference/rest",
    recognised_by: "objects named projects/…/serviceAccounts/… or projects/…/reasoningEngines/…, assets, policies with bindings, projects with projectNumber",
    exports: &[
        Export {
            form: "policies of an organisation",
            command: "gcloud asset search-all-iam-policies --scope=organizations/ORG --format=json > gcp-iam-policies.json",
        },
        Export {
            form: "the policy of a project",
            command: "gcloud projects get-iam-policy PROJECT --format=json > gcp-iam-policy-PROJECT.json",
        },
        Export { form: "projects", command: "gcloud projects list --format=json > gcp-projects.json" },
        Export {
            form: "service accounts",
            command: "gcloud iam service-accounts list --project=PROJECT --format=json > gcp-service-accounts.json",
        },
        Export {
            form: "keys of a service account",
            command: "gcloud iam service-accounts keys list --iam-account=ACCOUNT --managed-by=user --format=json > gcp-keys.json",
        },
        Export {
            form: "agents and service accounts from the asset inventory",
            command: "gcloud asset search-all-resources --scope=organizations/ORG --asset-types=aiplatform.googleapis.com/ReasoningEngine,iam.googleapis.com/ServiceAccount --format=json > gcp-assets.json",
        },
        Export {
            form: "agent engines of Vertex AI",
            command: "curl -H \"Authorization: Bearer $(gcloud auth print-access-token)\" https://LOCATION-aiplatform.googleapis.com/v1beta1/projects/PROJECT/locations/LOCATION/reasoningEngines > vertex-engines.json",
        },
    ],
};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A policy with the resource it is on.
    Policy,
    /// One binding of a policy whose resource is not told.
    Binding,
    Project,
    ServiceAccount,
    Key,
    Asset,
    Agent,
    Endpoint,
    /// What says whose tokens a pool trusts.
    Provider,
}

/// Tells the kind of a record by its keys and the form of its name.
fn kind(object: &Object<'_>, around: &Around<'_>) -> Option<Kind> {
    let raw = |key: &str| object.raw(key).unwrap_or_default();
    let any = |keys: &[&str]| keys.iter().any(|key| object.has(key));
    let (name, on) = (raw("name").trim_start_matches('"'), raw("resource"));
    if name.is_empty() {
        return match () {
            () if on.starts_with("\"//") && object.has("policy") => Some(Kind::Policy),
            () if around.list == Some("bindings") && object.has("role") && object.has("members") => Some(Kind::Binding),
            () if object.has("projectId") && object.has("projectNumber") => Some(Kind::Project),
            () => None,
        };
    }
    let in_project = name.starts_with("projects/");
    let known = any(&["displayName", "createTime", "spec", "updateTime"]);
    match () {
        () if object.has("projectId") && object.has("projectNumber") => Some(Kind::Project),
        () if name.starts_with("//") && object.has("assetType") => Some(Kind::Asset),
        () if !in_project => None,
        () if name.contains("/serviceAccounts/") && name.contains("/keys/") => {
            any(&["keyType", "keyAlgorithm", "validAfterTime"]).then_some(Kind::Key)
        }
        () if name.contains("/serviceAccounts/") => any(&["uniqueId", "email"]).then_some(Kind::ServiceAccount),
        () if name.contains("/workloadIdentityPools/") => any(&["attributeMapping", "state"]).then_some(Kind::Provider),
        () if name.contains("/endpoints/") && known => Some(Kind::Endpoint),
        () if agent_name(name.trim_end_matches('"')).is_some() && known => Some(Kind::Agent),
        () => None,
    }
}

/// The fields of all kinds of records that are used.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Entry<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    display_name: Text<'a>,
    #[serde(borrow)]
    create_time: Text<'a>,
    #[serde(borrow)]
    update_time: Text<'a>,
    #[serde(borrow)]
    labels: Part<Tags<'a>>,
    #[serde(borrow)]
    email: Text<'a>,
    #[serde(borrow)]
    unique_id: Exact<'a>,
    #[serde(borrow)]
    project_id: Text<'a>,
    #[serde(borrow)]
    project_number: Text<'a>,
    #[serde(borrow)]
    disabled: Text<'a>,
    #[serde(borrow)]
    key_type: Text<'a>,
    #[serde(borrow)]
    valid_after_time: Text<'a>,
    #[serde(borrow)]
    spec: Part<Spec<'a>>,
    #[serde(borrow)]
    policy: Part<Policy<'a>>,
    #[serde(borrow)]
    iam_policy: Part<Policy<'a>>,
    #[serde(borrow)]
    role: Text<'a>,
    #[serde(borrow)]
    members: Texts<'a>,
    #[serde(borrow)]
    asset_type: Text<'a>,
    #[serde(borrow)]
    state: Text<'a>,
    #[serde(borrow)]
    additional_attributes: Part<Additional<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Additional<'a> {
    #[serde(borrow)]
    email: Text<'a>,
}

/// What an engine runs as and is given.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec<'a> {
    #[serde(borrow)]
    service_account: Text<'a>,
    #[serde(borrow)]
    effective_identity: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Policy<'a> {
    #[serde(borrow)]
    bindings: Parts<Binding<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Binding<'a> {
    #[serde(borrow)]
    role: Text<'a>,
    #[serde(borrow)]
    members: Texts<'a>,
}

/// The resource of a policy, or what an asset is in full: `resource` is a name in the one and an object in the other.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OnText<'a> {
    #[serde(borrow)]
    resource: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OnObject<'a> {
    #[serde(borrow)]
    resource: Part<Data<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Data<'a> {
    #[serde(borrow)]
    data: Part<Entry<'a>>,
}

impl Source for GcpSnapshot {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let known = shape.body.json().and_then(|object| kind(&object, &shape.around));
        if known.is_some() { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let kind = kind(&object, &record.around).ok_or(Refusal::Unreadable("the record"))?;
        let entry: Entry<'_> = parsed(&object)?;
        // What a record shows was so when it was last updated, whenever it was exported since.
        let updated = entry.update_time.get().and_then(Instant::parse);
        facts.snapshot(record.taken.or(updated));
        let project = entry.name.get().and_then(|name| name.split_once("projects/")?.1.split('/').next());
        facts.account(entry.project_id.get().or(project).filter(|project| *project != "-"));
        match kind {
            Kind::Policy => {
                let on: OnText<'_> = parsed(&object)?;
                let on = on.resource.get().ok_or(Refusal::Missing("resource"))?;
                policy(entry.policy.get(), on, facts);
            }
            Kind::Binding => {
                let role = entry.role.get().ok_or(Refusal::Missing("role"))?;
                bound(role, &entry.members, None, facts);
            }
            Kind::Project => project_of(&entry, facts)?,
            Kind::ServiceAccount => {
                account(&entry, facts).ok_or(Refusal::Missing("email"))?;
            }
            Kind::Key => return key(&entry, facts),
            Kind::Asset => return asset(&object, &entry, facts),
            Kind::Agent => {
                agent(&entry, facts).ok_or(Refusal::Unreadable("name"))?;
            }
            Kind::Endpoint => {
                endpoint(&entry, facts).ok_or(Refusal::Unreadable("name"))?;
            }
            Kind::Provider => return Ok(Reading::SetAside("a workload identity pool or its provider")),
        }
        Ok(Reading::Claimed)
    }
}

fn policy(policy: Option<&Policy<'_>>, on: &str, facts: &mut FactWriter) {
    for binding in policy.map(|policy| policy.bindings.get()).unwrap_or_default() {
        if let Some(role) = binding.role.get() {
            bound(role, &binding.members, Some(on), facts);
        }
    }
}

/// Who has a role. A member that names nobody in particular (everybody, a domain) is left out.
fn bound(role: &str, members: &Texts<'_>, on: Option<&str>, facts: &mut FactWriter) {
    let what = gcp_names::role_on(facts, role, on);
    for member in members.iter() {
        if let Some((to, _)) = principal(facts, member) {
            facts.granted(None, to, what);
        }
    }
}

/// A project under its number and its id. Google gives neither again, the id not even after the project is deleted.
fn project_of(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = entry.project_id.get().ok_or(Refusal::Missing("projectId"))?;
    let id = facts.handle(HandleKind::Account, "", id);
    if let Some(number) = entry.project_number.get().filter(|number| is_number(number)) {
        let number = facts.handle(HandleKind::Account, "", number);
        facts.tied(number, Tie::Named, id);
    }
    facts.described(id, Detail::Kind, "project");
    facts.described(id, Detail::DisplayName, entry.name.get().filter(|name| !name.contains('/')).unwrap_or_default());
    born(id, &entry.create_time, facts);
    if let Some(labels) = entry.labels.get() {
        tagged(facts, id, labels, None);
    }
    Ok(())
}

fn born(who: HandleId, time: &Text<'_>, facts: &mut FactWriter) {
    if let Some(born) = time.get().and_then(Instant::parse) {
        facts.described(who, Detail::Born, &born.to_string());
    }
}

/// A service account by its unique id, with the address it has now.
///
/// Wrong for acts before the snapshot where the address was another account's then; the unique id tells them apart.
fn account(entry: &Entry<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let named = entry.name.get().and_then(|name| name.rsplit_once("/serviceAccounts/")).map(|(_, name)| name);
    let email = entry.email.get().or(named.filter(|name| name.contains('@')));
    let account = service_account(facts, email, entry.unique_id.get())?;
    facts.described(account, Detail::DisplayName, entry.display_name.get().unwrap_or_default());
    state(account, entry, facts);
    Some(account)
}

fn state(who: HandleId, entry: &Entry<'_>, facts: &mut FactWriter) {
    let disabled = entry.disabled.get() == Some("true");
    facts.described(who, Detail::CredentialState, if disabled { "inactive" } else { "active" });
}

/// A key of a service account: its id, which is in the key's own file, too.
fn key(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    if entry.key_type.get() == Some("SYSTEM_MANAGED") {
        return Ok(Reading::SetAside("a key that Google holds itself"));
    }
    let name = entry.name.get().ok_or(Refusal::Missing("name"))?;
    let id = key_id(name).ok_or(Refusal::Unreadable("name"))?;
    let key = facts.handle(HandleKind::Key, "", id);
    facts.described(key, Detail::Kind, "service-account-key");
    if let Some(account) = service_account_named(facts, name) {
        facts.tied(key, Tie::RunsAs, account);
    }
    born(key, &entry.valid_after_time, facts);
    state(key, entry, facts);
    Ok(Reading::Claimed)
}

/// An agent: its name, what it runs as, its labels. Who made it is in no list.
///
/// `effectiveIdentity` is the service account it runs as if it was given none: one that other engines share.
fn agent(entry: &Entry<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (name, kind) = agent_name(entry.name.get()?)?;
    let agent = gcp_names::agent(facts, name, kind);
    facts.described(agent, Detail::DisplayName, entry.display_name.get().unwrap_or_default());
    born(agent, &entry.create_time, facts);
    let spec = entry.spec.get();
    let given = spec.and_then(|spec| spec.service_account.get());
    let effective = spec.and_then(|spec| spec.effective_identity.get());
    let email = given.or(effective.map(|name| name.trim_start_matches("serviceAccount:")));
    if let Some(email) = email.filter(|email| gcp_names::is_service_account(email))
        && let Some(account) = service_account(facts, Some(email), None)
    {
        facts.tied(agent, Tie::RunsAs, account);
    }
    if let Some(labels) = entry.labels.get() {
        tagged(facts, agent, labels, None);
    }
    Some(agent)
}

fn endpoint(entry: &Entry<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let name = up_to_id(entry.name.get()?, "/endpoints/")?;
    let endpoint = facts.handle(HandleKind::Workload, "", name);
    facts.described(endpoint, Detail::Kind, "endpoint");
    facts.described(endpoint, Detail::DisplayName, entry.display_name.get().unwrap_or_default());
    born(endpoint, &entry.create_time, facts);
    if let Some(labels) = entry.labels.get() {
        tagged(facts, endpoint, labels, None);
    }
    Some(endpoint)
}

/// An asset: in short as a search finds it, or in full with `resource.data` or `iamPolicy` as a list or export has it.
fn asset(object: &Object<'_>, entry: &Entry<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let name = entry.name.get().ok_or(Refusal::Missing("name"))?;
    if entry.iam_policy.get().is_some() {
        policy(entry.iam_policy.get(), name, facts);
        return Ok(Reading::Claimed);
    }
    let full: OnObject<'_> = parsed(object)?;
    let data = full.resource.into_inner().and_then(|resource| resource.data.into_inner());
    let inside = data.as_ref();
    let claimed = match entry.asset_type.get().unwrap_or_default() {
        "aiplatform.googleapis.com/ReasoningEngine" => {
            let agent = agent(entry, facts);
            inside.and_then(|data| self::agent(data, facts)).or(agent).is_some()
        }
        "aiplatform.googleapis.com/Endpoint" => {
            let endpoint = endpoint(entry, facts);
            inside.and_then(|data| self::endpoint(data, facts)).or(endpoint).is_some()
        }
        "dialogflow.googleapis.com/Agent" | "discoveryengine.googleapis.com/Engine" => {
            let agent = agent(entry, facts);
            inside.and_then(|data| self::agent(data, facts)).or(agent).is_some()
        }
        "iam.googleapis.com/ServiceAccount" => match inside {
            Some(data) => account(data, facts).is_some(),
            None => searched_account(name, entry, facts).is_some(),
        },
        "iam.googleapis.com/ServiceAccountKey" => return key(inside.unwrap_or(entry), facts),
        "cloudresourcemanager.googleapis.com/Project" if inside.is_some() => {
            return inside.map_or(Ok(()), |data| project_of(data, facts)).map(|()| Reading::Claimed);
        }
        _ => return Ok(Reading::SetAside("an asset of another kind")),
    };
    if claimed { Ok(Reading::Claimed) } else { Err(Refusal::Unreadable("name")) }
}

/// A service account as a search finds it: the unique id is in its name, the address beside it.
fn searched_account(name: &str, entry: &Entry<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let id = name.rsplit_once("/serviceAccounts/").map(|(_, id)| id).filter(|id| is_number(id));
    let (address, own) = (|email: &&str| gcp_names::is_service_account(email), entry.display_name.get());
    let email = entry.additional_attributes.get().and_then(|more| more.email.get()).or(own.filter(address));
    let account = match id {
        Some(id) => service_account(facts, email, Some(id))?,
        None => service_account_named(facts, name)?,
    };
    facts.described(account, Detail::DisplayName, own.filter(|own| !address(own)).unwrap_or_default());
    let state = match entry.state.get() {
        Some("ENABLED") => "active",
        Some("DISABLED") => "inactive",
        _ => "",
    };
    facts.described(account, Detail::CredentialState, state);
    Some(account)
}
