//! One record: who performed it, on whose behalf, who is accountable, and the chain.
//!
//! Three names, never mixed. After an owner's last day an act is performed by the credential, never by the person who
//! left, whose hands it may no longer be in.

use super::naming;
use super::records::{self, Meant};
use super::views::{self, HopView, PersonView};
use crate::attribution::things::Behind;
use crate::base::origin::EvidenceId;
use crate::base::time::Instant;
use crate::case::Case;
use crate::fact::claim::Outcome;
use crate::identity::IdentityId;
use crate::intake::places::Place;
use crate::intake::replay::{Act, Name, Replayed};
use crate::lifecycle::people::Presence;
use crate::lineage::walk::{End, Walk};

/// The answer to one event.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// What its records tell.
    Explained {
        /// The words asked.
        asked: String,
        /// One for each act.
        items: Vec<Explained>,
    },
    /// The beginning of several names.
    Ambiguous {
        /// The words asked.
        asked: String,
        /// The records they can mean.
        several: Vec<EvidenceId>,
    },
    /// No such record.
    NotFound {
        /// The words asked.
        asked: String,
    },
}

/// An act with its three names.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The source of the record.
    pub source: &'static str,
    /// When it happened.
    pub time: Option<Instant>,
    /// What was done; `None` where the record tells of no act.
    pub action: Option<String>,
    /// On what.
    pub resource: Option<String>,
    /// How it ended.
    pub outcome: Option<&'static str>,
    /// From which network address.
    pub from: Option<String>,
    /// The agent, credential or person that did it.
    pub performed_by: Option<String>,
    /// On whose behalf.
    pub on_behalf_of: Vec<String>,
    /// Who is accountable.
    pub owner: Option<PersonView>,
    /// Why nobody is named, in words.
    pub nobody_because: Option<String>,
    /// From the human to the session or key that acted.
    pub chain: Vec<HopView>,
    /// The record.
    pub evidence: EvidenceId,
    /// Where it stands.
    pub places: Vec<Place>,
}

impl Explained {
    /// The records that it cites.
    pub fn cited(&self) -> impl Iterator<Item = EvidenceId> {
        self.chain.iter().flat_map(|hop| hop.evidence.iter().copied()).chain([self.evidence])
    }
}

/// Explains a record or event.
#[must_use]
pub fn answer(case: &Case, words: &str) -> Answer {
    let asked = words.to_owned();
    match records::meant(case, words) {
        Meant::None => Answer::NotFound { asked },
        Meant::Several(several) => Answer::Ambiguous { asked, several },
        Meant::These(wanted) => {
            let mut items: Vec<Explained> =
                case.records(&wanted).iter().flat_map(|record| explained(case, record)).collect();
            items.sort_by_key(|item| (item.time, item.evidence));
            Answer::Explained { asked, items }
        }
    }
}

fn explained(case: &Case, record: &Replayed) -> Vec<Explained> {
    let plain = Explained {
        source: record.source,
        time: record.time,
        action: None,
        resource: None,
        outcome: None,
        from: record.from.clone(),
        performed_by: None,
        on_behalf_of: Vec::new(),
        owner: None,
        nobody_because: None,
        chain: Vec::new(),
        evidence: record.evidence,
        places: record.places.clone(),
    };
    if record.acts.is_empty() {
        let why = "the record tells of no act".to_owned();
        return vec![Explained { nobody_because: Some(why), ..plain }];
    }
    record.acts.iter().map(|act| of_act(case, act, record.time, plain.clone())).collect()
}

fn of_act(case: &Case, act: &Act, at: Option<Instant>, plain: Explained) -> Explained {
    let by = identity(case, &act.by, at);
    let mut explained = Explained {
        action: Some(act.action.clone()),
        resource: act.on.as_ref().map(|on| resource(case, on, at)),
        outcome: Some(match act.outcome {
            Outcome::Succeeded => "succeeded",
            Outcome::Denied => "denied",
            Outcome::Failed => "failed",
        }),
        performed_by: Some(by.map_or_else(|| act.by.value.clone(), |by| naming::canonical(case, by))),
        on_behalf_of: act.on_behalf_of.iter().map(|behalf| resource(case, behalf, at)).collect(),
        ..plain
    };
    if let Some(by) = by {
        names(case, by, at, &mut explained);
    }
    explained
}

