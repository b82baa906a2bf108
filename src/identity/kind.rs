//! What kind of someone or something an identity is.

use crate::fact::handle::HandleKind;

/// The kinds of identities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One human being.
    Person,
    /// A user account of a bot or app: it has a login, but nobody behind it.
    Bot,
    /// A user name that a session was given or a tag holds, of which no directory or event knows more.
    Alias,
    /// An agent.
    Agent,
    /// A user, role or service account of a cloud.
    Principal,
    /// A long-lived credential.
    Key,
    /// A session.
    Session,
    /// A sign-in.
    SignIn,
    /// A function, stack, instance, host.
    Workload,
    /// A code repository, as the home of its pipelines.
    Repository,
    /// A run of a pipeline.
    Run,
    /// The subject of a federated token.
    Subject,
    /// A provider's service.
    Service,
    /// An account or tenant.
    Account,
    /// A team.
    Team,
    /// What is acted upon, an address, a shared id: nothing that acts.
    Other,
}

impl Kind {
    /// The kind of an identity that has a handle of this kind, before more is known of it.
    #[must_use]
    pub(super) const fn of(handle: HandleKind) -> Self {
        match handle {
            HandleKind::UserId | HandleKind::Email | HandleKind::EmployeeId => Self::Person,
            HandleKind::Login => Self::Alias,
            HandleKind::Team => Self::Team,
            HandleKind::PrincipalId | HandleKind::PrincipalName => Self::Principal,
            HandleKind::Account => Self::Account,
            HandleKind::Service => Self::Service,
            HandleKind::Key => Self::Key,
            HandleKind::Session | HandleKind::SessionStart | HandleKind::SharedAct => Self::Session,
            HandleKind::SignIn => Self::SignIn,
            HandleKind::Agent => Self::Agent,
            HandleKind::Subject => Self::Subject,
            HandleKind::Run => Self::Run,
            HandleKind::Repository => Self::Repository,
            HandleKind::Workload => Self::Workload,
            HandleKind::DisplayName | HandleKind::Resource | HandleKind::Network | HandleKind::Word => Self::Other,
        }
    }

    /// The word for it, as machine output writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Bot => "bot",
            Self::Alias => "alias",
            Self::Agent => "agent",
            Self::Principal => "principal",
            Self::Key => "key",
            Self::Session => "session",
            Self::SignIn => "sign-in",
            Self::Workload => "workload",
            Self::Repository => "repository",
            Self::Run => "run",
            Self::Subject => "subject",
            Self::Service => "service",
            Self::Account => "account",
            Self::Team => "team",
            Self::Other => "resource",
        }
    }

    /// Whether it is a human being.
    #[must_use]
    pub const fn is_person(self) -> bool {
        matches!(self, Self::Person)
    }
}
