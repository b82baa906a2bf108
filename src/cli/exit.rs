//! Exit codes: the same whatever the format.

use std::process::ExitCode;

/// How a run ended. Where several apply, the greatest decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Answered.
    Answered,
    /// Answered, `--check` was given, and the answer holds what the check looks for.
    Found,
    /// The name asked for is unknown or ambiguous.
    Unknown,
    /// The bundle could not be read, or `--strict` or `--require` was not met.
    Unread,
    /// The command line is wrong.
    Usage,
    /// The answer could not be written, or a fault of ours.
    Fault,
}

impl Exit {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Answered => 0,
            Self::Found => 1,
            Self::Usage => 2,
            Self::Unknown => 3,
            Self::Unread => 4,
            Self::Fault => 5,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_several_apply() {
        let order = [Exit::Fault, Exit::Usage, Exit::Unread, Exit::Unknown, Exit::Found, Exit::Answered];
        assert!(order.windows(2).all(|pair| pair[0] > pair[1]));
        assert_eq!(order.map(Exit::number), [5, 2, 4, 3, 1, 0]);
    }
}
