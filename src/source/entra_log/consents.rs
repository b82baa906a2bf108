//! Consents: what an app may do in a user's name, or in everybody's.
//!
//! Reference: learn.microsoft.com/entra/identity/enterprise-apps/user-admin-consent-overview. `OnBehalfOfAll`, or the type
//! `AllPrincipals`, says that a consent is for the whole tenant; `IsAdminConsent` only that whoever clicked was an
//! administrator. A consent writes several audits under one correlation id, each with the grant in full.

use std::borrow::Cow;

use super::audits::Event;
use super::changes::{Delegation, delegations, value};
use crate::fact::claim::{Declaring, Detail, Ending, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::entra_names;
use crate::source::text::Text;

/// The app that was consented to.
struct Client {
    /// The object id of its service principal.
    object: Option<String>,
    app: Option<String>,
    name: Option<String>,
    handle: HandleId,
}

/// `Consent to application`.
pub(super) fn consent(event: Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let target = event.target("ServicePrincipal").or_else(|| event.first())?;
    let (object, app) = (target.id.get(), event.audit.detail("AppId"));
    let handle = entra_names::service_principal(facts, event.realm, object, app)?;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let client = Client { object: owned(object), app: owned(app), name: owned(target.display_name.get()), handle };
    facts.described(handle, Detail::DisplayName, client.name.as_deref().unwrap_or_default());
    let permissions = event.change("ConsentAction.Permissions").and_then(|change| value(&change.new_value));
    let (before, after) = permissions.as_deref().map(delegations).unwrap_or_default();
    if after.is_empty() {
        return Some(without_permissions(event, &client, facts));
    }
    let mut on = None;
    for delegation in &after {
        let known = before.iter().find(|other| other.user == delegation.user && other.api == delegation.api);
        on = delegated(event, &client, delegation, known, facts).or(on);
    }
    on.or(Some(handle))
}

/// A consent whose permissions the record does not have: for the whole tenant, or for whoever consented.
fn without_permissions(event: Event<'_, '_>, client: &Client, facts: &mut FactWriter) -> HandleId {
    let says = |name| event.now(name).map(|value| value.eq_ignore_ascii_case("true"));
    match (says("ConsentContext.OnBehalfOfAll"), event.audit.initiator()) {
        (Some(true), _) => {
            let tenant = event.realm.strip_prefix(entra_names::TENANT).unwrap_or_default();
            let tenant = facts.handle(HandleKind::Account, "", tenant);
            facts.granted(Some(event.actor.by), client.handle, tenant);
        }
        // Only an administrator can consent for somebody else, and then not on this way.
        (Some(false), Some(user)) => {
            if let Some(grant) = grant(client, &user, facts) {
                facts.made(event.actor.by, Making::Created, grant);
                return grant;
            }
        }
        _ => {}
    }
    client.handle
}

/// What one user, or everybody, lets the app do. `known` is what was allowed before.
///
/// A user's own consent is a thing that the user made. One for everybody is allowed by the administrator, who by that
/// owns neither the app nor anybody's use of it.
fn delegated(
    event: Event<'_, '_>,
    client: &Client,
    delegation: &Delegation,
    known: Option<&Delegation>,
    facts: &mut FactWriter,
) -> Option<HandleId> {
    let by = event.actor.by;
    let is_new = |scope: &&String| known.is_none_or(|known| !known.scopes.contains(scope));
    let scopes: Vec<&String> = delegation.scopes.iter().filter(is_new).collect();
    if known.is_some() && scopes.is_empty() {
        return None; // the record repeats what was allowed before, to this user and to others
    }
    let grant = match &delegation.user {
        Some(user) => Some(grant(client, user, facts)?),
        None => None,
    };
    for scope in scopes {
        let what = entra_names::permission(facts, event.realm, delegation.api.as_deref(), scope);
        facts.granted(Some(by), grant.unwrap_or(client.handle), what);
    }
    let (grant, user) = (grant?, entra_names::id(delegation.user.as_deref())?);
    if event.audit.initiator().as_deref() == Some(user.as_ref()) {
        facts.made(by, if known.is_none() { Making::Created } else { Making::Updated }, grant);
    }
    // Whose it is stands in the record, whoever consented: an administrator may for one user, and it is the user's own.
    let user = entra_names::user(facts, event.realm, Some(&user), None)?;
    facts.declared(user, grant, Declaring::OwnerField, Some(by));
    Some(grant)
}

/// One user's grant to an app, which it depends on.
fn grant(client: &Client, user: &str, facts: &mut FactWriter) -> Option<HandleId> {
    let grant = entra_names::grant(facts, client.object.as_deref(), client.app.as_deref(), user)?;
    facts.described(grant, Detail::DisplayName, client.name.as_deref().unwrap_or_default());
    facts.tied(grant, Tie::DependsOn, client.handle);
    Some(grant)
}

/// `Add delegated permission grant`, which comes with a consent, or by itself where an administrator or a script writes
/// it. The API is the target, the app stands in the changes or is another target; whose grant it is mostly is not said.
pub(super) fn delegate(event: Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (client, delegation, before) = delegation(event, facts)?;
    let known = Delegation { scopes: before, ..delegation.clone() };
    let known = (!known.scopes.is_empty()).then_some(&known);
    delegated(event, &client, &delegation, known, facts).or(Some(client.handle))
}

/// `Remove delegated permission grant`: it ends one user's grant where nothing of it is left.
pub(super) fn undelegate(event: Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (client, delegation, _) = delegation(event, facts)?;
    let user = delegation.user.filter(|_| delegation.scopes.is_empty());
    let grant = user.and_then(|user| grant(&client, &user, facts));
    if let Some(grant) = grant {
        facts.ended(grant, Ending::Revoked, Some(event.actor.by));
    }
    grant.or(Some(client.handle))
}

/// The app, what it may do now, and the scopes it had before.
fn delegation(event: Event<'_, '_>, facts: &mut FactWriter) -> Option<(Client, Delegation, Vec<String>)> {
    let api = event.first().filter(|target| target.is("ServicePrincipal")).and_then(|target| target.id.get());
    let mut others = event.audit.targets().iter().skip(1).filter(|target| target.is("ServicePrincipal"));
    let named = event.now("ServicePrincipal.ObjectID");
    let other = others.next();
    let object = named.or_else(|| other.and_then(|other| entra_names::id(other.id.get())));
    let app = event.now("ServicePrincipal.AppId");
    let handle = entra_names::service_principal(facts, event.realm, object.as_deref(), app.as_deref())?;
    let words = |text: Option<&Text<'_>>| -> Vec<String> {
        text.and_then(value).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    };
    let scope = event.change("DelegatedPermissionGrant.Scope");
    let (before, scopes) = (words(scope.map(|scope| &scope.old_value)), words(scope.map(|scope| &scope.new_value)));
    let kind = event.change("DelegatedPermissionGrant.ConsentType");
    let kind = kind.and_then(|kind| value(&kind.new_value).or_else(|| value(&kind.old_value)));
    let user = match kind.as_deref() {
        Some("Principal") => Some(whose(event)?),
        _ => None,
    };
    let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
    let client = Client {
        object: owned(object),
        app: owned(app),
        name: owned(event.now("ServicePrincipal.DisplayName")),
        handle,
    };
    Some((client, Delegation { user, api: api.map(str::to_owned), scopes }, before))
}

/// Whose grant it is: the user that the record names, else whoever consented.
fn whose(event: Event<'_, '_>) -> Option<String> {
    let named = event.change("DelegatedPermissionGrant.PrincipalId");
    let named = named.and_then(|change| value(&change.new_value).or_else(|| value(&change.old_value)));
    let named = named.or_else(|| entra_names::id(event.target("User")?.id.get()));
    let named = named.or_else(|| event.audit.initiator().filter(|_| event.audit.by_consent()));
    named.map(Cow::into_owned)
}
