//! The fields of a Salesforce record, whatever its form: an answer to a query, a row of a table, a log file's line.
//!
//! A query can follow a relation (`CreatedBy.Username`): that is an object within the record in JSON, a column of that
//! name in a table. Tools write names of columns in upper case.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::salesforce_names::with_colon;
use super::text::{Text, is_masked};
use crate::base::time::Instant;
use crate::bundle::record::{Body, Object, Row};

/// The fields of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fields<'a> {
    Json(Object<'a>),
    Row(Row<'a>),
}

/// What stands beside the fields of an answer to a query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attributes<'a> {
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
}

impl<'a> Fields<'a> {
    /// The fields of a body; `None` where it is neither object nor row.
    pub(crate) fn of(body: &Body<'a>) -> Option<Self> {
        body.json().map(Self::Json).or(body.row().map(Self::Row))
    }

    /// The object that a query asked for: `OauthToken`. Only JSON says.
    pub(crate) fn object(&self) -> Option<Cow<'a, str>> {
        let Self::Json(object) = self else { return None };
        let attributes: Attributes<'a> = serde_json::from_str(object.raw("attributes")?).ok()?;
        attributes.kind.get().map(|kind| Cow::Owned(kind.to_owned()))
    }

    /// Whether all these fields are there, whatever they hold.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| match self {
            Self::Json(object) => object.has(name),
            Self::Row(row) => row.has(name),
        })
    }

    /// A field as text. Absent, `null`, empty and masked values are none.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        let value = match self {
            Self::Row(row) => row.get(name).map(Cow::Borrowed),
            Self::Json(object) => match name.split_once('.') {
                Some((relation, field)) => {
                    object.raw(name).and_then(value).or_else(|| related(object.raw(relation)?, field))
                }
                None => object.raw(name).and_then(value),
            },
        };
        value.filter(|text| !text.trim().is_empty() && !is_masked(text))
    }

    /// Whether a field says yes or no.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)?.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    /// A time. One without a zone is not read: the web page writes the reader's.
    pub(crate) fn time(&self, name: &str) -> Option<Instant> {
        Instant::parse(&with_colon(&self.get(name)?))
    }

    /// The text of the record, for its name.
    pub(crate) fn texts(&self, names: &[&str]) -> Vec<Cow<'a, str>> {
        names.iter().map(|name| self.get(name).unwrap_or_default()).collect()
    }
}

/// A raw JSON value as text.
fn value(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'"' => crate::bundle::record::string(raw),
        b'-' | b'0'..=b'9' | b't' | b'f' => Some(Cow::Borrowed(raw)),
        _ => None,
    }
}

/// A field of the object that a relation led to.
fn related<'a>(raw: &'a str, field: &str) -> Option<Cow<'a, str>> {
    let members: BTreeMap<Cow<'a, str>, Text<'a>> = serde_json::from_str(raw).ok()?;
    members.get(field)?.get().map(|text| Cow::Owned(text.to_owned()))
}
