//! The state of an answer, with its reasons.

use super::people::{Presence, Roster};
use super::route::{self, Asked};
use crate::attribution::Ground;
use crate::attribution::decision::{Attribution, Owner, WhyCode};
use crate::attribution::evidence::SignalKind;
use crate::attribution::things::Thing;
use crate::base::origin::EvidenceId;
use crate::base::time::{Instant, When};
use crate::identity::IdentityId;
use crate::lineage::link::Relation;

/// The state of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The accountable human is known, and their time has ended.
    Orphaned,
    /// The evidence does not name a human.
    Unattributed,
    /// Somebody should look.
    Review,
    /// A current human.
    Owned,
}

impl Status {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owned => "owned",
            Self::Review => "review",
            Self::Orphaned => "orphaned",
            Self::Unattributed => "unattributed",
        }
    }
}

/// Why an answer has its state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// The reason.
    pub code: ReasonCode,
    /// Since when.
    pub at: Option<Instant>,
    /// The records.
    pub records: Vec<EvidenceId>,
}

/// The reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonCode {
    /// The owner's employment or account ended.
    OwnerLeft,
    /// The owner's contract ended.
    ContractEnded,
    /// The owner is away for now.
    OwnerUnavailable,
    /// The owner went to another team.
    OwnerMoved,
    /// The owner has another manager.
    ManagerChanged,
    /// The team that it was of is dissolved.
    TeamDissolved,
    /// Somebody else is written down as the owner.
    DeclaredDisagrees,
    /// No directory of the bundle knows the owner.
    UnknownToIdp,
    /// Its making is in the records, and no human stands behind it.
    BornOwnerless,
    /// It was made before the records begin.
    BeforeLogWindow,
    /// The walk ends at a machine.
    MachineOnly,
    /// The identity that acted is shared by several.
    SharedCredential,
    /// The walk breaks.
    ChainBroken,
    /// The only name is one that the caller could choose.
    SelfAsserted,
    /// Another company operates it.
    ThirdPartyOperated,
}

impl ReasonCode {
    /// Every reason, in order: the closed list of the schema.
    pub const ALL: [Self; 15] = [
        Self::OwnerLeft,
        Self::ContractEnded,
        Self::OwnerUnavailable,
        Self::OwnerMoved,
        Self::ManagerChanged,
        Self::TeamDissolved,
        Self::DeclaredDisagrees,
        Self::UnknownToIdp,
        Self::BornOwnerless,
        Self::BeforeLogWindow,
        Self::MachineOnly,
        Self::SharedCredential,
        Self::ChainBroken,
        Self::SelfAsserted,
        Self::ThirdPartyOperated,
    ];

    /// The word for it, as machine output writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::OwnerLeft => "owner-left",
            Self::ContractEnded => "contract-ended",
            Self::OwnerUnavailable => "owner-unavailable",
            Self::OwnerMoved => "owner-moved",
            Self::ManagerChanged => "manager-changed",
            Self::TeamDissolved => "team-dissolved",
            Self::DeclaredDisagrees => "declared-disagrees",
            Self::UnknownToIdp => "unknown-to-idp",
            Self::BornOwnerless => "born-ownerless",
            Self::BeforeLogWindow => "before-log-window",
            Self::MachineOnly => "machine-only",
            Self::SharedCredential => "shared-credential",
            Self::ChainBroken => "chain-broken",
            Self::SelfAsserted => "self-asserted",
            Self::ThirdPartyOperated => "third-party-operated",
        }
    }
}

/// A judged attribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The thing.
    pub thing: IdentityId,
    /// Its state.
    pub status: Status,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Whether the owner is there, and since when that is so.
    pub presence: Option<(Presence, Option<When>)>,
    /// Who is asked next, the first first.
    pub route: Vec<Asked>,
}

/// Judges an attribution at the time to answer for.
pub(super) fn judge(ground: Ground<'_>, people: &Roster, thing: &Thing, attribution: &Attribution) -> Finding {
    let Some(owner) = attribution.owner else { return unattributed(ground, people, thing, attribution) };
    let (presence, change) = people.presence(owner.person, ground.as_of);
    let mut reasons = Vec::new();
    let gone = gone(ground, people, attribution, owner);
    let team = team_led(attribution, owner);
    match presence {
        Presence::Left | Presence::Active | Presence::Unavailable if gone.is_some() => reasons.extend(gone),
        Presence::Unavailable => reasons.push(Reason {
            code: ReasonCode::OwnerUnavailable,
            at: change.and_then(|change| change.at.instant()),
            records: change.map(|change| change.record).into_iter().collect(),
        }),
        Presence::Unknown => {
            reasons.push(Reason { code: ReasonCode::UnknownToIdp, at: None, records: Vec::new() });
        }
        Presence::Active | Presence::Left => reasons.extend(moved(ground, people, attribution, owner)),
    }
    reasons.extend(disagreement(attribution));
    reasons.extend(team.clone());
    reasons.sort_unstable();
    reasons.dedup_by_key(|reason| reason.code);
    let orphaned = |reason: &Reason| match reason.code {
        ReasonCode::OwnerLeft | ReasonCode::ContractEnded => true,
        // Who made a thing can answer for it in another team; who only led the team that had it answers for that team.
        ReasonCode::TeamDissolved => team.is_some(),
        _ => false,
    };
    let status = match reasons.as_slice() {
        [] => Status::Owned,
        some if some.iter().any(orphaned) => Status::Orphaned,
        _ => Status::Review,
    };
    let route = route::of_owner(ground, people, attribution, owner, status, &reasons);
    let presence = Some((presence, change.map(|change| change.at)));
    Finding { thing: thing.id, status, reasons, presence, route }
}

