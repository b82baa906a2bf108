//! From an acting thing to the human who is accountable for it, with the reasons.
//!
//! Enters: facts, identities, lineage, and the time to answer for. Leaves: for each acting thing an [`Attribution`]:
//! the candidates with what speaks for each, and a decision, or why there is none. Losers stay visible. This room never
//! asks whether the human is still there; that is the next one's question.

mod ask;
pub mod census;
mod corrections;
pub mod decision;
pub mod evidence;
pub mod handover;
pub mod signals;
pub mod things;
mod weigh;

use crate::base::time::Instant;
use crate::fact::facts::Facts;
use crate::identity::{Identities, IdentityId};
use crate::lineage::Lineage;
use crate::lineage::walk::Walker;
use census::Census;
use decision::Attribution;
use things::Things;

/// What attribution stands on: the rooms below, and the time to answer for.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// What the records claim.
    pub facts: &'a Facts,
    /// Who is who.
    pub identities: &'a Identities,
    /// What led to what.
    pub lineage: &'a Lineage,
    /// What happened later does not count.
    pub as_of: Instant,
    /// Whether that time was asked for. If not, it is the end of the bundle, and what reviewers decided since counts.
    pub fixed: bool,
}

impl<'a> Ground<'a> {
    /// A walker over this ground.
    #[must_use]
    pub fn walker(&self) -> Walker<'a> {
        Walker { identities: self.identities, lineage: self.lineage }
    }
}

/// Every acting thing of a bundle with its attribution, in the order of [`Things`].
#[derive(Debug, Default)]
pub struct Attributions {
    /// The acting things.
    pub things: Things,
    list: Vec<Attribution>,
}

impl Attributions {
    /// Attributes every acting thing.
    #[must_use]
    pub fn of(ground: Ground<'_>) -> Self {
        let things = Things::of(ground);
        let census = Census::of(ground, &things);
        let asker = ask::Asker::new(ground, &things, &census);
        let list = things.list().iter().map(|thing| asker.attribute(thing)).collect();
        Self { things, list }
    }

    /// The attribution of an acting thing.
    #[must_use]
    pub fn get(&self, thing: IdentityId) -> Option<&Attribution> {
        self.list.get(self.things.position(thing)?)
    }

    /// All attributions, in the order of the things.
    #[must_use]
    pub fn list(&self) -> &[Attribution] {
        &self.list
    }
}
