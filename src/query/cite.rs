//! Citations: the short label of each record that an answer rests on, and every place where it lies.

use crate::base::lookup::Map;
use crate::base::origin::EvidenceId;
use crate::base::time::Instant;

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
    /// Citations of these records.
    #[must_use]
    pub fn of(records: Vec<(EvidenceId, Citation)>) -> Self {
        let mut citations = Self::default();
        for (record, citation) in records {
            citations.labels.insert(record, citation.label.clone());
            citations.list.push(citation);
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
