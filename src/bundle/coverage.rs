//! What was read and what was not: the product that stands beside the facts.
//!
//! Every record is accounted for: seen = read + duplicate + set aside + refused. "Clean" is never said over input that
//! was not read.

use std::collections::BTreeMap;

use super::trouble::Obstacle;
use crate::base::origin::EvidenceId;
use crate::base::time::Instant;

/// What became of the files and records of a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Every file and member of an archive, by path.
    pub files: Vec<FileCoverage>,
    /// What each source read, by source and account.
    pub spans: Vec<SourceSpan>,
    /// Records of one id and different content: somebody may have planted one.
    pub conflicts: Vec<Vec<EvidenceId>>,
}

/// What became of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCoverage {
    /// Its path inside the bundle and its archives.
    pub path: String,
    /// Its size on disk, in bytes.
    pub size: u64,
    /// How many of its records each source read.
    pub read: BTreeMap<&'static str, u64>,
    /// Records that stand in another place, too, and were counted there.
    pub duplicate: u64,
    /// Records that are known to tell nothing about ownership, by source and name.
    pub set_aside: BTreeMap<(&'static str, &'static str), u64>,
    /// Records that could not be understood, by reason.
    pub refused: BTreeMap<String, Refused>,
    /// Why it could not be read, or not to its end.
    pub obstacles: Vec<Obstacle>,
    /// Why the user had it left out.
    pub excluded: Option<&'static str>,
}

/// How many records were refused for one reason, and where the first ones stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// How many.
    pub count: u64,
    /// The numbers of the first few in their file, from 1.
    pub first: Vec<u64>,
}

/// So many refused records are named by their number.
pub const EXAMPLES: usize = 3;

impl Refused {
    /// Counts another one. Numbers may come in any order; the smallest are kept.
    pub fn add(&mut self, number: u64) {
        self.count += 1;
        self.first.push(number);
        self.first.sort_unstable();
        self.first.truncate(EXAMPLES);
    }
}

/// What one source read of one account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceSpan {
    /// The source.
    pub source: &'static str,
    /// The account, tenant or organisation, where its records say so.
    pub account: Option<String>,
    /// The first time that its records tell of, as a provider stamped it.
    pub first: Option<Instant>,
    /// The last time.
    pub last: Option<Instant>,
    /// How many records.
    pub records: u64,
}

/// Numbers that add up: seen = read + duplicate + set aside + refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Records read.
    pub read: u64,
    /// Records that were there before.
    pub duplicate: u64,
    /// Records known to tell nothing, or beyond the end of the bundle.
    pub set_aside: u64,
    /// Records that could not be understood.
    pub refused: u64,
    /// Files that could not be read, or not to their end.
    pub unread_files: u64,
    /// Files that the user had left out.
    pub excluded_files: u64,
    /// All files.
    pub files: u64,
}

impl Totals {
    /// All records.
    #[must_use]
    pub const fn seen(&self) -> u64 {
        self.read + self.duplicate + self.set_aside + self.refused
    }

    fn add(&mut self, other: Self) {
        self.read += other.read;
        self.duplicate += other.duplicate;
        self.set_aside += other.set_aside;
        self.refused += other.refused;
        self.unread_files += other.unread_files;
        self.excluded_files += other.excluded_files;
        self.files += other.files;
    }
}

impl FileCoverage {
    /// The numbers of this file.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals {
            read: self.read.values().sum(),
            duplicate: self.duplicate,
            set_aside: self.set_aside.values().sum(),
            refused: self.refused.values().map(|refused| refused.count).sum(),
            unread_files: u64::from(!self.obstacles.is_empty()),
            excluded_files: u64::from(self.excluded.is_some()),
            files: 1,
        }
    }
}

impl Coverage {
    /// The numbers of all files.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for file in &self.files {
            totals.add(file.totals());
        }
        totals
    }

    /// Whether everything was read that the user did not leave out.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let totals = self.totals();
        totals.refused == 0 && totals.unread_files == 0
    }

    /// The first time that any record tells of.
    #[must_use]
    pub fn first(&self) -> Option<Instant> {
        self.spans.iter().filter_map(|span| span.first).min()
    }

    /// The first time that a record of this account tells of.
    #[must_use]
    pub fn first_of(&self, account: &str) -> Option<Instant> {
        let spans = self.spans.iter().filter(|span| span.account.as_deref() == Some(account));
        spans.filter_map(|span| span.first).min()
    }

    /// What was read of a source, over all accounts.
    #[must_use]
    pub fn of_source(&self, source: &str) -> (u64, Option<Instant>) {
        let spans = || self.spans.iter().filter(|span| span.source == source);
        (spans().map(|span| span.records).sum(), spans().filter_map(|span| span.last).max())
    }
}
