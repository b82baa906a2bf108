//! Sign-ins: which user, service principal or agent was given which token, for what, with which credential.
//!
//! References: learn.microsoft.com/graph/api/resources/signin?view=graph-rest-beta and …/agentic-agentsignin. The token's
//! own id (`uniqueTokenIdentifier`) is in what Azure and Microsoft 365 log of its use (`uti`): the surest join there is.
//! `servicePrincipalCredentialKeyId` is the key id of the secret or certificate, as the directory and the audits of its
//! making have it. Sign-ins that failed tell of nobody but who tried.

use super::Stamped;
use super::sign_in::{Agent, SignIn, Way};
use crate::fact::claim::{Becoming, Detail, Outcome, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::entra_names::{self, APPS, DEVICES, FEDERATED, SESSIONS, TOKENS};
use crate::source::{Reading, Refusal};

/// Sign-ins that the organisation's own rules refused: the account or app is switched off, or not for this user. Those
/// that begin with 530 are its conditional access.
const DENIED: &[&str] = &["50057", "50105", "65001", "90094", "7000112"];

fn outcome(sign_in: &SignIn<'_>) -> Result<Outcome, Refusal> {
    Ok(match sign_in.code().ok_or(Refusal::Missing("status.errorCode"))? {
        "0" => Outcome::Succeeded,
        code if DENIED.contains(&code) || code.starts_with("530") => Outcome::Denied,
        _ => Outcome::Failed,
    })
}

/// The name under which Entra writes all of them down.
const ACTION: &str = "entra:Sign-in activity";

/// Writes what a sign-in tells.
pub(super) fn read(
    sign_in: &SignIn<'_>,
    way: Way,
    stamped: Stamped<'_>,
    facts: &mut FactWriter,
) -> Result<Reading, Refusal> {
    let managed = sign_in.managed_identity_type.get().is_some_and(|kind| !kind.eq_ignore_ascii_case("none"));
    let way = if way == Way::Principal && managed { Way::ManagedIdentity } else { way };
    stamped.write("sign-in", facts);
    let outcome = outcome(sign_in)?;
    let actor = circumstances(sign_in, way, stamped.tenant, facts);
    let on = if way.is_user() {
        // The app that signs in for the user: a client that acts for many, or one of the company's own.
        let app = entra_names::app(facts, &entra_names::realm(stamped.tenant), sign_in.app_id.get());
        if let Some(app) = app {
            facts.described(app, Detail::DisplayName, sign_in.app_display_name.get().unwrap_or_default());
            entra_names::registered_in(facts, app, sign_in.app_owner_tenant_id.get());
        }
        app
    } else {
        let resource = entra_names::id(sign_in.resource_id.get());
        let resource = resource.map(|resource| facts.handle(HandleKind::Resource, APPS, &resource));
        if let Some(resource) = resource {
            facts.described(resource, Detail::DisplayName, sign_in.resource_display_name.get().unwrap_or_default());
        }
        resource
    };
    if outcome == Outcome::Succeeded {
        succeeded(sign_in, way, actor, facts);
    }
    facts.did(actor, ACTION, on, outcome);
    Ok(Reading::Claimed)
}

/// The token that was given, and to whom.
fn succeeded(sign_in: &SignIn<'_>, way: Way, actor: Actor, facts: &mut FactWriter) {
    let app = entra_names::id(sign_in.app_id.get());
    if let (Way::Interactive, None, Some(user), Some(app)) = (way, actor.on_behalf_of, actor.principal, &app) {
        let door = facts.handle(HandleKind::SignIn, APPS, app);
        facts.described(door, Detail::DisplayName, sign_in.app_display_name.get().unwrap_or_default());
        facts.became(user, Becoming::SignedIn, door);
    }
    let Some(token) = sign_in.unique_token_identifier.get() else { return };
    let token = facts.handle(HandleKind::Session, TOKENS, token);
    if let Some(session) = entra_names::id(sign_in.session_id.get()) {
        let session = facts.handle(HandleKind::SignIn, SESSIONS, &session);
        facts.tied(token, Tie::PartOf, session);
    }
    if let Some(user) = actor.on_behalf_of {
        // Entra itself wrote the user into the token that it gave the agent. Wrong only about what the user meant by it.
        facts.tied(token, Tie::OnBehalfOf, user);
    }
    let Some(principal) = actor.principal else { return };
    if way.is_user() && actor.on_behalf_of.is_none() {
        // Wrong where the token was stolen, or the record's form leaves out that an agent asked for it.
        facts.tied(token, Tie::IssuedTo, principal);
        return;
    }
    // Who holds the secret is another matter: the credential is what asked.
    facts.tied(token, Tie::RunsAs, principal);
    match entra_names::id(sign_in.federated_credential_id.get()) {
        // The token came for a token of another issuer; the directory says for which subject.
        Some(federated) => {
            let federated = facts.handle(HandleKind::Subject, FEDERATED, &federated);
            facts.became(federated, Becoming::Federated, token);
        }
        None => facts.became(actor.by, Becoming::Renewed, token),
    }
    if let Some((resource, false)) = entra_names::azure_resource(facts, sign_in.associated_resource()) {
        facts.tied(token, Tie::HeldBy, resource);
    }
}

/// Who signed in, from where and with which client: read once for all records that repeat it.
fn circumstances(sign_in: &SignIn<'_>, way: Way, tenant: Option<&str>, facts: &mut FactWriter) -> Actor {
    let agent = sign_in.agent();
    let (device, host) = sign_in.device();
    let way_word = match way {
        Way::Interactive | Way::NonInteractive | Way::Unknown => "user",
        Way::Principal => "principal",
        Way::ManagedIdentity => "managed identity",
    };
    let parts = [
        Some(way_word),
        tenant,
        sign_in.user_id.get(),
        sign_in.user_principal_name.get(),
        sign_in.user_display_name.get(),
        sign_in.user_type.get(),
        sign_in.service_principal_id.get(),
        sign_in.service_principal_name.get(),
        sign_in.app_id.get().filter(|_| !way.is_user() || agent.agent_type.get().is_some()),
        sign_in.app_owner_tenant_id.get().filter(|_| !way.is_user()),
        sign_in.service_principal_credential_key_id.get(),
        sign_in.service_principal_credential_thumbprint.get(),
        sign_in.client_credential_type.get(),
        sign_in.associated_resource(),
        agent.agent_type.get(),
        agent.agent_subject_type.get(),
        agent.agent_subject_parent_id.get(),
        agent.parent_app_id.get(),
        device,
        host,
        sign_in.ip_address.get(),
        sign_in.user_agent.get(),
    ];
    let parts = parts.map(Option::unwrap_or_default);
    let read: Result<Actor, std::convert::Infallible> = facts.circumstances(&parts, |out| {
        let realm = entra_names::realm(tenant);
        let actor = if way.is_user() { user(sign_in, &realm, out) } else { principal(sign_in, way, &realm, out) };
        let actor = actor.unwrap_or_else(|| {
            // A name that was only typed, of whom the directory knows nobody, is no name.
            let by = out.handle(HandleKind::Service, "entra", "unknown");
            Actor { by, principal: None, on_behalf_of: None }
        });
        if let Some(address) = sign_in.ip_address.get().filter(|address| is_address(address)) {
            let address = out.handle(HandleKind::Network, "", address);
            out.came_from(actor.by, address);
        }
        out.described(actor.by, Detail::Software, sign_in.user_agent.get().unwrap_or_default());
        Ok(actor)
    });
    match read {
        Ok(actor) => actor,
        Err(never) => match never {},
    }
}

/// A user, or an agent that acts for one.
fn user(sign_in: &SignIn<'_>, realm: &str, out: &mut impl Stand) -> Option<Actor> {
    let id = sign_in.user_id.get();
    entra_names::id(id)?;
    let user = entra_names::user(out, realm, id, sign_in.user_principal_name.get())?;
    out.described(user, Detail::DisplayName, sign_in.user_display_name.get().unwrap_or_default());
    if sign_in.user_type.get().is_some_and(|kind| kind.eq_ignore_ascii_case("guest")) {
        out.described(user, Detail::UserType, "guest");
    }
    if let (Some(device), host) = sign_in.device()
        && let Some(device) = entra_names::id(Some(device))
    {
        let device = out.handle(HandleKind::Workload, DEVICES, &device);
        out.described(device, Detail::Kind, "device");
        out.described(device, Detail::DisplayName, host.unwrap_or_default());
        // Wrong as the user's own where several sign in on one device: then it is each one's.
        out.tied(user, Tie::DependsOn, device);
    }
    let agent = sign_in.agent();
    let (kind, subject) =
        (entra_names::agent_kind(agent.agent_type.get()), entra_names::agent_kind(agent.agent_subject_type.get()));
    if kind == Some(entra_names::AGENT_USER) || subject == Some(entra_names::AGENT_USER) {
        // The account of an agent, and no human's.
        out.described(user, Detail::Machine, entra_names::AGENT_USER);
        if let Some(parent) = agent.agent_subject_parent_id.get().and_then(|id| entra_names::agent(out, realm, id)) {
            out.tied(parent, Tie::RunsAs, user);
        }
        return Some(Actor { by: user, principal: Some(user), on_behalf_of: None });
    }
    if kind == Some(entra_names::AGENT) {
        let by = match sign_in.service_principal_id.get() {
            Some(id) => entra_names::agent(out, realm, id),
            None => entra_names::service_principal(out, realm, None, sign_in.app_id.get()),
        };
        if let Some(by) = by {
            blueprint(by, agent, realm, out);
            return Some(Actor { by, principal: Some(by), on_behalf_of: Some(user) });
        }
    }
    Some(Actor { by: user, principal: Some(user), on_behalf_of: None })
}

/// A service principal, with the credential it used.
fn principal(sign_in: &SignIn<'_>, way: Way, realm: &str, out: &mut impl Stand) -> Option<Actor> {
    let (id, app) = (sign_in.service_principal_id.get(), sign_in.app_id.get());
    let agent = sign_in.agent();
    let kind = entra_names::agent_kind(agent.agent_type.get());
    let principal = match (kind, id) {
        (Some(entra_names::AGENT), Some(id)) => {
            let by = entra_names::agent(out, realm, id)?;
            // Its app id is its object id; where another stands there, it may be the blueprint's.
            if app.is_some_and(|app| app.eq_ignore_ascii_case(id)) {
                entra_names::service_principal(out, realm, Some(id), app);
            }
            blueprint(by, agent, realm, out);
            by
        }
        _ => {
            let by = entra_names::service_principal(out, realm, id, app)?;
            // Only forms that tell agents from others can say that it is none.
            let plain = match way {
                Way::ManagedIdentity => Some(entra_names::MANAGED_IDENTITY),
                _ => agent.agent_type.get().map(|_| entra_names::APP),
            };
            out.described(by, Detail::Kind, kind.or(plain).unwrap_or_default());
            by
        }
    };
    let name = sign_in.service_principal_name.get().or(sign_in.app_display_name.get());
    out.described(principal, Detail::DisplayName, name.unwrap_or_default());
    if way == Way::Principal {
        entra_names::registered_in(out, principal, sign_in.app_owner_tenant_id.get());
    }
    if let Some((resource, is_identity)) = entra_names::azure_resource(out, sign_in.associated_resource()) {
        match is_identity {
            true => out.tied(principal, Tie::Named, resource),
            false => out.tied(resource, Tie::RunsAs, principal),
        }
    }
    let key = sign_in.service_principal_credential_key_id.get();
    let key = key.or(sign_in.service_principal_credential_thumbprint.get());
    let key = key.and_then(|key| entra_names::key(out, key, sign_in.client_credential_type.get(), principal));
    Some(Actor { by: key.unwrap_or(principal), principal: Some(principal), on_behalf_of: None })
}

/// The blueprint that an agent was made from: by its app's id, else by the object id of its registration.
fn blueprint(made: HandleId, agent: &Agent<'_>, realm: &str, out: &mut impl Stand) {
    let app = agent.parent_app_id.get();
    let parent = match app {
        Some(app) => entra_names::application(out, realm, None, Some(app)),
        None => entra_names::application(out, realm, agent.agent_subject_parent_id.get(), None),
    };
    if let Some(parent) = parent {
        out.described(parent, Detail::Kind, entra_names::BLUEPRINT);
        out.tied(made, Tie::PartOf, parent);
    }
}

/// Whether a text is a network address; managed identities have none, and some records say `<null>`.
pub(super) fn is_address(text: &str) -> bool {
    text.contains(['.', ':']) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:".contains(&byte))
}
