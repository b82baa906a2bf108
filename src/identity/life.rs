//! Lifetimes: since when and until when someone or something was there, and had a name.

use super::IdentityId;
use crate::base::time::Instant;

/// From when to when. `None` is open: before the records, or still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Life {
    /// The beginning.
    pub from: Option<Instant>,
    /// The end.
    pub to: Option<Instant>,
}

impl Life {
    /// Whether an instant lies within. What has no time lies within everything.
    #[must_use]
    pub fn covers(self, at: Option<Instant>) -> bool {
        at.is_none_or(|at| self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at <= to))
    }

    /// Whether both have an instant in common.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        let before = |to: Option<Instant>, from: Option<Instant>| to.zip(from).is_some_and(|(to, from)| to < from);
        !before(self.to, other.from) && !before(other.to, self.from)
    }
}

/// A holder of a name, and how long it held it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenure {
    /// Who held the name.
    pub holder: IdentityId,
    /// From when to when.
    pub life: Life,
}

impl Tenure {
    /// Whether the holder held the name at an instant.
    #[must_use]
    pub fn covers(&self, at: Option<Instant>) -> bool {
        self.life.covers(at)
    }
}
