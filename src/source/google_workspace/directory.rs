//! Workspace's directory: users, groups, members of groups, and the apps that users gave access to.
//!
//! References: developers.google.com/workspace/admin/directory/reference/rest/v1/users (and …/groups, …/members,
//! …/tokens). The id of a user is never given twice; addresses are. Groups are access and mailing lists, many to a
//! person: a membership is a grant, and not the team the person belongs to; that is the department, else the
//! organisational unit. Private addresses, telephone numbers, titles and reasons of a suspension are never read.

use serde::Deserialize;

use super::names;
use crate::base::time::{Instant, When};
use crate::bundle::record::{Object, Row};
use crate::fact::claim::{Declaring, Detail, Tie};
use crate::fact::handle::HandleKind;
use crate::fact::writer::{FactWriter, Stand};
use crate::source::gcp_names::GOOGLE;
use crate::source::text::is_address;
use crate::source::text::{Part, Parts, Text};
use crate::source::texts::{Exact, Texts};
use crate::source::{Refusal, parsed};

/// What a record of the directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
    Member,
    Token,
}

/// Tells the kind of a record by its `kind`, which every resource of the API carries.
pub(super) fn kind(object: &Object<'_>) -> Option<Kind> {
    match object.raw("kind").unwrap_or_default().trim_matches('"') {
        "admin#directory#user" => Some(Kind::User),
        "admin#directory#group" => Some(Kind::Group),
        "admin#directory#member" => Some(Kind::Member),
        "admin#directory#token" => Some(Kind::Token),
        _ if object.has("primaryEmail") && object.has("name") && object.has("id") => Some(Kind::User),
        _ if object.has("clientId") && object.has("userKey") && object.has("displayText") => Some(Kind::Token),
        _ => None,
    }
}

/// Whether a table lists the apps that users gave access to, as GAM prints it.
pub(super) fn is_token_table(row: &Row<'_>) -> bool {
    row.has("clientId") && row.has("displayText") && row.has("user")
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct User<'a> {
    #[serde(borrow)]
    id: Exact<'a>,
    #[serde(borrow)]
    primary_email: Text<'a>,
    #[serde(borrow)]
    aliases: Texts<'a>,
    #[serde(borrow)]
    non_editable_aliases: Texts<'a>,
    #[serde(borrow)]
    name: Part<Name<'a>>,
    #[serde(borrow)]
    suspended: Text<'a>,
    #[serde(borrow)]
    archived: Text<'a>,
    #[serde(borrow)]
    org_unit_path: Text<'a>,
    #[serde(borrow)]
    creation_time: Text<'a>,
    #[serde(borrow)]
    deletion_time: Text<'a>,
    #[serde(borrow)]
    customer_id: Text<'a>,
    #[serde(borrow)]
    external_ids: Parts<Typed<'a>>,
    #[serde(borrow)]
    relations: Parts<Typed<'a>>,
    #[serde(borrow)]
    organizations: Parts<Organization<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Name<'a> {
    #[serde(borrow)]
    full_name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    value: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Organization<'a> {
    #[serde(borrow)]
    department: Text<'a>,
    #[serde(borrow)]
    primary: Text<'a>,
    #[serde(borrow)]
    description: Text<'a>,
}

/// The members of groups, memberships and tokens that are used.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Other<'a> {
    #[serde(borrow)]
    id: Exact<'a>,
    #[serde(borrow)]
    email: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, alias = "groupEmail")]
    group: Text<'a>,
    #[serde(borrow)]
    client_id: Text<'a>,
    #[serde(borrow)]
    display_text: Text<'a>,
    #[serde(borrow)]
    user_key: Exact<'a>,
}

