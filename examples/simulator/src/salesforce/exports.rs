//! The exports: answers of queries, and the event log's table of calls.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{APPS, Agent, Grant, Salesforce, long, short, user_id};
use crate::clock::{DAY, END, HOUR, iso, iso_millis};
use crate::dice::{ALNUM, derived};
use crate::people::{Account, Person};
use crate::snapshots::{made, save};

const ORGANISATION: &str = "00D5j000000EXMP";
const VERSION: &str = "62.0";
/// Salesforce's own user, which makes the users of agents.
const AUTOMATED: &str = "automated process";

fn stamp(at: i64) -> String {
    format!("{}.000+0000", &iso(at)[..19])
}

/// A record of an object, with its type.
fn record(object: &str, id: &str, mut fields: Value) -> Value {
    let url = format!("/services/data/v{VERSION}/sobjects/{object}/{}", long(id));
    fields["attributes"] = json!({"type": object, "url": url});
    fields["Id"] = json!(long(id));
    fields
}

fn answer(records: Vec<Value>) -> Value {
    json!({"totalSize": records.len(), "done": true, "records": records})
}

impl Salesforce<'_> {
    pub(crate) fn write(&self, folder: &Path, since: i64) -> Result<()> {
        let folder = made(folder.to_path_buf())?;
        let put = |name: &str, records: Vec<Value>| save(&folder.join(name), &answer(records));
        put("users.json", self.users())?;
        put("connected-apps.json", self.apps())?;
        put("oauth-tokens.json", self.grants.iter().map(token).collect())?;
        put("agents.json", self.agents.iter().map(agent).collect())?;
        put("agent-versions.json", self.agents.iter().flat_map(versions).collect())?;
        put("setup-audit-trail.json", self.trail(since))?;
        put("login-history.json", self.grants.iter().flat_map(|grant| logins(grant, since)).collect())?;
        let path = folder.join("ApiTotalUsage.csv");
        std::fs::write(&path, self.calls(since)).with_context(|| format!("writing {}", path.display()))
    }

    fn boss(&self) -> Account {
        self.account(self.administrator(), self.start)
    }

    fn users(&self) -> Vec<Value> {
        let boss = user_id(&self.boss());
        let people = self.people.all.iter();
        let accounts = people.flat_map(|person| person.accounts.iter().map(move |account| (person, account)));
        let mut users: Vec<Value> = accounts.map(|(person, account)| user(person, account, &boss)).collect();
        let automated = short("005", AUTOMATED);
        users.push(record(
            "User",
            &automated,
            json!({"Username": format!("autoproc@{}", ORGANISATION.to_lowercase()), "Name": "Automated Process",
                   "Email": format!("autoproc@{}", ORGANISATION.to_lowercase()), "IsActive": true, "Profile": null,
                   "UserType": "AutomatedProcess", "EmployeeNumber": null, "FederationIdentifier": null,
                   "CreatedDate": stamp(self.start - 900 * DAY), "CreatedById": long(&boss)}),
        ));
        let agents = self.agents.iter().filter_map(|agent| Some((agent, agent.user.as_ref()?)));
        users.extend(agents.map(|(agent, id)| {
            record(
                "User",
                id,
                json!({"Username": format!("{}@{}.ext", agent.name, ORGANISATION.to_lowercase()), "Name": agent.name,
                       "Email": self.boss().mail, "IsActive": true, "Profile": profile("Einstein Agent User"),
                       "UserType": "Standard", "EmployeeNumber": null, "FederationIdentifier": null,
                       "CreatedDate": stamp(agent.versions[0].1), "CreatedById": long(&automated)}),
            )
        }));
        users
    }

    fn apps(&self) -> Vec<Value> {
        let boss = user_id(&self.boss());
        let app = |app: &&str| {
            let at = stamp(self.start - 60 * DAY);
            let fields = json!({"Name": app, "CreatedById": long(&boss), "CreatedDate": at,
                                "OptionsAllowAdminApprovedUsersOnly": false});
            record("ConnectedApplication", &short("0H4", app), fields)
        };
        APPS.iter().map(app).collect()
    }

    /// What the administrator did: permissions of the agents' users, users that were thought of.
    fn trail(&self, since: i64) -> Vec<Value> {
        let boss = self.boss();
        let row = |at: i64, action: &str, section: &str, display: String| {
            let id = short("0Ym", &format!("{action} {display} {at}"));
            let by = json!({"attributes": {"type": "User"}, "Username": boss.mail});
            let fields = json!({"CreatedDate": stamp(at), "CreatedById": long(&user_id(&boss)), "CreatedBy": by,
                                "Action": action, "Section": section, "Display": display, "DelegateUser": null});
            (at, record("SetupAuditTrail", &id, fields))
        };
        let permitted = self.agents.iter().filter(|agent| agent.user.is_some()).map(|agent| {
            let display = format!("Permission set Agentforce Service Agent User: assigned to user {}", agent.name);
            row(agent.versions[0].1 + HOUR / 2, "PermSetAssign", "Manage Users", display)
        });
        let accounts = self.people.all.iter().flat_map(|person| person.accounts.iter().map(move |it| (person, it)));
        let stopped = accounts.filter(|(_, account)| was_thought_of(account)).filter_map(|(person, account)| {
            let display = format!("Deactivated user {} (UserID: [{}])", person.display(), user_id(account));
            Some(row(account.to? + 2 * DAY, "deactivateduser", "Manage Users", display))
        });
        let rows = permitted.chain(stopped).filter(|(at, _)| (since..END).contains(at));
        let mut rows: Vec<(i64, Value)> = rows.collect();
        rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Apps read opportunities and accounts before dawn, agents cases and contacts by day.
    fn calls(&self, since: i64) -> String {
        let mut table = String::from(
            "\"EVENT_TYPE\",\"TIMESTAMP\",\"REQUEST_ID\",\"ORGANIZATION_ID\",\"USER_ID\",\"API_FAMILY\",\"API_VERSION\",\
             \"API_RESOURCE\",\"CLIENT_NAME\",\"HTTP_METHOD\",\"CLIENT_IP\",\"COUNTS_AGAINST_API_LIMIT\",\
             \"CONNECTED_APP_ID\",\"ENTITY_NAME\",\"STATUS_CODE\",\"CONNECTED_APP_NAME\",\"USER_NAME\",\
             \"TIMESTAMP_DERIVED\"\n",
        );
        for grant in &self.grants {
            let user = (user_id(&grant.account), grant.account.mail.as_str());
            let app = (short("0H4", grant.app), grant.app);
            calls(&mut table, &user, &app, ["Opportunity", "Account"], grant.at.max(since), 4);
        }
        for agent in &self.agents {
            let Some(user) = &agent.user else { continue };
            let name = format!("{}@{}.ext", agent.name, ORGANISATION.to_lowercase());
            let since = agent.versions[0].1.max(since);
            calls(&mut table, &(user.clone(), &name), &(String::new(), ""), ["Case", "Contact"], since, 10);
        }
        table
    }
}

