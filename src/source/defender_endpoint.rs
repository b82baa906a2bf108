//! Microsoft Defender for Endpoint: process starts of the advanced-hunting tables.
//!
//! References: learn.microsoft.com/defender-xdr/advanced-hunting-deviceprocessevents-table and "Stream Microsoft Defender
//! XDR events". Relied on: `Timestamp`, `DeviceName`, `AccountName`, `ProcessCommandLine`, `ActionType`; used where present:
//! `AccountObjectId`, `AccountUpn`, `DeviceId`, `ReportId`, and the tenant of the stream.
//!
//! Quirks. The stream wraps a row in `properties`; the portal exports rows. `DeviceName` is the full name in small letters.
//! `AccountObjectId` is the user's id in Entra; it is absent for local accounts, and mostly on Linux and macOS. `ReportId`
//! is only unique with device and time.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::entra_fields::{Fields, time};
use super::entra_names;
use super::process_start::{self, Start};
use super::text::Text;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::bundle::record::{Body, Object, Record};
use crate::fact::writer::{FactWriter, Form};

/// Reads rows of Defender's tables.
pub struct DefenderEndpoint;

static CARD: Card = Card {
    name: "defender_endpoint",
    title: "Microsoft Defender for Endpoint",
    tells: "which MCP server or agent was started on a device, and by which user of Entra",
    reference: "https://learn.microsoft.com/defender-xdr/advanced-hunting-deviceprocessevents-table",
    recognised_by: "objects with category AdvancedHunting-Device…, and rows with DeviceName, ProcessCommandLine and AccountName",
    exports: &[
        Export {
            form: "advanced hunting (CSV, JSON)",
            command: "Defender portal > Hunting > Advanced hunting > DeviceProcessEvents | where ProcessCommandLine has 'mcp' > Export",
        },
        Export {
            form: "streaming API (event hub, storage account)",
            command: "az storage blob download-batch --source insights-logs-advancedhunting-deviceprocessevents --destination defender/",
        },
    ],
};

impl Source for DefenderEndpoint {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let streamed = |object: &Object<'_>| {
            object.text("category").is_some_and(|category| category.starts_with("AdvancedHunting-Device"))
        };
        let ours = shape.body.json().is_some_and(|object| streamed(&object))
            || Fields::of(&shape.body).is_some_and(|fields| {
                ["DeviceName", "ProcessCommandLine", "AccountName"].iter().all(|name| fields.has(name))
            });
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let streamed = record.body.json().filter(|object| object.has("category") && object.has("properties"));
        let Some(object) = streamed else {
            let fields = Fields::of(&record.body).ok_or(Refusal::Unreadable("the record"))?;
            return row(&|name| fields.get(name), None, form(&record.body), facts);
        };
        if object.text("category").as_deref() != Some("AdvancedHunting-DeviceProcessEvents") {
            return Ok(Reading::SetAside("table without process starts"));
        }
        let raw = object.raw("properties").ok_or(Refusal::Missing("properties"))?;
        let properties: BTreeMap<Cow<'_, str>, Text<'_>> =
            serde_json::from_str(raw).map_err(|_| Refusal::Unreadable("properties"))?;
        let tenant = object.text("tenantId").map(Cow::into_owned);
        let get = |name: &str| properties.get(name).and_then(Text::get).map(Cow::Borrowed);
        row(&get, tenant.as_deref(), Form::Full, facts)
    }
}

/// A table leaves out what is empty, and the stream's tenant.
const fn form(body: &Body<'_>) -> Form {
    if matches!(body, Body::Row(_)) { Form::Poor } else { Form::Full }
}

fn row<'r>(
    get: &dyn Fn(&str) -> Option<Cow<'r, str>>,
    tenant: Option<&str>,
    form: Form,
    facts: &mut FactWriter,
) -> Result<Reading, Refusal> {
    let at = get("Timestamp").or_else(|| get("TimeGenerated")).ok_or(Refusal::Missing("Timestamp"))?;
    let at = time(&at).ok_or(Refusal::Unreadable("Timestamp"))?;
    facts.event(at);
    facts.account(tenant);
    let (device, report) = (get("DeviceId"), get("ReportId"));
    if let (Some(device), Some(report)) = (&device, &report) {
        let line = get("ProcessCommandLine").unwrap_or_default();
        facts.named(CARD.name, &format!("{device}/{report}/{at}"), &[&line], form);
    }
    if get("ActionType").is_some_and(|action| action != "ProcessCreated" && action != "OpenProcess") {
        return Ok(Reading::SetAside("event that starts nothing"));
    }
    let (host, name, line) = (get("DeviceName"), get("AccountName"), get("ProcessCommandLine"));
    let start = Start { host: host.as_deref(), account: name.as_deref(), line: line.as_deref(), arguments: &[] };
    let object = get("AccountObjectId").filter(|id| entra_names::is_guid(id));
    process_start::claim(&start, facts, |facts| {
        let realm = entra_names::realm(tenant);
        entra_names::user(facts, &realm, Some(object.as_deref()?), get("AccountUpn").as_deref())
    })
}
