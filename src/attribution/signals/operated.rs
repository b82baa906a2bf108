//! Who runs or calls the thing in their own session.
//!
//! It shows interest, not accountability: whoever reads an agent's answers consumes. It never names anybody by itself; it
//! tells apart two people for whom more speaks. It is wrong where one person calls what a whole team depends on.

use super::Signal;
use crate::attribution::ask::Asker;
use crate::attribution::evidence::{Observation, Observed, SignalKind, WHOLE};
use crate::attribution::things::Thing;
use crate::base::time::{Instant, When};
use crate::fact::claim::Outcome;
use crate::identity::grade::Grade;
use crate::lineage::link::Relation;
use crate::lineage::walk::Hop;

pub(super) struct Operated;

impl Signal for Operated {
    fn observe(&self, asker: &Asker<'_>, thing: &Thing, until: Instant, out: &mut Observed) {
        let ground = asker.ground;
        for handle in ground.identities.handles(thing.id) {
            for act in ground.facts.acts_on(*handle) {
                let Some(at) = act.span.first.happened().filter(|at| *at <= until) else { continue };
                if act.claim.on != Some(*handle) || act.claim.outcome != Outcome::Succeeded {
                    continue;
                }
                let Some(by) = ground.identities.one(act.claim.by, Some(at)) else { continue };
                let walk = ground.walker().walk(by);
                let Some(person) = walk.person() else { continue };
                let (relation, records) = (Relation::Operates, vec![act.span.first_record]);
                let hop = Hop { from: by, relation, to: thing.id, grade: Grade::Proven, at: When::at(at), records };
                let mut chain = walk.hops.clone();
                chain.push(hop);
                out.observations.push(Observation {
                    person,
                    kind: SignalKind::Operated,
                    at: When::at(at),
                    grade: walk.grade,
                    chain,
                    cause: (person, at.day()),
                    points: false,
                    share: WHOLE,
                });
            }
        }
    }
}
