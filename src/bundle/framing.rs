//! From text to records: which form a text has, and where its records begin and end.
//!
//! The form is told by the text itself: JSON in any arrangement (arrays, envelopes, lines, one object behind the other,
//! pretty-printed), a table with a header, lines, or a small document. Text in UTF-16 is turned into UTF-8 first.

use std::borrow::Cow;
use std::io::Read;

use super::blocks;
use super::json::{self, Splitter};
use super::limits::Limits;
use super::objects::Objects;
use super::open::{Place, Visitor};
use super::record::{Around, Body, Doc, DocKind, Record};
use super::table;
use super::trouble::{Flaw, Obstacle};
use crate::base::origin::Origin;

/// A worker's scratch space.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub(super) splitter: Splitter,
}

/// Numbers the records of a text and hands them on.
pub(super) struct Counter<'a> {
    place: &'a Place<'a>,
    visitor: &'a mut dyn Visitor,
    next: u32,
}

impl<'a> Counter<'a> {
    fn new(place: &'a Place<'a>, visitor: &'a mut dyn Visitor) -> Self {
        Self { place, visitor, next: 0 }
    }

    fn origin(&mut self) -> Origin {
        let origin = Origin { file: self.place.file, ordinal: self.next };
        self.next = self.next.saturating_add(1);
        origin
    }

    pub(super) fn record(&mut self, body: Body<'_>, around: Around<'_>) {
        let origin = self.origin();
        let record = Record { origin, body, around, path: self.place.path, taken: self.place.taken };
        self.visitor.record(&record);
    }

    pub(super) fn flaw(&mut self, flaw: Flaw) {
        let origin = self.origin();
        self.visitor.flaw(origin, flaw);
    }

    pub(super) fn obstacle(&mut self, obstacle: Obstacle) {
        self.visitor.obstacle(self.place.file, obstacle);
    }
}

/// Frames a text that is in memory.
pub(super) fn whole(bytes: &[u8], place: &Place<'_>, limits: &Limits, desk: &mut Desk, visitor: &mut dyn Visitor) {
    let mut out = Counter::new(place, visitor);
    let text = utf8(bytes);
    let bytes = text.as_ref();
    match Form::of(bytes) {
        Form::Empty => {}
        Form::Binary => out.obstacle(Obstacle::Binary),
        Form::Json => {
            if is_commented(bytes) {
                return document(bytes, DocKind::Jsonc, limits, &mut out);
            }
            let mut objects = Objects::new(limits);
            objects.frame(bytes, true, &mut desk.splitter, &mut out);
            objects.end(&mut out);
        }
        Form::Table(delimiter) => table::frame(bytes, delimiter, limits, &mut desk.splitter, &mut out),
        Form::Document(DocKind::Ldif) => blocks::ldif(bytes, limits, &mut out),
        Form::Document(DocKind::Xml) if blocks::is_events(&String::from_utf8_lossy(utf8_head(bytes).as_ref())) => {
            blocks::events(bytes, limits, &mut out);
        }
        Form::Document(kind) => document(bytes, kind, limits, &mut out),
        Form::Lines => {
            lines(bytes, true, limits, &mut desk.splitter, &mut out);
        }
    }
}

/// How much of a stream is read at a time.
const STEP: usize = 16 << 20;

/// Frames a text that is too large to be held: `head` is its beginning, `rest` the rest.
pub(super) fn stream(
    head: Vec<u8>,
    rest: &mut dyn Read,
    place: &Place<'_>,
    limits: &Limits,
    desk: &mut Desk,
    visitor: &mut dyn Visitor,
) {
    let mut buffer = head;
    let form = Form::of(utf8_head(&buffer).as_ref());
    if utf16(&buffer).is_none() && matches!(form, Form::Json | Form::Lines) {
        return steps((form, STEP), buffer, rest, &mut Counter::new(place, visitor), limits, desk);
    }
    match rest.take(Limits::WHOLE).read_to_end(&mut buffer) {
        Ok(more) if (more as u64) < Limits::WHOLE => whole(&buffer, place, limits, desk, visitor),
        Ok(_) => visitor.obstacle(place.file, Obstacle::TooLarge),
        Err(error) => visitor.obstacle(place.file, super::listing::unreadable(&error)),
    }
}

