//! Use after departure: which credentials of people who left still exist, and were used since.
//!
//! An act after the last day is the credential's, never the person's, whose hands it may no longer be in.

use super::people::{Presence, Roster};
use crate::attribution::Ground;
use crate::base::origin::EvidenceId;
use crate::base::time::Instant;
use crate::fact::claim::{Detail, Event, Standing};
use crate::fact::handle::HandleKind;
use crate::identity::IdentityId;
use crate::identity::kind::Kind;

/// What is known of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The credential.
    pub id: IdentityId,
    /// Whether it lasts until somebody ends it.
    pub long_lived: bool,
    /// When it was last used, and the record.
    pub last_used: Option<(Instant, Option<EvidenceId>)>,
    /// Whether it was used after the owner's departure.
    pub used_after_departure: bool,
    /// When it was ended or switched off, if it was.
    pub ended_at: Option<Instant>,
}

/// What is known of a credential, as its owner stands.
#[must_use]
pub fn credential(ground: Ground<'_>, people: &Roster, id: IdentityId, owner: Option<IdentityId>) -> Credential {
    let mut last: Option<(Instant, Option<EvidenceId>)> = None;
    let mut ended_at = None;
    for handle in ground.identities.handles(id) {
        for act in ground.facts.acts_by(*handle) {
            let used = act.span.last.happened().map(|at| (at, Some(act.span.last_record)));
            last = last.into_iter().chain(used).max_by_key(|(at, record)| (*at, *record));
        }
        for row in ground.facts.standing_of(*handle) {
            if let Standing::Described { who, detail: Detail::LastUsed, value } = row.claim
                && who == *handle
            {
                let used = Instant::parse(ground.facts.text(value)).map(|at| (at, Some(row.span.last_record)));
                last = last.into_iter().chain(used).max_by_key(|(at, _)| *at);
            }
        }
        for row in ground.facts.events_of(*handle) {
            if let Event::Ended { who, .. } = row.event
                && who == *handle
            {
                ended_at = ended_at.max(row.when.instant());
            }
        }
    }
    let left = owner.and_then(|owner| match people.presence(owner, ground.as_of) {
        (Presence::Left, Some(change)) => change.at.instant(),
        _ => None,
    });
    let long_lived = ground.identities.kind(id) == Kind::Key
        && ground.identities.handles(id).iter().any(|handle| ground.facts.handle(*handle).kind == HandleKind::Key);
    Credential {
        id,
        long_lived,
        used_after_departure: last.zip(left).is_some_and(|((used, _), left)| used > left),
        last_used: last.filter(|(at, _)| *at <= ground.as_of),
        ended_at,
    }
}
