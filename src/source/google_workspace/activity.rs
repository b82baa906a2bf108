//! Activities of Workspace's reports: who gave which app access, what administrators did to users, who signed in.
//!
//! References: developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list and
//! developers.google.com/workspace/admin/reports/v1/appendix/activity/token (and …/admin-user-settings, …/login). The
//! name of an app is its maker's to choose; the client id decides. Who is an administrator's doing is told by address
//! alone, and an address can be given again.

use std::borrow::Cow;

use serde::Deserialize;

use super::names::{self, User};
use crate::base::time::{Instant, When};
use crate::bundle::record::{Object, Row};
use crate::fact::claim::{Becoming, Declaring, Detail, Ending, Making, Outcome};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};
use crate::source::text::{Part, Parts, Text};
use crate::source::texts::{Exact, Texts};
use crate::source::{Reading, Refusal};

/// Applications whose activities tell nothing about who answers for an agent.
const SILENT: &[&str] = &[
    "access_transparency",
    "calendar",
    "chat",
    "chrome",
    "classroom",
    "context_aware_access",
    "data_studio",
    "gplus",
    "groups",
    "groups_enterprise",
    "jamboard",
    "keep",
    "meet",
    "mobile",
    "rules",
    "tasks",
    "vault",
    "voice",
];

/// An activity in any of its forms: what stands around its events.
#[derive(Debug, Default)]
struct Activity<'a> {
    at: Option<Cow<'a, str>>,
    qualifier: Option<Cow<'a, str>>,
    application: Cow<'a, str>,
    customer: Option<Cow<'a, str>>,
    email: Option<Cow<'a, str>>,
    profile: Option<Cow<'a, str>>,
    /// The caller that is no user: `SYSTEM`, or the key of an app.
    key: Option<Cow<'a, str>>,
    client: Option<Cow<'a, str>>,
    address: Option<Cow<'a, str>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Item<'a> {
    #[serde(borrow)]
    id: Part<Id<'a>>,
    #[serde(borrow)]
    actor: Part<Caller<'a>>,
    #[serde(borrow)]
    ip_address: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Id<'a> {
    #[serde(borrow)]
    time: Text<'a>,
    #[serde(borrow)]
    unique_qualifier: Text<'a>,
    #[serde(borrow)]
    application_name: Text<'a>,
    #[serde(borrow)]
    customer_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Caller<'a> {
    #[serde(borrow)]
    email: Text<'a>,
    #[serde(borrow)]
    profile_id: Exact<'a>,
    #[serde(borrow)]
    key: Text<'a>,
    #[serde(borrow)]
    application_info: Part<ApplicationInfo<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ApplicationInfo<'a> {
    #[serde(borrow)]
    oauth_client_id: Text<'a>,
}

/// An event of an activity. What is shared with Google Cloud calls its members a little otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Event<'a> {
    #[serde(borrow, alias = "eventName")]
    name: Text<'a>,
    #[serde(borrow, alias = "parameter")]
    parameters: Parts<Parameter<'a>>,
    #[serde(borrow)]
    status: Part<EventStatus<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EventStatus<'a> {
    #[serde(borrow)]
    success: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Parameter<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    value: Text<'a>,
    #[serde(borrow)]
    bool_value: Text<'a>,
    #[serde(borrow, alias = "multiStrValue")]
    multi_value: Texts<'a>,
}

/// A log entry in which Workspace shares an activity with Google Cloud.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Shared<'a> {
    #[serde(borrow)]
    timestamp: Text<'a>,
    #[serde(borrow)]
    insert_id: Text<'a>,
    #[serde(borrow)]
    proto_payload: Part<SharedPayload<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SharedPayload<'a> {
    #[serde(borrow)]
    service_name: Text<'a>,
    #[serde(borrow)]
    authentication_info: Part<SharedCaller<'a>>,
    #[serde(borrow)]
    request_metadata: Part<SharedAround<'a>>,
    #[serde(borrow)]
    metadata: Part<SharedMetadata<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SharedCaller<'a> {
    #[serde(borrow)]
    principal_email: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SharedAround<'a> {
    #[serde(borrow)]
    caller_ip: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SharedMetadata<'a> {
    #[serde(borrow)]
    activity_id: Part<ActivityId<'a>>,
    #[serde(borrow)]
    event: Parts<Event<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ActivityId<'a> {
    #[serde(borrow, alias = "uniqueQualifier")]
    uniq_qualifier: Text<'a>,
}

/// What an event says of itself.
trait Says {
    fn name(&self) -> Option<&str>;
    fn get(&self, parameter: &str) -> Option<&str>;
    fn all(&self, parameter: &str) -> Vec<&str>;
    fn failed(&self) -> bool;
}

