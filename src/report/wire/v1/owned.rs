//! Acting things with their owners.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Hop, Person};

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
    /// Who has a name of the owner's and is somebody else.
    pub kept_apart: Vec<Apart>,
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

/// A key or principal through which several agents act: which of them it was cannot be told, so nobody is named for it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Shared {
    /// The words asked.
    pub asked: String,
    /// What they share.
    pub shared: SharedIdentity,
    /// `unattributed`: it is nobody's alone.
    pub status: String,
    /// `shared-credential`.
    pub reasons: Vec<Reason>,
    /// Always `null`.
    pub owner: Option<Person>,
    /// The agents, each with its own owner.
    pub agents: Vec<Owned>,
}

/// What several agents share.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SharedIdentity {
    /// The canonical id.
    pub id: String,
    /// What kind of identity it is.
    pub kind: String,
    /// The name for people.
    pub name: Option<String>,
    /// The short handle, whole.
    pub handle: String,
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

/// Somebody who has a name of the owner's and is somebody else.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Apart {
    /// The name that both have.
    pub name: String,
    /// The other one.
    pub other: Person,
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
