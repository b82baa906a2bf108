//! What the directories say of people: whether they are there, their team and manager, and since when.
//!
//! Visible words are *active*, *unavailable* and *left*; nothing finer was ever read. Absence proves little: who is in no
//! directory of the bundle is unknown, never gone.

use crate::attribution::Ground;
use crate::base::lookup::{Map, Set};
use crate::base::origin::EvidenceId;
use crate::base::time::{Instant, When};
use crate::fact::claim::{Detail, Ending, Event, Span, Standing, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::identity::IdentityId;
use crate::identity::kind::Kind;

/// Whether a person is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// The directory has them as active.
    Active,
    /// Away for now: suspended, disabled without an end.
    Unavailable,
    /// Gone: deactivated, deleted, terminated.
    Left,
    /// No directory of the bundle knows them.
    Unknown,
}

impl Presence {
    /// The word for it; `None` where nothing is known.
    #[must_use]
    pub const fn word(self) -> Option<&'static str> {
        match self {
            Self::Active => Some("active"),
            Self::Unavailable => Some("unavailable"),
            Self::Left => Some("left"),
            Self::Unknown => None,
        }
    }
}

/// A change in whether somebody is there, or what was seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Since when.
    pub at: When,
    /// What they are since.
    pub presence: Presence,
    /// Whether a contract ended rather than an employment.
    pub contract: bool,
    /// The record that says so.
    pub record: EvidenceId,
    /// Whose account it is, in which directory.
    account: HandleId,
}

/// A person's belonging to a team or manager, with the time in which it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Belonging {
    span: Span,
    to: HandleId,
    /// The user whose record says so.
    by: HandleId,
}

/// What is known of the people of a bundle.
#[derive(Debug, Default)]
pub struct Roster {
    /// Changes by person, of the directories that speak of people, in time order.
    changes: Map<IdentityId, Vec<Change>>,
    /// The same by the employer's own records, which say more.
    employments: Map<IdentityId, Vec<Change>>,
    /// Accounts in directories that another directory fills.
    accounts: Map<IdentityId, Vec<Change>>,
    managers: Map<IdentityId, Vec<Belonging>>,
    teams: Map<IdentityId, Vec<Belonging>>,
    /// Moves from one team to another: from, to, day; as often as it happened.
    moves: Map<(HandleId, HandleId, i64), usize>,
    contractors: Set<IdentityId>,
    /// Teams that were dissolved, when, and the record that says so.
    dissolved: Map<HandleId, (When, EvidenceId)>,
    /// Display names, and who alone has them.
    by_name: Map<String, Option<IdentityId>>,
    /// Whether any directory of the bundle speaks of people.
    pub has_directory: bool,
}

/// So many people moving between the same teams on one day is the unit that moved, not they.
const UNIT: usize = 3;

impl Roster {
    /// Reads what the facts say of people.
    #[must_use]
    pub fn of(ground: Ground<'_>) -> Self {
        let mut roster = Self::default();
        roster.read_standing(ground);
        roster.read_events(ground);
        for id in ground.identities.iter() {
            let lists = [&mut roster.changes, &mut roster.employments, &mut roster.accounts];
            for list in lists.into_iter().filter_map(|lists| lists.get_mut(&id)) {
                list.sort_unstable();
                list.dedup();
            }
            if let Some(changes) = roster.changes.get_mut(&id) {
                let_go(changes, ground);
            }
            for list in [roster.managers.get_mut(&id), roster.teams.get_mut(&id)].into_iter().flatten() {
                list.sort_unstable();
            }
        }
        roster.count_moves(ground);
        roster
    }

