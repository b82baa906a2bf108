//! The page of a key or principal that several agents share: the agents at a glance, then each with its own evidence.

use super::lists::owned_table;
use super::who_owns::{self, kind, tone};
use super::{counted, grouped};
use crate::query::cite::Citations;
use crate::query::shared::Shared;
use crate::query::who_owns::Status;
use crate::report::page::{Page, Paper, Tone};

/// Of more agents than this only the table is shown; each can be asked for by itself.
const WHOLE: usize = 6;

/// Writes the page.
#[must_use]
pub fn page(item: &Shared, cite: &Citations, paper: &Paper) -> String {
    let mut page = Page::new(paper.clone());
    let name = item.name.as_ref().filter(|name| **name != item.id);
    let short = item.short.get(..6).unwrap_or(&item.short);
    let called = name.unwrap_or(&item.id);
    page.paragraph(1, &format!("{called} · {} · {short}", kind(&item.kind)));
    if name.is_some() {
        page.paragraph(1, &item.id);
    }
    let status = Status::Unattributed.word();
    let agents = counted(item.agents.len() as u64, "agent", "agents");
    page.status(
        (&status.to_uppercase(), tone(status)),
        &format!("shared by {agents}: what was done through it is put to none of them alone"),
    );
    page.gap();
    let records: Vec<&str> = item.evidence.iter().take(WHOLE).map(|record| cite.label(*record)).collect();
    let more = item.evidence.len().saturating_sub(WHOLE);
    let more = if more > 0 { format!(" and {} more", grouped(more as u64)) } else { String::new() };
    if !records.is_empty() {
        page.labelled_in("Tied by", &format!("{}{more}", records.join(" ")), Some(Tone::Faint));
        page.gap();
    }
    let mut text = page.finish();
    // The same server on two laptops has one name and two ids.
    let mut table = Page::new(Paper { whole_ids: true, ..paper.clone() });
    owned_table(&mut table, &item.agents);
    text.push_str(&table.finish());
    text.push('\n');
    if item.agents.len() <= WHOLE {
        for agent in &item.agents {
            text.push_str(&who_owns::page(agent, cite, paper));
            text.push('\n');
        }
        text.pop();
    }
    text
}
