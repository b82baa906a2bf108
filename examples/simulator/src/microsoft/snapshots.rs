//! What responders export beside the logs: the directory by Microsoft Graph, Foundry by Azure Resource Manager.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Agent, App, Author, Microsoft, TENANT, user_id};
use crate::clock::{DAY, END, HOUR, iso};
use crate::people::{Account, Kind, Person};
use crate::snapshots::{made, save};

/// The directory of a vendor.
const ELSEWHERE: &str = "9b1c2d3e-0000-4000-8000-00000000c001";

fn list(what: &str, value: Vec<Value>) -> Value {
    json!({"@odata.context": format!("https://graph.microsoft.com/v1.0/$metadata#{what}"), "value": value})
}

/// Users with managers, groups with members, apps and service principals with owners, agent identities, grants.
pub(crate) fn write_directory(folder: &Path, tenant: &Microsoft<'_>) -> Result<()> {
    let folder = made(folder.to_path_buf())?;
    save(&folder.join("users.json"), &list("users", users(tenant)))?;
    save(&folder.join("groups.json"), &list("groups(members())", groups(tenant)))?;
    let apps = tenant.apps.iter().filter(|app| app.object.is_some()).map(|app| registration(tenant, app));
    let blueprints = tenant.agents.iter().map(|agent| blueprint(&agent.blueprint));
    save(&folder.join("applications.json"), &list("applications(owners())", apps.chain(blueprints).collect()))?;
    save(&folder.join("service-principals.json"), &list("servicePrincipals(owners())", principals(tenant)))?;
    let agents = tenant.agents.iter().map(|agent| identity(tenant, agent)).collect();
    let what = "servicePrincipals/microsoft.graph.agentIdentity(sponsors(),owners())";
    save(&folder.join("agent-identities.json"), &list(what, agents))?;
    save(&folder.join("oauth2-permission-grants.json"), &list("oauth2PermissionGrants", grants(tenant)))
}

/// Whoever left is disabled for thirty days, and then gone.
fn users(tenant: &Microsoft<'_>) -> Vec<Value> {
    let people = tenant.people.all.iter();
    let accounts = people.flat_map(|person| person.accounts.iter().map(move |account| (person, account)));
    let there = accounts.filter(|(_, account)| account.closed().is_none_or(|to| to + 30 * DAY > END));
    there.map(|(person, account)| user(tenant, person, account)).collect()
}

fn user(tenant: &Microsoft<'_>, person: &Person, account: &Account) -> Value {
    let enabled = account.closed().is_none() && !person.is_away();
    let team = &tenant.people.teams[person.team_at(END)];
    let manager = &tenant.people.all[team.manager];
    let contractor = person.kind == Kind::Contractor;
    let mut user = json!({
        "id": user_id(account), "userPrincipalName": account.login, "displayName": person.display(),
        "givenName": person.given, "surname": person.family, "mail": account.mail, "otherMails": [],
        "proxyAddresses": [format!("SMTP:{}", account.mail)], "accountEnabled": enabled, "userType": "Member",
        "createdDateTime": iso(account.from), "employeeId": person.number,
        "employeeType": if contractor { "Contractor" } else { "Employee" },
        "department": team.name, "jobTitle": person.title, "companyName": "Example"
    });
    if manager.number != person.number {
        let account = manager.account(END);
        user["manager"] = json!({"id": user_id(account), "userPrincipalName": account.login});
    }
    user
}

/// A person as the member or owner of something.
fn reference(tenant: &Microsoft<'_>, person: usize, at: i64) -> Value {
    let it = &tenant.people.all[person];
    let account = it.account(at);
    json!({"@odata.type": "#microsoft.graph.user", "id": user_id(account), "displayName": it.display(),
           "userPrincipalName": account.login, "mail": account.mail, "jobTitle": it.title})
}

