//! The standing things of the simulated company: accounts, roles, users, agents, repositories.
//!
//! Five AWS accounts: three hold agents and workloads, one hosts Identity Center, one is where Okta's SAML roles live
//! and from where people step into the others. Everything runs in eu-west-1; IAM writes to us-east-1.

use crate::dice::{ALNUM, Dice, Mint, UPPER};
use crate::people::People;
use crate::{cyberark, gitlab, laptops, vault};

/// Who signs the tokens of GitHub's jobs.
pub(crate) const GITHUB: &str = "token.actions.githubusercontent.com";

pub(crate) const HOME: &str = "eu-west-1";
pub(crate) const GLOBAL: &str = "us-east-1";

/// The accounts that hold agents come first.
pub(crate) const ACCOUNTS: [&str; 5] = ["111122223333", "222233334444", "555566667777", "444455556666", "777788889999"];
pub(crate) const AGENT_ACCOUNTS: usize = 3;
pub(crate) const DIRECTORY: usize = 3;
pub(crate) const FEDERATION: usize = 4;

pub(crate) const STORE: &str = "arn:aws:identitystore::444455556666:identitystore/d-1234567890";

/// How an agent came to be: the rows of the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Path {
    Sso,
    SamlRoleChain,
    Pipeline,
    PipelineOverlap,
    Stack,
    IssuedKey,
    Console,
    MadeByAgent,
    SpoofedSessionName,
    UnissuedSession,
    BeforeLog,
    Handover,
    TagRot,
    ReusedName,
    GitlabPipeline,
    VaultLease,
    VaultUnlogged,
    CyberarkAccount,
    McpKey,
    McpSharedWorkstation,
}

/// Every path with its weight among a hundred agents.
pub(crate) const PATHS: [(Path, &str, usize); 14] = [
    (Path::Sso, "sso", 24),
    (Path::SamlRoleChain, "saml-role-chain", 9),
    (Path::Pipeline, "pipeline", 15),
    (Path::PipelineOverlap, "pipeline-overlap", 2),
    (Path::Stack, "stack", 9),
    (Path::IssuedKey, "issued-key", 10),
    (Path::Console, "console", 7),
    (Path::MadeByAgent, "made-by-agent", 4),
    (Path::SpoofedSessionName, "spoofed-session-name", 4),
    (Path::UnissuedSession, "unissued-session", 2),
    (Path::BeforeLog, "before-log", 5),
    (Path::Handover, "handover", 4),
    (Path::TagRot, "tag-rot", 3),
    (Path::ReusedName, "reused-name", 2),
];

/// The paths that begin in another system and end at an identity in AWS, with how many quarters of a stand there are.
pub(crate) const STANDS: [(Path, &str, usize); 6] = [
    (Path::GitlabPipeline, "gitlab-pipeline", 4),
    (Path::VaultLease, "vault-lease", 4),
    (Path::VaultUnlogged, "vault-unlogged", 1),
    (Path::CyberarkAccount, "cyberark-account", 4),
    (Path::McpKey, "mcp-key", 4),
    (Path::McpSharedWorkstation, "mcp-shared-workstation", 4),
];

impl Path {
    pub(crate) fn name(self) -> &'static str {
        PATHS.iter().chain(&STANDS).find(|(path, _, _)| *path == self).map_or("", |(_, name, _)| name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    BedrockAgent,
    AgentRuntime,
    ServiceUser,
    /// On somebody's machine, with the key of an IAM user.
    McpServer,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BedrockAgent => "bedrock-agent",
            Self::AgentRuntime => "agentcore-runtime",
            Self::ServiceUser => "iam-user",
            Self::McpServer => "mcp-server",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) account: usize,
    /// `/`, `/ci/` …
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) trust: Trust,
    pub(crate) made: i64,
    pub(crate) tags: Vec<(String, String)>,
}

/// Who may take a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    Service(&'static str),
    Saml(String),
    /// Jobs of the pipelines of this host.
    Oidc(&'static str),
    Account(usize),
}

impl Role {
    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role{}{}", ACCOUNTS[self.account], self.path, self.name)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) made: i64,
    pub(crate) gone: Option<i64>,
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) account: usize,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) made: i64,
    pub(crate) gone: Option<i64>,
    pub(crate) keys: Vec<Key>,
    pub(crate) tags: Vec<(String, String)>,
    /// The agent that this user is.
    pub(crate) agent: Option<usize>,
}

