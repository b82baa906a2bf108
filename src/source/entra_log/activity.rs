//! Calls of the Graph API: which user or app asked for what, with which token.
//!
//! Reference: learn.microsoft.com/graph/microsoft-graph-activity-logs-overview. `signInActivityId` is the id of the token,
//! as sign-ins have it; of an app it leads to the credential that was used. Of the address that was called only the
//! collection is read: what stands behind it is ids and search words.

use serde::Deserialize;

use super::Stamped;
use super::sign_ins::is_address;
use crate::fact::claim::{Detail, Outcome, Tie};
use crate::fact::handle::HandleKind;
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::entra_fields::Fields;
use crate::source::entra_names::{self, TOKENS};
use crate::source::text::Text;
use crate::source::{Reading, Refusal};

/// The fields of a call that are used.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Activity<'a> {
    #[serde(borrow)]
    pub(super) request_id: Text<'a>,
    #[serde(borrow)]
    pub(super) time_generated: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    service_principal_id: Text<'a>,
    #[serde(borrow)]
    app_id: Text<'a>,
    #[serde(borrow)]
    sign_in_activity_id: Text<'a>,
    #[serde(borrow)]
    request_method: Text<'a>,
    #[serde(borrow)]
    request_uri: Text<'a>,
    #[serde(borrow)]
    response_status_code: Text<'a>,
    #[serde(borrow)]
    ip_address: Text<'a>,
    #[serde(borrow)]
    user_agent: Text<'a>,
}

impl<'a> Activity<'a> {
    pub(super) fn of(fields: &'a Fields<'_>) -> Self {
        Self {
            request_id: fields.text("RequestId"),
            time_generated: fields.text("TimeGenerated"),
            user_id: fields.text("UserId"),
            service_principal_id: fields.text("ServicePrincipalId"),
            app_id: fields.text("AppId"),
            sign_in_activity_id: fields.text("SignInActivityId"),
            request_method: fields.text("RequestMethod"),
            request_uri: fields.text("RequestUri"),
            response_status_code: fields.text("ResponseStatusCode"),
            ip_address: fields.text("IPAddress"),
            user_agent: fields.text("UserAgent"),
        }
    }
}

/// Writes what a call tells.
pub(super) fn read(activity: &Activity<'_>, stamped: Stamped<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    stamped.write("graph", facts);
    let method = activity.request_method.get().ok_or(Refusal::Missing("requestMethod"))?;
    let status = activity.response_status_code.get().ok_or(Refusal::Missing("responseStatusCode"))?;
    let outcome = match status.parse::<u16>() {
        Ok(..=399) => Outcome::Succeeded,
        Ok(401 | 403) => Outcome::Denied,
        Ok(_) => Outcome::Failed,
        Err(_) => return Err(Refusal::Unreadable("responseStatusCode")),
    };
    let actor = circumstances(activity, stamped.tenant, facts);
    let collection = activity.request_uri.get().and_then(collection).unwrap_or_default();
    facts.did(actor, format!("graph:{method} {collection}").trim_end(), None, outcome);
    Ok(Reading::Claimed)
}

/// Who called: a user, or an app by the token it was given.
fn circumstances(activity: &Activity<'_>, tenant: Option<&str>, facts: &mut FactWriter) -> Actor {
    let (user, principal) = (activity.user_id.get(), activity.service_principal_id.get());
    let token = activity.sign_in_activity_id.get().filter(|_| entra_names::id(user).is_none());
    let parts =
        [tenant, user, principal, activity.app_id.get(), token, activity.ip_address.get(), activity.user_agent.get()];
    let parts = parts.map(Option::unwrap_or_default);
    let read: Result<Actor, std::convert::Infallible> = facts.circumstances(&parts, |out| {
        let realm = entra_names::realm(tenant);
        let who = entra_names::user(out, &realm, user, None);
        let who = who.or_else(|| entra_names::service_principal(out, &realm, principal, activity.app_id.get()));
        let token = token.map(|token| out.handle(HandleKind::Session, TOKENS, token));
        if let (Some(token), Some(who)) = (token, who) {
            out.tied(token, Tie::RunsAs, who);
        }
        let by = token.or(who).unwrap_or_else(|| out.handle(HandleKind::Service, "entra", "unknown"));
        if let Some(address) = activity.ip_address.get().filter(|address| is_address(address)) {
            let address = out.handle(HandleKind::Network, "", address);
            out.came_from(by, address);
        }
        out.described(by, Detail::Software, activity.user_agent.get().unwrap_or_default());
        Ok(Actor { by, principal: who, on_behalf_of: None })
    });
    match read {
        Ok(actor) => actor,
        Err(never) => match never {},
    }
}

/// The collection that was called: `users` of `https://graph.microsoft.com/v1.0/users/5c0e…/messages?$top=1`.
fn collection(uri: &str) -> Option<&str> {
    let mut parts = uri.split("://").nth(1)?.split(['/', '?', '(']);
    let name = parts.nth(2)?;
    let plain =
        |name: &str| !name.is_empty() && name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    plain(name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_collection_is_read() {
        assert_eq!(collection("https://graph.microsoft.com/v1.0/users/tom@example.com/messages?$top=1"), Some("users"));
        assert_eq!(collection("https://graph.microsoft.com/beta/me"), Some("me"));
        assert_eq!(collection("https://graph.microsoft.com/v1.0/users('5c0e')"), Some("users"));
        assert_eq!(collection("https://example.com/"), None);
        assert_eq!(collection("https://graph.microsoft.com/v1.0/$batch"), None);
    }
}
