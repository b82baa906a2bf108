//! Tables: CSV and its relatives, with a header.

use super::framing::Counter;
use super::json::Splitter;
use super::limits::Limits;
use super::record::{Around, Body, Row};
use super::trouble::Flaw;
use super::{envelope, objects};

/// What stands between the cells, if the text is a table: a header of names, and rows of the same width.
pub(super) fn delimiter(head: &[u8]) -> Option<u8> {
    [b',', b';', b'\t', b'|'].into_iter().find(|delimiter| is_table(head, *delimiter))
}

/// A wide table of a web page may name a column twice. A line of text repeats its words sooner.
const NAMES_FOR_A_REPEATED_ONE: usize = 12;

/// Whether the first line is an event in one of the formats that SIEMs share, whose fields look like cells.
fn is_event_format(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    [&b"CEF:"[..], b"LEEF:"].iter().any(|mark| memchr::memmem::find(line, mark).is_some_and(|at| at < 256))
}

fn is_table(head: &[u8], delimiter: u8) -> bool {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(head);
    let mut rows = reader.byte_records();
    let Some(Ok(header)) = rows.next() else { return false };
    if is_event_format(head) {
        return false;
    }
    let mut names: Vec<&[u8]> = header.iter().collect();
    let is_name = |name: &[u8]| {
        name.len() <= 120
            && name.first().is_some_and(|first| !first.is_ascii_digit())
            && !name.iter().any(|byte| matches!(byte, b'{' | b'}' | b'\n'))
    };
    let named = names.iter().filter(|name| is_name(name)).count();
    // A line with an object in it, whole or cut, is a log's.
    let has_object = names.iter().any(|name| name.contains(&b'{'));
    if names.len() < 2 || named + 1 < names.len() || named < 2 || has_object {
        return false;
    }
    names.sort_unstable();
    let repeated = names.windows(2).filter(|pair| pair[0] == pair[1]).count();
    let second = rows.next();
    repeated <= names.len() / NAMES_FOR_A_REPEATED_ONE
        && second.is_none_or(|row| row.is_ok_and(|row| row.len() == header.len() || header.len() > 3))
}

/// Frames the rows of a table.
///
/// A row of another width than the header is refused. Where such a row runs over several lines, a quotation mark was
/// probably never closed: reading goes on at the line behind its first.
pub(super) fn frame(bytes: &[u8], delimiter: u8, limits: &Limits, splitter: &mut Splitter, out: &mut Counter<'_>) {
    let mut header: Option<Vec<String>> = None;
    let mut rest = bytes;
    while !rest.is_empty() {
        rest = rows(rest, delimiter, limits, &mut header, splitter, out);
    }
}

/// Frames rows up to one that swallowed others; returns what is left from there.
fn rows<'b>(
    bytes: &'b [u8],
    delimiter: u8,
    limits: &Limits,
    header: &mut Option<Vec<String>>,
    splitter: &mut Splitter,
    out: &mut Counter<'_>,
) -> &'b [u8] {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(bytes);
    let mut row = csv::ByteRecord::new();
    while let Ok(true) = reader.read_byte_record(&mut row) {
        let begin = row.position().map_or(0, |position| position.byte() as usize);
        let Some(columns) = header.as_ref() else {
            *header = Some(row.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect());
            continue;
        };
        if row.as_slice().len() > limits.record {
            out.flaw(Flaw::TooLong);
            continue;
        }
        // A spreadsheet may leave out empty cells at the end of a row; cells without a column are another matter.
        if row.len() != columns.len() {
            if row.len() == 1 && row.as_slice().iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            out.flaw(Flaw::WrongColumns);
            if let Some(next) = second_line(bytes, begin, reader.position().byte() as usize) {
                return next;
            }
            continue;
        }
        let Ok(cells) = csv::StringRecord::from_byte_record(std::mem::take(&mut row)) else {
            out.flaw(Flaw::NotUtf8);
            continue;
        };
        emit(&Row { header: columns, cells: &cells }, splitter, out);
        row = cells.into_byte_record();
    }
    &[]
}

/// What stands behind the first line of a row that has several.
fn second_line(bytes: &[u8], begin: usize, end: usize) -> Option<&[u8]> {
    let text = bytes.get(begin..end)?;
    let start = text.iter().position(|byte| !matches!(byte, b'\n' | b'\r'))?;
    let behind = start + memchr::memchr(b'\n', text.get(start..)?)? + 1;
    (behind < text.len()).then(|| bytes.get(begin + behind..)).flatten()
}

/// Hands on a row, or the record that a cell of it holds whole.
fn emit(row: &Row<'_>, splitter: &mut Splitter, out: &mut Counter<'_>) {
    let held = envelope::CELLS.iter().find_map(|column| row.get(column)).filter(|cell| cell.starts_with('{'));
    let mut members = Vec::new();
    match held.and_then(|cell| splitter.whole(cell, &mut members)) {
        Some(object) => objects::emit(object, &members, Around::default(), splitter, out),
        None => out.record(Body::Row(*row), Around::default()),
    }
}
