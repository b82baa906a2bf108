//! From answers to pages for people and wire for machines.
//!
//! Enters: an answer of the query room. Leaves: text, Markdown, CSV, JSON. Whatever a log's author could have written is
//! cleaned on the way out, and secrets are masked. This room asks no questions: an answer carries all it shows.

pub mod clean;
pub mod page;
pub mod rows;
pub mod sheet;
pub mod text;
pub mod wire;
