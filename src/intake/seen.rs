//! Which records were seen: duplicates, conflicting twins, and the places of every record.
//!
//! A duplicate is the same vendor id *and* the same content: key fields and claims. The same id with other content keeps
//! both and is reported, because somebody may have planted one. A record without an id is a duplicate only where its
//! whole text is the same. Which of two equal records is met first depends on the threads; nothing that is printed does.
//!
//! Records are kept hour by hour: a file tells of a short time, so all that its records are compared with is small and at
//! hand. Two copies of one event bear one time; a poor export form may have rounded it, so its neighbours are asked, too.

use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::slice::ParallelSliceMut;

use crate::base::lookup::{Map, Set};
use crate::base::origin::{EvidenceId, Origin};
use crate::base::time::Instant;
use crate::fact::writer::{Form, Stamp, evidence_of, vendor_id};
use hashbrown::HashTable;

/// So many shards keep workers out of each other's way.
const SHARDS: u64 = 64;

/// A record that was kept.
#[derive(Clone, Copy, Debug)]
struct Entry {
    id: u64,
    key: u32,
    /// A digest of its claims; the two highest bits say that its export form is a poor one, and that the vendor gave the id.
    claims: u32,
    origin: Origin,
}

/// The bit of a poor export form.
const POOR: u32 = 1 << 31;

/// The bit of a vendor's id.
const NAMED: u32 = 1 << 30;

impl Entry {
    fn of(stamp: &Stamp, origin: Origin) -> Self {
        let poor = if stamp.form == Form::Poor { POOR } else { 0 };
        let named = if stamp.vendor_id { NAMED } else { 0 };
        Self { id: stamp.id, key: stamp.key, claims: (stamp.claims & !POOR & !NAMED) | poor | named, origin }
    }

    const fn is_poor(&self) -> bool {
        self.claims & POOR != 0
    }

    /// Whether this record, which was there before, makes a new one a duplicate.
    const fn holds(&self, new: &Self) -> bool {
        let content = (self.claims ^ new.claims) & !POOR == 0 || new.is_poor();
        self.id == new.id && self.key == new.key && content
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

/// The records of some hours.
#[derive(Debug, Default)]
struct Shard {
    /// Where in `tables` the records of an hour are.
    hours: Map<i64, usize>,
    tables: Vec<HashTable<Entry>>,
    duplicates: Vec<Duplicate>,
}

impl Shard {
    fn find(&self, hour: i64, hash: u64, new: &Entry) -> Option<Entry> {
        let table = self.tables.get(*self.hours.get(&hour)?)?;
        table.find(hash, |entry| entry.holds(new)).copied()
    }

    fn insert(&mut self, hour: i64, hash: u64, new: Entry, seed: &foldhash::fast::RandomState) {
        let next = self.tables.len();
        let index = *self.hours.get_or_insert_with(hour, || next);
        if index == next {
            self.tables.push(HashTable::new());
        }
        if let Some(table) = self.tables.get_mut(index) {
            table.insert_unique(hash, new, |entry| seed.hash_one(entry.id));
        }
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.tables.iter().flat_map(HashTable::iter)
    }
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
        let new = Entry::of(stamp, origin);
        let (hash, hour) = (self.seed.hash_one(new.id), hour(stamp.at, stamp.id));
        let known = if new.is_poor() { self.rounded(stamp, hash, &new) } else { None };
        let mut shard = lock(self.shard(hour));
        let Some(shard) = shard.as_deref_mut() else { return Verdict::New };
        let Some(known) = known.or_else(|| shard.find(hour, hash, &new)) else {
            shard.insert(hour, hash, new, &self.seed);
            return Verdict::New;
        };
        let (booked, alike) = (self.number(booked), known.is_poor() == new.is_poor());
        let evidence = known.evidence();
        shard.duplicates.push(Duplicate { evidence, first: known.origin, other: origin, booked, alike });
        Verdict::Duplicate
    }

    /// The fuller form of a record whose own form may have rounded its time. Fuller forms are all read before.
    fn rounded(&self, stamp: &Stamp, hash: u64, new: &Entry) -> Option<Entry> {
        let at = stamp.at?;
        [-1000, 1000].into_iter().find_map(|millis| {
            let hour = hour(Some(at.plus_millis(millis)), stamp.id);
            lock(self.shard(hour))?.find(hour, hash, new)
        })
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
        let (id, mut found) = (vendor_id(source, id), Vec::new());
        self.entries(|entry| found.extend((entry.id == id).then(|| entry.evidence())));
        found
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
        let repeated: Set<u64> = self.repeated().into_iter().collect();
        let mut twins: Vec<(u64, EvidenceId, Origin)> = Vec::new();
        if !repeated.is_empty() {
            self.entries(|entry| {
                if repeated.contains(&entry.id) {
                    twins.push((entry.id, entry.evidence(), entry.origin));
                }
            });
        }
        twins.sort_unstable();
        let groups = twins.chunk_by(|left, right| left.0 == right.0);
        groups.map(|group| group.iter().map(|(_, evidence, origin)| (*evidence, *origin)).collect()).collect()
    }

    /// The vendors' ids under which several records were kept. Some millions are looked at at a time, to bound the memory.
    fn repeated(&self) -> Vec<u64> {
        const AT_A_TIME: usize = 2_000_000;
        let mut count = 0;
        self.entries(|_| count += 1);
        let rounds = (count / AT_A_TIME + 1) as u64;
        let mut repeated = Vec::new();
        let mut ids = Vec::new();
        for round in 0..rounds {
            ids.clear();
            self.entries(|entry| {
                ids.extend((entry.claims & NAMED != 0 && entry.id % rounds == round).then_some(entry.id))
            });
            ids.par_sort_unstable();
            repeated.extend(ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]));
        }
        repeated
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
        self.entries(|entry| see(entry.evidence(), entry.origin));
        for shard in &self.shards {
            for duplicate in lock(Some(shard)).iter().flat_map(|shard| &shard.duplicates) {
                see(duplicate.evidence, duplicate.other);
            }
        }
    }

    fn entries(&self, see: impl FnMut(&Entry)) {
        let mut see = see;
        for shard in &self.shards {
            lock(Some(shard)).iter().flat_map(|shard| shard.entries()).for_each(&mut see);
        }
    }

    fn shard(&self, hour: i64) -> Option<&Mutex<Shard>> {
        self.shards.get(hour.rem_euclid(SHARDS as i64) as usize)
    }
}

/// The hour that a record is kept under. Records without a time have a thousand hours of their own, by their ids.
fn hour(at: Option<Instant>, id: u64) -> i64 {
    at.map_or(i64::MIN + (id % 1000) as i64, |at| at.millis().div_euclid(3_600_000))
}

fn lock(shard: Option<&Mutex<Shard>>) -> Option<MutexGuard<'_, Shard>> {
    // A worker that panicked cannot leave a shard half written: an entry is pushed whole or not at all.
    shard.map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
}
