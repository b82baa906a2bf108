//! The audit events of GitLab: of an instance, of groups, of projects; by API, by stream, in the log file, as a table.
//!
//! References: docs.gitlab.com/api/audit_events, docs.gitlab.com/user/compliance/audit_event_schema and
//! …/audit_event_types. Relied on: `author_id` and a time (`created_at`, else `time`); used where present: `id`,
//! `entity_id`, `entity_type`, `event_type`, and beside them or in `details`: `author_name`, `author_email`,
//! `author_class`, `entity_path`, `target_id`, `target_type`, `target_details`, `custom_message`, `change` with `from`
//! and `to`, `add`, `remove`, `with`, `ip_address`.
//!
//! Quirks. Ids of authors below one are no users: deploy tokens, deploy keys, jobs, nobody. `author_name` is a name for
//! display. Older rows have no `event_type`; the sentence in `custom_message` tells. The log file gives no id. An event
//! that is not saved (a use of Git) is in streams alone. Pipelines and jobs are no audit events: their lists are read by
//! `gitlab_snapshot`. A record never says which instance it is of.

mod effects;
mod entry;

use entry::Entry;

use super::gitlab_names::{self, INSTANCE, User};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::Record;
use crate::fact::claim::Detail;
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads audit events of GitLab.
pub struct GitlabAudit;

const NAME: &str = "gitlab_audit";

static CARD: Card = Card {
    name: NAME,
    title: "GitLab audit events",
    tells: "who issued which token, made and changed agents, projects and accounts, and let which app in",
    reference: "https://docs.gitlab.com/user/compliance/audit_events/",
    recognised_by: "records with author_id and entity_type, and details, target_type, event_type or entity_path",
    exports: &[
        Export {
            form: "the instance's events (JSON arrays)",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/audit_events?created_after=2026-10-01&created_before=2026-10-31&per_page=100\" > gitlab-audit.json",
        },
        Export {
            form: "a group's events, 30 days at a time (JSON arrays)",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/groups/GROUP/audit_events?created_after=2026-10-01&created_before=2026-10-31&per_page=100\" > gitlab-audit.json",
        },
        Export {
            form: "a project's events, 30 days at a time (JSON arrays)",
            command: "curl -H \"PRIVATE-TOKEN: $TOKEN\" \"$GITLAB/api/v4/projects/PROJECT/audit_events?created_after=2026-10-01&created_before=2026-10-31&per_page=100\" > gitlab-audit.json",
        },
        Export { form: "the stream in S3 (.json)", command: "aws s3 sync s3://BUCKET/ gitlab-audit/" },
        Export {
            form: "the log file of a self-managed instance",
            command: "cp /var/log/gitlab/gitlab-rails/audit_json.log* gitlab-audit/",
        },
        Export {
            form: "a file from the web page (CSV; it leaves fields out)",
            command: "Admin > Monitoring > Audit events > Export as CSV",
        },
    ],
};

impl Source for GitlabAudit {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let all = |has: &dyn Fn(&str) -> bool, keys: [&str; 2], any: &[&str]| {
            keys.iter().all(|key| has(key)) && any.iter().any(|key| has(key))
        };
        let beside = ["details", "target_type", "event_type", "entity_path"];
        let is_ours = match (shape.body.json(), shape.body.row()) {
            (Some(object), _) => all(&|key| object.has(key), ["author_id", "entity_type"], &beside),
            (_, Some(row)) => {
                all(&|column| row.has(column), ["Author ID", "Entity Type"], &["Target Details", "Action"])
            }
            (None, None) => false,
        };
        if is_ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let entry = Entry::of(&record.body)?;
        let author = entry.author_id.get().ok_or(Refusal::Missing("author_id"))?;
        let at = entry.at()?;
        facts.event(at);
        if let Some(id) = entry.id.get() {
            let form = if entry.is_row { Form::Poor } else { Form::Full };
            facts.named(NAME, id, &[author, entry.entity_id.get().unwrap_or_default()], form);
        }
        facts.account(account(&entry));
        let actor = actor(&entry, author, facts);
        let name = entry.name();
        let entity = entity(&entry, facts);
        let event = Event { entry: &entry, name: &name, at, actor, entity };
        let (on, outcome) = effects::write(&event, facts);
        facts.did(actor, &format!("gitlab:{name}"), on.or(entity).filter(|on| *on != actor.by), outcome);
        Ok(Reading::Claimed)
    }
}

/// An event with who acted and what it concerns.
struct Event<'e, 'a> {
    entry: &'e Entry<'a>,
    name: &'e str,
    at: Instant,
    actor: Actor,
    /// The project, group or instance that it happened in.
    entity: Option<HandleId>,
}

/// The group at the top, whose log it is.
fn account<'e>(entry: &'e Entry<'_>) -> Option<&'e str> {
    let path = entry.entity_path().filter(|_| matches!(entry.entity_type.get(), Some("Project" | "Group")));
    path.and_then(|path| path.split('/').next())
}

/// Who acted. An event that was made while an administrator impersonated a user names the user; the event in which it
/// began names the administrator.
fn actor(entry: &Entry<'_>, author: &str, facts: &mut FactWriter) -> Actor {
    let is_user = entry.author_class().is_none_or(|class| class == "User");
    let user = User {
        id: Some(author).filter(|_| is_user),
        name: entry.author_name(),
        email: entry.author_email(),
        ..User::default()
    };
    let user = gitlab_names::user(facts, INSTANCE, user);
    if let Some(user) = user.filter(|_| is_ghost(entry)) {
        facts.described(user, Detail::Machine, "ghost");
    }
    let by = user.unwrap_or_else(|| facts.handle(HandleKind::Service, INSTANCE, nobody(author)));
    if let Some(address) = entry.address().filter(|address| address.contains(['.', ':'])) {
        let address = facts.handle(HandleKind::Network, "", address);
        facts.came_from(by, address);
    }
    Actor { by, principal: user, on_behalf_of: None }
}

/// Whether the author is the account that GitLab puts in place of every deleted one. It has a name that anybody could
/// take, but an address that nobody has.
fn is_ghost(entry: &Entry<'_>) -> bool {
    entry.author_name() == Some("Ghost User") && entry.author_email().is_none_or(|email| email.starts_with("ghost"))
}

/// What the ids of authors below one stand for.
fn nobody(author: &str) -> &'static str {
    match author {
        "-2" => "deploy-token",
        "-3" => "deploy-key",
        "-4" => "ci-job-token",
        _ => "unauthenticated",
    }
}

/// What an event happened in: a project, a group, the instance. A user's own account is told by the effects.
fn entity(entry: &Entry<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (id, path) = (entry.entity_id.get(), entry.entity_path());
    match entry.entity_type.get()? {
        "Project" => gitlab_names::project(facts, INSTANCE, id, path),
        "Group" => {
            let group = facts.handle(HandleKind::Account, INSTANCE, &path?.to_lowercase());
            facts.described(group, Detail::Kind, "group");
            Some(group)
        }
        "User" => entity_user(entry, facts),
        _ => Some(facts.handle(HandleKind::Account, INSTANCE, "instance")),
    }
}

/// The user whose account an event concerns.
fn entity_user(entry: &Entry<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let of_user = entry.entity_type.get() == Some("User");
    let target = entry.target_id().filter(|_| entry.target_type() == Some("User"));
    let id = entry.entity_id.get().filter(|_| of_user).or(target)?;
    gitlab_names::user(facts, INSTANCE, User { id: Some(id), ..User::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_that_are_no_users() {
        assert_eq!((nobody("-3"), nobody("-1")), ("deploy-key", "unauthenticated"));
    }
}