    fn read_standing(&mut self, ground: Ground<'_>) {
        let facts = ground.facts;
        for row in facts.standing() {
            match row.claim {
                Standing::Described {
                    who,
                    detail: detail @ (Detail::Status | Detail::Employment | Detail::AccountState),
                    value,
                } => {
                    let Some(person) = person(ground, who) else { continue };
                    let presence = match facts.text(value) {
                        "active" | "enabled" => Presence::Active,
                        "unavailable" | "disabled" => Presence::Unavailable,
                        _ => Presence::Left,
                    };
                    let (at, record) = (row.span.first, row.span.first_record);
                    let change = Change { at, presence, contract: false, record, account: who };
                    self.has_directory |= detail != Detail::AccountState;
                    let list = match detail {
                        Detail::Status => &mut self.changes,
                        Detail::Employment => &mut self.employments,
                        _ => &mut self.accounts,
                    };
                    let list = list.get_or_insert_with(person, Vec::new);
                    list.push(change);
                    // An account that a list without a date shows to be there was there when it was made.
                    let born =
                        || born(ground, who).filter(|_| detail == Detail::Status && presence == Presence::Active);
                    if change.at == When::UNDATED
                        && let Some(born) = born()
                    {
                        list.push(Change { at: When::seen(born), ..change });
                    }
                    if row.span.last != row.span.first {
                        list.push(Change { at: row.span.last, record: row.span.last_record, ..change });
                    }
                }
                Standing::Described { who, detail: Detail::UserType, value } => {
                    let contractor = facts.text(value).to_lowercase().contains("contract");
                    if let Some(person) = person(ground, who).filter(|_| contractor) {
                        self.contractors.insert(person);
                    }
                }
                Standing::Described { who, detail: Detail::DisplayName, value } => {
                    let Some(person) = person(ground, who) else { continue };
                    let bearer = self.by_name.get_or_insert_with(facts.text(value).to_owned(), || Some(person));
                    if *bearer != Some(person) {
                        *bearer = None;
                    }
                }
                Standing::Tied { a, b, tie: tie @ (Tie::ReportsTo | Tie::MemberOf) } => {
                    let Some(person) = person(ground, a) else { continue };
                    let list = if tie == Tie::ReportsTo { &mut self.managers } else { &mut self.teams };
                    list.get_or_insert_with(person, Vec::new).push(Belonging { span: row.span, to: b, by: a });
                }
                _ => {}
            }
        }
    }

    fn read_events(&mut self, ground: Ground<'_>) {
        for row in ground.facts.events() {
            let Event::Ended { who, how, .. } = row.event else { continue };
            if ground.facts.handle(who).kind == HandleKind::Team {
                self.dissolved.get_or_insert_with(who, || (row.when, row.record));
                continue;
            }
            let employment = matches!(how, Ending::Terminated | Ending::ContractEnded);
            // Being removed from one organisation of a system is no sign of having left the company.
            if !employment && (how == Ending::Removed || ground.facts.handle(who).kind != HandleKind::UserId) {
                continue;
            }
            let Some(person) = person(ground, who) else { continue };
            let contract = how == Ending::ContractEnded;
            let (at, presence) = (row.when, Presence::Left);
            let change = Change { at, presence, contract, record: row.record, account: who };
            let list = if employment { &mut self.employments } else { &mut self.changes };
            list.get_or_insert_with(person, Vec::new).push(change);
            self.has_directory |= employment;
        }
    }

    fn count_moves(&mut self, ground: Ground<'_>) {
        for id in ground.identities.iter() {
            let Some(teams) = self.teams.get(&id) else { continue };
            let systems = by_system(ground, teams);
            let mut own: Vec<_> = systems.iter().flat_map(|teams| moves(teams)).collect();
            // One person who moved is one, however many systems tell of it.
            own.sort_unstable_by_key(|(from, to, at)| (*from, *to, at.day()));
            own.dedup_by_key(|(from, to, at)| (*from, *to, at.day()));
            for (from, to, at) in own {
                *self.moves.get_or_insert_with((from, to, at.day()), || 0) += 1;
            }
        }
    }

    /// Whether a person is there at an instant, and the change that made it so.
    ///
    /// Where the employer's own records have the person, they say who left, and a directory only who is away: an account
    /// may be switched off for a risk. Wrong where the employer's records are older than the directory's.
    #[must_use]
    pub fn presence(&self, person: IdentityId, at: Instant) -> (Presence, Option<Change>) {
        let Some(employed) = self.employments.get(&person) else { return self.in_directories(person, at) };
        let employment = latest_dated(employed, at);
        if let Some(left) = employment.filter(|change| change.presence == Presence::Left) {
            return (Presence::Left, Some(left));
        }
        match self.in_directories(person, at) {
            (Presence::Left | Presence::Unavailable, change) => (Presence::Unavailable, change),
            _ => (employment.map_or(Presence::Active, |change| change.presence), employment),
        }
    }

