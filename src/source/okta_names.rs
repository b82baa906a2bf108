//! How Okta writes names: ids, logins, resource names, organisations. Shared by the Okta sources.
//!
//! References: developer.okta.com/docs/api/openapi/okta-management/management/tag/User/ and
//! …/guides/roles/#okta-resource-name-orn. The first three letters of an id tell what it names; ids are never given
//! twice. Logins can be changed, are compared without case, and need not be the address that mail goes to.

use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;
use crate::source::text::folded;

/// The realm of ids of things: apps, groups, tokens, agents. Okta never gives them twice, whatever the organisation.
pub(crate) const OKTA: &str = "okta";

/// The realm of users where the record does not say which organisation they are in. The System Log never does.
pub(crate) const ORG: &str = "okta:";

/// The realm of the users of an organisation, from a link that a record carries: `okta:example.okta.com`.
///
/// An organisation is reached under its own name and its `-admin` name. Two exports over two custom domains give two
/// realms for one organisation; what they hold is then joined by login alone.
pub(crate) fn realm(href: Option<&str>) -> String {
    let host = href.and_then(|href| href.split_once("://")?.1.split(['/', ':', '?']).next());
    match host.filter(|host| host.contains('.')) {
        Some(host) => format!("{ORG}{}", host.to_ascii_lowercase().replacen("-admin.", ".", 1)),
        None => ORG.to_owned(),
    }
}

/// An id. It always has digits; a word that somebody put in its place (`REDACTED`, `unknown`) has none.
pub(crate) fn is_id(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a text is an id of this kind: `00u` users, `00g` groups, `0oa` apps, `00T` API tokens, `wlp` agents.
pub(crate) fn has_prefix(text: &str, prefix: &str) -> bool {
    text.len() > 10 && text.starts_with(prefix) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The kind and id of what an Okta resource name names: `("users", "00u…")` of `orn:okta:directory:00o…:users:00u…`.
pub(crate) fn orn(text: &str) -> Option<(&str, &str)> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        ["orn", _, _, _, .., kind, id] if !id.is_empty() => Some((kind, id)),
        _ => None,
    }
}

/// A user under every name that is known: by the lasting id, else by the login. `None` where there is neither.
pub(crate) fn user(
    out: &mut impl Stand,
    realm: &str,
    id: Option<&str>,
    login: Option<&str>,
    display_name: Option<&str>,
) -> Option<HandleId> {
    let login = login.map(str::trim).filter(|login| !login.is_empty());
    let login = login.map(|login| out.handle(HandleKind::Login, realm, &folded(login)));
    let id = id.filter(|id| is_id(id)).map(|id| out.handle(HandleKind::UserId, realm, id));
    if let (Some(id), Some(login)) = (id, login) {
        out.tied(id, Tie::Named, login);
    }
    let user = id.or(login)?;
    out.described(user, Detail::DisplayName, display_name.unwrap_or_default());
    Some(user)
}

/// The team of a user, by the name of a department. Directories that one HR system fills write it alike, so it has no
/// realm: one department written down twice is no move from one team to another.
pub(crate) fn member_of(out: &mut impl Stand, user: HandleId, department: Option<&str>) {
    if let Some(department) = department.map(str::trim) {
        let team = out.handle(HandleKind::Team, "", department);
        out.tied(user, Tie::MemberOf, team);
    }
}

/// The manager of a user, as far as the fields say which one: `managerId` holds an id, a login or address, or an
/// employee number, as the administrator mapped it; `manager` mostly a name to read.
///
/// A login or address is written without its realm: it may be either, and the organisation's own field does not say.
/// Wrong where an administrator maps something else into the field, a cost centre say, that reads like a number.
pub(crate) fn reports_to(
    out: &mut impl Stand,
    realm: &str,
    user: HandleId,
    manager_id: Option<&str>,
    manager: Option<&str>,
) {
    let (id, name) = (manager_id.map(str::trim), manager.map(str::trim));
    let is_number = |id: &str| id.bytes().any(|byte| byte.is_ascii_digit()) && !id.contains(char::is_whitespace);
    let written = match (id, name) {
        (Some(id), _) if has_prefix(id, "00u") => out.handle(HandleKind::UserId, realm, id),
        (Some(id), _) if id.contains('@') => out.handle(HandleKind::Login, "", &folded(id)),
        (Some(id), _) if is_number(id) => out.handle(HandleKind::EmployeeId, realm, id),
        (_, Some(name)) if name.contains('@') => out.handle(HandleKind::Login, "", &folded(name)),
        (_, Some(name)) => out.handle(HandleKind::DisplayName, "", name),
        (Some(id), None) => out.handle(HandleKind::Login, "", id),
        (None, None) => return,
    };
    out.tied(user, Tie::ReportsTo, written);
}

