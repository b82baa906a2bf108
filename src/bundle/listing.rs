//! What lies on disk: every file of a bundle, in a fixed order, and what is left out from the start.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::limits::Limits;
use super::trouble::Obstacle;
use crate::base::disk;

/// A path to read, under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// What its files are shown under; empty where the bundle has one root.
    pub name: String,
    /// The folder, file or archive.
    pub path: PathBuf,
}

/// Which files to read, by the path that is shown.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    only: Option<GlobSet>,
    skip: Option<GlobSet>,
}

impl Filter {
    /// A filter from glob patterns; `*` also matches `/`. An empty list filters nothing.
    ///
    /// # Errors
    /// The pattern that is none, with the reason.
    pub fn new(only: &[String], skip: &[String]) -> Result<Self, String> {
        Ok(Self { only: globs(only)?, skip: globs(skip)? })
    }

    /// Why a file is left out.
    fn leaves_out(&self, shown: &str) -> Option<&'static str> {
        if self.only.as_ref().is_some_and(|only| !only.is_match(shown)) {
            return Some("not among --only");
        }
        self.skip.as_ref().is_some_and(|skip| skip.is_match(shown)).then_some("left out by --skip")
    }
}

fn globs(patterns: &[String]) -> Result<Option<GlobSet>, String> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|error| error.to_string())?);
    }
    set.build().map(Some).map_err(|error| error.to_string())
}

/// A file on disk, or a part of a large one: what one worker reads at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its path inside the bundle, with `/` between the parts.
    pub shown: String,
    /// Where it lies.
    pub disk: PathBuf,
    /// Its size on disk, or that of the part.
    pub size: u64,
    /// The first byte and the number of the part, where the file is read in parts.
    pub part: Option<(u64, u32)>,
}

/// What lies on disk.
#[derive(Debug, Default)]
pub struct Listing {
    /// What is read, ordered by path and part.
    pub units: Vec<Unit>,
    /// What is left out by the user's wish: path and why.
    pub excluded: Vec<(String, &'static str)>,
    /// What cannot be opened: path and why.
    pub obstacles: Vec<(String, Obstacle)>,
}

/// Lists the files under all roots.
pub(super) fn list(roots: &[Root], filter: &Filter, limits: &Limits) -> Listing {
    let mut walk = Walk { filter, limits, listing: Listing::default(), above: Vec::new() };
    for root in roots {
        walk.root(root);
    }
    let mut listing = walk.listing;
    listing.units.sort_by(|left, right| (&left.shown, left.part).cmp(&(&right.shown, right.part)));
    listing.excluded.sort_unstable();
    listing.obstacles.sort_unstable();
    listing
}

struct Walk<'a> {
    filter: &'a Filter,
    limits: &'a Limits,
    listing: Listing,
    /// The real paths of the folders we are in: a link to one of them is a loop.
    above: Vec<PathBuf>,
}

impl Walk<'_> {
    fn root(&mut self, root: &Root) {
        let name = root.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match fs::metadata(&root.path) {
            Ok(meta) if meta.is_dir() => self.folder(&root.path, &root.name),
            Ok(meta) => self.file(&root.path, join(&root.name, &name), &meta),
            Err(error) => self.listing.obstacles.push((join(&root.name, &name), unreadable(&error))),
        }
    }

    fn folder(&mut self, folder: &Path, shown: &str) {
        let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        if self.above.contains(&real) {
            self.listing.obstacles.push((shown.to_owned(), Obstacle::BadLink));
            return;
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.listing.obstacles.push((format!("{shown}/"), unreadable(&error)));
                return;
            }
        };
        self.above.push(real);
        let mut paths: Vec<PathBuf> = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => paths.push(entry.path()),
                Err(error) => self.listing.obstacles.push((format!("{shown}/"), unreadable(&error))),
            }
        }
        paths.sort_unstable();
        for path in paths {
            self.entry(&path, shown);
        }
        self.above.pop();
    }

    fn entry(&mut self, path: &Path, above: &str) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let shown = join(above, &name);
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => self.folder(path, &shown),
            Ok(meta) => self.file(path, shown, &meta),
            Err(error) => {
                let is_link = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink());
                let obstacle = if is_link { Obstacle::BadLink } else { unreadable(&error) };
                self.listing.obstacles.push((shown, obstacle));
            }
        }
    }

    fn file(&mut self, path: &Path, shown: String, meta: &Metadata) {
        if let Some(why) = self.filter.leaves_out(&shown) {
            self.listing.excluded.push((shown, why));
        } else if !meta.is_file() {
            self.listing.obstacles.push((shown, Obstacle::Special));
        } else if self.listing.units.len() >= self.limits.files {
            self.listing.obstacles.push((shown, Obstacle::TooMany));
        } else {
            let unit = Unit { shown, disk: path.to_owned(), size: meta.len(), part: None };
            match parts(&unit) {
                Some(parts) => self.listing.units.extend(parts),
                None => self.listing.units.push(unit),
            }
        }
    }
}

fn join(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") }
}

pub(super) fn unreadable(error: &io::Error) -> Obstacle {
    Obstacle::Unreadable(disk::why(error))
}

/// Files larger than this are read in parts, where they can be.
const LARGE: u64 = 64 << 20;

/// How large a part is, about.
const PART: u64 = 32 << 20;

/// How far from its place a part's border is looked for.
const REACH: usize = 1 << 20;

/// The parts of a large file of JSON lines; `None` where it is small or is anything else.
///
/// A border is only set between two lines of which each is a whole object: inside a JSON text no line can look so.
fn parts(unit: &Unit) -> Option<Vec<Unit>> {
    if unit.size < LARGE {
        return None;
    }
    let mut file = File::open(&unit.disk).ok()?;
    let mut borders = vec![0];
    let first = text_at(&mut file, 0)?;
    if !is_object(first.split(|byte| *byte == b'\n').next()?) {
        return None;
    }
    let mut at = PART;
    while at + PART / 2 < unit.size {
        let text = text_at(&mut file, at)?;
        if let Some(offset) = border(&text) {
            borders.push(at + offset as u64);
        }
        at += PART;
    }
    let ends = borders.iter().skip(1).copied().chain([unit.size]);
    let parts = borders.iter().zip(ends).enumerate().map(|(number, (begin, end))| Unit {
        size: end - begin,
        part: u32::try_from(number).ok().map(|number| (*begin, number)),
        ..unit.clone()
    });
    Some(parts.collect())
}

fn text_at(file: &mut File, at: u64) -> Option<Vec<u8>> {
    let mut text = vec![0; REACH];
    file.seek(SeekFrom::Start(at)).ok()?;
    let length = file.read(&mut text).ok()?;
    text.truncate(length);
    Some(text)
}

/// Where a line begins that is a whole object, as is the line before it.
fn border(text: &[u8]) -> Option<usize> {
    let mut breaks = memchr::memchr_iter(b'\n', text);
    let mut begin = breaks.next()? + 1;
    let mut before_is_object = false;
    for end in breaks {
        let is_object = is_object(text.get(begin..end)?);
        if is_object && before_is_object {
            return Some(begin);
        }
        before_is_object = is_object;
        begin = end + 1;
    }
    None
}

fn is_object(line: &[u8]) -> bool {
    line.first() == Some(&b'{') && super::json::end_of_value(line, 0).is_ok_and(|end| line.len() - end <= 1)
}
