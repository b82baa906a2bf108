//! Who led the team that is written down as the owner, where that team is no more.
//!
//! A team cannot answer once it is dissolved; whoever led it last can say what its things were for, in whatever place
//! they are now. Wrong when its duties went to another team and no record says so, or when the tag was copied from
//! something of the team's. So a tag counts only where another person, by a session of their own, set it for this very
//! thing, and few things carry it; then the lead is named as possible, no more.

use super::Signal;
use super::declared;
use crate::attribution::Ground;
use crate::attribution::ask::Asker;
use crate::attribution::evidence::{Observation, Observed, SignalKind, WHOLE};
use crate::attribution::things::Thing;
use crate::base::origin::EvidenceId;
use crate::base::time::{Instant, When};
use crate::fact::claim::{Declaring, Detail, Event, Happened, Standing, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::identity::IdentityId;
use crate::identity::grade::Grade;
use crate::identity::kind::Kind;
use crate::lineage::link::Relation;
use crate::lineage::walk::{End, Hop};

pub(super) struct Team;

impl Signal for Team {
    fn observe(&self, asker: &Asker<'_>, thing: &Thing, until: Instant, out: &mut Observed) {
        let ground = asker.ground;
        for row in declared::in_force(asker, thing, until) {
            let Event::Declared { owner, .. } = row.event else { continue };
            let Some(team) = meant(ground, owner) else { continue };
            let Some((end, ended)) = dissolved(ground, team, until) else { continue };
            let Some(lead) = last_lead(ground, team) else { continue };
            let grade = grade(ground, row, lead.person);
            let mut records = vec![lead.record, ended];
            records.dedup();
            let led = Hop { from: lead.person, relation: Relation::Led, to: team, grade: lead.grade, at: end, records };
            let records = vec![row.record];
            let last = Hop { from: team, relation: Relation::Declared, to: thing.id, grade, at: row.when, records };
            out.observations.push(Observation {
                person: lead.person,
                kind: SignalKind::Inherited,
                at: row.when,
                grade: grade.min(lead.grade),
                chain: vec![led, last],
                cause: (thing.id, -3),
                points: false,
                share: WHOLE,
            });
        }
    }
}

/// The team that a written owner means: a team, or a text that is the whole name of one.
fn meant(ground: Ground<'_>, owner: HandleId) -> Option<IdentityId> {
    let (facts, identities) = (ground.facts, ground.identities);
    let is_team = |id: &IdentityId| identities.kind(*id) == Kind::Team;
    let named = facts.handle(owner);
    let by_name = || facts.find(HandleKind::Team, "", named.value).filter(|_| named.realm.is_empty());
    identities.always(owner).filter(is_team).or_else(|| identities.always(by_name()?).filter(is_team))
}

/// When a team was dissolved, if it was by then, and the record that says so.
pub(super) fn dissolved(ground: Ground<'_>, team: IdentityId, until: Instant) -> Option<(When, EvidenceId)> {
    let rows = ground.identities.handles(team).iter().flat_map(|handle| {
        ground
            .facts
            .events_of(*handle)
            .filter(move |row| matches!(row.event, Event::Ended { who, .. } if who == *handle))
    });
    let happened = rows.filter(|row| row.when.instant().is_none_or(|at| at <= until));
    happened.map(|row| (row.when, row.record)).min()
}

/// Who led a team last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Lead {
    person: IdentityId,
    grade: Grade,
    record: EvidenceId,
}

/// The one person who is told to have led a team last; nobody where two are.
fn last_lead(ground: Ground<'_>, team: IdentityId) -> Option<Lead> {
    let mut told: Vec<(When, Lead)> = Vec::new();
    for handle in ground.identities.handles(team) {
        for row in ground.facts.standing_of(*handle) {
            let Standing::Tied { a, b, tie: Tie::ReportsTo } = row.claim else { continue };
            if a == *handle
                && let Some((person, grade)) = person_meant(ground, b)
            {
                told.push((row.span.last, Lead { person, grade, record: row.span.last_record }));
            }
        }
    }
    let last = told.iter().map(|(at, _)| *at).max()?;
    let mut leads = told.iter().filter(|(at, _)| *at == last).map(|(_, lead)| *lead);
    let first = leads.next()?;
    leads.try_fold(first, |best, lead| {
        (lead.person == best.person).then(|| if lead.grade > best.grade { lead } else { best })
    })
}

/// The person that a written lead means: by a lasting id or an address; or by a name for people that one person alone
/// has, which is only likely.
fn person_meant(ground: Ground<'_>, written: HandleId) -> Option<(IdentityId, Grade)> {
    let (facts, identities) = (ground.facts, ground.identities);
    let is_person = |id: &IdentityId| identities.kind(*id) == Kind::Person;
    let text = facts.text(written);
    let lasting = identities.always(written).filter(is_person).or_else(|| identities.called(text, None));
    if let Some(person) = lasting {
        return Some((person, Grade::Strong));
    }
    let name = facts.find(HandleKind::Word, "", text)?;
    let mut bearers = facts.standing().iter().filter_map(|row| match row.claim {
        Standing::Described { who, detail: Detail::DisplayName, value } if value == name => {
            identities.always(who).filter(is_person)
        }
        _ => None,
    });
    let first = bearers.next()?;
    bearers.all(|other| other == first).then_some((first, Grade::Likely))
}

/// How good a declaration is that names the team.
fn grade(ground: Ground<'_>, row: &Happened, lead: IdentityId) -> Grade {
    match row.event {
        Event::Declared { how: Declaring::OwnerField | Declaring::Sponsor, .. } => Grade::Strong,
        Event::Declared { how: Declaring::Tag, by: Some(by), owner, .. }
            if is_informative(ground, owner) && is_by_another(ground, by, row.when, lead) =>
        {
            Grade::Likely
        }
        _ => Grade::Weak,
    }
}

/// Whether somebody else wrote it, by a session that is surely theirs.
fn is_by_another(ground: Ground<'_>, by: HandleId, at: When, lead: IdentityId) -> bool {
    let Some(by) = ground.identities.one(by, at.instant()) else { return false };
    let walk = ground.walker().walk(by);
    matches!(walk.end, End::Person(person) if person != lead) && walk.grade >= Grade::Strong
}

/// Whether few of the things that carry an owner tag carry this one.
fn is_informative(ground: Ground<'_>, owner: HandleId) -> bool {
    let tags = ground.facts.events().iter().filter_map(|row| match row.event {
        Event::Declared { owner, owned, how: Declaring::Tag, .. } => Some((owned, owner)),
        _ => None,
    });
    let mut tags: Vec<(HandleId, HandleId)> = tags.collect();
    tags.sort_unstable();
    tags.dedup();
    let same = tags.iter().filter(|(_, other)| *other == owner).count();
    same.saturating_sub(1) as f64 <= 2.0 + tags.len().saturating_sub(1) as f64 * 0.2
}
