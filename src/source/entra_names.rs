//! How Entra ID writes names: tenants, users, apps, service principals, agents, grants. Shared by the Entra sources.
//!
//! References: learn.microsoft.com/entra/identity-platform/app-objects-and-service-principals and
//! learn.microsoft.com/graph/api/resources/agentid-platform-overview. An app has three ids: its app id, the same in every
//! tenant; the object id of its registration, in the tenant it is kept in; the object id of its service principal, one
//! in each tenant that uses it. Roles are given to service principals, tokens name app ids, owners stand on either. All
//! ids are given once and never again, in any tenant; but an app that several tenants use is several things, one in each. An agent identity is a service principal without registration;
//! its blueprint is an app.
//!
//! Quirks. A user's name is compared without case, and in sign-ins lower-cased. Where a user is deleted, its object id
//! without dashes is put before its name. The nil id stands for nobody.

use std::borrow::Cow;

use super::oidc::{self, Platform};
use super::text::{is_address, is_mixed};
use crate::bundle::record::Around;
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};

/// The realm of directory objects where the record does not say whose directory it is.
pub(crate) const TENANT: &str = "entra:";

/// The realm of app ids where the record does not say in whose directory.
pub(crate) const APPS: &str = "entra-app:";

/// The realm of tokens, by the id that a sign-in and everything done with its token share (`uti`).
pub(crate) const TOKENS: &str = "entra-token:";

/// The realm of sessions, by the id that all their tokens share (`sid`).
pub(crate) const SESSIONS: &str = "entra-session:";

/// The realm of federated credentials of apps, by their own id.
pub(crate) const FEDERATED: &str = "entra-federated-credential:";

/// The realm of devices, by the id they are registered under.
pub(crate) const DEVICES: &str = "entra-device:";

/// The kind of an app and of its service principals.
pub(crate) const APP: &str = "entra-app";
/// The kind of a service principal whose credentials Azure keeps.
pub(crate) const MANAGED_IDENTITY: &str = "managed-identity";
/// The kind of an agent's identity.
pub(crate) const AGENT: &str = "entra-agent-identity";
/// The kind of what agent identities are made from.
pub(crate) const BLUEPRINT: &str = "entra-agent-blueprint";

/// Tenants of the vendor: apps that are registered there are the vendor's own.
const VENDOR_TENANTS: &[&str] = &["f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"];

/// The realm of a tenant's directory.
pub(crate) fn realm(tenant: Option<&str>) -> String {
    format!("{TENANT}{}", tenant.map(lower).unwrap_or_default())
}

/// The realm of the app ids of a tenant's directory: an app id is the same in every tenant, what it names in one (its
/// service principal, who looks after it) is that tenant's own.
fn apps(realm: &str) -> Cow<'static, str> {
    match realm.strip_prefix(TENANT).filter(|tenant| !tenant.is_empty()) {
        Some(tenant) => Cow::Owned(format!("{APPS}{tenant}")),
        None => Cow::Borrowed(APPS),
    }
}

/// An app by its app id alone, as a tenant knows it.
pub(crate) fn app(out: &mut impl Stand, realm: &str, app: Option<&str>) -> Option<HandleId> {
    id(app).map(|app| out.handle(HandleKind::PrincipalName, &apps(realm), &app))
}

/// The tenant that the text around a record names: a member of its own, or the first part of a link to the API.
pub(crate) fn tenant_around(around: &Around<'_>) -> Option<String> {
    let outer = around.outer?;
    if let Some(tenant) = outer.text("tenantId").or_else(|| outer.text("TenantId")) {
        return is_guid(&tenant).then(|| lower(&tenant).into_owned());
    }
    ["@odata.context", "@odata.nextLink"].iter().find_map(|key| tenant_in_link(&outer.text(key)?))
}

/// The tenant in a link such as `https://graph.microsoft.com/v2/TENANT/directoryObjects/…`; most links name none.
pub(crate) fn tenant_in_link(link: &str) -> Option<String> {
    let part = link.split("://").nth(1)?.split('/').nth(2)?;
    is_guid(part).then(|| lower(part).into_owned())
}

