//! The fields of an audit event, whatever its form: of the API, of a stream, of the log file, of a table.
//!
//! What a form writes beside the event (`entity_path`, `target_*`) stands in `details` in another; the log file has no
//! `details` at all. `custom_message` is an object where Git itself was used.

use std::borrow::Cow;

use serde::Deserialize;

use crate::base::time::Instant;
use crate::bundle::record::{Body, Row};
use crate::source::Refusal;
use crate::source::text::{Part, Text};

/// An audit event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) author_id: Text<'a>,
    #[serde(borrow)]
    pub(super) entity_id: Text<'a>,
    #[serde(borrow)]
    pub(super) entity_type: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    time: Text<'a>,
    #[serde(borrow)]
    event_type: Text<'a>,
    #[serde(borrow)]
    details: Part<Said<'a>>,
    #[serde(flatten, borrow)]
    beside: Said<'a>,
    /// Whether it is a row of a table, which leaves fields out.
    #[serde(skip)]
    pub(super) is_row: bool,
}

/// What stands beside the event in one form and in its `details` in another.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said<'a> {
    #[serde(borrow)]
    event_name: Text<'a>,
    #[serde(borrow)]
    author_name: Text<'a>,
    #[serde(borrow)]
    author_email: Text<'a>,
    #[serde(borrow)]
    author_class: Text<'a>,
    #[serde(borrow)]
    entity_path: Text<'a>,
    #[serde(borrow)]
    target_id: Text<'a>,
    #[serde(borrow)]
    target_type: Text<'a>,
    #[serde(borrow)]
    target_details: Text<'a>,
    #[serde(borrow)]
    ip_address: Text<'a>,
    #[serde(borrow)]
    custom_message: Text<'a>,
    #[serde(borrow)]
    change: Text<'a>,
    #[serde(borrow)]
    from: Text<'a>,
    #[serde(borrow)]
    to: Text<'a>,
    #[serde(borrow)]
    add: Text<'a>,
    #[serde(borrow)]
    remove: Text<'a>,
    #[serde(borrow, rename = "as")]
    role: Text<'a>,
    #[serde(borrow)]
    with: Text<'a>,
}

impl<'a> Entry<'a> {
    /// Reads the fields of a body.
    pub(super) fn of(body: &Body<'a>) -> Result<Self, Refusal> {
        match body {
            Body::Json(object) => serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the record")),
            Body::Row(row) => Ok(Self::of_row(row)),
            Body::Line(_) | Body::Doc(_) => Err(Refusal::Unreadable("the record")),
        }
    }

    fn of_row(row: &Row<'a>) -> Self {
        let get = |column: &str| Text::of(row.get(column).map(Cow::Borrowed));
        Self {
            id: get("ID"),
            author_id: get("Author ID"),
            entity_id: get("Entity ID"),
            entity_type: get("Entity Type"),
            created_at: get("Created At (UTC)"),
            is_row: true,
            beside: Said {
                author_name: get("Author Name"),
                entity_path: get("Entity Path"),
                target_id: get("Target ID"),
                target_type: get("Target Type"),
                target_details: get("Target Details"),
                ip_address: get("IP Address"),
                custom_message: get("Action"),
                ..Said::default()
            },
            ..Self::default()
        }
    }

    fn said<'s>(&'s self, field: impl Fn(&'s Said<'a>) -> &'s Text<'a>) -> Option<&'s str> {
        field(&self.beside).get().or_else(|| field(self.details.get()?).get())
    }

    /// When it happened. A table writes UTC without saying so.
    pub(super) fn at(&self) -> Result<Instant, Refusal> {
        let text = self.created_at.get().or(self.time.get()).ok_or(Refusal::Missing("created_at"))?;
        let naive = || Instant::parse_naive_as_utc(text.strip_suffix(" UTC").unwrap_or(text));
        Instant::parse(text).or_else(naive).ok_or(Refusal::Unreadable("created_at"))
    }

    pub(super) fn author_name(&self) -> Option<&str> {
        self.said(|said| &said.author_name)
    }

    pub(super) fn author_email(&self) -> Option<&str> {
        self.said(|said| &said.author_email)
    }

    /// The class of author; absent before GitLab 15.9, and then of a user.
    pub(super) fn author_class(&self) -> Option<&str> {
        self.said(|said| &said.author_class)
    }

    pub(super) fn entity_path(&self) -> Option<&str> {
        self.said(|said| &said.entity_path)
    }

    pub(super) fn target_id(&self) -> Option<&str> {
        self.said(|said| &said.target_id)
    }

    pub(super) fn target_type(&self) -> Option<&str> {
        self.said(|said| &said.target_type)
    }

    pub(super) fn target_details(&self) -> Option<&str> {
        self.said(|said| &said.target_details)
    }

    pub(super) fn address(&self) -> Option<&str> {
        self.said(|said| &said.ip_address)
    }

    pub(super) fn message(&self) -> Option<&str> {
        self.said(|said| &said.custom_message)
    }

    /// What was changed, from what, to what.
    pub(super) fn change(&self) -> Option<(&str, Option<&str>, Option<&str>)> {
        Some((self.said(|said| &said.change)?, self.said(|said| &said.from), self.said(|said| &said.to)))
    }

    /// What the event is called: by GitLab, else (before 15.10, and in tables) by what its message says.
    pub(super) fn name(&self) -> Cow<'_, str> {
        if let Some(name) = self.event_type.get().or_else(|| self.said(|said| &said.event_name)) {
            return Cow::Borrowed(name);
        }
        if let Some(name) = self.message().and_then(named_by_message) {
            return Cow::Borrowed(name);
        }
        let joined =
            |verb: &str, what: &str| Cow::Owned(format!("{verb}_{}", what.to_ascii_lowercase()).replace(' ', "_"));
        if let Some(what) = self.said(|said| &said.add) {
            return joined("add", what);
        }
        if let Some(what) = self.said(|said| &said.remove) {
            return joined("remove", what);
        }
        if let Some((what, ..)) = self.change() {
            return joined("change", what);
        }
        if self.said(|said| &said.with).is_some() {
            return Cow::Borrowed("authenticated");
        }
        Cow::Borrowed("audit_event")
    }
}

/// The beginnings of messages of events that had no name of their own, and the names they have since.
const MESSAGES: &[(&str, &str)] = &[
    ("Created personal access token", "personal_access_token_issued"),
    ("Revoked personal access token", "personal_access_token_revoked"),
    ("Created project access token", "project_access_token_created"),
    ("Revoked project access token", "project_access_token_deleted"),
    ("Created group access token", "group_access_token_created"),
    ("Revoked group access token", "group_access_token_deleted"),
    ("Created AI agent", "create_ai_catalog_agent"),
    ("Signed in with", "authenticated"),
    ("Project archived", "project_archived"),
    ("Blocked user", "user_blocked"),
    ("Unblocked user", "unblock_user"),
];

fn named_by_message(message: &str) -> Option<&'static str> {
    MESSAGES.iter().find(|(begin, _)| message.starts_with(begin)).map(|(_, name)| *name)
}
