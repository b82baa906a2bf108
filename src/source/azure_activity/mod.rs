//! Azure Activity Log: who wrote, changed and deleted which Azure resource, under which token; and the resource logs of
//! Key Vault and Storage, which have the same envelope.
//!
//! References: learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema,
//! …/azure/azure-monitor/reference/tables/azureactivity, …/azure/key-vault/general/logging and
//! …/azure/storage/blobs/monitor-blob-storage-reference. Relied on: a time, an operation; used where present: the claims
//! of the token, `caller`, `authorization`, `resourceId`, status, `correlationId`, `properties`, the address.
//!
//! Quirks. One record comes in four forms whose keys and casing differ, and only some have `eventDataId`; so a record is
//! named by what all of them have: correlation, operation, resource, status, time. One write has two to four records: what
//! is begun or accepted is no act, the one that ends it is. A write makes or changes: only `Created` tells. Reading is not
//! logged, nor what is done on the data plane of a project. In tables `TenantId` is the workspace, not the directory. Who
//! lists keys holds them, and the portal lists them unasked. Bodies are JSON in a string, and often not there.

mod actor;
mod effects;
mod entry;

use entry::{Entry, Form as Shaped, Properties};

use super::azure_names::Path;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::{Body, Object, Record, Row};
use crate::fact::claim::Outcome;
use crate::fact::writer::{Actor, FactWriter, Form};

/// Reads Activity Log records.
pub struct AzureActivity;

const NAME: &str = "azure_activity";

static CARD: Card = Card {
    name: NAME,
    title: "Azure Activity Log",
    tells: "who deployed, changed and deleted agents and what they run on; who gave roles and listed keys; who read secrets",
    reference: "https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema",
    recognised_by: "objects with operationName, eventTimestamp and resourceId; with time, operationName and a resourceId \
                    under /subscriptions/; tables with OperationNameValue and CallerIpAddress",
    exports: &[
        Export {
            form: "the command line (at most 90 days back; its default is 50 records)",
            command: "az monitor activity-log list --start-time 2026-08-01T00:00Z --max-events 100000 -o json > activity.json",
        },
        Export {
            form: "diagnostic settings to a storage account (one JSON object a line)",
            command: "az storage blob download-batch --account-name ACCOUNT -s insights-activity-logs -d activity/",
        },
        Export {
            form: "Log Analytics",
            command: "az monitor log-analytics query -w WORKSPACE --analytics-query \"AzureActivity | where TimeGenerated > ago(90d)\" -o json > azureactivity.json",
        },
        Export {
            form: "audit events of key vaults, by diagnostic settings",
            command: "az storage blob download-batch --account-name ACCOUNT -s insights-logs-auditevent -d keyvault/",
        },
    ],
};

/// Categories of the Activity Log whose records tell nothing about ownership: what the platform noticed.
const ASIDE: &[&str] =
    &["Alert", "Autoscale", "Policy", "Recommendation", "ResourceHealth", "Security", "ServiceHealth"];

/// Categories of resource logs that are read.
const RESOURCE_LOGS: &[&str] = &["AuditEvent", "StorageRead", "StorageWrite", "StorageDelete"];

/// An event whose envelope is read.
struct Event<'e> {
    entry: &'e Entry<'e>,
    properties: &'e Properties<'e>,
    /// The operation, in lower case.
    operation: String,
    path: Option<Path>,
    /// The realm of the directory.
    realm: String,
    actor: Actor,
}

