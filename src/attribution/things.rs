//! The acting things of a bundle: what findings are about.
//!
//! Findings roll up to the acting thing: an agent with its role and keys is one thing, with principals and credentials
//! as its members; a principal or key is a thing of its own only where nothing known acts through it.

use super::Ground;
use crate::base::lookup::{Map, Set};
use crate::base::time::Instant;
use crate::fact::claim::{Act, Becoming, Detail, Event, Folded, Making, Span, Standing, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::identity::kind::Kind;
use crate::identity::{Identities, IdentityId};
use crate::lineage::walk::{End, Walk};

/// An acting thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// The identity that the finding is about.
    pub id: IdentityId,
    /// What kind of thing it is, in the words of the schema: `bedrock-agent`, `function`, `iam-user`, `access-key`.
    pub kind: String,
    /// Whether it acts by itself; a stack does not.
    pub acting: bool,
    /// Whether a vendor's own service operates it.
    pub vendor_managed: bool,
    /// The principals it acts as, and the keys of these.
    pub members: Vec<IdentityId>,
    /// The first and last time it was seen to exist or act, of what happened up to the time of the answer.
    pub first_seen: Option<Instant>,
    /// See [`Self::first_seen`].
    pub last_seen: Option<Instant>,
    /// When it was ended.
    pub ended_at: Option<Instant>,
}

/// All acting things, in the order of their identities.
#[derive(Debug, Default)]
pub struct Things {
    list: Vec<Thing>,
    /// Which thing an identity is, or is a member of; only where it is one.
    by_member: Map<IdentityId, usize>,
    /// The things that share a member.
    sharing: Map<IdentityId, Vec<IdentityId>>,
    /// How many things a session or principal made or changed.
    touched: Map<IdentityId, u32>,
}

impl Things {
    /// Finds the acting things of a bundle.
    #[must_use]
    pub fn of(ground: Ground<'_>) -> Self {
        let ties = Ties::of(ground);
        let mut list = agents_and_workloads(ground, &ties);
        let covered = roll_up(ground, &ties, &mut list);
        list.extend(principals(ground, &ties, &covered));
        list.sort_unstable_by_key(|thing| thing.id);
        for thing in &mut list {
            thing.members.sort_unstable();
            thing.members.dedup();
            time(ground, &ties, thing);
        }
        Self { touched: touched(ground), ..Self::indexed(list) }
    }

    fn indexed(list: Vec<Thing>) -> Self {
        let mut sharing: Map<IdentityId, Vec<IdentityId>> = Map::default();
        for thing in &list {
            for member in &thing.members {
                sharing.get_or_insert_with(*member, Vec::new).push(thing.id);
            }
        }
        let mut by_member = Map::default();
        for (position, thing) in list.iter().enumerate() {
            let alone = |member: &&IdentityId| sharing.get(*member).is_some_and(|things| things.len() == 1);
            for member in thing.members.iter().filter(alone) {
                by_member.insert(*member, position);
            }
        }
        for (position, thing) in list.iter().enumerate() {
            by_member.insert(thing.id, position);
        }
        Self { list, by_member, sharing, touched: Map::default() }
    }

    /// All things.
    #[must_use]
    pub fn list(&self) -> &[Thing] {
        &self.list
    }

    /// The things that act as a principal or live on a key, where they are several; none where it is a thing itself.
    #[must_use]
    pub fn sharing(&self, member: IdentityId) -> &[IdentityId] {
        let things = self.sharing.get(&member).map(Vec::as_slice).unwrap_or_default();
        if things.len() > 1 && self.position(member).is_none() { things } else { &[] }
    }

    /// How many things a session or principal made or changed.
    #[must_use]
    pub fn touched_by(&self, maker: IdentityId) -> u32 {
        self.touched.get(&maker).copied().unwrap_or(0)
    }

    /// The position of the thing that an identity is, or the only one that it is a member of.
    #[must_use]
    pub fn position(&self, id: IdentityId) -> Option<usize> {
        self.by_member.get(&id).copied()
    }

