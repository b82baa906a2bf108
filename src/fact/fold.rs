//! Folding: the same claim said many times is kept once, with its span.

use std::hash::{BuildHasher, Hash};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::claim::{Folded, Span};

/// A table of folded claims: the rows stand in it, so that a claim that was made before is found in one step.
#[derive(Debug)]
pub(super) struct Fold<C> {
    table: HashTable<Folded<C>>,
    seed: RandomState,
}

impl<C> Default for Fold<C> {
    fn default() -> Self {
        Self { table: HashTable::new(), seed: RandomState::default() }
    }
}

impl<C: Copy + Eq + Hash> Fold<C> {
    /// Adds a claim with its span to what was already said.
    pub(super) fn add(&mut self, claim: C, span: Span) {
        let Self { table, seed } = self;
        let hash = seed.hash_one(claim);
        match table.find_mut(hash, |row| row.claim == claim) {
            Some(row) => row.span = row.span.and(span),
            None => {
                table.insert_unique(hash, Folded { claim, span }, |row| seed.hash_one(row.claim));
            }
        }
    }

    /// The rows, in no order.
    pub(super) fn into_rows(self) -> Vec<Folded<C>> {
        self.table.into_iter().collect()
    }
}
