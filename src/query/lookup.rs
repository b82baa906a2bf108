//! From the words of a question to the identity they mean.
//!
//! A full match first: a canonical id, a short handle, any name. Then a unique suffix, name or fragment. Nobody guesses:
//! what means several is answered with all of them, what means nothing with what is near.

use super::naming;
use crate::case::Case;
use crate::fact::handle::{Handle, HandleKind};
use crate::identity::IdentityId;
use crate::identity::kind::Kind;

/// What words mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// This one.
    One(IdentityId),
    /// Any of these canonical ids.
    Several(Vec<String>),
    /// Nothing; these names are near.
    Nothing(Vec<String>),
}

/// So many near names are offered.
const NEAR: usize = 5;

/// So many meanings are listed.
const LISTED: usize = 20;

/// Names by which things and people can be asked for.
#[derive(Debug)]
pub struct Names {
    /// Lower-case name, identity; sorted.
    names: Vec<(String, IdentityId)>,
}

impl Names {
    /// The names of everybody and everything that can be asked for. Sessions are found by their full name only.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        let mut names = Vec::new();
        for id in case.identities().iter().filter(|id| is_asked_for(case.identities().kind(*id))) {
            let canonical = naming::canonical(case, id);
            names.push((naming::short(&canonical), id));
            names.extend(naming::aliases(case, id).into_iter().map(|alias| (alias.to_lowercase(), id)));
            names.push((canonical.to_lowercase(), id));
        }
        names.sort_unstable();
        names.dedup();
        Self { names }
    }

    /// What the words mean, among identities that the question can be about.
    #[must_use]
    pub fn meant(&self, case: &Case, words: &str, about: impl Fn(IdentityId) -> bool) -> Meant {
        let words = words.trim().to_lowercase();
        let matching = |test: &dyn Fn(&str) -> bool| -> Vec<IdentityId> {
            let found = self.names.iter().filter(|(name, id)| test(name) && about(*id)).map(|(_, id)| *id);
            let mut found: Vec<IdentityId> = found.collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        let is_short = words.len() >= 6 && words.starts_with("a:");
        let tests: [&dyn Fn(&str) -> bool; 5] = [
            &|name| name == words,
            &|name| is_short && name.starts_with(&words),
            &|name| ends_with(name, &words),
            &|name| words.len() >= 3 && name.starts_with(&words),
            &|name| words.len() >= 3 && name.contains(&words),
        ];
        for test in tests {
            match matching(test).as_slice() {
                [] => {}
                [one] => return Meant::One(*one),
                several => return Meant::Several(listed(case, several)),
            }
        }
        match exact_session(case, &words) {
            Some(session) => Meant::One(session),
            None => Meant::Nothing(self.near(case, &words, about)),
        }
    }

    /// The names that look most like the words.
    fn near(&self, case: &Case, words: &str, about: impl Fn(IdentityId) -> bool) -> Vec<String> {
        let names = self.names.iter().filter(|(name, id)| !name.starts_with("a:") && about(*id));
        let likeness = |name: &str| {
            let parts = name.rsplit(['/', ':']).next().unwrap_or(name);
            strsim::jaro_winkler(name, words).max(strsim::jaro_winkler(parts, words))
        };
        let mut near: Vec<(f64, &str, IdentityId)> =
            names.map(|(name, id)| (likeness(name), name.as_str(), *id)).collect();
        near.retain(|(likeness, ..)| *likeness > 0.7);
        near.sort_by(|(left, one, a), (right, two, b)| right.total_cmp(left).then_with(|| (one, a).cmp(&(two, b))));
        near.dedup_by_key(|(_, name, _)| *name);
        near.into_iter().take(NEAR).map(|(_, name, id)| as_written(case, id, name)).collect()
    }
}

/// A name as its system writes it, from its lower-case form.
fn as_written(case: &Case, id: IdentityId, lower: &str) -> String {
    let names = naming::aliases(case, id).into_iter().chain([naming::canonical(case, id)]);
    names.into_iter().find(|name| name.to_lowercase() == lower).unwrap_or_else(|| lower.to_owned())
}

/// Whether a question can be about such an identity by a part of its name.
const fn is_asked_for(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Person
            | Kind::Bot
            | Kind::Agent
            | Kind::Principal
            | Kind::Key
            | Kind::Workload
            | Kind::Repository
            | Kind::Service
            | Kind::Team
    )
}

/// Whether a name ends with the words at a border: `…:agent/XCZ9AGUFOR` ends with `xcz9agufor`.
fn ends_with(name: &str, words: &str) -> bool {
    let before = name.strip_suffix(words);
    !words.is_empty() && before.is_some_and(|before| before.ends_with(['/', ':', '@', '-', '_', '.']))
}

fn listed(case: &Case, several: &[IdentityId]) -> Vec<String> {
    let mut ids: Vec<String> = several.iter().map(|id| naming::canonical(case, *id)).collect();
    ids.sort_unstable();
    ids.truncate(LISTED);
    ids
}

/// A session or run by its full name.
fn exact_session(case: &Case, words: &str) -> Option<IdentityId> {
    let kinds = [HandleKind::Session, HandleKind::SessionStart, HandleKind::SignIn, HandleKind::Run];
    let spelled = [words.to_owned(), words.to_uppercase()];
    kinds.iter().flat_map(|kind| spelled.iter().map(move |value| (*kind, value))).find_map(|(kind, value)| {
        let Handle { kind, realm, value } = Handle { kind, realm: "", value };
        case.identities().always(case.facts().find(kind, realm, value)?)
    })
}