    /// Whether a person is there by the directories alone.
    fn in_directories(&self, person: IdentityId, at: Instant) -> (Presence, Option<Change>) {
        let known = self.changes.get(&person).map(Vec::as_slice).unwrap_or_default();
        if known.is_empty() {
            let accounts = self.accounts.get(&person).map(Vec::as_slice).unwrap_or_default();
            return match latest(accounts, at) {
                Some(change) if !self.has_directory => (change.presence, Some(change)),
                _ => (Presence::Unknown, None),
            };
        }
        match latest(known, at) {
            Some(change) => (change.presence, Some(change)),
            // All that is known happened later: until then the person was there.
            None => (Presence::Active, None),
        }
    }

    /// When a person who had left was there again, if they are at this instant.
    #[must_use]
    pub fn returned(&self, person: IdentityId, at: Instant) -> Option<(Change, Change)> {
        let known = self.employments.get(&person).or_else(|| self.changes.get(&person))?;
        let until = |change: &&Change| change.at.instant().is_none_or(|then| then <= at);
        let left = known.iter().rev().filter(until).find(|change| change.presence == Presence::Left)?;
        let back =
            known.iter().filter(until).find(|change| change.at > left.at && change.presence == Presence::Active)?;
        Some((*left, *back))
    }

    /// Whether the directory has the person as a contractor.
    #[must_use]
    pub fn is_contractor(&self, person: IdentityId) -> bool {
        self.contractors.contains(&person)
    }

    /// The manager of a person at an instant, as the directory wrote it.
    #[must_use]
    pub fn manager(&self, person: IdentityId, at: Instant) -> Option<(HandleId, EvidenceId)> {
        belonging(self.managers.get(&person)?, at)
    }

    /// The team of a person at an instant.
    #[must_use]
    pub fn team(&self, person: IdentityId, at: Instant) -> Option<(HandleId, EvidenceId)> {
        belonging(self.teams.get(&person)?, at)
    }

    /// What a person's team was at one instant and is at another, where one directory's own record of them has it differ:
    /// two directories may call one team by two names. With the record that shows the new one.
    #[must_use]
    pub fn team_changed(
        &self,
        ground: Ground<'_>,
        person: IdentityId,
        (then, now): (Instant, Instant),
    ) -> Option<(HandleId, HandleId, EvidenceId)> {
        changed(ground, self.teams.get(&person)?, (then, now))
    }

    /// The same of a person's manager.
    #[must_use]
    pub fn manager_changed(
        &self,
        ground: Ground<'_>,
        person: IdentityId,
        (then, now): (Instant, Instant),
    ) -> Option<(HandleId, HandleId, EvidenceId)> {
        changed(ground, self.managers.get(&person)?, (then, now))
    }

    /// The person that a directory means by a manager field: a user of its own, an address, a number, and only where
    /// nothing else is written a name that one person alone has.
    #[must_use]
    pub fn person_meant(&self, ground: Ground<'_>, written: HandleId, at: Instant) -> Option<IdentityId> {
        let is_person = |id: &IdentityId| ground.identities.kind(*id) == Kind::Person;
        let named = ground.identities.one(written, Some(at)).filter(is_person);
        let text = ground.facts.text(written);
        named.or_else(|| ground.identities.called(text, None)).or_else(|| self.by_name.get(text).copied().flatten())
    }

    /// When a team was dissolved, if it was by an instant, and the record that says so.
    #[must_use]
    pub fn dissolved(&self, team: HandleId, at: Instant) -> Option<(When, EvidenceId)> {
        self.dissolved.get(&team).copied().filter(|(when, _)| when.instant().is_none_or(|then| then <= at))
    }

    /// Whether so many people went from one team to another on the same day that the unit moved, not they.
    #[must_use]
    pub fn unit_moved(&self, ground: Ground<'_>, person: IdentityId, from: HandleId, to: HandleId) -> bool {
        let teams = self.teams.get(&person).map(Vec::as_slice).unwrap_or_default();
        let together = |at: Instant| self.moves.get(&(from, to, at.day())).is_some_and(|count| *count >= UNIT);
        let systems = by_system(ground, teams);
        systems.iter().flat_map(|teams| moves(teams)).any(|(one, two, at)| (one, two) == (from, to) && together(at))
    }
}

