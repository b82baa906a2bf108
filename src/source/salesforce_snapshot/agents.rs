//! Agents of Agentforce: who made and changed them, and what they run as.
//!
//! An agent that serves customers runs as a user of its own (`BotUserId`); one that serves employees runs as whoever talks
//! to it, and has none. Who made that user is mostly Salesforce itself: the agent's own record says who made the agent.

use super::access::{born, named_user};
use crate::base::time::When;
use crate::fact::claim::{Detail, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::Refusal;
use crate::source::salesforce_fields::Fields;
use crate::source::salesforce_names::{self, ORG, id};

/// An agent: made by its creator, last changed by whom the record says.
pub(super) fn agent(fields: &Fields<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let agent = named(fields, "Id", facts)?;
    let kind = fields.get("Type").or(fields.get("AgentType"));
    let is_plain_bot = kind.as_deref() == Some("Bot");
    facts.described(agent, Detail::Kind, if is_plain_bot { "einstein-bot" } else { "agentforce-agent" });
    let label = fields.get("MasterLabel").or(fields.get("DeveloperName"));
    facts.described(agent, Detail::DisplayName, &label.unwrap_or_default());
    if let Some(principal) = fields.get("BotUserId").and_then(|user| salesforce_names::run_as(facts, ORG, &user)) {
        facts.tied(agent, Tie::RunsAs, principal);
    }
    born(fields, agent, facts);
    made(fields, ["CreatedById", "CreatedDate"], Making::Created, agent, facts);
    // Making it is no change of it.
    if fields.time("LastModifiedDate") > fields.time("CreatedDate") {
        made(fields, ["LastModifiedById", "LastModifiedDate"], Making::Updated, agent, facts);
    }
    Ok(())
}

/// A version of an agent: whoever made it changed the agent. The first one comes with the agent itself.
pub(super) fn version(fields: &Fields<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let agent = named(fields, "BotDefinitionId", facts)?;
    let is_first = fields.get("VersionNumber").is_some_and(|number| matches!(number.as_ref(), "1" | "1.0"));
    if !is_first {
        made(fields, ["CreatedById", "CreatedDate"], Making::Updated, agent, facts);
    }
    Ok(())
}

fn named(fields: &Fields<'_>, name: &'static str, facts: &mut FactWriter) -> Result<HandleId, Refusal> {
    let agent = fields.get(name).ok_or(Refusal::Missing(name))?;
    let agent = id(&agent).ok_or(Refusal::Unreadable(name))?;
    Ok(facts.handle(HandleKind::Agent, ORG, agent))
}

fn made(fields: &Fields<'_>, [by, at]: [&'static str; 2], how: Making, agent: HandleId, facts: &mut FactWriter) {
    let Some(at) = fields.time(at) else { return };
    if let Ok(by) = named_user(fields, by, facts) {
        facts.dated(When::at(at));
        facts.made(by, how, agent);
    }
}
