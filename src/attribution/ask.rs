//! Asking for one thing: gathers what every signal observes and has it weighed.

use std::cell::RefCell;

use super::Ground;
use super::census::Census;
use super::corrections::Corrections;
use super::decision::Attribution;
use super::evidence::{Observation, Observed};
use super::things::{Thing, Things};
use super::{signals, weigh};
use crate::base::time::Instant;
use crate::fact::claim::{Detail, Standing};
use crate::identity::IdentityId;
use crate::identity::grade::Grade;
use crate::lineage::walk::Hop;

/// Asks who is accountable for things, also for a thing that made the thing asked for.
pub(super) struct Asker<'a> {
    pub(super) ground: Ground<'a>,
    pub(super) things: &'a Things,
    census: Option<&'a Census>,
    pub(super) corrections: Corrections,
    /// The things being asked for right now: a thing that made itself, over whatever detour, inherits nothing.
    path: RefCell<Vec<IdentityId>>,
}

/// The owner of a thing that made another.
pub(super) struct Owner {
    pub(super) person: IdentityId,
    pub(super) grade: Grade,
    pub(super) chain: Vec<Hop>,
}

impl<'a> Asker<'a> {
    pub(super) fn new(ground: Ground<'a>, things: &'a Things, census: &'a Census) -> Self {
        let corrections = Corrections::of(ground, things);
        Self { ground, things, census: Some(census), corrections, path: RefCell::default() }
    }

    /// One who only looks at what people did themselves, before anything is known of how common that is.
    pub(super) fn direct(ground: Ground<'a>, things: &'a Things) -> Self {
        Self { ground, things, census: None, corrections: Corrections::default(), path: RefCell::default() }
    }

    /// Whether an identity is another company's.
    pub(super) fn is_outside(&self, id: IdentityId) -> bool {
        let facts = self.ground.facts;
        self.ground.identities.handles(id).iter().any(|handle| {
            let mut rows = facts.standing_of(*handle);
            rows.any(
                |row| matches!(row.claim, Standing::Described { who, detail: Detail::Outside, .. } if who == *handle),
            )
        })
    }

    /// What is observed of a thing up to an instant.
    pub(super) fn observe(&self, thing: &Thing, until: Instant) -> Observed {
        let mut observed = Observed::default();
        for signal in signals::ALL {
            signal.observe(self, thing, until, &mut observed);
        }
        observed.observations.sort_unstable_by(|left, right| {
            let key = |one: &Observation| (one.person, one.kind, one.cause, one.points, std::cmp::Reverse(one.grade));
            key(left).cmp(&key(right)).then_with(|| left.cmp(right))
        });
        // What one cause did a thousand times is one observation: the best-graded, and of these the first.
        observed.observations.dedup_by_key(|one| (one.person, one.kind, one.cause, one.points));
        observed.observations.sort_unstable();
        observed.dead_ends.sort_unstable();
        observed.dead_ends.dedup();
        observed.teams.sort_unstable();
        observed.teams.dedup();
        observed
    }

    /// The attribution of a thing at the time to answer for.
    pub(super) fn attribute(&self, thing: &Thing) -> Attribution {
        self.attribute_at(thing, self.ground.as_of)
    }

    fn attribute_at(&self, thing: &Thing, until: Instant) -> Attribution {
        self.path.borrow_mut().push(thing.id);
        let observed = self.observe(thing, until);
        self.path.borrow_mut().pop();
        let nothing_known = Census::default();
        weigh::weigh(self.census.unwrap_or(&nothing_known), thing, observed)
    }

    /// Who answered for a thing at an instant, if anybody can be named.
    pub(super) fn owner_of(&self, thing: IdentityId, at: Option<Instant>) -> Option<Owner> {
        self.census?;
        if self.path.borrow().contains(&thing) {
            return None;
        }
        let attribution = self.attribute_at(self.things.get(thing)?, at.unwrap_or(self.ground.as_of));
        let owner = attribution.owner?;
        let winner = attribution.candidates.into_iter().find(|candidate| candidate.person == owner.person)?;
        Some(Owner { person: owner.person, grade: winner.grade, chain: winner.chain })
    }
}
