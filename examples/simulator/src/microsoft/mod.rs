//! The company in Entra ID, Azure and AI Foundry: what it has there, and the stories by which that came to be.
//!
//! One tenant, three subscriptions with a Foundry account each. People have the same mail address everywhere; their user
//! principal name is their Okta login, which for one in twenty is another address.

mod acts;
mod apps;
mod azure_log;
mod entra_log;
mod foundry;
mod lives;
mod noise;
mod snapshots;

pub(crate) use noise::Noise;
pub(crate) use snapshots::{write_azure, write_directory};

use std::path::Path;

use crate::cast::Cast;
use crate::dice::{Dice, derived};
use crate::hourly::{Hourly, Naming};
use crate::people::{Account, People, Person};
use crate::thing::{Shares, Thing};

pub(crate) const TENANT: &str = "6f2a1c3e-5b7d-4e91-8a20-c4d6e8f01234";
pub(crate) const SUBSCRIPTIONS: [&str; 3] = [
    "1d0e2f3a-0000-4000-8000-00000000a001",
    "1d0e2f3a-0000-4000-8000-00000000a002",
    "1d0e2f3a-0000-4000-8000-00000000a003",
];

/// Every path with its weight.
pub(crate) const PATHS: &[(&str, usize)] = &[
    ("foundry-user", 20),
    ("foundry-pipeline", 14),
    ("foundry-service-principal", 12),
    ("foundry-handover", 6),
    ("foundry-before-log", 6),
    ("entra-app-secret", 14),
    ("entra-user-grant", 16),
    ("entra-admin-consent", 6),
    ("entra-owned-saas", 6),
];

/// The object id of an account of the identity provider in Entra.
pub(crate) fn user_id(account: &Account) -> String {
    derived(&account.okta, 40).uuid().to_string()
}

/// The laptop that somebody signs in from, as it is registered.
pub(crate) fn laptop(person: &Person) -> String {
    format!("STO-LT-{}", person.number)
}

/// An app with its service principal here.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) app: String,
    /// The object id of its registration; one of a vendor is registered elsewhere.
    pub(crate) object: Option<String>,
    pub(crate) principal: String,
    pub(crate) made: i64,
    pub(crate) owners: Vec<usize>,
    pub(crate) secrets: Vec<(String, i64)>,
    /// Federated credentials: id and subject.
    pub(crate) federated: Vec<(String, String)>,
    /// Who lets it act for them, and the object id of the account they did it with.
    pub(crate) grants: Vec<(usize, String)>,
    /// It may act for everybody.
    pub(crate) for_all: bool,
    /// An automation that works with its secret since then, from this address.
    pub(crate) works: Option<(i64, String)>,
}

/// Who made or changed a resource, as Azure keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    pub(crate) at: i64,
    pub(crate) name: String,
    pub(crate) is_user: bool,
}

/// A published agent of a Foundry project.
#[derive(Clone, Debug)]
pub(crate) struct Agent {
    pub(crate) thing: usize,
    pub(crate) subscription: usize,
    pub(crate) project: String,
    pub(crate) name: String,
    pub(crate) identity: String,
    pub(crate) blueprint: App,
    pub(crate) created: Author,
    pub(crate) changed: Author,
    pub(crate) sponsors: Vec<usize>,
    pub(crate) sponsor_team: Option<usize>,
    pub(crate) tags: Vec<(&'static str, String)>,
    pub(crate) alive: i64,
}

impl Agent {
    pub(crate) fn path(&self) -> String {
        format!("{}/applications/{}", self.project, self.name)
    }
}

/// The path of a subscription's Foundry account.
pub(crate) fn account(subscription: usize) -> String {
    let (id, name) = (SUBSCRIPTIONS[subscription], ["weu", "neu", "lab"][subscription]);
    format!(
        "/subscriptions/{id}/resourceGroups/rg-ai-{name}/providers/Microsoft.CognitiveServices/accounts/fdry-{name}"
    )
}

/// A managed identity that runs all day: where, and by which ids.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) resource: String,
    pub(crate) name: String,
    pub(crate) principal: String,
    pub(crate) app: String,
}

