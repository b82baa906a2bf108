//! Who is written down as the owner: tags, owner fields.
//!
//! It shows what somebody wrote once. It is wrong when the tag is a default, was copied, or was never changed; when the
//! value was set by the very person it names, it says no more than that person's acts do. So it is weak where anybody
//! could write it, and it counts for as much as its value is rare in this bundle.

use super::Signal;
use crate::attribution::ask::Asker;
use crate::attribution::evidence::{Observation, Observed, SignalKind};
use crate::attribution::things::Thing;
use crate::base::time::Instant;
use crate::fact::claim::{Declaring, Event};
use crate::fact::handle::HandleId;
use crate::identity::IdentityId;
use crate::identity::grade::Grade;
use crate::identity::kind::Kind;
use crate::lineage::link::Relation;
use crate::lineage::walk::Hop;

pub(super) struct Declared;

impl Signal for Declared {
    fn observe(&self, asker: &Asker<'_>, thing: &Thing, until: Instant, out: &mut Observed) {
        let ground = asker.ground;
        for handle in ground.identities.handles(thing.id) {
            for row in ground.facts.events_of(*handle) {
                let Event::Declared { owner, owned, how, .. } = row.event else { continue };
                let in_time = row.when.instant().is_none_or(|at| at <= until);
                if owned != *handle || how == Declaring::Correction || !in_time {
                    continue;
                }
                let Some(person) = person(asker, owner, row.when.instant()) else { continue };
                let grade = if how == Declaring::OwnerField { Grade::Strong } else { Grade::Weak };
                let records = vec![row.record];
                let hop =
                    Hop { from: person, relation: Relation::Declared, to: thing.id, grade, at: row.when, records };
                out.observations.push(Observation {
                    person,
                    kind: SignalKind::Declared,
                    at: row.when,
                    grade,
                    chain: vec![hop],
                    cause: (thing.id, -1),
                    points: false,
                });
            }
        }
    }
}

/// The person whom a declaration names.
pub(super) fn person(asker: &Asker<'_>, owner: HandleId, at: Option<Instant>) -> Option<IdentityId> {
    let identities = asker.ground.identities;
    let named = identities.one(owner, at).filter(|id| identities.kind(*id) == Kind::Person);
    named.or_else(|| identities.called(asker.ground.facts.text(owner), at))
}
