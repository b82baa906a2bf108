//! Links that one record alone proves.

use super::link::{Link, Relation};
use crate::base::origin::EvidenceId;
use crate::base::time::When;
use crate::fact::claim::{Becoming, Declaring, Event, Making, Standing, Tie};
use crate::fact::facts::Facts;
use crate::fact::handle::{HandleId, HandleKind};
use crate::identity::grade::Grade;
use crate::identity::kind::Kind;
use crate::identity::{Identities, IdentityId};

/// A link between two identities: effect, cause, link.
pub(super) type Woven = (IdentityId, IdentityId, Link);

/// The links of all events and ties.
pub(super) fn links(facts: &Facts, identities: &Identities) -> Vec<Woven> {
    let weaver = Weaver { facts, identities };
    let events = facts.events().iter().filter_map(|row| weaver.event(&row.event, row.when, row.record));
    let ties = facts.standing().iter().filter_map(|row| match row.claim {
        Standing::Tied { a, b, tie } => weaver.tie(a, tie, b, row.span.first, row.span.first_record),
        Standing::Described { .. } | Standing::CameFrom { .. } => None,
    });
    events.chain(ties).collect()
}

struct Weaver<'a> {
    facts: &'a Facts,
    identities: &'a Identities,
}

impl Weaver<'_> {
    fn link(
        &self,
        effect: HandleId,
        cause: HandleId,
        relation: Relation,
        grade: Grade,
        at: When,
        record: EvidenceId,
    ) -> Option<Woven> {
        let when = at.instant();
        let (effect, cause) = (self.identities.one(effect, when)?, self.identities.one(cause, when)?);
        Some((effect, cause, Link::new(relation, grade, at, record)))
    }

    fn event(&self, event: &Event, at: When, record: EvidenceId) -> Option<Woven> {
        match *event {
            Event::Became { by, into, how } => {
                let (relation, grade) = match how {
                    Becoming::SignedIn => (Relation::SignedIn, Grade::Proven),
                    // A login in an assertion is the person's by an equal name; a subject is the platform's own word.
                    Becoming::Federated if self.facts.handle(by).kind == HandleKind::Login => {
                        (Relation::Federated, Grade::Strong)
                    }
                    Becoming::Federated => (Relation::Federated, Grade::Proven),
                    Becoming::Assumed => (Relation::Assumed, Grade::Proven),
                    Becoming::Renewed => (Relation::Renewed, Grade::Proven),
                    Becoming::Switched => (Relation::Switched, Grade::Likely),
                    Becoming::Started => (Relation::Started, Grade::Proven),
                    // Mostly who started the run; else who pressed a button in it, or had a part of it done again.
                    Becoming::Executed => (Relation::Started, Grade::Likely),
                    Becoming::Restarted => return None, // who runs it again is a witness, never an owner
                };
                self.link(into, by, relation, grade, at, record)
            }
            Event::Made { by, made, how } => {
                let relation = match how {
                    Making::Created => Relation::Deployed,
                    Making::Updated => Relation::Updated,
                    Making::Pointed => Relation::Pointed,
                    Making::Issued => Relation::Issued,
                    Making::HandedOver => Relation::HandedOver,
                };
                self.link(made, by, relation, Grade::Proven, at, record)
            }
            Event::Ended { who, by: Some(by), .. } => self.link(who, by, Relation::Ended, Grade::Proven, at, record),
            Event::Declared { how: Declaring::Withdrawn, .. } => None,
            Event::Declared { owner, owned, .. } => {
                self.link(owned, owner, Relation::Declared, Grade::Weak, at, record)
            }
            Event::Granted { .. } | Event::Ended { by: None, .. } => None,
        }
    }

    fn tie(&self, a: HandleId, tie: Tie, b: HandleId, at: When, record: EvidenceId) -> Option<Woven> {
        let (relation, grade) = match tie {
            Tie::IssuedTo => (Relation::Opened, Grade::Strong),
            Tie::OnBehalfOf => (Relation::Delegated, Grade::Proven),
            Tie::SourceIdentity => (Relation::SourceIdentity, Grade::Likely),
            Tie::CalledItself => (Relation::CalledItself, Grade::Weak),
            Tie::HeldBy => (Relation::Holds, Grade::Proven),
            Tie::PartOf => (Relation::PartOf, Grade::Proven),
            Tie::DependsOn => (Relation::DependsOn, Grade::Proven),
            Tie::RunsAs if self.facts.handle(a).kind == HandleKind::Key => (Relation::HeldKey, Grade::Proven),
            Tie::RunsAs => {
                // A session stands on its principal only where the principal is one person's; else it says nothing of who.
                let principal = self.identities.one(b, at.instant())?;
                let session = matches!(self.facts.handle(a).kind, HandleKind::Session | HandleKind::SessionStart);
                if !session || self.identities.kind(principal) != Kind::Person {
                    return None;
                }
                (Relation::HeldKey, Grade::Proven)
            }
            Tie::Named
            | Tie::SamePerson
            | Tie::SameSession
            | Tie::IssuedFor
            | Tie::ReportsTo
            | Tie::MemberOf
            | Tie::InstalledFor
            | Tie::Holds
            | Tie::EnrolledTo => return None,
        };
        if matches!(tie, Tie::SourceIdentity | Tie::CalledItself)
            && let Some(person) = self.identities.called(self.facts.text(b), at.instant())
        {
            let session = self.identities.one(a, at.instant())?;
            return Some((session, person, Link::new(relation, grade, at, record)));
        }
        self.link(a, b, relation, grade, at, record)
    }
}
