//! The users, groups and memberships of AWS IAM Identity Center, and what they are assigned: which user id stands for
//! which person, and who may take which permission set in which account.
//!
//! References: docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ListUsers.html, API_ListGroups,
//! API_ListGroupMemberships; …/singlesignon/latest/APIReference/API_ListAccountAssignments.html, API_DescribePermissionSet.
//! Relied on: `IdentityStoreId` with `UserId`, `GroupId` or `MemberId`; `PermissionSetArn` with `PrincipalId` and
//! `AccountId`, or with `Name`; used where present: `UserName`, `DisplayName`, `Emails`, `ExternalIds`, `UserStatus`,
//! `UserType`, `CreatedAt`, `PrincipalType`.
//!
//! Quirks. The identity store is filled by another directory, which can disable a user here without the person having
//! left, so `UserStatus` is the state of an account and no more. `ExternalIds[].Id` is the id that the other directory
//! gave (Okta sends its user id); its `Issuer` is AWS's own endpoint, which does not tell whose id it is. Groups here
//! are access, many to a person: a membership is a grant, and not the team the person belongs to. Assignments do not say
//! which identity store they are of: a bundle with one has no other. That somebody may take a permission set does not say
//! that they ever did. Birthdate, addresses
//! and telephone numbers are never read. A `NextToken` left in the file means that the list is not complete.

use serde::Deserialize;

use super::text::{Part, Parts, Text};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::{Object, Record};
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::text::folded;

/// Reads lists of the identity store.
pub struct AwsIdentityStore;

static CARD: Card = Card {
    name: "aws_identity_store",
    title: "AWS IAM Identity Center users and groups",
    tells: "which Identity Center user is which person of the identity provider, who is in which access group, and who may enter which account",
    reference: "https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ListUsers.html",
    recognised_by: "objects with IdentityStoreId and a UserId, GroupId or MembershipId; objects with PermissionSetArn",
    exports: &[
        Export {
            form: "users",
            command: "aws identitystore list-users --identity-store-id d-1234567890 --output json > identitystore-users.json",
        },
        Export {
            form: "groups",
            command: "aws identitystore list-groups --identity-store-id d-1234567890 --output json > identitystore-groups.json",
        },
        Export {
            form: "the members of a group",
            command: "aws identitystore list-group-memberships --identity-store-id d-1234567890 --group-id GROUP --output json > identitystore-members-GROUP.json",
        },
        Export {
            form: "who may enter an account with a permission set",
            command: "aws sso-admin list-account-assignments --instance-arn INSTANCE --account-id ACCOUNT --permission-set-arn SET --output json > account-assignments-ACCOUNT-SET.json",
        },
        Export {
            form: "the name of a permission set",
            command: "aws sso-admin describe-permission-set --instance-arn INSTANCE --permission-set-arn SET --output json > permission-set-SET.json",
        },
    ],
};

/// The realm of users and groups where the record does not say which identity store they are in.
const REALM: &str = "identity-center:";

/// The fields of users, groups, memberships and assignments that are used.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Entry<'a> {
    #[serde(borrow)]
    identity_store_id: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    user_name: Text<'a>,
    #[serde(borrow)]
    display_name: Text<'a>,
    #[serde(borrow)]
    emails: Parts<Email<'a>>,
    #[serde(borrow)]
    external_ids: Parts<ExternalId<'a>>,
    #[serde(borrow)]
    user_status: Text<'a>,
    #[serde(borrow)]
    user_type: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    group_id: Text<'a>,
    #[serde(borrow)]
    member_id: Part<MemberId<'a>>,
    #[serde(borrow)]
    permission_set_arn: Text<'a>,
    #[serde(borrow)]
    account_id: Text<'a>,
    #[serde(borrow)]
    principal_type: Text<'a>,
    #[serde(borrow)]
    principal_id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Email<'a> {
    #[serde(borrow)]
    value: Text<'a>,
    #[serde(borrow)]
    primary: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ExternalId<'a> {
    #[serde(borrow)]
    issuer: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct MemberId<'a> {
    #[serde(borrow)]
    user_id: Text<'a>,
}

impl Source for AwsIdentityStore {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        let known = ["UserId", "GroupId", "MembershipId"].iter().any(|key| object.has(key));
        let of_store = object.has("IdentityStoreId") && known;
        if of_store || form_of(&object).is_some() { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let access = form_of(&object);
        let text = access.map_or(object.text, |(_, text)| text);
        let entry: Entry<'_> = serde_json::from_str(text).map_err(|_| Refusal::Unreadable("the record"))?;
        if let Some((access, _)) = access {
            facts.snapshot(record.taken);
            return match access {
                Access::Assignment => assignment(&entry, facts),
                Access::PermissionSet => permission_set(&entry, facts),
                Access::List => Ok(Reading::SetAside("list of permission sets")),
            };
        }
        let store = entry.identity_store_id.get().ok_or(Refusal::Missing("IdentityStoreId"))?;
        // The ids name users and groups, not these records: a later list shows the same user in another state.
        facts.snapshot(record.taken);
        facts.account(Some(store));
        let realm = format!("{REALM}{store}");
        if object.has("MembershipId") {
            membership(&entry, &realm, facts)?;
        } else if let Some(id) = entry.user_id.get() {
            let user = facts.handle(HandleKind::UserId, &realm, id);
            self::user(user, &entry, &realm, facts);
        } else {
            let id = entry.group_id.get();
            let id = id.ok_or(Refusal::Missing(if object.has("GroupId") { "GroupId" } else { "UserId" }))?;
            let group = facts.handle(HandleKind::Team, &realm, id);
            facts.described(group, Detail::DisplayName, entry.display_name.get().unwrap_or_default());
        }
        Ok(Reading::Claimed)
    }
}

