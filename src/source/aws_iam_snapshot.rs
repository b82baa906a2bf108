//! AWS IAM as it stands: users, roles and keys of an account, with their tags and who may act as a role.
//!
//! References: docs.aws.amazon.com/IAM/latest/APIReference (GetAccountAuthorizationDetails, ListUsers, ListRoles,
//! ListAccessKeys, GetAccessKeyLastUsed) and docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html.
//! Relied on: `Arn`, `UserId`, `RoleId`, `AccessKeyId`; used where present: `CreateDate`, `Tags`,
//! `AssumeRolePolicyDocument`, `RoleLastUsed`, `PasswordLastUsed`, `AttachedManagedPolicies`, `Status`, `UserName`.
//!
//! Quirks. A snapshot says what is, never who made it so: no claim here has an actor, and a tag has no author. `list-users`
//! and `list-roles` leave tags out. The lists of access keys name the user, but not the account: two accounts can have a
//! user of that name, so a key is tied to its user only by records that say both (its creation, its use). What
//! `get-access-key-last-used` and `list-user-tags` print does not say of which key or user it is. The credential report
//! has no key ids; its times can be four hours old; `N/A`, `no_information` and `not_supported` stand for nothing.

use serde::Deserialize;

use super::aws_names::{Arn, kind_of_credential, principal, root_user, time};
use super::aws_policy::Trust;
use super::aws_tags::{Tags, tagged};
use super::text::{Part, Parts, Text};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, base64};
use crate::base::time::{Instant, When};
use crate::bundle::record::{Body, Member, Object, Record};
use crate::fact::claim::Detail;
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};

/// Reads snapshots of IAM.
pub struct AwsIamSnapshot;

static CARD: Card = Card {
    name: "aws_iam_snapshot",
    title: "AWS IAM snapshots",
    tells: "which users, roles and keys an AWS account has, since when, with which tags, and who may act as a role",
    reference: "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html",
    recognised_by: "objects with an IAM ARN and a unique id, key metadata, or the credential report's columns",
    exports: &[
        Export {
            form: "users, roles, groups and policies with tags and trust policies",
            command: "aws iam get-account-authorization-details --output json > get-account-authorization-details.json",
        },
        Export { form: "users (without tags)", command: "aws iam list-users --output json > iam-list-users.json" },
        Export { form: "roles (without tags)", command: "aws iam list-roles --output json > iam-list-roles.json" },
        Export {
            form: "the access keys of a user",
            command: "aws iam list-access-keys --user-name USER --output json > list-access-keys-USER.json",
        },
        Export {
            form: "the credential report (CSV)",
            command: "aws iam get-credential-report --query Content --output text | base64 -d > credential-report.csv",
        },
        Export {
            form: "the credential report as the API wraps it",
            command: "aws iam get-credential-report --output json > credential-report.json",
        },
    ],
};

/// A user or role, in whichever list it stands.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Entry<'a> {
    #[serde(borrow)]
    arn: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    role_id: Text<'a>,
    #[serde(borrow)]
    user_name: Text<'a>,
    #[serde(borrow)]
    role_name: Text<'a>,
    #[serde(borrow)]
    create_date: Text<'a>,
    #[serde(borrow)]
    password_last_used: Text<'a>,
    #[serde(borrow)]
    role_last_used: Part<LastUsed<'a>>,
    #[serde(borrow)]
    attached_managed_policies: Parts<Attached<'a>>,
    #[serde(borrow)]
    assume_role_policy_document: Trust<'a>,
    #[serde(borrow)]
    tags: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LastUsed<'a> {
    #[serde(borrow)]
    last_used_date: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attached<'a> {
    #[serde(borrow)]
    policy_arn: Text<'a>,
}

/// An access key or service-specific credential.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Key<'a> {
    #[serde(borrow)]
    access_key_id: Text<'a>,
    #[serde(borrow)]
    service_specific_credential_id: Text<'a>,
    #[serde(borrow)]
    service_name: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    create_date: Text<'a>,
    #[serde(borrow)]
    access_key_last_used: Part<LastUsed<'a>>,
}

/// The forms of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A user or role.
    Principal,
    /// A group, a policy, an identity provider: what principals are given, but nobody.
    Beside(&'static str),
    /// An access key or service-specific credential.
    Key,
    /// When a key was last used.
    KeyUse,
    /// A tag out of a list of them.
    Tag,
    /// The credential report, as the API wraps it.
    Report,
}

