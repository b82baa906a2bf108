//! What was read, what was not and why, and which answers that weakens.

use super::gaps;
use crate::base::origin::EvidenceId;
use crate::base::time::Instant;
pub use crate::bundle::coverage::{Coverage, FileCoverage, SourceSpan, Totals};
use crate::case::Case;

/// The answer.
#[derive(Clone, Debug)]
pub struct Answer<'c> {
    /// File by file.
    pub coverage: &'c Coverage,
    /// All together.
    pub totals: Totals,
    /// The records that are missing most, the most wanted first.
    pub missing: Vec<Missing>,
}

/// A log that would settle answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// How many acting things it would tell more about.
    pub answers: usize,
    /// The system whose log it is.
    pub system: String,
    /// The account, organisation or repository.
    pub account: Option<String>,
    /// From when.
    pub from: Option<Instant>,
    /// Until when.
    pub to: Option<Instant>,
}

impl Answer<'_> {
    /// The records that it cites: those of one id and different contents.
    #[must_use]
    pub fn cited(&self) -> Vec<EvidenceId> {
        self.coverage.conflicts.iter().flatten().copied().collect()
    }
}

/// The coverage of a case.
#[must_use]
pub fn coverage(case: &Case) -> Answer<'_> {
    let coverage = case.coverage();
    Answer { coverage, totals: coverage.totals(), missing: missing(case) }
}

/// The gaps of all acting things, by log.
fn missing(case: &Case) -> Vec<Missing> {
    let things = case.attributions().things.list().iter().zip(case.attributions().list());
    let mut gaps: Vec<Missing> = Vec::new();
    for (_, attribution) in things.filter(|(thing, _)| thing.acting && !thing.vendor_managed) {
        let mut of_thing: Vec<Missing> = gaps::of(case, attribution)
            .into_iter()
            .map(|gap| Missing { answers: 1, system: gap.system, account: gap.account, from: gap.from, to: gap.to })
            .collect();
        fold(&mut of_thing);
        gaps.extend(of_thing.into_iter().map(|gap| Missing { answers: 1, ..gap }));
    }
    fold(&mut gaps);
    gaps.sort_by(|left, right| right.answers.cmp(&left.answers).then_with(|| left.cmp(right)));
    gaps
}

/// One gap for each log, over all the time that is asked of it.
fn fold(gaps: &mut Vec<Missing>) {
    gaps.sort_by(|left, right| (&left.system, &left.account).cmp(&(&right.system, &right.account)));
    gaps.dedup_by(|later, earlier| {
        let same = (&later.system, &later.account) == (&earlier.system, &earlier.account);
        if same {
            earlier.answers += later.answers;
            // An open beginning is earlier than any other.
            earlier.from =
                if earlier.from.is_none() || later.from.is_none() { None } else { earlier.from.min(later.from) };
            earlier.to = earlier.to.max(later.to);
        }
        same
    });
}
