//! How common a signal is in this bundle: what makes it worth much or little.
//!
//! A platform engineer who created 900 of 1,000 agents gives almost no evidence by having created the next; a tag value
//! that stands on most things says nothing. So each signal is set against how often the same person shows it for things
//! that are not theirs, as far as the bundle tells.

use super::Ground;
use super::ask::Asker;
use super::evidence::{Observation, Observed, SignalKind};
use super::things::Things;
use crate::base::lookup::Map;
use crate::identity::IdentityId;
use crate::identity::kind::Kind;

/// Counts over all things of a bundle.
#[derive(Debug, Default)]
pub struct Census {
    /// How many people there are.
    people: usize,
    /// How many things have anybody observed for this kind of signal.
    things: Map<SignalKind, usize>,
    /// For how many things a person shows a kind of signal.
    shown: Map<(IdentityId, SignalKind), usize>,
    /// The things that a person deployed and others then took over.
    taken_over: Map<IdentityId, Vec<IdentityId>>,
}

impl Census {
    /// Counts what people themselves did to all things.
    #[must_use]
    pub fn of(ground: Ground<'_>, things: &Things) -> Self {
        let asker = Asker::direct(ground, things);
        let people = ground.identities.iter().filter(|id| ground.identities.kind(*id) == Kind::Person).count();
        let mut census = Self { people, ..Self::default() };
        for thing in things.list() {
            census.count(thing.id, &asker.observe(thing, ground.as_of));
        }
        census
    }

    fn count(&mut self, thing: IdentityId, observed: &Observed) {
        let mut shown: Vec<(SignalKind, IdentityId)> =
            observed.observations.iter().map(|observation| (observation.kind, observation.person)).collect();
        shown.sort_unstable();
        shown.dedup();
        let deployed = |person: &IdentityId| shown.contains(&(SignalKind::Deployed, *person));
        for (kind, person) in &shown {
            // Care for what one made oneself is no habit of caring for what belongs to others.
            if *kind == SignalKind::Maintained && deployed(person) {
                continue;
            }
            *self.shown.get_or_insert_with((*person, *kind), || 0) += 1;
        }
        for of_kind in shown.chunk_by(|left, right| left.0 == right.0) {
            if let Some((kind, _)) = of_kind.first() {
                *self.things.get_or_insert_with(*kind, || 0) += 1;
            }
        }
        for person in taken_from(&observed.observations) {
            self.taken_over.get_or_insert_with(person, Vec::new).push(thing);
        }
    }

    /// How many people there are, at least two.
    #[must_use]
    pub fn people(&self) -> f64 {
        self.people.max(2) as f64
    }

    /// For how many other things the person shows this kind of signal, and how many other things anybody does.
    #[must_use]
    pub fn elsewhere(&self, person: IdentityId, kind: SignalKind) -> (f64, f64) {
        let shown = self.shown.get(&(person, kind)).copied().unwrap_or(0);
        let things = self.things.get(&kind).copied().unwrap_or(0);
        (shown.saturating_sub(1) as f64, things.saturating_sub(1) as f64)
    }

    /// How many of the other things that the person deployed were taken over by others.
    #[must_use]
    pub fn taken_over(&self, person: IdentityId, thing: IdentityId) -> f64 {
        let all = self.taken_over.get(&person).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|other| **other != thing).count() as f64
    }
}

/// The people who deployed a thing and never touched it again, while somebody else looked after it.
fn taken_from(observations: &[Observation]) -> Vec<IdentityId> {
    let of = |kind| observations.iter().filter(move |observation| observation.kind == kind);
    let mut taken = Vec::new();
    for deployed in of(SignalKind::Deployed) {
        let after = |other: &&Observation| other.at > deployed.at && other.cause != deployed.cause;
        let others = of(SignalKind::Maintained).filter(after).any(|other| other.person != deployed.person);
        let own = of(SignalKind::Maintained).filter(after).any(|other| other.person == deployed.person);
        if others && !own {
            taken.push(deployed.person);
        }
    }
    taken.sort_unstable();
    taken.dedup();
    taken
}
