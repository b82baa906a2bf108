//! The options that every command takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Options of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct Global {
    /// Folder, file or archive with the exports; repeatable, each with a name if you like (NAME=PATH)
    #[arg(short, long = "bundle", value_name = "[NAME=]PATH", env = "CLUTCH_BUNDLE", global = true)]
    pub(super) bundle: Vec<String>,

    /// Answer as things stood then: a date (its end, UTC) or an RFC 3339 time
    ///
    /// Default: the newest act in the bundle that a provider stamped.
    #[arg(long, value_name = "TIME", global = true)]
    pub(super) as_of: Option<String>,

    /// How the answer is written
    #[arg(short, long, value_enum, value_name = "FMT", default_value_t = Format::Table, global = true)]
    pub(super) format: Format,

    /// Write the answer there, whole or not at all, instead of to stdout
    #[arg(short, long, value_name = "FILE", global = true)]
    pub(super) output: Option<PathBuf>,

    /// Reviewed corrections: who owns what, decided by whom, until when
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) owners: Vec<PathBuf>,

    /// Take anything that was not read for an error (exit code 4)
    #[arg(long, global = true)]
    pub(super) strict: bool,

    /// Take it for an error when this source is absent, empty or older: --require okta_directory:36h
    #[arg(long, value_name = "SOURCE[:MAXAGE]", global = true)]
    pub(super) require: Vec<String>,

    /// Make the answer a gate: exit code 1 when it holds what the command looks for
    #[arg(long, value_enum, value_name = "WHAT", num_args = 0..=1, default_missing_value = "worse", require_equals = true, global = true)]
    pub(super) check: Option<Check>,

    /// With --check: records refused up to this share of all do not fail the run
    #[arg(long, value_name = "N%", global = true)]
    pub(super) allow_unread: Option<String>,

    /// Read only files whose path matches
    #[arg(long, value_name = "GLOB", global = true)]
    pub(super) only: Vec<String>,

    /// Leave out files whose path matches
    #[arg(long, value_name = "GLOB", global = true)]
    pub(super) skip: Vec<String>,

    /// Show at most so many rows
    #[arg(long, value_name = "N", global = true)]
    pub(super) limit: Option<usize>,

    /// The zone of times typed without one, and of times in tables (machine output is UTC)
    #[arg(long, value_name = "ZONE", default_value = "UTC", global = true)]
    pub(super) tz: String,

    /// Show whole ids, one a line, instead of short ones
    #[arg(long, global = true)]
    pub(super) ids: bool,

    /// Use so many threads; default: one for each processor
    #[arg(long, value_name = "N", global = true)]
    pub(super) threads: Option<usize>,

    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto, global = true)]
    pub(super) color: Colour,

    /// Say nothing on stderr but errors
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,

    /// Say more on stderr: each file that was not read to its end
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,

    /// Draw no progress bar
    #[arg(long, global = true)]
    pub(super) no_progress: bool,

    /// Limits on what is read
    #[command(flatten)]
    pub(super) limits: Limits,

    /// Set where colour is not wanted (see no-color.org)
    #[arg(long, hide = true, env = "NO_COLOR", global = true)]
    no_color: Option<String>,

    /// The width of a page that does not go to a terminal
    #[arg(long, hide = true, env = "COLUMNS", global = true)]
    columns: Option<String>,
}

/// Limits on what is read. What lies beyond is refused, counted and named.
#[derive(Args, Clone, Debug)]
pub(super) struct Limits {
    /// The largest a file may become by decompression, in MiB
    #[arg(long, value_name = "MIB", global = true)]
    pub(super) max_file: Option<u64>,

    /// How many times its size a file may grow by decompression
    #[arg(long, value_name = "TIMES", global = true)]
    pub(super) max_ratio: Option<u64>,

    /// The longest record or line, in MiB
    #[arg(long, value_name = "MIB", global = true)]
    pub(super) max_record: Option<u64>,

    /// How deep archives and compression may be nested
    #[arg(long, value_name = "N", global = true)]
    pub(super) max_nesting: Option<usize>,

    /// How many files a bundle may hold, members of archives among them
    #[arg(long, value_name = "N", global = true)]
    pub(super) max_files: Option<usize>,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A page for people
    Table,
    /// One JSON object
    Json,
    /// One JSON object a line
    Ndjson,
    /// A sheet
    Csv,
    /// A Markdown page
    Markdown,
}

/// What a gate looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Check {
    /// An orphan
    Worse,
    /// Anything that is not owned
    Any,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Global {
    /// Whether colour is wanted on an output that is, or is not, a terminal.
    #[must_use]
    pub(super) fn colour(&self, terminal: bool) -> bool {
        match self.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && self.no_color.as_deref().is_none_or(str::is_empty),
        }
    }

    /// The width of a page that does not go to a terminal: `$COLUMNS`, else 80.
    #[must_use]
    pub(super) fn columns(&self) -> usize {
        self.columns
            .as_deref()
            .and_then(|columns| columns.trim().parse().ok())
            .filter(|width| *width >= 20)
            .unwrap_or(80)
    }
}
