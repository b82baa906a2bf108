//! Sessions whose key was never seen to be issued: found by principal, name and the second of their start.
//!
//! An Identity Center session is used with another key than the one its issuance returned, and a console session with a
//! new key for each request. Principal id and session name of the issuance equal those of the use, and the session's
//! creation date is the second of the issuance; AWS stamps the two within two seconds.

use super::link::{Link, Relation};
use super::weave::Woven;
use crate::base::time::Instant;
use crate::fact::claim::{Event, Standing, Tie};
use crate::fact::facts::Facts;
use crate::fact::handle::HandleKind;
use crate::identity::grade::Grade;
use crate::identity::{Identities, IdentityId};

/// How far apart the stamps of issuance and start may lie, in milliseconds.
const TOLERANCE: i64 = 2_000;

/// A session with its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Start<'f> {
    principal: &'f str,
    at: Instant,
    session: IdentityId,
    link: Option<Link>,
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
            let first = group.partition_point(|start| start.at < used.at.plus_millis(-TOLERANCE));
            let last = used.at.plus_millis(TOLERANCE);
            for from in group.iter().skip(first).take_while(|start| start.at <= last) {
                links.extend(from.link.map(|link| (used.session, from.session, link)));
            }
        }
    }
    links
}

fn starts<'f>(facts: &'f Facts, identities: &Identities, issued: &[Option<Link>]) -> Vec<Start<'f>> {
    let start = |handle, session: IdentityId| {
        let (principal, at) = facts.handle(handle).value.rsplit_once('@')?;
        let link = issued.get(session.index()).copied().flatten();
        Some(Start { principal, at: Instant::parse(at)?, session, link })
    };
    let tied = facts.standing().iter().filter_map(|row| match row.claim {
        Standing::Tied { a, b, tie: Tie::SameSession } if facts.handle(b).kind == HandleKind::SessionStart => {
            start(b, identities.always(a)?)
        }
        _ => None,
    });
    let alone = facts.handles().filter(|id| facts.handle(*id).kind == HandleKind::SessionStart);
    tied.chain(alone.filter_map(|id| start(id, identities.always(id)?))).collect()
}
