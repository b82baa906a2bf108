//! What speaks for a person: observations, each with its chain.

use crate::base::origin::EvidenceId;
use crate::base::time::{Instant, When};
use crate::identity::IdentityId;
use crate::identity::grade::Grade;
use crate::lineage::walk::Hop;

/// The kinds of ownership signals, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignalKind {
    /// A reviewed correction names the person.
    Corrected,
    /// The person brought the thing into being, by their own session or through automation.
    Deployed,
    /// The person changed the thing.
    Maintained,
    /// The person runs the thing under their own account, or it is set up in their home, on a machine of theirs.
    Installed,
    /// The person was issued, or issued themselves, the credential that the thing is.
    Issued,
    /// Somebody wrote the person down as the owner.
    Declared,
    /// The person is accountable for the thing that made this one.
    Inherited,
    /// The person runs or calls the thing. Consumption makes nobody an owner; it only speaks for one who also does more.
    Operated,
}

impl SignalKind {
    /// Every kind, strongest first.
    pub const ALL: [Self; 8] = [
        Self::Corrected,
        Self::Deployed,
        Self::Maintained,
        Self::Installed,
        Self::Issued,
        Self::Declared,
        Self::Inherited,
        Self::Operated,
    ];

    /// The word for it, as machine output writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Corrected => "corrected",
            Self::Deployed => "deployed",
            Self::Maintained => "maintained",
            Self::Installed => "installed",
            Self::Issued => "issued",
            Self::Declared => "declared",
            Self::Inherited => "inherited",
            Self::Operated => "operated",
        }
    }
}

/// The share of who is meant alone.
pub const WHOLE: u32 = 100;

/// One thing that speaks for a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Observation {
    /// For whom it speaks.
    pub person: IdentityId,
    /// What kind of signal it is.
    pub kind: SignalKind,
    /// When.
    pub at: When,
    /// The grade of the whole chain.
    pub grade: Grade,
    /// The chain from the person to the thing.
    pub chain: Vec<Hop>,
    /// What caused it: observations of one cause are one observation. Whose cause it is, and the day.
    pub cause: (IdentityId, i64),
    /// Whether it put the thing into production or handed it over: a single one can pass ownership on.
    pub points: bool,
    /// How far it means this person and nobody else, in hundredths: whoever is one of several is meant the less.
    pub share: u32,
}

impl Observation {
    /// The records of the chain, from the human to the thing.
    pub fn records(&self) -> impl Iterator<Item = EvidenceId> {
        self.chain.iter().flat_map(|hop| hop.records.iter().copied())
    }

    /// When it happened.
    #[must_use]
    pub fn instant(&self) -> Option<Instant> {
        self.at.instant()
    }
}

/// Why a way to a human ended without one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeadEnd {
    /// What was made or changed through it, in which way.
    pub kind: SignalKind,
    /// Where the way ended.
    pub end: Ending,
    /// The record that would have shown who.
    pub record: EvidenceId,
    /// When.
    pub at: When,
    /// What led from there to the thing.
    pub chain: Vec<Hop>,
    /// Whether it ended at a service that a vendor operates.
    pub by_vendor: bool,
    /// People whom a caller named on the way.
    pub claims: Vec<(IdentityId, EvidenceId)>,
}

/// The ways of ending without a human.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// At a machine that nobody is known to answer for.
    Machine(IdentityId),
    /// At several people who cannot be told apart.
    Several(Vec<IdentityId>),
    /// At an identity that several things share: which of them acted cannot be told.
    Shared(IdentityId),
    /// At another company, of which nobody knows who let it in.
    Outside(IdentityId),
    /// At a session or principal of which no record says where it came from.
    Broken(IdentityId),
}

/// Everything that was observed of a thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// What speaks for people.
    pub observations: Vec<Observation>,
    /// The ways that ended without one.
    pub dead_ends: Vec<DeadEnd>,
    /// Whether its making is in the records.
    pub made_in_view: bool,
    /// The groups that are written down as its owner.
    pub teams: Vec<IdentityId>,
}
