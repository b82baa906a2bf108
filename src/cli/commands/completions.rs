use clap_complete::Shell;

use super::super::exit::Exit;
use super::super::global::Global;
use super::super::output::{self, Failure};

/// Completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch completions bash > ~/.local/share/bash-completion/completions/clutch")]
pub(in super::super) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut super::super::command(), "clutch", &mut text);
    output::write(global, &String::from_utf8_lossy(&text))?;
    Ok(Exit::Answered)
}
