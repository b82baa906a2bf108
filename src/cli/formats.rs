//! An answer in the format asked for.

use serde::Serialize;

use super::exit::Exit;
use super::global::Format;
use super::output::{Failure, Terminal};
use super::session::Session;
use crate::query::cite::Citations;
use crate::report::sheet::Sheet;
use crate::report::text::grouped;
use crate::report::wire::{convert, v1};

/// What a command has to say, in each form.
pub(super) struct Forms<'a, T> {
    /// The command, as schemas name it.
    pub(super) command: &'static str,
    /// The items for machines.
    pub(super) items: Vec<T>,
    /// How many items there are without a limit.
    pub(super) of: usize,
    /// The records that are cited.
    pub(super) cite: &'a Citations,
    /// The page for people.
    pub(super) page: &'a dyn Fn() -> String,
    /// The sheet.
    pub(super) sheet: &'a dyn Fn() -> Sheet,
}

impl<T: Serialize> Forms<'_, T> {
    /// The answer as text. A page and a JSON object say themselves what a limit has cut; for the others stderr does.
    pub(super) fn text(self, session: &Session<'_>, terminal: &Terminal) -> Result<String, Failure> {
        let cut = self.items.len() < self.of;
        if cut && matches!(session.global.format, Format::Csv | Format::Markdown | Format::Ndjson) {
            let (shown, of) = (grouped(self.items.len() as u64), grouped(self.of as u64));
            terminal.say(&format!("clutch: {shown} of {of} shown (--limit)"));
        }
        match session.global.format {
            Format::Table => Ok((self.page)()),
            Format::Csv => Ok((self.sheet)().csv()),
            Format::Markdown => Ok((self.sheet)().markdown()),
            Format::Ndjson => lines(&self.items),
            Format::Json => json(&v1::Answer {
                schema: format!("clutch.{}/1", self.command),
                as_of: session.case.known_as_of().map(|at| at.to_string()),
                bundle: convert::bundle(&session.paths(), &session.case.coverage().totals()),
                items: self.items,
                evidence: convert::evidence(self.cite),
                of: cut.then_some(self.of),
            }),
        }
    }
}

/// One JSON object, laid out for reading, with a line break behind it.
pub(super) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| fault(&error))?;
    Ok(text + "\n")
}

/// One JSON object a line.
pub(super) fn lines(items: &[impl Serialize]) -> Result<String, Failure> {
    let mut text = String::new();
    for item in items {
        text.push_str(&serde_json::to_string(item).map_err(|error| fault(&error))?);
        text.push('\n');
    }
    Ok(text)
}

fn fault(error: &serde_json::Error) -> Failure {
    Failure::new(Exit::Fault, format!("the answer could not be put into JSON: {error}"))
}