impl Source for AzureActivity {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = match &shape.body {
            Body::Json(object) => is_object(object),
            Body::Row(row) => is_row(row),
            Body::Line(_) | Body::Doc(_) => false,
        };
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let entry = Entry::of(&record.body).ok_or(Refusal::Unreadable("the record"))?;
        let at = entry.at()?;
        let operation = entry.operation.as_deref().ok_or(Refusal::Missing("operationName"))?.to_lowercase();
        let path = Path::of(entry.resource.as_deref().or(entry.scope()));
        facts.event(at);
        let properties = entry.properties();
        let outcome = entry.outcome(&properties);
        name(&entry, &operation, path.as_ref(), (at, entry.stage(outcome)), facts);
        let category = entry.category.as_deref().unwrap_or("Administrative");
        if let Some(aside) = ASIDE.iter().find(|aside| aside.eq_ignore_ascii_case(category)) {
            return Ok(Reading::SetAside(aside));
        }
        let (actor, realm) = actor::circumstances(&entry, facts);
        let subscription = path.as_ref().and_then(Path::subscription).map(str::to_owned);
        let tenant = realm.split_once(':').map(|(_, tenant)| tenant).filter(|tenant| !tenant.is_empty());
        facts.account(subscription.as_deref().or(tenant));
        let event = Event { entry: &entry, properties: &properties, operation, path, realm, actor };
        match outcome {
            Some(outcome) => effects::write(&event, outcome, facts),
            None => effects::begun(&event, facts),
        }
        Ok(Reading::Claimed)
    }
}

fn is_object(object: &Object<'_>) -> bool {
    let all = |keys: &[&str]| keys.iter().all(|key| object.has(key));
    if (all(&["eventTimestamp", "operationName"]) || all(&["event_timestamp", "operation_name"]))
        && ["resourceId", "resource_id", "eventDataId", "event_data_id"].iter().any(|key| object.has(key))
    {
        return true;
    }
    if all(&["OperationNameValue", "TimeGenerated"]) {
        return true;
    }
    if !all(&["time", "operationName", "resourceId"]) {
        return false;
    }
    let resource = object.raw("resourceId").unwrap_or_default().to_ascii_lowercase();
    let in_azure = resource.starts_with("\"/subscriptions/") || resource.starts_with("\"/providers/");
    let category = object.text("category");
    let known = |known: &[&str]| category.as_deref().is_none_or(|category| known.contains(&category));
    in_azure && (known(ASIDE) || known(RESOURCE_LOGS) || known(&["Administrative"]))
}

fn is_row(row: &Row<'_>) -> bool {
    row.has("OperationNameValue") && (row.has("CallerIpAddress") || row.has("CorrelationId"))
}

/// Names a record by what all its forms have; where it has no correlation, by the id that some of them have.
fn name(entry: &Entry<'_>, operation: &str, path: Option<&Path>, (at, stage): (Instant, &str), facts: &mut FactWriter) {
    let form = if entry.form == Shaped::Table && entry.claims.is_none() { Form::Poor } else { Form::Full };
    let resource = path.map_or("", |path| path.id.as_str());
    match (&entry.correlation, &entry.id) {
        (Some(correlation), _) => {
            let correlation = correlation.to_lowercase();
            let id = format!("{correlation}|{operation}|{resource}|{stage}|{at}");
            facts.named(NAME, &id, &[operation], form);
        }
        (None, Some(id)) => facts.named(NAME, &id.to_lowercase(), &[operation], form),
        (None, None) => {}
    }
}

/// What a status or signature says of the outcome; `None` where the operation has only begun.
fn outcome_of(status: &str, signature: &str) -> Option<Outcome> {
    let has = |words: &[&str]| words.iter().any(|word| signature.contains(word));
    match status {
        "started" | "start" | "accepted" | "accept" | "in progress" | "inprogress" => None,
        "failed" | "failure" | "canceled" | "cancelled" | "error" => {
            Some(if has(&["forbidden", "unauthorized", "403", "401", "denied"]) {
                Outcome::Denied
            } else {
                Outcome::Failed
            })
        }
        _ if has(&["forbidden", "unauthorized", "authorizationfailure", "authenticationfailure"]) => {
            Some(Outcome::Denied)
        }
        _ if has(&["bad request", "badrequest", "notfound", "not found", "conflict"]) => Some(Outcome::Failed),
        _ => Some(Outcome::Succeeded),
    }
}
