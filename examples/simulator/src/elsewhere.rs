//! The systems whose exports are lists, not logs of every hour: their stories are told in memory and written at the end.

use std::path::Path;

use anyhow::Result;

use crate::laptops::Laptops;
use crate::run::Order;
use crate::salesforce::Salesforce;
use crate::thing::Thing;
use crate::world::World;
use crate::{System, cyberark, workday};

pub(crate) struct Elsewhere<'w> {
    world: &'w World,
    salesforce: Salesforce<'w>,
    laptops: Laptops<'w>,
    /// What the stories write into GitHub's log.
    pub(crate) github: Vec<(i64, Vec<u8>)>,
}

impl<'w> Elsewhere<'w> {
    /// As many things as asked for on each path.
    pub(crate) fn new(world: &'w World, each: usize) -> Self {
        let mut salesforce = Salesforce::new(world.seed, &world.people, world.start);
        salesforce.plan(each);
        let mut laptops = Laptops::new(world);
        laptops.plan(each);
        let github = std::mem::take(&mut laptops.github);
        Self { world, salesforce, laptops, github }
    }

    pub(crate) fn write(&self, bundle: &Path, order: &Order, since: i64) -> Result<()> {
        if order.wants(System::Workday) {
            workday::write(&bundle.join("workday"), &self.world.people)?;
        }
        if order.wants(System::Salesforce) {
            self.salesforce.write(&bundle.join("salesforce"), since)?;
        }
        if order.wants(System::Cyberark) {
            cyberark::write(&bundle.join("cyberark"), self.world, since)?;
        }
        if order.wants(System::Laptops) {
            self.laptops.write(bundle, since)?;
        }
        Ok(())
    }

    pub(crate) fn things(self) -> Vec<Thing> {
        let providers = cyberark::things(self.world);
        self.salesforce.things.into_iter().chain(self.laptops.things).chain(providers).collect()
    }
}
