//! Claims: what one record says, in eight sentences. If another seems needed, first try to say it with these.
//!
//! `Tied` (a system says so) stays apart from a join (we conclude so); `Declared` (someone wrote so) apart from *owned*
//! (we conclude so); permitted (`Granted`) apart from observed (`Became`, `Did`).

use super::handle::HandleId;
use crate::base::origin::EvidenceId;
use crate::base::time::When;

/// What holds while it is seen: repeated claims of this kind are folded into one, with its first and last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// One system itself puts two handles together.
    Tied {
        /// The first handle.
        a: HandleId,
        /// The second handle.
        b: HandleId,
        /// How they belong together.
        tie: Tie,
    },
    /// A detail of someone or something.
    Described {
        /// Whom it describes.
        who: HandleId,
        /// Which detail.
        detail: Detail,
        /// Its value, a word.
        value: HandleId,
    },
    /// Someone acted from this network address.
    CameFrom {
        /// Who acted.
        who: HandleId,
        /// The address.
        from: HandleId,
    },
}

/// What happened once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// Brought a principal, credential or agent into being, or changed it.
    Made {
        /// Who did it.
        by: HandleId,
        /// What was made or changed.
        made: HandleId,
        /// In which way.
        how: Making,
    },
    /// Allowed something, or took it back.
    Granted {
        /// Who allowed it; a snapshot does not say.
        by: Option<HandleId>,
        /// Who may do it now, or no longer.
        to: HandleId,
        /// What: a policy, a role, an app.
        what: HandleId,
        /// Whether it was given or taken.
        how: Granting,
    },
    /// Acted as another, or obtained a session or token.
    Became {
        /// Who asked.
        by: HandleId,
        /// What it became or obtained.
        into: HandleId,
        /// In which way.
        how: Becoming,
    },
    /// Someone wrote down an owner.
    Declared {
        /// Who is said to own it.
        owner: HandleId,
        /// What is said to be owned.
        owned: HandleId,
        /// Where it was written.
        how: Declaring,
        /// Who wrote it, where the record says so.
        by: Option<HandleId>,
    },
    /// A principal, credential or person stopped.
    Ended {
        /// Who or what stopped.
        who: HandleId,
        /// Who ended it, where the record says so.
        by: Option<HandleId>,
        /// In which way.
        how: Ending,
    },
}

/// An act: repeated acts are folded, with first and last time and a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Act {
    /// Who acted: the credential or session, else the principal.
    pub by: HandleId,
    /// What was done, a word: `service:Operation`.
    pub action: HandleId,
    /// On what; `None` where the record names no resource.
    pub on: Option<HandleId>,
    /// Whether it succeeded.
    pub outcome: Outcome,
    /// The delegation it used, where the record names one.
    pub on_behalf_of: Option<HandleId>,
}

/// How two handles belong together, in the words of the system that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tie {
    /// `a` is the lasting id and `b` the name of one thing, for as long as this is seen.
    Named,
    /// Two lasting ids of one person (a provisioning id, `externalId`).
    SamePerson,
    /// Two names of one session.
    SameSession,
    /// Session, agent or workload `a` acts as principal `b`.
    RunsAs,
    /// The platform says that session `a` is held by workload `b`.
    HeldBy,
    /// Session `a` carries the delegation of user `b`, stamped by the provider.
    OnBehalfOf,
    /// Session `a` was named after user `b` by the platform that issued it, not by the caller.
    IssuedTo,
    /// Session `a` carries source identity `b`, set by whoever opened the first session of its chain.
    SourceIdentity,
    /// Session `a` was called `b` by its caller, who could have chosen any name.
    CalledItself,
    /// Session `a` was issued for subject or repository `b`.
    IssuedFor,
    /// `a` is a part of `b` (a session of a sign-in, a run of a repository, an agent of a stack).
    PartOf,
    /// `a` uses or depends on `b`.
    DependsOn,
    /// User `a` reports to `b`, or team `a` is led by `b`.
    ReportsTo,
    /// User `a` is a member of team `b`.
    MemberOf,
    /// Thing `a` is set up in the home of local account `b`: there its configuration lies. Whoever can write there could
    /// have put it there.
    InstalledFor,
    /// The configuration of thing `a` holds credential `b`, or what names it.
    Holds,
    /// Device `a` is enrolled to user `b`, as those who administer devices wrote down.
    EnrolledTo,
}

