//! Version 1 of the machine output.
//!
//! Times are RFC 3339 in UTC with `Z`. Lists are ordered by id, with rank as a field where there is one. What is unknown
//! is `null`, never an empty string.

mod books;
mod owned;
mod records;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

pub use books::{
    Counted, CoverageAnswer, Digest, Export, File, Manifest, Missing, Source, SourceSpan, Sources, Verified,
    VerifyAnswer,
};
pub use owned::{
    Agent, Apart, Candidate, Credential, Gap, Handover, Join, Owned, OwnedBy, Reason, Resource, Risk, RiskComponents,
    Route, RunnerUp, Shared, SharedIdentity, Signal, Without, Workload,
};
pub use records::{Explained, Found, Shown};

/// The answer of a command: what was asked of which records, and the items.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Answer<T> {
    /// `clutch.<command>/1`.
    pub schema: String,
    /// The time the answer is for.
    pub as_of: Option<String>,
    /// What was read.
    pub bundle: Bundle,
    /// The answers.
    pub items: Vec<T>,
    /// Each record that is cited: where it lies and when it was stamped.
    pub evidence: BTreeMap<String, Evidence>,
    /// How many items there are, where a limit has cut them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<usize>,
}

/// What was read.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Bundle {
    /// The paths given.
    pub paths: Vec<String>,
    /// Records seen.
    pub records: u64,
    /// Records that were read.
    pub read: u64,
    /// Records that were there before, with the same id and content.
    pub duplicates: u64,
    /// Records known to tell nothing, or set aside for their time.
    pub set_aside: u64,
    /// Records that could not be read.
    pub refused: u64,
    /// Files that could not be read, or not to their end.
    pub unread_files: u64,
}

/// A record that is cited.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Evidence {
    /// The provider's time.
    pub time: Option<String>,
    /// Every place where it was found.
    pub places: Vec<Place>,
}

/// A place in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Place {
    /// The file, inside its archive where it is in one.
    pub file: String,
    /// The number of the record in it, from 1.
    pub record: u64,
}

/// A name that means nobody, or several.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Unanswered {
    /// The words asked.
    pub asked: String,
    /// What is near, where the name means nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_found: Option<NotFound>,
    /// What the name can mean, where it means several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ambiguous: Option<Vec<String>>,
}

/// What is near a name that means nothing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NotFound {
    /// Names that look like it.
    pub near: Vec<String>,
}

/// An item of `who-owns`: an agent with its owner, or what several agents share.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum WhoOwns {
    /// One agent.
    Owned(Box<Owned>),
    /// Several agents behind one identity.
    Shared(Box<Shared>),
}

/// An item of an answer to a question: an answer, or why there is none.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Asked<T> {
    /// The answer.
    Answered(T),
    /// Why there is none.
    Unanswered(Unanswered),
}

/// A person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Person {
    /// The canonical id.
    pub id: String,
    /// The name for people.
    pub name: Option<String>,
    /// The primary e-mail address.
    pub email: Option<String>,
    /// `active`, `unavailable` or `left`; `null` where no directory knows.
    pub status: Option<String>,
    /// Since when.
    pub status_at: Option<String>,
    /// The team; of one who left, the last.
    pub team: Option<String>,
    /// The manager's id; of one who left, the last.
    pub manager: Option<String>,
}

/// A step of a chain.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Hop {
    /// Who or what.
    pub from: String,
    /// How.
    pub relation: String,
    /// To what.
    pub to: String,
    /// How sure.
    pub grade: String,
    /// When.
    pub at: Option<String>,
    /// The records.
    pub evidence: Vec<String>,
}
