//! Who acted: the claims of the token that the caller showed, or what little the record says instead.
//!
//! Reference: learn.microsoft.com/entra/identity-platform/access-token-claims-reference. The object id in a token is
//! signed by the directory and names a user, a service principal or a managed identity; `appid` is the client that got
//! the token, for a user the tool they used.

use serde::Deserialize;

use super::entry::{Entry, Form, part};
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, Circumstances, FactWriter, Stand};
use crate::source::azure_names::{self, Path};
use crate::source::entra_names::{self, AGENT_USER, MANAGED_IDENTITY, TOKENS};
use crate::source::text::{Part, Text, folded};

/// The vendor's own tools, by their app ids: whoever used one acted, and not the tool.
const TOOLS: &[(&str, &str)] = &[
    ("04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Azure CLI"),
    ("1950a258-227b-4e31-a9cf-717495945fc2", "Azure PowerShell"),
    ("aebc6443-996d-45c2-90f0-388ff96faa56", "Visual Studio Code"),
    ("c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure portal"),
];

/// The claims that tell who acted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Claims<'a> {
    #[serde(rename = "http://schemas.microsoft.com/identity/claims/objectidentifier", borrow)]
    object: Text<'a>,
    #[serde(borrow)]
    oid: Text<'a>,
    #[serde(rename = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn", borrow)]
    long_upn: Text<'a>,
    #[serde(borrow)]
    upn: Text<'a>,
    #[serde(rename = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", borrow)]
    long_name: Text<'a>,
    #[serde(rename = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", borrow)]
    email: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    appid: Text<'a>,
    #[serde(borrow)]
    idtyp: Text<'a>,
    #[serde(rename = "http://schemas.microsoft.com/identity/claims/scope", borrow)]
    long_scope: Text<'a>,
    #[serde(borrow)]
    scp: Text<'a>,
    #[serde(rename = "http://schemas.microsoft.com/identity/claims/tenantid", borrow)]
    tenant: Text<'a>,
    #[serde(borrow)]
    tid: Text<'a>,
    #[serde(rename = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/spn", borrow)]
    spn: Text<'a>,
    #[serde(borrow)]
    xms_mirid: Text<'a>,
    #[serde(borrow)]
    xms_az_rid: Text<'a>,
    #[serde(borrow)]
    xms_act_fct: Text<'a>,
    #[serde(borrow)]
    xms_sub_fct: Text<'a>,
    #[serde(borrow)]
    ipaddr: Text<'a>,
    #[serde(borrow)]
    uti: Text<'a>,
}

/// `identity` of diagnostic settings: `claims` in the Activity Log, `claim` in a key vault's log, `requester` in a
/// storage account's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Identity<'a> {
    #[serde(borrow)]
    claims: Part<Claims<'a>>,
    #[serde(borrow)]
    claim: Part<Claims<'a>>,
    #[serde(borrow)]
    requester: Part<Requester<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Requester<'a> {
    #[serde(borrow)]
    object_id: Text<'a>,
    #[serde(borrow)]
    tenant_id: Text<'a>,
    #[serde(borrow)]
    app_id: Text<'a>,
    #[serde(borrow)]
    upn: Text<'a>,
}

/// What a record says of the caller, whatever its form.
#[derive(Clone, Copy, Debug, Default)]
struct Caller<'c> {
    object: Option<&'c str>,
    name: Option<&'c str>,
    display_name: Option<&'c str>,
    app: Option<&'c str>,
    /// A word for what kind of subject the token is for.
    kind: Option<&'c str>,
    tenant: Option<&'c str>,
    token: Option<&'c str>,
    /// The resource whose own identity it is, or the user-assigned identity.
    identity_of: Option<&'c str>,
    /// The resource that got the token.
    held_by: Option<&'c str>,
    /// An agent's own identity.
    agent: bool,
    /// An agent's user account.
    agent_user: bool,
    service: Option<&'c str>,
    address: Option<&'c str>,
}

