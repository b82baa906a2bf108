//! Everything else in Entra and Azure: people at work, automations, agents that get tokens and call models, machines.
//!
//! Nothing here makes or changes an agent.

use super::azure_log::{self, Caller, Operation};
use super::entra_log::{self, ARM, CLI, GRAPH, Known, PORTAL, PrincipalSignIn, Proof, UserSignIn};
use super::{Agent, Microsoft, SUBSCRIPTIONS, account, laptop, user_id};
use crate::clock::HOUR;
use crate::dice::Dice;
use crate::noise::busy;

const OFFICE: [Known; 4] = [
    Known { id: "5e3ce6c0-2b1f-4285-8d4b-75ee78787346", name: "Microsoft Teams Web Client" },
    Known { id: "9199bf20-a13f-4107-85dc-02114787ef48", name: "One Outlook Web" },
    Known { id: "89bee1f7-5e6e-4d8a-9f3d-ecd601259da7", name: "Office365 Shell WCSS-Client" },
    Known { id: "00b41c95-dab0-4487-9791-b9d2c32c80f2", name: "Office 365 Management" },
];

/// What machines and people do to resources all day: action, type and name, result.
const CHORES: [(&str, &str, &str); 7] = [
    ("Microsoft.Storage/storageAccounts/listKeys/action", "Microsoft.Storage/storageAccounts/stapps01", "OK"),
    ("Microsoft.Web/sites/config/list/action", "Microsoft.Web/sites/orders-api-00", "OK"),
    ("Microsoft.Compute/virtualMachines/start/action", "Microsoft.Compute/virtualMachines/batch-07", "Accepted"),
    ("Microsoft.Compute/virtualMachines/deallocate/action", "Microsoft.Compute/virtualMachines/batch-07", "Accepted"),
    ("Microsoft.Insights/metricAlerts/write", "Microsoft.Insights/metricAlerts/queue-depth", "OK"),
    ("Microsoft.Resources/deployments/validate/action", "Microsoft.Resources/deployments/nightly", "OK"),
    ("Microsoft.Network/networkSecurityGroups/write", "Microsoft.Network/networkSecurityGroups/nsg-apps", "Forbidden"),
];

pub(crate) struct Noise {
    dice: Dice,
    people: Vec<usize>,
}

impl Noise {
    pub(crate) fn new(seed: u64, tenant: &Microsoft<'_>) -> Self {
        let people = (0..tenant.people.all.len()).collect();
        Self { dice: Dice::new(seed, &[47]), people }
    }

    /// Records of this hour, until each log has taken its share.
    pub(crate) fn hour(&mut self, tenant: &mut Microsoft<'_>, hour: i64, target: u64) {
        let mut misses = 0;
        while tenant.entra.wanted() && tenant.entra.accepted() + tenant.entra.waiting(hour) < target && misses < 1000 {
            let at = hour + self.dice.between(0, HOUR);
            misses += 1;
            if self.sign_in(tenant, at).is_some() {
                misses = 0;
            }
        }
        misses = 0;
        while tenant.azure.wanted() && tenant.azure.accepted() + tenant.azure.waiting(hour) < target && misses < 1000 {
            let at = hour + self.dice.between(0, HOUR - 10);
            misses += 1;
            if self.call(tenant, at).is_some() {
                misses = 0;
            }
        }
    }

    fn somebody(&mut self, tenant: &Microsoft<'_>, at: i64) -> Option<usize> {
        if busy(at) <= 6 && self.dice.chance(900) {
            return None;
        }
        let person = *self.dice.pick(&self.people);
        tenant.people.all[person].works(at).then_some(person)
    }

    fn agent<'t>(&mut self, tenant: &'t Microsoft<'_>, at: i64) -> Option<&'t Agent> {
        let agent = tenant.agents.get(self.dice.front(tenant.agents.len()))?;
        (agent.alive <= at).then_some(agent)
    }

    fn sign_in(&mut self, tenant: &mut Microsoft<'_>, at: i64) -> Option<()> {
        let mut dice = Dice::new(self.dice.roll(), &[]);
        let (log, line) = match dice.below(100) {
            0..45 => self.user_signs_in(tenant, at, &mut dice)?,
            45..60 => automation(tenant, at, &mut dice)?,
            60..80 => {
                let agent = self.agent(tenant, at)?;
                let sign = PrincipalSignIn {
                    object: &agent.identity,
                    app: &agent.identity,
                    name: &format!("{}-AgentIdentity", agent.name),
                    ip: "198.51.100.9",
                    resource: GRAPH,
                    token: &entra_log::token(&mut dice),
                    proof: Proof::Agent(&agent.blueprint.app),
                };
                entra_log::principal_sign_in(&sign, at, &mut dice)
            }
            _ => {
                let machine = dice.pick(&tenant.machines);
                let sign = PrincipalSignIn {
                    object: &machine.principal,
                    app: &machine.app,
                    name: &machine.name,
                    ip: "",
                    resource: ARM,
                    token: &entra_log::token(&mut dice),
                    proof: Proof::Managed(&machine.resource),
                };
                entra_log::principal_sign_in(&sign, at, &mut dice)
            }
        };
        tenant.entra.put(log, at, line);
        Some(())
    }