impl Says for Event<'_> {
    fn name(&self) -> Option<&str> {
        self.name.get()
    }

    fn get(&self, parameter: &str) -> Option<&str> {
        let found = self.parameters.get().iter().find(|one| one.name.get() == Some(parameter))?;
        found.value.get().or(found.bool_value.get()).or_else(|| found.multi_value.iter().next())
    }

    fn all(&self, parameter: &str) -> Vec<&str> {
        let Some(found) = self.parameters.get().iter().find(|one| one.name.get() == Some(parameter)) else {
            return Vec::new();
        };
        found.value.get().into_iter().chain(found.multi_value.iter()).collect()
    }

    fn failed(&self) -> bool {
        self.status.get().and_then(|status| status.success.get()) == Some("false")
    }
}

/// A row of a report as GAM prints it: one event, its parameters as columns.
struct RowEvent<'r>(Row<'r>);

impl Says for RowEvent<'_> {
    fn name(&self) -> Option<&str> {
        self.0.get("name")
    }

    fn get(&self, parameter: &str) -> Option<&str> {
        self.0.get(parameter)
    }

    fn all(&self, parameter: &str) -> Vec<&str> {
        self.0.get(parameter).map(|text| text.split_whitespace().collect()).unwrap_or_default()
    }

    fn failed(&self) -> bool {
        false
    }
}

/// Whether an object is an activity as the API gives it.
pub(super) fn is_item(object: &Object<'_>) -> bool {
    let marked = object.raw("kind").is_some_and(|kind| kind.contains("admin#reports#activity"));
    let told = || object.raw("id").is_some_and(|id| id.contains("\"applicationName\"") && id.contains("\"time\""));
    object.has("events") && (marked || told())
}

/// Whether a table is a report as GAM prints it.
pub(super) fn is_report(row: &Row<'_>) -> bool {
    row.has("id.time") && row.has("id.applicationName") && row.has("name")
}

/// Reads an activity as the API gives it. Some collectors give each event an activity of its own.
pub(super) fn item(object: &Object<'_>, source: &str, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let item: Item<'_> = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the record"))?;
    let (empty_id, empty_caller) = (Id::default(), Caller::default());
    let id = item.id.get().unwrap_or(&empty_id);
    let caller = item.actor.get().unwrap_or(&empty_caller);
    let raw = object.raw("events").ok_or(Refusal::Missing("events"))?;
    let one = raw.starts_with('{').then(|| serde_json::from_str::<Part<Event<'_>>>(raw).ok());
    let events: Vec<Event<'_>> = match one {
        Some(one) => one.and_then(Part::into_inner).into_iter().collect(),
        None => serde_json::from_str::<Parts<Event<'_>>>(raw).unwrap_or_default().into_inner(),
    };
    let activity = Activity {
        at: borrowed(&id.time),
        qualifier: borrowed(&id.unique_qualifier),
        application: borrowed(&id.application_name).ok_or(Refusal::Missing("id.applicationName"))?,
        customer: borrowed(&id.customer_id),
        email: borrowed(&caller.email),
        profile: caller.profile_id.get().map(Cow::Borrowed),
        key: borrowed(&caller.key),
        client: caller.application_info.get().and_then(|info| borrowed(&info.oauth_client_id)),
        address: borrowed(&item.ip_address),
    };
    write(&activity, &events, source, Form::Full, facts)
}

/// Reads a log entry in which Workspace shares an activity with Google Cloud: the same activity with fewer fields.
pub(super) fn shared(object: &Object<'_>, source: &str, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let entry: Shared<'_> = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the record"))?;
    let payload = entry.proto_payload.get().ok_or(Refusal::Missing("protoPayload"))?;
    let metadata = payload.metadata.get().ok_or(Refusal::Missing("protoPayload.metadata"))?;
    let service = payload.service_name.get().ok_or(Refusal::Missing("protoPayload.serviceName"))?;
    let application = match service.trim_end_matches(".googleapis.com") {
        "oauth2" => "token",
        other => other,
    };
    let qualifier = metadata.activity_id.get().and_then(|id| borrowed(&id.uniq_qualifier));
    let activity = Activity {
        at: borrowed(&entry.timestamp),
        qualifier: qualifier.or(borrowed(&entry.insert_id)),
        application: Cow::Borrowed(application),
        email: payload.authentication_info.get().and_then(|caller| borrowed(&caller.principal_email)),
        address: payload.request_metadata.get().and_then(|around| borrowed(&around.caller_ip)),
        ..Activity::default()
    };
    write(&activity, metadata.event.get(), source, Form::Poor, facts)
}

