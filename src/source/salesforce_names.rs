//! How Salesforce writes names: ids, users, apps, the access that a user gave to an app. Shared by the Salesforce sources.
//!
//! References: developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_user.htm
//! (and …_oauthtoken.htm, …_connectedapplication.htm). An id has 15 characters, which tell upper from lower case, or the
//! same 15 with three more that make up for systems that do not. User names have the form of an address and need not be
//! one. Which organisation a record is of, log files say; answers to queries do not, and are told of the only one.

use std::borrow::Cow;

use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;
use crate::source::text::{folded, is_address};

/// The realm of an organisation that a record does not name.
pub(crate) const ORG: &str = "salesforce:";

/// The realm of what SAML assertions call the users of Salesforce.
const FEDERATION: &str = "saml:salesforce";

/// The realm of an organisation: `salesforce:00D…`.
pub(crate) fn realm(organisation: Option<&str>) -> String {
    format!("{ORG}{}", organisation.and_then(id).unwrap_or_default())
}

/// An id in its form of 15 characters; `None` where it is none, or the empty id of nobody.
pub(crate) fn id(text: &str) -> Option<&str> {
    let is_id = matches!(text.len(), 15 | 18) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let short = text.get(..15).filter(|_| is_id)?;
    (!short.bytes().all(|byte| byte == b'0')).then_some(short)
}

/// What is known of a user.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct User<'a> {
    pub(crate) id: Option<&'a str>,
    pub(crate) username: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    pub(crate) email: Option<&'a str>,
    /// What the company's identity provider calls the user.
    pub(crate) federation: Option<&'a str>,
}

/// A user under every name that is known: by the id, else by the user name.
///
/// The federation id is what the identity provider's assertion must say for this user to be signed in; an administrator
/// or the provider sets it. Wrong where an administrator set it to somebody else's.
pub(crate) fn user(out: &mut impl Stand, realm: &str, user: User<'_>) -> Option<HandleId> {
    let login = user.username.map(|name| out.handle(HandleKind::Login, realm, &folded(name)));
    let who = user.id.and_then(id).map(|id| out.handle(HandleKind::UserId, realm, id));
    if let (Some(who), Some(login)) = (who, login) {
        out.tied(who, Tie::Named, login);
    }
    let who = who.or(login)?;
    out.described(who, Detail::DisplayName, user.name.unwrap_or_default());
    if let Some(email) = user.email.map(address).filter(|email| is_address(email)) {
        let email = out.handle(HandleKind::Email, "", &email);
        out.tied(who, Tie::Named, email);
    }
    if let Some(federation) = user.federation {
        let federation = out.handle(HandleKind::Login, FEDERATION, &folded(federation));
        out.tied(who, Tie::Named, federation);
    }
    Some(who)
}

/// An address as it is outside of sandboxes, which make the addresses of copied users undeliverable.
fn address(text: &str) -> String {
    let text = text.trim().to_lowercase();
    text.strip_suffix(".invalid").map(str::to_owned).unwrap_or(text)
}

/// An app that users can let in, by its id, which starts with `0H4`.
pub(crate) fn app(out: &mut impl Stand, realm: &str, app: &str, name: Option<&str>) -> Option<HandleId> {
    let app = out.handle(HandleKind::PrincipalId, realm, id(app)?);
    out.described(app, Detail::Kind, "connected-app");
    out.described(app, Detail::DisplayName, name.unwrap_or_default());
    Some(app)
}

/// The access that a user gave to an app: an agent that acts in this user's name. Named by the app's id where a record has
/// it, and by its label, which two apps of one organisation can share: then the label names neither.
pub(crate) fn grant(
    out: &mut impl Stand,
    realm: &str,
    app_id: Option<&str>,
    label: Option<&str>,
    user: &str,
) -> Option<HandleId> {
    let user = id(user)?;
    let app_id = app_id.and_then(id);
    let mut named = |app: &str| out.handle(HandleKind::Agent, "", &format!("grant:{app}/{user}"));
    let by_id = app_id.map(&mut named);
    let by_label = label.map(&mut named);
    if let (Some(by_id), Some(by_label)) = (by_id, by_label) {
        out.tied(by_id, Tie::Named, by_label);
    }
    let grant = by_id.or(by_label)?;
    out.described(grant, Detail::Kind, "oauth-grant");
    out.described(grant, Detail::DisplayName, label.unwrap_or_default());
    if let Some(app) = app_id.and_then(|id| app(out, realm, id, label)) {
        out.tied(grant, Tie::DependsOn, app);
    }
    Some(grant)
}

/// The user that an agent runs as: an identity that no human has, with what stands on it.
pub(crate) fn run_as(out: &mut impl Stand, realm: &str, user: &str) -> Option<HandleId> {
    let id = id(user)?;
    let user = out.handle(HandleKind::UserId, realm, id);
    let principal = out.handle(HandleKind::PrincipalId, realm, &format!("user/{id}"));
    out.described(user, Detail::Machine, "agent-user");
    out.described(principal, Detail::Kind, "agent-user");
    out.tied(user, Tie::RunsAs, principal);
    Some(principal)
}

/// An object of the organisation by its name: `Opportunity`.
pub(crate) fn object(out: &mut impl Stand, realm: &str, name: &str) -> HandleId {
    out.handle(HandleKind::Resource, realm, name)
}

/// A time as Salesforce's queries write it (`2026-10-03T15:15:02.000+0000`), with the colon that RFC 3339 wants.
pub(crate) fn with_colon(text: &str) -> Cow<'_, str> {
    match text.len().checked_sub(5).and_then(|at| text.split_at_checked(at)) {
        Some((time, zone)) if zone.starts_with(['+', '-']) && !zone.contains(':') => {
            let (hours, minutes) = zone.split_at_checked(3).unwrap_or((zone, ""));
            Cow::Owned(format!("{time}{hours}:{minutes}"))
        }
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_both_lengths() {
        assert_eq!(id("0055j000000utlPAAQ"), Some("0055j000000utlP"));
        assert_eq!(id("0055j000000utlP"), id("0055j000000utlPAAQ"));
        for none in ["", "000000000000000AAA", "0055j", "0055j000000utl "] {
            assert_eq!(id(none), None, "{none}");
        }
    }

    #[test]
    fn times_of_queries() {
        assert_eq!(with_colon("2026-10-03T15:15:02.000+0000"), "2026-10-03T15:15:02.000+00:00");
        assert_eq!(with_colon("2026-10-03T15:15:02Z"), "2026-10-03T15:15:02Z");
        assert_eq!(with_colon("+000"), "+000");
    }
}