    /// People in Office, in the tools of Azure, in the apps they let act for them; some mistype.
    fn user_signs_in(&mut self, tenant: &Microsoft<'_>, at: i64, dice: &mut Dice) -> Option<(usize, Vec<u8>)> {
        let person = self.somebody(tenant, at)?;
        let granted = dice.chance(200).then(|| {
            let app = tenant.apps.get(dice.index(tenant.apps.len()))?;
            let person = if app.for_all { person } else { app.grants.get(dice.index(app.grants.len()))?.0 };
            (app.made < at && tenant.people.all[person].works(at)).then_some((app, person))
        });
        let granted = granted.flatten();
        let (app, resource) = match (granted, dice.below(10)) {
            (Some((app, _)), _) => ((app.app.as_str(), app.name.as_str()), GRAPH),
            (None, 0) => ((CLI.id, CLI.name), ARM),
            (None, 1) => ((PORTAL.id, PORTAL.name), ARM),
            _ => {
                let office = dice.pick(&OFFICE);
                ((office.id, office.name), GRAPH)
            }
        };
        let (it, account) = tenant.person(granted.map_or(person, |(_, person)| person), at);
        let (host, interactive) = (laptop(it), granted.is_none() && dice.chance(250));
        let sign = UserSignIn {
            user: &user_id(account),
            upn: &account.login.to_lowercase(),
            name: &it.display(),
            ip: &it.ip,
            app,
            resource,
            token: &entra_log::token(dice),
            device: granted.is_none().then_some(host.as_str()),
            interactive,
            failed: interactive && dice.chance(60),
        };
        Some(entra_log::user_sign_in(&sign, at, dice))
    }

    /// Calls of models by agents and people, chores of machines and platform engineers.
    fn call(&mut self, tenant: &mut Microsoft<'_>, at: i64) -> Option<()> {
        let mut dice = Dice::new(self.dice.roll(), &[]);
        match dice.below(100) {
            0..30 => {
                let agent = self.agent(tenant, at)?;
                let (resource, by) = (account(agent.subscription), agent.identity.clone());
                let log = SUBSCRIPTIONS.len() + agent.subscription;
                let line = azure_log::request(&resource, &by, "198.51.100.9", at, &mut dice);
                tenant.azure.put(log, at, line);
            }
            30..45 => {
                let person = self.somebody(tenant, at)?;
                let subscription = dice.index(SUBSCRIPTIONS.len());
                let (it, person) = tenant.person(person, at);
                let line = azure_log::request(&account(subscription), &user_id(person), &it.ip, at, &mut dice);
                tenant.azure.put(SUBSCRIPTIONS.len() + subscription, at, line);
            }
            45..85 => {
                let machine = dice.pick(&tenant.machines).clone();
                let caller = Caller {
                    object: machine.principal,
                    user: None,
                    app: machine.app,
                    token: entra_log::token(&mut dice),
                    ip: format!("198.51.100.{}", dice.between(60, 90)),
                    resource: Some(machine.resource),
                    role: "Contributor",
                };
                chore(tenant, &caller, at, &mut dice);
            }
            _ => {
                let person = self.somebody(tenant, at)?;
                if !tenant.people.all[person].aws {
                    return None;
                }
                let (it, account) = tenant.person(person, at);
                let caller = Caller {
                    object: user_id(account),
                    user: Some((account.login.clone(), it.given.to_owned(), it.family.to_owned())),
                    app: PORTAL.id.to_owned(),
                    // One token serves for an hour.
                    token: entra_log::token(&mut crate::dice::derived(&account.okta, (at / HOUR) as u64)),
                    ip: it.ip.clone(),
                    resource: None,
                    role: "Contributor",
                };
                for turn in 0..1 + dice.below(4) {
                    chore(tenant, &caller, at + turn as i64, &mut dice);
                }
            }
        }
        Some(())
    }
}

/// An app that works with its secret.
fn automation(tenant: &Microsoft<'_>, at: i64, dice: &mut Dice) -> Option<(usize, Vec<u8>)> {
    let app = tenant.apps.get(dice.index(tenant.apps.len()))?;
    let (since, ip) = app.works.as_ref()?;
    let secret = app.secrets.iter().rev().find(|(_, made)| made + HOUR < at)?;
    let sign = PrincipalSignIn {
        object: &app.principal,
        app: &app.app,
        name: &app.name,
        ip,
        resource: GRAPH,
        token: &entra_log::token(dice),
        proof: Proof::Secret(&secret.0),
    };
    (*since <= at).then(|| entra_log::principal_sign_in(&sign, at, dice))
}

fn chore(tenant: &mut Microsoft<'_>, caller: &Caller, at: i64, dice: &mut Dice) {
    let (action, name, code) = *dice.pick(&CHORES);
    let subscription = dice.index(SUBSCRIPTIONS.len());
    let resource = format!("/subscriptions/{}/resourceGroups/rg-apps/providers/{name}", SUBSCRIPTIONS[subscription]);
    let operation = Operation { action, resource: &resource, code, request: None };
    for (at, line) in azure_log::operation(caller, &operation, at, dice) {
        tenant.azure.put(subscription, at, line);
    }
}
