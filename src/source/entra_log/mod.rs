//! Entra ID logs: who signed in, which app got tokens with which credential, who changed what in the directory.
//!
//! References: learn.microsoft.com/graph/api/resources/signin (and …/directoryaudit),
//! learn.microsoft.com/entra/identity/monitoring-health/concept-diagnostic-settings-logs-options,
//! learn.microsoft.com/azure/azure-monitor/reference/tables/signinlogs (and …/auditlogs),
//! learn.microsoft.com/graph/microsoft-graph-activity-logs-overview. Relied on: of a sign-in `createdDateTime`,
//! `status.errorCode` and `userId` or `servicePrincipalId`; of an audit `activityDateTime`, `activityDisplayName` and
//! `result`; used where present: the fields that the modules below name.
//!
//! Quirks. Only diagnostic settings and Log Analytics say whose tenant it is; the API's audits never do, its sign-ins by
//! the tenants of user and resource. Where an export leaves the tenant out, a fuller form makes its records duplicates.
//! The API without a filter gives interactive sign-ins alone: that no service principal signed in proves nothing. The
//! names of guests are written as at home. `Azure ESTS Service` in place of a user's display name is the service through
//! which the user acted. A service principal that came with a consent was made by nobody in particular. Values of changed
//! properties are JSON in a string. Names of activities may have an en dash and a blank at their end. The web page's
//! table of sign-ins has no field that tells interactive ones, its table of audits no id, and either may leave fields
//! out.

mod activity;
mod audits;
mod changes;
mod consents;
mod effects;
mod people;
mod recognise;
mod sign_in;
mod sign_ins;

use activity::Activity;
use audits::Audit;
use recognise::{Kind, Shaped, recognise};
use sign_in::{Nested, SignIn};

use super::entra_fields::{Fields, time};
use super::entra_names;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::{Body, Object, Record};
use crate::fact::claim::Outcome;
use crate::fact::writer::{FactWriter, Form};

/// Reads sign-ins, directory audits and calls of the Graph API.
pub struct EntraLog;

const NAME: &str = "entra_log";

static CARD: Card = Card {
    name: NAME,
    title: "Microsoft Entra ID logs",
    tells: "who signed in to which app; which app acted with which secret; who made, changed, owns and consented to apps",
    reference: "https://learn.microsoft.com/graph/api/resources/directoryaudit",
    recognised_by: "records of the categories of Microsoft.aadiam; objects with createdDateTime, appId and status, or with \
                    activityDisplayName, initiatedBy and targetResources; their tables",
    exports: &[
        Export {
            form: "diagnostic settings to a storage account (one JSON object a line)",
            command: "az storage blob download-batch --account-name ACCOUNT -s insights-logs-auditlogs -d entra/   # also insights-logs-signinlogs, -noninteractiveusersigninlogs, -serviceprincipalsigninlogs, -managedidentitysigninlogs",
        },
        Export {
            form: "directory audits by PowerShell, with the tenant they do not name",
            command: "@{tenantId=(Get-MgContext).TenantId; value=@(Get-MgAuditLogDirectoryAudit -All)} | ConvertTo-Json -Depth 12 > entra-audits.json",
        },
        Export {
            form: "sign-ins by PowerShell, each kind for itself",
            command: "@{tenantId=(Get-MgContext).TenantId; value=@(Get-MgBetaAuditLogSignIn -All -Filter \"signInEventTypes/any(t:t eq 'servicePrincipal')\")} | ConvertTo-Json -Depth 12 > entra-sp-signins.json   # also interactiveUser, nonInteractiveUser, managedIdentity",
        },
        Export {
            form: "directory audits by the API, one page, with the tenant they do not name",
            command: "az rest --method get --url \"https://graph.microsoft.com/v1.0/auditLogs/directoryAudits\" | jq --arg t \"$(az account show --query tenantId -o tsv)\" '{tenantId: $t} + .' > entra-audits.json",
        },
        Export {
            form: "Log Analytics",
            command: "az monitor log-analytics query -w WORKSPACE --analytics-query \"AADServicePrincipalSignInLogs\" -o json > entra-sp-signins.json   # also SigninLogs, AADNonInteractiveUserSignInLogs, AADManagedIdentitySignInLogs, AuditLogs, MicrosoftGraphActivityLogs",
        },
        Export {
            form: "a table from the web page (it leaves fields out)",
            command: "Entra admin center > Monitoring & health > Sign-in logs or Audit logs > Download > CSV",
        },
    ],
};

