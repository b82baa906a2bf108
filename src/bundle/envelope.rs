//! Envelopes: objects that hold records, and records that hold another record as text.
//!
//! Vendors' tools write lists of records under a name of their own (`Records`, `value`, `UserDetailList`), with a paging
//! token or a generation time beside it. Log collectors write a record into a string or member of a record of theirs.
//! Both are told by their shape and by names that no record of interest has; what is no envelope is a record.

use std::borrow::Cow;

use super::record::{Member, Object, string};

/// Lists whose document is read while it streams by: nothing of interest stands beside them.
pub(super) const STREAMED: [&str; 2] = ["Records", "records"];

/// Names under which lists of records stand, whatever stands beside them.
const SURE: &[&str] = &["Records", "records", "value", "Events", "workflow_runs", "Report_Entry"];

/// Members that name or date an object, or make it somebody's settings: with one of them it is a record, whatever lists
/// it holds.
const NAMES: &[&str] = &[
    "id",
    "Id",
    "uuid",
    "uid",
    "sys_id",
    "auditID",
    "AuditId",
    "eventID",
    "EventId",
    "eventId",
    "eventType",
    "event_type",
    "eventName",
    "EventName",
    "action",
    "operation",
    "operationName",
    "Operation",
    "published",
    "time",
    "timestamp",
    "Timestamp",
    "@timestamp",
    "createdDateTime",
    "name",
    "Name",
    "displayName",
    "DisplayName",
    "userName",
    "UserName",
    "type",
    "kind_id",
    "_document_id",
    "class_uid",
    "insertId",
    "logName",
    "schemaType",
    "Arn",
    "RoleId",
    "agentArn",
    "agentId",
    "agentRuntimeArn",
    "gatewayArn",
    "timeUnixNano",
    "spanId",
    "SYSCALL",
    "mcpServers",
    "context_servers",
    "inputs",
    "oauthAccount",
    "sha",
    "commit",
    "mergedAt",
];

/// Lists beside the records that are none.
const BESIDE: &[&str] =
    &["searchedLogStreams", "schemas", "errors", "Errors", "links", "_links", "columns", "fields", "warnings"];

/// A query's answer: each row a list of cells, each cell an object with one member.
pub(super) const ROWS: &str = "QueryResultRows";

/// Members whose value is a list of one object after the other, or of nothing.
fn is_list(member: &Member<'_>) -> bool {
    let inner = member.value.strip_prefix('[').map(str::trim_start);
    inner.is_some_and(|inner| inner.starts_with(['{', ']']) || (member.key == ROWS && inner.starts_with('[')))
}

/// The object whose members are the cells of a row. What is no such row is as it was.
pub(super) fn row(cells: &str) -> Cow<'_, str> {
    let member = |cell| str::strip_prefix(cell, '{').and_then(|cell| cell.strip_suffix('}'));
    let members: Option<Vec<&str>> = super::json::elements(cells).map(member).collect();
    match members.filter(|members| !members.is_empty()) {
        Some(members) => Cow::Owned(format!("{{{}}}", members.join(","))),
        None => Cow::Borrowed(cells),
    }
}

/// The lists of records that an envelope holds; empty where the object is a record.
pub(super) fn lists<'a>(object: &Object<'a>) -> Vec<Member<'a>> {
    if !object.members.iter().any(is_list) {
        return Vec::new();
    }
    let sure = object.members.iter().any(|member| SURE.contains(&member.key) && is_list(member));
    if !sure && object.members.iter().any(|member| NAMES.contains(&member.key)) {
        return Vec::new();
    }
    let is_records = |member: &&Member<'a>| {
        is_list(member) && !BESIDE.contains(&member.key) && (!sure || SURE.contains(&member.key))
    };
    object.members.iter().filter(is_records).copied().collect()
}

/// Lists that stand in the groups of a list: telemetry is grouped by what sent it, and again by what measured it.
const GROUPED: &[&str] = &["scopeLogs", "scopeSpans", "logRecords", "spans"];

/// The lists of records, or of further groups, that a group of a list holds.
pub(super) fn groups<'a>(object: &Object<'a>) -> Vec<Member<'a>> {
    object.members.iter().filter(|member| GROUPED.contains(&member.key) && is_list(member)).copied().collect()
}

/// An envelope within an envelope: the only member that is an object, of an object that is no record.
pub(super) fn inner<'a>(object: &Object<'a>) -> Option<&'a str> {
    const HOLDERS: &[&str] = &["data", "d", "hits", "response", "result", "QueryResult"];
    let member = object.members.iter().find(|member| HOLDERS.contains(&member.key) && member.value.starts_with('{'))?;
    let is_hook = object.members.iter().any(|other| other.key == "eventType" && other.value.contains("event_hook"));
    let named = object.members.iter().any(|other| NAMES.contains(&other.key));
    (is_hook || !named).then_some(member.value)
}

/// What a collector wrapped: a record in a member, or in a member's string.
pub(super) fn wrapped<'a>(object: &Object<'a>) -> Option<Cow<'a, str>> {
    for member in object.members {
        match member.key {
            "detail" if object.has("detail-type") => return as_object(member.value),
            "_source" if object.has("_index") => return as_object(member.value),
            "event" if object.has("sourcetype") => return as_object(member.value).or_else(|| as_text(member.value)),
            "result" if object.has("preview") => return as_object(member.value),
            "CloudTrailEvent" | "eventJson" | "AuditData" | "message" | "_raw" | "log" | "Message"
            | "event.original" => {
                if let Some(text) = as_text(member.value) {
                    return Some(text);
                }
            }
            _ => {}
        }
    }
    None
}

/// The columns of a table whose cell is a whole record.
pub(super) const CELLS: &[&str] = &["CloudTrailEvent", "eventJson", "AuditData", "_raw", "@message", "message"];

fn as_object(raw: &str) -> Option<Cow<'_, str>> {
    raw.starts_with('{').then_some(Cow::Borrowed(raw))
}

/// A string that holds an object, decoded.
fn as_text(raw: &str) -> Option<Cow<'_, str>> {
    let begins = raw.strip_prefix('"')?.trim_start().starts_with('{');
    if begins { string(raw) } else { None }
}
