//! What things are called: the canonical id of an identity, its name for people, and its other names.

use crate::base::origin::StableHash;
use crate::base::time::When;
use crate::case::Case;
use crate::fact::claim::{Detail, Event, Folded, Standing, Tie};
use crate::fact::handle::{Handle, HandleId, HandleKind};
use crate::identity::IdentityId;
use crate::identity::kind::Kind;

/// The canonical id of an identity: what its system calls it, whole; a person by their primary e-mail address.
#[must_use]
pub fn canonical(case: &Case, id: IdentityId) -> String {
    match case.identities().kind(id) {
        Kind::Person | Kind::Bot => person(case, id),
        _ => thing(case, id),
    }
}

fn person(case: &Case, id: IdentityId) -> String {
    let Some(email) = email(case, id) else { return by_realm(case, id) };
    match case.identities().is_contested(&email) {
        true => format!("{email}#{}", by_realm(case, id)),
        false => email,
    }
}

/// The primary e-mail address of a person: the one seen last in a directory, lower case; else a login that is an address. A
/// name that is another's too (a shared mailbox) comes last.
#[must_use]
pub fn email(case: &Case, id: IdentityId) -> Option<String> {
    let (facts, identities) = (case.facts(), case.identities());
    let mut best: Option<(bool, bool, When, String)> = None;
    for handle in identities.handles(id) {
        for row in facts.standing_of(*handle) {
            let Standing::Tied { a, b, tie: Tie::Named } = row.claim else { continue };
            let name = facts.handle(b);
            let is_name = matches!(name.kind, HandleKind::Email | HandleKind::Login) && name.value.contains('@');
            if a == *handle && is_name {
                let own = identities.one(b, row.span.last.instant()) == Some(id);
                let this = (own, name.kind == HandleKind::Email, row.span.last, name.value.to_lowercase());
                let better = |before: &(bool, bool, When, String)| {
                    let rank = (this.0, this.1, this.2).cmp(&(before.0, before.1, before.2));
                    rank.then_with(|| before.3.cmp(&this.3)).is_gt()
                };
                if best.as_ref().is_none_or(better) {
                    best = Some(this);
                }
            }
        }
    }
    let login = || {
        let handles = identities.handles(id).iter().map(|handle| facts.handle(*handle));
        let mut logins: Vec<String> = handles
            .filter(|handle| matches!(handle.kind, HandleKind::Login | HandleKind::Email) && handle.value.contains('@'))
            .map(|handle| handle.value.to_lowercase())
            .collect();
        logins.sort_unstable();
        logins.into_iter().next()
    };
    best.map(|(_, _, _, email)| email).or_else(login)
}

/// `<realm>:<id>`, for people without an address and for telling two holders of one address apart.
fn by_realm(case: &Case, id: IdentityId) -> String {
    let handles: Vec<Handle<'_>> =
        case.identities().handles(id).iter().map(|handle| case.facts().handle(*handle)).collect();
    let account = handles.iter().find(|handle| handle.kind == HandleKind::PrincipalName && !handle.realm.is_empty());
    let lasting = |handle: &&Handle<'_>| matches!(handle.kind, HandleKind::UserId | HandleKind::PrincipalId);
    match (handles.iter().find(lasting).or(handles.first()), account) {
        (Some(handle), Some(account)) if handle.kind == HandleKind::PrincipalId => {
            format!("{}:{}:{}", handle.realm, account.realm, handle.value)
        }
        (Some(handle), _) => format!("{}:{}", handle.realm.trim_end_matches(':'), handle.value),
        (None, _) => String::new(),
    }
}

fn thing(case: &Case, id: IdentityId) -> String {
    let handles = || case.identities().handles(id).iter().map(|handle| case.facts().handle(*handle));
    let arn = handles().find(|handle| handle.kind == HandleKind::PrincipalName && handle.realm.is_empty());
    let written = || written(case, id).map(|handle| case.facts().handle(handle));
    let Some(handle) = arn.or_else(written).or_else(|| handles().next()) else { return String::new() };
    match handle.kind {
        HandleKind::Repository => {
            let named = || handles().filter(|handle| !handle.value.starts_with('#'));
            let name = named().find(|handle| !handle.realm.ends_with(':')).or_else(|| named().next()).unwrap_or(handle);
            format!("ci:{}/{}", host(name.realm), name.value)
        }
        HandleKind::Run => format!("run:{}/{}", host(handle.realm), handle.value),
        HandleKind::Agent if says_its_system(&handle) => handle.value.to_owned(),
        HandleKind::Agent if !handle.realm.is_empty() => {
            format!("{}/{}", handle.realm.trim_end_matches(':'), handle.value)
        }
        HandleKind::PrincipalName if !handle.realm.is_empty() => {
            format!("{}:{}", handle.realm.trim_end_matches(':'), handle.value)
        }
        _ => handle.value.to_owned(),
    }
}

