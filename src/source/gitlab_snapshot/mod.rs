//! GitLab as it stands: users, members, projects, pipelines and jobs, tokens, agents.
//!
//! References: docs.gitlab.com/api/users, …/api/members, …/api/projects, …/api/pipelines, …/api/jobs,
//! …/api/pipeline_schedules, …/api/personal_access_tokens, …/api/project_access_tokens, …/api/deploy_tokens,
//! …/api/deploy_keys, …/api/cluster_agents, and docs.gitlab.com/ci/secrets/id_token_authentication. Relied on: `id` and
//! the keys by which the kinds are told apart (see `kind`).
//!
//! Quirks. The list of pipelines does not say who started them; a single pipeline and every job do. A job that was done
//! again, or that waits for a button, is in the name of whoever pressed it. Lists of tokens do not say which instance they
//! are of, nor, of a project's, which project. Blocking a user is the instance's doing, mostly on behalf of a directory:
//! it says less than that directory. Tokens themselves are shown once, when they are made, and are not in any list.

mod access;
mod runs;

use serde::Deserialize;

use super::gitlab_names::{self, User};
use super::text::{Part, Parts, Text};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, parsed};
use crate::base::time::{Instant, When};
use crate::bundle::record::{Object, Record};
use crate::fact::claim::{Detail, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};

/// Reads lists of GitLab.
pub struct GitlabSnapshot;

static CARD: Card = Card {
    name: "gitlab_snapshot",
    title: "GitLab users, pipelines, tokens and agents",
    tells: "who started which pipeline, whose each token is, who made which agent, who has an account",
    reference: "https://docs.gitlab.com/api/api_resources/",
    recognised_by: "users with username, state and web_url; pipelines and jobs by their web_url; tokens with scopes, revoked \
                    and user_id; projects with path_with_namespace",
    exports: &[
        Export {
            form: "users",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/users?per_page=100\" > gitlab-users.json",
        },
        Export {
            form: "members of a project or group",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/projects/PROJECT/members/all?per_page=100\" > gitlab-members.json",
        },
        Export {
            form: "projects",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/projects?per_page=100\" > gitlab-projects.json",
        },
        Export {
            form: "pipelines of a project; one by one they say who started them",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/projects/PROJECT/pipelines/PIPELINE\" >> gitlab-pipelines.json",
        },
        Export {
            form: "jobs of a project",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/projects/PROJECT/jobs?per_page=100\" > gitlab-jobs.json",
        },
        Export {
            form: "schedules of pipelines",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/projects/PROJECT/pipeline_schedules\" > gitlab-schedules.json",
        },
        Export {
            form: "access tokens of users",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/personal_access_tokens?per_page=100\" > gitlab-tokens.json",
        },
        Export {
            form: "access tokens of a project or group",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/projects/PROJECT/access_tokens\" > gitlab-project-tokens.json",
        },
        Export {
            form: "deploy tokens and deploy keys",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/deploy_keys\" > gitlab-deploy-keys.json",
        },
        Export {
            form: "agents in clusters, and their tokens",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/projects/PROJECT/cluster_agents\" > gitlab-cluster-agents.json",
        },
        Export {
            form: "the claims of a job's id_token, decoded",
            command: "print them in the job, never the token itself: cut -d. -f2 <<< \"$ID_TOKEN\" | base64 -d > id-token-claims.json",
        },
    ],
};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    User,
    ServiceAccount,
    Project,
    Pipeline,
    Job,
    Schedule,
    /// A user's token, or one of a bot's, which the list of all tokens has, too.
    Token,
    /// A project's or group's token.
    BotToken,
    DeployToken,
    DeployKey,
    ClusterAgent,
    ClusterAgentToken,
    /// What a job's token says.
    Claims,
}

/// Tells the kind of a record by its keys.
fn kind(object: &Object<'_>) -> Option<Kind> {
    let all = |keys: &[&str]| keys.iter().all(|key| object.has(key));
    let link = object.raw("web_url").unwrap_or_default();
    if all(&["iss", "sub", "project_path", "pipeline_id", "job_id"]) {
        return Some(Kind::Claims);
    }
    if !object.has("id") {
        return None;
    }
    match () {
        () if link.contains("/-/pipelines/") && all(&["sha", "ref", "status"]) => Some(Kind::Pipeline),
        () if link.contains("/-/jobs/") && all(&["pipeline", "stage"]) => Some(Kind::Job),
        () if all(&["path_with_namespace", "namespace"]) => Some(Kind::Project),
        () if all(&["username", "state", "web_url", "avatar_url"]) => Some(Kind::User),
        () if all(&["cron", "cron_timezone", "ref"]) => Some(Kind::Schedule),
        () if all(&["scopes", "revoked", "user_id", "access_level"]) => Some(Kind::BotToken),
        () if all(&["scopes", "revoked", "user_id", "active"]) => Some(Kind::Token),
        () if all(&["scopes", "revoked", "expired", "username"]) => Some(Kind::DeployToken),
        () if all(&["title", "key", "fingerprint_sha256"]) => Some(Kind::DeployKey),
        () if all(&["agent_id", "created_by_user_id"]) => Some(Kind::ClusterAgentToken),
        () if all(&["config_project", "created_by_user_id"]) => Some(Kind::ClusterAgent),
        () if object.raw("username").is_some_and(|name| name.starts_with("\"service_account_")) => {
            Some(Kind::ServiceAccount)
        }
        () => None,
    }
}

