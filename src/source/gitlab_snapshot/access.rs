//! Tokens and agents: whose they are, who made them, when they were last used. Of a token only its number is read.

use serde::Deserialize;

use super::{born, made_by, time};
use crate::fact::claim::{Detail, Ending, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::Refusal;
use crate::source::gitlab_names::{self, INSTANCE, Token, User};
use crate::source::text::{Part, Text};

/// A token, a deploy key, a cluster agent or its token.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Listed<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    active: Text<'a>,
    #[serde(borrow)]
    revoked: Text<'a>,
    #[serde(borrow)]
    expired: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    last_used_at: Text<'a>,
    #[serde(borrow)]
    created_by_user_id: Text<'a>,
    #[serde(borrow)]
    agent_id: Text<'a>,
    #[serde(borrow)]
    resource_type: Text<'a>,
    #[serde(borrow)]
    config_project: Part<ConfigProject<'a>>,
}

/// The project that an agent in a cluster takes its configuration from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ConfigProject<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    path_with_namespace: Text<'a>,
}

/// A token of the list of all personal tokens: it acts as its user, whoever holds it now.
pub(super) fn token(listed: &Listed<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let (key, _) = numbered(Token::Personal, listed, facts)?;
    let user = User { id: listed.user_id.get(), ..User::default() };
    let user = gitlab_names::user(facts, INSTANCE, user).ok_or(Refusal::Missing("user_id"))?;
    facts.tied(key, Tie::RunsAs, user);
    Ok(())
}

/// A project's or group's token, with the bot that it acts as.
pub(super) fn bot_token(listed: &Listed<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let kind = if listed.resource_type.get() == Some("group") { Token::Group } else { Token::Project };
    let (_, principal) = numbered(kind, listed, facts)?;
    let bot = User { id: listed.user_id.get(), ..User::default() };
    let bot = gitlab_names::user(facts, INSTANCE, bot).ok_or(Refusal::Missing("user_id"))?;
    facts.described(bot, Detail::Machine, "bot");
    if let Some(principal) = principal {
        facts.tied(bot, Tie::RunsAs, principal);
    }
    Ok(())
}

/// A deploy token or deploy key. Who made it is in no list.
pub(super) fn deploy(kind: Token, listed: &Listed<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    numbered(kind, listed, facts).map(|_| ())
}

/// A token by its number, with its state and times.
fn numbered(kind: Token, listed: &Listed<'_>, facts: &mut FactWriter) -> Result<(HandleId, Option<HandleId>), Refusal> {
    let id = listed.id.get().ok_or(Refusal::Missing("id"))?;
    let name = listed.name.get().or(listed.title.get());
    let (key, principal) = gitlab_names::token(facts, kind, id, name).ok_or(Refusal::Unreadable("id"))?;
    let says = |field: &Text<'_>, word: &str| field.get() == Some(word);
    let over = says(&listed.active, "false")
        || says(&listed.revoked, "true")
        || says(&listed.expired, "true")
        || says(&listed.status, "revoked");
    facts.described(key, Detail::CredentialState, if over { "inactive" } else { "active" });
    born(key, &listed.created_at, facts);
    if let Some(used) = time(&listed.last_used_at) {
        facts.described(key, Detail::LastUsed, &used.to_string());
    }
    if says(&listed.revoked, "true") {
        // When it was revoked the list does not say: no later than the list.
        for revoked in [Some(key), principal].into_iter().flatten() {
            facts.ended(revoked, Ending::Revoked, None);
        }
    }
    Ok((key, principal))
}

/// An agent in a cluster, made by whom the list says.
pub(super) fn cluster_agent(listed: &Listed<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = listed.id.get().ok_or(Refusal::Missing("id"))?;
    let agent = gitlab_names::cluster_agent(facts, id, listed.name.get()).ok_or(Refusal::Unreadable("id"))?;
    born(agent, &listed.created_at, facts);
    if let Some(project) = listed.config_project.get() {
        let project = gitlab_names::project(facts, INSTANCE, project.id.get(), project.path_with_namespace.get());
        if let Some(project) = project.filter(|project| facts.text(*project).starts_with('#')) {
            facts.tied(agent, Tie::DependsOn, project);
        }
    }
    made(listed, Making::Created, agent, facts);
    Ok(())
}

/// A token of an agent in a cluster.
pub(super) fn cluster_agent_token(listed: &Listed<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let (key, _) = numbered(Token::ClusterAgent, listed, facts)?;
    facts.described(key, Detail::Kind, Token::ClusterAgent.kind());
    let agent = listed.agent_id.get().ok_or(Refusal::Missing("agent_id"))?;
    let agent = facts.handle(HandleKind::Agent, INSTANCE, &format!("cluster-agent/{agent}"));
    facts.tied(key, Tie::RunsAs, agent);
    made(listed, Making::Issued, key, facts);
    Ok(())
}

fn made(listed: &Listed<'_>, how: Making, made: HandleId, facts: &mut FactWriter) {
    if let (Some(by), Some(at)) = (listed.created_by_user_id.get(), time(&listed.created_at)) {
        made_by(INSTANCE, by, at, how, made, facts);
    }
}
