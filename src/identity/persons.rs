//! Joining the accounts of one person across realms.
//!
//! The rules stand in [`super::join::Rule`], each with when it is wrong. None of them joins by display name, and none
//! by a name that a caller chose.

use super::grade::Grade;
use super::join::{Conflict, Join, Rule};
use super::life::Life;
use super::numbers;
use super::resolve::{Naming, conflict};
use super::union::Union;
use crate::base::lookup::Set;
use crate::base::origin::EvidenceId;
use crate::base::time::Instant;
use crate::fact::claim::{Detail, Event, Standing, Tie};
use crate::fact::facts::Facts;
use crate::fact::handle::{HandleId, HandleKind};

/// What was learned of people beside who they are.
#[derive(Debug, Default)]
pub(super) struct People {
    /// User accounts that are no human's.
    pub(super) machines: Set<HandleId>,
    /// Principals at which a person signed in.
    pub(super) present: Set<HandleId>,
    /// Mail-like names, lower case, who bears them, and how long.
    pub(super) names: Vec<(String, HandleId, Life)>,
    /// What looked alike and was kept apart.
    pub(super) conflicts: Vec<Conflict>,
}

/// Someone who bears a name: a lasting user id, or a login of which no directory knows more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Bearer<'f> {
    /// The name, lower case.
    text: String,
    /// The realm in which it is borne.
    realm: &'f str,
    /// Who bears it.
    who: HandleId,
    /// The name as a handle.
    name: HandleId,
    /// How long the bearer was there, as far as the records tell.
    life: Life,
    /// A record that says so.
    record: EvidenceId,
}

/// Joins the accounts of people.
pub(super) fn join(facts: &Facts, namings: &[Naming], union: &mut Union, joins: &mut Vec<Join>) -> People {
    let mut people = marks(facts);
    provisioned(facts, union, joins);
    let realms = Realms::of(facts);
    only_realm(facts, namings, &realms, union, joins);
    numbers::returned(facts, namings, union, joins, &mut people.conflicts);
    let mut bearers = bearers(facts, namings, &realms, &people);
    bearers.sort_unstable();
    bearers.dedup_by(|later, earlier| (&later.text, later.who) == (&earlier.text, earlier.who));
    let torn = torn(facts, &bearers, union, &mut people.conflicts);
    bearers.retain(|bearer| !torn.contains(&(bearer.who, facts.handle(bearer.name).kind)));
    for group in bearers.chunk_by(|left, right| left.text == right.text) {
        equal_login(group, union, joins, &mut people.conflicts);
    }
    numbers::shared(facts, namings, union, joins, &mut people.conflicts);
    named_after(facts, namings, &people.present, &bearers, union, joins);
    people.conflicts.sort_unstable();
    people.conflicts.dedup();
    people.names = bearers.into_iter().map(|bearer| (bearer.text, bearer.who, bearer.life)).collect();
    people
}

/// Reads the details that tell humans from machines.
fn marks(facts: &Facts) -> People {
    let mut people = People::default();
    for row in facts.standing() {
        match row.claim {
            Standing::Described { who, detail: Detail::Machine, .. } => {
                people.machines.insert(who);
            }
            Standing::Described { who, detail: Detail::Presence, value } if facts.text(value) == "console sign-in" => {
                if matches!(facts.handle(who).kind, HandleKind::PrincipalId | HandleKind::PrincipalName) {
                    people.present.insert(who);
                }
            }
            _ => {}
        }
    }
    people
}

/// [`Rule::ProvisioningId`].
fn provisioned(facts: &Facts, union: &mut Union, joins: &mut Vec<Join>) {
    for row in facts.standing() {
        if let Standing::Tied { a, b, tie: Tie::SamePerson } = row.claim {
            union.join(a, b);
            let records = [row.span.first_record; 2];
            joins.push(Join { a, b, rule: Rule::ProvisioningId, grade: Grade::Proven, records });
        }
    }
}

