//! Events that issue a session or show a person: STS, console sign-in, certificates and pods that obtain a session.
//!
//! Reference: docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html. The key in a response is what the
//! later calls of that session carry: the surest join there is. Where the response has no key, the id that records of
//! one act share in two accounts stands for the session.

use serde::Deserialize;

use super::identity::{IDENTITY_CENTER, UserIdentity, holder, issuer_of, saml_login, session_name, subject};
use super::{Event, part};
use crate::fact::claim::{Becoming, Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::aws_names::{
    Arn, assumed_role, is_identity_center_role, principal, principal_named, root_user, session_start,
};
use crate::source::aws_tags::Tags;
use crate::source::oidc;
use crate::source::text::{Part, Parts, Text};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Request<'a> {
    #[serde(borrow)]
    role_arn: Text<'a>,
    #[serde(borrow)]
    role_session_name: Text<'a>,
    #[serde(borrow)]
    source_identity: Text<'a>,
    #[serde(borrow)]
    external_id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    target_principal: Text<'a>,
    #[serde(borrow)]
    web_identity_token_id: Text<'a>,
    #[serde(borrow)]
    cluster_name: Text<'a>,
    #[serde(borrow)]
    trust_anchor_arn: Text<'a>,
    #[serde(borrow)]
    tags: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Response<'a> {
    #[serde(borrow)]
    credentials: Part<Credentials<'a>>,
    #[serde(borrow)]
    assumed_role_user: Part<AssumedRoleUser<'a>>,
    #[serde(borrow)]
    issuer: Text<'a>,
    #[serde(borrow)]
    source_identity: Text<'a>,
    #[serde(borrow)]
    console_login: Text<'a>,
    #[serde(borrow)]
    subject_from_web_identity_token: Text<'a>,
    #[serde(borrow)]
    provider: Text<'a>,
    #[serde(borrow)]
    web_identity_token_id: Text<'a>,
    #[serde(borrow)]
    assumed_principal: Text<'a>,
    #[serde(borrow)]
    subject: Part<ServiceAccount<'a>>,
    #[serde(borrow)]
    subject_arn: Text<'a>,
    #[serde(borrow)]
    credential_set: Parts<Set<'a>>,
}

/// What IAM Roles Anywhere issued.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Set<'a> {
    #[serde(borrow)]
    credentials: Part<Credentials<'a>>,
    #[serde(borrow)]
    assumed_role_user: Part<AssumedRoleUser<'a>>,
    #[serde(borrow)]
    source_identity: Text<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Credentials<'a> {
    #[serde(borrow)]
    access_key_id: Text<'a>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AssumedRoleUser<'a> {
    #[serde(borrow, alias = "assumeRoleId")]
    assumed_role_id: Text<'a>,
    #[serde(borrow)]
    arn: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ServiceAccount<'a> {
    #[serde(borrow)]
    namespace: Text<'a>,
    #[serde(borrow)]
    service_account: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Additional<'a> {
    #[serde(borrow)]
    switch_from: Text<'a>,
}

/// Writes the event if it issues a session or shows a person; `false` if it is of another kind.
pub(super) fn write(event: &Event<'_>, facts: &mut FactWriter) -> bool {
    match (event.service, event.name) {
        ("sts", "AssumeRole" | "AssumeRoot" | "GetDelegatedAccessToken") => assumed(event, Becoming::Assumed, facts),
        ("sts", "AssumeRoleWithSAML") => with_saml(event, facts),
        ("sts", "AssumeRoleWithWebIdentity") => with_web_identity(event, facts),
        ("sts", "GetWebIdentityToken") => token(event, facts),
        ("sts", "GetSessionToken") => assumed(event, Becoming::Renewed, facts),
        ("sts", "GetFederationToken") => assumed(event, Becoming::Assumed, facts),
        ("eks-auth", "AssumeRoleForPodIdentity") => pod(event, facts),
        ("rolesanywhere", "CreateSession") => certificate(event, facts),
        ("signin", "ConsoleLogin") => console_login(event, facts),
        ("signin", "SwitchRole") => switched(event, facts),
        _ => return false,
    }
    true
}

