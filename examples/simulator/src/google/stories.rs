//! The ways in which agents, keys and grants come to be at Google. Each says who the true owner is, and plants those who
//! only look like it.

use super::audit_log::By;
use super::{Engine, Google, PROJECTS};
use crate::clock::{DAY, END, HOUR, MINUTE};
use crate::github;
use crate::stage::Naive;
use crate::thing::{Thing, mail};
use crate::world::Repo;

/// How somebody reaches Google Cloud.
#[derive(Clone, Copy)]
enum Way<'a> {
    /// As themselves.
    Own,
    /// Through the project's deployer.
    Impersonating,
    /// By a run of this repository, as the project's pipeline account, perhaps approved.
    Run(&'a Repo, Option<usize>),
}

impl Google<'_> {
    fn ip(&self, person: usize) -> String {
        self.people.all[person].ip.clone()
    }

    fn any_project(&mut self) -> usize {
        match self.cast.dice.below(10) {
            0..5 => 0,
            5..8 => 1,
            _ => PROJECTS.len() - 1,
        }
    }

    /// Who is seen to act, from where and when.
    fn reach(&mut self, project: usize, person: usize, way: Way<'_>, at: i64) -> (By, String, i64) {
        match way {
            Way::Own => (self.user(person, at), self.ip(person), at),
            Way::Impersonating => {
                let (user, ip) = (self.user(person, at), self.ip(person));
                let deployer = self.deployers[project];
                self.impersonate(deployer, &user, &ip, at);
                let caller = mail(self.people, person, at);
                (By::For(self.accounts[deployer].mail.clone(), caller), ip, at + 15)
            }
            Way::Run(repo, approver) => {
                let people = self.people;
                let approver = approver.map(|person| &people.all[person]);
                let (log, dice) = (&mut self.github, &mut self.cast.dice);
                let job = github::run(log, &people.all[person], approver, repo, at, dice);
                let ip = format!("198.51.100.{}", self.cast.dice.between(30, 200));
                let subject = crate::stage::subject(repo);
                self.exchange(project, &subject, &ip, job + 2);
                let (account, principal) = (self.pipelines[project], self.subject(project, &subject));
                self.impersonate(account, &By::Subject(principal.clone()), &ip, job + 3);
                (By::For(self.accounts[account].mail.clone(), principal), ip, job + 20)
            }
        }
    }

    /// Makes an engine; its owner is whoever stands behind it.
    fn deploy(&mut self, path: &'static str, owner: usize, way: Way<'_>, at: i64) -> usize {
        let name = self.cast.fresh_name();
        self.deploy_named(path, name, owner, way, at)
    }

    fn deploy_named(&mut self, path: &'static str, name: String, owner: usize, way: Way<'_>, at: i64) -> usize {
        let project = self.any_project();
        let mut decoy = None;
        let runs_as = self.cast.dice.chance(500).then(|| {
            let engineer = self.cast.engineer(self.people);
            let earlier = self.cast.moment((at - 5 * DAY).max(self.start), at);
            let account = self.service_account(project, &format!("{name}-run"));
            let (by, ip) = (self.user(engineer, earlier), self.ip(engineer));
            self.make_account(account, &by, &ip, earlier);
            decoy = Some(engineer);
            account
        });
        let thing = self.things.len();
        let mut engine = Engine {
            thing,
            project,
            id: (1_000_000_000_000_000_000 + self.cast.dice.below(8_000_000_000_000_000_000)).to_string(),
            name,
            runs_as,
            created: at,
            changed: at,
            labels: Vec::new(),
            alive: at + HOUR,
        };
        let (by, ip, when) = self.reach(project, owner, way, at);
        let mut it = Thing::new("vertex-agent-engine", path, engine.path(), engine.name.clone(), at).owned(owner);
        let by_id = engine.path().replace(PROJECTS[project].1, PROJECTS[project].0);
        it.aliases.push(by_id);
        let reads_as = matches!(way, Way::Own).then_some(owner);
        it.made(when, &seen(&by), reads_as);
        if let Some(engineer) = decoy {
            it.decoy(engineer, "made-the-service-account");
        }
        if self.cast.dice.chance(120) {
            // Labels hold no sign of an address; people write the part before it.
            let other = self.cast.mate(self.people, owner, at);
            let value = mail(self.people, other, at);
            it.decoy(other, "label-copied-from-elsewhere");
            engine.labels.push(("owner", value.split('@').next().unwrap_or_default().replace('.', "_")));
            it.tag = Some(value);
        }
        engine.created = when;
        engine.changed = when;
        self.write_engine(&engine, &by, &ip, true, when);
        self.things.push(it);
        self.engines.push(engine);
        self.engines.len() - 1
    }

    fn change(&mut self, engine: usize, person: usize, way: Way<'_>, at: i64) {
        let it = self.engines[engine].clone();
        let (by, ip, when) = self.reach(it.project, person, way, at);
        self.write_engine(&it, &by, &ip, false, when);
        self.engines[engine].changed = it.changed.max(when);
        self.things[it.thing].changed(when, matches!(way, Way::Own).then_some(person));
    }

    fn keep_up(&mut self, engine: usize, person: usize, times: u64, span: (i64, i64), way: Way<'_>) {
        for at in self.cast.days(self.people, person, times, span) {
            self.change(engine, person, way, at);
            let thing = self.engines[engine].thing;
            self.things[thing].kept(at);
        }
    }

    /// A colleague changes it once, in one sitting; the owner changes it again.
    fn cover(&mut self, engine: usize, owner: usize, born: i64, way: Way<'_>, why: &'static str) {
        if born > END - 30 * DAY {
            return;
        }
        let at = self.cast.moment(born + 3 * DAY, END - 20 * DAY);
        let mate = self.cast.mate(self.people, owner, at);
        self.change(engine, mate, way, at);
        let thing = self.engines[engine].thing;
        self.things[thing].decoy(mate, why);
        self.keep_up(engine, owner, 2, (at, END), way);
    }

    pub(super) fn by_user(&mut self) {
        let at = self.cast.between(2, 92);
        let owner = self.cast.builder(self.people, at);
        let engine = self.deploy("vertex-user", owner, Way::Own, at);
        let times = self.cast.dice.below(5);
        self.keep_up(engine, owner, times, (at, END), Way::Own);
        if self.cast.dice.chance(200) {
            self.cover(engine, owner, at, Way::Own, "covered-once");
        }
    }

    pub(super) fn by_impersonation(&mut self) {
        let at = self.cast.between(2, 92);
        let owner = self.cast.builder(self.people, at);
        let engine = self.deploy("vertex-impersonation", owner, Way::Impersonating, at);
        let times = self.cast.dice.below(5);
        self.keep_up(engine, owner, times, (at, END), Way::Impersonating);
        if self.cast.dice.chance(200) {
            self.cover(engine, owner, at, Way::Impersonating, "covered-once");
        }
    }

    /// All pipelines of a project become one service account; the subject of the token tells them apart.
    pub(super) fn by_pipeline(&mut self) {
        let at = self.cast.between(2, 92);
        let owner = self.cast.builder(self.people, at);
        let name = self.cast.fresh_name();
        let repo = self.repo(&name);
        let approver = self.cast.dice.chance(500).then(|| self.cast.mate(self.people, owner, at));
        let way = Way::Run(&repo, approver);
        let engine = self.deploy_named("vertex-workload-identity", name, owner, way, at);
        if let Some(approver) = approver {
            let thing = self.engines[engine].thing;
            self.things[thing].decoy(approver, "approver");
        }
        let times = 1 + self.cast.dice.below(5);
        self.keep_up(engine, owner, times, (at, END), way);
        if self.cast.dice.chance(200) {
            self.cover(engine, owner, at, way, "pushed-once");
        }
    }

    /// A makes it, B takes it over.
    pub(super) fn handed_over(&mut self) {
        let at = self.cast.between(2, 35);
        let first = self.cast.builder(self.people, at);
        let engine = self.deploy("vertex-handover", first, Way::Own, at);
        let turn = self.cast.between(45, 65);
        let times = self.cast.dice.below(3);
        self.keep_up(engine, first, times, (at, turn), Way::Own);
        let second = self.cast.mate(self.people, first, turn);
        let times = 3 + self.cast.dice.below(3);
        let days = self.cast.days(self.people, second, times, (turn + 5 * DAY, END));
        let thing = self.engines[engine].thing;
        if days.len() < 2 {
            self.things[thing].decoy(second, "meant-to-take-over");
            return;
        }
        self.things[thing].owner = Some(second);
        self.things[thing].decoys.retain(|decoy| decoy.person != second);
        self.things[thing].decoy(first, "made-it-and-handed-it-over");
        for at in days {
            self.change(engine, second, Way::Own, at);
            self.things[thing].kept(at);
        }
    }

    /// Made before the log: no list says by whom.
    pub(super) fn before_log(&mut self) {
        let born = self.start - self.cast.dice.between(20 * DAY, 400 * DAY);
        let whoever = self.cast.builder(self.people, self.start);
        let engine = self.deploy("vertex-before-log", whoever, Way::Own, born);
        self.engines[engine].alive = self.start;
        let thing = self.engines[engine].thing;
        (self.things[thing].owner, self.things[thing].naive) = (None, Naive::default());
    }

    /// The platform makes the account, the owner its key, which works on a server elsewhere.
    pub(super) fn key_of_service_account(&mut self) {
        let at = self.cast.between(2, 88);
        let owner = self.cast.builder(self.people, at);
        let engineer = self.cast.engineer(self.people);
        let project = self.any_project();
        let name = format!("svc-{}", self.cast.fresh_name());
        let account = self.service_account(project, &name);
        let (by, ip) = (self.user(engineer, at), self.ip(engineer));
        self.make_account(account, &by, &ip, at);
        let issued = self.cast.moment(at + 10 * MINUTE, at + 3 * DAY).max(at + 10 * MINUTE);
        self.issue(account, owner, issued);
        let server = format!("198.51.100.{}", self.cast.dice.between(2, 30));
        self.accounts[account].works = Some((issued + HOUR, server));
        let it = &self.accounts[account];
        let mut thing = Thing::new("service-account", "gcp-service-account-key", it.mail.clone(), name, issued)
            .alias(&it.unique)
            .owned(owner);
        let reads = mail(self.people, engineer, at);
        thing.made(at, &reads, Some(engineer));
        thing.changed(issued, Some(owner));
        thing.decoy(engineer, "made-the-service-account");
        for at in self.cast.days(self.people, owner, 2, (issued, END)) {
            self.rotate(account, owner, at);
            thing.changed(at, Some(owner));
            thing.kept(at);
        }
        self.things.push(thing);
    }

    fn issue(&mut self, account: usize, by: usize, at: i64) {
        let key = self.cast.dice.word(40, crate::dice::HEX);
        let (user, ip) = (self.user(by, at), self.ip(by));
        self.key(account, &key, false, &user, &ip, at);
        self.accounts[account].keys.push((key, at, None));
    }

    fn rotate(&mut self, account: usize, by: usize, at: i64) {
        self.issue(account, by, at);
        let keys = &mut self.accounts[account].keys;
        let Some(old) = keys.iter_mut().find(|(_, made, gone)| gone.is_none() && *made < at) else { return };
        old.2 = Some(at + HOUR);
        let key = old.0.clone();
        let (user, ip) = (self.user(by, at), self.ip(by));
        self.key(account, &key, true, &user, &ip, at + HOUR);
    }

    /// Somebody lets an app read their mail.
    pub(super) fn user_grant(&mut self) {
        let at = self.cast.between(2, 95);
        let user = self.cast.builder(self.people, at);
        let name =
            *self.cast.dice.pick(&["NotesPilot AI", "Inbox Otter", "Minutes by Magpie", "Draftwell", "Recap Robin"]);
        let client = super::workspace::client(name);
        if self.grants.iter().any(|(known, _, person, _)| *known == client && *person == user) {
            return;
        }
        let account = self.people.all[user].account(at).clone();
        let profile = super::profile(&account);
        self.authorize(user, name, &client, at);
        self.grants.push((client.clone(), name.to_owned(), user, profile.clone()));
        let id = format!("grant:{client}/{profile}");
        let mut thing = Thing::new("oauth-grant", "google-user-grant", id, name.to_owned(), at).owned(user);
        thing.made(at, &account.mail, Some(user));
        self.things.push(thing);
    }
}

/// The name that an entry bears.
fn seen(by: &By) -> String {
    match by {
        By::User(mail) | By::Account(mail) | By::Key(mail, _) | By::For(mail, _) | By::Subject(mail) => mail.clone(),
    }
}
