//! CloudTrail records in the Open Cybersecurity Schema, as Security Lake delivers them.
//!
//! Reference: github.com/ocsf/examples, mappings/markdown/AWS/v1.1.0/CloudTrail. Before version 1.1 `actor.user.uid` was
//! the principal's id and `uuid` the ARN; since then `uid` is the ARN and `uid_alt` the id. What the schema has no place
//! for stands in `unmapped`: nested, or flattened under names with dots, or as a list of keys and values.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Told;
use crate::base::time::Instant;
use crate::bundle::record::Object;
use crate::source::Refusal;
use crate::source::text::{Part, Text};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata<'a> {
    #[serde(borrow)]
    product: Part<Product<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Product<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    vendor_name: Text<'a>,
}

/// Whether a record of the schema was made from one of CloudTrail.
pub(super) fn is_ours(object: &Object<'_>) -> bool {
    if !object.has("class_uid") {
        return false;
    }
    let metadata = object.raw("metadata").and_then(|raw| serde_json::from_str::<Metadata<'_>>(raw).ok());
    metadata
        .as_ref()
        .and_then(|metadata| metadata.product.get())
        .is_some_and(|product| product.name.get() == Some("CloudTrail") && product.vendor_name.get() == Some("AWS"))
}

/// The record that it was made from.
pub(super) fn told(object: &Object<'_>) -> Result<Told, Refusal> {
    let event: Value = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the record"))?;
    let unmapped = nested(&event["unmapped"]);
    let mut told = Told::default();
    told.time(time(&event["time_dt"], &event["time"]));
    let api = &event["api"];
    let texts = [
        ("eventSource", &api["service"]["name"]),
        ("eventName", &api["operation"]),
        ("requestID", &api["request"]["uid"]),
        ("errorCode", &api["response"]["error"]),
        ("errorMessage", &api["response"]["message"]),
        ("eventID", &event["metadata"]["uid"]),
        ("awsRegion", &event["cloud"]["region"]),
        ("userAgent", &event["http_request"]["user_agent"]),
        ("sharedEventID", &unmapped["sharedEventID"]),
        ("sessionCredentialFromConsole", &unmapped["sessionCredentialFromConsole"]),
    ];
    for (key, value) in texts {
        told.text(key, value.as_str());
    }
    let either = |one: &Value, two: &Value| one.as_str().or(two.as_str()).map(str::to_owned);
    let source = &event["src_endpoint"];
    told.text("sourceIPAddress", either(&source["ip"], &source["domain"]).as_deref());
    told.text("eventType", either(&unmapped["eventType"], &event["metadata"]["event_code"]).as_deref());
    let account = either(&unmapped["recipientAccountId"], &event["cloud"]["account"]["uid"]);
    told.text("recipientAccountId", account.as_deref());
    let parameters = [
        ("requestParameters", &api["request"]["data"]),
        ("responseElements", &api["response"]["data"]),
        ("additionalEventData", &Value::Null),
        ("serviceEventDetails", &Value::Null),
        ("addendum", &Value::Null),
    ];
    for (key, value) in parameters {
        let value = [value, &unmapped[key]].into_iter().map(structure).find(|value| !value.is_null());
        told.json(key, &value.unwrap_or_default());
    }
    told.json("resources", &resources(&event["resources"]));
    told.json("userIdentity", &identity(&event["actor"], &unmapped["userIdentity"]));
    Ok(told)
}

/// A time in one of the two ways that the schema has, one of which may be 0 where there is none.
fn time(text: &Value, millis: &Value) -> Option<Instant> {
    let stamp = || millis.as_i64().filter(|millis| *millis != 0).and_then(Instant::from_millis);
    text.as_str().and_then(Instant::parse).or_else(stamp)
}

/// A structure that may have been written into a string.
fn structure(value: &Value) -> Value {
    let held = |text: &str| serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
    match value {
        Value::String(text) => held(text).unwrap_or_default(),
        Value::Object(fields) if !fields.is_empty() => value.clone(),
        _ => Value::Null,
    }
}

fn resources(list: &Value) -> Value {
    let Some(list) = list.as_array() else { return Value::Null };
    let resource = |resource: &Value| {
        let account = &resource["account"]["uid"];
        serde_json::json!({"ARN": resource["uid"], "accountId": account, "type": resource["type"]})
    };
    Value::Array(list.iter().map(resource).collect())
}

fn identity(actor: &Value, unmapped: &Value) -> Value {
    let mut identity = unmapped.as_object().cloned().unwrap_or_default();
    let (user, session) = (&actor["user"], &actor["session"]);
    let newer = user["uid_alt"].is_string() || user["uid"].as_str().is_some_and(|uid| uid.starts_with("arn:"));
    let (arn, id) = if newer { (&user["uid"], &user["uid_alt"]) } else { (&user["uuid"], &user["uid"]) };
    let account = if user["account"]["uid"].is_string() { &user["account"]["uid"] } else { &user["account_uid"] };
    let is_federated = matches!(user["type"].as_str(), Some("SAMLUser" | "WebIdentityUser"));
    let provider = if is_federated { &actor["idp"]["name"] } else { &Value::Null };
    let started = time(&session["created_time_dt"], &session["created_time"]);
    let started = started.map_or(Value::Null, |at| Value::from(at.to_string()));
    let with_factor = if session["is_mfa"].is_boolean() { &session["is_mfa"] } else { &session["mfa"] };
    let known: [(&[&str], &Value); 10] = [
        (&["type"], &user["type"]),
        (&["arn"], arn),
        (&["principalId"], id),
        (&["accountId"], account),
        (&["accessKeyId"], &user["credential_uid"]),
        (&["userName"], &user["name"]),
        (&["invokedBy"], &actor["invoked_by"]),
        (&["identityProvider"], provider),
        (&["sessionContext", "attributes", "creationDate"], &started),
        (&["sessionContext", "sessionIssuer", "arn"], &session["issuer"]),
    ];
    for (path, value) in known.into_iter().filter(|(_, value)| value.as_str().is_some_and(|text| !text.is_empty())) {
        put(&mut identity, path, value.clone());
    }
    if with_factor.as_bool() == Some(true) && started.is_string() {
        put(&mut identity, &["sessionContext", "attributes", "mfaAuthenticated"], Value::from("true"));
    }
    Value::Object(identity)
}

/// What the schema has no place for, nested as it was.
fn nested(unmapped: &Value) -> Value {
    let mut whole = Map::new();
    let mut add = |key: &str, value: &Value| {
        let path: Vec<&str> = key.split('.').collect();
        put(&mut whole, &path, value.clone());
    };
    match unmapped {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| add(key, value)),
        Value::Array(pairs) => pairs.iter().for_each(|pair| {
            if let Some(key) = pair["key"].as_str() {
                add(key, &pair["value"]);
            }
        }),
        _ => {}
    }
    Value::Object(whole)
}

/// Puts a value where a path leads; what stands in the way and is no object is replaced.
fn put(fields: &mut Map<String, Value>, path: &[&str], value: Value) {
    let [key, rest @ ..] = path else { return };
    if rest.is_empty() {
        fields.insert((*key).to_owned(), value);
        return;
    }
    let inner = fields.entry(*key).or_insert_with(|| Value::Object(Map::new()));
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    if let Some(inner) = inner.as_object_mut() {
        put(inner, rest, value);
    }
}