/// Calls of one user or of one app for a user, on every third day.
fn calls(table: &mut String, user: &(String, &str), app: &(String, &str), read: [&str; 2], since: i64, hour: i64) {
    let mut dice = derived(&format!("{} {}", user.0, app.0), 63);
    let first = since - since.rem_euclid(DAY) + DAY;
    for day in (first..END - DAY).step_by(3 * DAY as usize) {
        for entity in read {
            let at = iso_millis(day + hour * HOUR + dice.between(0, HOUR), dice.below(1000));
            let digits: String = at.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
            let request = dice.word(20, ALNUM);
            // Writing into a String cannot fail.
            let _ = writeln!(
                table,
                "\"ApiTotalUsage\",\"{digits}\",\"Tg{request}\",\"{ORGANISATION}\",\"{}\",\"REST\",\"{VERSION}\",\
                 \"/v{VERSION}/query\",\"\",\"GET\",\"198.51.100.91\",\"1\",\"{}\",\"{entity}\",\"200\",\"{}\",\"{}\",\"{at}\"",
                user.0, app.0, app.1, user.1
            );
        }
    }
}

/// Whether somebody thought of the user when its bearer left.
fn was_thought_of(account: &Account) -> bool {
    account.to.is_some() && derived(&account.okta, 62).below(10) == 0
}

