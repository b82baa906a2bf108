//! GitLab, on a host of the company's own: projects, pipelines with their jobs, users, members, tokens, audit events.
//!
//! Everybody who may build has a user, under another name than at GitHub and with the address of the company.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::clock::{DAY, END, HOUR, MINUTE, iso_millis};
use crate::dice::{Dice, HEX, derived};
use crate::people::{Kind, People, Person};
use crate::snapshots::{made, save};
use crate::stage::Stage;
use crate::visit::Visit;
use crate::world::World;

pub(crate) const HOST: &str = "gitlab.example.com";

/// A project whose pipelines deploy an agent.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) path: String,
    pub(crate) id: i64,
    /// Its sessions carry the numbers of project and pipeline.
    pub(crate) number_in_session: bool,
    pub(crate) made_by: usize,
    pub(crate) made: i64,
}

/// What is listed at the end.
#[derive(Default)]
pub(crate) struct Log {
    runs: Vec<Run>,
    next: i64,
}

/// A pipeline, with who let its last job go.
struct Run {
    id: i64,
    project: usize,
    who: usize,
    presser: Option<usize>,
    branch: &'static str,
    sha: String,
    pushed: bool,
    begun: i64,
    deploys: i64,
    ended: i64,
}

impl Log {
    fn begin(&mut self, project: usize, who: usize, presser: Option<usize>, at: i64, dice: &mut Dice) -> usize {
        self.next += dice.between(1, 9);
        let waits = if presser.is_some() { dice.between(2 * MINUTE, 20 * MINUTE) } else { 5 };
        let deploys = at + dice.between(90, 300) + waits;
        self.runs.push(Run {
            id: 41_000 + self.next,
            project,
            who,
            presser,
            branch: "main",
            sha: dice.word(40, HEX),
            pushed: dice.chance(750),
            begun: at,
            deploys,
            ended: deploys + dice.between(6 * MINUTE, 12 * MINUTE),
        });
        self.runs.len() - 1
    }

    /// All lists, as the API answers them.
    pub(crate) fn write(&self, folder: &Path, world: &World, since: i64) -> Result<()> {
        let folder = made(folder.to_path_buf())?;
        let people = &world.people;
        let users: Vec<Value> = members(people).map(|(index, person)| listed_user(index, person)).collect();
        save(&folder.join("users.json"), &Value::Array(users))?;
        let tokens: Vec<Value> = members(people).filter_map(|(index, person)| token(index, person)).collect();
        save(&folder.join("personal-access-tokens.json"), &Value::Array(tokens))?;
        let projects = world.projects.iter().map(project);
        save(&folder.join("projects.json"), &projects.collect())?;
        let mut by_project: BTreeMap<usize, (Vec<Value>, Vec<Value>)> = BTreeMap::new();
        // The API lists the newest first.
        for run in self.runs.iter().rev().filter(|run| (since..END).contains(&run.begun)) {
            let (pipelines, jobs) = by_project.entry(run.project).or_default();
            pipelines.push(pipeline(world, run));
            jobs.extend(self::jobs(world, run));
        }
        for (index, (pipelines, jobs)) in by_project {
            let id = world.projects[index].id;
            save(&folder.join(format!("pipelines-{id}.json")), &Value::Array(pipelines))?;
            save(&folder.join(format!("jobs-{id}.json")), &Value::Array(jobs))?;
        }
        save(&folder.join("audit-events.json"), &Value::Array(self.events(world, since)))
    }

    /// Who made each project, and who set up the environment that its last job deploys to.
    fn events(&self, world: &World, since: i64) -> Vec<Value> {
        let mut events: Vec<(i64, Value)> = Vec::new();
        for (index, project) in world.projects.iter().enumerate() {
            let made = project.made;
            events.push((made, event(world, project, project.made_by, "project_created", made)));
            let presser = self.runs.iter().find(|run| run.project == index).and_then(|run| run.presser);
            let at = made + HOUR;
            events.extend(presser.map(|it| (at, event(world, project, it, "protected_environment_updated", at))));
        }
        events.retain(|(at, _)| (since..END).contains(at));
        events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        events.into_iter().map(|(_, event)| event).collect()
    }
}

impl Stage<'_> {
    /// A pipeline of the main branch, whose last job takes the role that all pipelines share.
    pub(crate) fn pipeline(
        &mut self,
        visit: &Visit,
        who: usize,
        project: usize,
        others: (Option<usize>, Option<usize>),
        dice: &mut Dice,
    ) {
        let world = self.world;
        let (presser, tester) = others;
        let run = self.gitlab.begin(project, who, presser, visit.at, dice);
        let (id, deploys) = (self.gitlab.runs[run].id, self.gitlab.runs[run].deploys);
        if let Some(tester) = tester {
            let test = self.gitlab.begin(project, tester, None, visit.at + dice.between(20, 90), dice);
            let test = &mut self.gitlab.runs[test];
            (test.branch, test.pushed, test.ended) = ("experiment", true, deploys + 9 * MINUTE);
        }
        let it = &world.projects[project];
        let subject = format!("project_path:{}:ref_type:branch:ref:main", it.path);
        let name =
            if it.number_in_session { format!("GitLabRunner-{}-{id}", it.id) } else { "gitlab-deploy".to_owned() };
        let session = self.web(world.fixed[visit.account].gitlab, &subject, &name, deploys + 4, dice);
        let last = self.acts(visit, &session, deploys + 8, dice);
        let run = &mut self.gitlab.runs[run];
        run.ended = run.ended.max(last + 30);
    }
}

