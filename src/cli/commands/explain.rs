use super::super::exit::Exit;
use super::super::formats::Forms;
use super::super::global::Global;
use super::super::output::{Failure, Terminal};
use super::super::session::Session;
use super::{tell_ambiguous, words};
use crate::query::cite::Citations;
use crate::query::explain::{self, Answer, Explained};
use crate::report::rows::asked;
use crate::report::text::explain as page;
use crate::report::wire::convert::{self, Labels};
use crate::report::wire::v1;

/// One record: performed by, on behalf of, accountable owner, and the chain
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch explain e:4f2a1c
  clutch explain 338b7d5b-c02b-4402-ae15-684df69a453f")]
pub(in super::super) struct Args {
    /// An evidence id (`e:…`) or the vendor's event id; `-` reads one a line from stdin
    #[arg(required = true, value_name = "EVENT")]
    events: Vec<String>,
}

pub(super) fn run(args: &Args, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let words = words(&args.events)?;
    let mut session = Session::open(global, terminal)?;
    let answers: Vec<Answer> = words.iter().map(|words| explain::answer(&session.case, words)).collect();
    let explained: Vec<&Explained> = answers.iter().flat_map(items).collect();
    let cited = explained.iter().flat_map(|item| item.cited()).chain(answers.iter().flat_map(several));
    let cite = Citations::of(&session.case, cited);
    let labels = Labels(&cite);
    let mut wire: Vec<v1::Asked<v1::Explained>> = Vec::new();
    for answer in &answers {
        match answer {
            Answer::Explained { asked, items } => {
                let items = items.iter().map(|item| v1::Asked::Answered(convert::explained(asked, item, &labels)));
                wire.extend(items);
                continue;
            }
            Answer::Ambiguous { asked, several } => {
                let several: Vec<String> = several.iter().map(|record| cite.label(*record).to_owned()).collect();
                tell_ambiguous(terminal, asked, &several);
                wire.push(convert::ambiguous(asked, &several));
            }
            Answer::NotFound { asked } => {
                terminal.say(&format!("clutch: no record is called {asked}"));
                terminal.hint(
                    true,
                    "an evidence id begins with e:, a vendor's id must be whole; clutch find searches names",
                );
                wire.push(convert::not_found(asked, &[]));
            }
        }
        session.exit = session.exit.max(Exit::Unknown);
    }
    let forms = Forms {
        command: "explain",
        of: wire.len(),
        items: wire,
        cite: &cite,
        page: &|| explained.iter().map(|item| page::page(item, &cite, &session.paper)).collect::<Vec<_>>().join("\n"),
        sheet: &|| asked::explain(&answers, &cite),
    };
    let text = forms.text(&session, terminal)?;
    session.answer(&text)
}

fn items(answer: &Answer) -> &[Explained] {
    match answer {
        Answer::Explained { items, .. } => items,
        Answer::Ambiguous { .. } | Answer::NotFound { .. } => &[],
    }
}

fn several(answer: &Answer) -> Vec<crate::base::origin::EvidenceId> {
    match answer {
        Answer::Ambiguous { several, .. } => several.clone(),
        Answer::Explained { .. } | Answer::NotFound { .. } => Vec::new(),
    }
}
