//! What reviewers decided: the corrections of an owners file.
//!
//! A correction overrides without hiding the evidence beneath, and it expires. It is wrong when the reviewer was, and when
//! the file was added to the bundle by somebody who had no business to.

use super::Signal;
use super::declared::person;
use crate::attribution::ask::Asker;
use crate::attribution::evidence::{Observation, Observed, SignalKind, WHOLE};
use crate::attribution::things::Thing;
use crate::base::time::Instant;
use crate::fact::claim::{Detail, Event, Happened, Standing};
use crate::fact::handle::HandleId;
use crate::identity::grade::Grade;
use crate::lineage::link::Relation;
use crate::lineage::walk::Hop;

pub(super) struct Corrected;

impl Signal for Corrected {
    fn observe(&self, asker: &Asker<'_>, thing: &Thing, until: Instant, out: &mut Observed) {
        let all = asker.corrections.get(thing.id).iter();
        let valid: Vec<&Happened> = all.filter(|row| is_valid(asker, row, until)).collect();
        // Of several decisions the newest is in force.
        let newest = valid.iter().map(|row| row.when).max();
        for row in valid.into_iter().filter(|row| Some(row.when) == newest) {
            let Event::Declared { owner, .. } = row.event else { continue };
            let Some(person) = person(asker, owner, None) else { continue };
            let (grade, records) = (Grade::Proven, vec![row.record]);
            let hop = Hop { from: person, relation: Relation::Declared, to: thing.id, grade, at: row.when, records };
            out.observations.push(Observation {
                person,
                kind: SignalKind::Corrected,
                at: row.when,
                grade,
                chain: vec![hop],
                cause: (thing.id, -2),
                points: false,
                share: WHOLE,
            });
        }
    }
}

/// Whether a decision was made by then and still holds. The bundle ends with the newest act, and a review of it comes
/// after: it counts unless an earlier time was asked for.
fn is_valid(asker: &Asker<'_>, row: &Happened, until: Instant) -> bool {
    let Event::Declared { by, .. } = row.event else { return false };
    let decided = !asker.ground.fixed || row.when.instant().is_none_or(|at| at <= until);
    decided && !by.is_some_and(|review| expired(asker, review, until))
}

/// Whether a review's term is over.
fn expired(asker: &Asker<'_>, review: HandleId, until: Instant) -> bool {
    asker.ground.facts.standing_of(review).any(|row| match row.claim {
        Standing::Described { who, detail: Detail::Until, value } if who == review => {
            Instant::parse(asker.ground.facts.text(value)).is_some_and(|end| end < until)
        }
        _ => false,
    })
}
