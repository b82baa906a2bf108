//! Links that several records prove together: the run behind a pipeline's session, the caller behind a service's.

use super::link::{Link, Relation};
use super::weave::Woven;
use crate::base::lookup::Map;
use crate::base::origin::EvidenceId;
use crate::base::time::{Instant, When};
use crate::fact::claim::{Becoming, Detail, Ending, Event, Making, Standing, Tie};
use crate::fact::facts::Facts;
use crate::fact::handle::{HandleId, HandleKind};
use crate::identity::grade::Grade;
use crate::identity::{Identities, IdentityId};

/// How long a run may last where its end is not in the records: the platform's own limit for a job.
const LONGEST_RUN_HOURS: i64 = 6;

/// Within how many minutes a service opens the session for what it was asked.
const PROMPT_MINUTES: i64 = 5;

/// Within how many hours a service may open a further session for something long that only one caller asked for.
const LONG_HOURS: i64 = 6;

/// Things that act when they are changed, by their kind: whoever changed them asked for it.
const ACTS_WHEN_CHANGED: &[&str] = &["stack"];

/// The links that need more than one record.
pub(super) fn links(facts: &Facts, identities: &Identities) -> Vec<Woven> {
    let mut links = runs(facts, identities);
    links.extend(asked(facts, identities));
    links
}

/// A run with its time and place.
struct Run<'f> {
    id: IdentityId,
    handle: HandleId,
    from: Instant,
    to: Instant,
    record: EvidenceId,
    environments: Vec<&'f str>,
    branches: Vec<&'f str>,
}

/// For each session that was issued for a repository: the runs of that repository that were under way.
fn runs(facts: &Facts, identities: &Identities) -> Vec<Woven> {
    let mut by_repository: Map<IdentityId, Vec<Run<'_>>> = Map::default();
    for handle in facts.handles().filter(|id| facts.handle(*id).kind == HandleKind::Run) {
        let Some((repository, run)) = run(facts, identities, handle) else { continue };
        by_repository.get_or_insert_with(repository, Vec::new).push(run);
    }
    let mut links = Vec::new();
    for row in facts.events() {
        let Event::Became { by, into, how: Becoming::Federated } = row.event else { continue };
        if facts.handle(by).kind != HandleKind::Subject {
            continue;
        }
        let (Some(session), Some(at)) = (identities.always(into), row.when.happened()) else { continue };
        let signed = tied_to(facts, by, Tie::PartOf).find_map(|run| identities.always(run));
        if let Some(run) = signed {
            let link = Link::new(Relation::RanAs, Grade::Proven, row.when, row.record);
            links.push((session, run, link));
            continue;
        }
        let repositories = tied_to(facts, by, Tie::IssuedFor).filter_map(|repo| identities.one(repo, Some(at)));
        let Some(runs) = repositories.into_iter().find_map(|repo| by_repository.get(&repo)) else { continue };
        links.extend(fitting(facts, by, into, at, runs).into_iter().map(|(run, grade, record)| {
            let link = Link::new(Relation::RanAs, grade, When::at(at), row.record);
            (session, run, Link { also: Some(record), ..link })
        }));
    }
    links
}

/// The runs that fit a session. A run that the session is named after is the one; else one run alone is proven, and of
/// several none is better than the others.
fn fitting(
    facts: &Facts,
    subject: HandleId,
    session: HandleId,
    at: Instant,
    runs: &[Run<'_>],
) -> Vec<(IdentityId, Grade, EvidenceId)> {
    let environments = details(facts, subject, Detail::Environment);
    let branches = details(facts, subject, Detail::Branch);
    let agrees = |ours: &[&str], theirs: &[&str]| {
        ours.is_empty() || theirs.is_empty() || ours.iter().any(|one| theirs.contains(one))
    };
    let under_way: Vec<&Run<'_>> = runs
        .iter()
        .filter(|run| run.from <= at && at <= run.to)
        .filter(|run| agrees(&environments, &run.environments) && agrees(&branches, &run.branches))
        .collect();
    let names: Vec<&str> = tied_to(facts, session, Tie::CalledItself).map(|name| facts.text(name)).collect();
    // As a number of its own, not as a part of another: numbers of runs can be short.
    let holds = |name: &str, number: &str| name.split(|c: char| !c.is_ascii_digit()).any(|part| part == number);
    let named = |run: &&&Run<'_>| names.iter().any(|name| holds(name, facts.text(run.handle)));
    if let Some(run) = under_way.iter().find(named) {
        return vec![(run.id, Grade::Strong, run.record)];
    }
    let grade = if under_way.len() == 1 { Grade::Proven } else { Grade::Likely };
    under_way.iter().map(|run| (run.id, grade, run.record)).collect()
}

fn run<'f>(facts: &'f Facts, identities: &Identities, handle: HandleId) -> Option<(IdentityId, Run<'f>)> {
    let repository = tied_to(facts, handle, Tie::PartOf).find_map(|repo| identities.one(repo, None))?;
    let mut begun: Option<(Instant, EvidenceId)> = None;
    let mut ended = None;
    for row in facts.events_of(handle) {
        let at = row.when.happened();
        match row.event {
            Event::Became { into, .. } if into == handle => {
                let this = at.map(|at| (at, row.record));
                begun = begun.into_iter().chain(this).min();
            }
            Event::Ended { who, how: Ending::Finished, .. } if who == handle => ended = ended.max(at),
            _ => {}
        }
    }
    let (from, record) = begun?;
    let run = Run {
        id: identities.always(handle)?,
        handle,
        from,
        to: ended.unwrap_or_else(|| from.plus_hours(LONGEST_RUN_HOURS)),
        record,
        environments: details(facts, handle, Detail::Environment),
        branches: details(facts, handle, Detail::Branch),
    };
    Some((repository, run))
}

