//! Everything that the records of a bundle claim: sealed, sorted, indexed by handle.

use super::claim::{Act, Event, Folded, Happened, Standing};
use super::handle::{Handle, HandleId, HandleKind};
pub use super::seal::{Closed, Numbered, Roster, Unnumbered};
use super::seal::{merged, merged_events};

/// All facts of a bundle.
#[derive(Debug, Default)]
pub struct Facts {
    roster: Roster,
    standing: Vec<Folded<Standing>>,
    events: Vec<Happened>,
    acts: Vec<Folded<Act>>,
    standing_of: Index,
    events_of: Index,
    acts_by: Index,
    acts_on: Index,
}

impl Facts {
    /// Seals the rows of all writers under their roster.
    #[must_use]
    pub fn seal(roster: Roster, writers: Vec<Numbered>) -> Self {
        let (mut standing, mut acts, mut events) = (Vec::new(), Vec::new(), Vec::new());
        for writer in writers {
            standing.push(writer.standing);
            acts.push(writer.acts);
            events.push(writer.events);
        }
        let (standing, acts, events) = (merged(standing), merged(acts), merged_events(events));
        let handles = roster.len();
        Self {
            standing_of: Index::new(handles, &standing, |row| match row.claim {
                Standing::Tied { a, b, .. } => [Some(a), Some(b), None, None],
                Standing::Described { who, .. } => [Some(who), None, None, None],
                Standing::CameFrom { who, from } => [Some(who), Some(from), None, None],
            }),
            events_of: Index::new(handles, &events, |row| match row.event {
                Event::Made { by, made, .. } => [Some(by), Some(made), None, None],
                Event::Granted { by, to, what, .. } => [by, Some(to), Some(what), None],
                Event::Became { by, into, .. } => [Some(by), Some(into), None, None],
                Event::Declared { owner, owned, by, .. } => [Some(owner), Some(owned), by, None],
                Event::Ended { who, by, .. } => [Some(who), by, None, None],
            }),
            acts_by: Index::new(handles, &acts, |row| [Some(row.claim.by), None, None, None]),
            acts_on: Index::new(handles, &acts, |row| [row.claim.on, row.claim.on_behalf_of, None, None]),
            roster,
            standing,
            events,
            acts,
        }
    }

    /// The handle of a number.
    #[must_use]
    pub fn handle(&self, id: HandleId) -> Handle<'_> {
        self.roster.get(id)
    }

    /// The text of a handle, without its realm.
    #[must_use]
    pub fn text(&self, id: HandleId) -> &str {
        self.roster.get(id).value
    }

    /// The number of a handle, if a record names it.
    #[must_use]
    pub fn find(&self, kind: HandleKind, realm: &str, value: &str) -> Option<HandleId> {
        self.roster.find(Handle { kind, realm, value })
    }

    /// All handles, in an order that is the same in every run and means nothing.
    pub fn handles(&self) -> impl Iterator<Item = HandleId> + use<> {
        (0..self.roster.len()).filter_map(HandleId::from_index)
    }

    /// How many handles there are.
    #[must_use]
    pub fn handle_count(&self) -> usize {
        self.roster.len()
    }

    /// What holds, all of it.
    #[must_use]
    pub fn standing(&self) -> &[Folded<Standing>] {
        &self.standing
    }

    /// What happened, all of it.
    #[must_use]
    pub fn events(&self) -> &[Happened] {
        &self.events
    }

    /// The acts, all of them.
    #[must_use]
    pub fn acts(&self) -> &[Folded<Act>] {
        &self.acts
    }

    /// What holds of this handle, on either side.
    pub fn standing_of(&self, id: HandleId) -> impl Iterator<Item = &Folded<Standing>> {
        self.standing_of.rows(id).iter().filter_map(|row| self.standing.get(*row as usize))
    }

    /// What happened to this handle or by it, on any side.
    pub fn events_of(&self, id: HandleId) -> impl Iterator<Item = &Happened> {
        self.events_of.rows(id).iter().filter_map(|row| self.events.get(*row as usize))
    }

    /// The acts of this handle.
    pub fn acts_by(&self, id: HandleId) -> impl Iterator<Item = &Folded<Act>> {
        self.acts_by.rows(id).iter().filter_map(|row| self.acts.get(*row as usize))
    }

    /// The acts on this handle, or on its behalf.
    pub fn acts_on(&self, id: HandleId) -> impl Iterator<Item = &Folded<Act>> {
        self.acts_on.rows(id).iter().filter_map(|row| self.acts.get(*row as usize))
    }
}

/// For each handle, the numbers of the rows that name it.
#[derive(Debug, Default)]
struct Index {
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Index {
    fn new<T>(handles: usize, table: &[T], named: impl Fn(&T) -> [Option<HandleId>; 4]) -> Self {
        let mut starts = vec![0_u32; handles + 2];
        let distinct = |row: &T| {
            let ids = named(row);
            (0..4).filter_map(move |at| ids[at].filter(|id| !ids[..at].contains(&Some(*id))))
        };
        for row in table {
            for id in distinct(row) {
                if let Some(count) = starts.get_mut(id.index() + 2) {
                    *count += 1;
                }
            }
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut rows = vec![0_u32; starts.last().copied().unwrap_or(0) as usize];
        for (number, row) in table.iter().enumerate() {
            for id in distinct(row) {
                if let Some(next) = starts.get_mut(id.index() + 1) {
                    if let Some(slot) = rows.get_mut(*next as usize) {
                        *slot = number as u32;
                    }
                    *next += 1;
                }
            }
        }
        Self { starts, rows }
    }

    fn rows(&self, id: HandleId) -> &[u32] {
        let bounds = (self.starts.get(id.index()), self.starts.get(id.index() + 1));
        let (Some(from), Some(to)) = bounds else { return &[] };
        self.rows.get(*from as usize..*to as usize).unwrap_or(&[])
    }
}
