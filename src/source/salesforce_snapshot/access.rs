//! Users, the access they gave to apps, apps, permission sets.

use crate::base::time::When;
use crate::fact::claim::{Detail, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::Refusal;
use crate::source::salesforce_fields::Fields;
use crate::source::salesforce_names::{self, ORG, User, id};

/// Profiles of users that no human has. Salesforce gives these names itself; an organisation can give others.
const MACHINE_PROFILES: &[&str] = &[
    "Analytics Cloud Integration User",
    "Analytics Cloud Security User",
    "Einstein Agent User",
    "Minimum Access - API Only Integrations",
    "Sales Insights Integration User",
    "Salesforce API Only System Integrations",
];

/// Kinds of users that no human has.
const MACHINE_TYPES: &[&str] = &["AutomatedProcess", "CloudIntegrationUser", "Guest"];

/// The profile of the users that agents run as.
const AGENT_PROFILE: &str = "Einstein Agent User";

/// A user. Whether the account is active is the organisation's word on the account, not on the person.
pub(super) fn user(fields: &Fields<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let user_id = fields.get("Id").ok_or(Refusal::Missing("Id"))?;
    let texts = fields.texts(&["Username", "Name", "Email", "FederationIdentifier"]);
    let text = |at: usize| texts.get(at).map(AsRef::as_ref).filter(|text: &&str| !text.is_empty());
    let profile = fields.get("Profile.Name");
    let machine = profile.as_deref().filter(|profile| MACHINE_PROFILES.contains(profile));
    let kind = fields.get("UserType");
    let machine = machine.or(kind.as_deref().filter(|kind| MACHINE_TYPES.contains(kind)));
    let known = User {
        id: Some(&user_id),
        username: text(0),
        name: text(1),
        // What a machine's mail goes to is a person's, often; it makes the machine none.
        email: text(2).filter(|_| machine.is_none()),
        federation: text(3).filter(|_| machine.is_none()),
    };
    let user = salesforce_names::user(facts, ORG, known).ok_or(Refusal::Unreadable("Id"))?;
    match machine {
        Some(AGENT_PROFILE) => {
            salesforce_names::run_as(facts, ORG, &user_id);
        }
        Some(_) => facts.described(user, Detail::Machine, "integration-user"),
        None => {}
    }
    if let Some(active) = fields.flag("IsActive") {
        facts.described(user, Detail::AccountState, if active { "enabled" } else { "disabled" });
    }
    if let Some(number) = fields.get("EmployeeNumber").filter(|_| machine.is_none()) {
        let number = facts.handle(HandleKind::EmployeeId, ORG, &number);
        facts.tied(user, Tie::Named, number);
    }
    born(fields, user, facts);
    Ok(())
}

/// Whether a user is frozen: an active account that cannot sign in.
pub(super) fn user_login(fields: &Fields<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let user = named_user(fields, "UserId", facts)?;
    if fields.flag("IsFrozen").ok_or(Refusal::Missing("IsFrozen"))? {
        facts.described(user, Detail::AccountState, "disabled");
    }
    Ok(())
}

/// A user's access to an app: the user authorised it, then.
///
/// Wrong where the app was let in for the user by an administrator's setting and never asked: then the first use made the
/// row, in the user's name nevertheless.
pub(super) fn token(fields: &Fields<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let user_id = fields.get("UserId").ok_or(Refusal::Missing("UserId"))?;
    let label = fields.get("AppName");
    let app = fields.get("AppMenuItem.ApplicationId");
    if label.is_none() && app.is_none() {
        return Err(Refusal::Missing("AppName"));
    }
    let username = fields.get("User.Username");
    let known = User { id: Some(&user_id), username: username.as_deref(), ..User::default() };
    let user = salesforce_names::user(facts, ORG, known).ok_or(Refusal::Unreadable("UserId"))?;
    let grant = salesforce_names::grant(facts, ORG, app.as_deref(), label.as_deref(), &user_id);
    let grant = grant.ok_or(Refusal::Unreadable("UserId"))?;
    if let Some(used) = fields.time("LastUsedDate") {
        facts.described(grant, Detail::LastUsed, &used.to_string());
    }
    facts.tied(grant, Tie::IssuedTo, user);
    if fields.get("CreatedDate").is_none() {
        return Err(Refusal::Missing("CreatedDate"));
    }
    let at = fields.time("CreatedDate").ok_or(Refusal::Unreadable("CreatedDate"))?;
    facts.dated(When::at(at));
    facts.made(user, Making::Created, grant);
    Ok(())
}

/// An app that users can let in. Whoever registered or installed it does not own the access that users give it.
pub(super) fn app(fields: &Fields<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let app_id = fields.get("Id").ok_or(Refusal::Missing("Id"))?;
    let name = fields.get("Name");
    let app = salesforce_names::app(facts, ORG, &app_id, name.as_deref()).ok_or(Refusal::Unreadable("Id"))?;
    born(fields, app, facts);
    if let (Ok(by), Some(at)) = (named_user(fields, "CreatedById", facts), fields.time("CreatedDate")) {
        let organisation = facts.handle(HandleKind::Resource, ORG, "organisation");
        facts.dated(When::at(at));
        facts.granted(Some(by), app, organisation);
    }
    Ok(())
}

/// A permission set, by the name that administrators know it by.
pub(super) fn permission_set(fields: &Fields<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let set = set(fields, "Id", facts)?;
    let label = fields.get("Label").or(fields.get("Name"));
    facts.described(set, Detail::DisplayName, &label.unwrap_or_default());
    Ok(())
}

/// Who has a permission set.
pub(super) fn assignment(fields: &Fields<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let user = named_user(fields, "AssigneeId", facts)?;
    let set = set(fields, "PermissionSetId", facts)?;
    facts.described(set, Detail::DisplayName, &fields.get("PermissionSet.Name").unwrap_or_default());
    facts.granted(None, user, set);
    Ok(())
}

/// An app that a permission set lets its users use.
pub(super) fn entity_access(fields: &Fields<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let set = set(fields, "ParentId", facts)?;
    let entity = fields.get("SetupEntityId").ok_or(Refusal::Missing("SetupEntityId"))?;
    let what = match entity.starts_with("0H4") {
        true => salesforce_names::app(facts, ORG, &entity, None),
        false => id(&entity).map(|id| facts.handle(HandleKind::Resource, ORG, id)),
    };
    facts.granted(None, set, what.ok_or(Refusal::Unreadable("SetupEntityId"))?);
    Ok(())
}

fn set(fields: &Fields<'_>, name: &'static str, facts: &mut FactWriter) -> Result<HandleId, Refusal> {
    let set = fields.get(name).ok_or(Refusal::Missing(name))?;
    let set = id(&set).ok_or(Refusal::Unreadable(name))?;
    Ok(facts.handle(HandleKind::Team, ORG, &format!("permission-set/{set}")))
}

/// The user whom a field names by id.
pub(super) fn named_user(fields: &Fields<'_>, name: &'static str, facts: &mut FactWriter) -> Result<HandleId, Refusal> {
    let user = fields.get(name).ok_or(Refusal::Missing(name))?;
    let known = User { id: Some(&user), ..User::default() };
    salesforce_names::user(facts, ORG, known).ok_or(Refusal::Unreadable(name))
}

pub(super) fn born(fields: &Fields<'_>, who: HandleId, facts: &mut FactWriter) {
    if let Some(born) = fields.time("CreatedDate") {
        facts.described(who, Detail::Born, &born.to_string());
    }
}
