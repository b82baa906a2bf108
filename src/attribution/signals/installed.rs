//! Whose machine and whose credential: installed, issued.
//!
//! A server on a laptop has no maker in any log. What tells whose it is: in whose home it is set up, under which local
//! account it was started, to whom the device is enrolled, and to whom the credential was issued that it lives on. A home
//! alone says little, for anybody who can write there can plant a configuration: it counts where the device is enrolled to
//! the account's person, never by the account's name alone, and never against the credential's holder. A start is better:
//! the account's own session ran it. It is wrong where somebody works at another person's unlocked laptop, and where an
//! account is shared.

use super::Signal;
use crate::attribution::Ground;
use crate::attribution::ask::Asker;
use crate::attribution::evidence::{Observation, Observed, SignalKind, WHOLE};
use crate::attribution::things::Thing;
use crate::base::origin::EvidenceId;
use crate::base::time::{Instant, When};
use crate::fact::claim::{Event, Making, Outcome, Span, Standing, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::identity::IdentityId;
use crate::identity::grade::Grade;
use crate::identity::kind::Kind;
use crate::lineage::link::Relation;
use crate::lineage::walk::{Hop, Walk};

pub(super) struct Installed;

impl Signal for Installed {
    fn observe(&self, asker: &Asker<'_>, thing: &Thing, until: Instant, out: &mut Observed) {
        let ground = asker.ground;
        if ground.identities.kind(thing.id) != Kind::Agent {
            return;
        }
        let starts = starts(ground, thing, until);
        let mut homes = homes(ground, thing);
        let mut holders = holders(ground, thing, until);
        let started_by = |person: IdentityId| starts.iter().any(|one| one.person == person && one.grade > Grade::Weak);
        if starts.iter().any(|one| one.grade > Grade::Weak) {
            // Whoever starts a server with another's key has borrowed it; whoever owns the key owns the key.
            for holder in holders.iter_mut().filter(|holder| !started_by(holder.person)) {
                holder.grade = Grade::Weak;
            }
        } else if let (Some(home), Some(holder)) = (homes.first(), holders.first())
            && homes.iter().all(|home| holders.iter().all(|holder| home.person != holder.person))
            && home.person != holder.person
        {
            // A home of one and a key of another: one of them borrowed or planted, and nothing tells which.
            homes.iter_mut().chain(holders.iter_mut()).for_each(|one| one.grade = Grade::Weak);
        }
        out.observations.extend(starts.into_iter().chain(homes).chain(holders).chain(named_itself(ground, thing)));
    }
}

/// The starts of the thing under local accounts of its host.
fn starts(ground: Ground<'_>, thing: &Thing, until: Instant) -> Vec<Observation> {
    let mut observations = Vec::new();
    for handle in ground.identities.handles(thing.id) {
        for act in ground.facts.acts_on(*handle) {
            let Some(at) = act.span.first.happened().filter(|at| *at <= until) else { continue };
            let account = act.claim.by;
            let is_start = act.claim.on == Some(*handle) && act.claim.outcome == Outcome::Succeeded;
            // Whoever does something to an agent elsewhere (consents to it, opens its page) has not started it.
            if !is_start || host_of(ground, account).is_none() {
                continue;
            }
            let Some(mut behind) = behind(ground, account, Some(at)) else { continue };
            // What a device's user ran before it was given to somebody else says nothing of who has it now.
            if !behind.hops.is_empty() && given_on(ground, account, behind.person, until) {
                behind.grade = Grade::Weak;
            }
            let relation = Relation::Operates;
            let hop = last(ground, account, behind.person, relation, thing, (When::at(at), act.span.first_record));
            observations.push(observation(behind, hop, SignalKind::Installed, at.day()));
        }
    }
    observations
}

/// The homes in which the thing is set up.
fn homes(ground: Ground<'_>, thing: &Thing) -> Vec<Observation> {
    let mut observations = Vec::new();
    for (account, span) in tied(ground, thing, Tie::InstalledFor) {
        let Some(mut behind) = behind(ground, account, span.first.instant()) else { continue };
        // The file may have been written by anybody who can write there.
        behind.grade = behind.grade.min(Grade::Likely);
        if is_shared(ground, account) {
            behind.grade = Grade::Weak;
        }
        let at = (span.first, span.first_record);
        let mut hop = last(ground, account, behind.person, Relation::Installed, thing, at);
        hop.grade = Grade::Likely;
        observations.push(observation(behind, hop, SignalKind::Installed, 0));
    }
    observations
}

/// The people as whom the thing's own records say it was signed in: anybody who can write such a record can say so.
fn named_itself(ground: Ground<'_>, thing: &Thing) -> Vec<Observation> {
    let named = tied(ground, thing, Tie::CalledItself).into_iter().filter_map(|(name, span)| {
        let person = ground.identities.called(ground.facts.text(name), span.first.instant())?;
        let behind = Behind { person, grade: Grade::Weak, hops: Vec::new() };
        let hop = Hop {
            from: person,
            relation: Relation::CalledItself,
            to: thing.id,
            grade: Grade::Weak,
            at: span.first,
            records: vec![span.first_record],
        };
        Some(observation(behind, hop, SignalKind::Installed, 0))
    });
    named.collect()
}

/// The people to whom the credentials were issued that the thing's configuration holds.
fn holders(ground: Ground<'_>, thing: &Thing, until: Instant) -> Vec<Observation> {
    let mut observations = Vec::new();
    for (credential, span) in tied(ground, thing, Tie::Holds) {
        let Some(key) = ground.identities.one(credential, None) else { continue };
        let Some((person, mut chain, grade)) = issued_to(ground, key, until) else { continue };
        let hop = Hop {
            from: key,
            relation: Relation::LivesOn,
            to: thing.id,
            grade: Grade::Likely,
            at: span.first,
            records: vec![span.first_record],
        };
        chain.push(hop);
        observations.push(Observation {
            person,
            kind: SignalKind::Issued,
            at: span.first,
            grade: grade.min(Grade::Likely),
            chain,
            cause: (key, 0),
            points: false,
            share: WHOLE,
        });
    }
    observations
}

/// The person a credential was issued to: whose own it is; else, where it is an account's that is nobody's, who issued it.
fn issued_to(ground: Ground<'_>, key: IdentityId, until: Instant) -> Option<(IdentityId, Vec<Hop>, Grade)> {
    let own = ground.walker().walk(key);
    if let Some(person) = own.person() {
        return Some((person, own.hops.clone(), own.grade));
    }
    let handles = ground.identities.handles(key).iter();
    let events = handles.flat_map(|handle| ground.facts.events_of(*handle).map(move |row| (*handle, row)));
    let mut issues: Vec<(When, EvidenceId, IdentityId, Walk)> = events
        .filter_map(|(handle, row)| {
            let Event::Made { by, made, how: Making::Issued | Making::Created } = row.event else { return None };
            let in_time = row.when.instant().is_none_or(|at| at <= until);
            let by = ground.identities.one(by, row.when.instant()).filter(|_| made == handle && in_time)?;
            Some((row.when, row.record, by, ground.walker().walk(by).into_owned()))
        })
        .collect();
    issues.sort_by_key(|(at, record, ..)| (*at, *record));
    let (at, record, by, walk) = issues.pop()?;
    let person = walk.person()?;
    let grade = walk.grade;
    let mut hops = walk.hops;
    hops.push(Hop { from: by, relation: Relation::Issued, to: key, grade: Grade::Proven, at, records: vec![record] });
    Some((person, hops, grade))
}

/// The person behind a local account.
struct Behind {
    person: IdentityId,
    grade: Grade,
    hops: Vec<Hop>,
}

/// Who is behind a local account at a time.
///
/// The person that an endpoint's log puts together with it; else the one to whom the device is enrolled, where the account
/// is named after them, or where every other account of the device is named after somebody else. Else the only person of that name, which is no more
/// than a guess.
fn behind(ground: Ground<'_>, account: HandleId, at: Option<Instant>) -> Option<Behind> {
    let facts = ground.facts;
    if let Some(person) = ground.identities.one(account, at).filter(|id| ground.identities.kind(*id) == Kind::Person) {
        return Some(Behind { person, grade: Grade::Proven, hops: Vec::new() });
    }
    let host = host_of(ground, account)?;
    let name = facts.text(account);
    if let Some((person, span, device)) = enrolled(ground, host, at) {
        let own_name = is_named_after(ground, name, person);
        let grade = match own_name {
            true => Some(Grade::Strong),
            false if is_alone(ground, account, host, person) => Some(Grade::Likely),
            false => None,
        };
        if let Some(grade) = grade {
            let records = vec![span.first_record];
            let hop = Hop { from: person, relation: Relation::Enrolled, to: device, grade, at: span.first, records };
            return Some(Behind { person, grade, hops: vec![hop] });
        }
    }
    let person = called_itself(ground, account).or_else(|| named(ground, name))?;
    Some(Behind { person, grade: Grade::Weak, hops: Vec::new() })
}

/// The host of a local account.
fn host_of(ground: Ground<'_>, account: HandleId) -> Option<HandleId> {
    ground.facts.standing_of(account).find_map(|row| match row.claim {
        Standing::Tied { a, b, tie: Tie::PartOf } if a == account => {
            (ground.facts.handle(b).kind == HandleKind::Workload).then_some(b)
        }
        _ => None,
    })
}

/// The one person to whom a device was enrolled last at a time.
fn enrolled(ground: Ground<'_>, host: HandleId, at: Option<Instant>) -> Option<(IdentityId, Span, IdentityId)> {
    let at = at.unwrap_or(ground.as_of);
    let rows = ground.facts.standing_of(host).filter_map(|row| match row.claim {
        Standing::Tied { a, b, tie: Tie::EnrolledTo } if a == host => {
            let begun = row.span.first.instant();
            Some((begun, ground.identities.one(b, begun)?, row.span)).filter(|_| begun.is_none_or(|begun| begun <= at))
        }
        _ => None,
    });
    let mut rows: Vec<(Option<Instant>, IdentityId, Span)> = rows.collect();
    rows.sort_unstable();
    let (last, person, span) = rows.last().copied()?;
    let alone = rows.iter().all(|(begun, other, _)| *other == person || *begun < last);
    let is_person = ground.identities.kind(person) == Kind::Person;
    (alone && is_person).then_some((person, span, ground.identities.always(host)?))
}

/// Whether the device of an account is enrolled to somebody else since.
fn given_on(ground: Ground<'_>, account: HandleId, person: IdentityId, until: Instant) -> bool {
    let now = host_of(ground, account).and_then(|host| enrolled(ground, host, Some(until)));
    now.is_some_and(|(holder, ..)| holder != person)
}

/// Whether two people can be behind the accounts of an account's host: then a home of it proves little.
fn is_shared(ground: Ground<'_>, account: HandleId) -> bool {
    let Some(host) = host_of(ground, account) else { return false };
    enrolled(ground, host, None).is_none() && accounts(ground, host) > 1
}

/// Whether an account that is named after nobody is the only one that can be of this person: all others of the host are
/// named after other people, who had the device before.
fn is_alone(ground: Ground<'_>, account: HandleId, host: HandleId, person: IdentityId) -> bool {
    let mut others = accounts_of(ground, host).filter(|other| *other != account);
    named(ground, ground.facts.text(account)).is_none()
        && others.all(|other| named(ground, ground.facts.text(other)).is_some_and(|other| other != person))
}

/// How many local accounts of a host are known.
fn accounts(ground: Ground<'_>, host: HandleId) -> usize {
    accounts_of(ground, host).count()
}

fn accounts_of(ground: Ground<'_>, host: HandleId) -> impl Iterator<Item = HandleId> {
    ground.facts.standing_of(host).filter_map(move |row| match row.claim {
        Standing::Tied { a, b, tie: Tie::PartOf } if b == host && is_account(ground, a) => Some(a),
        _ => None,
    })
}

fn is_account(ground: Ground<'_>, handle: HandleId) -> bool {
    ground.facts.handle(handle).kind == HandleKind::PrincipalName
}

/// Whether an account is named as people's accounts are: after the person's own names.
fn is_named_after(ground: Ground<'_>, account: &str, person: IdentityId) -> bool {
    let handles = ground.identities.handles(person).iter().map(|handle| ground.facts.handle(*handle));
    let names = handles.filter(|handle| matches!(handle.kind, HandleKind::Login | HandleKind::Email));
    names.map(|handle| handle.value).any(|name| is_short_of(account, name))
}

/// Whether an account's name is a login or a short form of it: `mholt`, `miraholt`, `mira` of `mira.holt@…`.
fn is_short_of(account: &str, login: &str) -> bool {
    let local = login.split('@').next().unwrap_or_default().to_lowercase();
    let local = local.rsplit('\\').next().unwrap_or_default();
    if local == account {
        return true;
    }
    let mut parts = local.split(['.', '_', '-']).filter(|part| !part.is_empty());
    let (Some(first), Some(family)) = (parts.next(), parts.next_back()) else { return false };
    let initial = |name: &str| name.chars().next().map(String::from).unwrap_or_default();
    let forms = [
        first.to_owned(),
        format!("{}{family}", initial(first)),
        format!("{first}{}", initial(family)),
        format!("{first}{family}"),
        format!("{family}{}", initial(first)),
        format!("{first}.{family}"),
    ];
    forms.iter().any(|form| form == account)
}

/// The only person of the bundle after whom an account is named.
fn named(ground: Ground<'_>, account: &str) -> Option<IdentityId> {
    let people = ground.identities.iter().filter(|id| ground.identities.kind(*id) == Kind::Person);
    let mut people = people.filter(|person| is_named_after(ground, account, *person));
    let first = people.next()?;
    people.next().is_none().then_some(first)
}

/// The person as whom a program in the account's home was signed in, by its own settings.
fn called_itself(ground: Ground<'_>, account: HandleId) -> Option<IdentityId> {
    let names = ground.facts.standing_of(account).filter_map(|row| match row.claim {
        Standing::Tied { a, b, tie: Tie::CalledItself } if a == account => Some(b),
        _ => None,
    });
    let mut people: Vec<IdentityId> =
        names.filter_map(|name| ground.identities.called(ground.facts.text(name), None)).collect();
    people.sort_unstable();
    people.dedup();
    match people.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// What a thing is tied to in this way, and when that was seen.
fn tied(ground: Ground<'_>, thing: &Thing, how: Tie) -> Vec<(HandleId, Span)> {
    let handles = ground.identities.handles(thing.id).iter();
    let rows = handles.flat_map(|handle| ground.facts.standing_of(*handle).map(move |row| (*handle, row)));
    let mut found: Vec<(HandleId, Span)> = rows
        .filter_map(|(handle, row)| match row.claim {
            Standing::Tied { a, b, tie } if a == handle && tie == how => Some((b, row.span)),
            _ => None,
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The last step to the thing: from the account, or from the person whose account it is.
fn last(
    ground: Ground<'_>,
    account: HandleId,
    person: IdentityId,
    relation: Relation,
    thing: &Thing,
    (at, record): (When, EvidenceId),
) -> Hop {
    let from = ground.identities.one(account, at.instant()).unwrap_or(person);
    Hop { from, relation, to: thing.id, grade: Grade::Proven, at, records: vec![record] }
}

fn observation(behind: Behind, hop: Hop, kind: SignalKind, day: i64) -> Observation {
    let Behind { person, grade, mut hops } = behind;
    let at = hop.at;
    hops.push(hop);
    Observation { person, kind, at, grade, chain: hops, cause: (person, day), points: false, share: WHOLE }
}

#[cfg(test)]
mod tests {
    use super::is_short_of;

    #[test]
    fn short_forms_of_a_login() {
        for account in ["mira.holt", "mholt", "miraholt", "mira", "mirah", "holtm"] {
            assert!(is_short_of(account, "Mira.Holt@example.com"), "{account}");
        }
        assert!(is_short_of("mholt", "CORP\\mholt"));
        for other in ["holt", "m", "admin", "", "mira.holtz"] {
            assert!(!is_short_of(other, "mira.holt@example.com"), "{other}");
        }
    }
}
