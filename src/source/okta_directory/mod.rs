//! Okta's directory: users, groups, apps, grants, API tokens and AI agents, as its API lists them.
//!
//! References: developer.okta.com/docs/api/openapi/okta-management/management/tag/User/ (and …/Group/, …/Application/,
//! …/ApiToken/), developer.okta.com/docs/api/secures-ai/ai-agents/ and
//! developer.okta.com/docs/api/iga/openapi/governance-production-reference/resource-owners. Relied on: `id`, whose first
//! letters tell the kind; used where present: `status`, `statusChanged`, `created`, `lastUpdated`, `profile`, `userId`,
//! `orn`, `signOnMode`, `settings.oauthClient`, `_links`.
//!
//! Quirks. The list of users leaves out those who are deprovisioned unless it is asked for them; a deleted user is in no
//! list. A list says nowhere when it was made: what it shows of a record was true when the record was last updated. The
//! list of a group's members does not say of which group. Who owns an agent is kept by Okta's governance, not by the
//! agent. The list of apps holds client secrets; they are never read. Addresses for private use, telephone numbers and
//! titles are never read either.

mod grants;
mod things;

use serde::Deserialize;
use things::Owners;

use super::okta_names::{self, has_prefix, is_id};
use super::text::{Part, Text};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, parsed};
use crate::base::time::{Instant, When};
use crate::bundle::record::{Around, Object, Record};
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::text::folded;

/// Reads Okta's directory.
pub struct OktaDirectory;

static CARD: Card = Card {
    name: "okta_directory",
    title: "Okta directory",
    tells: "who is there, away or gone, in which team, under which manager; whose API tokens, grants and AI agents there are",
    reference: "https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/",
    recognised_by: "objects whose id begins with 00u, 00g, 0oa, 00T, wlp or oag, with a profile, status, signOnMode, userId or scopeId",
    exports: &[
        Export {
            form: "users",
            command: "curl -H \"Authorization: SSWS $TOKEN\" \"https://ORG.okta.com/api/v1/users?limit=200\" > okta-users.json",
        },
        Export {
            form: "users who are deprovisioned, whom the first list leaves out",
            command: "curl -G -H \"Authorization: SSWS $TOKEN\" https://ORG.okta.com/api/v1/users --data-urlencode 'filter=status eq \"DEPROVISIONED\"' > okta-users-deprovisioned.json",
        },
        Export {
            form: "groups",
            command: "curl -H \"Authorization: SSWS $TOKEN\" https://ORG.okta.com/api/v1/groups > okta-groups.json",
        },
        Export {
            form: "members of a group, with the group's id added to each",
            command: "curl -H \"Authorization: SSWS $TOKEN\" https://ORG.okta.com/api/v1/groups/$GROUP/users | jq --arg g $GROUP 'map(. + {groupId: $g})' > okta-group-$GROUP.json",
        },
        Export {
            form: "apps",
            command: "curl -H \"Authorization: SSWS $TOKEN\" \"https://ORG.okta.com/api/v1/apps?limit=200\" > okta-apps.json",
        },
        Export {
            form: "what users let apps do, user by user",
            command: "curl -H \"Authorization: SSWS $TOKEN\" https://ORG.okta.com/api/v1/users/$USER/grants > okta-grants-$USER.json",
        },
        Export {
            form: "what administrators let an app do",
            command: "curl -H \"Authorization: SSWS $TOKEN\" https://ORG.okta.com/api/v1/apps/$APP/grants > okta-grants-$APP.json",
        },
        Export {
            form: "API tokens",
            command: "curl -H \"Authorization: SSWS $TOKEN\" https://ORG.okta.com/api/v1/api-tokens > okta-api-tokens.json",
        },
        Export {
            form: "AI agents",
            command: "curl -H \"Authorization: SSWS $TOKEN\" https://ORG.okta.com/workload-principals/api/v1/ai-agents > okta-ai-agents.json",
        },
        Export {
            form: "owners of AI agents",
            command: "curl -G -H \"Authorization: SSWS $TOKEN\" https://ORG.okta.com/governance/api/v1/resource-owners --data-urlencode 'filter=resource.type eq \"ai-agents\"' > okta-resource-owners.json",
        },
    ],
};

/// What a record of the directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    User,
    AppUser,
    Group,
    Membership,
    App,
    ApiToken,
    Agent,
    DelegationLink,
    /// What a user, or an administrator, lets an app do.
    Grant,
    /// A thing with its owners.
    Owners,
    /// One owner, of the thing that stands around.
    Owner,
}

