//! Users and groups.

use serde::Deserialize;

use super::related::{Party, Role, related};
use super::{Scene, born, needed, parsed};
use crate::base::time::When;
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::Refusal;
use crate::source::entra_fields::{Fields, time};
use crate::source::entra_names;
use crate::source::text::{Part, Text};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Activity<'a> {
    #[serde(borrow, alias = "LastSignInDateTime")]
    last_sign_in_date_time: Text<'a>,
}

/// A user: names, state, team, manager.
pub(super) fn user(fields: &Fields<'_>, scene: Scene<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = needed(fields, "id")?;
    let name = fields.get("userPrincipalName");
    entra_names::id(Some(&id)).ok_or(Refusal::Missing("id"))?;
    let user = entra_names::user(facts, scene.realm, Some(&id), name.as_deref()).ok_or(Refusal::Missing("id"))?;
    entra_names::address(facts, user, fields.get("mail").as_deref());
    aliases(fields, user, facts);
    // A number of this tenant: other systems may count otherwise. Wrong where numbers are given again; then the two
    // accounts follow each other, and are told apart by nothing else.
    if let Some(number) = fields.get("employeeId") {
        let number = facts.handle(HandleKind::EmployeeId, scene.realm, &number);
        facts.tied(user, Tie::Named, number);
    }
    facts.described(user, Detail::DisplayName, &fields.get("displayName").unwrap_or_default());
    entra_names::member_of(facts, user, fields.get("department").as_deref());
    manager(fields, user, scene, facts);
    user_type(fields, user, facts);
    born(fields, user, facts);
    let activity = fields.nested("signInActivity");
    let activity: Activity<'_> = parsed(activity.as_deref());
    if let Some(at) = activity.last_sign_in_date_time.get().and_then(time) {
        facts.described(user, Detail::LastUsed, &at.to_string());
    }
    agent_user(fields, user, scene, facts);
    status(fields, user, scene, facts);
    Ok(())
}

/// Further addresses under which a user is reached in this tenant, told as names in a realm of their own: the address
/// that a person is known by is `mail`. Wrong as ties where one was given to somebody else since.
fn aliases(fields: &Fields<'_>, user: HandleId, facts: &mut FactWriter) {
    let addresses = fields.nested("proxyAddresses");
    let addresses: Vec<Text<'_>> = parsed(addresses.as_deref());
    for address in addresses.iter().filter_map(Text::get) {
        let Some((kind, address)) = address.split_once(':') else { continue };
        let is_main = fields.get("mail").is_some_and(|mail| mail.eq_ignore_ascii_case(address.trim()));
        if kind.eq_ignore_ascii_case("smtp") && address.contains('@') && !is_main {
            let alias = facts.handle(HandleKind::Login, "smtp:", &entra_names::lower(address.trim()));
            facts.tied(user, Tie::Named, alias);
        }
    }
}

/// The manager: as an object where it was asked for, in tables as whatever somebody wrote into the column.
fn manager(fields: &Fields<'_>, user: HandleId, scene: Scene<'_>, facts: &mut FactWriter) {
    let nested = fields.nested("manager");
    let manager: Part<Party<'_>> = parsed(nested.as_deref());
    if let Some(manager) = manager.get() {
        if let Some(manager) = manager.user(scene, facts) {
            facts.tied(user, Tie::ReportsTo, manager);
        }
        return;
    }
    let written = fields.first(&["managerId", "managerUserPrincipalName", "manager"]);
    let Some(written) = written.filter(|written| !written.starts_with(['{', '['])) else { return };
    let manager = match written.trim() {
        id if entra_names::is_guid(id) => entra_names::user(facts, scene.realm, Some(id), None),
        name if name.contains('@') => entra_names::user(facts, scene.realm, None, Some(name)),
        name => Some(facts.handle(HandleKind::DisplayName, "", name)),
    };
    if let Some(manager) = manager {
        facts.tied(user, Tie::ReportsTo, manager);
    }
}

fn user_type(fields: &Fields<'_>, user: HandleId, facts: &mut FactWriter) {
    facts.described(user, Detail::UserType, &fields.get("employeeType").unwrap_or_default());
    if fields.get("userType").is_some_and(|kind| kind.eq_ignore_ascii_case("guest")) {
        facts.described(user, Detail::UserType, "guest");
    }
}

/// The account of an agent, and no human's: the agent acts as it.
fn agent_user(fields: &Fields<'_>, user: HandleId, scene: Scene<'_>, facts: &mut FactWriter) {
    let parent = fields.get("identityParentId");
    let typed = fields.get("@odata.type").is_some_and(|name| name == "#microsoft.graph.agentUser");
    if !typed && parent.is_none() {
        return;
    }
    facts.described(user, Detail::Machine, entra_names::AGENT_USER);
    if let Some(agent) = parent.and_then(|parent| entra_names::agent(facts, scene.realm, &parent)) {
        facts.tied(agent, Tie::RunsAs, user);
    }
}

/// Whether the user is there. A switched-off account says that somebody is away; that they are gone is said by a deletion
/// or by the day of leaving that HR sets. Without `accountEnabled` nothing is said.
///
/// Wrong where the day of leaving was put off and nobody wrote it down, or the account was switched off for a risk.
fn status(fields: &Fields<'_>, user: HandleId, scene: Scene<'_>, facts: &mut FactWriter) {
    let instant = |name| fields.get(name).and_then(|text| time(&text));
    let seen = When::taken(scene.taken);
    let gone = instant("deletedDateTime").or_else(|| instant("employeeLeaveDateTime"));
    if let Some(at) = gone.filter(|at| !scene.is_ahead(*at)) {
        facts.dated(When::at(at));
        facts.described(user, Detail::Status, "left");
        facts.dated(seen);
        return;
    }
    match fields.get("accountEnabled").as_deref() {
        Some(flag) if flag.eq_ignore_ascii_case("true") => facts.described(user, Detail::Status, "active"),
        Some(flag) if flag.eq_ignore_ascii_case("false") => facts.described(user, Detail::Status, "unavailable"),
        _ => {}
    }
}

/// A group: its name, and its members where they were asked for.
pub(super) fn group(fields: &Fields<'_>, scene: Scene<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = needed(fields, "id")?;
    let group = team(scene, &id, fields.get("displayName").as_deref(), facts).ok_or(Refusal::Missing("id"))?;
    related(fields, "members", Role::Member, group, scene, facts);
    Ok(())
}

/// A group by its id.
pub(super) fn team(scene: Scene<'_>, id: &str, name: Option<&str>, facts: &mut FactWriter) -> Option<HandleId> {
    let group = facts.handle(HandleKind::Team, scene.realm, &entra_names::id(Some(id))?);
    facts.described(group, Detail::DisplayName, name.unwrap_or_default());
    Some(group)
}
