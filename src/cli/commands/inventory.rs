use super::super::exit::Exit;
use super::super::formats::Forms;
use super::super::global::Global;
use super::super::output::{Failure, Terminal};
use super::super::session::Session;
use super::who_owns::is_found;
use crate::query::cite::Citations;
use crate::query::inventory::{self, Filter};
use crate::query::who_owns::Owned;
use crate::report::rows;
use crate::report::text::lists;
use crate::report::wire::convert::{self, Labels};

/// Every acting thing, with kind, path, owner, status and when it was last seen
///
/// Findings roll up to what acts: an agent with its role and keys is one line. A principal or key is a line of its own
/// only where nothing known acts through it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch inventory
  clutch inventory --all -f csv -o inventory.csv")]
pub(in super::super) struct Args {
    /// Also the principals and stacks under them, people's own roles, and what vendors operate
    #[arg(long)]
    all: bool,
}

pub(super) fn run(args: &Args, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut session = Session::open(global, terminal)?;
    let all = inventory::inventory(&session.case, Filter { all: args.all });
    session.check(|check| all.iter().any(|item| is_found(item, check)));
    let shown = all.get(..global.limit.unwrap_or(all.len())).unwrap_or(&all);
    let cite = Citations::of(&session.case, shown.iter().flat_map(Owned::cited));
    let labels = Labels(&cite);
    let forms = Forms {
        command: "inventory",
        items: shown.iter().map(|item| convert::owned(item, &labels)).collect(),
        of: all.len(),
        cite: &cite,
        page: &|| lists::inventory(shown, &session.foot(all.len()), &session.paper),
        sheet: &|| rows::owned(shown),
    };
    let text = forms.text(&session, terminal)?;
    session.answer(&text)
}
