//! Where the simulated company acts: sessions are opened, calls are made, and every log hears of it.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::calls::{self, About, Assertion, Call, Issue};
use crate::cloudtrail::{Made, Place, Principal, Session, Tool, Who, record};
use crate::delivery::Delivery;
use crate::dice::{ALNUM, Dice, Mint, Uuid, fixed};
use crate::json;
use crate::lines::Lines;
use crate::okta::{self, App};
use crate::world::{ACCOUNTS, AGENT_ACCOUNTS, DIRECTORY, GITHUB, Repo, Trust, World};
use crate::{gitlab, vault};

/// What a reader without any care would make of the log, kept while it is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Naive {
    /// The name in the creating record, and the person it reads as.
    pub(crate) creator: Option<(String, Option<usize>)>,
    /// The last person's name in any record about the agent.
    pub(crate) last_actor: Option<(i64, usize)>,
    /// The last person's name in a record that changes the agent.
    pub(crate) last_changer: Option<(i64, usize)>,
}

/// What the log has said so far about when things were made and changed.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) born: Vec<i64>,
    pub(crate) changed: Vec<i64>,
    pub(crate) versions: Vec<u32>,
    pub(crate) roles: Vec<i64>,
    pub(crate) users: Vec<i64>,
    pub(crate) keys: BTreeMap<(usize, usize), i64>,
}

impl Known {
    fn new(world: &World) -> Self {
        let born: Vec<i64> = world.agents.iter().map(|agent| agent.born).collect();
        Self {
            changed: born.clone(),
            versions: vec![1; born.len()],
            born,
            roles: world.roles.iter().map(|role| role.made).collect(),
            users: world.users.iter().map(|user| user.made).collect(),
            keys: BTreeMap::new(),
        }
    }
}

pub(crate) struct Stage<'w> {
    pub(crate) world: &'w World,
    pub(crate) delivery: Delivery,
    pub(crate) okta: Lines,
    pub(crate) github: Lines,
    pub(crate) gitlab: gitlab::Log,
    pub(crate) vault: vault::Log,
    pub(crate) naive: Vec<Naive>,
    pub(crate) known: Known,
    /// Records that hand out a session.
    pub(crate) issued: u64,
    keys: Mint,
}

impl<'w> Stage<'w> {
    pub(crate) fn new(world: &'w World, delivery: Delivery, okta: Lines, github: Lines, vault: Lines) -> Self {
        Self {
            world,
            delivery,
            okta,
            github,
            gitlab: gitlab::Log::default(),
            vault: vault::Log::new(vault, world.seed),
            naive: vec![Naive::default(); world.agents.len()],
            known: Known::new(world),
            issued: 0,
            keys: Mint::new(world.seed),
        }
    }

    pub(crate) fn deliver(&mut self, until: i64) -> Result<()> {
        self.delivery.deliver(until)?;
        self.okta.deliver(until)?;
        self.vault.deliver(until)?;
        self.github.deliver(until)
    }