/// Tells the kind of a record by its keys and the beginning of its id.
fn kind(object: &Object<'_>, around: &Around<'_>) -> Option<Kind> {
    let begins = |key: &str, prefix: &str| object.text(key).is_some_and(|id| has_prefix(&id, prefix));
    let has = |keys: &[&str]| keys.iter().all(|key| object.has(key));
    let any = |keys: &[&str]| keys.iter().any(|key| object.has(key));
    let outer =
        |key: &str| around.outer.is_some_and(|outer| outer.raw(key).is_some_and(|raw| raw.contains("orn:okta")));
    let kind = match () {
        () if around.list == Some("principals") && outer("resource") && has(&["orn", "type"]) => Kind::Owner,
        () if begins("id", "00u") && has(&["scope"]) && any(&["syncState", "credentials"]) => Kind::AppUser,
        () if begins("id", "00u") && has(&["status", "profile"]) => Kind::User,
        () if begins("id", "00g") && has(&["profile"]) => Kind::Group,
        () if begins("id", "0oa") && any(&["signOnMode", "label"]) => Kind::App,
        () if begins("id", "00T") && any(&["userId", "clientName"]) => Kind::ApiToken,
        () if begins("id", "wlp") && any(&["orn", "status", "profile"]) => Kind::Agent,
        () if begins("id", "dlk") && has(&["from", "to"]) => Kind::DelegationLink,
        () if begins("id", "oag") && has(&["clientId", "scopeId"]) => Kind::Grant,
        () if has(&["principals", "resource"])
            && object.raw("resource").is_some_and(|raw| raw.contains("orn:okta")) =>
        {
            Kind::Owners
        }
        () if begins("userId", "00u") && begins("groupId", "00g") => Kind::Membership,
        () if has(&["status", "profile", "statusChanged", "passwordChanged", "activated"]) => Kind::User,
        () => return None,
    };
    Some(kind)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct User<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    created: Text<'a>,
    #[serde(borrow)]
    status_changed: Text<'a>,
    #[serde(borrow)]
    profile: Part<Profile<'a>>,
    #[serde(borrow)]
    group_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Profile<'a> {
    #[serde(borrow)]
    login: Text<'a>,
    #[serde(borrow)]
    email: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    display_name: Text<'a>,
    #[serde(borrow)]
    first_name: Text<'a>,
    #[serde(borrow)]
    last_name: Text<'a>,
    #[serde(borrow)]
    employee_number: Text<'a>,
    #[serde(borrow)]
    department: Text<'a>,
    #[serde(borrow)]
    manager: Text<'a>,
    #[serde(borrow)]
    manager_id: Text<'a>,
    #[serde(borrow)]
    user_type: Text<'a>,
    #[serde(borrow, alias = "serviceAccount")]
    is_service_account: Text<'a>,
}

/// The members that several kinds of records have.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Common<'a> {
    #[serde(borrow)]
    created: Text<'a>,
    #[serde(borrow)]
    last_updated: Text<'a>,
    /// Of a grant: the authorisation server, which has the organisation's name in its address.
    #[serde(borrow)]
    issuer: Text<'a>,
    #[serde(rename = "_links", alias = "_link", borrow)]
    links: Part<Links<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Links<'a> {
    #[serde(rename = "self", borrow)]
    own: Part<Href<'a>>,
    #[serde(borrow)]
    app: Part<Href<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Href<'a> {
    #[serde(borrow)]
    href: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Membership<'a> {
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    group_id: Text<'a>,
}

impl Source for OktaDirectory {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let known = shape.body.json().and_then(|object| kind(&object, &shape.around));
        if known.is_some() { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let kind = kind(&object, &record.around).ok_or(Refusal::Unreadable("the record"))?;
        let common: Common<'_> = parsed(&object)?;
        // What a record shows was so when it was last updated, whenever it was exported since.
        let updated = common.last_updated.get().and_then(Instant::parse);
        let seen = record.taken.or(updated);
        facts.snapshot(seen);
        let own = common.links.get().and_then(|links| links.own.get()).and_then(|link| link.href.get());
        let realm = okta_names::realm(own.or(common.issuer.get()));
        facts.account(realm.strip_prefix(okta_names::ORG).filter(|host| !host.is_empty()));
        match kind {
            Kind::User => user(&parsed(&object)?, &realm, When::taken(seen), facts)?,
            Kind::AppUser => things::app_user(&parsed(&object)?, &common, &realm, facts)?,
            Kind::Group => {
                let User { id, profile, .. } = parsed(&object)?;
                let name = profile.get().and_then(|profile| profile.name.get());
                okta_names::group(facts, id.get().ok_or(Refusal::Missing("id"))?, name);
            }
            Kind::Membership => {
                let Membership { user_id, group_id } = parsed(&object)?;
                let user =
                    okta_names::user(facts, &realm, user_id.get(), None, None).ok_or(Refusal::Missing("userId"))?;
                member(user, group_id.get(), facts);
            }
            Kind::App => things::app(&parsed(&object)?, &common, facts)?,
            Kind::ApiToken => things::api_token(&parsed(&object)?, &common, &realm, facts)?,
            Kind::Agent => things::agent(&parsed(&object)?, &common, facts)?,
            Kind::DelegationLink => things::delegation_link(&parsed(&object)?, facts)?,
            Kind::Grant => grants::grant(&parsed(&object)?, &realm, facts)?,
            Kind::Owners => {
                let Owners { resource, principals } = parsed(&object)?;
                return things::owners(resource.get(), principals.get(), &realm, facts);
            }
            Kind::Owner => {
                let outer: Owners<'_> = record.around.outer.map_or(Ok(Owners::default()), |outer| parsed(&outer))?;
                return things::owners(outer.resource.get(), &[parsed(&object)?], &realm, facts);
            }
        }
        Ok(Reading::Claimed)
    }
}

