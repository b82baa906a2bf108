//! Damage by dice: every input of the fixtures, and every form of compression, damaged in hundreds of ways under a fixed
//! seed. Nothing panics, every record is accounted for, and what lies beside a damaged file is read as before.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;

use crate::bad_input::event;
use crate::support::{Dice, files, fixtures, name};
use clutch::base::origin::{FileId, Origin};
use clutch::base::progress::Progress;
use clutch::bundle::Bundle;
use clutch::bundle::open::{Desk, Visitor};
use clutch::bundle::record::Record;
use clutch::bundle::trouble::{Flaw, Obstacle};
use clutch::case::{Case, Opening, Root};
use clutch::query::inventory::{Filter, inventory};

/// How often each input is damaged. A multiple of the number of ways.
const TIMES: usize = 210;

/// So many damaged copies lie in one bundle.
const TOGETHER: usize = 70;

/// Where the dice begin: another seed is another test.
const SEED: u64 = 0x00C0_FFEE;

/// What is put in: the signs that readers look for, where they do not belong.
const INSERTED: &[&[u8]] = &[
    b"\0",
    b"\"",
    b"\\",
    b"\\u",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\r\n\r\n",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"\x1b[2J",
    b"{\"",
    b"{\"Records\":[",
    b"{\"eventVersion\":",
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"9999999999999999999999",
    b"-1e999",
    b"9999-12-31T23:59:59Z",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"null",
];

/// A stretch of a text: mostly short, now and then up to all of it.
fn stretch(dice: &mut Dice, length: usize) -> std::ops::Range<usize> {
    let from = dice.below(length);
    let most = if dice.below(4) == 0 { length } else { length.min(64) };
    from..(from + 1 + dice.below(most)).min(length)
}

/// Damages a text in one of seven ways.
fn damaged(text: &[u8], way: usize, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = text.to_vec();
    match way % 7 {
        0 => bytes.truncate(dice.below(text.len())),
        1 => {
            for _ in 0..=dice.below(3) {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
        }
        2 => return swapped(text, dice),
        3 => drop(bytes.drain(stretch(dice, text.len()))),
        4 => {
            let again = text[stretch(dice, text.len())].to_vec();
            let at = dice.below(text.len());
            bytes.splice(at..at, again);
        }
        5 => {
            let at = dice.below(text.len());
            bytes.splice(at..at, INSERTED[dice.below(INSERTED.len())].iter().copied());
        }
        _ => {
            for byte in &mut bytes[stretch(dice, text.len())] {
                *byte = dice.next() as u8;
            }
        }
    }
    bytes
}

/// Two lines change places; of a text of one line, two of its halves.
fn swapped(text: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.len() < 2 {
        let at = dice.below(text.len());
        return [&text[at..], &text[..at]].concat();
    }
    let (one, other) = (dice.below(lines.len()), dice.below(lines.len()));
    lines.swap(one, other);
    lines.concat()
}

/// What lies beside the damaged files: three records each, older than everything, so that no clock sets them aside.
fn neighbours() -> [(&'static str, String); 2] {
    let text = |numbers: std::ops::Range<u32>| {
        numbers.fold(String::new(), |mut text, number| {
            let _ = writeln!(text, "{}", event(990_000 + number, "2020-01-01T00:00:00Z"));
            text
        })
    };
    [("a-neighbour.ndjson", text(0..3)), ("z-neighbour.ndjson", text(3..6))]
}

/// Counts what a bundle shows, without any of the books.
#[derive(Default)]
struct Count {
    files: Vec<(String, u64)>,
}

impl Count {
    fn add(&mut self, origin: Origin) {
        self.files[origin.file.0 as usize].1 += 1;
    }
}

impl Visitor for Count {
    fn begin(&mut self, path: &str, _: u32, _: u64) -> FileId {
        self.files.push((path.to_owned(), 0));
        FileId(self.files.len() as u32 - 1)
    }

    fn record(&mut self, record: &Record<'_>) {
        self.add(record.origin);
    }

    fn flaw(&mut self, origin: Origin, _: Flaw) {
        self.add(origin);
    }

    fn obstacle(&mut self, _: FileId, _: Obstacle) {}
}

/// Reads a folder and asks for everything: what is wrong with that, if anything is.
fn trouble(folder: &Path) -> Option<String> {
    let root = || vec![Root { name: String::new(), path: folder.to_owned() }];
    let read = || {
        let opening = Opening { roots: root(), threads: Some(1), ..Opening::default() };
        let case = Case::open(opening, &Progress::default());
        let _ = inventory(&case, Filter { all: true });
        let bundle = Bundle::list(root(), &clutch::case::Filter::default(), clutch::case::Limits::default());
        let (mut count, mut desk) = (Count::default(), Desk::default());
        for unit in bundle.units() {
            bundle.read(unit, &mut desk, &mut count);
        }
        (case.coverage().clone(), count)
    };
    let (coverage, mut count) = match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read,
        Err(_) => return Some("a panic".to_owned()),
    };
    // Members of an archive may have one name; the books then are kept under it.
    count.files.sort();
    let counted: Vec<(String, u64)> = count
        .files
        .chunk_by(|left, right| left.0 == right.0)
        .map(|files| (files[0].0.clone(), files.iter().map(|file| file.1).sum()))
        .collect();
    let booked: Vec<(String, u64)> =
        coverage.files.iter().map(|file| (file.path.clone(), file.totals().seen())).collect();
    if counted != booked {
        return Some(format!("the books have {booked:?}, the files {counted:?}"));
    }
    for (name, _) in neighbours() {
        let file = coverage.files.iter().find(|file| file.path == name)?;
        let totals = file.totals();
        if (totals.read, totals.seen(), file.obstacles.len()) != (3, 3, 0) {
            return Some(format!("the neighbour is not read as before: {file:?}"));
        }
    }
    None
}

/// Damages a content in many ways, a few together in a folder; every finding names the way.
fn endure(content: &[u8], called: &str, folder: &Path) -> Vec<String> {
    let seed = called.bytes().fold(SEED, |seed, byte| seed.rotate_left(7) ^ u64::from(byte));
    let mut dice = Dice(seed);
    let copies: Vec<Vec<u8>> = (0..TIMES).map(|way| damaged(content, way, &mut dice)).collect();
    let mut findings = Vec::new();
    for (group, copies) in copies.chunks(TOGETHER).enumerate() {
        let place = |number: usize| folder.join(format!("m{number:03}"));
        let lay = |number: usize| fs::write(place(number), &copies[number]).expect("writable");
        (0..copies.len()).for_each(lay);
        if trouble(folder).is_some() {
            // Which one was it? Each is looked at alone.
            (0..copies.len()).for_each(|number| fs::remove_file(place(number)).expect("ours"));
            let before = findings.len();
            for number in 0..copies.len() {
                lay(number);
                let found = trouble(folder);
                fs::remove_file(place(number)).expect("ours");
                findings.extend(found.map(|found| format!("{called}, damage {}: {found}", group * TOGETHER + number)));
            }
            if findings.len() == before {
                findings.push(format!("{called}: damages of group {group} together, none of them alone"));
            }
        } else {
            (0..copies.len()).for_each(|number| fs::remove_file(place(number)).expect("ours"));
        }
    }
    findings
}

/// Has two workers, each with a folder of its own, damage all contents.
fn endure_all(contents: &[(String, Vec<u8>)]) {
    let (next, findings) = (Mutex::new(contents.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let folder = tempfile::tempdir().expect("a folder");
                for (name, text) in neighbours() {
                    fs::write(folder.path().join(name), text).expect("writable");
                }
                loop {
                    let Some((called, content)) = next.lock().expect("no panic").next() else { break };
                    let found = endure(content, called, folder.path());
                    findings.lock().expect("no panic").extend(found);
                }
            });
        }
    });
    let findings = findings.into_inner().expect("no panic");
    assert!(findings.is_empty(), "{} findings\n{}", findings.len(), findings.join("\n"));
}

