//! Who is accountable for an acting thing, and how we know.

use super::gaps::{self, Gap};
use super::lookup::{Meant, Names};
use super::naming;
use super::shared::{self, Shared};
use super::views::{self, AgentView, CandidateView, HopView, PersonView};
use crate::attribution::decision::{Attribution, Candidate};
use crate::attribution::evidence::SignalKind;
use crate::attribution::things::Thing;
use crate::base::origin::{EvidenceId, StableHash};
use crate::base::time::Instant;
use crate::case::Case;
use crate::fact::claim::{Detail, Standing, Tie};
use crate::fact::handle::HandleId;
use crate::identity::IdentityId;
pub use crate::identity::join::Rule;
use crate::identity::kind::Kind;
use crate::lifecycle::departed;
use crate::lifecycle::status::Finding;
pub use crate::lifecycle::status::{ReasonCode, Status};
use crate::lineage::link::Relation;

/// The answer to one name.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Who owns it.
    Owned(Box<Owned>),
    /// Several act through it: each has its own owner.
    Shared(Box<Shared>),
    /// The name means several.
    Ambiguous {
        /// The words asked.
        asked: String,
        /// What they can mean.
        several: Vec<String>,
    },
    /// The name means nothing.
    NotFound {
        /// The words asked.
        asked: String,
        /// What is near.
        near: Vec<String>,
    },
}

/// Everything that is said of an acting thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Owned {
    /// The words asked, in an answer to a question.
    pub asked: Option<String>,
    /// The thing.
    pub agent: AgentView,
    /// The deployment path.
    pub path: Option<&'static str>,
    /// The state.
    pub status: Status,
    /// Why.
    pub reasons: Vec<ReasonView>,
    /// The owner; `None` where nobody is named.
    pub owner: Option<PersonView>,
    /// The group that is written down as the owner, where nobody is named.
    pub owning_team: Option<String>,
    /// What mainly speaks for the owner.
    pub basis: Option<&'static str>,
    /// How likely the owner is.
    pub confidence: Option<f64>,
    /// The word for it.
    pub verdict: Option<&'static str>,
    /// The second, and how likely they are.
    pub runner_up: Option<(PersonView, f64)>,
    /// Everybody for whom something speaks, the likeliest first.
    pub candidates: Vec<CandidateView>,
    /// Who would be named without a kind of evidence.
    pub without: Vec<Without>,
    /// When the thing passed from one person to another: from, to, since.
    pub handover: Option<(PersonView, PersonView, Option<Instant>)>,
    /// The steps from the human to the thing.
    pub chain: Vec<HopView>,
    /// What was joined to know who the owner is.
    pub joins: Vec<JoinView>,
    /// Who looked like the owner and was kept apart.
    pub kept_apart: Vec<ApartView>,
    /// Who is asked next, and why.
    pub route: Vec<(PersonView, &'static str)>,
    /// The credentials it lives on.
    pub credentials: Vec<CredentialView>,
    /// The principals it acts as.
    pub principals: Vec<String>,
    /// What it reads, writes and calls.
    pub resources: Vec<ResourceView>,
    /// What it runs on or depends on.
    pub workloads: Vec<(String, String)>,
    /// The records that would say more.
    pub gaps: Vec<Gap>,
    /// The fingerprint of thing and class of finding.
    pub finding: String,
    /// The fingerprint that also has owner and decisive reason.
    pub content: String,
}

/// A reason, as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonView {
    /// The reason.
    pub code: ReasonCode,
    /// Since when.
    pub at: Option<Instant>,
    /// The records.
    pub evidence: Vec<EvidenceId>,
}

/// Who would be named without a kind of evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Without {
    /// The kind that is left out.
    pub kind: &'static str,
    /// The records that carry it.
    pub evidence: Vec<EvidenceId>,
    /// Who would be named then.
    pub owner: Option<PersonView>,
}

/// A join, as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JoinView {
    /// One name.
    pub a: String,
    /// The other name.
    pub b: String,
    /// The rule.
    pub rule: Rule,
    /// How sure.
    pub grade: &'static str,
    /// The records.
    pub evidence: Vec<EvidenceId>,
}

/// Somebody who has a name of the owner's and is somebody else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApartView {
    /// The name that both have.
    pub name: String,
    /// The other one.
    pub other: PersonView,
    /// The records.
    pub evidence: Vec<EvidenceId>,
}

/// A credential, as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CredentialView {
    /// Its id or fingerprint.
    pub id: String,
    /// What kind it is.
    pub kind: String,
    /// Whether it lasts until somebody ends it.
    pub long_lived: bool,
    /// When it was last used.
    pub last_used: Option<Instant>,
    /// The record of its last use.
    pub evidence: Option<EvidenceId>,
    /// Whether it was used after the owner's departure.
    pub used_after_departure: bool,
    /// When it was ended.
    pub ended_at: Option<Instant>,
}

