//! People, groups and roles: who belongs where, under whom, and what changes of it.

use super::audits::Event;
use super::changes::value;
use super::effects::{any, user};
use crate::base::time::When;
use crate::fact::claim::{Detail, Granting, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::entra_names;

pub(super) fn group(
    event: Event<'_, '_>,
    id: Option<&str>,
    name: Option<&str>,
    facts: &mut FactWriter,
) -> Option<HandleId> {
    let group = facts.handle(HandleKind::Team, event.realm, &entra_names::id(id)?);
    facts.described(group, Detail::DisplayName, name.unwrap_or_default());
    Some(group)
}

pub(super) fn role(event: Event<'_, '_>, name: &str, facts: &mut FactWriter) -> HandleId {
    facts.handle(HandleKind::Resource, event.realm, &format!("role/{name}"))
}

/// Membership of a group is access, not a place in the organisation: it is told as a grant.
pub(super) fn membership(event: Event<'_, '_>, how: Granting, facts: &mut FactWriter) -> Option<HandleId> {
    let targets = event.audit.targets();
    let member = targets.iter().find(|target| !target.is("Group")).or_else(|| targets.first())?;
    let named = event.told("Group.ObjectID");
    let other = targets.iter().find(|target| target.is("Group") && target.id != member.id);
    let id = named.as_deref().or_else(|| other.and_then(|group| group.id.get()));
    let name = event.told("Group.DisplayName");
    let name = name.as_deref().or_else(|| other.and_then(|group| group.display_name.get()));
    let (member, group) = (any(event, member, facts)?, group(event, id, name, facts)?);
    match how {
        Granting::Given => facts.granted(Some(event.actor.by), member, group),
        Granting::Taken => facts.taken(Some(event.actor.by), member, group),
    }
    Some(member)
}

pub(super) fn promoted(event: Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let targets = event.audit.targets();
    let member = targets.iter().find(|target| !target.is("Role"))?;
    let name = event.now("Role.DisplayName");
    let name = name.as_deref().or_else(|| event.target("Role").and_then(|role| role.display_name.get()))?;
    let (member, role) = (any(event, member, facts)?, role(event, name, facts));
    facts.granted(Some(event.actor.by), member, role);
    Some(member)
}

/// A user's properties, as they were until now and as they are from now on.
pub(super) fn edited(event: Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let target = event.target("User").or_else(|| event.first())?;
    let user = user(event, target, facts)?;
    let (before, now) = (When::seen(event.stamped.at.plus_millis(-1)), When::at(event.stamped.at));
    for change in target.modified_properties.get() {
        let Some(name) = change.display_name.get() else { continue };
        if let Some(old) = value(&change.old_value).filter(|_| name != "AccountEnabled") {
            facts.dated(before);
            property(event, user, name, &old, facts);
        }
        facts.dated(now);
        if let Some(new) = value(&change.new_value) {
            property(event, user, name, &new, facts);
        }
    }
    Some(user)
}

fn property(event: Event<'_, '_>, user: HandleId, name: &str, value: &str, facts: &mut FactWriter) {
    match name {
        "AccountEnabled" => {
            let status = if value.eq_ignore_ascii_case("true") { "active" } else { "unavailable" };
            facts.described(user, Detail::Status, status);
        }
        "Department" => entra_names::member_of(facts, user, Some(value)),
        "DisplayName" => facts.described(user, Detail::DisplayName, value),
        "Mail" => entra_names::address(facts, user, Some(value)),
        "UserPrincipalName" if value.contains('@') => {
            let login = facts.handle(HandleKind::Login, event.realm, &entra_names::lower(value));
            facts.tied(user, Tie::Named, login);
        }
        "EmployeeId" => {
            let number = facts.handle(HandleKind::EmployeeId, event.realm, value);
            facts.tied(user, Tie::Named, number);
        }
        "Manager" => reports_to(event, user, value, facts),
        _ => {}
    }
}

/// A manager as the log writes it: an object id or a name.
fn reports_to(event: Event<'_, '_>, user: HandleId, manager: &str, facts: &mut FactWriter) {
    let (id, name) = if manager.contains('@') { (None, Some(manager)) } else { (Some(manager), None) };
    let id = id.filter(|id| entra_names::is_guid(id));
    if let Some(manager) = entra_names::user(facts, event.realm, id, name) {
        facts.tied(user, Tie::ReportsTo, manager);
    }
}

/// The new manager is another target, or stands in the changes.
pub(super) fn given_manager(event: Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let target = event.target("User").or_else(|| event.first())?;
    let report = user(event, target, facts)?;
    let other = event.audit.targets().iter().find(|other| other.is("User") && other.id != target.id);
    if let Some(manager) = other.and_then(|other| user(event, other, facts)) {
        facts.tied(report, Tie::ReportsTo, manager);
        return Some(report);
    }
    let changes = target.modified_properties.get().iter();
    let named = changes.filter(|change| change.display_name.get().is_some_and(|name| name.starts_with("Manager")));
    for manager in named.filter_map(|change| value(&change.new_value)) {
        reports_to(event, report, &manager, facts);
    }
    Some(report)
}
