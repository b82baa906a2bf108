//! The page of one record: what was done, by whom, for whom, and who is accountable.

use super::who_owns::{person, why};
use crate::query::cite::Citations;
use crate::query::explain::Explained;
use crate::report::page::{Page, Paper, Tone};

/// Writes the page of one act.
#[must_use]
pub fn page(item: &Explained, cite: &Citations, paper: &Paper) -> String {
    let mut page = Page::new(paper.clone());
    let action = item.action.as_deref().unwrap_or("no act");
    let outcome = item.outcome.map_or_else(String::new, |outcome| format!(" · {outcome}"));
    page.paragraph(1, &format!("{action}{outcome}"));
    let time = item.time.map(|at| paper.zone.minute(at));
    let parts: Vec<String> =
        time.into_iter().chain([item.source.to_owned(), cite.label(item.evidence).to_owned()]).collect();
    page.paragraph(1, &parts.join(" · "));
    page.gap();
    if let Some(resource) = &item.resource {
        page.labelled("On", resource);
    }
    if let Some(from) = &item.from {
        page.labelled("From", from);
    }
    page.labelled("By", item.performed_by.as_deref().unwrap_or("nobody the record names"));
    for (at, behalf) in item.on_behalf_of.iter().enumerate() {
        page.labelled(if at == 0 { "For" } else { "" }, behalf);
    }
    match &item.owner {
        Some(owner) => page.labelled_in("Owner", &person(owner), Some(Tone::Strong)),
        None => {
            let because = item.nobody_because.as_deref().unwrap_or("no evidence leads to a human");
            page.labelled_in("Owner", &format!("nobody can be named: {because}"), Some(Tone::Warn));
        }
    }
    why(&mut page, &item.chain, cite);
    for (at, place) in item.places.iter().enumerate() {
        page.labelled(if at == 0 { "Stands in" } else { "" }, &format!("{} record {}", place.file, place.number));
    }
    page.finish()
}
