//! From the writers of several workers to one sealed table, the same whatever the split.
//!
//! In four steps, so that intake can run the first and third of them in parallel: each writer is closed; the handles of
//! all are merged into one roster; each writer's rows take the roster's numbers and are sorted; the rows are merged.
//! Handles are ordered by a digest of their text that is the same in every run: an order that nobody reads, but that
//! no thread, file or seed can change.

use std::cmp::Ordering;

use super::claim::{Act, Event, Folded, Happened, Standing};
use super::handle::{Handle, HandleId, HandleKind};
use super::mention::Mention;
use super::names::Names;
use super::writer::FactWriter;
use crate::base::lookup::Map;

/// A writer that takes no more records: its handles in roster order.
#[derive(Debug)]
pub struct Closed {
    names: Names,
    /// The writer's handles, in the order of the roster.
    order: Vec<HandleId>,
    standing: Vec<Folded<Standing>>,
    acts: Vec<Folded<Act>>,
    events: Vec<Happened>,
    mentions: Vec<Mention>,
}

impl Closed {
    /// Closes a writer.
    #[must_use]
    pub fn of(mut writer: FactWriter) -> Self {
        writer.settle();
        let FactWriter { mut names, standing, acts, events, mentions, .. } = writer;
        names.close();
        let mut order: Vec<HandleId> = (0..names.len()).filter_map(HandleId::from_index).collect();
        order.sort_unstable_by(|a, b| compare(&names, *a, &names, *b));
        Self { names, order, standing: standing.into_rows(), acts: acts.into_rows(), events, mentions }
    }
}

fn compare(left: &Names, a: HandleId, right: &Names, b: HandleId) -> Ordering {
    left.stable(a).cmp(&right.stable(b)).then_with(|| left.get(a).cmp(&right.get(b)))
}

/// All handles of a bundle, in one order.
#[derive(Debug, Default)]
pub struct Roster {
    names: Vec<Names>,
    /// For each handle: which writer's table has its text, and under which number.
    rows: Vec<(u32, HandleId)>,
    /// The acts that several records may tell of, by the digests of their names.
    shared_acts: Map<u64, HandleId>,
}

/// A writer's rows, waiting for the roster's numbers.
#[derive(Debug)]
pub struct Unnumbered {
    /// The roster's number of each of the writer's handles.
    numbers: Vec<HandleId>,
    standing: Vec<Folded<Standing>>,
    acts: Vec<Folded<Act>>,
    events: Vec<Happened>,
    mentions: Vec<Mention>,
}

/// A writer's rows in the roster's numbers, sorted.
#[derive(Debug, Default)]
pub struct Numbered {
    pub(super) standing: Vec<Folded<Standing>>,
    pub(super) acts: Vec<Folded<Act>>,
    pub(super) events: Vec<Happened>,
}

impl Roster {
    /// Merges the handles of all writers.
    #[must_use]
    pub fn of(writers: Vec<Closed>) -> (Self, Vec<Unnumbered>) {
        let mut roster = Self::default();
        let mut orders = Vec::new();
        let mut rest = Vec::new();
        for writer in writers {
            let numbers = vec![HandleId::LAST; writer.order.len()];
            roster.names.push(writer.names);
            orders.push(writer.order);
            let Closed { standing, acts, events, mentions, .. } = writer;
            rest.push(Unnumbered { numbers, standing, acts, events, mentions });
        }
        let mut at = vec![0_usize; orders.len()];
        while let Some((first, handle)) = roster.least(&orders, &at) {
            let number = HandleId::from_index(roster.rows.len()).unwrap_or(HandleId::LAST);
            for (writer, order) in orders.iter().enumerate().skip(first) {
                let Some(next) = order.get(at.get(writer).copied().unwrap_or(0)) else { continue };
                if writer == first || roster.same(first, handle, writer, *next) {
                    if let Some(slot) = rest.get_mut(writer).and_then(|writer| writer.numbers.get_mut(next.index())) {
                        *slot = number;
                    }
                    if let Some(position) = at.get_mut(writer) {
                        *position += 1;
                    }
                }
            }
            roster.rows.push((first as u32, handle));
            roster.note(first, handle, number);
        }
        (roster, rest)
    }

    /// Notes the number of an act that several records may tell of.
    fn note(&mut self, writer: usize, handle: HandleId, number: HandleId) {
        if let Some(names) = self.names.get(writer)
            && names.kind(handle) == Some(HandleKind::SharedAct)
        {
            self.shared_acts.insert(names.stable(handle), number);
        }
    }

    /// The act whose name has this digest.
    pub(super) fn shared_act(&self, digest: u64) -> Option<HandleId> {
        self.shared_acts.get(&digest).copied()
    }

