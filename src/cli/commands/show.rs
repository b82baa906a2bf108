use super::super::exit::Exit;
use super::super::formats::Forms;
use super::super::global::Global;
use super::super::output::{self, Failure, Terminal};
use super::super::session::Session;
use super::{tell_ambiguous, words};
use crate::query::cite::Citations;
use crate::query::show::{self, Answer, Replayed};
use crate::report::rows::asked;
use crate::report::text::show as page;
use crate::report::wire::convert::{self, Labels};
use crate::report::wire::v1;

/// The record behind an evidence reference, secrets masked in place
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch show e:4f2a1c
  clutch show e:4f2a1c --pretty
  clutch show e:4f2a1c --raw -o record.json")]
pub(in super::super) struct Args {
    /// An evidence id (`e:…`) or the vendor's event id; `-` reads one a line from stdin
    #[arg(required = true, value_name = "EVIDENCE")]
    evidence: Vec<String>,

    /// JSON in lines of its own, for reading; keys and numbers stay as they are written
    #[arg(long)]
    pretty: bool,

    /// The record as it stands in its file, secrets included; only to a file (-o)
    #[arg(long)]
    raw: bool,
}

pub(super) fn run(args: &Args, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    if args.raw && global.output.is_none() {
        let what = "--raw shows secrets and writes to a file only";
        return Err(Failure::new(Exit::Usage, what).hint("add -o FILE"));
    }
    let words = words(&args.evidence)?;
    let mut session = Session::open(global, terminal)?;
    let answers: Vec<Answer> = words.iter().map(|words| show::answer(&session.case, words)).collect();
    let records: Vec<Replayed> = answers.iter().flat_map(shown).cloned().collect();
    let several = answers.iter().flat_map(|answer| match answer {
        Answer::Ambiguous { several, .. } => several.clone(),
        Answer::Shown { .. } | Answer::NotFound { .. } => Vec::new(),
    });
    let cite = Citations::of(&session.case, records.iter().map(|record| record.evidence).chain(several));
    let labels = Labels(&cite);
    let mut wire: Vec<v1::Asked<v1::Shown>> = Vec::new();
    for answer in &answers {
        match answer {
            Answer::Shown { asked, records } => {
                wire.extend(records.iter().map(|record| v1::Asked::Answered(convert::shown(asked, record, &labels))));
                continue;
            }
            Answer::Ambiguous { asked, several } => {
                let several: Vec<String> = several.iter().map(|record| cite.label(*record).to_owned()).collect();
                tell_ambiguous(terminal, asked, &several);
                wire.push(convert::ambiguous(asked, &several));
            }
            Answer::NotFound { asked } => {
                terminal.say(&format!("clutch: no record is called {asked}"));
                terminal.hint(true, "an evidence id begins with e:, a vendor's id must be whole");
                wire.push(convert::not_found(asked, &[]));
            }
        }
        session.exit = session.exit.max(Exit::Unknown);
    }
    if args.raw {
        let text: String = records.iter().map(|record| format!("{}\n", record.text)).collect();
        output::write(global, &text)?;
        return Ok(session.exit);
    }
    let forms = Forms {
        command: "show",
        of: wire.len(),
        items: wire,
        cite: &cite,
        page: &|| {
            records
                .iter()
                .map(|record| page::page(record, args.pretty, &cite, &session.paper))
                .collect::<Vec<_>>()
                .join("\n")
        },
        sheet: &|| asked::show(&answers, &cite),
    };
    let text = forms.text(&session, terminal)?;
    session.answer(&text)
}

fn shown(answer: &Answer) -> &[Replayed] {
    match answer {
        Answer::Shown { records, .. } => records,
        Answer::Ambiguous { .. } | Answer::NotFound { .. } => &[],
    }
}
