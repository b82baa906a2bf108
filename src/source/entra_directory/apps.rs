//! Apps, service principals, agents: whose they are, what they hold, what they trust.

use serde::Deserialize;

use super::related::{Role, related};
use super::{Scene, born, needed, parsed};
use crate::base::time::When;
use crate::bundle::record::Around;
use crate::fact::claim::{Declaring, Detail, Ending, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::entra_fields::{Fields, time};
use crate::source::entra_names::{self, Federated};
use crate::source::text::{Parts, Text};
use crate::source::{Reading, Refusal};

/// A secret or certificate, of which the list has ids and times. Its name and the first letters of a secret are not read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Credential<'a> {
    #[serde(borrow, alias = "KeyId")]
    key_id: Text<'a>,
    #[serde(borrow, alias = "StartDateTime")]
    start_date_time: Text<'a>,
    #[serde(borrow, alias = "EndDateTime")]
    end_date_time: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Trust<'a> {
    #[serde(borrow, alias = "Id")]
    id: Text<'a>,
    #[serde(borrow, alias = "Issuer")]
    issuer: Text<'a>,
    #[serde(borrow, alias = "Subject")]
    subject: Text<'a>,
}

impl Trust<'_> {
    fn federated(&self) -> Federated<'_> {
        Federated { id: self.id.get(), issuer: self.issuer.get(), subject: self.subject.get() }
    }
}

/// What the directory calls an object, without the beginning that all have in common.
fn typed<'f>(fields: &'f Fields<'_>) -> Option<std::borrow::Cow<'f, str>> {
    fields.get("@odata.type").filter(|name| name.starts_with("#microsoft.graph."))
}

/// A registered app, or an agent's blueprint.
pub(super) fn application(fields: &Fields<'_>, scene: Scene<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let (id, app) = (needed(fields, "id")?, fields.get("appId"));
    let handle = entra_names::application(facts, scene.realm, Some(&id), app.as_deref());
    let handle = handle.ok_or(Refusal::Missing("id"))?;
    let is_blueprint = typed(fields).is_some_and(|name| name.ends_with(".agentIdentityBlueprint"));
    facts.described(handle, Detail::Kind, if is_blueprint { entra_names::BLUEPRINT } else { entra_names::APP });
    common(fields, handle, handle, scene, facts);
    let trusts = fields.nested("federatedIdentityCredentials");
    let trusts: Parts<Trust<'_>> = parsed(trusts.as_deref());
    for trust in trusts.get() {
        entra_names::federated(facts, None, handle, trust.federated());
    }
    Ok(())
}

/// A service principal: an app's in this tenant, Azure's own for one of its resources, or an agent's identity.
pub(super) fn service_principal(fields: &Fields<'_>, scene: Scene<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = needed(fields, "id")?;
    let (typed, kind) = (typed(fields), fields.get("servicePrincipalType"));
    let is = |name: &str| typed.as_deref().is_some_and(|typed| typed.ends_with(name));
    let is_blueprint = is(".agentIdentityBlueprintPrincipal");
    let blueprint = fields.get("agentIdentityBlueprintId").filter(|_| !is_blueprint);
    let service_identity = kind.as_deref() == Some("ServiceIdentity");
    if !is_blueprint && (is(".agentIdentity") || blueprint.is_some() || service_identity) {
        return agent(&id, blueprint.as_deref(), fields, scene, facts);
    }
    let app = fields.get("appId");
    let handle = entra_names::service_principal(facts, scene.realm, Some(&id), app.as_deref());
    let handle = handle.ok_or(Refusal::Missing("id"))?;
    let managed = kind.as_deref() == Some("ManagedIdentity");
    let word = match () {
        () if managed => entra_names::MANAGED_IDENTITY,
        () if is_blueprint => entra_names::BLUEPRINT,
        () => entra_names::APP,
    };
    facts.described(handle, Detail::Kind, word);
    if managed {
        resource_of(fields, handle, facts);
    } else {
        entra_names::registered_in(facts, handle, fields.get("appOwnerOrganizationId").as_deref());
    }
    let state = match fields.get("accountEnabled").as_deref() {
        Some(flag) if flag.eq_ignore_ascii_case("true") => "enabled",
        Some(flag) if flag.eq_ignore_ascii_case("false") => "disabled",
        _ => "",
    };
    facts.described(handle, Detail::AccountState, state);
    common(fields, handle, handle, scene, facts);
    Ok(())
}

