//! What attribution says of a thing: candidates with what speaks for each, and the owner, or why there is none.

use super::evidence::{DeadEnd, SignalKind};
use super::handover::Handover;
use crate::base::origin::EvidenceId;
use crate::base::time::When;
use crate::identity::IdentityId;
use crate::identity::grade::Grade;
use crate::lineage::walk::Hop;

/// The conclusion about a thing, with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// The thing.
    pub thing: IdentityId,
    /// Everybody for whom something speaks, the likeliest first.
    pub candidates: Vec<Candidate>,
    /// The owner, where one can be named.
    pub owner: Option<Owner>,
    /// Why nobody can be named; empty where somebody is.
    pub whys: Vec<Why>,
    /// The last time ownership passed from one person to another.
    pub handover: Option<Handover>,
    /// The declared owners who are not the one named, where the declaration says something.
    pub disagreeing: Vec<(IdentityId, EvidenceId, When)>,
    /// The ways that ended without a human.
    pub dead_ends: Vec<DeadEnd>,
    /// The groups that are written down as the owner.
    pub teams: Vec<IdentityId>,
    /// Who would be named without a kind of signal that speaks for the owner.
    pub without: Vec<(SignalKind, Option<IdentityId>)>,
}

impl Attribution {
    /// Who would be named without a kind of signal.
    #[must_use]
    pub fn named_without(&self, kind: SignalKind) -> Option<IdentityId> {
        self.without.iter().find(|(without, _)| *without == kind).and_then(|(_, person)| *person)
    }
}

/// The owner of a thing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Owner {
    /// Who.
    pub person: IdentityId,
    /// What mainly speaks for them.
    pub basis: SignalKind,
    /// How likely it is that they are accountable.
    pub confidence: f64,
    /// The word for it: the lower of the number's and the weakest hop's.
    pub verdict: Verdict,
}

/// How sure an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// At least 0.50.
    Possible,
    /// At least 0.80.
    Probable,
    /// At least 0.95, over a chain without a likely or weak hop.
    Confirmed,
}

impl Verdict {
    /// The word of a probability; `None` below one half.
    #[must_use]
    pub fn of(confidence: f64) -> Option<Self> {
        match confidence {
            c if c >= 0.95 => Some(Self::Confirmed),
            c if c >= 0.80 => Some(Self::Probable),
            c if c >= 0.50 => Some(Self::Possible),
            _ => None,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Probable => "probable",
            Self::Confirmed => "confirmed",
        }
    }
}

/// Somebody for whom something speaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Who.
    pub person: IdentityId,
    /// How likely it is that they are accountable.
    pub confidence: f64,
    /// What speaks for them.
    pub signals: Vec<Spoken>,
    /// The best grade that what speaks for them has.
    pub grade: Grade,
    /// The chain that best shows it, from the human to the thing.
    pub chain: Vec<Hop>,
}

/// What one kind of signal says for a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    /// The kind.
    pub kind: SignalKind,
    /// What it is worth in this bundle, in bits: twice as likely for an owner is one bit.
    pub bits: f64,
    /// How many separate causes there were.
    pub causes: usize,
    /// The best grade among them.
    pub grade: Grade,
    /// The first and last time.
    pub first: When,
    /// See [`Self::first`].
    pub last: When,
    /// The records, of at most three causes.
    pub records: Vec<EvidenceId>,
}

/// Why nobody can be named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Why {
    /// The reason.
    pub code: WhyCode,
    /// Since when, where it has a time.
    pub at: Option<When>,
    /// The records.
    pub records: Vec<EvidenceId>,
}

/// The reasons for naming nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhyCode {
    /// It was made before the records begin.
    BeforeLogWindow,
    /// Its making is in the records, and no human stands behind it.
    BornOwnerless,
    /// The walk breaks: a record that would continue it is missing.
    ChainBroken,
    /// The walk ends at a machine.
    MachineOnly,
    /// The only name is one that the caller could choose.
    SelfAsserted,
    /// The identity that acted is shared by several.
    SharedCredential,
    /// Another company operates it, and nobody is known who let it in.
    ThirdPartyOperated,
}
