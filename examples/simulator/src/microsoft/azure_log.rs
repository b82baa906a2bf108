//! Azure's Activity Log and the resource logs of Foundry accounts, in their diagnostic form.

use super::TENANT;
use super::entra_log::ticks;
use crate::dice::{Dice, HEX};
use crate::json::{Object, object};

/// Who holds the token of a call.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) object: String,
    /// User principal name, given name, family name; an app has none.
    pub(crate) user: Option<(String, String, String)>,
    pub(crate) app: String,
    pub(crate) token: String,
    pub(crate) ip: String,
    /// The resource whose managed identity it is.
    pub(crate) resource: Option<String>,
    pub(crate) role: &'static str,
}

/// One call of the control plane.
#[derive(Clone, Debug)]
pub(crate) struct Operation<'a> {
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    /// `Created`, `OK`, `Accepted`, `Forbidden` …
    pub(crate) code: &'a str,
    pub(crate) request: Option<String>,
}

/// The records of a call: that it began, and how it ended.
pub(crate) fn operation(caller: &Caller, it: &Operation<'_>, at: i64, dice: &mut Dice) -> [(i64, Vec<u8>); 2] {
    let correlation = dice.uuid().to_string();
    let ended = at + dice.between(0, 4);
    let failed = it.code == "Forbidden";
    let begun = record(caller, it, at, ("Start", "Started."), &correlation, dice);
    let end = if failed { ("Failure", "Failed.Forbidden") } else { ("Success", "") };
    let signature = if failed { end.1.to_owned() } else { format!("Succeeded.{}", it.code) };
    let end = record(caller, it, ended, (end.0, &signature), &correlation, dice);
    [(at, begun), (ended, end)]
}

fn record(
    caller: &Caller,
    it: &Operation<'_>,
    at: i64,
    result: (&str, &str),
    correlation: &str,
    dice: &mut Dice,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(3072);
    let time = ticks(at, dice);
    let level = if result.0 == "Failure" { "Error" } else { "Information" };
    object(&mut out, |o| {
        o.parts("time", &[&time, "Z"]).text("resourceId", &it.resource.to_uppercase());
        o.text("operationName", &it.action.to_uppercase()).text("category", "Administrative");
        o.text("resultType", result.0).text("resultSignature", result.1);
        o.text("durationMs", &dice.between(0, 900).to_string()).text("callerIpAddress", &caller.ip);
        o.text("correlationId", correlation);
        o.object("identity", |o| identity(o, caller, it, at, dice));
        o.text("level", level).object("properties", |o| {
            o.text("statusCode", if result.0 == "Start" { "" } else { it.code }).null("serviceRequestId");
            if let Some(request) = &it.request {
                o.text("requestbody", request);
            }
            o.text("eventCategory", "Administrative").text("entity", it.resource);
            o.text("message", it.action).text("hierarchy", TENANT);
        });
        o.parts("tenantId", &[TENANT]).text("releaseVersion", "6.2026.30.3+7f1c2d3e.release_2026w30");
    });
    out
}

fn identity(o: &mut Object<'_>, caller: &Caller, it: &Operation<'_>, at: i64, dice: &mut Dice) {
    const CLAIMS: &str = "http://schemas.microsoft.com/identity/claims/";
    let key = |name: &str| format!("{CLAIMS}{name}");
    o.object("authorization", |o| {
        o.text("scope", it.resource).text("action", it.action).object("evidence", |o| {
            o.text("role", caller.role).parts("roleAssignmentScope", &["/subscriptions/", subscription(it.resource)]);
            o.text("roleAssignmentId", &dice.word(32, HEX))
                .text("roleDefinitionId", "b24988ac618042a0ab8820f7382dd24c");
            o.text("principalId", &caller.object.replace('-', ""));
            o.text("principalType", if caller.user.is_some() { "User" } else { "ServicePrincipal" });
        });
    });
    o.object("claims", |o| {
        o.text("aud", "https://management.core.windows.net/").parts("iss", &["https://sts.windows.net/", TENANT, "/"]);
        let number = |at: i64| at.to_string();
        o.text("iat", &number(at - 300)).text("nbf", &number(at - 300)).text("exp", &number(at + 3900));
        if let Some((upn, given, family)) = &caller.user {
            o.text("http://schemas.microsoft.com/claims/authnclassreference", "1");
            o.text("aio", &dice.word(60, crate::dice::ALNUM));
            o.text("http://schemas.microsoft.com/claims/authnmethodsreferences", "pwd,mfa");
            o.text("appid", &caller.app).text("appidacr", "0");
            o.text("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", family);
            o.text("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", given).text("idtyp", "user");
            o.text("ipaddr", &caller.ip).parts("name", &[given, " ", family]);
            o.text(&key("objectidentifier"), &caller.object).text("puid", "10032001EXAMPLE0");
            o.text(&key("scope"), "user_impersonation");
            o.text("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier", &dice.word(43, HEX));
            o.text(&key("tenantid"), TENANT);
            o.text("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", upn);
            o.text("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn", upn);
        } else {
            o.text("aio", &dice.word(44, crate::dice::ALNUM)).text("appid", &caller.app);
            o.text("appidacr", if caller.resource.is_some() { "2" } else { "1" });
            o.parts(
                "http://schemas.microsoft.com/identity/claims/identityprovider",
                &["https://sts.windows.net/", TENANT, "/"],
            );
            o.text("idtyp", "app").text(&key("objectidentifier"), &caller.object);
            o.text("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier", &caller.object);
            o.text(&key("tenantid"), TENANT);
            if let Some(resource) = &caller.resource {
                o.text("xms_mirid", resource);
            }
        }
        o.text("uti", &caller.token).text("ver", "1.0").text("xms_tcdt", "1511277766");
    });
}

fn subscription(resource: &str) -> &str {
    resource.split('/').nth(2).unwrap_or_default()
}

/// Somebody calls a model or an agent of a Foundry account. The address is masked.
pub(crate) fn request(account: &str, by: &str, ip: &str, at: i64, dice: &mut Dice) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    let time = ticks(at, dice);
    let masked = ip.rsplit_once('.').map_or_else(|| "198.51.100.***".to_owned(), |(net, _)| format!("{net}.***"));
    let name = *dice.pick(&["ChatCompletions_Create", "Create_Response", "Create_Run", "Embeddings_Create"]);
    object(&mut out, |o| {
        o.text("Tenant", "swedencentral").text("callerIpAddress", &masked).text("category", "RequestResponse");
        o.uuid("correlationId", dice.uuid()).number("durationMs", dice.between(40, 9000));
        o.text("event", "ShoeboxCallResult").text("location", "swedencentral").text("operationName", name);
        o.object("properties", |o| {
            o.text("apiName", "Azure AI Foundry API").number("requestTime", ticks_since(at));
            o.number("requestLength", dice.between(200, 9000)).number("responseTime", ticks_since(at + 2));
            o.number("responseLength", dice.between(200, 9000)).text("objectId", by);
            o.text("streamType", "Streaming").text("modelDeploymentName", "gpt-5-mini").text("modelName", "gpt-5-mini");
            o.text("modelVersion", "2026-03-01");
        });
        o.text("resourceId", &account.to_uppercase()).text("resultSignature", "200").parts("time", &[&time, "Z"]);
    });
    out
}

/// .NET ticks: tenths of microseconds since the year one.
fn ticks_since(at: i64) -> i64 {
    (at + 62_135_596_800) * 10_000_000
}