/// An agent's identity: a service principal that was made from a blueprint and has no credentials of its own.
fn agent(
    id: &str,
    blueprint: Option<&str>,
    fields: &Fields<'_>,
    scene: Scene<'_>,
    facts: &mut FactWriter,
) -> Result<(), Refusal> {
    let handle = entra_names::agent(facts, scene.realm, id).ok_or(Refusal::Missing("id"))?;
    let principal = entra_names::service_principal(facts, scene.realm, Some(id), fields.get("appId").as_deref());
    common(fields, handle, principal.unwrap_or(handle), scene, facts);
    let blueprint = blueprint.and_then(|app| entra_names::application(facts, scene.realm, None, Some(app)));
    let Some(blueprint) = blueprint else { return Ok(()) };
    facts.described(blueprint, Detail::Kind, entra_names::BLUEPRINT);
    facts.tied(handle, Tie::PartOf, blueprint);
    // A blueprint that made the agent by itself: then whoever answers for the blueprint answers for the agent. Another
    // app as its maker is the tool of somebody whom the directory does not name, and tells nothing.
    let by = entra_names::application(facts, scene.realm, None, fields.get("createdByAppId").as_deref());
    let at = fields.get("createdDateTime").and_then(|text| time(&text));
    if let (true, Some(at)) = (by == Some(blueprint), at) {
        facts.dated(When::at(at));
        facts.made(blueprint, Making::Created, handle);
        facts.dated(When::taken(scene.taken));
    }
    Ok(())
}

/// What apps, service principals and agents have in common. `holder` is the principal that credentials stand for.
fn common(fields: &Fields<'_>, handle: HandleId, holder: HandleId, scene: Scene<'_>, facts: &mut FactWriter) {
    let name = fields.first(&["displayName", "appDisplayName"]);
    facts.described(handle, Detail::DisplayName, &name.unwrap_or_default());
    born(fields, handle, facts);
    credentials(fields, holder, scene, facts);
    related(fields, "owners", Role::Owner, handle, scene, facts);
    related(fields, "sponsors", Role::Sponsor, handle, scene, facts);
    if let Some(at) = fields.get("deletedDateTime").and_then(|text| time(&text)).filter(|at| !scene.is_ahead(*at)) {
        facts.dated(When::at(at));
        facts.ended(handle, Ending::Deleted, None);
        facts.dated(When::taken(scene.taken));
    }
}

/// Secrets and certificates by their key ids.
fn credentials(fields: &Fields<'_>, holder: HandleId, scene: Scene<'_>, facts: &mut FactWriter) {
    for (name, kind) in [("passwordCredentials", "Password"), ("keyCredentials", "AsymmetricX509Cert")] {
        let nested = fields.nested(name);
        let credentials: Parts<Credential<'_>> = parsed(nested.as_deref());
        for credential in credentials.get() {
            let key = credential.key_id.get();
            let Some(key) = key.and_then(|key| entra_names::key(facts, key, Some(kind), holder)) else { continue };
            if let Some(at) = credential.start_date_time.get().and_then(time) {
                facts.described(key, Detail::Born, &at.to_string());
            }
            // Whether it has run out is known only where the time of the list is.
            if let (Some(end), Some(taken)) = (credential.end_date_time.get().and_then(time), scene.taken) {
                facts.described(key, Detail::CredentialState, if end > taken { "active" } else { "inactive" });
            }
        }
    }
}