impl User {
    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:user/{}", ACCOUNTS[self.account], self.name)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Repo {
    pub(crate) name: String,
    pub(crate) id: i64,
    pub(crate) workflow: i64,
    /// The subject of its tokens carries the immutable ids.
    pub(crate) ids_in_subject: bool,
    /// Its sessions carry the run's number.
    pub(crate) run_in_session: bool,
}

/// Somebody who looks like the owner and is not.
#[derive(Clone, Debug)]
pub(crate) struct Decoy {
    pub(crate) person: usize,
    pub(crate) why: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct Agent {
    pub(crate) kind: Kind,
    pub(crate) path: Path,
    pub(crate) account: usize,
    pub(crate) name: String,
    /// `XCZ9AGUFOR`, `invoice_triage-a1B2c3D4e5`, the user's unique id, or `mcp:` with the host and the server's name.
    pub(crate) id: String,
    pub(crate) alias: String,
    pub(crate) role: Option<usize>,
    pub(crate) role_arn: String,
    pub(crate) user: Option<usize>,
    pub(crate) owner: Option<usize>,
    /// The visit that creates it, which may lie before the log.
    pub(crate) born: i64,
    /// From then on it works.
    pub(crate) alive: i64,
    /// The owner's last act of ownership.
    pub(crate) last_act: i64,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) decoys: Vec<Decoy>,
}

impl Agent {
    /// Whether it works with the key of an IAM user, not with a role.
    pub(crate) fn has_key(&self) -> bool {
        matches!(self.kind, Kind::ServiceUser | Kind::McpServer)
    }

    pub(crate) fn arn(&self) -> String {
        let account = ACCOUNTS[self.account];
        match self.kind {
            Kind::BedrockAgent => format!("arn:aws:bedrock:{HOME}:{account}:agent/{}", self.id),
            Kind::AgentRuntime => format!("arn:aws:bedrock-agentcore:{HOME}:{account}:runtime/{}", self.id),
            Kind::ServiceUser => format!("arn:aws:iam::{account}:user/{}", self.name),
            Kind::McpServer => self.id.clone(),
        }
    }
}

/// A Lambda function or an EC2 fleet: noise with an identity of its own.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) role: usize,
    pub(crate) instance: Option<String>,
}

/// The roles that every account with agents has.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    pub(crate) builder_set: usize,
    pub(crate) reader_set: usize,
    pub(crate) admin_set: usize,
    pub(crate) builder: usize,
    pub(crate) deployer: usize,
    pub(crate) ci: usize,
    pub(crate) stack: usize,
    pub(crate) console: usize,
    pub(crate) gitlab: usize,
    /// The user with whose key Vault makes others.
    pub(crate) vault: usize,
}

pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) start: i64,
    pub(crate) people: People,
    pub(crate) roles: Vec<Role>,
    pub(crate) users: Vec<User>,
    pub(crate) agents: Vec<Agent>,
    pub(crate) repos: Vec<Repo>,
    pub(crate) apps: Vec<App>,
    pub(crate) fixed: Vec<Fixed>,
    pub(crate) projects: Vec<gitlab::Project>,
    pub(crate) leases: Vec<vault::Lease>,
    pub(crate) managed: Vec<cyberark::Managed>,
    pub(crate) servers: Vec<laptops::Server>,
    /// Okta's role in the federation account.
    pub(crate) federated: usize,
    pub(crate) mint: Mint,
}

/// Permission sets as reserved roles name them.
fn reserved(set: &str, dice: &mut Dice) -> String {
    format!("AWSReservedSSO_{set}_{}", dice.word(16, crate::dice::HEX))
}

impl World {
    /// The company before its first agent.
    pub(crate) fn new(seed: u64, start: i64, people: People) -> Self {
        let mut world = Self {
            seed,
            start,
            people,
            roles: Vec::new(),
            users: Vec::new(),
            agents: Vec::new(),
            repos: Vec::new(),
            apps: Vec::new(),
            fixed: Vec::new(),
            projects: Vec::new(),
            leases: Vec::new(),
            managed: Vec::new(),
            servers: Vec::new(),
            federated: 0,
            mint: Mint::new(seed),
        };
        let mut dice = Dice::new(seed, &[2]);
        for account in 0..AGENT_ACCOUNTS {
            let fixed = world.furnish(account, &mut dice);
            world.fixed.push(fixed);
        }
        let trust = Trust::Saml(format!("arn:aws:iam::{}:saml-provider/okta", ACCOUNTS[FEDERATION]));
        world.federated = world.role(FEDERATION, "/", "okta-developer", trust, start - 400 * crate::clock::DAY);
        world
    }

