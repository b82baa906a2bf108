//! The fields of an audit event, in each of its forms.

use std::borrow::Cow;

use serde::Deserialize;

use super::calls::Manifest;
use crate::bundle::record::{Body, string};
use crate::source::text::{Part, Text};
use crate::source::texts::{Members, Texts};

/// An audit event, as the API server writes it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Entry<'a> {
    #[serde(rename = "auditID", borrow)]
    pub(super) audit_id: Text<'a>,
    #[serde(borrow)]
    pub(super) stage: Text<'a>,
    #[serde(borrow)]
    pub(super) verb: Text<'a>,
    #[serde(rename = "requestURI", borrow)]
    pub(super) uri: Text<'a>,
    #[serde(rename = "userAgent", borrow)]
    pub(super) software: Text<'a>,
    #[serde(rename = "requestReceivedTimestamp", borrow)]
    received: Text<'a>,
    #[serde(rename = "stageTimestamp", borrow)]
    staged: Text<'a>,
    #[serde(borrow)]
    pub(super) user: Part<UserInfo<'a>>,
    #[serde(rename = "impersonatedUser", borrow)]
    pub(super) impersonated: Part<UserInfo<'a>>,
    #[serde(rename = "sourceIPs", borrow)]
    addresses: Texts<'a>,
    #[serde(rename = "objectRef", borrow)]
    pub(super) target: Part<ObjectRef<'a>>,
    #[serde(rename = "responseStatus", borrow)]
    status: Part<Status<'a>>,
    #[serde(rename = "requestObject", borrow)]
    pub(super) request: Part<Box<Manifest<'a>>>,
    #[serde(rename = "responseObject", borrow)]
    pub(super) response: Part<Box<Manifest<'a>>>,
    #[serde(borrow)]
    pub(super) annotations: Members<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UserInfo<'a> {
    #[serde(borrow)]
    pub(super) username: Text<'a>,
    #[serde(borrow)]
    pub(super) uid: Text<'a>,
    #[serde(borrow)]
    pub(super) extra: Part<Extra<'a>>,
}

/// What the authenticator says of a user beside its name. Every value is a list.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Extra<'a> {
    #[serde(rename = "authentication.kubernetes.io/credential-id", borrow)]
    pub(super) credential: Texts<'a>,
    #[serde(borrow)]
    pub(super) access_key_id: Texts<'a>,
    #[serde(borrow)]
    pub(super) canonical_arn: Texts<'a>,
    #[serde(borrow)]
    pub(super) session_name: Texts<'a>,
}

/// `objectRef`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ObjectRef<'a> {
    #[serde(borrow)]
    pub(super) resource: Text<'a>,
    #[serde(borrow)]
    pub(super) namespace: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) api_group: Text<'a>,
    #[serde(borrow)]
    pub(super) subresource: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status<'a> {
    #[serde(borrow)]
    code: Text<'a>,
}

impl Entry<'_> {
    /// When the request came in; where that is left out, when it was answered.
    pub(super) fn time(&self) -> Option<&str> {
        self.received.get().or(self.staged.get())
    }

    pub(super) fn code(&self) -> Option<u16> {
        self.status.get()?.code.get()?.parse().ok()
    }

    /// The address of the peer. Those before it were written by the peer, who could have made them up.
    pub(super) fn address(&self) -> Option<&str> {
        self.addresses.iter().last()
    }
}

/// A record of Azure's diagnostic settings, which holds the event as a text; a row of its older table.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Held<'a> {
    #[serde(borrow)]
    properties: Part<Log<'a>>,
    #[serde(rename = "log_s", borrow)]
    log: Text<'a>,
    #[serde(rename = "resourceId", alias = "ResourceId", alias = "_ResourceId", borrow)]
    pub(super) resource: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Log<'a> {
    #[serde(borrow)]
    log: Text<'a>,
}

impl Held<'_> {
    /// The event.
    pub(super) fn event(&self) -> Option<&str> {
        self.properties.get().and_then(|properties| properties.log.get()).or(self.log.get())
    }
}

/// The columns of Azure's own tables, in the order in which [`Entry::table`] takes them.
const COLUMNS: [&str; 15] = [
    "AuditId",
    "Stage",
    "Verb",
    "RequestUri",
    "UserAgent",
    "RequestReceivedTime",
    "StageReceivedTime",
    "User",
    "ImpersonatedUser",
    "SourceIps",
    "ObjectRef",
    "ResponseStatus",
    "RequestObject",
    "ResponseObject",
    "Annotations",
];

/// The cells of a row of Azure's own tables. Nested values are JSON, or texts that hold it.
pub(super) fn cells<'a>(body: &Body<'a>) -> [Option<Cow<'a, str>>; COLUMNS.len()] {
    COLUMNS.map(|column| match body {
        Body::Json(object) => {
            let raw = object.raw(column)?;
            if raw.starts_with('"') { string(raw) } else { Some(Cow::Borrowed(raw)) }
        }
        Body::Row(row) => row.get(column).map(Cow::Borrowed),
        Body::Line(_) | Body::Doc(_) => None,
    })
}

impl<'a> Entry<'a> {
    /// The event that the cells of a row tell of.
    pub(super) fn table(cells: &'a [Option<Cow<'a, str>>; COLUMNS.len()]) -> Self {
        let [id, stage, verb, uri, software, received, staged, user, other, from, target, status, asked, answer, notes] =
            cells;
        let text = |cell: &'a Option<Cow<'a, str>>| Text::of(cell.as_deref().map(Cow::Borrowed));
        Self {
            audit_id: text(id),
            stage: text(stage),
            verb: text(verb),
            uri: text(uri),
            software: text(software),
            received: text(received),
            staged: text(staged),
            user: nested(user),
            impersonated: nested(other),
            addresses: nested(from),
            target: nested(target),
            status: nested(status),
            request: nested(asked),
            response: nested(answer),
            annotations: nested(notes),
        }
    }
}

fn nested<'a, T: Default + Deserialize<'a>>(cell: &'a Option<Cow<'a, str>>) -> T {
    cell.as_deref().and_then(|cell| serde_json::from_str(cell).ok()).unwrap_or_default()
}
