//! The bundle through the sources, in parallel.
//!
//! Enters: a listed bundle. Leaves: sealed facts, coverage and the places of all records ([`load`]), or single records
//! read again ([`replay`]). The only room that knows of threads; what it hands on does not depend on them.

mod clock;
mod load;
pub mod places;
pub mod replay;
mod seen;
mod tally;

pub use load::{Loaded, Request, load};
