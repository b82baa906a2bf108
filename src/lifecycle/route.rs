//! Who is asked next: a ranked proposal, with the reason for each. It is never in force by itself.

use super::people::{Presence, Roster};
use super::status::{Reason, ReasonCode, Status};
use crate::attribution::Ground;
use crate::attribution::decision::{Attribution, Candidate, Owner};
use crate::attribution::evidence::SignalKind;
use crate::base::time::Instant;
use crate::identity::IdentityId;
use crate::identity::kind::Kind;

/// Somebody to ask, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// Whom.
    pub person: IdentityId,
    /// Why.
    pub why: Why,
}

/// Why somebody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// Owns it, and is there.
    Owner,
    /// The owner came back after having left.
    ReturnedOwner,
    /// Led the team that owned it, and is somewhere else now.
    TeamLead,
    /// Looks after it, too, by the evidence.
    CoMaintainer,
    /// Was the owner's manager when they left.
    ManagerAtDeparture,
    /// Is the manager of the manager, or further up, the nearest who is there.
    ManagerAbove,
    /// Manages the owner, who is away.
    StandIn,
    /// Is the owner's manager now.
    NewManager,
    /// Was the owner's manager in the old team.
    OldManager,
    /// Changed the thing once.
    ChangedIt,
    /// Is among those for whom something speaks.
    Candidate,
}

impl Why {
    /// Every reason, in order: the closed list of the schema.
    pub const ALL: [Self; 11] = [
        Self::Owner,
        Self::ReturnedOwner,
        Self::TeamLead,
        Self::CoMaintainer,
        Self::ManagerAtDeparture,
        Self::ManagerAbove,
        Self::StandIn,
        Self::NewManager,
        Self::OldManager,
        Self::ChangedIt,
        Self::Candidate,
    ];

    /// The word for it, as machine output writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::ReturnedOwner => "returned-owner",
            Self::TeamLead => "team-lead",
            Self::CoMaintainer => "co-maintainer",
            Self::ManagerAtDeparture => "manager-at-departure",
            Self::ManagerAbove => "manager-above",
            Self::StandIn => "stand-in",
            Self::NewManager => "new-manager",
            Self::OldManager => "old-manager",
            Self::ChangedIt => "changed-it",
            Self::Candidate => "candidate",
        }
    }
}

/// How far up a line of managers is followed; longer lines are loops.
const LONGEST_LINE: usize = 12;

/// Who is asked about a thing that has an owner.
pub(super) fn of_owner(
    ground: Ground<'_>,
    people: &Roster,
    attribution: &Attribution,
    owner: Owner,
    status: Status,
    reasons: &[Reason],
) -> Vec<Asked> {
    let mut route = Route { ground, people, asked: Vec::new(), except: None };
    let (presence, _) = people.presence(owner.person, ground.as_of);
    match status {
        Status::Owned => route.ask(owner.person, Why::Owner),
        Status::Orphaned => {
            let led = reasons.iter().any(|reason| reason.code == ReasonCode::TeamDissolved);
            if presence == Presence::Active {
                route.ask(owner.person, if led { Why::TeamLead } else { Why::ReturnedOwner });
            }
            route.except = Some(owner.person);
            let left = reasons.iter().find_map(|reason| reason.at).unwrap_or(ground.as_of);
            route.co_maintainers(attribution);
            let above = if led { Why::ManagerAbove } else { Why::ManagerAtDeparture };
            route.managers(owner.person, left, above);
            route.others(attribution);
        }
        Status::Review | Status::Unattributed => {
            if presence == Presence::Unavailable {
                route.except = Some(owner.person);
                route.managers(owner.person, ground.as_of, Why::StandIn);
                route.co_maintainers(attribution);
            } else {
                route.ask(owner.person, Why::Owner);
                route.except = Some(owner.person);
                route.managers(owner.person, ground.as_of, Why::NewManager);
            }
        }
    }
    route.asked
}

/// Who is asked about a thing that nobody is known to own: those for whom something speaks.
pub(super) fn of_candidates(ground: Ground<'_>, people: &Roster, attribution: &Attribution) -> Vec<Asked> {
    let mut route = Route { ground, people, asked: Vec::new(), except: None };
    for candidate in &attribution.candidates {
        route.ask(candidate.person, Why::Candidate);
    }
    route.asked
}

struct Route<'a> {
    ground: Ground<'a>,
    people: &'a Roster,
    asked: Vec<Asked>,
    except: Option<IdentityId>,
}

impl Route<'_> {
    /// Adds a person who can answer: human, there (or at least not known to be away), not yet on the list.
    fn ask(&mut self, person: IdentityId, why: Why) {
        let (presence, _) = self.people.presence(person, self.ground.as_of);
        let there = matches!(presence, Presence::Active | Presence::Unknown);
        let new = self.except != Some(person) && self.asked.iter().all(|asked| asked.person != person);
        if there && new && self.ground.identities.kind(person) == Kind::Person {
            self.asked.push(Asked { person, why });
        }
    }

    fn co_maintainers(&mut self, attribution: &Attribution) {
        let twice = |candidate: &&Candidate| {
            candidate.signals.iter().any(|spoken| {
                matches!(spoken.kind, SignalKind::Deployed | SignalKind::Maintained) && spoken.causes >= 2
            })
        };
        for candidate in attribution.candidates.iter().filter(twice) {
            self.ask(candidate.person, Why::CoMaintainer);
        }
    }

    fn others(&mut self, attribution: &Attribution) {
        for candidate in &attribution.candidates {
            let changed = candidate
                .signals
                .iter()
                .any(|spoken| matches!(spoken.kind, SignalKind::Deployed | SignalKind::Maintained));
            if changed {
                self.ask(candidate.person, Why::ChangedIt);
            }
        }
    }

    /// The manager at an instant, and where that one is not there, the nearest above who is.
    fn managers(&mut self, person: IdentityId, at: Instant, why: Why) {
        let (mut person, mut why) = (person, why);
        for _ in 0..LONGEST_LINE {
            let Some(manager) = self.manager(person, at) else { return };
            let before = self.asked.len();
            self.ask(manager, why);
            if self.asked.len() > before || self.asked.iter().any(|asked| asked.person == manager) {
                return;
            }
            (person, why) = (manager, Why::ManagerAbove);
        }
    }

    fn manager(&self, person: IdentityId, at: Instant) -> Option<IdentityId> {
        let (handle, _) = self.people.manager(person, at)?;
        self.people.person_meant(self.ground, handle, at)
    }
}
