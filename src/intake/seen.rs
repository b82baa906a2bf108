//! Which records were seen: duplicates, conflicting twins, and the places of every record.
//!
//! A duplicate is the same vendor id *and* the same content: key fields and claims. The same id with other content keeps
//! both and is reported, because somebody may have planted one. A record without an id is a duplicate only where its
//! whole text is the same. Which of two equal records is met first depends on the threads; nothing that is printed does.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::lookup::{Map, Set};
use crate::base::origin::{EvidenceId, Origin};
use crate::fact::writer::{Form, Stamp, evidence_of, vendor_id};
use hashbrown::HashTable;

/// So many shards keep workers out of each other's way.
const SHARDS: usize = 64;

/// A record that was kept.
#[derive(Clone, Copy, Debug)]
struct Entry {
    id: u64,
    key: u32,
    /// A digest of its claims; the highest bit says that its export form is a poor one.
    claims: u32,
    origin: Origin,
}

/// The bit of a poor export form.
const POOR: u32 = 1 << 31;

impl Entry {
    fn of(stamp: &Stamp, origin: Origin) -> Self {
        let poor = if stamp.form == Form::Poor { POOR } else { 0 };
        Self { id: stamp.id, key: stamp.key, claims: (stamp.claims & !POOR) | poor, origin }
    }

    const fn is_poor(&self) -> bool {
        self.claims & POOR != 0
    }

    fn evidence(&self) -> EvidenceId {
        evidence_of(self.id, self.key)
    }
}

/// How a record stands in the books: its source, and under which name it was set aside, if it was.
pub(super) type Booked = (&'static str, Option<&'static str>);

/// A record that was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Duplicate {
    pub(super) evidence: EvidenceId,
    /// The place that was met first.
    pub(super) first: Origin,
    /// Its own place.
    pub(super) other: Origin,
    /// The number of how it would have been booked.
    booked: u16,
    /// Whether both are of an export form that is equally rich. Otherwise the richer one is the record, wherever it stands.
    alike: bool,
}

#[derive(Debug, Default)]
struct Shard {
    table: HashTable<Entry>,
    duplicates: Vec<Duplicate>,
    /// Ids under which records of different content stand.
    conflicts: Vec<u64>,
}

/// The records seen in one run, shared by all workers.
#[derive(Debug)]
pub(super) struct Seen {
    shards: Vec<Mutex<Shard>>,
    /// The ways in which duplicates would have been booked, numbered.
    books: Mutex<Vec<Booked>>,
    seed: foldhash::fast::RandomState,
}

/// Whether a record is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is.
    New,
    /// It is new, but another record with other content has its id.
    Conflicting,
    /// The same record was there before.
    Duplicate,
}

impl Default for Seen {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, books: Mutex::default(), seed: foldhash::fast::RandomState::default() }
    }
}

impl Seen {
    /// Looks whether a record is new, and remembers it.
    pub(super) fn check(&self, stamp: &Stamp, origin: Origin, booked: Booked) -> Verdict {
        let hash = self.hash(stamp.id);
        let mut shard = lock(self.shards.get(shard_of(hash)));
        let Some(shard) = shard.as_deref_mut() else { return Verdict::New };
        let new = Entry::of(stamp, origin);
        let same = |entry: &Entry| {
            let content = (entry.claims ^ new.claims) & !POOR == 0 || new.is_poor();
            entry.id == new.id && entry.key == new.key && content
        };
        if let Some(entry) = shard.table.find(hash, same).copied() {
            let (booked, alike) = (self.number(booked), entry.is_poor() == new.is_poor());
            let evidence = entry.evidence();
            shard.duplicates.push(Duplicate { evidence, first: entry.origin, other: origin, booked, alike });
            return Verdict::Duplicate;
        }
        let conflicting = stamp.vendor_id && shard.table.find(hash, |entry| entry.id == stamp.id).is_some();
        let seed = &self.seed;
        shard.table.insert_unique(hash, new, |entry| hash_of(seed, entry.id));
        if conflicting {
            shard.conflicts.push(stamp.id);
            return Verdict::Conflicting;
        }
        Verdict::New
    }

    /// Every place of each of these records, in the order of files and ordinals that `rank` gives.
    #[must_use]
    pub(super) fn places(&self, wanted: &[EvidenceId]) -> Map<EvidenceId, Vec<Origin>> {
        let asked: Set<EvidenceId> = wanted.iter().copied().collect();
        let mut places: Map<EvidenceId, Vec<Origin>> = Map::default();
        self.visit(|evidence, origin| {
            if asked.contains(&evidence) {
                places.get_or_insert_with(evidence, Vec::new).push(origin);
            }
        });
        places
    }