/// Reads a row of a report as GAM prints it.
pub(super) fn row(row: Row<'_>, source: &str, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let get = |column: &str| row.get(column).map(Cow::Borrowed);
    let activity = Activity {
        at: get("id.time"),
        qualifier: get("id.uniqueQualifier"),
        application: get("id.applicationName").ok_or(Refusal::Missing("id.applicationName"))?,
        customer: get("id.customerId"),
        email: get("actor.email"),
        profile: get("actor.profileId"),
        key: get("actor.key"),
        client: get("actor.applicationInfo.oauthClientId"),
        address: get("ipAddress"),
    };
    write(&activity, &[RowEvent(row)], source, Form::Poor, facts)
}

fn borrowed<'t>(text: &'t Text<'_>) -> Option<Cow<'t, str>> {
    text.get().map(Cow::Borrowed)
}

fn write<E: Says>(
    activity: &Activity<'_>,
    events: &[E],
    source: &str,
    form: Form,
    facts: &mut FactWriter,
) -> Result<Reading, Refusal> {
    let at = activity.at.as_deref().ok_or(Refusal::Missing("id.time"))?;
    let at = Instant::parse(at).ok_or(Refusal::Unreadable("id.time"))?;
    facts.event(at);
    let application = activity.application.as_ref();
    if let Some(qualifier) = activity.qualifier.as_deref() {
        facts.named(source, qualifier, &[&at.to_string(), application], form);
    }
    let customer = activity.customer.as_deref().filter(|id| names::is_customer(id));
    facts.account(customer);
    if let Some(silent) = SILENT.iter().find(|silent| **silent == application) {
        return Ok(Reading::SetAside(silent));
    }
    if events.iter().all(|event| event.name().is_none()) {
        return Err(Refusal::Missing("events.name"));
    }
    let realm = names::realm(customer);
    let (actor, user) = actor(activity, &realm, facts);
    for event in events.iter().filter(|event| event.name().is_some()) {
        let told = Told { at, application, name: event.name().unwrap_or_default(), actor, user, realm: &realm, event };
        told.write(facts);
    }
    Ok(Reading::Claimed)
}

/// Who acted, and the user behind, where it is one.
fn actor(activity: &Activity<'_>, realm: &str, facts: &mut FactWriter) -> (Actor, Option<User>) {
    let user = names::user(facts, realm, activity.profile.as_deref(), activity.email.as_deref());
    let by = match (user, activity.key.as_deref()) {
        (Some(user), _) => user.who,
        (None, Some(key)) if key.contains(".apps.googleusercontent.com") => names::client(facts, key, None),
        (None, Some(_)) => facts.handle(HandleKind::Service, "", "google"),
        (None, None) => facts.handle(HandleKind::Account, "", activity.customer.as_deref().unwrap_or("google")),
    };
    if let Some(address) = activity.address.as_deref().filter(|address| address.contains(['.', ':'])) {
        let address = facts.handle(HandleKind::Network, "", address);
        facts.came_from(by, address);
    }
    if let Some(client) = activity.client.as_deref() {
        facts.described(by, Detail::Software, &format!("OAuth client {client}"));
    }
    (Actor { by, principal: Some(by), on_behalf_of: None }, user)
}

/// One event with who acted.
struct Told<'e, E> {
    at: Instant,
    application: &'e str,
    name: &'e str,
    actor: Actor,
    user: Option<User>,
    realm: &'e str,
    event: &'e E,
}