/// Frames a stream of which so many bytes are read at a time. What is found does not depend on how many.
fn steps(
    (form, step): (Form, usize),
    mut buffer: Vec<u8>,
    rest: &mut dyn Read,
    out: &mut Counter<'_>,
    limits: &Limits,
    desk: &mut Desk,
) {
    let mut objects = Objects::new(limits);
    let bom = usize::from(buffer.starts_with(BOM)) * BOM.len();
    buffer.drain(..bom);
    loop {
        let before = buffer.len();
        let end = match rest.take(step as u64).read_to_end(&mut buffer) {
            Ok(_) => buffer.len() == before,
            Err(error) => {
                out.obstacle(super::listing::unreadable(&error));
                true
            }
        };
        let done = if form == Form::Json {
            objects.frame(&buffer, end, &mut desk.splitter, out)
        } else {
            lines(&buffer, end, limits, &mut desk.splitter, out)
        };
        buffer.drain(..done);
        if end {
            break;
        }
    }
    objects.end(out);
}

/// Frames a text that streams by in small steps, where it is one that streams.
#[cfg(test)]
pub(super) fn in_steps(
    text: &[u8],
    (head, step): (usize, usize),
    place: &Place<'_>,
    visitor: &mut dyn Visitor,
) -> bool {
    let form = Form::of(utf8_head(text).as_ref());
    let streams = utf16(text).is_none() && matches!(form, Form::Json | Form::Lines);
    if streams {
        let (head, mut rest) = text.split_at(head.min(text.len()));
        let mut out = Counter::new(place, visitor);
        steps((form, step), head.to_vec(), &mut rest, &mut out, &Limits::default(), &mut Desk::default());
    }
    streams
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The encoding of a text in UTF-16, by its byte-order mark, or by the NUL in every other byte of Latin letters.
fn utf16(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => Some(encoding_rs::UTF_16LE),
        [0xfe, 0xff, ..] => Some(encoding_rs::UTF_16BE),
        [a, 0, b, 0, c, 0, ..] if *a != 0 && *b != 0 && *c != 0 => Some(encoding_rs::UTF_16LE),
        [0, a, 0, b, 0, c, ..] if *a != 0 && *b != 0 && *c != 0 => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

/// The text in UTF-8, without a byte-order mark. What is no text in its encoding is found record by record.
fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match utf16(bytes) {
        Some(encoding) => match encoding.decode(bytes).0 {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        },
        None => Cow::Borrowed(bytes.strip_prefix(BOM).unwrap_or(bytes)),
    }
}

fn utf8_head(bytes: &[u8]) -> Cow<'_, [u8]> {
    utf8(bytes.get(..HEAD).unwrap_or(bytes))
}

/// How much of a text is looked at to tell its form.
const HEAD: usize = 64 << 10;

/// The forms of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Empty,
    Binary,
    Json,
    Table(u8),
    Document(DocKind),
    Lines,
}

impl Form {
    fn of(bytes: &[u8]) -> Self {
        let head = bytes.get(..HEAD).unwrap_or(bytes);
        let start = head.iter().position(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0 | 0x1e));
        let Some(start) = start else {
            return if head.contains(&0) { Self::Json } else { Self::Empty };
        };
        let head = head.get(start..).unwrap_or_default();
        match head.first() {
            Some(b'{') => return Self::Json,
            Some(b'[') if is_array(head) => return Self::Json,
            _ => {}
        }
        if is_binary(head) {
            return Self::Binary;
        }
        let text = String::from_utf8_lossy(head);
        if let Some(kind) = document_kind(&text) {
            return Self::Document(kind);
        }
        table::delimiter(head).map_or(Self::Lines, Self::Table)
    }
}

/// Whether a text that begins with a bracket is a JSON array, and no section of an INI or TOML file.
fn is_array(head: &[u8]) -> bool {
    let next = json::skip_space(head, 1);
    matches!(head.get(next), None | Some(b'{' | b'[' | b']' | b'"' | b'-' | b'0'..=b'9')) && !head.starts_with(b"[[")
        || head.starts_with(b"[[{")
        || head.starts_with(b"[[\"")
}

/// Text has few control characters.
fn is_binary(head: &[u8]) -> bool {
    let head = head.get(..1024).unwrap_or(head);
    let control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | 0x1e);
    head.iter().filter(control).count() * 20 > head.len()
}