/// The realms of a bundle that have an id, by their kind: `okta:` has `okta:example.okta.com`.
struct Realms<'f>(Vec<(&'f str, &'f str)>);

impl<'f> Realms<'f> {
    fn of(facts: &'f Facts) -> Self {
        let mut realms: Vec<(&str, &str)> = facts
            .handles()
            .map(|id| facts.handle(id))
            .filter(|handle| is_in_directory(handle.kind))
            .filter_map(|handle| {
                let at = handle.realm.find(':')? + 1;
                (at < handle.realm.len()).then_some((handle.realm.get(..at)?, handle.realm))
            })
            .collect();
        realms.sort_unstable();
        realms.dedup();
        Self(realms)
    }

    /// The realm that is meant: of a realm without id the only one of its kind, if there is only one.
    fn meant(&self, realm: &'f str) -> &'f str {
        if !realm.ends_with(':') {
            return realm;
        }
        let from = self.0.partition_point(|(kind, _)| *kind < realm);
        let mut same = self.0.iter().skip(from).take_while(|(kind, _)| *kind == realm);
        match (same.next(), same.next()) {
            (Some((_, only)), None) => only,
            _ => realm,
        }
    }
}

/// [`Rule::OnlyRealm`]: a handle without its realm is the handle of the same value in the only realm of its kind.
fn only_realm(facts: &Facts, namings: &[Naming], realms: &Realms<'_>, union: &mut Union, joins: &mut Vec<Join>) {
    for id in facts.handles() {
        let handle = facts.handle(id);
        if !is_in_directory(handle.kind) || !handle.realm.ends_with(':') {
            continue;
        }
        let meant = realms.meant(handle.realm);
        let Some(other) = facts.find(handle.kind, meant, handle.value).filter(|other| *other != id) else { continue };
        let is_name = matches!(handle.kind, HandleKind::Login | HandleKind::PrincipalName);
        if is_name && holders(namings, other) > 1 {
            continue; // a name that several had: the tenure decides, not the name
        }
        union.join(id, other);
        let records = [first_record(facts, id), first_record(facts, other)];
        joins.push(Join { a: id, b: other, rule: Rule::OnlyRealm, grade: Grade::Strong, records });
    }
}

/// What a directory names: users, and the principals, agents and groups beside them.
const fn is_in_directory(kind: HandleKind) -> bool {
    matches!(
        kind,
        HandleKind::UserId
            | HandleKind::Login
            | HandleKind::PrincipalId
            | HandleKind::PrincipalName
            | HandleKind::Agent
            | HandleKind::Team
            | HandleKind::Repository
            | HandleKind::Run
    )
}

fn holders(namings: &[Naming], name: HandleId) -> usize {
    let from = namings.partition_point(|naming| naming.name < name);
    namings.iter().skip(from).take_while(|naming| naming.name == name).count()
}

/// Everybody who bears a mail-like name in some realm.
fn bearers<'f>(facts: &'f Facts, namings: &[Naming], realms: &Realms<'f>, people: &People) -> Vec<Bearer<'f>> {
    let mut bearers = Vec::new();
    for naming in namings {
        let (holder, name) = (facts.handle(naming.holder), facts.handle(naming.name));
        let is_name = matches!(name.kind, HandleKind::Login | HandleKind::Email);
        if holder.kind == HandleKind::UserId && is_name && !people.machines.contains(&naming.holder) {
            bearers.push(Bearer {
                text: name.value.to_lowercase(),
                realm: realms.meant(holder.realm),
                who: naming.holder,
                name: naming.name,
                life: life_of(facts, naming.holder),
                record: naming.span.first_record,
            });
        }
    }
    for id in facts.handles() {
        let handle = facts.handle(id);
        if handle.kind != HandleKind::Login || handle.realm.is_empty() || !handle.value.contains('@') {
            continue;
        }
        let realm = realms.meant(handle.realm);
        let known = |other| holders(namings, other) > 0;
        let alone = !known(id) && facts.find(HandleKind::Login, realm, handle.value).is_none_or(|other| !known(other));
        if alone {
            let (life, record) = (seen(facts, id), first_record(facts, id));
            bearers.push(Bearer { text: handle.value.to_lowercase(), realm, who: id, name: id, life, record });
        }
    }
    bearers.retain(|bearer| bearer.text.contains('@'));
    bearers
}

/// Users whose names lead to two different people of one other realm: a user name like one person's login, an address that
/// is another's. With the kinds of names that are not to be trusted: the address, and the user names where these alone differ.
///
/// Joining over both would make one person of the two. Wrong where one human has two accounts in the other realm, which
/// then stay two. A login of which no directory knows more is not somebody else than a user there: it may be the name
/// that this user had before.
fn torn(
    facts: &Facts,
    bearers: &[Bearer<'_>],
    union: &mut Union,
    conflicts: &mut Vec<Conflict>,
) -> Set<(HandleId, HandleKind)> {
    let mut by_who: Vec<&Bearer<'_>> = bearers.iter().collect();
    by_who.sort_by_key(|bearer| bearer.who);
    let mut torn = Set::default();
    for own in by_who.chunk_by(|left, right| left.who == right.who).filter(|own| own.len() > 1) {
        for kind in [HandleKind::Login, HandleKind::Email] {
            let trusted = own.iter().filter(|one| kind == HandleKind::Email || facts.handle(one.name).kind == kind);
            let mut met: Vec<(&str, usize, Life, HandleId)> =
                trusted.flat_map(|one| met(one, bearers, union)).collect();
            met.sort_unstable();
            let kind_of = |who: HandleId| facts.handle(who).kind;
            let differ = |one: &(&str, usize, Life, HandleId), two: &(&str, usize, Life, HandleId)| {
                one.0 == two.0 && one.1 != two.1 && one.2.overlaps(two.2) && kind_of(one.3) == kind_of(two.3)
            };
            let pair = met.iter().find_map(|one| met.iter().find(|two| differ(one, two)).map(|two| (one.3, two.3)));
            if let (Some((one, two)), Some(first)) = (pair, own.first()) {
                torn.insert((first.who, HandleKind::Email));
                torn.insert((first.who, kind));
                conflicts.push(conflict(first.name, one, two));
                break;
            }
        }
    }
    torn
}

/// Whom a bearer's name leads to in other realms.
fn met<'f>(one: &Bearer<'f>, bearers: &[Bearer<'f>], union: &mut Union) -> Vec<(&'f str, usize, Life, HandleId)> {
    let from = bearers.partition_point(|other| other.text < one.text);
    let alike = bearers.iter().skip(from).take_while(|other| other.text == one.text).take(MANY);
    let others = alike.filter(|other| other.realm != one.realm && other.life.overlaps(one.life));
    others.map(|other| (other.realm, union.root(other.who), other.life, other.who)).collect()
}

/// More bearers of one name than this are no people: a placeholder that many accounts share.
const MANY: usize = 64;

/// [`Rule::EqualLogin`]: the bearers of one name, each realm's only one at its time.
fn equal_login(group: &[Bearer<'_>], union: &mut Union, joins: &mut Vec<Join>, conflicts: &mut Vec<Conflict>) {
    if group.len() > MANY {
        return;
    }
    let roots: Vec<usize> = group.iter().map(|bearer| union.root(bearer.who)).collect();
    let members = || group.iter().zip(&roots);
    for (at, (bearer, root)) in members().enumerate() {
        for (other, other_root) in members().skip(at + 1).filter(|(other, _)| other.realm != bearer.realm) {
            if !bearer.life.overlaps(other.life) {
                continue;
            }
            let rivals = |rival: &Bearer<'_>, rival_root: usize| {
                let of = |one: &Bearer<'_>, one_root: usize| rival.realm == one.realm && rival_root != one_root;
                (of(bearer, *root) || of(other, *other_root))
                    && rival.life.overlaps(bearer.life)
                    && rival.life.overlaps(other.life)
            };
            if let Some((rival, _)) = members().find(|(rival, root)| rivals(rival, **root)) {
                conflicts.push(conflict(bearer.name, rival.who, bearer.who.min(other.who)));
                continue;
            }
            union.join(bearer.who, other.who);
            let (a, b, records) = (bearer.who, other.who, [bearer.record, other.record]);
            joins.push(Join { a, b, rule: Rule::EqualLogin, grade: Grade::Strong, records });
        }
    }
}

/// [`Rule::UserNamedAfterPerson`]: a principal at which a person signs in, named by the address of one person.
fn named_after(
    facts: &Facts,
    namings: &[Naming],
    present: &Set<HandleId>,
    bearers: &[Bearer<'_>],
    union: &mut Union,
    joins: &mut Vec<Join>,
) {
    for naming in namings.iter().filter(|naming| present.contains(&naming.holder)) {
        let value = facts.handle(naming.name).value;
        let Some(text) = value.strip_prefix("user/").filter(|name| name.contains('@')).map(str::to_lowercase) else {
            continue;
        };
        let from = bearers.partition_point(|bearer| bearer.text < text);
        let mut alike = bearers.iter().skip(from).take_while(|bearer| bearer.text == text);
        let Some(first) = alike.next() else { continue };
        let root = union.root(first.who);
        if alike.all(|bearer| union.root(bearer.who) == root) {
            union.join(naming.holder, first.who);
            let (a, b, records) = (naming.holder, first.who, [naming.span.first_record, first.record]);
            joins.push(Join { a, b, rule: Rule::UserNamedAfterPerson, grade: Grade::Strong, records });
        }
    }
}

/// How long a user was there: from its making to its end, where the records tell; an end that was undone is none.
pub(super) fn life_of(facts: &Facts, user: HandleId) -> Life {
    let mut life = Life::default();
    let mut active = None;
    for row in facts.standing_of(user) {
        let Standing::Described { who, detail, value } = row.claim else { continue };
        match detail {
            _ if who != user => {}
            Detail::Born => {
                life.from = life.from.min(Instant::parse(facts.text(value))).or(Instant::parse(facts.text(value)))
            }
            Detail::Status | Detail::Employment if facts.text(value) == "left" => {
                life.to = life.to.max(row.span.first.instant())
            }
            Detail::Status | Detail::Employment if facts.text(value) == "active" => {
                active = active.max(row.span.last.instant())
            }
            _ => {}
        }
    }
    for row in facts.events_of(user) {
        if let Event::Ended { who, .. } = row.event
            && who == user
        {
            life.to = life.to.max(row.when.instant());
        }
    }
    if active.zip(life.to).is_some_and(|(active, to)| active > to) {
        life.to = None;
    }
    life
}

/// When a login was seen in events.
fn seen(facts: &Facts, login: HandleId) -> Life {
    let standing = facts.standing_of(login).flat_map(|row| [row.span.first, row.span.last]);
    let times = standing.chain(facts.events_of(login).map(|row| row.when)).filter_map(crate::base::time::When::instant);
    let (from, to) = times.fold((None, None), |(from, to): (Option<Instant>, Option<Instant>), at| {
        (Some(from.map_or(at, |from| from.min(at))), to.max(Some(at)))
    });
    Life { from, to }
}

pub(super) fn first_record(facts: &Facts, id: HandleId) -> EvidenceId {
    let standing = facts.standing_of(id).map(|row| (row.span.first, row.span.first_record));
    let first = standing.chain(facts.events_of(id).map(|row| (row.when, row.record))).min();
    first.map_or(EvidenceId(0), |(_, record)| record)
}
