//! The supported sources: what each tells, how it is recognised, how it is exported.

pub use crate::source::{Card, Export};

/// All sources, or those that the words mean: a name in full, else every name that contains the words.
#[must_use]
pub fn cards(words: Option<&str>) -> Vec<&'static Card> {
    let all = || crate::source::ALL.iter().map(|source| source.card());
    let Some(words) = words.map(|words| words.trim().to_lowercase()) else { return all().collect() };
    match all().find(|card| card.name == words) {
        Some(card) => vec![card],
        None => all().filter(|card| card.name.contains(&words) || card.title.to_lowercase().contains(&words)).collect(),
    }
}
