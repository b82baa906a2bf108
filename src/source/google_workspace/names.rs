//! How Workspace writes names: users, groups, units, and the access that a user gives to an app.

use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::gcp_names::{self, GOOGLE, is_number};
use crate::source::text::{folded, is_address};

/// The realm of OAuth clients, by the id that Google gives them.
const CLIENTS: &str = "google-oauth-clients";

/// Whether a text is the id of a customer: `C` and letters or digits, with at least one digit.
pub(super) fn is_customer(text: &str) -> bool {
    text.starts_with('C')
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The realm of a customer's users.
pub(super) fn realm(customer: Option<&str>) -> String {
    format!("{GOOGLE}{}", customer.unwrap_or_default())
}

/// A user, by the lasting id where it is known, and the login.
#[derive(Clone, Copy, Debug)]
pub(super) struct User {
    pub(super) who: HandleId,
    pub(super) login: Option<HandleId>,
}

/// A user under every name that is known: by the lasting id, else by the login. `None` where there is neither.
///
/// The address is the login and where mail goes to. Wrong for acts before a rename; the id tells them apart.
pub(super) fn user(out: &mut impl Stand, realm: &str, id: Option<&str>, email: Option<&str>) -> Option<User> {
    let email = email.map(|email| email.trim().to_lowercase()).filter(|email| is_address(email));
    if let Some(email) = email.as_deref().filter(|email| gcp_names::is_service_account(email)) {
        return gcp_names::service_account(out, Some(email), None).map(|who| User { who, login: None });
    }
    let login = email.as_deref().map(|email| out.handle(HandleKind::Login, realm, email));
    let id = id.filter(|id| is_user_id(id)).map(|id| out.handle(HandleKind::UserId, realm, id));
    if let (Some(id), Some(login), Some(email)) = (id, login, email.as_deref()) {
        out.tied(id, Tie::Named, login);
        let address = out.handle(HandleKind::Email, "", email);
        out.tied(id, Tie::Named, address);
    }
    Some(User { who: id.or(login)?, login })
}

/// Ids of users are long numbers; a short one, or a word, was put there in place of one.
pub(super) fn is_user_id(text: &str) -> bool {
    is_number(text) && text.len() > 9
}

/// A group, by its address, which no two customers have.
pub(super) fn group(out: &mut impl Stand, email: &str) -> HandleId {
    out.handle(HandleKind::Team, GOOGLE, &folded(email))
}

/// The organisational unit in which a user's account stands, by its last name.
pub(super) fn unit(out: &mut impl Stand, user: HandleId, path: &str) {
    if let Some(name) = path.rsplit('/').next().map(str::trim).filter(|name| !name.is_empty()) {
        let team = out.handle(HandleKind::Team, "", name);
        out.tied(user, Tie::MemberOf, team);
    }
}

/// The manager of a user, as the directory writes it: mostly an address, else a name to read.
pub(super) fn reports_to(out: &mut impl Stand, user: HandleId, written: &str) {
    let written = written.trim();
    let manager = match is_address(written) {
        true => out.handle(HandleKind::Email, "", &written.to_lowercase()),
        false => out.handle(HandleKind::DisplayName, "", written),
    };
    out.tied(user, Tie::ReportsTo, manager);
}

/// The access that a user gave to an app: an agent that acts in this user's name. Named by client id and user, because
/// an app's name is its maker's to choose. Where only the user's address is known, it is named by that.
pub(super) fn grant(facts: &mut FactWriter, client: &str, user: User, app: Option<&str>) -> HandleId {
    let named = |facts: &mut FactWriter, user: HandleId| {
        let name = format!("grant:{client}/{}", facts.text(user));
        facts.handle(HandleKind::Agent, "", &name)
    };
    let grant = named(facts, user.who);
    if let Some(login) = user.login.filter(|login| *login != user.who) {
        // Wrong where two users had the address in turn and both gave access to the app; then each has it for a time.
        let by_login = named(facts, login);
        facts.tied(grant, Tie::Named, by_login);
    }
    facts.described(grant, Detail::Kind, "oauth-grant");
    facts.described(grant, Detail::DisplayName, app.unwrap_or_default());
    let client = self::client(facts, client, app);
    facts.tied(grant, Tie::DependsOn, client);
    grant
}

/// An OAuth client: a service account's, by its unique id, or an app's.
pub(super) fn client(out: &mut impl Stand, id: &str, app: Option<&str>) -> HandleId {
    // The client id of a service account is its unique id: 21 digits. Other numbers are ids of old apps.
    if is_number(id)
        && id.len() == 21
        && let Some(account) = gcp_names::service_account(out, None, Some(id))
    {
        return account;
    }
    let client = out.handle(HandleKind::PrincipalId, CLIENTS, id);
    out.described(client, Detail::Kind, "oauth-client");
    out.described(client, Detail::DisplayName, app.unwrap_or_default());
    client
}
