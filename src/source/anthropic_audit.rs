//! Anthropic's activity feed and key list: who issued which API key, decided on which connector, and acted as whom.
//!
//! References: docs.anthropic.com "Compliance API: activities" and "Admin API: API keys, users". Relied on: `id`,
//! `created_at`, `type` and `actor` of an activity; `id`, `created_by` and `created_at` of a key; used where present: the ids
//! of keys, servers and users that an activity names.
//!
//! Quirks. An activity names what it concerns beside the actor, in fields that depend on its type. Actors are users, keys of
//! the API or of the administration, or the directory's synchronisation. Chats and projects are named by ids alone; their
//! contents are never read.

use serde::Deserialize;

use super::endpoint_names::MCP_SERVER;
use super::text::{Part, Text, folded, is_address, is_masked};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, needed_time};
use crate::bundle::record::{Object, Record};
use crate::fact::claim::{Detail, Ending, Making, Outcome, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads Anthropic's activity feed and lists of keys and users.
pub struct AnthropicAudit;

/// Whose names users are.
const USERS: &str = "anthropic:";

/// Whose names keys and servers are.
const ANTHROPIC: &str = "anthropic";

static CARD: Card = Card {
    name: "anthropic_audit",
    title: "Anthropic activity feed, keys and users",
    tells: "who issued which API key and admitted which connector",
    reference: "https://docs.anthropic.com/en/api/administration-api",
    recognised_by: "objects with type, created_at, actor and organization_id or organization_uuid; keys apikey_… with created_by; users user_… with email and role",
    exports: &[
        Export {
            form: "activities (JSON)",
            command: "curl -H \"x-api-key: $COMPLIANCE_KEY\" https://api.anthropic.com/v1/compliance/activities > anthropic-activities.json",
        },
        Export {
            form: "API keys",
            command: "curl -H \"x-api-key: $ADMIN_KEY\" -H \"anthropic-version: 2023-06-01\" \"https://api.anthropic.com/v1/organizations/api_keys?limit=100\" > anthropic-keys.json",
        },
        Export {
            form: "users",
            command: "curl -H \"x-api-key: $ADMIN_KEY\" -H \"anthropic-version: 2023-06-01\" \"https://api.anthropic.com/v1/organizations/users?limit=100\" > anthropic-users.json",
        },
    ],
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Who<'a> {
    #[serde(borrow, alias = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    email_address: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    api_key_id: Text<'a>,
    #[serde(borrow)]
    ip_address: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Key<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    created_by: Part<Who<'a>>,
}

impl Source for AnthropicAudit {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        if is_activity(&object) || is_key(&object) || is_user(&object) { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        if is_key(&object) {
            facts.snapshot(record.taken);
            return key(&object, facts);
        }
        if is_user(&object) {
            facts.snapshot(record.taken);
            let id = object.text("id");
            user(id.as_deref(), object.text("email").as_deref(), facts).ok_or(Refusal::Missing("id"))?;
            return Ok(Reading::Claimed);
        }
        activity(&object, facts)
    }
}

fn is_activity(object: &Object<'_>) -> bool {
    let organised = object.has("organization_id") || object.has("organization_uuid");
    organised && ["type", "created_at", "actor"].iter().all(|key| object.has(key))
}

fn is_key(object: &Object<'_>) -> bool {
    object.text("id").is_some_and(|id| id.starts_with("apikey_")) && object.has("created_by")
}

fn is_user(object: &Object<'_>) -> bool {
    object.text("id").is_some_and(|id| id.starts_with("user_"))
        && object.has("email")
        && object.has("role")
        && object.text("type").as_deref() == Some("user")
}

fn user(id: Option<&str>, email: Option<&str>, facts: &mut FactWriter) -> Option<HandleId> {
    let login = email.filter(|email| is_address(email));
    let login = login.map(|email| facts.handle(HandleKind::Login, USERS, &folded(email)));
    let id = id.map(|id| facts.handle(HandleKind::UserId, USERS, id));
    if let (Some(id), Some(login)) = (id, login) {
        facts.tied(id, Tie::Named, login);
    }
    id.or(login)
}

fn api_key(id: &str, facts: &mut FactWriter) -> HandleId {
    let key = facts.handle(HandleKind::Key, ANTHROPIC, id);
    facts.described(key, Detail::Kind, "api-key");
    key
}

fn key(object: &Object<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let parsed: Key<'_> = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the key"))?;
    let key = api_key(parsed.id.get().ok_or(Refusal::Missing("id"))?, facts);
    facts.described(key, Detail::DisplayName, parsed.name.get().unwrap_or_default());
    match parsed.status.get() {
        Some("active") => facts.described(key, Detail::CredentialState, "active"),
        Some(_) => facts.described(key, Detail::CredentialState, "inactive"),
        None => {}
    }
    let by = parsed.created_by.get().filter(|by| by.kind.get() == Some("user"));
    if let Some(by) = by.and_then(|by| user(by.id.get(), None, facts)) {
        let at = needed_time(parsed.created_at.get(), "created_at")?;
        facts.dated(crate::base::time::When::at(at));
        facts.made(by, Making::Issued, key);
    }
    Ok(Reading::Claimed)
}

fn activity(object: &Object<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let at = needed_time(object.text("created_at").as_deref(), "created_at")?;
    let event = object.text("type").ok_or(Refusal::Missing("type"))?;
    facts.event(at);
    let organisation = object.text("organization_uuid").or_else(|| object.text("organization_id"));
    facts.account(organisation.as_deref());
    if let Some(id) = object.text("id") {
        facts.named(CARD.name, &id, &[&event], Form::Full);
    }
    let who = object.raw("actor").ok_or(Refusal::Missing("actor"))?;
    let who: Who<'_> = serde_json::from_str(who).map_err(|_| Refusal::Unreadable("actor"))?;
    let Some(by) = actor(&who, facts) else {
        return Ok(Reading::SetAside("activity of nobody who is named"));
    };
    let on = effect(object, &event, by, facts);
    facts.did(Actor { by, principal: None, on_behalf_of: None }, &format!("anthropic:{event}"), on, Outcome::Succeeded);
    Ok(Reading::Claimed)
}

fn actor(who: &Who<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let by = match who.api_key_id.get() {
        Some(key) => api_key(key, facts),
        None => user(who.user_id.get(), who.email_address.get(), facts)?,
    };
    if let Some(address) = who.ip_address.get() {
        let from = facts.handle(HandleKind::Network, "", address);
        facts.came_from(by, from);
    }
    Some(by)
}

/// What an activity names, and what it does to it.
fn effect(object: &Object<'_>, event: &str, by: HandleId, facts: &mut FactWriter) -> Option<HandleId> {
    let key = object.text("api_key_id").or_else(|| object.text("admin_api_key_id"));
    if let Some(id) = key.filter(|id| !is_masked(id)) {
        let key = api_key(&id, facts);
        match event {
            _ if event.ends_with("api_key_created") => facts.made(by, Making::Issued, key),
            _ if event.ends_with("api_key_deleted") => facts.ended(key, Ending::Revoked, Some(by)),
            _ => {}
        }
        return Some(key);
    }
    if let Some(id) = object.text("mcp_server_id") {
        let server = facts.handle(HandleKind::Agent, ANTHROPIC, &id);
        facts.described(server, Detail::Kind, MCP_SERVER);
        match event {
            "mcp_server_created" => facts.made(by, Making::Created, server),
            "mcp_server_updated" => facts.made(by, Making::Updated, server),
            "mcp_server_deleted" => facts.ended(server, Ending::Deleted, Some(by)),
            // Who admits a connector for everybody has authorised it, and does not own it.
            _ => {}
        }
        return Some(server);
    }
    let id = object.text("claude_project_id").or_else(|| object.text("claude_chat_id"))?;
    Some(facts.handle(HandleKind::Resource, ANTHROPIC, &id))
}
