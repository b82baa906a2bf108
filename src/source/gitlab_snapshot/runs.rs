//! Pipelines and jobs: who started them, of which project, on which branch, from when to when.

use serde::Deserialize;

use super::{Account, account, time};
use crate::base::time::{Instant, When};
use crate::fact::claim::{Becoming, Detail, Ending, Tie};
use crate::fact::handle::HandleId;
use crate::fact::writer::{FactWriter, Stand};
use crate::source::gitlab_names::{self, User};
use crate::source::text::{Part, Text};
use crate::source::{Reading, Refusal};

/// A pipeline; in the list without a user.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pipeline<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    project_id: Text<'a>,
    #[serde(borrow)]
    sha: Text<'a>,
    #[serde(rename = "ref", borrow)]
    branch: Text<'a>,
    #[serde(borrow)]
    source: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    finished_at: Text<'a>,
    #[serde(borrow)]
    updated_at: Text<'a>,
    #[serde(borrow)]
    web_url: Text<'a>,
    #[serde(borrow)]
    user: Part<Account<'a>>,
}

/// A job, with the pipeline it is of.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Job<'a> {
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    web_url: Text<'a>,
    #[serde(rename = "ref", borrow)]
    branch: Text<'a>,
    #[serde(borrow)]
    user: Part<Account<'a>>,
    #[serde(borrow)]
    pipeline: Part<Pipeline<'a>>,
}

/// A schedule. Its pipelines run in its owner's name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Schedule<'a> {
    #[serde(borrow)]
    owner: Part<Account<'a>>,
}

/// What a job's token says of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Claims<'a> {
    #[serde(borrow)]
    iss: Text<'a>,
    #[serde(borrow)]
    iat: Text<'a>,
    #[serde(borrow)]
    project_id: Text<'a>,
    #[serde(borrow)]
    project_path: Text<'a>,
    #[serde(borrow)]
    pipeline_id: Text<'a>,
    #[serde(borrow)]
    pipeline_source: Text<'a>,
    #[serde(rename = "ref", borrow)]
    branch: Text<'a>,
    #[serde(borrow)]
    environment: Text<'a>,
    #[serde(borrow)]
    sha: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    user_login: Text<'a>,
    #[serde(borrow)]
    user_email: Text<'a>,
}

/// The states in which a pipeline is over.
const OVER: &[&str] = &["success", "failed", "canceled", "skipped"];

/// A pipeline: a run of its project. Its own record says who started it; of a scheduled one that is who owns the schedule.
///
/// Wrong where somebody started it with another's token: then GitLab knows the token's user alone.
pub(super) fn pipeline(pipeline: &Pipeline<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let (run, created) = run(pipeline, pipeline.web_url.get(), facts)?;
    if let Some(user) = account(&pipeline.user, facts) {
        facts.dated(When::at(created.ok_or(Refusal::Missing("created_at"))?));
        facts.became(user, Becoming::Started, run);
    }
    if pipeline.status.get().is_some_and(|status| OVER.contains(&status)) {
        let end = time(&pipeline.finished_at).or(time(&pipeline.updated_at));
        if let Some(end) = end {
            facts.dated(When::at(end));
            facts.ended(run, Ending::Finished, None);
        }
    }
    Ok(())
}

/// The run that a pipeline is, with what its record says of it.
fn run(
    pipeline: &Pipeline<'_>,
    link: Option<&str>,
    facts: &mut FactWriter,
) -> Result<(HandleId, Option<Instant>), Refusal> {
    let realm = gitlab_names::realm(link);
    let id = pipeline.id.get().ok_or(Refusal::Missing("id"))?;
    let run = gitlab_names::pipeline(facts, &realm, id).ok_or(Refusal::Unreadable("id"))?;
    let path = link.and_then(gitlab_names::path_in);
    if let Some(project) = gitlab_names::project(facts, &realm, pipeline.project_id.get(), path) {
        facts.tied(run, Tie::PartOf, project);
    }
    facts.described(run, Detail::Branch, pipeline.branch.get().unwrap_or_default());
    facts.described(run, Detail::Commit, pipeline.sha.get().unwrap_or_default());
    facts.described(run, Detail::Trigger, pipeline.source.get().unwrap_or_default());
    Ok((run, time(&pipeline.created_at)))
}

/// A job: in whose name it was done. That is who started the pipeline, unless the job was done again or waited for a
/// button; the pipeline's own record goes before.
pub(super) fn job(job: &Job<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let of = job.pipeline.get().ok_or(Refusal::Missing("pipeline"))?;
    let (run, created) = run(of, job.web_url.get(), facts)?;
    if of.branch.get().is_none() {
        facts.described(run, Detail::Branch, job.branch.get().unwrap_or_default());
    }
    if let Some(user) = account(&job.user, facts) {
        let at = created.or(time(&job.created_at)).ok_or(Refusal::Missing("created_at"))?;
        facts.dated(When::at(at));
        facts.became(user, Becoming::Executed, run);
    }
    Ok(())
}

/// A schedule names its owner, and no pipeline that it started: the pipelines name it as theirs.
pub(super) fn schedule(schedule: &Schedule<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    match account(&schedule.owner, facts) {
        Some(_) => Ok(Reading::Claimed),
        None => Ok(Reading::SetAside("a schedule without an owner")),
    }
}

/// What a token says: signed by GitLab, but whoever put the file here may have written it.
pub(super) fn claims(claims: &Claims<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let realm = gitlab_names::realm(claims.iss.get());
    let id = claims.pipeline_id.get().ok_or(Refusal::Missing("pipeline_id"))?;
    let run = gitlab_names::pipeline(facts, &realm, id).ok_or(Refusal::Unreadable("pipeline_id"))?;
    if let Some(project) = gitlab_names::project(facts, &realm, claims.project_id.get(), claims.project_path.get()) {
        facts.tied(run, Tie::PartOf, project);
    }
    for (detail, value) in [
        (Detail::Branch, &claims.branch),
        (Detail::Environment, &claims.environment),
        (Detail::Commit, &claims.sha),
        (Detail::Trigger, &claims.pipeline_source),
    ] {
        facts.described(run, detail, value.get().unwrap_or_default());
    }
    let user = User {
        id: claims.user_id.get(),
        username: claims.user_login.get(),
        name: None,
        email: claims.user_email.get(),
    };
    if let Some(user) = gitlab_names::user(facts, &realm, user) {
        let at = claims.iat.get().and_then(|seconds| Instant::from_seconds(seconds.parse().ok()?));
        facts.dated(When::at(at.ok_or(Refusal::Missing("iat"))?));
        facts.became(user, Becoming::Executed, run);
    }
    Ok(())
}
