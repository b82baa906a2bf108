//! Weighing: from observations to probabilities, and from these to a decision.
//!
//! For each person, each kind of signal is worth the ratio of two likelihoods: that the owner shows it (assumed, see
//! [`shown_by_owner`]) and that somebody else does (measured in this bundle, see [`Census`]). The logarithms add up;
//! they are printed in bits, so that anybody can add them again. Observations of one cause count once. The prior is
//! even over all people; a small share is kept for nobody. Hops that may be wrong pull a ratio towards one.

use super::census::Census;
use super::decision::{Attribution, Candidate, Owner, Spoken, Verdict, Why, WhyCode};
use super::evidence::{DeadEnd, Ending, Observation, Observed, SignalKind, WHOLE};
use super::handover::{self, Handover};
use super::things::Thing;
use crate::base::origin::EvidenceId;
use crate::base::time::When;
use crate::identity::IdentityId;
use crate::identity::grade::Grade;
use crate::lineage::link::Relation;

/// The share of probability kept for there being nobody, or somebody of whom no record tells.
const NOBODY: f64 = 0.05;

/// How likely it is that nothing of what an owner does to a thing is seen.
const UNSEEN: f64 = 0.15;

/// What is left of a former owner's ratio after a handover.
const AFTER_HANDOVER: f64 = 0.15;

/// What is left of the ratio of somebody who only consumes: consuming makes nobody an owner, however often and by however
/// many, so it must not drown what speaks for one person.
const CONSUMING: f64 = 0.15;

/// How far the first must be ahead of the second to be named.
const MARGIN: f64 = 0.15;

/// The most that is ever printed: what was fitted cannot promise more.
const MOST: f64 = 0.99;

/// The most for a person for whom only one act speaks, or a hop that is no more than likely.
const MOST_PROBABLE: f64 = 0.94;

/// The most for the lead of a dissolved team that only a tag names.
const MOST_POSSIBLE: f64 = 0.79;

/// Weighs what was observed of a thing.
pub(super) fn weigh(census: &Census, thing: &Thing, observed: Observed) -> Attribution {
    let Observed { observations, dead_ends, made_in_view, teams } = observed;
    let handover = handover::find(&observations);
    let mut candidates = candidates(census, thing.id, &observations, handover);
    candidates.extend(named_by_callers(&dead_ends, &candidates));
    let owner = decide(&candidates, &observations, handover, &dead_ends);
    let whys = if owner.is_none() { whys(&dead_ends, &observations, made_in_view) } else { Vec::new() };
    let disagreeing = owner.map_or_else(Vec::new, |owner| disagreeing(census, &observations, owner.person));
    let without = without((census, thing.id), owner, &candidates, &observations, &dead_ends);
    Attribution { thing: thing.id, candidates, owner, whys, handover, disagreeing, dead_ends, teams, without }
}

/// Leaves out each kind of signal that speaks for the owner, and says who would be named then.
fn without(
    (census, thing): (&Census, IdentityId),
    owner: Option<Owner>,
    all: &[Candidate],
    observations: &[Observation],
    dead_ends: &[DeadEnd],
) -> Vec<(SignalKind, Option<IdentityId>)> {
    let Some(winner) = owner.and_then(|owner| all.iter().find(|candidate| candidate.person == owner.person)) else {
        return Vec::new();
    };
    let kinds = winner.signals.iter().map(|spoken| spoken.kind).filter(|kind| *kind != SignalKind::Operated);
    kinds
        .map(|kind| {
            let rest: Vec<Observation> =
                observations.iter().filter(|observation| observation.kind != kind).cloned().collect();
            let handover = handover::find(&rest);
            let named = decide(&candidates(census, thing, &rest, handover), &rest, handover, dead_ends);
            (kind, named.map(|owner| owner.person))
        })
        .collect()
}