/// References to those who are still in the directory.
fn references(tenant: &Microsoft<'_>, people: &[usize], at: i64) -> Vec<Value> {
    let there = |person: &&usize| {
        let account = tenant.people.all[**person].account(at);
        account.closed().is_none_or(|to| to + 30 * DAY > END)
    };
    people.iter().filter(there).map(|person| reference(tenant, *person, at)).collect()
}

fn team_id(slug: &str) -> String {
    crate::dice::derived(slug, 48).uuid().to_string()
}

fn groups(tenant: &Microsoft<'_>) -> Vec<Value> {
    let people = tenant.people;
    let groups = people.teams.iter().enumerate().map(|(index, team)| {
        let members: Vec<usize> = (0..people.all.len())
            .filter(|&person| people.all[person].team_at(END) == index && people.all[person].works(END - HOUR))
            .collect();
        json!({
            "id": team_id(&team.slug), "displayName": format!("{} (team)", team.name), "groupTypes": [],
            "mailEnabled": false, "securityEnabled": true, "createdDateTime": iso(tenant.start - 700 * DAY),
            "members": references(tenant, &members, END)
        })
    });
    groups.collect()
}

fn registration(tenant: &Microsoft<'_>, app: &App) -> Value {
    let secrets: Vec<Value> = app.secrets.iter().map(|(key, at)| secret(key, *at)).collect();
    let federated: Vec<Value> = app
        .federated
        .iter()
        .map(|(id, subject)| {
            json!({"id": id, "name": "prod", "issuer": "https://token.actions.githubusercontent.com",
                   "subject": subject, "audiences": ["api://AzureADTokenExchange"]})
        })
        .collect();
    json!({
        "id": app.object, "appId": app.app, "displayName": app.name, "createdDateTime": iso(app.made),
        "publisherDomain": "example.com", "signInAudience": "AzureADMyOrg", "passwordCredentials": secrets,
        "keyCredentials": [], "requiredResourceAccess": [], "federatedIdentityCredentials": federated,
        "owners": references(tenant, &app.owners, END)
    })
}

fn secret(key: &str, at: i64) -> Value {
    json!({"keyId": key, "displayName": "ci", "hint": "Xx8", "secretText": null, "startDateTime": iso(at),
           "endDateTime": iso(at + 180 * DAY), "customKeyIdentifier": null})
}

fn blueprint(app: &App) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.agentIdentityBlueprint", "id": app.object, "appId": app.app,
        "displayName": app.name, "createdDateTime": iso(app.made), "signInAudience": "AzureADMyOrg",
        "passwordCredentials": [], "keyCredentials": [], "federatedIdentityCredentials": [], "owners": []
    })
}

fn principals(tenant: &Microsoft<'_>) -> Vec<Value> {
    let apps = tenant.apps.iter().chain(tenant.agents.iter().map(|agent| &agent.blueprint));
    let apps = apps.map(|app| {
        let home = if app.object.is_some() { TENANT } else { ELSEWHERE };
        let owners: &[usize] = if app.object.is_none() { &app.owners } else { &[] };
        json!({
            "id": app.principal, "appId": app.app, "appOwnerOrganizationId": home, "displayName": app.name,
            "servicePrincipalType": "Application", "accountEnabled": true, "createdDateTime": iso(app.made + 1),
            "servicePrincipalNames": [app.app], "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
            "owners": references(tenant, owners, END)
        })
    });
    let machines = tenant.machines.iter().map(|machine| {
        json!({
            "id": machine.principal, "appId": machine.app, "displayName": machine.name,
            "servicePrincipalType": "ManagedIdentity", "accountEnabled": true,
            "alternativeNames": ["isExplicit=False", machine.resource], "owners": []
        })
    });
    apps.chain(machines).collect()
}

