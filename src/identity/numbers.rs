//! Joining accounts by employee numbers: within one directory, and across two that number their people alike.

use super::grade::Grade;
use super::join::{Conflict, Join, Rule};
use super::life::Life;
use super::persons::life_of;
use super::resolve::{Naming, conflict};
use super::union::Union;
use crate::base::lookup::Map;
use crate::fact::facts::Facts;
use crate::fact::handle::HandleKind;

/// [`Rule::EmployeeNumber`]: accounts of one directory with one employee number, one after the other.
pub(super) fn returned(
    facts: &Facts,
    namings: &[Naming],
    union: &mut Union,
    joins: &mut Vec<Join>,
    conflicts: &mut Vec<Conflict>,
) {
    let numbered: Vec<&Naming> = numbered(facts, namings).collect();
    for group in numbered.chunk_by(|left, right| left.name == right.name) {
        let mut holders: Vec<(Life, &Naming)> =
            group.iter().map(|naming| (life_of(facts, naming.holder), *naming)).collect();
        holders.sort_unstable();
        for pair in holders.windows(2) {
            let [(life, one), (next_life, next)] = pair else { continue };
            if union.root(one.holder) == union.root(next.holder) {
                continue;
            }
            if life.overlaps(*next_life) {
                conflicts.push(conflict(one.name, one.holder, next.holder));
                continue;
            }
            join(union, joins, Rule::EmployeeNumber, one, next);
        }
    }
}

fn numbered<'n>(facts: &Facts, namings: &'n [Naming]) -> impl Iterator<Item = &'n Naming> {
    namings.iter().filter(|naming| facts.handle(naming.name).kind == HandleKind::EmployeeId)
}

fn join(union: &mut Union, joins: &mut Vec<Join>, rule: Rule, one: &Naming, other: &Naming) {
    union.join(one.holder, other.holder);
    let records = [one.span.first_record, other.span.first_record];
    joins.push(Join { a: one.holder, b: other.holder, rule, grade: Grade::Strong, records });
}

/// So many people must have the same number and the same address in both directories.
const AGREEING: usize = 3;

/// [`Rule::SharedNumbering`]: the one holder of a number in each of two directories that number their people alike. To
/// be called when people are joined by their addresses.
pub(super) fn shared(
    facts: &Facts,
    namings: &[Naming],
    union: &mut Union,
    joins: &mut Vec<Join>,
    conflicts: &mut Vec<Conflict>,
) {
    let mut rows: Vec<(&str, &str, &Naming)> = numbered(facts, namings)
        .map(|naming| {
            let number = facts.handle(naming.name);
            (number.realm, number.value.trim_start_matches('0'), naming)
        })
        .collect();
    rows.sort_unstable_by_key(|(realm, number, naming)| (*realm, *number, **naming));
    let realms: Vec<Realm<'_>> = rows.chunk_by(|left, right| left.0 == right.0).map(Realm::of).collect();
    for (at, one) in realms.iter().enumerate() {
        for other in realms.iter().skip(at + 1) {
            let both: Vec<(&Naming, &Naming)> =
                one.0.iter().filter_map(|(number, a)| Some((*a, *other.at(number)?))).collect();
            if !one.agrees(other, &both, union) {
                continue;
            }
            for (a, b) in both {
                if union.root(a.holder) == union.root(b.holder) {
                    continue;
                }
                if life_of(facts, a.holder).overlaps(life_of(facts, b.holder)) {
                    join(union, joins, Rule::SharedNumbering, a, b);
                } else {
                    conflicts.push(conflict(a.name, a.holder, b.holder));
                }
            }
        }
    }
}

/// The numbers of a realm that one person alone has, sorted.
struct Realm<'r>(Vec<(&'r str, &'r Naming)>);

impl<'r> Realm<'r> {
    fn of(rows: &[(&'r str, &'r str, &'r Naming)]) -> Self {
        let alone = |rows: &[(&'r str, &'r str, &'r Naming)]| match rows {
            [(_, number, naming)] if !number.is_empty() => Some((*number, *naming)),
            _ => None,
        };
        Self(rows.chunk_by(|left, right| left.1 == right.1).filter_map(alone).collect())
    }

    fn at(&self, number: &str) -> Option<&&'r Naming> {
        let at = self.0.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        self.0.get(at).map(|(_, naming)| naming)
    }

    /// Whether both realms number their people alike: several whose address is the same have the same number, and nobody
    /// whose address is the same has another.
    fn agrees(&self, other: &Self, both: &[(&Naming, &Naming)], union: &mut Union) -> bool {
        let agreeing = both.iter().filter(|(a, b)| union.root(a.holder) == union.root(b.holder)).count();
        if agreeing < AGREEING {
            return false;
        }
        let mut numbers: Map<usize, &str> = Map::default();
        for (number, naming) in &self.0 {
            numbers.insert(union.root(naming.holder), number);
        }
        other
            .0
            .iter()
            .all(|(number, naming)| numbers.get(&union.root(naming.holder)).is_none_or(|known| known == number))
    }
}
