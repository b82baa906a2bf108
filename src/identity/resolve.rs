//! From facts to identities: which handles stand for the same.
//!
//! Lasting ids first, then names: a name that one lasting id ever had belongs to it; a name that several had in turn
//! belongs to each for its tenure, and to nobody where the records do not tell them apart.

use super::join::{Conflict, Join, Rule};
use super::kind::Kind;
use super::life::{Life, Tenure};
use super::persons::{self, People};
use super::subjects;
use super::union::Union;
use super::{Identities, IdentityId};
use crate::base::time::Instant;
use crate::fact::claim::{Detail, Event, Making, Span, Standing, Tie};
use crate::fact::facts::Facts;
use crate::fact::handle::{HandleId, HandleKind};
use crate::identity::grade::Grade;

/// A lasting id and a name it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Naming {
    /// The name.
    pub(super) name: HandleId,
    /// The lasting id, or a second spelling of the name.
    pub(super) holder: HandleId,
    /// When this was seen.
    pub(super) span: Span,
}

/// Resolves all handles of a bundle.
pub(super) fn resolve(facts: &Facts) -> Identities {
    let mut union = Union::new(facts.handle_count());
    let mut joins = Vec::new();
    let namings = namings(facts);
    spellings(facts, &namings, &mut union, &mut joins);
    sessions(facts, &mut union);
    let people = persons::join(facts, &namings, &mut union, &mut joins);
    let contested = settle_names(facts, &namings, &mut union);
    subjects::join(facts, &namings, &mut union, &mut joins);
    let mut identities = table(facts, &mut union, &contested);
    identities.tenures = tenures(facts, &namings, &identities, &contested);
    mark_kinds(facts, &mut identities, &people);
    identities.people = people
        .names
        .into_iter()
        .filter_map(|(name, who, life)| Some((name, Tenure { holder: identities.always(who)?, life })))
        .collect();
    identities.people.sort_unstable();
    identities.people.dedup();
    joins.sort_unstable();
    joins.dedup();
    let of = |(number, join): (usize, &Join)| Some((identities.always(join.a)?, number));
    identities.joined = joins.iter().enumerate().filter_map(of).collect();
    identities.joined.sort_unstable();
    identities.joins = joins;
    identities.conflicts = people.conflicts;
    identities
}

/// All pairs of a lasting id and its name, by name.
fn namings(facts: &Facts) -> Vec<Naming> {
    let mut namings: Vec<Naming> = facts
        .standing()
        .iter()
        .filter_map(|row| match row.claim {
            Standing::Tied { a, b, tie: Tie::Named } => Some(Naming { name: b, holder: a, span: row.span }),
            _ => None,
        })
        .collect();
    namings.sort_unstable();
    namings
}

/// Two spellings of one name: with and without a path.
fn spellings(facts: &Facts, namings: &[Naming], union: &mut Union, joins: &mut Vec<Join>) {
    for naming in namings {
        let kinds = (facts.handle(naming.holder).kind, facts.handle(naming.name).kind);
        if kinds == (HandleKind::PrincipalName, HandleKind::PrincipalName) {
            union.join(naming.holder, naming.name);
            joins.push(Join {
                a: naming.holder,
                b: naming.name,
                rule: Rule::SameName,
                grade: Grade::Proven,
                records: [naming.span.first_record; 2],
            });
        }
    }
}

/// An id that records of one act share stands for the one session that was issued in that act.
fn sessions(facts: &Facts, union: &mut Union) {
    let mut shared: Vec<(HandleId, HandleId)> = facts
        .standing()
        .iter()
        .filter_map(|row| match row.claim {
            Standing::Tied { a, b, tie: Tie::SameSession } => Some((b, a)),
            _ => None,
        })
        .filter(|(b, _)| facts.handle(*b).kind == HandleKind::SharedAct)
        .collect();
    shared.sort_unstable();
    for group in shared.chunk_by(|left, right| left.0 == right.0) {
        if let [(act, session)] = group {
            union.join(*act, *session);
        }
    }
}

/// Gives each name that only one ever had to its holder, and returns the names that several had.
fn settle_names(facts: &Facts, namings: &[Naming], union: &mut Union) -> Vec<HandleId> {
    let mut pairs: Vec<(usize, HandleId, HandleId)> = namings
        .iter()
        .filter(|naming| facts.handle(naming.holder).kind != HandleKind::PrincipalName)
        .map(|naming| (union.root(naming.name), naming.name, naming.holder))
        .collect();
    pairs.sort_unstable();
    let mut contested = Vec::new();
    for group in pairs.chunk_by(|left, right| left.0 == right.0) {
        let mut holders: Vec<usize> = group.iter().map(|(_, _, holder)| union.root(*holder)).collect();
        holders.sort_unstable();
        holders.dedup();
        let Some((_, name, holder)) = group.first() else { continue };
        if holders.len() == 1 {
            union.join(*name, *holder);
        } else {
            contested.extend(group.iter().map(|(_, name, _)| *name));
        }
    }
    contested.sort_unstable();
    contested.dedup();
    contested
}

