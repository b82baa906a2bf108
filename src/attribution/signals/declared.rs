//! Who is written down as the owner: tags, owner fields, owning groups.
//!
//! It shows what somebody wrote once. It is wrong when the tag is a default, was copied, or was never changed; when the
//! value was set by the very person it names, it says no more than that person's acts do. So it is weak where anybody
//! could write it, and it counts for as much as its value is rare in this bundle.
//!
//! A group that is written down names its members, each the less the more they are; it is wrong for a member who is in it
//! for something else. Whoever was taken out again, of the owner field or of the group, is named no longer.

use super::Signal;
use super::team;
use crate::attribution::ask::Asker;
use crate::attribution::evidence::{Observation, Observed, SignalKind, WHOLE};
use crate::attribution::things::Thing;
use crate::base::origin::EvidenceId;
use crate::base::time::{Instant, When};
use crate::fact::claim::{Declaring, Event, Granting, Happened, Standing, Tie};
use crate::fact::handle::HandleId;
use crate::identity::IdentityId;
use crate::identity::grade::Grade;
use crate::identity::kind::Kind;
use crate::lineage::link::Relation;
use crate::lineage::walk::Hop;

pub(super) struct Declared;

impl Signal for Declared {
    fn observe(&self, asker: &Asker<'_>, thing: &Thing, until: Instant, out: &mut Observed) {
        let mut named: Vec<Named> = Vec::new();
        for row in in_force(asker, thing, until) {
            let Event::Declared { owner, .. } = row.event else { continue };
            let people = match (person(asker, owner, row.when.instant()), group(asker, owner)) {
                (Some(person), _) => vec![(person, None)],
                (None, Some(group)) => {
                    out.teams.push(group);
                    members(asker, group, until)
                }
                (None, None) => Vec::new(),
            };
            if people.is_empty() {
                inherited(asker, thing, (owner, row), until, out);
            }
            let share = WHOLE / u32::try_from(people.len().max(1)).unwrap_or(WHOLE);
            named.extend(people.into_iter().map(|(person, membership)| Named { person, row: *row, share, membership }));
        }
        let has_sponsor = named.iter().any(|one| how(&one.row) == Declaring::Sponsor);
        for one in named.iter_mut().filter(|one| has_sponsor && how(&one.row) != Declaring::Sponsor) {
            one.share /= BESIDE_A_SPONSOR;
        }
        named.sort_unstable();
        out.observations.extend(named.chunk_by(|one, other| one.person == other.person).filter_map(|of_one| {
            let best =
                of_one.iter().min_by_key(|one| (std::cmp::Reverse((grade(&one.row), one.share)), one.row.when))?;
            let share = of_one.iter().map(|one| (how(&one.row), one.share)).collect::<Vec<_>>();
            Some(observation(thing, best, of_one, whole(share)))
        }));
    }
}

/// Where a system tells those who answer for a thing from those who look after it, a share of this kind is worth so many
/// times less for the latter.
const BESIDE_A_SPONSOR: u32 = 2;

/// A person whom a declaration names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    person: IdentityId,
    row: Happened,
    /// How far the declaration means this person and nobody else, in hundredths.
    share: u32,
    /// The record of the membership, where it names a group.
    membership: Option<EvidenceId>,
}

fn how(row: &Happened) -> Declaring {
    match row.event {
        Event::Declared { how, .. } => how,
        _ => Declaring::Tag,
    }
}

fn grade(row: &Happened) -> Grade {
    if matches!(how(row), Declaring::OwnerField | Declaring::Sponsor) { Grade::Strong } else { Grade::Weak }
}

/// What all declarations together say of one person: what was written twice in one way counts once.
fn whole(mut shares: Vec<(Declaring, u32)>) -> u32 {
    shares.sort_unstable();
    let best = shares.chunk_by(|left, right| left.0 == right.0).filter_map(|of_one| of_one.last());
    best.map(|(_, share)| *share).sum::<u32>().min(WHOLE)
}

fn observation(thing: &Thing, best: &Named, all: &[Named], share: u32) -> Observation {
    let mut records: Vec<EvidenceId> = vec![best.row.record];
    for record in best.membership.into_iter().chain(all.iter().map(|one| one.row.record)) {
        if !records.contains(&record) {
            records.push(record);
        }
    }
    let (person, grade, at) = (best.person, grade(&best.row), best.row.when);
    let hop = Hop { from: person, relation: Relation::Declared, to: thing.id, grade, at, records };
    Observation {
        person,
        kind: SignalKind::Declared,
        at,
        grade,
        chain: vec![hop],
        cause: (thing.id, -1),
        points: false,
        share,
    }
}

