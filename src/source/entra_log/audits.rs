//! Directory audits: who changed which user, group, app, service principal or consent.
//!
//! References: learn.microsoft.com/graph/api/resources/directoryaudit and
//! learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities. The initiator is a user, or an app by
//! its service principal, or only the name of a service of the vendor's; where Entra acts through a service in a user's
//! name, the user is the initiator and the service's name stands for the user's display name.

use std::borrow::Cow;

use serde::Deserialize;

use super::sign_ins::is_address;
use super::{Stamped, effects, outcome};
use crate::fact::claim::{Detail, Outcome};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::entra_fields::Fields;
use crate::source::entra_names;
use crate::source::text::{Part, Parts, Text};
use crate::source::{Reading, Refusal};

/// The fields of an audit that are used.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Audit<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) activity_date_time: Text<'a>,
    #[serde(borrow)]
    activity_display_name: Text<'a>,
    #[serde(borrow)]
    result: Text<'a>,
    #[serde(borrow)]
    result_reason: Text<'a>,
    #[serde(borrow)]
    initiated_by: Part<InitiatedBy<'a>>,
    #[serde(borrow)]
    target_resources: Parts<Target<'a>>,
    #[serde(borrow)]
    additional_details: Parts<KeyValue<'a>>,
    /// Who acted, in the envelope's words.
    #[serde(borrow)]
    pub(super) identity: Text<'a>,
    /// From where, in the envelope's words.
    #[serde(skip)]
    pub(super) address: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct InitiatedBy<'a> {
    #[serde(borrow, alias = "User")]
    user: Part<Initiator<'a>>,
    #[serde(borrow, alias = "App")]
    app: Part<Initiator<'a>>,
}

/// A user or app that acted.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Initiator<'a> {
    #[serde(borrow, alias = "Id")]
    id: Text<'a>,
    #[serde(borrow, alias = "UserPrincipalName")]
    user_principal_name: Text<'a>,
    #[serde(borrow, alias = "DisplayName")]
    display_name: Text<'a>,
    #[serde(borrow, alias = "IpAddress", alias = "IPAddress")]
    ip_address: Text<'a>,
    #[serde(borrow, alias = "AgentType")]
    agent_type: Text<'a>,
    #[serde(borrow, alias = "AppId")]
    app_id: Text<'a>,
    #[serde(borrow, alias = "ServicePrincipalId")]
    service_principal_id: Text<'a>,
}

/// What was acted upon.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Target<'a> {
    #[serde(borrow, alias = "Id")]
    pub(super) id: Text<'a>,
    #[serde(rename = "type", borrow, alias = "Type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow, alias = "DisplayName")]
    pub(super) display_name: Text<'a>,
    #[serde(borrow, alias = "UserPrincipalName")]
    pub(super) user_principal_name: Text<'a>,
    #[serde(borrow, alias = "AgentType")]
    pub(super) agent_type: Text<'a>,
    #[serde(borrow, alias = "BlueprintId")]
    pub(super) blueprint_id: Text<'a>,
    #[serde(borrow, alias = "ModifiedProperties")]
    pub(super) modified_properties: Parts<Change<'a>>,
}

/// A property that was changed; its values are JSON in a string.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Change<'a> {
    #[serde(borrow, alias = "DisplayName")]
    pub(super) display_name: Text<'a>,
    #[serde(borrow, alias = "OldValue")]
    pub(super) old_value: Text<'a>,
    #[serde(borrow, alias = "NewValue")]
    pub(super) new_value: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KeyValue<'a> {
    #[serde(borrow, alias = "Key")]
    key: Text<'a>,
    #[serde(borrow, alias = "Value")]
    value: Text<'a>,
}

/// The nested values of an audit whose form writes them as JSON in a string.
pub(super) struct Nested<'f> {
    initiated_by: Option<Cow<'f, str>>,
    targets: Option<Cow<'f, str>>,
    details: Option<Cow<'f, str>>,
}

impl<'f> Nested<'f> {
    pub(super) fn of(fields: &Fields<'f>) -> Self {
        Self {
            initiated_by: fields.nested("InitiatedBy"),
            targets: fields.nested("TargetResources"),
            details: fields.nested("AdditionalDetails"),
        }
    }
}