/// The Azure resource that a managed identity belongs to, or is.
fn resource_of(fields: &Fields<'_>, handle: HandleId, facts: &mut FactWriter) {
    let names = fields.nested("alternativeNames");
    let names: Vec<Text<'_>> = parsed(names.as_deref());
    for name in names.iter().filter_map(Text::get) {
        match entra_names::azure_resource(facts, Some(name)) {
            Some((resource, true)) => facts.tied(handle, Tie::Named, resource),
            Some((resource, false)) => facts.tied(resource, Tie::RunsAs, handle),
            None => {}
        }
    }
}

/// A federated credential in a list of its own; of which app, stands around it or was put into it.
pub(super) fn federated_credential(
    fields: &Fields<'_>,
    around: &Around<'_>,
    scene: Scene<'_>,
    facts: &mut FactWriter,
) -> Result<Reading, Refusal> {
    let outer = |name: &str| around.outer.and_then(|outer| outer.text(name)).map(std::borrow::Cow::into_owned);
    let own = |name: &str| fields.get(name).map(std::borrow::Cow::into_owned);
    let first = |names: &[&str]| names.iter().find_map(|name| own(name).or_else(|| outer(name)));
    let object = first(&["applicationId", "appObjectId"]).or_else(|| application_in_link(&outer("@odata.context")?));
    let app = first(&["appId"]);
    let app = entra_names::application(facts, scene.realm, object.as_deref(), app.as_deref());
    let app = app.ok_or(Refusal::Missing("applicationId"))?;
    let (id, issuer) = (fields.get("id"), needed(fields, "issuer")?);
    // A credential may instead have an expression that subjects must match: then it names nobody in particular.
    let Some(subject) = fields.get("subject") else { return Ok(Reading::SetAside("an expression for subjects")) };
    let trust = Federated { id: id.as_deref(), issuer: Some(&issuer), subject: Some(&subject) };
    entra_names::federated(facts, None, app, trust);
    Ok(Reading::Claimed)
}

/// `…$metadata#applications('ID')/federatedIdentityCredentials`.
fn application_in_link(link: &str) -> Option<String> {
    let id = link.split_once("applications('")?.1.split('\'').next()?;
    entra_names::is_guid(id).then(|| id.to_owned())
}

/// An agent in the registry: the identity it acts as, and its name in the system that it comes from.
///
/// Its owners are told as users: the registry does not say of what kind they are. Wrong where an app is the owner; then
/// the id is that of no user, and names nobody. Who made it is not read: it can be an app as well.
pub(super) fn agent_instance(fields: &Fields<'_>, scene: Scene<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = needed(fields, "id")?;
    let instance = facts.handle(HandleKind::Agent, "entra-agent-instance:", &entra_names::lower(&id));
    facts.described(instance, Detail::Kind, "agent-instance");
    facts.described(instance, Detail::DisplayName, &fields.get("displayName").unwrap_or_default());
    born(fields, instance, facts);
    if let Some(identity) = fields.get("agentIdentityId") {
        let identity = entra_names::service_principal(facts, scene.realm, Some(&identity), None);
        if let Some(identity) = identity {
            facts.tied(instance, Tie::RunsAs, identity);
        }
    }
    if let (Some(store), Some(source)) = (fields.get("originatingStore"), fields.get("sourceAgentId")) {
        let realm = store.trim().to_lowercase().replace(' ', "-");
        let source = facts.handle(HandleKind::Agent, &realm, &entra_names::lower(&source));
        facts.tied(instance, Tie::Named, source);
    }
    let owners = fields.nested("ownerIds");
    let owners: Vec<Text<'_>> = parsed(owners.as_deref());
    for owner in owners.iter().filter_map(Text::get) {
        if let Some(owner) = entra_names::user(facts, scene.realm, Some(owner), None) {
            facts.declared(owner, instance, Declaring::OwnerField, None);
        }
    }
    Ok(())
}