/// Everybody for whom something speaks, with their probability, the likeliest first.
fn candidates(
    census: &Census,
    thing: IdentityId,
    observations: &[Observation],
    handover: Option<Handover>,
) -> Vec<Candidate> {
    let mut people: Vec<IdentityId> = observations.iter().map(|observation| observation.person).collect();
    people.sort_unstable();
    people.dedup();
    let prior = 1.0 / census.people();
    // An owner of whom nothing is seen neither made it nor, where others cared for it, cared for it.
    let cared_for = observations.iter().any(|observation| observation.kind == SignalKind::Maintained);
    let silent = if cared_for { UNSEEN * (1.0 - shown_by_owner(SignalKind::Maintained, 1)) } else { UNSEEN };
    let mut weighed: Vec<(f64, Candidate)> = people
        .into_iter()
        .map(|person| {
            let own: Vec<&Observation> =
                observations.iter().filter(|observation| observation.person == person).collect();
            let signals = spoken(census, thing, person, &own);
            let mut bits: f64 = signals.iter().map(|spoken| spoken.bits).sum();
            if handover.is_some_and(|handover| handover.to != person) {
                bits *= AFTER_HANDOVER;
            }
            let grade = signals.iter().map(|spoken| spoken.grade).max().unwrap_or(Grade::Weak);
            // Who only uses the thing is an owner of whom nothing is seen, like anybody else.
            let only_uses = signals.iter().all(|spoken| spoken.kind == SignalKind::Operated);
            let (prior, bits) = if only_uses { (prior * silent, bits * CONSUMING) } else { (prior, bits) };
            let chain = best(&own).map(|observation| observation.chain.clone()).unwrap_or_default();
            (prior * bits.exp2(), Candidate { person, confidence: 0.0, signals, grade, chain })
        })
        .collect();
    let unseen = (census.people() - weighed.len() as f64).max(0.0) * prior * silent;
    let total = NOBODY + unseen + weighed.iter().map(|(weight, _)| weight).sum::<f64>();
    for (weight, candidate) in &mut weighed {
        candidate.confidence = (*weight / total).min(MOST);
    }
    weighed.sort_by(|(left, one), (right, two)| right.total_cmp(left).then_with(|| one.person.cmp(&two.person)));
    weighed.into_iter().map(|(_, candidate)| candidate).collect()
}

/// What each kind of signal says for a person.
fn spoken(census: &Census, thing: IdentityId, person: IdentityId, own: &[&Observation]) -> Vec<Spoken> {
    let mut list = Vec::new();
    for kind in SignalKind::ALL {
        // Who makes or changes a thing also acts on it: the same deed is not interest besides.
        let counts = |observation: &&Observation| {
            let told = |other: &&Observation| other.kind < kind && other.cause == observation.cause;
            observation.kind == kind && (kind != SignalKind::Operated || !own.iter().any(told))
        };
        let mut of_kind: Vec<&Observation> = own.iter().copied().filter(counts).collect();
        of_kind.sort_unstable_by_key(|observation| (observation.at, observation.cause));
        let (Some(first), Some(last)) = (of_kind.first(), of_kind.last()) else { continue };
        let mut causes: Vec<(IdentityId, i64)> = of_kind.iter().map(|observation| observation.cause).collect();
        causes.sort_unstable();
        causes.dedup();
        let grade = of_kind.iter().map(|observation| observation.grade).max().unwrap_or(Grade::Weak);
        let share = of_kind.iter().map(|observation| observation.share).max().unwrap_or(WHOLE);
        let ratio = ratio(census, (thing, person), kind, causes.len(), share);
        let held = link_holds(grade);
        let records = of_kind.iter().filter_map(|observation| observation.chain.last()?.records.first().copied());
        list.push(Spoken {
            kind,
            bits: (held * ratio + (1.0 - held)).log2(),
            causes: causes.len(),
            grade,
            first: first.at,
            last: last.at,
            records: records.take(3).collect(),
        });
    }
    list
}

/// How much likelier it is that the owner shows this signal than that somebody else does.
fn ratio(
    census: &Census,
    (thing, person): (IdentityId, IdentityId),
    kind: SignalKind,
    causes: usize,
    share: u32,
) -> f64 {
    let owner = shown_by_owner(kind, causes);
    let (elsewhere, things) = census.elsewhere(person, kind);
    let chance = (1.0 - shown_by_owner(kind, 1)) / (census.people() - 1.0);
    // What names several names each by chance the likelier; but being named never speaks against anybody.
    let chance = (chance * f64::from(WHOLE) / f64::from(share.max(1))).min(owner.max(chance));
    // Doing it for many things says less of each; of a handful it says little about the person's habit.
    let habit = elsewhere / (things + 1.0) * (elsewhere / (elsewhere + 12.0));
    let mut others = chance.max(habit);
    let mut owner = owner;
    if kind == SignalKind::Deployed {
        let taken_over = census.taken_over(person, thing);
        let rate = taken_over / (elsewhere + 1.0);
        owner *= 1.0 - rate;
        others = others.max(rate);
    }
    owner / others
}

