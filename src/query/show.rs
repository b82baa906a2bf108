//! The record behind an evidence reference.

use super::records::{self, Meant};
use crate::base::origin::EvidenceId;
use crate::case::Case;
pub use crate::intake::places::Place;
pub use crate::intake::replay::Replayed;

/// The answer to one reference.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The records.
    Shown {
        /// The words asked.
        asked: String,
        /// The records, in the order of their time.
        records: Vec<Replayed>,
    },
    /// The beginning of several names.
    Ambiguous {
        /// The words asked.
        asked: String,
        /// The records they can mean.
        several: Vec<EvidenceId>,
    },
    /// No such record, or the bundle no longer holds it.
    NotFound {
        /// The words asked.
        asked: String,
    },
}

/// Shows a record, or all records of one event.
#[must_use]
pub fn answer(case: &Case, words: &str) -> Answer {
    let asked = words.to_owned();
    match records::meant(case, words) {
        Meant::None => Answer::NotFound { asked },
        Meant::Several(several) => Answer::Ambiguous { asked, several },
        Meant::These(wanted) => {
            let mut records = case.records(&wanted);
            records.sort_by_key(|record| (record.time, record.evidence));
            if records.is_empty() { Answer::NotFound { asked } } else { Answer::Shown { asked, records } }
        }
    }
}
