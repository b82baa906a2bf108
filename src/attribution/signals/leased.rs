//! Who was issued the key by a broker of secrets.
//!
//! A vault makes a user and a key in a cloud when somebody asks for them, and makes them in its own name: the cloud's log
//! shows the vault as the maker. The key belongs to whom it was issued: to the person whose token asked, else to whoever
//! answers for the machine whose token it was. The vault is a hop, not an end: who set it up, or made the role that the
//! key is made by, owns none of its keys. So where a key was issued on demand and nobody can be found who asked, the way
//! is broken, and the vault's owner does not inherit it.
//!
//! Wrong when whoever asked gave the key to somebody else, who then runs the thing; what that other does to the thing in
//! their own name speaks for them. Wrong, too, when somebody who may make users names one as the vault would, at the
//! second in which another asks for a key: then both are found, the maker by their own session.

use super::Signal;
use crate::attribution::Ground;
use crate::attribution::ask::Asker;
use crate::attribution::evidence::{DeadEnd, Ending, Observation, Observed, SignalKind, WHOLE};
use crate::attribution::things::{Behind, Thing};
use crate::base::time::Instant;
use crate::fact::claim::{Standing, Tie};
use crate::identity::IdentityId;
use crate::identity::kind::Kind;
use crate::lineage::link::Relation;
use crate::lineage::walk::{End, Hop, Walk};

pub(super) struct Leased;

impl Signal for Leased {
    fn observe(&self, asker: &Asker<'_>, thing: &Thing, until: Instant, out: &mut Observed) {
        for key in keys(asker.ground, thing) {
            let walk = asker.ground.walker().walk(key);
            let Some(last) = walk.hops.last() else { continue };
            if last.at.instant().is_none_or(|at| at <= until) {
                observe(asker, thing, key, &walk, last, out);
            }
        }
    }
}

/// Whether a thing lives on a key that was issued on demand.
pub(super) fn is_leased(ground: Ground<'_>, thing: &Thing) -> bool {
    keys(ground, thing).next().is_some()
}

fn keys<'a>(ground: Ground<'a>, thing: &'a Thing) -> impl Iterator<Item = IdentityId> + 'a {
    let own = std::iter::once(thing.id).chain(thing.members.iter().copied());
    own.filter(move |id| ground.identities.kind(*id) == Kind::Key && on_demand(ground, *id))
}

/// Whether a key was issued on demand: it is one with an issuance that the maker of its user wrote into the user's name,
/// or somebody's log shows that it was obtained.
fn on_demand(ground: Ground<'_>, key: IdentityId) -> bool {
    let obtained = || ground.lineage.causes(key).iter().any(|(link, _)| link.relation == Relation::Assumed);
    issuance(ground, key).is_some() || obtained()
}

/// What stands for the issuing of a key, in the name of its user.
fn issuance(ground: Ground<'_>, key: IdentityId) -> Option<IdentityId> {
    ground.identities.handles(key).iter().find_map(|handle| {
        let mut ties = ground.facts.standing_of(*handle).filter_map(|row| match row.claim {
            Standing::Tied { a, b, tie: Tie::SameSession } if a == *handle => Some(b),
            _ => None,
        });
        ground.identities.always(ties.next()?)
    })
}

fn observe(asker: &Asker<'_>, thing: &Thing, key: IdentityId, walk: &Walk, last: &Hop, out: &mut Observed) {
    out.made_in_view = true;
    let (at, grade) = (last.at, walk.grade);
    let mut dead_end = |end: Ending| {
        let (kind, chain, claims) = (SignalKind::Issued, walk.hops.clone(), walk.claims.clone());
        let record = last.records.last().copied();
        out.dead_ends.extend(record.map(|record| DeadEnd { kind, end, record, at, chain, by_vendor: false, claims }));
    };
    // Only the user is known whose key it is, and that user was made for it: who asked is not in the records.
    if last.relation == Relation::HeldKey {
        return dead_end(Ending::Broken(issuance(asker.ground, key).unwrap_or(key)));
    }
    let (person, kind, chain, grade) = match &walk.end {
        End::Person(person) => (*person, SignalKind::Issued, walk.hops.clone(), grade),
        End::Several(people) => return dead_end(Ending::Several(people.clone())),
        End::Broken(end) => return dead_end(Ending::Broken(*end)),
        End::Machine(end) => match asker.things.behind(asker.ground, key, walk) {
            Behind::One(machine) if machine != thing.id => match asker.owner_of(machine, at.instant()) {
                Some(mut owner) => {
                    owner.chain.extend(walk.hops.iter().cloned());
                    (owner.person, SignalKind::Inherited, owner.chain, owner.grade.min(grade))
                }
                None => return dead_end(Ending::Machine(machine)),
            },
            Behind::Shared(_) => return dead_end(Ending::Shared(*end)),
            Behind::One(_) | Behind::Nothing => return dead_end(Ending::Machine(*end)),
        },
    };
    let cause = (person, at.instant().map_or(i64::MIN, Instant::day));
    out.observations.push(Observation { person, kind, at, grade, chain, cause, points: false, share: WHOLE });
}
