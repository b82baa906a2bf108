//! Version 1 of the machine output.
//!
//! Times are RFC 3339 in UTC with `Z`. Lists are ordered by id, with rank as a field where there is one. What is unknown
//! is `null`, never an empty string.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// Who owns an acting thing; also the items of `orphans`, `inventory` and `owned-by`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Owned {
    /// The words asked; only in answers to a question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// The thing.
    pub agent: Agent,
    /// `owned`, `review`, `orphaned` or `unattributed`.
    pub status: String,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The accountable owner; `null` where nobody is named.
    pub owner: Option<Person>,
    /// The technical owner, where the evidence tells one apart.
    pub technical_owner: Option<Person>,
    /// The team, where the evidence names only a team.
    pub owning_team: Option<String>,
    /// What mainly speaks for the owner.
    pub basis: Option<String>,
    /// How likely the owner is, from 0 to 1.
    pub confidence: Option<f64>,
    /// `confirmed`, `probable` or `possible`.
    pub verdict: Option<String>,
    /// The second.
    pub runner_up: Option<RunnerUp>,
    /// Everybody for whom something speaks, by id.
    pub candidates: Vec<Candidate>,
    /// Who would be named without a kind of evidence.
    pub without: Vec<Without>,
    /// When the thing passed from one person to another.
    pub handover: Option<Handover>,
    /// The steps from the human to the thing.
    pub chain: Vec<Hop>,
    /// What was joined to know who the owner is.
    pub joins: Vec<Join>,
    /// Who is asked next, the first first. A proposal, not in force.
    pub route_to: Vec<Route>,
    /// The credentials it lives on.
    pub credentials: Vec<Credential>,
    /// The principals it acts as.
    pub principals: Vec<String>,
    /// What it reads, writes and calls.
    pub resources: Vec<Resource>,
    /// What it runs on or depends on.
    pub workloads: Vec<Workload>,
    /// The records that would say more.
    pub gaps: Vec<Gap>,
    /// How urgent it is; only in `orphans`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// The fingerprint of thing and class of finding.
    pub finding: String,
    /// The fingerprint that also has owner and first decisive reason.
    pub content: String,
    /// Why a baseline suppresses it.
    pub suppressed: Option<String>,
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

/// An item of an answer to a question: an answer, or why there is none.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Asked<T> {
    /// The answer.
    Answered(T),
    /// Why there is none.
    Unanswered(Unanswered),
}

/// An acting thing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Agent {
    /// The canonical id.
    pub id: String,
    /// What kind of thing it is.
    pub kind: String,
    /// The name for people.
    pub name: Option<String>,
    /// All other names.
    pub aliases: Vec<String>,
    /// The system that knows it.
    pub system: String,
    /// The deployment path.
    pub path: Option<String>,
    /// When it was first seen.
    pub first_seen: Option<String>,
    /// When it was last seen.
    pub last_seen: Option<String>,
    /// When it was ended.
    pub ended_at: Option<String>,
    /// The short handle, whole.
    pub handle: String,
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

/// A reason.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Reason {
    /// The reason.
    pub code: String,
    /// Since when.
    pub at: Option<String>,
    /// The records.
    pub evidence: Vec<String>,
}

/// The second.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RunnerUp {
    /// The canonical id.
    pub id: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// How likely.
    pub confidence: f64,
}

/// Somebody for whom something speaks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Candidate {
    /// Who.
    pub person: Person,
    /// Their place, from 1.
    pub rank: usize,
    /// How likely.
    pub confidence: f64,
    /// What speaks for them.
    pub signals: Vec<Signal>,
}

/// What speaks for somebody.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Signal {
    /// The kind.
    pub kind: String,
    /// What it is worth in this bundle, in bits.
    pub bits: f64,
    /// How many separate causes there were.
    pub causes: usize,
    /// The best grade among them.
    pub grade: String,
    /// The first time.
    pub first: Option<String>,
    /// The last time.
    pub last: Option<String>,
    /// The records.
    pub evidence: Vec<String>,
}

/// Who would be named without a kind of evidence.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Without {
    /// The kind of evidence left out.
    pub signal: String,
    /// The records that carry it.
    pub evidence: Vec<String>,
    /// Who would be named then.
    pub owner: Option<String>,
}

/// The passing of a thing from one person to another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Handover {
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// Since when.
    pub at: Option<String>,
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

/// Two names that were joined.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Join {
    /// One name.
    pub a: String,
    /// The other name.
    pub b: String,
    /// The rule.
    pub rule: String,
    /// How sure.
    pub grade: String,
    /// The records.
    pub evidence: Vec<String>,
}

/// Somebody to ask.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Route {
    /// Whom.
    pub person: Person,
    /// Why.
    pub why: String,
}

/// A credential.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Credential {
    /// Its id or fingerprint.
    pub id: String,
    /// What kind it is.
    pub kind: String,
    /// Whether it lasts until somebody ends it.
    pub long_lived: bool,
    /// When it was last used.
    pub last_used: Option<String>,
    /// Whether it was used after the owner's departure.
    pub used_after_departure: bool,
    /// When it was ended.
    pub ended_at: Option<String>,
    /// The record of its last use.
    pub evidence: Option<String>,
}

/// A resource.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Resource {
    /// Its id.
    pub id: String,
    /// What was done to it.
    pub actions: Vec<String>,
    /// How often.
    pub count: u64,
    /// When last.
    pub last: Option<String>,
}

/// What a thing runs on or depends on.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Workload {
    /// Its id.
    pub id: String,
    /// What kind it is.
    pub kind: String,
}

/// Records that are not in the bundle and would say more.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// The system whose log it is.
    pub system: String,
    /// The account, organisation or repository.
    pub account: Option<String>,
    /// From when.
    pub from: Option<String>,
    /// Until when.
    pub to: Option<String>,
    /// What it would say.
    pub would_say: String,
}

/// How urgent an orphan is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Risk {
    /// Its place among all that are shown, from 1.
    pub rank: usize,
    /// `high`, `medium` or `low`.
    pub level: String,
    /// What the rank is made of.
    pub components: RiskComponents,
}

/// What a rank is made of.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RiskComponents {
    /// Whether it acted after the owner's departure.
    pub used_after_departure: bool,
    /// Whether it lives on a credential that lasts until somebody ends it.
    pub long_lived_credential: bool,
    /// How many resources it touched.
    pub resources: usize,
    /// When it was last seen.
    pub last_seen: Option<String>,
}

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

/// A person with what they own: an item of `owned-by`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OwnedBy {
    /// The words asked.
    pub asked: String,
    /// The person.
    pub person: Person,
    /// People below them, where they were asked for.
    pub reports: Vec<Person>,
    /// What they own.
    pub agents: Vec<Owned>,
}

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
