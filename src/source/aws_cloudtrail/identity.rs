//! `userIdentity`: who acted in a CloudTrail record.
//!
//! Reference: docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html. What the
//! caller could have chosen (the name of a session of a plain role, a federated user's name) is written as
//! `CalledItself`; what AWS stamps (`onBehalfOf`, `inScopeOf`, the sessions of Identity Center roles) is not.

use serde::Deserialize;

use crate::base::time::Instant;
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, Stand};
use crate::source::aws_names::{
    self, Arn, assumed_role as role_and_session, is_identity_center_role, is_long_lived, principal, principal_named,
    root_user, session_start,
};
use crate::source::aws_things::by_arn;
use crate::source::text::{Part, Text};

/// The realm of Identity Center users where the record does not say which identity store they are in.
pub(super) const IDENTITY_CENTER: &str = "identity-center:";

/// The fields of `userIdentity` that tell who acted.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct UserIdentity<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) principal_id: Text<'a>,
    #[serde(borrow)]
    arn: Text<'a>,
    #[serde(borrow)]
    pub(super) account_id: Text<'a>,
    #[serde(borrow)]
    access_key_id: Text<'a>,
    #[serde(borrow)]
    pub(super) user_name: Text<'a>,
    #[serde(borrow)]
    pub(super) identity_provider: Text<'a>,
    #[serde(borrow)]
    invoked_by: Text<'a>,
    #[serde(borrow)]
    session_context: Part<SessionContext<'a>>,
    #[serde(borrow)]
    on_behalf_of: Part<OnBehalfOf<'a>>,
    #[serde(borrow)]
    in_scope_of: Part<InScopeOf<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SessionContext<'a> {
    #[serde(borrow)]
    attributes: Part<Attributes<'a>>,
    #[serde(borrow)]
    session_issuer: Part<SessionIssuer<'a>>,
    #[serde(borrow)]
    source_identity: Text<'a>,
    #[serde(borrow)]
    sign_in_session_arn: Text<'a>,
    #[serde(borrow)]
    ec2_role_delivery: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Attributes<'a> {
    #[serde(borrow)]
    creation_date: Text<'a>,
    #[serde(borrow)]
    mfa_authenticated: Text<'a>,
    #[serde(borrow)]
    session_credential_from_console: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SessionIssuer<'a> {
    #[serde(borrow)]
    principal_id: Text<'a>,
    #[serde(borrow)]
    arn: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OnBehalfOf<'a> {
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    identity_store_arn: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct InScopeOf<'a> {
    #[serde(borrow)]
    credentials_issued_to: Text<'a>,
}

/// What the identity alone does not say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    /// The record says that its credentials come from the console, which uses a new key for each request.
    pub(super) from_console: bool,
    /// The region of the record.
    pub(super) region: &'a str,
    /// The account that received the record.
    pub(super) account: &'a str,
}

/// Who acted, with everything that the identity ties together. `None` where the record names nobody, not even an account.
pub(super) fn actor(identity: &UserIdentity<'_>, scene: Scene<'_>, out: &mut impl Stand) -> Option<Actor> {
    let account = identity.account_id.get().unwrap_or(scene.account);
    let known = match (identity.kind.get(), identity.invoked_by.get()) {
        (Some("IAMUser"), _) => iam_user(identity, scene, out),
        (Some("AssumedRole" | "Role"), _) => assumed_role(identity, scene, out),
        (Some("FederatedUser"), _) => federated_user(identity, scene, out),
        (Some("Root"), _) => root(identity, account, scene, out),
        (Some("SAMLUser"), _) => plain(saml_login(identity, None, out)),
        (Some("WebIdentityUser"), _) => plain(subject(identity, out)),
        (Some("AWSService"), by) => plain(Some(out.handle(HandleKind::Service, "", by.unwrap_or("aws")))),
        // Events that a service writes of itself may have no type.
        (None, Some(by)) => plain(Some(out.handle(HandleKind::Service, "", by))),
        (_, _) => other(identity, account, out),
    };
    // Of an identity with holes, its account is left.
    known.or_else(|| plain((!account.is_empty()).then(|| out.handle(HandleKind::Account, "", account))))
}

