//! From answers to the frozen structs: every string is masked on the way, every time is UTC.

use std::collections::BTreeMap;

use super::v1;
use crate::base::origin::EvidenceId;
use crate::base::time::Instant;
use crate::query::cite::Citations;
use crate::query::coverage::{FileCoverage, Missing, SourceSpan, Totals};
use crate::query::explain::Explained;
use crate::query::find::Found;
use crate::query::gaps::Gap;
use crate::query::manifest::{FileDigest, State};
use crate::query::orphans::Orphan;
use crate::query::owned_by;
use crate::query::shared::Shared;
use crate::query::show::{self, Replayed};
use crate::query::sources::Card;
use crate::query::views::{AgentView, CandidateView, HopView, PersonView};
use crate::query::who_owns::{
    self, ApartView, CredentialView, JoinView, Owned, ReasonCode, ReasonView, ResourceView, Status,
};
use crate::report::clean::{self, masked};

fn text(value: &str) -> String {
    masked(value).into_owned()
}

fn some(value: Option<&String>) -> Option<String> {
    value.map(|value| text(value))
}

fn time(at: Option<Instant>) -> Option<String> {
    at.map(|at| at.to_string())
}

/// A share between 0 and 1 with four digits: what is printed is the same on every machine.
fn share(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// Writes labels of records.
pub struct Labels<'c>(pub &'c Citations);

impl Labels<'_> {
    fn all(&self, records: &[EvidenceId]) -> Vec<String> {
        let mut labels: Vec<String> = records.iter().map(|record| self.0.label(*record).to_owned()).collect();
        labels.dedup();
        labels
    }
}

/// The records an answer cites.
pub fn evidence(citations: &Citations) -> BTreeMap<String, v1::Evidence> {
    let place = |(file, record): &(String, u64)| v1::Place { file: text(file), record: *record };
    let cited = citations.list.iter().map(|citation| {
        let places = citation.places.iter().map(place).collect();
        (citation.label.clone(), v1::Evidence { time: time(citation.time), places })
    });
    cited.collect()
}

/// A person.
pub fn person(person: &PersonView) -> v1::Person {
    v1::Person {
        id: text(&person.id),
        name: some(person.name.as_ref()),
        email: some(person.email.as_ref()),
        status: person.status.map(str::to_owned),
        status_at: time(person.status_at),
        team: some(person.team.as_ref()),
        manager: some(person.manager.as_ref()),
    }
}

fn agent(agent: &AgentView, path: Option<&str>) -> v1::Agent {
    v1::Agent {
        id: text(&agent.id),
        kind: text(&agent.kind),
        name: some(agent.name.as_ref()),
        aliases: agent.aliases.iter().map(|alias| text(alias)).collect(),
        system: agent.system.to_owned(),
        path: path.map(str::to_owned),
        first_seen: time(agent.first_seen),
        last_seen: time(agent.last_seen),
        ended_at: time(agent.ended_at),
        handle: agent.short.clone(),
    }
}

fn reason(reason: &ReasonView, labels: &Labels<'_>) -> v1::Reason {
    v1::Reason { code: reason.code.word().to_owned(), at: time(reason.at), evidence: labels.all(&reason.evidence) }
}

/// A step.
pub fn hop(hop: &HopView, labels: &Labels<'_>) -> v1::Hop {
    v1::Hop {
        from: text(&hop.from),
        relation: hop.relation.to_owned(),
        to: text(&hop.to),
        grade: hop.grade.to_owned(),
        at: time(hop.at),
        evidence: labels.all(&hop.evidence),
    }
}

fn candidates(list: &[CandidateView], labels: &Labels<'_>) -> Vec<v1::Candidate> {
    let mut candidates: Vec<v1::Candidate> = list
        .iter()
        .enumerate()
        .map(|(at, candidate)| v1::Candidate {
            person: person(&candidate.person),
            rank: at + 1,
            confidence: share(candidate.confidence),
            signals: candidate
                .signals
                .iter()
                .map(|signal| v1::Signal {
                    kind: signal.kind.to_owned(),
                    bits: (signal.bits * 100.0).round() / 100.0,
                    causes: signal.causes,
                    grade: signal.grade.to_owned(),
                    first: time(signal.first),
                    last: time(signal.last),
                    evidence: labels.all(&signal.evidence),
                })
                .collect(),
        })
        .collect();
    candidates.sort_by(|left, right| left.person.id.cmp(&right.person.id));
    candidates
}

