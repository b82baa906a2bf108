//! The people of the simulated company: who they are, what they are called in each system, and when.
//!
//! Of every hundred: about 12 join during the log, 9 leave (contractors more often), 8 move to another team, 5 are
//! suspended for a while (half of them still are at the end), 1 leaves and is hired again under a new account, 2 share
//! a full name with somebody else, 10 have an Identity Center user name unlike their mail, 5 an Okta login unlike it.
//! One in eight of those who leave for good, and two in five of the contractors among them, keep their accounts: personnel
//! knows, and the identity provider was not told. Managers and platform engineers stay: what happens when they go is not simulated.

use std::collections::BTreeSet;

use crate::clock::{DAY, END, HOUR};
use crate::dice::{ALNUM, Dice, derived};
use crate::names;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Manager,
    Platform,
    Employee,
    Contractor,
}

/// One account of a person at the identity provider, with its mirror in Identity Center.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) okta: String,
    pub(crate) login: String,
    pub(crate) mail: String,
    pub(crate) idc_user: String,
    pub(crate) idc_name: String,
    pub(crate) from: i64,
    pub(crate) to: Option<i64>,
    /// Nobody told the identity provider that its bearer left.
    pub(crate) forgotten: bool,
}

impl Account {
    /// When the identity provider closed it, and the directories that follow it.
    pub(crate) fn closed(&self) -> Option<i64> {
        self.to.filter(|_| !self.forgotten)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) given: &'static str,
    pub(crate) family: &'static str,
    pub(crate) kind: Kind,
    pub(crate) title: &'static str,
    pub(crate) number: String,
    pub(crate) team: usize,
    pub(crate) github: String,
    pub(crate) github_id: i64,
    pub(crate) ip: String,
    pub(crate) mac: bool,
    /// Opens AWS sessions at all.
    pub(crate) aws: bool,
    /// One, or two for those who came back.
    pub(crate) accounts: Vec<Account>,
    pub(crate) away: Option<(i64, Option<i64>)>,
    pub(crate) moved: Option<(i64, usize)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Team {
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) manager: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct People {
    pub(crate) teams: Vec<Team>,
    pub(crate) all: Vec<Person>,
    pub(crate) platform: Vec<usize>,
}

impl Person {
    pub(crate) fn display(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// The account in use at a time, or the nearest one.
    pub(crate) fn account(&self, at: i64) -> &Account {
        let later = self.accounts.iter().rev().find(|account| account.from <= at);
        later.unwrap_or(&self.accounts[0])
    }

    /// At work at this time: hired, not gone, not suspended.
    pub(crate) fn works(&self, at: i64) -> bool {
        let employed = self.accounts.iter().any(|a| a.from <= at && a.to.is_none_or(|to| at < to));
        let away = self.away.is_some_and(|(from, to)| from <= at && to.is_none_or(|to| at < to));
        employed && !away
    }

    /// The end of the stretch of work around this time.
    pub(crate) fn works_until(&self, at: i64) -> i64 {
        let gone = self.accounts.iter().find(|a| a.from <= at && a.to.is_none_or(|to| at < to)).and_then(|a| a.to);
        let away = self.away.map(|(from, _)| from).filter(|&from| from > at);
        [gone, away].into_iter().flatten().fold(END, i64::min)
    }

    pub(crate) fn team_at(&self, at: i64) -> usize {
        self.moved.filter(|&(when, _)| when <= at).map_or(self.team, |(_, team)| team)
    }

    /// Every string by which a log may call this person.
    pub(crate) fn called(&self) -> BTreeSet<String> {
        let names = self.accounts.iter().flat_map(|a| [a.mail.clone(), a.login.clone(), a.idc_name.clone()]);
        names.collect()
    }

    pub(crate) fn is_away(&self) -> bool {
        matches!(self.away, Some((_, None)))
    }
}

/// Names that must not be given twice.
struct Taken(BTreeSet<String>);

impl Taken {
    fn claim(&mut self, stem: &str, tail: &str) -> String {
        let candidates = std::iter::once(String::new()).chain((2..).map(|n| n.to_string()));
        let mut free = candidates.map(|number| format!("{stem}{number}{tail}")).filter(|name| !self.0.contains(name));
        let name = free.next().unwrap_or_default();
        self.0.insert(name.clone());
        name
    }
}

/// Makes the company.
pub(crate) fn make(seed: u64, count: usize, start: i64) -> People {
    let mut hiring = Hiring {
        dice: Dice::new(seed, &[1]),
        taken: Taken(BTreeSet::new()),
        start,
        people: People { teams: Vec::new(), all: Vec::new(), platform: Vec::new() },
    };
    let teams = (count / 9).max(3);
    for team in 0..teams {
        hiring.open_team(team);
    }
    let platform = (count / 60).max(2);
    for _ in 0..platform {
        let person = hiring.hire(Kind::Platform, 0);
        hiring.people.platform.push(person);
    }
    while hiring.people.all.len() < count.max(teams + platform + 10) {
        let team = 1 + hiring.dice.index(teams - 1);
        let kind = if hiring.dice.chance(80) { Kind::Contractor } else { Kind::Employee };
        hiring.hire(kind, team);
    }
    hiring.people
}

struct Hiring {
    dice: Dice,
    taken: Taken,
    start: i64,
    people: People,
}

impl Hiring {
    fn open_team(&mut self, team: usize) {
        let stem = names::TEAMS[team % names::TEAMS.len()];
        let name = match team {
            0 => "Cloud Platform".to_owned(),
            _ if team < names::TEAMS.len() => stem.to_owned(),
            _ => format!("{stem} {}", team / names::TEAMS.len() + 1),
        };
        let manager = self.hire(Kind::Manager, team);
        self.people.teams.push(Team { slug: names::slug(&name), name, manager });
    }