    /// The thing that an identity is, or the only one that it is a member of.
    #[must_use]
    pub fn get(&self, id: IdentityId) -> Option<&Thing> {
        self.list.get(self.position(id)?)
    }
}

/// The thing behind a session that no person opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behind {
    /// This one.
    One(IdentityId),
    /// One of these, which act as the same principal.
    Shared(Vec<IdentityId>),
    /// None that is known.
    Nothing,
}

impl Things {
    /// The thing behind a session whose walk ended at a machine or broke: what the walk ended at, else what runs as
    /// the principal of the session at which it ended.
    ///
    /// Wrong when somebody uses a thing's role by other means than the thing: then the session was assumed by somebody,
    /// and the walk did not end there.
    #[must_use]
    pub fn behind(&self, ground: Ground<'_>, from: IdentityId, walk: &Walk) -> Behind {
        let (End::Machine(end) | End::Broken(end)) = walk.end else { return Behind::Nothing };
        if let Some(thing) = self.get(end) {
            return Behind::One(thing.id);
        }
        if let Some(things) = self.sharing.get(&end) {
            return Behind::Shared(things.clone());
        }
        let session = walk.hops.first().map_or(from, |hop| hop.to);
        let session = if ground.identities.kind(end) == Kind::Session { end } else { session };
        let mut things: Vec<IdentityId> = Vec::new();
        for handle in ground.identities.handles(session) {
            for row in ground.facts.standing_of(*handle) {
                let Standing::Tied { a, b, tie: Tie::RunsAs } = row.claim else { continue };
                let principal = ground.identities.one(b, row.span.first.instant());
                if a == *handle
                    && let Some(principal) = principal
                {
                    things.extend(self.sharing.get(&principal).into_iter().flatten());
                    things.extend(self.get(principal).map(|thing| thing.id));
                }
            }
        }
        things.sort_unstable();
        things.dedup();
        match things.as_slice() {
            [] => Behind::Nothing,
            [one] => Behind::One(*one),
            _ => Behind::Shared(things),
        }
    }
}

/// The ties that things are made of, by identity.
#[derive(Default)]
struct Ties {
    /// Who or what runs as a principal.
    runs_as: Map<IdentityId, Vec<(IdentityId, Span)>>,
    /// Whose configuration holds a key: key, thing.
    held: Vec<(IdentityId, IdentityId)>,
    /// What holds sessions.
    holders: Map<IdentityId, Vec<(IdentityId, Span)>>,
    /// The word for what kind of thing an identity is.
    kinds: Map<IdentityId, String>,
    vendor_managed: Set<IdentityId>,
    /// Callers of another company: they are nobody's things here.
    outside: Set<IdentityId>,
    /// Principals that a service, a pipeline or an unknown caller became.
    by_machines: Set<IdentityId>,
    /// Principals that people became, and that platforms open for people alone.
    by_people: Set<IdentityId>,
    /// Where the walks of a principal's sessions end, whoever opened them.
    opened_by: Map<IdentityId, Vec<Option<IdentityId>>>,
}

