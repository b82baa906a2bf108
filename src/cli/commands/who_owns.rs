use super::super::exit::Exit;
use super::super::formats::Forms;
use super::super::global::{Check, Global};
use super::super::output::{Failure, Terminal};
use super::super::session::Session;
use super::{tell_ambiguous, tell_not_found, words};
use crate::base::origin::EvidenceId;
use crate::query::cite::Citations;
use crate::query::lookup::Names;
use crate::query::who_owns::{self, Answer, Owned, Status};
use crate::report::rows::asked;
use crate::report::text::{shared, who_owns as page};
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

A full id or name is matched first, then a unique beginning, end or fragment. A
key or role that several agents share is answered with all of them.")]
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
            Answer::Owned(_) | Answer::Shared(_) => continue,
            Answer::Ambiguous { asked, several } => tell_ambiguous(terminal, asked, several),
            Answer::NotFound { asked, near } => tell_not_found(terminal, asked, near),
        }
        session.exit = session.exit.max(Exit::Unknown);
    }
    session.check(|check| answers.iter().any(|answer| holds(answer, check)));
    let cite = Citations::of(&session.case, answers.iter().flat_map(cited));
    let labels = Labels(&cite);
    let forms = Forms {
        command: "who-owns",
        items: answers.iter().map(|answer| convert::asked(answer, &labels)).collect(),
        of: answers.len(),
        cite: &cite,
        page: &|| {
            let pages = answers.iter().filter_map(|answer| match answer {
                Answer::Owned(item) => Some(page::page(item, &cite, &session.paper)),
                Answer::Shared(item) => Some(shared::page(item, &cite, &session.paper)),
                Answer::Ambiguous { .. } | Answer::NotFound { .. } => None,
            });
            pages.collect::<Vec<_>>().join("\n")
        },
        sheet: &|| asked::who_owns(&answers),
    };
    let text = forms.text(&session, terminal)?;
    session.answer(&text)
}

fn cited(answer: &Answer) -> Vec<EvidenceId> {
    match answer {
        Answer::Owned(item) => item.cited().collect(),
        Answer::Shared(item) => item.cited().collect(),
        Answer::Ambiguous { .. } | Answer::NotFound { .. } => Vec::new(),
    }
}

/// Whether an answer holds what a gate looks for. What several share is nobody's alone, and so never `owned`.
fn holds(answer: &Answer, check: Check) -> bool {
    match answer {
        Answer::Owned(item) => is_found(item, check),
        Answer::Shared(item) => check == Check::Any || item.agents.iter().any(|agent| is_found(agent, check)),
        Answer::Ambiguous { .. } | Answer::NotFound { .. } => false,
    }
}

/// Whether an item holds what a gate looks for.
pub(super) fn is_found(item: &Owned, check: Check) -> bool {
    match check {
        Check::Worse => item.status == Status::Orphaned,
        Check::Any => item.status != Status::Owned,
    }
}
