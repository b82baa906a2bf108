//! Identity Center: its users in events of the directory, and what a user asked of the access portal.
//!
//! References: docs.aws.amazon.com/singlesignon/latest/userguide/sso-info-in-cloudtrail.html and the API model of
//! identitystore. The directory is filled by another one (by SCIM), or stands alone; so a user who is disabled or deleted
//! here lost access, and that says less of the person than their own directory does. Names and addresses are mostly
//! masked. Memberships of groups are access, not teams: they are acts.

use serde::Deserialize;

use super::identity::{IDENTITY_CENTER, UserIdentity, identity_center_user, store_of};
use super::{Event, part};
use crate::fact::claim::{Detail, Ending, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::text::Text;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Fields<'a> {
    #[serde(borrow)]
    identity_store_id: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    user_name: Text<'a>,
}

/// `serviceEventDetails` of the access portal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked<'a> {
    #[serde(borrow)]
    role_name: Text<'a>,
    #[serde(borrow)]
    account_id: Text<'a>,
}

/// What a token exchange says of the user whose token it was; a sign-in, of the name that was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Additional<'a> {
    #[serde(rename = "identitystore:UserId", borrow)]
    user_id: Text<'a>,
    #[serde(rename = "identitystore:IdentityStoreArn", borrow)]
    store_arn: Text<'a>,
    #[serde(rename = "userName", borrow)]
    user_name: Text<'a>,
}

/// Writes what an event says of a user, and returns what it was on; `None` for events of another kind.
pub(super) fn write(event: &Event<'_>, succeeded: bool, facts: &mut FactWriter) -> Option<HandleId> {
    match (event.service, event.name) {
        (
            "identitystore" | "sso-directory",
            "CreateUser" | "UpdateUser" | "EnableUser" | "DisableUser" | "DeleteUser",
        ) => user(event, succeeded, facts),
        ("signin" | "sso", "CredentialChallenge" | "CredentialVerification" | "UserAuthentication") => {
            if succeeded {
                signed_in(event, facts);
            }
            None
        }
        ("sso" | "signin", _) => asked(event, facts),
        _ => None,
    }
}

fn user(event: &Event<'_>, succeeded: bool, facts: &mut FactWriter) -> Option<HandleId> {
    let (request, response) = (part::<Fields<'_>>(event.entry.request), part::<Fields<'_>>(event.entry.response));
    let store = request.identity_store_id.get().or(response.identity_store_id.get()).unwrap_or_default();
    let realm = format!("{IDENTITY_CENTER}{store}");
    let user = facts.handle(HandleKind::UserId, &realm, request.user_id.get().or(response.user_id.get())?);
    if !succeeded {
        return Some(user);
    }
    if let Some(name) = request.user_name.get().or(response.user_name.get()) {
        let login = facts.handle(HandleKind::Login, &realm, name);
        facts.tied(user, Tie::Named, login);
    }
    match event.name {
        "CreateUser" => {
            facts.described(user, Detail::Born, &event.at.to_string());
            facts.described(user, Detail::AccountState, "enabled");
        }
        "EnableUser" => facts.described(user, Detail::AccountState, "enabled"),
        "DisableUser" => facts.described(user, Detail::AccountState, "disabled"),
        "DeleteUser" => {
            facts.described(user, Detail::AccountState, "disabled");
            facts.ended(user, Ending::Removed, Some(event.actor.by));
        }
        _ => {}
    }
    Some(user)
}

/// A sign-in: it says which user name the lasting user id has.
fn signed_in(event: &Event<'_>, facts: &mut FactWriter) {
    let additional = part::<Additional<'_>>(event.entry.additional);
    let identity: UserIdentity<'_> = event.identity();
    if let (Some(user), Some(name)) = (identity_center_user(&identity, facts), additional.user_name.get()) {
        let realm = facts.realm_of(user).to_owned();
        let login = facts.handle(HandleKind::Login, &realm, name);
        facts.tied(user, Tie::Named, login);
    }
}

/// The permission set that a user asked for, in its account. No id leads from here to the session that was opened.
fn asked(event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let asked = part::<Asked<'_>>(event.entry.details);
    let (role, account) = (asked.role_name.get()?, asked.account_id.get()?);
    Some(facts.handle(HandleKind::Resource, account, &format!("permission-set/{role}")))
}

/// The actor of a token exchange: an application's session, on behalf of the user whose token it exchanged.
pub(super) fn on_behalf(event: &Event<'_>, facts: &mut FactWriter) -> Option<Actor> {
    if !event.name.starts_with("CreateToken") {
        return None;
    }
    let named = |raw| {
        let said = part::<Additional<'_>>(raw);
        let store = store_of(said.store_arn.get()).to_owned();
        said.user_id.get().map(|id| (store, id.to_owned()))
    };
    let (store, id) = named(event.entry.additional).or_else(|| named(event.entry.response))?;
    let user = facts.handle(HandleKind::UserId, &format!("{IDENTITY_CENTER}{store}"), &id);
    Some(Actor { on_behalf_of: Some(user), ..event.actor }).filter(|actor| actor.by != user)
}