impl Ties {
    fn of(ground: Ground<'_>) -> Self {
        let (facts, identities) = (ground.facts, ground.identities);
        let mut ties = Self::default();
        for Folded { claim, span } in facts.standing() {
            match *claim {
                Standing::Tied { a, b, tie: Tie::RunsAs } => {
                    let at = span.first.instant();
                    let (Some(a), Some(b)) = (identities.one(a, at), identities.one(b, at)) else { continue };
                    ties.runs_as.get_or_insert_with(b, Vec::new).push((a, *span));
                }
                Standing::Tied { a, b, tie: Tie::HeldBy } => {
                    let (Some(a), Some(b)) = (identities.always(a), identities.always(b)) else { continue };
                    ties.holders.get_or_insert_with(b, Vec::new).push((a, *span));
                }
                Standing::Tied { a, b, tie: Tie::Holds } => {
                    let (Some(a), Some(b)) = (identities.always(a), identities.always(b)) else { continue };
                    ties.held.push((b, a));
                }
                Standing::Described { who, detail: Detail::Kind, value } => {
                    if let Some(id) = identities.one(who, span.first.instant()) {
                        ties.kinds.insert(id, facts.text(value).to_owned());
                    }
                }
                Standing::Described { who, detail: Detail::Outside, .. } => {
                    if let Some(id) = identities.one(who, span.first.instant()) {
                        ties.outside.insert(id);
                    }
                }
                Standing::Described { who, detail: Detail::VendorManaged, .. } => {
                    if let Some(id) = identities.one(who, span.first.instant()) {
                        ties.vendor_managed.insert(id);
                    }
                }
                _ => {}
            }
        }
        ties.who_became(ground);
        ties
    }

    /// Sorts principals by who became them: a role that only people enter is a person's access, no machine of its own.
    fn who_became(&mut self, ground: Ground<'_>) {
        let walker = ground.walker();
        for principal in ground.identities.iter().filter(|id| ground.identities.kind(*id) == Kind::Principal) {
            for (runner, _) in self.runs_as.get(&principal).map(Vec::as_slice).unwrap_or_default() {
                if ground.identities.kind(*runner) != Kind::Session {
                    continue;
                }
                let walk = walker.walk(*runner);
                let set = if walk.person().is_some() { &mut self.by_people } else { &mut self.by_machines };
                set.insert(principal);
                let end = match walk.end {
                    End::Machine(end) | End::Broken(end) => Some(end),
                    End::Person(_) | End::Several(_) => None,
                };
                self.opened_by.get_or_insert_with(principal, Vec::new).push(end);
            }
        }
    }

    fn kind(&self, id: IdentityId, default: &str) -> String {
        self.kinds.get(&id).cloned().unwrap_or_else(|| default.to_owned())
    }

    fn runners(&self, principal: IdentityId) -> &[(IdentityId, Span)] {
        self.runs_as.get(&principal).map(Vec::as_slice).unwrap_or_default()
    }
}

fn thing(ties: &Ties, id: IdentityId, kind: String, acting: bool) -> Thing {
    Thing {
        id,
        kind,
        acting,
        vendor_managed: ties.vendor_managed.contains(&id),
        members: Vec::new(),
        first_seen: None,
        last_seen: None,
        ended_at: None,
    }
}

/// Agents, the workloads that hold sessions, run as somebody or are known functions, and the repositories whose pipelines
/// act. A workload without an account of its own only serves.
fn agents_and_workloads(ground: Ground<'_>, ties: &Ties) -> Vec<Thing> {
    let identities = ground.identities;
    let pipelines = pipelines(ground);
    let all = identities.iter().flat_map(|id| ties.runners(id).iter().map(|(runner, _)| *runner));
    let runs: Set<IdentityId> = all.filter(|runner| identities.kind(*runner) == Kind::Workload).collect();
    let found = identities.iter().filter_map(|id| match identities.kind(id) {
        Kind::Agent => Some(thing(ties, id, ties.kind(id, "agent"), true)),
        Kind::Workload => {
            let kind = ties.kind(id, "workload");
            let acts = kind == "function" || ties.holders.contains(&id) || runs.contains(&id);
            let acting = kind != "stack" && acts;
            Some(thing(ties, id, kind, acting))
        }
        Kind::Repository if pipelines.contains(&id) => Some(thing(ties, id, "pipeline".to_owned(), true)),
        _ => None,
    });
    found.collect()
}

