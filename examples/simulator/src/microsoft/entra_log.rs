//! Entra ID's logs in their diagnostic form: sign-ins of users, service principals and managed identities, and audits.

use super::TENANT;
use crate::clock;
use crate::dice::{ALNUM, Dice};
use crate::json::{List, Object, object};

/// The containers, in the order in which the tenant's logs are kept.
pub(crate) const USERS: usize = 0;
pub(crate) const NON_INTERACTIVE: usize = 1;
pub(crate) const PRINCIPALS: usize = 2;
pub(crate) const MANAGED: usize = 3;
pub(crate) const AUDITS: usize = 4;
pub(crate) const CONTAINERS: [&str; 5] = [
    "insights-logs-signinlogs",
    "insights-logs-noninteractiveusersigninlogs",
    "insights-logs-serviceprincipalsigninlogs",
    "insights-logs-managedidentitysigninlogs",
    "insights-logs-auditlogs",
];
const CATEGORIES: [&str; 5] = [
    "SignInLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs",
    "AuditLogs",
];

/// What a token is for, or what it was asked with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
}

pub(crate) const CLI: Known = Known { id: "04b07795-8ddb-461a-bbee-02f9e1bf7b46", name: "Microsoft Azure CLI" };
pub(crate) const PORTAL: Known = Known { id: "c44b4083-3bb0-49c1-b47d-974e53cbdf3c", name: "Azure Portal" };
pub(crate) const ARM: Known =
    Known { id: "797f4846-ba00-4fd7-ba43-dac1f8f63013", name: "Windows Azure Service Management API" };
pub(crate) const GRAPH: Known = Known { id: "00000003-0000-0000-c000-000000000000", name: "Microsoft Graph" };

/// Times as diagnostic settings print them: seven digits, `Z` or an offset.
pub(crate) fn ticks(at: i64, dice: &mut Dice) -> String {
    let text = clock::iso(at);
    format!("{}.{:07}", &text[..19], dice.below(10_000_000))
}

/// The id of a token, which is in everything that is done with it.
pub(crate) fn token(dice: &mut Dice) -> String {
    format!("{}AA", dice.word(20, ALNUM))
}

fn envelope(log: usize, at: i64, operation: &str, dice: &mut Dice, fill: Envelope<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(3072);
    let time = ticks(at, dice);
    object(&mut out, |o| {
        o.parts("time", &[&time, "Z"]).parts("resourceId", &["/tenants/", TENANT, "/providers/Microsoft.aadiam"]);
        o.text("operationName", operation).text("operationVersion", "1.0").text("category", CATEGORIES[log]);
        o.text("tenantId", TENANT);
        if log != AUDITS {
            o.text("resultType", fill.result).text("resultSignature", "None");
        }
        o.number("durationMs", 0);
        if let Some(ip) = fill.ip {
            o.text("callerIpAddress", ip);
        }
        o.text("correlationId", fill.correlation).text("identity", fill.identity).number("Level", 4);
        if log != AUDITS {
            o.text("location", "SE");
        }
        o.object("properties", |o| (fill.properties)(o, &time));
    });
    out
}

struct Envelope<'a> {
    ip: Option<&'a str>,
    correlation: &'a str,
    identity: &'a str,
    result: &'a str,
    properties: &'a dyn Fn(&mut Object<'_>, &str),
}

/// A user who signs in, or whose client gets another token.
pub(crate) struct UserSignIn<'a> {
    pub(crate) user: &'a str,
    pub(crate) upn: &'a str,
    pub(crate) name: &'a str,
    pub(crate) ip: &'a str,
    pub(crate) app: (&'a str, &'a str),
    pub(crate) resource: Known,
    pub(crate) token: &'a str,
    pub(crate) device: Option<&'a str>,
    pub(crate) interactive: bool,
    pub(crate) failed: bool,
}

