//! Everything a human is accountable for.

use super::lookup::{Meant, Names};
use super::naming;
use super::views::{self, PersonView};
use super::who_owns::{self, Owned};
use crate::case::Case;
use crate::identity::IdentityId;
use crate::identity::kind::Kind;

/// The answer to one person's name.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// What they own.
    Owner {
        /// The words asked.
        asked: String,
        /// The person.
        person: PersonView,
        /// People below them, where the whole reporting line was asked for.
        reports: Vec<PersonView>,
        /// What they own, ordered by id.
        items: Vec<Owned>,
    },
    /// The name means several people.
    Ambiguous {
        /// The words asked.
        asked: String,
        /// Whom they can mean.
        several: Vec<String>,
    },
    /// The name means nobody.
    NotFound {
        /// The words asked.
        asked: String,
        /// Who is near.
        near: Vec<String>,
    },
}

/// Reporting lines longer than this are loops.
const LONGEST_LINE: usize = 32;

/// Answers for one person; with `reports`, for everybody who reports to them, over however many levels.
#[must_use]
pub fn answer(case: &Case, names: &Names, words: &str, reports: bool) -> Answer {
    let asked = words.to_owned();
    let person = match names.meant(case, words, |id| case.identities().kind(id) == Kind::Person) {
        Meant::One(person) => person,
        Meant::Several(several) => return Answer::Ambiguous { asked, several },
        Meant::Nothing(near) => return Answer::NotFound { asked, near },
    };
    let below = if reports { below(case, person) } else { Vec::new() };
    let things = case.attributions().list().iter().zip(case.attributions().things.list()).enumerate();
    let theirs = things.filter(|(_, (attribution, thing))| {
        let owner = attribution.owner.map(|owner| owner.person);
        thing.acting && !thing.vendor_managed && owner.is_some_and(|owner| owner == person || below.contains(&owner))
    });
    let mut items: Vec<Owned> = theirs.map(|(position, _)| who_owns::owned(case, position)).collect();
    items.sort_by(|left, right| left.agent.id.cmp(&right.agent.id));
    let mut reports: Vec<PersonView> = below.iter().map(|id| views::person(case, *id)).collect();
    reports.sort_unstable();
    Answer::Owner { asked, person: views::person(case, person), reports, items }
}

/// Everybody who reports to a person, directly or not.
fn below(case: &Case, person: IdentityId) -> Vec<IdentityId> {
    let people = &case.lifecycle().people;
    let manager_of = |id: IdentityId| {
        let (written, _) = people.manager(id, case.as_of())?;
        people.person_meant(case.ground(), written, case.as_of())
    };
    let everybody = case.identities().iter().filter(|id| case.identities().kind(*id) == Kind::Person);
    let mut below: Vec<IdentityId> = everybody
        .filter(|id| {
            let mut at = *id;
            (0..LONGEST_LINE).any(|_| match manager_of(at) {
                Some(manager) if manager == person => *id != person,
                Some(manager) => {
                    at = manager;
                    false
                }
                None => false,
            })
        })
        .collect();
    below.sort_by_cached_key(|id| naming::canonical(case, *id));
    below
}
