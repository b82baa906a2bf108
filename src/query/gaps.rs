//! Gaps: which records would continue a broken walk, ranked by how many answers they would settle.

use super::{home, naming};
use crate::attribution::decision::{Attribution, WhyCode};
use crate::attribution::evidence::{DeadEnd, Ending};
use crate::base::time::Instant;
use crate::case::Case;
use crate::identity::IdentityId;
use crate::identity::kind::Kind;

/// Records that are not in the bundle and would say more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The system whose log it is.
    pub system: String,
    /// The account, organisation or repository.
    pub account: Option<String>,
    /// From when.
    pub from: Option<Instant>,
    /// Until when.
    pub to: Option<Instant>,
    /// What it would say, in words.
    pub would_say: String,
}

/// How long before a session its opening is looked for, in hours.
const BEFORE_HOURS: i64 = 12;

/// The records that would say who stands behind a thing.
#[must_use]
pub fn of(case: &Case, attribution: &Attribution) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = attribution.dead_ends.iter().filter_map(|dead_end| of_dead_end(case, dead_end)).collect();
    if attribution.whys.iter().any(|why| why.code == WhyCode::BeforeLogWindow) {
        gaps.push(before_the_log(case, attribution.thing));
    }
    gaps.sort_unstable();
    gaps.dedup_by(|later, earlier| {
        let same = (&later.system, &later.account, &later.would_say)
            == (&earlier.system, &earlier.account, &earlier.would_say);
        if same {
            earlier.to = earlier.to.max(later.to);
        }
        same
    });
    gaps
}

fn of_dead_end(case: &Case, dead_end: &DeadEnd) -> Option<Gap> {
    let (Ending::Machine(end) | Ending::Broken(end) | Ending::Shared(end)) = dead_end.end else {
        return None; // several people: no further record of the same kind would tell them apart
    };
    let at = dead_end.at.instant();
    let from = at.map(|at| at.plus_hours(-BEFORE_HOURS));
    let name = naming::canonical(case, end);
    let (system, account) = (home::system(case, end), home::account(case, end));
    let (system, account, would_say) = match case.identities().kind(end) {
        Kind::Repository | Kind::Subject | Kind::Run => {
            let repository = name.trim_start_matches("ci:").to_owned();
            ("github", Some(repository), "which run it was, and who started it".to_owned())
        }
        Kind::Session => (system, account, format!("who opened session {name}")),
        Kind::Account => ("aws", Some(name.clone()), "who called from that account".to_owned()),
        Kind::Key => (system, account, format!("whose key {name} is")),
        Kind::Principal => (system, account, format!("who set up {name}, and for whom")),
        Kind::Workload | Kind::Agent => (system, account, format!("who deployed {name}")),
        _ => return None,
    };
    let (from, to) = match case.identities().kind(end) {
        Kind::Principal | Kind::Workload | Kind::Agent | Kind::Key => (None, at),
        _ => (from, at),
    };
    Some(Gap { system: system.to_owned(), account, from, to, would_say })
}

fn before_the_log(case: &Case, thing: IdentityId) -> Gap {
    let account = home::account(case, thing);
    let to = account.as_ref().and_then(|account| case.coverage().first_of(account)).or(case.coverage().first());
    let would_say = format!("who made {}", naming::canonical(case, thing));
    Gap { system: home::system(case, thing).to_owned(), account, from: None, to, would_say }
}
