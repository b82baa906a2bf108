//! Event log files and the history of logins: what users and apps did.

use std::borrow::Cow;

use super::NAME;
use crate::base::time::Instant;
use crate::fact::claim::{Becoming, Detail, Outcome, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};
use crate::source::salesforce_fields::Fields;
use crate::source::salesforce_names::{self, ORG, User, id, realm};
use crate::source::{Reading, Refusal};

/// Types of events that are steps within a request which another event tells of, or tell of no request at all.
const SILENT: &[&str] = &[
    "ApexCallout",
    "ApexExecution",
    "ApexSoap",
    "ApexTrigger",
    "ApexUnexpectedException",
    "ConcurrentLongRunningApexLimit",
    "ContinuationCalloutSummary",
    "CorsViolation",
    "CspViolation",
    "HostnameRedirects",
    "InsecureExternalAssets",
    "LightningError",
    "LightningInteraction",
    "LightningPerformance",
    "PlatformEncryption",
    "QueuedExecution",
    "TimeBasedWorkflow",
    "VisualforceRequest",
];

/// Reads a row of an event log file.
pub(super) fn logged(fields: &Fields<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let event = fields.get("EVENT_TYPE").ok_or(Refusal::Missing("EVENT_TYPE"))?;
    facts.event(time(fields)?);
    let organisation = fields.get("ORGANIZATION_ID");
    if let Some(request) = fields.get("REQUEST_ID") {
        // Of the parts of a request, address and moment tell one from the other.
        let rest = fields.texts(&["TIMESTAMP", "URI", "ENTITY_NAME"]).join("|");
        let user = fields.get("USER_ID").unwrap_or_default();
        facts.named(NAME, &format!("{event}|{request}|{rest}"), &[&user], Form::Full);
    }
    facts.account(organisation.as_deref().and_then(id));
    if let Some(silent) = SILENT.iter().find(|silent| **silent == event) {
        return Ok(Reading::SetAside(silent));
    }
    let realm = realm(organisation.as_deref());
    let user_id = fields.get("USER_ID").or(fields.get("USER_ID_DERIVED"));
    let username = fields.get("USER_NAME").or(fields.get("USER"));
    let known = User { id: user_id.as_deref(), username: username.as_deref(), ..User::default() };
    let unknown = if user_id.is_some() { Refusal::Unreadable("USER_ID") } else { Refusal::Missing("USER_ID") };
    let user = salesforce_names::user(facts, &realm, known).ok_or(unknown)?;
    let (app, label) = (fields.get("CONNECTED_APP_ID"), fields.get("CONNECTED_APP_NAME"));
    let used = Used { realm: &realm, user, user_id: user_id.as_deref(), app: app.as_deref(), label: label.as_deref() };
    let actor = used.actor(facts);
    came_from(fields, &["CLIENT_IP", "SOURCE_IP"], actor.by, facts);
    let outcome = outcome(fields);
    if event == "Login" && actor.by == user {
        return Ok(signed_in(user, outcome, actor, facts));
    }
    let entity = fields.get("ENTITY_NAME").or(fields.get("OBJECT_TYPE"));
    let on = entity.as_deref().map(|name| salesforce_names::object(facts, &realm, name));
    facts.did(actor, &format!("salesforce:{event}"), on, outcome);
    Ok(Reading::Claimed)
}

/// Reads a row of the history of logins. An app that comes with a token which it was given is told by its label alone.
pub(super) fn login(fields: &Fields<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let at = fields.get("LoginTime").ok_or(Refusal::Missing("LoginTime"))?;
    facts.event(fields.time("LoginTime").ok_or(Refusal::Unreadable("LoginTime"))?);
    let user_id = fields.get("UserId").ok_or(Refusal::Missing("UserId"))?;
    if let Some(id) = fields.get("Id") {
        facts.named(NAME, &id, &[&user_id, &at], Form::Full);
    }
    let user = salesforce_names::user(facts, ORG, User { id: Some(&user_id), ..User::default() });
    let user = user.ok_or(Refusal::Unreadable("UserId"))?;
    let by_token = fields.get("LoginType").is_some_and(|kind| kind.starts_with("Remote Access"));
    let label = fields.get("Application").filter(|_| by_token);
    let used = Used { realm: ORG, user, user_id: Some(&user_id), app: None, label: label.as_deref() };
    let outcome = match fields.get("Status").as_deref() {
        None | Some("Success") => Outcome::Succeeded,
        Some(_) => Outcome::Failed,
    };
    // What failed was never given.
    let actor = if outcome == Outcome::Succeeded { used.actor(facts) } else { used.plain() };
    came_from(fields, &["SourceIp"], actor.by, facts);
    if actor.by == user && !by_token {
        return Ok(signed_in(user, outcome, actor, facts));
    }
    facts.did(actor, "salesforce:Login", None, outcome);
    Ok(Reading::Claimed)
}

