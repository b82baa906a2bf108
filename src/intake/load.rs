//! Reading a whole bundle: every record through its source, into sealed facts and coverage.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use rayon::prelude::*;

use super::clock::Clock;
use super::places::{FileRow, Place, Places};
use super::seen::{Booked, Seen, Verdict};
use super::tally::{FileTally, Span, Spans, Tally, Why};
use crate::base::origin::{FileId, Origin};
use crate::base::progress::Progress;
use crate::base::time::Instant;
use crate::bundle::Bundle;
use crate::bundle::coverage::{Coverage, FileCoverage, Refused, SourceSpan};
use crate::bundle::open::{Desk, Visitor};
use crate::bundle::record::{Body, Record};
use crate::bundle::trouble::{Flaw, Obstacle};
use crate::fact::facts::{Closed, Facts, Numbered, Roster};
use crate::fact::writer::{FactWriter, Form, Stamp};
use crate::source::{self, Pick, Reading, Shape, Source};

/// What is to be read, and how.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The bundle.
    pub bundle: &'a Bundle,
    /// The time to answer for; the end of the bundle where none is given.
    pub as_of: Option<Instant>,
    /// How many threads; one for each processor where none is given.
    pub threads: Option<usize>,
    /// Where workers say how far they are.
    pub progress: &'a Progress,
}

/// Everything that was read.
#[derive(Debug)]
pub struct Loaded {
    /// What the records claim.
    pub facts: Facts,
    /// What became of files and records.
    pub coverage: Coverage,
    /// Where every record lies.
    pub places: Places,
    /// The time to answer for: the one asked for, else the newest act that a provider stamped, else the newest time that
    /// any record tells of.
    pub as_of: Option<Instant>,
}

/// Reads a bundle.
///
/// A few records stamped far beyond everything else are a fault of some clock, or a forgery. That is known only when all
/// is read; then the bundle is read again without them.
#[must_use]
pub fn load(request: Request<'_>) -> Loaded {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(request.threads.unwrap_or(0)).build();
    let run = || {
        let first = pass(&request, None);
        let end = first.clock.end();
        match end.filter(|end| first.clock.newest().is_some_and(|newest| newest > *end)) {
            Some(end) => seal(&request, pass(&request, Some(end)), Some(end)),
            None => seal(&request, first, end),
        }
    };
    match pool {
        Ok(pool) => pool.install(run),
        Err(_) => run(), // no threads of our own: the caller's pool, or none, does the same
    }
}

/// What all workers hold in common.
struct Shared<'a> {
    request: &'a Request<'a>,
    seen: Seen,
    next_file: AtomicU32,
    /// Acts beyond this are not folded: they had not happened.
    horizon: Option<Instant>,
    /// Records beyond this are set aside.
    clock_end: Option<Instant>,
}

/// What one pass over the bundle leaves.
struct Passed {
    workers: Vec<Worker>,
    seen: Seen,
    clock: Clock,
    files: usize,
}

/// Reads all units. Records of a poor export form come last: where the same record stands in a fuller form, they are its
/// duplicates, whichever file is met first.
fn pass(request: &Request<'_>, clock_end: Option<Instant>) -> Passed {
    let units = request.bundle.units();
    request.progress.expect(units.iter().map(|unit| unit.size).sum());
    let shared =
        Shared { request, seen: Seen::default(), next_file: AtomicU32::new(0), horizon: request.as_of, clock_end };
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(units.get(*index).map_or(0, |unit| unit.size)));
    let workers: Vec<Worker> = (0..rayon::current_num_threads()).map(|_| Worker::default()).collect();
    let workers = run(&shared, workers, &order, Form::Full);
    let mut poor: Vec<usize> = workers.iter().flat_map(|worker| worker.poor.iter().copied()).collect();
    poor.sort_unstable();
    poor.dedup();
    let mut workers = if poor.is_empty() { workers } else { run(&shared, workers, &poor, Form::Poor) };
    let mut clock = Clock::default();
    for worker in &mut workers {
        clock.merge(std::mem::take(&mut worker.clock));
    }
    let files = shared.next_file.load(Ordering::Relaxed) as usize;
    Passed { workers, seen: shared.seen, clock, files }
}

