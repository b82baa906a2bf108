use schemars::{Schema, schema_for};

use super::super::exit::Exit;
use super::super::formats::json;
use super::super::global::Global;
use super::super::output::{self, Failure};
use crate::report::wire::v1;

/// JSON Schema (2020-12) of the machine output
///
/// Without a command, the schemas of all commands in one object, by name.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch schema who-owns > who-owns.schema.json")]
pub(in super::super) struct Args {
    /// The command whose `-f json` is described
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// The schema of each command's JSON.
pub(in super::super) fn schemas() -> Vec<(&'static str, Schema)> {
    vec![
        ("who-owns", schema_for!(v1::Answer<v1::Asked<v1::WhoOwns>>)),
        ("owned-by", schema_for!(v1::Answer<v1::Asked<v1::OwnedBy>>)),
        ("orphans", schema_for!(v1::Answer<v1::Owned>)),
        ("inventory", schema_for!(v1::Answer<v1::Owned>)),
        ("find", schema_for!(v1::Answer<v1::Found>)),
        ("explain", schema_for!(v1::Answer<v1::Asked<v1::Explained>>)),
        ("show", schema_for!(v1::Answer<v1::Asked<v1::Shown>>)),
        ("coverage", schema_for!(v1::CoverageAnswer)),
        ("sources", schema_for!(v1::Sources)),
        ("manifest", schema_for!(v1::Manifest)),
        ("verify", schema_for!(v1::VerifyAnswer)),
    ]
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit, Failure> {
    let schemas = schemas();
    let text = match &args.command {
        None => json(&schemas.into_iter().collect::<std::collections::BTreeMap<_, _>>())?,
        Some(command) => {
            let found = schemas.into_iter().find(|(name, _)| name == command);
            let (_, schema) = found.ok_or_else(|| {
                Failure::new(Exit::Unknown, format!("no command with machine output is called {command}"))
                    .hint("clutch schema lists all")
            })?;
            json(&schema)?
        }
    };
    output::write(global, &text)?;
    Ok(Exit::Answered)
}
