//! Sessions whose key was never seen to be issued: found by principal, name and the second of their start.
//!
//! An Identity Center session is used with another key than the one its issuance returned, and a console session with a
//! new key for each request. Principal id and session name of the issuance equal those of the use, and the session's
//! creation date is the second of the issuance; AWS stamps the two within two seconds. In the same way the key of a user
//! that a broker of secrets made is found by the user's name, which says for whom, for which role and when it was made;
//! the broker's own log has the same three.
//!
//! A system that a session proved itself to may know its principal and name and not its start, only that it had begun
//! (`principal:name@<time`). Then it is the session of that name that was issued in the twelve hours before, the longest
//! a session lasts. Wrong where the session that was meant is not in the records and another of the same name is; where
//! several are, all are linked, and the walk names nobody unless all lead to one.

use super::link::{Link, Relation};
use super::weave::Woven;
use crate::base::origin::EvidenceId;
use crate::base::time::Instant;
use crate::fact::claim::{Event, Standing, Tie};
use crate::fact::facts::Facts;
use crate::fact::handle::HandleKind;
use crate::identity::grade::Grade;
use crate::identity::{Identities, IdentityId};

/// How far apart the stamps of issuance and start may lie, in milliseconds.
const TOLERANCE: i64 = 2_000;

/// How long before it was used a session can have begun whose start is not known, in hours.
const LONGEST_SESSION_HOURS: i64 = 12;

/// A session with its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Start<'f> {
    principal: &'f str,
    at: Instant,
    /// It began at an unknown time before that.
    before: bool,
    session: IdentityId,
    /// Of a key: the record that says that it is of this start.
    record: Option<EvidenceId>,
    link: Option<Link>,
}

impl Start<'_> {
    /// The first and last instant at which the session can have been issued.
    fn window(&self) -> (Instant, Instant) {
        let last = self.at.plus_millis(TOLERANCE);
        let first = if self.before { self.at.plus_hours(-LONGEST_SESSION_HOURS) } else { self.at };
        (first.plus_millis(-TOLERANCE), last)
    }
}

/// Links each session that was used to those that were issued with the same start.
pub(super) fn links(facts: &Facts, identities: &Identities) -> Vec<Woven> {
    let mut issued = vec![None; identities.len()];
    for row in facts.events() {
        if let Event::Became { into, .. } = row.event
            && let Some(slot) = identities.always(into).and_then(|id| issued.get_mut(id.index()))
        {
            let link = Link::new(Relation::SameSession, Grade::Strong, row.when, row.record);
            *slot = Some(slot.map_or(link, |before: Link| before.min(link)));
        }
    }
    let mut starts = starts(facts, identities, &issued);
    starts.sort_unstable();
    starts.dedup();
    let mut links = Vec::new();
    for group in starts.chunk_by(|left, right| left.principal == right.principal) {
        for used in group.iter().filter(|start| start.link.is_none()) {
            // A group is sorted by time: only the neighbours within the tolerance are looked at.
            let (earliest, latest) = used.window();
            let first = group.partition_point(|start| start.at < earliest);
            for from in group.iter().skip(first).take_while(|start| start.at <= latest).filter(|start| !start.before) {
                links.extend(from.link.map(|link| (used.session, from.session, with(link, used.record))));
            }
        }
    }
    links
}

/// The link with the record of the key beside that of its issuance.
fn with(link: Link, record: Option<EvidenceId>) -> Link {
    record.map_or(link, |record| Link { record, also: Some(link.record), ..link })
}

fn starts<'f>(facts: &'f Facts, identities: &Identities, issued: &[Option<Link>]) -> Vec<Start<'f>> {
    let start = |handle, session: IdentityId, record| {
        let (principal, at) = facts.handle(handle).value.rsplit_once('@')?;
        let (before, at) = at.strip_prefix('<').map_or((false, at), |at| (true, at));
        let link = issued.get(session.index()).copied().flatten();
        Some(Start { principal, at: Instant::parse(at)?, before, session, record, link })
    };
    let tied = facts.standing().iter().filter_map(|row| match row.claim {
        Standing::Tied { a, b, tie: Tie::SameSession } if facts.handle(b).kind == HandleKind::SessionStart => {
            let is_key = facts.handle(a).kind == HandleKind::Key;
            start(b, identities.always(a)?, is_key.then_some(row.span.first_record))
        }
        _ => None,
    });
    let alone = facts.handles().filter(|id| facts.handle(*id).kind == HandleKind::SessionStart);
    tied.chain(alone.filter_map(|id| start(id, identities.always(id)?, None))).collect()
}
