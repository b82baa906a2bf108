//! HR reports as sheets: the cells of a record by what their columns mean, and what they claim of people and teams.
//! Shared by the HR sources.
//!
//! Quirks. A row of a report can be a worker, something that happened to one, or a team; it is told by what it has. Days
//! are days of the employer's zone, which no report names: a last day counts until its end in UTC. A report says nowhere
//! when it was made. Names carry a state in brackets (`Tom Arai (Terminated)`, `Jo Ferro [C]`), names of teams their
//! manager (`Claims (Anna Lind)`). What an absence is for, why somebody left and what they are paid is never read: a
//! state becomes one of three words while it is read, and columns without a listed meaning are passed over.

mod columns;
mod days;
mod nested;
mod people;
mod words;

use std::borrow::Cow;

use super::text::is_masked;
use crate::bundle::record::{Body, Object, Row, word};
pub(crate) use columns::{Meaning, plain};
pub(crate) use people::{claim, login};

/// The cells of one record whose columns have a meaning.
#[derive(Debug, Default)]
pub(crate) struct Sheet<'a> {
    cells: Vec<Cell<'a>>,
    /// The meanings of the columns that are there, with or without a value, and how good their labels are.
    columns: Vec<(Meaning, usize)>,
    /// Whether the record is of a report of absences.
    of_absences: bool,
}

/// A cell that has a value.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cell<'a> {
    /// How good the label is for what the column means: the lower, the better.
    rank: usize,
    label: String,
    meaning: Meaning,
    text: Cow<'a, str>,
}

/// How many columns a record may have and still be looked at: reports of people are not that wide.
const WIDEST: usize = 200;

impl<'a> Sheet<'a> {
    /// The sheet of a record's body; `None` where the body is neither object nor row.
    pub(crate) fn of(body: &Body<'a>) -> Option<Self> {
        let mut sheet = Self::default();
        match body {
            Body::Json(object) if object.members.len() <= WIDEST => sheet.read_object(object),
            Body::Row(row) if row.header.len() <= WIDEST => sheet.read_row(row),
            Body::Json(_) | Body::Row(_) | Body::Line(_) | Body::Doc(_) => return None,
        }
        sheet.cells.sort_unstable();
        Some(sheet)
    }

    fn read_row(&mut self, row: &Row<'a>) {
        for (label, cell) in row.header.iter().zip(row.cells.iter()) {
            self.add(&plain(label), || Some(Cow::Borrowed(cell)));
        }
    }

    fn read_object(&mut self, object: &Object<'a>) {
        for member in object.members {
            let label = plain(member.key);
            if member.value.starts_with('{') {
                nested::read(self, label, member.value);
            } else {
                self.add(&label, || match member.value {
                    flag @ ("true" | "false") => Some(Cow::Borrowed(flag)),
                    other => word(other),
                });
            }
        }
    }

    /// Adds a cell, if its column has a meaning; else its value is not looked at.
    fn add(&mut self, label: &str, value: impl FnOnce() -> Option<Cow<'a, str>>) {
        self.of_absences |= columns::is_of_absences(label);
        let Some((meaning, rank)) = columns::meaning(label) else { return };
        self.columns.push((meaning, rank));
        if let Some(text) = value().filter(|text| !text.trim().is_empty() && !is_masked(text.trim())) {
            self.cells.push(Cell { rank, label: label.to_owned(), meaning, text });
        }
    }

    /// The cell of this meaning; of several the one under the best label.
    pub(crate) fn get(&self, meaning: Meaning) -> Option<&str> {
        self.all(meaning).next()
    }

    /// All cells of this meaning, the one under the best label first.
    fn all(&self, meaning: Meaning) -> impl Iterator<Item = &str> {
        self.cells.iter().filter(move |cell| cell.meaning == meaning).map(|cell| cell.text.trim())
    }

    /// Whether there is such a column, with or without a value.
    pub(crate) fn has(&self, meaning: Meaning) -> bool {
        self.columns.iter().any(|(other, _)| *other == meaning)
    }

    /// Whether there is a column that names the state of an employment, rather than of anything.
    fn has_employment_status(&self) -> bool {
        self.columns.iter().any(|(meaning, rank)| *meaning == Meaning::Status && *rank < columns::STATUS_OF_ANYTHING)
    }

    /// How many different meanings the columns have.
    pub(crate) fn breadth(&self) -> usize {
        let mut meanings: Vec<Meaning> = self.columns.iter().map(|(meaning, _)| *meaning).collect();
        meanings.sort_unstable();
        meanings.dedup();
        meanings.len()
    }

    /// Whether the columns are those of a report of people at work: they name people, and tell of employments.
    pub(crate) fn is_of_people(&self) -> bool {
        use Meaning::{ContractEnd, Email, Ended, Hired, LastDay, Number};
        let names = self.has(Number) || self.has(Email);
        let employs = [Hired, Ended, LastDay, ContractEnd].iter().any(|meaning| self.has(*meaning));
        self.breadth() >= 3 && names && (employs || self.has_employment_status())
    }

    /// Whether the columns are those of a report of teams: they name no people, and tell of the ends of teams.
    pub(crate) fn is_of_teams(&self) -> bool {
        use Meaning::{Email, Number, Team, TeamEnd, TeamInactive};
        let names = self.has(Number) || self.has(Email);
        !names && self.has(Team) && (self.has(TeamEnd) || self.has(TeamInactive))
    }
}
