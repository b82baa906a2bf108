//! Opening a case for a command: which bundle, as of when, and whether enough of it was read.

use std::path::PathBuf;

use super::exit::Exit;
use super::global::{Check, Global};
use super::output::{self, Failure, Terminal};
use super::places;
use super::progress::Bar;
use crate::base::time::Instant;
use crate::base::zone::Zone;
use crate::case::{Case, Filter, Limits, Opening, Root};
use crate::query::coverage::Totals;
use crate::report::page::Paper;
use crate::report::text::counted;
use crate::report::text::lists::Foot;

/// An open case, and how its answers are to be written.
pub(super) struct Session<'g> {
    pub(super) case: Case,
    pub(super) global: &'g Global,
    pub(super) paper: Paper,
    /// How the run ends if nothing worse happens.
    pub(super) exit: Exit,
}

impl<'g> Session<'g> {
    /// Reads the bundle and says on stderr what was not read.
    pub(super) fn open(global: &'g Global, terminal: &Terminal) -> Result<Self, Failure> {
        let zone = zone(global)?;
        let opening = opening(global, &zone)?;
        let gate = Gate::of(global)?;
        let naive = global.as_of.as_deref().is_some_and(|text| Instant::parse(text).is_none());
        if let Some(as_of) = opening.as_of.filter(|_| naive && !global.quiet) {
            terminal.say(&format!("clutch: as of {as_of}"));
        }
        let bar = Bar::start(terminal.err && !global.quiet && !global.no_progress);
        let case = Case::open(opening, &bar.progress);
        bar.finish();
        let totals = case.coverage().totals();
        recognised(&case, &totals)?;
        let mut session = Self { case, global, paper: terminal.paper(global, zone), exit: Exit::Answered };
        session.judge(terminal, &totals, &gate);
        Ok(session)
    }

    /// Whether as much was read as was asked for.
    fn judge(&mut self, terminal: &Terminal, totals: &Totals, gate: &Gate<'_>) {
        let quiet = self.global.quiet;
        if !self.case.coverage().is_complete() {
            let files = counted(totals.unread_files, "file", "files");
            let what = format!(
                "{} of {} and {files} were not read",
                crate::report::text::grouped(totals.refused),
                counted(totals.seen(), "record", "records"),
            );
            if !quiet || self.global.strict {
                terminal.say(&format!("clutch: {what}"));
                terminal.hint(true, "clutch coverage says which, and why");
            }
            if self.global.verbose {
                self.tell_files(terminal);
            }
            let unread = self.global.check.is_some() && gate.is_beyond(totals);
            if self.global.strict || unread {
                self.exit = self.exit.max(Exit::Unread);
            }
        }
        for conflict in self.case.coverage().conflicts.iter().take(1) {
            if !quiet {
                let ids = self.case.coverage().conflicts.len();
                let what = counted(ids as u64, "event id stands", "event ids stand");
                terminal
                    .say(&format!("clutch: {what} over different contents ({} records for the first)", conflict.len()));
                terminal.hint(true, "somebody may have planted a record; clutch coverage names them");
            }
        }
        for wanted in &gate.require {
            if let Some(why) = wanted.unmet(&self.case) {
                terminal.say(&format!("clutch: --require {}: {why}", wanted.text));
                self.exit = self.exit.max(Exit::Unread);
            }
        }
    }

    fn tell_files(&self, terminal: &Terminal) {
        for file in &self.case.coverage().files {
            for obstacle in &file.obstacles {
                terminal.say(&format!("clutch: {}: {obstacle}", file.path));
            }
            for (why, refused) in &file.refused {
                let first: Vec<String> = refused.first.iter().map(u64::to_string).collect();
                terminal.say(&format!(
                    "clutch: {} record {}: {why} ({} ×)",
                    file.path,
                    first.join(", "),
                    refused.count
                ));
            }
        }
    }

    /// Makes the answer a gate: `found` says whether the answer holds what is looked for.
    pub(super) fn check(&mut self, found: impl Fn(Check) -> bool) {
        if self.global.check.is_some_and(found) {
            self.exit = self.exit.max(Exit::Found);
        }
    }

