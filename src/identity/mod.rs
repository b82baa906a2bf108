//! Who is who: from handles to identities, since when, by which rule.
//!
//! Enters: sealed facts. Leaves: [`Identities`], where every handle stands for one identity, or for several in turn.
//! A rule speaks of kinds of handles and of no vendor. What two systems write alike is joined only with a reason and a
//! grade; what contradicts is kept apart and shown. This room never asks who owns anything.

pub mod grade;
pub mod join;
pub mod kind;
pub mod life;
mod numbers;
mod persons;
mod resolve;
mod subjects;
mod union;

use crate::base::time::Instant;
use crate::fact::facts::Facts;
use crate::fact::handle::HandleId;
use join::{Conflict, Join};
use kind::Kind;
use life::Tenure;

/// An identity in [`Identities`]: someone or something, under all its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityId(u32);

impl IdentityId {
    /// The position in the table, from zero.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The identity at a position.
    #[must_use]
    pub const fn from_index(index: usize) -> Self {
        Self(index as u32)
    }
}

/// All identities of a bundle.
#[derive(Debug, Default)]
pub struct Identities {
    /// For each handle the one identity it stands for; `None` for words, and for names that several had in turn.
    of: Vec<Option<IdentityId>>,
    kinds: Vec<Kind>,
    /// For each identity, where its handles begin in `handles`.
    starts: Vec<u32>,
    handles: Vec<HandleId>,
    /// The holders of names that several had in turn, sorted by name.
    tenures: Vec<(HandleId, Tenure)>,
    /// Who bears which mail-like name, lower case, sorted.
    people: Vec<(String, Tenure)>,
    joins: Vec<Join>,
    /// Whose each join is, sorted: identity, number of the join.
    joined: Vec<(IdentityId, usize)>,
    conflicts: Vec<Conflict>,
}

/// What a handle stands for at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// One identity.
    One(IdentityId),
    /// Several could have had the name then.
    Several(Vec<IdentityId>),
    /// Nobody had the name then, as far as the records tell.
    Nobody,
}

impl Identities {
    /// Resolves all handles of a bundle.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        resolve::resolve(facts)
    }

    /// What a handle stands for, at a time where it is a name that several had in turn.
    #[must_use]
    pub fn who(&self, handle: HandleId, at: Option<Instant>) -> Who {
        if let Some(id) = self.always(handle) {
            return Who::One(id);
        }
        let from = self.tenures.partition_point(|(name, _)| *name < handle);
        let holders = self.tenures.iter().skip(from).take_while(|(name, _)| *name == handle);
        let mut ids: Vec<IdentityId> =
            holders.filter(|(_, tenure)| tenure.covers(at)).map(|(_, tenure)| tenure.holder).collect();
        ids.sort_unstable();
        ids.dedup();
        match *ids.as_slice() {
            [] => Who::Nobody,
            [one] => Who::One(one),
            _ => Who::Several(ids),
        }
    }

    /// The identity that a handle stands for, if it is the same at all times.
    #[must_use]
    pub fn always(&self, handle: HandleId) -> Option<IdentityId> {
        self.of.get(handle.index()).copied().flatten()
    }

    /// The one identity that a handle stands for at a time; `None` where it is not one.
    #[must_use]
    pub fn one(&self, handle: HandleId, at: Option<Instant>) -> Option<IdentityId> {
        match self.who(handle, at) {
            Who::One(id) => Some(id),
            Who::Several(_) | Who::Nobody => None,
        }
    }

    /// The one person who bore a mail-like name at a time. A name says no more than what was written: whoever asks
    /// must know who wrote it.
    #[must_use]
    pub fn called(&self, name: &str, at: Option<Instant>) -> Option<IdentityId> {
        let name = name.to_lowercase();
        let from = self.people.partition_point(|(text, _)| *text < name);
        let bearers = self.people.iter().skip(from).take_while(|(text, _)| *text == name);
        let mut people = bearers.filter(|(_, tenure)| tenure.covers(at)).map(|(_, tenure)| tenure.holder);
        let first = people.next()?;
        people.all(|other| other == first).then_some(first)
    }

    /// Whether two people ever bore a mail-like name.
    #[must_use]
    pub fn is_contested(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let from = self.people.partition_point(|(text, _)| *text < name);
        let mut bearers = self.people.iter().skip(from).take_while(|(text, _)| *text == name);
        let first = bearers.next().map(|(_, tenure)| tenure.holder);
        bearers.any(|(_, tenure)| Some(tenure.holder) != first)
    }

    /// What kind of identity it is.
    #[must_use]
    pub fn kind(&self, id: IdentityId) -> Kind {
        self.kinds.get(id.index()).copied().unwrap_or(Kind::Other)
    }

    /// The handles of an identity, the one that names it best first.
    #[must_use]
    pub fn handles(&self, id: IdentityId) -> &[HandleId] {
        let bounds = (self.starts.get(id.index()), self.starts.get(id.index() + 1));
        let (Some(from), Some(to)) = bounds else { return &[] };
        self.handles.get(*from as usize..*to as usize).unwrap_or(&[])
    }

    /// All identities.
    pub fn iter(&self) -> impl Iterator<Item = IdentityId> + use<> {
        (0..self.kinds.len()).map(IdentityId::from_index)
    }

    /// How many identities there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Everything that was joined, with its rule and grade.
    #[must_use]
    pub fn joins(&self) -> &[Join] {
        &self.joins
    }

    /// The joins that made an identity what it is.
    pub fn joins_of(&self, id: IdentityId) -> impl Iterator<Item = &Join> {
        let from = self.joined.partition_point(|(other, _)| *other < id);
        let own = self.joined.iter().skip(from).take_while(move |(other, _)| *other == id);
        own.filter_map(|(_, number)| self.joins.get(*number))
    }

    /// What looked alike and was kept apart.
    #[must_use]
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    /// What looked like an identity and was kept apart from it, each with the other one.
    pub fn conflicts_of(&self, id: IdentityId) -> impl Iterator<Item = (&Conflict, IdentityId)> {
        self.conflicts.iter().filter_map(move |conflict| {
            let (a, b) = (self.always(conflict.a)?, self.always(conflict.b)?);
            match (a == id, b == id) {
                (true, false) => Some((conflict, b)),
                (false, true) => Some((conflict, a)),
                _ => None,
            }
        })
    }
}
