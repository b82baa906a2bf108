//! GitHub as it stands, by its REST lists: pull requests, commits, runs, tokens, apps, keys, members.
//!
//! References: docs.github.com/en/rest/pulls/pulls, …/rest/commits/commits, …/rest/actions/workflow-runs,
//! …/rest/orgs/personal-access-tokens, …/rest/orgs/orgs#list-app-installations-for-an-organization,
//! …/rest/orgs/orgs#list-saml-sso-authorizations-for-an-organization, …/rest/deploy-keys, …/rest/teams/members. Relied on:
//! the keys by which the kinds are told apart (see `kind`), and of each kind what its structs read.
//!
//! Quirks. A list of pull requests does not say who merged them; a single one does, and `gh pr list` on request. Author
//! and committer of a commit are free text: GitHub only matches the address to an account, and only a verified
//! signature says more. The list of runs ends after a thousand. A list of installations does not say who installed.
//! Lists of members do not say of which team. Of tokens the lists have numbers, names and times; of those that members
//! authorised for single sign-on the last eight characters, too, which are never read.

mod access;
mod changes;
mod members;
mod runs;

use serde::Deserialize;

use super::github_names;
use super::text::{Part, Text};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, parsed};
use crate::base::time::Instant;
use crate::bundle::record::{Object, Record};
use crate::fact::claim::Detail;
use crate::fact::handle::HandleId;
use crate::fact::writer::{FactWriter, Stand};

/// Reads lists of GitHub's REST API.
pub struct GithubSnapshot;

static CARD: Card = Card {
    name: "github_snapshot",
    title: "GitHub pull requests, runs, tokens, apps and members",
    tells: "who wrote and who merged the change that was deployed, who started which run, whose each token and key is",
    reference: "https://docs.github.com/en/rest",
    recognised_by: "objects of the REST API: number with head and base; run_number with head_sha; sha with commit; \
                    token_expired with owner; app_slug with target_type; credential_type; login with node_id",
    exports: &[
        Export {
            form: "pull requests of a repository that were closed",
            command: "gh api --paginate \"/repos/OWNER/REPO/pulls?state=closed&per_page=100\" > github-pulls.json",
        },
        Export {
            form: "pull requests with who merged them",
            command: "gh pr list -R OWNER/REPO --state merged -L 1000 --json number,url,author,createdAt,mergedBy,mergedAt,mergeCommit,headRefOid,isCrossRepository > github-pr-list.json",
        },
        Export {
            form: "commits of a repository",
            command: "gh api --paginate \"/repos/OWNER/REPO/commits?since=2026-08-01T00:00:00Z&per_page=100\" > github-commits.json",
        },
        Export {
            form: "runs of a repository's workflows",
            command: "gh api --paginate \"/repos/OWNER/REPO/actions/runs?per_page=100\" > github-runs.json",
        },
        Export {
            form: "fine-grained tokens that may be used in an organisation, and those that ask to",
            command: "gh api --paginate /orgs/ORG/personal-access-tokens > github-tokens.json; gh api --paginate /orgs/ORG/personal-access-token-requests > github-token-requests.json",
        },
        Export {
            form: "classic tokens and keys that members authorised for single sign-on",
            command: "gh api --paginate /orgs/ORG/credential-authorizations > github-credentials.json",
        },
        Export {
            form: "apps that are installed in an organisation",
            command: "gh api --paginate /orgs/ORG/installations > github-installations.json",
        },
        Export {
            form: "deploy keys of a repository",
            command: "gh api --paginate /repos/OWNER/REPO/keys > github-deploy-keys.json",
        },
        Export {
            form: "members of a team, with the team's name added to each",
            command: "gh api --paginate /orgs/ORG/teams/TEAM/members --jq '.[] + {team: \"ORG/TEAM\"}' > github-team.json",
        },
        Export {
            form: "members with the name that the company's identity provider gives them, the organisation added to each",
            command: "gh api graphql --paginate -f query='query($endCursor:String){organization(login:\"ORG\"){samlIdentityProvider{externalIdentities(first:100,after:$endCursor){pageInfo{hasNextPage endCursor} nodes{guid samlIdentity{nameId} scimIdentity{username} user{login databaseId}}}}}}' --jq '.data.organization.samlIdentityProvider.externalIdentities.nodes[] + {org: \"ORG\"}' > github-saml.json",
        },
    ],
};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Pull,
    /// A pull request as `gh pr list` writes it.
    ListedPull,
    Commit,
    Run,
    /// A fine-grained token that may be used.
    Token,
    /// A fine-grained token that nobody has let in yet.
    TokenRequest,
    /// A token or key that a member authorised for single sign-on.
    Credential,
    Installation,
    DeployKey,
    Team,
    Member,
    /// A member's name at the company's identity provider.
    External,
}