    fn furnish(&mut self, account: usize, dice: &mut Dice) -> Fixed {
        let made = self.start - 500 * crate::clock::DAY;
        let number = ACCOUNTS[account];
        let sso =
            format!("arn:aws:iam::{number}:saml-provider/AWSSSO_{}_DO_NOT_DELETE", dice.word(16, crate::dice::HEX));
        let okta = format!("arn:aws:iam::{number}:saml-provider/okta");
        let mut set = |world: &mut Self, name: &str| {
            let path = "/aws-reserved/sso.amazonaws.com/eu-west-1/";
            world.role(account, path, &reserved(name, dice), Trust::Saml(sso.clone()), made)
        };
        let vault = self.user(account, "vault-root", made);
        self.key(vault, made);
        Fixed {
            builder_set: set(self, "AgentBuilder"),
            reader_set: set(self, "Developer"),
            admin_set: set(self, "PlatformAdmin"),
            builder: self.role(account, "/", "agent-builder", Trust::Account(account), made),
            deployer: self.role(account, "/", "agent-deployer", Trust::Account(FEDERATION), made),
            ci: self.role(account, "/ci/", "ci-agent-deploy", Trust::Oidc(GITHUB), made),
            stack: self.role(account, "/", "cfn-agents-exec", Trust::Service("cloudformation.amazonaws.com"), made),
            console: self.role(account, "/", "okta-console", Trust::Saml(okta), made),
            gitlab: self.role(account, "/ci/", "gitlab-agent-deploy", Trust::Oidc(gitlab::HOST), made),
            vault,
        }
    }

    pub(crate) fn role(&mut self, account: usize, path: &str, name: &str, trust: Trust, made: i64) -> usize {
        let id = format!("{}{}", self.mint.id("AROA"), "Q");
        self.roles.push(Role {
            account,
            path: path.to_owned(),
            name: name.to_owned(),
            id,
            trust,
            made,
            tags: Vec::new(),
        });
        self.roles.len() - 1
    }

    pub(crate) fn user(&mut self, account: usize, name: &str, made: i64) -> usize {
        let id = format!("{}{}", self.mint.id("AIDA"), "Q");
        self.users.push(User {
            account,
            name: name.to_owned(),
            id,
            made,
            gone: None,
            keys: Vec::new(),
            tags: Vec::new(),
            agent: None,
        });
        self.users.len() - 1
    }

    pub(crate) fn key(&mut self, user: usize, made: i64) -> usize {
        let id = self.mint.id("AKIA");
        let keys = &mut self.users[user].keys;
        keys.push(Key { id, made, gone: None });
        keys.len() - 1
    }

    /// Lambda functions and EC2 fleets.
    pub(crate) fn add_apps(&mut self, count: usize) {
        let mut dice = Dice::new(self.seed, &[3]);
        for index in 0..count {
            let stem = dice.pick(crate::names::APPS);
            let name = format!("{stem}-{index}");
            let fleet = dice.chance(300);
            let service = if fleet { "ec2.amazonaws.com" } else { "lambda.amazonaws.com" };
            let account = dice.index(AGENT_ACCOUNTS);
            let made = self.start - dice.between(30, 900) * crate::clock::DAY;
            let role = self.role(account, "/service-role/", &format!("{name}-role"), Trust::Service(service), made);
            let instance = fleet.then(|| format!("i-0{}", dice.word(16, crate::dice::HEX)));
            self.apps.push(App { name, role, instance });
        }
    }

    pub(crate) fn add_repo(&mut self, name: &str, dice: &mut Dice) -> usize {
        self.repos.push(Repo {
            name: format!("example-org/{name}"),
            id: 700_000 + self.repos.len() as i64,
            workflow: 5_000 + self.repos.len() as i64,
            ids_in_subject: dice.chance(400),
            run_in_session: dice.chance(300),
        });
        self.repos.len() - 1
    }
}

/// The id that Bedrock or AgentCore gives an agent of this name.
pub(crate) fn agent_id(kind: Kind, name: &str, dice: &mut Dice) -> String {
    match kind {
        Kind::AgentRuntime => format!("{name}-{}", dice.word(10, ALNUM)),
        Kind::BedrockAgent | Kind::ServiceUser | Kind::McpServer => dice.word(10, UPPER),
    }
}
