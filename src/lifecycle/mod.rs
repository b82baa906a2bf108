//! Whether the accountable human is still there, and who is asked next.
//!
//! Enters: attributions and what the directories say of people. Leaves: for each acting thing a [`status::Finding`]:
//! owned, to review, orphaned or unattributed, with reasons, a route, and what was used after a departure. This room
//! never changes who is accountable.

pub mod departed;
pub mod people;
pub mod route;
pub mod status;

use crate::attribution::{Attributions, Ground};
use people::Roster;
use status::Finding;

/// Every acting thing's finding, and what is known of people.
#[derive(Debug, Default)]
pub struct Lifecycle {
    /// What is known of people.
    pub people: Roster,
    findings: Vec<Finding>,
}

impl Lifecycle {
    /// Judges every attribution.
    #[must_use]
    pub fn of(ground: Ground<'_>, attributions: &Attributions) -> Self {
        let people = Roster::of(ground);
        let things = attributions.things.list().iter().zip(attributions.list());
        let findings = things.map(|(thing, attribution)| status::judge(ground, &people, thing, attribution)).collect();
        Self { people, findings }
    }

    /// The findings, in the order of the things.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}
