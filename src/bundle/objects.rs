//! JSON in any arrangement: one object after the other, in arrays and envelopes, and beyond a broken one to the next.

use super::envelope;
use super::framing::Counter;
use super::json::{self, Fault, Splitter};
use super::limits::Limits;
use super::record::{Around, Body, Member, Object};
use super::trouble::{Flaw, Obstacle};

/// Where in a text we are.
#[derive(Debug)]
pub(super) struct Objects<'l> {
    limits: &'l Limits,
    /// The list whose elements are read as they stream by.
    list: Option<&'static str>,
    /// The list is closed, its document is not.
    tail: bool,
    /// Inside of an array that is no list of an envelope.
    array: bool,
    /// A broken record was met; the next beginning is looked for. With its first key, where it has one.
    lost: Option<Vec<u8>>,
    /// The first key of the last record that was whole.
    known: Vec<u8>,
    /// What stands before the bytes at hand.
    before: Before,
    /// Inside a run of NUL bytes.
    nul: bool,
}

/// What stands before a position.
#[derive(Clone, Copy, Debug)]
struct Before {
    /// Only white space since the line began.
    line: bool,
    /// White space.
    blank: bool,
}

/// What became of the value at hand.
enum Step {
    /// Done; go on here.
    Next(usize),
    /// It is not complete; more must be read.
    More,
}

/// How deep records may be wrapped in records.
const WRAPPED: usize = 4;