/// A resource, as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceView {
    /// Its id.
    pub id: String,
    /// What was done to it.
    pub actions: Vec<String>,
    /// How often.
    pub count: u64,
    /// When last.
    pub last: Option<Instant>,
}

impl Owned {
    /// The records that it cites.
    pub fn cited(&self) -> impl Iterator<Item = EvidenceId> {
        let reasons = self.reasons.iter().flat_map(|reason| &reason.evidence);
        let signals = self.candidates.iter().flat_map(|candidate| &candidate.signals);
        let signals = signals.flat_map(|signal| &signal.evidence);
        let without = self.without.iter().flat_map(|without| &without.evidence);
        let chain = self.chain.iter().flat_map(|hop| &hop.evidence);
        let joins = self.joins.iter().flat_map(|join| &join.evidence);
        let apart = self.kept_apart.iter().flat_map(|apart| &apart.evidence);
        let credentials = self.credentials.iter().filter_map(|credential| credential.evidence.as_ref());
        reasons.chain(signals).chain(without).chain(chain).chain(joins).chain(apart).chain(credentials).copied()
    }
}

/// Answers for one name.
#[must_use]
pub fn answer(case: &Case, names: &Names, words: &str) -> Answer {
    let things = &case.attributions().things;
    let acts = |id: IdentityId| things.position(id).is_some();
    let asked = words.to_owned();
    let mut meant = names.meant(case, words, |id| acts(id) || !things.sharing(id).is_empty());
    // A part of a name that fits an agent and what it shares with others means the agent.
    if matches!(meant, Meant::Several(_))
        && let Meant::One(agent) = names.meant(case, words, acts)
    {
        meant = Meant::One(agent);
    }
    match meant {
        Meant::One(id) => match things.position(id) {
            Some(position) => Answer::Owned(Box::new(Owned { asked: Some(asked), ..owned(case, position) })),
            None => match shared::of(case, id, &asked) {
                Some(shared) => Answer::Shared(Box::new(shared)),
                None => Answer::NotFound { asked, near: Vec::new() },
            },
        },
        Meant::Several(several) => Answer::Ambiguous { asked, several },
        Meant::Nothing(near) => Answer::NotFound { asked, near },
    }
}

/// Everything that is said of the thing at a position.
#[must_use]
pub fn owned(case: &Case, position: usize) -> Owned {
    let things = case.attributions().things.list();
    let (Some(thing), Some(attribution), Some(finding)) =
        (things.get(position), case.attributions().list().get(position), case.lifecycle().findings().get(position))
    else {
        return nothing();
    };
    let winner = winner(attribution);
    let owner = attribution.owner.map(|owner| views::person(case, owner.person));
    let chain: Vec<HopView> =
        winner.into_iter().flat_map(|winner| &winner.chain).map(|hop| views::hop(case, hop)).collect();
    let agent = views::agent(case, thing);
    let runner_up = runner_up(attribution).map(|(person, confidence)| (views::person(case, person), confidence));
    Owned {
        asked: None,
        path: path(attribution),
        status: finding.status,
        reasons: reasons(finding),
        owning_team: owning_team(case, attribution),
        basis: attribution.owner.map(|owner| owner.basis.word()),
        confidence: attribution.owner.map(|owner| owner.confidence),
        verdict: attribution.owner.map(|owner| owner.verdict.word()),
        runner_up,
        candidates: attribution.candidates.iter().map(|one| views::candidate(case, one)).collect(),
        without: without(case, attribution),
        handover: attribution.handover.map(|handover| {
            let (from, to) = (views::person(case, handover.from), views::person(case, handover.to));
            (from, to, handover.at.instant())
        }),
        chain,
        joins: attribution.owner.map(|owner| joins(case, owner.person)).unwrap_or_default(),
        kept_apart: attribution.owner.map(|owner| kept_apart(case, owner.person)).unwrap_or_default(),
        route: finding.route.iter().map(|asked| (views::person(case, asked.person), asked.why.word())).collect(),
        credentials: credentials(case, thing, attribution),
        principals: principals(case, thing),
        resources: resources(case, thing),
        workloads: workloads(case, thing),
        gaps: gaps::of(case, attribution),
        finding: fingerprint(&agent.id, finding.status, None),
        content: fingerprint(&agent.id, finding.status, Some((owner.as_ref(), finding))),
        owner,
        agent,
    }
}