fn join(join: &JoinView, labels: &Labels<'_>) -> v1::Join {
    v1::Join {
        a: text(&join.a),
        b: text(&join.b),
        rule: join.rule.word().to_owned(),
        grade: join.grade.to_owned(),
        evidence: labels.all(&join.evidence),
    }
}

fn apart(apart: &ApartView, labels: &Labels<'_>) -> v1::Apart {
    v1::Apart { name: text(&apart.name), other: person(&apart.other), evidence: labels.all(&apart.evidence) }
}

fn credential(credential: &CredentialView, labels: &Labels<'_>) -> v1::Credential {
    v1::Credential {
        id: text(&credential.id),
        kind: text(&credential.kind),
        long_lived: credential.long_lived,
        last_used: time(credential.last_used),
        used_after_departure: credential.used_after_departure,
        ended_at: time(credential.ended_at),
        evidence: credential.evidence.map(|record| labels.0.label(record).to_owned()),
    }
}

fn resource(resource: &ResourceView) -> v1::Resource {
    v1::Resource {
        id: text(&resource.id),
        actions: resource.actions.iter().map(|action| text(action)).collect(),
        count: resource.count,
        last: time(resource.last),
    }
}

fn gap(gap: &Gap) -> v1::Gap {
    v1::Gap {
        system: text(&gap.system),
        account: some(gap.account.as_ref()),
        from: time(gap.from),
        to: time(gap.to),
        would_say: text(&gap.would_say),
    }
}

/// An acting thing with its owner.
pub fn owned(item: &Owned, labels: &Labels<'_>) -> v1::Owned {
    v1::Owned {
        asked: some(item.asked.as_ref()),
        agent: agent(&item.agent, item.path),
        status: item.status.word().to_owned(),
        reasons: item.reasons.iter().map(|one| reason(one, labels)).collect(),
        owner: item.owner.as_ref().map(person),
        technical_owner: None,
        owning_team: some(item.owning_team.as_ref()),
        basis: item.basis.map(str::to_owned),
        confidence: item.confidence.map(share),
        verdict: item.verdict.map(str::to_owned),
        runner_up: item.runner_up.as_ref().map(|(second, confidence)| v1::RunnerUp {
            id: text(&second.id),
            email: some(second.email.as_ref()),
            confidence: share(*confidence),
        }),
        candidates: candidates(&item.candidates, labels),
        without: item
            .without
            .iter()
            .map(|without| v1::Without {
                signal: without.kind.to_owned(),
                evidence: labels.all(&without.evidence),
                owner: without.owner.as_ref().map(|owner| text(&owner.id)),
            })
            .collect(),
        handover: item.handover.as_ref().map(|(from, to, at)| v1::Handover {
            from: text(&from.id),
            to: text(&to.id),
            at: time(*at),
        }),
        chain: item.chain.iter().map(|one| hop(one, labels)).collect(),
        joins: item.joins.iter().map(|one| join(one, labels)).collect(),
        kept_apart: item.kept_apart.iter().map(|one| apart(one, labels)).collect(),
        route_to: item
            .route
            .iter()
            .map(|(asked, why)| v1::Route { person: person(asked), why: (*why).to_owned() })
            .collect(),
        credentials: item.credentials.iter().map(|one| credential(one, labels)).collect(),
        principals: item.principals.iter().map(|principal| text(principal)).collect(),
        resources: item.resources.iter().map(resource).collect(),
        workloads: item.workloads.iter().map(|(id, kind)| v1::Workload { id: text(id), kind: text(kind) }).collect(),
        gaps: item.gaps.iter().map(gap).collect(),
        risk: None,
        finding: item.finding.clone(),
        content: item.content.clone(),
        suppressed: None,
    }
}

