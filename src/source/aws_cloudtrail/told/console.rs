//! The table that the console's event history offers for download: who called what when, and no more.
//!
//! Reference: docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-console.html. Relied on:
//! `Event time`, `Event source`, `Event name`; used where present: `Event ID`, `AWS access key`, `User name`, `AWS region`,
//! `Source IP address`, `Error code`. It names no account, no parameters and no type of user: a user name can be a user's
//! own or what a caller called its session.

use super::table::time;
use crate::bundle::record::Row;
use crate::fact::claim::{Outcome, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};
use crate::source::aws_cloudtrail::{NAME, is_address, undated};
use crate::source::aws_names::is_long_lived;
use crate::source::{Reading, Refusal};

/// Whether a row has the columns of the console's table.
pub(super) fn is_ours(row: &Row<'_>) -> bool {
    ["Event name", "Event source", "Event time"].iter().all(|column| row.has(column))
}

/// Reads a row of the console's table.
pub(super) fn read(row: &Row<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let at = row.get("Event time").ok_or(Refusal::Missing("Event time"))?;
    let at = time(at).ok_or(Refusal::Unreadable("Event time"))?;
    let source = row.get("Event source").ok_or(Refusal::Missing("Event source"))?;
    let name = row.get("Event name").ok_or(Refusal::Missing("Event name"))?;
    facts.event(at);
    if let Some(id) = row.get("Event ID") {
        let time = at.to_string();
        let key = [time.trim_end_matches('Z'), source, name, row.get("AWS region").unwrap_or_default()];
        facts.named(NAME, id, &key, Form::Poor);
    }
    let by = actor(row, facts).ok_or(Refusal::Missing("User name"))?;
    if let Some(from) = row.get("Source IP address").filter(|text| is_address(text)) {
        let from = facts.handle(HandleKind::Network, "", from);
        facts.came_from(by, from);
    }
    let service = source.split('.').next().unwrap_or(source);
    let outcome = match row.get("Error code") {
        None => Outcome::Succeeded,
        Some(code) if code.contains("AccessDenied") || code.contains("Unauthorized") => Outcome::Denied,
        Some(_) => Outcome::Failed,
    };
    let actor = Actor { by, principal: None, on_behalf_of: None };
    facts.did(actor, &format!("{service}:{}", undated(name)), None, outcome);
    Ok(Reading::Claimed)
}

/// Who acted: the key, else the user name, which may be anybody's.
fn actor(row: &Row<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let name = row.get("User name").map(|name| facts.handle(HandleKind::Login, "", name));
    let Some(key) = row.get("AWS access key") else { return name };
    if is_long_lived(key) {
        return Some(facts.handle(HandleKind::Key, "", key));
    }
    let session = facts.handle(HandleKind::Session, "", key);
    if let Some(name) = name {
        facts.tied(session, Tie::CalledItself, name);
    }
    Some(session)
}