/// What stands for a thing that is not there; positions come from the list of things, so nobody sees it.
fn nothing() -> Owned {
    let agent = AgentView {
        id: String::new(),
        short: String::new(),
        kind: String::new(),
        name: None,
        aliases: Vec::new(),
        system: "other",
        first_seen: None,
        last_seen: None,
        ended_at: None,
    };
    Owned {
        asked: None,
        agent,
        path: None,
        status: Status::Unattributed,
        reasons: Vec::new(),
        owner: None,
        owning_team: None,
        basis: None,
        confidence: None,
        verdict: None,
        runner_up: None,
        candidates: Vec::new(),
        without: Vec::new(),
        handover: None,
        chain: Vec::new(),
        joins: Vec::new(),
        kept_apart: Vec::new(),
        route: Vec::new(),
        credentials: Vec::new(),
        principals: Vec::new(),
        resources: Vec::new(),
        workloads: Vec::new(),
        gaps: Vec::new(),
        finding: String::new(),
        content: String::new(),
    }
}

fn winner(attribution: &Attribution) -> Option<&Candidate> {
    let owner = attribution.owner?;
    attribution.candidates.iter().find(|candidate| candidate.person == owner.person)
}

fn runner_up(attribution: &Attribution) -> Option<(IdentityId, f64)> {
    let owner = attribution.owner?;
    let others = attribution.candidates.iter().find(|candidate| candidate.person != owner.person);
    others.map(|candidate| (candidate.person, candidate.confidence))
}

fn reasons(finding: &Finding) -> Vec<ReasonView> {
    let view = |reason: &crate::lifecycle::status::Reason| ReasonView {
        code: reason.code,
        at: reason.at,
        evidence: reason.records.clone(),
    };
    finding.reasons.iter().map(view).collect()
}

/// The deployment path, by the steps of the chain that decided.
fn path(attribution: &Attribution) -> Option<&'static str> {
    let chain = &winner(attribution)?.chain;
    let has = |relation| chain.iter().any(|hop| hop.relation == relation);
    let made = attribution.owner?.basis;
    Some(match made {
        SignalKind::Inherited => "made-by-agent",
        _ if has(Relation::RanAs) => "pipeline",
        _ if has(Relation::Asked) => "stack",
        _ if has(Relation::Installed) || has(Relation::LivesOn) || has(Relation::Enrolled) => "laptop",
        SignalKind::Installed => "laptop",
        _ if has(Relation::HeldKey) => "issued-key",
        _ => "cloud-deployment",
    })
}

/// Leaves out each kind of evidence in turn, and says who would be named then.
fn without(case: &Case, attribution: &Attribution) -> Vec<Without> {
    let Some(winner) = winner(attribution) else { return Vec::new() };
    let kinds = winner.signals.iter().filter(|spoken| spoken.kind != SignalKind::Operated);
    kinds
        .map(|spoken| Without {
            kind: spoken.kind.word(),
            evidence: spoken.records.clone(),
            owner: attribution.named_without(spoken.kind).map(|person| views::person(case, person)),
        })
        .collect()
}

/// The only group that is written down as the owner, where the evidence names no more than it.
fn owning_team(case: &Case, attribution: &Attribution) -> Option<String> {
    let [team] = attribution.teams.as_slice() else { return None };
    let named = || naming::display(case, *team).unwrap_or_else(|| naming::canonical(case, *team));
    attribution.owner.is_none().then(named)
}

/// A name with the realm that gives it.
fn in_realm(case: &Case, id: HandleId) -> String {
    let handle = case.facts().handle(id);
    match handle.realm.trim_end_matches(':') {
        "" => handle.value.to_owned(),
        realm => format!("{realm}:{}", handle.value),
    }
}

/// Who has a name that a person has, too, and was not taken for them.
fn kept_apart(case: &Case, person: IdentityId) -> Vec<ApartView> {
    let facts = case.facts();
    let mut apart: Vec<ApartView> = case
        .identities()
        .conflicts_of(person)
        .map(|(conflict, other)| {
            let rows = facts.standing_of(conflict.name).filter_map(|row| match row.claim {
                Standing::Tied { a, b, tie: Tie::Named }
                    if b == conflict.name && (a == conflict.a || a == conflict.b) =>
                {
                    Some(row.span.first_record)
                }
                _ => None,
            });
            let mut evidence: Vec<EvidenceId> = rows.collect();
            evidence.sort_unstable();
            evidence.dedup();
            ApartView { name: in_realm(case, conflict.name), other: views::person(case, other), evidence }
        })
        .collect();
    apart.sort_unstable();
    apart.dedup();
    apart
}

fn joins(case: &Case, person: IdentityId) -> Vec<JoinView> {
    let mut joins: Vec<JoinView> = case
        .identities()
        .joins_of(person)
        .map(|join| JoinView {
            a: in_realm(case, join.a),
            b: in_realm(case, join.b),
            rule: join.rule,
            grade: join.grade.word(),
            evidence: join.records.to_vec(),
        })
        .collect();
    joins.sort_unstable();
    joins.dedup();
    joins
}