/// A user: names, state, team, manager.
fn user(user: &User<'_>, realm: &str, seen: When, facts: &mut FactWriter) -> Result<(), Refusal> {
    let empty = Profile::default();
    let profile = user.profile.get().unwrap_or(&empty);
    let (first, last) = (profile.first_name.get().unwrap_or_default(), profile.last_name.get().unwrap_or_default());
    let both = format!("{first} {last}");
    let name = profile.display_name.get().or(Some(both.trim())).filter(|name| !name.is_empty());
    let id = user.id.get().filter(|id| is_id(id)).ok_or(Refusal::Missing("id"))?;
    let who = okta_names::user(facts, realm, Some(id), profile.login.get(), name).ok_or(Refusal::Missing("id"))?;
    address(who, profile, facts);
    // A number of this directory: other systems may count otherwise. Wrong where numbers are given again; then the two
    // accounts follow each other, and are told apart by nothing else.
    if let Some(number) = profile.employee_number.get() {
        let number = facts.handle(HandleKind::EmployeeId, realm, number);
        facts.tied(who, Tie::Named, number);
    }
    okta_names::member_of(facts, who, profile.department.get());
    okta_names::reports_to(facts, realm, who, profile.manager_id.get(), profile.manager.get());
    facts.described(who, Detail::UserType, profile.user_type.get().unwrap_or_default());
    if let Some(machine) = machine(profile) {
        facts.described(who, Detail::Machine, machine);
    }
    born(who, &user.created, facts);
    member(who, user.group_id.get(), facts);
    if let Some(status) = user.status.get().and_then(status) {
        let since = user.status_changed.get().and_then(Instant::parse);
        facts.dated(since.map_or(seen, When::at));
        facts.described(who, Detail::Status, status);
    }
    Ok(())
}

/// The address that mail to a user goes to.
fn address(who: HandleId, profile: &Profile<'_>, facts: &mut FactWriter) {
    if let Some(email) = profile.email.get().filter(|email| email.contains('@')) {
        let email = facts.handle(HandleKind::Email, "", &folded(email));
        facts.tied(who, Tie::Named, email);
    }
}

/// A user's state, in the words for people. Locked out or with an expired password, somebody still works here; who is
/// staged does not yet.
fn status(status: &str) -> Option<&'static str> {
    match status {
        "ACTIVE" | "RECOVERY" | "PASSWORD_EXPIRED" | "LOCKED_OUT" | "PROVISIONED" => Some("active"),
        "SUSPENDED" => Some("unavailable"),
        "DEPROVISIONED" => Some("left"),
        _ => None,
    }
}

/// User types that say that an account is nobody's, lower case, without what stands between the words.
const MACHINE_TYPES: &[&str] = &[
    "apiaccount",
    "apiuser",
    "automation",
    "bot",
    "botaccount",
    "integration",
    "integrationuser",
    "machine",
    "machineaccount",
    "nonhuman",
    "nonhumanidentity",
    "robot",
    "serviceaccount",
    "serviceuser",
    "systemaccount",
    "technicalaccount",
    "technicaluser",
];

/// Whether the profile itself says that the account is a machine's, and in which word. A login that looks like a
/// machine's says nothing.
fn machine<'p>(profile: &'p Profile<'_>) -> Option<&'p str> {
    if profile.is_service_account.get() == Some("true") {
        return Some("service account");
    }
    let word = profile.user_type.get()?;
    let plain: String = word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    MACHINE_TYPES.contains(&plain.strip_suffix('s').unwrap_or(&plain)).then_some(word)
}

/// Membership of a group, where the record says of which: access, given by nobody knows whom.
fn member(user: HandleId, group: Option<&str>, facts: &mut FactWriter) {
    if let Some(group) = group.filter(|id| has_prefix(id, "00g")) {
        let group = okta_names::group(facts, group, None);
        facts.granted(None, user, group);
    }
}

fn born(who: HandleId, created: &Text<'_>, facts: &mut FactWriter) {
    if let Some(at) = created.get().and_then(Instant::parse) {
        facts.described(who, Detail::Born, &at.to_string());
    }
}
