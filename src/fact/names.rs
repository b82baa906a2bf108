//! The table of handles of one writer: each distinct name once, a small number for it.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::handle::{Handle, HandleId, HandleKind};
use crate::base::symbol::{Symbol, Symbols};

/// A handle as it is stored: its texts are symbols of the same table.
#[derive(Clone, Copy, Debug)]
struct Row {
    kind: HandleKind,
    realm: Symbol,
    value: Symbol,
}

impl Row {
    fn handle<'s>(&self, symbols: &'s Symbols) -> Handle<'s> {
        Handle { kind: self.kind, realm: symbols.get(self.realm), value: symbols.get(self.value) }
    }
}

fn hash_of(seed: &RandomState, handle: &Handle<'_>) -> u64 {
    let mut hasher = seed.build_hasher();
    hasher.write(handle.value.as_bytes());
    hasher.write_u64((handle.kind as u64) << 32 | handle.realm.len() as u64);
    if !handle.realm.is_empty() {
        hasher.write(handle.realm.as_bytes());
    }
    hasher.finish()
}

/// Interned handles.
#[derive(Debug, Default)]
pub(super) struct Names {
    symbols: Symbols,
    rows: Vec<Row>,
    stable: Vec<u64>,
    table: HashTable<HandleId>,
    seed: RandomState,
}

impl Names {
    /// The number of a handle, added to the table if it is new.
    pub(super) fn intern(&mut self, handle: Handle<'_>) -> HandleId {
        let hash = hash_of(&self.seed, &handle);
        if let Some(found) = self.table.find(hash, |id| self.get(*id) == handle) {
            return *found;
        }
        let Some(id) = HandleId::from_index(self.rows.len()) else { return HandleId::LAST };
        let (realm, value) = (self.symbols.intern(handle.realm), self.symbols.intern(handle.value));
        self.rows.push(Row { kind: handle.kind, realm, value });
        self.stable.push(handle.stable_hash());
        let Self { rows, table, seed, symbols, .. } = self;
        table.insert_unique(hash, id, |other| {
            rows.get(other.index()).map_or(0, |row| hash_of(seed, &row.handle(symbols)))
        });
        id
    }

    /// The digest of a handle that is the same in every run.
    pub(super) fn stable(&self, id: HandleId) -> u64 {
        self.stable.get(id.index()).copied().unwrap_or(0)
    }

    /// The handle of a number; an empty word for a number of another table.
    pub(super) fn get(&self, id: HandleId) -> Handle<'_> {
        let nothing = Handle { kind: HandleKind::Word, realm: "", value: "" };
        self.rows.get(id.index()).map_or(nothing, |row| row.handle(&self.symbols))
    }

    /// How many handles there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Frees what only interning needs.
    pub(super) fn close(&mut self) {
        self.table = HashTable::new();
        self.symbols.close();
    }
}