pub(crate) fn user_sign_in(it: &UserSignIn<'_>, at: i64, dice: &mut Dice) -> (usize, Vec<u8>) {
    let log = if it.interactive { USERS } else { NON_INTERACTIVE };
    let correlation = dice.uuid().to_string();
    // All tokens of a day's session share its id.
    let (id, session) = (dice.uuid(), crate::dice::derived(it.user, 100 + (at / clock::DAY) as u64).uuid());
    let result = if it.failed { "50126" } else { "0" };
    let properties = |o: &mut Object<'_>, time: &str| {
        o.uuid("id", id).parts("createdDateTime", &[time, "+00:00"]).text("userDisplayName", it.name);
        o.text("userPrincipalName", it.upn).text("userId", it.user);
        o.text("appId", it.app.0).text("appDisplayName", it.app.1).text("ipAddress", it.ip);
        status(o, it.failed);
        o.text("clientAppUsed", if it.interactive { "Browser" } else { "Mobile Apps and Desktop clients" });
        o.text("userAgent", if it.interactive { crate::cloudtrail::BROWSER } else { "azsdk-python-identity/1.19.0" });
        device(o, it.device);
        location(o);
        o.list("mfaDetail", |_| {}).text("correlationId", &correlation).text("conditionalAccessStatus", "success");
        policies(o);
        o.text("originalRequestId", &id.to_string()).flag("isInteractive", it.interactive);
        o.text("tokenIssuerName", "").text("tokenIssuerType", "AzureAD");
        authentication(o, time, it.interactive);
        o.number("processingTimeInMilliseconds", 187);
        risk(o);
        o.text("resourceDisplayName", it.resource.name).text("resourceId", it.resource.id);
        o.text("resourceTenantId", TENANT).text("homeTenantId", TENANT).text("crossTenantAccessType", "none");
        o.list("networkLocationDetails", |_| {}).text("userType", "Member").flag("flaggedForReview", false);
        o.number("autonomousSystemNumber", 64_500).text("clientCredentialType", "none");
        o.text("authenticationRequirement", "multiFactorAuthentication").text("incomingTokenType", "none");
        o.text("uniqueTokenIdentifier", it.token).uuid("sessionId", session);
        o.object("agent", |o| {
            o.text("agentType", "notAgentic").text("parentAppId", "");
        });
    };
    let fill =
        Envelope { ip: Some(it.ip), correlation: &correlation, identity: it.name, result, properties: &properties };
    (log, envelope(log, at, "Sign-in activity", dice, fill))
}

fn status(o: &mut Object<'_>, failed: bool) {
    o.object("status", |o| {
        if failed {
            let reason = "Error validating credentials due to invalid username or password.";
            o.number("errorCode", 50_126).text("failureReason", reason);
        } else {
            o.number("errorCode", 0).text("failureReason", "Other.");
        }
        o.null("additionalDetails");
    });
}

fn device(o: &mut Object<'_>, device: Option<&str>) {
    o.object("deviceDetail", |o| match device {
        Some(name) => {
            let id = crate::dice::derived(name, 77).uuid();
            o.uuid("deviceId", id).text("displayName", name).text("operatingSystem", "MacOs").text("browser", "Chrome");
            o.flag("isCompliant", true).flag("isManaged", true).text("trustType", "Azure AD joined");
        }
        None => {
            o.text("deviceId", "").text("operatingSystem", "").text("browser", "");
        }
    });
}

fn location(o: &mut Object<'_>) {
    o.object("location", |o| {
        o.text("city", "Stockholm").text("state", "Stockholms Lan").text("countryOrRegion", "SE");
        o.object("geoCoordinates", |_| {});
    });
}

/// Every policy is named in every sign-in, whether it applied or not.
fn policies(o: &mut Object<'_>) {
    const POLICIES: [(&str, &str, &str); 3] = [
        ("6c1f0a3e-0000-4000-8000-000000000001", "Require MFA for all users", "success"),
        ("6c1f0a3e-0000-4000-8000-000000000002", "Block legacy authentication", "notApplied"),
        ("6c1f0a3e-0000-4000-8000-000000000003", "Require compliant device for admin portals", "notApplied"),
    ];
    o.list("appliedConditionalAccessPolicies", |list| {
        for (id, name, result) in POLICIES {
            list.object(|o| {
                o.text("id", id).text("displayName", name);
                o.texts("enforcedGrantControls", if result == "success" { &["Mfa"] } else { &[] });
                o.texts("enforcedSessionControls", &[]).text("result", result);
                o.number("conditionsSatisfied", 23).number("conditionsNotSatisfied", 0);
            });
        }
    });
}

fn authentication(o: &mut Object<'_>, time: &str, interactive: bool) {
    o.list("authenticationDetails", |list| {
        let method = if interactive { "Passkey (device-bound)" } else { "Previously satisfied" };
        list.object(|o| {
            o.parts("authenticationStepDateTime", &[time, "+00:00"]).text("authenticationMethod", method);
            o.text("authenticationMethodDetail", "").flag("succeeded", true);
            o.text("authenticationStepResultDetail", "MFA requirement satisfied by claim in the token");
            o.text("authenticationStepRequirement", "Primary authentication");
        });
    });
    o.list("authenticationProcessingDetails", |list| {
        for (key, value) in [("Is CAE Token", "False"), ("Oauth Scope Info", "[\"user_impersonation\"]")] {
            list.object(|o| {
                o.text("key", key).text("value", value);
            });
        }
    });
}