impl Form {
    fn of(object: &Object<'_>, list: Option<&str>) -> Option<Self> {
        if let Some(arn) = object.text("Arn").filter(|arn| Arn::parse(arn).is_some_and(|arn| arn.service == "iam")) {
            return match arn.splitn(6, ':').nth(5)?.split('/').next()? {
                "user" | "role" if object.has("UserId") || object.has("RoleId") => Some(Self::Principal),
                "group" => Some(Self::Beside("group")),
                "policy" => Some(Self::Beside("policy")),
                "oidc-provider" | "saml-provider" => Some(Self::Beside("identity provider")),
                "instance-profile" => Some(Self::Beside("instance profile")),
                _ => None,
            };
        }
        if matches!(list, Some("UserDetailList" | "RoleDetailList")) {
            return Some(Self::Principal);
        }
        let is_key = |name| object.text(name).is_some_and(|id| id.starts_with('A'));
        if is_key("AccessKeyId") && object.has("Status") || object.has("ServiceSpecificCredentialId") {
            return Some(Self::Key);
        }
        if object.raw("AccessKeyLastUsed").is_some_and(|raw| raw.starts_with('{')) {
            return Some(Self::KeyUse);
        }
        if object.has("Content") && object.text("ReportFormat").as_deref() == Some("text/csv") {
            return Some(Self::Report);
        }
        let is_tag = list == Some("Tags") && object.members.len() == 2 && object.has("Key") && object.has("Value");
        is_tag.then_some(Self::Tag)
    }
}

/// The columns that the credential report alone has.
const COLUMNS: &[&str] = &["user", "arn", "user_creation_time", "password_last_used", "access_key_1_active"];

/// What `get-user` and `get-role` print: the record within its only member.
fn held<'a>(object: &Object<'a>) -> Option<Member<'a>> {
    let only = object.members.first().filter(|_| object.members.len() == 1)?;
    let is_record = matches!(only.key, "User" | "Role") && only.value.contains(":iam::");
    is_record.then_some(*only)
}

impl Source for AwsIamSnapshot {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = match shape.body {
            Body::Json(object) => held(&object).is_some() || Form::of(&object, shape.around.list).is_some(),
            Body::Row(row) => COLUMNS.iter().all(|column| row.has(column)),
            Body::Line(_) | Body::Doc(_) => false,
        };
        let is_tag = shape.around.list == Some("Tags");
        match (ours, is_tag) {
            (false, _) => Fit::No,
            (true, true) => Fit::Likely,
            (true, false) => Fit::Certain,
        }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        facts.snapshot(record.taken);
        match record.body {
            Body::Row(row) => {
                let cell = |column: &str| row.get(column);
                return reported(&cell, record.taken, facts).map(|()| Reading::Claimed);
            }
            Body::Json(object) => match held(&object) {
                Some(inner) => described(inner.value, record.taken, facts)?,
                None => {
                    let form = Form::of(&object, record.around.list);
                    return read(form.ok_or(Refusal::Unreadable("the record"))?, &object, record, facts);
                }
            },
            Body::Line(_) | Body::Doc(_) => return Err(Refusal::Unreadable("the record")),
        }
        Ok(Reading::Claimed)
    }
}

fn read(form: Form, object: &Object<'_>, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    match form {
        Form::Principal => described(object.text, record.taken, facts)?,
        Form::Beside(what) => return Ok(Reading::SetAside(what)),
        Form::Key => key(object.text, facts)?,
        Form::KeyUse => match object.has("AccessKeyId") {
            true => key(object.text, facts)?,
            false => return Ok(Reading::SetAside("use of a key that is not named")),
        },
        Form::Tag => return tag(object, record, facts),
        Form::Report => wrapped(object, record, facts)?,
    }
    Ok(Reading::Claimed)
}

/// A user or role.
fn described(raw: &str, taken: Option<Instant>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let entry: Entry<'_> = serde_json::from_str(raw).map_err(|_| Refusal::Unreadable("the record"))?;
    let arn = entry.arn.get().and_then(Arn::parse).ok_or(Refusal::Missing("Arn"))?;
    let id = entry.user_id.get().or(entry.role_id.get()).filter(|id| id.starts_with('A'));
    let who = principal(facts, id, entry.arn.get()).ok_or(Refusal::Missing("Arn"))?;
    facts.account(Some(arn.account));
    let name = entry.user_name.get().or(entry.role_name.get());
    facts.described(who, Detail::DisplayName, name.unwrap_or_default());
    at(facts, who, Detail::Born, entry.create_date.get());
    signed_in(facts, who, entry.password_last_used.get(), taken);
    let used = entry.role_last_used.get().and_then(|used| used.last_used_date.get());
    at(facts, who, Detail::LastUsed, used);
    for policy in entry.attached_managed_policies.get().iter().filter_map(|policy| policy.policy_arn.get()) {
        let policy = facts.handle(HandleKind::Resource, "", policy);
        facts.granted(None, who, policy);
    }
    entry.assume_role_policy_document.write(facts, who, None);
    // What somebody wrote once: a snapshot does not say who, nor when.
    tagged(facts, who, &entry.tags, None);
    Ok(())
}

/// A detail that is a time, written as this house writes times.
fn at(facts: &mut FactWriter, who: HandleId, detail: Detail, text: Option<&str>) {
    if let Some(at) = text.and_then(time) {
        facts.described(who, detail, &at.to_string());
    }
}

