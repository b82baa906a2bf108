//! What a bundle is made of, and whether it still is.

use std::collections::BTreeMap;

use super::records::{self, Meant};
pub use crate::bundle::digest::FileDigest;
use crate::bundle::{Bundle, digest};
use crate::case::{Case, Opening};

/// The digests of all files that a case would be made from. None of their records is read.
#[must_use]
pub fn manifest(opening: Opening) -> Vec<FileDigest> {
    digest::digests(&Bundle::list(opening.roots, &opening.filter, opening.limits))
}

/// How something stands to what was written down of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It is the same.
    Same,
    /// It is there, and different.
    Changed,
    /// It is not there.
    Missing,
    /// It was not there.
    Added,
}

impl State {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Added => "added",
        }
    }
}

/// A path and the digest of the file there, if it can be read.
pub type Written = (String, Option<String>);

/// Compares a bundle with what a manifest says. A path can stand there more than once: in a manifest paths that differ
/// in a secret only are masked to the same text.
#[must_use]
pub fn compare(written: Vec<Written>, now: Vec<Written>) -> Vec<(String, State)> {
    let mut paths: BTreeMap<String, [Vec<Option<String>>; 2]> = BTreeMap::new();
    for (path, digest) in written {
        paths.entry(path).or_default()[0].push(digest);
    }
    for (path, digest) in now {
        paths.entry(path).or_default()[1].push(digest);
    }
    let state = |[mut then, mut now]: [Vec<Option<String>>; 2]| {
        then.sort_unstable();
        now.sort_unstable();
        match (then.is_empty(), now.is_empty()) {
            (true, _) => State::Added,
            (_, true) => State::Missing,
            _ if then == now => State::Same,
            _ => State::Changed,
        }
    };
    paths.into_iter().map(|(path, digests)| (path, state(digests))).collect()
}

/// Looks whether the records that a report cites are in the bundle.
#[must_use]
pub fn cited(case: &Case, labels: &[String]) -> Vec<(String, State)> {
    let state = |label: &String| match records::meant(case, label) {
        Meant::None => State::Missing,
        Meant::These(_) | Meant::Several(_) => State::Same,
    };
    labels.iter().map(|label| (label.clone(), state(label))).collect()
}
