//! Pages of many things: inventories, orphans, what somebody owns, what was found.

use super::who_owns::{kind, person, tone};
use super::{counted, elided, grouped};
use crate::base::time::Instant;
use crate::query::cite::Citations;
use crate::query::find::Found;
use crate::query::orphans::Orphan;
use crate::query::views::{AgentView, PersonView};
use crate::query::who_owns::Owned;
use crate::report::page::{Page, Paper, Tone};

/// What stands under a list: how much of what it shows, and what it rests on.
#[derive(Clone, Debug, Default)]
pub struct Foot {
    /// The time the answer is for.
    pub as_of: Option<Instant>,
    /// Records read, and records seen.
    pub records: (u64, u64),
    /// How many rows there are, of which the limit may have cut some.
    pub rows: usize,
}

impl Foot {
    fn write(&self, page: &mut Page, shown: usize, summary: &str) {
        let mut parts = Vec::new();
        if shown < self.rows {
            parts.push(format!("{} of {} shown", grouped(shown as u64), grouped(self.rows as u64)));
        }
        parts.push(summary.to_owned());
        parts.extend(self.as_of.map(|at| format!("as of {}", page.paper().zone.date(at))));
        let (read, seen) = self.records;
        parts.push(format!("{} of {} read (clutch coverage)", grouped(read), counted(seen, "record", "records")));
        page.gap();
        page.paragraph(1, &parts.join(" · "));
    }
}

/// What an agent is called in a list: its name, else its id; with its short handle, or its whole id on request.
fn called(agent: &AgentView, paper: &Paper) -> String {
    if paper.whole_ids {
        return agent.id.clone();
    }
    agent.name.clone().unwrap_or_else(|| elided(&agent.id, 40))
}

fn owner(item: &Owned) -> String {
    item.owner.as_ref().map_or_else(|| "–".to_owned(), |owner| owner.name.clone().unwrap_or_else(|| owner.id.clone()))
}

fn day(at: Option<Instant>, paper: &Paper) -> String {
    at.map_or_else(|| "–".to_owned(), |at| paper.zone.date(at))
}

/// The reason in a word or two: `left 2026-08-18`.
fn why(item: &Owned, paper: &Paper) -> String {
    let Some(reason) = item.reasons.first() else { return String::new() };
    let word = match reason.code.word() {
        "owner-left" => "left",
        "contract-ended" => "contract ended",
        other => other,
    };
    reason.at.map_or_else(|| word.to_owned(), |at| format!("{word} {}", paper.zone.date(at)))
}

fn next(item: &Owned) -> String {
    let asked = item.route.iter().find(|(_, why)| *why != "owner");
    asked.map_or_else(|| "–".to_owned(), |(person, _)| person.name.clone().unwrap_or_else(|| person.id.clone()))
}

/// Orphans, the most urgent first.
#[must_use]
pub fn orphans(items: &[Orphan], of: usize, foot: &Foot, paper: &Paper) -> String {
    let mut page = Page::new(paper.clone());
    let rows: Vec<(Option<Tone>, Vec<String>)> = items
        .iter()
        .map(|orphan| {
            let item = &orphan.item;
            let risk = orphan.risk.word();
            let tone = match risk {
                "high" => Tone::Bad,
                "medium" => Tone::Warn,
                _ => Tone::Faint,
            };
            let cells = vec![
                risk.to_owned(),
                called(&item.agent, paper),
                kind(&item.agent.kind),
                owner(item),
                why(item, paper),
                day(item.agent.last_seen, paper),
                next(item),
            ];
            (Some(tone), cells)
        })
        .collect();
    if !rows.is_empty() {
        page.table(&["RISK", "AGENT", "KIND", "OWNER", "WHY", "LAST SEEN", "ASK NEXT"], &rows);
    }
    let orphaned = items.iter().filter(|orphan| orphan.item.status.word() == "orphaned").count();
    let mut summary = format!("{} orphaned of {}", grouped(orphaned as u64), grouped(of as u64));
    if orphaned < items.len() {
        summary.push_str(&format!(" · {} unattributed", grouped((items.len() - orphaned) as u64)));
    }
    foot.write(&mut page, items.len(), &summary);
    page.finish()
}

/// Every acting thing.
#[must_use]
pub fn inventory(items: &[Owned], foot: &Foot, paper: &Paper) -> String {
    let mut page = Page::new(paper.clone());
    owned_table(&mut page, items);
    foot.write(&mut page, items.len(), &statuses(items));
    page.finish()
}

