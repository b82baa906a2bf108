//! From a file on disk to text: compression and archives, layer by layer, under limits.
//!
//! What a file is, is told by its first bytes, never by its name. Small files are held whole; large ones flow through a
//! window. Archives are never unpacked to disk, so a member's path can do no harm; it is only shown.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;

use libdeflater::Decompressor;

use super::framing::{self, Desk as FramingDesk};
use super::gzip::{self, Members};
use super::limits::Limits;
use super::listing::{Unit, unreadable};
use super::record::Record;
use super::trouble::{Flaw, Notes, Obstacle};
use crate::base::origin::{FileId, Origin};
use crate::base::time::Instant;

/// Who looks at what a bundle holds.
pub trait Visitor {
    /// A file begins, or the member of an archive. `size` is what it takes on disk; of a member, what it says of itself.
    fn begin(&mut self, path: &str, part: u32, size: u64) -> FileId;
    /// A record.
    fn record(&mut self, record: &Record<'_>);
    /// A record that could not be framed.
    fn flaw(&mut self, origin: Origin, flaw: Flaw);
    /// Why the file could not be read, or not to its end.
    fn obstacle(&mut self, file: FileId, obstacle: Obstacle);
}

/// A worker's buffers, reused from file to file.
#[derive(Default)]
pub struct Desk {
    input: Vec<u8>,
    output: Vec<u8>,
    deflate: Option<Decompressor>,
    framing: FramingDesk,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("input", &self.input.len()).field("output", &self.output.len()).finish()
    }
}

/// So many bytes deflate makes of one at most, by its format.
const DEFLATE_AT_MOST: usize = 1032;

/// Files up to this size are held whole.
const SMALL: usize = 64 << 20;

/// Where a text lies.
pub(super) struct Place<'p> {
    pub(super) file: FileId,
    pub(super) path: &'p str,
    /// The time that the archive gives the entry.
    pub(super) taken: Option<Instant>,
}

/// Reads one file, or a part of one.
pub(super) fn read(unit: &Unit, limits: &Limits, desk: &mut Desk, visitor: &mut dyn Visitor) {
    let (begin, number) = unit.part.unwrap_or((0, 0));
    let file = visitor.begin(&unit.shown, number, unit.size);
    let place = Place { file, path: &unit.shown, taken: None };
    let mut reader = Reader { limits, desk, visitor };
    if let Err(error) = reader.unit(unit, begin, &place) {
        reader.visitor.obstacle(file, unreadable(&error));
    }
}

struct Reader<'a> {
    limits: &'a Limits,
    desk: &'a mut Desk,
    visitor: &'a mut dyn Visitor,
}

