//! Flags in, exit code out.
//!
//! Enters: the command line. Leaves: the answer on stdout (or in a file), everything else on stderr, and an exit code.
//! This room holds no thought about ownership: it opens a case, asks one question, has the answer written, and says
//! how it went.

mod commands;
mod exit;
mod formats;
mod global;
mod output;
mod places;
mod progress;
mod session;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

pub use exit::Exit;
use global::Global;
use output::Terminal;

/// Names the accountable human behind an agent, from exported audit logs, with the records that prove it.
///
/// Reads a folder of exports (CloudTrail, IAM, Identity Center, Bedrock, Okta, GitHub; see `clutch sources`), joins them
/// in memory, and answers. It needs no network, writes nothing beside the evidence, and says what it could not read.
#[derive(Debug, Parser)]
#[command(name = "clutch", version, max_term_width = 100, propagate_version = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: commands::Command,
    #[command(flatten)]
    global: Global,
}

const EXAMPLES: &str = "\
Examples:
  clutch -b exports/ who-owns XCZ9AGUFOR    who is accountable for it, and why
  clutch -b exports/ owned-by mira.holt@example.com
  clutch -b exports/ orphans --check        for a pipeline: 1 if there is one
  clutch -b exports/ coverage               what was read, what not, and why
  clutch sources aws_cloudtrail             how to export it

Exit codes:
  0 answered            1 the check found something   2 wrong command line
  3 name unknown        4 bundle not (all) readable   5 answer not written,
    or ambiguous                                        or a fault of ours";

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let terminal = Terminal::default();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let wanted = cli.global.output.as_deref().map_or(Ok(()), places::writable);
    let exit = match wanted.and_then(|()| cli.command.run(&cli.global, &terminal)) {
        Ok(exit) => exit,
        Err(failure) => {
            failure.tell(&terminal);
            failure.exit
        }
    };
    exit.into()
}

/// Help and version go to stdout with success; anything else is a wrong command line.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe is no reason to complain about how help was read.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Answered.into(),
        _ => Exit::Usage.into(),
    }
}

/// The command line as clap knows it: for completions, man pages and the tests of help texts.
fn command() -> clap::Command {
    Cli::command()
}
