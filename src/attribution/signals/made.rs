//! Who made and changed the thing: deployed, maintained, issued, inherited.
//!
//! The strongest signal: a person's own session, or automation that a person set off, brought the thing into being or
//! changed it. It is wrong when a platform team deploys for others (weighed by how often it does), when the credential
//! was borrowed, and when the thing was since taken over (see handover). Where the maker is itself a machine, whoever
//! answers for that machine at that moment answers for what it made: inherited, and never more than probable.

use super::{Signal, leased};
use crate::attribution::ask::Asker;
use crate::attribution::evidence::{DeadEnd, Ending, Observation, Observed, SignalKind, WHOLE};
use crate::attribution::things::{Behind, Thing};
use crate::base::origin::EvidenceId;
use crate::base::time::Instant;
use crate::fact::claim::{Detail, Event, Happened, Making, Standing, Tie};
use crate::fact::handle::HandleId;
use crate::identity::IdentityId;
use crate::identity::grade::Grade;
use crate::identity::kind::Kind;
use crate::lineage::link::{Link, Relation};
use crate::lineage::walk::{End, Hop, Walk};

pub(super) struct Made;

impl Signal for Made {
    fn observe(&self, asker: &Asker<'_>, thing: &Thing, until: Instant, out: &mut Observed) {
        let ground = asker.ground;
        for part in parts(asker, thing) {
            for handle in ground.identities.handles(part) {
                for row in ground.facts.events_of(*handle) {
                    let Event::Made { by, made, how } = row.event else { continue };
                    let in_time = row.when.instant().is_none_or(|at| at <= until);
                    if made == *handle && in_time {
                        observe(asker, thing, part, (by, how, row), out);
                    }
                }
            }
        }
        own_key(asker, thing, out);
    }
}

/// What a change must touch to count for a thing: the thing itself; for a service user also its keys.
fn parts(asker: &Asker<'_>, thing: &Thing) -> Vec<IdentityId> {
    let kind = |id: &IdentityId| asker.ground.identities.kind(*id);
    let mut parts = vec![thing.id];
    if kind(&thing.id) == Kind::Principal {
        let own = |member: &IdentityId| kind(member) == Kind::Key && is_issued_for(asker, *member, thing.id);
        parts.extend(thing.members.iter().copied().filter(own));
    }
    parts
}

/// Whether a key stood for this principal first: where it was issued. One that is good for others, too, is no care for
/// those, as an app's secret is that of its service principals in every tenant.
fn is_issued_for(asker: &Asker<'_>, key: IdentityId, principal: IdentityId) -> bool {
    let ground = asker.ground;
    let handles = ground.identities.handles(key).iter();
    let stands = handles.flat_map(|handle| ground.facts.standing_of(*handle).map(move |row| (*handle, row)));
    let first = stands.filter_map(|(handle, row)| match row.claim {
        Standing::Tied { a, b, tie: Tie::RunsAs } if a == handle => {
            Some((row.span.first, ground.identities.one(b, row.span.first.instant())?))
        }
        _ => None,
    });
    first.min().is_none_or(|(_, first)| first == principal)
}

