//! `clutch` names the accountable human behind an agent, from exported audit logs, with the records that prove it.
//!
//! # The map of the house
//!
//! Data walks through once, from the street door to the balcony, and never turns back:
//!
//! ```text
//! disk ─▶ bundle ─▶ source ─▶ fact ─▶ identity ─▶ lineage ─▶ attribution ─▶ lifecycle ─▶ query ─▶ report ─▶ cli
//!         bytes     records   claims  who is      what led   who answers    are they     answers  pages
//!         into      into      (the    who         to what    for it         still        as plain for eyes and
//!         records   claims    waist)                                        there        values   machines
//! ```
//!
//! [`intake`] drives bundle and sources in parallel; [`case`](mod@case) is the whole pipeline on one page.
//!
//! # What always holds
//!
//! - A room has one entry and hands on one finished, immutable value; the next room borrows it.
//! - Only the rooms at the door can be disappointed. What they could not read becomes coverage, a value beside the facts.
//!   Everything behind the waist is pure and total: no input, no clock, no environment.
//! - Nothing is said without an origin: a join, a link and an attribution are made of facts, and a fact has its record.
//! - Same records, same answer: threads, hash seeds, the order, split and duplication of files never show.
//! - A room imports only from the floors below that it is allowed to; `tests/all/floors.rs` says which, and checks it.

pub mod attribution;
pub mod base;
pub mod bundle;
pub mod case;
pub mod cli;
pub mod fact;
pub mod identity;
pub mod intake;
pub mod lifecycle;
pub mod lineage;
pub mod query;
pub mod report;
pub mod source;
