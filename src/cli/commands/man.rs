use super::super::exit::Exit;
use super::super::global::Global;
use super::super::output::{self, Failure};

/// The manual page, of the tool or of a command
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clutch man who-owns | man -l -")]
pub(in super::super) struct Args {
    /// The command
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit, Failure> {
    let mut whole = super::super::command();
    whole.build();
    let page = match &args.command {
        None => whole,
        Some(name) => whole.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::new(Exit::Unknown, format!("no command is called {name}")).hint("clutch --help lists all")
        })?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|error| Failure::new(Exit::Fault, format!("the manual page could not be made: {error}")))?;
    output::write(global, &String::from_utf8_lossy(&text))?;
    Ok(Exit::Answered)
}