pub(crate) struct Microsoft<'w> {
    people: &'w People,
    cast: Cast,
    pub(crate) things: Vec<Thing>,
    pub(crate) apps: Vec<App>,
    pub(crate) agents: Vec<Agent>,
    /// Projects: path, team, who made it, when.
    pub(crate) projects: Vec<(String, usize, usize, i64)>,
    pub(crate) machines: Vec<Machine>,
    pub(crate) entra: Hourly,
    pub(crate) azure: Hourly,
    /// What the stories write into GitHub's log.
    pub(crate) github: Vec<(i64, Vec<u8>)>,
    repos: i64,
    start: i64,
}

/// Where the two exports go; nowhere when they are missing.
pub(crate) struct Places<'a> {
    pub(crate) entra: Option<&'a Path>,
    pub(crate) azure: Option<&'a Path>,
    pub(crate) since: i64,
}

impl<'w> Microsoft<'w> {
    pub(crate) fn new(seed: u64, people: &'w People, start: i64, places: &Places<'_>) -> Self {
        let cast = Cast::new(Dice::new(seed, &[41]), people, start);
        let of = format!("tenantId={TENANT}");
        let entra = entra_log::CONTAINERS.iter().map(|container| Naming::Azure { container, of: of.clone() }).collect();
        let activity = |subscription: &&str| Naming::Azure {
            container: "insights-activity-logs",
            of: format!("resourceId=/SUBSCRIPTIONS/{}", subscription.to_uppercase()),
        };
        let requests = |subscription: usize| Naming::Azure {
            container: "insights-logs-requestresponse",
            of: format!("resourceId={}", account(subscription).to_uppercase()),
        };
        let azure = SUBSCRIPTIONS.iter().map(activity).chain((0..SUBSCRIPTIONS.len()).map(requests)).collect();
        let mut all = Self {
            people,
            cast,
            things: Vec::new(),
            apps: Vec::new(),
            agents: Vec::new(),
            projects: Vec::new(),
            machines: Vec::new(),
            entra: Hourly::new(places.entra, places.since, Dice::new(seed, &[42]), entra),
            azure: Hourly::new(places.azure, places.since, Dice::new(seed, &[43]), azure),
            github: Vec::new(),
            repos: 0,
            start,
        };
        all.lives();
        all.set_up_machines();
        all
    }

    /// As many things as asked for, each by its path.
    pub(crate) fn plan(&mut self, count: usize) {
        let mut shares = Shares::new(PATHS);
        while self.things.len() < count {
            match shares.next() {
                "foundry-user" => self.by_user(),
                "foundry-pipeline" => self.by_pipeline(),
                "foundry-service-principal" => self.by_service_principal(),
                "foundry-handover" => self.handed_over(),
                "foundry-before-log" => self.before_log(),
                "entra-app-secret" => self.app_with_secret(),
                "entra-user-grant" => self.user_grant(),
                "entra-admin-consent" => self.consented_for_all(false),
                _ => self.consented_for_all(true),
            }
        }
    }

    fn set_up_machines(&mut self) {
        for index in 0..24_usize {
            let stem = *self.cast.dice.pick(crate::names::APPS);
            let subscription = SUBSCRIPTIONS[index % SUBSCRIPTIONS.len()];
            let name = format!("{stem}-{index:02}");
            let kind = *self.cast.dice.pick(&["Microsoft.Web/sites", "Microsoft.Compute/virtualMachines"]);
            self.machines.push(Machine {
                resource: format!("/subscriptions/{subscription}/resourceGroups/rg-apps/providers/{kind}/{name}"),
                principal: self.cast.dice.uuid().to_string(),
                app: self.cast.dice.uuid().to_string(),
                name,
            });
        }
    }
}
