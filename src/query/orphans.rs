//! Every acting thing whose owner can no longer answer, ranked by risk.

use std::cmp::Reverse;

use super::inventory::{Filter, inventory};
use super::who_owns::Owned;
use crate::base::time::Instant;
use crate::case::Case;
use crate::lifecycle::status::Status;

/// Which findings are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Also those of whom nobody is known to be the owner.
    pub unattributed: bool,
    /// Only with one of these reasons.
    pub reasons: Vec<String>,
    /// Only of one of these kinds.
    pub kinds: Vec<String>,
    /// Only on one of these deployment paths.
    pub paths: Vec<String>,
    /// Only those whose owner left within so many hours before the time of the answer.
    pub left_within_hours: Option<i64>,
    /// Only those seen since.
    pub active_since: Option<Instant>,
}

/// An orphan with its risk.
#[derive(Clone, Debug, PartialEq)]
pub struct Orphan {
    /// The finding.
    pub item: Owned,
    /// Its place among all that are shown, from 1.
    pub rank: usize,
    /// What the rank is made of.
    pub risk: Risk,
}

/// What makes an orphan urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Risk {
    /// Whether it acted, or a credential of it was used, after the owner's departure.
    pub used_after_departure: bool,
    /// Whether it lives on a credential that lasts until somebody ends it.
    pub long_lived_credential: bool,
    /// How many resources it touched.
    pub resources: usize,
    /// When it was last seen.
    pub last_seen: Option<Instant>,
}

impl Risk {
    /// The word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match (self.used_after_departure, self.long_lived_credential) {
            (true, true) => "high",
            (true, false) | (false, true) => "medium",
            (false, false) => "low",
        }
    }
}

/// The orphans, ranked: the most urgent first.
#[must_use]
pub fn orphans(case: &Case, wanted: &Wanted) -> Vec<Orphan> {
    let items = inventory(case, Filter::default()).into_iter().filter(|item| is_wanted(case, item, wanted));
    let mut orphans: Vec<Orphan> = items.map(|item| Orphan { risk: risk(&item), rank: 0, item }).collect();
    orphans.sort_by(|left, right| {
        let key = |orphan: &Orphan| (orphan.item.status, Reverse(orphan.risk));
        key(left).cmp(&key(right)).then_with(|| left.item.agent.id.cmp(&right.item.agent.id))
    });
    for (at, orphan) in orphans.iter_mut().enumerate() {
        orphan.rank = at + 1;
    }
    orphans
}

fn is_wanted(case: &Case, item: &Owned, wanted: &Wanted) -> bool {
    let status = match item.status {
        Status::Orphaned => true,
        Status::Unattributed => wanted.unattributed,
        Status::Review | Status::Owned => false,
    };
    let any = |list: &[String], value: Option<&str>| {
        list.is_empty() || value.is_some_and(|value| list.iter().any(|one| one == value))
    };
    let reason =
        wanted.reasons.is_empty() || item.reasons.iter().any(|reason| any(&wanted.reasons, Some(reason.code.word())));
    let left = item.owner.as_ref().and_then(|owner| owner.status_at);
    let within =
        wanted.left_within_hours.is_none_or(|hours| left.is_some_and(|left| left >= case.as_of().plus_hours(-hours)));
    let active = wanted.active_since.is_none_or(|since| item.agent.last_seen.is_some_and(|seen| seen >= since));
    status
        && item.agent.ended_at.is_none()
        && reason
        && any(&wanted.kinds, Some(item.agent.kind.as_str()))
        && any(&wanted.paths, item.path)
        && within
        && active
}

fn risk(item: &Owned) -> Risk {
    let left = item.owner.as_ref().and_then(|owner| owner.status_at);
    let acted = left.zip(item.agent.last_seen).is_some_and(|(left, seen)| seen > left);
    let live = item.credentials.iter().filter(|credential| credential.ended_at.is_none());
    Risk {
        used_after_departure: acted || item.credentials.iter().any(|credential| credential.used_after_departure),
        long_lived_credential: live.clone().any(|credential| credential.long_lived),
        resources: item.resources.len(),
        last_seen: item.agent.last_seen,
    }
}
