//! Questions: one file each, from a case to an answer in plain data.
//!
//! Enters: a case and the words of a question. Leaves: an answer that carries all it shows, in a fixed order, so that no
//! page has to ask again. This room never prints, and never reads a record except through the case.

pub mod cite;
pub mod coverage;
pub mod explain;
pub mod find;
pub mod gaps;
pub mod home;
pub mod inventory;
pub mod lookup;
pub mod manifest;
pub mod naming;
pub mod orphans;
pub mod owned_by;
pub mod records;
pub mod shared;
pub mod show;
pub mod sources;
pub mod views;
pub mod who_owns;