/// A call that made or changed a thing which acts when it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Call {
    role: IdentityId,
    at: Instant,
    by: IdentityId,
    record: EvidenceId,
}

/// For each session that a service opened: the callers who had asked the service to act in that role.
fn asked(facts: &Facts, identities: &Identities) -> Vec<Woven> {
    let mut calls = calls(facts, identities);
    calls.sort_unstable();
    let mut links = Vec::new();
    for row in facts.events() {
        let Event::Became { by, into, how: Becoming::Assumed } = row.event else { continue };
        if facts.handle(by).kind != HandleKind::Service {
            continue;
        }
        let (Some(session), Some(at)) = (identities.always(into), row.when.happened()) else { continue };
        for role in tied_to(facts, into, Tie::RunsAs).filter_map(|role| identities.one(role, Some(at))) {
            links.extend(callers(&calls, role, at).into_iter().map(|call| {
                let link = Link::new(Relation::Asked, Grade::Likely, When::at(call.at), row.record);
                (session, call.by, Link { also: Some(call.record), ..link })
            }));
        }
    }
    links
}

/// The calls that a session of this role can be the answer to: those of the last minutes, else the only caller's of the
/// last hours.
fn callers(calls: &[Call], role: IdentityId, at: Instant) -> Vec<Call> {
    let within = |millis: i64| -> Vec<Call> {
        let from = calls.partition_point(|call| (call.role, call.at) < (role, at.plus_millis(-millis)));
        calls.iter().skip(from).take_while(|call| call.role == role && call.at <= at).copied().collect()
    };
    let prompt = within(PROMPT_MINUTES * 60_000);
    if !prompt.is_empty() {
        return prompt;
    }
    let long = within(LONG_HOURS * 3_600_000);
    match long.first() {
        Some(first) if long.iter().all(|call| call.by == first.by) => long.last().copied().into_iter().collect(),
        _ => Vec::new(),
    }
}

fn calls(facts: &Facts, identities: &Identities) -> Vec<Call> {
    let mut calls = Vec::new();
    for row in facts.events() {
        let Event::Made { by, made, how: Making::Created | Making::Updated } = row.event else { continue };
        let acts = details(facts, made, Detail::Kind).iter().any(|kind| ACTS_WHEN_CHANGED.contains(kind));
        let (true, Some(at)) = (acts, row.when.happened()) else { continue };
        let Some(by) = identities.one(by, Some(at)) else { continue };
        let roles = tied_to(facts, made, Tie::RunsAs).filter_map(|role| identities.one(role, Some(at)));
        calls.extend(roles.map(|role| Call { role, at, by, record: row.record }));
    }
    calls
}

/// What a handle is tied to in this way.
fn tied_to(facts: &Facts, a: HandleId, tie: Tie) -> impl Iterator<Item = HandleId> {
    facts.standing_of(a).filter_map(move |row| match row.claim {
        Standing::Tied { a: from, b, tie: how } if from == a && how == tie => Some(b),
        _ => None,
    })
}

/// The values of a detail.
fn details(facts: &Facts, who: HandleId, detail: Detail) -> Vec<&str> {
    let values = facts.standing_of(who).filter_map(|row| match row.claim {
        Standing::Described { who: of, detail: which, value } if of == who && which == detail => {
            Some(facts.text(value))
        }
        _ => None,
    });
    values.collect()
}
