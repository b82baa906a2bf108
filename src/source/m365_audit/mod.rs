//! Microsoft 365 unified audit log: who made, changed, published, shared and used agents; consents; copies of the
//! directory's audits.
//!
//! References: learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema,
//! learn.microsoft.com/microsoft-copilot-studio/admin-logging-copilot-studio. Relied on: `CreationTime`, `Operation`; used
//! where present: `Id`, `OrganizationId`, `UserKey`, `UserId`, `UserType`, `Actor`, `AppAccessContext`, `ClientIP`,
//! `ResultStatus`, and per operation the fields that the modules below name.
//!
//! Quirks. Times are UTC and do not say so. Tables hold the record itself in a cell of `AuditData`. `UserKey` is the object
//! id of newer workloads and another number of older ones; audits of the directory hide it among `Actor`. Names of
//! operations may end in a full stop or blank and have an en dash. One click in Copilot Studio writes several records. The
//! directory's audits stand here in a second copy that names no id of the first.

mod actor;
mod agents;
mod directory;

use serde::Deserialize;

use super::text::{Part, Parts, Text};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, entra_names};
use crate::base::time::Instant;
use crate::bundle::record::{Body, Record};
use crate::fact::claim::Outcome;
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads records of the unified audit log.
pub struct M365Audit;

const NAME: &str = "m365_audit";

static CARD: Card = Card {
    name: NAME,
    title: "Microsoft 365 unified audit log",
    tells: "who made, published and shared Copilot Studio agents and flows; who consented to which app",
    reference: "https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema",
    recognised_by: "objects with CreationTime, Operation and Workload or OrganizationId; tables with a cell AuditData of such",
    exports: &[
        Export {
            form: "a table by PowerShell (at most 5,000 records; ask by days)",
            command: "Search-UnifiedAuditLog -StartDate 2026-08-01 -EndDate 2026-11-01 -SessionCommand ReturnLargeSet -ResultSize 5000 | Export-Csv m365.csv -NoTypeInformation",
        },
        Export {
            form: "agents and consents alone",
            command: "Search-UnifiedAuditLog -StartDate 2026-08-01 -EndDate 2026-11-01 -Operations BotCreate,BotDelete,BotUpdateOperation-BotPublish,BotUpdateOperation-BotShare,\"Consent to application.\" -ResultSize 5000 | ConvertTo-Json -Depth 12 > m365.json",
        },
        Export { form: "the web page's table", command: "Microsoft Purview portal > Audit > search > Export" },
    ],
};

/// A record, with the fields of all operations that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Entry<'a> {
    #[serde(borrow)]
    creation_time: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    operation: Text<'a>,
    #[serde(borrow)]
    organization_id: Text<'a>,
    #[serde(borrow)]
    record_type: Text<'a>,
    #[serde(borrow)]
    result_status: Text<'a>,
    #[serde(borrow)]
    user_key: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    user_type: Text<'a>,
    #[serde(borrow)]
    workload: Text<'a>,
    #[serde(rename = "ClientIP", borrow)]
    client_ip: Text<'a>,
    #[serde(borrow)]
    actor_ip_address: Text<'a>,
    #[serde(borrow)]
    object_id: Text<'a>,
    #[serde(borrow)]
    actor: Parts<Party<'a>>,
    #[serde(borrow)]
    target: Parts<Party<'a>>,
    #[serde(borrow)]
    app_access_context: Part<Access<'a>>,
    #[serde(borrow)]
    modified_properties: Parts<Change<'a>>,
    #[serde(borrow)]
    extended_properties: Parts<Named<'a>>,
    #[serde(borrow)]
    property_collection: Parts<Named<'a>>,
    #[serde(borrow)]
    site_url: Text<'a>,
    // Copilot Studio and other agents.
    #[serde(borrow)]
    bot_id: Text<'a>,
    #[serde(borrow)]
    bot_name: Text<'a>,
    #[serde(borrow)]
    bot_schema_name: Text<'a>,
    #[serde(borrow)]
    environment_id: Text<'a>,
    #[serde(borrow)]
    environment_name: Text<'a>,
    #[serde(borrow)]
    agent_id: Text<'a>,
    #[serde(borrow)]
    agent_name: Text<'a>,
    #[serde(borrow)]
    app_identity: Text<'a>,
    #[serde(borrow)]
    flow_details_url: Text<'a>,
    // Dataverse.
    #[serde(borrow)]
    entity_name: Text<'a>,
    #[serde(borrow)]
    entity_id: Text<'a>,
    #[serde(borrow)]
    message: Text<'a>,
    #[serde(borrow)]
    instance_url: Text<'a>,
    #[serde(borrow)]
    system_user_id: Text<'a>,
    #[serde(borrow)]
    fields: Parts<Named<'a>>,
}

/// Whoever acted, or was acted upon, under one of several names.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Party<'a> {
    #[serde(rename = "ID", borrow)]
    id: Text<'a>,
    #[serde(rename = "Type", borrow)]
    kind: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Access<'a> {
    #[serde(rename = "AADSessionId", borrow)]
    session: Text<'a>,
    #[serde(rename = "UniqueTokenId", borrow)]
    token: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Change<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    new_value: Text<'a>,
    #[serde(borrow)]
    old_value: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Named<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    value: Text<'a>,
}

