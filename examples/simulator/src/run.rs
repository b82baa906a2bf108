//! Writing a world: hour by hour, so that no more than a few hours of records are ever in memory.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::clock::{DAY, END, HOUR};
use crate::delivery::{Delivery, Written};
use crate::dice::Dice;
use crate::elsewhere::Elsewhere;
use crate::google::Google;
use crate::lines::Lines;
use crate::microsoft::Microsoft;
use crate::noise::{Noise, busy};
use crate::stage::{Known, Naive, Stage};
use crate::thing::Thing;
use crate::visit::Visit;
use crate::world::{FEDERATION, World};
use crate::{Degrade, System, google, hourly, microsoft, noise, okta, people, plan};

/// What to write.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) seed: u64,
    pub(crate) events: u64,
    pub(crate) people: Option<usize>,
    pub(crate) agents: Option<usize>,
    pub(crate) months: i64,
    pub(crate) degrade: Degrade,
    pub(crate) systems: Vec<System>,
}

/// What was written, for the truth file and for the one who asked.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) written: Written,
    pub(crate) issued: u64,
    pub(crate) okta: u64,
    pub(crate) github: u64,
    /// What the other clouds' logs hold.
    pub(crate) entra: hourly::Written,
    pub(crate) azure: hourly::Written,
    pub(crate) google: hourly::Written,
    pub(crate) since: i64,
    /// Agents, grants, apps and keys outside AWS.
    pub(crate) things: Vec<Thing>,
    pub(crate) naive: Vec<Naive>,
    pub(crate) known: Known,
}

impl Order {
    pub(crate) fn agents(&self) -> usize {
        self.agents.unwrap_or((self.events / 2500).clamp(40, 4000) as usize)
    }

    /// How many there are on each path that ends outside the three clouds.
    fn each(&self) -> usize {
        (self.agents() / 25).max(1)
    }

    pub(crate) fn people(&self) -> usize {
        self.people.unwrap_or((self.agents() * 6 / 5).max(60))
    }

    fn start(&self) -> i64 {
        END - self.months.max(1) * 61 / 2 * DAY
    }

    pub(crate) fn wants(&self, system: System) -> bool {
        self.systems.contains(&system)
    }

    /// Whether directories are exported.
    pub(crate) fn has_directories(&self) -> bool {
        self.degrade != Degrade::NoIdp
    }

    /// The time before which nothing was exported.
    fn since(&self) -> i64 {
        if self.degrade == Degrade::SevenDays { END - 7 * DAY } else { self.start() }
    }
}

/// Plans the world, writes bundle and truth, and says in a few lines what that was.
pub(crate) fn write(folder: &Path, order: &Order) -> Result<String> {
    let bundle = folder.join("bundle");
    fs::create_dir_all(&bundle).with_context(|| format!("making {}", bundle.display()))?;
    let people = people::make(order.seed, order.people(), order.start());
    let mut world = World::new(order.seed, order.start(), people);
    world.add_apps((order.events / 5000).clamp(8, 2000) as usize);
    let repos = noise::add_repos(&mut world, 3 + order.agents() / 4);
    let (world, visits) = plan::make(world, order.agents(), order.each());
    let outcome = perform(&bundle, order, &world, &visits, repos)?;
    crate::snapshots::write(&bundle, order, &world, &outcome)?;
    crate::truth::write(folder, order, &world, &outcome)?;
    Ok(report(&outcome, &world))
}

