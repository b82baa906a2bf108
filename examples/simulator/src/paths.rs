//! The ways in which agents come to be. Each says who the true owner is, and plants those who only look like it.

use crate::clock::{DAY, END, HOUR, MINUTE};
use crate::plan::Planner;
use crate::visit::{Act, Way};
use crate::world::{Kind, Path};

impl Planner {
    pub(crate) fn path(&mut self, path: Path) {
        match path {
            Path::Sso => self.sso(),
            Path::SamlRoleChain => {
                self.plain(path, 0, 1000, |_| Way::SamlChain);
            }
            Path::Console => {
                self.plain(path, 0, 1000, |_| Way::Console);
            }
            Path::Stack => self.stack(),
            Path::Pipeline => self.pipeline(),
            Path::PipelineOverlap => self.overlap(),
            Path::IssuedKey => self.issued_key(),
            Path::MadeByAgent => self.made_by_agent(),
            Path::SpoofedSessionName => self.spoofed(),
            Path::UnissuedSession => self.unissued(),
            Path::BeforeLog => self.before_log(),
            Path::Handover => {
                self.handover(path);
            }
            Path::TagRot => self.tag_rot(),
            Path::ReusedName => self.reused_name(),
            _ => self.stand(path),
        }
    }

    fn kind(&mut self, bedrock_per_mille: u64) -> Kind {
        if self.cast.dice.chance(bedrock_per_mille) { Kind::BedrockAgent } else { Kind::AgentRuntime }
    }

    /// Made and kept up by one person, always in the same way.
    fn plain(&mut self, path: Path, least: u64, bedrock: u64, way: impl Fn(&mut Self) -> Way) -> usize {
        let at = self.between(2, 92);
        let owner = self.builder(at);
        let kind = self.kind(bedrock);
        let account = self.account();
        let agent = self.agent(kind, path, account, at);
        self.world.agents[agent].owner = Some(owner);
        let mut acts = self.prepare_role(agent, at, owner);
        acts.extend(self.making(agent));
        let made_by = way(self);
        self.visit(at, account, Some(owner), made_by, acts);
        let times = least + self.cast.dice.below(5);
        self.upkeep(agent, owner, times, (at, END), way);
        agent
    }

    fn sso(&mut self) {
        let agent = self.plain(Path::Sso, 0, 650, |_| Way::Sso);
        let it = &self.world.agents[agent];
        let (Some(owner), born) = (it.owner, it.born) else { return };
        match self.cast.dice.below(10) {
            0 => {
                let value = self.mail(owner, born);
                self.world.agents[agent].tags.push(("owner".to_owned(), value));
            }
            1 | 2 => self.cover(agent, owner, born),
            _ => {}
        }
    }

    /// A colleague changes it once, in one sitting: holiday cover, not a hand-over.
    fn cover(&mut self, agent: usize, owner: usize, born: i64) {
        if born > END - 30 * DAY {
            return;
        }
        let at = self.moment(born + 3 * DAY, END - 20 * DAY);
        let mate = self.mate(owner, at);
        let acts = self.changing(agent);
        let account = self.world.agents[agent].account;
        self.visit(at, account, Some(mate), Way::Sso, acts);
        self.decoy(agent, mate, "covered-once");
        self.upkeep(agent, owner, 2, (at, END), |_| Way::Sso);
    }

    fn stack(&mut self) {
        let at = self.between(2, 92);
        let owner = self.builder(at);
        let kind = self.kind(700);
        let account = self.account();
        let agent = self.agent(kind, Path::Stack, account, at);
        self.world.agents[agent].owner = Some(owner);
        let stack = format!("{}-stack", self.world.agents[agent].name.replace('_', "-"));
        let role = self.exec_role(agent, at);
        let mut acts = vec![Act::MakeRole(role)];
        acts.extend(self.making(agent));
        self.visit(at, account, Some(owner), Way::Stack { stack: stack.clone(), update: false }, acts);
        let times = self.cast.dice.below(5);
        self.upkeep(agent, owner, times, (at, END), |_| Way::Stack { stack: stack.clone(), update: true });
    }

    fn pipeline(&mut self) {
        let at = self.between(2, 92);
        let owner = self.builder(at);
        let kind = self.kind(200);
        let account = self.account();
        let agent = self.agent(kind, Path::Pipeline, account, at);
        self.world.agents[agent].owner = Some(owner);
        let repo = self.repo(agent);
        let mut acts = self.prepare_role(agent, at, owner);
        acts.extend(self.making(agent));
        let approver = self.cast.dice.chance(500).then(|| self.approver(agent, owner, at));
        self.visit(at, account, Some(owner), Way::Run { repo, rival: None, approver }, acts);
        let times = 1 + self.cast.dice.below(5);
        self.upkeep(agent, owner, times, (at, END), |_| Way::Run { repo, rival: None, approver });
        if self.cast.dice.chance(200) && at < END - 30 * DAY {
            let when = self.moment(at + DAY, END - 10 * DAY);
            let mate = self.mate(owner, when);
            let acts = self.changing(agent);
            self.visit(when, account, Some(mate), Way::Run { repo, rival: None, approver }, acts);
            self.decoy(agent, mate, "pushed-once");
        }
    }