/// Who performed and who answers, for the session, key or person that acted.
fn names(case: &Case, by: IdentityId, at: Option<Instant>, explained: &mut Explained) {
    if case.attributions().things.position(by).is_some() {
        return of_thing(case, by, Vec::new(), explained);
    }
    let walk = case.ground().walker().walk(by);
    let chain: Vec<HopView> = walk.hops.iter().map(|hop| views::hop(case, hop)).collect();
    let behalf = walk.on_behalf_of.iter().map(|(person, _)| naming::canonical(case, *person));
    explained.on_behalf_of.extend(behalf);
    explained.on_behalf_of.sort_unstable();
    explained.on_behalf_of.dedup();
    match &walk.end {
        End::Person(person) => {
            // The delegation of the very person who acts is none.
            let own = naming::canonical(case, *person);
            explained.on_behalf_of.retain(|behalf| *behalf != own);
            if !had_left(case, *person, at) {
                explained.performed_by = Some(own);
            }
            explained.owner = Some(views::person(case, *person));
            explained.chain = chain;
        }
        _ => match case.attributions().things.behind(case.ground(), by, &walk) {
            Behind::One(thing) => of_thing(case, thing, chain, explained),
            Behind::Shared(things) => {
                let names: Vec<String> = things.iter().map(|thing| naming::canonical(case, *thing)).collect();
                explained.nobody_because = Some(format!("one of several that act as one: {}", names.join(", ")));
                explained.chain = chain;
            }
            Behind::Nothing => {
                explained.nobody_because = Some(dead_end(case, &walk));
                explained.chain = chain;
            }
        },
    }
}

/// An act of an acting thing: the thing performed it, its owner answers.
fn of_thing(case: &Case, id: IdentityId, mut chain: Vec<HopView>, explained: &mut Explained) {
    let attributions = case.attributions();
    let Some(position) = attributions.things.position(id) else { return };
    let (Some(thing), Some(attribution)) =
        (attributions.things.list().get(position), attributions.list().get(position))
    else {
        return;
    };
    explained.performed_by = Some(naming::canonical(case, thing.id));
    match attribution.owner {
        Some(owner) => {
            let winner = attribution.candidates.iter().find(|candidate| candidate.person == owner.person);
            let mut whole: Vec<HopView> =
                winner.into_iter().flat_map(|winner| &winner.chain).map(|hop| views::hop(case, hop)).collect();
            whole.append(&mut chain);
            explained.chain = whole;
            explained.owner = Some(views::person(case, owner.person));
        }
        None => {
            explained.nobody_because = Some("nobody is known to own it".to_owned());
            explained.chain = chain;
        }
    }
}

fn had_left(case: &Case, person: IdentityId, at: Option<Instant>) -> bool {
    let people = &case.lifecycle().people;
    people.presence(person, at.unwrap_or(case.as_of())).0 == Presence::Left
}

fn dead_end(case: &Case, walk: &Walk) -> String {
    match &walk.end {
        End::Several(people) => {
            let names: Vec<String> = people.iter().map(|person| naming::canonical(case, *person)).collect();
            format!("the trail ends at several people who cannot be told apart: {}", names.join(", "))
        }
        End::Machine(end) => format!("the trail ends at a machine: {}", naming::canonical(case, *end)),
        End::Broken(end) => format!("the trail breaks at {}", naming::canonical(case, *end)),
        End::Person(_) => String::new(),
    }
}

/// What an act was on: an acting thing by its canonical id, anything else as it is written.
fn resource(case: &Case, name: &Name, at: Option<Instant>) -> String {
    identity(case, name, at).map_or_else(|| name.value.clone(), |id| naming::canonical(case, id))
}

fn identity(case: &Case, name: &Name, at: Option<Instant>) -> Option<IdentityId> {
    let handle = case.facts().find(name.kind, &name.realm, &name.value)?;
    case.identities().one(handle, at)
}