/// A detail that a record gives of someone or something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// A name for people to read.
    DisplayName,
    /// What kind of thing it is (`bedrock-agent`, `iam-user`).
    Kind,
    /// A person's state: `active`, `unavailable` or `left`. Nothing finer is ever read.
    Status,
    /// A person's state by the employer's own records: `active`, `unavailable` or `left`. It says more than a status.
    Employment,
    /// The state of an account in a directory that another directory fills: `enabled` or `disabled`. It says less about
    /// the person than a status does.
    AccountState,
    /// What kind of user it is, as the directory says (`contractor`, `service`).
    UserType,
    /// Client software, as the client itself says.
    Software,
    /// A tag, as `key=value`.
    Tag,
    /// A deployment environment.
    Environment,
    /// A branch or tag of a repository.
    Branch,
    /// What started a run (`push`, `workflow_dispatch`, `schedule`).
    Trigger,
    /// The commit a run or an artefact was built from.
    Commit,
    /// A person was present: a console sign-in, a password, a second factor.
    Presence,
    /// The system says that it is no human (`bot`, `app`, `agent`).
    Machine,
    /// When it was made, by its own record.
    Born,
    /// When it was last used, by its own record.
    LastUsed,
    /// Whether a credential can be used: `active` or `inactive`.
    CredentialState,
    /// The vendor's own service operates it (a service-linked role).
    VendorManaged,
    /// Why a reviewed correction was made.
    Reason,
    /// Until when a reviewed correction holds.
    Until,
    /// How many things one change touched.
    Touched,
    /// When it was last changed, by its own record, which does not say by whom.
    Changed,
    /// Another company's: it was let in as an outsider, and how.
    Outside,
}

/// The ways of making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Making {
    /// Brought into being.
    Created,
    /// Changed.
    Updated,
    /// A credential was issued.
    Issued,
    /// Put into production: an alias or endpoint was pointed at it.
    Pointed,
    /// Given to another owner.
    HandedOver,
}

/// The ways of granting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Granting {
    /// It may be done from now on.
    Given,
    /// It may be done no longer.
    Taken,
}

/// The ways of becoming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Becoming {
    /// A person signed in.
    SignedIn,
    /// A signed assertion of an identity provider was exchanged for a session.
    Federated,
    /// A role was assumed with another session's credentials.
    Assumed,
    /// A session was issued to the same principal.
    Renewed,
    /// A role was switched to in a console.
    Switched,
    /// A run was started.
    Started,
    /// A run was started again by somebody.
    Restarted,
    /// A part of a run was done in somebody's name.
    Executed,
}

/// The ways of ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// Deleted.
    Deleted,
    /// Deactivated, deprovisioned.
    Deactivated,
    /// Removed from an organisation.
    Removed,
    /// Revoked.
    Revoked,
    /// Finished by itself (a run).
    Finished,
    /// Employment terminated.
    Terminated,
    /// Contract ended.
    ContractEnded,
}

/// Where an owner was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Declaring {
    /// A tag.
    Tag,
    /// An owner field of the system itself.
    OwnerField,
    /// A field of the system itself for who answers for a thing, beside that for who looks after it.
    Sponsor,
    /// A reviewed correction.
    Correction,
    /// An owner field, from which the owner was taken out again.
    Withdrawn,
}

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was done.
    Succeeded,
    /// It was not allowed.
    Denied,
    /// It failed otherwise.
    Failed,
}

/// A folded claim: what holds, from when to when it was seen, how often, and the first and last record that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Folded<C> {
    /// The claim.
    pub claim: C,
    /// The first and last time, and the records.
    pub span: Span,
}

/// When a folded claim was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first time.
    pub first: When,
    /// The last time.
    pub last: When,
    /// The record of the first time; where several have that time, the one of the lowest name.
    pub first_record: EvidenceId,
    /// The record of the last time; where several have that time, the one of the highest name.
    pub last_record: EvidenceId,
    /// How many records say so.
    pub count: u32,
}

impl Span {
    /// A span of one record.
    #[must_use]
    pub fn once(when: When, record: EvidenceId) -> Self {
        Self { first: when, last: when, first_record: record, last_record: record, count: 1 }
    }

    /// The span of both together. The order of joining does not matter.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (first, first_record) = (self.first, self.first_record).min((other.first, other.first_record));
        let (last, last_record) = (self.last, self.last_record).max((other.last, other.last_record));
        Self { first, last, first_record, last_record, count: self.count.saturating_add(other.count) }
    }
}

/// An event with its time and the record that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Happened {
    /// When.
    pub when: When,
    /// What.
    pub event: Event,
    /// The record.
    pub record: EvidenceId,
}
