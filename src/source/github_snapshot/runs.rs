//! Runs of workflows: who started them, at which commit, from when to when.
//!
//! `actor` is who caused the run at first; `triggering_actor` who started this attempt: of a later attempt a witness.

use serde::Deserialize;

use super::{Account, Repository, account, time};
use crate::base::time::When;
use crate::fact::claim::{Becoming, Detail, Ending, Tie};
use crate::fact::handle::HandleKind;
use crate::fact::writer::{FactWriter, Stand};
use crate::source::Refusal;
use crate::source::github_names;
use crate::source::oidc::GITHUB;
use crate::source::text::{Part, Text};

/// A run.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Run<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    run_attempt: Text<'a>,
    #[serde(borrow)]
    event: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    head_branch: Text<'a>,
    #[serde(borrow)]
    head_sha: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    run_started_at: Text<'a>,
    #[serde(borrow)]
    updated_at: Text<'a>,
    #[serde(borrow)]
    actor: Part<Account<'a>>,
    #[serde(borrow)]
    triggering_actor: Part<Account<'a>>,
    #[serde(borrow)]
    repository: Part<Repository<'a>>,
}

/// A run of a repository. The record of a run that was done again is of its last attempt; its number and its first
/// beginning are those of the first.
pub(super) fn run(run: &Run<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let handle = facts.handle(HandleKind::Run, GITHUB, run.id.get().ok_or(Refusal::Missing("id"))?);
    let created = time(&run.created_at).ok_or(Refusal::Missing("created_at"))?;
    let repository = run.repository.get();
    let name = repository.and_then(|repository| repository.full_name.get());
    let id = repository.and_then(|repository| repository.id.get());
    let repository = github_names::repository(facts, name, id).ok_or(Refusal::Missing("repository"))?;
    facts.account(name.and_then(|name| name.split('/').next()));
    facts.dated(When::at(created));
    facts.tied(handle, Tie::PartOf, repository);
    for (detail, value) in
        [(Detail::Branch, &run.head_branch), (Detail::Commit, &run.head_sha), (Detail::Trigger, &run.event)]
    {
        facts.described(handle, detail, value.get().unwrap_or_default());
    }
    if let Some(actor) = account(&run.actor, facts) {
        facts.became(actor, Becoming::Started, handle);
    }
    if run.run_attempt.get().is_some_and(|attempt| attempt != "1")
        && let (Some(by), Some(at)) = (account(&run.triggering_actor, facts), time(&run.run_started_at))
    {
        facts.dated(When::at(at));
        facts.became(by, Becoming::Restarted, handle);
    }
    if let Some(end) = time(&run.updated_at).filter(|_| run.status.get() == Some("completed")) {
        facts.dated(When::at(end));
        facts.ended(handle, Ending::Finished, None);
    }
    Ok(())
}
