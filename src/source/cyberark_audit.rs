//! CyberArk audit service: what was done in Privilege Cloud, in CyberArk Identity and in their neighbours of one tenant.
//!
//! Reference: docs.cyberark.com/audit/latest/en/content/audit/isp_siem-integration-api.htm. Relied on: `auditCode`,
//! `action`, `timestamp` (milliseconds), and `username` or `userId`; used where present: `uuid`, `tenantId`,
//! `identityType`, `safe`, `accountName`, `source`, `customData`. A code `PAM00295` is the message 295 of the Vault.
//!
//! Quirks. Absent values are `null`, `""` and `[]` alike. Of Privilege Cloud `userId` is the name once more, of Identity it
//! is an id. `identityType` says `HUMAN` of service users, too, so a user is taken for a person by the name alone: by an
//! address, as people log on with. What a message about members is about stands in `customData` under the service's name.

use serde::Deserialize;

use super::cyberark_names::{self, CYBERARK, Message, TENANT};
use super::text::{Part, Text, is_address};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::Record;
use crate::fact::claim::{Detail, Ending, Making, Outcome, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads events of the audit service.
pub struct CyberarkAudit;

const NAME: &str = "cyberark_audit";

static CARD: Card = Card {
    name: NAME,
    title: "CyberArk audit service",
    tells: "who stored and fetched which managed account; who made users and OAuth apps of CyberArk Identity",
    reference: "https://docs.cyberark.com/audit/latest/en/content/audit/isp_siem-integration-api.htm",
    recognised_by: "objects with uuid, tenantId, applicationCode, auditCode, actionType and timestamp",
    exports: &[Export {
        form: "SIEM integration API, page by page",
        command: "curl -H \"Authorization: Bearer $TOKEN\" -H \"x-api-key: $KEY\" -d '{\"cursorRef\":\"CURSOR\"}' https://TENANT.audit.cyberark.cloud/api/audits/stream/results > cyberark-audit.json",
    }],
};

/// Members that together only the audit service writes.
const MARKS: &[&str] = &["tenantId", "applicationCode", "auditCode", "auditType", "actionType", "uuid", "customData"];

/// So many of them tell an event, whatever is missing.
const ENOUGH: usize = 5;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Entry<'a> {
    #[serde(borrow)]
    uuid: Text<'a>,
    #[serde(borrow)]
    tenant_id: Text<'a>,
    #[serde(borrow)]
    timestamp: Text<'a>,
    #[serde(borrow)]
    username: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    identity_type: Text<'a>,
    #[serde(borrow)]
    audit_code: Text<'a>,
    #[serde(borrow)]
    action: Text<'a>,
    #[serde(borrow)]
    source: Text<'a>,
    #[serde(borrow)]
    safe: Text<'a>,
    #[serde(borrow)]
    account_name: Text<'a>,
    #[serde(borrow)]
    custom_data: Part<Custom<'a>>,
}

/// What a service adds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Custom<'a> {
    #[serde(rename = "PAM", borrow)]
    pam: Part<Pam<'a>>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    user_name: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    app_display_name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pam<'a> {
    #[serde(borrow)]
    target: Text<'a>,
}

