//! Copies of the directory's audits: consents, secrets, owners, apps, people.
//!
//! Reference: learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities. `OnBehalfOfAll`, or the
//! type `AllPrincipals`, says that a consent is for the whole tenant; `IsAdminConsent` only that whoever clicked was an
//! administrator. Targets are named several times over, the kind before the id: `ServicePrincipal_ID`, `User_ID`.

use serde::Deserialize;

use super::{Entry, Event, plain};
use crate::fact::claim::{Declaring, Detail, Ending, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::entra_names;
use crate::source::text::Text;

/// The service through which users consent, as an actor of its own.
const CONSENT_SERVICE: &str = "Azure ESTS Service";

/// Writes what an audit does to an app or person, and returns it.
pub(super) fn write(event: &Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    if event.entry.workload.get() != Some("AzureActiveDirectory") {
        return None;
    }
    let on = target(event, facts);
    if !event.succeeded {
        return on;
    }
    match event.operation {
        "Consent to application" => return consent(event, facts).or(on),
        "Add application" => made(event, on, facts),
        // With a consent, the service principal comes by itself: nobody in particular made it.
        "Add service principal" if !through(event.entry, CONSENT_SERVICE) => made(event, on, facts),
        "Update application - Certificates and secrets management" | "Add service principal credentials" => {
            return secrets(event, on, facts).or(on);
        }
        "Add owner to application" | "Add owner to service principal" => {
            return owner(event, Declaring::OwnerField, facts).or(on);
        }
        "Remove owner from application" | "Remove owner from service principal" => {
            return owner(event, Declaring::Withdrawn, facts).or(on);
        }
        "Delete application" | "Remove service principal" => ended(event, on, facts),
        "Delete user" => ended(event, on, facts),
        "Disable account" => status(on, "unavailable", facts),
        "Enable account" => status(on, "active", facts),
        _ => {}
    }
    on
}

/// The thing or person that an audit is about.
fn target(event: &Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (entry, realm) = (event.entry, event.realm);
    if let Some(id) = named(entry, "ServicePrincipal_") {
        let on = entra_names::service_principal(facts, realm, Some(id), app_id(entry).as_deref())?;
        facts.described(on, Detail::DisplayName, entry.now("DisplayName").unwrap_or_default());
        return Some(on);
    }
    if let Some(id) = named(entry, "Application_") {
        let on = entra_names::application(facts, realm, Some(id), app_id(entry).as_deref())?;
        facts.described(on, Detail::DisplayName, entry.now("DisplayName").unwrap_or_default());
        return Some(on);
    }
    if let Some(id) = named(entry, "User_") {
        let name = entry.target.get().iter().find(|party| party.kind.get() == Some("5"))?.id.get();
        return entra_names::user(facts, realm, Some(id), name);
    }
    // A sign-in: the app that was signed in to.
    let app = entry.object_id.get().filter(|id| entra_names::is_guid(id) && event.operation.starts_with("UserLog"));
    app.map(|app| facts.handle(HandleKind::Resource, entra_names::APPS, &app.to_lowercase()))
}

fn named<'e>(entry: &'e Entry<'_>, prefix: &str) -> Option<&'e str> {
    let ids = entry.target.get().iter().filter_map(|party| party.id.get()?.strip_prefix(prefix));
    ids.into_iter().find(|id| entra_names::is_guid(id))
}

/// The details that stand in a property as JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details<'a> {
    #[serde(rename = "AppId", borrow)]
    app: Text<'a>,
}

/// The id of the app, from what was changed or from the details.
fn app_id(entry: &Entry<'_>) -> Option<String> {
    let changed = entry.now("AppId").or_else(|| entry.now("AppPrincipalId")).filter(|id| entra_names::is_guid(id));
    let names = || entry.now("TargetId.ServicePrincipalNames")?.split(';').find(|name| entra_names::is_guid(name));
    let details = || {
        let details: Details<'_> = serde_json::from_str(entry.property("additionalDetails")?).ok()?;
        details.app.get().filter(|id| entra_names::is_guid(id)).map(str::to_owned)
    };
    changed.or_else(names).map(str::to_owned).or_else(details)
}

fn through(entry: &Entry<'_>, service: &str) -> bool {
    entry.actor.get().iter().any(|party| party.id.get() == Some(service))
}

fn made(event: &Event<'_, '_>, on: Option<HandleId>, facts: &mut FactWriter) {
    if let Some(on) = on {
        facts.made(event.actor.by, Making::Created, on);
    }
}

fn ended(event: &Event<'_, '_>, on: Option<HandleId>, facts: &mut FactWriter) {
    if let Some(on) = on {
        facts.ended(on, Ending::Deleted, Some(event.actor.by));
    }
}

fn status(on: Option<HandleId>, status: &str, facts: &mut FactWriter) {
    if let Some(on) = on {
        facts.described(on, Detail::Status, status);
    }
}

/// What an app was allowed for one user, or for everybody.
#[derive(Debug, Default, PartialEq, Eq)]
struct Permission<'p> {
    client: Option<&'p str>,
    user: Option<&'p str>,
    api: Option<&'p str>,
    for_all: bool,
    scopes: Vec<&'p str>,
}