    /// Writes the answer and ends the run.
    pub(super) fn answer(self, text: &str) -> Result<Exit, Failure> {
        output::write(self.global, text)?;
        Ok(self.exit)
    }

    /// What stands under a list of so many rows.
    pub(super) fn foot(&self, rows: usize) -> Foot {
        let totals = self.case.coverage().totals();
        let read = totals.read + totals.duplicate + totals.set_aside;
        Foot { as_of: self.case.known_as_of(), records: (read, totals.seen()), rows }
    }

    /// The paths of the bundle, as they were given.
    pub(super) fn paths(&self) -> Vec<String> {
        self.case.bundle().roots().iter().map(|root| root.path.display().to_string()).collect()
    }
}

/// The zone in which times are typed and shown.
pub(super) fn zone(global: &Global) -> Result<Zone, Failure> {
    Zone::named(&global.tz).ok_or_else(|| {
        Failure::new(Exit::Usage, format!("--tz {}: no such zone", global.tz)).hint("try Europe/Berlin, or +02:00")
    })
}

/// What is to be read, by the options.
pub(super) fn opening(global: &Global, zone: &Zone) -> Result<Opening, Failure> {
    let as_of = match &global.as_of {
        None => None,
        Some(text) => Some(zone.parse(text).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("--as-of {text}: not a time"))
                .hint("try 2026-08-18, or 2026-08-18T09:00:00Z")
        })?),
    };
    let filter = Filter::new(&global.only, &global.skip).map_err(|why| Failure::new(Exit::Usage, why))?;
    let mut roots = roots(&global.bundle);
    for root in &roots {
        places::readable(&root.path, "-b takes a folder, a file or an archive with the exports")?;
    }
    for (number, path) in global.owners.iter().enumerate() {
        places::readable(path, "--owners takes a file of reviewed corrections (clutch sources owners_file)")?;
        let name = if number == 0 { "owners".to_owned() } else { format!("owners{}", number + 1) };
        roots.push(Root { name, path: path.clone() });
    }
    Ok(Opening { roots, filter, limits: limits(global), as_of, threads: global.threads })
}

fn limits(global: &Global) -> Limits {
    const MIB: u64 = 1 << 20;
    let (given, usual) = (&global.limits, Limits::default());
    let bytes = |mib: Option<u64>, usual: u64| mib.map_or(usual, |mib| mib.saturating_mul(MIB));
    Limits {
        file: bytes(given.max_file, usual.file),
        ratio: given.max_ratio.unwrap_or(usual.ratio),
        record: usize::try_from(bytes(given.max_record, usual.record as u64)).unwrap_or(usize::MAX),
        nesting: given.max_nesting.unwrap_or(usual.nesting),
        files: given.max_files.unwrap_or(usual.files),
    }
}

/// The roots of a bundle: `NAME=PATH`, or a path; several without names are named by their last part.
fn roots(given: &[String]) -> Vec<Root> {
    let given = if given.is_empty() { vec![".".to_owned()] } else { given.to_vec() };
    let several = given.len() > 1;
    let mut roots: Vec<Root> = Vec::new();
    for text in &given {
        let whole = PathBuf::from(text);
        let named = text.split_once('=').filter(|(name, _)| !name.is_empty() && !name.contains('/') && !whole.exists());
        let (name, path) = match named {
            Some((name, path)) => (name.to_owned(), PathBuf::from(path)),
            None if several => {
                (whole.file_name().map_or_else(|| text.clone(), |name| name.to_string_lossy().into_owned()), whole)
            }
            None => (String::new(), whole),
        };
        let same = roots.iter().filter(|root| root.name == name || root.name.starts_with(&format!("{name}#"))).count();
        let name = if same > 0 { format!("{name}#{}", same + 1) } else { name };
        roots.push(Root { name, path });
    }
    roots
}