    fn repo(&mut self, agent: usize) -> usize {
        let name = self.world.agents[agent].name.replace('_', "-");
        let mut dice = self.cast.dice.clone();
        self.cast.dice.roll();
        self.world.add_repo(&name, &mut dice)
    }

    fn approver(&mut self, agent: usize, owner: usize, at: i64) -> usize {
        let mate = self.mate(owner, at);
        self.decoy(agent, mate, "approver");
        mate
    }

    /// Two runs of one workflow at once, by two people; the records cannot say whose session made the runtime.
    fn overlap(&mut self) {
        let at = self.between(5, 92);
        let one = self.builder(at);
        let other = self.mate(one, at);
        let account = self.account();
        let agent = self.agent(Kind::AgentRuntime, Path::PipelineOverlap, account, at);
        let repo = self.repo(agent);
        let role = self.exec_role(agent, at);
        self.world.repos[repo].run_in_session = false;
        let mut acts = vec![Act::MakeRole(role)];
        acts.extend(self.making(agent));
        self.visit(at, account, Some(one), Way::Run { repo, rival: Some(other), approver: None }, acts);
        self.decoy(agent, one, "one-of-two-runs");
        self.decoy(agent, other, "one-of-two-runs");
    }

    /// Makes the user that an agent is, and its first key, each at its time.
    pub(crate) fn acts_as(&mut self, agent: usize, account: usize, name: String, (made, keyed): (i64, i64)) -> usize {
        let user = self.world.user(account, &name, made);
        self.world.key(user, keyed);
        self.world.users[user].agent = Some(agent);
        let id = self.world.users[user].id.clone();
        let it = &mut self.world.agents[agent];
        (it.name, it.id, it.user) = (name, id, Some(user));
        user
    }

    /// The platform issues the key; the owner takes it out of the secret, uses it, rotates it, looks after it.
    fn issued_key(&mut self) {
        let at = self.between(2, 88);
        let owner = self.builder(at);
        let engineer = self.engineer();
        let account = self.account();
        let agent = self.agent(Kind::ServiceUser, Path::IssuedKey, account, at);
        let name = format!("svc-{}", self.world.agents[agent].name);
        let user = self.acts_as(agent, account, name, (at, at));
        self.world.agents[agent].owner = Some(owner);
        let mut acts =
            vec![Act::MakeUser(user), Act::UserPolicy(user), Act::MakeKey { user, key: 0 }, Act::MakeSecret(user)];
        if self.cast.dice.chance(500) {
            let value = self.mail(owner, at);
            self.world.users[user].tags.push(("requested-by".to_owned(), value.clone()));
            acts.push(Act::TagUser { user, value });
        }
        self.visit(at, account, Some(engineer), Way::Admin, acts);
        self.decoy(agent, engineer, "issued-the-key");
        let taken = self.moment(at + HOUR, at + 4 * DAY);
        self.visit(taken, account, Some(owner), Way::Sso, vec![Act::ReadSecret(user), Act::TryKey { user, key: 0 }]);
        self.world.agents[agent].alive = taken + HOUR;
        self.note_act(agent, taken);
        self.keep_user(agent, user, owner, taken);
    }

    /// One visit at least: a policy, or a rotation with the old key dropped a day later.
    fn keep_user(&mut self, agent: usize, user: usize, owner: usize, since: i64) {
        let account = self.world.agents[agent].account;
        let until = self.world.people.all[owner].works_until(since);
        let rotated = self.moment((since + 2 * DAY).min(until - DAY), until);
        if self.cast.dice.chance(600) && rotated + 2 * DAY < until {
            let key = self.world.key(user, rotated);
            self.world.users[user].keys[0].gone = Some(rotated + 30 * MINUTE);
            let acts = vec![Act::MakeKey { user, key }, Act::StopKey { user, key: 0 }];
            self.visit(rotated, account, Some(owner), Way::Sso, acts);
            self.visit(rotated + DAY, account, Some(owner), Way::Sso, vec![Act::DropKey { user, key: 0 }]);
            self.note_act(agent, rotated + DAY);
        } else {
            self.visit(rotated, account, Some(owner), Way::Sso, vec![Act::UserPolicy(user)]);
            self.note_act(agent, rotated);
        }
        if self.cast.dice.chance(500) {
            let at = self.moment(rotated, until);
            self.visit(at, account, Some(owner), Way::Sso, vec![Act::UserPolicy(user)]);
            self.note_act(agent, at);
        }
    }