impl<'l> Objects<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        let before = Before { line: true, blank: false };
        Self { limits, list: None, tail: false, array: false, lost: None, known: Vec::new(), before, nul: false }
    }

    /// Frames what it can and returns how many bytes are done. With `end` nothing follows, and all is done.
    pub(super) fn frame(&mut self, bytes: &[u8], end: bool, splitter: &mut Splitter, out: &mut Counter<'_>) -> usize {
        let done = self.walk(bytes, end, splitter, out);
        self.before = self.before(bytes, done);
        done
    }

    fn walk(&mut self, bytes: &[u8], end: bool, splitter: &mut Splitter, out: &mut Counter<'_>) -> usize {
        let mut members = Vec::new();
        let mut at = 0;
        loop {
            if let Some(key) = self.lost.take() {
                match self.resync(bytes, at, &key) {
                    Some(next) => at = next,
                    None if end => return bytes.len(),
                    None => {
                        self.lost = Some(key);
                        return bytes.len().saturating_sub(RESYNC_KEEP).max(at);
                    }
                }
            }
            at = json::skip_space(bytes, at);
            let step = match bytes.get(at) {
                None => return at,
                Some(0) => {
                    if !std::mem::replace(&mut self.nul, true) {
                        out.flaw(Flaw::Nul);
                    }
                    at += 1;
                    continue;
                }
                Some(b'{') => self.object(bytes, at, end, splitter, &mut members, out),
                Some(b']') => {
                    self.tail |= self.list.take().is_some();
                    self.array = false;
                    Step::Next(at + 1)
                }
                Some(b'}') if self.tail => {
                    self.tail = false;
                    Step::Next(at + 1)
                }
                Some(b'[') => {
                    self.array = true;
                    Step::Next(at + 1)
                }
                Some(b',' | 0x1e) => Step::Next(at + 1),
                Some(b'"') if self.tail => self.beside(bytes, at, end, out),
                Some(_) => self.other(bytes, at, end, out),
            };
            self.nul = false;
            match step {
                Step::Next(next) => at = next,
                Step::More => return at,
            }
        }
    }

    /// Says what is missing at the end.
    pub(super) fn end(&self, out: &mut Counter<'_>) {
        if self.list.is_some() || self.tail {
            out.obstacle(Obstacle::Unclosed);
        }
    }

    fn object<'b>(
        &mut self,
        bytes: &'b [u8],
        at: usize,
        end: bool,
        splitter: &mut Splitter,
        members: &mut Vec<Member<'b>>,
        out: &mut Counter<'_>,
    ) -> Step {
        if self.list.is_none()
            && let Some((list, next)) = streamed(bytes, at)
        {
            self.list = Some(list);
            return Step::Next(next);
        }
        let rest = bytes.get(at..).unwrap_or_default();
        match splitter.object(rest, members) {
            Ok(text) if text.len() > self.limits.record => {
                out.flaw(Flaw::TooLong);
                Step::Next(at + text.len())
            }
            Ok(text) => {
                if let Some(key) = members.first().map(|member| member.key.as_bytes()).filter(|key| *key != self.known)
                {
                    self.known = key.to_vec();
                }
                let around = Around { list: self.list, outer: None };
                emit(text, members, around, splitter, out);
                Step::Next(at + text.len())
            }
            Err(Fault::Incomplete) if !end && rest.len() <= self.limits.record => Step::More,
            Err(Fault::Incomplete) => {
                out.flaw(if end { Flaw::Truncated } else { Flaw::TooLong });
                self.lose(bytes, at)
            }
            Err(Fault::DuplicateKey(_)) => self.skip(bytes, at, Flaw::DuplicateKey, out),
            Err(Fault::NotText(_)) => self.skip(bytes, at, Flaw::NotUtf8, out),
            Err(Fault::TooDeep) => {
                out.flaw(Flaw::TooDeep);
                self.lose(bytes, at)
            }
            Err(Fault::Invalid(_)) => {
                out.flaw(Flaw::NotJson);
                self.lose(bytes, at)
            }
        }
    }

    /// A record that is whole and yet none: the next one begins where it ends.
    fn skip(&mut self, bytes: &[u8], at: usize, flaw: Flaw, out: &mut Counter<'_>) -> Step {
        out.flaw(flaw);
        match json::end_of_value(bytes, at) {
            Ok(next) => Step::Next(next),
            Err(_) => self.lose(bytes, at),
        }
    }

    /// A broken record: the next one is looked for by the key that this one begins with.
    fn lose(&mut self, bytes: &[u8], at: usize) -> Step {
        let key = json::skip_space(bytes, at + 1);
        let key = match json::end_of_string(bytes, key) {
            Ok(end) if bytes.get(key) == Some(&b'"') => bytes.get(key + 1..end - 1).unwrap_or_default().to_vec(),
            _ => Vec::new(),
        };
        self.lost = Some(key);
        Step::Next(at + 1)
    }

    /// Where the next record begins: an object that begins with the key of the broken one or of the last whole one, or at
    /// the very beginning of a line. Where no key is known, one behind an indent, or one that follows another in a list.
    fn resync(&self, bytes: &[u8], from: usize, key: &[u8]) -> Option<usize> {
        let rest = bytes.get(from..)?;
        memchr::memchr_iter(b'{', rest).map(|offset| from + offset).find(|at| {
            let inside = bytes.get(json::skip_space(bytes, at + 1)..).unwrap_or_default();
            let begins_with = |key: &[u8]| {
                let quoted = inside.strip_prefix(b"\"").and_then(|inside| inside.strip_prefix(key));
                !key.is_empty() && quoted.is_some_and(|behind| behind.first() == Some(&b'"'))
            };
            let before = self.before(bytes, *at);
            let follows = || {
                let before = bytes.get(..*at).unwrap_or_default().trim_ascii_end();
                before.strip_suffix(b",").is_some_and(|before| before.trim_ascii_end().ends_with(b"}"))
            };
            let in_list = key.is_empty() && self.known.is_empty() && (self.array || self.list.is_some());
            begins_with(key)
                || begins_with(&self.known)
                || (before.line && (!before.blank || (key.is_empty() && self.known.is_empty())))
                || (in_list && inside.first() == Some(&b'"') && follows())
        })
    }

    /// What stands before a position in the bytes at hand.
    fn before(&self, bytes: &[u8], at: usize) -> Before {
        let before = bytes.get(..at).unwrap_or_default();
        let blank = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match before.get(..before.len() - blank).and_then(<[u8]>::last) {
            Some(last) => Before { line: matches!(last, b'\n' | 0x1e), blank: blank > 0 },
            None => Before { blank: blank > 0 || self.before.blank, ..self.before },
        }
    }

    /// What stands beside a list that was read while it streamed by.
    fn beside(&mut self, bytes: &[u8], at: usize, end: bool, out: &mut Counter<'_>) -> Step {
        let value = json::end_of_string(bytes, at).map(|behind| json::skip_space(bytes, behind));
        let value = value.ok().filter(|colon| bytes.get(*colon) == Some(&b':'));
        match value.map(|colon| json::end_of_value(bytes, json::skip_space(bytes, colon + 1))) {
            Some(Ok(next)) => Step::Next(next),
            Some(Err(Fault::Incomplete)) if !end => Step::More,
            None if !end && bytes.len() - at < 4096 => Step::More,
            _ => {
                self.tail = false;
                self.other(bytes, at, end, out)
            }
        }
    }

    /// Something that is no object where a record should be.
    fn other(&mut self, bytes: &[u8], at: usize, end: bool, out: &mut Counter<'_>) -> Step {
        match json::end_of_value(bytes, at) {
            Ok(next) if next < bytes.len() || end => {
                out.flaw(Flaw::NotAnObject);
                Step::Next(next)
            }
            Ok(_) | Err(Fault::Incomplete) if !end => Step::More,
            _ => {
                out.flaw(Flaw::NotJson);
                self.lost = Some(Vec::new());
                Step::Next(at + 1)
            }
        }
    }
}