/// The repositories for which sessions were issued, or that had runs.
fn pipelines(ground: Ground<'_>) -> Set<IdentityId> {
    let tied = ground.facts.standing().iter().filter_map(|row| match row.claim {
        Standing::Tied { a, b, tie: Tie::IssuedFor | Tie::PartOf } => {
            let acts = matches!(ground.facts.handle(a).kind, HandleKind::Subject | HandleKind::Run);
            acts.then(|| ground.identities.one(b, row.span.first.instant())).flatten()
        }
        _ => None,
    });
    tied.collect()
}

/// Gives principals and keys to the things that act through them, and returns all that found a place.
fn roll_up(ground: Ground<'_>, ties: &Ties, list: &mut [Thing]) -> Set<IdentityId> {
    let identities = ground.identities;
    let mut covered = Set::default();
    let mut positions: Map<IdentityId, usize> = Map::default();
    for (position, thing) in list.iter().enumerate() {
        positions.insert(thing.id, position);
    }
    hold(ground, ties, &positions, list, &mut covered);
    let mut owner_of_role: Map<IdentityId, Option<usize>> = Map::default();
    let mut through: Map<IdentityId, Vec<usize>> = Map::default();
    for principal in identities.iter().filter(|id| matches!(identities.kind(*id), Kind::Principal | Kind::Subject)) {
        let mut runners: Vec<usize> =
            ties.runners(principal).iter().filter_map(|(runner, _)| positions.get(runner).copied()).collect();
        runners.sort_unstable();
        runners.dedup();
        for position in &runners {
            covered.insert(principal);
            if let Some(thing) = list.get_mut(*position) {
                thing.members.push(principal);
                thing.members.extend(bots(identities, ties, principal));
            }
        }
        if let Some(first) = runners.first() {
            owner_of_role.insert(principal, (runners.len() == 1).then_some(*first));
            through.insert(principal, runners);
        }
    }
    for (role, positions) in opened(ground, ties, &through) {
        covered.insert(role);
        for position in positions {
            if let Some(thing) = list.get_mut(position) {
                thing.members.push(role);
            }
        }
    }
    for (user, role) in entering(ground, ties) {
        if let Some(Some(position)) = owner_of_role.get(&role)
            && let Some(thing) = list.get_mut(*position)
        {
            covered.insert(user);
            thing.members.push(user);
            let keys = ties.runners(user).iter().map(|(runner, _)| *runner);
            thing.members.extend(keys.filter(|key| identities.kind(*key) == Kind::Key));
        }
    }
    covered
}

/// The roles that nothing but the tokens of known things ever entered, with these things.
///
/// Wrong where a role that others enter, too, was only entered by these while the records last.
fn opened(ground: Ground<'_>, ties: &Ties, through: &Map<IdentityId, Vec<usize>>) -> Vec<(IdentityId, Vec<usize>)> {
    let identities = ground.identities;
    let is_subject = |id: &IdentityId| {
        identities.handles(*id).iter().any(|handle| ground.facts.handle(*handle).kind == HandleKind::Subject)
    };
    let mut roles = Vec::new();
    for role in identities.iter().filter(|id| identities.kind(*id) == Kind::Principal && !through.contains(id)) {
        let Some(ends) = ties.opened_by.get(&role) else { continue };
        let things = |end: &Option<IdentityId>| {
            end.filter(|end| *end != role && is_subject(end)).and_then(|end| through.get(&end))
        };
        if ends.iter().all(|end| things(end).is_some()) {
            let mut positions: Vec<usize> = ends.iter().filter_map(things).flatten().copied().collect();
            positions.sort_unstable();
            positions.dedup();
            roles.push((role, positions));
        }
    }
    roles
}