/// Who acted, and the realm of the directory: read once for all records of a token.
pub(super) fn circumstances(entry: &Entry<'_>, facts: &mut FactWriter) -> (Actor, String) {
    let identity: Identity<'_> = entry.identity.as_deref().map(part).unwrap_or_default();
    let claims: Claims<'_> = entry.claims.as_deref().map(part).unwrap_or_default();
    let claims = identity.claims.get().or(identity.claim.get()).unwrap_or(&claims);
    let caller = match identity.requester.get() {
        Some(requester) => Caller {
            object: requester.object_id.get(),
            name: requester.upn.get(),
            app: requester.app_id.get(),
            tenant: requester.tenant_id.get(),
            ..Caller::default()
        },
        None => of_claims(claims),
    };
    let caller = completed(caller, entry, claims);
    let realm = entra_names::realm(caller.tenant);
    let text = [
        caller.object.unwrap_or_default(),
        caller.name.unwrap_or_default(),
        caller.display_name.unwrap_or_default(),
        caller.app.unwrap_or_default(),
        caller.kind.unwrap_or_default(),
        caller.token.unwrap_or_default(),
        caller.identity_of.unwrap_or_default(),
        caller.held_by.unwrap_or_default(),
        caller.service.unwrap_or_default(),
        caller.address.unwrap_or_default(),
        if caller.agent { "agent" } else { "" },
        if caller.agent_user { "agent's user" } else { "" },
        &realm,
    ];
    let actor = facts.circumstances(&text, |out| Ok::<_, std::convert::Infallible>(actor(caller, &realm, out)));
    let Ok(actor) = actor;
    (actor, realm)
}

fn of_claims<'c>(claims: &'c Claims<'_>) -> Caller<'c> {
    let mail_like = |text: &'c Text<'_>| text.get().filter(|text| text.contains('@'));
    let facets = |text: &Text<'_>, facet: &str| text.get().is_some_and(|text| text.split(' ').any(|one| one == facet));
    let delegated = claims.long_scope.get().or(claims.scp.get()).map(|_| "user");
    let upn = claims.long_upn.get().or(claims.upn.get());
    Caller {
        object: claims.object.get().or(claims.oid.get()),
        name: upn
            .or_else(|| mail_like(&claims.long_name))
            .or_else(|| mail_like(&claims.email))
            .or(mail_like(&claims.name)),
        display_name: claims.name.get().filter(|name| !name.contains('@')),
        app: claims.appid.get(),
        kind: claims.idtyp.get().or(delegated),
        tenant: claims.tenant.get().or(claims.tid.get()),
        token: claims.uti.get(),
        identity_of: claims.xms_mirid.get(),
        held_by: claims.xms_az_rid.get(),
        agent: facets(&claims.xms_act_fct, "11") || facets(&claims.xms_sub_fct, "11"),
        agent_user: facets(&claims.xms_sub_fct, "13"),
        service: claims.spn.get().or_else(|| claims.email.get().filter(|email| !email.contains('@'))),
        address: None,
    }
}

/// What the record itself adds to its token: the caller's name or object id, the address, the directory.
fn completed<'c>(mut caller: Caller<'c>, entry: &'c Entry<'_>, claims: &'c Claims<'_>) -> Caller<'c> {
    match entry.caller.as_deref() {
        Some(name) if name.contains('@') => caller.name = caller.name.or(Some(name)),
        // The object id of a service principal; where the token says another, the token is right.
        Some(id) if entra_names::is_guid(id) => caller.object = caller.object.or(Some(id)),
        Some(other) => caller.service = caller.service.or(Some(other)),
        None => {}
    }
    if entry.form != Form::Table {
        caller.tenant = caller.tenant.or(entry.tenant.as_deref());
    }
    caller.tenant = caller.tenant.filter(|tenant| entra_names::is_guid(tenant));
    let address = entry.address.as_deref().or(claims.ipaddr.get()).map(without_port);
    caller.address = address.filter(|address| is_address(address));
    caller
}

