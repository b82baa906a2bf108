//! The snapshots that responders export beside the logs.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::run::{Order, Outcome};
use crate::world::World;
use crate::{Degrade, okta};

pub(crate) fn write(bundle: &Path, order: &Order, world: &World, _outcome: &Outcome) -> Result<()> {
    if order.degrade != Degrade::NoIdp {
        let folder = bundle.join("okta");
        fs::create_dir_all(&folder)?;
        okta::write_users(&folder, &world.people)?;
    }
    Ok(())
}
