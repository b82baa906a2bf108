//! Writing a world: hour by hour, so that no more than a few hours of records are ever in memory.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::clock::{DAY, END, HOUR};
use crate::delivery::{Delivery, Written};
use crate::dice::Dice;
use crate::lines::Lines;
use crate::noise::{Noise, busy};
use crate::stage::{Known, Naive, Stage};
use crate::visit::Visit;
use crate::world::{FEDERATION, World};
use crate::{Degrade, noise, okta, people, plan};

/// What to write.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) seed: u64,
    pub(crate) events: u64,
    pub(crate) people: Option<usize>,
    pub(crate) agents: Option<usize>,
    pub(crate) months: i64,
    pub(crate) degrade: Degrade,
}

/// What was written, for the truth file and for the one who asked.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) written: Written,
    pub(crate) issued: u64,
    pub(crate) okta: u64,
    pub(crate) github: u64,
    pub(crate) since: i64,
    pub(crate) naive: Vec<Naive>,
    pub(crate) known: Known,
}

impl Order {
    pub(crate) fn agents(&self) -> usize {
        self.agents.unwrap_or((self.events / 2500).clamp(40, 4000) as usize)
    }

    pub(crate) fn people(&self) -> usize {
        self.people.unwrap_or((self.agents() * 6 / 5).max(60))
    }

    fn start(&self) -> i64 {
        END - self.months.max(1) * 61 / 2 * DAY
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
    let (world, visits) = plan::make(world, order.agents());
    let outcome = perform(&bundle, order, &world, &visits, repos)?;
    crate::snapshots::write(&bundle, order, &world, &outcome)?;
    crate::truth::write(folder, order, &world, &outcome)?;
    Ok(report(&outcome, &world))
}

fn perform(bundle: &Path, order: &Order, world: &World, visits: &[Visit], repos: Vec<usize>) -> Result<Outcome> {
    let since = order.since();
    let missing = (order.degrade == Degrade::OneAccountMissing).then_some(FEDERATION);
    let delivery = Delivery::new(bundle, order.seed, since, missing);
    let okta_log = bundle.join("okta").join("system-log.ndjson");
    let okta_log = (order.degrade != Degrade::NoIdp).then_some(okta_log);
    let mut stage = Stage::new(
        world,
        delivery,
        Lines::new(okta_log.as_deref(), since)?,
        Lines::new(Some(&bundle.join("github").join("audit-log.ndjson")), since)?,
    );
    for (at, line) in okta::lives(&world.people, world.seed) {
        stage.okta.put(at, line);
    }
    hours(&mut stage, order, visits, &mut Noise::new(world, repos))?;
    let Stage { delivery, okta, github, naive, issued, known, .. } = stage;
    let (okta, github, written) = (okta.finish()?, github.finish()?, delivery.finish()?);
    Ok(Outcome { written, issued, okta, github, since, naive, known })
}

/// Every hour: the visits that begin in it, then noise up to the hour's share of the events.
fn hours(stage: &mut Stage<'_>, order: &Order, visits: &[Visit], noise: &mut Noise) -> Result<()> {
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
        noise.hour(stage, hour, target);
        stage.deliver(hour + HOUR)?;
    }
    Ok(())
}

fn report(outcome: &Outcome, world: &World) -> String {
    let written = &outcome.written;
    format!(
        "{} CloudTrail records ({} second copies) in {} files, {} bytes, {} bytes packed\n\
         {} sessions opened, {} Okta events, {} GitHub events\n\
         {} agents, {} people, {} roles, {} IAM users\n",
        written.records,
        written.duplicates,
        written.files,
        written.plain_bytes,
        written.packed_bytes,
        outcome.issued,
        outcome.okta,
        outcome.github,
        world.agents.len(),
        world.people.all.len(),
        world.roles.len(),
        world.users.len()
    )
}
