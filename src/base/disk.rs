//! What the system says of the disk, in words that a person can act on.

use std::io::{Error, ErrorKind};

/// Why a file or folder cannot be had.
#[must_use]
pub fn why(error: &Error) -> String {
    let words = match error.kind() {
        ErrorKind::NotFound => "no such file or folder",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::NotADirectory => "a part of the path is a file, not a folder",
        ErrorKind::IsADirectory => "a folder, not a file",
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
        ErrorKind::StorageFull => "no space is left on the disk",
        ErrorKind::QuotaExceeded => "the quota of the disk is used up",
        ErrorKind::InvalidFilename => "a name that the file system does not allow",
        ErrorKind::InvalidData => "not UTF-8 text",
        other => return other.to_string(),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_words() {
        assert_eq!(why(&ErrorKind::NotFound.into()), "no such file or folder");
        assert_eq!(why(&ErrorKind::PermissionDenied.into()), "permission denied");
        assert_eq!(why(&ErrorKind::TimedOut.into()), "timed out");
    }
}
