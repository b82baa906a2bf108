//! Single records: explained, found, shown.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Hop, Person, Place};

/// An act with its three names: an item of `explain`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Explained {
    /// The words asked.
    pub asked: String,
    /// The record.
    pub event_id: String,
    /// The source that read it.
    pub source: String,
    /// When it happened.
    pub time: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// On what.
    pub resource: Option<String>,
    /// `succeeded`, `denied` or `failed`.
    pub outcome: Option<String>,
    /// From which network address.
    pub from: Option<String>,
    /// The agent, credential or person that did it.
    pub performed_by: Option<String>,
    /// On whose behalf.
    pub on_behalf_of: Vec<String>,
    /// Who is accountable.
    pub owner: Option<Person>,
    /// Why nobody is named.
    pub nobody_because: Option<String>,
    /// From the human to what acted.
    pub chain: Vec<Hop>,
    /// The records that it rests on.
    pub evidence: Vec<String>,
}

/// Someone or something that was found: an item of `find`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Found {
    /// The canonical id; of a record its source.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// The name for people.
    pub name: Option<String>,
    /// How the words fit: `name`, `handle`, `address`, `software`, `tag`, `commit`, `pipeline`, `record`.
    pub matched: String,
    /// The value that fits.
    pub value: String,
    /// When it was first seen so.
    pub first: Option<String>,
    /// When it was last seen so.
    pub last: Option<String>,
    /// A record that says so.
    pub evidence: Option<String>,
}

/// A record: an item of `show`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Shown {
    /// The words asked.
    pub asked: String,
    /// The record's name.
    pub evidence: String,
    /// The source that read it.
    pub source: String,
    /// The provider's time.
    pub time: Option<String>,
    /// Every place it has.
    pub places: Vec<Place>,
    /// Its text, secrets masked.
    pub text: String,
}
