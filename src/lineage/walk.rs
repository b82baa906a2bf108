//! The walk from a session, key or run to whoever stands behind it.
//!
//! All records of one session share one walk. The best-graded way wins; where two ways of the same grade lead to two
//! different people, the walk names nobody. What a caller could have chosen (a session name) is never a way: it is kept
//! as a claim, beside the walk.

use std::borrow::Cow;

use super::Lineage;
use super::link::{Link, Relation};
use crate::base::origin::EvidenceId;
use crate::base::time::{Instant, When};
use crate::identity::grade::Grade;
use crate::identity::kind::Kind;
use crate::identity::{Identities, IdentityId};

/// Chains longer than this are loops, or were made to look like chains.
const LONGEST: usize = 32;

/// How long before a session a sign-in can have led to it, in milliseconds: a working day, the longest a portal session
/// of an identity provider lasts by default.
const SIGN_IN_WINDOW: i64 = 12 * 3_600_000;

/// One step of a chain, from cause to effect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// The cause: who did it.
    pub from: IdentityId,
    /// How the effect follows.
    pub relation: Relation,
    /// The effect.
    pub to: IdentityId,
    /// How sure that is.
    pub grade: Grade,
    /// When.
    pub at: When,
    /// The records that say so.
    pub records: Vec<EvidenceId>,
}

/// Where a walk ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// At a human being.
    Person(IdentityId),
    /// At a thing that acts: a workload, an agent, a pipeline, a service user.
    Machine(IdentityId),
    /// At several people, none of whom is likelier than the others.
    Several(Vec<IdentityId>),
    /// The records do not lead further than this.
    Broken(IdentityId),
}

impl End {
    /// How far a walk got: a person is further than a machine, anything is further than a break.
    const fn reach(&self) -> u8 {
        match self {
            Self::Broken(_) => 0,
            Self::Machine(_) => 1,
            Self::Several(_) => 2,
            Self::Person(_) => 3,
        }
    }
}

/// A walk: its steps from the human (or wherever it ended) to where it was asked, and what lies beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The steps, the cause first.
    pub hops: Vec<Hop>,
    /// Where it ended.
    pub end: End,
    /// The weakest step; proven where there is none.
    pub grade: Grade,
    /// People whose delegation the session carried without having opened it.
    pub on_behalf_of: Vec<(IdentityId, EvidenceId)>,
    /// Names that callers gave to sessions on the way: claims, not ways.
    pub claims: Vec<(IdentityId, EvidenceId)>,
}

impl Walk {
    fn ending(end: End) -> Self {
        Self { hops: Vec::new(), end, grade: Grade::Proven, on_behalf_of: Vec::new(), claims: Vec::new() }
    }

    /// The person it ends at.
    #[must_use]
    pub fn person(&self) -> Option<IdentityId> {
        match self.end {
            End::Person(person) => Some(person),
            End::Machine(_) | End::Several(_) | End::Broken(_) => None,
        }
    }

    /// The rank by which the best of several ways is chosen. Of two machines the one that a key was issued to goes before
    /// the one that it is a key of: a broker makes a user for each who asks. Whom an assertion names goes before whom the
    /// session was named after: an administrator may map the name to a team.
    fn rank(&self) -> (u8, bool, Grade, bool) {
        let last = |relation| self.hops.last().is_some_and(|hop| hop.relation == relation);
        let of_a_machine = matches!(self.end, End::Machine(_)) && last(Relation::HeldKey);
        (self.end.reach(), !of_a_machine, self.grade, !last(Relation::Opened))
    }
}

/// Walks through a lineage.
#[derive(Clone, Copy, Debug)]
pub struct Walker<'a> {
    /// Who is who.
    pub identities: &'a Identities,
    /// What led to what.
    pub lineage: &'a Lineage,
}

