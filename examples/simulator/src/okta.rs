//! Okta: System Log events, and the exports of users.

use std::io::Write;
use std::path::Path;

use anyhow::Result;

use crate::clock::{self, DAY, END};
use crate::cloudtrail::BROWSER;
use crate::dice::{ALNUM, Dice, HEX};
use crate::json::{List, Object, body, object};
use crate::people::{Account, Kind, People, Person};

/// An application that people sign in to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct App {
    id: &'static str,
    label: &'static str,
    pub(crate) issuer: &'static str,
    name: &'static str,
}

pub(crate) const IDENTITY_CENTER: App = App {
    id: "0oaEXAMPLEawsidc0001",
    label: "AWS IAM Identity Center",
    issuer: "exkEXAMPLEawsidc0001",
    name: "amazon_aws_sso",
};
pub(crate) const FEDERATION: App = App {
    id: "0oaEXAMPLEawsfed0002",
    label: "AWS Account Federation",
    issuer: "exkEXAMPLEawsfed0002",
    name: "amazon_aws",
};
pub(crate) const CONSOLE: App =
    App { id: "0oaEXAMPLEawscon0003", label: "AWS Console", issuer: "exkEXAMPLEawscon0003", name: "amazon_aws" };

pub(crate) const VAULT: App =
    App { id: "0oaEXAMPLEvault00004", label: "HashiCorp Vault", issuer: "exkEXAMPLEvault00004", name: "oidc_client" };

/// The fields that say who did it, from where.
struct Actor<'a> {
    id: &'a str,
    login: &'a str,
    name: String,
    ip: &'a str,
    session: String,
    /// A machine's token instead of a browser.
    token: Option<&'static str>,
}

fn person_actor<'a>(person: &'a Person, account: &'a Account, dice: &mut Dice) -> Actor<'a> {
    Actor {
        id: &account.okta,
        login: &account.login,
        name: person.display(),
        ip: &person.ip,
        session: format!("idxEXAMPLE{}", dice.word(14, ALNUM)),
        token: None,
    }
}

fn connector() -> Actor<'static> {
    Actor {
        id: "00uEXAMPLEhrissync01",
        login: "hris-sync@example.com",
        name: "HRIS Sync".to_owned(),
        ip: "192.0.2.30",
        session: "trsEXAMPLEhrissync0001".to_owned(),
        token: Some("00TEXAMPLEhrissync01"),
    }
}

/// What happened.
struct Happened<'a> {
    kind: &'static str,
    legacy: &'static str,
    message: &'static str,
    at: i64,
    debug: Vec<(&'static str, String)>,
    targets: &'a dyn Fn(&mut List<'_>),
}

fn event(actor: &Actor<'_>, happened: &Happened<'_>, dice: &mut Dice) -> Vec<u8> {
    let mut out = Vec::with_capacity(2048);
    object(&mut out, |o| {
        o.object("actor", |o| {
            o.text("id", actor.id).text("type", "User").text("alternateId", actor.login);
            o.text("displayName", &actor.name).null("detailEntry");
        });
        client(o, actor);
        o.text("displayMessage", happened.message).text("eventType", happened.kind);
        o.object("outcome", |o| {
            o.text("result", "SUCCESS").null("reason");
        });
        o.text("published", &clock::iso_millis(happened.at, dice.below(1000)));
        o.object("securityContext", |o| {
            o.number("asNumber", 64_500).text("asOrg", "Example Network").text("isp", "Example Network");
            o.text("domain", "example.net").flag("isProxy", false);
        });
        o.text("severity", "INFO");
        o.object("debugContext", |o| {
            o.object("debugData", |o| {
                o.text("requestId", &dice.word(32, HEX));
                happened.debug.iter().for_each(|(key, value)| {
                    o.text(key, value);
                });
            });
        });
        o.text("legacyEventType", happened.legacy);
        ending(o, actor, happened, dice);
    });
    out
}

fn client(o: &mut Object<'_>, actor: &Actor<'_>) {
    o.object("client", |o| {
        if actor.token.is_some() {
            o.null("userAgent").text("zone", "null").text("device", "Unknown");
        } else {
            o.object("userAgent", |o| {
                o.text("rawUserAgent", BROWSER).text("os", "Mac OS X").text("browser", "CHROME");
            });
            o.text("zone", "null").text("device", "Computer");
        }
        o.null("id").text("ipAddress", actor.ip).null("geographicalContext");
    });
    o.null("device");
    o.object("authenticationContext", |o| {
        o.null("authenticationProvider").null("credentialProvider").null("credentialType").null("issuer");
        o.null("interface").number("authenticationStep", 0);
        o.text("rootSessionId", &actor.session).text("externalSessionId", &actor.session);
    });
}

