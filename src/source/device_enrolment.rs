//! Device inventories: which laptop is enrolled to whom, as Intune, Jamf Pro and Kandji list it.
//!
//! References: learn.microsoft.com/graph/api/resources/intune-devices-manageddevice, learn.microsoft.com "Intune data
//! collected by diagnostics settings" (categories `Devices`, `DeviceComplianceOrg`), developer.jamf.com "computers-inventory"
//! and "computers", api-docs.kandji.io "List devices". Relied on: the device's name and its user; used where present: the
//! user's directory id, the time of enrolment and of the last contact.
//!
//! Quirks. The user is whoever enrolled the device or was assigned it since, set by those who administer devices: not who
//! sits before it. A pool or kiosk device has no user, or the account that enrolled it. A device that is issued anew is
//! enrolled anew, under its old name or another. Phones have names that no log of a host writes; they do no harm.

use std::borrow::Cow;

use serde::Deserialize;

use super::endpoint_names::{host, host_name};
use super::entra_fields::{Fields, time};
use super::entra_names;
use super::text::{Part, Text, folded, is_address};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::{Instant, When};
use crate::bundle::record::{Body, Object, Record};
use crate::fact::claim::Tie;
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};

/// Reads device inventories.
pub struct DeviceEnrolment;

static CARD: Card = Card {
    name: "device_enrolment",
    title: "Device enrolment in Intune, Jamf Pro and Kandji",
    tells: "to whom a laptop is enrolled, and since when",
    reference: "https://learn.microsoft.com/graph/api/resources/intune-devices-manageddevice",
    recognised_by: "objects or rows with deviceName and userPrincipalName or managedDeviceOwnerType; Device name and Primary user UPN; general with userAndLocation or location; device_name with user and serial_number; category Devices or DeviceComplianceOrg",
    exports: &[
        Export {
            form: "Intune devices (JSON)",
            command: "az rest --method get --url https://graph.microsoft.com/v1.0/deviceManagement/managedDevices > intune-devices.json",
        },
        Export { form: "Intune devices (CSV)", command: "Intune admin centre > Devices > All devices > Export" },
        Export {
            form: "Jamf Pro computers",
            command: "curl -H \"Authorization: Bearer $TOKEN\" \"https://ORG.jamfcloud.com/api/v1/computers-inventory?section=GENERAL&section=HARDWARE&section=USER_AND_LOCATION\" > jamf-computers.json",
        },
        Export {
            form: "Kandji devices",
            command: "curl -H \"Authorization: Bearer $TOKEN\" https://ORG.api.kandji.io/api/v1/devices > kandji-devices.json",
        },
    ],
};

/// A device with its user, as every inventory has them.
#[derive(Default)]
struct Device<'a> {
    name: Option<Cow<'a, str>>,
    /// The user's id in Entra.
    user_id: Option<Cow<'a, str>>,
    /// The user's name in Entra.
    upn: Option<Cow<'a, str>>,
    /// The user's name or address in any other system.
    user: Option<Cow<'a, str>>,
    enrolled: Option<Instant>,
    seen: Option<Instant>,
}

/// Which inventory a record is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inventory {
    IntuneList,
    IntuneTable,
    IntuneLog,
    Jamf,
    JamfClassic,
    Kandji,
}

impl Source for DeviceEnrolment {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        if inventory(&shape.body).is_some() { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        facts.snapshot(record.taken);
        let device = match (inventory(&record.body), record.body.json()) {
            (Some(Inventory::IntuneList), _) => intune_list(&record.body),
            (Some(Inventory::IntuneTable), _) => intune_table(&record.body),
            (Some(Inventory::IntuneLog), Some(object)) => intune_log(&object)?,
            (Some(Inventory::Jamf), Some(object)) => jamf(object.text)?,
            (Some(Inventory::JamfClassic), Some(object)) => {
                jamf(object.raw("computer").ok_or(Refusal::Missing("computer"))?)?
            }
            (Some(Inventory::Kandji), Some(object)) => kandji(&object)?,
            _ => return Err(Refusal::Unreadable("the record")),
        };
        let name = device.name.as_deref().ok_or(Refusal::Missing("the device's name"))?;
        let name = host_name(name).ok_or(Refusal::Unreadable("the device's name"))?;
        let host = host(facts, &name);
        let own = record.body.json().and_then(|object| object.text("tenantId").map(Cow::into_owned));
        let tenant = own.or_else(|| entra_names::tenant_around(&record.around));
        let realm = entra_names::realm(tenant.as_deref());
        let Some(user) = user(&device, &realm, facts) else {
            return Ok(Reading::SetAside("device without a user"));
        };
        // Enrolled since then, and still at the last contact.
        let seen = device.seen.or(record.taken);
        for at in [device.enrolled, seen].into_iter().flatten() {
            facts.dated(When::seen(at));
            facts.tied(host, Tie::EnrolledTo, user);
        }
        if device.enrolled.is_none() && seen.is_none() {
            facts.tied(host, Tie::EnrolledTo, user);
        }
        Ok(Reading::Claimed)
    }
}

