use super::super::exit::Exit;
use super::super::formats::Forms;
use super::super::global::{Check, Global};
use super::super::output::{Failure, Terminal};
use super::super::session::Session;
use super::{tell_ambiguous, tell_not_found, words};
use crate::query::cite::Citations;
use crate::query::lookup::Names;
use crate::query::who_owns::{self, Answer, Owned, Status};
use crate::report::rows;
use crate::report::text::who_owns as page;
use crate::report::wire::convert::{self, Labels};

/// Who is accountable for an agent, and how we know
///
/// Names the accountable human of an agent or any other non-human identity (a Bedrock agent, an AgentCore runtime, an
/// IAM user, an access key, a pipeline), whether they are still there, who is asked next, and the chain of records from
/// the human to the agent, each step with its grade.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch who-owns XCZ9AGUFOR
  clutch who-owns arn:aws:bedrock:eu-west-1:111122223333:agent/XCZ9AGUFOR --as-of 2026-08-15
  clutch who-owns AKIAEXAMPLEM4TRI7QPL -f json
  cut -d, -f1 agents.csv | clutch who-owns -

A full id or name is matched first, then a unique beginning, end or fragment.")]
pub(in super::super) struct Args {
    /// Ids or names; `-` reads one a line from stdin
    #[arg(required = true, value_name = "AGENT")]
    agents: Vec<String>,
}

pub(super) fn run(args: &Args, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let words = words(&args.agents)?;
    let mut session = Session::open(global, terminal)?;
    let names = Names::of(&session.case);
    let answers: Vec<Answer> = words.iter().map(|words| who_owns::answer(&session.case, &names, words)).collect();
    for answer in &answers {
        match answer {
            Answer::Owned(_) => continue,
            Answer::Ambiguous { asked, several } => tell_ambiguous(terminal, asked, several),
            Answer::NotFound { asked, near } => tell_not_found(terminal, asked, near),
        }
        session.exit = session.exit.max(Exit::Unknown);
    }
    let items: Vec<&Owned> = answers.iter().filter_map(owned).collect();
    session.check(|check| items.iter().any(|item| is_found(item, check)));
    let cite = Citations::of(&session.case, items.iter().flat_map(|item| item.cited()));
    let labels = Labels(&cite);
    let forms = Forms {
        command: "who-owns",
        items: answers.iter().map(|answer| convert::asked(answer, &labels)).collect(),
        of: answers.len(),
        cite: &cite,
        page: &|| items.iter().map(|item| page::page(item, &cite, &session.paper)).collect::<Vec<_>>().join("\n"),
        sheet: &|| rows::owned(items.iter().copied()),
    };
    let text = forms.text(&session, terminal)?;
    session.answer(&text)
}

fn owned(answer: &Answer) -> Option<&Owned> {
    match answer {
        Answer::Owned(item) => Some(item),
        Answer::Ambiguous { .. } | Answer::NotFound { .. } => None,
    }
}

/// Whether an item holds what a gate looks for.
pub(super) fn is_found(item: &Owned, check: Check) -> bool {
    match check {
        Check::Worse => item.status == Status::Orphaned,
        Check::Any => item.status != Status::Owned,
    }
}
