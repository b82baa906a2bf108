//! Which acting thing a reviewed correction means: a reviewer writes an id, or what the thing is called.
//!
//! A name counts where one thing alone has it; a name of two things corrects neither, because nobody guesses.

use super::Ground;
use super::things::{Thing, Things};
use crate::base::lookup::Map;
use crate::fact::claim::{Declaring, Detail, Event, Happened, Standing};
use crate::fact::handle::{HandleId, HandleKind};
use crate::identity::IdentityId;

/// The corrections of each thing.
#[derive(Debug, Default)]
pub(super) struct Corrections(Map<IdentityId, Vec<Happened>>);

impl Corrections {
    pub(super) fn of(ground: Ground<'_>, things: &Things) -> Self {
        let mut corrections: Map<IdentityId, Vec<Happened>> = Map::default();
        for row in ground.facts.events() {
            let Event::Declared { owned, how: Declaring::Correction, .. } = row.event else { continue };
            if let Some(thing) = meant(ground, things, owned) {
                corrections.get_or_insert_with(thing, Vec::new).push(*row);
            }
        }
        Self(corrections)
    }

    pub(super) fn get(&self, thing: IdentityId) -> &[Happened] {
        self.0.get(&thing).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The thing that a correction names: by an id of its own, else by the only name of its kind.
fn meant(ground: Ground<'_>, things: &Things, owned: HandleId) -> Option<IdentityId> {
    let handle = ground.facts.handle(owned);
    if handle.kind != HandleKind::DisplayName {
        let id = ground.identities.one(owned, None)?;
        return things.list().iter().find(|thing| thing.id == id).map(|thing| thing.id);
    }
    let mut called = things.list().iter().filter(|thing| is_called(ground, thing, handle.value));
    let first = called.next()?;
    called.next().is_none().then_some(first.id)
}

/// Whether a thing is called so: the end of an id of its, or a name that a record gives it.
fn is_called(ground: Ground<'_>, thing: &Thing, name: &str) -> bool {
    ground.identities.handles(thing.id).iter().any(|handle| {
        let value = ground.facts.text(*handle);
        let before = value.strip_suffix(name);
        let ends = before.is_some_and(|before| before.is_empty() || before.ends_with(['/', ':']));
        ends || ground.facts.standing_of(*handle).any(|row| match row.claim {
            Standing::Described { who, detail: Detail::DisplayName, value } => {
                who == *handle && ground.facts.text(value) == name
            }
            _ => false,
        })
    })
}