fn risk(o: &mut Object<'_>) {
    o.text("riskDetail", "none").text("riskLevelAggregated", "none").text("riskLevelDuringSignIn", "none");
    o.text("riskState", "none").texts("riskEventTypes", &[]).texts("riskEventTypes_v2", &[]);
}

/// What a service principal signs in with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Proof<'a> {
    Secret(&'a str),
    Federated(&'a str),
    /// The platform's own, of the resource with this id.
    Managed(&'a str),
    /// An agent identity, by its blueprint.
    Agent(&'a str),
}

/// A service principal that gets a token.
pub(crate) struct PrincipalSignIn<'a> {
    pub(crate) object: &'a str,
    pub(crate) app: &'a str,
    pub(crate) name: &'a str,
    pub(crate) ip: &'a str,
    pub(crate) resource: Known,
    pub(crate) token: &'a str,
    pub(crate) proof: Proof<'a>,
}

pub(crate) fn principal_sign_in(it: &PrincipalSignIn<'_>, at: i64, dice: &mut Dice) -> (usize, Vec<u8>) {
    let managed = matches!(it.proof, Proof::Managed(_));
    let log = if managed { MANAGED } else { PRINCIPALS };
    let (id, correlation) = (dice.uuid(), dice.uuid().to_string());
    let properties = |o: &mut Object<'_>, time: &str| {
        o.uuid("id", id).parts("createdDateTime", &[time, "+00:00"]).text("appId", it.app);
        o.text("servicePrincipalId", it.object).text("servicePrincipalName", it.name);
        o.text("ipAddress", if managed { "" } else { it.ip });
        status(o, false);
        o.text("correlationId", &correlation).text("conditionalAccessStatus", "notApplied");
        o.flag("isInteractive", false).text("tokenIssuerType", "AzureAD").number("processingTimeInMilliseconds", 61);
        risk(o);
        location(o);
        o.text("resourceDisplayName", it.resource.name).text("resourceId", it.resource.id);
        o.uuid("resourceServicePrincipalId", crate::dice::derived(it.resource.id, 3).uuid());
        o.text("resourceTenantId", TENANT).text("homeTenantId", TENANT).text("crossTenantAccessType", "none");
        o.text("incomingTokenType", "none").text("authenticationProtocol", "none").flag("flaggedForReview", false);
        o.list("authenticationProcessingDetails", |list| {
            list.object(|o| {
                o.text("key", "Azure AD App Authentication Library");
                o.text("value", "Family: MSAL Library: MSAL.Python 1.31.0 Platform: Python");
            });
        });
        proof(o, it.proof);
        o.text("uniqueTokenIdentifier", it.token).number("autonomousSystemNumber", 64_501);
    };
    let fill = Envelope {
        ip: (!managed).then_some(it.ip),
        correlation: &correlation,
        identity: "",
        result: "0",
        properties: &properties,
    };
    (log, envelope(log, at, "Sign-in activity", dice, fill))
}

fn proof(o: &mut Object<'_>, proof: Proof<'_>) {
    let agent_type = if matches!(proof, Proof::Agent(_)) { "agenticAppInstance" } else { "notAgentic" };
    let parent = match proof {
        Proof::Agent(blueprint) => blueprint,
        _ => "",
    };
    match proof {
        Proof::Secret(key) => {
            o.text("clientCredentialType", "clientSecret").text("servicePrincipalCredentialKeyId", key);
        }
        Proof::Federated(id) => {
            o.text("clientCredentialType", "federatedIdentityCredential").text("federatedCredentialId", id);
        }
        Proof::Managed(resource) => {
            o.text("clientCredentialType", "managedIdentity").object("managedServiceIdentity", |o| {
                o.text("msiType", "systemAssigned").text("associatedResourceId", resource);
                o.text("federatedTokenId", "").text("federatedTokenIssuer", "");
            });
        }
        Proof::Agent(_) => {
            o.text("clientCredentialType", "clientAssertion");
        }
    }
    o.object("agent", |o| {
        o.text("agentType", agent_type).text("parentAppId", parent);
    });
}

/// Who did what is audited.
pub(crate) enum By<'a> {
    /// Object id, user principal name, address.
    User(&'a str, &'a str, &'a str),
    /// Service principal and name.
    App(Option<&'a str>, &'a str),
}

/// A property that an audit shows, old and new as JSON in a string.
pub(crate) type Change<'a> = (&'a str, Option<String>, Option<String>);