/// The dissolved team whose last lead the owner was, where that is why they are named.
fn team_led(attribution: &Attribution, owner: Owner) -> Option<Reason> {
    let candidate = attribution.candidates.iter().find(|candidate| candidate.person == owner.person)?;
    let hop = candidate.chain.first().filter(|hop| hop.relation == Relation::Led)?;
    Some(Reason { code: ReasonCode::TeamDissolved, at: hop.at.instant(), records: hop.records.clone() })
}

/// Whether the owner's time has ended. Who came back is not the owner again by that alone: only by an act after it.
fn gone(ground: Ground<'_>, people: &Roster, attribution: &Attribution, owner: Owner) -> Option<Reason> {
    let (presence, change) = people.presence(owner.person, ground.as_of);
    let change = match presence {
        Presence::Left => change?,
        _ => {
            let (left, back) = people.returned(owner.person, ground.as_of)?;
            if left.presence != Presence::Left || acted_since(attribution, owner.person, back.at) {
                return None;
            }
            left
        }
    };
    let contract = change.contract || people.is_contractor(owner.person);
    let code = if contract { ReasonCode::ContractEnded } else { ReasonCode::OwnerLeft };
    Some(Reason { code, at: change.at.instant(), records: vec![change.record] })
}

fn acted_since(attribution: &Attribution, person: IdentityId, since: When) -> bool {
    let candidate = attribution.candidates.iter().find(|candidate| candidate.person == person);
    candidate.is_some_and(|candidate| candidate.signals.iter().any(|spoken| spoken.last >= since))
}

/// Whether the owner went to another team or got another manager since they last did something to the thing.
fn moved(ground: Ground<'_>, people: &Roster, attribution: &Attribution, owner: Owner) -> Vec<Reason> {
    let Some(last) = last_act(attribution, owner) else { return Vec::new() };
    let span = (last, ground.as_of);
    let team = people.team_changed(ground, owner.person, span);
    if let Some((then, now, record)) = team
        && !people.unit_moved(ground, owner.person, then, now)
    {
        let moved = Reason { code: ReasonCode::OwnerMoved, at: None, records: vec![record] };
        let dissolved = people.dissolved(then, ground.as_of).map(|(at, record)| Reason {
            code: ReasonCode::TeamDissolved,
            at: at.instant(),
            records: vec![record],
        });
        return std::iter::once(moved).chain(dissolved).collect();
    }
    match people.manager_changed(ground, owner.person, span) {
        Some((.., record)) if team.is_none() => {
            vec![Reason { code: ReasonCode::ManagerChanged, at: None, records: vec![record] }]
        }
        _ => Vec::new(),
    }
}

/// The last time that the owner did something to the thing, rather than use it.
fn last_act(attribution: &Attribution, owner: Owner) -> Option<Instant> {
    let candidate = attribution.candidates.iter().find(|candidate| candidate.person == owner.person)?;
    let acts = candidate.signals.iter().filter(|spoken| spoken.kind != SignalKind::Operated);
    acts.filter_map(|spoken| spoken.last.happened()).max()
}

fn disagreement(attribution: &Attribution) -> Option<Reason> {
    let (_, _, at) = attribution.disagreeing.first()?;
    let mut records: Vec<EvidenceId> = attribution.disagreeing.iter().map(|(_, record, _)| *record).collect();
    records.sort_unstable();
    records.dedup();
    Some(Reason { code: ReasonCode::DeclaredDisagrees, at: at.instant(), records })
}

fn unattributed(ground: Ground<'_>, people: &Roster, thing: &Thing, attribution: &Attribution) -> Finding {
    let code = |code| match code {
        WhyCode::BeforeLogWindow => ReasonCode::BeforeLogWindow,
        WhyCode::BornOwnerless => ReasonCode::BornOwnerless,
        WhyCode::ChainBroken => ReasonCode::ChainBroken,
        WhyCode::MachineOnly => ReasonCode::MachineOnly,
        WhyCode::SelfAsserted => ReasonCode::SelfAsserted,
        WhyCode::SharedCredential => ReasonCode::SharedCredential,
        WhyCode::ThirdPartyOperated => ReasonCode::ThirdPartyOperated,
    };
    let whys = attribution.whys.iter();
    let mut reasons: Vec<Reason> = whys
        .map(|why| Reason { code: code(why.code), at: why.at.and_then(When::instant), records: why.records.clone() })
        .collect();
    reasons.sort_unstable();
    let route = route::of_candidates(ground, people, attribution);
    Finding { thing: thing.id, status: Status::Unattributed, reasons, presence: None, route }
}