/// The session that an event issued, with its other names, its role, and what it was called.
fn session(
    event: &Event<'_>,
    response: &Response<'_>,
    request: &Request<'_>,
    facts: &mut FactWriter,
) -> Option<HandleId> {
    let user = response.assumed_role_user.get();
    let role_and_name = user.and_then(|user| user.assumed_role_id.get());
    let start = role_and_name.map(|id| facts.handle(HandleKind::SessionStart, "", &session_start(id, event.at)));
    let key = response.credentials.get().and_then(|credentials| credentials.access_key_id.get());
    let key = key.map(|key| facts.handle(HandleKind::Session, "", key));
    let shared = event.entry.shared_event_id.map(|id| facts.handle(HandleKind::SharedAct, "", id));
    let session = key.or(shared).or(start)?;
    for other in [shared, start].into_iter().flatten().filter(|other| *other != session) {
        facts.tied(session, Tie::SameSession, other);
    }
    if let Some(principal) = stands_on(event, role_and_name, user, response, request, facts) {
        facts.tied(session, Tie::RunsAs, principal);
    }
    if let Some(source) = request.source_identity.get().or(response.source_identity.get()) {
        let source = facts.handle(HandleKind::Login, "", source);
        facts.tied(session, Tie::SourceIdentity, source);
    }
    for (key, value) in request.tags.pairs() {
        facts.described(session, Detail::Tag, &format!("{key}={value}"));
    }
    Some(session)
}

/// The principal that a session stands on: the role it is of, the account's root user, else the caller's own.
fn stands_on(
    event: &Event<'_>,
    role_and_name: Option<&str>,
    user: Option<&AssumedRoleUser<'_>>,
    response: &Response<'_>,
    request: &Request<'_>,
    facts: &mut FactWriter,
) -> Option<HandleId> {
    match event.name {
        "GetSessionToken" | "GetFederationToken" => return event.actor.principal,
        "AssumeRoot" => return Some(root_user(facts, event.partition(), request.target_principal.get()?)),
        _ => {}
    }
    let role_id = role_and_name.and_then(|id| id.split(':').next());
    if let Some(role) = principal(facts, role_id, request.role_arn.get()) {
        return Some(role);
    }
    let arn = Arn::parse(response.assumed_principal.get().or(user?.arn.get())?)?;
    assumed_role(&arn).map(|(role, _)| principal_named(facts, arn.account, "role", role))
}