/// Whether a text has the form of an object id.
pub(crate) fn is_guid(text: &str) -> bool {
    let dashed = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(dashed)
}

/// An id, which always has the form of a GUID: what has not (a masked value, a secret in the wrong place) is none. The nil
/// id stands for nobody.
pub(crate) fn id(text: Option<&str>) -> Option<Cow<'_, str>> {
    let text = text.map(str::trim).filter(|text| is_guid(text))?;
    let is_nil = text.bytes().all(|byte| matches!(byte, b'0' | b'-'));
    (!is_nil).then(|| lower(text))
}

/// Lower case, without a copy where it already is. What is as mixed as only secrets are is no name, and is left as it is.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    if (text.bytes().any(|byte| byte.is_ascii_uppercase()) || !text.is_ascii()) && !is_mixed(text) {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// A user under every name that is known: by the object id, else by the user principal name. `None` where there is
/// neither.
///
/// The name is wrong as a tie where it was given to somebody else since: then two users have it, each for a time.
pub(crate) fn user(out: &mut impl Stand, realm: &str, object: Option<&str>, name: Option<&str>) -> Option<HandleId> {
    let object = id(object);
    let name = name.map(str::trim).filter(|name| is_address(name)).map(lower);
    let name = name.as_deref().map(|name| undeleted(name, object.as_deref()));
    let login = name.map(|name| out.handle(HandleKind::Login, realm, name));
    let object = object.map(|object| out.handle(HandleKind::UserId, realm, &object));
    if let (Some(object), Some(login)) = (object, login) {
        out.tied(object, Tie::Named, login);
    }
    object.or(login)
}

/// A name as it was before its user was deleted.
fn undeleted<'n>(name: &'n str, object: Option<&str>) -> &'n str {
    let Some(object) = object else { return name };
    let mut rest = name;
    for byte in object.bytes().filter(|byte| *byte != b'-') {
        match rest.strip_prefix(char::from(byte)) {
            Some(behind) => rest = behind,
            None => return name,
        }
    }
    if rest.starts_with('@') { name } else { rest }
}

/// A service principal under the names that are known: by its object id, else by its app's id, as its tenant knows it.
pub(crate) fn service_principal(
    out: &mut impl Stand,
    realm: &str,
    object: Option<&str>,
    app: Option<&str>,
) -> Option<HandleId> {
    let object = id(object).map(|object| out.handle(HandleKind::PrincipalId, realm, &object));
    let app = self::app(out, realm, app);
    if let (Some(object), Some(app)) = (object, app) {
        out.tied(object, Tie::Named, app);
    }
    object.or(app)
}

/// A registered app under the names that are known: by its app id, else by the object id of its registration. Both are
/// names of the one app, whose service principals act.
pub(crate) fn application(
    out: &mut impl Stand,
    realm: &str,
    object: Option<&str>,
    app: Option<&str>,
) -> Option<HandleId> {
    let object =
        id(object).map(|object| out.handle(HandleKind::PrincipalName, realm, &format!("application/{object}")));
    let app = self::app(out, realm, app);
    if let (Some(app), Some(object)) = (app, object) {
        out.tied(app, Tie::Named, object);
    }
    app.or(object)
}

/// An agent's identity: the agent, and the service principal of the same object id that it is. Never wrong as a tie; but
/// a platform may let several agents of its own act as one identity.
pub(crate) fn agent(out: &mut impl Stand, realm: &str, object: &str) -> Option<HandleId> {
    let object = id(Some(object))?;
    let agent = out.handle(HandleKind::Agent, realm, &object);
    let principal = out.handle(HandleKind::PrincipalId, realm, &object);
    out.tied(agent, Tie::Named, principal);
    out.described(agent, Detail::Kind, AGENT);
    Some(agent)
}

/// What an `agentType` says of a principal or user. The names differ between exports, and new ones come.
pub(crate) fn agent_kind(agent_type: Option<&str>) -> Option<&'static str> {
    match agent_type?.to_ascii_lowercase().as_str() {
        "agenticappinstance" | "agentidentity" => Some(AGENT),
        "agenticapp" | "agenticappbuilder" | "agentidentityblueprint" | "agentidentityblueprintprincipal" => {
            Some(BLUEPRINT)
        }
        "agentiduser" | "agentuser" | "agenticuser" => Some(AGENT_USER),
        _ => None,
    }
}