    /// The names of the records that stand under a vendor's id.
    pub(super) fn with_vendor_id(&self, source: &str, id: &str) -> Vec<EvidenceId> {
        let id = vendor_id(source, id);
        let hash = self.hash(id);
        let shard = lock(self.shards.get(shard_of(hash)));
        let Some(shard) = shard.as_deref() else { return Vec::new() };
        shard.table.iter_hash(hash).filter(|entry| entry.id == id).map(Entry::evidence).collect()
    }

    /// The names of all records that begin with these hexadecimal digits, at most a few.
    #[must_use]
    pub(super) fn beginning_with(&self, digits: &str) -> Vec<EvidenceId> {
        const FEW: usize = 20;
        let mut found = Vec::new();
        self.visit(|evidence, _| {
            if found.len() < FEW && format!("{:016x}", evidence.0).starts_with(digits) {
                found.push(evidence);
            }
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    /// For each of these names how many hexadecimal digits tell it from all other records, at least six.
    #[must_use]
    pub(super) fn lengths(&self, wanted: &[EvidenceId]) -> Map<EvidenceId, usize> {
        const SHORTEST: u32 = 6;
        let mut sorted: Vec<u64> = wanted.iter().map(|evidence| evidence.0).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut lengths: Vec<u32> = vec![SHORTEST; sorted.len()];
        let mut others: Vec<u64> = Vec::new();
        self.visit(|evidence, _| others.push(evidence.0));
        others.sort_unstable();
        others.dedup();
        for (at, own) in sorted.iter().enumerate() {
            let position = others.partition_point(|other| other < own);
            let before = position.checked_sub(1).and_then(|position| others.get(position));
            let behind = others.get(position..).and_then(|rest| rest.iter().find(|other| *other != own));
            for other in before.into_iter().chain(behind) {
                let common = (own ^ other).leading_zeros() / 4;
                if let Some(length) = lengths.get_mut(at) {
                    *length = (*length).max(common + 1);
                }
            }
        }
        let pairs = sorted.into_iter().zip(lengths);
        pairs.map(|(own, length)| (EvidenceId(own), length as usize)).collect()
    }

    /// The records under each id that stands for different contents.
    pub(super) fn conflicts(&self) -> Vec<Vec<(EvidenceId, Origin)>> {
        let mut conflicts = Vec::new();
        for shard in &self.shards {
            let shard = lock(Some(shard));
            let Some(shard) = shard.as_deref() else { continue };
            let mut ids = shard.conflicts.clone();
            ids.sort_unstable();
            ids.dedup();
            for id in ids {
                let twins = shard.table.iter_hash(self.hash(id)).filter(|entry| entry.id == id);
                conflicts.push(twins.map(|entry| (entry.evidence(), entry.origin)).collect());
            }
        }
        conflicts
    }

    /// The duplicates of records that are equally rich, by record and the place that was met first.
    pub(super) fn duplicates(&self) -> Vec<Duplicate> {
        let mut all: Vec<Duplicate> = Vec::new();
        for shard in &self.shards {
            if let Some(shard) = lock(Some(shard)).as_deref() {
                all.extend(shard.duplicates.iter().filter(|duplicate| duplicate.alike));
            }
        }
        all.sort_unstable();
        all
    }

    /// How a duplicate would have been booked, had it been met first.
    pub(super) fn booked(&self, duplicate: &Duplicate) -> Option<Booked> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner).get(usize::from(duplicate.booked)).copied()
    }

    fn number(&self, booked: Booked) -> u16 {
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        let number = books.iter().position(|other| *other == booked).unwrap_or_else(|| {
            books.push(booked);
            books.len() - 1
        });
        // Sources and the names under which they set aside are written in the code: there are some hundred.
        u16::try_from(number).unwrap_or(u16::MAX)
    }

    fn visit(&self, mut see: impl FnMut(EvidenceId, Origin)) {
        for shard in &self.shards {
            let shard = lock(Some(shard));
            let Some(shard) = shard.as_deref() else { continue };
            for entry in shard.table.iter() {
                see(entry.evidence(), entry.origin);
            }
            for duplicate in &shard.duplicates {
                see(duplicate.evidence, duplicate.other);
            }
        }
    }

    fn hash(&self, id: u64) -> u64 {
        hash_of(&self.seed, id)
    }
}

fn hash_of(seed: &foldhash::fast::RandomState, id: u64) -> u64 {
    std::hash::BuildHasher::hash_one(seed, id)
}

/// The shard of a hash, by bits in its middle: tables place by the lowest and tell entries apart by the highest.
fn shard_of(hash: u64) -> usize {
    (hash >> 32) as usize % SHARDS
}

fn lock(shard: Option<&Mutex<Shard>>) -> Option<MutexGuard<'_, Shard>> {
    // A worker that panicked cannot leave a shard half written: an entry is pushed whole or not at all.
    shard.map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
}
