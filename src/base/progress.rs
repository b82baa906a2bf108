//! How far the reading is: counters that workers raise and a terminal may look at.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of one run. Workers add; whoever draws a bar looks.
#[derive(Debug, Default)]
pub struct Progress {
    total: AtomicU64,
    done: AtomicU64,
    records: AtomicU64,
}

/// One look at the counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Bytes on disk that are to be read.
    pub total: u64,
    /// Bytes on disk that were read.
    pub done: u64,
    /// Records seen.
    pub records: u64,
}

impl Progress {
    /// Adds bytes on disk to what is to be read.
    pub fn expect(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Adds to what was read: bytes on disk, and records.
    pub fn advance(&self, bytes: u64, records: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
        self.records.fetch_add(records, Ordering::Relaxed);
    }

    /// The counters now.
    pub fn look(&self) -> Reading {
        Reading {
            total: self.total.load(Ordering::Relaxed),
            done: self.done.load(Ordering::Relaxed),
            records: self.records.load(Ordering::Relaxed),
        }
    }
}