/// A user signed in, to the pages or with a password.
fn signed_in(user: HandleId, outcome: Outcome, actor: Actor, facts: &mut FactWriter) -> Reading {
    let salesforce = facts.handle(HandleKind::SignIn, ORG, "Salesforce");
    if outcome == Outcome::Succeeded {
        facts.became(user, Becoming::SignedIn, salesforce);
    }
    facts.did(actor, "salesforce:Login", Some(salesforce), outcome);
    Reading::Claimed
}

/// Who used what: a user, and the app that came in the user's name.
struct Used<'u> {
    realm: &'u str,
    user: HandleId,
    user_id: Option<&'u str>,
    app: Option<&'u str>,
    label: Option<&'u str>,
}

impl Used<'_> {
    /// Who acted: the access that the user gave to the app, else the user.
    ///
    /// The access is the user's in whose name it acts: Salesforce gives tokens to nobody else. Wrong where the app runs as
    /// one user for everybody by its own setting; that user is then mostly no human.
    fn actor(&self, facts: &mut FactWriter) -> Actor {
        let (Some(user_id), true) = (self.user_id, self.app.is_some() || self.label.is_some()) else {
            return self.plain();
        };
        let Some(grant) = salesforce_names::grant(facts, self.realm, self.app, self.label, user_id) else {
            return self.plain();
        };
        facts.tied(grant, Tie::IssuedTo, self.user);
        Actor { by: grant, principal: Some(self.user), on_behalf_of: Some(self.user) }
    }

    fn plain(&self) -> Actor {
        Actor { by: self.user, principal: Some(self.user), on_behalf_of: None }
    }
}

/// When it happened: Salesforce writes the same moment in two forms.
fn time(fields: &Fields<'_>) -> Result<Instant, Refusal> {
    if let Some(at) = fields.time("TIMESTAMP_DERIVED") {
        return Ok(at);
    }
    let text = fields.get("TIMESTAMP").ok_or(Refusal::Missing("TIMESTAMP"))?;
    fields.time("TIMESTAMP").or_else(|| compact(&text)).ok_or(Refusal::Unreadable("TIMESTAMP"))
}

/// `20260918160017.614`, in UTC.
fn compact(text: &str) -> Option<Instant> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let part = |from: usize, to: usize| digits.get(from..to);
    if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (date, time) = ((part(0, 4)?, part(4, 6)?, part(6, 8)?), (part(8, 10)?, part(10, 12)?, part(12, 14)?));
    Instant::parse(&format!("{}-{}-{}T{}:{}:{}.{fraction}Z", date.0, date.1, date.2, time.0, time.1, time.2))
}

fn came_from(fields: &Fields<'_>, names: &[&str], who: HandleId, facts: &mut FactWriter) {
    let address = names.iter().find_map(|name| fields.get(name));
    if let Some(address) = address.filter(|address| is_network(address)) {
        let address = facts.handle(HandleKind::Network, "", &address);
        facts.came_from(who, address);
    }
    let software = ["USER_AGENT", "BROWSER_TYPE"].iter().find_map(|name| fields.get(name));
    // Of some requests the log has a number in place of the words.
    let words = software.filter(|software: &Cow<'_, str>| software.bytes().any(|byte| byte.is_ascii_alphabetic()));
    facts.described(who, Detail::Software, &words.unwrap_or_default());
}

/// In place of an address Salesforce writes `Salesforce.com IP` for its own services.
fn is_network(text: &str) -> bool {
    text.contains(['.', ':']) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'.' || byte == b':')
}

fn outcome(fields: &Fields<'_>) -> Outcome {
    let code = fields.get("STATUS_CODE").and_then(|code| code.parse::<u16>().ok());
    let status = fields.get("LOGIN_STATUS");
    match (code, fields.get("REQUEST_STATUS").as_deref(), status.as_deref()) {
        (Some(401 | 403), ..) | (_, Some("A"), _) => Outcome::Denied,
        (Some(400..), ..) | (_, Some("F" | "Failure"), _) => Outcome::Failed,
        (.., Some(status)) if status != "LOGIN_NO_ERROR" && status != "Success" => Outcome::Failed,
        _ => Outcome::Succeeded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_times() {
        assert_eq!(compact("20260918160017.614"), Instant::parse("2026-09-18T16:00:17.614Z"));
        assert_eq!(compact("20260918160017"), Instant::parse("2026-09-18T16:00:17Z"));
        for none in ["2026091816001", "2026-09-18", "20261318160017.000"] {
            assert_eq!(compact(none), None, "{none}");
        }
    }

    #[test]
    fn addresses() {
        assert!(is_network("203.0.113.9") && is_network("2001:db8::1"));
        assert!(!is_network("Salesforce.com IP") && !is_network(""));
    }

    #[test]
    fn silent_events_are_in_order() {
        assert!(SILENT.is_sorted());
    }
}