/// When an account was made, by its own record.
fn born(ground: Ground<'_>, who: HandleId) -> Option<Instant> {
    ground.facts.standing_of(who).find_map(|row| match row.claim {
        Standing::Described { who: of, detail: Detail::Born, value } if of == who => {
            Instant::parse(ground.facts.text(value))
        }
        _ => None,
    })
}

/// What each directory's own record of a person says.
fn by_system(ground: Ground<'_>, list: &[Belonging]) -> Vec<Vec<Belonging>> {
    let system = |one: &Belonging| {
        let realm = ground.facts.handle(one.by).realm;
        realm.split_once(':').map_or(realm, |(system, _)| system)
    };
    let mut list = list.to_vec();
    list.sort_by(|left, right| system(left).cmp(system(right)).then_with(|| left.cmp(right)));
    list.chunk_by(|left, right| system(left) == system(right)).map(<[Belonging]>::to_vec).collect()
}

/// The moves from one team to the next, with the time.
fn moves(teams: &[Belonging]) -> impl Iterator<Item = (HandleId, HandleId, Instant)> {
    teams.windows(2).filter_map(|pair| match pair {
        [from, to] => Some((from.to, to.to, to.span.first.instant()?)),
        _ => None,
    })
}

/// What a person belonged to then and belongs to now, by the first directory in whose record it differs.
fn changed(
    ground: Ground<'_>,
    list: &[Belonging],
    (then, now): (Instant, Instant),
) -> Option<(HandleId, HandleId, EvidenceId)> {
    by_system(ground, list).into_iter().find_map(|own| {
        let (before, after) = (belonging(&own, then)?, belonging(&own, now)?);
        (before.0 != after.0).then_some((before.0, after.0, after.1))
    })
}

/// The person that a user handle stands for.
fn person(ground: Ground<'_>, who: HandleId) -> Option<IdentityId> {
    ground.identities.always(who).filter(|id| ground.identities.kind(*id) == Kind::Person)
}

/// Leaves out that one directory suspends or disables whom another had already let go: it follows the other, and is no
/// return. A newer account in the directory that let them go counts, and so does being active anywhere.
///
/// Wrong where two directories keep two lives of one person, and the second life is suspended without ever having been
/// seen active.
fn let_go(changes: &mut Vec<Change>, ground: Ground<'_>) {
    changes.sort_unstable_by_key(|change| (change.at, std::cmp::Reverse(change.presence), change.record));
    let mut by: Option<HandleId> = None;
    let realm = |account: HandleId| ground.facts.handle(account).realm;
    changes.retain(|change| {
        match change.presence {
            Presence::Left => by = Some(change.account),
            Presence::Unavailable => return by.is_none_or(|by| realm(by) == realm(change.account)),
            Presence::Active | Presence::Unknown => by = None,
        }
        true
    });
    changes.sort_unstable();
}

/// The latest change that had happened by an instant; a state that nobody dated counts as of the bundle's end. Where two
/// accounts of one person differ at the same time, the one that is there decides.
fn latest(changes: &[Change], at: Instant) -> Option<Change> {
    let happened = changes.iter().filter(|change| change.at.instant().is_none_or(|then| then <= at));
    happened.copied().max_by_key(|change| (change.at, std::cmp::Reverse(change.presence)))
}

/// The latest change that is known to have happened by an instant; only where there is none, a state that nobody dated.
fn latest_dated(changes: &[Change], at: Instant) -> Option<Change> {
    let dated: Vec<Change> = changes.iter().filter(|change| change.at.instant().is_some()).copied().collect();
    latest(&dated, at).or_else(|| latest(changes, at))
}

/// What a person belonged to at an instant: the latest that had begun by then, else the first that is known.
fn belonging(list: &[Belonging], at: Instant) -> Option<(HandleId, EvidenceId)> {
    let begun = list.iter().rev().find(|one| one.span.first.instant().is_some_and(|first| first <= at));
    begun.or(list.first()).map(|one| (one.to, one.span.first_record))
}