/// The records of who may enter accounts.
#[derive(Clone, Copy, Debug)]
enum Access {
    Assignment,
    PermissionSet,
    /// A list of permission sets, which has neither their names nor who may take them.
    List,
}

/// Which of these records is at hand, and its text: a permission set is held by an object of its own.
fn form_of<'a>(object: &Object<'a>) -> Option<(Access, &'a str)> {
    if object.has("PermissionSetArn") && object.has("PrincipalId") {
        return Some((Access::Assignment, object.text));
    }
    if object.raw("PermissionSets").is_some_and(|raw| raw.contains(":permissionSet/")) {
        return Some((Access::List, object.text));
    }
    let held = object.raw("PermissionSet").filter(|raw| object.members.len() == 1 && raw.contains("permissionSet/"));
    held.filter(|raw| raw.starts_with('{')).map(|raw| (Access::PermissionSet, raw))
}

fn assignment(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let set = entry.permission_set_arn.get().ok_or(Refusal::Missing("PermissionSetArn"))?;
    let account = entry.account_id.get().ok_or(Refusal::Missing("AccountId"))?;
    let id = entry.principal_id.get().ok_or(Refusal::Missing("PrincipalId"))?;
    let kind = match entry.principal_type.get().ok_or(Refusal::Missing("PrincipalType"))? {
        "USER" => HandleKind::UserId,
        "GROUP" => HandleKind::Team,
        _ => return Err(Refusal::Unreadable("PrincipalType")),
    };
    let to = facts.handle(kind, REALM, id);
    let set = facts.handle(HandleKind::Resource, account, set);
    facts.granted(None, to, set);
    facts.account(Some(account));
    Ok(Reading::Claimed)
}

fn permission_set(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let set = entry.permission_set_arn.get().ok_or(Refusal::Missing("PermissionSetArn"))?;
    let set = facts.handle(HandleKind::Resource, "", set);
    facts.described(set, Detail::DisplayName, entry.name.get().ok_or(Refusal::Missing("Name"))?);
    Ok(Reading::Claimed)
}

fn user(user: HandleId, entry: &Entry<'_>, realm: &str, facts: &mut FactWriter) {
    if let Some(name) = entry.user_name.get() {
        let login = facts.handle(HandleKind::Login, realm, name);
        facts.tied(user, Tie::Named, login);
    }
    // Wrong where the address was given to somebody else since: then two users have it, each for a time.
    if let Some(address) = address(entry.emails.get()) {
        let address = facts.handle(HandleKind::Email, "", &folded(address));
        facts.tied(user, Tie::Named, address);
    }
    for external in entry.external_ids.get() {
        if let Some(other) = external_user(external, facts) {
            facts.tied(user, Tie::SamePerson, other);
        }
    }
    facts.described(user, Detail::DisplayName, entry.display_name.get().unwrap_or_default());
    facts.described(user, Detail::UserType, entry.user_type.get().unwrap_or_default());
    let state = match entry.user_status.get() {
        Some(status) if status.eq_ignore_ascii_case("ENABLED") => "enabled",
        Some(status) if status.eq_ignore_ascii_case("DISABLED") => "disabled",
        _ => "",
    };
    facts.described(user, Detail::AccountState, state);
    if let Some(born) = entry.created_at.get().and_then(time) {
        facts.described(user, Detail::Born, &born.to_string());
    }
}

/// The address that is marked as the primary one, else the first. Further addresses may be private, and are not read.
fn address<'e>(emails: &'e [Email<'_>]) -> Option<&'e str> {
    let primary = emails.iter().find(|email| email.primary.get() == Some("true"));
    primary.or(emails.first())?.value.get().filter(|value| value.contains('@'))
}

/// The user whom the directory that fills the identity store sent: in Okta's realm where the id has the form of an Okta
/// user id, else in a realm of the issuer's own, which joins nothing by itself.
///
/// Wrong where an administrator of the identity store wrote the id by hand, and where two Okta organisations fill one
/// store: then the id is in neither's realm for certain, and with both in the bundle joins nothing.
fn external_user(external: &ExternalId<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let id = external.id.get()?;
    if is_okta_user(id) {
        return Some(facts.handle(HandleKind::UserId, "okta:", id));
    }
    Some(facts.handle(HandleKind::UserId, external.issuer.get()?, id))
}

/// Okta's ids of users: `00u` and seventeen letters and digits.
fn is_okta_user(id: &str) -> bool {
    id.len() == 20 && id.starts_with("00u") && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn membership(entry: &Entry<'_>, realm: &str, facts: &mut FactWriter) -> Result<(), Refusal> {
    let group = entry.group_id.get().ok_or(Refusal::Missing("GroupId"))?;
    let member = entry.member_id.get().and_then(|member| member.user_id.get());
    let member = member.ok_or(Refusal::Missing("MemberId.UserId"))?;
    let (group, member) =
        (facts.handle(HandleKind::Team, realm, group), facts.handle(HandleKind::UserId, realm, member));
    facts.granted(None, member, group);
    Ok(())
}

/// Reads a time as the command line writes it: a text, or (with an older setting) seconds since 1970 with a fraction.
fn time(text: &str) -> Option<Instant> {
    let seconds = || text.split('.').next()?.parse().ok().and_then(Instant::from_seconds);
    Instant::parse(text).or_else(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_okta() {
        assert!(is_okta_user("00uEXAMPLETQSIIVfVzK"));
        for other in ["00uEXAMPLE", "00gEXAMPLETQSIIVfVzK", "94fadddf-b191-49d6-af0d-b9374703b74f", "mira@example.com"]
        {
            assert!(!is_okta_user(other), "{other}");
        }
    }
}