impl Reader<'_> {
    fn unit(&mut self, unit: &Unit, begin: u64, place: &Place<'_>) -> io::Result<()> {
        let mut file = File::open(&unit.disk)?;
        let before = file.metadata()?;
        if !before.is_file() {
            self.visitor.obstacle(place.file, Obstacle::Special);
            return Ok(());
        }
        file.seek(SeekFrom::Start(begin))?;
        if unit.part.is_some() || unit.size <= SMALL as u64 {
            let mut input = std::mem::take(&mut self.desk.input);
            input.clear();
            // One byte more than the listing said, to see whether the file has grown.
            let most = if unit.part.is_some() { unit.size } else { unit.size + 1 };
            Read::by_ref(&mut file).take(most).read_to_end(&mut input)?;
            self.whole(&input, place, 0);
            let changed = input.len() as u64 != unit.size;
            self.desk.input = input;
            if changed {
                self.visitor.obstacle(place.file, Obstacle::Changed);
                return Ok(());
            }
        } else {
            self.large(&mut file, place)?;
        }
        let after = file.metadata()?;
        if before.len() != after.len() || before.modified().ok() != after.modified().ok() {
            self.visitor.obstacle(place.file, Obstacle::Changed);
        }
        Ok(())
    }

    /// A file that is too large to be held whole. Only a zip archive must be read out of order.
    fn large(&mut self, file: &mut File, place: &Place<'_>) -> io::Result<()> {
        let mut head = [0; 4];
        let length = file.read(&mut head)?;
        file.seek(SeekFrom::Start(0))?;
        if Kind::of(head.get(..length).unwrap_or_default()) == Kind::Zip {
            self.zip(file, place, 0);
        } else {
            self.stream(file, place, 0);
        }
        Ok(())
    }

    /// Content that is in memory.
    fn whole(&mut self, bytes: &[u8], place: &Place<'_>, depth: usize) {
        if depth > self.limits.nesting {
            self.visitor.obstacle(place.file, Obstacle::TooNested);
            return;
        }
        match Kind::of(bytes) {
            Kind::Gzip if self.one_member(bytes, place, depth) => {}
            kind @ (Kind::Gzip | Kind::Zstd | Kind::Bzip2) => self.compressed(&mut &*bytes, kind, place, depth),
            Kind::Zip => self.zip(Cursor::new(bytes), place, depth),
            Kind::Tar => self.tar(&mut &*bytes, place, depth),
            Kind::Text => framing::whole(bytes, place, self.limits, &mut self.desk.framing, self.visitor),
        }
    }

    /// Content that flows by: held whole if it is small after all.
    fn stream(&mut self, mut reader: &mut dyn Read, place: &Place<'_>, depth: usize) {
        if depth > self.limits.nesting {
            self.visitor.obstacle(place.file, Obstacle::TooNested);
            return;
        }
        let mut head = Vec::new();
        if let Err(error) = Read::by_ref(&mut reader).take(SMALL as u64 + 1).read_to_end(&mut head) {
            self.visitor.obstacle(place.file, unreadable(&error));
        }
        if head.len() <= SMALL {
            return self.whole(&head, place, depth);
        }
        match Kind::of(&head) {
            Kind::Text => {
                framing::stream(head, reader, place, self.limits, &mut self.desk.framing, self.visitor);
            }
            Kind::Tar => self.tar(&mut Cursor::new(head).chain(reader), place, depth),
            Kind::Zip => {
                if reader.take(Limits::WHOLE).read_to_end(&mut head).is_ok_and(|more| (more as u64) < Limits::WHOLE) {
                    self.zip(Cursor::new(head), place, depth);
                } else {
                    self.visitor.obstacle(place.file, Obstacle::TooLarge);
                }
            }
            kind => self.compressed(&mut BufReader::new(Cursor::new(head).chain(reader)), kind, place, depth),
        }
    }

    /// The fast road for what most trails are made of: one gzip member, decompressed in one go. `false` where it is
    /// anything else, or damaged: then the slow road says what is wrong. Something behind the member is noticed by its last
    /// four bytes, which are not the member's size; whoever forges those could as well hide it in the member's header.
    fn one_member(&mut self, bytes: &[u8], place: &Place<'_>, depth: usize) -> bool {
        let size = bytes.last_chunk::<4>().map(|last| u32::from_le_bytes(*last) as usize).unwrap_or(usize::MAX);
        let further = bytes.get(gzip::MAGIC.len()..).and_then(|rest| memchr::memmem::find(rest, &gzip::MAGIC));
        let most = (Limits::ALWAYS as usize).min(usize::try_from(self.limits.file).unwrap_or(usize::MAX));
        // A damaged file may claim any size; no room is made for more than deflate can make of its bytes.
        let most = most.min(bytes.len().saturating_mul(DEFLATE_AT_MOST));
        if size > most || further.is_some() {
            return false;
        }
        let mut output = std::mem::take(&mut self.desk.output);
        if output.len() < size {
            output.resize(size, 0);
        }
        let deflate = self.desk.deflate.get_or_insert_with(Decompressor::new);
        let done = output.get_mut(..size).and_then(|room| deflate.gzip_decompress(bytes, room).ok());
        let sound = done == Some(size);
        if sound {
            self.whole(output.get(..size).unwrap_or_default(), place, depth + 1);
        }
        self.desk.output = output;
        sound
    }

    fn compressed(&mut self, reader: &mut dyn BufRead, kind: Kind, place: &Place<'_>, depth: usize) {
        let (notes, taken) = (Notes::default(), Rc::new(Cell::new(0)));
        let reader = Counted { reader, taken: Rc::clone(&taken) };
        let layer = match kind {
            Kind::Gzip => Layer::Gzip(Members::new(reader, notes.clone())),
            Kind::Bzip2 => Layer::Bzip2(bzip2::bufread::MultiBzDecoder::new(reader)),
            _ => Layer::Zstd(reader, None),
        };
        let mut capped = Capped { layer, given: 0, taken, limits: self.limits, notes: notes.clone() };
        self.stream(&mut capped, place, depth + 1);
        for obstacle in notes.take() {
            self.visitor.obstacle(place.file, obstacle);
        }
    }

    fn zip(&mut self, reader: impl Read + Seek, place: &Place<'_>, depth: usize) {
        let mut archive = match zip::ZipArchive::new(reader) {
            Ok(archive) => archive,
            Err(error) => return self.visitor.obstacle(place.file, Obstacle::Corrupt(error.to_string())),
        };
        for number in 0..archive.len() {
            if number >= self.limits.files {
                return self.visitor.obstacle(place.file, Obstacle::TooMany);
            }
            let mut entry = match archive.by_index(number) {
                Ok(entry) => entry,
                Err(error) => {
                    let what = format!("member {}: {error}", number + 1);
                    self.visitor.obstacle(place.file, Obstacle::Unsupported(what));
                    continue;
                }
            };
            if entry.is_dir() {
                continue;
            }
            let member = String::from_utf8_lossy(entry.name_raw()).into_owned();
            let taken = entry.last_modified().and_then(|stamp| {
                let (year, month, day) = (stamp.year(), stamp.month(), stamp.day());
                let (hour, minute, second) = (stamp.hour(), stamp.minute(), stamp.second());
                // A zip entry has no zone. By the usual tools it is local time: good to the day, not to the hour.
                Instant::parse(&format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
            });
            let (size, packed) = (entry.size(), entry.compressed_size());
            self.member(&mut entry, &member, (size, packed), taken, place, depth);
        }
    }

    fn tar(&mut self, reader: &mut dyn Read, place: &Place<'_>, depth: usize) {
        let mut archive = tar::Archive::new(reader);
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(error) => return self.visitor.obstacle(place.file, Obstacle::Corrupt(error.to_string())),
        };
        for (number, entry) in entries.enumerate() {
            let mut entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.visitor.obstacle(place.file, Obstacle::Corrupt(error.to_string())),
            };
            if number >= self.limits.files {
                return self.visitor.obstacle(place.file, Obstacle::TooMany);
            }
            let kind = entry.header().entry_type();
            if kind.is_dir() || kind.is_pax_global_extensions() {
                continue;
            }
            let member = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            if !kind.is_file() && !kind.is_contiguous() && !kind.is_gnu_sparse() {
                let what = format!("{member}: a link or device in an archive");
                self.visitor.obstacle(place.file, Obstacle::Unsupported(what));
                continue;
            }
            let taken = entry.header().mtime().ok().and_then(|seconds| i64::try_from(seconds).ok());
            let taken = taken.filter(|seconds| *seconds > 0).and_then(Instant::from_seconds);
            let size = entry.size();
            self.member(&mut entry, &member, (size, size), taken, place, depth);
        }
    }

    /// A member of an archive: a file with a path of its own. `sizes` are what it becomes and what it takes.
    fn member(
        &mut self,
        reader: &mut dyn Read,
        name: &str,
        sizes: (u64, u64),
        taken: Option<Instant>,
        archive: &Place<'_>,
        depth: usize,
    ) {
        let path = format!("{}/{name}", archive.path);
        let file = self.visitor.begin(&path, 0, sizes.1);
        let leads_out = name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..");
        if leads_out {
            return self.visitor.obstacle(file, Obstacle::UnsafePath);
        }
        let notes = Notes::default();
        let mut capped = Capped {
            given: 0,
            taken: Rc::new(Cell::new(sizes.1.max(1))),
            limits: self.limits,
            notes: notes.clone(),
            layer: Layer::Member(reader),
        };
        let (input, output) = (std::mem::take(&mut self.desk.input), std::mem::take(&mut self.desk.output));
        self.stream(&mut capped, &Place { file, path: &path, taken }, depth + 1);
        (self.desk.input, self.desk.output) = (input, output);
        for obstacle in notes.take() {
            self.visitor.obstacle(file, obstacle);
        }
    }
}

