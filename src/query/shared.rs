//! What several agents share: a key in two configurations, one identity behind many agents.

use super::naming;
use super::who_owns::{self, Owned};
use crate::base::origin::EvidenceId;
use crate::case::Case;
use crate::fact::claim::{Detail, Standing, Tie};
use crate::identity::IdentityId;
use crate::identity::kind::Kind;

/// A key or principal through which several things act. What was done through it was done by one of them, and the
/// records do not say by which: no owner of one is named for all.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// The words asked.
    pub asked: String,
    /// The canonical id.
    pub id: String,
    /// The short stable handle, whole.
    pub short: String,
    /// What kind of identity it is.
    pub kind: String,
    /// The name for people to read.
    pub name: Option<String>,
    /// The records that tie the things to it.
    pub evidence: Vec<EvidenceId>,
    /// The things, each with its own owner, ordered by id.
    pub agents: Vec<Owned>,
}

impl Shared {
    /// The records that it cites.
    pub fn cited(&self) -> impl Iterator<Item = EvidenceId> {
        self.agents.iter().flat_map(Owned::cited).chain(self.evidence.iter().copied())
    }
}

/// What is said of a key or principal that several share.
#[must_use]
pub fn of(case: &Case, id: IdentityId, asked: &str) -> Option<Shared> {
    let things = &case.attributions().things;
    let positions = things.sharing(id).iter().filter_map(|thing| things.position(*thing));
    let mut agents: Vec<Owned> = positions.map(|position| who_owns::owned(case, position)).collect();
    if agents.is_empty() {
        return None;
    }
    agents.sort_by(|left, right| left.agent.id.cmp(&right.agent.id));
    let canonical = naming::canonical(case, id);
    let kind = naming::details(case, id, Detail::Kind).into_iter().max().map(|(_, kind)| kind);
    let plain = if case.identities().kind(id) == Kind::Key { "access-key" } else { "principal" };
    Some(Shared {
        asked: asked.to_owned(),
        short: naming::short(&canonical),
        kind: kind.unwrap_or(plain).to_owned(),
        name: naming::display(case, id),
        evidence: tying(case, id, things.sharing(id)),
        agents,
        id: canonical,
    })
}

/// The records that tie things to what they share.
fn tying(case: &Case, shared: IdentityId, things: &[IdentityId]) -> Vec<EvidenceId> {
    let handles = case.identities().handles(shared).iter();
    let rows = handles.flat_map(|handle| case.facts().standing_of(*handle));
    let mut records: Vec<EvidenceId> = rows
        .filter_map(|row| match row.claim {
            Standing::Tied { a, b, tie: Tie::RunsAs | Tie::Holds } => {
                let at = row.span.first.instant();
                let ends = [case.identities().one(a, at), case.identities().one(b, at)];
                let ties = ends.iter().flatten().any(|end| things.contains(end));
                ties.then_some(row.span.first_record)
            }
            _ => None,
        })
        .collect();
    records.sort_unstable();
    records.dedup();
    records
}