impl Source for EntraLog {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        if recognise(&shape.body).is_some() { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let (shaped, kind) = recognise(&record.body).ok_or(Refusal::Unreadable("the record"))?;
        let around = entra_names::tenant_around(&record.around);
        match (shaped, record.body) {
            (Shaped::Diagnostic, Body::Json(object)) => diagnostic(&object, kind, facts),
            (Shaped::Api, Body::Json(object)) => api(&object, kind, around, facts),
            (_, body) => {
                let fields = Fields::of(&body).ok_or(Refusal::Unreadable("the record"))?;
                by_fields(&fields, shaped, kind, around, facts)
            }
        }
    }
}

/// What names, dates and places a record, whatever its form.
#[derive(Clone, Copy, Debug)]
struct Stamped<'s> {
    id: Option<&'s str>,
    at: Instant,
    tenant: Option<&'s str>,
    form: Form,
}

impl Stamped<'_> {
    /// Names and dates the record. `what` tells records apart that one id could have.
    fn write(&self, what: &str, facts: &mut FactWriter) {
        facts.event(self.at);
        if let Some(id) = self.id {
            let second = self.at.millis().div_euclid(1000).to_string();
            // A record that does not say whose tenant it is tells less than one that does.
            let form = if self.tenant.is_none() { Form::Poor } else { self.form };
            facts.named(NAME, id, &[what, &second], form);
        }
        facts.account(self.tenant);
    }
}

/// The time of a record: its own, else when it was written down, which is some minutes later.
fn when(times: [Option<&str>; 2], field: &'static str) -> Result<Instant, Refusal> {
    let mut refusal = Refusal::Missing(field);
    for text in times.into_iter().flatten() {
        match time(text) {
            Some(at) => return Ok(at),
            None => refusal = Refusal::Unreadable(field),
        }
    }
    Err(refusal)
}

fn diagnostic(object: &Object<'_>, kind: Kind, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let written = object.text("time");
    let tenant = object.text("tenantId");
    let tenant = tenant.as_deref().filter(|tenant| entra_names::is_guid(tenant)).map(entra_names::lower);
    let stamped = |id, own: Option<&str>, field| {
        let at = when([own, written.as_deref()], field)?;
        Ok(Stamped { id, at, tenant: tenant.as_deref(), form: Form::Full })
    };
    let properties = object.raw("properties").ok_or(Refusal::Missing("properties"))?;
    match kind {
        Kind::SignIn(way) => {
            let mut sign_in: SignIn<'_> = parsed(properties)?;
            sign_in.result_type.or(object.word("resultType"));
            let stamped = stamped(sign_in.id.get(), sign_in.created_date_time.get(), "createdDateTime")?;
            sign_ins::read(&sign_in, way, stamped, facts)
        }
        Kind::Audit => {
            let mut audit: Audit<'_> = parsed(properties)?;
            audit.identity.or(object.text("identity"));
            audit.address.or(object.text("callerIpAddress"));
            let stamped = stamped(audit.id.get(), audit.activity_date_time.get(), "activityDateTime")?;
            audits::read(&audit, stamped, facts)
        }
        Kind::Activity => {
            let activity: Activity<'_> = parsed(properties)?;
            let stamped = stamped(activity.request_id.get(), activity.time_generated.get(), "timeGenerated")?;
            activity::read(&activity, stamped, facts)
        }
        Kind::Aside(what) => {
            if let Ok(at) = when([None, written.as_deref()], "time") {
                Stamped { id: None, at, tenant: tenant.as_deref(), form: Form::Full }.write(what, facts);
            }
            Ok(Reading::SetAside(what))
        }
    }
}

