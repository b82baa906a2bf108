//! The links of the lineage: how an effect follows from its cause.

use crate::base::origin::EvidenceId;
use crate::base::time::When;
use crate::identity::grade::Grade;

/// A link from an effect to its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// How the effect follows.
    pub relation: Relation,
    /// How sure that is.
    pub grade: Grade,
    /// When.
    pub at: When,
    /// The record that says so.
    pub record: EvidenceId,
    /// The record that says so together with it, where it takes two.
    pub also: Option<EvidenceId>,
}

impl Link {
    /// A link that one record proves.
    #[must_use]
    pub const fn new(relation: Relation, grade: Grade, at: When, record: EvidenceId) -> Self {
        Self { relation, grade, at, record, also: None }
    }

    /// The records, the cause's first.
    pub fn records(&self) -> impl Iterator<Item = EvidenceId> {
        self.also.into_iter().chain([self.record])
    }
}

/// The relations that a chain is made of, each said of the cause: "signed in", "assumed", "deployed".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// A person signed in at a directory and went on to an app.
    SignedIn,
    /// The platform named the session after the person who opened it. Wrong only when the platform's directory
    /// maps a sign-in to somebody else's user.
    Opened,
    /// The provider stamps the person's delegation on the session's records.
    Delegated,
    /// An assertion of an identity provider was exchanged for the session.
    Federated,
    /// A role was assumed with the credentials of another session or key.
    Assumed,
    /// A session was made from a key of the same principal.
    Renewed,
    /// A role was switched to in a console; the record names the session before by its name alone.
    Switched,
    /// The session or key that was used is the one that was issued: same principal, same name, same second of its start.
    /// Wrong when two callers chose one name in one second; then both are linked and the walk names nobody.
    SameSession,
    /// The key of this principal was used.
    HeldKey,
    /// The run of a pipeline that the session was issued for: same repository, same environment or branch, and the
    /// run was under way. Wrong when a run is missing from the records; where several runs fit, all are linked.
    RanAs,
    /// A person started the run.
    Started,
    /// Wrote the change that the run, or what was made, is at.
    Authored,
    /// Let the change in: a witness, and the nearest human where a machine wrote it.
    Merged,
    /// A service opened the session to do what this caller had asked for: same role, within minutes. Two callers at
    /// the same time cannot be told apart; then both are linked.
    Asked,
    /// The platform says which workload holds the session.
    Holds,
    /// The service opened the session for the only thing that runs as this role.
    RunsAs,
    /// Whoever opened the first session of the chain wrote this name into it.
    SourceIdentity,
    /// The caller gave the session this name.
    CalledItself,
    /// Made the thing.
    Deployed,
    /// Changed the thing.
    Updated,
    /// Pointed an alias or endpoint at the thing.
    Pointed,
    /// Issued the credential.
    Issued,
    /// Handed the thing over.
    HandedOver,
    /// Ended the thing.
    Ended,
    /// Runs, calls or reads the thing.
    Operates,
    /// The thing is a part of this, by the platform's own word.
    PartOf,
    /// The thing depends on this.
    DependsOn,
    /// The device is enrolled to this person, as those who administer devices wrote down.
    Enrolled,
    /// The thing is set up in the home of this account.
    Installed,
    /// The thing's configuration holds this credential.
    LivesOn,
    /// A person was written down as the owner.
    Declared,
    /// The owner of the thing that made it answers for it.
    Inherited,
    /// Led the team, until it was dissolved.
    Led,
}

impl Relation {
    /// The word for it, as machine output writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::Opened => "opened",
            Self::Delegated => "delegated",
            Self::Federated => "federated",
            Self::Assumed => "assumed",
            Self::Renewed => "renewed",
            Self::Switched => "switched",
            Self::SameSession => "same-session",
            Self::HeldKey => "held-key",
            Self::RanAs => "ran-as",
            Self::Started => "started",
            Self::Authored => "authored",
            Self::Merged => "merged",
            Self::Asked => "asked",
            Self::Holds => "holds",
            Self::RunsAs => "runs-as",
            Self::SourceIdentity => "source-identity",
            Self::CalledItself => "called-itself",
            Self::Deployed => "deployed",
            Self::Updated => "updated",
            Self::Pointed => "pointed",
            Self::Issued => "issued",
            Self::HandedOver => "handed-over",
            Self::Ended => "ended",
            Self::Operates => "operates",
            Self::PartOf => "part-of",
            Self::DependsOn => "depends-on",
            Self::Enrolled => "enrolled",
            Self::Installed => "installed",
            Self::LivesOn => "lives-on",
            Self::Declared => "declared",
            Self::Inherited => "inherited",
            Self::Led => "led",
        }
    }

    /// Every relation, in order: the closed list of the schema.
    pub const ALL: [Self; 33] = [
        Self::SignedIn,
        Self::Opened,
        Self::Delegated,
        Self::Federated,
        Self::Assumed,
        Self::Renewed,
        Self::Switched,
        Self::SameSession,
        Self::HeldKey,
        Self::RanAs,
        Self::Started,
        Self::Authored,
        Self::Merged,
        Self::Asked,
        Self::Holds,
        Self::RunsAs,
        Self::SourceIdentity,
        Self::CalledItself,
        Self::Deployed,
        Self::Updated,
        Self::Pointed,
        Self::Issued,
        Self::HandedOver,
        Self::Ended,
        Self::Operates,
        Self::PartOf,
        Self::DependsOn,
        Self::Enrolled,
        Self::Installed,
        Self::LivesOn,
        Self::Declared,
        Self::Inherited,
        Self::Led,
    ];
}