impl Source for CyberarkAudit {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        let marks = MARKS.iter().filter(|mark| object.has(mark)).take(ENOUGH).count();
        if marks == ENOUGH { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let entry: Entry<'_> = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the record"))?;
        let millis = entry.timestamp.get().ok_or(Refusal::Missing("timestamp"))?;
        let at = millis.parse().ok().and_then(Instant::from_millis).ok_or(Refusal::Unreadable("timestamp"))?;
        let code = entry.audit_code.get().ok_or(Refusal::Missing("auditCode"))?;
        let action = entry.action.get().ok_or(Refusal::Missing("action"))?;
        facts.event(at);
        if let Some(uuid) = entry.uuid.get() {
            facts.named(NAME, uuid, &[code, millis], Form::Full);
        }
        facts.account(entry.tenant_id.get());
        let realm = format!("{TENANT}{}", entry.tenant_id.get().unwrap_or_default());
        let message = message(&entry, code, action, &realm);
        if let Some(what) = message.and_then(|message| message.set_aside()) {
            return Ok(Reading::SetAside(what));
        }
        let by = who(&entry, &realm, facts).ok_or(Refusal::Missing("username"))?;
        let actor = Actor { by, principal: None, on_behalf_of: None };
        if let Some(address) = entry.source.get().filter(|text| cyberark_names::is_network(text)) {
            let from = facts.handle(HandleKind::Network, "", address);
            facts.came_from(by, from);
        }
        match message {
            Some(message) => message.write(actor, facts),
            None => {
                let on = of_identity(&entry, action, &realm, actor, facts);
                facts.did(actor, &format!("cyberark:{action}"), on, Outcome::Succeeded);
            }
        }
        Ok(Reading::Claimed)
    }
}

/// A message of the Vault, by the number in its code.
fn message<'e>(entry: &'e Entry<'_>, code: &str, action: &'e str, realm: &'e str) -> Option<Message<'e>> {
    let code = code.strip_prefix("PAM")?.parse().ok()?;
    let target = entry.custom_data.get().and_then(|custom| custom.pam.get()?.target.get());
    let object = entry.account_name.get().or(target);
    Some(Message { code, action, safe: entry.safe.get(), object, target, realm })
}

/// Who did it. The name of a person is an address; what has another name is a program's user.
fn who(entry: &Entry<'_>, realm: &str, facts: &mut FactWriter) -> Option<HandleId> {
    let id = entry.user_id.get();
    let name = entry.username.get().or(id)?;
    let is_human = is_address(name) && entry.identity_type.get().is_none_or(|kind| kind == "HUMAN");
    let login = cyberark_names::user(facts, realm, name);
    if !is_human && is_address(name) {
        facts.described(login, Detail::Machine, "service");
    }
    let lasting = id.filter(|id| !is_address(id) && *id != name);
    match lasting {
        Some(id) if is_human => {
            let user = facts.handle(HandleKind::UserId, realm, id);
            facts.tied(user, Tie::Named, login);
            Some(user)
        }
        _ => Some(login),
    }
}

/// Users and apps of CyberArk Identity that were made, changed or deleted.
fn of_identity(entry: &Entry<'_>, action: &str, realm: &str, actor: Actor, facts: &mut FactWriter) -> Option<HandleId> {
    let custom = entry.custom_data.get()?;
    if let Some(name) = custom.user_name.get().filter(|_| action == "add-user" || action == "delete-user") {
        let user = match custom.user_id.get().filter(|_| is_address(name)) {
            Some(id) => {
                let user = facts.handle(HandleKind::UserId, realm, id);
                let login = cyberark_names::user(facts, realm, name);
                facts.tied(user, Tie::Named, login);
                user
            }
            None => cyberark_names::user(facts, realm, name),
        };
        match action {
            "add-user" => facts.made(actor.by, Making::Created, user),
            _ => facts.ended(user, Ending::Deleted, Some(actor.by)),
        }
        return Some(user);
    }
    let app = action.strip_prefix("cloud.saas.application.app")?;
    let id = custom.id.get().or(custom.name.get())?;
    let client = facts.handle(HandleKind::PrincipalId, CYBERARK, id);
    facts.described(client, Detail::Kind, "oauth-client");
    facts.described(
        client,
        Detail::DisplayName,
        custom.app_display_name.get().or(custom.name.get()).unwrap_or_default(),
    );
    match app {
        "add" | "create" => facts.made(actor.by, Making::Created, client),
        "modify" => facts.made(actor.by, Making::Updated, client),
        "delete" => facts.ended(client, Ending::Deleted, Some(actor.by)),
        _ => {}
    }
    Some(client)
}
