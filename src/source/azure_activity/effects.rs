//! What an operation does: what it makes, changes, ends, lets somebody do, and whose keys it shows.
//!
//! Reference: learn.microsoft.com/azure/role-based-access-control/resource-provider-operations. An operation is a type
//! and what is done to it: `…/write`, `…/delete`, `…/NAME/action`.

use serde::Deserialize;

use super::Event;
use super::entry::part;
use crate::fact::claim::{Detail, Ending, Making, Outcome, Tie};
use crate::fact::handle::HandleKind;
use crate::fact::writer::{FactWriter, Stand};
use crate::source::aws_tags::{Tags, tagged};
use crate::source::azure_names::{self, Path, SHARED_KEYS};
use crate::source::azure_resources::{Resource, shown};
use crate::source::entra_names::{self, Federated};
use crate::source::text::{Part, Text};

/// Actions that hand out keys which all users of a resource share.
const SHOWS_KEYS: &[&str] = &[
    "listadminkeys",
    "listchannelwithkeys",
    "listclusteradmincredential",
    "listconnectionstrings",
    "listcredentials",
    "listkeys",
    "listquerykeys",
    "listsecrets",
    "regenerateadminkey",
    "regeneratekey",
    "regeneratekeys",
];

/// Actions that change what a resource runs.
const CHANGES: &[&str] = &["publish", "restore", "start", "stop"];

/// The body of a role assignment, with the API's or the portal's capital letters.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Assignment<'a> {
    #[serde(rename = "properties", alias = "Properties", borrow)]
    properties: Part<Assigned<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Assigned<'a> {
    #[serde(rename = "principalId", alias = "PrincipalId", borrow)]
    principal: Text<'a>,
    #[serde(rename = "principalType", alias = "PrincipalType", borrow)]
    kind: Text<'a>,
    #[serde(rename = "roleDefinitionId", alias = "RoleDefinitionId", borrow)]
    role: Text<'a>,
    #[serde(rename = "scope", alias = "Scope", borrow)]
    scope: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tagging<'a> {
    #[serde(borrow)]
    properties: Part<TagsOf<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TagsOf<'a> {
    #[serde(borrow)]
    tags: Tags<'a>,
}

/// Writes an operation that has ended.
pub(super) fn write(event: &Event<'_>, outcome: Outcome, facts: &mut FactWriter) {
    let properties = event.properties;
    if !event.operation.contains('/') {
        return resource_log(event, outcome, facts);
    }
    let on = event.path.as_ref().map(|path| path.whole().0.handle(facts));
    facts.did(event.actor, &event.operation, on, outcome);
    let (true, Some(path)) = (outcome == Outcome::Succeeded, &event.path) else { return };
    let bodies = [properties.response_body.get(), properties.requestbody.get()];
    match event.operation.rsplit('/').collect::<Vec<&str>>().as_slice() {
        ["write", "roleassignments", ..] => {
            bodies.into_iter().flatten().find_map(|body| assigned(event, path, body, facts));
        }
        ["write", "tags", "microsoft.resources", ..] => {
            if let Some(body) = bodies[1] {
                tags(event, path, body, facts);
            }
        }
        ["write", "federatedidentitycredentials", ..] => {
            changed(event, path, facts);
            if let Some(body) = bodies[1].or(bodies[0]) {
                trusts(event, path, body, facts);
            }
        }
        ["write", ..] => {
            changed(event, path, facts);
            for body in bodies.into_iter().flatten() {
                if let Some(resource) = Resource::of(body).filter(|_| is_whole(path)) {
                    shown(&resource, path, &event.realm, Some(event.actor.by), facts);
                }
            }
        }
        ["delete", ..] => deleted(event, path, facts),
        ["action", action, ..] if SHOWS_KEYS.contains(action) => keys(event, path, facts),
        ["action", action, ..] if CHANGES.contains(action) => changed(event, path, facts),
        _ => {}
    }
}

/// An operation that has only begun: who began it stands in the circumstances. Of a role assignment the later record
/// may not have the body any more, so it is said here whom it is about; that it was done, the later one says.
pub(super) fn begun(event: &Event<'_>, facts: &mut FactWriter) {
    let (true, Some(path)) = (event.operation.ends_with("/roleassignments/write"), &event.path) else { return };
    let properties = event.properties;
    let Some(body) = properties.requestbody.get() else { return };
    let assignment: Assignment<'_> = part(body);
    let Some(assigned) = assignment.properties.get() else { return };
    let to = azure_names::assignee(facts, &event.realm, assigned.kind.get(), assigned.principal.get());
    if let Some(to) = to {
        let assignment = path.handle(facts);
        facts.tied(to, Tie::DependsOn, assignment);
    }
}

fn is_whole(path: &Path) -> bool {
    path.sort().is_some()
}

