//! What an audit does: whom it makes, changes, disables and ends, whose an app is, which credential was issued.
//!
//! Reference: learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities. The target of an owner's or
//! a member's coming or going is the owner or member; the app or group stands in the changes, or is another target. The
//! taking of a role is an act and no more.

use super::audits::{Event, Target};
use super::changes::{federated, keys, value};
use super::consents;
use super::people::{edited, given_manager, group, membership, promoted, role};
use crate::fact::claim::{Declaring, Detail, Ending, Granting, Making, Tie};
use crate::fact::handle::HandleId;
use crate::fact::writer::{FactWriter, Stand};
use crate::source::entra_names::{self, Federated};

/// What an audit does to what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It makes or changes it.
    Makes(Making),
    /// It ends it.
    Ends(Ending),
    /// A person's state is this from then on.
    Sets(&'static str),
    /// The properties of a user are changed.
    Edits,
    /// A user has another manager.
    GivesManager,
    /// Credentials of it are issued or taken away.
    Keys,
    /// It has another owner.
    GivesOwner,
    /// It has an owner no longer.
    TakesOwner,
    /// A user or administrator consents to an app.
    Consents,
    /// An app may do something in users' names.
    Delegates,
    /// An app may no longer.
    Undelegates,
    /// An app may do something by itself.
    Empowers,
    /// A user may use an app.
    Admits,
    /// A user, app or group belongs to a group now.
    Joins,
    /// A user, app or group belongs to a group no longer.
    Leaves,
    /// A user or app has a role in the directory now.
    Promotes,
}

/// The kinds of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thing {
    User,
    Guest,
    Application,
    Principal,
    /// Whatever the target is.
    Any,
}

use Effect::{
    Admits, Consents, Delegates, Edits, Empowers, Ends, GivesManager, GivesOwner, Joins, Keys, Leaves, Makes, Promotes,
    Sets, TakesOwner, Undelegates,
};
use Making::{Created, Updated};

/// Activity, effect, thing; sorted by activity. What is not here is an act and no more.
const EVENTS: &[(&str, Effect, Thing)] = &[
    ("Add app role assignment grant to user", Admits, Thing::User),
    ("Add app role assignment to service principal", Empowers, Thing::Principal),
    ("Add application", Makes(Created), Thing::Application),
    ("Add delegated permission grant", Delegates, Thing::Principal),
    ("Add member to group", Joins, Thing::Any),
    ("Add member to role", Promotes, Thing::Any),
    ("Add owner to application", GivesOwner, Thing::Application),
    ("Add owner to service principal", GivesOwner, Thing::Principal),
    ("Add service principal", Makes(Created), Thing::Principal),
    ("Add service principal credentials", Keys, Thing::Principal),
    ("Add user", Makes(Created), Thing::User),
    ("Consent to application", Consents, Thing::Principal),
    ("Create application - Certificates and secrets management", Keys, Thing::Application),
    ("Delete application", Ends(Ending::Deleted), Thing::Application),
    ("Delete user", Ends(Ending::Deleted), Thing::User),
    ("Disable account", Sets("unavailable"), Thing::User),
    ("Enable account", Sets("active"), Thing::User),
    ("Hard Delete application", Ends(Ending::Deleted), Thing::Application),
    ("Hard Delete service principal", Ends(Ending::Deleted), Thing::Principal),
    ("Hard Delete user", Ends(Ending::Deleted), Thing::User),
    ("Invite external user", Makes(Created), Thing::Guest),
    ("Remove delegated permission grant", Undelegates, Thing::Principal),
    ("Remove member from group", Leaves, Thing::Any),
    ("Remove owner from application", TakesOwner, Thing::Application),
    ("Remove owner from service principal", TakesOwner, Thing::Principal),
    ("Remove service principal", Ends(Ending::Deleted), Thing::Principal),
    ("Remove service principal credentials", Keys, Thing::Principal),
    ("Restore user", Sets("active"), Thing::User),
    ("Set user manager", GivesManager, Thing::User),
    ("Update application", Makes(Updated), Thing::Application),
    ("Update application - Certificates and secrets management", Keys, Thing::Application),
    ("Update service principal", Makes(Updated), Thing::Principal),
    ("Update user", Edits, Thing::User),
];

/// Writes what the audit does, and returns what it was done to.
pub(super) fn write(event: Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let known = EVENTS.binary_search_by(|(name, ..)| (*name).cmp(event.name)).ok().and_then(|at| EVENTS.get(at));
    let Some((_, effect, thing)) = known.filter(|_| event.succeeded) else { return on(event, facts) };
    let by = event.actor.by;
    let done = match *effect {
        Makes(how) => made(event, *thing, how, facts),
        Ends(how) => thing.find(event, facts).inspect(|ended| facts.ended(*ended, how, Some(by))),
        Sets(status) => thing.find(event, facts).inspect(|user| facts.described(*user, Detail::Status, status)),
        Edits => edited(event, facts),
        GivesManager => given_manager(event, facts),
        Keys => rekeyed(event, facts),
        GivesOwner => owner(event, *thing, Declaring::OwnerField, facts),
        TakesOwner => owner(event, *thing, Declaring::Withdrawn, facts),
        Consents => consents::consent(event, facts),
        Delegates => consents::delegate(event, facts),
        Undelegates => consents::undelegate(event, facts),
        Empowers => empowered(event, facts),
        Admits => admitted(event, facts),
        Joins => membership(event, Granting::Given, facts),
        Leaves => membership(event, Granting::Taken, facts),
        Promotes => promoted(event, facts),
    };
    done.or_else(|| on(event, facts))
}