/// An OAuth client: the account-side identity that an app's own credentials stand for.
pub(crate) fn client(out: &mut impl Stand, id: &str, name: Option<&str>) -> HandleId {
    let client = out.handle(HandleKind::PrincipalId, OKTA, id);
    out.described(client, Detail::Kind, "oauth-client");
    out.described(client, Detail::DisplayName, name.unwrap_or_default());
    client
}

/// Says that an OAuth client acts by itself, in no user's name: it is an agent, not only the door to an app.
pub(crate) fn acts_by_itself(out: &mut impl Stand, client: HandleId, id: &str) {
    let agent = out.handle(HandleKind::Agent, OKTA, id);
    out.tied(agent, Tie::Named, client);
}

/// The access that a user gave to an app: an agent that acts in this user's name. Named by client and user, whose ids are
/// never given twice; an app's name is its maker's to choose.
pub(crate) fn grant(out: &mut impl Stand, client: &str, name: Option<&str>, user: &str) -> HandleId {
    let grant = out.handle(HandleKind::Agent, "", &format!("grant:{client}/{user}"));
    out.described(grant, Detail::Kind, "oauth-grant");
    out.described(grant, Detail::DisplayName, name.unwrap_or_default());
    let client = self::client(out, client, name);
    out.tied(grant, Tie::DependsOn, client);
    grant
}

/// An AI agent or MCP server that is registered in Okta.
pub(crate) fn agent(out: &mut impl Stand, id: &str, kind: &str, name: Option<&str>) -> HandleId {
    let agent = out.handle(HandleKind::Agent, OKTA, id);
    out.described(agent, Detail::Kind, kind);
    out.described(agent, Detail::DisplayName, name.unwrap_or_default());
    agent
}

/// A group. Membership of a group is access, not a place in the organisation: it is written as a grant.
pub(crate) fn group(out: &mut impl Stand, id: &str, name: Option<&str>) -> HandleId {
    let group = out.handle(HandleKind::Team, OKTA, id);
    out.described(group, Detail::DisplayName, name.unwrap_or_default());
    group
}

/// An API token: it acts with the rights of the administrator who made it, and ends with that account.
pub(crate) fn api_token(out: &mut impl Stand, id: &str, name: Option<&str>) -> HandleId {
    let token = out.handle(HandleKind::Key, OKTA, id);
    out.described(token, Detail::Kind, "okta-api-token");
    out.described(token, Detail::DisplayName, name.unwrap_or_default());
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn realms_of_links() {
        assert_eq!(realm(Some("https://Example-admin.okta.com/api/v1/users/00u1")), "okta:example.okta.com");
        assert_eq!(realm(Some("https://login.example.com:443/api")), "okta:login.example.com");
        assert_eq!(realm(Some("/api/v1/users")), "okta:");
        assert_eq!(realm(None), "okta:");
    }

    #[test]
    fn placeholders_are_no_ids() {
        assert!(is_id("00uEXAMPLE6JDJ0tbgLO") && !is_id("REDACTED") && !is_id("ANONYMIZED"));
        assert!(has_prefix("wlpEXAMPLE0000000001", "wlp") && !has_prefix("00u", "00u") && !has_prefix("00gA B", "00g"));
    }

    #[test]
    fn resource_names() {
        let agent = "orn:okta:directory:00oEXAMPLEorg0000001:workload-principals:ai-agents:wlpEXAMPLE0000000001";
        assert_eq!(orn(agent), Some(("ai-agents", "wlpEXAMPLE0000000001")));
        assert_eq!(orn("orn:okta:directory:00o1:users:00u2"), Some(("users", "00u2")));
        assert_eq!(orn("arn:aws:iam::111122223333:role/r"), None);
    }
}