/// The host that a realm names (`gitlab:gitlab.example.com`); of a realm that names none, the system.
fn host(realm: &str) -> &str {
    realm.split_once(':').map_or(realm, |(system, host)| if host.is_empty() { system } else { host })
}

/// Of the names of an agent that stand for themselves, the one that it was written under. Of a published agent that is its
/// resource, not its identity in the directory; of a user's access to an app the one by the app's id, not by its label.
fn written(case: &Case, id: IdentityId) -> Option<HandleId> {
    let facts = case.facts();
    let plain = case.identities().handles(id).iter().copied().filter(|handle| {
        let handle = facts.handle(*handle);
        handle.kind == HandleKind::Agent && handle.realm.is_empty()
    });
    let made = |handle: &HandleId| {
        let is_made = |event: &Event| matches!(event, Event::Made { made, .. } if made == handle);
        facts.events_of(*handle).any(|row| is_made(&row.event))
    };
    let is_label = |handle: &HandleId| {
        let named =
            |row: &Folded<Standing>| matches!(row.claim, Standing::Tied { b, tie: Tie::Named, .. } if b == *handle);
        facts.text(*handle).starts_with("grant:") && facts.standing_of(*handle).any(named)
    };
    plain
        .clone()
        .find(|handle| made(handle) && !is_label(handle))
        .or_else(|| plain.clone().find(|handle| !is_label(handle)))
        .or_else(|| plain.clone().next())
}

/// Whether an id begins with its system's name already (`mcp:…`).
fn says_its_system(handle: &Handle<'_>) -> bool {
    let system = handle.realm.split('-').next().unwrap_or_default();
    !system.is_empty() && handle.value.strip_prefix(system).is_some_and(|rest| rest.starts_with(':'))
}

/// The name for people to read: what the thing or person is called, seen last; an address only where there is nothing
/// else. `None` where nobody called it anything.
#[must_use]
pub fn display(case: &Case, id: IdentityId) -> Option<String> {
    let names = details(case, id, Detail::DisplayName);
    let newest = names.into_iter().max_by_key(|(when, name)| (!name.contains('@'), *when, *name));
    let named = newest.map(|(_, name)| name.to_owned());
    named.or_else(|| last_part(case, id))
}

/// What a thing's id ends with, where that is a name: `role/ci/deploy` is called `deploy`.
fn last_part(case: &Case, id: IdentityId) -> Option<String> {
    let canonical = thing(case, id);
    let named = matches!(case.identities().kind(id), Kind::Principal | Kind::Workload | Kind::Repository | Kind::Agent);
    let part = canonical.rsplit(['/', ':']).next().filter(|part| !part.is_empty())?;
    named.then(|| part.to_owned())
}

/// The values of a detail, with the last time each was seen.
#[must_use]
pub fn details(case: &Case, id: IdentityId, detail: Detail) -> Vec<(When, &str)> {
    let facts = case.facts();
    let handles = case.identities().handles(id).iter();
    let rows = handles.flat_map(|handle| facts.standing_of(*handle).map(move |row| (*handle, row)));
    let values = rows.filter_map(|(handle, row)| match row.claim {
        Standing::Described { who, detail: which, value } if who == handle && which == detail => {
            Some((row.span.last, facts.text(value)))
        }
        _ => None,
    });
    values.collect()
}

/// All other names of an identity, sorted.
#[must_use]
pub fn aliases(case: &Case, id: IdentityId) -> Vec<String> {
    let canonical = canonical(case, id);
    let shown = |handle: &HandleId| {
        let handle = case.facts().handle(*handle);
        let realm = handle.kind == HandleKind::PrincipalName && !handle.realm.is_empty();
        (!realm && !handle.value.starts_with('#')).then(|| handle.value.to_owned())
    };
    let mut aliases: Vec<String> = case.identities().handles(id).iter().filter_map(shown).collect();
    aliases.extend(display(case, id));
    aliases.retain(|alias| *alias != canonical);
    aliases.sort_unstable();
    aliases.dedup();
    aliases
}

/// The short stable handle of a thing or person: `a:` and the beginning of a digest of its canonical id.
#[must_use]
pub fn short(canonical: &str) -> String {
    format!("a:{:016x}", StableHash::default().text(canonical).finish())
}
