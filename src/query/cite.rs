//! Citations: the short label of each record that an answer rests on, and every place where it lies.

use crate::base::lookup::Map;
use crate::base::origin::EvidenceId;
use crate::base::time::Instant;
use crate::case::Case;

/// The records that an answer cites.
#[derive(Debug, Default)]
pub struct Citations {
    labels: Map<EvidenceId, String>,
    /// The records, ordered by label.
    pub list: Vec<Citation>,
}

/// A record that is cited.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Citation {
    /// The label: `e:` and as many digits as tell it from all other records of the bundle.
    pub label: String,
    /// The provider's time.
    pub time: Option<Instant>,
    /// Every place: file, and the number of the record in it, from 1.
    pub places: Vec<(String, u64)>,
}

impl Citations {
    /// Citations of these records, with every place they have in the bundle.
    #[must_use]
    pub fn of(case: &Case, records: impl IntoIterator<Item = EvidenceId>) -> Self {
        let mut records: Vec<EvidenceId> = records.into_iter().collect();
        records.sort_unstable();
        records.dedup();
        let (lengths, places, times) =
            (case.places().lengths(&records), case.places().of(&records), case.times(&records));
        let mut citations = Self::default();
        for record in records {
            let digits = format!("{:016x}", record.0);
            let length = lengths.get(&record).copied().unwrap_or(digits.len());
            let label = format!("e:{}", digits.get(..length).unwrap_or(&digits));
            let found = places.get(&record).into_iter().flatten();
            let places = found.map(|(place, _)| (place.file.clone(), place.number)).collect();
            citations.labels.insert(record, label.clone());
            citations.list.push(Citation { label, time: times.get(&record).copied(), places });
        }
        citations.list.sort_unstable();
        citations
    }

    /// The label of a record.
    #[must_use]
    pub fn label(&self, record: EvidenceId) -> &str {
        self.labels.get(&record).map_or("e:?", String::as_str)
    }
}
