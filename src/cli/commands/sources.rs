use super::super::exit::Exit;
use super::super::formats::{json, lines};
use super::super::global::{Format, Global};
use super::super::output::{self, Failure, Terminal};
use super::super::session;
use crate::query::sources;
use crate::report::rows;
use crate::report::text::sources as page;
use crate::report::wire::convert;
use crate::report::wire::v1;

/// Every supported source, how it is recognised, and the read-only command that exports it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch sources
  clutch sources okta_log")]
pub(in super::super) struct Args {
    /// A source's name, or a part of it
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

pub(super) fn run(args: &Args, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let cards = sources::cards(args.name.as_deref());
    if cards.is_empty() {
        let name = args.name.as_deref().unwrap_or_default();
        return Err(Failure::new(Exit::Unknown, format!("no source is called {name}")).hint("clutch sources lists all"));
    }
    let paper = terminal.paper(global, session::zone(global)?);
    let items: Vec<v1::Source> = cards.iter().map(|card| convert::source(card)).collect();
    let text = match (global.format, cards.as_slice()) {
        (Format::Table, [card]) if args.name.is_some() => page::card(card, &paper),
        (Format::Table, cards) => page::list(cards, &paper),
        (Format::Csv, cards) => rows::sources(cards).csv(),
        (Format::Markdown, cards) => rows::sources(cards).markdown(),
        (Format::Ndjson, _) => lines(&items)?,
        (Format::Json, _) => json(&v1::Sources { schema: "clutch.sources/1".to_owned(), items })?,
    };
    output::write(global, &text)?;
    Ok(Exit::Answered)
}
