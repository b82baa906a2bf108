//! The paths that begin in another system and end at an identity in AWS: a pipeline of GitLab, a key from Vault, a key in
//! CyberArk, a server on a laptop. Each says who the true owner is, and plants those who only look like it.

use crate::clock::{DAY, END, HOUR, MINUTE};
use crate::cyberark::Managed;
use crate::dice::ALNUM;
use crate::gitlab::Project;
use crate::laptops::{self, Server};
use crate::plan::Planner;
use crate::vault::Lease;
use crate::visit::{Act, Way};
use crate::world::{Kind, Path, STANDS};

impl Planner {
    /// So many agents on each path.
    pub(crate) fn stands(&mut self, each: usize) {
        for (path, _, quarters) in STANDS {
            let until = self.world.agents.len() + (each * quarters).div_ceil(4);
            while self.world.agents.len() < until {
                self.stand(path);
            }
        }
    }

    pub(crate) fn stand(&mut self, path: Path) {
        match path {
            Path::GitlabPipeline => self.gitlab_pipeline(),
            Path::VaultLease => self.vault_lease(),
            Path::VaultUnlogged => self.vault_unlogged(),
            Path::CyberarkAccount => self.cyberark_account(),
            Path::McpKey => self.mcp_key(),
            _ => self.mcp_shared_workstation(),
        }
    }

    /// Somebody pushes; a release manager lets the last job go; a colleague tests a branch of the project meanwhile.
    fn gitlab_pipeline(&mut self) {
        let at = self.between(2, 92);
        let owner = self.builder(at);
        let account = self.account();
        let agent = self.agent(Kind::AgentRuntime, Path::GitlabPipeline, account, at);
        self.world.agents[agent].owner = Some(owner);
        let engineer = self.engineer();
        let presser = self.cast.dice.chance(500).then(|| self.mate(owner, at));
        let tester = self.cast.dice.chance(400).then(|| self.mate(owner, at));
        let project = self.world.projects.len();
        self.world.projects.push(Project {
            path: format!("agents/{}", self.world.agents[agent].name.replace('_', "-")),
            id: 500 + project as i64,
            number_in_session: self.cast.dice.chance(700),
            made_by: engineer,
            made: at - self.cast.dice.between(DAY, 4 * DAY),
        });
        let mut acts = self.prepare_role(agent, at, owner);
        acts.extend(self.making(agent));
        self.visit(at, account, Some(owner), Way::Pipeline { project, presser, tester }, acts);
        self.decoy(agent, engineer, "made-the-project");
        for (mate, why) in [(presser, "pressed-the-button"), (tester, "tested-a-branch")] {
            if let Some(mate) = mate {
                self.decoy(agent, mate, why);
            }
        }
        let times = 1 + self.cast.dice.below(4);
        self.upkeep(agent, owner, times, (at, END), |_| Way::Pipeline { project, presser, tester: None });
        if self.cast.dice.chance(200) && at < END - 30 * DAY {
            let when = self.moment(at + DAY, END - 10 * DAY);
            let mate = self.mate(owner, when);
            let acts = self.changing(agent);
            self.visit(when, account, Some(mate), Way::Pipeline { project, presser, tester: None }, acts);
            self.decoy(agent, mate, "pushed-once");
        }
    }

    /// A user that Vault makes, by the name that Vault gives it: for whom, for which role, in which second.
    fn leased_user(&mut self, path: Path, account: usize, owner: usize, role: &str, asked: i64) -> (usize, usize) {
        let stem: String = format!("oidc-{}-{role}", self.mail(owner, asked)).chars().take(42).collect();
        let tail = self.cast.dice.word(20, ALNUM);
        let name: String = format!("vault-{stem}-{asked}-{tail}").chars().take(64).collect();
        let agent = self.agent(Kind::ServiceUser, path, account, asked);
        let user = self.acts_as(agent, account, name, (asked, asked + 1));
        (agent, user)
    }

    /// Somebody has Vault make a key for a container; for every third role a colleague does the same, a little later.
    fn vault_lease(&mut self) {
        let at = self.between(2, 92);
        let owner = self.builder(at);
        let engineer = self.engineer();
        let account = self.account();
        let role = self.cast.fresh_name();
        let made = at - self.cast.dice.between(HOUR, 3 * DAY);
        let one = self.lease(account, owner, &role, at, Some((engineer, made)));
        self.decoy(one, engineer, "made-the-role-in-vault");
        if self.cast.dice.chance(333) {
            let mate = self.mate(owner, at);
            let later = at + self.cast.dice.between(10, 300);
            let other = self.lease(account, mate, &role, later, None);
            self.decoy(one, mate, "asked-for-a-key-of-the-same-role");
            self.decoy(other, owner, "asked-for-a-key-of-the-same-role");
            self.decoy(other, engineer, "made-the-role-in-vault");
        }
    }

    fn lease(&mut self, account: usize, owner: usize, role: &str, at: i64, role_made: Option<(usize, i64)>) -> usize {
        let asked = at + MINUTE;
        let (agent, user) = self.leased_user(Path::VaultLease, account, owner, role, asked);
        self.world.agents[agent].owner = Some(owner);
        let lease = self.world.leases.len();
        self.world.leases.push(Lease { user, role: role.to_owned(), asked, role_made });
        self.visit(at, account, Some(owner), Way::Lease { lease }, vec![]);
        agent
    }