fn inventory(body: &Body<'_>) -> Option<Inventory> {
    let fields = Fields::of(body)?;
    let has = |names: &[&str]| names.iter().all(|name| fields.has(name));
    if has(&["deviceName", "managedDeviceOwnerType"]) || has(&["deviceName", "userPrincipalName", "serialNumber"]) {
        return Some(Inventory::IntuneList);
    }
    if has(&["Device name", "Primary user UPN"]) {
        return Some(Inventory::IntuneTable);
    }
    let object = body.json()?;
    let nested = |key: &str, member: &str| object.raw(key).is_some_and(|raw| raw.contains(&format!("\"{member}\"")));
    match () {
        () if matches!(object.text("category").as_deref(), Some("Devices" | "DeviceComplianceOrg"))
            && nested("properties", "DeviceName") =>
        {
            Some(Inventory::IntuneLog)
        }
        () if nested("general", "name") && object.has("userAndLocation") => Some(Inventory::Jamf),
        () if nested("computer", "general") && nested("computer", "location") => Some(Inventory::JamfClassic),
        () if has(&["device_name", "serial_number", "user"]) => Some(Inventory::Kandji),
        () => None,
    }
}

fn intune_list<'a>(body: &Body<'a>) -> Device<'a> {
    let Some(fields) = Fields::of(body) else { return Device::default() };
    let get = |name: &str| fields.get(name).map(|text| Cow::Owned(text.into_owned()));
    let at = |name: &str| fields.get(name).and_then(|text| written(&text));
    Device {
        name: get("deviceName"),
        user_id: get("userId"),
        upn: get("userPrincipalName"),
        user: get("emailAddress"),
        enrolled: at("enrolledDateTime"),
        seen: at("lastSyncDateTime"),
    }
}

fn intune_table<'a>(body: &Body<'a>) -> Device<'a> {
    let Some(fields) = Fields::of(body) else { return Device::default() };
    let get = |name: &str| fields.get(name).map(|text| Cow::Owned(text.into_owned()));
    let at = |name: &str| fields.get(name).and_then(|text| written(&text));
    Device {
        name: get("Device name"),
        user_id: None,
        upn: get("Primary user UPN"),
        user: get("Primary user email address"),
        enrolled: at("Enrollment date"),
        seen: at("Last check-in"),
    }
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct IntuneRow<'a> {
    #[serde(borrow)]
    device_name: Text<'a>,
    #[serde(borrow, rename = "UPN")]
    upn: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    created_date: Text<'a>,
    #[serde(borrow)]
    last_contact: Text<'a>,
}

fn intune_log<'a>(object: &Object<'a>) -> Result<Device<'a>, Refusal> {
    let raw = object.raw("properties").ok_or(Refusal::Missing("properties"))?;
    let row: IntuneRow<'_> = serde_json::from_str(raw).map_err(|_| Refusal::Unreadable("properties"))?;
    Ok(Device {
        name: owned(&row.device_name),
        user_id: owned(&row.user_id),
        upn: owned(&row.upn),
        user: None,
        enrolled: row.created_date.get().and_then(written),
        seen: row.last_contact.get().and_then(written),
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct JamfGeneral<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, rename = "lastEnrolledDate", alias = "last_enrolled_date_utc")]
    enrolled: Text<'a>,
    #[serde(borrow, rename = "lastContactTime", alias = "last_contact_time_utc")]
    contact: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct JamfUser<'a> {
    #[serde(borrow)]
    username: Text<'a>,
    #[serde(borrow, alias = "email_address")]
    email: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct JamfComputer<'a> {
    #[serde(borrow)]
    general: Part<JamfGeneral<'a>>,
    #[serde(borrow, rename = "userAndLocation", alias = "location")]
    user: Part<JamfUser<'a>>,
}

fn jamf<'a>(text: &str) -> Result<Device<'a>, Refusal> {
    let computer: JamfComputer<'_> = serde_json::from_str(text).map_err(|_| Refusal::Unreadable("general"))?;
    let general = computer.general.get().ok_or(Refusal::Missing("general"))?;
    let user = computer.user.get();
    Ok(Device {
        name: owned(&general.name),
        user: user.and_then(|user| owned(&user.email).or_else(|| owned(&user.username))),
        enrolled: general.enrolled.get().and_then(written),
        seen: general.contact.get().and_then(written),
        ..Device::default()
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct KandjiUser<'a> {
    #[serde(borrow)]
    email: Text<'a>,
}

fn kandji<'a>(object: &Object<'a>) -> Result<Device<'a>, Refusal> {
    let at = |key: &str| object.text(key).and_then(|text| written(&text));
    let user = object.raw("user").filter(|raw| raw.starts_with('{'));
    let user = user.map(serde_json::from_str::<KandjiUser<'_>>).transpose();
    let user = user.map_err(|_| Refusal::Unreadable("user"))?.unwrap_or_default();
    Ok(Device {
        name: object.text("device_name"),
        user: owned(&user.email),
        enrolled: at("last_enrollment").or_else(|| at("first_enrollment")),
        seen: at("last_check_in"),
        ..Device::default()
    })
}

fn owned(text: &Text<'_>) -> Option<Cow<'static, str>> {
    text.get().map(|text| Cow::Owned(text.to_owned()))
}

/// A time of an inventory. What names no zone is UTC in all of them. A time that was never reached stands for none.
fn written(text: &str) -> Option<Instant> {
    time(text).filter(|at| at.millis() > 0)
}

/// The device's user: by the directory's id, else by name or address.
fn user(device: &Device<'_>, realm: &str, facts: &mut FactWriter) -> Option<HandleId> {
    const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
    let id = device.user_id.as_deref().filter(|id| *id != NOBODY && entra_names::is_guid(id));
    if let Some(user) = entra_names::user(facts, realm, id, device.upn.as_deref()) {
        return Some(user);
    }
    let user = device.user.as_deref().map(str::trim).filter(|user| !user.is_empty())?;
    let kind = if is_address(user) { HandleKind::Email } else { HandleKind::Login };
    Some(facts.handle(kind, "", &folded(user)))
}
