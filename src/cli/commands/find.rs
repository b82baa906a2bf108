use super::super::exit::Exit;
use super::super::formats::Forms;
use super::super::global::Global;
use super::super::output::{Failure, Terminal};
use super::super::session::Session;
use crate::query::cite::Citations;
use crate::query::find;
use crate::report::rows;
use crate::report::text::lists;
use crate::report::wire::convert::{self, Labels};

/// Who or what goes by a name, id, tag, address, key fragment, session, client or event
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch find 203.0.113.0/24
  clutch find 7QPL
  clutch find terraform
  clutch find a:7f3c")]
pub(in super::super) struct Args {
    /// A part of any name, a network, a short handle, or an event's id
    #[arg(value_name = "WHAT")]
    what: String,
}

pub(super) fn run(args: &Args, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut session = Session::open(global, terminal)?;
    let all = find::find(&session.case, &args.what);
    if all.is_empty() {
        terminal.say(&format!("clutch: nothing here is called {}, nor has it in a name", args.what));
        terminal.hint(
            true,
            "a shorter part of it may fit; clutch inventory lists what acts, clutch coverage what was read",
        );
        session.exit = session.exit.max(Exit::Unknown);
    }
    let shown = all.get(..global.limit.unwrap_or(all.len())).unwrap_or(&all);
    let cite = Citations::of(&session.case, shown.iter().filter_map(|item| item.evidence));
    let labels = Labels(&cite);
    let forms = Forms {
        command: "find",
        items: shown.iter().map(|item| convert::found(item, &labels)).collect(),
        of: all.len(),
        cite: &cite,
        page: &|| lists::found(shown, &cite, &session.foot(all.len()), &session.paper),
        sheet: &|| rows::found(shown, &cite),
    };
    let text = forms.text(&session, terminal)?;
    session.answer(&text)
}
