//! Which form and kind a record is of, by its keys.

use super::sign_in::Way;
use crate::bundle::record::{Body, Object, Row};
use crate::source::entra_fields::Fields;

/// The kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    SignIn(Way),
    Audit,
    Activity,
    /// Known to tell nothing about ownership, under this name.
    Aside(&'static str),
}

/// Categories of diagnostic settings, and what their records are.
const CATEGORIES: &[(&str, Kind)] = &[
    ("AuditLogs", Kind::Audit),
    ("SignInLogs", Kind::SignIn(Way::Interactive)),
    ("NonInteractiveUserSignInLogs", Kind::SignIn(Way::NonInteractive)),
    ("ServicePrincipalSignInLogs", Kind::SignIn(Way::Principal)),
    ("MicrosoftServicePrincipalSignInLogs", Kind::SignIn(Way::Principal)),
    ("ManagedIdentitySignInLogs", Kind::SignIn(Way::ManagedIdentity)),
    ("MicrosoftGraphActivityLogs", Kind::Activity),
    ("ADFSSignInLogs", Kind::Aside("ADFSSignInLogs")),
    ("ProvisioningLogs", Kind::Aside("ProvisioningLogs")),
    ("RiskyUsers", Kind::Aside("RiskyUsers")),
    ("UserRiskEvents", Kind::Aside("UserRiskEvents")),
    ("RiskyServicePrincipals", Kind::Aside("RiskyServicePrincipals")),
    ("ServicePrincipalRiskEvents", Kind::Aside("ServicePrincipalRiskEvents")),
    ("NetworkAccessTrafficLogs", Kind::Aside("NetworkAccessTrafficLogs")),
    ("NetworkAccessAlerts", Kind::Aside("NetworkAccessAlerts")),
    ("RemoteNetworkHealthLogs", Kind::Aside("RemoteNetworkHealthLogs")),
    ("EnrichedOffice365AuditLogs", Kind::Aside("EnrichedOffice365AuditLogs")),
    ("B2CRequestLogs", Kind::Aside("B2CRequestLogs")),
];

/// Tables of Log Analytics, and what their rows are.
const TABLES: &[(&str, Kind)] = &[
    ("AuditLogs", Kind::Audit),
    ("SigninLogs", Kind::SignIn(Way::Interactive)),
    ("AADNonInteractiveUserSignInLogs", Kind::SignIn(Way::NonInteractive)),
    ("AADServicePrincipalSignInLogs", Kind::SignIn(Way::Principal)),
    ("AADManagedIdentitySignInLogs", Kind::SignIn(Way::ManagedIdentity)),
    ("MicrosoftGraphActivityLogs", Kind::Activity),
];

/// The export forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shaped {
    /// Diagnostic settings: an envelope with the API's own object in `properties`.
    Diagnostic,
    /// The API's own object.
    Api,
    /// Its fields under other capital letters or in a table, nested values mostly as JSON in a string.
    Fields,
    /// The web page's table.
    Page,
}

/// The form and kind of a record; `None` for what is not ours.
pub(super) fn recognise(body: &Body<'_>) -> Option<(Shaped, Kind)> {
    match body {
        Body::Json(object) => recognise_object(object),
        Body::Row(row) => recognise_row(row),
        Body::Line(_) | Body::Doc(_) => None,
    }
}

fn recognise_object(object: &Object<'_>) -> Option<(Shaped, Kind)> {
    let all = |keys: &[&str]| keys.iter().all(|key| object.has(key));
    let any = |keys: &[&str]| keys.iter().any(|key| object.has(key));
    if all(&["category", "properties"]) {
        let category = object.text("category")?;
        if let Some((_, kind)) = CATEGORIES.iter().find(|(name, _)| *name == category) {
            return is_directory(object, *kind).then_some((Shaped::Diagnostic, *kind));
        }
    }
    if all(&["createdDateTime", "appId", "status"]) && any(&["userId", "servicePrincipalId", "userPrincipalName"]) {
        return Some((Shaped::Api, Kind::SignIn(way_of_api(object))));
    }
    if all(&["activityDateTime", "activityDisplayName"]) && any(&["initiatedBy", "targetResources"]) {
        return Some((Shaped::Api, Kind::Audit));
    }
    let fields = Fields::of(&Body::Json(*object))?;
    let table = object.text("Type");
    recognise_fields(&fields, table.as_deref()).map(|kind| (Shaped::Fields, kind))
}

