//! Playing a visit: the session is opened as its way says, and the acts follow, some seconds to minutes apart.

use crate::calls::{self, Call};
use crate::clock::MINUTE;
use crate::cloudtrail::{Principal, Session};
use crate::dice::{Dice, fixed};
use crate::github::{self, Run};
use crate::okta;
use crate::stage::{Stage, subject};
use crate::visit::{Act, Visit, Way};
use crate::world::Kind;

const BEDROCK: &str = "bedrock.amazonaws.com";
const AGENTCORE: &str = "bedrock-agentcore.amazonaws.com";

/// The session in which a working agent acts.
pub(crate) fn runtime_session(stage: &mut Stage<'_>, agent: usize, at: i64, dice: &mut Dice) -> Option<Session> {
    let world = stage.world;
    let it = &world.agents[agent];
    let role = it.role?;
    let (service, name) = match it.kind {
        Kind::AgentRuntime => (AGENTCORE, format!("BedrockAgentCore-{}", dice.uuid())),
        Kind::BedrockAgent | Kind::ServiceUser | Kind::McpServer => {
            (BEDROCK, format!("BedrockAgents-{}-{}", it.id, dice.uuid()))
        }
    };
    let mut session = stage.service(role, service, &name, at, dice);
    if it.kind == Kind::AgentRuntime {
        // A runtime calls from its container, not through the service.
        session.invoked_by = None;
        session.place.tool = crate::cloudtrail::Tool::Boto;
        session.place.ip = format!("198.51.100.{}", dice.between(100, 250));
    }
    Some(session)
}