fn inner<'n, T: Deserialize<'n> + Default>(nested: Option<&'n str>) -> T {
    nested.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The web page's table has so many targets in a row, so many changes of each, and so many details.
const PAGE_TARGETS: usize = 3;
const PAGE_CHANGES: usize = 5;
const PAGE_DETAILS: usize = 6;

impl<'a> Audit<'a> {
    /// An audit in the words of PowerShell or Log Analytics.
    pub(super) fn of(fields: &'a Fields<'_>, nested: &'a Nested<'_>) -> Self {
        Self {
            id: fields.text("Id"),
            activity_date_time: fields.text("ActivityDateTime"),
            activity_display_name: fields.text("ActivityDisplayName"),
            result: fields.text("Result"),
            result_reason: fields.text("ResultReason"),
            initiated_by: inner(nested.initiated_by.as_deref()),
            target_resources: inner(nested.targets.as_deref()),
            additional_details: inner(nested.details.as_deref()),
            identity: fields.text("Identity"),
            address: Text::NONE,
        }
    }

    /// A row of the web page's table.
    pub(super) fn of_page(fields: &'a Fields<'_>) -> Self {
        let is_app = fields.get("ActorType").is_some_and(|kind| kind.starts_with("App"));
        let actor = Initiator {
            id: fields.text("ActorObjectId"),
            user_principal_name: fields.text("ActorUserPrincipalName"),
            display_name: fields.text("ActorDisplayName"),
            ip_address: fields.text("IPAddress"),
            service_principal_id: fields.text("ActorServicePrincipalId"),
            ..Initiator::default()
        };
        let (user, app) = if is_app { (Part::default(), Part::of(actor)) } else { (Part::of(actor), Part::default()) };
        let targets = (1..=PAGE_TARGETS).filter_map(|target| {
            let text = |name: &str| fields.text(&format!("Target{target}{name}"));
            let changes = (1..=PAGE_CHANGES).map(|change| {
                let text = |name: &str| fields.text(&format!("Target{target}ModifiedProperty{change}{name}"));
                Change { display_name: text("Name"), old_value: text("OldValue"), new_value: text("NewValue") }
            });
            let kind = text("Type");
            kind.get()?;
            Some(Target {
                id: text("ObjectId"),
                display_name: text("DisplayName"),
                user_principal_name: text("UserPrincipalName"),
                modified_properties: Parts::of(changes.collect()),
                kind,
                ..Target::default()
            })
        });
        let details = (1..=PAGE_DETAILS).map(|detail| {
            let text = |name: &str| fields.text(&format!("AdditionalDetail{detail}{name}"));
            KeyValue { key: text("Key"), value: text("Value") }
        });
        Self {
            activity_display_name: fields.text("Activity"),
            result: fields.text("Result"),
            result_reason: fields.text("ResultReason"),
            initiated_by: Part::of(InitiatedBy { user, app }),
            target_resources: Parts::of(targets.collect()),
            additional_details: Parts::of(details.collect()),
            ..Self::default()
        }
    }

    /// What the audit's further details say under a key.
    pub(super) fn detail(&self, key: &str) -> Option<&str> {
        self.additional_details.get().iter().find(|detail| detail.key.get() == Some(key))?.value.get()
    }

    pub(super) fn targets(&self) -> &[Target<'a>] {
        self.target_resources.get()
    }

    /// Whether Entra did it in the course of a consent, in the consenting user's name.
    pub(super) fn by_consent(&self) -> bool {
        self.detail("User-Agent") == Some("EvoSTS") || self.service() == Some("Azure ESTS Service")
    }

    /// The service of the vendor's that acted, by itself or in a user's name.
    fn service(&self) -> Option<&str> {
        let by = self.initiated_by.get()?;
        by.app.get().and_then(|app| app.display_name.get()).or(by.user.get().and_then(|user| user.display_name.get()))
    }

    /// Whether Azure did it to a credential that it keeps: nobody's care.
    pub(super) fn by_managed_identity(&self) -> bool {
        let by = self.initiated_by.get().and_then(|by| by.app.get());
        by.and_then(|app| app.display_name.get()) == Some("Managed Service Identity")
    }

    /// Whether the record is of a form that tells agents from others.
    pub(super) fn tells_of_agents(&self) -> bool {
        let Some(by) = self.initiated_by.get() else { return false };
        let told = |by: Option<&Initiator<'_>>| by.is_some_and(|by| by.agent_type.get().is_some());
        told(by.user.get()) || told(by.app.get())
    }

    /// The object id of the user who acted.
    pub(super) fn initiator(&self) -> Option<Cow<'_, str>> {
        entra_names::id(self.initiated_by.get()?.user.get()?.id.get())
    }
}

