//! The ways in which agents come to AI Foundry. Each says who the true owner is, and plants those who only look like it.

use super::azure_log::{Caller, Operation};
use super::entra_log::{Proof, Target};
use super::{Agent, App, Author, Microsoft, account};
use crate::clock::{DAY, END, HOUR, MINUTE};
use crate::dice::derived;
use crate::github;
use crate::thing::{Thing, mail};
use crate::world::Repo;

/// The service of the vendor's that makes the identities of agents.
const FOUNDRY: &str = "Azure AI Foundry";

impl Microsoft<'_> {
    /// A user deploys an agent and keeps it up.
    pub(super) fn by_user(&mut self) {
        let at = self.cast.between(2, 92);
        let owner = self.cast.builder(self.people, at);
        let caller = self.user_caller(owner, at);
        let agent = self.publish("foundry-user", owner, Some(owner), &caller, at);
        let times = self.cast.dice.below(5);
        self.keep_up(agent, owner, times, (at, END));
        match self.cast.dice.below(10) {
            0 | 1 if at < END - 30 * DAY => self.cover(agent, owner, at),
            2 | 3 => self.look_at_keys(agent, owner, at),
            _ => {}
        }
    }

    /// A colleague changes it once, in one sitting; the owner changes it again.
    fn cover(&mut self, agent: usize, owner: usize, born: i64) {
        let at = self.cast.moment(born + 3 * DAY, END - 20 * DAY);
        let mate = self.cast.mate(self.people, owner, at);
        self.touch_up(agent, mate, at);
        let thing = self.agents[agent].thing;
        self.things[thing].decoy(mate, "covered-once");
        self.keep_up(agent, owner, 2, (at, END));
    }

    /// A colleague opens the account's page, which lists its keys unasked.
    fn look_at_keys(&mut self, agent: usize, owner: usize, born: i64) {
        let at = self.cast.moment(born + HOUR, END);
        let mate = self.cast.mate(self.people, owner, at);
        let caller = self.user_caller(mate, at);
        let resource = account(self.agents[agent].subscription);
        let action = "Microsoft.CognitiveServices/accounts/listKeys/action";
        self.operate(&caller, &Operation { action, resource: &resource, code: "OK", request: None }, at);
        let thing = self.agents[agent].thing;
        self.things[thing].decoy(mate, "listed-keys");
    }

    /// A makes it, B takes it over.
    pub(super) fn handed_over(&mut self) {
        let at = self.cast.between(2, 35);
        let first = self.cast.builder(self.people, at);
        let caller = self.user_caller(first, at);
        let agent = self.publish("foundry-handover", first, Some(first), &caller, at);
        let turn = self.cast.between(45, 65);
        let times = self.cast.dice.below(3);
        self.keep_up(agent, first, times, (at, turn));
        let second = self.cast.mate(self.people, first, turn);
        let times = 3 + self.cast.dice.below(3);
        let days = self.cast.days(self.people, second, times, (turn + 5 * DAY, END));
        let thing = self.agents[agent].thing;
        if days.len() < 2 {
            self.things[thing].decoy(second, "meant-to-take-over");
            return;
        }
        self.things[thing].owner = Some(second);
        self.things[thing].decoys.retain(|decoy| decoy.person != second);
        self.things[thing].decoy(first, "made-it-and-handed-it-over");
        for at in days {
            self.change_by_user(agent, second, at);
            self.things[thing].kept(at);
        }
    }

    /// A run of GitHub Actions deploys it, as an app that trusts the repository. Whoever pushes is the owner; the platform
    /// registered the app.
    pub(super) fn by_pipeline(&mut self) {
        let at = self.cast.between(4, 92);
        let owner = self.cast.builder(self.people, at);
        let engineer = self.cast.engineer(self.people);
        let name = self.cast.fresh_name();
        let repo = self.repo(&name);
        let earlier = self.cast.moment((at - 6 * DAY).max(self.start), at);
        let app = self.register(&format!("gh-{name}"), engineer, earlier);
        self.apps[app].owners.push(engineer);
        self.trust(app, engineer, &repo, earlier + 40);
        let approver = self.cast.dice.chance(500).then(|| self.cast.mate(self.people, owner, at));
        let job = self.run(owner, approver, &repo, at);
        let caller = self.job_caller(app, job);
        let agent = self.publish_as("foundry-pipeline", name, owner, None, &caller, job + 30);
        let thing = self.agents[agent].thing;
        self.things[thing].owner = Some(owner);
        self.things[thing].decoy(engineer, "registered-the-pipeline's-app");
        if let Some(approver) = approver {
            self.things[thing].decoy(approver, "approver");
        }
        let times = 1 + self.cast.dice.below(5);
        for at in self.cast.days(self.people, owner, times, (at, END)) {
            self.change_by_run(agent, app, owner, approver, &repo, at);
            self.things[thing].kept(at);
        }
        if self.cast.dice.chance(200) && at < END - 30 * DAY {
            let when = self.cast.moment(at + DAY, END - 10 * DAY);
            let mate = self.cast.mate(self.people, owner, when);
            self.change_by_run(agent, app, mate, approver, &repo, when);
            self.things[thing].decoy(mate, "pushed-once");
            for at in self.cast.days(self.people, owner, 2, (when, END)) {
                self.change_by_run(agent, app, owner, approver, &repo, at);
                self.things[thing].kept(at);
            }
        }
    }

    /// The app accepts the repository's tokens for its production environment.
    fn trust(&mut self, app: usize, by: usize, repo: &Repo, at: i64) {
        let subject = crate::stage::subject(repo);
        let id = self.cast.dice.uuid().to_string();
        let it = &self.apps[app];
        let (object, name) = (it.object.clone().unwrap_or_default(), it.name.clone());
        let value = format!(
            "[{{\"Id\":\"{id}\",\"Name\":\"prod\",\"Issuer\":\"https://token.actions.githubusercontent.com\",\
             \"Subject\":\"{subject}\",\"Audiences\":[\"api://AzureADTokenExchange\"]}}]"
        );
        let mut target = Target::new("Application", &object, &name);
        target.changes.push(("FederatedIdentityCredentials", Some("[]".to_owned()), Some(value)));
        self.audit(by, "Update application", vec![target], at);
        self.apps[app].federated.push((id, subject));
    }

    fn run(&mut self, owner: usize, approver: Option<usize>, repo: &Repo, at: i64) -> i64 {
        let people = self.people;
        let approver = approver.map(|person| &people.all[person]);
        github::run(&mut self.github, &people.all[owner], approver, repo, at, &mut self.cast.dice)
    }

    fn job_caller(&mut self, app: usize, at: i64) -> Caller {
        let credential = self.apps[app].federated.first().map(|(id, _)| id.clone()).unwrap_or_default();
        let ip = format!("198.51.100.{}", self.cast.dice.between(30, 200));
        self.app_caller(app, Proof::Federated(&credential), &ip, at + 6)
    }

    fn change_by_run(&mut self, agent: usize, app: usize, by: usize, approver: Option<usize>, repo: &Repo, at: i64) {
        let job = self.run(by, approver, repo, at);
        let caller = self.job_caller(app, job);
        self.change(agent, None, &caller, job + 30);
    }

    /// A team's own app deploys it. The app's owner answers for what it does; the platform registered it.
    pub(super) fn by_service_principal(&mut self) {
        let at = self.cast.between(4, 92);
        let owner = self.cast.builder(self.people, at);
        let engineer = self.cast.engineer(self.people);
        let name = self.cast.fresh_name();
        let earlier = self.cast.moment((at - 6 * DAY).max(self.start), at);
        let app = self.register(&format!("{name}-deployer"), engineer, earlier);
        self.give(app, owner, engineer, earlier + 2 * MINUTE);
        let key = self.add_secret(app, owner, (earlier + 3 * HOUR).min(at - 10));
        let ip = format!("198.51.100.{}", self.cast.dice.between(200, 250));
        let caller = self.app_caller(app, Proof::Secret(&key), &ip, at);
        let agent = self.publish_as("foundry-service-principal", name, owner, None, &caller, at);
        let thing = self.agents[agent].thing;
        self.things[thing].owner = Some(owner);
        self.things[thing].decoy(engineer, "registered-the-app");
        let times = self.cast.dice.below(5);
        for at in self.cast.days(self.people, owner, times, (at, END)) {
            let caller = self.app_caller(app, Proof::Secret(&key), &ip, at);
            self.change(agent, None, &caller, at);
            self.things[thing].kept(at);
        }
    }

    /// Published before the log begins: only Azure's own note of who made it is left.
    pub(super) fn before_log(&mut self) {
        let born = self.start - self.cast.dice.between(20 * DAY, 400 * DAY);
        let owner = self.cast.builder(self.people, self.start);
        let caller = self.user_caller(owner, born);
        let agent = self.publish("foundry-before-log", owner, Some(owner), &caller, born);
        let thing = self.agents[agent].thing;
        self.things[thing].naive = crate::stage::Naive::default();
        self.agents[agent].alive = self.start;
        if self.cast.dice.chance(500) {
            let at = self.cast.between(5, 90);
            let mate = self.cast.mate(self.people, owner, at);
            self.touch_up(agent, mate, at);
            self.things[thing].decoy(mate, "covered-once");
        }
    }

    fn publish(&mut self, path: &'static str, owner: usize, reads_as: Option<usize>, by: &Caller, at: i64) -> usize {
        let name = self.cast.fresh_name();
        let agent = self.publish_as(path, name, owner, reads_as, by, at);
        let thing = self.agents[agent].thing;
        self.things[thing].owner = Some(owner);
        agent
    }

    /// Writes the agent, lets the vendor make its identity, and deploys its first version.
    fn publish_as(
        &mut self,
        path: &'static str,
        name: String,
        owner: usize,
        reads_as: Option<usize>,
        by: &Caller,
        at: i64,
    ) -> usize {
        let (project, subscription, engineer) = self.project(owner, at);
        let blueprint = self.blueprint(&name, at);
        let identity = self.cast.dice.uuid().to_string();
        let author = Author { at, name: self.author(by), is_user: by.user.is_some() };
        let thing = self.things.len();
        let mut agent = Agent {
            thing,
            subscription,
            project,
            name,
            identity,
            blueprint,
            created: author.clone(),
            changed: author,
            sponsors: Vec::new(),
            sponsor_team: None,
            tags: Vec::new(),
            alive: at + HOUR,
        };
        let mut it = Thing::new("foundry-agent", path, agent.path(), agent.name.clone(), at).alias(&agent.identity);
        it.aliases.push(agent.path().to_lowercase());
        it.owner = Some(owner);
        it.decoy(engineer, "made-the-project");
        it.made(at, &self.author(by), reads_as);
        self.answerable(&mut agent, &mut it, owner, at);
        self.things.push(it);
        self.write(by, &agent.path(), true, at + 4);
        self.identify(&agent, at + 6);
        self.write(by, &format!("{}/agentDeployments/live", agent.path()), true, at + 25);
        self.agents.push(agent);
        self.agents.len() - 1
    }

    /// How an author is called in Azure's own note.
    fn author(&self, by: &Caller) -> String {
        by.user.as_ref().map_or_else(|| by.app.clone(), |(upn, ..)| upn.clone())
    }

    /// Who is written down: often whoever deployed it, as Entra does by itself; a group of the team; by a lazy template the
    /// platform's first engineer; or nobody.
    fn answerable(&mut self, agent: &mut Agent, thing: &mut Thing, owner: usize, at: i64) {
        match self.cast.dice.below(10) {
            0..=3 => agent.sponsors.push(owner),
            4 | 5 => agent.sponsor_team = Some(self.people.all[owner].team_at(at)),
            6 => {
                let default = self.people.platform[0];
                agent.sponsors.push(default);
                thing.decoy(default, "default-sponsor");
                thing.tag = Some(mail(self.people, default, at));
            }
            _ => {}
        }
        if self.cast.dice.chance(120) {
            let other = self.cast.mate(self.people, owner, at);
            let value = mail(self.people, other, at);
            thing.decoy(other, "tag-copied-from-elsewhere");
            thing.tag = Some(value.clone());
            thing.disputed = true;
            agent.tags.push(("owner", value));
        }
    }

    /// The project of the owner's team, which a platform engineer made when it was first needed.
    fn project(&mut self, owner: usize, at: i64) -> (String, usize, usize) {
        let team = self.people.all[owner].team_at(at);
        let slug = self.people.teams[team].slug.clone();
        let subscription = team % super::SUBSCRIPTIONS.len();
        let path = format!("{}/projects/{slug}", account(subscription));
        if let Some((_, _, engineer, _)) = self.projects.iter().find(|(known, ..)| *known == path) {
            return (path, subscription, *engineer);
        }
        let engineer = self.cast.engineer(self.people);
        let made = self.start + self.cast.dice.between(-90 * DAY, 2 * DAY);
        let caller = self.user_caller(engineer, made);
        self.write(&caller, &path, true, made);
        self.projects.push((path.clone(), team, engineer, made));
        (path, subscription, engineer)
    }

    fn blueprint(&mut self, name: &str, at: i64) -> App {
        let mut dice = derived(name, 45);
        App {
            name: format!("{name}-AgentIdentityBlueprint"),
            app: dice.uuid().to_string(),
            object: Some(dice.uuid().to_string()),
            principal: dice.uuid().to_string(),
            made: at,
            owners: Vec::new(),
            secrets: Vec::new(),
            federated: Vec::new(),
            grants: Vec::new(),
            for_all: false,
            works: None,
        }
    }

    /// The vendor's service makes blueprint and identity; the human is nowhere in these audits.
    fn identify(&mut self, agent: &Agent, at: i64) {
        let it = &agent.blueprint;
        let object = it.object.clone().unwrap_or_default();
        let mut target = Target::new("Application", &object, &it.name).change("AppId", &it.app);
        target.agent = Some(("agenticApp", None));
        self.audit_by_service(FOUNDRY, "Add application", vec![target], at);
        let name = format!("{}-AgentIdentity", agent.name);
        let mut target = Target::new("ServicePrincipal", &agent.identity, &name);
        target.agent = Some(("agenticAppInstance", Some(&object)));
        self.audit_by_service(FOUNDRY, "Add service principal", vec![target], at + 2);
    }

    fn keep_up(&mut self, agent: usize, person: usize, times: u64, span: (i64, i64)) {
        for at in self.cast.days(self.people, person, times, span) {
            self.change_by_user(agent, person, at);
            let thing = self.agents[agent].thing;
            self.things[thing].kept(at);
        }
    }

    fn change_by_user(&mut self, agent: usize, person: usize, at: i64) {
        let caller = self.user_caller(person, at);
        self.change(agent, Some(person), &caller, at);
    }

    /// A colleague's change: the agent is written again, but whoever deploys it takes it over.
    fn touch_up(&mut self, agent: usize, person: usize, at: i64) {
        let caller = self.user_caller(person, at);
        let path = self.agents[agent].path();
        self.write(&caller, &path, false, at + 12);
        self.note(agent, Some(person), &caller, at);
    }

    /// Another version is deployed, or the agent itself is written again.
    fn change(&mut self, agent: usize, reads_as: Option<usize>, by: &Caller, at: i64) {
        let path = self.agents[agent].path();
        if self.cast.dice.chance(600) {
            self.write(by, &format!("{path}/agentDeployments/live"), false, at + 12);
        } else {
            self.write(by, &path, false, at + 12);
        }
        self.note(agent, reads_as, by, at);
    }

    /// Azure keeps who changed it last.
    fn note(&mut self, agent: usize, reads_as: Option<usize>, by: &Caller, at: i64) {
        let name = self.author(by);
        let it = &mut self.agents[agent];
        if at > it.changed.at {
            it.changed = Author { at, name, is_user: by.user.is_some() };
        }
        let thing = it.thing;
        self.things[thing].changed(at, reads_as);
    }
}