fn profile(name: &str) -> Value {
    json!({"attributes": {"type": "Profile", "url": "/services/data/v62.0/sobjects/Profile/x"}, "Name": name})
}

fn user(person: &Person, account: &Account, boss: &str) -> Value {
    // One in five has a name of its own here, which looks like an address and is none.
    let own = derived(&account.okta, 64).below(5) == 0;
    let name = if own { format!("{}.crm", account.mail) } else { account.mail.clone() };
    let id = user_id(account);
    let part = if id == boss { "System Administrator" } else { "Sales" };
    record(
        "User",
        &id,
        json!({"Username": name, "Email": account.mail, "Name": person.display(), "Profile": profile(part),
               "IsActive": !was_thought_of(account), "UserType": "Standard", "EmployeeNumber": person.number,
               "FederationIdentifier": account.login, "CreatedDate": stamp(account.from), "CreatedById": long(boss)}),
    )
}

fn token(grant: &Grant) -> Value {
    let mut token = record(
        "OauthToken",
        "",
        json!({"AppName": grant.app, "AppMenuItemId": long(&short("0DS", grant.app)),
               "AppMenuItem": {"attributes": {"type": "AppMenuItem"}, "ApplicationId": long(&short("0H4", grant.app))},
               "UserId": long(&user_id(&grant.account)), "CreatedDate": stamp(grant.at),
               "LastUsedDate": stamp(END - 20 * HOUR), "UseCount": (END - grant.at) / DAY + 1}),
    );
    // It has no id that the API would show.
    token["Id"] = Value::Null;
    token
}

fn agent(agent: &Agent) -> Value {
    let by = |account: &Account| long(&user_id(account));
    let (maker, made) = &agent.versions[0];
    let kind = if agent.user.is_some() { "ExternalCopilot" } else { "InternalCopilot" };
    record(
        "BotDefinition",
        &agent.id,
        json!({"DeveloperName": agent.name.replace('-', "_"), "MasterLabel": agent.name, "Type": kind,
               "BotUserId": agent.user.as_deref().map(long), "CreatedById": by(maker), "CreatedDate": stamp(*made),
               "LastModifiedById": by(&agent.changed.0), "LastModifiedDate": stamp(agent.changed.1)}),
    )
}

fn versions(agent: &Agent) -> Vec<Value> {
    let last = agent.versions.len() - 1;
    let version = |(number, (account, at)): (usize, &(Account, i64))| {
        let status = if number == last { "Active" } else { "Inactive" };
        let fields = json!({"BotDefinitionId": long(&agent.id), "VersionNumber": number + 1, "Status": status,
                            "CreatedById": long(&user_id(account)), "CreatedDate": stamp(*at)});
        record("BotVersion", &short("0X9", &format!("{} {number}", agent.name)), fields)
    };
    agent.versions.iter().enumerate().map(version).collect()
}

/// An app logs in twice a week, whoever is still there.
fn logins(grant: &Grant, since: i64) -> Vec<Value> {
    let mut dice = derived(&format!("{} {}", grant.account.okta, grant.app), 65);
    let mut logins = Vec::new();
    let mut at = grant.at + HOUR;
    while at < END {
        if at >= since {
            let fields = json!({
                "UserId": long(&user_id(&grant.account)), "LoginTime": stamp(at), "LoginType": "Remote Access 2.0",
                "SourceIp": "198.51.100.91", "Application": grant.app, "Status": "Success", "Browser": "Unknown",
                "Platform": "Unknown", "ApiType": "REST", "ApiVersion": VERSION, "LoginUrl": "example.my.salesforce.com"
            });
            logins.push(record("LoginHistory", &format!("0Ya5j00000{}", dice.word(5, ALNUM)), fields));
        }
        at += dice.between(2 * DAY, 5 * DAY);
    }
    logins
}
