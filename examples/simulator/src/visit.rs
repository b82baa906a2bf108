//! What happens to agents, planned before any record is written: visits, each with its acts.
//!
//! A visit is one sitting of a person or one run of a machine. Visits are small and few (they grow with the agents,
//! not with the events), so that the plan of a large world fits in memory while its records never have to.

/// One sitting.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) at: i64,
    pub(crate) account: usize,
    /// The human behind it, if there is one.
    pub(crate) who: Option<usize>,
    pub(crate) way: Way,
    pub(crate) acts: Vec<Act>,
}

/// How the session of a visit is opened.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// Okta, then Identity Center.
    Sso,
    /// The same with the permission set of platform engineers.
    Admin,
    /// Okta, a SAML role in the federation account, then a role in this one, session name `deploy`.
    SamlChain,
    /// Okta, then the console, in a session named after the team.
    Console,
    /// From an Identity Center session into `agent-builder`, session named after this person.
    Builder { called: usize },
    /// A session of `agent-builder` whose opening is not in the log.
    Unissued { called: usize },
    /// CloudFormation with its service role.
    Stack { stack: String, update: bool },
    /// A run of GitHub Actions; `rival` starts a second run beside it.
    Run { repo: usize, rival: Option<usize>, approver: Option<usize> },
    /// A pipeline of GitLab whose last job somebody lets go; somebody else tests a branch of the project meanwhile.
    Pipeline { project: usize, presser: Option<usize>, tester: Option<usize> },
    /// Okta, then Vault, which makes a user and a key.
    Lease { lease: usize },
    /// A robot with the key of an IAM user.
    Robot { user: usize, key: usize },
    /// A working agent that makes another.
    Runtime { parent: usize },
}

/// One act of a visit.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    MakeRole(usize),
    TagRole {
        role: usize,
        value: String,
    },
    Create(usize),
    Prepare(usize),
    Alias(usize),
    Update(usize),
    Look(usize),
    Invoke(usize),
    LookAtAll,
    MakeUser(usize),
    DropUser(usize),
    MakeKey {
        user: usize,
        key: usize,
    },
    StopKey {
        user: usize,
        key: usize,
    },
    DropKey {
        user: usize,
        key: usize,
    },
    UserPolicy(usize),
    TagUser {
        user: usize,
        value: String,
    },
    MakeSecret(usize),
    ReadSecret(usize),
    /// The key is tried from where its new holder sits.
    TryKey {
        user: usize,
        key: usize,
    },
}