fn identity(tenant: &Microsoft<'_>, agent: &Agent) -> Value {
    let mut sponsors = references(tenant, &agent.sponsors, END);
    if let Some(team) = agent.sponsor_team {
        let team = &tenant.people.teams[team];
        sponsors.push(json!({"@odata.type": "#microsoft.graph.group", "id": team_id(&team.slug),
                             "displayName": format!("{} (team)", team.name)}));
    }
    json!({
        "@odata.type": "#microsoft.graph.agentIdentity", "id": agent.identity,
        "displayName": format!("{}-AgentIdentity", agent.name), "servicePrincipalType": "ServiceIdentity",
        "agentIdentityBlueprintId": agent.blueprint.app, "createdByAppId": agent.blueprint.app,
        "createdDateTime": iso(agent.created.at + 8), "accountEnabled": true, "tags": [], "sponsors": sponsors,
        "owners": []
    })
}

fn grants(tenant: &Microsoft<'_>) -> Vec<Value> {
    let api = crate::dice::derived(super::entra_log::GRAPH.id, 3).uuid().to_string();
    let grant = |app: &App, user: Option<&str>| {
        let id = crate::dice::derived(&format!("{}{}", app.principal, user.unwrap_or_default()), 49);
        json!({"id": id.clone().word(43, crate::dice::ALNUM), "clientId": app.principal,
               "consentType": if user.is_some() { "Principal" } else { "AllPrincipals" }, "principalId": user,
               "resourceId": api, "scope": " Mail.Read offline_access"})
    };
    let mut all = Vec::new();
    for app in &tenant.apps {
        for (person, id) in &app.grants {
            // With the account goes what it granted.
            let mut accounts = tenant.people.all[*person].accounts.iter();
            if accounts.any(|account| user_id(account) == *id && account.closed().is_none_or(|to| to + 30 * DAY > END))
            {
                all.push(grant(app, Some(id)));
            }
        }
        if app.for_all {
            all.push(grant(app, None));
        }
    }
    all
}

fn system_data(created: &Author, changed: &Author) -> Value {
    let kind = |author: &Author| if author.is_user { "User" } else { "Application" };
    json!({"createdBy": created.name, "createdByType": kind(created), "createdAt": iso(created.at),
           "lastModifiedBy": changed.name, "lastModifiedByType": kind(changed), "lastModifiedAt": iso(changed.at)})
}

/// Projects, and the published agents of each.
pub(crate) fn write_azure(folder: &Path, tenant: &Microsoft<'_>) -> Result<()> {
    let folder = made(folder.to_path_buf())?;
    for (path, _, engineer, at) in &tenant.projects {
        let mut parts = path.split('/').skip(8);
        let (account, project) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
        let upn = tenant.people.all[*engineer].account(*at).login.clone();
        let author = Author { at: *at, name: upn, is_user: true };
        let it = json!({
            "id": path, "name": format!("{account}/{project}"), "type": "Microsoft.CognitiveServices/accounts/projects",
            "location": "swedencentral", "properties": {"provisioningState": "Succeeded"},
            "systemData": system_data(&author, &author)
        });
        save(&folder.join(format!("project-{account}-{project}.json")), &it)?;
        let agents = tenant.agents.iter().filter(|agent| agent.project == *path).map(application).collect::<Vec<_>>();
        save(&folder.join(format!("applications-{account}-{project}.json")), &json!({"value": agents}))?;
    }
    Ok(())
}

fn application(agent: &Agent) -> Value {
    let tags: serde_json::Map<String, Value> =
        agent.tags.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    let ids = |client: &str, principal: &str, kind: &str| json!({"clientId": client, "principalId": principal, "tenantId": TENANT, "kind": kind, "type": "System"});
    json!({
        "id": agent.path(), "name": agent.name, "type": "Microsoft.CognitiveServices/accounts/projects/applications",
        "systemData": system_data(&agent.created, &agent.changed),
        "properties": {
            "displayName": agent.name, "isEnabled": true, "provisioningState": "Succeeded", "tags": tags,
            "agents": [{"agentId": agent.name, "agentName": agent.name}],
            "agentIdentityBlueprint": ids(&agent.blueprint.app, &agent.blueprint.principal, "AgentBlueprint"),
            "defaultInstanceIdentity": ids(&agent.identity, &agent.identity, "AgentInstance"),
            "authorizationPolicy": {"type": "OrganizationScope"}
        }
    })
}
