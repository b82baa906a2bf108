//! From disk to records: the street door.
//!
//! Enters: paths and limits. Leaves: records in the vendor's words, and coverage: what was seen, read and not read.
//! This room knows files, compression, archives, envelopes and framings. It knows no vendor and never decides what a
//! record means. It never writes, and nothing it meets on disk can make it panic, loop or grow without bound.

pub mod record;