/// Writes what a record of the directory claims.
pub(super) fn write(
    kind: Kind,
    object: &Object<'_>,
    taken: Option<Instant>,
    facts: &mut FactWriter,
) -> Result<(), Refusal> {
    facts.snapshot(taken);
    if kind == Kind::User {
        let user: User<'_> = parsed(object)?;
        let customer = user.customer_id.get().filter(|id| names::is_customer(id));
        facts.account(customer);
        return self::user(&Known::of(&user), &names::realm(customer), taken, facts);
    }
    let other: Other<'_> = parsed(object)?;
    match kind {
        Kind::Group => {
            let email = other.email.get().ok_or(Refusal::Missing("email"))?;
            let group = names::group(facts, email);
            facts.described(group, Detail::DisplayName, other.name.get().unwrap_or_default());
        }
        Kind::Member => {
            let group = other.group.get().ok_or(Refusal::Missing("group"))?;
            let group = names::group(facts, group);
            if other.kind.get().is_none_or(|kind| kind == "USER") {
                let user = names::user(facts, GOOGLE, other.id.get(), other.email.get());
                facts.granted(None, user.ok_or(Refusal::Missing("email"))?.who, group);
            } else if let Some(inner) = other.email.get() {
                let inner = names::group(facts, inner);
                facts.granted(None, inner, group);
            }
        }
        Kind::Token => {
            let client = other.client_id.get().ok_or(Refusal::Missing("clientId"))?;
            token(client, other.display_text.get(), other.user_key.get(), facts)?;
        }
        Kind::User => {}
    }
    Ok(())
}

/// A row of GAM's table of apps that users gave access to.
pub(super) fn token_row(row: &Row<'_>, taken: Option<Instant>, facts: &mut FactWriter) -> Result<(), Refusal> {
    facts.snapshot(taken);
    let client = row.get("clientId").ok_or(Refusal::Missing("clientId"))?;
    // GAM writes the user's address in the first column and the key it asked with in another.
    let id = row.get("userKey").filter(|key| names::is_user_id(key));
    let user = names::user(facts, GOOGLE, id, row.get("user")).ok_or(Refusal::Unreadable("user"))?;
    token_of(client, row.get("displayText"), user, facts);
    Ok(())
}

fn token(client: &str, app: Option<&str>, key: Option<&str>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let key = key.ok_or(Refusal::Missing("userKey"))?;
    let user = names::user(facts, GOOGLE, Some(key), Some(key)).ok_or(Refusal::Unreadable("userKey"))?;
    token_of(client, app, user, facts);
    Ok(())
}

/// An app that a user gave access to: an agent of its own for each user, and that user's by the directory's own word.
/// The list has no dates.
fn token_of(client: &str, app: Option<&str>, user: names::User, facts: &mut FactWriter) {
    let grant = names::grant(facts, client, user, app);
    facts.declared(user.who, grant, Declaring::OwnerField, None);
}

/// What is known of a user, in any form.
#[derive(Debug, Default)]
struct Known<'k> {
    id: Option<&'k str>,
    email: Option<&'k str>,
    aliases: Vec<&'k str>,
    name: Option<&'k str>,
    number: Option<&'k str>,
    manager: Option<&'k str>,
    department: Option<&'k str>,
    unit: Option<&'k str>,
    worker: Option<&'k str>,
    created: Option<&'k str>,
    deleted: Option<&'k str>,
    suspended: Option<&'k str>,
    archived: Option<&'k str>,
}

