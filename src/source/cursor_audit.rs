//! Cursor's audit log: what members of a team did to their MCP servers, API keys and members.
//!
//! Reference: cursor.com/docs/account/teams/admin-api ("Get audit logs"). Relied on: `event_id`, `timestamp`, `user_email`,
//! `event_type`; used where present: `ip_address`, and of `event_data` the action, the key's id, the server's name and the
//! member concerned.
//!
//! Quirks. Whoever is not known is called `unknown`. The log names people by address alone. A server is named by its name
//! in the member's settings, not by the host it runs on.

use serde::Deserialize;

use super::endpoint_names::MCP_SERVER;
use super::text::{Text, is_address};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, needed_time};
use crate::bundle::record::Record;
use crate::fact::claim::{Detail, Ending, Making, Outcome, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads Cursor's audit log.
pub struct CursorAudit;

/// Whose names members are.
const CURSOR: &str = "cursor:";

static CARD: Card = Card {
    name: "cursor_audit",
    title: "Cursor audit log",
    tells: "who set up which MCP server, and who issued which API key, in a team of Cursor",
    reference: "https://cursor.com/docs/account/teams/admin-api",
    recognised_by: "objects with event_id, event_type, user_email and event_data",
    exports: &[Export {
        form: "Admin API (JSON)",
        command: "curl -u \"$CURSOR_ADMIN_KEY:\" \"https://api.cursor.com/teams/audit-logs?startTime=30d&pageSize=500\" > cursor-audit.json",
    }],
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Data<'a> {
    #[serde(borrow)]
    action: Text<'a>,
    #[serde(borrow)]
    key_id: Text<'a>,
    #[serde(borrow)]
    server_name: Text<'a>,
    #[serde(borrow)]
    scope: Text<'a>,
    #[serde(borrow)]
    user_email: Text<'a>,
    #[serde(borrow)]
    success: Text<'a>,
}

impl Source for CursorAudit {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        let ours = ["event_id", "event_type", "user_email", "event_data"].iter().all(|key| object.has(key));
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let at = needed_time(object.text("timestamp").as_deref(), "timestamp")?;
        let event = object.text("event_type").ok_or(Refusal::Missing("event_type"))?;
        facts.event(at);
        if let Some(id) = object.text("event_id") {
            facts.named(CARD.name, &id, &[&event], Form::Full);
        }
        let data = object.raw("event_data").filter(|raw| raw.starts_with('{'));
        let data = data.map(serde_json::from_str::<Data<'_>>).transpose();
        let data = data.map_err(|_| Refusal::Unreadable("event_data"))?.unwrap_or_default();
        let Some(by) = object.text("user_email").and_then(|email| member(facts, &email)) else {
            return Ok(Reading::SetAside("event of somebody who is not named"));
        };
        if let Some(address) = object.text("ip_address").filter(|address| *address != "unknown") {
            let from = facts.handle(HandleKind::Network, "", &address);
            facts.came_from(by, from);
        }
        let on = match event.as_ref() {
            "user_api_key" | "team_api_key" => key(&event, &data, by, facts)?,
            "mcp_server_config" => Some(server(&data, by, facts)?),
            "add_user" | "remove_user" => concerned(&event, &data, by, facts),
            _ => None,
        };
        let outcome = if data.success.get() == Some("false") { Outcome::Failed } else { Outcome::Succeeded };
        let actor = Actor { by, principal: None, on_behalf_of: None };
        facts.did(actor, &format!("cursor:{event}"), on, outcome);
        Ok(Reading::Claimed)
    }
}

/// A member, by address.
fn member(facts: &mut FactWriter, email: &str) -> Option<HandleId> {
    is_address(email).then(|| facts.handle(HandleKind::Login, CURSOR, &email.trim().to_lowercase()))
}

/// An API key that was issued or revoked: a member's own, or the team's.
fn key(event: &str, data: &Data<'_>, by: HandleId, facts: &mut FactWriter) -> Result<Option<HandleId>, Refusal> {
    let id = data.key_id.get().ok_or(Refusal::Missing("event_data.key_id"))?;
    let key = facts.handle(HandleKind::Key, "cursor", id);
    facts.described(key, Detail::Kind, "api-key");
    match data.action.get() {
        Some("create") => {
            facts.made(by, Making::Issued, key);
            if event == "user_api_key" {
                facts.tied(key, Tie::RunsAs, by);
            }
        }
        Some("revoke" | "delete") => facts.ended(key, Ending::Revoked, Some(by)),
        _ => {}
    }
    Ok(Some(key))
}

/// An MCP server of a member's or the team's settings.
fn server(data: &Data<'_>, by: HandleId, facts: &mut FactWriter) -> Result<HandleId, Refusal> {
    let name = data.server_name.get().ok_or(Refusal::Missing("event_data.server_name"))?;
    // A team's server is one for all of its members.
    let whose = if data.scope.get() == Some("team") { "team".to_owned() } else { facts.text(by).to_owned() };
    let server = facts.handle(HandleKind::Agent, "mcp-cursor", &format!("mcp:cursor/{whose}/{name}"));
    facts.described(server, Detail::Kind, MCP_SERVER);
    facts.described(server, Detail::DisplayName, name);
    facts.described(server, Detail::Software, "cursor");
    match data.action.get() {
        Some("create" | "add") => facts.made(by, Making::Created, server),
        Some("delete" | "remove") => facts.ended(server, Ending::Deleted, Some(by)),
        _ => facts.made(by, Making::Updated, server),
    }
    Ok(server)
}

/// A member who was added or taken out by another. It says nothing of whether they left the company.
fn concerned(event: &str, data: &Data<'_>, by: HandleId, facts: &mut FactWriter) -> Option<HandleId> {
    let member = member(facts, data.user_email.get()?)?;
    if event == "remove_user" {
        facts.ended(member, Ending::Removed, Some(by));
    }
    Some(member)
}
