//! OpenAI's audit log: who issued which API key and made which service account, project and invitation.
//!
//! Reference: platform.openai.com/docs/api-reference/audit-logs. Relied on: `id`, `type`, `effective_at`, `actor`; used where
//! present: the payload under the name of the type, and the project.
//!
//! Quirks. The payload stands under a key that is the type itself (`api_key.created`). An actor is a session of a user, or
//! a key of a user or of a service account. Times are in seconds. Of a key only its id is in the log.

use serde::Deserialize;

use super::text::{Part, Text, folded, is_address};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::Record;
use crate::fact::claim::{Detail, Ending, Making, Outcome, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads OpenAI's audit log.
pub struct OpenaiAudit;

/// Whose names users are.
const USERS: &str = "openai:";

/// Whose names keys, service accounts and projects are.
const OPENAI: &str = "openai";

static CARD: Card = Card {
    name: "openai_audit",
    title: "OpenAI audit log",
    tells: "who issued which API key and made which service account",
    reference: "https://platform.openai.com/docs/api-reference/audit-logs",
    recognised_by: "objects with id, type, effective_at and actor",
    exports: &[Export {
        form: "API (JSON)",
        command: "curl -H \"Authorization: Bearer $OPENAI_ADMIN_KEY\" \"https://api.openai.com/v1/organization/audit_logs?limit=100\" > openai-audit.json",
    }],
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct User<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    email: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Session<'a> {
    #[serde(borrow)]
    user: Part<User<'a>>,
    #[serde(borrow)]
    ip_address: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ApiKey<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    user: Part<User<'a>>,
    #[serde(borrow)]
    service_account: Part<User<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Who<'a> {
    #[serde(borrow)]
    session: Part<Session<'a>>,
    #[serde(borrow)]
    api_key: Part<ApiKey<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Payload<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    data: Part<User<'a>>,
}

/// What an event does to what it names: the kind of handle, its realm, its kind as a thing, and how.
const EFFECTS: &[(&str, HandleKind, &str, &str, Effect)] = &[
    ("api_key.created", HandleKind::Key, OPENAI, "api-key", Effect::Made(Making::Issued)),
    ("api_key.updated", HandleKind::Key, OPENAI, "api-key", Effect::Made(Making::Updated)),
    ("api_key.deleted", HandleKind::Key, OPENAI, "api-key", Effect::Ended(Ending::Revoked)),
    ("service_account.created", HandleKind::PrincipalId, OPENAI, "service-account", Effect::Made(Making::Created)),
    ("service_account.updated", HandleKind::PrincipalId, OPENAI, "service-account", Effect::Made(Making::Updated)),
    ("service_account.deleted", HandleKind::PrincipalId, OPENAI, "service-account", Effect::Ended(Ending::Deleted)),
    ("user.deleted", HandleKind::UserId, USERS, "", Effect::Ended(Ending::Removed)),
    ("project.created", HandleKind::Account, OPENAI, "", Effect::None),
    ("project.archived", HandleKind::Account, OPENAI, "", Effect::None),
];

#[derive(Clone, Copy)]
enum Effect {
    Made(Making),
    Ended(Ending),
    None,
}

impl Source for OpenaiAudit {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        let ours = ["id", "type", "effective_at", "actor"].iter().all(|key| object.has(key));
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let at = object.word("effective_at").ok_or(Refusal::Missing("effective_at"))?;
        let at = at.parse().ok().and_then(Instant::from_seconds).ok_or(Refusal::Unreadable("effective_at"))?;
        let event = object.text("type").ok_or(Refusal::Missing("type"))?;
        facts.event(at);
        if let Some(id) = object.text("id") {
            facts.named(CARD.name, &id, &[&event], Form::Full);
        }
        let who = object.raw("actor").ok_or(Refusal::Missing("actor"))?;
        let who: Who<'_> = serde_json::from_str(who).map_err(|_| Refusal::Unreadable("actor"))?;
        let by = actor(&who, facts).ok_or(Refusal::Missing("the actor's id"))?;
        let payload = object.raw(&event).filter(|raw| raw.starts_with('{'));
        let payload = payload.map(serde_json::from_str::<Payload<'_>>).transpose();
        let payload = payload.map_err(|_| Refusal::Unreadable("the payload"))?.unwrap_or_default();
        let on = effect(&event, &payload, by, facts);
        let action = format!("openai:{event}");
        let failed = event.ends_with(".failed");
        let outcome = if failed { Outcome::Failed } else { Outcome::Succeeded };
        facts.did(Actor { by, principal: None, on_behalf_of: None }, &action, on, outcome);
        Ok(Reading::Claimed)
    }
}

fn user(user: &User<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let login = user.email.get().filter(|email| is_address(email));
    let login = login.map(|email| facts.handle(HandleKind::Login, USERS, &folded(email)));
    let id = user.id.get().map(|id| facts.handle(HandleKind::UserId, USERS, id));
    if let (Some(id), Some(login)) = (id, login) {
        facts.tied(id, Tie::Named, login);
    }
    id.or(login)
}

/// Who acted: a user in a session, or a key with whom it stands for.
fn actor(who: &Who<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    if let Some(session) = who.session.get() {
        let user = user(session.user.get()?, facts)?;
        if let Some(address) = session.ip_address.get() {
            let from = facts.handle(HandleKind::Network, "", address);
            facts.came_from(user, from);
        }
        return Some(user);
    }
    let key = who.api_key.get()?;
    let handle = facts.handle(HandleKind::Key, OPENAI, key.id.get()?);
    facts.described(handle, Detail::Kind, "api-key");
    let holder = key.user.get().and_then(|holder| user(holder, facts)).or_else(|| {
        let account = key.service_account.get()?.id.get()?;
        Some(facts.handle(HandleKind::PrincipalId, OPENAI, account))
    });
    if let Some(holder) = holder {
        facts.tied(handle, Tie::RunsAs, holder);
    }
    Some(handle)
}

/// What the event names, and what it does to it.
fn effect(event: &str, payload: &Payload<'_>, by: HandleId, facts: &mut FactWriter) -> Option<HandleId> {
    let (_, kind, realm, word, effect) = EFFECTS.iter().find(|(name, ..)| *name == event)?;
    let on = facts.handle(*kind, realm, payload.id.get()?);
    facts.described(on, Detail::Kind, word);
    let email = payload.data.get().and_then(|data| data.email.get()).filter(|email| is_address(email));
    if let Some(email) = email.filter(|_| *kind == HandleKind::UserId) {
        let login = facts.handle(HandleKind::Login, USERS, &folded(email));
        facts.tied(on, Tie::Named, login);
    }
    match effect {
        Effect::Made(how) => facts.made(by, *how, on),
        Effect::Ended(how) => facts.ended(on, *how, Some(by)),
        Effect::None => {}
    }
    Some(on)
}
