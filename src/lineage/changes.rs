//! Who wrote the change that automation put in place, and who let it in.
//!
//! A pipeline or a controller only carries out what somebody else decided. Where the records name the commit that it
//! worked from, the change that became this commit is the cause: its author first, then whoever started the run, then
//! whoever let the change in. A commit is named by a digest of its content: equal digests are one commit.
//!
//! Wrong where a run was not set off by the change: what is started by hand, or by a clock, works from whatever was
//! merged last. So of runs only those count that a push or a merge queue started.

use super::link::{Link, Relation};
use super::weave::Woven;
use crate::base::lookup::Map;
use crate::base::origin::EvidenceId;
use crate::base::time::When;
use crate::fact::claim::{Detail, Event, Granting, Making, Span, Standing, Tie};
use crate::fact::facts::Facts;
use crate::fact::handle::{HandleId, HandleKind};
use crate::identity::grade::Grade;
use crate::identity::{Identities, IdentityId};

/// What starts a run when a change arrives.
const BY_A_CHANGE: &[&str] = &["push", "merge_group"];

/// Digests of commits have 40 or 64 digits; what is shorter is a version, or an abbreviation that several can share.
const DIGITS: [usize; 2] = [40, 64];

/// Somebody's part in a change.
struct Part {
    who: HandleId,
    relation: Relation,
    grade: Grade,
    at: When,
    record: EvidenceId,
    /// The repository that the change is in.
    repository: Option<HandleId>,
}

/// The links from runs, and from what was made at a commit, to the people behind the change.
pub(super) fn links(facts: &Facts, identities: &Identities) -> Vec<Woven> {
    let changes = changes(facts);
    let mut links = Vec::new();
    for row in facts.standing() {
        let Standing::Described { who, detail: Detail::Commit, value } = row.claim else { continue };
        let Some(parts) = changes.get(facts.text(value)) else { continue };
        match facts.handle(who).kind {
            HandleKind::Run => links.extend(of_run(facts, identities, who, row.span, parts)),
            HandleKind::Agent | HandleKind::Workload => links.extend(of_thing(identities, who, row.span, parts)),
            _ => {}
        }
    }
    links
}

/// Every change, by the commit that it became.
fn changes(facts: &Facts) -> Map<&str, Vec<Part>> {
    let mut changes: Map<&str, Vec<Part>> = Map::default();
    for row in facts.standing() {
        let Standing::Described { who: change, detail: Detail::Commit, value } = row.claim else { continue };
        let commit = facts.text(value);
        if facts.handle(change).kind == HandleKind::Resource && DIGITS.contains(&commit.len()) {
            changes.get_or_insert_with(commit, Vec::new).extend(parts(facts, change));
        }
    }
    changes
}

/// Who wrote a change, who is only said to have written it, who let it in.
fn parts(facts: &Facts, change: HandleId) -> Vec<Part> {
    let mut repository = None;
    let mut parts = Vec::new();
    for row in facts.standing_of(change) {
        match row.claim {
            Standing::Tied { a, b, tie: Tie::PartOf } if a == change => repository = Some(b),
            Standing::Tied { a, b: who, tie: Tie::CalledItself } if a == change => {
                let Span { first: at, first_record: record, .. } = row.span;
                let relation = Relation::CalledItself;
                parts.push(Part { who, relation, grade: Grade::Weak, at, record, repository: None });
            }
            _ => {}
        }
    }
    for row in facts.events_of(change) {
        let (at, record) = (row.when, row.record);
        let (who, relation, grade) = match row.event {
            Event::Made { by, made, how: Making::Created } if made == change => (by, Relation::Authored, Grade::Proven),
            Event::Granted { by: Some(by), to, how: Granting::Given, .. } if to == change => {
                (by, Relation::Merged, Grade::Likely)
            }
            _ => continue,
        };
        parts.push(Part { who, relation, grade, at, record, repository: None });
    }
    for part in &mut parts {
        part.repository = repository;
    }
    parts
}

/// A run at the commit of a change, in the same repository.
fn of_run(facts: &Facts, identities: &Identities, run: HandleId, span: Span, parts: &[Part]) -> Vec<Woven> {
    let (mut by_a_change, mut repository) = (false, None);
    for row in facts.standing_of(run) {
        match row.claim {
            Standing::Described { who, detail: Detail::Trigger, value } if who == run => {
                by_a_change |= BY_A_CHANGE.contains(&facts.text(value));
            }
            Standing::Tied { a, b, tie: Tie::PartOf } if a == run => repository = identities.one(b, None),
            _ => {}
        }
    }
    let same = |part: &&Part| {
        let theirs = part.repository.and_then(|repository| identities.one(repository, None));
        theirs.is_none() || repository.is_none() || theirs == repository
    };
    let Some(run) = identities.always(run).filter(|_| by_a_change) else { return Vec::new() };
    parts.iter().filter(same).filter_map(|part| link(identities, run, part, part.grade, span)).collect()
}

/// What was made at a commit, as whoever made it says: an image's tag, a label. No more than likely, because a tag can be
/// put on another image.
fn of_thing(identities: &Identities, thing: HandleId, span: Span, parts: &[Part]) -> Vec<Woven> {
    let Some(thing) = identities.one(thing, span.first.instant()) else { return Vec::new() };
    parts.iter().filter_map(|part| link(identities, thing, part, part.grade.min(Grade::Likely), span)).collect()
}

fn link(identities: &Identities, effect: IdentityId, part: &Part, grade: Grade, span: Span) -> Option<Woven> {
    let who = identities.one(part.who, part.at.instant())?;
    let link = Link::new(part.relation, grade, span.first, span.first_record);
    Some((effect, who, Link { also: Some(part.record), ..link }))
}