fn plain(by: Option<HandleId>) -> Option<Actor> {
    by.map(|by| Actor { by, principal: None, on_behalf_of: None })
}

/// An IAM user: by its long-lived key, by a session made from it, or (console) by session start.
fn iam_user(identity: &UserIdentity<'_>, scene: Scene<'_>, out: &mut impl Stand) -> Option<Actor> {
    let user = principal(out, identity.principal_id.get(), identity.arn.get())?;
    let session = identity.session_context.get();
    let start = session.and_then(|session| session.start());
    let by = match (identity.access_key_id.get(), start) {
        (Some(key), _) if is_long_lived(key) => {
            let key = out.handle(HandleKind::Key, "", key);
            out.tied(key, Tie::RunsAs, user);
            key
        }
        (key, Some(start)) if identity.principal_id.get().is_some() => {
            let console = scene.from_console || session.is_some_and(SessionContext::is_console);
            session_of(out, key.filter(|_| !console), identity.principal_id.get()?, start, user)
        }
        (Some(key), _) => {
            let key = out.handle(HandleKind::Session, "", key);
            out.tied(key, Tie::RunsAs, user);
            key
        }
        (None, _) => user,
    };
    if let Some(session) = session {
        signed_in_as(out, by, session);
    }
    Some(Actor { by, principal: Some(user), on_behalf_of: delegation(identity, by, out) })
}

/// A role session: by its key, or by its start where the key changes with each request.
fn assumed_role(identity: &UserIdentity<'_>, scene: Scene<'_>, out: &mut impl Stand) -> Option<Actor> {
    let (role_id, name) = match identity.principal_id.get().and_then(|id| id.split_once(':')) {
        Some((role_id, name)) => (Some(role_id), Some(name)),
        None => (identity.principal_id.get(), None),
    };
    let session = identity.session_context.get();
    let issuer = session.and_then(|session| session.session_issuer.get());
    let role_arn = issuer.and_then(|issuer| issuer.arn.get());
    let role_id = role_id.or_else(|| issuer.and_then(|issuer| issuer.principal_id.get()));
    // The session's own ARN has the role's name without its path.
    let own = identity.arn.get().and_then(Arn::parse);
    let named = own.as_ref().and_then(|arn| Some((arn.account, role_and_session(arn)?)));
    let name = name.or(named.map(|(_, (_, session))| session));
    let role = principal(out, role_id, role_arn);
    let role = role.or_else(|| named.map(|(account, (role, _))| principal_named(out, account, "role", role)));
    let console = scene.from_console || session.is_some_and(SessionContext::is_console);
    let key = identity.access_key_id.get().filter(|_| !console);
    let by = match (session.and_then(|session| session.start()), key, identity.principal_id.get()) {
        (Some(start), key, Some(id)) => session_of(out, key, id, start, role?),
        (_, Some(key), _) => {
            let key = out.handle(HandleKind::Session, "", key);
            out.tied(key, Tie::RunsAs, role?);
            key
        }
        _ => role?,
    };
    // Without a key or start the record does not tell the role's sessions apart.
    if let Some(name) = name.filter(|_| Some(by) != role) {
        session_name(out, by, name, role_arn.is_some_and(is_identity_center_role));
    }
    if let Some(session) = session {
        session_details(out, by, session, name, scene, identity.account_id.get());
    }
    if let Some(holder) = holder(identity, out) {
        out.tied(by, Tie::HeldBy, holder);
    }
    Some(Actor { by, principal: role, on_behalf_of: delegation(identity, by, out) })
}

/// What holds the credentials, as AWS says: a function, an instance, an agent.
pub(super) fn holder(identity: &UserIdentity<'_>, out: &mut impl Stand) -> Option<HandleId> {
    by_arn(out, identity.in_scope_of.get()?.credentials_issued_to.get()?)
}

/// A session by its key if it has a lasting one, else by its start; with the tie between both.
fn session_of(out: &mut impl Stand, key: Option<&str>, id: &str, start: Instant, runs_as: HandleId) -> HandleId {
    let start = out.handle(HandleKind::SessionStart, "", &session_start(id, start));
    let by = key.map_or(start, |key| out.handle(HandleKind::Session, "", key));
    if by != start {
        out.tied(by, Tie::SameSession, start);
    }
    out.tied(by, Tie::RunsAs, runs_as);
    by
}