/// What a user account is that an agent has: no human's.
pub(crate) const AGENT_USER: &str = "agent";

/// Says in which tenant an app is registered: its own, a partner's, or the vendor's.
pub(crate) fn registered_in(out: &mut impl Stand, app: HandleId, tenant: Option<&str>) {
    let Some(tenant) = id(tenant).filter(|tenant| is_guid(tenant)) else { return };
    if VENDOR_TENANTS.contains(&tenant.as_ref()) {
        out.described(app, Detail::VendorManaged, "Microsoft");
        return;
    }
    let tenant = out.handle(HandleKind::Account, "", &tenant);
    out.tied(app, Tie::PartOf, tenant);
}

/// The id of a key: a GUID, or the thumbprint of a certificate. Anything else could be the secret itself.
fn key_id(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    let is_thumbprint = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_thumbprint { Some(lower(text)) } else { id(Some(text)) }
}

/// A secret or certificate of an app, by its key id, which says nothing of the secret itself. It acts as its app, whoever
/// holds it now.
pub(crate) fn key(out: &mut impl Stand, key: &str, kind: Option<&str>, holder: HandleId) -> Option<HandleId> {
    let key = out.handle(HandleKind::Key, "", &key_id(key)?);
    out.described(key, Detail::Kind, kind.and_then(key_kind).unwrap_or_default());
    out.tied(key, Tie::RunsAs, holder);
    Some(key)
}

/// The kind of a credential, in the words of the audit log (`Password`), of the directory and of sign-ins.
fn key_kind(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "password" | "clientsecret" => Some("client-secret"),
        "asymmetricx509cert" | "x509certandpassword" | "clientassertion" | "certificate" => Some("certificate"),
        _ => None,
    }
}

/// One user's consent to an app: a thing of its own, named by the app's service principal or the app itself, and the
/// user. The two names are one thing's, as an app has one service principal in the user's tenant.
pub(crate) fn grant(out: &mut impl Stand, principal: Option<&str>, app: Option<&str>, user: &str) -> Option<HandleId> {
    let user = id(Some(user))?;
    let named = |out: &mut _, app: Option<&str>| {
        let app = id(app)?;
        Some(Stand::handle(out, HandleKind::Agent, "", &format!("grant:{app}/{user}")))
    };
    let (principal, app) = (named(out, principal), named(out, app));
    if let (Some(principal), Some(app)) = (principal, app) {
        out.tied(principal, Tie::Named, app);
    }
    let grant = principal.or(app)?;
    out.described(grant, Detail::Kind, "oauth-grant");
    Some(grant)
}

/// A permission of an API, as what was granted.
pub(crate) fn permission(out: &mut impl Stand, realm: &str, api: Option<&str>, name: &str) -> HandleId {
    let api = id(api);
    let name = match &api {
        Some(api) => format!("{api}/{name}"),
        None => name.to_owned(),
    };
    out.handle(HandleKind::Resource, realm, &name)
}

/// The team of a user, by the name of a department. Directories that one HR system fills write it alike, so it has no
/// realm: one department written down twice is no move from one team to another.
pub(crate) fn member_of(out: &mut impl Stand, user: HandleId, department: Option<&str>) {
    if let Some(department) = department.map(str::trim).filter(|department| !department.is_empty()) {
        let team = out.handle(HandleKind::Team, "", department);
        out.tied(user, Tie::MemberOf, team);
    }
}

/// An e-mail address of a user. Wrong as a tie where it was given to somebody else since.
pub(crate) fn address(out: &mut impl Stand, user: HandleId, address: Option<&str>) {
    if let Some(address) = address.map(str::trim).filter(|address| is_address(address)) {
        let address = out.handle(HandleKind::Email, "", &lower(address));
        out.tied(user, Tie::Named, address);
    }
}