fn actor(caller: Caller<'_>, realm: &str, out: &mut Circumstances<'_>) -> Actor {
    let is_user = match caller.kind {
        Some(kind) if kind.eq_ignore_ascii_case("app") => false,
        Some(_) => true,
        None => caller.name.is_some(),
    };
    let principal = if is_user { user(caller, realm, out) } else { principal(caller, realm, out) };
    let tool = caller.app.and_then(|app| TOOLS.iter().find(|(id, _)| id.eq_ignore_ascii_case(app)));
    let Some(principal) = principal else {
        let service = folded(caller.service.unwrap_or("azure"));
        let by = out.handle(HandleKind::Service, "", &service);
        from(caller, by, out);
        return Actor { by, principal: None, on_behalf_of: None };
    };
    let by = match caller.token {
        Some(token) => {
            // The directory's id of the token, which the sign-in that it came from has, too.
            let session = out.handle(HandleKind::Session, TOKENS, token);
            out.tied(session, Tie::RunsAs, principal);
            if !is_user {
                held(caller, session, principal, out);
            }
            session
        }
        None => principal,
    };
    if let Some((_, tool)) = tool {
        out.described(by, Detail::Software, tool);
    }
    from(caller, by, out);
    Actor { by, principal: Some(principal), on_behalf_of: None }
}

fn from(caller: Caller<'_>, by: HandleId, out: &mut Circumstances<'_>) {
    if let Some(address) = caller.address {
        let address = out.handle(HandleKind::Network, "", address);
        out.came_from(by, address);
    }
}

/// A user, by the object id and the name in the token.
///
/// `live.com#` stands before the address of a guest with an account of Microsoft's own; that address is no name in this
/// directory.
fn user(caller: Caller<'_>, realm: &str, out: &mut Circumstances<'_>) -> Option<HandleId> {
    let foreign = caller.name.and_then(|name| name.split_once('#')).filter(|(issuer, _)| issuer.ends_with(".com"));
    let name = if foreign.is_some() { None } else { caller.name };
    let user = entra_names::user(out, realm, caller.object, name);
    let address = foreign.map(|(_, address)| out.handle(HandleKind::Email, "", &folded(address)));
    if let (Some(user), Some(address)) = (user, address) {
        out.tied(user, Tie::Named, address);
    }
    let user = user.or(address)?;
    out.described(user, Detail::DisplayName, caller.display_name.unwrap_or_default());
    if caller.agent_user {
        out.described(user, Detail::Machine, AGENT_USER);
    }
    Some(user)
}

/// A service principal or managed identity; of an agent, the agent.
fn principal(caller: Caller<'_>, realm: &str, out: &mut Circumstances<'_>) -> Option<HandleId> {
    let is_tool = caller.app.is_some_and(|app| TOOLS.iter().any(|(id, _)| id.eq_ignore_ascii_case(app)));
    if is_tool && caller.object.is_none() {
        return None; // a user whom the record does not name
    }
    if let Some(agent) = caller.object.filter(|_| caller.agent).and_then(|id| entra_names::agent(out, realm, id)) {
        return Some(agent);
    }
    let principal = azure_names::service_principal(out, realm, caller.object, caller.app.filter(|_| !is_tool))?;
    if let Some((path, is_identity)) = entra_names::azure_resource(out, caller.identity_of) {
        out.described(principal, Detail::Kind, MANAGED_IDENTITY);
        if is_identity {
            out.tied(principal, Tie::Named, path);
        } else {
            out.tied(path, Tie::RunsAs, principal);
        }
    }
    Some(principal)
}

/// What holds an app's token: the resource that the platform gave it to, else the app itself, to whom it was issued.
///
/// Wrong only where somebody took the token away from it: then the address tells.
fn held(caller: Caller<'_>, session: HandleId, principal: HandleId, out: &mut Circumstances<'_>) {
    let paths = [caller.held_by, caller.identity_of];
    let mut paths = paths.into_iter().flatten().filter_map(|path| Path::of(Some(path)));
    let holder = paths.find(|path| !path.kind.starts_with("microsoft.managedidentity/"));
    let holder = match holder {
        Some(path) => path.handle(out),
        None => principal,
    };
    out.tied(session, Tie::HeldBy, holder);
}

/// An address without the port that some services write behind it.
fn without_port(text: &str) -> &str {
    match text.rsplit_once(':') {
        Some((address, port)) if !address.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => address,
        _ => text,
    }
}

fn is_address(text: &str) -> bool {
    text != "0.0.0.0" && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:".contains(&byte))
}