/// What a file is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gzip,
    Zstd,
    Bzip2,
    Zip,
    Tar,
    Text,
}

impl Kind {
    fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, 0x08, ..] => Self::Gzip,
            // A frame, or one that decoders skip.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            _ if head.get(257..262) == Some(b"ustar") => Self::Tar,
            _ => Self::Text,
        }
    }
}

/// Counts what is taken from a reader.
struct Counted<'r> {
    reader: &'r mut dyn BufRead,
    taken: Rc<Cell<u64>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(out)?;
        self.taken.set(self.taken.get() + length as u64);
        Ok(length)
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, length: usize) {
        self.taken.set(self.taken.get() + length as u64);
        self.reader.consume(length);
    }
}

/// One layer of compression, or a member of an archive.
enum Layer<'r> {
    /// Nothing more comes.
    Empty,
    Gzip(Members<Counted<'r>>),
    Bzip2(bzip2::bufread::MultiBzDecoder<Counted<'r>>),
    /// The frames that are still to come, and the one that is being read.
    Zstd(Counted<'r>, Option<Box<ZstdFrame>>),
    Member(&'r mut dyn Read),
}

type ZstdFrame = ruzstd::decoding::FrameDecoder;

/// A layer that stops where the limits are, and notes why; a damaged layer ends, and what came before it counts.
struct Capped<'r> {
    layer: Layer<'r>,
    given: u64,
    taken: Rc<Cell<u64>>,
    limits: &'r Limits,
    notes: Notes,
}

impl Capped<'_> {
    fn next(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match &mut self.layer {
            Layer::Empty => Ok(0),
            Layer::Gzip(reader) => reader.read(out),
            Layer::Bzip2(reader) => reader.read(out),
            Layer::Member(reader) => reader.read(out),
            Layer::Zstd(reader, frame) => zstd(reader, frame, out),
        }
    }

    fn beyond(&self) -> Option<Obstacle> {
        if self.given > self.limits.file {
            return Some(Obstacle::TooLarge);
        }
        let grown = self.given > Limits::ALWAYS && self.given / self.taken.get().max(1) > self.limits.ratio;
        grown.then_some(Obstacle::Bomb)
    }
}

impl Read for Capped<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let obstacle = match self.next(out) {
            Ok(length) => {
                self.given += length as u64;
                let Some(obstacle) = self.beyond() else { return Ok(length) };
                obstacle
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Obstacle::CutShort,
            Err(error) => Obstacle::Corrupt(error.to_string()),
        };
        self.notes.add(obstacle);
        self.layer = Layer::Empty;
        Ok(0)
    }
}