impl<'k> Known<'k> {
    fn of(user: &'k User<'_>) -> Self {
        let typed = |list: &'k [Typed<'_>], kind: &str| {
            list.iter().find(|one| one.kind.get() == Some(kind)).and_then(|one| one.value.get())
        };
        let all = user.organizations.get();
        let primary = all.iter().find(|one| one.primary.get() == Some("true")).or(all.first());
        Self {
            id: user.id.get(),
            email: user.primary_email.get(),
            aliases: user.aliases.iter().chain(user.non_editable_aliases.iter()).collect(),
            name: user.name.get().and_then(|name| name.full_name.get()),
            number: typed(user.external_ids.get(), "organization"),
            manager: typed(user.relations.get(), "manager"),
            department: primary.and_then(|one| one.department.get()),
            unit: user.org_unit_path.get(),
            worker: primary.and_then(|one| one.description.get()),
            created: user.creation_time.get(),
            deleted: user.deletion_time.get(),
            suspended: user.suspended.get(),
            archived: user.archived.get(),
        }
    }

    /// A user as GAM prints it: lists are numbered columns.
    fn of_row(row: &Row<'k>) -> Self {
        let numbered = |list: &str, column: &str| {
            (0..10).map(|at| format!("{list}.{at}.{column}")).find_map(|column| row.get(&column))
        };
        let typed = |list: &str, kind: &str| {
            let of_kind = |at: &u8| row.get(&format!("{list}.{at}.type")) == Some(kind);
            (0..10_u8).find(of_kind).and_then(|at| row.get(&format!("{list}.{at}.value")))
        };
        let aliases = |at: u8| [row.get(&format!("aliases.{at}")), row.get(&format!("nonEditableAliases.{at}"))];
        Self {
            id: row.get("id"),
            email: row.get("primaryEmail"),
            aliases: (0..10).flat_map(aliases).flatten().collect(),
            name: row.get("name.fullName"),
            number: typed("externalIds", "organization"),
            manager: typed("relations", "manager"),
            department: numbered("organizations", "department"),
            unit: row.get("orgUnitPath"),
            worker: numbered("organizations", "description"),
            created: row.get("creationTime"),
            deleted: row.get("deletionTime"),
            suspended: row.get("suspended"),
            archived: row.get("archived"),
        }
    }
}

/// Whether a table lists users, as GAM prints it.
pub(super) fn is_user_table(row: &Row<'_>) -> bool {
    row.has("primaryEmail") && row.has("id")
}

/// A row of GAM's table of users.
pub(super) fn user_row(row: &Row<'_>, taken: Option<Instant>, facts: &mut FactWriter) -> Result<(), Refusal> {
    facts.snapshot(taken);
    let customer = row.get("customerId").filter(|id| names::is_customer(id));
    facts.account(customer);
    user(&Known::of_row(row), &names::realm(customer), taken, facts)
}

/// A user: names, state, team, manager.
fn user(user: &Known<'_>, realm: &str, taken: Option<Instant>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = user.id.filter(|id| names::is_user_id(id)).ok_or(Refusal::Missing("id"))?;
    let who = names::user(facts, realm, Some(id), user.email).ok_or(Refusal::Missing("id"))?.who;
    // An alias is an address of the user's, too. Wrong where it was another user's before: then both have it in turn.
    for alias in user.aliases.iter().filter(|alias| is_address(alias)) {
        let alias = facts.handle(HandleKind::Email, "", &alias.to_lowercase());
        facts.tied(who, Tie::Named, alias);
    }
    facts.described(who, Detail::DisplayName, user.name.unwrap_or_default());
    // A number of the employer's, where an administrator or a sync put it. Wrong where the field holds something else.
    if let Some(number) = user.number {
        let number = facts.handle(HandleKind::EmployeeId, realm, number);
        facts.tied(who, Tie::Named, number);
    }
    if let Some(manager) = user.manager {
        names::reports_to(facts, who, manager);
    }
    // The department, which other directories of one HR system write alike; else the unit in which the account stands,
    // unless it is the root of all. Wrong where units are made for policies and not for teams.
    if let Some(department) = user.department.map(str::trim) {
        let team = facts.handle(HandleKind::Team, "", department);
        facts.tied(who, Tie::MemberOf, team);
    } else if let Some(unit) = user.unit.filter(|unit| unit.len() > 1) {
        names::unit(facts, who, unit);
    }
    // The console keeps the type of employee in the description of the organisation.
    facts.described(who, Detail::UserType, user.worker.unwrap_or_default());
    if let Some(born) = user.created.and_then(Instant::parse) {
        facts.described(who, Detail::Born, &born.to_string());
    }
    let deleted = user.deleted.and_then(Instant::parse);
    let yes = |flag: Option<&str>| flag.is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    let status = match () {
        // An archived account is a former user's, kept for its data.
        () if deleted.is_some() || yes(user.archived) => "left",
        () if yes(user.suspended) => "unavailable",
        () if user.suspended.is_some_and(|flag| flag.eq_ignore_ascii_case("false")) => "active",
        () => return Ok(()),
    };
    facts.dated(deleted.map_or(When::taken(taken), When::at));
    facts.described(who, Detail::Status, status);
    Ok(())
}
