//! The parts that answers are made of: people, agents, steps, as a page shows them.

use super::naming;
use crate::attribution::decision::Candidate;
use crate::attribution::things::Thing;
use crate::base::origin::EvidenceId;
use crate::base::time::Instant;
use crate::case::Case;
use crate::identity::IdentityId;
use crate::lifecycle::people::Presence;
use crate::lineage::walk::Hop;

/// A person, as an answer shows them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonView {
    /// The canonical id.
    pub id: String,
    /// The name for people to read.
    pub name: Option<String>,
    /// The primary e-mail address.
    pub email: Option<String>,
    /// Whether they are there; `None` where no directory knows.
    pub status: Option<&'static str>,
    /// Since when that is so.
    pub status_at: Option<Instant>,
    /// Their team; of one who left, the last.
    pub team: Option<String>,
    /// Their manager's canonical id; of one who left, the last.
    pub manager: Option<String>,
}

/// An acting thing, as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgentView {
    /// The canonical id.
    pub id: String,
    /// The short stable handle, whole; pages show a unique beginning.
    pub short: String,
    /// What kind of thing it is.
    pub kind: String,
    /// The name for people to read.
    pub name: Option<String>,
    /// All other names.
    pub aliases: Vec<String>,
    /// The system that knows it.
    pub system: &'static str,
    /// When it was first seen.
    pub first_seen: Option<Instant>,
    /// When it was last seen.
    pub last_seen: Option<Instant>,
    /// When it was ended.
    pub ended_at: Option<Instant>,
}

/// A step of a chain, as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HopView {
    /// Who or what.
    pub from: String,
    /// How.
    pub relation: &'static str,
    /// To what.
    pub to: String,
    /// What it is called, where it has a name for people.
    pub to_name: Option<String>,
    /// How sure.
    pub grade: &'static str,
    /// When.
    pub at: Option<Instant>,
    /// The records.
    pub evidence: Vec<EvidenceId>,
}

/// A candidate, as an answer shows them.
#[derive(Clone, Debug, PartialEq)]
pub struct CandidateView {
    /// Who.
    pub person: PersonView,
    /// How likely.
    pub confidence: f64,
    /// What speaks for them.
    pub signals: Vec<SignalView>,
}

/// What speaks for a candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalView {
    /// The kind.
    pub kind: &'static str,
    /// What it is worth, in bits.
    pub bits: f64,
    /// How many separate causes.
    pub causes: usize,
    /// The best grade among them.
    pub grade: &'static str,
    /// The first and last time.
    pub first: Option<Instant>,
    /// See [`Self::first`].
    pub last: Option<Instant>,
    /// The records.
    pub evidence: Vec<EvidenceId>,
}

/// Shows a person.
#[must_use]
pub fn person(case: &Case, id: IdentityId) -> PersonView {
    let people = &case.lifecycle().people;
    let (presence, change) = people.presence(id, case.as_of());
    let since = change.and_then(|change| change.at.instant());
    let at = if presence == Presence::Left { since.unwrap_or(case.as_of()) } else { case.as_of() };
    let manager = people.manager(id, at).and_then(|(written, _)| people.person_meant(case.ground(), written, at));
    let team = people.team(id, at).map(|(team, _)| case.facts().text(team).to_owned());
    PersonView {
        id: naming::canonical(case, id),
        name: naming::display(case, id),
        email: naming::email(case, id),
        status: presence.word(),
        status_at: since,
        team,
        manager: manager.map(|manager| naming::canonical(case, manager)),
    }
}

/// Shows an acting thing.
#[must_use]
pub fn agent(case: &Case, thing: &Thing) -> AgentView {
    let id = naming::canonical(case, thing.id);
    AgentView {
        short: naming::short(&id),
        kind: thing.kind.clone(),
        name: naming::display(case, thing.id),
        aliases: naming::aliases(case, thing.id),
        system: system(&id),
        first_seen: thing.first_seen,
        last_seen: thing.last_seen,
        ended_at: thing.ended_at,
        id,
    }
}

/// The system that an id is of, by the form of the id.
#[must_use]
pub fn system(id: &str) -> &'static str {
    const FORMS: &[(&str, &str)] = &[
        ("arn:aws", "aws"),
        ("AKIA", "aws"),
        ("aws:", "aws"),
        ("bedrock-agent:", "aws"),
        ("agentcore-runtime:", "aws"),
        ("ci:github.com/", "github"),
        ("github.com", "github"),
        ("okta", "okta"),
        ("mcp:", "endpoint"),
        ("ide:", "endpoint"),
        ("host:", "endpoint"),
    ];
    FORMS.iter().find(|(form, _)| id.starts_with(form)).map_or("other", |(_, system)| system)
}

/// Shows a step.
#[must_use]
pub fn hop(case: &Case, hop: &Hop) -> HopView {
    HopView {
        from: naming::canonical(case, hop.from),
        relation: hop.relation.word(),
        to: naming::canonical(case, hop.to),
        to_name: naming::display(case, hop.to),
        grade: hop.grade.word(),
        at: hop.at.instant(),
        evidence: hop.records.clone(),
    }
}

/// Shows a candidate.
#[must_use]
pub fn candidate(case: &Case, candidate: &Candidate) -> CandidateView {
    let signals = candidate.signals.iter().map(|spoken| SignalView {
        kind: spoken.kind.word(),
        bits: spoken.bits,
        causes: spoken.causes,
        grade: spoken.grade.word(),
        first: spoken.first.instant(),
        last: spoken.last.instant(),
        evidence: spoken.records.clone(),
    });
    CandidateView {
        person: person(case, candidate.person),
        confidence: candidate.confidence,
        signals: signals.collect(),
    }
}
