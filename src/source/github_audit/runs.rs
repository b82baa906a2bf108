//! Runs of GitHub Actions: who started them, of which repository, for which environment, when they ended.
//!
//! Reference: docs.github.com/en/enterprise-cloud@latest/admin/…/audit-log-events-for-your-enterprise#workflows. Runs
//! and jobs are in the REST, streaming and file exports only, never on the web page. A prepared job names no actor:
//! the number of its run leads to one. A run that is done again keeps its number; whoever had it done again is a
//! witness.

use super::fields::Fields;
use super::repositories::repository;
use crate::fact::claim::{Becoming, Detail, Ending, Outcome, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::github_names::repository_named;
use crate::source::oidc::GITHUB;

/// Writes what a record tells of a run, and returns the run. `None` where it names none.
pub(super) fn write(
    action: &str,
    fields: &Fields<'_>,
    actor: Option<Actor>,
    facts: &mut FactWriter,
) -> Option<HandleId> {
    let operation = action.strip_prefix("workflows.")?;
    let run = facts.handle(HandleKind::Run, GITHUB, &fields.id("workflow_run_id")?);
    let repository = repository(fields, facts);
    if let Some(repository) = repository {
        facts.tied(run, Tie::PartOf, repository);
    }
    for (name, detail) in DETAILS {
        facts.described(run, *detail, &fields.get(name).unwrap_or_default());
    }
    match (operation, actor) {
        // Of a scheduled run GitHub names the last human who changed the schedule. Wrong for a run that somebody
        // started with another's token: then the token is what started it, and the chain says so.
        ("created_workflow_run", Some(actor)) => facts.became(actor.by, Becoming::Started, run),
        ("rerun_workflow_run", Some(actor)) => facts.became(actor.by, Becoming::Restarted, run),
        ("completed_workflow_run", _) => facts.ended(run, Ending::Finished, None),
        ("prepared_workflow_job", _) => job(action, fields, run, facts),
        _ => {} // approvals, rejections and cancellations are acts: who approves is a witness
    }
    Some(run)
}

/// Details of a run, by the fields that hold them.
const DETAILS: &[(&str, Detail)] = &[
    ("environment_name", Detail::Environment),
    ("head_branch", Detail::Branch),
    ("head_sha", Detail::Commit),
    ("event", Detail::Trigger),
];

/// What a job used: a workflow that is kept in another repository, and secrets, of which the log has the names alone.
fn job(action: &str, fields: &Fields<'_>, run: HandleId, facts: &mut FactWriter) {
    let own = fields.get("repo").unwrap_or_default().to_lowercase();
    let workflow = fields.get("job_workflow_ref");
    let elsewhere = workflow.as_deref().and_then(repository_of_workflow).filter(|other| *other != own);
    if let Some(other) = elsewhere {
        let other = repository_named(facts, &other);
        facts.tied(run, Tie::DependsOn, other);
    }
    let by_run = Actor { by: run, principal: None, on_behalf_of: None };
    for secret in fields.list("secrets_passed") {
        let secret = facts.handle(HandleKind::Resource, GITHUB, &format!("{own}/secrets/{secret}"));
        facts.did(by_run, &format!("github:{action}"), Some(secret), Outcome::Succeeded);
    }
}

/// The repository of `OWNER/REPO/.github/workflows/FILE@REF`, lower case.
fn repository_of_workflow(reference: &str) -> Option<String> {
    let (repository, _) = reference.split_once("/.github/")?;
    repository.contains('/').then(|| repository.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_workflow_is_kept() {
        let reference = "Example-Org/shared-ci/.github/workflows/deploy.yml@refs/heads/main";
        assert_eq!(repository_of_workflow(reference).as_deref(), Some("example-org/shared-ci"));
        assert_eq!(repository_of_workflow("deploy.yml"), None);
    }
}