/// How often an owner shows a signal: assumed with care, until enough bundles with known owners have been seen.
fn shown_by_owner(kind: SignalKind, causes: usize) -> f64 {
    match kind {
        SignalKind::Corrected => 0.999,
        SignalKind::Deployed => 0.85,
        SignalKind::Inherited => 0.8,
        SignalKind::Maintained if causes > 1 => 0.7,
        SignalKind::Maintained => 0.4,
        SignalKind::Installed => 0.7,
        SignalKind::Issued => 0.6,
        SignalKind::Declared => 0.5,
        SignalKind::Operated => 0.3,
    }
}

/// How often a link of this grade is right.
const fn link_holds(grade: Grade) -> f64 {
    match grade {
        Grade::Proven => 0.995,
        Grade::Strong => 0.98,
        Grade::Likely => 0.85,
        Grade::Weak => 0.3,
    }
}

/// The observation that best shows what speaks for a person: one that can name them, the strongest kind, the best grade,
/// the first in time.
fn best<'o>(own: &[&'o Observation]) -> Option<&'o Observation> {
    own.iter().copied().min_by(|one, two| {
        let key = |observation: &Observation| {
            let weak = observation.grade == Grade::Weak;
            (weak, observation.kind, std::cmp::Reverse(observation.grade), observation.at)
        };
        key(one).cmp(&key(two)).then_with(|| one.cmp(two))
    })
}

/// People whom only a caller named: they are listed, with nothing for them.
fn named_by_callers(dead_ends: &[DeadEnd], known: &[Candidate]) -> Vec<Candidate> {
    let mut people: Vec<IdentityId> = Vec::new();
    for dead_end in dead_ends {
        people.extend(dead_end.claims.iter().map(|(person, _)| *person));
        if let Ending::Several(several) = &dead_end.end {
            people.extend(several);
        }
    }
    people.sort_unstable();
    people.dedup();
    people.retain(|person| known.iter().all(|candidate| candidate.person != *person));
    let none =
        |person| Candidate { person, confidence: 0.0, signals: Vec::new(), grade: Grade::Weak, chain: Vec::new() };
    people.into_iter().map(none).collect()
}

/// The owner, where one can be named.
fn decide(
    candidates: &[Candidate],
    observations: &[Observation],
    handover: Option<Handover>,
    dead_ends: &[DeadEnd],
) -> Option<Owner> {
    let first = candidates.first()?;
    let nameable = |spoken: &&Spoken| spoken.grade > Grade::Weak && spoken.kind != SignalKind::Operated;
    let basis = basis(first, handover, nameable)?;
    let second = candidates.get(1).map_or(0.0, |candidate| candidate.confidence);
    let corrected = first.signals.iter().any(|spoken| spoken.kind == SignalKind::Corrected);
    let mut confidence = first.confidence;
    if !corrected && (capped(first, observations, handover, basis) || unexplained_making(dead_ends)) {
        confidence = confidence.min(MOST_PROBABLE);
    }
    if basis.grade <= Grade::Likely && first.chain.first().is_some_and(|hop| hop.relation == Relation::Led) {
        confidence = confidence.min(MOST_POSSIBLE);
    }
    let verdict = Verdict::of(confidence)?;
    (first.confidence - second >= MARGIN).then_some(Owner {
        person: first.person,
        basis: basis.kind,
        confidence,
        verdict,
    })
}

/// What mainly speaks for a person. After a handover it is the care, not the making before it.
fn basis(candidate: &Candidate, handover: Option<Handover>, nameable: impl Fn(&&Spoken) -> bool) -> Option<&Spoken> {
    let taken_over = handover.is_some_and(|handover| handover.to == candidate.person);
    let mut signals = candidate.signals.iter().filter(nameable);
    let maintained = candidate.signals.iter().find(|spoken| spoken.kind == SignalKind::Maintained);
    maintained.filter(|_| taken_over).or_else(|| signals.next())
}

