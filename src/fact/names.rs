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
    table: HashTable<Slot>,
    seeds: [RandomState; 2],
}

/// A handle in the table, told from others by two seeded hashes and not by its text, which lies far away: a stranger
/// cannot aim at 96 bits that are different in every run, and chance does not hit them.
#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u64,
    check: u32,
    id: HandleId,
}

impl Names {
    /// The number of a handle, added to the table if it is new.
    pub(super) fn intern(&mut self, handle: Handle<'_>) -> HandleId {
        let (hash, check) = self.hashes(&handle);
        if let Some(slot) = self.table.find(hash, |slot| slot.hash == hash && slot.check == check) {
            return slot.id;
        }
        let (Some(id), Ok(length)) = (HandleId::from_index(self.rows.len()), u32::try_from(handle.value.len())) else {
            return HandleId::LAST;
        };
        let realm = (!handle.realm.is_empty()).then(|| self.realms.intern(handle.realm));
        self.rows.push(Row { start: self.text.len() as u64, length, realm, kind: handle.kind });
        self.text.push_str(handle.value);
        self.stable.push(handle.stable_hash());
        self.table.insert_unique(hash, Slot { hash, check, id }, |slot| slot.hash);
        id
    }

    /// A hash of everything, and one of the lengths and of some letters, which costs little and shares no seed with it.
    fn hashes(&self, handle: &Handle<'_>) -> (u64, u32) {
        const SOME: usize = 8;
        let [whole, some] = &self.seeds;
        let (mut whole, mut some) = (whole.build_hasher(), some.build_hasher());
        let value = handle.value.as_bytes();
        let shape = (handle.kind as u64) << 48 | (handle.realm.len() as u64) << 32 | value.len() as u64;
        whole.write(value);
        whole.write_u64(shape);
        if !handle.realm.is_empty() {
            whole.write(handle.realm.as_bytes());
        }
        some.write_u64(shape);
        for at in [value.len() / 2, value.len().saturating_sub(SOME)] {
            some.write_u64(
                value.get(at..at + SOME).and_then(|some| some.try_into().ok()).map_or(0, u64::from_le_bytes),
            );
        }
        (whole.finish(), some.finish() as u32)
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

    /// The kind of a handle.
    pub(super) fn kind(&self, id: HandleId) -> Option<HandleKind> {
        self.rows.get(id.index()).map(|row| row.kind)
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