/// The kind of a record of PowerShell or Log Analytics, by what it holds: a query over several tables gives every row
/// the columns of all.
fn recognise_fields(fields: &Fields<'_>, table: Option<&str>) -> Option<Kind> {
    let all = |names: &[&str]| names.iter().all(|name| fields.get(name).is_some());
    let any = |names: &[&str]| names.iter().any(|name| fields.get(name).is_some() || fields.nested(name).is_some());
    match () {
        () if all(&["ActivityDisplayName"]) && any(&["InitiatedBy", "TargetResources"]) => Some(Kind::Audit),
        () if all(&["RequestMethod", "RequestUri"]) && any(&["SignInActivityId", "ServicePrincipalId", "UserId"]) => {
            Some(Kind::Activity)
        }
        () if any(&["CreatedDateTime", "TimeGenerated"])
            && any(&["UserPrincipalName", "UserId", "ServicePrincipalId"])
            && any(&["ResultType", "Status"])
            && all(&["AppId"])
            && fields.has("ResourceDisplayName") =>
        {
            Some(Kind::SignIn(way_of_fields(fields, table)))
        }
        () => None,
    }
}

fn recognise_row(row: &Row<'_>) -> Option<(Shaped, Kind)> {
    let all = |columns: &[&str]| columns.iter().all(|column| row.has(column));
    let dated = row.has("Date (UTC)") || row.has("Date");
    match () {
        () if all(&["Target1ObjectId", "Activity", "Result"]) && dated => return Some((Shaped::Page, Kind::Audit)),
        () if all(&["Request ID", "Application ID", "Sign-in error code"]) && dated => {
            let principal = row.has("Service principal ID") && !row.has("User ID");
            return Some((Shaped::Page, Kind::SignIn(if principal { Way::Principal } else { Way::Unknown })));
        }
        () => {}
    }
    let kind = recognise_fields(&Fields::Row(*row), row.get("Type"))?;
    Some((Shaped::Fields, kind))
}

/// Other services have a category of the same name; ours says so, or holds an audit.
fn is_directory(object: &Object<'_>, kind: Kind) -> bool {
    // Some exports write the whole path in capital letters.
    let ours = |raw: &str| raw.contains("Microsoft.aadiam") || raw.to_ascii_lowercase().contains("microsoft.aadiam");
    object.raw("resourceId").is_some_and(ours)
        || kind != Kind::Audit
        || object.raw("properties").is_some_and(|raw| raw.contains("\"activityDisplayName\""))
}

fn way_of_api(object: &Object<'_>) -> Way {
    let types = object.raw("signInEventTypes").unwrap_or_default();
    match () {
        () if types.contains("\"managedIdentity\"") => Way::ManagedIdentity,
        () if types.contains("\"servicePrincipal\"") => Way::Principal,
        () if types.contains("\"nonInteractiveUser\"") => Way::NonInteractive,
        () if object.text("userId").is_none() && object.text("servicePrincipalId").is_some() => Way::Principal,
        () if object.flag("isInteractive") == Some(false) => Way::NonInteractive,
        () => Way::Interactive,
    }
}

fn way_of_fields(fields: &Fields<'_>, table: Option<&str>) -> Way {
    let category = fields.get("Category");
    let of = |known: &[(&str, Kind)], name: &str| {
        let (_, kind) = known.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        if let Kind::SignIn(way) = kind { Some(*way) } else { None }
    };
    let named = table.and_then(|table| of(TABLES, table)).or_else(|| of(CATEGORIES, category.as_deref()?));
    let types = fields.nested("SignInEventTypes").unwrap_or_default();
    match named {
        Some(way) => way,
        None if types.contains("managedIdentity") => Way::ManagedIdentity,
        None if types.contains("nonInteractiveUser") => Way::NonInteractive,
        None if fields.get("UserId").is_none() && fields.get("ServicePrincipalId").is_some() => Way::Principal,
        None => match fields.get("IsInteractive").map(|flag| flag.eq_ignore_ascii_case("true")) {
            Some(true) => Way::Interactive,
            Some(false) => Way::NonInteractive,
            None => Way::Unknown,
        },
    }
}