/// Whether the answer can be no more than probable: a hop that somebody could have made up, a single act with no other
/// trace, an inheritance, a handover by one pointing.
fn capped(first: &Candidate, observations: &[Observation], handover: Option<Handover>, basis: &Spoken) -> bool {
    let own = observations.iter().filter(|observation| observation.person == first.person);
    let mut causes: Vec<(IdentityId, i64)> = own
        .filter(|observation| observation.kind != SignalKind::Operated)
        .map(|observation| observation.cause)
        .collect();
    causes.sort_unstable();
    causes.dedup();
    basis.grade <= Grade::Likely
        || basis.kind == SignalKind::Inherited
        || causes.len() < 2
        || handover.is_some_and(|handover| handover.to == first.person && handover.by_pointing)
}

/// Whether the thing was made over a way that nobody can follow, so that somebody unseen may stand behind it. A vendor's
/// own service does what it does for whoever is seen elsewhere.
fn unexplained_making(dead_ends: &[DeadEnd]) -> bool {
    dead_ends.iter().any(|dead_end| dead_end.kind == SignalKind::Deployed && !dead_end.by_vendor)
}

/// Declared owners who are not the one named. A declaration that stands on many things says nothing.
fn disagreeing(
    census: &Census,
    observations: &[Observation],
    owner: IdentityId,
) -> Vec<(IdentityId, EvidenceId, When)> {
    let declared = observations.iter().filter(|observation| observation.kind == SignalKind::Declared);
    // A field of the system's own can hold several: whoever stands beside the owner does not contradict.
    let holds = |observation: &Observation| observation.person == owner && observation.grade >= Grade::Strong;
    if declared.clone().any(holds) {
        return Vec::new();
    }
    let informative = declared.filter(|observation| {
        let (elsewhere, things) = census.elsewhere(observation.person, SignalKind::Declared);
        observation.person != owner && elsewhere <= 2.0 + things * 0.2
    });
    informative
        .filter_map(|observation| Some((observation.person, observation.records().next()?, observation.at)))
        .collect()
}

/// Why nobody can be named.
fn whys(dead_ends: &[DeadEnd], observations: &[Observation], made_in_view: bool) -> Vec<Why> {
    let mut whys: Vec<Why> = Vec::new();
    let decisive = dead_ends.iter().filter(|dead_end| !made_in_view || dead_end.kind != SignalKind::Maintained);
    for dead_end in decisive {
        let codes: &[WhyCode] = match &dead_end.end {
            Ending::Machine(_) if dead_end.kind == SignalKind::Deployed => {
                &[WhyCode::MachineOnly, WhyCode::BornOwnerless]
            }
            Ending::Machine(_) => &[WhyCode::MachineOnly],
            Ending::Shared(_) => &[WhyCode::SharedCredential],
            Ending::Outside(_) => &[WhyCode::ThirdPartyOperated],
            Ending::Several(_) | Ending::Broken(_) => &[WhyCode::ChainBroken],
        };
        let claimed = (!dead_end.claims.is_empty()).then_some(&WhyCode::SelfAsserted);
        for code in codes.iter().chain(claimed) {
            let record = dead_end
                .claims
                .first()
                .filter(|_| *code == WhyCode::SelfAsserted)
                .map_or(dead_end.record, |(_, record)| *record);
            add(&mut whys, *code, dead_end.at, record);
        }
    }
    for weak in observations.iter().filter(|observation| observation.grade == Grade::Weak) {
        if let Some(record) = weak.records().next() {
            add(&mut whys, WhyCode::SelfAsserted, weak.at, record);
        }
    }
    if !made_in_view {
        whys.push(Why { code: WhyCode::BeforeLogWindow, at: None, records: Vec::new() });
    }
    whys.sort_unstable();
    whys
}

fn add(whys: &mut Vec<Why>, code: WhyCode, at: When, record: EvidenceId) {
    match whys.iter_mut().find(|why| why.code == code) {
        Some(why) => {
            why.at = why.at.min(Some(at)).or(Some(at));
            why.records.push(record);
            why.records.sort_unstable();
            why.records.dedup();
        }
        None => whys.push(Why { code, at: Some(at), records: vec![record] }),
    }
}
