//! Who stands behind a token: what Vault tells of it on every call, and what its login tells once.
//!
//! Vault copies what a way of logging in knows into the token, and logs it on every call. It is as good as the way of
//! logging in: of an identity provider's token (OIDC, JWT) the claims are signed, and which of them are copied is set by
//! an administrator. Wrong where the administrator copies a claim that users can write themselves.

use super::Call;
use super::entry::{Auth, Metadata, part};
use crate::fact::claim::{Becoming, Detail, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::aws_names::{Arn, assumed_role, principal};
use crate::source::gitlab_names::INSTANCE;
use crate::source::oidc::{self, GITHUB};
use crate::source::text::{Text, folded, is_address};
use crate::source::vault_names::{self, CLUSTER, VAULT, entity};

/// What hidden values begin with. Of a token's own text nothing else is ever written.
const HIDDEN: &str = "hmac-sha256:";

/// The token that made the call; of a login the token that it gave. `None` where there is neither.
pub(super) fn actor(call: &Call<'_, '_>, facts: &mut FactWriter) -> Option<Actor> {
    let entry = call.entry;
    if let Some(auth) = entry.response.auth.get().filter(|auth| call.succeeded() && is_login(auth, call)) {
        let actor = with_address(of(auth, facts)?, call, facts);
        logged_in(auth, actor.by, call, facts);
        return Some(actor);
    }
    let text = [entry.auth, entry.request.client_token.get().unwrap_or_default(), entry.address().unwrap_or_default()];
    let read = facts.circumstances(&text, |out| {
        let auth: Auth<'_> = part(entry.auth);
        let actor = match (of(&auth, out), hidden(entry.request.client_token.get())) {
            (Some(actor), _) => actor,
            // A token that Vault refused, or knows no more.
            (None, Some(token)) => {
                Actor { by: out.handle(HandleKind::Session, VAULT, token), principal: None, on_behalf_of: None }
            }
            (None, None) => return Err(()),
        };
        Ok(with_address(actor, call, out))
    });
    read.ok()
}

/// Whether a call is a login: a way of logging in answered with a token. The token of a token is no login.
fn is_login(auth: &Auth<'_>, call: &Call<'_, '_>) -> bool {
    auth.accessor.get().or(hidden(auth.client_token.get())).is_some()
        && call.path.starts_with("auth/")
        && call.engine() != "token"
}

fn with_address(actor: Actor, call: &Call<'_, '_>, out: &mut impl Stand) -> Actor {
    if let Some(address) = call.entry.address() {
        let from = out.handle(HandleKind::Network, "", address);
        out.came_from(actor.by, from);
    }
    actor
}

/// A hidden value: the same text is hidden in the same way, so it names the token without telling it.
pub(super) fn hidden(text: Option<&str>) -> Option<&str> {
    text.filter(|text| text.starts_with(HIDDEN))
}

/// The token as a handle: by its accessor; tokens without one (batch tokens) by their hidden text.
pub(super) fn token(auth: &Auth<'_>, out: &mut impl Stand) -> Option<HandleId> {
    let name = auth.accessor.get().or(hidden(auth.client_token.get()))?;
    Some(out.handle(HandleKind::Session, VAULT, name))
}

/// A token with everything that Vault tells of it.
fn of(auth: &Auth<'_>, out: &mut impl Stand) -> Option<Actor> {
    let token = token(auth, out)?;
    let name = auth.display_name.get().unwrap_or_default();
    out.described(token, Detail::DisplayName, name);
    let made_by_token = name == "token" || name.starts_with("token-");
    let nothing = Metadata::default();
    let metadata = auth.metadata.get().filter(|_| !made_by_token).unwrap_or(&nothing);
    // Vault's entity of an AWS role is no more than the role, which other things may be known to run as.
    let of_aws = metadata.client_arn.get().and_then(|_| aws_principal(metadata, out));
    let principal = of_aws.or_else(|| auth.entity_id.get().map(|id| entity(out, id)));
    if let Some(principal) = principal {
        out.tied(token, Tie::RunsAs, principal);
    }
    match behind(metadata) {
        Behind::User(realm, login) => {
            let login = out.handle(HandleKind::Login, realm, &folded(login));
            out.tied(token, Tie::IssuedTo, login);
        }
        Behind::Machine => {
            if let Some(entity) = principal {
                out.tied(token, Tie::HeldBy, entity);
                let called = metadata.role_name.get().or(metadata.service_account_name.get());
                out.described(entity, Detail::DisplayName, called.unwrap_or_default());
                out.described(entity, Detail::Kind, if metadata.role_name.get().is_some() { APPROLE } else { "" });
            }
        }
        Behind::Nobody => {}
    }
    Some(Actor { by: token, principal, on_behalf_of: None })
}

/// The kind of an AppRole.
const APPROLE: &str = "vault-approle";

/// Who the metadata of a token say is behind it.
enum Behind<'a> {
    /// A user of a directory, by realm and name.
    User(&'static str, &'a str),
    /// A machine, which Vault knows as an entity of its own.
    Machine,
    /// They do not say.
    Nobody,
}