/// A password was used at the console: somebody was there. That is a sign of a human being, as a sign-in event is.
///
/// Wrong when a script signs in with the password.
fn signed_in(facts: &mut FactWriter, user: HandleId, text: Option<&str>, taken: Option<Instant>) {
    if let Some(at) = text.and_then(time) {
        facts.dated(When::at(at));
        facts.described(user, Detail::Presence, "console sign-in");
        facts.dated(When::taken(taken));
    }
}

fn key(raw: &str, facts: &mut FactWriter) -> Result<(), Refusal> {
    let entry: Key<'_> = serde_json::from_str(raw).map_err(|_| Refusal::Unreadable("the record"))?;
    let service = entry.service_specific_credential_id.get();
    let id = service.or(entry.access_key_id.get()).ok_or(Refusal::Missing("AccessKeyId"))?;
    let key = facts.handle(HandleKind::Key, "", id);
    let kind = if service.is_some() { kind_of_credential(entry.service_name.get()) } else { "access-key" };
    facts.described(key, Detail::Kind, kind);
    if let Some(status) = entry.status.get() {
        facts.described(key, Detail::CredentialState, if status == "Active" { "active" } else { "inactive" });
    }
    at(facts, key, Detail::Born, entry.create_date.get());
    let used = entry.access_key_last_used.get().and_then(|used| used.last_used_date.get());
    at(facts, key, Detail::LastUsed, used);
    Ok(())
}

/// A tag of a list that may say beside it whose tags they are; what the CLI prints does not.
fn tag(object: &Object<'_>, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let outer = record.around.outer;
    let named = |key| outer.and_then(|outer| outer.text(key)).filter(|arn| Arn::parse(arn).is_some());
    let arn = named("Arn").or_else(|| named("UserArn")).or_else(|| named("RoleArn"));
    let Some(who) = arn.as_ref().and_then(|arn| principal(facts, None, Some(arn))) else {
        return Ok(Reading::SetAside("tag of something that is not named"));
    };
    facts.account(arn.as_deref().and_then(Arn::parse).map(|arn| arn.account));
    let list = format!("[{}]", object.text);
    let tags: Tags<'_> = serde_json::from_str(&list).unwrap_or_default();
    tagged(facts, who, &tags, None);
    Ok(Reading::Claimed)
}

/// A row of the credential report.
fn reported<'a>(
    cell: &dyn Fn(&str) -> Option<&'a str>,
    taken: Option<Instant>,
    facts: &mut FactWriter,
) -> Result<(), Refusal> {
    let text = cell("arn").ok_or(Refusal::Missing("arn"))?;
    let arn = Arn::parse(text).ok_or(Refusal::Unreadable("arn"))?;
    facts.account(Some(arn.account));
    let who = match arn.resource {
        "root" => root_user(facts, arn.partition, arn.account),
        _ => principal(facts, None, Some(text)).ok_or(Refusal::Unreadable("arn"))?,
    };
    at(facts, who, Detail::Born, cell("user_creation_time"));
    let password = cell("password_last_used");
    // The root user is many people's: a sign-in there shows none of them.
    if arn.resource != "root" {
        facts.described(who, Detail::DisplayName, cell("user").unwrap_or_default());
        signed_in(facts, who, password, taken);
    }
    let used = [password, cell("access_key_1_last_used_date"), cell("access_key_2_last_used_date")];
    let last: Option<Instant> = used.into_iter().flatten().filter_map(time).max();
    if let Some(last) = last {
        facts.described(who, Detail::LastUsed, &last.to_string());
    }
    Ok(())
}

/// The credential report as the API wraps it: base64, with the time of its making.
fn wrapped(object: &Object<'_>, record: &Record<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let made = object.word("GeneratedTime").as_deref().and_then(time);
    let taken = record.taken.or(made);
    facts.snapshot(taken);
    let content =
        object.text("Content").and_then(|content| base64::decode(&content)).ok_or(Refusal::Unreadable("Content"))?;
    let content = String::from_utf8(content).map_err(|_| Refusal::Unreadable("Content"))?;
    let mut lines = content.lines();
    let header: Vec<&str> = lines.next().map(cells).unwrap_or_default();
    if !COLUMNS.iter().all(|column| header.contains(column)) {
        return Err(Refusal::Unreadable("Content"));
    }
    for row in lines.map(cells).filter(|row| row.len() == header.len()) {
        let cell = |column: &str| {
            let index = header.iter().position(|name| *name == column)?;
            row.get(index).copied().filter(|cell| !cell.is_empty())
        };
        // A row that names nobody is left out; the report as a whole was understood.
        let _named = reported(&cell, taken, facts);
    }
    Ok(())
}

/// The cells of a line. No cell of the report holds a quotation mark; one that holds a comma would stand in them.
fn cells(line: &str) -> Vec<&str> {
    let mut quoted = false;
    let cells = line.split(|letter| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    });
    cells.map(|cell| cell.trim_matches(['"', '\r'])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_quotes() {
        assert_eq!(cells("a,\"b,c\",,d"), ["a", "b,c", "", "d"]);
    }
}
