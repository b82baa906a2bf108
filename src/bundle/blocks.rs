//! Documents that are one record behind the other without a list around them: LDIF, and Windows events in XML.

use super::framing::Counter;
use super::limits::Limits;
use super::record::{Around, Body, Doc, DocKind};
use super::trouble::Flaw;

/// Whether a text is LDIF: its first meaningful line is an entry's name, or the version before it.
pub(super) fn is_ldif(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let is_name = |line: &str| line.starts_with("dn::") || (line.starts_with("dn:") && line.contains("="));
    match lines.next() {
        Some(line) if is_name(line) => true,
        Some(line) if line.starts_with("version:") => lines.next().is_some_and(is_name),
        _ => false,
    }
}

/// Whether a text in XML is Windows events, with or without an element around them.
pub(super) fn is_events(text: &str) -> bool {
    let mut elements = text.split('<').skip(1).filter(|element| !element.starts_with(['?', '!']));
    let is = |element: &str, name: &str| {
        element.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '>', '\r', '\n', '\t']))
    };
    match elements.next() {
        Some(first) if is(first, "Event") => true,
        Some(first) if is(first, "Events") || is(first, "e:Events") => {
            elements.next().is_none_or(|second| is(second, "Event"))
        }
        _ => false,
    }
}

/// Frames the entries of LDIF: what stands between empty lines and has a name.
pub(super) fn ldif(bytes: &[u8], limits: &Limits, out: &mut Counter<'_>) {
    let mut from = 0;
    while from < bytes.len() {
        let rest = bytes.get(from..).unwrap_or_default();
        let length = empty_line(rest).unwrap_or(rest.len());
        let block = rest.get(..length).unwrap_or_default();
        if block.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"dn:")) {
            emit(block, DocKind::Ldif, limits, out);
        }
        from += length.max(1);
        while bytes.get(from).is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
            from += 1;
        }
    }
}

/// Where an empty line begins.
fn empty_line(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', bytes)
        .find(|at| matches!(bytes.get(at + 1..), Some([b'\n', ..] | [b'\r', b'\n', ..])))
        .map(|at| at + 1)
}

/// Frames Windows events. Events do not hold events; one that is not closed ends where the next begins.
pub(super) fn events(bytes: &[u8], limits: &Limits, out: &mut Counter<'_>) {
    const BEGIN: &[u8] = b"<Event";
    const END: &[u8] = b"</Event>";
    let begins = memchr::memmem::find_iter(bytes, BEGIN)
        .filter(|at| bytes.get(at + BEGIN.len()).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'>'));
    let begins: Vec<usize> = begins.collect();
    for (number, begin) in begins.iter().enumerate() {
        let next = begins.get(number + 1).copied().unwrap_or(bytes.len());
        let block = bytes.get(*begin..next).unwrap_or_default();
        match memchr::memmem::find(block, END) {
            Some(end) => emit(block.get(..end + END.len()).unwrap_or_default(), DocKind::Xml, limits, out),
            None => out.flaw(Flaw::Truncated),
        }
    }
}

fn emit(block: &[u8], kind: DocKind, limits: &Limits, out: &mut Counter<'_>) {
    if block.len() > limits.record {
        return out.flaw(Flaw::TooLong);
    }
    match std::str::from_utf8(block) {
        Ok(text) => out.record(Body::Doc(Doc { kind, text }), Around::default()),
        Err(_) => out.flaw(Flaw::NotUtf8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ldif_and_what_is_events() {
        assert!(
            is_ldif("version: 1\n\ndn: CN=a,DC=b\n") && is_ldif("# x\ndn:: Q049YQ==\n") && !is_ldif("dn: x\ny: z\n")
        );
        assert!(is_events("<Event xmlns='x'><System/></Event>") && is_events("<?xml version=\"1.0\"?><Events><Event>"));
        assert!(!is_events("<EventList><Event>") && !is_events("<plist><Event>"));
    }
}
