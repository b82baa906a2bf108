//! Folding: the same claim said many times is kept once, with its span.

use std::hash::{BuildHasher, Hash};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::claim::{Folded, Span};

/// A table of folded claims.
#[derive(Debug)]
pub(super) struct Fold<C> {
    rows: Vec<Folded<C>>,
    table: HashTable<u32>,
    seed: RandomState,
}

impl<C> Default for Fold<C> {
    fn default() -> Self {
        Self { rows: Vec::new(), table: HashTable::new(), seed: RandomState::default() }
    }
}

impl<C: Copy + Eq + Hash> Fold<C> {
    /// Adds a claim with its span to what was already said.
    pub(super) fn add(&mut self, claim: C, span: Span) {
        let hash = self.seed.hash_one(claim);
        let Self { rows, table, seed } = self;
        let same = |index: &u32| rows.get(*index as usize).is_some_and(|row| row.claim == claim);
        if let Some(index) = table.find(hash, same).copied() {
            if let Some(row) = rows.get_mut(index as usize) {
                row.span = row.span.and(span);
            }
            return;
        }
        let Ok(index) = u32::try_from(rows.len()) else { return };
        rows.push(Folded { claim, span });
        table.insert_unique(hash, index, |other| rows.get(*other as usize).map_or(0, |row| seed.hash_one(row.claim)));
    }

    /// The rows, in no order.
    pub(super) fn into_rows(self) -> Vec<Folded<C>> {
        self.rows
    }
}