/// What an audit of another kind was done to: its first target.
fn on(event: Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    any(event, event.first()?, facts)
}

impl Thing {
    fn find(self, event: Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
        match self {
            Self::User | Self::Guest => user(event, event.target("User").or_else(|| event.first())?, facts),
            Self::Application => application(event, event.target("Application").or_else(|| event.first())?, facts),
            Self::Principal => principal(event, event.target("ServicePrincipal").or_else(|| event.first())?, facts),
            Self::Any => any(event, event.first()?, facts),
        }
    }
}

/// A target by its type.
pub(super) fn any(event: Event<'_, '_>, target: &Target<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    match target.kind.get()?.to_ascii_lowercase().as_str() {
        "user" => user(event, target, facts),
        "application" => application(event, target, facts),
        "serviceprincipal" => principal(event, target, facts),
        "group" => group(event, target.id.get(), target.display_name.get(), facts),
        "role" => Some(role(event, target.display_name.get()?, facts)),
        _ => None,
    }
}

pub(super) fn user(event: Event<'_, '_>, target: &Target<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let user = entra_names::user(facts, event.realm, target.id.get(), target.user_principal_name.get())?;
    if !event.succeeded {
        return Some(user);
    }
    facts.described(user, Detail::DisplayName, target.display_name.get().unwrap_or_default());
    if entra_names::agent_kind(target.agent_type.get()) == Some(entra_names::AGENT_USER) {
        facts.described(user, Detail::Machine, entra_names::AGENT_USER);
    }
    Some(user)
}

/// A registered app. Audits of an app itself have its app id among their details; those of a permission have the API's.
fn application(event: Event<'_, '_>, target: &Target<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    if !event.succeeded {
        return entra_names::application(facts, event.realm, target.id.get(), None);
    }
    let app = target.change("AppId").and_then(|change| value(&change.new_value));
    let app = app.as_deref().or_else(|| event.audit.detail("AppId"));
    let handle = entra_names::application(facts, event.realm, target.id.get(), app)?;
    let kind = entra_names::agent_kind(target.agent_type.get()).filter(|kind| *kind == entra_names::BLUEPRINT);
    facts.described(handle, Detail::Kind, kind.or(plain_kind(event, target)).unwrap_or_default());
    facts.described(handle, Detail::DisplayName, target.display_name.get().unwrap_or_default());
    Some(handle)
}