fn assumed(event: &Event<'_>, how: Becoming, facts: &mut FactWriter) {
    let (request, response) = (part::<Request<'_>>(event.entry.request), part(event.entry.response));
    let Some(session) = session(event, &response, &request, facts) else { return };
    facts.became(event.actor.by, how, session);
    // A caller of another account that proves an external id is a third party: the id is asked of nobody else. Wrong where
    // a company asks it of an account of its own whose trail is not here. The id itself is not kept.
    if request.external_id.get().is_some() && event.identity().kind.get() == Some("AWSAccount") {
        facts.described(event.actor.by, Detail::Outside, "external id");
    }
    if let Some(name) = request.role_session_name.get().or(request.name.get()) {
        session_name(facts, session, name, false);
    }
    // A service that opens a session for something it runs may say for what.
    if let Some(holder) = holder(&event.identity(), facts) {
        facts.tied(session, Tie::HeldBy, holder);
    }
}

/// A SAML assertion was exchanged for a session. The identity provider chose the session's name, not the caller.
fn with_saml(event: &Event<'_>, facts: &mut FactWriter) {
    let (request, response) = (part::<Request<'_>>(event.entry.request), part::<Response<'_>>(event.entry.response));
    let identity: UserIdentity<'_> = event.identity();
    let identity_center = request.role_arn.get().is_some_and(is_identity_center_role);
    let login = if identity_center {
        identity.user_name.get().map(|name| facts.handle(HandleKind::Login, IDENTITY_CENTER, name))
    } else {
        saml_login(&identity, response.issuer.get(), facts)
    };
    let Some(session) = session(event, &response, &request, facts) else { return };
    facts.became(login.unwrap_or(event.actor.by), Becoming::Federated, session);
    if let Some(name) = request.role_session_name.get() {
        if identity_center {
            session_name(facts, session, name, true);
        } else {
            let issuer = response.issuer.get().or(identity.identity_provider.get()).unwrap_or_default();
            let named = facts.handle(HandleKind::Login, &format!("saml:{issuer}"), name);
            facts.tied(session, Tie::IssuedTo, named);
        }
    }
}

/// A web identity token was exchanged for a session: a pipeline's job, a pod, another workload, a user of an identity
/// provider.
fn with_web_identity(event: &Event<'_>, facts: &mut FactWriter) {
    let (request, response) = (part::<Request<'_>>(event.entry.request), part::<Response<'_>>(event.entry.response));
    let identity = event.identity();
    let by = match subject(&identity, facts) {
        Some(by) => by,
        None => match (response.provider.get(), response.subject_from_web_identity_token.get()) {
            (Some(provider), Some(name)) => facts.handle(HandleKind::Subject, issuer_of(provider), name),
            _ => event.actor.by,
        },
    };
    if let Some(text) = identity.user_name.get().or(response.subject_from_web_identity_token.get()) {
        let issuer = facts.realm_of(by).to_owned();
        oidc::describe(facts, by, Some(&issuer), text);
        oidc::issued_to(facts, by, &issuer, text);
    }
    let Some(session) = session(event, &response, &request, facts) else { return };
    facts.became(by, Becoming::Federated, session);
    // A token that AWS itself had issued to a session, in this or another account: see `token`.
    if let Some(id) = request.web_identity_token_id.get() {
        let token = facts.handle(HandleKind::SharedAct, "", id);
        facts.became(token, Becoming::Federated, session);
    }
    if let Some(name) = request.role_session_name.get() {
        session_name(facts, session, name, false);
    }
}

/// AWS issued a signed token to a session. Where it is exchanged for a session, that record has the token's id, too.
fn token(event: &Event<'_>, facts: &mut FactWriter) {
    let response = part::<Response<'_>>(event.entry.response);
    if let Some(id) = response.web_identity_token_id.get() {
        let token = facts.handle(HandleKind::SharedAct, "", id);
        facts.became(event.actor.by, Becoming::Federated, token);
    }
}

/// A pod obtained a session through the agent on its node: the caller is the node, the pod's service account is meant.
fn pod(event: &Event<'_>, facts: &mut FactWriter) {
    let (request, response) = (part::<Request<'_>>(event.entry.request), part::<Response<'_>>(event.entry.response));
    let Some(session) = session(event, &response, &request, facts) else { return };
    let account = response.subject.get().and_then(|it| it.namespace.get().zip(it.service_account.get()));
    let cluster = request.cluster_name.get().and_then(|name| event.arn("eks", "cluster/", name));
    let by = account.zip(cluster).map(|((namespace, name), cluster)| {
        facts.handle(HandleKind::Subject, &cluster, &format!("system:serviceaccount:{namespace}:{name}"))
    });
    facts.became(by.unwrap_or(event.actor.by), Becoming::Federated, session);
}

/// A certificate was exchanged for a session. The subject is AWS's own id for the certificate's name at this anchor; the
/// source identity is the name, by the authority that signed the certificate.
fn certificate(event: &Event<'_>, facts: &mut FactWriter) {
    let (request, response) = (part::<Request<'_>>(event.entry.request), part::<Response<'_>>(event.entry.response));
    let Some(set) = response.credential_set.get().first() else { return };
    let issued = Response {
        credentials: set.credentials.clone(),
        assumed_role_user: set.assumed_role_user.clone(),
        source_identity: set.source_identity.clone(),
        ..Response::default()
    };
    let Some(session) = session(event, &issued, &request, facts) else { return };
    let by = response
        .subject_arn
        .get()
        .map(|arn| facts.handle(HandleKind::Subject, request.trust_anchor_arn.get().unwrap_or_default(), arn));
    facts.became(by.unwrap_or(event.actor.by), Becoming::Federated, session);
}

/// A person signed in at the console: the only sign that an IAM user is a human being. A role and the root user are
/// entered by many, so there the sign-in says something of the session alone.
fn console_login(event: &Event<'_>, facts: &mut FactWriter) {
    let response = part::<Response<'_>>(event.entry.response);
    if response.console_login.get() != Some("Success") {
        return;
    }
    let who = match event.identity().kind.get() {
        Some("IAMUser") => event.actor.principal,
        _ => Some(event.actor.by).filter(|by| event.actor.principal != Some(*by)),
    };
    if let Some(who) = who {
        facts.described(who, Detail::Presence, "console sign-in");
        let console = facts.handle(HandleKind::SignIn, "", &format!("AWS console of {}", event.account));
        facts.became(who, Becoming::SignedIn, console);
    }
}

/// A role was switched to in the console; there is no STS record of it. The record is written for the new session and
/// names the old one by its ARN alone, so another session of the same name could be meant: a likely hop, no more.
fn switched(event: &Event<'_>, facts: &mut FactWriter) {
    let additional = part::<Additional<'_>>(event.entry.additional);
    let Some(text) = additional.switch_from.get() else { return };
    let Some(arn) = Arn::parse(text) else { return };
    let from = match assumed_role(&arn) {
        Some((role, name)) => {
            let session = facts.handle(HandleKind::Session, "", text);
            let role = principal_named(facts, arn.account, "role", role);
            facts.tied(session, Tie::RunsAs, role);
            session_name(facts, session, name, false);
            Some(session)
        }
        None if arn.resource == "root" => Some(root_user(facts, arn.partition, arn.account)),
        None => principal(facts, None, Some(text)),
    };
    if let Some(from) = from {
        facts.became(from, Becoming::Switched, event.actor.by);
    }
}