/// The owner that is written down is itself a thing that acts: whoever answers for it answers for what it owns.
fn inherited(
    asker: &Asker<'_>,
    thing: &Thing,
    (owner, row): (HandleId, &Happened),
    until: Instant,
    out: &mut Observed,
) {
    let Some(machine) = asker.ground.identities.one(owner, row.when.instant()).filter(|id| *id != thing.id) else {
        return;
    };
    let Some(found) = asker.owner_of(machine, Some(until)) else { return };
    let (grade, records) = (grade(row), vec![row.record]);
    let hop = Hop { from: machine, relation: Relation::Declared, to: thing.id, grade, at: row.when, records };
    let mut chain = found.chain;
    chain.push(hop);
    out.observations.push(Observation {
        person: found.person,
        kind: SignalKind::Inherited,
        at: row.when,
        grade: found.grade.min(grade),
        chain,
        cause: (thing.id, -1),
        points: false,
        share: WHOLE,
    });
}

/// What was written about the owners of a thing by then, and not taken back.
pub(super) fn in_force<'a>(asker: &Asker<'a>, thing: &Thing, until: Instant) -> Vec<&'a Happened> {
    let rows = declarations(asker, thing, until);
    rows.iter().copied().filter(|row| !is_withdrawn(asker, row, &rows)).collect()
}

/// Everything that was written about the owners of a thing by then, but for what reviewers decided. A list that nobody
/// dated shows the end of the bundle, and tells nothing of any time before.
fn declarations<'a>(asker: &Asker<'a>, thing: &Thing, until: Instant) -> Vec<&'a Happened> {
    let ground = asker.ground;
    let handles = ground.identities.handles(thing.id).iter();
    let rows = handles.flat_map(|handle| ground.facts.events_of(*handle).map(move |row| (*handle, row)));
    let about = rows.filter(|(handle, row)| match row.event {
        Event::Declared { owned, how, .. } => owned == *handle && how != Declaring::Correction,
        _ => false,
    });
    let in_time = |row: &&Happened| row.when.instant().map_or(until >= ground.as_of, |at| at <= until);
    about.map(|(_, row)| row).filter(in_time).collect()
}

/// Whether a row takes an owner out, or the owner it names was taken out later. Of a snapshot that nobody dated, the
/// state at the end of the bundle is told.
fn is_withdrawn(asker: &Asker<'_>, row: &Happened, rows: &[&Happened]) -> bool {
    let Event::Declared { owner, how, .. } = row.event else { return false };
    let who = asker.ground.identities.one(owner, row.when.instant());
    let takes = |later: &&&Happened| match later.event {
        Event::Declared { owner: other, how: Declaring::Withdrawn, .. } => {
            other == owner || (who.is_some() && asker.ground.identities.one(other, later.when.instant()) == who)
        }
        _ => false,
    };
    let after =
        |later: &Happened| row.when.instant().is_some_and(|at| later.when.instant().is_some_and(|end| end >= at));
    match how {
        Declaring::Withdrawn => true,
        Declaring::OwnerField => rows.iter().filter(takes).any(|later| after(later)),
        Declaring::Sponsor | Declaring::Tag | Declaring::Correction => false,
    }
}

/// The person whom a declaration names.
pub(super) fn person(asker: &Asker<'_>, owner: HandleId, at: Option<Instant>) -> Option<IdentityId> {
    let identities = asker.ground.identities;
    let named = identities.one(owner, at).filter(|id| identities.kind(*id) == Kind::Person);
    named.or_else(|| identities.called(asker.ground.facts.text(owner), at))
}

/// The group that a declaration names.
fn group(asker: &Asker<'_>, owner: HandleId) -> Option<IdentityId> {
    let identities = asker.ground.identities;
    identities.always(owner).filter(|id| identities.kind(*id) == Kind::Team)
}

/// The people in a group by then, each with the record that says so.
fn members(asker: &Asker<'_>, group: IdentityId, until: Instant) -> Vec<(IdentityId, Option<EvidenceId>)> {
    let (facts, identities) = (asker.ground.facts, asker.ground.identities);
    // Of a team that is no more, whoever led it answers.
    if team::dissolved(asker.ground, group, until).is_some() {
        return Vec::new();
    }
    let mut told: Vec<(IdentityId, When, Granting, EvidenceId)> = Vec::new();
    for handle in identities.handles(group) {
        let of_person = |who, at: When| {
            let person = identities.one(who, at.instant())?;
            (identities.kind(person) == Kind::Person).then_some(person)
        };
        told.extend(facts.events_of(*handle).filter_map(|row| match row.event {
            Event::Granted { to, what, how, .. } if what == *handle => {
                Some((of_person(to, row.when)?, row.when, how, row.record))
            }
            _ => None,
        }));
        told.extend(facts.standing_of(*handle).filter_map(|row| match row.claim {
            Standing::Tied { a, b, tie: Tie::MemberOf } if b == *handle => {
                Some((of_person(a, row.span.last)?, row.span.last, Granting::Given, row.span.last_record))
            }
            _ => None,
        }));
    }
    told.retain(|(_, at, ..)| at.instant().is_none_or(|at| at <= until));
    told.sort_unstable();
    // The last that was told of each decides; a list that nobody dated is the state at the end of the bundle.
    let last = told.chunk_by(|left, right| left.0 == right.0).filter_map(|of_one| of_one.last());
    last.filter(|(_, _, how, _)| *how == Granting::Given)
        .map(|(person, _, _, record)| (*person, Some(*record)))
        .collect()
}
