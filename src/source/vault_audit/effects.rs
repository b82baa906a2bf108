//! What a call makes and ends: tokens, leases, keys, roles, entities.

use super::Call;
use super::actor::{hidden, token};
use crate::fact::claim::{Becoming, Ending, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::Reading;
use crate::source::aws_names::is_long_lived;
use crate::source::vault_names::{self, VAULT, issuance, leased_stem};

/// The request of a call. It tells nothing that the answer does not tell, too, but one thing: when a key was asked for.
/// Vault makes the user within that second; the answer comes when the cloud has made the user and its key.
pub(super) fn asked(call: &Call<'_, '_>, facts: &mut FactWriter) -> Reading {
    let role = leased_role(call).filter(|_| call.succeeded());
    let actor = role.and_then(|_| super::actor::actor(call, facts));
    let (Some(role), Some(actor)) = (role, actor) else { return Reading::SetAside("request of a call") };
    match stem(call, role) {
        Some(stem) => {
            let issued = issuance(facts, &stem, call.at);
            facts.became(actor.by, Becoming::Assumed, issued);
            Reading::Claimed
        }
        None => Reading::SetAside("request of a call"),
    }
}

/// Writes what a call that succeeded makes and ends.
pub(super) fn write(call: &Call<'_, '_>, actor: Actor, facts: &mut FactWriter) {
    if !call.succeeded() {
        return;
    }
    leased(call, actor, facts);
    handed_on(call, actor, facts);
    let (_, rest) = call.mount();
    match call.engine() {
        "token" | "ns_token" => of_tokens(call, rest, actor, facts),
        "identity" | "ns_identity" => of_identity(call, rest, actor, facts),
        "system" | "ns_system" | "sys" => of_system(call, rest, actor, facts),
        _ if call.path.starts_with("auth/") => of_role(call, rest, actor, facts),
        _ => {}
    }
}

/// The role of an AWS secrets engine for which a user and its key are made.
fn leased_role<'e>(call: &Call<'e, '_>) -> Option<&'e str> {
    let (_, rest) = call.mount();
    let role = rest.strip_prefix("creds/").filter(|role| !role.is_empty());
    role.filter(|_| call.engine() == "aws" && matches!(call.operation, "read" | "update"))
}

/// What the name of the user begins with that Vault makes for this call.
fn stem(call: &Call<'_, '_>, role: &str) -> Option<String> {
    let auth: super::entry::Auth<'_> = super::entry::part(call.entry.auth);
    Some(leased_stem(auth.display_name.get()?, role))
}

/// A lease, and the cloud key that it is, where the log shows the key's id.
fn leased(call: &Call<'_, '_>, actor: Actor, facts: &mut FactWriter) {
    let response = &call.entry.response;
    if let Some(id) = response.secret.get().and_then(|secret| secret.lease_id.get()) {
        let lease = vault_names::lease(facts, id);
        facts.became(actor.by, Becoming::Assumed, lease);
    }
    if let Some(stem) = leased_role(call).and_then(|role| stem(call, role)) {
        let issued = issuance(facts, &stem, call.at);
        facts.became(actor.by, Becoming::Assumed, issued);
    }
    let key = response.data.get().and_then(|data| data.access_key.get());
    if let Some(key) = key.filter(|key| is_access_key(key)) {
        let kind = if is_long_lived(key) { HandleKind::Key } else { HandleKind::Session };
        let key = facts.handle(kind, "", key);
        facts.became(actor.by, Becoming::Assumed, key);
    }
}

/// Whether a text is the id of an AWS key, and not hidden.
fn is_access_key(text: &str) -> bool {
    let known = text.starts_with("AKIA") || text.starts_with("ASIA");
    known && text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// An answer that was wrapped, to be opened by somebody else: the token in it was issued by whoever asked.
fn handed_on(call: &Call<'_, '_>, actor: Actor, facts: &mut FactWriter) {
    let Some(wrap) = call.entry.response.wrap_info.get() else { return };
    for wrapped in [wrap.wrapped_accessor.get(), hidden(wrap.token.get())].into_iter().flatten() {
        let wrapped = facts.handle(HandleKind::Session, VAULT, wrapped);
        facts.became(actor.by, Becoming::Renewed, wrapped);
    }
}

/// A token that a token made, and tokens that were revoked.
fn of_tokens(call: &Call<'_, '_>, rest: &str, actor: Actor, facts: &mut FactWriter) {
    if rest.starts_with("create")
        && let Some(made) = call.entry.response.auth.get().and_then(|auth| token(auth, facts))
    {
        facts.became(actor.by, Becoming::Renewed, made);
    }
    if rest == "revoke-self" {
        facts.ended(actor.by, Ending::Revoked, Some(actor.by));
    }
}

/// Entities that were disabled or deleted.
fn of_identity(call: &Call<'_, '_>, rest: &str, actor: Actor, facts: &mut FactWriter) {
    let Some(id) = rest.strip_prefix("entity/id/").filter(|id| !id.contains('/') && !id.is_empty()) else { return };
    let disabled = call.entry.request.data.get().and_then(|data| data.disabled.get()) == Some("true");
    let how = match call.operation {
        "delete" => Ending::Deleted,
        _ if call.writes() && disabled => Ending::Deactivated,
        _ => return,
    };
    let entity = vault_names::entity(facts, id);
    facts.ended(entity, how, Some(actor.by));
}

/// Leases that were revoked by their id, and answers that were unwrapped.
fn of_system(call: &Call<'_, '_>, rest: &str, actor: Actor, facts: &mut FactWriter) {
    let revoked = rest.strip_prefix("leases/revoke/").or_else(|| rest.strip_prefix("revoke/"));
    if let Some(id) = revoked.filter(|id| !id.is_empty()) {
        let lease = vault_names::lease(facts, id);
        facts.ended(lease, Ending::Revoked, Some(actor.by));
    }
    let opened = call.entry.request.data.get().and_then(|data| hidden(data.token.get()));
    if let Some(wrapped) = opened.filter(|_| rest == "wrapping/unwrap") {
        let wrapped = facts.handle(HandleKind::Session, VAULT, wrapped);
        facts.did(actor, "vault:unwrap", Some(wrapped), call.outcome);
    }
}

/// A role that machines log in with was made, changed or deleted, or a secret was issued for it.
fn of_role(call: &Call<'_, '_>, rest: &str, actor: Actor, facts: &mut FactWriter) {
    let (mount, _) = call.mount();
    let Some(named) = rest.strip_prefix("role/").or_else(|| rest.strip_prefix("roles/")) else { return };
    let (name, part) = named.split_once('/').unwrap_or((named, ""));
    if name.is_empty() {
        return;
    }
    let role = vault_names::role(facts, &call.realm(), mount, name);
    match (part, call.operation) {
        ("secret-id" | "custom-secret-id", _) if call.writes() => secret(call, role, actor, facts),
        ("", "create") => facts.made(actor.by, Making::Created, role),
        ("", "delete") => facts.ended(role, Ending::Deleted, Some(actor.by)),
        // Looking at a secret, or destroying it by its accessor, changes nothing of the role.
        (part, _) if call.writes() && !part.starts_with("secret-id") => facts.made(actor.by, Making::Updated, role),
        _ => {}
    }
}

/// The secret of an AppRole, by its accessor.
fn secret(call: &Call<'_, '_>, role: HandleId, actor: Actor, facts: &mut FactWriter) {
    let accessor = call.entry.response.data.get().and_then(|data| data.secret_id_accessor.get());
    if let Some(accessor) = accessor {
        let key = facts.handle(HandleKind::Key, VAULT, accessor);
        facts.made(actor.by, Making::Issued, key);
        facts.tied(key, Tie::RunsAs, role);
    }
}