/// Reads from a sequence of zstd frames.
fn zstd(reader: &mut impl BufRead, frame: &mut Option<Box<ZstdFrame>>, out: &mut [u8]) -> io::Result<usize> {
    use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
    loop {
        let decoder = match frame {
            Some(decoder) => decoder,
            None if reader.fill_buf()?.is_empty() => return Ok(0),
            None => {
                if skippable(reader)? {
                    continue;
                }
                let mut decoder = FrameDecoder::new();
                decoder.reset(&mut *reader).map_err(io::Error::other)?;
                frame.insert(Box::new(decoder))
            }
        };
        if decoder.can_collect() > 0 {
            return decoder.read(out);
        }
        if decoder.is_finished() {
            *frame = None;
            continue;
        }
        decoder
            .decode_blocks(&mut *reader, BlockDecodingStrategy::UptoBytes(out.len().max(1)))
            .map_err(io::Error::other)?;
    }
}

/// Skips a frame that decoders are told to skip; `false` where the next one is another.
fn skippable(reader: &mut impl BufRead) -> io::Result<bool> {
    if !matches!(reader.fill_buf()?, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]) {
        return Ok(false);
    }
    let mut head = [0; 8];
    reader.read_exact(&mut head)?;
    let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    io::copy(&mut reader.take(u64::from(length)), &mut io::sink())?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::super::properties::{PLACE, Shown, text};
    use super::*;

    fn member(text: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    /// Reads by the road that the reader chooses, or by another.
    fn read(road: impl Fn(&mut Reader<'_>)) -> Shown {
        let (mut desk, mut shown, limits) = (Desk::default(), Shown::default(), Limits::default());
        road(&mut Reader { limits: &limits, desk: &mut desk, visitor: &mut shown });
        shown.obstacles.sort_unstable();
        shown
    }

    fn slow(bytes: &[u8]) -> Shown {
        read(|reader| reader.compressed(&mut &*bytes, Kind::Gzip, &PLACE, 0))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        /// Whole gzip files and damaged ones: in one go or streaming, the same records, flaws and obstacles.
        #[test]
        fn both_gzip_roads_lead_to_the_same(
            text in text(),
            level in 0..10_u32,
            damage in prop::option::of((0..5_usize, any::<prop::sample::Index>(), any::<u8>())),
        ) {
            let mut bytes = member(&text.0, level);
            let is_plain = memchr::memmem::find(&bytes[1..], &gzip::MAGIC).is_none();
            read(|reader| assert_eq!(reader.one_member(&bytes, &PLACE, 0), is_plain, "whether the fast road is taken"));
            match damage.map(|(way, at, byte)| (way, at.index(bytes.len()), byte)) {
                None => {}
                // The first three bytes make it gzip.
                Some((0, at, byte)) => bytes[at.max(3)] = byte,
                Some((1, at, _)) => bytes.truncate(at.max(3)),
                Some((2, at, _)) => bytes.extend(vec![0; at]),
                Some((3, _, byte)) => bytes.extend([&[byte][..], b"rubbish"].concat()),
                Some((_, at, _)) => bytes.extend(member(&text.0[..at.min(text.0.len())], level)),
            }
            prop_assert_eq!(read(|reader| reader.whole(&bytes, &PLACE, 0)), slow(&bytes));
        }
    }

    /// What is too large to be held flows through a window; what fits is taken in one go.
    #[test]
    fn what_flows_by_is_what_is_held() {
        let value = "x".repeat(64 << 10);
        let text: String =
            (0..1050).map(|number| format!("{{\"eventID\":\"{number}\",\"v\":\"{value}\"}}\n")).collect();
        assert!(text.len() > SMALL);
        let held = member(text.as_bytes(), 1);
        let flowing = [&held[..], &member(b"", 1)].concat();
        let shown = |bytes: &[u8]| read(|reader| reader.whole(bytes, &PLACE, 0));
        let (held, flowing) = (shown(&held), shown(&flowing));
        assert_eq!(held.records().len(), 1050);
        assert_eq!(held, flowing);
    }
}
