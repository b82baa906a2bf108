//! Which records words mean: a piece of evidence by its name, or everything under a vendor's event id.

use crate::base::origin::EvidenceId;
use crate::case::Case;

/// The records that words mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// These: one piece of evidence, or all records of one event.
    These(Vec<EvidenceId>),
    /// The beginning of several names.
    Several(Vec<EvidenceId>),
    /// None.
    None,
}

/// Finds them. `e:` and at least four digits of a record's name, or the vendor's whole id.
#[must_use]
pub fn meant(case: &Case, words: &str) -> Meant {
    const FEWEST: usize = 4;
    let words = words.trim();
    if let Some(digits) = words.strip_prefix("e:").map(str::to_lowercase) {
        let found = if digits.len() >= FEWEST { case.places().beginning_with(&digits) } else { Vec::new() };
        return match found.len() {
            0 => Meant::None,
            1 => Meant::These(found),
            _ => Meant::Several(found),
        };
    }
    match case.places().with_vendor_id(words) {
        found if found.is_empty() => Meant::None,
        found => Meant::These(found),
    }
}