impl<E: Says> Told<'_, E> {
    fn write(&self, facts: &mut FactWriter) {
        let mut actor = self.actor;
        let failed = self.event.failed() || self.name.ends_with("_failure");
        let on = match self.application {
            "token" => self.token(&mut actor, failed, facts),
            "admin" if !failed => self.admin(facts),
            "login" | "saml" => self.login(failed, facts),
            "drive" => self.event.get("doc_id").map(|id| facts.handle(HandleKind::Resource, "google-drive", id)),
            _ => None,
        };
        let outcome = if failed { Outcome::Failed } else { Outcome::Succeeded };
        facts.did(actor, &format!("workspace:{}.{}", self.application, self.name), on, outcome);
    }

    /// A user gave an app access, took it away, or the app used it.
    fn token(&self, actor: &mut Actor, failed: bool, facts: &mut FactWriter) -> Option<HandleId> {
        let client = self.event.get("client_id")?;
        let app = self.event.get("app_name");
        let Some(user) = self.user else { return Some(names::client(facts, client, app)) };
        if self.name == "request" || failed {
            return Some(names::client(facts, client, app)); // asked for, perhaps never given
        }
        let grant = names::grant(facts, client, user, app);
        match self.name {
            "authorize" => {
                facts.made(user.who, Making::Created, grant);
                // Nobody can give access for somebody else: whose it is is the platform's word, not a habit of the maker's.
                facts.declared(user.who, grant, Declaring::OwnerField, None);
                for scope in self.event.all("scope") {
                    let scope = facts.handle(HandleKind::Resource, "", scope);
                    facts.granted(Some(user.who), grant, scope);
                }
            }
            // Wrong where an administrator took it away: the log then still names the user.
            "revoke" => facts.ended(grant, Ending::Revoked, Some(user.who)),
            "activity" => {
                *actor = Actor { by: grant, principal: Some(user.who), on_behalf_of: Some(user.who) };
                let method = self.event.get("method_name").or(self.event.get("api_name"));
                return method.map(|method| facts.handle(HandleKind::Resource, "google-api", method));
            }
            _ => {}
        }
        Some(grant)
    }

    /// What an administrator did to a user, a group or an app.
    fn admin(&self, facts: &mut FactWriter) -> Option<HandleId> {
        let by = self.actor.by;
        let user = self.event.get("USER_EMAIL").and_then(|email| names::user(facts, self.realm, None, Some(email)));
        let who = user.map(|user| user.who);
        if let (Some(who), Some(status)) = (who, status(self.name)) {
            facts.described(who, Detail::Status, status);
        }
        match (self.name, who) {
            ("CREATE_USER", Some(who)) => facts.described(who, Detail::Born, &self.at.to_string()),
            ("DELETE_USER", Some(who)) => facts.ended(who, Ending::Deleted, Some(by)),
            // The log calls the unit that the user left by its name, and the new one a value.
            ("MOVE_USER_TO_ORG_UNIT", Some(who)) => {
                if let Some(old) = self.event.get("ORG_UNIT_NAME") {
                    facts.dated(When::at(self.at.plus_millis(-1)));
                    names::unit(facts, who, old);
                    facts.dated(When::at(self.at));
                }
                names::unit(facts, who, self.event.get("NEW_VALUE").unwrap_or_default());
            }
            ("ADD_GROUP_MEMBER", Some(who)) => {
                let group = names::group(facts, self.event.get("GROUP_EMAIL")?);
                facts.granted(Some(by), who, group);
                return Some(group);
            }
            ("ASSIGN_ROLE", Some(who)) => {
                let role = facts.handle(HandleKind::Resource, "google-admin-role", self.event.get("ROLE_NAME")?);
                facts.granted(Some(by), who, role);
            }
            // The administrator lets a client act as any user of the domain. It does not make the client theirs.
            ("AUTHORIZE_API_CLIENT_ACCESS", _) => {
                let client = names::client(facts, self.event.get("API_CLIENT_NAME")?, None);
                for scope in self.event.all("API_SCOPES").iter().flat_map(|scopes| scopes.split([',', ' '])) {
                    if !scope.is_empty() {
                        let scope = facts.handle(HandleKind::Resource, "domain-wide-delegation", scope);
                        facts.granted(Some(by), client, scope);
                    }
                }
                return Some(client);
            }
            ("ADD_TO_TRUSTED_OAUTH2_APPS", _) => {
                let client = names::client(facts, self.event.get("OAUTH2_APP_ID")?, self.event.get("OAUTH2_APP_NAME"));
                let trust = facts.handle(HandleKind::Resource, "google-workspace", "trusted app");
                facts.granted(Some(by), client, trust);
                return Some(client);
            }
            _ => {
                let client = self.event.get("OAUTH2_APP_ID").or(self.event.get("API_CLIENT_NAME"));
                return who.or_else(|| client.map(|id| names::client(facts, id, self.event.get("OAUTH2_APP_NAME"))));
            }
        }
        who
    }

    /// Somebody signed in, to Google or through Google to another app; or Google itself stopped an account.
    fn login(&self, failed: bool, facts: &mut FactWriter) -> Option<HandleId> {
        if self.name.starts_with("account_disabled") {
            let email = self.event.get("affected_email_address");
            let who = names::user(facts, self.realm, None, email)?.who;
            facts.described(who, Detail::Status, "unavailable");
            return Some(who);
        }
        let user = self.user.filter(|_| !failed && self.name == "login_success")?;
        if self.event.get("is_second_factor") == Some("true") {
            facts.described(user.who, Detail::Presence, "second factor");
        }
        let app = if self.application == "saml" { self.event.get("application_name")? } else { "Google" };
        let app = facts.handle(HandleKind::SignIn, "google", app);
        facts.became(user.who, Becoming::SignedIn, app);
        Some(app)
    }
}

/// What an event makes of a user's state.
fn status(event: &str) -> Option<&'static str> {
    match event {
        "CREATE_USER" | "UNSUSPEND_USER" | "UNDELETE_USER" | "UNARCHIVE_USER" => Some("active"),
        "SUSPEND_USER" => Some("unavailable"),
        "DELETE_USER" | "ARCHIVE_USER" => Some("left"),
        _ => None,
    }
}
