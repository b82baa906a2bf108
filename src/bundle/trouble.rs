//! What can be wrong with a record or a file, before anybody asks what it means.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// Why one record could not be framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// The file ends inside it.
    Truncated,
    /// It is no valid JSON.
    NotJson,
    /// It is valid JSON, but no object.
    NotAnObject,
    /// Its containers are nested too deep to follow.
    TooDeep,
    /// A key stands in it twice: two readers would read two different things.
    DuplicateKey,
    /// It is no UTF-8 text.
    NotUtf8,
    /// It is longer than the limit.
    TooLong,
    /// Its row has more or fewer cells than the header.
    WrongColumns,
    /// It holds NUL bytes and nothing else.
    Nul,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "the file ends inside the record",
            Self::NotJson => "not valid JSON",
            Self::NotAnObject => "JSON, but no object",
            Self::TooDeep => "nested too deep",
            Self::DuplicateKey => "a key stands twice in the record",
            Self::NotUtf8 => "not UTF-8 text",
            Self::TooLong => "longer than the limit for a record (--max-record raises it)",
            Self::WrongColumns => "the row has more or fewer cells than the header",
            Self::Nul => "NUL bytes instead of a record",
        })
    }
}

/// Why a file could not be read, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// The system would not let us.
    Unreadable(String),
    /// It is a device, a pipe or a socket.
    Special,
    /// It is a link that leads back to itself, or to nothing.
    BadLink,
    /// Its compressed data are damaged; what could be decompressed was read.
    Corrupt(String),
    /// It ends before its compressed data do.
    CutShort,
    /// Its list of records is not closed: records may be missing at the end.
    Unclosed,
    /// Behind its end stands something else, which was not read.
    Trailing,
    /// It becomes larger than the limit.
    TooLarge,
    /// It grows by decompression beyond all measure.
    Bomb,
    /// It is nested too deep in archives and compression.
    TooNested,
    /// The bundle has more files than the limit.
    TooMany,
    /// A member of an archive whose path leads out of it; its content was not read.
    UnsafePath,
    /// A member of an archive that is no file, or is encrypted or compressed in a way we do not read.
    Unsupported(String),
    /// It is no text, no archive and no compression that we know.
    Binary,
    /// It changed while it was being read.
    Changed,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "cannot be read: {why}"),
            Self::Special => f.write_str("a device, pipe or socket: not opened"),
            Self::BadLink => f.write_str("a link that leads nowhere or back to itself"),
            Self::Corrupt(why) => write!(f, "damaged compression: {why}; read as far as it goes"),
            Self::CutShort => f.write_str("cut short: the compressed data end before their end"),
            Self::Unclosed => f.write_str("cut short: its list of records is not closed"),
            Self::Trailing => f.write_str("something stands behind its end and was not read"),
            Self::TooLarge => f.write_str("larger than the limit (--max-file raises it)"),
            Self::Bomb => f.write_str("grows beyond measure by decompression (--max-ratio raises the limit)"),
            Self::TooNested => f.write_str("nested too deep in archives (--max-nesting raises the limit)"),
            Self::TooMany => f.write_str("beyond the limit on the number of files (--max-files raises it)"),
            Self::UnsafePath => f.write_str("an archive member whose path leads out of the archive"),
            Self::Unsupported(what) => write!(f, "not read: {what}"),
            Self::Binary => f.write_str("not text, and no archive or compression that is read"),
            Self::Changed => f.write_str("changed while it was being read"),
        }
    }
}

/// Where the readers of nested layers note what is wrong, while the data flow on.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes(Rc<RefCell<Vec<Obstacle>>>);

impl Notes {
    /// Notes an obstacle, once.
    pub(super) fn add(&self, obstacle: Obstacle) {
        let mut notes = self.0.borrow_mut();
        if !notes.contains(&obstacle) {
            notes.push(obstacle);
        }
    }

    /// All that was noted.
    pub(super) fn take(&self) -> Vec<Obstacle> {
        self.0.take()
    }
}
