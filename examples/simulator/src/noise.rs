//! Everything else that goes on: agents at work, people looking around, consumers, pipelines, functions, servers.
//!
//! Noise is made in bouts: one session and what is done in it. Whole bouts are thrown until the hour has its records,
//! so sessions grow with the events: about one record in 22 opens a session. Nothing here makes or changes an agent.

use crate::calls;
use crate::clock::{DAY, END, HOUR, civil, is_weekend};
use crate::cloudtrail::{Principal, Session, Tool};
use crate::dice::{Dice, UPPER, fixed};
use crate::github::Run;
use crate::names;
use crate::play::runtime_session;
use crate::stage::Stage;
use crate::world::{ACCOUNTS, AGENT_ACCOUNTS, HOME, World};

/// A kind of bout and its weight among a thousand bouts.
const BOUTS: [(Bout, u64); 7] = [
    (Bout::Agent, 470),
    (Bout::Key, 70),
    (Bout::App, 120),
    (Bout::Reader, 140),
    (Bout::Consumer, 110),
    (Bout::AppConsumer, 30),
    (Bout::Pipeline, 60),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bout {
    Agent,
    Key,
    App,
    Reader,
    Consumer,
    AppConsumer,
    Pipeline,
}

impl Bout {
    fn throw(dice: &mut Dice) -> Self {
        let mut left = dice.below(1000);
        for (bout, weight) in BOUTS {
            if left < weight {
                return bout;
            }
            left -= weight;
        }
        Self::Agent
    }

    fn needs_a_person(self) -> bool {
        matches!(self, Self::Reader | Self::Consumer | Self::Pipeline)
    }
}

/// How busy an hour is.
pub(crate) fn busy(at: i64) -> u64 {
    match (is_weekend(at), civil(at).hour) {
        (true, _) => 4,
        (false, 7..=17) => 20,
        (false, _) => 6,
    }
}

/// Repositories and the people who push to them, beside those that deploy agents.
pub(crate) fn add_repos(world: &mut World, count: usize) -> Vec<usize> {
    let mut dice = Dice::new(world.seed, &[10]);
    (0..count)
        .map(|index| {
            let name = format!("{}-{index}", dice.pick(names::APPS));
            world.add_repo(&name, &mut dice)
        })
        .collect()
}

pub(crate) struct Noise {
    dice: Dice,
    agents: Vec<usize>,
    users: Vec<usize>,
    people: Vec<usize>,
    repos: Vec<usize>,
}

impl Noise {
    pub(crate) fn new(world: &World, repos: Vec<usize>) -> Self {
        let mut dice = Dice::new(world.seed, &[11]);
        let (mut users, mut agents): (Vec<usize>, Vec<usize>) =
            (0..world.agents.len()).partition(|&index| world.agents[index].has_key());
        dice.shuffle(&mut users);
        dice.shuffle(&mut agents);
        let people = (0..world.people.all.len()).filter(|&index| world.people.all[index].aws).collect();
        Self { dice, agents, users, people, repos }
    }

    /// Bouts that begin in this hour, until the trails have taken this many records.
    pub(crate) fn hour(&mut self, stage: &mut Stage<'_>, hour: i64, target: u64) {
        let mut misses = 0;
        while stage.delivery.accepted() < target && misses < 1000 {
            let before = stage.delivery.accepted();
            let at = hour + self.dice.between(0, HOUR);
            let bout = Bout::throw(&mut self.dice);
            if !bout.needs_a_person() || busy(hour) > 6 || self.dice.chance(60) {
                self.bout(stage, bout, at);
            }
            misses = if stage.delivery.accepted() == before { misses + 1 } else { 0 };
        }
    }

    fn bout(&mut self, stage: &mut Stage<'_>, bout: Bout, at: i64) {
        let mut dice = Dice::new(self.dice.roll(), &[]);
        let dice = &mut dice;
        match bout {
            Bout::Agent => self.agent_works(stage, at, dice),
            Bout::Key => self.key_works(stage, at, dice),
            Bout::App => app_works(stage, at, dice),
            Bout::Reader => self.person_reads(stage, at, dice),
            Bout::Consumer => self.person_consumes(stage, at, dice),
            Bout::AppConsumer => self.app_consumes(stage, at, dice),
            Bout::Pipeline => self.pipeline_runs(stage, at, dice),
        };
    }

    /// An agent that is alive; few of them do most of the work.
    fn alive(&mut self, stage: &Stage<'_>, at: i64) -> Option<usize> {
        let world = stage.world;
        (0..10).find_map(|_| {
            let agent = *self.agents.get(self.dice.front(self.agents.len()))?;
            (world.agents[agent].alive <= at).then_some(agent)
        })
    }

    fn at_work(&mut self, stage: &Stage<'_>, at: i64) -> Option<usize> {
        let all = &stage.world.people.all;
        (0..10).find_map(|_| {
            let person = *self.people.get(self.dice.index(self.people.len()))?;
            all[person].works(at).then_some(person)
        })
    }

    fn agent_works(&mut self, stage: &mut Stage<'_>, at: i64, dice: &mut Dice) -> Option<()> {
        let agent = self.alive(stage, at)?;
        let session = runtime_session(stage, agent, at, dice)?;
        let account = stage.world.agents[agent].account;
        let things = Things::of(agent, account, &stage.world.agents[agent].name);
        work(stage, &session, &things, at, 8 + dice.between(0, 40), dice);
        Some(())
    }

    /// A service user works with its long-lived key, from a server.
    fn key_works(&mut self, stage: &mut Stage<'_>, at: i64, dice: &mut Dice) -> Option<()> {
        let world = stage.world;
        let agent = *self.users.get(self.dice.front(self.users.len()))?;
        let it = &world.agents[agent];
        let user = it.user?;
        let key =
            world.users[user].keys.iter().position(|k| k.made + 2 * HOUR <= at && k.gone.is_none_or(|t| at < t))?;
        if at < it.alive {
            return None;
        }
        let home = world.servers.iter().find(|server| server.agent == Some(agent)).map(|server| server.home);
        let ip =
            home.map_or_else(|| format!("198.51.100.{}", 40 + agent % 40), |home| world.people.all[home].ip.clone());
        let session = stage.robot(user, key, &ip, at);
        if dice.chance(200) {
            stage.act(&session, at, &calls::caller_identity(), dice);
        }
        let things = Things::of(agent, it.account, &it.name);
        work(stage, &session, &things, at, dice.between(6, 30), dice);
        Some(())
    }

    fn person_reads(&mut self, stage: &mut Stage<'_>, at: i64, dice: &mut Dice) -> Option<()> {
        let person = self.at_work(stage, at)?;
        let account = dice.index(AGENT_ACCOUNTS);
        let roles = &stage.world.fixed[account];
        let role = if dice.chance(300) { roles.builder_set } else { roles.reader_set };
        let session = stage.sso(person, role, at, dice);
        let mut when = at;
        for _ in 0..dice.between(6, 40) {
            when += dice.between(2, 200);
            let call = self.glance(stage, when, dice);
            let call = if dice.chance(30) { call.refused() } else { call };
            stage.act(&session, when, &call, dice);
        }
        Some(())
    }

    /// Something that a person looks at; now and then an agent, once in a while a change that is refused.
    fn glance(&mut self, stage: &Stage<'_>, at: i64, dice: &mut Dice) -> calls::Call {
        let agent = self.alive(stage, at).filter(|_| dice.chance(150));
        match agent {
            Some(agent) if dice.chance(12) => calls::update(stage.about(agent), 2, at, dice).refused(),
            Some(agent) if dice.chance(500) => calls::look(stage.about(agent)),
            Some(_) => calls::look_at_all(dice.chance(300)),
            None if dice.chance(60) => calls::caller_identity(),
            None => {
                let thing = format!("{}-{}", dice.pick(names::APPS), dice.below(40));
                calls::browse(&thing, dice)
            }
        }
    }

    fn person_consumes(&mut self, stage: &mut Stage<'_>, at: i64, dice: &mut Dice) -> Option<()> {
        let person = self.at_work(stage, at)?;
        // Everybody has a few favourites.
        let place = fixed(stage.world.seed, &[12, person as u64, dice.below(3)]);
        let agent = *self.agents.get((place % self.agents.len().max(1) as u64) as usize)?;
        let it = &stage.world.agents[agent];
        if it.alive > at {
            return None;
        }
        let session = stage.sso(person, stage.world.fixed[it.account].reader_set, at, dice);
        let mut when = at;
        for _ in 0..dice.between(4, 26) {
            when += dice.between(5, 240);
            let call = calls::invoke(stage.about(agent), Some(&session.name), dice);
            stage.act(&session, when, &call, dice);
        }
        Some(())
    }

    fn app_consumes(&mut self, stage: &mut Stage<'_>, at: i64, dice: &mut Dice) -> Option<()> {
        let agent = self.alive(stage, at)?;
        let account = stage.world.agents[agent].account;
        let apps: Vec<usize> = (0..stage.world.apps.len())
            .filter(|&app| stage.world.roles[stage.world.apps[app].role].account == account)
            .collect();
        let app = *apps.get(dice.index(apps.len()))?;
        let session = app_session(stage, app, at, dice);
        let mut when = at;
        for _ in 0..dice.between(5, 40) {
            when += dice.between(1, 80);
            let call = calls::invoke(stage.about(agent), None, dice);
            stage.act(&session, when, &call, dice);
        }
        Some(())
    }

    /// A deployment of something that is no agent, with the role that all pipelines share.
    fn pipeline_runs(&mut self, stage: &mut Stage<'_>, at: i64, dice: &mut Dice) -> Option<()> {
        let person = self.at_work(stage, at)?;
        let repo = *self.repos.get(dice.index(self.repos.len()))?;
        let run = Run::new(at, dice);
        let ready = stage.begin_run(person, repo, &run, None, dice);
        let session = stage.job(dice.index(AGENT_ACCOUNTS), repo, &run, ready + 7, dice);
        let mut when = ready + 9;
        stage.act(&session, when, &calls::caller_identity(), dice);
        for _ in 0..dice.between(3, 12) {
            when += dice.between(2, 40);
            let call = if dice.chance(200) { calls::look_at_all(true) } else { calls::browse("deploy", dice) };
            stage.act(&session, when, &call, dice);
        }
        stage.end_run(person, repo, &run, when + 15, dice);
        Some(())
    }
}

/// What a working thing reaches.
struct Things {
    account: usize,
    buckets: [String; 2],
    table: String,
    secret: String,
    base: String,
}

impl Things {
    fn of(index: usize, account: usize, name: &str) -> Self {
        let topic = name.split(['-', '_']).next().unwrap_or(name);
        let base = Dice::new(index as u64, &[13]).word(10, UPPER);
        Self {
            account,
            buckets: [format!("example-{topic}-documents"), format!("example-shared-{}", index % 9)],
            table: format!("{name}-state"),
            secret: format!("agents/{name}/api"),
            base,
        }
    }

    /// Most reads are of some sixty documents; one in ten is of a file of the day.
    fn object(&self, at: i64, dice: &mut Dice) -> (&str, String) {
        let bucket = &self.buckets[dice.index(2)];
        let key = if dice.chance(100) {
            let when = civil(at - at.rem_euclid(DAY));
            format!("daily/{}/{:02}/{:02}/part-{:05}.json", when.year, when.month, when.day, dice.below(8))
        } else {
            format!("docs/section-{}/page-{:03}.md", dice.below(6), dice.front(10))
        };
        (bucket, key)
    }
}

fn work(stage: &mut Stage<'_>, session: &Session, things: &Things, at: i64, acts: i64, dice: &mut Dice) {
    let account = things.account;
    let mut when = at;
    for _ in 0..acts {
        when += 1 + dice.between(0, 6000 / acts.max(1));
        if when >= at + HOUR - 30 || when >= END {
            return;
        }
        let call = match dice.below(100) {
            0..46 => calls::invoke_model(dice),
            46..68 => {
                let (bucket, key) = things.object(when, dice);
                calls::object(dice.chance(150), account, bucket, &key, dice)
            }
            68..80 => calls::table(account, &things.table, &format!("item-{}", dice.below(5000))),
            80..88 => calls::retrieve(account, &things.base),
            88..94 => calls::get_secret(&things.secret),
            94..98 => calls::decrypt(account, &things.secret),
            _ => calls::parameter(&format!("/agents/{}/prompt", things.table)),
        };
        let call = if dice.chance(15) { call.refused() } else { call };
        stage.act(session, when, &call, dice);
    }
}

fn app_session(stage: &mut Stage<'_>, app: usize, at: i64, dice: &mut Dice) -> Session {
    let world = stage.world;
    let it = &world.apps[app];
    let account = ACCOUNTS[world.roles[it.role].account];
    let (service, name, kind, arn) = match &it.instance {
        Some(id) => (
            "ec2.amazonaws.com",
            id.clone(),
            "AWS::EC2::Instance",
            format!("arn:aws:ec2:{HOME}:{account}:instance/{id}"),
        ),
        None => (
            "lambda.amazonaws.com",
            it.name.clone(),
            "AWS::Lambda::Function",
            format!("arn:aws:lambda:{HOME}:{account}:function:{}", it.name),
        ),
    };
    let mut session = stage.service(it.role, service, &name, at, dice);
    session.invoked_by = None;
    session.scope = Some((kind, arn));
    session.place.ip = format!("198.51.100.{}", 10 + app % 240);
    session.place.tool = if it.instance.is_some() { Tool::Boto } else { Tool::Lambda };
    session
}

fn app_works(stage: &mut Stage<'_>, at: i64, dice: &mut Dice) -> Option<()> {
    let world = stage.world;
    if world.apps.is_empty() {
        return None;
    }
    let app = dice.front(world.apps.len());
    let session = app_session(stage, app, at, dice);
    let Principal::Role(role) = session.principal else { return None };
    let account = world.roles[role].account;
    let name = &world.apps[app].name;
    let bucket = format!("example-{name}");
    let mut when = at;
    for _ in 0..dice.between(10, 70) {
        when += dice.between(1, 80);
        let call = match dice.below(10) {
            0..2 => calls::object(false, account, &bucket, &format!("in/{:02}.json", dice.below(60)), dice),
            // Each thing that is written is a new one: the names of things grow with the events, too.
            2..4 => calls::object(true, account, &bucket, &format!("out/{}.json", dice.uuid()), dice),
            4..7 => calls::table(account, &format!("{name}-table"), &format!("row-{}", dice.below(9000))),
            7 => calls::parameter(&format!("/apps/{name}/config")),
            8 => match &world.apps[app].instance {
                Some(instance) => calls::instance_information(instance),
                None => calls::log_stream(&format!("/aws/lambda/{name}"), dice),
            },
            _ => calls::get_secret(&format!("apps/{name}/database")),
        };
        stage.act(&session, when, &call, dice);
    }
    Some(())
}
