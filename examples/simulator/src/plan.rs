//! The plan of the world: who makes which agent on which path, when, and who looks after it.
//!
//! This module holds what all paths share: picking people and moments, naming things, making roles. The paths
//! themselves are in `paths`.

use std::collections::BTreeSet;

use crate::cast::Cast;
use crate::clock::{DAY, HOUR};
use crate::dice::{Dice, UPPER};
use crate::visit::{Act, Visit, Way};
use crate::world::{AGENT_ACCOUNTS, Agent, Decoy, Kind, PATHS, Path, Trust, World, agent_id};

pub(crate) struct Planner {
    pub(crate) world: World,
    pub(crate) visits: Vec<Visit>,
    pub(crate) cast: Cast,
}

/// Plans a world with this many agents, and so many more on each path that begins in another system.
pub(crate) fn make(world: World, agents: usize, each: usize) -> (World, Vec<Visit>) {
    let mut planner = Planner::new(world);
    let mut counts = [0_usize; PATHS.len()];
    while planner.world.agents.len() < agents {
        let done = planner.world.agents.len();
        let lag = |index: usize| PATHS[index].2 * (done + 1) - counts[index] * 100;
        // The path that is furthest behind its share. Those that need a parent come when there is one.
        let next = (0..PATHS.len())
            .filter(|&index| PATHS[index].2 * (done + 1) > counts[index] * 100)
            .max_by_key(|&index| (lag(index), PATHS.len() - index));
        let index = next.unwrap_or(0);
        planner.path(PATHS[index].0);
        counts[index] += planner.world.agents.len() - done;
    }
    planner.sweeps();
    planner.stands(each);
    planner.visits.sort_by_key(|visit| (visit.at, visit.account));
    (planner.world, planner.visits)
}

impl Planner {
    fn new(world: World) -> Self {
        let cast = Cast::new(Dice::new(world.seed, &[4]), &world.people, world.start);
        Self { world, visits: Vec::new(), cast }
    }

    pub(crate) fn start(&self) -> i64 {
        self.world.start
    }