/// Something that an audit is about.
pub(crate) struct Target<'a> {
    pub(crate) kind: &'a str,
    pub(crate) id: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) upn: Option<&'a str>,
    pub(crate) agent: Option<(&'a str, Option<&'a str>)>,
    pub(crate) changes: Vec<Change<'a>>,
}

impl<'a> Target<'a> {
    pub(crate) fn new(kind: &'a str, id: &'a str, name: &'a str) -> Self {
        Self { kind, id, name: Some(name), upn: None, agent: None, changes: Vec::new() }
    }

    pub(crate) fn user(id: &'a str, upn: &'a str) -> Self {
        Self { kind: "User", id, name: None, upn: Some(upn), agent: None, changes: Vec::new() }
    }

    pub(crate) fn change(mut self, name: &'a str, new: &str) -> Self {
        self.changes.push((name, None, Some(quote(new))));
        self
    }
}

/// A value as audits write it: a JSON string inside the string.
pub(crate) fn quote(text: &str) -> String {
    let mut out = Vec::new();
    crate::json::quoted(&mut out, text);
    String::from_utf8_lossy(&out).into_owned()
}

pub(crate) struct Audit<'a> {
    pub(crate) activity: &'a str,
    pub(crate) category: &'a str,
    pub(crate) by: By<'a>,
    pub(crate) targets: Vec<Target<'a>>,
    pub(crate) details: Vec<(&'a str, &'a str)>,
    /// Audits of one act share it.
    pub(crate) correlation: &'a str,
}

pub(crate) fn audit(it: &Audit<'_>, at: i64, dice: &mut Dice) -> (usize, Vec<u8>) {
    let number = dice.between(10_000_000, 99_999_999).to_string();
    let prefix = dice.word(5, crate::dice::UPPER);
    let properties = |o: &mut Object<'_>, time: &str| {
        o.parts("id", &["Directory_", it.correlation, "_", &prefix, "_", &number]).text("category", it.category);
        o.text("correlationId", it.correlation).text("result", "success").text("resultReason", "");
        o.text("activityDisplayName", it.activity).parts("activityDateTime", &[time, "+00:00"]);
        o.text("loggedByService", "Core Directory");
        o.text("operationType", it.activity.split(' ').next().unwrap_or_default());
        o.object("initiatedBy", |o| initiator(o, &it.by));
        o.list("targetResources", |list| it.targets.iter().for_each(|one| target(list, one)));
        o.list("additionalDetails", |list| {
            for (key, value) in &it.details {
                list.object(|o| {
                    o.text("key", key).text("value", value);
                });
            }
        });
    };
    let (ip, identity) = match it.by {
        By::User(_, upn, ip) => (Some(ip), upn),
        By::App(_, name) => (None, name),
    };
    let fill = Envelope { ip, correlation: it.correlation, identity, result: "", properties: &properties };
    (AUDITS, envelope(AUDITS, at, it.activity, dice, fill))
}

fn initiator(o: &mut Object<'_>, by: &By<'_>) {
    match by {
        By::User(id, upn, ip) => o.object("user", |o| {
            o.text("id", id).null("displayName").text("userPrincipalName", upn).text("ipAddress", ip);
            o.texts("roles", &[]).text("agentType", "notAgentic");
        }),
        By::App(principal, name) => o.object("app", |o| {
            o.null("appId").text("displayName", name);
            match principal {
                Some(principal) => o.text("servicePrincipalId", principal),
                None => o.null("servicePrincipalId"),
            };
            o.null("servicePrincipalName").text("agentType", "notAgentic");
        }),
    };
}

fn target(list: &mut List<'_>, it: &Target<'_>) {
    list.object(|o| {
        o.text("id", it.id);
        match it.name {
            Some(name) => o.text("displayName", name),
            None => o.null("displayName"),
        };
        o.text("type", it.kind);
        if let Some(upn) = it.upn {
            o.text("userPrincipalName", upn);
        }
        if let Some((kind, blueprint)) = it.agent {
            o.text("agentType", kind);
            if let Some(blueprint) = blueprint {
                o.text("blueprintId", blueprint);
            }
        }
        o.list("modifiedProperties", |list| {
            for (name, old, new) in &it.changes {
                list.object(|o| {
                    o.text("displayName", name);
                    let mut value = |key: &str, text: &Option<String>| match text {
                        Some(text) => {
                            o.text(key, text);
                        }
                        None => {
                            o.null(key);
                        }
                    };
                    value("oldValue", old);
                    value("newValue", new);
                });
            }
        });
        o.list("administrativeUnits", |_| {});
    });
}