    fn hire(&mut self, kind: Kind, team: usize) -> usize {
        let (given, family) = self.full_name();
        let (first, last) = (names::plain(given), names::plain(family));
        let mail = self.taken.claim(&format!("{first}.{last}"), "@example.com");
        let github = self.github_name(&first, &last);
        let dice = &mut self.dice;
        let person = Person {
            given,
            family,
            kind,
            title: title(kind, dice),
            number: (100_000 + self.people.all.len() * 7 + dice.index(7)).to_string(),
            team,
            github,
            github_id: 40_000_000 + dice.between(0, 50_000_000),
            ip: address(dice),
            mac: dice.chance(600),
            aws: kind != Kind::Manager && dice.chance(750) || kind == Kind::Platform,
            accounts: Vec::new(),
            away: None,
            moved: None,
        };
        self.people.all.push(person);
        let index = self.people.all.len() - 1;
        self.give_account(index, &mail);
        if matches!(kind, Kind::Employee | Kind::Contractor) {
            self.plan_life(index);
            self.forget(index);
        }
        index
    }

    fn full_name(&mut self) -> (&'static str, &'static str) {
        let count = self.people.all.len();
        if count > 20 && self.dice.chance(10) {
            // A namesake: the same full name, another person.
            let other = &self.people.all[self.dice.index(count)];
            return (other.given, other.family);
        }
        (*self.dice.pick(names::GIVEN), *self.dice.pick(names::FAMILY))
    }

    fn github_name(&mut self, first: &str, last: &str) -> String {
        if self.dice.chance(100) {
            let odd = format!("{}-{}", self.dice.pick(names::JOBS), self.dice.between(10, 99));
            return self.taken.claim(&format!("gh:{odd}"), "").replace("gh:", "");
        }
        self.taken.claim(&format!("gh:{first}-{last}"), "").replace("gh:", "")
    }

