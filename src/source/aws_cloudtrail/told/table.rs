//! Tables of records: what a query of Athena or CloudTrail Lake answers, whichever columns it asked for.
//!
//! The columns are CloudTrail's members, in whichever case. Structures are JSON where the query cast them, else printed;
//! then their keys have lost their case, too.

use serde_json::{Map, Value};

use super::{Told, printed};
use crate::base::time::Instant;
use crate::source::Refusal;

/// Members whose value is a text.
const TEXTS: &[&str] = &[
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "eventID",
    "eventType",
    "requestID",
    "sharedEventID",
    "recipientAccountId",
    "sessionCredentialFromConsole",
];

/// Members whose value is a structure, in which callers may write.
const STRUCTURES: &[&str] =
    &["requestParameters", "responseElements", "additionalEventData", "serviceEventDetails", "addendum"];

/// The keys of an identity whose case a table loses.
const CASED: &[&str] = &[
    "accessKeyId",
    "accountId",
    "creationDate",
    "credentialId",
    "credentialsIssuedTo",
    "ec2RoleDelivery",
    "federatedProvider",
    "identityProvider",
    "identityStoreArn",
    "inScopeOf",
    "invokedBy",
    "issuerType",
    "mfaAuthenticated",
    "onBehalfOf",
    "principalId",
    "sessionContext",
    "sessionCredentialFromConsole",
    "sessionIssuer",
    "signInSessionArn",
    "sourceIdentity",
    "userId",
    "userName",
    "webIdFederationData",
];

/// The record that a row tells of.
pub(super) fn told(get: impl Fn(&str) -> Option<String>) -> Result<Told, Refusal> {
    let mut told = Told::default();
    let cell = |name: &str| get(name).filter(|text| !text.is_empty() && text != "null");
    if let Some(text) = cell("eventTime") {
        told.time(Some(time(&text).ok_or(Refusal::Unreadable("eventTime"))?));
    }
    for name in TEXTS {
        told.text(name, cell(name).as_deref());
    }
    for name in STRUCTURES {
        if let Some(value) = cell(name).and_then(|text| as_json(&text)) {
            told.json(name, &value);
        }
    }
    if let Some(value) = cell("resources").and_then(|text| as_json(&text).or_else(|| printed::parse(&text))) {
        told.json("resources", &value);
    }
    if let Some(text) = cell("userIdentity") {
        let identity = as_json(&text).or_else(|| printed::parse(&text)).ok_or(Refusal::Unreadable("userIdentity"))?;
        told.json("userIdentity", &cased(identity));
    }
    Ok(told)
}

fn as_json(text: &str) -> Option<Value> {
    serde_json::from_str::<Value>(text).ok().filter(|value| value.is_object() || value.is_array())
}

/// A structure under CloudTrail's own keys, its times as CloudTrail writes them.
fn cased(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let mut known = Map::new();
    for (key, value) in fields {
        let name = CASED.iter().find(|name| name.eq_ignore_ascii_case(&key)).map_or(key, |name| (*name).to_owned());
        let at = value.as_str().filter(|_| name == "creationDate").and_then(time);
        let value = at.map_or_else(|| cased(value), |at| Value::from(at.to_string()));
        known.insert(name, value);
    }
    Value::Object(known)
}

/// A time as CloudTrail writes it, or as a column of times is printed: in UTC, without its zone.
pub(super) fn time(text: &str) -> Option<Instant> {
    Instant::parse(text).or_else(|| Instant::parse_naive_as_utc(text.trim_end_matches(" UTC")))
}
