//! The pages of the supported sources.

use crate::query::sources::Card;
use crate::report::page::{Page, Paper, Tone};

/// All sources, a line each.
#[must_use]
pub fn list(cards: &[&Card], paper: &Paper) -> String {
    let mut page = Page::new(paper.clone());
    let rows: Vec<(Option<Tone>, Vec<String>)> = cards
        .iter()
        .map(|card| (None, vec![card.name.to_owned(), card.title.to_owned(), card.tells.to_owned()]))
        .collect();
    page.table(&["SOURCE", "SYSTEM", "TELLS"], &rows);
    page.gap();
    page.paragraph(1, "clutch sources NAME shows how to export it");
    page.finish()
}

/// One source: what it tells, how it is recognised, how to export it.
#[must_use]
pub fn card(card: &Card, paper: &Paper) -> String {
    let mut page = Page::new(paper.clone());
    page.paragraph(1, &format!("{} · {}", card.name, card.title));
    page.gap();
    page.labelled("Tells", card.tells);
    page.labelled("Known by", card.recognised_by);
    page.labelled("See", card.reference);
    for export in card.exports {
        page.gap();
        page.labelled("Export", export.form);
        // A command is never broken: it is there to be copied.
        page.line(&format!("   {}", paper.tone(Tone::Strong, export.command)));
    }
    page.finish()
}
