//! Everything known about one bundle: the whole pipeline on one page.
//!
//! Reading comes first, and once. What follows (who is who, what led to what, who answers, whether they are still there)
//! is worked out when it is first asked for: a question about coverage need not pay for the rest.

use std::sync::OnceLock;

use crate::attribution::{Attributions, Ground};
use crate::base::lookup::{Map, Set};
use crate::base::origin::EvidenceId;
use crate::base::progress::Progress;
use crate::base::time::{Instant, When};
use crate::bundle::Bundle;
use crate::bundle::coverage::Coverage;
pub use crate::bundle::limits::Limits;
pub use crate::bundle::listing::{Filter, Root};
use crate::fact::facts::Facts;
use crate::identity::Identities;
use crate::intake::places::Places;
use crate::intake::replay::{self, Replayed};
use crate::intake::{self, Loaded, Request};
use crate::lifecycle::Lifecycle;
use crate::lineage::Lineage;

/// What a case is made from.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// Folders, files and archives.
    pub roots: Vec<Root>,
    /// Which of their files to read.
    pub filter: Filter,
    /// How much is read at the most.
    pub limits: Limits,
    /// The time to answer for; the end of the bundle where none is given.
    pub as_of: Option<Instant>,
    /// How many threads; one for each processor where none is given.
    pub threads: Option<usize>,
}

/// A bundle that was read, and everything that follows from it.
#[derive(Debug)]
pub struct Case {
    bundle: Bundle,
    loaded: Loaded,
    /// Whether the time to answer for was asked for.
    fixed: bool,
    identities: OnceLock<Identities>,
    lineage: OnceLock<Lineage>,
    attributions: OnceLock<Attributions>,
    lifecycle: OnceLock<Lifecycle>,
}

impl Case {
    /// Reads a bundle. What could not be read stands in its coverage.
    #[must_use]
    pub fn open(opening: Opening, progress: &Progress) -> Self {
        let Opening { roots, filter, limits, as_of, threads } = opening;
        let bundle = Bundle::list(roots, &filter, limits);
        let loaded = intake::load(Request { bundle: &bundle, as_of, threads, progress });
        Self {
            bundle,
            loaded,
            fixed: as_of.is_some(),
            identities: OnceLock::new(),
            lineage: OnceLock::new(),
            attributions: OnceLock::new(),
            lifecycle: OnceLock::new(),
        }
    }

    /// The files it was read from.
    #[must_use]
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// What the records claim.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.loaded.facts
    }

    /// What was read and what was not.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.loaded.coverage
    }

    /// Where every record lies.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.loaded.places
    }

    /// The time the answers are for, where any record tells of a time or one was asked for.
    #[must_use]
    pub fn known_as_of(&self) -> Option<Instant> {
        self.loaded.as_of
    }

    /// The time the answers are for; of a bundle without any time the end of time, for nothing in it can be later.
    #[must_use]
    pub fn as_of(&self) -> Instant {
        self.loaded.as_of.unwrap_or(Instant::LAST)
    }

    /// Who is who.
    pub fn identities(&self) -> &Identities {
        self.identities.get_or_init(|| Identities::of(self.facts()))
    }

    /// What led to what.
    pub fn lineage(&self) -> &Lineage {
        self.lineage.get_or_init(|| Lineage::of(self.facts(), self.identities()))
    }

    /// What attribution stands on.
    pub fn ground(&self) -> Ground<'_> {
        Ground {
            facts: self.facts(),
            identities: self.identities(),
            lineage: self.lineage(),
            as_of: self.as_of(),
            fixed: self.fixed,
        }
    }

    /// Who answers for each acting thing.
    pub fn attributions(&self) -> &Attributions {
        self.attributions.get_or_init(|| Attributions::of(self.ground()))
    }

    /// Whether they are still there.
    pub fn lifecycle(&self) -> &Lifecycle {
        self.lifecycle.get_or_init(|| Lifecycle::of(self.ground(), self.attributions()))
    }

    /// Reads records again.
    #[must_use]
    pub fn records(&self, wanted: &[EvidenceId]) -> Vec<Replayed> {
        replay::replay(&self.bundle, &self.loaded.places, wanted)
    }

    /// When each of these records happened, or was seen, as far as a claim says so.
    #[must_use]
    pub fn times(&self, wanted: &[EvidenceId]) -> Map<EvidenceId, Instant> {
        let asked: Set<EvidenceId> = wanted.iter().copied().collect();
        let mut times: Map<EvidenceId, Instant> = Map::default();
        let mut note = |record: EvidenceId, when: When| {
            if let Some(at) = when.instant().filter(|_| asked.contains(&record)) {
                let known = times.get_or_insert_with(record, || at);
                *known = at.max(*known);
            }
        };
        for row in self.facts().events() {
            note(row.record, row.when);
        }
        let standing = self.facts().standing().iter().map(|row| row.span);
        for span in standing.chain(self.facts().acts().iter().map(|row| row.span)) {
            note(span.first_record, span.first);
            note(span.last_record, span.last);
        }
        times
    }
}