fn behind<'a>(metadata: &'a Metadata<'_>) -> Behind<'a> {
    let machine =
        [&metadata.role_name, &metadata.service_account_name, &metadata.service_account_email, &metadata.cert_name];
    if machine.iter().any(|field| field.get().is_some()) {
        return Behind::Machine;
    }
    let claimed = metadata.email.get().or(metadata.user_email.get()).filter(|email| is_address(email));
    match (metadata.role.get(), claimed, metadata.org.get(), metadata.username.get()) {
        (Some(_), Some(email), ..) => Behind::User(CLUSTER, email),
        (_, _, Some(_), Some(login)) => Behind::User(GITHUB, login),
        (_, _, None, Some(login)) if is_address(login) => Behind::User(CLUSTER, login),
        _ => Behind::Nobody,
    }
}

/// What only a login tells: that a human was there, which role, which pipeline or cloud role it was.
fn logged_in(auth: &Auth<'_>, token: HandleId, call: &Call<'_, '_>, facts: &mut FactWriter) {
    let nothing = Metadata::default();
    let metadata = auth.metadata.get().unwrap_or(&nothing);
    let (mount, rest) = call.mount();
    let id = auth.entity_id.get();
    if rest.ends_with("callback") {
        if let Some(id) = id {
            vault_names::human(facts, id, metadata.email.get());
        }
        return;
    }
    if let Some(name) = metadata.role_name.get().filter(|_| call.engine() == "approle") {
        let role = vault_names::role(facts, &call.realm(), mount, name);
        facts.described(role, Detail::Kind, APPROLE);
        match id.map(|id| entity(facts, id)) {
            Some(entity) => facts.tied(entity, Tie::Named, role),
            None => facts.tied(token, Tie::HeldBy, role),
        }
        return;
    }
    if let Some(by) = pipeline(metadata, facts)
        .or_else(|| service_account(metadata, facts))
        .or_else(|| cloud_role(metadata, call, facts))
    {
        facts.became(by, Becoming::Federated, token);
    }
    let created = auth.entity_created.get() == Some("true");
    if let (true, Some(id), Some(name)) = (created, id, metadata.role.get()) {
        // Vault made the entity because the role let it in: whoever answers for the role answers for what it let in.
        let role = vault_names::role(facts, &call.realm(), mount, name);
        let entity = entity(facts, id);
        facts.made(role, Making::Created, entity);
    }
}

/// The subject of a pipeline's token, by the claims that the administrator had copied.
fn pipeline(metadata: &Metadata<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let named = |path: &Text<'_>| path.get().filter(|path| path.contains('/')).map(str::to_owned);
    let (realm, own, run) = match (named(&metadata.repository), named(&metadata.project_path)) {
        (Some(repository), _) => (GITHUB, format!("repo:{repository}"), ("run_id", &metadata.run_id)),
        (None, Some(path)) => (INSTANCE, format!("project_path:{path}"), ("pipeline_id", &metadata.pipeline_id)),
        (None, None) => return None,
    };
    let mut subject = metadata.sub.get().filter(|sub| sub.starts_with(&own)).map_or(own, str::to_owned);
    if let (key, Some(run)) = (run.0, run.1.get())
        && !subject.contains(key)
    {
        subject = format!("{subject}:{key}:{run}");
    }
    let by = facts.handle(HandleKind::Subject, realm, &subject);
    oidc::describe(facts, by, None, &subject);
    facts.described(by, Detail::Environment, metadata.environment.get().unwrap_or_default());
    let branch = metadata.branch.get().map(|name| name.strip_prefix("refs/heads/").unwrap_or(name));
    facts.described(by, Detail::Branch, branch.unwrap_or_default());
    Some(by)
}

fn service_account(metadata: &Metadata<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (namespace, name) = metadata.service_account_namespace.get().zip(metadata.service_account_name.get())?;
    // Vault does not say of which cluster.
    Some(facts.handle(HandleKind::Subject, "kubernetes:", &format!("system:serviceaccount:{namespace}:{name}")))
}

/// The AWS user or role that proved itself to Vault: AWS itself told Vault who signed the request.
fn aws_principal(metadata: &Metadata<'_>, out: &mut impl Stand) -> Option<HandleId> {
    // The id of a role's session is the role's, with the session's name behind it in some versions.
    let id = metadata.client_user_id.get().and_then(|id| id.split(':').next());
    let arn = metadata.canonical_arn.get().or(metadata.client_arn.get());
    principal(out, id, arn.filter(|arn| Arn::parse(arn).is_some_and(|arn| arn.service == "iam")))
}

/// The AWS session that proved itself to Vault. Vault knows its role and name and not when it began: before the login.
fn cloud_role(metadata: &Metadata<'_>, call: &Call<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let text = metadata.client_arn.get()?;
    let role = aws_principal(metadata, facts)?;
    let Some((_, session)) = Arn::parse(text).as_ref().and_then(assumed_role) else { return Some(role) };
    let id = metadata.client_user_id.get().and_then(|id| id.split(':').next())?;
    let by = facts.handle(HandleKind::SessionStart, "", &format!("{id}:{session}@<{}", call.at));
    facts.tied(by, Tie::RunsAs, role);
    Some(by)
}
