use super::super::exit::Exit;
use super::super::formats::Forms;
use super::super::global::{Check, Global};
use super::super::output::{Failure, Terminal};
use super::super::session::{Session, hours};
use crate::query::cite::Citations;
use crate::query::inventory::{self, Filter};
use crate::query::orphans::{self, Wanted};
use crate::query::who_owns::Status;
use crate::report::rows;
use crate::report::text::lists;
use crate::report::wire::convert::{self, Labels};

/// Every agent whose owner can no longer answer, the most urgent first
///
/// An agent is an orphan when the accountable human is known and their time has ended. Agents of which nobody can be
/// named are listed with --unattributed: not knowing an owner is not the same as having lost one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch orphans
  clutch orphans --left-within 90d --kind access-key
  clutch orphans --check -q            in a pipeline: exit code 1 when there is one")]
pub(in super::super) struct Args {
    /// Also those of which nobody can be named
    #[arg(long)]
    unattributed: bool,

    /// Only with this reason (owner-left, contract-ended, machine-only …); repeatable
    #[arg(long, value_name = "REASON")]
    reason: Vec<String>,

    /// Only of this kind (bedrock-agent, agentcore-runtime, iam-user, access-key …); repeatable
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,

    /// Only on this deployment path (cloud-deployment, pipeline, stack, issued-key, made-by-agent); repeatable
    #[arg(long, value_name = "PATH")]
    path: Vec<String>,

    /// Only where the owner left within this time before the answer's time: 90d, 36h
    #[arg(long, value_name = "AGE")]
    left_within: Option<String>,

    /// Only those seen since this time
    #[arg(long, value_name = "TIME")]
    active_since: Option<String>,
}

pub(super) fn run(args: &Args, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let wanted = wanted(args, global)?;
    let mut session = Session::open(global, terminal)?;
    let all = orphans::orphans(&session.case, &wanted);
    let of = inventory::inventory(&session.case, Filter::default()).len();
    session.check(|check| match check {
        Check::Worse => all.iter().any(|orphan| orphan.item.status == Status::Orphaned),
        Check::Any => !all.is_empty(),
    });
    let shown = all.get(..global.limit.unwrap_or(all.len())).unwrap_or(&all);
    let cite = Citations::of(&session.case, shown.iter().flat_map(|orphan| orphan.item.cited()));
    let labels = Labels(&cite);
    let mut items: Vec<_> = shown.iter().map(|orphan| convert::orphan(orphan, &labels)).collect();
    items.sort_by(|left, right| left.agent.id.cmp(&right.agent.id));
    let forms = Forms {
        command: "orphans",
        items,
        of: all.len(),
        cite: &cite,
        page: &|| lists::orphans(shown, of, &session.foot(all.len()), &session.paper),
        sheet: &|| rows::orphans(shown),
    };
    let text = forms.text(&session, terminal)?;
    session.answer(&text)
}

fn wanted(args: &Args, global: &Global) -> Result<Wanted, Failure> {
    let left_within_hours = match &args.left_within {
        None => None,
        Some(age) => Some(hours(age).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("--left-within {age}: not an age")).hint("try 90d or 36h")
        })?),
    };
    let zone = super::super::session::zone(global)?;
    let active_since = match &args.active_since {
        None => None,
        Some(text) => Some(zone.parse(text).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("--active-since {text}: not a time")).hint("try 2026-08-18")
        })?),
    };
    Ok(Wanted {
        unattributed: args.unattributed,
        reasons: args.reason.clone(),
        kinds: args.kind.clone(),
        paths: args.path.clone(),
        left_within_hours,
        active_since,
    })
}