/// An Azure resource, by its path, which is compared without case, and whether it is a user-assigned identity: then it is
/// its principal under another name; everything else is what acts as the principal. Wrong where a resource was deleted
/// and another made under its name.
pub(crate) fn azure_resource(out: &mut impl Stand, path: Option<&str>) -> Option<(HandleId, bool)> {
    let path = lower(path?.trim().trim_end_matches('/'));
    if !path.starts_with("/subscriptions/") {
        return None;
    }
    let is_identity = path.contains("/providers/microsoft.managedidentity/userassignedidentities/");
    let kind = if is_identity { HandleKind::PrincipalName } else { HandleKind::Workload };
    Some((out.handle(kind, "", &path), is_identity))
}

/// What an app trusts to act as it without a secret: jobs of a pipeline, pods, another cloud's or Azure's identities.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Federated<'a> {
    pub(crate) id: Option<&'a str>,
    pub(crate) issuer: Option<&'a str>,
    pub(crate) subject: Option<&'a str>,
}

/// Writes what a federated credential lets act as an app, and who allowed it, where the record says so.
///
/// Sign-ins name the credential by its id and not the subject, so the id is a subject of its own, told like the one it
/// stands for.
pub(crate) fn federated(facts: &mut FactWriter, by: Option<HandleId>, app: HandleId, trust: Federated<'_>) {
    let (Some(issuer), Some(subject)) = (trust.issuer, trust.subject) else { return };
    let host = issuer.trim().trim_start_matches("https://").trim_end_matches('/');
    let mut path = host.split('/');
    if path.next().is_some_and(|host| host.starts_with("login.microsoftonline.")) {
        // Azure's own identities: the subject is the object id of a service principal in the issuer's tenant.
        let realm = realm(path.next().filter(|tenant| is_guid(tenant)));
        if let Some(identity) = service_principal(facts, &realm, Some(subject), None) {
            facts.granted(by, identity, app);
        }
        return;
    }
    let named = facts.handle(HandleKind::Subject, host, subject);
    facts.granted(by, named, app);
    oidc_details(facts, named, host, subject);
    if let Some(id) = id(trust.id) {
        let credential = facts.handle(HandleKind::Subject, FEDERATED, &id);
        facts.tied(credential, Tie::IssuedFor, named);
        oidc_details(facts, credential, host, subject);
    }
}

fn oidc_details(facts: &mut FactWriter, handle: HandleId, issuer: &str, subject: &str) {
    let signed = match oidc::Subject::parse(subject).map(|subject| subject.platform) {
        Some(Platform::GitHub) => issuer == "token.actions.githubusercontent.com",
        Some(Platform::GitLab) => true,
        None => false,
    };
    if signed {
        oidc::describe(facts, handle, Some(issuer), subject);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        assert!(is_guid("5c0e1d1a-9d0e-4b55-a2f1-7e0b5c3d9a10") && !is_guid("5c0e1d1a9d0e4b55a2f17e0b5c3d9a10"));
        assert_eq!(
            id(Some("5C0E1D1A-9D0E-4B55-A2F1-7E0B5C3D9A10")).as_deref(),
            Some("5c0e1d1a-9d0e-4b55-a2f1-7e0b5c3d9a10")
        );
        assert_eq!(id(Some("00000000-0000-0000-0000-000000000000")), None);
        assert_eq!(id(Some(" ")), None);
    }

    #[test]
    fn names_of_deleted_users() {
        let id = Some("5c0e1d1a-9d0e-4b55-a2f1-7e0b5c3d9a10");
        let deleted = "5c0e1d1a9d0e4b55a2f17e0b5c3d9a10tom.arai@example.com";
        assert_eq!(undeleted(deleted, id), "tom.arai@example.com");
        assert_eq!(undeleted("tom.arai@example.com", id), "tom.arai@example.com");
        assert_eq!(undeleted(deleted, None), deleted);
    }

    #[test]
    fn tenants_in_links() {
        let tenant = "3f0c2a4e-1d5b-4c8e-9a70-5e2b8d6f1c34";
        let link =
            format!("https://graph.microsoft.com/v2/{tenant}/directoryObjects/5c0e/Microsoft.DirectoryServices.User");
        assert_eq!(tenant_in_link(&link).as_deref(), Some(tenant));
        assert_eq!(tenant_in_link("https://graph.microsoft.com/v1.0/$metadata#users"), None);
    }
}