fn credentials(case: &Case, thing: &Thing, attribution: &Attribution) -> Vec<CredentialView> {
    let own = [thing.id];
    let members = own.iter().chain(&thing.members).copied();
    let mut keys: Vec<IdentityId> = members.filter(|id| case.identities().kind(*id) == Kind::Key).collect();
    keys.sort_unstable();
    keys.dedup();
    let owner = attribution.owner.map(|owner| owner.person);
    let mut views: Vec<CredentialView> = keys
        .into_iter()
        .map(|key| {
            let known = departed::credential(case.ground(), &case.lifecycle().people, key, owner);
            let kind = naming::details(case, key, Detail::Kind).into_iter().max();
            CredentialView {
                id: naming::canonical(case, key),
                kind: kind.map_or("access-key", |(_, kind)| kind).to_owned(),
                long_lived: known.long_lived,
                last_used: known.last_used.map(|(at, _)| at),
                evidence: known.last_used.and_then(|(_, record)| record),
                used_after_departure: known.used_after_departure,
                ended_at: known.ended_at,
            }
        })
        .collect();
    views.sort_unstable();
    views
}

fn principals(case: &Case, thing: &Thing) -> Vec<String> {
    let principals = thing.members.iter().filter(|id| case.identities().kind(**id) == Kind::Principal);
    let mut names: Vec<String> = principals.map(|id| naming::canonical(case, *id)).collect();
    names.sort_unstable();
    names
}

/// The sessions and keys through which a thing acts.
#[must_use]
pub fn acting(case: &Case, thing: &Thing) -> Vec<HandleId> {
    let facts = case.facts();
    let own = [thing.id];
    let mut acting: Vec<HandleId> = Vec::new();
    for id in own.iter().chain(&thing.members) {
        for handle in case.identities().handles(*id) {
            acting.push(*handle);
            acting.extend(facts.standing_of(*handle).filter_map(|row| match row.claim {
                Standing::Tied { a, b, tie: Tie::RunsAs | Tie::HeldBy } if b == *handle => Some(a),
                _ => None,
            }));
        }
    }
    acting.sort_unstable();
    acting.dedup();
    acting
}

fn resources(case: &Case, thing: &Thing) -> Vec<ResourceView> {
    let facts = case.facts();
    let rows = acting(case, thing).into_iter().flat_map(|by| facts.acts_by(by).collect::<Vec<_>>());
    let mut touched: Vec<(HandleId, HandleId, u64, Option<Instant>)> = rows
        .filter_map(|row| Some((row.claim.on?, row.claim.action, u64::from(row.span.count), row.span.last.happened())))
        .collect();
    touched.sort_unstable();
    let mut resources: Vec<ResourceView> = touched
        .chunk_by(|left, right| left.0 == right.0)
        .filter_map(|group| {
            let (on, ..) = group.first()?;
            let mut actions: Vec<String> = group.iter().map(|(_, action, ..)| facts.text(*action).to_owned()).collect();
            actions.sort_unstable();
            actions.dedup();
            let count = group.iter().map(|(_, _, count, _)| count).sum();
            let last = group.iter().filter_map(|(.., last)| *last).max();
            Some(ResourceView { id: facts.text(*on).to_owned(), actions, count, last })
        })
        .collect();
    resources.sort_unstable();
    resources
}

fn workloads(case: &Case, thing: &Thing) -> Vec<(String, String)> {
    let causes = case.ground().lineage.causes(thing.id);
    let on = causes.into_iter().filter(|(link, _)| matches!(link.relation, Relation::DependsOn | Relation::PartOf));
    let mut workloads: Vec<(String, String)> = on
        .filter(|(_, id)| case.identities().kind(*id) == Kind::Workload)
        .map(|(_, id)| {
            let kind = case.attributions().things.get(id).map_or("workload", |thing| thing.kind.as_str());
            (naming::canonical(case, id), kind.to_owned())
        })
        .collect();
    workloads.sort_unstable();
    workloads.dedup();
    workloads
}

/// The fingerprint of a finding: of thing and class, or also of owner and first decisive reason. A thing born without an
/// owner and one made before the log are one content: which of both it is depends on how far the log reaches.
fn fingerprint(agent: &str, status: Status, content: Option<(Option<&PersonView>, &Finding)>) -> String {
    let class = match status {
        Status::Orphaned => "orphan",
        Status::Unattributed => "unattributed",
        Status::Review => "review",
        Status::Owned => "owned",
    };
    let mut hash = StableHash::default().text(agent).text(class);
    if let Some((owner, finding)) = content {
        let reason = finding.reasons.first().map_or("", |reason| match reason.code {
            ReasonCode::BeforeLogWindow | ReasonCode::BornOwnerless => "no-maker-in-view",
            code => code.word(),
        });
        hash = hash.text(owner.map_or("", |owner| owner.id.as_str())).text(reason);
    }
    format!("{:016x}", hash.finish())
}
