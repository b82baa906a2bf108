use super::super::exit::Exit;
use super::super::formats::{json, lines};
use super::super::global::{Format, Global};
use super::super::output::{Failure, Terminal};
use super::super::session::Session;
use crate::query::cite::Citations;
use crate::query::coverage::{self, Answer};
use crate::report::rows;
use crate::report::text::coverage as page;
use crate::report::wire::convert;
use crate::report::wire::v1;

/// What was read, what was not and why, and which logs would settle answers
///
/// Every file and record is accounted for: seen = read + duplicate + set aside + refused. With --check, exit code 1 when
/// anything was not read.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch coverage
  clutch coverage --require okta_directory:36h --strict
  clutch coverage -f csv -o coverage.csv")]
pub(in super::super) struct Args {}

pub(super) fn run(_: &Args, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut session = Session::open(global, terminal)?;
    let complete = session.case.coverage().is_complete();
    session.check(|_| !complete);
    let answer = coverage::coverage(&session.case);
    let cite = Citations::of(&session.case, answer.cited());
    let text = match global.format {
        Format::Table => page::page(&answer, &cite, &session.paper),
        Format::Csv => rows::coverage(&answer).csv(),
        Format::Markdown => rows::coverage(&answer).markdown(),
        Format::Ndjson => lines(&wire(&answer, &cite, &session).items)?,
        Format::Json => json(&wire(&answer, &cite, &session))?,
    };
    session.answer(&text)
}

fn wire(answer: &Answer<'_>, cite: &Citations, session: &Session<'_>) -> v1::CoverageAnswer {
    let twins = answer.coverage.conflicts.iter();
    v1::CoverageAnswer {
        schema: "clutch.coverage/1".to_owned(),
        as_of: session.case.known_as_of().map(|at| at.to_string()),
        bundle: convert::bundle(&session.paths(), &answer.totals),
        items: answer.coverage.files.iter().map(convert::file).collect(),
        sources: answer.coverage.spans.iter().map(convert::span).collect(),
        conflicts: twins.map(|twins| twins.iter().map(|record| cite.label(*record).to_owned()).collect()).collect(),
        missing: answer.missing.iter().map(convert::missing).collect(),
        evidence: convert::evidence(cite),
    }
}