/// The list that begins here to stream by, and where its first element stands.
pub(super) fn streamed(bytes: &[u8], at: usize) -> Option<(&'static str, usize)> {
    let key = json::skip_space(bytes, at + 1);
    let rest = bytes.get(key..)?.strip_prefix(b"\"")?;
    let list = envelope::STREAMED.iter().find(|list| rest.starts_with(list.as_bytes()))?;
    let rest = rest.get(list.len()..)?.strip_prefix(b"\"")?;
    let colon = json::skip_space(rest, 0);
    let open = json::skip_space(rest, colon + 1);
    let is_list = rest.get(colon) == Some(&b':') && rest.get(open) == Some(&b'[');
    is_list.then(|| (*list, bytes.len() - rest.len() + open + 1))
}

/// So much is kept while the next record is looked for, in case it begins at the border. Tests are small and meet it, too.
const RESYNC_KEEP: usize = if cfg!(test) { 64 } else { 4096 };

/// Hands on an object: as a record, or as the records that it holds.
pub(super) fn emit(
    text: &str,
    members: &[Member<'_>],
    around: Around<'_>,
    splitter: &mut Splitter,
    out: &mut Counter<'_>,
) {
    emit_at(Object { text, members }, around, splitter, out, 0);
}

fn emit_at(object: Object<'_>, around: Around<'_>, splitter: &mut Splitter, out: &mut Counter<'_>, depth: usize) {
    let in_list = around.list.is_some();
    if depth < WRAPPED {
        let lists = if in_list { envelope::groups(&object) } else { envelope::lists(&object) };
        if !lists.is_empty() {
            return elements(&object, &lists, splitter, out, depth);
        }
    }
    let inner = if depth < WRAPPED && !in_list { envelope::inner(&object) } else { None };
    if let Some(inner) = inner {
        let mut members = Vec::new();
        if let Some(text) = splitter.whole(inner, &mut members) {
            let held = Object { text, members: &members };
            if !envelope::lists(&held).is_empty() {
                return emit_at(held, around, splitter, out, depth + 1);
            }
        }
    }
    if depth < WRAPPED
        && let Some(inner) = envelope::wrapped(&object)
    {
        let mut members = Vec::new();
        if let Some(text) = splitter.whole(&inner, &mut members) {
            return emit_at(Object { text, members: &members }, around, splitter, out, depth + 1);
        }
    }
    out.record(Body::Json(object), around);
}

/// The elements of the lists that an envelope holds.
fn elements(object: &Object<'_>, lists: &[Member<'_>], splitter: &mut Splitter, out: &mut Counter<'_>, depth: usize) {
    let beside: Vec<Member<'_>> = object.members.iter().filter(|member| !lists.contains(member)).copied().collect();
    let outer = Some(Object { text: object.text, members: &beside });
    let mut members = Vec::new();
    for list in lists {
        let around = Around { list: Some(list.key), outer };
        for text in json::elements(list.value) {
            if list.key == envelope::ROWS {
                element(&envelope::row(text), &mut Vec::new(), around, splitter, out, depth);
            } else {
                element(text, &mut members, around, splitter, out, depth);
            }
        }
    }
}

fn element<'b>(
    text: &'b str,
    members: &mut Vec<Member<'b>>,
    around: Around<'_>,
    splitter: &mut Splitter,
    out: &mut Counter<'_>,
    depth: usize,
) {
    match splitter.object(text.as_bytes(), members) {
        Ok(text) => emit_at(Object { text, members }, around, splitter, out, depth + 1),
        Err(Fault::DuplicateKey(_)) => out.flaw(Flaw::DuplicateKey),
        Err(_) => out.flaw(Flaw::NotAnObject),
    }
}