    /// The least handle that is not yet numbered, and the first writer that has it.
    fn least(&self, orders: &[Vec<HandleId>], at: &[usize]) -> Option<(usize, HandleId)> {
        let heads =
            orders.iter().zip(at).enumerate().filter_map(|(writer, (order, at))| Some((writer, *order.get(*at)?)));
        heads.reduce(|least, next| {
            let ordering = match (self.names.get(least.0), self.names.get(next.0)) {
                (Some(left), Some(right)) => compare(left, least.1, right, next.1),
                _ => Ordering::Less,
            };
            if ordering == Ordering::Greater { next } else { least }
        })
    }

    fn same(&self, left: usize, a: HandleId, right: usize, b: HandleId) -> bool {
        match (self.names.get(left), self.names.get(right)) {
            (Some(left), Some(right)) => compare(left, a, right, b) == Ordering::Equal,
            _ => false,
        }
    }

    /// The handle of a number; an empty word for a number of another roster.
    #[must_use]
    pub fn get(&self, id: HandleId) -> Handle<'_> {
        self.rows
            .get(id.index())
            .and_then(|(writer, own)| self.names.get(*writer as usize).map(|names| names.get(*own)))
            .unwrap_or(Handle { kind: HandleKind::Word, realm: "", value: "" })
    }

    /// The number of a handle, if the bundle has it.
    #[must_use]
    pub fn find(&self, handle: Handle<'_>) -> Option<HandleId> {
        let stable = handle.stable_hash();
        let index = self
            .rows
            .binary_search_by(|(writer, own)| match self.names.get(*writer as usize) {
                Some(names) => names.stable(*own).cmp(&stable).then_with(|| names.get(*own).cmp(&handle)),
                None => Ordering::Less,
            })
            .ok()?;
        HandleId::from_index(index)
    }

    /// How many handles there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no handle.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Unnumbered {
    /// Gives the rows the roster's numbers, claims what was mentioned and is told elsewhere, and sorts all.
    #[must_use]
    pub fn numbered(self, roster: &Roster) -> Numbered {
        let Self { numbers, mut standing, mut acts, mut events, mentions } = self;
        let number = |id: &mut HandleId| *id = numbers.get(id.index()).copied().unwrap_or(HandleId::LAST);
        let number_some = |id: &mut Option<HandleId>| id.iter_mut().for_each(number);
        for row in &mut standing {
            match &mut row.claim {
                Standing::Tied { a, b, .. } => [a, b].into_iter().for_each(number),
                Standing::Described { who, value, .. } => [who, value].into_iter().for_each(number),
                Standing::CameFrom { who, from } => [who, from].into_iter().for_each(number),
            }
        }
        for row in &mut acts {
            let Act { by, action, on, on_behalf_of, .. } = &mut row.claim;
            [by, action].into_iter().for_each(number);
            [on, on_behalf_of].into_iter().for_each(number_some);
        }
        for row in &mut events {
            match &mut row.event {
                Event::Made { by, made, .. } => [by, made].into_iter().for_each(number),
                Event::Granted { by, to, what, .. } => {
                    number_some(by);
                    [to, what].into_iter().for_each(number);
                }
                Event::Became { by, into, .. } => [by, into].into_iter().for_each(number),
                Event::Declared { owner, owned, by, .. } => {
                    [owner, owned].into_iter().for_each(number);
                    number_some(by);
                }
                Event::Ended { who, by, .. } => {
                    number(who);
                    number_some(by);
                }
            }
        }
        standing.extend(mentions.iter().filter_map(|mention| mention.claim(roster, number)));
        standing.sort_unstable();
        acts.sort_unstable();
        events.sort_unstable();
        Numbered { standing, acts, events }
    }
}

/// Merges sorted rows and folds those of one claim.
pub(super) fn merged<C: Copy + Ord>(parts: Vec<Vec<Folded<C>>>) -> Vec<Folded<C>> {
    let mut rows = in_one(parts);
    rows.dedup_by(|later, earlier| {
        let same = later.claim == earlier.claim;
        if same {
            earlier.span = earlier.span.and(later.span);
        }
        same
    });
    rows
}

/// Merges sorted rows and drops those that are there twice.
pub(super) fn merged_events(parts: Vec<Vec<Happened>>) -> Vec<Happened> {
    let mut rows = in_one(parts);
    rows.dedup();
    rows
}

/// One sorted list of several: a stable sort finds the sorted runs and only merges them.
fn in_one<T: Ord>(parts: Vec<Vec<T>>) -> Vec<T> {
    let mut parts = parts.into_iter();
    let mut rows = parts.next().unwrap_or_default();
    let runs = parts.len();
    for part in parts {
        rows.extend(part);
    }
    if runs > 0 {
        rows.sort();
    }
    rows.shrink_to_fit();
    rows
}
