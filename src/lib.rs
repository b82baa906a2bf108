//! `clutch` names the accountable human behind an agent, from exported audit logs.

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