/// Has the workers take one unit after the other.
fn run(shared: &Shared<'_>, workers: Vec<Worker>, order: &[usize], form: Form) -> Vec<Worker> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(workers.len()));
    rayon::scope(|scope| {
        for mut worker in workers {
            let (next, done) = (&next, &done);
            scope.spawn(move |_| {
                while let Some(index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    worker.unit(shared, *index, form);
                }
                done.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// One thread's share of the reading.
#[derive(Default)]
struct Worker {
    desk: Desk,
    writer: FactWriter,
    tally: Tally,
    spans: Spans,
    clock: Clock,
    /// The units that hold records of a poor export form.
    poor: Vec<usize>,
    last: Option<&'static dyn Source>,
}

impl Worker {
    fn unit(&mut self, shared: &Shared<'_>, index: usize, form: Form) {
        let Some(unit) = shared.request.bundle.units().get(index) else { return };
        let mut desk = std::mem::take(&mut self.desk);
        let mut look = Look { worker: self, shared, unit: index, form, records: 0 };
        shared.request.bundle.read(unit, &mut desk, &mut look);
        let records = look.records;
        self.desk = desk;
        shared.request.progress.advance(unit.size, records);
    }
}

/// A worker's look at one unit.
struct Look<'w> {
    worker: &'w mut Worker,
    shared: &'w Shared<'w>,
    unit: usize,
    form: Form,
    records: u64,
}

impl Visitor for Look<'_> {
    fn begin(&mut self, path: &str, part: u32, size: u64) -> FileId {
        let file = FileId(self.shared.next_file.fetch_add(1, Ordering::Relaxed));
        // What a file is large, and how many records it has, was counted when it was read for its full records.
        let size = if self.form == Form::Full { size } else { 0 };
        let (path, unit) = (path.to_owned(), self.unit as u32);
        self.worker.tally.begin(FileTally { file: Some(file), path, part, size, unit, ..FileTally::default() });
        file
    }

    fn record(&mut self, record: &Record<'_>) {
        self.records += 1;
        if let Some(file) = self.worker.tally.file(record.origin.file) {
            file.records += u64::from(self.form == Form::Full);
        }
        let shape = Shape { body: record.body, around: record.around };
        match source::pick(&shape, self.worker.last) {
            Pick::One(source) => {
                self.worker.last = Some(source);
                self.read(source, record);
            }
            Pick::None => self.refuse(record.origin, Why::Unrecognised),
            Pick::Ambiguous(one, two) => self.refuse(record.origin, Why::Ambiguous(one, two)),
        }
    }

    fn flaw(&mut self, origin: Origin, flaw: Flaw) {
        self.records += 1;
        if let Some(file) = self.worker.tally.file(origin.file) {
            file.records += u64::from(self.form == Form::Full);
        }
        self.refuse(origin, Why::Flawed(flaw));
    }

    fn obstacle(&mut self, file: FileId, obstacle: Obstacle) {
        let full = self.form == Form::Full;
        if let Some(file) = self.worker.tally.file(file).filter(|file| full && !file.obstacles.contains(&obstacle)) {
            file.obstacles.push(obstacle);
        }
    }
}

impl Look<'_> {
    fn refuse(&mut self, origin: Origin, why: Why) {
        let full = self.form == Form::Full;
        if let Some(file) = self.worker.tally.file(origin.file).filter(|_| full) {
            file.refused.entry(why).or_default().add(u64::from(origin.ordinal) + 1);
        }
    }

    fn read(&mut self, source: &'static dyn Source, record: &Record<'_>) {
        let name = source.card().name;
        self.worker.writer.begin();
        let reading = match source.read(record, &mut self.worker.writer) {
            Ok(reading) => reading,
            Err(refusal) => return self.refuse(record.origin, Why::Refused(name, refusal)),
        };
        let stamp = stamp(&self.worker.writer, name, record);
        if stamp.form != self.form {
            if stamp.form == Form::Poor && self.worker.poor.last() != Some(&self.unit) {
                self.worker.poor.push(self.unit);
            }
            return;
        }
        self.take(name, reading, &stamp, record.origin);
    }

    /// Keeps a record that was understood, if it is new.
    fn take(&mut self, source: &'static str, reading: Reading, stamp: &Stamp, origin: Origin) {
        let beyond = stamp.at.is_some_and(|at| self.shared.clock_end.is_some_and(|end| at > end));
        let aside = match reading {
            _ if beyond => Some("clock"),
            Reading::Claimed => None,
            Reading::SetAside(what) => Some(what),
        };
        let verdict = self.shared.seen.check(stamp, origin, (source, aside));
        let Some(file) = self.worker.tally.file(origin.file) else { return };
        if verdict == Verdict::Duplicate {
            file.duplicate += 1;
            return;
        }
        match aside {
            None => file.read(source),
            Some(what) => *file.set_aside.entry((source, what)).or_default() += 1,
        }
        if beyond {
            return;
        }
        let account = self.worker.writer.account_of_record();
        self.worker.spans.add(source, account, stamp.tells_of);
        if let Some(at) = stamp.at {
            self.worker.clock.tick(at);
        }
        self.worker.writer.keep(stamp, self.shared.horizon);
    }
}

/// Names and dates a record.
pub(super) fn stamp(writer: &FactWriter, source: &str, record: &Record<'_>) -> Stamp {
    match record.body {
        Body::Json(object) => writer.stamp(source, &[object.text]),
        Body::Line(text) => writer.stamp(source, &[text]),
        Body::Doc(doc) => writer.stamp(source, &[doc.text]),
        Body::Row(row) => writer.stamp(source, &row.cells.iter().collect::<Vec<_>>()),
    }
}

/// Makes one of what all workers read.
fn seal(request: &Request<'_>, passed: Passed, end: Option<Instant>) -> Loaded {
    let Passed { workers, seen, files, .. } = passed;
    let mut tallies = Vec::new();
    let mut spans = Vec::new();
    let mut writers = Vec::new();
    for worker in workers {
        tallies.extend(worker.tally.files);
        spans.extend(named_spans(&worker.writer, &worker.spans.rows));
        writers.push(worker.writer);
    }
    let places = Places { files: rows(&mut tallies, files), seen };
    let coverage = coverage(request.bundle, tallies, spans, &places);
    let closed: Vec<Closed> = writers.into_par_iter().map(Closed::of).collect();
    let (roster, unnumbered) = Roster::of(closed);
    let numbered: Vec<Numbered> = unnumbered.into_par_iter().map(|writer| writer.numbered(&roster)).collect();
    let facts = Facts::seal(roster, numbered);
    let newest = coverage.spans.iter().filter_map(|span| span.last).max();
    Loaded { facts, coverage, places, as_of: request.as_of.or(end).or(newest) }
}

fn named_spans(writer: &FactWriter, rows: &[Span]) -> Vec<SourceSpan> {
    let spans = rows.iter().map(|row| SourceSpan {
        source: row.source,
        account: row.account.map(|account| writer.text(account).to_owned()),
        first: row.first,
        last: row.last,
        records: row.records,
    });
    spans.collect()
}

/// Numbers the files, and says of each part of a file how many records stand before it. Sorts the tallies by path and part.
fn rows(tallies: &mut [FileTally], files: usize) -> Vec<FileRow> {
    tallies.sort_by(|left, right| {
        // A file that was read twice, for its full and its poor records, is numbered alike both times.
        (&left.path, left.part, left.file).cmp(&(&right.path, right.part, right.file))
    });
    let mut rows = vec![FileRow::default(); files];
    for group in tallies.chunk_by(|left, right| left.path == right.path) {
        let mut base = 0;
        for parts in group.chunk_by(|left, right| left.part == right.part) {
            for tally in parts {
                if let Some(row) = tally.file.and_then(|file| rows.get_mut(file.0 as usize)) {
                    *row = FileRow { path: tally.path.clone(), base, unit: tally.unit };
                }
            }
            base += parts.iter().map(|tally| tally.records).sum::<u64>();
        }
    }
    rows
}

/// What became of every file. Tallies are sorted by path and part.
fn coverage(bundle: &Bundle, tallies: Vec<FileTally>, spans: Vec<SourceSpan>, places: &Places) -> Coverage {
    let mut files: Vec<FileCoverage> = Vec::new();
    for tally in tallies {
        let base = tally.file.and_then(|file| places.row(file)).map_or(0, |row| row.base);
        match files.last_mut().filter(|file| file.path == tally.path) {
            Some(file) => merge(file, tally, base),
            None => {
                let mut file = FileCoverage { path: tally.path.clone(), ..FileCoverage::default() };
                merge(&mut file, tally, base);
                files.push(file);
            }
        }
    }
    for (path, obstacle) in bundle.obstacles() {
        let obstacles = vec![obstacle.clone()];
        files.push(FileCoverage { path: path.clone(), obstacles, ..FileCoverage::default() });
    }
    for (path, why) in bundle.excluded() {
        files.push(FileCoverage { path: path.clone(), excluded: Some(why), ..FileCoverage::default() });
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    settle_duplicates(&mut files, places);
    let mut conflicts: Vec<_> = places
        .seen
        .conflicts()
        .into_iter()
        .map(|twins| {
            let mut twins: Vec<_> = twins.into_iter().map(|(evidence, _)| evidence).collect();
            twins.sort_unstable();
            twins.dedup();
            twins
        })
        .collect();
    conflicts.sort_unstable();
    Coverage { files, spans: merged(spans), conflicts }
}

fn merge(file: &mut FileCoverage, tally: FileTally, base: u64) {
    file.size += tally.size;
    file.duplicate += tally.duplicate;
    for (source, count) in tally.read {
        *file.read.entry(source).or_default() += count;
    }
    for (what, count) in tally.set_aside {
        *file.set_aside.entry(what).or_default() += count;
    }
    for (why, refused) in tally.refused {
        let total: &mut Refused = file.refused.entry(why.text()).or_default();
        let before = total.count;
        for number in refused.first {
            total.add(base + number);
        }
        total.count = before + refused.count;
    }
    file.obstacles.extend(tally.obstacles);
    file.obstacles.sort_unstable();
    file.obstacles.dedup();
}

/// Which of two equal records was met first depends on the threads. For the books, the first by path and number is the
/// record, and the others are its duplicates.
fn settle_duplicates(files: &mut [FileCoverage], places: &Places) {
    let duplicates = places.seen.duplicates();
    for group in duplicates.chunk_by(|left, right| (left.evidence, left.first) == (right.evidence, right.first)) {
        let Some(one) = group.first() else { continue };
        let met: Place = places.place(one.first);
        let least = group.iter().map(|duplicate| places.place(duplicate.other)).min();
        let Some(least) = least.filter(|least| *least < met && least.file != met.file) else { continue };
        let index = |path: &str| files.binary_search_by(|file| file.path.as_str().cmp(path)).ok();
        if let (Some(from), Some(to), Some(booked)) = (index(&met.file), index(&least.file), places.seen.booked(one)) {
            swap(files, from, to, booked);
        }
    }
}

/// Moves one record from the books of one file to those of another, where it was counted as a duplicate.
fn swap(files: &mut [FileCoverage], from: usize, to: usize, (source, aside): Booked) {
    if let Some(file) = files.get_mut(from) {
        match aside {
            None => take_one(&mut file.read, source),
            Some(what) => take_one(&mut file.set_aside, (source, what)),
        }
        file.duplicate += 1;
    }
    if let Some(file) = files.get_mut(to) {
        match aside {
            None => *file.read.entry(source).or_default() += 1,
            Some(what) => *file.set_aside.entry((source, what)).or_default() += 1,
        }
        file.duplicate = file.duplicate.saturating_sub(1);
    }
}

/// Takes one off a count; what counts nothing is not listed.
fn take_one<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    if let Entry::Occupied(mut count) = counts.entry(key) {
        *count.get_mut() = count.get().saturating_sub(1);
        if *count.get() == 0 {
            count.remove();
        }
    }
}

/// One span for each source and account.
fn merged(mut spans: Vec<SourceSpan>) -> Vec<SourceSpan> {
    spans.sort_unstable();
    let mut merged: Vec<SourceSpan> = Vec::new();
    for span in spans {
        match merged.last_mut().filter(|last| (last.source, &last.account) == (span.source, &span.account)) {
            Some(last) => {
                last.records += span.records;
                last.first = last.first.into_iter().chain(span.first).min();
                last.last = last.last.max(span.last);
            }
            None => merged.push(span),
        }
    }
    merged
}