fn ending(o: &mut Object<'_>, actor: &Actor<'_>, happened: &Happened<'_>, dice: &mut Dice) {
    o.object("transaction", |o| {
        o.text("type", if actor.token.is_some() { "JOB" } else { "WEB" }).text("id", &dice.word(32, HEX));
        o.object("detail", |o| {
            if let Some(token) = actor.token {
                o.text("requestApiTokenId", token);
            }
        });
    });
    o.uuid("uuid", dice.uuid()).text("version", "0");
    o.object("request", |o| {
        o.list("ipChain", |list| {
            list.object(|o| {
                o.text("ip", actor.ip).null("geographicalContext").text("version", "V4").null("source");
            });
        });
    });
    o.list("target", happened.targets);
}

fn user_target(list: &mut List<'_>, person: &Person, account: &Account, change: Option<&[u8]>) {
    list.object(|o| {
        o.text("id", &account.okta).text("type", "User").text("alternateId", &account.login);
        o.text("displayName", &person.display()).null("detailEntry");
        if let Some(change) = change {
            o.raw("changeDetails", change);
        }
    });
}

/// Somebody signs in to an application.
pub(crate) fn sign_on(person: &Person, app: App, app_user: &str, at: i64, dice: &mut Dice) -> Vec<u8> {
    let account = person.account(at);
    let actor = person_actor(person, account, dice);
    let signed = app.name == VAULT.name;
    let path =
        if signed { "/oauth2/v1/authorize".to_owned() } else { format!("/app/{}/{}/sso/saml", app.name, app.issuer) };
    let app_user_id = format!("0uaEXAMPLE{}", &account.okta[10..]);
    let happened = Happened {
        kind: "user.authentication.sso",
        legacy: "app.auth.sso",
        message: "User single sign on to app",
        at,
        debug: vec![
            ("signOnMode", if signed { "OpenID Connect" } else { "SAML 2.0" }.to_owned()),
            ("initiationType", "SP_INITIATED".to_owned()),
            ("issuer", format!("http://www.okta.com/{}", app.issuer)),
            ("subject", app_user.to_owned()),
            ("url", format!("{path}?")),
            ("requestUri", path),
        ],
        targets: &|list| {
            list.object(|o| {
                o.text("id", app.id).text("type", "AppInstance").text("alternateId", app.label);
                o.text("displayName", app.label).object("detailEntry", |o| {
                    o.text("signOnModeType", if signed { "OPENID_CONNECT" } else { "SAML_2_0" });
                });
            });
            list.object(|o| {
                o.text("id", &app_user_id).text("type", "AppUser").text("alternateId", app_user);
                o.text("displayName", &person.display()).null("detailEntry");
            });
        },
    };
    event(&actor, &happened, dice)
}

pub(crate) fn session_start(person: &Person, at: i64, dice: &mut Dice) -> Vec<u8> {
    let account = person.account(at);
    let actor = person_actor(person, account, dice);
    let happened = Happened {
        kind: "user.session.start",
        legacy: "core.user_auth.login_success",
        message: "User login to Okta",
        at,
        debug: vec![("requestUri", "/idp/idx/identify".to_owned()), ("url", "/idp/idx/identify?".to_owned())],
        targets: &|list| user_target(list, person, account, None),
    };
    event(&actor, &happened, dice)
}

/// A change in the life of an account, made by the connector of the personnel system.
fn lifecycle(person: &Person, account: &Account, at: i64, verb: &'static str, dice: &mut Dice) -> Vec<u8> {
    let (kind, legacy, message) = match verb {
        "create" => ("user.lifecycle.create", "core.user.config.user_creation", "Create Okta user"),
        "activate" => ("user.lifecycle.activate", "core.user.config.user_activated", "Activate Okta user"),
        "suspend" => ("user.lifecycle.suspend", "core.user.config.user_status.suspended", "Suspend Okta user"),
        "unsuspend" => ("user.lifecycle.unsuspend", "core.user.config.user_status.unsuspended", "Unsuspend Okta user"),
        _ => ("user.lifecycle.deactivate", "core.user.config.user_deactivated", "Deactivate Okta user"),
    };
    let path = format!("/api/v1/users/{}/lifecycle/{verb}", account.okta);
    let happened = Happened {
        kind,
        legacy,
        message,
        at,
        debug: vec![("url", format!("{path}?")), ("requestUri", path)],
        targets: &|list| user_target(list, person, account, None),
    };
    event(&connector(), &happened, dice)
}