fn statuses(items: &[Owned]) -> String {
    let words = ["owned", "review", "orphaned", "unattributed"];
    let counts = words.into_iter().filter_map(|word| {
        let count = items.iter().filter(|item| item.status.word() == word).count();
        (count > 0).then(|| format!("{} {word}", grouped(count as u64)))
    });
    let counts: Vec<String> = counts.collect();
    if counts.is_empty() { "nothing that acts by itself".to_owned() } else { counts.join(", ") }
}

/// A table of things with their owners.
pub(super) fn owned_table(page: &mut Page, items: &[Owned]) {
    let paper = page.paper().clone();
    let rows: Vec<(Option<Tone>, Vec<String>)> = items
        .iter()
        .map(|item| {
            let ended = item.agent.ended_at.is_some();
            let seen = if ended { item.agent.ended_at } else { item.agent.last_seen };
            let seen = if ended { format!("ended {}", day(seen, &paper)) } else { day(seen, &paper) };
            let cells = vec![
                item.status.word().to_owned(),
                called(&item.agent, &paper),
                kind(&item.agent.kind),
                owner(item),
                item.path.unwrap_or("–").replace('-', " "),
                seen,
            ];
            (Some(tone(item.status.word())), cells)
        })
        .collect();
    if !rows.is_empty() {
        page.table(&["STATUS", "AGENT", "KIND", "OWNER", "PATH", "LAST SEEN"], &rows);
    }
}

/// What a person is accountable for.
#[must_use]
pub fn owned_by(who: &PersonView, reports: &[PersonView], items: &[Owned], foot: &Foot, paper: &Paper) -> String {
    let mut page = Page::new(paper.clone());
    page.paragraph(1, &person(who));
    let mut place: Vec<String> = Vec::new();
    place.extend(who.team.clone());
    place.push(who.status.map_or_else(|| "no directory in the bundle knows this person".to_owned(), str::to_owned));
    if let (Some("left" | "unavailable"), Some(at)) = (who.status, who.status_at) {
        place.push(format!("since {}", paper.zone.date(at)));
    }
    place.extend(who.manager.as_ref().map(|manager| format!("reports to {manager}")));
    page.paragraph(1, &place.join(" · "));
    if !reports.is_empty() {
        page.paragraph(1, &format!("with {}", counted(reports.len() as u64, "person below", "people below")));
    }
    page.gap();
    owned_table(&mut page, items);
    let resources: usize = items.iter().map(|item| item.resources.len()).sum();
    let keys = items.iter().flat_map(|item| &item.credentials).filter(|key| key.long_lived && key.ended_at.is_none());
    let summary = format!(
        "{} · reaching {} · {}",
        statuses(items),
        counted(resources as u64, "resource", "resources"),
        counted(keys.count() as u64, "long-lived credential", "long-lived credentials"),
    );
    foot.write(&mut page, items.len(), &summary);
    page.finish()
}

/// What was found.
#[must_use]
pub fn found(items: &[Found], cite: &Citations, foot: &Foot, paper: &Paper) -> String {
    let mut page = Page::new(paper.clone());
    let rows: Vec<(Option<Tone>, Vec<String>)> = items
        .iter()
        .map(|item| {
            let id = if paper.whole_ids { item.id.clone() } else { elided(&item.id, 48) };
            let what = match &item.name {
                Some(name) if *name != item.id => format!("{name} ({id})"),
                _ => id,
            };
            // What goes by several names says by which it was found; the id and the name stand beside it already.
            let value = match item.matched {
                "name" if item.value == item.id => "id".to_owned(),
                "name" if Some(&item.value) == item.name.as_ref() => "name".to_owned(),
                "record" => "record".to_owned(),
                matched => format!("{matched} {}", elided(&item.value, 40)),
            };
            let record = item.evidence.map(|record| cite.label(record).to_owned()).unwrap_or_default();
            (None, vec![kind(&item.kind), what, value, day(item.last, paper), record])
        })
        .collect();
    if !rows.is_empty() {
        page.table(&["KIND", "WHO OR WHAT", "BY ITS", "LAST SEEN", "RECORD"], &rows);
    }
    foot.write(&mut page, items.len(), &counted(foot.rows as u64, "match", "matches"));
    page.finish()
}
