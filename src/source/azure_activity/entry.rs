//! The fields of an Activity Log record, in each of its forms.

use std::borrow::Cow;

use serde::Deserialize;

use super::outcome_of;
use crate::base::time::Instant;
use crate::bundle::record::{Body, Object, Row, string};
use crate::fact::claim::Outcome;
use crate::source::Refusal;
use crate::source::text::{Part, Text, is_masked};

/// The export forms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// The API's object, as the command line writes it.
    #[default]
    Api,
    /// The envelope of diagnostic settings.
    Diagnostic,
    /// A row of Log Analytics.
    Table,
}

/// What all forms have, under one name; nested values as JSON.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub(super) form: Form,
    time: Option<Cow<'a, str>>,
    local_time: bool,
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) operation: Option<Cow<'a, str>>,
    status: Option<Cow<'a, str>>,
    sub_status: Option<Cow<'a, str>>,
    pub(super) caller: Option<Cow<'a, str>>,
    pub(super) address: Option<Cow<'a, str>>,
    pub(super) claims: Option<Cow<'a, str>>,
    authorization: Option<Cow<'a, str>>,
    pub(super) identity: Option<Cow<'a, str>>,
    pub(super) resource: Option<Cow<'a, str>>,
    pub(super) correlation: Option<Cow<'a, str>>,
    pub(super) properties: Option<Cow<'a, str>>,
    pub(super) category: Option<Cow<'a, str>>,
    pub(super) tenant: Option<Cow<'a, str>>,
    scope: Option<Cow<'a, str>>,
}

/// `{"value": …, "localizedValue": …}`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Localised<'a> {
    #[serde(borrow)]
    value: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Request<'a> {
    #[serde(rename = "clientIpAddress", alias = "client_ip_address", borrow)]
    address: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Identity<'a> {
    #[serde(borrow)]
    authorization: Part<Authorization<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Authorization<'a> {
    #[serde(borrow)]
    scope: Text<'a>,
}

/// The bodies and codes in `properties`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Properties<'a> {
    #[serde(borrow)]
    status_code: Text<'a>,
    #[serde(borrow)]
    pub(super) requestbody: Text<'a>,
    #[serde(borrow)]
    pub(super) response_body: Text<'a>,
    /// What a key vault was asked for.
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    http_status_code: Text<'a>,
    /// How a storage account answered.
    #[serde(borrow)]
    metric_response_type: Text<'a>,
    #[serde(borrow)]
    pub(super) client_info: Text<'a>,
    #[serde(borrow)]
    pub(super) user_agent_header: Text<'a>,
}

impl<'a> Entry<'a> {
    pub(super) fn of(body: &Body<'a>) -> Option<Self> {
        match body {
            Body::Json(object) if object.has("OperationNameValue") => Some(Self::table(|name| {
                let raw = object.raw(name)?;
                if raw.starts_with('{') { Some(Cow::Borrowed(raw)) } else { text(raw) }
            })),
            Body::Json(object) => Some(Self::object(object)),
            Body::Row(row) => {
                let mut entry = Self::table(|name| row.get(name).map(Cow::Borrowed));
                entry.local_time = is_local(row);
                Some(entry)
            }
            Body::Line(_) | Body::Doc(_) => None,
        }
    }

    fn object(object: &Object<'a>) -> Self {
        let mut entry = Self::default();
        for member in object.members {
            let raw = member.value;
            match member.key {
                "eventTimestamp" | "event_timestamp" => entry.time = text(raw),
                "time" => {
                    entry.form = Form::Diagnostic;
                    entry.time = text(raw);
                }
                "eventDataId" | "event_data_id" => entry.id = text(raw),
                "operationName" | "operation_name" => entry.operation = value(raw),
                "status" | "resultType" => entry.status = value(raw).or(entry.status),
                "subStatus" | "sub_status" | "resultSignature" => entry.sub_status = value(raw).or(entry.sub_status),
                "caller" => entry.caller = text(raw),
                "callerIpAddress" => entry.address = text(raw),
                "httpRequest" | "http_request" => {
                    let request: Request<'a> = part(raw);
                    entry.address = request.address.get().map(|address| Cow::Owned(address.to_owned()));
                }
                "claims" => entry.claims = nested(raw),
                "authorization" => entry.authorization = nested(raw),
                "identity" => entry.identity = nested(raw),
                "resourceId" | "resource_id" => entry.resource = text(raw),
                "correlationId" | "correlation_id" => entry.correlation = text(raw),
                "properties" => entry.properties = nested(raw),
                "category" => entry.category = value(raw),
                "tenantId" | "tenant_id" => entry.tenant = text(raw),
                _ => {}
            }
        }
        entry.scope = entry.authorized_scope();
        entry
    }

    fn table(get: impl Fn(&str) -> Option<Cow<'a, str>>) -> Self {
        let get = |name: &str| get(name).filter(|text| !text.trim().is_empty() && !is_masked(text));
        let json = |name: &str| get(name).filter(|text| text.trim_start().starts_with('{') && text.len() > 2);
        let either = |name: &str, dynamic: &str| json(name).or_else(|| json(dynamic));
        let mut entry = Self {
            form: Form::Table,
            time: get("TimeGenerated").or_else(|| get("TimeGenerated [UTC]")),
            id: get("EventDataId"),
            operation: get("OperationNameValue"),
            status: get("ActivityStatusValue"),
            sub_status: get("ActivitySubstatusValue"),
            caller: get("Caller"),
            address: get("CallerIpAddress"),
            claims: either("Claims", "Claims_d"),
            authorization: either("Authorization", "Authorization_d"),
            resource: get("_ResourceId").or_else(|| get("ResourceId")),
            correlation: get("CorrelationId"),
            properties: either("Properties", "Properties_d"),
            category: get("CategoryValue").or_else(|| get("Category")),
            ..Self::default()
        };
        entry.scope = entry.authorized_scope();
        entry
    }