/// What a session is called, and by whom: Identity Center names its sessions after the user who signed in; every other
/// name was chosen by whoever opened the session.
pub(super) fn session_name(out: &mut impl Stand, session: HandleId, name: &str, by_identity_center: bool) {
    if by_identity_center {
        let login = out.handle(HandleKind::Login, IDENTITY_CENTER, name);
        out.tied(session, Tie::IssuedTo, login);
    } else {
        let login = out.handle(HandleKind::Login, "", name);
        out.tied(session, Tie::CalledItself, login);
    }
}

fn session_details(
    out: &mut impl Stand,
    by: HandleId,
    session: &SessionContext<'_>,
    name: Option<&str>,
    scene: Scene<'_>,
    account: Option<&str>,
) {
    if let Some(source) = session.source_identity.get() {
        let source = out.handle(HandleKind::Login, "", source);
        out.tied(by, Tie::SourceIdentity, source);
    }
    signed_in_as(out, by, session);
    // Credentials that the instance metadata service delivered: the session is named after the instance by EC2 itself.
    if let (Some(_), Some(instance)) = (session.ec2_role_delivery.get(), name.filter(|name| name.starts_with("i-"))) {
        let (partition, account) = (aws_names::partition(scene.region), account.unwrap_or(scene.account));
        let arn = format!("arn:{partition}:ec2:{}:{account}:instance/{instance}", scene.region);
        let instance = out.handle(HandleKind::Workload, "", &arn);
        out.tied(by, Tie::HeldBy, instance);
    }
}

/// The sign-in that a session is part of, and whether a second factor was shown.
fn signed_in_as(out: &mut impl Stand, by: HandleId, session: &SessionContext<'_>) {
    if let Some(sign_in) = session.sign_in_session_arn.get() {
        let sign_in = out.handle(HandleKind::SignIn, "", sign_in);
        out.tied(by, Tie::PartOf, sign_in);
    }
    if session.with_mfa() {
        out.described(by, Detail::Presence, "second factor");
    }
}

/// A session from `GetFederationToken`: it stands on the IAM user who asked for it; its name was chosen by the caller.
fn federated_user(identity: &UserIdentity<'_>, scene: Scene<'_>, out: &mut impl Stand) -> Option<Actor> {
    let issuer = identity.session_context.get().and_then(|session| session.session_issuer.get())?;
    let user = match issuer.arn.get().and_then(Arn::parse).filter(|arn| arn.resource == "root") {
        Some(root) => root_user(out, aws_names::partition(scene.region), root.account),
        None => principal(out, issuer.principal_id.get(), issuer.arn.get())?,
    };
    let by = match identity.access_key_id.get() {
        Some(key) => out.handle(HandleKind::Session, "", key),
        None => {
            let start = identity.session_context.get().and_then(SessionContext::start)?;
            out.handle(HandleKind::SessionStart, "", &session_start(identity.principal_id.get()?, start))
        }
    };
    out.tied(by, Tie::RunsAs, user);
    if let Some((_, name)) = identity.principal_id.get().and_then(|id| id.split_once(':')) {
        session_name(out, by, name, false);
    }
    Some(Actor { by, principal: Some(user), on_behalf_of: None })
}

/// The root user: a principal of many, whoever holds its password.
fn root(identity: &UserIdentity<'_>, account: &str, scene: Scene<'_>, out: &mut impl Stand) -> Option<Actor> {
    let root = root_user(out, aws_names::partition(scene.region), account);
    let start = identity.session_context.get().and_then(SessionContext::start);
    let by = match (identity.access_key_id.get(), start) {
        (Some(key), _) if is_long_lived(key) => {
            let key = out.handle(HandleKind::Key, "", key);
            out.tied(key, Tie::RunsAs, root);
            key
        }
        (key, Some(start)) => {
            let id = format!("root:{account}");
            session_of(out, key.filter(|_| !scene.from_console), &id, start, root)
        }
        (Some(key), None) => {
            let key = out.handle(HandleKind::Session, "", key);
            out.tied(key, Tie::RunsAs, root);
            key
        }
        (None, None) => root,
    };
    if let Some(session) = identity.session_context.get() {
        signed_in_as(out, by, session);
    }
    Some(Actor { by, principal: Some(root), on_behalf_of: None })
}

