//! The waist of the house: the few things a record can claim.
//!
//! Enters: claims, written record by record through a [`writer::FactWriter`]. Leaves: one sealed, sorted [`facts::Facts`].
//! Everything before this room is translation out of vendors' words; everything after it is reasoning.
//! This room never reads a record, never joins two handles and never draws a conclusion.

pub mod claim;
pub mod facts;
mod fold;
pub mod handle;
mod mention;
mod names;
mod seal;
pub mod writer;
