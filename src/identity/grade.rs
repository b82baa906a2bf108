//! How good a hop, a join or a chain is.

use std::fmt;

/// The grade of a hop. A chain is as good as its weakest hop; corroboration raises probability, never a grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Chosen by the caller, or statistical: a session name on a plain role, a tag, a display name, an address.
    Weak,
    /// An equal value that somebody could have chosen, with a unique time window or another independent circumstance.
    Likely,
    /// A composite key that is unique in the data, or set by an administrator or the platform and not by the actor.
    Strong,
    /// Joined by an id that the system issued, or a fingerprint.
    Proven,
}

impl Grade {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Likely => "likely",
            Self::Strong => "strong",
            Self::Proven => "proven",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
