//! From disk to records: the street door.
//!
//! Enters: paths and limits. Leaves: records in the vendor's words, and coverage: what was seen, read and not read.
//! This room knows files, compression, archives, envelopes and framings. It knows no vendor and never decides what a
//! record means. It never writes, and nothing it meets on disk can make it panic, loop or grow without bound.

mod blocks;
pub mod coverage;
pub mod digest;
mod envelope;
mod framing;
mod gzip;
mod json;
pub mod limits;
pub mod listing;
mod objects;
pub mod open;
#[cfg(test)]
mod properties;
pub mod record;
mod table;
pub mod trouble;

use limits::Limits;
use listing::{Filter, Listing, Root, Unit};
use open::{Desk, Visitor};
use trouble::Obstacle;

/// The files of one investigation: folders, files and archives, listed but not yet read.
#[derive(Debug)]
pub struct Bundle {
    roots: Vec<Root>,
    limits: Limits,
    listing: Listing,
}

impl Bundle {
    /// Lists what lies under the roots.
    #[must_use]
    pub fn list(roots: Vec<Root>, filter: &Filter, limits: Limits) -> Self {
        let listing = listing::list(&roots, filter, &limits);
        Self { roots, limits, listing }
    }

    /// The paths it was made from.
    #[must_use]
    pub fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// The files, ordered by path, and by part where a large file is read in parts.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.listing.units
    }

    /// What the user had left out: path and why.
    #[must_use]
    pub fn excluded(&self) -> &[(String, &'static str)] {
        &self.listing.excluded
    }

    /// What cannot be opened: path and why.
    #[must_use]
    pub fn obstacles(&self) -> &[(String, Obstacle)] {
        &self.listing.obstacles
    }

    /// Reads one file, or a part of one, and shows the visitor what it holds.
    pub fn read(&self, unit: &Unit, desk: &mut Desk, visitor: &mut dyn Visitor) {
        open::read(unit, &self.limits, desk, visitor);
    }
}
