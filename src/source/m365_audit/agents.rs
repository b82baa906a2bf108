//! Agents and flows: who made, changed, published, shared and used them, and who was given one.
//!
//! Reference: learn.microsoft.com/microsoft-copilot-studio/admin-logging-copilot-studio. An agent is named by its id in
//! Dataverse (`BotId`), which is never given again. Which names the fields for its environment have is not documented:
//! those seen are read.

use super::Event;
use crate::fact::claim::{Detail, Ending, Making};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::azure_names::{COPILOT_STUDIO, COPILOT_STUDIO_AGENT, dataverse_user};
use crate::source::entra_names;

/// The realm of agents by the id that Microsoft 365 Copilot has for them.
const M365_AGENTS: &str = "m365-agents";

/// The realm of flows of Power Automate.
const FLOWS: &str = "power-automate";

/// What an operation does to the agent it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Makes(Making),
    Ends,
    /// It uses or moves it, and no more.
    Uses,
}

use Effect::{Ends, Makes, Uses};
use Making::{Created, Pointed, Updated};

/// Operations on agents and flows, in lower case, without the words that newer logs put before them.
const OPERATIONS: &[(&str, Effect)] = &[
    ("aiexecutetool", Uses),
    ("aiinferencecall", Uses),
    ("aiinvokeagent", Uses),
    ("aipluginoperationcreate", Makes(Updated)),
    ("aipluginoperationdelete", Makes(Updated)),
    ("aipluginoperationupdate", Makes(Updated)),
    ("blockedagent", Uses),
    ("botappinsightsupdate", Makes(Updated)),
    ("botauthupdate", Makes(Updated)),
    ("botcomponentcreate", Makes(Updated)),
    ("botcomponentdelete", Makes(Updated)),
    ("botcomponentupdate", Makes(Updated)),
    ("botcreate", Makes(Created)),
    ("botdelete", Ends),
    ("botdeletecleanup", Uses),
    ("boticonupdate", Makes(Updated)),
    ("botnameupdate", Makes(Updated)),
    ("botpublish", Makes(Pointed)),
    ("botshare", Makes(Updated)),
    ("copilotinteraction", Uses),
    ("createflow", Makes(Created)),
    ("deletedagent", Ends),
    ("deleteflow", Ends),
    ("deployedagent", Makes(Pointed)),
    ("editflow", Makes(Updated)),
    ("putpermissions", Uses),
    ("removedagent", Uses),
    ("unblockedagent", Uses),
    ("updatedagent", Makes(Updated)),
];

/// Writes what the operation does to an agent or flow, and returns it.
pub(super) fn write(event: &Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    if let Some(agent) = dataverse(event, facts) {
        return Some(agent);
    }
    let operation = event.operation.to_ascii_lowercase();
    let operation = operation.strip_prefix("botupdateoperation-").unwrap_or(&operation);
    let known = OPERATIONS.iter().find(|(name, _)| *name == operation).map(|(_, effect)| *effect);
    // Whatever else is done with an agent changes it, where its name says so.
    let effect = known.or_else(|| {
        let changes = event.entry.bot_id.get().is_some() && operation.ends_with("update");
        changes.then_some(Makes(Updated))
    });
    let agent = agent(event, facts)?;
    let (true, Some(effect)) = (event.succeeded, effect) else { return Some(agent) };
    match effect {
        Makes(how) => facts.made(event.actor.by, how, agent),
        Ends => facts.ended(agent, Ending::Deleted, Some(event.actor.by)),
        Uses => {}
    }
    Some(agent)
}