impl<'a> Walker<'a> {
    /// Walks from an identity to whoever stands behind it. Each walk is made once, however often it is asked for.
    #[must_use]
    pub fn walk(&self, from: IdentityId) -> Cow<'a, Walk> {
        let walk = || self.step(from, None, &mut Vec::new());
        match self.lineage.remembered(from) {
            Some(place) => Cow::Borrowed(place.get_or_init(walk)),
            None => Cow::Owned(walk()),
        }
    }

    fn step(&self, id: IdentityId, at: Option<Instant>, path: &mut Vec<IdentityId>) -> Walk {
        match self.identities.kind(id) {
            Kind::Person => return Walk::ending(End::Person(id)),
            Kind::Session | Kind::Key | Kind::Run | Kind::Subject | Kind::SignIn => {}
            Kind::Account | Kind::Alias | Kind::Team | Kind::Other => return Walk::ending(End::Broken(id)),
            Kind::Bot | Kind::Agent | Kind::Principal | Kind::Workload | Kind::Repository | Kind::Service => {
                return Walk::ending(End::Machine(id));
            }
        }
        if path.contains(&id) || path.len() >= LONGEST {
            return Walk::ending(End::Broken(id));
        }
        path.push(id);
        let causes = self.lineage.causes(id);
        let mut ways: Vec<Walk> = Vec::new();
        let opened = causes.iter().any(|(link, _)| link.relation == Relation::Opened);
        for (link, cause) in causes.iter().filter(|(link, _)| leads(link.relation, opened)) {
            ways.push(self.way(id, *link, *cause, at, path));
        }
        let mut ways = nearest(ways);
        if ways.iter().all(|way| matches!(way.end, End::Broken(_))) {
            let named = causes.iter().filter(|(link, _)| link.relation == Relation::SourceIdentity);
            ways.extend(named.map(|(link, cause)| self.way(id, *link, *cause, at, path)));
        }
        path.pop();
        let mut walk = self.best(id, ways);
        beside(&causes, &mut walk);
        walk
    }

    /// The way over one cause.
    fn way(
        &self,
        id: IdentityId,
        link: Link,
        cause: IdentityId,
        at: Option<Instant>,
        path: &mut Vec<IdentityId>,
    ) -> Walk {
        let at = link.at.happened().or(at);
        let mut walk = self.step(cause, at, path);
        let in_session = link.relation == Relation::HeldKey && self.identities.kind(id) == Kind::Session;
        let signed_in = is_sign_in(link.relation) || in_session;
        if matches!(walk.end, End::Person(_)) && walk.hops.is_empty() && signed_in {
            walk.hops.extend(self.signed_in(cause, at));
        }
        let Link { relation, grade, at, .. } = link;
        walk.hops.push(Hop { from: cause, relation, to: id, grade, at, records: link.records().collect() });
        walk.grade = walk.grade.min(grade);
        walk
    }

    /// Of several ways the one that reaches furthest with the best grade. Two people by equally good ways are several.
    fn best(&self, id: IdentityId, mut ways: Vec<Walk>) -> Walk {
        ways.sort_by(|left, right| right.rank().cmp(&left.rank()).then_with(|| left.hops.cmp(&right.hops)));
        let Some(first) = ways.first().cloned() else { return Walk::ending(End::Broken(id)) };
        let rivals = ways.iter().filter(|way| way.rank() == first.rank());
        let mut people: Vec<IdentityId> = rivals.filter_map(Walk::person).collect();
        people.sort_unstable();
        people.dedup();
        if people.len() > 1 {
            return Walk { end: End::Several(people), hops: Vec::new(), ..first };
        }
        longest(first, ways)
    }

    /// The directory sign-in that led to a session: the person's last one before it.
    fn signed_in(&self, person: IdentityId, at: Option<Instant>) -> Option<Hop> {
        let at = at?;
        let sign_ins = self.lineage.sign_ins(person);
        let before = sign_ins.partition_point(|(link, _)| link.at <= When::at(at));
        let (link, app) = *sign_ins.get(before.checked_sub(1)?)?;
        let then = link.at.happened()?;
        if at.millis() - then.millis() > SIGN_IN_WINDOW {
            return None;
        }
        let records = vec![link.record];
        Some(Hop { from: person, relation: Relation::SignedIn, to: app, grade: Grade::Proven, at: link.at, records })
    }
}

/// Of the ways to the same person that nobody could have made up, the longest: it shows most of what happened.
fn longest(best: Walk, ways: Vec<Walk>) -> Walk {
    let sure = |way: &Walk| way.end == best.end && way.grade >= best.grade.min(Grade::Strong);
    let longest = ways.into_iter().filter(sure).rev().max_by_key(|way| way.hops.len());
    longest.filter(|way| best.person().is_some() && way.hops.len() > best.hops.len()).unwrap_or(best)
}

/// Whether a link is a step on the way to the human.
///
/// A delegation is one only where the platform named the session after a person: then it is that person's lasting id.
/// Every other delegation is somebody on whose behalf the session acts.
const fn leads(relation: Relation, opened: bool) -> bool {
    match relation {
        Relation::Opened
        | Relation::Federated
        | Relation::Assumed
        | Relation::Renewed
        | Relation::Switched
        | Relation::SameSession
        | Relation::HeldKey
        | Relation::RanAs
        | Relation::Started
        | Relation::Authored
        | Relation::Merged
        | Relation::Asked
        | Relation::Holds => true,
        Relation::Delegated => opened,
        _ => false,
    }
}

const fn is_sign_in(relation: Relation) -> bool {
    matches!(relation, Relation::Opened | Relation::Federated | Relation::Delegated)
}

/// Of the ways to a run those over the nearest cause that leads to a human: who wrote the change that it ran at, else who
/// started it, else who let the change in. Of everything else all ways.
fn nearest(ways: Vec<Walk>) -> Vec<Walk> {
    let turn = |way: &Walk| match way.hops.last().map(|hop| hop.relation) {
        Some(Relation::Authored) => 0,
        Some(Relation::Merged) => 2,
        _ => 1,
    };
    let humans = ways.iter().filter(|way| matches!(way.end, End::Person(_) | End::Several(_)));
    match humans.map(turn).min() {
        Some(first) => ways.into_iter().filter(|way| turn(way) == first).collect(),
        None => ways,
    }
}

/// What lies beside the walk: delegations, and names that callers chose.
fn beside(causes: &[(Link, IdentityId)], walk: &mut Walk) {
    for (link, cause) in causes {
        match link.relation {
            Relation::Delegated if walk.person() != Some(*cause) => walk.on_behalf_of.push((*cause, link.record)),
            Relation::CalledItself | Relation::SourceIdentity if walk.person() != Some(*cause) => {
                walk.claims.push((*cause, link.record));
            }
            _ => {}
        }
    }
}