/// A bundle of which nothing was recognised gives no answer.
fn recognised(case: &Case, totals: &Totals) -> Result<(), Failure> {
    if totals.read + totals.duplicate + totals.set_aside > 0 {
        return Ok(());
    }
    let paths: Vec<String> = case.bundle().roots().iter().map(|root| root.path.display().to_string()).collect();
    let what = format!(
        "nothing was recognised in {} and {}: {}",
        counted(totals.files, "file", "files"),
        counted(totals.seen(), "record", "records"),
        paths.join(", ")
    );
    let first = case.coverage().files.iter().find_map(|file| {
        let refused = file.refused.keys().next().cloned();
        let why = file.obstacles.first().map(ToString::to_string).or(refused)?;
        Some(format!("{}: {why}", file.path))
    });
    let hint = "clutch sources lists what is read, and how to export it";
    let first = match (totals.files, totals.excluded_files) {
        (0, _) => Some("there is no file in it".to_owned()),
        (files, excluded) if files == excluded => Some("--only and --skip leave nothing to read".to_owned()),
        _ => first,
    };
    Err(Failure::new(Exit::Unread, what)
        .hint(first.map_or_else(|| hint.to_owned(), |first| format!("{first}; {hint}"))))
}

/// What must have been read for an answer to count, by the options. A wrong option is told before anything is read.
struct Gate<'g> {
    /// The share of records that may be refused, in percent.
    allowed: Option<f64>,
    require: Vec<Required<'g>>,
}

/// A source that must be there, and how old its newest record may be.
struct Required<'g> {
    text: &'g str,
    source: &'static str,
    hours: Option<i64>,
}

impl<'g> Gate<'g> {
    fn of(global: &'g Global) -> Result<Self, Failure> {
        let share = |text: &String| {
            let percent =
                text.trim().trim_end_matches('%').parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
            percent.ok_or_else(|| {
                Failure::new(Exit::Usage, format!("--allow-unread {text}: not a share in percent")).hint("try 0.5%")
            })
        };
        let allowed = global.allow_unread.as_ref().map(share).transpose()?;
        let require = global.require.iter().map(|text| Required::of(text)).collect::<Result<_, _>>()?;
        Ok(Self { allowed, require })
    }

    /// Whether more records were refused than is allowed; without an allowance any is too much.
    fn is_beyond(&self, totals: &Totals) -> bool {
        self.allowed.is_none_or(|percent| totals.refused as f64 > totals.seen() as f64 * percent / 100.0)
    }
}

impl<'g> Required<'g> {
    fn of(text: &'g str) -> Result<Self, Failure> {
        let (name, age) = text.split_once(':').map_or((text, None), |(name, age)| (name, Some(age)));
        let card = crate::query::sources::cards(None).into_iter().find(|card| card.name == name).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("--require {text}: there is no source of this name"))
                .hint("clutch sources lists them")
        })?;
        let parsed = age.map(|age| {
            let wrong = || Failure::new(Exit::Usage, format!("--require {text}: {age} is no age; try 36h or 7d"));
            hours(age).ok_or_else(wrong)
        });
        Ok(Self { text, source: card.name, hours: parsed.transpose()? })
    }

    /// Why the source is not there as it should be.
    fn unmet(&self, case: &Case) -> Option<String> {
        let (records, last) = case.coverage().of_source(self.source);
        if records == 0 {
            return Some("no record of this source was read".to_owned());
        }
        let hours = self.hours?;
        match last {
            Some(last) if last.plus_hours(hours) >= case.as_of() => None,
            Some(last) => Some(format!("its newest record is of {last}, the answer is for {}", case.as_of())),
            None => Some("none of its records has a time".to_owned()),
        }
    }
}

/// `36h`, `7d`, `2w` in hours.
pub(super) fn hours(age: &str) -> Option<i64> {
    let (number, unit) = age.split_at_checked(age.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok().filter(|number| *number >= 0)?;
    let each = match unit {
        "h" => 1,
        "d" => 24,
        "w" => 24 * 7,
        _ => return None,
    };
    number.checked_mul(each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages() {
        assert_eq!((hours("36h"), hours("7d"), hours("2w")), (Some(36), Some(168), Some(336)));
        assert_eq!((hours("soon"), hours("-1d"), hours("")), (None, None, None));
    }

    #[test]
    fn names_of_roots() {
        let names = |given: &[&str]| {
            let given: Vec<String> = given.iter().map(|text| (*text).to_owned()).collect();
            roots(&given).into_iter().map(|root| root.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&["logs"]), [""]);
        assert_eq!(names(&["prod=a/logs", "b/logs", "c/logs"]), ["prod", "logs", "logs#2"]);
    }
}
