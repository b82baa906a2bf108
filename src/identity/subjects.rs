//! Joining the subjects of signed tokens with the accounts that they are issued to.
//!
//! A cluster signs tokens for its service accounts and never writes in its own records under which issuer. What trusts the
//! tokens writes issuer and subject, and nothing of the cluster. The subject's text is the same on both sides and means
//! one account in each cluster. The rules are [`Rule::OnlyIssuer`] and [`Rule::SameRole`].

use super::grade::Grade;
use super::join::{Join, Rule};
use super::persons::first_record;
use super::resolve::Naming;
use super::union::Union;
use crate::base::lookup::Map;
use crate::fact::claim::{Becoming, Event, Standing, Tie};
use crate::fact::facts::Facts;
use crate::fact::handle::{HandleId, HandleKind};

/// A subject, and the account that it is said to be the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Subject<'f> {
    text: &'f str,
    account: Option<HandleId>,
    handle: HandleId,
}

/// Joins the accounts of clusters with the subjects of the same name.
pub(super) fn join(facts: &Facts, namings: &[Naming], union: &mut Union, joins: &mut Vec<Join>) {
    let accounts = accounts(facts, namings, union);
    let mut subjects: Vec<Subject<'_>> = facts
        .handles()
        .filter(|id| facts.handle(*id).kind == HandleKind::Subject)
        .map(|id| Subject { text: facts.handle(id).value, account: accounts.get(&id).copied(), handle: id })
        .collect();
    subjects.sort_unstable();
    let mut roles: Option<Roles> = None;
    for group in subjects.chunk_by(|left, right| left.text == right.text).filter(|group| group.len() > 1) {
        let (signed, held): (Vec<&Subject<'_>>, Vec<&Subject<'_>>) =
            group.iter().partition(|subject| subject.account.is_none());
        match (held.as_slice(), signed.as_slice()) {
            ([], _) | (_, []) => {}
            ([held], [signed]) => put(facts, (held.handle, signed.handle), Rule::OnlyIssuer, union, joins),
            _ => {
                let roles = roles.get_or_insert_with(|| Roles::of(facts, union));
                for (held, signed) in roles.pairs(&held, &signed) {
                    put(facts, (held, signed), Rule::SameRole, union, joins);
                }
            }
        }
    }
}

/// The accounts that subjects are names of: of a cluster's each is one account's, whenever it was made.
fn accounts(facts: &Facts, namings: &[Naming], union: &mut Union) -> Map<HandleId, HandleId> {
    let mut accounts = Map::default();
    let kinds = |naming: &&Naming| (facts.handle(naming.holder).kind, facts.handle(naming.name).kind);
    for naming in namings.iter().filter(|one| kinds(one) == (HandleKind::PrincipalName, HandleKind::Subject)) {
        union.join(naming.name, naming.holder);
        accounts.insert(naming.name, naming.holder);
    }
    accounts
}

fn put(facts: &Facts, (a, b): (HandleId, HandleId), rule: Rule, union: &mut Union, joins: &mut Vec<Join>) {
    union.join(a, b);
    let records = [first_record(facts, a), first_record(facts, b)];
    joins.push(Join { a, b, rule, grade: Grade::Strong, records });
}

/// Which account may be, and which subject became, which principal: the number of the principal's set.
struct Roles {
    may_be: Vec<(HandleId, usize)>,
    became: Vec<(HandleId, usize)>,
}

impl Roles {
    fn of(facts: &Facts, union: &mut Union) -> Self {
        let is_principal =
            |id: HandleId| matches!(facts.handle(id).kind, HandleKind::PrincipalId | HandleKind::PrincipalName);
        let mut roles = Self { may_be: Vec::new(), became: Vec::new() };
        for row in facts.events() {
            match row.event {
                Event::Granted { to, what, .. } if is_principal(what) && is_principal(to) => {
                    roles.may_be.push((to, union.root(what)));
                }
                Event::Became { by, into, how: Becoming::Federated }
                    if facts.handle(by).kind == HandleKind::Subject =>
                {
                    for tie in facts.standing_of(into) {
                        if let Standing::Tied { a, b, tie: Tie::RunsAs } = tie.claim
                            && a == into
                        {
                            roles.became.push((by, union.root(b)));
                        }
                    }
                }
                _ => {}
            }
        }
        roles
    }

    /// The pairs of an account and a subject, each of which shares a role with no other of the same name.
    fn pairs(&self, held: &[&Subject<'_>], signed: &[&Subject<'_>]) -> Vec<(HandleId, HandleId)> {
        let of = |rows: &[(HandleId, usize)], id: HandleId, role: usize| rows.contains(&(id, role));
        let share = |held: &Subject<'_>, signed: &Subject<'_>| {
            held.account.is_some_and(|account| {
                let roles = self.may_be.iter().filter(|(to, _)| *to == account);
                roles.into_iter().any(|(_, role)| of(&self.became, signed.handle, *role))
            })
        };
        let mut pairs = Vec::new();
        for one in held {
            let mut fitting = signed.iter().filter(|other| share(one, other));
            if let (Some(other), None) = (fitting.next(), fitting.next())
                && held.iter().filter(|rival| share(rival, other)).count() == 1
            {
                pairs.push((one.handle, other.handle));
            }
        }
        pairs
    }
}
