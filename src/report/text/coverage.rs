//! The page of what was read and what was not.

use std::collections::BTreeMap;

use super::{counted, grouped};
use crate::query::cite::Citations;
use crate::query::coverage::{Answer, FileCoverage};
use crate::report::page::{Page, Paper, Tone};

/// How many rows of a section are shown before the rest is counted.
const SHOWN: usize = 12;

/// Writes the page.
#[must_use]
pub fn page(answer: &Answer<'_>, cite: &Citations, paper: &Paper) -> String {
    let mut page = Page::new(paper.clone());
    head(&mut page, answer);
    spans(&mut page, answer);
    refused(&mut page, answer);
    set_aside(&mut page, answer);
    files(&mut page, answer);
    conflicts(&mut page, answer, cite);
    missing(&mut page, answer);
    page.finish()
}

fn head(page: &mut Page, answer: &Answer<'_>) {
    let totals = answer.totals;
    let complete = totals.refused == 0 && totals.unread_files == 0;
    let word = if complete { "everything was read" } else { "not everything was read" };
    let text = format!(
        "{} in {}: {word}",
        counted(totals.seen(), "record", "records"),
        counted(totals.files, "file", "files")
    );
    let tone = if complete { Tone::Good } else { Tone::Warn };
    let line = page.paper().tone(tone, &text);
    page.line(&format!(" {line}"));
    page.paragraph(
        1,
        &format!(
            "{} read · {} duplicate · {} set aside · {} refused",
            grouped(totals.read),
            grouped(totals.duplicate),
            grouped(totals.set_aside),
            grouped(totals.refused)
        ),
    );
}

fn heading(page: &mut Page, text: &str) {
    page.gap();
    let line = page.paper().tone(Tone::Label, text);
    page.line(&format!(" {line}"));
}

fn spans(page: &mut Page, answer: &Answer<'_>) {
    if answer.coverage.spans.is_empty() {
        return;
    }
    page.gap();
    let zone = page.paper().zone.clone();
    let day = |at: Option<crate::base::time::Instant>| at.map_or_else(|| "–".to_owned(), |at| zone.date(at));
    let rows: Vec<_> = answer
        .coverage
        .spans
        .iter()
        .map(|span| {
            let account = span.account.clone().unwrap_or_else(|| "–".to_owned());
            (None, vec![span.source.to_owned(), account, grouped(span.records), day(span.first), day(span.last)])
        })
        .collect();
    page.table(&["SOURCE", "ACCOUNT", "RECORDS", "FROM", "TO"], &rows);
}

/// Refused records by reason, with the files where they stand.
fn refused(page: &mut Page, answer: &Answer<'_>) {
    let mut reasons: BTreeMap<&str, (u64, Vec<String>)> = BTreeMap::new();
    for file in &answer.coverage.files {
        for (why, refused) in &file.refused {
            let entry = reasons.entry(why).or_default();
            entry.0 += refused.count;
            let numbers: Vec<String> = refused.first.iter().map(u64::to_string).collect();
            let more = if refused.count > numbers.len() as u64 { " …" } else { "" };
            entry.1.push(format!("{} record {}{more}", file.path, numbers.join(", ")));
        }
    }
    if reasons.is_empty() {
        return;
    }
    heading(page, "Refused");
    for (why, (count, places)) in reasons {
        page.paragraph(1, &format!("{} × {why}", grouped(count)));
        for place in places.iter().take(3) {
            page.paragraph(5, place);
        }
        if places.len() > 3 {
            page.paragraph(5, &format!("and {}", counted(places.len() as u64 - 3, "more file", "more files")));
        }
    }
}

fn set_aside(page: &mut Page, answer: &Answer<'_>) {
    let mut kinds: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for file in &answer.coverage.files {
        for (kind, count) in &file.set_aside {
            *kinds.entry(*kind).or_default() += count;
        }
    }
    if kinds.is_empty() {
        return;
    }
    heading(page, "Set aside");
    for ((source, what), count) in kinds {
        page.paragraph(1, &format!("{} × {source}: {what}", grouped(count)));
    }
}

/// Files that could not be read, or that the user left out.
fn files(page: &mut Page, answer: &Answer<'_>) {
    let unread: Vec<&FileCoverage> = answer.coverage.files.iter().filter(|file| !file.obstacles.is_empty()).collect();
    if !unread.is_empty() {
        heading(page, "Files not read, or not to their end");
        for file in unread.iter().take(SHOWN) {
            let obstacles: Vec<String> = file.obstacles.iter().map(ToString::to_string).collect();
            page.paragraph(1, &format!("{}: {}", file.path, obstacles.join("; ")));
        }
        more(page, unread.len());
    }
    let excluded: Vec<&FileCoverage> = answer.coverage.files.iter().filter(|file| file.excluded.is_some()).collect();
    if !excluded.is_empty() {
        heading(page, "Left out by you");
        for file in excluded.iter().take(SHOWN) {
            page.paragraph(1, &format!("{}: {}", file.path, file.excluded.unwrap_or_default()));
        }
        more(page, excluded.len());
    }
}

fn conflicts(page: &mut Page, answer: &Answer<'_>, cite: &Citations) {
    if answer.coverage.conflicts.is_empty() {
        return;
    }
    heading(page, "Conflicting duplicates: one event id, different contents; both were kept");
    for twins in answer.coverage.conflicts.iter().take(SHOWN) {
        let labels: Vec<&str> = twins.iter().map(|record| cite.label(*record)).collect();
        page.paragraph(1, &labels.join(" and "));
    }
    more(page, answer.coverage.conflicts.len());
}

fn missing(page: &mut Page, answer: &Answer<'_>) {
    if answer.missing.is_empty() {
        return;
    }
    heading(page, "Logs that would settle answers");
    let zone = page.paper().zone.clone();
    for gap in answer.missing.iter().take(SHOWN) {
        let account = gap.account.as_ref().map_or_else(String::new, |account| format!(" of {account}"));
        let span = match (gap.from, gap.to) {
            (Some(from), Some(to)) => format!(", {} to {}", zone.date(from), zone.date(to)),
            (None, Some(to)) => format!(", before {}", zone.date(to)),
            (Some(from), None) => format!(", after {}", zone.date(from)),
            (None, None) => String::new(),
        };
        let answers = counted(gap.answers as u64, "answer", "answers");
        page.paragraph(1, &format!("{}{account}{span}: {answers}", gap.system));
    }
    more(page, answer.missing.len());
}

fn more(page: &mut Page, count: usize) {
    if count > SHOWN {
        let more = counted((count - SHOWN) as u64, "more", "more");
        page.paragraph(1, &format!("and {more} (--format json has all)"));
    }
}
