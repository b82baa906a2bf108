//! GitHub: the audit log of the organisation, with the runs of its workflows.

use crate::clock;
use crate::dice::{ALNUM, Dice, HEX};
use crate::json::{Object, object};
use crate::people::Person;
use crate::world::Repo;

/// One run of a workflow.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) id: i64,
    pub(crate) number: i64,
    pub(crate) sha: String,
    pub(crate) begun: i64,
    pub(crate) pushed: bool,
}

impl Run {
    pub(crate) fn new(begun: i64, dice: &mut Dice) -> Self {
        Self {
            id: 17_700_000_000 + dice.between(0, 900_000_000),
            number: dice.between(2, 400),
            sha: dice.word(40, HEX),
            begun,
            pushed: dice.chance(750),
        }
    }
}

fn entry(
    action: &str,
    operation: &str,
    actor: Option<&Person>,
    repo: &Repo,
    at: i64,
    dice: &mut Dice,
    fill: impl FnOnce(&mut Object<'_>, &mut Dice),
) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    let millis = at * 1000 + dice.between(0, 1000);
    object(&mut out, |o| {
        o.number("@timestamp", millis).text("_document_id", &dice.word(22, ALNUM)).text("action", action);
        if let Some(person) = actor {
            o.text("actor", &person.github).number("actor_id", person.github_id).flag("actor_is_bot", false);
            o.object("actor_location", |o| {
                o.text("country_code", "SE");
            });
            o.text("external_identity_nameid", &person.account(at).login);
        }
        o.text("business", "example").number("business_id", 90_010).number("created_at", millis);
        o.text("operation_type", operation).text("org", "example-org").number("org_id", 900_100);
        o.text("repo", &repo.name).number("repo_id", repo.id).flag("public_repo", false);
        fill(o, dice);
    });
    out
}

pub(crate) fn push(person: &Person, repo: &Repo, at: i64, dice: &mut Dice) -> Vec<u8> {
    entry("git.push", "modify", Some(person), repo, at, dice, |o, _| {
        o.number("transport_protocol", 1).text("transport_protocol_name", "http").text("repository", &repo.name);
    })
}

/// Somebody's program clones with a token of theirs, by its number and fingerprint.
pub(crate) fn cloned_with_token(person: &Person, repo: &Repo, token: (i64, &str), at: i64, dice: &mut Dice) -> Vec<u8> {
    entry("git.clone", "access", Some(person), repo, at, dice, |o, _| {
        o.text("actor_ip", &person.ip).text("user_agent", "node").text("hashed_token", token.1);
        o.number("token_id", token.0).text("token_scopes", "repo");
        o.text("programmatic_access_type", "Personal access token (classic)");
    })
}

fn run_fields(o: &mut Object<'_>, repo: &Repo, run: &Run) {
    o.text("event", if run.pushed { "push" } else { "workflow_dispatch" }).text("name", "deploy");
    o.number("workflow_id", repo.workflow).number("workflow_run_id", run.id).number("run_number", run.number);
    o.number("run_attempt", 1).text("head_branch", "main").text("head_sha", &run.sha);
    o.text("started_at", &clock::iso_millis(run.begun, 0));
}

pub(crate) fn created(person: &Person, repo: &Repo, run: &Run, dice: &mut Dice) -> Vec<u8> {
    entry("workflows.created_workflow_run", "create", Some(person), repo, run.begun, dice, |o, dice| {
        run_fields(o, repo, run);
        o.number("trigger_id", 800_000_000 + dice.between(0, 100_000_000));
    })
}

pub(crate) fn approved(person: &Person, repo: &Repo, run: &Run, at: i64, dice: &mut Dice) -> Vec<u8> {
    entry("workflows.approve_workflow_job", "modify", Some(person), repo, at, dice, |o, _| {
        o.number("workflow_run_id", run.id).number("workflow_id", repo.workflow).text("environment_name", "prod");
        o.text("head_branch", "main").text("head_sha", &run.sha);
    })
}

/// The job record names no actor: the number of the run leads to one.
pub(crate) fn prepared(repo: &Repo, run: &Run, at: i64, dice: &mut Dice) -> Vec<u8> {
    entry("workflows.prepared_workflow_job", "modify", None, repo, at, dice, |o, dice| {
        o.number("workflow_run_id", run.id).text("job_name", "deploy").text("environment_name", "prod");
        o.parts("job_workflow_ref", &[&repo.name, "/.github/workflows/deploy.yml@refs/heads/main"]);
        o.texts("secrets_passed", &["SENTRY_DSN"]).flag("is_hosted_runner", true);
        let runner = dice.between(1_000_000, 2_000_000);
        o.number("runner_id", runner).parts("runner_name", &["GitHub Actions ", &(runner % 100_000).to_string()]);
        o.text("runner_group_name", "GitHub Actions").texts("runner_labels", &["ubuntu-latest"]);
        o.text("runner_owner_type", "GitHub");
    })
}

pub(crate) fn completed(person: &Person, repo: &Repo, run: &Run, at: i64, dice: &mut Dice) -> Vec<u8> {
    entry("workflows.completed_workflow_run", "modify", Some(person), repo, at, dice, |o, _| {
        run_fields(o, repo, run);
        o.text("completed_at", &clock::iso_millis(at, 0)).text("conclusion", "success");
    })
}

/// A whole run with one job, told to this log. Says when the job begins to work; it works for five minutes.
pub(crate) fn run(
    log: &mut Vec<(i64, Vec<u8>)>,
    person: &Person,
    approver: Option<&Person>,
    repo: &Repo,
    begun: i64,
    dice: &mut Dice,
) -> i64 {
    let run = Run::new(begun, dice);
    if run.pushed {
        log.push((begun - 8, push(person, repo, begun - 8, dice)));
    }
    log.push((begun, created(person, repo, &run, dice)));
    let mut ready = begun + dice.between(20, 60);
    if let Some(approver) = approver {
        ready += dice.between(60, 900);
        log.push((ready, approved(approver, repo, &run, ready, dice)));
        ready += 15;
    }
    log.push((ready, prepared(repo, &run, ready, dice)));
    let ended = ready + 330 + dice.between(0, 200);
    log.push((ended, completed(person, repo, &run, ended, dice)));
    ready + 8
}