/// An audit, understood so far.
#[derive(Clone, Copy)]
pub(super) struct Event<'e, 'a> {
    /// The activity with plain dashes and no blanks around it.
    pub(super) name: &'e str,
    pub(super) audit: &'e Audit<'a>,
    pub(super) stamped: Stamped<'e>,
    pub(super) realm: &'e str,
    pub(super) actor: Actor,
    pub(super) succeeded: bool,
}

/// Writes what an audit tells.
pub(super) fn read(audit: &Audit<'_>, stamped: Stamped<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let activity = audit.activity_display_name.get().ok_or(Refusal::Missing("activityDisplayName"))?;
    let name = plain_name(activity);
    stamped.write(&name, facts);
    let outcome = outcome(audit.result.get(), audit.result_reason.get())?;
    let realm = entra_names::realm(stamped.tenant);
    let actor = circumstances(audit, &realm, facts);
    let succeeded = outcome == Outcome::Succeeded;
    let event = Event { name: &name, audit, stamped, realm: &realm, actor, succeeded };
    let on = effects::write(event, facts);
    facts.did(actor, &format!("entra:{name}"), on, outcome);
    Ok(Reading::Claimed)
}

/// The name of an activity with plain dashes and no blanks around it.
fn plain_name(activity: &str) -> Cow<'_, str> {
    let name = activity.trim();
    if name.contains(['\u{2013}', '\u{2014}']) {
        Cow::Owned(name.replace(['\u{2013}', '\u{2014}'], "-"))
    } else {
        Cow::Borrowed(name)
    }
}

/// Who acted, and from where: read once for all records that repeat it.
fn circumstances(audit: &Audit<'_>, realm: &str, facts: &mut FactWriter) -> Actor {
    let empty = Initiator::default();
    let by = audit.initiated_by.get();
    let user = by.and_then(|by| by.user.get()).filter(|user| entra_names::id(user.id.get()).is_some());
    let app = by.and_then(|by| by.app.get());
    let who = user.or(app).unwrap_or(&empty);
    let address = who.ip_address.get().or(audit.address.get());
    // Where a service acts in nobody's name, only the envelope may name it; otherwise it has a user's display name.
    let envelope = audit.identity.get().filter(|_| by.is_some() && user.is_none() && app.is_none());
    let parts = [
        Some(realm),
        Some(if user.is_some() { "user" } else { "app" }),
        who.id.get(),
        who.user_principal_name.get(),
        who.display_name.get(),
        who.agent_type.get(),
        who.app_id.get(),
        who.service_principal_id.get(),
        address,
        envelope,
    ];
    let parts = parts.map(Option::unwrap_or_default);
    let read: Result<Actor, std::convert::Infallible> = facts.circumstances(&parts, |out| {
        let by = match user {
            Some(user) => user_actor(user, realm, out),
            None => app_actor(who, envelope, realm, out),
        };
        if let Some(address) = address.filter(|address| is_address(address)) {
            let address = out.handle(HandleKind::Network, "", address);
            out.came_from(by, address);
        }
        let principal = Some(by).filter(|_| user.is_some() || app.is_some());
        Ok(Actor { by, principal, on_behalf_of: None })
    });
    match read {
        Ok(actor) => actor,
        Err(never) => match never {},
    }
}

/// A user. Their display name is not read here: it may be that of the service through which they acted.
fn user_actor(user: &Initiator<'_>, realm: &str, out: &mut impl Stand) -> HandleId {
    let by = entra_names::user(out, realm, user.id.get(), user.user_principal_name.get());
    let by = by.unwrap_or_else(|| service(out, None));
    if entra_names::agent_kind(user.agent_type.get()) == Some(entra_names::AGENT_USER) {
        out.described(by, Detail::Machine, entra_names::AGENT_USER);
    }
    by
}

/// An app by its service principal, or a service of the vendor's by its name alone.
fn app_actor(app: &Initiator<'_>, envelope: Option<&str>, realm: &str, out: &mut impl Stand) -> HandleId {
    let (id, name) = (app.service_principal_id.get(), app.display_name.get());
    let by = match entra_names::agent_kind(app.agent_type.get()) {
        Some(entra_names::AGENT) => id.and_then(|id| entra_names::agent(out, realm, id)),
        _ => entra_names::service_principal(out, realm, id, app.app_id.get()),
    };
    let Some(by) = by else { return service(out, name.or(envelope)) };
    out.described(by, Detail::DisplayName, name.unwrap_or_default());
    by
}

fn service(out: &mut impl Stand, name: Option<&str>) -> HandleId {
    out.handle(HandleKind::Service, "entra", name.unwrap_or("unknown"))
}