/// A record whose envelope is read.
struct Event<'e, 'a> {
    entry: &'e Entry<'a>,
    /// The operation without full stop, blanks and en dash.
    operation: &'e str,
    realm: &'e str,
    actor: Actor,
    succeeded: bool,
}

/// Kinds of records of what the services noticed, by number: they tell nothing about ownership.
const ASIDE: &[(&str, &str)] = &[
    ("28", "threat intelligence"),
    ("40", "security alert"),
    ("41", "threat intelligence"),
    ("47", "threat intelligence"),
    ("64", "automated investigation"),
    ("98", "security alert"),
    ("155", "compliance score"),
];

impl Source for M365Audit {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = match &shape.body {
            Body::Json(object) => {
                let any = ["Workload", "OrganizationId", "RecordType"].iter().filter(|key| object.has(key)).count();
                object.has("CreationTime") && object.has("Operation") && any >= 2
            }
            // A row whose cell could not be taken for a record.
            Body::Row(row) => row.has("AuditData") && (row.has("Operation") || row.has("Operations")),
            Body::Line(_) | Body::Doc(_) => false,
        };
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("AuditData"))?;
        let entry: Entry<'_> = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the record"))?;
        let time = entry.creation_time.get().ok_or(Refusal::Missing("CreationTime"))?;
        let at = Instant::parse(time).or_else(|| Instant::parse_naive_as_utc(time));
        let at = at.ok_or(Refusal::Unreadable("CreationTime"))?;
        let operation = normal(entry.operation.get().ok_or(Refusal::Missing("Operation"))?);
        facts.event(at);
        if let Some(id) = entry.id.get() {
            facts.named(NAME, id, &[time, &operation], Form::Full);
        }
        let kind = entry.record_type.get().unwrap_or_default();
        if let Some((_, aside)) = ASIDE.iter().find(|(number, _)| *number == kind) {
            return Ok(Reading::SetAside(aside));
        }
        let tenant = entry.organization_id.get().filter(|tenant| entra_names::is_guid(tenant));
        let realm = entra_names::realm(tenant);
        facts.account(tenant.map(entra_names::lower).as_deref());
        let actor = actor::circumstances(&entry, &realm, facts);
        let outcome = outcome(&entry, &operation);
        let succeeded = outcome == Outcome::Succeeded;
        let event = Event { entry: &entry, operation: &operation, realm: &realm, actor, succeeded };
        let on =
            agents::write(&event, facts).or_else(|| directory::write(&event, facts)).or_else(|| site(&entry, facts));
        let workload = entry.workload.get().unwrap_or("m365");
        facts.did(actor, &format!("{}:{operation}", service(workload)), on, outcome);
        Ok(Reading::Claimed)
    }
}

/// The service, in the words that other Microsoft logs use.
fn service(workload: &str) -> String {
    if workload == "AzureActiveDirectory" { "entra".to_owned() } else { workload.to_lowercase() }
}

/// An operation's name without what exports add to it.
fn normal(operation: &str) -> String {
    operation.trim().trim_end_matches('.').trim().replace('–', "-")
}

fn outcome(entry: &Entry<'_>, operation: &str) -> Outcome {
    let status = entry.result_status.get().unwrap_or_default().to_ascii_lowercase();
    if status.starts_with("fail") || status == "false" || status == "error" || operation.ends_with("LoginFailed") {
        Outcome::Failed
    } else {
        Outcome::Succeeded
    }
}

/// The site that a file lies in: who reads what is asked of sites.
fn site(entry: &Entry<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let site = entry.site_url.get()?.trim_end_matches('/').to_lowercase();
    Some(facts.handle(HandleKind::Resource, "", &site))
}

/// A value that may be JSON in a string: `"\"True\""`, `"[\r\n  \"…\"\r\n]"`.
fn plain(text: &str) -> Option<&str> {
    let plain = text.trim_matches(|one: char| one.is_whitespace() || matches!(one, '"' | '[' | ']' | '\\'));
    (!plain.is_empty()).then_some(plain)
}

impl Entry<'_> {
    /// The new value of a changed property.
    fn now(&self, name: &str) -> Option<&str> {
        self.change(name).and_then(|change| plain(change.new_value.get()?))
    }

    /// The value of a changed property before the change.
    fn before(&self, name: &str) -> Option<&str> {
        self.change(name).and_then(|change| plain(change.old_value.get()?))
    }

    fn change(&self, name: &str) -> Option<&Change<'_>> {
        self.modified_properties.get().iter().find(|change| change.name.get() == Some(name))
    }

    /// A value that the service has put into a list of names and values.
    fn property(&self, name: &str) -> Option<&str> {
        let all = self.property_collection.get().iter().chain(self.extended_properties.get());
        all.into_iter().find(|one| one.name.get() == Some(name))?.value.get()
    }
}
