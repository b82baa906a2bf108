//! The books: coverage, sources, manifests and what differs from them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bundle, Evidence};

/// A file: an item of `coverage`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct File {
    /// Its path inside the bundle and its archives.
    pub path: String,
    /// Its size on disk, in bytes.
    pub bytes: u64,
    /// Records seen: read + duplicate + set aside + refused.
    pub seen: u64,
    /// How many of them each source read.
    pub read: BTreeMap<String, u64>,
    /// Records that stand in another place, too.
    pub duplicate: u64,
    /// Records that are known to tell nothing, by source and name.
    pub set_aside: Vec<Counted>,
    /// Records that could not be understood, by reason.
    pub refused: Vec<Counted>,
    /// Why it could not be read, or not to its end.
    pub obstacles: Vec<String>,
    /// Why the user had it left out.
    pub excluded: Option<String>,
}

/// Records counted under one name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Counted {
    /// The source, where one had recognised them.
    pub source: Option<String>,
    /// The name or reason.
    pub what: String,
    /// How many.
    pub count: u64,
    /// The numbers of the first few in their file, from 1.
    pub first: Vec<u64>,
}

/// What one source read of one account.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SourceSpan {
    /// The source.
    pub source: String,
    /// The account, tenant or organisation.
    pub account: Option<String>,
    /// The first time that its records tell of.
    pub first: Option<String>,
    /// The last time.
    pub last: Option<String>,
    /// How many records.
    pub records: u64,
}

/// A log that would settle answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Missing {
    /// How many acting things it would tell more about.
    pub answers: usize,
    /// The system whose log it is.
    pub system: String,
    /// The account, organisation or repository.
    pub account: Option<String>,
    /// From when.
    pub from: Option<String>,
    /// Until when.
    pub to: Option<String>,
}

/// The answer of `coverage`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CoverageAnswer {
    /// `clutch.coverage/1`.
    pub schema: String,
    /// The time the answers are for.
    pub as_of: Option<String>,
    /// All together.
    pub bundle: Bundle,
    /// Every file.
    pub items: Vec<File>,
    /// What each source read, by account.
    pub sources: Vec<SourceSpan>,
    /// Records of one id and different contents.
    pub conflicts: Vec<Vec<String>>,
    /// The logs that are missing most.
    pub missing: Vec<Missing>,
    /// Each record that is cited.
    pub evidence: BTreeMap<String, Evidence>,
}

/// A source: an item of `sources`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What it tells about ownership.
    pub tells: String,
    /// The vendor's page.
    pub reference: String,
    /// How a record is recognised.
    pub recognised_by: String,
    /// The export forms, each with the read-only command that makes it.
    pub exports: Vec<Export>,
}

/// An export form.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Export {
    /// What comes out.
    pub form: String,
    /// The command that makes it.
    pub command: String,
}

/// The answer of `manifest`: what a bundle was made of.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// `clutch.manifest/1`.
    pub schema: String,
    /// The tool and its version.
    pub tool: String,
    /// The command line.
    pub arguments: Vec<String>,
    /// Every file on disk.
    pub items: Vec<Digest>,
}

/// A file and its digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Digest {
    /// Its path inside the bundle.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal; `null` where it cannot be read.
    pub sha256: Option<String>,
    /// Why it cannot be read.
    pub obstacle: Option<String>,
}

/// The answer of `verify`: what differs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Verified {
    /// `file` or `evidence`.
    pub kind: String,
    /// The path, or the record's name.
    pub id: String,
    /// `same`, `changed`, `missing` or `added`.
    pub state: String,
}

/// The answer of `sources`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Sources {
    /// `clutch.sources/1`.
    pub schema: String,
    /// The sources.
    pub items: Vec<Source>,
}

/// The answer of `verify`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VerifyAnswer {
    /// `clutch.verify/1`.
    pub schema: String,
    /// Everything that was compared.
    pub items: Vec<Verified>,
}
