//! Repositories, what is kept in them, and what becomes of them.

use super::fields::Fields;
use crate::fact::claim::{Ending, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::github_names::{self, user};
use crate::source::oidc::GITHUB;

/// The repository of a record: by the number that lasts, else by the name, which can be given again after a rename.
pub(super) fn repository(fields: &Fields<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let is_name = |name: &std::borrow::Cow<'_, str>| name.contains('/');
    let name = fields.get("repo").filter(is_name).or(fields.get("repository").filter(is_name));
    let id = fields.id("repo_id").or(fields.id("repository_id"));
    github_names::repository(facts, name.as_deref(), id.as_deref())
}

/// Writes what becomes of a repository, and returns what the act was on: the repository, or a secret or change in it.
pub(super) fn write(action: &str, fields: &Fields<'_>, actor: Actor, facts: &mut FactWriter) -> Option<HandleId> {
    let repository = repository(fields, facts);
    if let Some(secret) = secret(action, fields, facts) {
        return Some(secret);
    }
    let repository = repository?;
    match action {
        "repo.create" => facts.made(actor.by, Making::Created, repository),
        "repo.destroy" => facts.ended(repository, Ending::Deleted, Some(actor.by)),
        "repo.transfer" => transferred(fields, repository, facts),
        _ => return Some(change(action, fields, repository, facts).unwrap_or(repository)),
    }
    Some(repository)
}

/// A repository that went to a user is that user's. One that went to an organisation was given to nobody in particular,
/// and whoever pressed the button is not its owner by that.
fn transferred(fields: &Fields<'_>, repository: HandleId, facts: &mut FactWriter) {
    let owner = fields.get("owner").filter(|owner| fields.get("org").as_deref() != Some(owner));
    if let Some(owner) = owner.and_then(|owner| user(facts, Some(&owner), None, None)) {
        facts.made(owner, Making::HandedOver, repository);
    }
}

/// A pull request, as the thing that its author, its reviewers and whoever merged it acted on.
fn change(action: &str, fields: &Fields<'_>, repository: HandleId, facts: &mut FactWriter) -> Option<HandleId> {
    if !action.starts_with("pull_request") {
        return None;
    }
    let change = format!("pull-request/{}", fields.id("pull_request_id")?);
    let change = facts.handle(HandleKind::Resource, GITHUB, &change);
    facts.tied(change, Tie::PartOf, repository);
    Some(change)
}

/// A secret by its name (`key`), in the scope that holds it: environment, repository or organisation.
fn secret(action: &str, fields: &Fields<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (category, operation) = action.split_once('.')?;
    if !operation.ends_with("_secret") || !matches!(category, "repo" | "org" | "environment") {
        return None;
    }
    let scope = fields.get("repo").or(fields.get("org"))?.to_lowercase();
    let name = fields.get("key")?;
    let secret = match fields.get("environment_name").filter(|_| category == "environment") {
        Some(environment) => format!("{scope}/environments/{environment}/secrets/{name}"),
        None => format!("{scope}/secrets/{name}"),
    };
    Some(facts.handle(HandleKind::Resource, GITHUB, &secret))
}
