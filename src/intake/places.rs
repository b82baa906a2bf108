//! Where records lie: from a record's name to every file and number it has.

use super::seen::Seen;
use crate::base::lookup::Map;
use crate::base::origin::{EvidenceId, FileId, Origin};

/// A file, or a part of one, as it was numbered while reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FileRow {
    /// Its path inside the bundle.
    pub(super) path: String,
    /// How many records stand in the parts before it.
    pub(super) base: u64,
    /// The unit of the bundle that it is in.
    pub(super) unit: u32,
}

/// The places of all records that were read.
#[derive(Debug, Default)]
pub struct Places {
    pub(super) files: Vec<FileRow>,
    pub(super) seen: Seen,
}

/// A place that a reader can find: a file, and the number of the record in it, from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The path inside the bundle and its archives.
    pub file: String,
    /// The number of the record.
    pub number: u64,
}

impl Places {
    /// Every place of each of these records, in order.
    #[must_use]
    pub fn of(&self, records: &[EvidenceId]) -> Map<EvidenceId, Vec<(Place, Origin)>> {
        let origins = self.seen.places(records);
        let mut places: Map<EvidenceId, Vec<(Place, Origin)>> = Map::default();
        for record in records {
            let mut list: Vec<(Place, Origin)> =
                origins.get(record).into_iter().flatten().map(|origin| (self.place(*origin), *origin)).collect();
            list.sort_unstable();
            list.dedup();
            places.insert(*record, list);
        }
        places
    }

    /// For each of these names how many hexadecimal digits tell it from all other records.
    #[must_use]
    pub fn lengths(&self, records: &[EvidenceId]) -> Map<EvidenceId, usize> {
        self.seen.lengths(records)
    }

    /// The records whose name begins with these hexadecimal digits, at most a few.
    #[must_use]
    pub fn beginning_with(&self, digits: &str) -> Vec<EvidenceId> {
        self.seen.beginning_with(digits)
    }

    /// The records to which a vendor gave this id.
    #[must_use]
    pub fn with_vendor_id(&self, id: &str) -> Vec<EvidenceId> {
        let sources = crate::source::ALL.iter().map(|source| source.card().name);
        let mut found: Vec<EvidenceId> = sources.flat_map(|source| self.seen.with_vendor_id(source, id)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(super) fn place(&self, origin: Origin) -> Place {
        let row = self.row(origin.file);
        let number = row.map_or(0, |row| row.base) + u64::from(origin.ordinal) + 1;
        Place { file: row.map(|row| row.path.clone()).unwrap_or_default(), number }
    }

    pub(super) fn row(&self, file: FileId) -> Option<&FileRow> {
        self.files.get(file.0 as usize)
    }
}