/// Gives keys to the things whose configurations hold them, and with its last key the service user that acts through
/// nothing else.
fn hold(
    ground: Ground<'_>,
    ties: &Ties,
    positions: &Map<IdentityId, usize>,
    list: &mut [Thing],
    covered: &mut Set<IdentityId>,
) {
    let identities = ground.identities;
    let is_key = |id: &IdentityId| identities.kind(*id) == Kind::Key;
    let mut give = |thing: IdentityId, member: IdentityId, covered: &mut Set<IdentityId>| {
        if let Some(thing) = positions.get(&thing).and_then(|position| list.get_mut(*position)) {
            thing.members.push(member);
            covered.insert(member);
        }
    };
    for (key, thing) in ties.held.iter().filter(|(key, _)| is_key(key)) {
        give(*thing, *key, covered);
    }
    for user in identities.iter().filter(|id| identities.kind(*id) == Kind::Principal) {
        let runners = ties.runners(user);
        if runners.is_empty() || !runners.iter().all(|(runner, _)| is_key(runner) && covered.contains(runner)) {
            continue;
        }
        for (key, thing) in ties.held.iter().filter(|(key, _)| runners.iter().any(|(runner, _)| runner == key)) {
            if covered.contains(key) {
                give(*thing, user, covered);
            }
        }
    }
}

/// User accounts that a platform made for a principal: they act as it under a name of their own.
fn bots(identities: &Identities, ties: &Ties, principal: IdentityId) -> impl Iterator<Item = IdentityId> {
    let runners = ties.runners(principal).iter().map(|(runner, _)| *runner);
    runners.filter(|runner| identities.kind(*runner) == Kind::Bot)
}

/// Service users that do nothing but enter one role: user and role.
fn entering(ground: Ground<'_>, ties: &Ties) -> Vec<(IdentityId, IdentityId)> {
    let (facts, identities) = (ground.facts, ground.identities);
    let mut entered: Map<IdentityId, Vec<IdentityId>> = Map::default();
    for row in facts.events() {
        let Event::Became { by, into, how: Becoming::Assumed } = row.event else { continue };
        let Some(by) = identities.one(by, row.when.instant()).filter(|by| identities.kind(*by) == Kind::Key) else {
            continue;
        };
        for tie in facts.standing_of(into) {
            if let Standing::Tied { a, b, tie: Tie::RunsAs } = tie.claim
                && a == into
                && let Some(role) = identities.one(b, row.when.instant())
            {
                entered.get_or_insert_with(by, Vec::new).push(role);
            }
        }
    }
    let users = identities.iter().filter(|id| identities.kind(*id) == Kind::Principal);
    let only = users.filter_map(|user| {
        let keys = ties.runners(user).iter().map(|(runner, _)| *runner);
        let keys: Vec<IdentityId> = keys.filter(|key| identities.kind(*key) == Kind::Key).collect();
        let idle =
            keys.iter().all(|key| acts_of(ground, *key).all(|act| facts.text(act.claim.action).starts_with("sts:")));
        let roles = keys.iter().flat_map(|key| entered.get(key).map(Vec::as_slice).unwrap_or_default());
        let mut roles: Vec<IdentityId> = roles.copied().collect();
        roles.sort_unstable();
        roles.dedup();
        match (idle, roles.as_slice()) {
            (true, [role]) => Some((user, *role)),
            _ => None,
        }
    });
    only.collect()
}

fn acts_of<'a>(ground: Ground<'a>, id: IdentityId) -> impl Iterator<Item = &'a Folded<Act>> {
    ground.identities.handles(id).iter().flat_map(move |handle| ground.facts.acts_by(*handle))
}

/// The principals and keys through which nothing known acts.
fn principals(ground: Ground<'_>, ties: &Ties, covered: &Set<IdentityId>) -> Vec<Thing> {
    let identities = ground.identities;
    let mut found = Vec::new();
    for id in identities.iter() {
        match identities.kind(id) {
            Kind::Principal if !covered.contains(&id) && !ties.outside.contains(&id) => {
                let kind = ties.kind(id, "principal");
                let access_of_people = ties.by_people.contains(&id) && !ties.by_machines.contains(&id);
                let acting = kind != "root-user" && !access_of_people && !ties.runners(id).is_empty();
                let mut thing = thing(ties, id, kind, acting);
                let runners = ties.runners(id).iter().map(|(runner, _)| *runner);
                thing.members.extend(runners.filter(|runner| identities.kind(*runner) == Kind::Key));
                thing.members.extend(bots(identities, ties, id));
                found.push(thing);
            }
            Kind::Person => {
                let keys = ties.runners(id).iter().map(|(runner, _)| *runner);
                let keys = keys.filter(|key| identities.kind(*key) == Kind::Key && !covered.contains(key));
                found.extend(keys.map(|key| thing(ties, key, "access-key".to_owned(), true)));
            }
            _ => {}
        }
    }
    found.sort_unstable_by_key(|thing| thing.id);
    found.dedup_by_key(|thing| thing.id);
    found
}