impl Stage<'_> {
    pub(crate) fn play(&mut self, visit: &Visit, dice: &mut Dice) {
        let world = self.world;
        let roles = &world.fixed[visit.account];
        let at = visit.at;
        let session = match (&visit.way, visit.who) {
            (Way::Sso, Some(who)) => self.sso(who, roles.builder_set, at, dice),
            (Way::Admin, Some(who)) => self.sso(who, roles.admin_set, at, dice),
            (Way::SamlChain, Some(who)) => {
                let parent = self.federated(who, world.federated, okta::FEDERATION, at, dice);
                self.assume(&parent, roles.deployer, "deploy", at + dice.between(20, 90), dice)
            }
            (Way::Console, Some(who)) => self.console(who, roles.console, at, dice),
            (Way::Builder { called }, Some(who)) => {
                self.builder(who, *called, roles.builder_set, roles.builder, at, dice)
            }
            (Way::Unissued { called }, _) => self.unissued(*called, roles.builder, at, dice),
            (Way::Stack { stack, update }, Some(who)) => self.stack(visit, who, stack, *update, dice),
            (Way::Run { repo, rival, approver }, Some(who)) => {
                return self.run(visit, who, *repo, (*rival, *approver), dice);
            }
            (Way::Pipeline { project, presser, tester }, Some(who)) => {
                return self.pipeline(visit, who, *project, (*presser, *tester), dice);
            }
            (Way::Lease { lease }, Some(who)) => return self.lease(visit, who, *lease, dice),
            (Way::Robot { user, key }, _) => self.robot(*user, *key, "198.51.100.71", at),
            (Way::Runtime { parent }, _) => match runtime_session(self, *parent, at, dice) {
                Some(session) => session,
                None => return,
            },
            (_, None) => return,
        };
        let since = session.since.max(at);
        self.acts(visit, &session, since, dice);
    }

    fn builder(&mut self, who: usize, called: usize, set: usize, role: usize, at: i64, dice: &mut Dice) -> Session {
        let parent = self.sso(who, set, at, dice);
        let at = at + dice.between(30, 200);
        let name = self.world.people.all[called].account(at).mail.clone();
        let mut session = self.assume(&parent, role, &name, at, dice);
        session.reads_as = Some(called);
        session
    }

    fn unissued(&mut self, called: usize, role: usize, at: i64, dice: &mut Dice) -> Session {
        let name = self.world.people.all[called].account(at).mail.clone();
        let mut place = self.desk(called);
        place.ip = format!("192.0.2.{}", dice.between(40, 250));
        let key = self.key();
        let mut session = Session::new(Principal::Role(role), &name, key, at, place);
        session.reads_as = Some(called);
        session
    }

    /// The stack call in the person's own session, and the service's session that follows from it.
    fn stack(&mut self, visit: &Visit, who: usize, stack: &str, update: bool, dice: &mut Dice) -> Session {
        let world = self.world;
        let roles = &world.fixed[visit.account];
        let own = self.sso(who, roles.builder_set, visit.at, dice);
        let called = visit.at + dice.between(60, 400);
        let role = world.roles[roles.stack].arn();
        let place: Vec<u64> = stack.bytes().map(u64::from).collect();
        let id = Dice::new(fixed(world.seed, &place), &[9, visit.account as u64]).uuid().to_string();
        let call = calls::stack(stack, visit.account, &role, update, &id, dice);
        self.act(&own, called, &call, dice);
        self.service(
            roles.stack,
            "cloudformation.amazonaws.com",
            "AWSCloudFormation",
            called + dice.between(3, 9),
            dice,
        )
    }

    /// A run of the deploy workflow, perhaps with another person's run of the same workflow beside it.
    fn run(&mut self, visit: &Visit, who: usize, repo: usize, others: (Option<usize>, Option<usize>), dice: &mut Dice) {
        let (rival, approver) = others;
        let pushed = rival.is_none();
        let mut first = Run::new(visit.at, dice);
        first.pushed &= pushed;
        let mut ready = self.begin_run(who, repo, &first, approver, dice);
        let second = rival.map(|rival| {
            let mut run = Run::new(visit.at + dice.between(5, 20), dice);
            run.pushed = false;
            run.sha.clone_from(&first.sha);
            // Both jobs are going before either takes its role.
            ready = ready.max(self.begin_run(rival, repo, &run, None, dice));
            (rival, run)
        });
        let mut ends = ready + 5 * MINUTE + dice.between(0, 4 * MINUTE);
        let session = self.job(visit.account, repo, &first, ready + 8, dice);
        if let Some((_, run)) = &second {
            self.job(visit.account, repo, run, ready + 10, dice);
            ends += MINUTE;
        }
        let last = self.acts(visit, &session, ready + 12, dice);
        let ends = ends.max(last + 20);
        self.end_run(who, repo, &first, ends, dice);
        if let Some((rival, run)) = second {
            self.end_run(rival, repo, &run, ends + dice.between(3, 90), dice);
        }
    }

    /// Says when the job is ready to begin.
    pub(crate) fn begin_run(
        &mut self,
        who: usize,
        repo: usize,
        run: &Run,
        approver: Option<usize>,
        dice: &mut Dice,
    ) -> i64 {
        let world = self.world;
        let (person, repo) = (&world.people.all[who], &world.repos[repo]);
        if run.pushed {
            self.github.put(run.begun - 8, github::push(person, repo, run.begun - 8, dice));
        }
        self.github.put(run.begun, github::created(person, repo, run, dice));
        let mut ready = run.begun + dice.between(20, 60);
        if let Some(approver) = approver {
            ready += dice.between(60, 900);
            self.github.put(ready, github::approved(&world.people.all[approver], repo, run, ready, dice));
            ready += 15;
        }
        self.github.put(ready, github::prepared(repo, run, ready, dice));
        ready
    }

    /// The job takes the shared role of the pipelines.
    pub(crate) fn job(&mut self, account: usize, repo: usize, run: &Run, at: i64, dice: &mut Dice) -> Session {
        let world = self.world;
        let repo = &world.repos[repo];
        let name = if repo.run_in_session { format!("GitHubActions-{}", run.id) } else { "GitHubActions".to_owned() };
        self.web(world.fixed[account].ci, &subject(repo), &name, at, dice)
    }

    pub(crate) fn end_run(&mut self, who: usize, repo: usize, run: &Run, at: i64, dice: &mut Dice) {
        let world = self.world;
        let line = github::completed(&world.people.all[who], &world.repos[repo], run, at, dice);
        self.github.put(at, line);
    }

    /// The acts, one after another. Says when the last one was.
    pub(crate) fn acts(&mut self, visit: &Visit, session: &Session, since: i64, dice: &mut Dice) -> i64 {
        let machine = session.invoked_by.is_some() || session.web.is_some();
        let mut at = since + dice.between(10, if machine { 25 } else { 150 });
        for act in &visit.acts {
            let Some(call) = self.call(act, session, at, dice) else { continue };
            self.act(session, at, &call, dice);
            at += dice.between(8, if machine { 20 } else { 90 });
        }
        at
    }

    pub(crate) fn call(&mut self, act: &Act, session: &Session, at: i64, dice: &mut Dice) -> Option<Call> {
        Some(match act {
            Act::Create(agent) => {
                self.known.born[*agent] = at;
                self.known.changed[*agent] = at;
                calls::create(self.about(*agent), at, dice)
            }
            Act::Update(agent) => {
                self.known.changed[*agent] = at;
                self.known.versions[*agent] += 1;
                calls::update(self.about(*agent), self.known.versions[*agent], at, dice)
            }
            Act::Prepare(agent) => calls::prepare(self.about(*agent), at),
            Act::Alias(agent) => calls::create_alias(self.about(*agent), at),
            Act::Look(agent) => calls::look(self.about(*agent)),
            Act::Invoke(agent) => calls::invoke(self.about(*agent), Some(&session.name), dice),
            Act::LookAtAll => calls::look_at_all(dice.chance(300)),
            Act::MakeRole(role) => {
                self.known.roles[*role] = at;
                calls::create_role(&self.world.roles[*role], at)
            }
            Act::TagRole { role, value } => calls::tag_role(&self.world.roles[*role], value),
            _ => return self.user_call(act, session, at, dice),
        })
    }

    fn user_call(&mut self, act: &Act, session: &Session, at: i64, dice: &mut Dice) -> Option<Call> {
        let world = self.world;
        let user = |user: &usize| &world.users[*user];
        let key = |user: &usize, key: &usize| &world.users[*user].keys[*key];
        let (it, call) = match act {
            Act::MakeUser(it) => {
                self.known.users[*it] = at;
                (it, Call { makes: true, ..calls::create_user(user(it), at) })
            }
            Act::DropUser(it) => (it, calls::delete_user(user(it))),
            Act::MakeKey { user: it, key: which } => {
                self.known.keys.insert((*it, *which), at);
                (it, calls::create_key(user(it), key(it, which), at))
            }
            Act::StopKey { user: it, key: which } => (it, calls::stop_key(user(it), key(it, which))),
            Act::DropKey { user: it, key: which } => (it, calls::delete_key(user(it), key(it, which))),
            Act::UserPolicy(it) => (it, calls::user_policy(user(it))),
            Act::TagUser { user: it, value } => (it, calls::tag_user(user(it), value)),
            Act::MakeSecret(it) => (it, calls::create_secret(user(it), dice)),
            Act::ReadSecret(it) => (it, calls::read_key_secret(user(it))),
            Act::TryKey { user: it, key: which } => {
                let tried = self.robot(*it, *which, &session.place.ip, at);
                self.act(&tried, at, &calls::invoke_model(dice), dice);
                return None;
            }
            _ => return None,
        };
        Some(Call { agent: user(it).agent, ..call })
    }
}