/// A user as lists and other records show one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Account<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    username: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    state: Text<'a>,
    #[serde(borrow)]
    web_url: Text<'a>,
    #[serde(borrow)]
    email: Text<'a>,
    #[serde(borrow)]
    confirmed_at: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    bot: Text<'a>,
    #[serde(borrow)]
    identities: Parts<ExternalName<'a>>,
    #[serde(borrow)]
    access_level: Text<'a>,
}

/// The name of a user at an identity provider.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ExternalName<'a> {
    #[serde(borrow)]
    provider: Text<'a>,
    #[serde(borrow)]
    extern_uid: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Project<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    path_with_namespace: Text<'a>,
    #[serde(borrow)]
    web_url: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    creator_id: Text<'a>,
}

impl Source for GitlabSnapshot {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        match shape.body.json().and_then(|object| kind(&object)) {
            Some(Kind::ServiceAccount) => Fit::Likely,
            Some(_) => Fit::Certain,
            None => Fit::No,
        }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let kind = kind(&object).ok_or(Refusal::Unreadable("the record"))?;
        facts.snapshot(record.taken);
        match kind {
            Kind::User | Kind::ServiceAccount => user(&parsed(&object)?, facts)?,
            Kind::Project => project(&parsed(&object)?, facts)?,
            Kind::Pipeline => runs::pipeline(&parsed(&object)?, facts)?,
            Kind::Job => runs::job(&parsed(&object)?, facts)?,
            Kind::Schedule => return runs::schedule(&parsed(&object)?, facts),
            Kind::Claims => runs::claims(&parsed(&object)?, facts)?,
            Kind::Token => access::token(&parsed(&object)?, facts)?,
            Kind::BotToken => access::bot_token(&parsed(&object)?, facts)?,
            Kind::DeployToken => access::deploy(gitlab_names::Token::Deploy, &parsed(&object)?, facts)?,
            Kind::DeployKey => access::deploy(gitlab_names::Token::DeployKey, &parsed(&object)?, facts)?,
            Kind::ClusterAgent => access::cluster_agent(&parsed(&object)?, facts)?,
            Kind::ClusterAgentToken => access::cluster_agent_token(&parsed(&object)?, facts)?,
        }
        Ok(Reading::Claimed)
    }
}

/// The account that another record shows, under its names alone.
fn account(account: &Part<Account<'_>>, facts: &mut FactWriter) -> Option<HandleId> {
    let account = account.get()?;
    let realm = gitlab_names::realm(account.web_url.get());
    let (id, username) = (account.id.get(), account.username.get());
    gitlab_names::user(facts, &realm, User { id, username, name: account.name.get(), email: None })
}

/// A user of the list of users or members. An address counts once it is confirmed; where the list does not say (it does
/// to administrators alone), it is shown only after it was.
fn user(account: &Account<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let realm = gitlab_names::realm(account.web_url.get());
    let is_bot = account.bot.get() == Some("true");
    let is_unconfirmed = account.confirmed_at.get().is_none() && account.state.get() == Some("awaiting");
    let email = account.email.get().filter(|_| !is_bot && !is_unconfirmed);
    let (id, username) = (account.id.get(), account.username.get());
    let user = gitlab_names::user(facts, &realm, User { id, username, name: account.name.get(), email });
    let user = user.ok_or(Refusal::Missing("id"))?;
    if is_bot {
        facts.described(user, Detail::Machine, "bot");
    }
    // A membership has a creation date and a state of its own, which are not the account's.
    if account.access_level.get().is_none() {
        let state = match account.state.get() {
            Some("active") => "enabled",
            Some("blocked" | "deactivated" | "banned" | "ldap_blocked") => "disabled",
            _ => "",
        };
        facts.described(user, Detail::AccountState, state);
        born(user, &account.created_at, facts);
    }
    for name in account.identities.get() {
        external_name(user, name, facts);
    }
    Ok(())
}

/// The name that an identity provider gives the user: an administrator or the provider itself set it.
///
/// Wrong where the user linked another account of the provider to this one.
fn external_name(user: HandleId, name: &ExternalName<'_>, facts: &mut FactWriter) {
    if let (Some(provider), Some(id)) = (name.provider.get(), name.extern_uid.get()) {
        let login = facts.handle(HandleKind::Login, &format!("saml:gitlab/{provider}"), id);
        facts.tied(user, Tie::Named, login);
    }
}

fn project(project: &Project<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let realm = gitlab_names::realm(project.web_url.get());
    let handle = gitlab_names::project(facts, &realm, project.id.get(), project.path_with_namespace.get());
    let handle = handle.ok_or(Refusal::Missing("path_with_namespace"))?;
    born(handle, &project.created_at, facts);
    if let (Some(creator), Some(at)) = (project.creator_id.get(), time(&project.created_at)) {
        made_by(&realm, creator, at, Making::Created, handle, facts);
    }
    Ok(())
}

/// Says who made something, by the number of the account, at the time of its making.
fn made_by(realm: &str, account: &str, at: Instant, how: Making, made: HandleId, facts: &mut FactWriter) {
    if let Some(user) = gitlab_names::user(facts, realm, User { id: Some(account), ..User::default() }) {
        facts.dated(When::at(at));
        facts.made(user, how, made);
    }
}

fn born(who: HandleId, time: &Text<'_>, facts: &mut FactWriter) {
    if let Some(born) = self::time(time) {
        facts.described(who, Detail::Born, &born.to_string());
    }
}

fn time(text: &Text<'_>) -> Option<Instant> {
    text.get().and_then(Instant::parse)
}