    pub(crate) fn about(&self, index: usize) -> About<'w> {
        About { index, agent: &self.world.agents[index], born: self.known.born[index] }
    }

    pub(crate) fn key(&mut self) -> String {
        self.keys.id("ASIA")
    }

    /// A call by the holder of a session.
    pub(crate) fn act(&mut self, session: &Session, at: i64, call: &Call, dice: &mut Dice) {
        let account = match session.principal {
            Principal::Role(role) => self.world.roles[role].account,
            Principal::User(user) => self.world.users[user].account,
        };
        if self.delivery.sees(account, at) {
            self.notice(session, at, call);
        }
        let made = |who| Made { at, account, who, place: &session.place, call, shared: None, details: None };
        match (call.source, session.console) {
            ("signin", _) => self.send(&made(Who::Login(session)), dice),
            (_, true) => {
                // Each call of a console session has a key of its own, which no record issues.
                let session = Session { key: self.key(), ..session.clone() };
                self.send(&made(Who::Session(&session)), dice);
            }
            _ => self.send(&made(Who::Session(session)), dice),
        }
    }

    fn notice(&mut self, session: &Session, at: i64, call: &Call) {
        let Some(naive) = call.agent.and_then(|agent| self.naive.get_mut(agent)) else { return };
        if call.makes {
            naive.creator = Some((session.name.clone(), session.reads_as));
        }
        let Some(person) = session.reads_as else { return };
        let later = |seen: Option<(i64, usize)>| seen.filter(|(last, _)| *last > at).or(Some((at, person)));
        naive.last_actor = later(naive.last_actor);
        if !call.read_only && !call.data && call.error.is_none() {
            naive.last_changer = later(naive.last_changer);
        }
    }

    fn send(&mut self, made: &Made<'_>, dice: &mut Dice) {
        if !self.delivery.sees(made.account, made.at) {
            return;
        }
        let mut bytes = Vec::with_capacity(2048);
        record(&mut bytes, self.world, made, dice);
        self.delivery.put(made.account, made.call.region(), made.at, bytes);
    }

    fn issue(&mut self, made: &Made<'_>, dice: &mut Dice) {
        self.issued += 1;
        self.send(made, dice);
    }

    /// Okta, then Identity Center, then a session of a permission set.
    pub(crate) fn sso(&mut self, person: usize, role: usize, at: i64, dice: &mut Dice) -> Session {
        let world = self.world;
        let human = &world.people.all[person];
        let account = human.account(at);
        if dice.chance(300) {
            self.okta.put(at - 60, okta::session_start(human, at - 60, dice));
        }
        self.okta.put(at - 22, okta::sign_on(human, okta::IDENTITY_CENTER, &account.idc_name, at - 22, dice));
        self.role_credentials(person, role, at, dice);
        let issued = self.key();
        let issuer = "https://portal.sso.eu-west-1.amazonaws.com/saml/assertion/NDQ0NDU1NTU2NjY2X2lucy1leGFtcGxl";
        self.saml(role, &account.idc_name, &account.idc_name, &issued, at, issuer, dice);
        // Identity Center often hands on another key than the one STS gave it.
        let key = if dice.chance(350) { self.key() } else { issued };
        let mut session = Session::new(Principal::Role(role), &account.idc_name, key, at, self.desk(person));
        session.behalf = dice.chance(250).then(|| account.idc_user.clone());
        session.reads_as = Some(person);
        session
    }

    /// Where a person sits.
    pub(crate) fn desk(&self, person: usize) -> Place {
        let human = &self.world.people.all[person];
        Place { ip: human.ip.clone(), tool: if human.mac { Tool::CliMac } else { Tool::CliLinux } }
    }

    fn role_credentials(&mut self, person: usize, role: usize, at: i64, dice: &mut Dice) {
        let world = self.world;
        let role = &world.roles[role];
        let set = role.name.trim_start_matches("AWSReservedSSO_").split('_').next().unwrap_or_default();
        let details = json::body(|o| {
            o.text("role_name", set).text("account_id", ACCOUNTS[role.account]);
        });
        let credential = format!("AAAAAEXAMPLE{}", dice.word(32, ALNUM));
        let who = Who::IdentityCenter { user: &world.people.all[person].account(at).idc_user, credential: &credential };
        let call = Call::new("sso", "sso", "GetRoleCredentials", true);
        let place = self.desk(person);
        let details = details.as_deref();
        self.issue(&Made { at, account: DIRECTORY, who, place: &place, call: &call, shared: None, details }, dice);
    }

    #[expect(clippy::too_many_arguments, reason = "a SAML login has this many sides")]
    fn saml(&mut self, role: usize, name: &str, subject: &str, key: &str, at: i64, issuer: &str, dice: &mut Dice) {
        let world = self.world;
        let account = world.roles[role].account;
        let by_portal = issuer.starts_with("https://portal");
        let seed = fixed(world.seed, &[8, account as u64, u64::from(by_portal)]);
        let qualifier = format!("{}=", Dice::new(seed, &[]).word(27, ALNUM));
        let assertion = Assertion { subject, qualifier: &qualifier, issuer, subject_type: "persistent" };
        let issue = Issue { role: &world.roles[role], session: name, key, at, hours: 12 };
        let call = calls::assume_role_with_saml(issue, assertion, dice);
        let place = if by_portal {
            Place { ip: "198.51.100.201".to_owned(), tool: Tool::IdentityCenter }
        } else {
            Place { ip: "198.51.100.24".to_owned(), tool: Tool::Browser }
        };
        let who = Who::Saml { subject, qualifier: &qualifier };
        self.issue(&Made { at, account, who, place: &place, call: &call, shared: None, details: None }, dice);
    }

    /// Okta, then a SAML role of an account, without Identity Center.
    pub(crate) fn federated(&mut self, person: usize, role: usize, app: App, at: i64, dice: &mut Dice) -> Session {
        let world = self.world;
        let human = &world.people.all[person];
        let login = human.account(at).login.clone();
        self.okta.put(at - 12, okta::sign_on(human, app, &login, at - 12, dice));
        let console = world.roles[role].account < AGENT_ACCOUNTS;
        let team = &world.people.teams[human.team_at(at)];
        let name = if console { format!("{}-team", team.slug) } else { login.clone() };
        let key = self.key();
        let issuer = format!("http://www.okta.com/{}", app.issuer);
        self.saml(role, &name, &login, &key, at, &issuer, dice);
        let mut place = self.desk(person);
        if console {
            place.tool = Tool::Browser;
        }
        let mut session = Session::new(Principal::Role(role), &name, key, at, place);
        session.console = console;
        session.reads_as = (!console).then_some(person);
        session
    }

    /// From one session into a role, under a name of the caller's choice; seen from both accounts when there are two.
    pub(crate) fn assume(&mut self, from: &Session, role: usize, name: &str, at: i64, dice: &mut Dice) -> Session {
        let world = self.world;
        let key = self.key();
        let issue = Issue { role: &world.roles[role], session: name, key: &key, at, hours: 1 };
        let call = calls::assume_role(issue, false, dice);
        let target = world.roles[role].account;
        let (account, principal) = match from.principal {
            Principal::Role(role) => (world.roles[role].account, format!("{}:{}", world.roles[role].id, from.name)),
            Principal::User(user) => (world.users[user].account, world.users[user].id.clone()),
        };
        let shared: Option<Uuid> = (account != target).then(|| dice.uuid());
        let made =
            Made { at, account, who: Who::Session(from), place: &from.place, call: &call, shared, details: None };
        self.issue(&made, dice);
        if shared.is_some() {
            let who = Who::OtherAccount { account, principal: &principal };
            self.send(&Made { account: target, who, ..made }, dice);
        }
        Session::new(Principal::Role(role), name, key, at, from.place.clone())
    }

    /// A service takes a role to work with.
    pub(crate) fn service(
        &mut self,
        role: usize,
        service: &'static str,
        name: &str,
        at: i64,
        dice: &mut Dice,
    ) -> Session {
        let world = self.world;
        let key = self.key();
        let issue = Issue { role: &world.roles[role], session: name, key: &key, at, hours: 1 };
        let call = calls::assume_role(issue, true, dice);
        let place = Place { ip: service.to_owned(), tool: Tool::Service(service) };
        let who = Who::Service(service);
        let account = world.roles[role].account;
        let shared = Some(dice.uuid());
        self.issue(&Made { at, account, who, place: &place, call: &call, shared, details: None }, dice);
        let mut session = Session::new(Principal::Role(role), name, key, at, place);
        session.invoked_by = Some(service);
        session
    }

    /// A pipeline job takes its role with an OIDC token.
    pub(crate) fn web(&mut self, role: usize, subject: &str, name: &str, at: i64, dice: &mut Dice) -> Session {
        let world = self.world;
        let account = world.roles[role].account;
        let host = if let Trust::Oidc(host) = world.roles[role].trust { host } else { "" };
        let provider = format!("arn:aws:iam::{}:oidc-provider/{host}", ACCOUNTS[account]);
        let key = self.key();
        let issue = Issue { role: &world.roles[role], session: name, key: &key, at, hours: 1 };
        let call = calls::assume_role_with_web_identity(issue, subject, &provider, dice);
        let ip = format!("198.51.100.{}", dice.between(30, 200));
        let tool = if host == GITHUB { Tool::Actions } else { Tool::CliLinux };
        let place = Place { ip: ip.clone(), tool };
        let who = Who::Web { subject, provider: &provider };
        self.issue(&Made { at, account, who, place: &place, call: &call, shared: None, details: None }, dice);
        let mut session = Session::new(Principal::Role(role), name, key, at, Place { ip, tool: Tool::CliLinux });
        session.web = Some(host);
        session
    }

    /// Okta, then the console.
    pub(crate) fn console(&mut self, person: usize, role: usize, at: i64, dice: &mut Dice) -> Session {
        let session = self.federated(person, role, okta::CONSOLE, at, dice);
        let provider = format!("arn:aws:iam::{}:saml-provider/okta", ACCOUNTS[self.world.roles[role].account]);
        self.act(&session, at + 1, &calls::console_login(&provider), dice);
        session
    }

    /// A robot with the long-lived key of an IAM user.
    pub(crate) fn robot(&self, user: usize, key: usize, ip: &str, at: i64) -> Session {
        let holder = &self.world.users[user];
        let place = Place { ip: ip.to_owned(), tool: Tool::Boto };
        Session::new(Principal::User(user), &holder.name, holder.keys[key].id.clone(), at, place)
    }
}

/// The subject that GitHub puts into the token of a deployment to production.
pub(crate) fn subject(repo: &Repo) -> String {
    let full = repo.name.as_str();
    match full.split_once('/') {
        Some((org, name)) if repo.ids_in_subject => {
            format!("repo:{org}@900100/{name}@{}:environment:prod", repo.id)
        }
        _ => format!("repo:{full}:environment:prod"),
    }
}
