//! What responders export beside the logs: projects, service accounts with keys, agent engines, the directory.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Engine, Google, PROJECTS, profile};
use crate::clock::{DAY, END, iso, iso_millis};
use crate::people::{Account, Person};
use crate::snapshots::{made, save};

pub(crate) fn write_cloud(folder: &Path, cloud: &Google<'_>) -> Result<()> {
    let folder = made(folder.to_path_buf())?;
    let projects = PROJECTS.iter().map(|(id, number)| {
        json!({"createTime": "2024-02-01T08:00:00.000Z", "lifecycleState": "ACTIVE", "name": id, "projectId": id,
               "projectNumber": number, "parent": {"type": "organization", "id": "420000000001"}})
    });
    save(&folder.join("projects.json"), &projects.collect())?;
    for (index, (project, _)) in PROJECTS.iter().enumerate() {
        let accounts = cloud.accounts.iter().filter(|account| account.project == index);
        let list: Vec<Value> = accounts
            .clone()
            .map(|it| {
                json!({"displayName": it.title, "email": it.mail, "etag": "MDEwMjE5MjA=", "oauth2ClientId": it.unique,
                       "name": format!("projects/{project}/serviceAccounts/{}", it.mail), "projectId": project,
                       "uniqueId": it.unique})
            })
            .collect();
        save(&folder.join(format!("service-accounts-{project}.json")), &Value::Array(list))?;
        for it in accounts.filter(|account| !account.keys.is_empty()) {
            let keys: Vec<Value> = it
                .keys
                .iter()
                .filter(|(_, _, gone)| gone.is_none())
                .map(|(key, at, _)| {
                    json!({"keyAlgorithm": "KEY_ALG_RSA_2048", "keyOrigin": "GOOGLE_PROVIDED", "keyType": "USER_MANAGED",
                           "name": format!("projects/{project}/serviceAccounts/{}/keys/{key}", it.mail),
                           "validAfterTime": iso(*at), "validBeforeTime": "9999-12-31T23:59:59Z"})
                })
                .collect();
            save(&folder.join(format!("keys-{}.json", it.mail)), &Value::Array(keys))?;
        }
        let engines: Vec<Value> =
            cloud.engines.iter().filter(|engine| engine.project == index).map(|it| engine(cloud, it)).collect();
        save(&folder.join(format!("reasoning-engines-{project}.json")), &json!({"reasoningEngines": engines}))?;
    }
    Ok(())
}

fn engine(cloud: &Google<'_>, it: &Engine) -> Value {
    let labels: serde_json::Map<String, Value> =
        it.labels.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    let mut engine = json!({
        "name": it.path(), "displayName": it.name, "createTime": iso(it.created), "updateTime": iso(it.changed),
        "etag": "AMEw9yEXAMPLE", "spec": {"agentFramework": "google-adk", "deploymentSpec": {}}, "labels": labels
    });
    match it.runs_as {
        Some(account) => engine["spec"]["serviceAccount"] = json!(cloud.accounts[account].mail),
        None => {
            let number = PROJECTS[it.project].1;
            let shared = format!("serviceAccount:service-{number}@gcp-sa-aiplatform-re.iam.gserviceaccount.com");
            engine["spec"]["effectiveIdentity"] = json!(shared);
        }
    }
    engine
}

/// The directory, and the activities of each application.
pub(crate) fn write_workspace(folder: &Path, cloud: &Google<'_>, since: i64, directory: bool) -> Result<()> {
    let folder = made(folder.to_path_buf())?;
    for application in ["token", "admin"] {
        let of = cloud.activities.iter().filter(|(at, name, _)| *name == application && (since..END).contains(at));
        let mut items: Vec<&(i64, &str, Value)> = of.collect();
        // The API lists the newest first.
        items.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
        let items: Vec<&Value> = items.into_iter().map(|(_, _, item)| item).collect();
        let list = json!({"kind": "admin#reports#activities", "items": items});
        save(&folder.join(format!("activities-{application}.json")), &list)?;
    }
    if !directory {
        return Ok(());
    }
    let people = cloud.people.all.iter();
    let accounts = people.flat_map(|person| person.accounts.iter().map(move |account| (person, account)));
    let there = accounts.filter(|(_, account)| account.closed().is_none_or(|to| to + 30 * DAY > END));
    let users: Vec<Value> = there.map(|(person, account)| user(cloud, person, account)).collect();
    save(&folder.join("users.json"), &json!({"kind": "admin#directory#users", "users": users}))
}

fn user(cloud: &Google<'_>, person: &Person, account: &Account) -> Value {
    let team = &cloud.people.teams[person.team_at(END)];
    let manager = cloud.people.all[team.manager].account(END);
    json!({
        "kind": "admin#directory#user", "id": profile(account), "etag": "\"EXAMPLE\"", "primaryEmail": account.mail,
        "name": {"givenName": person.given, "familyName": person.family, "fullName": person.display()},
        "isAdmin": false, "isDelegatedAdmin": false, "creationTime": iso_millis(account.from, 0),
        "suspended": account.closed().is_some() || person.is_away(), "archived": false, "customerId": super::workspace::CUSTOMER,
        "orgUnitPath": "/", "emails": [{"address": account.mail, "primary": true}],
        "externalIds": [{"value": person.number, "type": "organization"}],
        "relations": [{"value": manager.mail, "type": "manager"}],
        "organizations": [{"title": person.title, "primary": true, "department": team.name}]
    })
}
