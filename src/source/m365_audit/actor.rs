//! Who acted in a record of the unified audit log.

use super::{Entry, Party};
use crate::fact::claim::Tie;
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, Circumstances, FactWriter, Stand};
use crate::source::azure_names;
use crate::source::entra_names::{self, SESSIONS, TOKENS};
use crate::source::text::is_mixed;

/// What a record says of whoever acted.
#[derive(Clone, Copy, Debug, Default)]
struct Caller<'c> {
    user: Option<&'c str>,
    name: Option<&'c str>,
    principal: Option<&'c str>,
    /// A name that is neither a person's nor an id: a service, a script.
    other: Option<&'c str>,
    token: Option<&'c str>,
    session: Option<&'c str>,
    address: Option<&'c str>,
    /// The user in the Dataverse database that the record is of, and that database.
    dataverse: Option<(&'c str, &'c str)>,
}

/// Who acted, from where and under which token: read once for all records that repeat it.
pub(super) fn circumstances(entry: &Entry<'_>, realm: &str, facts: &mut FactWriter) -> Actor {
    let caller = caller(entry);
    let (dataverse, database) = caller.dataverse.unwrap_or_default();
    let text = [
        realm,
        caller.user.unwrap_or_default(),
        caller.name.unwrap_or_default(),
        caller.principal.unwrap_or_default(),
        caller.other.unwrap_or_default(),
        caller.token.unwrap_or_default(),
        caller.session.unwrap_or_default(),
        caller.address.unwrap_or_default(),
        dataverse,
        database,
    ];
    let actor = facts.circumstances(&text, |out| Ok::<_, std::convert::Infallible>(actor(caller, realm, out)));
    let Ok(actor) = actor;
    actor
}

fn caller<'c>(entry: &'c Entry<'_>) -> Caller<'c> {
    let guid = |text: Option<&'c str>| text.filter(|text| entra_names::is_guid(text));
    let (actor, user_id) = (entry.actor.get(), entry.user_id.get());
    let is_app = matches!(entry.user_type.get(), Some("5" | "6" | "Application" | "ServicePrincipal"));
    let stated = user_id.and_then(|id| id.strip_prefix("ServicePrincipal_"));
    let principal = prefixed(actor, "ServicePrincipal_").or(guid(stated));
    let user = prefixed(actor, "User_");
    let key = guid(entry.user_key.get());
    let logged_on = actor.iter().find(|party| party.kind.get() == Some("0")).and_then(|party| guid(party.id.get()));
    let name = user_id.filter(|id| id.contains('@')).or_else(|| {
        let named = actor.iter().find(|party| party.kind.get() == Some("5"))?;
        named.id.get().filter(|id| id.contains('@'))
    });
    let access = entry.app_access_context.get();
    let address = entry.client_ip.get().or(entry.actor_ip_address.get()).map(plain_address);
    let mut caller = Caller {
        name,
        token: access.and_then(|access| access.token.get()),
        session: access.and_then(|access| access.session.get()),
        address: address.filter(|address| is_address(address)),
        dataverse: guid(entry.system_user_id.get()).zip(entry.instance_url.get()),
        ..Caller::default()
    };
    match (user, principal) {
        // A user through a service of the directory: the user acted.
        (Some(user), _) => caller.user = Some(user),
        (None, Some(principal)) => caller.principal = Some(principal),
        (None, None) if is_app => caller.principal = key,
        (None, None) => caller.user = key.or(logged_on),
    }
    if caller.principal.is_some() {
        caller.name = None;
    }
    caller.other = user_id.filter(|id| !id.contains('@') && !entra_names::is_guid(id) && *id != "Not Available");
    caller
}

fn prefixed<'c>(parties: &'c [Party<'_>], prefix: &str) -> Option<&'c str> {
    let ids = parties.iter().filter_map(|party| party.id.get()?.strip_prefix(prefix));
    ids.into_iter().find(|id| entra_names::is_guid(id))
}

fn actor(caller: Caller<'_>, realm: &str, out: &mut Circumstances<'_>) -> Actor {
    let user = entra_names::user(out, realm, caller.user, caller.name);
    let principal = match caller.principal {
        Some(_) => entra_names::service_principal(out, realm, caller.principal, None),
        None => user,
    };
    let Some(principal) = principal else {
        // In small letters what is a secret in a name could not be seen for one any more.
        let name = caller.other.unwrap_or("microsoft 365");
        let name = if is_mixed(name) { name.to_owned() } else { name.to_lowercase() };
        let by = out.handle(HandleKind::Service, "", &name);
        came_from(caller, by, out);
        return Actor { by, principal: None, on_behalf_of: None };
    };
    let is_app = caller.principal.is_some();
    if let (Some((id, database)), false) = (caller.dataverse, is_app) {
        let local = azure_names::dataverse_user(out, Some(database), id);
        // The database itself says whose account it is.
        out.tied(local, if caller.user.is_some() { Tie::SamePerson } else { Tie::Named }, principal);
    }
    let by = match caller.token {
        Some(token) => {
            let token = out.handle(HandleKind::Session, TOKENS, token);
            out.tied(token, Tie::RunsAs, principal);
            if is_app {
                out.tied(token, Tie::HeldBy, principal);
            }
            if let Some(session) = entra_names::id(caller.session) {
                let session = out.handle(HandleKind::SignIn, SESSIONS, &session);
                out.tied(token, Tie::PartOf, session);
            }
            token
        }
        None => principal,
    };
    came_from(caller, by, out);
    Actor { by, principal: Some(principal), on_behalf_of: None }
}

fn came_from(caller: Caller<'_>, by: HandleId, out: &mut Circumstances<'_>) {
    if let Some(address) = caller.address {
        let address = out.handle(HandleKind::Network, "", address);
        out.came_from(by, address);
    }
}

/// An address without port, brackets and the mark of an address of version 4 in one of version 6.
fn plain_address(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix("::ffff:").or(text.strip_prefix("ffff:")).unwrap_or(text);
    if let Some((address, _)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        return address;
    }
    match text.rsplit_once(':') {
        Some((address, port)) if !address.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => address,
        _ => text,
    }
}

fn is_address(text: &str) -> bool {
    text != "0.0.0.0" && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(plain_address("198.51.100.7:63070"), "198.51.100.7");
        assert_eq!(plain_address("[2001:db8::7]:443"), "2001:db8::7");
        assert_eq!(plain_address("::ffff:198.51.100.7"), "198.51.100.7");
        assert_eq!(plain_address("2001:db8::7"), "2001:db8::7");
        assert!(!is_address("<null>"));
    }
}
