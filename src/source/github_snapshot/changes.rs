//! Pull requests and commits: who wrote a change, and who let it in.
//!
//! The author of a pull request opened it in a session of their own. The author of a commit is whoever its text names:
//! said by GitHub only where the signature is verified, by the committer alone where it is not. Whoever merges, or puts
//! a change into the queue that merges, lets it in: a witness, and the nearest human where a bot wrote it.

use serde::Deserialize;

use super::{Account, Repository, account, time};
use crate::base::time::When;
use crate::fact::claim::{Detail, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::github_names::{self, repository_in};
use crate::source::oidc::GITHUB;
use crate::source::text::{Part, Text};
use crate::source::{Reading, Refusal};

/// A pull request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pull<'a> {
    #[serde(borrow)]
    number: Text<'a>,
    #[serde(borrow)]
    html_url: Text<'a>,
    #[serde(borrow)]
    user: Part<Account<'a>>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    merged_at: Text<'a>,
    #[serde(borrow)]
    merge_commit_sha: Text<'a>,
    /// Of a single pull request only.
    #[serde(borrow)]
    merged_by: Part<Account<'a>>,
    #[serde(borrow)]
    auto_merge: Part<AutoMerge<'a>>,
    #[serde(borrow)]
    head: Part<End<'a>>,
    #[serde(borrow)]
    base: Part<End<'a>>,
}

/// Who had it merged once all was well.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AutoMerge<'a> {
    #[serde(borrow)]
    enabled_by: Part<Account<'a>>,
}

/// Where a change comes from, or goes to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct End<'a> {
    #[serde(borrow)]
    repo: Part<Repository<'a>>,
}

/// A pull request as `gh pr list` writes it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ListedPull<'a> {
    #[serde(borrow)]
    number: Text<'a>,
    #[serde(borrow)]
    url: Text<'a>,
    #[serde(borrow)]
    author: Part<Account<'a>>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    merged_at: Text<'a>,
    #[serde(borrow)]
    merged_by: Part<Account<'a>>,
    #[serde(borrow)]
    merge_commit: Part<Oid<'a>>,
    #[serde(borrow)]
    is_cross_repository: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Oid<'a> {
    #[serde(borrow)]
    oid: Text<'a>,
}

/// A commit.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Commit<'a> {
    #[serde(borrow)]
    sha: Text<'a>,
    #[serde(borrow)]
    html_url: Text<'a>,
    #[serde(borrow)]
    commit: Part<Inner<'a>>,
    /// The account that GitHub matches the author's address to.
    #[serde(borrow)]
    author: Part<Account<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Inner<'a> {
    #[serde(borrow)]
    committer: Part<Signed<'a>>,
    #[serde(borrow)]
    verification: Part<Verification<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Signed<'a> {
    #[serde(borrow)]
    date: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Verification<'a> {
    #[serde(borrow)]
    verified: Text<'a>,
}

/// A change that was let in, however its record is written.
struct Change<'c, 'a> {
    number: Option<&'c str>,
    url: Option<&'c str>,
    commit: Option<&'c str>,
    author: Option<&'c Part<Account<'a>>>,
    created: &'c Text<'a>,
    merged: &'c Text<'a>,
    merged_by: [Option<&'c Part<Account<'a>>>; 2],
}

/// A pull request of the REST API.
pub(super) fn pull(pull: &Pull<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let repository = |end: &Part<End<'_>>| end.get().and_then(|end| Some(end.repo.get()?.id.get()?.to_owned()));
    // Whoever sends a change from a repository of their own may be a stranger: only who let it in acted inside.
    let from_elsewhere = repository(&pull.head) != repository(&pull.base);
    if let Some(base) = pull.base.get().and_then(|base| base.repo.get()) {
        github_names::repository(facts, base.full_name.get(), base.id.get());
    }
    let change = Change {
        number: pull.number.get(),
        url: pull.html_url.get(),
        commit: pull.merge_commit_sha.get(),
        author: Some(&pull.user).filter(|_| !from_elsewhere),
        created: &pull.created_at,
        merged: &pull.merged_at,
        merged_by: [Some(&pull.merged_by), pull.auto_merge.get().map(|auto| &auto.enabled_by)],
    };
    write(&change, facts)
}

/// A pull request of `gh pr list`.
pub(super) fn listed_pull(pull: &ListedPull<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let change = Change {
        number: pull.number.get(),
        url: pull.url.get(),
        commit: pull.merge_commit.get().and_then(|commit| commit.oid.get()),
        author: Some(&pull.author).filter(|_| pull.is_cross_repository.get() != Some("true")),
        created: &pull.created_at,
        merged: &pull.merged_at,
        merged_by: [Some(&pull.merged_by), None],
    };
    write(&change, facts)
}

fn write(change: &Change<'_, '_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let Some(merged) = time(change.merged) else {
        return Ok(Reading::SetAside("a pull request that was not merged"));
    };
    let number = change.number.ok_or(Refusal::Missing("number"))?;
    let name = change.url.and_then(repository_in).ok_or(Refusal::Missing("html_url"))?;
    let commit = change.commit.ok_or(Refusal::Missing("merge_commit_sha"))?;
    let repository = github_names::repository_named(facts, name);
    let handle = facts.handle(HandleKind::Resource, GITHUB, &format!("{}#{number}", name.to_lowercase()));
    facts.account(name.split('/').next());
    facts.dated(When::at(merged));
    facts.tied(handle, Tie::PartOf, repository);
    facts.described(handle, Detail::Commit, commit);
    for by in change.merged_by.into_iter().flatten() {
        if let Some(by) = account(by, facts) {
            facts.granted(Some(by), handle, repository);
        }
    }
    if let Some(author) = change.author.and_then(|author| account(author, facts)) {
        facts.dated(When::at(time(change.created).unwrap_or(merged)));
        facts.made(author, Making::Created, handle);
    }
    Ok(Reading::Claimed)
}

/// A commit. A verified signature is the author's own, or GitHub's for whoever was signed in: then GitHub says who the
/// author is. Without one, whoever made the commit wrote the author into it.
pub(super) fn commit(commit: &Commit<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let sha = commit.sha.get().ok_or(Refusal::Missing("sha"))?;
    let name = commit.html_url.get().and_then(repository_in).ok_or(Refusal::Missing("html_url"))?;
    let inner = commit.commit.get().ok_or(Refusal::Missing("commit"))?;
    let handle = facts.handle(HandleKind::Resource, GITHUB, &format!("{}@{sha}", name.to_lowercase()));
    let repository = github_names::repository_named(facts, name);
    facts.account(name.split('/').next());
    let at = inner.committer.get().and_then(|committer| time(&committer.date));
    if let Some(at) = at {
        facts.dated(When::at(at));
    }
    facts.tied(handle, Tie::PartOf, repository);
    facts.described(handle, Detail::Commit, sha);
    if let Some(author) = account(&commit.author, facts) {
        let verified = inner.verification.get().is_some_and(|signature| signature.verified.get() == Some("true"));
        claim_author(handle, author, verified, facts);
    }
    Ok(())
}

fn claim_author(commit: HandleId, author: HandleId, verified: bool, facts: &mut FactWriter) {
    match verified {
        true => facts.made(author, Making::Created, commit),
        false => facts.tied(commit, Tie::CalledItself, author),
    }
}
