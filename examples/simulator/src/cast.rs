//! Who plays which part, and when: picking people and working hours, and giving names. All systems cast from one company.

use std::collections::BTreeSet;

use crate::clock::{DAY, END, HOUR, is_weekend};
use crate::dice::Dice;
use crate::names;
use crate::people::{self, People};

pub(crate) struct Cast {
    pub(crate) dice: Dice,
    start: i64,
    /// Those who build agents, keenest first.
    builders: Vec<usize>,
    names: BTreeSet<String>,
}

impl Cast {
    pub(crate) fn new(mut dice: Dice, people: &People, start: i64) -> Self {
        let builds = |person: &people::Person| {
            person.aws && matches!(person.kind, people::Kind::Employee | people::Kind::Contractor)
        };
        let mut builders: Vec<usize> = (0..people.all.len()).filter(|&index| builds(&people.all[index])).collect();
        if builders.is_empty() {
            builders.clone_from(&people.platform);
        }
        dice.shuffle(&mut builders);
        Self { dice, start, builders, names: BTreeSet::new() }
    }

    /// A working hour of a working day in this span; the span's beginning when it has none.
    pub(crate) fn moment(&mut self, low: i64, high: i64) -> i64 {
        for _ in 0..40 {
            let day = self.dice.between(low, high);
            let at = day - day.rem_euclid(DAY) + self.dice.between(7 * HOUR, 17 * HOUR);
            if at >= low && at < high && !is_weekend(at) {
                return at;
            }
        }
        low
    }

    /// A moment in these hundredths of the log.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = END - self.start;
        self.moment(self.start + span * low / 100, self.start + span * high / 100)
    }

    /// Somebody who builds, is at work then and stays for another ten days at least.
    pub(crate) fn builder(&mut self, people: &People, at: i64) -> usize {
        for _ in 0..60 {
            let person = self.builders[self.dice.front(self.builders.len())];
            let it = &people.all[person];
            if it.works(at) && it.works_until(at) >= (at + 10 * DAY).min(END) {
                return person;
            }
        }
        people.platform[0]
    }

    /// Another builder, of the same team if possible.
    pub(crate) fn mate(&mut self, people: &People, person: usize, at: i64) -> usize {
        let team = people.all[person].team;
        for attempt in 0..80 {
            let other = self.builders[self.dice.index(self.builders.len())];
            let it = &people.all[other];
            if other != person && it.works(at) && it.works_until(at) > at + 5 * DAY && (it.team == team || attempt > 50)
            {
                return other;
            }
        }
        people.platform[0]
    }

    pub(crate) fn engineer(&mut self, people: &People) -> usize {
        *self.dice.pick(&people.platform)
    }

    /// Up to `times` later days on which a person who is at work looks after something.
    pub(crate) fn days(&mut self, people: &People, person: usize, times: u64, span: (i64, i64)) -> Vec<i64> {
        let until = people.all[person].works_until(span.0).min(span.1);
        let mut days = BTreeSet::new();
        let mut moments = Vec::new();
        for _ in 0..times {
            if until - span.0 < 2 * DAY {
                break;
            }
            let at = self.moment(span.0 + DAY, until);
            if people.all[person].works(at) && days.insert(at / DAY) {
                moments.push(at);
            }
        }
        moments
    }

    pub(crate) fn fresh_name(&mut self) -> String {
        let stem = format!("{}-{}", self.dice.pick(names::TOPICS), self.dice.pick(names::JOBS));
        let mut name = stem.clone();
        let mut number = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{stem}-{number}");
            number += 1;
        }
        name
    }
}