    pub(crate) fn moment(&mut self, low: i64, high: i64) -> i64 {
        self.cast.moment(low, high)
    }

    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.cast.between(low, high)
    }

    pub(crate) fn builder(&mut self, at: i64) -> usize {
        self.cast.builder(&self.world.people, at)
    }

    pub(crate) fn mate(&mut self, person: usize, at: i64) -> usize {
        self.cast.mate(&self.world.people, person, at)
    }

    pub(crate) fn engineer(&mut self) -> usize {
        self.cast.engineer(&self.world.people)
    }

    pub(crate) fn mail(&self, person: usize, at: i64) -> String {
        self.world.people.all[person].account(at).mail.clone()
    }

    pub(crate) fn account(&mut self) -> usize {
        match self.cast.dice.below(100) {
            0..60 => 0,
            60..85 => 1,
            _ => AGENT_ACCOUNTS - 1,
        }
    }

    /// A new agent, not yet anybody's.
    pub(crate) fn agent(&mut self, kind: Kind, path: Path, account: usize, born: i64) -> usize {
        let plain = self.cast.fresh_name();
        let name = if kind == Kind::AgentRuntime { plain.replace('-', "_") } else { plain };
        let id = agent_id(kind, &name, &mut self.cast.dice);
        self.world.agents.push(Agent {
            kind,
            path,
            account,
            id,
            alias: self.cast.dice.word(10, UPPER),
            name,
            role: None,
            role_arn: String::new(),
            user: None,
            owner: None,
            born,
            alive: born + HOUR,
            last_act: born,
            tags: Vec::new(),
            decoys: Vec::new(),
        });
        self.world.agents.len() - 1
    }

    pub(crate) fn decoy(&mut self, agent: usize, person: usize, why: &'static str) {
        let it = &mut self.world.agents[agent];
        if it.owner != Some(person) && it.decoys.iter().all(|decoy| decoy.person != person) {
            it.decoys.push(Decoy { person, why });
        }
    }

    /// The execution role of an agent, made at this time.
    pub(crate) fn exec_role(&mut self, agent: usize, made: i64) -> usize {
        let it = &self.world.agents[agent];
        let service = match it.kind {
            Kind::AgentRuntime => "bedrock-agentcore.amazonaws.com",
            Kind::BedrockAgent | Kind::ServiceUser | Kind::McpServer => "bedrock.amazonaws.com",
        };
        let (account, name) = (it.account, format!("{}-exec", it.name.replace('_', "-")));
        let role = self.world.role(account, "/", &name, Trust::Service(service), made);
        let arn = self.world.roles[role].arn();
        let it = &mut self.world.agents[agent];
        it.role = Some(role);
        it.role_arn = arn;
        role
    }

    /// The role of an older Bedrock agent of the same account, for a few: their acts are then hard to tell apart.
    fn shared_role(&mut self, agent: usize, at: i64) -> Option<usize> {
        let agents = &self.world.agents;
        let it = &agents[agent];
        if it.kind != Kind::BedrockAgent || !self.cast.dice.chance(80) {
            return None;
        }
        let fits = |older: &&Agent| {
            older.kind == it.kind && older.account == it.account && older.role.is_some() && older.born < at - DAY
        };
        let roles: Vec<usize> = agents.iter().filter(fits).filter_map(|older| older.role).collect();
        (!roles.is_empty()).then(|| *self.cast.dice.pick(&roles))
    }

    /// The role is made by the platform for seven in ten, by the maker in the same sitting for the others.
    pub(crate) fn prepare_role(&mut self, agent: usize, at: i64, maker: usize) -> Vec<Act> {
        if let Some(role) = self.shared_role(agent, at) {
            let arn = self.world.roles[role].arn();
            let it = &mut self.world.agents[agent];
            it.role = Some(role);
            it.role_arn = arn;
            return Vec::new();
        }
        let role = self.exec_role(agent, at);
        let slug = self.world.people.teams[self.world.people.all[maker].team].slug.clone();
        self.world.roles[role].tags.push(("team".to_owned(), slug));
        if !self.cast.dice.chance(700) {
            return vec![Act::MakeRole(role)];
        }
        let earlier = at - self.cast.dice.between(2 * HOUR, 5 * DAY);
        let made = self.moment(earlier.max(self.start()), at);
        let engineer = self.engineer();
        if self.cast.dice.chance(600) {
            // The module's default, which nobody ever changes.
            let default = self.mail(self.world.people.platform[0], at);
            self.world.roles[role].tags.push(("owner".to_owned(), default));
            self.decoy(agent, self.world.people.platform[0], "default-tag");
        }
        self.world.roles[role].made = made;
        let account = self.world.agents[agent].account;
        self.visit(made, account, Some(engineer), Way::Admin, vec![Act::MakeRole(role)]);
        self.decoy(agent, engineer, "made-the-role");
        Vec::new()
    }

    pub(crate) fn visit(&mut self, at: i64, account: usize, who: Option<usize>, way: Way, acts: Vec<Act>) {
        self.visits.push(Visit { at, account, who, way, acts });
    }

    /// Creating, preparing, publishing.
    pub(crate) fn making(&mut self, agent: usize) -> Vec<Act> {
        let mut acts = vec![Act::Create(agent)];
        if self.world.agents[agent].kind == Kind::BedrockAgent {
            acts.push(Act::Prepare(agent));
            if self.cast.dice.chance(800) {
                acts.push(Act::Alias(agent));
            }
        }
        acts
    }

    pub(crate) fn changing(&mut self, agent: usize) -> Vec<Act> {
        let mut acts = vec![Act::Update(agent)];
        if self.world.agents[agent].kind == Kind::BedrockAgent {
            acts.push(Act::Prepare(agent));
        }
        if self.cast.dice.chance(400) {
            acts.insert(0, Act::Look(agent));
        }
        acts
    }

    /// A person looks after an agent on up to `times` later days, while at work.
    pub(crate) fn upkeep(
        &mut self,
        agent: usize,
        person: usize,
        times: u64,
        span: (i64, i64),
        way: impl Fn(&mut Self) -> Way,
    ) {
        let account = self.world.agents[agent].account;
        let until = self.world.people.all[person].works_until(span.0).min(span.1);
        let mut days = BTreeSet::new();
        for _ in 0..times {
            if until - span.0 < 2 * DAY {
                return;
            }
            let at = self.moment(span.0 + DAY, until);
            if self.world.people.all[person].works(at) && days.insert(at / DAY) {
                let acts = self.changing(agent);
                let way = way(self);
                self.visit(at, account, Some(person), way, acts);
                self.note_act(agent, at);
            }
        }
    }

    /// An act that makes or keeps the owner the owner.
    pub(crate) fn note_act(&mut self, agent: usize, at: i64) {
        let last = &mut self.world.agents[agent].last_act;
        *last = at.max(*last);
    }
}
