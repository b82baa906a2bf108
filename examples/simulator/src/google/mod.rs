//! The company in Google Cloud and Google Workspace: what it has there, and the stories by which that came to be.
//!
//! Three projects of one organisation; two log data access. People sign in with their mail address.

mod acts;
mod audit_log;
mod noise;
mod snapshots;
mod stories;
mod workspace;

pub(crate) use noise::Noise;
pub(crate) use snapshots::{write_cloud, write_workspace};

use std::path::Path;

use crate::cast::Cast;
use crate::dice::{Dice, derived};
use crate::hourly::{Hourly, Naming};
use crate::people::{Account, People};
use crate::thing::{Shares, Thing};

/// Id and number of each project; the last does not log data access.
pub(crate) const PROJECTS: [(&str, &str); 3] =
    [("example-agents-prod", "410000000001"), ("example-data-prod", "410000000002"), ("example-lab", "410000000003")];
pub(crate) const LOCATION: &str = "europe-west4";

/// Every path with its weight.
pub(crate) const PATHS: &[(&str, usize)] = &[
    ("vertex-user", 24),
    ("vertex-impersonation", 16),
    ("vertex-workload-identity", 18),
    ("vertex-handover", 6),
    ("vertex-before-log", 6),
    ("gcp-service-account-key", 16),
    ("google-user-grant", 14),
];

/// The id of somebody's account in the Google directory.
pub(crate) fn profile(account: &Account) -> String {
    let mut dice = derived(&account.okta, 50);
    format!("1{}", dice.word(20, b"0123456789"))
}

#[derive(Clone, Debug)]
pub(crate) struct ServiceAccount {
    pub(crate) project: usize,
    pub(crate) mail: String,
    pub(crate) unique: String,
    pub(crate) title: String,
    /// User-managed keys: id, since when, till when.
    pub(crate) keys: Vec<(String, i64, Option<i64>)>,
    /// With a key it works from this address since then.
    pub(crate) works: Option<(i64, String)>,
}

/// An agent engine of Vertex AI.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    pub(crate) thing: usize,
    pub(crate) project: usize,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) runs_as: Option<usize>,
    pub(crate) created: i64,
    pub(crate) changed: i64,
    pub(crate) labels: Vec<(&'static str, String)>,
    pub(crate) alive: i64,
}

impl Engine {
    pub(crate) fn path(&self) -> String {
        format!("projects/{}/locations/{LOCATION}/reasoningEngines/{}", PROJECTS[self.project].1, self.id)
    }
}

pub(crate) struct Google<'w> {
    people: &'w People,
    cast: Cast,
    pub(crate) things: Vec<Thing>,
    pub(crate) accounts: Vec<ServiceAccount>,
    pub(crate) engines: Vec<Engine>,
    /// The service account of each project that deploys, and the one that pipelines become.
    pub(crate) deployers: Vec<usize>,
    pub(crate) pipelines: Vec<usize>,
    pub(crate) audit: Hourly,
    /// Activities of Workspace: time, application and the item.
    pub(crate) activities: Vec<(i64, &'static str, serde_json::Value)>,
    /// Who let which app in: client, name, person, account.
    pub(crate) grants: Vec<(String, String, usize, String)>,
    pub(crate) github: Vec<(i64, Vec<u8>)>,
    repos: i64,
    start: i64,
}

impl<'w> Google<'w> {
    pub(crate) fn new(seed: u64, people: &'w People, start: i64, place: Option<&Path>, since: i64) -> Self {
        let streams = audit_log::STREAMS.iter().map(|stream| Naming::Google { stream }).collect();
        let mut all = Self {
            people,
            cast: Cast::new(Dice::new(seed, &[51]), people, start),
            things: Vec::new(),
            accounts: Vec::new(),
            engines: Vec::new(),
            deployers: Vec::new(),
            pipelines: Vec::new(),
            audit: Hourly::new(place, since, Dice::new(seed, &[52]), streams),
            activities: Vec::new(),
            grants: Vec::new(),
            github: Vec::new(),
            repos: 0,
            start,
        };
        all.furnish();
        all.lives();
        all
    }

    pub(crate) fn plan(&mut self, count: usize) {
        let mut shares = Shares::new(PATHS);
        while self.things.len() < count {
            match shares.next() {
                "vertex-user" => self.by_user(),
                "vertex-impersonation" => self.by_impersonation(),
                "vertex-workload-identity" => self.by_pipeline(),
                "vertex-handover" => self.handed_over(),
                "vertex-before-log" => self.before_log(),
                "gcp-service-account-key" => self.key_of_service_account(),
                _ => self.user_grant(),
            }
        }
    }

    /// What was there before the log.
    fn furnish(&mut self) {
        for project in 0..PROJECTS.len() {
            let deployer = self.service_account(project, "agent-deployer");
            let pipeline = self.service_account(project, "ci-deploy");
            self.deployers.push(deployer);
            self.pipelines.push(pipeline);
            for stem in crate::names::APPS.iter().take(6) {
                self.service_account(project, stem);
            }
        }
    }

    /// A service account with its ids; who made it is told elsewhere, if at all.
    pub(crate) fn service_account(&mut self, project: usize, name: &str) -> usize {
        // Addresses have at most 30 letters before the sign.
        let short: String = name.chars().take(30).collect();
        let unique = format!("1{}", self.cast.dice.word(20, b"0123456789"));
        self.accounts.push(ServiceAccount {
            project,
            mail: format!("{short}@{}.iam.gserviceaccount.com", PROJECTS[project].0),
            unique,
            title: name.to_owned(),
            keys: Vec::new(),
            works: None,
        });
        self.accounts.len() - 1
    }
}
