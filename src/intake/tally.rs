//! What one worker counts while it reads: by file, and by source and account.

use std::collections::BTreeMap;

use crate::base::lookup::Map;
use crate::base::origin::FileId;
use crate::base::time::Instant;
use crate::bundle::coverage::Refused;
use crate::bundle::trouble::{Flaw, Obstacle};
use crate::fact::handle::HandleId;
use crate::source::Refusal;

/// Why a record was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Why {
    /// It could not be framed.
    Flawed(Flaw),
    /// No source knows such a record.
    Unrecognised,
    /// Two sources know it equally well.
    Ambiguous(&'static str, &'static str),
    /// Its source could not understand it.
    Refused(&'static str, Refusal),
}

impl Why {
    /// The reason in words.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Flawed(flaw) => flaw.to_string(),
            Self::Unrecognised => "no source reads such a record (clutch sources lists them)".to_owned(),
            Self::Ambiguous(one, two) => format!("ambiguous-source: {one} and {two} fit equally"),
            Self::Refused(source, refusal) => format!("{source}: {refusal}"),
        }
    }
}

/// What became of the records of one file, or of a part of one.
#[derive(Clone, Debug, Default)]
pub(super) struct FileTally {
    pub(super) file: Option<FileId>,
    pub(super) path: String,
    pub(super) part: u32,
    pub(super) size: u64,
    pub(super) unit: u32,
    pub(super) records: u64,
    /// What was read, by source.
    pub(super) read: Vec<(&'static str, u64)>,
    pub(super) duplicate: u64,
    pub(super) set_aside: BTreeMap<(&'static str, &'static str), u64>,
    pub(super) refused: BTreeMap<Why, Refused>,
    pub(super) obstacles: Vec<Obstacle>,
}

impl FileTally {
    /// Counts a record of a source. A file seldom has records of more than one.
    pub(super) fn read(&mut self, source: &'static str) {
        match self.read.iter_mut().find(|(name, _)| std::ptr::eq(*name, source)) {
            Some((_, count)) => *count += 1,
            None => self.read.push((source, 1)),
        }
    }
}

/// The files that one worker reads.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) files: Vec<FileTally>,
    of: Map<FileId, usize>,
    last: Option<(FileId, usize)>,
}

impl Tally {
    pub(super) fn begin(&mut self, tally: FileTally) {
        if let Some(file) = tally.file {
            self.of.insert(file, self.files.len());
            self.last = Some((file, self.files.len()));
        }
        self.files.push(tally);
    }

    /// The tally of a file that was begun.
    pub(super) fn file(&mut self, file: FileId) -> Option<&mut FileTally> {
        let index = match self.last {
            Some((last, index)) if last == file => index,
            _ => self.of.get(&file).copied()?,
        };
        self.last = Some((file, index));
        self.files.get_mut(index)
    }
}

/// What one worker read of one source and account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) source: &'static str,
    pub(super) account: Option<HandleId>,
    pub(super) first: Option<Instant>,
    pub(super) last: Option<Instant>,
    pub(super) records: u64,
}

/// What one worker read, by source and account.
#[derive(Debug, Default)]
pub(super) struct Spans {
    pub(super) rows: Vec<Span>,
    of: Map<(&'static str, Option<HandleId>), usize>,
    last: usize,
}

impl Spans {
    pub(super) fn add(
        &mut self,
        source: &'static str,
        account: Option<HandleId>,
        tells_of: Option<(Instant, Instant)>,
    ) {
        let is = |row: &Span| row.source == source && row.account == account;
        if !self.rows.get(self.last).is_some_and(is) {
            let next = self.rows.len();
            self.last = *self.of.get_or_insert_with((source, account), || next);
            if self.last == next {
                self.rows.push(Span { source, account, first: None, last: None, records: 0 });
            }
        }
        let Some(row) = self.rows.get_mut(self.last) else { return };
        row.records += 1;
        if let Some((first, last)) = tells_of {
            row.first = Some(row.first.map_or(first, |before| before.min(first)));
            row.last = row.last.max(Some(last));
        }
    }
}
