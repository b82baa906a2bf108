//! What the integration tests share: loading a folder, and facts and coverage as text.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use clutch::base::progress::Progress;
use clutch::base::time::When;
use clutch::bundle::Bundle;
use clutch::bundle::coverage::Coverage;
use clutch::bundle::limits::Limits;
use clutch::bundle::listing::{Filter, Root};
use clutch::fact::claim::{Event, Granting, Span, Standing};
use clutch::fact::facts::Facts;
use clutch::fact::handle::HandleId;
use clutch::intake::{self, Loaded, Request};

/// The fixtures.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The entries of a folder, in order.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    entries
}

/// All files below a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let below = |entry: PathBuf| if entry.is_dir() { files(&entry) } else { vec![entry] };
    entries(folder).into_iter().flat_map(below).collect()
}

/// SplitMix64: small, and the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below another one; zero where there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Runs the binary over a bundle, with an empty environment.
pub(crate) fn clutch(bundle: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clutch"));
    command.arg("-b").arg(bundle).args(arguments).env_clear().output().expect("the binary runs")
}

/// The last part of a path.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// Loads paths as one bundle.
pub(crate) fn load(paths: &[PathBuf], threads: usize) -> Loaded {
    let roots = paths.iter().map(|path| Root { name: String::new(), path: path.clone() }).collect();
    let bundle = Bundle::list(roots, &Filter::default(), Limits::default());
    let progress = Progress::default();
    intake::load(Request { bundle: &bundle, as_of: None, threads: Some(threads), progress: &progress })
}

/// Facts as lines of text, sorted.
pub(crate) fn facts_text(facts: &Facts) -> Vec<String> {
    let name = |id: HandleId| {
        let handle = facts.handle(id);
        match handle.realm {
            "" => format!("{} {:?}", handle.kind.word(), handle.value),
            realm => format!("{} {:?} of {realm:?}", handle.kind.word(), handle.value),
        }
    };
    let some = |id: Option<HandleId>| id.map_or_else(|| "-".to_owned(), name);
    let mut lines: Vec<String> = Vec::new();
    for row in facts.standing() {
        let text = match row.claim {
            Standing::Tied { a, b, tie } => format!("tied {tie:?}: {} | {}", name(a), name(b)),
            Standing::Described { who, detail, value } => {
                format!("described {detail:?}: {} | {:?}", name(who), facts.text(value))
            }
            Standing::CameFrom { who, from } => format!("came from: {} | {}", name(who), name(from)),
        };
        lines.push(format!("{text} | {}", span(&row.span)));
    }
    for row in facts.events() {
        let text = match row.event {
            Event::Made { by, made, how } => format!("made {how:?}: {} | {}", name(by), name(made)),
            Event::Granted { by, to, what, how } => {
                let how = if how == Granting::Taken { " Taken" } else { "" };
                format!("granted{how}: {} | {} | {}", some(by), name(to), name(what))
            }
            Event::Became { by, into, how } => format!("became {how:?}: {} | {}", name(by), name(into)),
            Event::Declared { owner, owned, how, by } => {
                format!("declared {how:?}: {} | {} | {}", name(owner), name(owned), some(by))
            }
            Event::Ended { who, by, how } => format!("ended {how:?}: {} | {}", name(who), some(by)),
        };
        lines.push(format!("{text} | {}", when(row.when)));
    }
    for row in facts.acts() {
        let act = row.claim;
        let (action, on, behalf) = (facts.text(act.action), some(act.on), some(act.on_behalf_of));
        let text = format!("did {:?} {action}: {} | {on} | {behalf}", act.outcome, name(act.by));
        lines.push(format!("{text} | {}", span(&row.span)));
    }
    lines.sort();
    lines
}

fn when(when: When) -> String {
    match (when.happened(), when.instant()) {
        (Some(at), _) => at.to_string(),
        (None, Some(at)) => format!("seen {at}"),
        (None, None) => "undated".to_owned(),
    }
}

fn span(span: &Span) -> String {
    if span.first == span.last { when(span.first) } else { format!("{} … {}", when(span.first), when(span.last)) }
}

/// Coverage as text.
pub(crate) fn coverage_text(coverage: &Coverage) -> String {
    let mut text = String::new();
    let totals = coverage.totals();
    let _ = writeln!(
        text,
        "{} seen = {} read + {} duplicate + {} set aside + {} refused",
        totals.seen(),
        totals.read,
        totals.duplicate,
        totals.set_aside,
        totals.refused
    );
    for span in &coverage.spans {
        let time = |at: Option<clutch::base::time::Instant>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let account = span.account.as_deref().unwrap_or("-");
        let _ = writeln!(
            text,
            "{} {account}: {} records, {} … {}",
            span.source,
            span.records,
            time(span.first),
            time(span.last)
        );
    }
    for file in &coverage.files {
        for (source, count) in &file.read {
            let _ = writeln!(text, "{}: {count} read by {source}", file.path);
        }
        if file.duplicate > 0 {
            let _ = writeln!(text, "{}: {} duplicate", file.path, file.duplicate);
        }
        for ((source, what), count) in &file.set_aside {
            let _ = writeln!(text, "{}: {count} set aside by {source}: {what}", file.path);
        }
        for (why, refused) in &file.refused {
            let _ = writeln!(text, "{}: {} refused ({:?}): {why}", file.path, refused.count, refused.first);
        }
        for obstacle in &file.obstacles {
            let _ = writeln!(text, "{}: {obstacle}", file.path);
        }
    }
    text
}