    fn give_account(&mut self, index: usize, mail: &str) {
        let person = &self.people.all[index];
        let initial: String = names::plain(person.given).chars().take(1).collect();
        let short = format!("{initial}{}", names::plain(person.family));
        let style = self.dice.below(1000);
        let (login, idc_name) = match style {
            0..50 => {
                let login = self.taken.claim(&short, "@corp.example.com");
                (login.clone(), login)
            }
            50..100 => (mail.to_owned(), self.taken.claim(&short, "@example.com")),
            100..150 => (mail.to_owned(), self.taken.claim(&short, "")),
            _ => (mail.to_owned(), mail.to_owned()),
        };
        let from = self.start - self.dice.between(30 * DAY, 2000 * DAY);
        let account = Account {
            okta: format!("00uEXAMPLE{}", self.dice.word(10, ALNUM)),
            login,
            mail: mail.to_owned(),
            idc_user: format!("1234567890-{}", self.dice.uuid()),
            idc_name,
            from: from - from.rem_euclid(DAY) + 8 * HOUR,
            to: None,
            forgotten: false,
        };
        self.people.all[index].accounts.push(account);
    }

    /// A working hour between two shares of the log, in hundredths.
    fn moment(&mut self, low: i64, high: i64) -> i64 {
        let span = END - self.start;
        let day = self.start + self.dice.between(span * low / 100, span * high / 100);
        day - day.rem_euclid(DAY) + self.dice.between(8 * HOUR, 17 * HOUR)
    }

    fn plan_life(&mut self, index: usize) {
        let contractor = self.people.all[index].kind == Kind::Contractor;
        if self.dice.chance(120) {
            self.people.all[index].accounts[0].from = self.moment(2, 60);
        }
        let leaves = if contractor { 250 } else { 90 };
        match self.dice.below(1000) {
            n if n < leaves => self.people.all[index].accounts[0].to = Some(self.moment(65, 97)),
            n if n < leaves + 12 => self.come_back(index),
            n if n < leaves + 37 => self.people.all[index].away = Some((self.moment(70, 97), None)),
            n if n < leaves + 62 => {
                let from = self.moment(20, 80);
                self.people.all[index].away = Some((from, Some(from + self.dice.between(5 * DAY, 20 * DAY))));
            }
            n if n < leaves + 142 => self.move_on(index),
            _ => {}
        }
    }

    /// The accounts of some who leave for good stay open: then only personnel knows.
    fn forget(&mut self, index: usize) {
        let person = &mut self.people.all[index];
        let share = if person.kind == Kind::Contractor { 40 } else { 12 };
        if let [account] = &mut person.accounts[..] {
            account.forgotten = account.to.is_some() && derived(&account.okta, 70).below(100) < share;
        }
    }

    fn come_back(&mut self, index: usize) {
        let left = self.moment(35, 60);
        let person = &mut self.people.all[index];
        person.accounts[0].to = Some(left);
        person.accounts[0].from = person.accounts[0].from.min(self.start - 60 * DAY);
        let stem = person.accounts[0].mail.trim_end_matches("@example.com").to_owned();
        let mail = self.taken.claim(&stem, "@example.com");
        self.give_account(index, &mail);
        let back = self.moment(75, 90);
        if let Some(account) = self.people.all[index].accounts.last_mut() {
            account.from = back;
        }
    }

    fn move_on(&mut self, index: usize) {
        let teams = self.people.teams.len();
        let from = self.people.all[index].team;
        let to = 1 + (from + self.dice.index(teams - 2)) % (teams - 1);
        if to != from {
            let when = self.moment(66, 97);
            self.people.all[index].moved = Some((when, to));
        }
    }
}

fn title(kind: Kind, dice: &mut Dice) -> &'static str {
    match kind {
        Kind::Manager => "Engineering Manager",
        Kind::Platform => "Platform Engineer",
        Kind::Employee | Kind::Contractor => names::TITLES[dice.index(names::TITLES.len())],
    }
}

/// Some sit behind an office address that dozens share, some at home behind one of their own.
fn address(dice: &mut Dice) -> String {
    if dice.chance(400) {
        format!("2001:db8:{:x}::{:x}", dice.between(1, 65_536), dice.between(1, 65_536))
    } else {
        format!("203.0.113.{}", dice.between(2, 64))
    }
}