/// What a thing is of which the record of its making does not say that it is an agent's: only where the record speaks of
/// agents at all, which older ones and those of the web page do not.
fn plain_kind(event: Event<'_, '_>, target: &Target<'_>) -> Option<&'static str> {
    if !matches!(event.name, "Add application" | "Add service principal") {
        return None;
    }
    if event.audit.by_managed_identity() {
        return Some(entra_names::MANAGED_IDENTITY);
    }
    (event.audit.tells_of_agents() || target.agent_type.get().is_some()).then_some(entra_names::APP)
}

/// A service principal, or the agent's identity that it is.
fn principal(event: Event<'_, '_>, target: &Target<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    if !event.succeeded {
        return entra_names::service_principal(facts, event.realm, target.id.get(), None);
    }
    let kind = entra_names::agent_kind(target.agent_type.get());
    let name = target.display_name.get().unwrap_or_default();
    if let (Some(entra_names::AGENT), Some(id)) = (kind, target.id.get()) {
        let agent = entra_names::agent(facts, event.realm, id)?;
        facts.described(agent, Detail::DisplayName, name);
        // Audits name the blueprint by the object id of its registration.
        if let Some(blueprint) = entra_names::application(facts, event.realm, target.blueprint_id.get(), None) {
            facts.described(blueprint, Detail::Kind, entra_names::BLUEPRINT);
            facts.tied(agent, Tie::PartOf, blueprint);
        }
        return Some(agent);
    }
    let app = target.change("AppPrincipalId").and_then(|change| value(&change.new_value));
    let app = app.or_else(|| {
        let own = event.name.ends_with("service principal") || event.name.ends_with("service principal credentials");
        let names = event.now("TargetId.ServicePrincipalNames").filter(|_| own)?;
        let ids = names.split(';').map(str::trim).find(|name| entra_names::is_guid(name))?;
        Some(ids.to_owned().into())
    });
    let handle = entra_names::service_principal(facts, event.realm, target.id.get(), app.as_deref())?;
    facts.described(handle, Detail::Kind, kind.or(plain_kind(event, target)).unwrap_or_default());
    facts.described(handle, Detail::DisplayName, name);
    Some(handle)
}

/// Something was made or changed. What a consent brought along was made by nobody in particular: the first who consents
/// to a vendor's app does not own its service principal. Wrong where a consent is how an app of the company's own gets
/// its service principal; then the app's registration says who made it.
fn made(event: Event<'_, '_>, thing: Thing, how: Making, facts: &mut FactWriter) -> Option<HandleId> {
    let made = thing.find(event, facts)?;
    if event.audit.by_consent() || (how == Updated && event.audit.by_managed_identity()) {
        return Some(made);
    }
    facts.made(event.actor.by, how, made);
    match thing {
        Thing::User | Thing::Guest => {
            facts.described(made, Detail::Born, &event.stamped.at.to_string());
            if thing == Thing::Guest {
                facts.described(made, Detail::UserType, "guest");
            }
        }
        Thing::Application => {
            let change = event.change("FederatedIdentityCredentials");
            for trust in change.map(|change| federated(&change.new_value)).unwrap_or_default().get() {
                let trust = Federated { id: trust.id.get(), issuer: trust.issuer.get(), subject: trust.subject.get() };
                entra_names::federated(facts, Some(event.actor.by), made, trust);
            }
        }
        Thing::Principal | Thing::Any => {}
    }
    Some(made)
}

/// Credentials are told in full before and after; the difference was issued or taken away. Those that Azure changes by
/// itself are nobody's.
fn rekeyed(event: Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let target = event.first()?;
    let holder = any(event, target, facts)?;
    let by = event.actor.by;
    let Some(change) = target.change("KeyDescription") else {
        if !event.audit.by_managed_identity() {
            facts.made(by, Updated, holder);
        }
        return Some(holder);
    };
    let (before, now) = (keys(&change.old_value), keys(&change.new_value));
    for key in &now {
        let Some(handle) = entra_names::key(facts, &key.id, key.kind.as_deref(), holder) else { continue };
        let is_new = before.iter().all(|other| other.id != key.id);
        if is_new && !event.audit.by_managed_identity() {
            facts.made(by, Making::Issued, handle);
        }
    }
    for key in before.iter().filter(|key| now.iter().all(|other| other.id != key.id)) {
        if let Some(handle) = entra_names::key(facts, &key.id, key.kind.as_deref(), holder) {
            facts.ended(handle, Ending::Revoked, Some(by));
        }
    }
    Some(holder)
}

/// A new owner, or one who is no longer: a user, another app, or a group. The app stands in the changes, else it is
/// another target.
fn owner(event: Event<'_, '_>, thing: Thing, how: Declaring, facts: &mut FactWriter) -> Option<HandleId> {
    let target = event.first()?;
    let owner = any(event, target, facts)?;
    let (object, app, name, kind) = match thing {
        Thing::Application => ("Application.ObjectID", "Application.AppId", "Application.DisplayName", "Application"),
        _ => {
            ("ServicePrincipal.ObjectID", "ServicePrincipal.AppId", "ServicePrincipal.DisplayName", "ServicePrincipal")
        }
    };
    let (object, app) = (event.told(object), event.told(app));
    let owned = match thing {
        Thing::Application => entra_names::application(facts, event.realm, object.as_deref(), app.as_deref()),
        _ => entra_names::service_principal(facts, event.realm, object.as_deref(), app.as_deref()),
    };
    let owned = owned.inspect(|owned| {
        facts.described(*owned, Detail::DisplayName, event.told(name).as_deref().unwrap_or_default());
    });
    let owned = owned.or_else(|| {
        let other = event.audit.targets().iter().skip(1).find(|target| target.is(kind))?;
        any(event, other, facts)
    })?;
    facts.declared(owner, owned, how, Some(event.actor.by));
    Some(owned)
}

/// An app may use an API by itself, for the whole tenant. The API is the target, the app stands in the changes.
fn empowered(event: Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (object, app) = (event.now("ServicePrincipal.ObjectID"), event.now("ServicePrincipal.AppId"));
    let client = entra_names::service_principal(facts, event.realm, object.as_deref(), app.as_deref())?;
    let name = event.now("ServicePrincipal.DisplayName");
    facts.described(client, Detail::DisplayName, name.as_deref().unwrap_or_default());
    let role = event.now("AppRole.Value").or_else(|| event.now("AppRole.Id"))?;
    let what = entra_names::permission(facts, event.realm, event.first()?.id.get(), &role);
    facts.granted(Some(event.actor.by), client, what);
    Some(client)
}

/// A user may use an app.
fn admitted(event: Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let member = match event.target("User") {
        Some(target) => user(event, target, facts)?,
        None => {
            let (object, name) = (event.now("User.ObjectID"), event.now("User.UPN"));
            entra_names::user(facts, event.realm, object.as_deref(), name.as_deref())?
        }
    };
    let app = match event.target("ServicePrincipal") {
        Some(target) => entra_names::service_principal(facts, event.realm, target.id.get(), None)?,
        None => {
            let (object, app) = (event.now("ServicePrincipal.ObjectID"), event.now("ServicePrincipal.AppId"));
            entra_names::service_principal(facts, event.realm, object.as_deref(), app.as_deref())?
        }
    };
    facts.granted(Some(event.actor.by), member, app);
    Some(member)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activities_are_sorted() {
        assert!(EVENTS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
