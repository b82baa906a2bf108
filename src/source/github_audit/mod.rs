//! The audit log of GitHub organisations and enterprises: who did what, with which token; the runs of Actions.
//!
//! References: docs.github.com/en/enterprise-cloud@latest/organizations/…/audit-log-events-for-your-organization and
//! …/admin/…/streaming-the-audit-log-for-your-enterprise; for agents …/agentic-audit-log-events. Relied on: `action`
//! and a time (`@timestamp`, else `created_at`); used where present: `_document_id`, `actor`, `actor_id`,
//! `actor_is_bot`, `actor_is_agent`, `agent_session_id`, `external_identity_nameid`, `hashed_token`,
//! `programmatic_access_type`, `org`, `business`, `repo`, `repo_id`, `user`, `user_id`, and the fields of single
//! actions that the modules below name.
//!
//! Quirks. Times are milliseconds, in re-exports texts without a zone (UTC). One field is a number here, a string
//! there, a list where an event concerns several organisations. Files of the web page nest fields in `data`, have no
//! `@timestamp`, and (as tables) leave columns out: the same event in a fuller form makes them duplicates. Streaming
//! delivers at least once. A login can be registered by somebody else after a rename, a repository's name likewise.
//! Some category names have several dots (`repo.config.…`). A log does not say which host it is of: everything is told
//! as github.com's. The stream of Copilot's own use has no `action` and holds what people typed: it is told apart and
//! never read.

mod access;
mod actor;
mod fields;
mod repositories;
mod runs;

use std::borrow::Cow;

use fields::Fields;

use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::bundle::record::{Object, Record, Row};
use crate::fact::claim::Outcome;
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads records of the GitHub audit log.
pub struct GithubAudit;

const NAME: &str = "github_audit";

static CARD: Card = Card {
    name: NAME,
    title: "GitHub audit log",
    tells: "who started which run of Actions, who made, changed and handed over what, with which token",
    reference: "https://docs.github.com/en/enterprise-cloud@latest/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization",
    recognised_by: "records with an action of dotted lower-case words and a _document_id, or with an actor that is a text, \
                    and an org, business or repo",
    exports: &[
        Export {
            form: "an organisation's log, web and git events (JSON arrays, one behind the other)",
            command: "gh api --paginate \"/orgs/ORG/audit-log?include=all&per_page=100\" > github-audit.json",
        },
        Export {
            form: "an enterprise's log of a time span",
            command: "gh api --paginate \"/enterprises/ENT/audit-log?include=all&phrase=created:2026-08-01..2026-11-15&per_page=100\" > github-audit.json",
        },
        Export { form: "the stream in S3 (.json.log.gz)", command: "aws s3 sync s3://BUCKET/ github-audit/" },
        Export {
            form: "a file from the web page (JSON or CSV; it leaves fields out)",
            command: "organisation settings > Logs > Audit log > Export",
        },
    ],
};

impl Source for GithubAudit {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        match (shape.body.json(), shape.body.row()) {
            (Some(object), _) => fit_object(&object),
            (_, Some(row)) => fit_row(&row),
            (None, None) => Fit::No,
        }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let fields = Fields::of(&record.body).ok_or(Refusal::Unreadable("the record"))?;
        if record.body.json().is_some_and(|object| is_copilot_use(&object)) {
            return Ok(Reading::SetAside("use of Copilot"));
        }
        let action = fields.get("action").ok_or(Refusal::Missing("action"))?;
        facts.event(fields.time()?);
        if let Some(id) = fields.get("_document_id") {
            let form = if fields.is_poor() { Form::Poor } else { Form::Full };
            facts.named(NAME, &id, &[&action, &fields.get("actor").unwrap_or_default()], form);
        }
        facts.account(account(&fields).as_deref());
        let actor = actor::actor(&fields, facts);
        let run = runs::write(&action, &fields, actor, facts);
        match (actor, run) {
            (Some(actor), run) => act(&action, &fields, actor, run, facts),
            (None, Some(_)) => {}
            (None, None) => return Ok(Reading::SetAside("without an actor")),
        }
        Ok(Reading::Claimed)
    }
}

/// Writes the act, and what it does to the thing it was on.
fn act(action: &str, fields: &Fields<'_>, actor: Actor, run: Option<HandleId>, facts: &mut FactWriter) {
    let thing = run.or_else(|| access::write(action, fields, actor, facts));
    let thing = thing.or_else(|| repositories::write(action, fields, actor, facts));
    let on = match thing.or_else(|| actor::concerned(fields, facts)).filter(|thing| Some(*thing) != actor.principal) {
        Some(thing) => Some(thing),
        None => account(fields).map(|account| facts.handle(HandleKind::Account, "", &account)),
    };
    facts.did(actor, &format!("github:{action}"), on, outcome(action, fields));
}

/// The organisation whose log it is, else the enterprise.
fn account<'f>(fields: &'f Fields<'_>) -> Option<Cow<'f, str>> {
    fields.get("org").or_else(|| fields.get("business"))
}

/// The log tells of what was done. Requests carry the status of their answer; failed sign-ins say so in their name.
fn outcome(action: &str, fields: &Fields<'_>) -> Outcome {
    match fields.id("status_code").and_then(|code| code.parse::<u16>().ok()) {
        Some(401 | 403) => Outcome::Denied,
        Some(400..) => Outcome::Failed,
        _ if action == "user.failed_login" => Outcome::Failed,
        _ => Outcome::Succeeded,
    }
}

fn fit_object(object: &Object<'_>) -> Fit {
    let text = |key| object.raw(key).is_some_and(|raw| raw.starts_with('"'));
    let action = object.raw("action").and_then(|raw| raw.strip_prefix('"')?.strip_suffix('"'));
    if !action.is_some_and(is_action) || object.has("eventType") {
        return if is_copilot_use(object) { Fit::Certain } else { Fit::No };
    }
    let timed = ["@timestamp", "at_sign_timestamp", "created_at"].iter().any(|key| object.has(key));
    let placed = ["org", "business", "repo"].iter().any(|key| object.has(key));
    match text("_document_id") || (text("actor") && placed) {
        true if timed => Fit::Certain,
        true => Fit::Likely,
        false => Fit::No,
    }
}

fn fit_row(row: &Row<'_>) -> Fit {
    let timed = ["@timestamp", "at_sign_timestamp", "created_at"].iter().any(|column| row.has(column));
    let placed = ["org", "business", "repo"].iter().any(|column| row.has(column));
    match row.get("action").is_some_and(is_action) && row.has("actor") && timed {
        true if row.has("_document_id") => Fit::Certain,
        true if placed => Fit::Likely,
        _ => Fit::No,
    }
}

/// Actions are dotted words: `repo.create`, `repo.config.disable_collaborators_only`.
fn is_action(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    text.contains('.') && text.split('.').all(word)
}

/// A record of the stream of Copilot's use: requests and answers, no audit events.
fn is_copilot_use(object: &Object<'_>) -> bool {
    !object.has("action") && ["github_request_id", "event_id", "endpoint"].iter().all(|key| object.has(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_dotted_words() {
        assert!(is_action("repo.create") && is_action("repo.config.disable_collaborators_only"));
        assert!(!is_action("repo") && !is_action("Repo.create") && !is_action("repo.") && !is_action("s3:GetObject"));
    }
}