/// An orphan with its risk.
pub fn orphan(orphan: &Orphan, labels: &Labels<'_>) -> v1::Owned {
    let risk = v1::Risk {
        rank: orphan.rank,
        level: orphan.risk.word().to_owned(),
        components: v1::RiskComponents {
            used_after_departure: orphan.risk.used_after_departure,
            long_lived_credential: orphan.risk.long_lived_credential,
            resources: orphan.risk.resources,
            last_seen: time(orphan.risk.last_seen),
        },
    };
    v1::Owned { risk: Some(risk), ..owned(&orphan.item, labels) }
}

/// An answer to a question about one name.
pub fn asked(answer: &who_owns::Answer, labels: &Labels<'_>) -> v1::Asked<v1::WhoOwns> {
    match answer {
        who_owns::Answer::Owned(item) => v1::Asked::Answered(v1::WhoOwns::Owned(Box::new(owned(item, labels)))),
        who_owns::Answer::Shared(item) => v1::Asked::Answered(v1::WhoOwns::Shared(Box::new(shared(item, labels)))),
        who_owns::Answer::Ambiguous { asked, several } => ambiguous(asked, several),
        who_owns::Answer::NotFound { asked, near } => not_found(asked, near),
    }
}

fn shared(item: &Shared, labels: &Labels<'_>) -> v1::Shared {
    let code = ReasonCode::SharedCredential.word().to_owned();
    v1::Shared {
        asked: text(&item.asked),
        shared: v1::SharedIdentity {
            id: text(&item.id),
            kind: text(&item.kind),
            name: some(item.name.as_ref()),
            handle: item.short.clone(),
        },
        status: Status::Unattributed.word().to_owned(),
        reasons: vec![v1::Reason { code, at: None, evidence: labels.all(&item.evidence) }],
        owner: None,
        agents: item.agents.iter().map(|agent| owned(agent, labels)).collect(),
    }
}

/// A name that means several.
pub fn ambiguous<T>(asked: &str, several: &[String]) -> v1::Asked<T> {
    let ambiguous = Some(several.iter().map(|one| text(one)).collect());
    v1::Asked::Unanswered(v1::Unanswered { asked: text(asked), not_found: None, ambiguous })
}

/// A name that means nothing.
pub fn not_found<T>(asked: &str, near: &[String]) -> v1::Asked<T> {
    let near = near.iter().map(|one| text(one)).collect();
    v1::Asked::Unanswered(v1::Unanswered {
        asked: text(asked),
        not_found: Some(v1::NotFound { near }),
        ambiguous: None,
    })
}

/// An explained act.
pub fn explained(asked: &str, item: &Explained, labels: &Labels<'_>) -> v1::Explained {
    v1::Explained {
        asked: text(asked),
        event_id: labels.0.label(item.evidence).to_owned(),
        source: item.source.to_owned(),
        time: time(item.time),
        action: some(item.action.as_ref()),
        resource: some(item.resource.as_ref()),
        outcome: item.outcome.map(str::to_owned),
        from: some(item.from.as_ref()),
        performed_by: some(item.performed_by.as_ref()),
        on_behalf_of: item.on_behalf_of.iter().map(|behalf| text(behalf)).collect(),
        owner: item.owner.as_ref().map(person),
        nobody_because: some(item.nobody_because.as_ref()),
        chain: item.chain.iter().map(|one| hop(one, labels)).collect(),
        evidence: vec![labels.0.label(item.evidence).to_owned()],
    }
}

/// Someone or something that was found.
pub fn found(item: &Found, labels: &Labels<'_>) -> v1::Found {
    v1::Found {
        id: text(&item.id),
        kind: text(&item.kind),
        name: some(item.name.as_ref()),
        matched: item.matched.to_owned(),
        value: text(&item.value),
        first: time(item.first),
        last: time(item.last),
        evidence: item.evidence.map(|record| labels.0.label(record).to_owned()),
    }
}

