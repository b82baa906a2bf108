//! Every acting thing, with kind, path, owner, status and when it was last seen.

use super::who_owns::{self, Owned};
use crate::case::Case;

/// What an inventory shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Also what does not act by itself, and what vendors operate.
    pub all: bool,
}

/// The inventory, ordered by id.
#[must_use]
pub fn inventory(case: &Case, filter: Filter) -> Vec<Owned> {
    let things = case.attributions().things.list().iter().enumerate();
    let shown = things.filter(|(_, thing)| filter.all || (thing.acting && !thing.vendor_managed));
    let mut items: Vec<Owned> = shown.map(|(position, _)| who_owns::owned(case, position)).collect();
    items.sort_by(|left, right| left.agent.id.cmp(&right.agent.id));
    items
}