fn observe(
    asker: &Asker<'_>,
    thing: &Thing,
    part: IdentityId,
    (by, how, row): (HandleId, Making, &Happened),
    out: &mut Observed,
) {
    let Some(maker) = asker.ground.identities.one(by, row.when.instant()) else { return };
    let ground = asker.ground;
    let (kind, relation) = signal(how, part == thing.id);
    out.made_in_view |= how == Making::Created || (how == Making::Issued && part == thing.id);
    let walk = ground.walker().walk(maker);
    let last = Hop { from: maker, relation, to: part, grade: Grade::Proven, at: row.when, records: vec![row.record] };
    // Who issues a service user's next key has the credential in hand from then on. Wrong where an administrator rotates
    // everybody's keys; then the person who goes on caring for the user takes it back.
    let takes_key = how == Making::Issued && part != thing.id;
    let points = takes_key || matches!(how, Making::Pointed | Making::HandedOver);
    match &walk.end {
        End::Person(person) => {
            let share = share(asker, maker, &walk);
            let observation = Observation {
                person: *person,
                kind,
                at: row.when,
                grade: walk.grade,
                cause: cause(*person, row),
                chain: with(walk.hops.clone(), last),
                points: points && share == WHOLE,
                share,
            };
            out.observations.push(observation);
        }
        End::Several(people) => dead_end(asker, kind, Ending::Several(people.clone()), row, &walk, last, out),
        // The hands of a broker: who asked for the key is another signal's question.
        End::Machine(_) | End::Broken(_) if leased::is_leased(ground, thing) => {}
        End::Machine(_) | End::Broken(_) if let Some((person, written)) = of_the_change(asker, thing, maker, row) => {
            let grade = written.grade.min(Grade::Likely);
            let (kind, cause, chain) = (kind, cause(person, row), vec![written, last]);
            let (at, share) = (row.when, WHOLE);
            out.observations.push(Observation { person, kind, at, grade, chain, cause, points: false, share });
        }
        End::Machine(at) | End::Broken(at) => match asker.things.behind(ground, maker, &walk) {
            Behind::One(machine) if machine == thing.id => {}
            // Another company did it: whoever answers for the way in that it was given answers for what it made.
            Behind::One(role) if asker.is_outside(*at) => inherited(asker, role, kind, row, &walk, last, out),
            // Nobody knows who opened the session, and a role is only what it was opened for: the trail breaks here.
            Behind::One(role) if is_only_entered(asker, &walk, role) => {
                dead_end(asker, kind, Ending::Broken(*at), row, &walk, last, out);
            }
            Behind::One(machine) => inherited(asker, machine, kind, row, &walk, last, out),
            Behind::Shared(_) => dead_end(asker, kind, Ending::Shared(*at), row, &walk, last, out),
            Behind::Nothing if matches!(walk.end, End::Machine(_)) => {
                dead_end(asker, kind, Ending::Machine(*at), row, &walk, last, out);
            }
            Behind::Nothing => dead_end(asker, kind, Ending::Broken(*at), row, &walk, last, out),
        },
    }
}

/// How far a change means this one thing, in hundredths. What a pipeline or a service applies to many things at once is
/// one cause, and shared by all of them; of a few, each may well be meant.
fn share(asker: &Asker<'_>, maker: IdentityId, walk: &Walk) -> u32 {
    const FEW: u32 = 10;
    let automated = walk.hops.iter().any(|hop| matches!(hop.relation, Relation::RanAs | Relation::Asked));
    match asker.things.touched_by(maker) {
        many if automated && many > FEW => WHOLE / many,
        _ => WHOLE,
    }
}

/// Who wrote the change that a machine put in place, else who let it in: by the commit that the thing was made from in
/// this very record. A machine that carries out what was merged is a hop on the way to whoever wanted it.
///
/// No more than likely: the commit is as the maker names it, on an image or a label. Wrong where somebody puts the tag of
/// one commit on the image of another. Where several people have the same part in the change, nobody is named.
fn of_the_change(asker: &Asker<'_>, thing: &Thing, maker: IdentityId, row: &Happened) -> Option<(IdentityId, Hop)> {
    let ground = asker.ground;
    let rows = ground.identities.handles(thing.id).iter().flat_map(|handle| ground.facts.standing_of(*handle));
    let at_commits: Vec<EvidenceId> = rows
        .filter(|standing| matches!(standing.claim, Standing::Described { detail: Detail::Commit, .. }))
        .filter(|standing| standing.span.first <= row.when && row.when <= standing.span.last)
        .map(|standing| standing.span.first_record)
        .collect();
    let causes = ground.lineage.causes(thing.id);
    let is_person = |who: &IdentityId| ground.identities.kind(*who) == Kind::Person;
    let parts: Vec<&(Link, IdentityId)> =
        causes.iter().filter(|(link, who)| at_commits.contains(&link.record) && is_person(who)).collect();
    let of = |relation| parts.iter().filter(move |(link, _)| link.relation == relation);
    let relation = [Relation::Authored, Relation::Merged].into_iter().find(|one| of(*one).next().is_some())?;
    let (link, person) = of(relation).next()?;
    if of(relation).any(|(_, other)| other != person) {
        return None;
    }
    let records = link.records().collect();
    let hop = Hop { from: *person, relation, to: maker, grade: link.grade, at: link.at, records };
    Some((*person, hop))
}

/// Whether a broken walk ends at a role that anybody may have entered, rather than at a thing that acts as it.
fn is_only_entered(asker: &Asker<'_>, walk: &Walk, role: IdentityId) -> bool {
    matches!(walk.end, End::Broken(_)) && asker.ground.identities.kind(role) == Kind::Principal
}