    /// The same while Vault's audit log is lost: the name says for whom, and nothing says who asked.
    fn vault_unlogged(&mut self) {
        let at = self.between(5, 92);
        let called = self.builder(at);
        let account = self.account();
        let role = self.cast.fresh_name();
        let (agent, user) = self.leased_user(Path::VaultUnlogged, account, called, &role, at);
        let vault = self.world.fixed[account].vault;
        let acts = vec![Act::MakeUser(user), Act::UserPolicy(user), Act::MakeKey { user, key: 0 }];
        self.visit(at, account, None, Way::Robot { user: vault, key: 0 }, acts);
        self.decoy(agent, called, "named-in-the-user's-name");
    }

    /// Somebody makes user and key and puts the key into a safe; CyberArk changes it the next night; an automation takes it
    /// out every few nights, and a colleague looks at it once.
    fn cyberark_account(&mut self) {
        let at = self.between(2, 88);
        let owner = self.builder(at);
        let account = self.account();
        let agent = self.agent(Kind::ServiceUser, Path::CyberarkAccount, account, at);
        let name = format!("svc-{}", self.world.agents[agent].name);
        let user = self.acts_as(agent, account, name, (at, at));
        self.world.agents[agent].owner = Some(owner);
        let acts = vec![Act::MakeUser(user), Act::UserPolicy(user), Act::MakeKey { user, key: 0 }];
        self.visit(at, account, Some(owner), Way::Sso, acts);
        let changed = at - at.rem_euclid(DAY) + DAY + 90 * MINUTE;
        let key = self.world.key(user, changed);
        self.world.users[user].keys[0].gone = Some(changed + MINUTE);
        let acts = vec![Act::MakeKey { user, key }, Act::DropKey { user, key: 0 }];
        self.visit(changed, account, None, Way::Robot { user, key: 0 }, acts);
        self.world.agents[agent].alive = changed + HOUR;
        let engineer = self.engineer();
        let looked = self.cast.dice.chance(500).then(|| {
            let when = self.moment(changed + DAY, END);
            (self.mate(owner, when), when)
        });
        let keeper = self.mate(owner, at);
        self.decoy(agent, engineer, "made-the-safe");
        self.decoy(agent, keeper, "keeps-the-provider");
        if let Some((mate, _)) = looked {
            self.decoy(agent, mate, "looked-at-the-key");
        }
        self.world.managed.push(Managed { user, owner, engineer, keeper, stored: at + 20 * MINUTE, changed, looked });
        for at in self.cast.days(&self.world.people, owner, 2, (changed, END)) {
            self.visit(at, account, Some(owner), Way::Sso, vec![Act::UserPolicy(user)]);
            self.note_act(agent, at);
        }
    }

    /// A server on an endpoint, with a key that its owner made for it.
    fn server(&mut self, path: Path, owner: usize, host: &str, of: laptops::Program, shared: bool, at: i64) -> usize {
        let account = self.account();
        let agent = self.agent(Kind::McpServer, path, account, at);
        let name = format!("{}-tools", self.world.agents[agent].name);
        let user = self.world.user(account, &name, at);
        self.world.key(user, at);
        self.world.users[user].agent = Some(agent);
        let local = laptops::local(&self.world.people.all[owner]);
        let place = host.to_lowercase();
        let it = &mut self.world.agents[agent];
        it.id = if shared { format!("mcp:{place}/{local}/{}", of.name) } else { format!("mcp:{place}/{}", of.name) };
        (it.name, it.user, it.owner) = (of.name.to_owned(), Some(user), Some(owner));
        let acts = vec![Act::MakeUser(user), Act::UserPolicy(user), Act::MakeKey { user, key: 0 }];
        self.visit(at, account, Some(owner), Way::Sso, acts);
        let server = Server { agent: Some(agent), host: host.to_owned(), home: owner, program: of, since: at + HOUR };
        self.world.servers.push(server);
        agent
    }

    /// On somebody's own laptop; in every third team a colleague has a server of the same name.
    fn mcp_key(&mut self) {
        let at = self.between(2, 92);
        let owner = self.builder(at);
        let program = *self.cast.dice.pick(&laptops::PROGRAMS);
        let host = laptops::host(&self.world.people.all[owner]);
        if self.world.servers.iter().any(|server| server.host == host && server.program.name == program.name) {
            return;
        }
        let one = self.server(Path::McpKey, owner, &host, program, false, at);
        let mate = self.mate(owner, at);
        let host = laptops::host(&self.world.people.all[mate]);
        let free = !self.world.servers.iter().any(|known| known.host == host && known.program.name == program.name);
        if free && self.cast.dice.chance(333) {
            let other = self.server(Path::McpKey, mate, &host, program, false, at + 2 * HOUR);
            self.decoy(one, mate, "has-a-server-of-that-name");
            self.decoy(other, owner, "has-a-server-of-that-name");
        }
    }

    /// Two people, one workstation, the same server in each one's home.
    fn mcp_shared_workstation(&mut self) {
        let at = self.between(2, 92);
        let owner = self.builder(at);
        let mate = self.mate(owner, at);
        let local = |person: usize| laptops::local(&self.world.people.all[person]);
        if local(owner) == local(mate) {
            return;
        }
        let number = 1 + self.world.servers.iter().filter(|server| server.host.starts_with("SHARED")).count() / 2;
        let host = format!("SHARED-WS-{number:02}");
        let program = *self.cast.dice.pick(&laptops::PROGRAMS);
        let one = self.server(Path::McpSharedWorkstation, owner, &host, program, true, at);
        let later = self.moment(at + HOUR, (at + 10 * DAY).min(END - DAY)).max(at + HOUR);
        let other = self.server(Path::McpSharedWorkstation, mate, &host, program, true, later);
        self.decoy(one, mate, "works-at-the-same-machine");
        self.decoy(other, owner, "works-at-the-same-machine");
    }
}