/// A thing was written: made where the record says so, else changed. A part of a thing changes the thing.
fn changed(event: &Event<'_>, path: &Path, facts: &mut FactWriter) {
    let (whole, part) = path.whole();
    if whole.sort().is_none() {
        return; // something to act upon, and no more
    }
    let thing = whole.described(facts);
    let how = match part {
        Some(how) => how,
        None if event.entry.created(event.properties) => Making::Created,
        None => Making::Updated,
    };
    facts.made(event.actor.by, how, thing);
}

fn deleted(event: &Event<'_>, path: &Path, facts: &mut FactWriter) {
    let (whole, part) = path.whole();
    if whole.sort().is_none() {
        return;
    }
    let thing = whole.handle(facts);
    match part {
        Some(_) => facts.made(event.actor.by, Making::Updated, thing),
        None => facts.ended(thing, Ending::Deleted, Some(event.actor.by)),
    }
}

/// The shared keys of a resource were shown or made anew: whoever asked holds them.
///
/// It does not show that they were used; the portal lists keys when a page is opened.
fn keys(event: &Event<'_>, path: &Path, facts: &mut FactWriter) {
    let (whole, _) = path.whole();
    let thing = whole.handle(facts);
    let key = facts.handle(HandleKind::Key, SHARED_KEYS, &whole.id);
    facts.described(key, Detail::Kind, "shared-key");
    facts.tied(key, Tie::RunsAs, thing);
    facts.made(event.actor.by, Making::Issued, key);
}

fn assigned(event: &Event<'_>, path: &Path, body: &str, facts: &mut FactWriter) -> Option<()> {
    let assignment: Assignment<'_> = part(body);
    let assigned = assignment.properties.get()?;
    let to = azure_names::assignee(facts, &event.realm, assigned.kind.get(), assigned.principal.get())?;
    let around = path.id.split_once("/providers/microsoft.authorization/").map(|(scope, _)| scope);
    let what = azure_names::role(facts, assigned.role.get()?, assigned.scope.get().or(around).unwrap_or_default());
    facts.granted(Some(event.actor.by), to, what);
    Some(())
}

fn tags(event: &Event<'_>, path: &Path, body: &str, facts: &mut FactWriter) {
    let tagging: Tagging<'_> = part(body);
    let Some(of) = tagging.properties.get() else { return };
    let thing = path.handle(facts);
    tagged(facts, thing, &of.tags, Some(event.actor.by));
}

/// A managed identity was told to trust tokens of another issuer: a pipeline's jobs, a cluster's pods.
fn trusts(event: &Event<'_>, path: &Path, body: &str, facts: &mut FactWriter) {
    let (Some(resource), Some(identity)) = (Resource::of(body), path.parent()) else { return };
    let identity = identity.handle(facts);
    let trust = Federated {
        id: None,
        issuer: resource.flat(|flat| &flat.issuer),
        subject: resource.flat(|flat| &flat.subject),
    };
    entra_names::federated(facts, Some(event.actor.by), identity, trust);
}

/// What was done in a key vault or storage account. A secret is named without its version.
fn resource_log(event: &Event<'_>, outcome: Outcome, facts: &mut FactWriter) {
    let properties = event.properties;
    let client = properties.client_info.get().or(properties.user_agent_header.get());
    facts.described(event.actor.by, Detail::Software, client.unwrap_or_default());
    let kind = event.path.as_ref().map(|path| path.kind.as_str()).unwrap_or_default();
    let is_vault = kind.starts_with("microsoft.keyvault/");
    let service = if is_vault { "keyvault" } else { "storage" };
    let named = properties.id.get().filter(|_| is_vault).and_then(secret);
    let on = match named {
        Some(secret) => Some(facts.handle(HandleKind::Resource, "", &secret)),
        None => event.path.as_ref().map(|path| path.handle(facts)),
    };
    let operation = event.entry.operation.as_deref().unwrap_or_default();
    facts.did(event.actor, &format!("{service}:{operation}"), on, outcome);
}

/// The address of a secret, key or certificate without its version: `https://NAME.vault.azure.net/secrets/NAME`.
fn secret(address: &str) -> Option<String> {
    let behind = address.strip_prefix("https://")?;
    let parts: Vec<&str> = behind.split('/').take(3).collect();
    match parts.as_slice() {
        [_, "secrets" | "keys" | "certificates", name] if !name.is_empty() => {
            Some(format!("https://{}", parts.join("/")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_without_their_version() {
        let plain = "https://vault-one.vault.azure.net/secrets/db-password";
        assert_eq!(secret(&format!("{plain}/0a1b")).as_deref(), Some(plain));
        assert_eq!(secret("https://vault-one.vault.azure.net/"), None);
    }
}
