use super::super::exit::Exit;
use super::super::formats::Forms;
use super::super::global::Global;
use super::super::output::{Failure, Terminal};
use super::super::session::Session;
use super::who_owns::is_found;
use super::{tell_ambiguous, tell_not_found, words};
use crate::query::cite::Citations;
use crate::query::lookup::Names;
use crate::query::owned_by::{self, Answer};
use crate::query::who_owns::Owned;
use crate::report::rows::asked;
use crate::report::text::lists;
use crate::report::wire::convert::{self, Labels};

/// Everything a human is accountable for
///
/// By any of their names: e-mail address, login, directory id, display name. With what each agent reaches.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch owned-by mira.holt@example.com
  clutch owned-by \"Jon Berg\" --reports")]
pub(in super::super) struct Args {
    /// A person; `-` reads one a line from stdin
    #[arg(required = true, value_name = "PERSON")]
    people: Vec<String>,

    /// With everybody who reports to them, over all levels
    #[arg(long)]
    reports: bool,
}

pub(super) fn run(args: &Args, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let words = words(&args.people)?;
    let mut session = Session::open(global, terminal)?;
    let names = Names::of(&session.case);
    let answers: Vec<Answer> =
        words.iter().map(|words| owned_by::answer(&session.case, &names, words, args.reports)).collect();
    for answer in &answers {
        match answer {
            Answer::Owner { .. } => continue,
            Answer::Ambiguous { asked, several } => tell_ambiguous(terminal, asked, several),
            Answer::NotFound { asked, near } => tell_not_found(terminal, asked, near),
        }
        session.exit = session.exit.max(Exit::Unknown);
    }
    session.check(|check| answers.iter().flat_map(items).any(|item| is_found(item, check)));
    let cite = Citations::of(&session.case, answers.iter().flat_map(items).flat_map(Owned::cited));
    let labels = Labels(&cite);
    let forms = Forms {
        command: "owned-by",
        items: answers.iter().map(|answer| convert::owned_by(answer, &labels)).collect(),
        of: answers.len(),
        cite: &cite,
        page: &|| answers.iter().map(|answer| page(answer, &session)).collect::<Vec<_>>().join("\n"),
        sheet: &|| asked::owned_by(&answers),
    };
    let text = forms.text(&session, terminal)?;
    session.answer(&text)
}

fn items(answer: &Answer) -> &[Owned] {
    match answer {
        Answer::Owner { items, .. } => items,
        Answer::Ambiguous { .. } | Answer::NotFound { .. } => &[],
    }
}

fn page(answer: &Answer, session: &Session<'_>) -> String {
    let Answer::Owner { person, reports, items, .. } = answer else { return String::new() };
    let shown = items.get(..session.global.limit.unwrap_or(items.len())).unwrap_or(items);
    lists::owned_by(person, reports, shown, &session.foot(items.len()), &session.paper)
}
