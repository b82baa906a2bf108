//! Where a record was read, and the name it is cited by.

use std::fmt;
use std::hash::Hasher;

use siphasher::sip::SipHasher13;

/// A file of the bundle, or a member of one of its archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// Enough to find a raw record again: the file and the record's number in it, from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The file, or the part of a large file.
    pub file: FileId,
    /// The number of the record in it.
    pub ordinal: u32,
}

/// The name of a record, made from the record itself: it is the same wherever the record lies, however often.
///
/// It is a digest of the source's name, the vendor's event id and the record's key fields, or of its text where the
/// vendor gives no id. Two records of one name are the same record with a likelihood that 64 bits allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvidenceId(pub u64);

impl fmt::Display for EvidenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "e:{:016x}", self.0)
    }
}

/// A hash that is the same on every machine and in every run: SipHash-1-3 under a zero key.
///
/// It names things; it does not defend a table. Tables are seeded (see [`super::lookup`]).
#[derive(Clone, Debug)]
pub struct StableHash(SipHasher13);

impl Default for StableHash {
    fn default() -> Self {
        Self(SipHasher13::new())
    }
}

impl StableHash {
    /// Adds a text, ended so that neighbours cannot run into each other.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.write(text.as_bytes());
        self.0.write_u8(0xff);
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.0.write_u64(number);
        self
    }

    /// The digest of all that was added.
    #[must_use]
    pub fn finish(&self) -> u64 {
        self.0.finish()
    }
}
