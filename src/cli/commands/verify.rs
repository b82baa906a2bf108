use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::super::exit::Exit;
use super::super::formats::{json, lines};
use super::super::global::{Format, Global};
use super::super::output::{self, Failure, Terminal};
use super::super::session::{Session, opening, zone};
use crate::base::disk;
use crate::query::manifest::{self, State};
use crate::report::sheet::Sheet;
use crate::report::text::counted;
use crate::report::wire::{convert, v1};

/// Whether a bundle is still what a manifest or report says
///
/// Of a manifest every file's digest is compared. Of a saved report (-f json) every cited record is looked up. Exit code
/// 1 when anything differs.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch -b exports/ verify manifest.json
  clutch -b exports/ verify orphans.json")]
pub(in super::super) struct Args {
    /// A manifest, or an answer that was saved with -f json
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What a manifest and a report have in common, and what tells them apart.
#[derive(Deserialize)]
struct Saved {
    schema: String,
    #[serde(default)]
    items: serde_json::Value,
    #[serde(default)]
    evidence: BTreeMap<String, serde::de::IgnoredAny>,
}

pub(super) fn run(args: &Args, global: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
    let saved = read(args)?;
    let mut exit = Exit::Answered;
    let (kind, states) = if saved.schema.starts_with("clutch.manifest/") {
        ("file", of_manifest(saved, global)?)
    } else {
        let session = Session::open(global, terminal)?;
        exit = session.exit;
        let labels: Vec<String> = saved.evidence.into_keys().collect();
        ("evidence", manifest::cited(&session.case, &labels))
    };
    let items: Vec<v1::Verified> = states.iter().map(|(id, state)| convert::verified(kind, id, *state)).collect();
    let differing: Vec<&v1::Verified> = items.iter().filter(|item| item.state != State::Same.word()).collect();
    let text = match global.format {
        Format::Table => {
            let different =
                differing.iter().map(|item| format!("{:8} {}\n", item.state, crate::report::clean::terminal(&item.id)));
            let things = if kind == "file" { ("file", "files") } else { ("record", "records") };
            let all = counted(items.len() as u64, things.0, things.1);
            format!("{}{all} compared, {} differing\n", different.collect::<String>(), differing.len())
        }
        Format::Csv => sheet(&items).csv(),
        Format::Markdown => sheet(&items).markdown(),
        Format::Ndjson => lines(&items)?,
        Format::Json => json(&v1::VerifyAnswer { schema: "clutch.verify/1".to_owned(), items: items.clone() })?,
    };
    output::write(global, &text)?;
    Ok(if differing.is_empty() { exit } else { exit.max(Exit::Found) })
}

fn read(args: &Args) -> Result<Saved, Failure> {
    let place = args.file.display();
    let text = std::fs::read_to_string(&args.file).map_err(|error| {
        Failure::new(Exit::Usage, format!("cannot be read: {place}: {}", disk::why(&error)))
            .hint("verify takes a manifest, or an answer that was saved with -f json")
    })?;
    let saved: Option<Saved> = serde_json::from_str(&text).ok();
    saved.filter(|saved| saved.schema.starts_with("clutch.")).ok_or_else(|| {
        Failure::new(Exit::Usage, format!("neither a manifest nor a report: {place}"))
            .hint("clutch manifest -f json writes one; every answer can be saved with -f json")
    })
}

fn of_manifest(saved: Saved, global: &Global) -> Result<Vec<(String, State)>, Failure> {
    let items: Vec<v1::Digest> = serde_json::from_value(saved.items)
        .map_err(|error| Failure::new(Exit::Usage, format!("the manifest cannot be understood: {error}")))?;
    let of = |item: v1::Digest| (item.path, item.sha256);
    let now = manifest::manifest(opening(global, &zone(global)?)?);
    // Both as a manifest would write them: secrets in the names of files are masked there.
    let now = now.iter().map(|file| of(convert::digest(file))).collect();
    Ok(manifest::compare(items.into_iter().map(of).collect(), now))
}

fn sheet(items: &[v1::Verified]) -> Sheet {
    let row = |item: &v1::Verified| vec![item.kind.clone(), item.id.clone(), item.state.clone()];
    Sheet { columns: vec!["kind", "id", "state"], rows: items.iter().map(row).collect() }
}