/// A user's own consent is a thing that the user made. One for everybody is allowed by the administrator, who by that owns
/// neither the app nor anybody's use of it.
fn consent(event: &Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (entry, by) = (event.entry, event.actor.by);
    let service_principal = named(entry, "ServicePrincipal_");
    let permissions = entry.change("ConsentAction.Permissions").and_then(|change| change.new_value.get());
    let (before, after) = permissions.map(permissions_of).unwrap_or_default();
    let object = service_principal.or_else(|| after.iter().find_map(|permission| permission.client));
    let app = app_id(entry);
    let app = app.as_deref();
    let client = entra_names::service_principal(facts, event.realm, object, app)?;
    let for_everybody = entry.now("ConsentContext.OnBehalfOfAll").is_some_and(|all| all.eq_ignore_ascii_case("true"));
    let mut on = client;
    if after.is_empty() && !for_everybody {
        // Whoever clicked consented for themselves; what, the record does not have.
        let user = actor_id(entry)?;
        return granted(event, (object, app, client), user, &before, &Permission::default(), facts);
    }
    for permission in &after {
        let to = match permission.user.filter(|_| !permission.for_all && !for_everybody) {
            Some(user) => granted(event, (object, app, client), user, &before, permission, facts)?,
            None => client,
        };
        for scope in &permission.scopes {
            let what = entra_names::permission(facts, event.realm, permission.api, scope);
            facts.granted(Some(by), to, what);
        }
        on = to;
    }
    Some(on)
}

fn actor_id<'e>(entry: &'e Entry<'_>) -> Option<&'e str> {
    let ids = entry.actor.get().iter().filter_map(|party| party.id.get()?.strip_prefix("User_"));
    ids.into_iter().find(|id| entra_names::is_guid(id))
}

/// One user's grant: made by that user, or declared theirs where somebody else consented for them.
fn granted(
    event: &Event<'_, '_>,
    (object, app, client): (Option<&str>, Option<&str>, HandleId),
    user: &str,
    before: &[Permission<'_>],
    permission: &Permission<'_>,
    facts: &mut FactWriter,
) -> Option<HandleId> {
    let grant = entra_names::grant(facts, object, app, user)?;
    facts.tied(grant, Tie::DependsOn, client);
    let holder = entra_names::user(facts, event.realm, Some(user), None)?;
    let known = before.iter().any(|other| other.user == permission.user && other.api == permission.api);
    if event.actor.principal == Some(holder) {
        facts.made(event.actor.by, if known { Making::Updated } else { Making::Created }, grant);
    } else {
        facts.declared(holder, grant, Declaring::OwnerField, Some(event.actor.by));
    }
    Some(grant)
}

/// Reads `[…] => [[Id: …, ClientId: …, PrincipalId: …, ResourceId: …, ConsentType: Principal, Scope: a b, …]]; `: what was
/// allowed before, and what is now.
fn permissions_of(text: &str) -> (Vec<Permission<'_>>, Vec<Permission<'_>>) {
    let (before, after) = text.split_once("=>").unwrap_or(("", text));
    (list(before), list(after))
}

fn list(text: &str) -> Vec<Permission<'_>> {
    let parts = text.split("ClientId:").skip(1).map(|part| {
        let mut permission = Permission { client: part.split(',').next().map(str::trim), ..Permission::default() };
        for field in part.split(',') {
            let Some((name, value)) = field.split_once(':') else { continue };
            let value = value.trim().trim_matches([']', ';', '[']).trim();
            match name.trim() {
                "PrincipalId" => permission.user = Some(value).filter(|id| entra_names::is_guid(id)),
                "ResourceId" => permission.api = Some(value).filter(|id| entra_names::is_guid(id)),
                "ConsentType" => permission.for_all = value == "AllPrincipals",
                "Scope" => permission.scopes = value.split_whitespace().collect(),
                _ => {}
            }
        }
        permission
    });
    parts.collect()
}

/// Secrets and certificates that an app has now and had not before.
fn secrets(event: &Event<'_, '_>, on: Option<HandleId>, facts: &mut FactWriter) -> Option<HandleId> {
    let change = event.entry.change("KeyDescription")?;
    let (old, new) = (change.old_value.get().unwrap_or_default(), change.new_value.get()?);
    let mut last = None;
    for part in new.split("KeyIdentifier=").skip(1) {
        let Some(id) = part.get(..36).filter(|id| entra_names::is_guid(id) && !old.contains(id)) else { continue };
        let kind = part.split_once("KeyType=").and_then(|(_, behind)| behind.split(',').next());
        if let Some(key) = entra_names::key(facts, id, kind, on?) {
            facts.made(event.actor.by, Making::Issued, key);
            last = Some(key);
        }
    }
    last
}

/// A new owner, or one who is no longer: the target is the owner, the app stands in what was changed.
fn owner(event: &Event<'_, '_>, how: Declaring, facts: &mut FactWriter) -> Option<HandleId> {
    let (entry, realm) = (event.entry, event.realm);
    let id = |name| entry.now(name).and_then(plain).or_else(|| entry.before(name).and_then(plain));
    let owned = match id("ServicePrincipal.ObjectID") {
        Some(object) => entra_names::service_principal(facts, realm, Some(object), id("ServicePrincipal.AppId")),
        None => entra_names::application(facts, realm, id("Application.ObjectID"), id("Application.AppId")),
    }?;
    let owner = match named(entry, "User_") {
        Some(user) => entra_names::user(facts, realm, Some(user), None),
        None => entra_names::service_principal(facts, realm, named(entry, "ServicePrincipal_"), None),
    }?;
    facts.declared(owner, owned, how, Some(event.actor.by));
    Some(owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_of_a_consent() {
        let (client, user) = ("33333333-3333-4333-8333-333333333333", "55555555-5555-4555-8555-555555555555");
        let text = format!(
            "[] => [[Id: q1, ClientId: {client}, PrincipalId: {user}, ResourceId: , ConsentType: Principal, Scope:  openid Mail.Read, CreatedDateTime: , LastModifiedDateTime ]]; "
        );
        let (before, after) = permissions_of(&text);
        let expected = Permission {
            client: Some(client),
            user: Some(user),
            api: None,
            for_all: false,
            scopes: vec!["openid", "Mail.Read"],
        };
        assert_eq!((before, after), (Vec::new(), vec![expected]));
    }
}
