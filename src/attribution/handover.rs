//! When ownership passed from one person to another.
//!
//! Ownership is a function of time: when maintenance passes from A to B, the owner passes. It passes when B has looked
//! after the thing on two or more days since A last did, or when B pointed it at production or was handed it; the
//! latter alone is never more than probable. It is wrong when B only stood in: A's return takes it back.

use super::evidence::{Observation, SignalKind, WHOLE};
use crate::base::time::When;
use crate::identity::IdentityId;

/// The passing of a thing from one person to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Handover {
    /// From whom.
    pub from: IdentityId,
    /// To whom.
    pub to: IdentityId,
    /// When the other's care began.
    pub at: When,
    /// Whether it rests on a single pointing to production.
    pub by_pointing: bool,
}

/// On how many days somebody must have looked after a thing to take it over.
const DAYS: usize = 2;

/// Finds the last handover among what was observed.
pub(super) fn find(observations: &[Observation]) -> Option<Handover> {
    let care = |observation: &&Observation| matches!(observation.kind, SignalKind::Deployed | SignalKind::Maintained);
    // What was applied to a crowd of things hands none of them over.
    let meant = |observation: &&Observation| observation.share == WHOLE;
    let mut sittings: Vec<(When, IdentityId, (IdentityId, i64), bool)> = observations
        .iter()
        .filter(care)
        .filter(meant)
        .map(|observation| (observation.at, observation.person, observation.cause, observation.points))
        .collect();
    sittings.sort_unstable();
    let mut owner = sittings.first()?.1;
    let mut last = None;
    let mut at = 0;
    while let Some((_, person, ..)) = sittings.get(at).copied() {
        let run = sittings.iter().skip(at).take_while(|(_, other, ..)| *other == person);
        let run: Vec<_> = run.copied().collect();
        if person != owner
            && let Some(by_pointing) = takes_over(&run)
        {
            let begin = run.first().map_or(When::UNDATED, |(begin, ..)| *begin);
            last = Some(Handover { from: owner, to: person, at: begin, by_pointing });
            owner = person;
        }
        at += run.len();
    }
    last
}

/// Whether an unbroken run of one person's care takes a thing over, and whether only by pointing.
fn takes_over(run: &[(When, IdentityId, (IdentityId, i64), bool)]) -> Option<bool> {
    let mut causes: Vec<(IdentityId, i64)> = run.iter().map(|(_, _, cause, _)| *cause).collect();
    causes.sort_unstable();
    causes.dedup();
    let points = run.iter().any(|(.., points)| *points);
    if causes.len() >= DAYS { Some(false) } else { points.then_some(true) }
}