/// The agent or flow that a record names.
fn agent(event: &Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let entry = event.entry;
    if let Some(id) = entra_names::id(entry.bot_id.get()).filter(|id| entra_names::is_guid(id)) {
        let agent = facts.handle(HandleKind::Agent, COPILOT_STUDIO, &id);
        let name = entry.bot_name.get().or(entry.agent_name.get()).or(entry.bot_schema_name.get());
        let environment = entry.environment_id.get().or(entry.environment_name.get());
        let environment = environment.or_else(|| entry.property("powerplatform.analytics.resource.environment.id"));
        described(facts, agent, COPILOT_STUDIO_AGENT, name);
        facts.described(agent, Detail::Environment, environment.unwrap_or_default());
        return Some(agent);
    }
    if let Some(id) = entry.flow_details_url.get().and_then(flow) {
        let flow = facts.handle(HandleKind::Agent, FLOWS, &id);
        described(facts, flow, "power-automate-flow", None);
        return Some(flow);
    }
    let studio = entry.app_identity.get().and_then(of_copilot_studio);
    if let Some(id) = studio {
        let agent = facts.handle(HandleKind::Agent, COPILOT_STUDIO, &id);
        described(facts, agent, COPILOT_STUDIO_AGENT, entry.agent_name.get());
        return Some(agent);
    }
    let id = entry.agent_id.get()?;
    let agent = facts.handle(HandleKind::Agent, M365_AGENTS, &entra_names::lower(id));
    described(facts, agent, "m365-agent", entry.agent_name.get());
    Some(agent)
}

fn described(facts: &mut FactWriter, agent: HandleId, kind: &str, name: Option<&str>) {
    facts.described(agent, Detail::Kind, kind);
    facts.described(agent, Detail::DisplayName, name.unwrap_or_default());
}

/// The id in a link to a flow: `…/environments/ENVIRONMENT/flows/ID/details`.
fn flow(link: &str) -> Option<String> {
    let (_, behind) = link.split_once("/flows/")?;
    let id = behind.split(['/', '?']).next()?;
    entra_names::is_guid(id).then(|| id.to_lowercase())
}

/// The agent in the name of a Copilot Studio app: `Copilot.Studio.ENVIRONMENT.ID`, where the last part is an id.
fn of_copilot_studio(identity: &str) -> Option<String> {
    let behind = identity.strip_prefix("Copilot.Studio.")?;
    let id = behind.get(behind.len().checked_sub(36)?..)?;
    entra_names::is_guid(id).then(|| id.to_lowercase())
}

/// What was done to the row of an agent in Dataverse: giving it to another owner is done there.
///
/// The new owner is an id of that database. Wrong where it is a team's: then it is nobody's that is known.
fn dataverse(event: &Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let entry = event.entry;
    let is_agent = entry.entity_name.get().is_some_and(|name| name.eq_ignore_ascii_case("bot"));
    let id = entra_names::id(entry.entity_id.get()).filter(|_| is_agent)?;
    let agent = facts.handle(HandleKind::Agent, COPILOT_STUDIO, &id);
    facts.described(agent, Detail::Kind, COPILOT_STUDIO_AGENT);
    if !event.succeeded {
        return Some(agent);
    }
    let is = |name: &str, text: Option<&str>| text.is_some_and(|text| text.eq_ignore_ascii_case(name));
    let owner = entry.fields.get().iter().find(|field| is("ownerid", field.name.get()));
    let owner = owner.and_then(|owner| guid_in(owner.value.get()?));
    let message = entry.message.get().unwrap_or(event.operation);
    match owner {
        Some(owner) if !is("Create", Some(message)) => {
            let owner = dataverse_user(facts, entry.instance_url.get(), owner);
            facts.made(owner, Making::HandedOver, agent);
        }
        _ if is("Create", Some(message)) => facts.made(event.actor.by, Created, agent),
        _ if is("Update", Some(message)) => facts.made(event.actor.by, Updated, agent),
        _ if is("Delete", Some(message)) => facts.ended(agent, Ending::Deleted, Some(event.actor.by)),
        _ => {}
    }
    Some(agent)
}

/// The first id in a value such as `systemuser:ID` or `{"Id":"ID"}`.
fn guid_in(value: &str) -> Option<&str> {
    let begins = value.char_indices().map(|(at, _)| at);
    begins.filter_map(|at| value.get(at..at + 36)).find(|part| entra_names::is_guid(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_names() {
        let id = "0a1b2c3d-1111-4222-8333-444455556666";
        assert_eq!(of_copilot_studio(&format!("Copilot.Studio.Default-77.{id}")).as_deref(), Some(id));
        assert_eq!(of_copilot_studio("Copilot.Studio.x"), None);
        let link = format!("https://make.powerautomate.com/environments/Default-77/flows/{id}/details");
        assert_eq!(flow(&link).as_deref(), Some(id));
        assert_eq!(guid_in(&format!("systemuser:{id}")), Some(id));
    }
}