/// The kind of a small document, by its first meaningful line.
fn document_kind(text: &str) -> Option<DocKind> {
    if blocks::is_ldif(text) {
        return Some(DocKind::Ldif);
    }
    if text.starts_with("<?xml") || text.starts_with("<Event") || text.starts_with("<!DOCTYPE") {
        return Some(DocKind::Xml);
    }
    if text.starts_with("//") || text.starts_with("/*") {
        return Some(DocKind::Jsonc);
    }
    if text.starts_with("---\n") || text.starts_with("---\r\n") {
        return Some(DocKind::Yaml);
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    let first = lines.next()?;
    let section = first.starts_with('[') && first.split('#').next()?.trim_end().ends_with(']');
    if section {
        let assigns = lines.find(|line| !line.starts_with('['))?;
        let (_, value) = assigns.split_once('=')?;
        let is_toml = value.trim_start().starts_with(['"', '\'', '[', '{', 't', 'f']) || first.starts_with("[[");
        return Some(if is_toml { DocKind::Toml } else { DocKind::Ini });
    }
    let key = |line: &str, between: char| {
        line.split_once(between).is_some_and(|(key, _)| {
            let key = key.trim();
            !key.is_empty() && key.chars().all(|letter| letter.is_alphanumeric() || "_-.\"'".contains(letter))
        })
    };
    if key(first, '=') && first.split_once('=').is_some_and(|(_, value)| value.trim_start().starts_with(['"', '['])) {
        return Some(DocKind::Toml);
    }
    // A line that begins with a time is a log's.
    let is_dated = first.starts_with(|letter: char| letter.is_ascii_digit());
    let yaml = !is_dated && key(first, ':') && (first.ends_with(':') || first.contains(": "));
    (yaml && lines.next().is_none_or(|line| line.starts_with("- ") || key(line, ':'))).then_some(DocKind::Yaml)
}

/// Whether a small JSON text is one document with comments or trailing commas, as editors write them. A log in which one
/// record has a comma too many is none: its records are read one by one.
fn is_commented(bytes: &[u8]) -> bool {
    const SMALL: usize = 1 << 20;
    let start = json::skip_space(bytes, 0);
    if bytes.len() > SMALL || json::end_of_value(bytes, start).is_ok() {
        return false;
    }
    let (plain, has_comments) = without_comments(bytes.get(start..).unwrap_or_default());
    let one_document = json::end_of_value(&plain, 0).is_ok_and(|end| json::skip_space(&plain, end) == plain.len());
    let is_log = bytes.get(start) == Some(&b'[') || super::objects::streamed(bytes, start).is_some();
    one_document && (has_comments || !is_log)
}

/// A text without comments and without commas before closing brackets, and whether there were comments.
pub(super) fn without_comments(bytes: &[u8]) -> (Vec<u8>, bool) {
    let (mut plain, mut has_comments, mut at) = (Vec::with_capacity(bytes.len()), false, 0);
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = match byte {
            b'"' => json::end_of_string(bytes, at).map_or(rest.len(), |end| end - at),
            b'/' if rest.starts_with(b"//") => {
                has_comments = true;
                at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                continue;
            }
            b'/' if rest.starts_with(b"/*") => {
                has_comments = true;
                at += memchr::memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
                continue;
            }
            b'}' | b']' => {
                let kept = plain.trim_ascii_end().strip_suffix(b",").map(<[u8]>::len);
                plain.truncate(kept.unwrap_or(plain.len()));
                1
            }
            _ => 1,
        };
        plain.extend_from_slice(rest.get(..length).unwrap_or_default());
        at += length;
    }
    (plain, has_comments)
}

fn document(bytes: &[u8], kind: DocKind, limits: &Limits, out: &mut Counter<'_>) {
    if bytes.len() > limits.record {
        return out.flaw(Flaw::TooLong);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => out.record(Body::Doc(Doc { kind, text }), Around::default()),
        Err(_) => out.flaw(Flaw::NotUtf8),
    }
}

/// Frames lines; returns how many bytes are done. A line that ends with a JSON object is that object: what stands before
/// it was written by whoever carried it (a syslog header).
fn lines(bytes: &[u8], end: bool, limits: &Limits, splitter: &mut Splitter, out: &mut Counter<'_>) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = match memchr::memchr(b'\n', rest) {
            Some(length) => length,
            None if end || rest.len() > limits.record => rest.len(),
            None => break,
        };
        line(rest.get(..length).unwrap_or_default(), limits, splitter, out);
        at += length + 1;
    }
    at.min(bytes.len())
}

fn line(line: &[u8], limits: &Limits, splitter: &mut Splitter, out: &mut Counter<'_>) {
    if line.iter().all(|byte| byte.is_ascii_whitespace()) {
        return;
    }
    if line.len() > limits.record {
        return out.flaw(Flaw::TooLong);
    }
    let Ok(text) = std::str::from_utf8(line) else { return out.flaw(Flaw::NotUtf8) };
    let text = text.trim_end();
    let mut members = Vec::new();
    let object = text.find("{\"").and_then(|at| splitter.whole(text.get(at..)?, &mut members));
    match object {
        Some(object) => super::objects::emit(object, &members, Around::default(), splitter, out),
        None => out.record(Body::Line(text), Around::default()),
    }
}