    /// A working runtime makes a helper, while it serves somebody else.
    fn made_by_agent(&mut self) {
        let fits = |agent: &crate::world::Agent| {
            // Whose it was at that moment must be beyond doubt.
            let steady = !matches!(agent.path, Path::Handover | Path::TagRot);
            agent.kind == Kind::AgentRuntime && agent.owner.is_some() && steady && agent.born < END - 20 * DAY
        };
        let agents = &self.world.agents;
        let parents: Vec<usize> = (0..agents.len()).filter(|&index| fits(&agents[index])).collect();
        if parents.is_empty() {
            return self.sso();
        }
        let parent = *self.cast.dice.pick(&parents);
        let (account, since, owner) =
            (self.world.agents[parent].account, self.world.agents[parent].born, self.world.agents[parent].owner);
        let at = self.moment(since + 3 * DAY, END - 8 * DAY);
        let agent = self.agent(Kind::BedrockAgent, Path::MadeByAgent, account, at);
        self.world.agents[agent].owner = owner;
        let engineer = self.engineer();
        let role = self.exec_role(agent, at - 2 * DAY);
        let made = self.moment(since.max(at - 20 * DAY), at);
        self.visit(made, account, Some(engineer), Way::Admin, vec![Act::MakeRole(role)]);
        self.decoy(agent, engineer, "made-the-role");
        let acts = self.making(agent);
        self.visit(at, account, None, Way::Runtime { parent }, acts);
        if let Some(owner) = owner {
            let served = self.mate(owner, at);
            self.visit(at - 80, account, Some(served), Way::Sso, vec![Act::Invoke(parent)]);
            self.decoy(agent, served, "was-being-served");
        }
    }

    /// The owner's own session opens one that is named after somebody else.
    fn spoofed(&mut self) {
        let at = self.between(5, 92);
        let owner = self.builder(at);
        let called = self.mate(owner, at);
        let account = self.account();
        let agent = self.agent(Kind::BedrockAgent, Path::SpoofedSessionName, account, at);
        self.world.agents[agent].owner = Some(owner);
        let mut acts = self.prepare_role(agent, at, owner);
        acts.extend(self.making(agent));
        self.visit(at, account, Some(owner), Way::Builder { called }, acts);
        let times = self.cast.dice.below(3);
        self.upkeep(agent, owner, times, (at, END), |_| Way::Builder { called });
        self.decoy(agent, called, "session-named-after");
        // The other one is at work too, in a session that is truly theirs.
        self.visit(at - 20 * MINUTE, account, Some(called), Way::Builder { called }, vec![Act::LookAtAll]);
    }

    /// Nothing in the log opens the session that made it: the name is a claim.
    fn unissued(&mut self) {
        let at = self.between(5, 92);
        let called = self.builder(at);
        let account = self.account();
        let agent = self.agent(Kind::BedrockAgent, Path::UnissuedSession, account, at);
        let role = self.exec_role(agent, at);
        let mut acts = vec![Act::MakeRole(role)];
        acts.extend(self.making(agent));
        self.visit(at, account, None, Way::Unissued { called }, acts);
        self.decoy(agent, called, "session-named-after");
    }

    fn before_log(&mut self) {
        let born = self.start() - self.cast.dice.between(20 * DAY, 600 * DAY);
        let kind = self.kind(800);
        let account = self.account();
        let agent = self.agent(kind, Path::BeforeLog, account, born);
        self.world.agents[agent].alive = self.start();
        self.exec_role(agent, born - DAY);
    }

    /// A makes it, B takes it over.
    fn handover(&mut self, path: Path) -> usize {
        let at = self.between(2, 35);
        let first = self.builder(at);
        let kind = self.kind(700);
        let account = self.account();
        let agent = self.agent(kind, path, account, at);
        let mut acts = self.prepare_role(agent, at, first);
        acts.extend(self.making(agent));
        self.visit(at, account, Some(first), Way::Sso, acts);
        let turn = self.between(45, 65);
        let times = self.cast.dice.below(3);
        self.upkeep(agent, first, times, (at, turn), |_| Way::Sso);
        let second = self.mate(first, turn);
        self.world.agents[agent].owner = Some(second);
        let (visits, times) = (self.visits.len(), 3 + self.cast.dice.below(3));
        self.upkeep(agent, second, times, (turn + 5 * DAY, END), |_| Way::Sso);
        if self.visits.len() - visits < 2 {
            // Taken over, but hardly touched since: nobody could see it. The first one stays the owner.
            self.visits.truncate(visits);
            self.world.agents[agent].owner = Some(first);
            self.decoy(agent, second, "meant-to-take-over");
        } else {
            self.decoy(agent, first, "made-it-and-handed-it-over");
        }
        agent
    }