/// The login that a SAML assertion names, in the realm of its issuer. `issuer` is the one from the response, which
/// names the identity provider; the identity itself only has a hash of it.
pub(super) fn saml_login(identity: &UserIdentity<'_>, issuer: Option<&str>, out: &mut impl Stand) -> Option<HandleId> {
    let issuer = issuer.or(identity.identity_provider.get()).unwrap_or_default();
    Some(out.handle(HandleKind::Login, &format!("saml:{issuer}"), identity.user_name.get()?))
}

/// The subject of a web identity token, in the realm of its issuer. Where the record does not name both by themselves,
/// `principalId` has them: provider, audience and subject, with colons between.
pub(super) fn subject(identity: &UserIdentity<'_>, out: &mut impl Stand) -> Option<HandleId> {
    if let (Some(provider), Some(name)) = (identity.identity_provider.get(), identity.user_name.get()) {
        return Some(out.handle(HandleKind::Subject, issuer_of(provider), name));
    }
    let (_, rest) = identity.principal_id.get()?.split_once(":oidc-provider/")?;
    let mut parts = rest.splitn(3, ':');
    let (issuer, audience, name) = (parts.next()?, parts.next()?, parts.next()?);
    // An audience that is an address has a colon of its own: where it ends cannot be told.
    (!audience.starts_with("http") && !name.is_empty()).then(|| out.handle(HandleKind::Subject, issuer, name))
}

/// The issuer of tokens that a provider stands for: by its ARN, or by itself.
pub(super) fn issuer_of(provider: &str) -> &str {
    provider.split_once(":oidc-provider/").map_or(provider, |(_, issuer)| issuer)
}

/// Everything else: an Identity Center user by its delegation, a caller of another account by what is said of it.
fn other(identity: &UserIdentity<'_>, account: &str, out: &mut impl Stand) -> Option<Actor> {
    if let Some(user) = identity_center_user(identity, out) {
        return plain(Some(user));
    }
    let id = identity.principal_id.get().and_then(|id| id.split(':').next());
    match id.filter(|id| id.starts_with("AROA") || id.starts_with("AIDA")) {
        Some(id) => plain(Some(out.handle(HandleKind::PrincipalId, aws_names::AWS, id))),
        None => plain((!account.is_empty()).then(|| out.handle(HandleKind::Account, "", account))),
    }
}

/// The Identity Center user whose delegation a record carries, by the lasting id in its identity store.
pub(super) fn identity_center_user(identity: &UserIdentity<'_>, out: &mut impl Stand) -> Option<HandleId> {
    let behalf = identity.on_behalf_of.get()?;
    let store = store_of(behalf.identity_store_arn.get());
    Some(out.handle(HandleKind::UserId, &format!("{IDENTITY_CENTER}{store}"), behalf.user_id.get()?))
}

/// The identity store that an ARN names; empty where none is given.
pub(super) fn store_of(arn: Option<&str>) -> &str {
    arn.and_then(|arn| arn.rsplit('/').next()).unwrap_or_default()
}

fn delegation(identity: &UserIdentity<'_>, by: HandleId, out: &mut impl Stand) -> Option<HandleId> {
    let user = identity_center_user(identity, out)?;
    out.tied(by, Tie::OnBehalfOf, user);
    Some(user)
}

impl SessionContext<'_> {
    fn start(&self) -> Option<Instant> {
        Instant::parse(self.attributes.get()?.creation_date.get()?)
    }

    fn with_mfa(&self) -> bool {
        self.attributes.get().is_some_and(|attributes| attributes.mfa_authenticated.get() == Some("true"))
    }

    fn is_console(&self) -> bool {
        self.attributes.get().is_some_and(|attributes| attributes.session_credential_from_console.get() == Some("true"))
    }
}
