//! The commands: one file each, with its help text, its options and what it does.

mod completions;
mod coverage;
mod explain;
mod find;
mod inventory;
mod man;
mod manifest;
mod orphans;
mod owned_by;
mod schema;
mod show;
mod sources;
mod verify;
mod who_owns;

use clap::Subcommand;

use super::exit::Exit;
use super::global::Global;
use super::output::{Failure, Terminal};
use crate::base::disk;

/// What can be asked.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    WhoOwns(who_owns::Args),
    OwnedBy(owned_by::Args),
    Orphans(orphans::Args),
    Find(find::Args),
    Explain(explain::Args),
    Inventory(inventory::Args),
    Coverage(coverage::Args),
    Sources(sources::Args),
    Show(show::Args),
    Manifest(manifest::Args),
    Verify(verify::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    pub(super) fn run(&self, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        match self {
            Self::WhoOwns(args) => who_owns::run(args, global, terminal),
            Self::OwnedBy(args) => owned_by::run(args, global, terminal),
            Self::Orphans(args) => orphans::run(args, global, terminal),
            Self::Find(args) => find::run(args, global, terminal),
            Self::Explain(args) => explain::run(args, global, terminal),
            Self::Inventory(args) => inventory::run(args, global, terminal),
            Self::Coverage(args) => coverage::run(args, global, terminal),
            Self::Sources(args) => sources::run(args, global, terminal),
            Self::Show(args) => show::run(args, global, terminal),
            Self::Manifest(args) => manifest::run(args, global, terminal),
            Self::Verify(args) => verify::run(args, global, terminal),
            Self::Schema(args) => schema::run(args, global),
            Self::Completions(args) => completions::run(args, global),
            Self::Man(args) => man::run(args, global),
        }
    }
}

/// The words of a question: as given, and a line each from stdin where one is `-`.
fn words(given: &[String]) -> Result<Vec<String>, Failure> {
    let mut words = Vec::new();
    for word in given {
        if word == "-" {
            let text = std::io::read_to_string(std::io::stdin())
                .map_err(|error| Failure::new(Exit::Usage, format!("stdin cannot be read: {}", disk::why(&error))))?;
            words.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
        } else {
            words.push(word.clone());
        }
    }
    Ok(words)
}

/// Says on stderr that a name means nothing, with what is near.
fn tell_not_found(terminal: &Terminal, asked: &str, near: &[String]) {
    terminal.say(&format!("clutch: nothing here is called {asked}"));
    match near {
        [] => {
            terminal.hint(true, "clutch find searches every name, tag, address and record; clutch inventory lists all")
        }
        near => terminal.hint(true, &format!("did you mean {}?", near.join(", or "))),
    }
}

/// Says on stderr that a name means several.
fn tell_ambiguous(terminal: &Terminal, asked: &str, several: &[String]) {
    terminal.say(&format!("clutch: {asked} can mean several:"));
    for one in several {
        terminal.say(&format!("  {one}"));
    }
}