/// Tells the kind of a record by its keys.
fn kind(object: &Object<'_>) -> Option<Kind> {
    let all = |keys: &[&str]| keys.iter().all(|key| object.has(key));
    let kind = match () {
        () if all(&["number", "head", "base", "user", "merged_at"]) => Kind::Pull,
        () if all(&["number", "url", "author", "mergedAt", "mergeCommit"]) => Kind::ListedPull,
        () if all(&["sha", "commit", "parents", "node_id"]) => Kind::Commit,
        () if all(&["run_number", "head_sha", "workflow_id", "event"]) => Kind::Run,
        () if all(&["token_expired", "owner", "access_granted_at"]) => Kind::Token,
        () if all(&["token_expired", "owner", "created_at", "reason"]) => Kind::TokenRequest,
        () if all(&["login", "credential_id", "credential_type"]) => Kind::Credential,
        () if all(&["app_id", "app_slug", "target_type", "account"]) => Kind::Installation,
        () if all(&["key", "title", "read_only", "url"]) => Kind::DeployKey,
        () if all(&["slug", "node_id", "members_url", "privacy"]) => Kind::Team,
        () if all(&["login", "id", "node_id", "type"]) => Kind::Member,
        () if all(&["guid", "samlIdentity", "user"]) => Kind::External,
        () => return None,
    };
    Some(kind)
}

/// An account as other records show one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Account<'a> {
    #[serde(borrow)]
    login: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
    /// Of `gh`, whose `id` is no number.
    #[serde(borrow)]
    is_bot: Text<'a>,
}

/// A repository as other records show one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Repository<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    full_name: Text<'a>,
}

impl Source for GithubSnapshot {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        // What has an action happened: events name runs and keys by the same members.
        match shape.body.json().filter(|object| !object.has("action")).and_then(|object| kind(&object)) {
            Some(_) => Fit::Certain,
            None => Fit::No,
        }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let kind = kind(&object).ok_or(Refusal::Unreadable("the record"))?;
        facts.snapshot(record.taken);
        match kind {
            Kind::Pull => return changes::pull(&parsed(&object)?, facts),
            Kind::ListedPull => return changes::listed_pull(&parsed(&object)?, facts),
            Kind::Commit => changes::commit(&parsed(&object)?, facts)?,
            Kind::Run => runs::run(&parsed(&object)?, facts)?,
            Kind::Token => access::token(&parsed(&object)?, true, facts)?,
            Kind::TokenRequest => access::token(&parsed(&object)?, false, facts)?,
            Kind::Credential => access::credential(&parsed(&object)?, facts)?,
            Kind::Installation => access::installation(&parsed(&object)?, facts)?,
            Kind::DeployKey => access::deploy_key(&parsed(&object)?, facts)?,
            Kind::Team => members::team(&parsed(&object)?, facts)?,
            Kind::Member => members::member(&parsed(&object)?, facts)?,
            Kind::External => members::external(&parsed(&object)?, facts)?,
        }
        Ok(Reading::Claimed)
    }
}

/// The account that another record shows; `None` where it was deleted.
fn account(account: &Part<Account<'_>>, facts: &mut FactWriter) -> Option<HandleId> {
    let account = account.get()?;
    let login = account.login.get().filter(|login| !github_names::is_nobody(login));
    // Its number; `gh` writes another id there, which nothing else has.
    let id = account.id.get().filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
    let bot = account.kind.get() == Some("Bot") || account.is_bot.get() == Some("true");
    let machine = github_names::machine(login.unwrap_or_default(), bot, false);
    github_names::user(facts, login, id, machine)
}

fn time(text: &Text<'_>) -> Option<Instant> {
    text.get().and_then(Instant::parse)
}

fn born(who: HandleId, time: &Text<'_>, facts: &mut FactWriter) {
    if let Some(born) = self::time(time) {
        facts.described(who, Detail::Born, &born.to_string());
    }
}

fn last_used(who: HandleId, time: &Text<'_>, facts: &mut FactWriter) {
    if let Some(used) = self::time(time) {
        facts.described(who, Detail::LastUsed, &used.to_string());
    }
}
