//! The table of handles of one writer: each distinct name once, a small number for it.

use std::hash::BuildHasher;

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
        let realm = self.symbols.intern(handle.realm);
        let value = self.symbols.intern(handle.value);
        let hash = self.seed.hash_one((handle.kind, realm, value));
        let Self { rows, table, seed, .. } = self;
        let same = |id: &HandleId| {
            rows.get(id.index()).is_some_and(|row| (row.kind, row.realm, row.value) == (handle.kind, realm, value))
        };
        if let Some(found) = table.find(hash, same) {
            return *found;
        }
        let Some(id) = HandleId::from_index(rows.len()) else { return HandleId::LAST };
        rows.push(Row { kind: handle.kind, realm, value });
        self.stable.push(handle.stable_hash());
        table.insert_unique(hash, id, |other| {
            rows.get(other.index()).map_or(0, |row| seed.hash_one((row.kind, row.realm, row.value)))
        });
        id
    }

    /// The digest of a handle that is the same in every run.
    pub(super) fn stable(&self, id: HandleId) -> u64 {
        self.stable.get(id.index()).copied().unwrap_or(0)
    }

    /// The handle of a number; an empty word for a number of another table.
    pub(super) fn get(&self, id: HandleId) -> Handle<'_> {
        self.rows.get(id.index()).map_or(Handle { kind: HandleKind::Word, realm: "", value: "" }, |row| Handle {
            kind: row.kind,
            realm: self.symbols.get(row.realm),
            value: self.symbols.get(row.value),
        })
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
