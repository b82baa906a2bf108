//! How much is read before a bundle is taken for hostile or broken.

/// Limits on what is read. What lies beyond is not read, is counted, and is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest a file may become by decompression, in bytes.
    pub file: u64,
    /// How many times its size a file may grow by decompression. Files that stay below [`Limits::ALWAYS`] are exempt.
    pub ratio: u64,
    /// The longest record, line or small document, in bytes.
    pub record: usize,
    /// How deep archives and compression may be nested.
    pub nesting: usize,
    /// How many files a bundle may hold, members of archives among them.
    pub files: usize,
}

impl Limits {
    /// What may always be decompressed, whatever the ratio: a log of one repeated line is no attack.
    pub const ALWAYS: u64 = 256 << 20;

    /// The largest table or archive that has to be held in memory as a whole.
    pub const WHOLE: u64 = 1 << 30;
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 64 << 30, ratio: 200, record: 64 << 20, nesting: 6, files: 5_000_000 }
    }
}