/// How many agents and workloads each session or principal made or changed.
fn touched(ground: Ground<'_>) -> Map<IdentityId, u32> {
    let identities = ground.identities;
    let pairs = ground.facts.events().iter().filter_map(|row| {
        let Event::Made { by, made, .. } = row.event else { return None };
        let at = row.when.instant();
        let made =
            identities.one(made, at).filter(|id| matches!(identities.kind(*id), Kind::Agent | Kind::Workload))?;
        Some((identities.one(by, at)?, made))
    });
    let mut pairs: Vec<(IdentityId, IdentityId)> = pairs.collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut touched = Map::default();
    for (maker, _) in pairs {
        *touched.get_or_insert_with(maker, || 0) += 1;
    }
    touched
}

/// When a thing was seen, and when it ended.
fn time(ground: Ground<'_>, ties: &Ties, thing: &mut Thing) {
    let mut seen: Vec<Instant> = Vec::new();
    let mut made: Option<Instant> = None;
    let own = [thing.id];
    for id in own.iter().chain(&thing.members) {
        for (_, span) in ties.runners(*id).iter().chain(ties.holders.get(id).map(Vec::as_slice).unwrap_or_default()) {
            seen.extend(span.first.happened());
            seen.extend(span.last.happened());
        }
        for act in acts_of(ground, *id) {
            seen.extend(act.span.first.happened());
            seen.extend(act.span.last.happened());
        }
    }
    for handle in ground.identities.handles(thing.id) {
        // A local account of a host that starts it shows that it is there.
        for act in ground.facts.acts_on(*handle).filter(|act| is_local(ground, act.claim.by)) {
            seen.extend(act.span.first.happened());
            seen.extend(act.span.last.happened());
        }
        // A repository acts through its runs.
        for row in ground.facts.standing_of(*handle) {
            if matches!(row.claim, Standing::Tied { b, tie: Tie::PartOf, .. } if b == *handle) {
                seen.extend(row.span.first.happened());
                seen.extend(row.span.last.happened());
            }
        }
        for row in ground.facts.events_of(*handle) {
            match row.event {
                Event::Made { made: of, how, .. } if of == *handle => {
                    seen.extend(row.when.happened());
                    made = made.max(row.when.happened().filter(|at| how == Making::Created && *at <= ground.as_of));
                }
                Event::Ended { who, .. } if who == *handle => thing.ended_at = thing.ended_at.max(row.when.happened()),
                _ => {}
            }
        }
    }
    seen.retain(|at| *at <= ground.as_of);
    // What was made again under its name is there again.
    thing.ended_at = thing.ended_at.filter(|at| *at <= ground.as_of && made.is_none_or(|made| made <= *at));
    thing.first_seen = seen.iter().min().copied();
    thing.last_seen = seen.iter().max().copied();
}

/// Whether a handle is a local account of a host.
fn is_local(ground: Ground<'_>, handle: HandleId) -> bool {
    let workload = |id: HandleId| ground.facts.handle(id).kind == HandleKind::Workload;
    ground.facts.handle(handle).kind == HandleKind::PrincipalName
        && ground
            .facts
            .standing_of(handle)
            .any(|row| matches!(row.claim, Standing::Tied { a, b, tie: Tie::PartOf } if a == handle && workload(b)))
}