/// A person with what they own.
pub fn owned_by(answer: &owned_by::Answer, labels: &Labels<'_>) -> v1::Asked<v1::OwnedBy> {
    match answer {
        owned_by::Answer::Owner { asked, person: who, reports, items } => v1::Asked::Answered(v1::OwnedBy {
            asked: text(asked),
            person: person(who),
            reports: reports.iter().map(person).collect(),
            agents: items.iter().map(|item| owned(item, labels)).collect(),
        }),
        owned_by::Answer::Ambiguous { asked, several } => ambiguous(asked, several),
        owned_by::Answer::NotFound { asked, near } => not_found(asked, near),
    }
}

/// The digest of a file.
pub fn digest(file: &FileDigest) -> v1::Digest {
    v1::Digest {
        path: text(&file.path),
        bytes: file.size,
        sha256: file.sha256.as_ref().ok().cloned(),
        obstacle: file.sha256.as_ref().err().map(|why| text(why)),
    }
}

/// How something stands to what was written down of it.
pub fn verified(kind: &str, id: &str, state: State) -> v1::Verified {
    v1::Verified { kind: kind.to_owned(), id: text(id), state: state.word().to_owned() }
}

/// What was read, in numbers.
pub fn bundle(paths: &[String], totals: &Totals) -> v1::Bundle {
    v1::Bundle {
        paths: paths.iter().map(|path| text(path)).collect(),
        records: totals.seen(),
        read: totals.read,
        duplicates: totals.duplicate,
        set_aside: totals.set_aside,
        refused: totals.refused,
        unread_files: totals.unread_files,
    }
}

/// A file of the bundle.
pub fn file(file: &FileCoverage) -> v1::File {
    let set_aside = file.set_aside.iter().map(|((source, what), count)| v1::Counted {
        source: Some((*source).to_owned()),
        what: (*what).to_owned(),
        count: *count,
        first: Vec::new(),
    });
    let refused = file.refused.iter().map(|(why, refused)| v1::Counted {
        source: None,
        what: text(why),
        count: refused.count,
        first: refused.first.clone(),
    });
    v1::File {
        path: text(&file.path),
        bytes: file.size,
        seen: file.totals().seen(),
        read: file.read.iter().map(|(source, count)| ((*source).to_owned(), *count)).collect(),
        duplicate: file.duplicate,
        set_aside: set_aside.collect(),
        refused: refused.collect(),
        obstacles: file.obstacles.iter().map(|obstacle| text(&obstacle.to_string())).collect(),
        excluded: file.excluded.map(str::to_owned),
    }
}

/// What one source read of one account.
pub fn span(span: &SourceSpan) -> v1::SourceSpan {
    v1::SourceSpan {
        source: span.source.to_owned(),
        account: some(span.account.as_ref()),
        first: time(span.first),
        last: time(span.last),
        records: span.records,
    }
}

/// A log that would settle answers.
pub fn missing(missing: &Missing) -> v1::Missing {
    v1::Missing {
        answers: missing.answers,
        system: text(&missing.system),
        account: some(missing.account.as_ref()),
        from: time(missing.from),
        to: time(missing.to),
    }
}

/// A source's card.
pub fn source(card: &Card) -> v1::Source {
    let exports = card.exports.iter();
    v1::Source {
        name: card.name.to_owned(),
        title: card.title.to_owned(),
        tells: card.tells.to_owned(),
        reference: card.reference.to_owned(),
        recognised_by: card.recognised_by.to_owned(),
        exports: exports
            .map(|export| v1::Export { form: export.form.to_owned(), command: export.command.to_owned() })
            .collect(),
    }
}

/// A record that is shown, secrets masked.
pub fn shown(asked: &str, record: &Replayed, labels: &Labels<'_>) -> v1::Shown {
    let place = |place: &show::Place| v1::Place { file: text(&place.file), record: place.number };
    v1::Shown {
        asked: text(asked),
        evidence: labels.0.label(record.evidence).to_owned(),
        source: record.source.to_owned(),
        time: time(record.time),
        places: record.places.iter().map(place).collect(),
        text: clean::record(&record.text).into_owned(),
    }
}