/// Those who have a user here.
fn members(people: &People) -> impl Iterator<Item = (usize, &Person)> {
    people.all.iter().enumerate().filter(|(_, person)| person.aws || person.kind == Kind::Platform)
}

fn user_name(person: &Person) -> String {
    person.github.replace('-', ".")
}

fn user(index: usize, person: &Person) -> Value {
    let (id, name) = (300 + index, user_name(person));
    json!({"id": id, "username": name, "name": person.display(), "state": state(person), "locked": false,
           "avatar_url": format!("https://{HOST}/uploads/-/system/user/avatar/{id}/a.png"),
           "web_url": format!("https://{HOST}/{name}")})
}

/// Blocked where the identity provider closed the account.
fn state(person: &Person) -> &'static str {
    if person.account(END).closed().is_some() { "blocked" } else { "active" }
}

fn listed_user(index: usize, person: &Person) -> Value {
    let account = person.account(END);
    let mut user = user(index, person);
    user["created_at"] = json!(iso_millis(account.from + DAY, 0));
    user["email"] = json!(account.mail);
    user["confirmed_at"] = json!(iso_millis(account.from + DAY + 300, 0));
    user["identities"] = json!([{"provider": "saml", "extern_uid": account.login, "saml_provider_id": null}]);
    user["bot"] = json!(false);
    user["external"] = json!(false);
    user
}

/// One in four has a token of their own.
fn token(index: usize, person: &Person) -> Option<Value> {
    let account = person.account(END);
    let mut dice = derived(&account.okta, 71);
    dice.chance(250).then(|| {
        let at = dice.between(account.from + 2 * DAY, END - 2 * DAY).max(account.from + 2 * DAY);
        json!({"id": 7_000 + index, "name": "laptop", "revoked": false, "created_at": iso_millis(at, 0),
               "description": null, "scopes": ["read_api"], "user_id": 300 + index, "last_used_at": null, "active": true,
               "expires_at": null})
    })
}

fn project(it: &Project) -> Value {
    let path = it.path.rsplit('/').next().unwrap_or_default();
    json!({"id": it.id, "description": null, "name": path, "path": path, "path_with_namespace": it.path,
           "created_at": iso_millis(it.made, 0), "default_branch": "main", "web_url": format!("https://{HOST}/{}", it.path),
           "namespace": {"id": 12, "path": "agents", "kind": "group"}, "creator_id": 300 + it.made_by})
}

fn pipeline(world: &World, run: &Run) -> Value {
    let project = &world.projects[run.project];
    let at = |at: i64| iso_millis(at, 0);
    json!({"id": run.id, "iid": run.id - 41_000, "project_id": project.id, "sha": run.sha, "ref": run.branch,
           "status": "success", "source": if run.pushed { "push" } else { "web" }, "created_at": at(run.begun),
           "updated_at": at(run.ended), "web_url": format!("https://{HOST}/{}/-/pipelines/{}", project.path, run.id),
           "before_sha": "0".repeat(40), "tag": false, "yaml_errors": null,
           "user": user(run.who, &world.people.all[run.who]), "started_at": at(run.begun + 5),
           "finished_at": at(run.ended), "duration": run.ended - run.begun - 5, "queued_duration": 4})
}

/// The job that builds, in the name of whoever pushed; and the one that deploys, in that of whoever let it go.
fn jobs(world: &World, run: &Run) -> Vec<Value> {
    let project = &world.projects[run.project];
    let at = |at: i64| iso_millis(at, 0);
    let job = |number: i64, name: &str, who: usize, started: i64, ended: i64| {
        let id = run.id * 10 + number;
        json!({"id": id, "status": "success", "stage": name, "name": name, "ref": run.branch, "tag": false,
               "allow_failure": false, "created_at": at(run.begun), "started_at": at(started), "finished_at": at(ended),
               "user": user(who, &world.people.all[who]), "commit": {"id": run.sha, "author_email": "bot@example.com"},
               "pipeline": {"id": run.id, "project_id": project.id, "sha": run.sha, "ref": run.branch,
                            "status": "success"},
               "web_url": format!("https://{HOST}/{}/-/jobs/{id}", project.path), "artifacts": [],
               "runner": {"id": 3, "description": "shared-runner"}})
    };
    let built = job(1, "build", run.who, run.begun + 8, run.deploys - 2 * MINUTE);
    let deployed = job(2, "deploy-prod", run.presser.unwrap_or(run.who), run.deploys, run.ended - 10);
    if run.branch == "main" { vec![deployed, built] } else { vec![built] }
}

fn event(world: &World, project: &Project, by: usize, kind: &str, at: i64) -> Value {
    let person = &world.people.all[by];
    let (mail, name) = (&person.account(at).mail, person.display());
    let environment = kind.contains("environment");
    let (target, shown) =
        if environment { ("ProtectedEnvironment", "prod") } else { ("Project", project.path.as_str()) };
    let id = 90_000 + project.id * 2 + i64::from(environment);
    json!({"id": id, "author_id": 300 + by, "entity_id": project.id, "entity_type": "Project",
           "details": {"event_name": kind, "author_name": name, "author_class": "User", "author_email": mail,
                       "ip_address": person.ip, "target_id": project.id, "target_type": target, "target_details": shown,
                       "custom_message": kind.replace('_', " "), "entity_path": project.path},
           "ip_address": person.ip, "author_name": name, "entity_path": project.path, "target_details": shown,
           "created_at": iso_millis(at, 120), "target_type": target, "target_id": project.id, "event_type": kind})
}