    fn authorized_scope(&self) -> Option<Cow<'a, str>> {
        if self.resource.is_some() {
            return None;
        }
        let scope = match (&self.authorization, &self.identity) {
            (Some(authorization), _) => part::<Authorization<'_>>(authorization).scope.get().map(str::to_owned),
            (None, Some(identity)) => {
                let identity: Identity<'_> = part(identity);
                identity.authorization.get().and_then(|authorization| authorization.scope.get().map(str::to_owned))
            }
            (None, None) => None,
        };
        scope.map(Cow::Owned)
    }

    /// The scope that the caller was authorised at, where the record names no resource.
    pub(super) fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The time of the record.
    pub(super) fn at(&self) -> Result<Instant, Refusal> {
        let Some(time) = self.time.as_deref() else {
            // The zone is whatever the reader of the table had set.
            return Err(if self.local_time {
                Refusal::Unreadable("TimeGenerated [Local Time]")
            } else {
                Refusal::Missing("time")
            });
        };
        let at = Instant::parse(time).or_else(|| {
            let table = self.form == Form::Table;
            if table { Instant::parse_naive_as_utc(time).or_else(|| american(time)) } else { None }
        });
        at.ok_or(Refusal::Unreadable("time"))
    }

    pub(super) fn properties(&self) -> Properties<'_> {
        self.properties.as_deref().map(part).unwrap_or_default()
    }

    /// How the operation ended; `None` where it has only begun.
    pub(super) fn outcome(&self, properties: &Properties<'_>) -> Option<Outcome> {
        let status = self.status.as_deref().unwrap_or_default().to_ascii_lowercase();
        let codes = [&properties.status_code, &properties.http_status_code, &properties.metric_response_type];
        let codes = codes.iter().filter_map(|code| code.get());
        let mut signature = self.sub_status.as_deref().unwrap_or_default().to_ascii_lowercase();
        for code in codes {
            signature.push(' ');
            signature.push_str(&code.to_ascii_lowercase());
        }
        outcome_of(&status, &signature)
    }

    /// How far the operation is, in a word that all forms give alike.
    pub(super) fn stage(&self, outcome: Option<Outcome>) -> &'static str {
        match outcome {
            Some(Outcome::Succeeded) => "succeeded",
            Some(Outcome::Denied | Outcome::Failed) => "failed",
            None if self.status.as_deref().is_some_and(|status| status.to_ascii_lowercase().starts_with("acc")) => {
                "accepted"
            }
            None => "started",
        }
    }

    /// Whether a write brought its resource into being.
    pub(super) fn created(&self, properties: &Properties<'_>) -> bool {
        let created = |text: &str| text.to_ascii_lowercase().contains("created") || text == "201";
        self.sub_status.as_deref().is_some_and(created) || properties.status_code.get().is_some_and(created)
    }
}

/// A string, unless it is empty or masked.
fn text(raw: &str) -> Option<Cow<'_, str>> {
    string(raw).filter(|text| !text.trim().is_empty() && !is_masked(text))
}

/// A string, or the value of a localised one.
fn value(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.starts_with('{') {
        return text(raw);
    }
    let localised: Localised<'_> = part(raw);
    localised.value.get().map(|value| Cow::Owned(value.to_owned()))
}

/// An object, whether it is written as such or into a string.
fn nested(raw: &str) -> Option<Cow<'_, str>> {
    if raw.starts_with('{') {
        return Some(Cow::Borrowed(raw));
    }
    string(raw).filter(|text| text.trim_start().starts_with('{'))
}

/// Parses an object into the fields that are used; whatever cannot be read is as if it were absent.
pub(super) fn part<'a, T: Deserialize<'a> + Default>(json: &'a str) -> T {
    serde_json::from_str(json).unwrap_or_default()
}

fn is_local(row: &Row<'_>) -> bool {
    row.has("TimeGenerated [Local Time]")
}

/// A time as the portal's table writes it where its language is American English: `9/14/2026, 8:21:07.447 AM`.
fn american(text: &str) -> Option<Instant> {
    let (date, time) = text.split_once(',')?;
    let mut date = date.trim().split('/');
    let (month, day, year) = (date.next()?, date.next()?, date.next()?);
    let (clock, half) = time.trim().rsplit_once(' ')?;
    let (hour, rest) = clock.split_once(':')?;
    let hour: u8 = hour.parse().ok()?;
    let hour = match half.to_ascii_uppercase().as_str() {
        "AM" => hour % 12,
        "PM" => hour % 12 + 12,
        _ => return None,
    };
    Instant::parse_naive_as_utc(&format!("{year}-{month:0>2}-{day:0>2}T{hour:02}:{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_portal() {
        let at = american("9/14/2026, 8:21:07.447 PM").map(|at| at.to_string());
        assert_eq!(at.as_deref(), Some("2026-09-14T20:21:07.447Z"));
        assert_eq!(
            american("12/1/2026, 12:00:00.000 AM").map(|at| at.to_string()).as_deref(),
            Some("2026-12-01T00:00:00Z")
        );
        assert_eq!(american("14.09.2026 08:21"), None);
    }
}