    /// The owner tag names somebody who never had, or no longer has, to do with it.
    fn tag_rot(&mut self) {
        if self.cast.dice.chance(500) {
            let agent = self.plain(Path::TagRot, 1, 700, |_| Way::Sso);
            let it = &self.world.agents[agent];
            let (Some(owner), born) = (it.owner, it.born) else { return };
            let other = self.mate(owner, born);
            let value = self.mail(other, born);
            self.world.agents[agent].tags.push(("owner".to_owned(), value));
            self.decoy(agent, other, "tag-copied-from-elsewhere");
            return;
        }
        let agent = self.handover(Path::TagRot);
        let it = &self.world.agents[agent];
        let (Some(role), born, account) = (it.role, it.born, it.account) else { return };
        let first = it.decoys.iter().find(|decoy| decoy.why == "made-it-and-handed-it-over").map(|decoy| decoy.person);
        let Some(first) = first else { return };
        let value = self.mail(first, born);
        let engineer = self.engineer();
        let at = self.moment(born + HOUR, born + 6 * DAY);
        self.world.roles[role].tags.retain(|(key, _)| key != "owner");
        self.world.roles[role].tags.push(("owner".to_owned(), value.clone()));
        self.visit(at, account, Some(engineer), Way::Admin, vec![Act::TagRole { role, value }]);
    }

    /// One user name, two users, two lives: each makes an agent.
    fn reused_name(&mut self) {
        let account = self.account();
        let name = format!("deploy-bot-{}", self.world.users.len());
        let first = self.between(3, 30);
        let second = self.between(55, 85);
        let one = self.builder(first);
        let other = self.builder(second);
        if one == other {
            return self.sso();
        }
        self.robot_life(account, &name, one, first, Some(second - 5 * DAY));
        self.robot_life(account, &name, other, second, None);
    }

    fn robot_life(&mut self, account: usize, name: &str, owner: usize, at: i64, ends: Option<i64>) {
        let agent = self.agent(Kind::BedrockAgent, Path::ReusedName, account, at);
        self.world.agents[agent].owner = Some(owner);
        let user = self.world.user(account, name, at);
        let key = self.world.key(user, at);
        let role = self.exec_role(agent, at);
        let acts = vec![Act::MakeUser(user), Act::UserPolicy(user), Act::MakeKey { user, key }, Act::MakeRole(role)];
        self.visit(at, account, Some(owner), Way::Sso, acts);
        let acts = self.making(agent);
        self.visit(at + 3 * HOUR, account, None, Way::Robot { user, key }, acts);
        self.note_act(agent, at + 3 * HOUR);
        if let Some(at) = ends {
            let at = at.min(self.world.people.all[owner].works_until(self.world.agents[agent].born) - HOUR);
            self.world.users[user].gone = Some(at);
            self.world.users[user].keys[key].gone = Some(at);
            let acts = vec![Act::DropKey { user, key }, Act::DropUser(user)];
            self.visit(at, account, Some(owner), Way::Sso, acts);
        }
    }

    /// Twice, a platform engineer changes half of all Bedrock agents in one afternoon: a model is retired.
    pub(crate) fn sweeps(&mut self) {
        for share in [(38, 42), (72, 76)] {
            let at = self.between(share.0, share.1);
            let engineer = self.engineer();
            for account in 0..crate::world::AGENT_ACCOUNTS {
                let agents = &self.world.agents;
                let there: Vec<usize> = (0..agents.len())
                    .filter(|&index| {
                        let it = &agents[index];
                        it.account == account && it.kind == Kind::BedrockAgent && it.born < at - 2 * DAY
                    })
                    .collect();
                let swept: Vec<usize> = there.into_iter().filter(|_| self.cast.dice.chance(500)).collect();
                for (turn, batch) in swept.chunks(20).enumerate() {
                    let acts = batch.iter().flat_map(|&agent| self.sweep_one(agent, engineer)).collect();
                    let when = at + turn as i64 * 40 * MINUTE;
                    self.visit(when, account, Some(engineer), Way::Admin, acts);
                }
            }
        }
    }

    fn sweep_one(&mut self, agent: usize, engineer: usize) -> Vec<Act> {
        self.decoy(agent, engineer, "changed-half-of-all");
        vec![Act::Update(agent), Act::Prepare(agent)]
    }
}
