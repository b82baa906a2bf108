//! The kinds of evidence that a person is accountable for a thing: one file each.
//!
//! Each file says in its head what the signal shows and when it is wrong. A signal only observes; what it is worth in
//! this bundle is weighed elsewhere.

mod corrected;
mod declared;
mod installed;
mod leased;
mod made;
mod operated;
mod team;

use super::ask::Asker;
use super::evidence::Observed;
use super::things::Thing;
use crate::base::time::Instant;

/// One kind of evidence.
pub(super) trait Signal: Sync {
    /// Adds what is observed of a thing up to an instant.
    fn observe(&self, asker: &Asker<'_>, thing: &Thing, until: Instant, out: &mut Observed);
}

/// Every signal, strongest first.
pub(super) const ALL: &[&dyn Signal] = &[
    &corrected::Corrected,
    &made::Made,
    &leased::Leased,
    &installed::Installed,
    &declared::Declared,
    &team::Team,
    &operated::Operated,
];