fn moved(people: &People, person: &Person, at: i64, to: usize, dice: &mut Dice) -> Vec<u8> {
    let account = person.account(at);
    let teams = (&people.teams[person.team], &people.teams[to]);
    let side = |o: &mut Object<'_>, key: &str, team: &crate::people::Team| {
        let manager = &people.all[team.manager];
        o.object(key, |o| {
            o.text("department", &team.name).text("manager", &manager.display()).text("managerId", &manager.number);
        });
    };
    let change = body(|o| {
        side(o, "from", teams.0);
        side(o, "to", teams.1);
    });
    let path = format!("/api/v1/users/{}", account.okta);
    let happened = Happened {
        kind: "user.account.update_profile",
        legacy: "core.user.config.profile_updated",
        message: "Update user profile for Okta",
        at,
        debug: vec![
            ("changedAttributes", "department,manager,managerId".to_owned()),
            ("url", format!("{path}?")),
            ("requestUri", path),
        ],
        targets: &|list| user_target(list, person, account, change.as_deref()),
    };
    event(&connector(), &happened, dice)
}

/// Every change in every life, as log lines with their times.
pub(crate) fn lives(people: &People, seed: u64) -> Vec<(i64, Vec<u8>)> {
    let mut lines = Vec::new();
    for (index, person) in people.all.iter().enumerate() {
        let mut dice = Dice::new(seed, &[7, index as u64]);
        for account in &person.accounts {
            let mut tell = |at: i64, verb| lines.push((at, lifecycle(person, account, at, verb, &mut dice)));
            tell(account.from, "create");
            tell(account.from + 4, "activate");
            if let Some(at) = account.closed() {
                tell(at, "deactivate");
            }
            if let Some((from, to)) = person.away {
                tell(from, "suspend");
                if let Some(at) = to {
                    tell(at, "unsuspend");
                }
            }
        }
        if let Some((at, to)) = person.moved {
            lines.push((at, moved(people, person, at, to, &mut dice)));
        }
    }
    lines
}

/// `users.json` without the deprovisioned, as the API lists them, and `users-deprovisioned.json`.
pub(crate) fn write_users(folder: &Path, people: &People) -> Result<()> {
    let accounts = || people.all.iter().flat_map(|person| person.accounts.iter().map(move |account| (person, account)));
    write_list(&folder.join("users.json"), people, accounts().filter(|(_, account)| account.closed().is_none()))?;
    write_list(
        &folder.join("users-deprovisioned.json"),
        people,
        accounts().filter(|(_, account)| account.closed().is_some()),
    )
}

fn write_list<'a>(
    path: &Path,
    people: &People,
    accounts: impl Iterator<Item = (&'a Person, &'a Account)>,
) -> Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut between: &[u8] = b"[\n";
    for (person, account) in accounts {
        let mut out = Vec::with_capacity(1024);
        object(&mut out, |o| user(o, people, person, account));
        file.write_all(between)?;
        file.write_all(&out)?;
        between = b",\n";
    }
    file.write_all(if between == b"[\n" { b"[]\n" } else { b"\n]\n" })?;
    Ok(file.flush()?)
}

fn user(o: &mut Object<'_>, people: &People, person: &Person, account: &Account) {
    let status = match (account.closed(), person.away) {
        (Some(_), _) => "DEPROVISIONED",
        (None, Some((_, None))) => "SUSPENDED",
        _ => "ACTIVE",
    };
    let suspended = person.away.and_then(|(from, to)| to.is_none().then_some(from));
    let changed = account.closed().or(suspended).unwrap_or(account.from + 7200);
    let stamp = |at: i64| clock::iso_millis(at, 0);
    o.text("id", &account.okta).text("status", status).text("created", &stamp(account.from));
    o.text("activated", &stamp(account.from + 4)).text("statusChanged", &stamp(changed));
    o.text("lastLogin", &stamp((END - DAY).min(changed.max(END - 3 * DAY))));
    o.text("lastUpdated", &stamp(changed)).text("passwordChanged", &stamp(account.from + DAY));
    o.object("type", |o| {
        o.text("id", "otyEXAMPLEdefault0001");
    });
    o.object("profile", |o| profile(o, people, person, account));
    o.object("credentials", |o| {
        o.object("provider", |o| {
            o.text("type", "OKTA").text("name", "OKTA");
        });
    });
    o.object("_links", |o| {
        o.object("self", |o| {
            o.parts("href", &["https://example.okta.com/api/v1/users/", &account.okta]);
        });
    });
}

fn profile(o: &mut Object<'_>, people: &People, person: &Person, account: &Account) {
    let team = &people.teams[person.team_at(account.closed().unwrap_or(END))];
    let manager = &people.all[team.manager];
    o.text("login", &account.login).text("email", &account.mail).null("secondEmail");
    o.text("firstName", person.given).text("lastName", person.family).text("displayName", &person.display());
    o.text("employeeNumber", &person.number);
    o.text("userType", if person.kind == Kind::Contractor { "Contractor" } else { "Employee" });
    o.text("organization", "Example").text("title", person.title).text("department", &team.name);
    if person.kind == Kind::Manager {
        o.null("manager").null("managerId");
    } else {
        o.text("manager", &manager.display()).text("managerId", &manager.number);
    }
    o.null("mobilePhone");
}
