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

/// Compares a bundle with what a manifest says: each path with its digest.
#[must_use]
pub fn compare(written: &BTreeMap<String, Option<String>>, now: &[FileDigest]) -> Vec<(String, State)> {
    let mut compared: Vec<(String, State)> = Vec::new();
    for (path, digest) in written {
        let state = match now.iter().find(|file| file.path == *path) {
            None => State::Missing,
            Some(file) if file.sha256.as_ref().ok() == digest.as_ref() => State::Same,
            Some(_) => State::Changed,
        };
        compared.push((path.clone(), state));
    }
    let added = now.iter().filter(|file| !written.contains_key(&file.path));
    compared.extend(added.map(|file| (file.path.clone(), State::Added)));
    compared.sort_unstable();
    compared
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
