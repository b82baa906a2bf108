use super::super::exit::Exit;
use super::super::formats::{json, lines};
use super::super::global::{Format, Global};
use super::super::output::{self, Failure, Terminal};
use super::super::session::{opening, zone};
use crate::query::manifest::{self, FileDigest};
use crate::report::clean::masked;
use crate::report::sheet::Sheet;
use crate::report::wire::{convert, v1};

/// SHA-256 of every file of the bundle, with the tool and its arguments
///
/// Written down before reading, it lets `clutch verify` say later whether the evidence is still the same.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch -b exports/ manifest -f json -o manifest.json
  clutch -b exports/ verify manifest.json")]
pub(in super::super) struct Args {}

pub(super) fn run(_: &Args, global: &Global, _: &Terminal) -> Result<Exit, Failure> {
    let files = manifest::manifest(opening(global, &zone(global)?)?);
    let text = match global.format {
        Format::Table => table(&files),
        Format::Csv => sheet(&files).csv(),
        Format::Markdown => sheet(&files).markdown(),
        Format::Ndjson => lines(&wire(&files).items)?,
        Format::Json => json(&wire(&files))?,
    };
    output::write(global, &text)?;
    let unread = files.iter().any(|file| file.sha256.is_err());
    Ok(if unread && global.strict { Exit::Unread } else { Exit::Answered })
}

/// As `sha256sum` writes it, so that `sha256sum -c` can read it.
fn table(files: &[FileDigest]) -> String {
    let line = |file: &FileDigest| match &file.sha256 {
        Ok(digest) => format!("{digest}  {}\n", crate::report::clean::terminal(&file.path)),
        Err(why) => format!("# {}: {why}\n", crate::report::clean::terminal(&file.path)),
    };
    files.iter().map(line).collect()
}

fn sheet(files: &[FileDigest]) -> Sheet {
    let row = |file: &FileDigest| {
        let (digest, why) = match &file.sha256 {
            Ok(digest) => (digest.clone(), String::new()),
            Err(why) => (String::new(), why.clone()),
        };
        vec![file.path.clone(), file.size.to_string(), digest, why]
    };
    Sheet { columns: vec!["path", "bytes", "sha256", "obstacle"], rows: files.iter().map(row).collect() }
}

fn wire(files: &[FileDigest]) -> v1::Manifest {
    v1::Manifest {
        schema: "clutch.manifest/1".to_owned(),
        tool: format!("clutch {}", env!("CARGO_PKG_VERSION")),
        arguments: std::env::args_os()
            .skip(1)
            .map(|argument| masked(&argument.to_string_lossy()).into_owned())
            .collect(),
        items: files.iter().map(convert::digest).collect(),
    }
}