fn api(object: &Object<'_>, kind: Kind, around: Option<String>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    if kind == Kind::Audit {
        let audit: Audit<'_> = parsed(object.text)?;
        let at = when([audit.activity_date_time.get(), None], "activityDateTime")?;
        let stamped = Stamped { id: audit.id.get(), at, tenant: around.as_deref(), form: Form::Full };
        return audits::read(&audit, stamped, facts);
    }
    let Kind::SignIn(way) = kind else { return Err(Refusal::Unreadable("the record")) };
    let sign_in: SignIn<'_> = parsed(object.text)?;
    let at = when([sign_in.created_date_time.get(), None], "createdDateTime")?;
    let tenant = around.or_else(|| sign_in.tenant());
    let stamped = Stamped { id: sign_in.id.get(), at, tenant: tenant.as_deref(), form: Form::Full };
    sign_ins::read(&sign_in, way, stamped, facts)
}

fn by_fields(
    fields: &Fields<'_>,
    shaped: Shaped,
    kind: Kind,
    around: Option<String>,
    facts: &mut FactWriter,
) -> Result<Reading, Refusal> {
    let form = if shaped == Shaped::Page || matches!(fields, Fields::Row(_)) { Form::Poor } else { Form::Full };
    let told = fields.get("AADTenantId").or_else(|| fields.get("tenantId").filter(|_| kind == Kind::Activity));
    let told =
        told.filter(|tenant| entra_names::is_guid(tenant)).map(|tenant| entra_names::lower(&tenant).into_owned());
    let told = told.or(around);
    let id = fields.first(&["Id", "Request ID", "RequestId"]);
    let written = fields.first(&["TimeGenerated", "Date (UTC)", "Date"]);
    let stamped = |own: Option<&str>, tenant, field| {
        let at = when([own, written.as_deref()], field)?;
        Ok(Stamped { id: id.as_deref(), at, tenant, form })
    };
    match (kind, shaped) {
        (Kind::SignIn(way), Shaped::Page) => {
            let sign_in = SignIn::of_page(fields);
            let tenant = told.or_else(|| sign_in.tenant());
            sign_ins::read(&sign_in, way, stamped(None, tenant.as_deref(), "Date (UTC)")?, facts)
        }
        (Kind::SignIn(way), _) => {
            let nested = Nested::of(fields);
            let sign_in = SignIn::of(fields, &nested);
            let tenant = told.or_else(|| sign_in.tenant());
            let stamped = stamped(sign_in.created_date_time.get(), tenant.as_deref(), "createdDateTime")?;
            sign_ins::read(&sign_in, way, stamped, facts)
        }
        (Kind::Audit, Shaped::Page) => {
            let audit = Audit::of_page(fields);
            // The table has no id: `Id` is no column of it.
            let stamped = stamped(None, told.as_deref(), "Date (UTC)")?;
            audits::read(&audit, stamped, facts)
        }
        (Kind::Audit, _) => {
            let nested = audits::Nested::of(fields);
            let audit = Audit::of(fields, &nested);
            let stamped = stamped(audit.activity_date_time.get(), told.as_deref(), "activityDateTime")?;
            audits::read(&audit, stamped, facts)
        }
        (Kind::Activity, _) => {
            let activity = Activity::of(fields);
            activity::read(&activity, stamped(None, told.as_deref(), "timeGenerated")?, facts)
        }
        (Kind::Aside(_), _) => Err(Refusal::Unreadable("the record")),
    }
}

fn parsed<'a, T: serde::Deserialize<'a>>(raw: &'a str) -> Result<T, Refusal> {
    if !raw.starts_with('{') {
        return Err(Refusal::Unreadable("properties"));
    }
    serde_json::from_str(raw).map_err(|_| Refusal::Unreadable("properties"))
}

/// The actor's outcome of an audit, in any form's words.
fn outcome(result: Option<&str>, reason: Option<&str>) -> Result<Outcome, Refusal> {
    let result = result.ok_or(Refusal::Missing("result"))?;
    let refused = |reason: &str| reason.contains("RequestDenied") || reason.contains("nsufficient privileges");
    Ok(match result {
        _ if result.eq_ignore_ascii_case("success") => Outcome::Succeeded,
        _ if reason.is_some_and(refused) => Outcome::Denied,
        _ => Outcome::Failed,
    })
}
