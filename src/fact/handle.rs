//! Handles: names as one system writes them.

use std::num::NonZeroU32;

use crate::base::origin::StableHash;

/// A handle in a table of handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HandleId(NonZeroU32);

impl HandleId {
    /// Stands for every handle beyond four thousand million; memory ends long before.
    pub(super) const LAST: Self = Self(NonZeroU32::MAX);

    /// The position in the table, from zero.
    #[must_use]
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    /// The handle at a position; `None` beyond four thousand million.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        u32::try_from(index + 1).ok().and_then(NonZeroU32::new).map(Self)
    }
}

/// A name as one system writes it: only together with its realm does the value mean one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle<'a> {
    /// What kind of name it is.
    pub kind: HandleKind,
    /// Who gives the name: a tenant, an account, an issuer. Empty where the export does not say, or the name means the
    /// same everywhere.
    pub realm: &'a str,
    /// The name itself. Of a secret, only its id or fingerprint.
    pub value: &'a str,
}

impl Handle<'_> {
    /// A digest that is the same in every run; the order of handles everywhere inside.
    #[must_use]
    pub fn stable_hash(&self) -> u64 {
        StableHash::default().number(self.kind as u64).text(self.realm).text(self.value).finish()
    }
}

/// The kinds of names. A join rule speaks of these and of no vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HandleKind {
    // People.
    /// The immutable id of a user in a directory (Okta `00u…`, Identity Store user id, GitHub numeric id).
    UserId,
    /// A user's name in a directory, which may be changed and given to somebody else.
    Login,
    /// An e-mail address, lower case; its realm is empty.
    Email,
    /// An employee number of an HR system or directory.
    EmployeeId,
    /// A name for display, which any number of people may share.
    DisplayName,
    /// A team, department or directory group.
    Team,
    // What acts on an account's behalf.
    /// The immutable id of a principal (`AIDA…`, `AROA…`), never given twice.
    PrincipalId,
    /// The name of a principal (an ARN), which may be given again after a deletion.
    PrincipalName,
    /// An account or tenant as such.
    Account,
    /// A provider's service as the actor (`cloudformation.amazonaws.com`).
    Service,
    // Credentials.
    /// A long-lived credential: an access key id, a token id, a fingerprint.
    Key,
    /// A session that was issued: the id of its temporary key.
    Session,
    /// A session named by its principal and its start, for sessions whose key is not known or changes: `principal@start`.
    /// Where only a time is known before which it began, that stands there: `principal@<time`.
    SessionStart,
    /// A sign-in that several sessions share.
    SignIn,
    // What acts by itself, and what it stands on.
    /// An agent or other acting thing, by its system's own id.
    Agent,
    /// The subject of a federated token, at its issuer.
    Subject,
    /// One run of a pipeline.
    Run,
    /// A code repository, whose pipelines act in its name.
    Repository,
    /// What an agent runs on or depends on: a function, a stack, an instance, a container.
    Workload,
    // What is acted upon, and from where.
    /// Something read, written or called.
    Resource,
    /// A network address.
    Network,
    /// An id that several records of one act share, in several accounts.
    SharedAct,
    /// No name at all: a word such as an action or the value of a detail.
    Word,
}

impl HandleKind {
    /// Every kind, in order.
    pub const ALL: [Self; 23] = [
        Self::UserId,
        Self::Login,
        Self::Email,
        Self::EmployeeId,
        Self::DisplayName,
        Self::Team,
        Self::PrincipalId,
        Self::PrincipalName,
        Self::Account,
        Self::Service,
        Self::Key,
        Self::Session,
        Self::SessionStart,
        Self::SignIn,
        Self::Agent,
        Self::Subject,
        Self::Run,
        Self::Repository,
        Self::Workload,
        Self::Resource,
        Self::Network,
        Self::SharedAct,
        Self::Word,
    ];

    /// The word for it, as `facts.txt` and error messages write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::UserId => "user-id",
            Self::Login => "login",
            Self::Email => "email",
            Self::EmployeeId => "employee-id",
            Self::DisplayName => "display-name",
            Self::Team => "team",
            Self::PrincipalId => "principal-id",
            Self::PrincipalName => "principal-name",
            Self::Account => "account",
            Self::Service => "service",
            Self::Key => "key",
            Self::Session => "session",
            Self::SessionStart => "session-start",
            Self::SignIn => "sign-in",
            Self::Agent => "agent",
            Self::Subject => "subject",
            Self::Run => "run",
            Self::Repository => "repository",
            Self::Workload => "workload",
            Self::Resource => "resource",
            Self::Network => "network",
            Self::SharedAct => "shared-act",
            Self::Word => "word",
        }
    }
}
