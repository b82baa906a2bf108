//! Everybody and everything that goes by some name: any id, alias, tag, address, key fragment, session, client, event.

use std::net::IpAddr;

use super::naming;
use super::records::{self, Meant};
use crate::base::origin::EvidenceId;
use crate::base::time::{Instant, When};
use crate::case::Case;
use crate::fact::claim::{Detail, Standing};
use crate::fact::handle::{HandleId, HandleKind};
use crate::identity::IdentityId;

/// Someone or something that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The canonical id; of a record its source.
    pub id: String,
    /// What it is: the kind of an acting thing, `person`, `session`, `record`.
    pub kind: String,
    /// The name for people.
    pub name: Option<String>,
    /// How the words fit: `name`, `address`, `software`, `tag`, `record`.
    pub matched: &'static str,
    /// The value that fits.
    pub value: String,
    /// When it was first seen so.
    pub first: Option<Instant>,
    /// When it was last seen so.
    pub last: Option<Instant>,
    /// A record that says so.
    pub evidence: Option<EvidenceId>,
}

/// What words look for.
enum Sought {
    /// A part of a name, lower case.
    Part(String),
    /// Addresses of a network.
    Network(IpAddr, u32),
}

impl Sought {
    fn of(words: &str) -> Self {
        let network = words.split_once('/').and_then(|(address, bits)| {
            let address: IpAddr = address.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits: u32 = bits.parse().ok()?;
            (bits <= most).then_some(Self::Network(address, bits))
        });
        network.unwrap_or_else(|| Self::Part(words.to_lowercase()))
    }

    fn fits(&self, value: &str) -> bool {
        match self {
            Self::Part(part) => contains(value, part),
            Self::Network(network, bits) => value.parse().is_ok_and(|address| within(address, *network, *bits)),
        }
    }
}

/// Whether a text contains a lower-case part, whatever the text's case.
fn contains(text: &str, part: &str) -> bool {
    if text.is_ascii() && part.is_ascii() {
        let (text, part) = (text.as_bytes(), part.as_bytes());
        return text.windows(part.len().max(1)).any(|window| window.eq_ignore_ascii_case(part));
    }
    text.to_lowercase().contains(part)
}

fn within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(address) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            u128::from(address) & mask == u128::from(network) & mask
        }
        _ => false,
    }
}

/// Finds by words, ordered by id.
#[must_use]
pub fn find(case: &Case, words: &str) -> Vec<Found> {
    let words = words.trim();
    if words.is_empty() {
        return Vec::new();
    }
    let sought = Sought::of(words);
    let mut found: Vec<Found> = by_short(case, words);
    for handle in case.facts().handles() {
        if sought.fits(case.facts().text(handle)) {
            found.extend(of_handle(case, handle));
        }
    }
    found.extend(records(case, words));
    found.sort_unstable();
    found.dedup_by(|later, earlier| {
        (&later.id, later.matched, &later.value) == (&earlier.id, earlier.matched, &earlier.value)
    });
    found
}

/// Whom a handle names, or of whom it tells.
fn of_handle(case: &Case, handle: HandleId) -> Vec<Found> {
    let value = case.facts().text(handle);
    match case.facts().handle(handle).kind {
        HandleKind::Word => described(case, handle, value),
        HandleKind::Network => {
            let rows = case.facts().standing_of(handle).filter_map(|row| match row.claim {
                Standing::CameFrom { who, from } if from == handle => {
                    let id = case.identities().one(who, row.span.first.instant())?;
                    let span = (row.span.first, row.span.last, row.span.first_record);
                    Some(entity(case, id, "address", value, Some(span)))
                }
                _ => None,
            });
            rows.collect()
        }
        _ => match case.identities().who(handle, None) {
            crate::identity::Who::One(id) => vec![entity(case, id, "name", value, seen(case, handle))],
            crate::identity::Who::Several(ids) => {
                ids.into_iter().map(|id| entity(case, id, "name", value, seen(case, handle))).collect()
            }
            crate::identity::Who::Nobody => Vec::new(),
        },
    }
}

/// Of whom a word tells: display names, tags, client software, owner notes.
fn described(case: &Case, word: HandleId, value: &str) -> Vec<Found> {
    let rows = case.facts().standing().iter().filter_map(|row| match row.claim {
        Standing::Described { who, detail, value: told } if told == word => {
            let matched = match detail {
                Detail::DisplayName => "name",
                Detail::Tag => "tag",
                Detail::Software => "software",
                Detail::Commit => "commit",
                Detail::Environment | Detail::Branch => "pipeline",
                _ => return None,
            };
            let id = case.identities().one(who, row.span.first.instant())?;
            let span = (row.span.first, row.span.last, row.span.first_record);
            Some(entity(case, id, matched, value, Some(span)))
        }
        _ => None,
    });
    rows.collect()
}

/// Things by their short handle.
fn by_short(case: &Case, words: &str) -> Vec<Found> {
    if !words.starts_with("a:") || words.len() < 6 {
        return Vec::new();
    }
    let ids = case.identities().iter().filter(|id| naming::short(&naming::canonical(case, *id)).starts_with(words));
    ids.map(|id| entity(case, id, "handle", words, None)).collect()
}

/// Records by their name or their vendor's id.
fn records(case: &Case, words: &str) -> Vec<Found> {
    let (Meant::These(ids) | Meant::Several(ids)) = records::meant(case, words) else { return Vec::new() };
    let found = case.records(&ids).into_iter().map(|record| {
        let action = record.acts.first().map(|act| act.action.clone());
        Found {
            id: record.source.to_owned(),
            kind: "record".to_owned(),
            name: action,
            matched: "record",
            value: words.to_owned(),
            first: record.time,
            last: record.time,
            evidence: Some(record.evidence),
        }
    });
    found.collect()
}

/// When a handle was seen, and a record that names it.
fn seen(case: &Case, handle: HandleId) -> Option<(When, When, EvidenceId)> {
    let facts = case.facts();
    let standing = facts.standing_of(handle).map(|row| (row.span.first, row.span.last, row.span.first_record));
    let acts = facts.acts_by(handle).chain(facts.acts_on(handle));
    let acts = acts.map(|row| (row.span.first, row.span.last, row.span.first_record));
    let events = facts.events_of(handle).map(|row| (row.when, row.when, row.record));
    standing.chain(acts).chain(events).reduce(|left, right| {
        let (first, record) = (left.0, left.2).min((right.0, right.2));
        (first, left.1.max(right.1), record)
    })
}

fn entity(
    case: &Case,
    id: IdentityId,
    matched: &'static str,
    value: &str,
    seen: Option<(When, When, EvidenceId)>,
) -> Found {
    let thing = case.attributions().things.get(id).filter(|thing| thing.id == id);
    let kind = thing.map_or_else(|| case.identities().kind(id).word().to_owned(), |thing| thing.kind.clone());
    Found {
        id: naming::canonical(case, id),
        kind,
        name: naming::display(case, id),
        matched,
        value: value.to_owned(),
        first: seen.and_then(|(first, ..)| first.instant()),
        last: seen.and_then(|(_, last, _)| last.instant()),
        evidence: seen.map(|(.., record)| record),
    }
}
