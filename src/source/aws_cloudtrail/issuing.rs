//! Events that issue a session or show a person: STS, sign-in, the Identity Center portal.
//!
//! Reference: docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html. The key in a response is what the
//! later calls of that session carry: the surest join there is. Where the response has no key, the id that records of
//! one act share in two accounts stands for the session.

use serde::Deserialize;

use super::identity::{IDENTITY_CENTER, UserIdentity, identity_center_user, saml_login, session_name, subject};
use super::{Event, part};
use crate::fact::claim::{Becoming, Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::aws_names::{Arn, is_identity_center_role, principal, session_start};
use crate::source::oidc;
use crate::source::text::{Part, Text};

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
    name: Text<'a>,
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
    #[serde(rename = "ConsoleLogin", borrow)]
    console_login: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Credentials<'a> {
    #[serde(borrow)]
    access_key_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AssumedRoleUser<'a> {
    #[serde(borrow)]
    assumed_role_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Additional<'a> {
    #[serde(rename = "SwitchFrom", borrow)]
    switch_from: Text<'a>,
    #[serde(rename = "UserName", borrow)]
    user_name: Text<'a>,
}

/// Writes the event if it issues a session or shows a person; `false` if it is of another kind.
pub(super) fn write(event: &Event<'_>, facts: &mut FactWriter) -> bool {
    match (event.service, event.name) {
        ("sts", "AssumeRole" | "AssumeRoot") => assumed(event, event.actor.by, Becoming::Assumed, facts),
        ("sts", "AssumeRoleWithSAML") => with_saml(event, facts),
        ("sts", "AssumeRoleWithWebIdentity") => with_web_identity(event, facts),
        ("sts", "GetSessionToken") => assumed(event, event.actor.by, Becoming::Renewed, facts),
        ("sts", "GetFederationToken") => federation_token(event, facts),
        ("signin", "ConsoleLogin") => console_login(event, facts),
        ("signin", "SwitchRole") => switched(event, facts),
        ("signin" | "sso", "UserAuthentication" | "CredentialVerification") => signed_in(event, facts),
        _ => return false,
    }
    true
}

/// The session that an STS event issued, with its other names, its role, and what it was called.
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
    let role_id = role_and_name.and_then(|id| id.split(':').next());
    if let Some(role) = principal(facts, role_id, request.role_arn.get()) {
        facts.tied(session, Tie::RunsAs, role);
    }
    if let Some(source) = request.source_identity.get().or(response.source_identity.get()) {
        let source = facts.handle(HandleKind::Login, "", source);
        facts.tied(session, Tie::SourceIdentity, source);
    }
    Some(session)
}

fn assumed(event: &Event<'_>, by: HandleId, how: Becoming, facts: &mut FactWriter) {
    let (request, response) = (part::<Request<'_>>(event.entry.request), part(event.entry.response));
    let Some(session) = session(event, &response, &request, facts) else { return };
    facts.became(by, how, session);
    if let Some(name) = request.role_session_name.get() {
        session_name(facts, session, name, false);
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

/// A web identity token was exchanged for a session: a pipeline's job, a pod, another workload.
fn with_web_identity(event: &Event<'_>, facts: &mut FactWriter) {
    let (request, response) = (part::<Request<'_>>(event.entry.request), part(event.entry.response));
    let identity = event.identity();
    let by = subject(&identity, facts).unwrap_or(event.actor.by);
    if let Some(text) = identity.user_name.get() {
        oidc::describe(facts, by, text);
    }
    let Some(session) = session(event, &response, &request, facts) else { return };
    facts.became(by, Becoming::Federated, session);
    if let Some(name) = request.role_session_name.get() {
        session_name(facts, session, name, false);
    }
}

fn federation_token(event: &Event<'_>, facts: &mut FactWriter) {
    let (request, response) = (part::<Request<'_>>(event.entry.request), part(event.entry.response));
    let Some(session) = session(event, &response, &request, facts) else { return };
    facts.became(event.actor.by, Becoming::Assumed, session);
    if let Some(name) = request.name.get() {
        session_name(facts, session, name, false);
    }
}

/// A person signed in at the console: the only sign that an IAM user is a human being. A role or the root user whose
/// session came to the console is a principal of many, and nobody by that.
fn console_login(event: &Event<'_>, facts: &mut FactWriter) {
    let response = part::<Response<'_>>(event.entry.response);
    if response.console_login.get() == Some("Success") && event.identity().kind.get() == Some("IAMUser") {
        let who = event.actor.principal.unwrap_or(event.actor.by);
        facts.described(who, Detail::Presence, "console sign-in");
    }
}

/// A role was switched to in the console; there is no STS record of it. The record is written for the new session and
/// names the old one by its ARN alone, so another session of the same name could be meant: a likely hop, no more.
fn switched(event: &Event<'_>, facts: &mut FactWriter) {
    let additional = part::<Additional<'_>>(event.entry.additional);
    let Some(from) = additional.switch_from.get() else { return };
    if Arn::parse(from).is_some() {
        let from = principal(facts, None, Some(from));
        if let Some(from) = from {
            facts.became(from, Becoming::Switched, event.actor.by);
        }
    }
}

/// An Identity Center sign-in: it says which user name the lasting user id has.
fn signed_in(event: &Event<'_>, facts: &mut FactWriter) {
    let additional = part::<Additional<'_>>(event.entry.additional);
    let identity = event.identity();
    if let (Some(user), Some(name)) = (identity_center_user(&identity, facts), additional.user_name.get()) {
        let realm = facts.realm_of(user).to_owned();
        let login = facts.handle(HandleKind::Login, &realm, name);
        facts.tied(user, Tie::Named, login);
    }
}
