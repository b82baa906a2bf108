//! Interned strings: each distinct text is kept once, and a small number stands for it.

use std::hash::{BuildHasher, Hasher};
use std::num::NonZeroU32;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// A text in a [`Symbols`] table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(NonZeroU32);

impl Symbol {
    /// The position in the table, from zero.
    #[must_use]
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    /// The symbol at a position. `None` beyond four thousand million texts.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        u32::try_from(index + 1).ok().and_then(NonZeroU32::new).map(Self)
    }
}

/// A table of distinct texts. Numbers are given in order of first appearance.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    text: String,
    ends: Vec<u64>,
    table: HashTable<Symbol>,
    seed: RandomState,
}

impl Symbols {
    /// The symbol of a text, added to the table if it is new.
    ///
    /// Beyond four thousand million distinct texts the last symbol stands for all that follow; memory ends long before.
    pub fn intern(&mut self, text: &str) -> Symbol {
        let hash = self.hash(text);
        if let Some(found) = self.table.find(hash, |symbol| self.get(*symbol) == text) {
            return *found;
        }
        let Some(symbol) = Symbol::from_index(self.ends.len()) else { return Symbol(NonZeroU32::MAX) };
        self.text.push_str(text);
        self.ends.push(self.text.len() as u64);
        let Self { table, seed, text, ends } = self;
        table.insert_unique(hash, symbol, |other| hash_of(seed, slice(text, ends, *other)));
        symbol
    }

    /// The symbol of a text, if the table has it.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Symbol> {
        self.table.find(self.hash(text), |symbol| self.get(*symbol) == text).copied()
    }

    /// The text of a symbol; empty for a symbol of another table that this one does not reach.
    #[must_use]
    pub fn get(&self, symbol: Symbol) -> &str {
        slice(&self.text, &self.ends, symbol)
    }

    /// Frees what only [`Self::intern`] and [`Self::find`] need; a later text is interned anew.
    pub fn close(&mut self) {
        self.table = HashTable::new();
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// How many distinct texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no text yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn hash(&self, text: &str) -> u64 {
        hash_of(&self.seed, text)
    }
}

fn slice<'t>(text: &'t str, ends: &[u64], symbol: Symbol) -> &'t str {
    let index = symbol.index();
    let Some(end) = ends.get(index) else { return "" };
    let start = index.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    // The table is in memory, so its length fits a usize.
    text.get(start as usize..*end as usize).unwrap_or("")
}

fn hash_of(seed: &RandomState, text: &str) -> u64 {
    let mut hasher = seed.build_hasher();
    hasher.write(text.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_the_same_symbol() {
        let mut symbols = Symbols::default();
        let first = symbols.intern("alice");
        let empty = symbols.intern("");
        assert_eq!(symbols.intern("alice"), first);
        assert_ne!(first, empty);
        assert_eq!((symbols.get(first), symbols.get(empty), symbols.len()), ("alice", "", 2));
        assert_eq!(symbols.find("bob"), None);
    }

    #[test]
    fn a_million_alike_looking_keys_stay_linear() {
        let mut symbols = Symbols::default();
        for number in 0..1_000_000_u32 {
            symbols.intern(&format!("{:0>32b}", number.reverse_bits()));
        }
        assert_eq!(symbols.len(), 1_000_000);
    }
}