#[test]
fn every_input_is_damaged() {
    let sources = files(&fixtures().join("sources"));
    let inputs = sources.into_iter().filter(|path| {
        name(path).starts_with("input") && path.extension().is_none_or(|extension| extension != "loses")
    });
    let company = files(&fixtures().join("company/bundle"));
    let contents: Vec<(String, Vec<u8>)> = inputs
        .chain(company)
        .map(|path| (path.display().to_string(), fs::read(&path).expect("readable")))
        .filter(|(_, content)| !content.is_empty())
        .collect();
    assert!(contents.len() > 50, "the fixtures are there");
    endure_all(&contents);
}

#[test]
fn every_compression_is_damaged() {
    let text = |numbers: std::ops::Range<u32>| {
        numbers.map(|number| event(number, "2026-11-10T10:00:00Z") + "\n").collect::<String>().into_bytes()
    };
    let (one, other) = (text(0..12), text(12..24));
    let gzip = |text: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    };
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    bzip2.write_all(&one).expect("memory");
    let zstd = |text: &[u8]| ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in [("logs/one.json", &one), ("logs/other.json.gz", &gzip(&other))] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("memory");
        zip.write_all(text).expect("memory");
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, text.as_slice()).expect("memory");
    }
    let tar = tar.into_inner().expect("memory");
    let contents = [
        ("one gzip member", gzip(&one)),
        ("two gzip members", [gzip(&one), gzip(&other)].concat()),
        ("bzip2", bzip2.finish().expect("memory")),
        ("two zstd frames", [zstd(&one), zstd(&other)].concat()),
        ("zip", zip.finish().expect("memory").into_inner()),
        ("tar in gzip", gzip(&tar)),
        ("tar", tar),
    ];
    endure_all(&contents.map(|(called, content)| (called.to_owned(), content)));
}