/// What a way of making is a signal of.
fn signal(how: Making, of_the_thing_itself: bool) -> (SignalKind, Relation) {
    match how {
        Making::Created => (SignalKind::Deployed, Relation::Deployed),
        Making::Updated => (SignalKind::Maintained, Relation::Updated),
        Making::Pointed => (SignalKind::Maintained, Relation::Pointed),
        Making::HandedOver => (SignalKind::Maintained, Relation::HandedOver),
        // Issuing a key is the making of the key, and care for the user it belongs to.
        Making::Issued if of_the_thing_itself => (SignalKind::Issued, Relation::Issued),
        Making::Issued => (SignalKind::Maintained, Relation::Issued),
    }
}

/// What a machine made belongs to whoever answers for the machine at that moment.
fn inherited(
    asker: &Asker<'_>,
    machine: IdentityId,
    kind: SignalKind,
    row: &Happened,
    walk: &Walk,
    last: Hop,
    out: &mut Observed,
) {
    let Some(owner) = asker.owner_of(machine, row.when.instant()) else {
        return match walk.end {
            // What an outsider calls itself says nothing of anybody here.
            End::Machine(at) | End::Broken(at) if asker.is_outside(at) => {
                let walk = Walk { claims: Vec::new(), ..walk.clone() };
                dead_end(asker, kind, Ending::Outside(at), row, &walk, last, out);
            }
            _ => dead_end(asker, kind, Ending::Machine(machine), row, walk, last, out),
        };
    };
    let mut chain = owner.chain;
    chain.extend(walk.hops.iter().cloned());
    let grade = owner.grade.min(walk.grade);
    let cause = cause(owner.person, row);
    let chain = with(chain, last);
    out.observations.push(Observation {
        person: owner.person,
        kind: SignalKind::Inherited,
        at: row.when,
        grade,
        chain,
        cause,
        points: false,
        share: WHOLE,
    });
}

fn dead_end(
    asker: &Asker<'_>,
    kind: SignalKind,
    end: Ending,
    row: &Happened,
    walk: &Walk,
    last: Hop,
    out: &mut Observed,
) {
    let chain = with(walk.hops.clone(), last);
    let claims = walk.claims.clone();
    let by_vendor = match end {
        Ending::Machine(machine) => asker.things.get(machine).is_some_and(|thing| thing.vendor_managed),
        Ending::Several(_) | Ending::Shared(_) | Ending::Outside(_) | Ending::Broken(_) => false,
    };
    out.dead_ends.push(DeadEnd { kind, end, record: row.record, at: row.when, chain, by_vendor, claims });
}

/// A key of a person's own user is that person's, whoever issued it. So is the access to a system that the platform gave
/// an app in one user's name: the platform says in whose with every use.
///
/// Wrong where an app uses one user's access for everybody: then it is that user's access nevertheless.
fn own_key(asker: &Asker<'_>, thing: &Thing, out: &mut Observed) {
    match asker.ground.identities.kind(thing.id) {
        Kind::Key => {}
        Kind::Agent => return own_access(asker, thing, out),
        _ => return,
    }
    let walk = asker.ground.walker().walk(thing.id);
    let held = walk.hops.last().filter(|hop| hop.relation == Relation::HeldKey);
    if let (End::Person(person), Some(hop)) = (&walk.end, held) {
        let (at, cause) = (hop.at, (thing.id, 0));
        out.observations.push(Observation {
            person: *person,
            kind: SignalKind::Issued,
            at,
            grade: walk.grade,
            chain: walk.hops.clone(),
            cause,
            points: false,
            share: WHOLE,
        });
    }
}

fn own_access(asker: &Asker<'_>, thing: &Thing, out: &mut Observed) {
    let causes = asker.ground.lineage.causes(thing.id);
    for (link, person) in causes.into_iter().filter(|(link, _)| link.relation == Relation::Opened) {
        if asker.ground.identities.kind(person) != Kind::Person {
            continue;
        }
        let (grade, at, records) = (link.grade, link.at, link.records().collect());
        let hop = Hop { from: person, relation: Relation::Opened, to: thing.id, grade, at, records };
        out.observations.push(Observation {
            person,
            kind: SignalKind::Issued,
            at,
            grade,
            chain: vec![hop],
            cause: (thing.id, 0),
            points: false,
            share: WHOLE,
        });
    }
}

/// What one person did on one day is one cause, however many records and systems tell of it.
fn cause(person: IdentityId, row: &Happened) -> (IdentityId, i64) {
    (person, row.when.instant().map_or(i64::MIN, Instant::day))
}

fn with(mut chain: Vec<Hop>, last: Hop) -> Vec<Hop> {
    chain.push(last);
    chain
}
