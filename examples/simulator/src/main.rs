//! Writes bundles of audit logs for an invented company, with the true owners beside them, and scores answers.
//!
//! See `README.md` for the world that is simulated and what is not.

mod calls;
mod cast;
mod clock;
mod cloudtrail;
mod cyberark;
mod decompress;
mod delivery;
mod dice;
mod elsewhere;
mod github;
mod gitlab;
mod google;
mod hourly;
mod json;
mod laptops;
mod lines;
mod microsoft;
mod names;
mod noise;
mod okta;
mod paths;
mod people;
mod plan;
mod play;
mod run;
mod salesforce;
mod score;
mod score_table;
mod snapshots;
mod stage;
mod stands;
#[cfg(test)]
mod tests;
mod thing;
mod truth;
mod vault;
mod visit;
mod workday;
mod world;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};

/// Writes bundles of audit logs for an invented company, with the true owners beside them, and scores answers.
#[derive(Debug, Parser)]
#[command(name = "clutch-simulator", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write DIR/bundle and DIR/truth.json.
    Write {
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Records to write of each cloud (CloudTrail with its second copies; Entra; Azure; Google Cloud).
        #[arg(long, default_value_t = 100_000, value_name = "N")]
        events: u64,
        /// People in the company [default: grows with the agents].
        #[arg(long, value_name = "N")]
        people: Option<usize>,
        /// Agents in AWS [default: one for 2,500 events, 40 to 4,000]; half as many things at Microsoft, a third at Google.
        #[arg(long, value_name = "N")]
        agents: Option<usize>,
        /// Months that the logs cover.
        #[arg(long, default_value_t = 6, value_name = "N")]
        months: i64,
        /// What the export lacks.
        #[arg(long, default_value = "none")]
        degrade: Degrade,
        /// The systems whose exports are written. The company and its owners are the same whatever is left out.
        #[arg(long, value_delimiter = ',', default_values_t = System::ALL)]
        systems: Vec<System>,
    },
    /// Score the answers of `clutch inventory --format json`.
    Score {
        #[arg(long, value_name = "FILE")]
        truth: PathBuf,
        #[arg(long, value_name = "FILE")]
        answers: PathBuf,
        /// Exit 1 when more than this share of all agents is wrongly named.
        #[arg(long, value_name = "SHARE")]
        max_wrong: Option<f64>,
        /// Exit 1 when less than this share of the owned agents is rightly named.
        #[arg(long, value_name = "SHARE")]
        min_top1: Option<f64>,
        /// List up to this many wrong names.
        #[arg(long, default_value_t = 20, value_name = "N")]
        show: usize,
    },
    /// Decompress all .gz files below DIR and do nothing else: the floor for benchmarks.
    Decompress {
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        #[arg(long, default_value_t = 2, value_name = "N")]
        threads: usize,
    },
}

/// A system with exports of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum System {
    /// CloudTrail, IAM, Bedrock, Identity Center.
    Aws,
    Okta,
    Github,
    /// Sign-ins, audits, directory.
    Entra,
    /// Activity Log, AI Foundry.
    Azure,
    /// Cloud Audit Logs, Vertex AI, Workspace.
    Google,
    /// Workers, and what became of them.
    Workday,
    /// Users, access of apps, agents.
    Salesforce,
    /// Pipelines, users, audit events.
    Gitlab,
    /// The audit log.
    Vault,
    /// The Vault's syslog.
    Cyberark,
    /// Homes with MCP configurations, enrolment, process starts.
    Laptops,
}

impl System {
    const ALL: [Self; 12] = [
        Self::Aws,
        Self::Okta,
        Self::Github,
        Self::Entra,
        Self::Azure,
        Self::Google,
        Self::Workday,
        Self::Salesforce,
        Self::Gitlab,
        Self::Vault,
        Self::Cyberark,
        Self::Laptops,
    ];
}

impl std::fmt::Display for System {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Aws => "aws",
            Self::Okta => "okta",
            Self::Github => "github",
            Self::Entra => "entra",
            Self::Azure => "azure",
            Self::Google => "google",
            Self::Workday => "workday",
            Self::Salesforce => "salesforce",
            Self::Gitlab => "gitlab",
            Self::Vault => "vault",
            Self::Cyberark => "cyberark",
            Self::Laptops => "laptops",
        })
    }
}

/// What an export lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Degrade {
    /// Nothing.
    None,
    /// No Okta export and no directory: no users of Identity Center, Entra or Google.
    NoIdp,
    /// Only the last seven days of every log.
    SevenDays,
    /// No trail of the account in which Okta's SAML roles live.
    OneAccountMissing,
}

impl std::fmt::Display for Degrade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::NoIdp => "no-idp",
            Self::SevenDays => "seven-days",
            Self::OneAccountMissing => "one-account-missing",
        })
    }
}

fn main() -> ExitCode {
    match perform(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            // There is nobody left to tell when even this fails.
            let _ = writeln!(std::io::stderr().lock(), "clutch-simulator: {error:#}");
            ExitCode::from(4)
        }
    }
}

fn perform(command: Command) -> Result<ExitCode> {
    match command {
        Command::Write { out, seed, events, people, agents, months, degrade, systems } => {
            let report = run::write(&out, &run::Order { seed, events, people, agents, months, degrade, systems })?;
            std::io::stdout().lock().write_all(report.as_bytes())?;
        }
        Command::Score { truth, answers, max_wrong, min_top1, show } => {
            let met = score::run(&truth, &answers, score::Limits { max_wrong, min_top1 }, show)?;
            return Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Decompress { folder, threads } => decompress::run(&folder, threads)?,
    }
    Ok(ExitCode::SUCCESS)
}
