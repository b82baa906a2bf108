//! The table of handles of one writer: each distinct name once, a small number for it.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::handle::{Handle, HandleId, HandleKind};
use crate::base::symbol::{Symbol, Symbols};

/// A handle as it is stored. Realms are few and repeated; values are many and mostly distinct, so each stands once in the
/// text, where a look-up finds it in one step.
#[derive(Clone, Copy, Debug)]
struct Row {
    start: u64,
    length: u32,
    /// `None` for the empty realm, which most handles have.
    realm: Option<Symbol>,
    kind: HandleKind,
}

/// Interned handles.
#[derive(Debug, Default)]
pub(super) struct Names {
    text: String,
    realms: Symbols,
    rows: Vec<Row>,
    stable: Vec<u64>,
    /// Each handle with its hash, so that the table grows without a look at the texts.
    table: HashTable<(u64, HandleId)>,
    seed: RandomState,
}

impl Names {
    /// The number of a handle, added to the table if it is new.
    pub(super) fn intern(&mut self, handle: Handle<'_>) -> HandleId {
        let hash = hash_of(&self.seed, &handle);
        if let Some((_, found)) = self.table.find(hash, |(known, id)| *known == hash && self.is(*id, &handle)) {
            return *found;
        }
        let (Some(id), Ok(length)) = (HandleId::from_index(self.rows.len()), u32::try_from(handle.value.len())) else {
            return HandleId::LAST;
        };
        let realm = (!handle.realm.is_empty()).then(|| self.realms.intern(handle.realm));
        self.rows.push(Row { start: self.text.len() as u64, length, realm, kind: handle.kind });
        self.text.push_str(handle.value);
        self.stable.push(handle.stable_hash());
        self.table.insert_unique(hash, (hash, id), |(known, _)| *known);
        id
    }

    fn is(&self, id: HandleId, handle: &Handle<'_>) -> bool {
        self.rows.get(id.index()).is_some_and(|row| {
            row.kind == handle.kind
                && row.length as usize == handle.value.len()
                && row.realm.is_none() == handle.realm.is_empty()
                && row.handle(&self.text, &self.realms) == *handle
        })
    }

    /// The digest of a handle that is the same in every run.
    pub(super) fn stable(&self, id: HandleId) -> u64 {
        self.stable.get(id.index()).copied().unwrap_or(0)
    }

    /// The handle of a number; an empty word for a number of another table.
    pub(super) fn get(&self, id: HandleId) -> Handle<'_> {
        let nothing = Handle { kind: HandleKind::Word, realm: "", value: "" };
        self.rows.get(id.index()).map_or(nothing, |row| row.handle(&self.text, &self.realms))
    }

    /// How many handles there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Frees what only interning needs.
    pub(super) fn close(&mut self) {
        self.table = HashTable::new();
        self.text.shrink_to_fit();
        self.realms.close();
    }
}

impl Row {
    fn handle<'s>(&self, text: &'s str, realms: &'s Symbols) -> Handle<'s> {
        // The text is in memory, so its length fits a usize.
        let start = self.start as usize;
        Handle {
            kind: self.kind,
            realm: self.realm.map_or("", |realm| realms.get(realm)),
            value: text.get(start..start + self.length as usize).unwrap_or_default(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_with_its_kind_and_realm() {
        let mut names = Names::default();
        let mut id = |kind, realm, value| names.intern(Handle { kind, realm, value });
        let login = id(HandleKind::Login, "okta:", "mira");
        let others = [
            id(HandleKind::Login, "", "mira"),
            id(HandleKind::Login, "okta:other", "mira"),
            id(HandleKind::Word, "okta:", "mira"),
            id(HandleKind::Login, "okta:", "mir"),
            id(HandleKind::Login, "okta:", ""),
        ];
        assert_eq!(id(HandleKind::Login, "okta:", "mira"), login);
        assert!(others.iter().all(|other| *other != login));
        assert_eq!(names.len(), 6);
        assert_eq!(names.get(login), Handle { kind: HandleKind::Login, realm: "okta:", value: "mira" });
    }
}
