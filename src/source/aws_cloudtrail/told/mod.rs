//! CloudTrail records that another tool tells: Security Lake, tables of Athena and CloudTrail Lake, the console's table.
//!
//! References: github.com/ocsf/examples (mappings/markdown/AWS/v1.1.0/CloudTrail),
//! docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html, …/awscloudtrail/latest/userguide/query-lake.html. Each is
//! turned back into the members of the record it was made from, and read as that. All leave something out, so the
//! record itself goes before them.
//!
//! Quirks. A table prints a structure as `{type=Root, arn=…}`, where a value can hold what looks like the next key. Only
//! identities and resources are read from that form, because no caller can write a comma and a space into theirs;
//! parameters are read where they are JSON and are absent otherwise: whoever names a thing could else plant a role.

mod console;
mod ocsf;
mod printed;
mod table;

use serde_json::Value;

use super::{Entry, tell};
use crate::base::time::Instant;
use crate::bundle::record::{Body, Member, Object, Record, Row, word};
use crate::fact::writer::{FactWriter, Form};
use crate::source::{Reading, Refusal};

/// Whether a row is of a table that tells of CloudTrail records.
pub(super) fn is_row(row: &Row<'_>) -> bool {
    let source = ["eventSource", "Event source"].iter().find_map(|column| row.get(column));
    source.is_some_and(super::is_of_aws) && (console::is_ours(row) || row.has("userIdentity"))
}

/// Whether an object tells of a CloudTrail record in other words.
pub(super) fn is_object(object: &Object<'_>) -> bool {
    ocsf::is_ours(object) || is_printed(object)
}

/// Whether an object is a row of a query's answer.
fn is_printed(object: &Object<'_>) -> bool {
    let cell = |name| cell(object, name);
    cell("eventSource").is_some_and(|source| super::is_of_aws(&source))
        && cell("userIdentity").is_some_and(|identity| identity.trim_start().starts_with('{'))
}

/// Reads a record that another tool tells; `None` where it is none of these.
pub(super) fn read(record: &Record<'_>, facts: &mut FactWriter) -> Option<Result<Reading, Refusal>> {
    let told = match record.body {
        Body::Row(row) if console::is_ours(&row) => return Some(console::read(&row, facts)),
        Body::Row(row) => table::told(|name| row.get(name).map(str::to_owned)),
        Body::Json(object) if ocsf::is_ours(&object) => ocsf::told(&object),
        Body::Json(object) if is_printed(&object) => table::told(|name| cell(&object, name)),
        Body::Json(_) | Body::Line(_) | Body::Doc(_) => return None,
    };
    Some(told.and_then(|told| told.tell(facts)))
}

/// A cell of a query's answer, whichever case the query's columns have.
fn cell(object: &Object<'_>, name: &str) -> Option<String> {
    let member = object.members.iter().find(|member| member.key.eq_ignore_ascii_case(name))?;
    word(member.value).map(|text| text.into_owned())
}

/// The members of a record, in CloudTrail's own words.
#[derive(Debug, Default)]
struct Told(Vec<(&'static str, String)>);

impl Told {
    fn text(&mut self, key: &'static str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.json(key, &Value::from(text));
        }
    }

    /// The time of the event, as CloudTrail writes it.
    fn time(&mut self, at: Option<Instant>) {
        self.text("eventTime", at.map(|at| at.to_string()).as_deref());
    }

    fn json(&mut self, key: &'static str, value: &Value) {
        if !value.is_null() {
            self.0.push((key, value.to_string()));
        }
    }

    fn tell(&self, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let members: Vec<Member<'_>> = self.0.iter().map(|(key, value)| Member { key, value }).collect();
        tell(&Entry::of(&Object { text: "", members: &members }), Form::Poor, facts)
    }
}