fn perform(bundle: &Path, order: &Order, world: &World, visits: &[Visit], repos: Vec<usize>) -> Result<Outcome> {
    let since = order.since();
    let folder = |system: System, name: &str| order.wants(system).then(|| bundle.join(name));
    let missing = (order.degrade == Degrade::OneAccountMissing).then_some(FEDERATION);
    let delivery = Delivery::new(folder(System::Aws, "").as_deref(), order.seed, since, missing);
    let okta_log = folder(System::Okta, "okta/system-log.ndjson").filter(|_| order.has_directories());
    let github_log = folder(System::Github, "github/audit-log.ndjson");
    let vault_log = folder(System::Vault, "vault/audit.log");
    let lines = |path: Option<PathBuf>| Lines::new(path.as_deref(), since);
    let mut stage = Stage::new(world, delivery, lines(okta_log)?, lines(github_log)?, lines(vault_log)?);
    for (at, line) in okta::lives(&world.people, world.seed) {
        stage.okta.put(at, line);
    }
    let (entra, azure) = (folder(System::Entra, "entra"), folder(System::Azure, "azure"));
    let places = microsoft::Places { entra: entra.as_deref(), azure: azure.as_deref(), since };
    let mut tenant = Microsoft::new(order.seed, &world.people, world.start, &places);
    tenant.plan(order.agents() / 2);
    let google = folder(System::Google, "google");
    let mut cloud = Google::new(order.seed, &world.people, world.start, google.as_deref(), since);
    cloud.plan(order.agents() / 3);
    let mut elsewhere = Elsewhere::new(world, order.each());
    for (at, line) in tenant.github.drain(..).chain(cloud.github.drain(..)).chain(elsewhere.github.drain(..)) {
        stage.github.put(at, line);
    }
    let mut others = Others {
        tenant_noise: microsoft::Noise::new(order.seed, &tenant),
        cloud_noise: google::Noise::new(order.seed),
        tenant,
        cloud,
    };
    hours(&mut stage, &mut others, order, visits, &mut Noise::new(world, repos))?;
    let Others { mut tenant, mut cloud, .. } = others;
    if let Some(folder) = entra.filter(|_| order.has_directories()) {
        microsoft::write_directory(&folder.join("graph"), &tenant)?;
    }
    if let Some(folder) = azure {
        microsoft::write_azure(&folder.join("resources"), &tenant)?;
    }
    if let Some(folder) = google {
        google::write_cloud(&folder.join("snapshots"), &cloud)?;
        google::write_workspace(&folder.join("workspace"), &cloud, since, order.has_directories())?;
    }
    elsewhere.write(bundle, order, since)?;
    if order.wants(System::Gitlab) {
        stage.gitlab.write(&bundle.join("gitlab"), world, since)?;
    }
    let things = tenant.things.drain(..).chain(cloud.things.drain(..)).chain(elsewhere.things()).collect();
    let Stage { delivery, okta, github, vault, naive, issued, known, .. } = stage;
    vault.finish()?;
    let (okta, github, written) = (okta.finish()?, github.finish()?, delivery.finish()?);
    let (entra, azure, google) = (tenant.entra.finish()?, tenant.azure.finish()?, cloud.audit.finish()?);
    Ok(Outcome { written, issued, okta, github, entra, azure, google, since, things, naive, known })
}

/// The clouds besides AWS, and what goes on there all day.
struct Others<'w> {
    tenant: Microsoft<'w>,
    cloud: Google<'w>,
    tenant_noise: microsoft::Noise,
    cloud_noise: google::Noise,
}

impl Others<'_> {
    fn hour(&mut self, hour: i64, target: u64) -> Result<()> {
        self.tenant_noise.hour(&mut self.tenant, hour, target);
        self.cloud_noise.hour(&mut self.cloud, hour, target);
        self.tenant.entra.deliver(hour + HOUR)?;
        self.tenant.azure.deliver(hour + HOUR)?;
        self.cloud.audit.deliver(hour + HOUR)
    }
}

/// Every hour: the visits that begin in it, then noise up to the hour's share of the events.
fn hours(
    stage: &mut Stage<'_>,
    others: &mut Others<'_>,
    order: &Order,
    visits: &[Visit],
    noise: &mut Noise,
) -> Result<()> {
    let weight = |hour: i64| if hour >= order.since() { busy(hour) } else { 0 };
    let all = || (order.start()..END).step_by(HOUR as usize);
    let total: u64 = all().map(weight).sum();
    let (mut so_far, mut next) = (0, 0);
    for hour in all() {
        while let Some(visit) = visits.get(next).filter(|visit| visit.at < hour + HOUR) {
            let mut dice = Dice::new(order.seed, &[14, next as u64]);
            stage.play(visit, &mut dice);
            next += 1;
        }
        so_far += weight(hour);
        let target = (u128::from(order.events) * u128::from(so_far) / u128::from(total.max(1))) as u64;
        if order.wants(System::Aws) {
            noise.hour(stage, hour, target);
        }
        stage.deliver(hour + HOUR)?;
        others.hour(hour, target)?;
    }
    Ok(())
}

fn report(outcome: &Outcome, world: &World) -> String {
    let written = &outcome.written;
    format!(
        "{} CloudTrail records ({} second copies) in {} files, {} bytes, {} bytes packed\n\
         {} sessions opened, {} Okta events, {} GitHub events\n\
         {} Entra records in {} bytes, {} Azure records in {} bytes, {} Google Cloud records in {} bytes\n\
         {} agents in AWS, {} things elsewhere, {} people, {} roles, {} IAM users\n",
        written.records,
        written.duplicates,
        written.files,
        written.plain_bytes,
        written.packed_bytes,
        outcome.issued,
        outcome.okta,
        outcome.github,
        outcome.entra.records,
        outcome.entra.bytes,
        outcome.azure.records,
        outcome.azure.bytes,
        outcome.google.records,
        outcome.google.bytes,
        world.agents.len(),
        outcome.things.len(),
        world.people.all.len(),
        world.roles.len(),
        world.users.len()
    )
}
