//! The integration tests, in one binary: it links once.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails, and CLUTCH_BLESS is read from the environment"
)]

mod bad_input;
mod contract;
mod floors;
mod help;
mod invariance;
mod machine;
mod mutations;
mod order;
mod places;
mod readme;
mod secrets;
mod sources;
mod stories;
mod support;