/// Numbers the sets: one identity for each that stands for someone or something.
fn table(facts: &Facts, union: &mut Union, contested: &[HandleId]) -> Identities {
    let mut contested_roots: Vec<usize> = contested.iter().map(|name| union.root(*name)).collect();
    contested_roots.sort_unstable();
    let mut members: Vec<(usize, HandleId)> = facts
        .handles()
        .filter(|id| Kind::of(facts.handle(*id).kind) != Kind::Other)
        .map(|id| (union.root(id), id))
        .filter(|(root, _)| contested_roots.binary_search(root).is_err())
        .collect();
    members.sort_unstable();
    let mut identities = Identities { of: vec![None; facts.handle_count()], ..Identities::default() };
    for group in members.chunk_by(|left, right| left.0 == right.0) {
        let id = IdentityId::from_index(identities.kinds.len());
        identities.starts.push(identities.handles.len() as u32);
        let mut handles: Vec<HandleId> = group.iter().map(|(_, handle)| *handle).collect();
        handles.sort_unstable_by_key(|handle| facts.handle(*handle));
        let kind = handles.iter().map(|handle| Kind::of(facts.handle(*handle).kind)).min().unwrap_or(Kind::Other);
        for handle in &handles {
            if let Some(slot) = identities.of.get_mut(handle.index()) {
                *slot = Some(id);
            }
        }
        identities.handles.extend(handles);
        identities.kinds.push(kind);
    }
    identities.starts.push(identities.handles.len() as u32);
    identities
}

/// Who held a name that several had, and for how long.
///
/// A holder's tenure begins when it was made (or first seen under the name) and ends when it or the name was ended, at
/// the latest when the next holder begins. The first holder's beginning is open.
fn tenures(
    facts: &Facts,
    namings: &[Naming],
    identities: &Identities,
    contested: &[HandleId],
) -> Vec<(HandleId, Tenure)> {
    let mut tenures = Vec::new();
    for name in contested {
        let from = namings.partition_point(|naming| naming.name < *name);
        let mut holders: Vec<(Option<Instant>, HandleId, IdentityId)> = namings
            .iter()
            .skip(from)
            .take_while(|naming| naming.name == *name)
            .filter_map(|naming| Some((begin(facts, naming), naming.holder, identities.always(naming.holder)?)))
            .collect();
        holders.sort_unstable();
        holders.dedup_by_key(|(_, _, id)| *id);
        let ends = ends(facts, *name);
        for (at, (begin, holder, id)) in holders.iter().enumerate() {
            let next = holders.get(at + 1).and_then(|(begin, ..)| *begin).map(|begin| begin.plus_millis(-1));
            let own = self::ends(facts, *holder);
            let ended = ends.iter().chain(&own).copied().filter(|end| begin.is_none_or(|begin| begin < *end));
            let to = ended.chain(next).min();
            let life = Life { from: if at == 0 { None } else { *begin }, to };
            tenures.push((*name, Tenure { holder: *id, life }));
        }
    }
    tenures.sort_unstable();
    tenures
}

/// When a holder began to have a name: when it was made, else when it was first seen under the name.
fn begin(facts: &Facts, naming: &Naming) -> Option<Instant> {
    let made = facts.events_of(naming.holder).find_map(|row| match row.event {
        Event::Made { made, how: Making::Created, .. } if made == naming.holder => row.when.instant(),
        _ => None,
    });
    let born = facts.standing_of(naming.holder).find_map(|row| match row.claim {
        Standing::Described { who, detail: Detail::Born, value } if who == naming.holder => {
            Instant::parse(facts.text(value))
        }
        _ => None,
    });
    made.or(born).or(naming.span.first.instant())
}

/// When a handle was ended.
fn ends(facts: &Facts, handle: HandleId) -> Vec<Instant> {
    facts
        .events_of(handle)
        .filter_map(|row| match row.event {
            Event::Ended { who, .. } if who == handle => row.when.instant(),
            _ => None,
        })
        .collect()
}

/// What the handles alone do not tell: who is human, and who only has a login.
fn mark_kinds(facts: &Facts, identities: &mut Identities, people: &People) {
    for handle in facts.handles() {
        let named = facts.handle(handle);
        let Some(id) = identities.always(handle) else { continue };
        let kind = identities.kind(id);
        let new = match named.kind {
            HandleKind::UserId | HandleKind::Login if people.machines.contains(&handle) => Kind::Bot,
            HandleKind::Login if !named.realm.is_empty() && kind == Kind::Alias => Kind::Person,
            HandleKind::PrincipalId | HandleKind::PrincipalName if people.present.contains(&handle) => Kind::Person,
            _ => continue,
        };
        if let Some(slot) = identities.kinds.get_mut(id.index()) {
            *slot = new;
        }
    }
}

/// The conflict of two holders of one name, in order.
pub(super) fn conflict(name: HandleId, a: HandleId, b: HandleId) -> Conflict {
    Conflict { name, a: a.min(b), b: a.max(b) }
}
