//! Salesforce: who uses it, which apps they let in, which agents they built there, and how that came to be.
//!
//! The administrator is a platform engineer. The users of those who leave stay active for nine in ten: nobody thinks of
//! them, and the apps go on reading.

mod exports;

use crate::cast::Cast;
use crate::clock::{DAY, END};
use crate::dice::{ALNUM, Dice, derived};
use crate::people::{Account, People};
use crate::thing::{Shares, Thing};

/// Every path with its weight.
pub(crate) const PATHS: &[(&str, usize)] = &[("salesforce-grant", 50), ("agentforce-agent", 50)];

/// Apps that users let in, all of the same vendorless sort.
const APPS: [&str; 6] =
    ["NotesPilot AI", "Deal Otter AI", "Quill Copilot", "Pipeline Finch", "Recap Robin", "Minutes by Magpie"];

/// A 15-letter id that a text always has.
fn short(prefix: &str, text: &str) -> String {
    let mut dice = derived(text, 61);
    format!("{prefix}5j00000{}", dice.word(15 - prefix.len() - 7, ALNUM))
}

/// The same id with the three letters that say which of the others are capitals.
fn long(short: &str) -> String {
    let check = short.as_bytes().chunks(5).map(|five| {
        let capitals = five.iter().enumerate().filter(|(_, letter)| letter.is_ascii_uppercase());
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[capitals.map(|(place, _)| 1 << place).sum::<usize>()])
    });
    short.chars().chain(check).collect()
}

fn user_id(account: &Account) -> String {
    short("005", &account.okta)
}

/// Access that a user gave to an app.
struct Grant {
    app: &'static str,
    account: Account,
    at: i64,
}

/// An agent of Agentforce.
struct Agent {
    id: String,
    name: String,
    /// What it was published by, and when.
    versions: Vec<(Account, i64)>,
    changed: (Account, i64),
    /// Agents for customers run as a user of their own; agents for employees as whoever talks to them.
    user: Option<String>,
}

pub(crate) struct Salesforce<'w> {
    people: &'w People,
    cast: Cast,
    pub(crate) things: Vec<Thing>,
    grants: Vec<Grant>,
    agents: Vec<Agent>,
    start: i64,
}

impl<'w> Salesforce<'w> {
    pub(crate) fn new(seed: u64, people: &'w People, start: i64) -> Self {
        let cast = Cast::new(Dice::new(seed, &[61]), people, start);
        Self { people, cast, things: Vec::new(), grants: Vec::new(), agents: Vec::new(), start }
    }

    pub(crate) fn plan(&mut self, each: usize) {
        let mut shares = Shares::new(PATHS);
        while self.things.len() < each * PATHS.len() {
            match shares.next() {
                "salesforce-grant" => self.grant(),
                _ => self.agent(),
            }
        }
    }

    fn administrator(&self) -> usize {
        self.people.platform[0]
    }

    fn account(&self, person: usize, at: i64) -> Account {
        self.people.all[person].account(at).clone()
    }

    /// Somebody lets an app read what they may read.
    fn grant(&mut self) {
        let (mut at, mut user, mut app) = (0, 0, APPS[0]);
        // An app is let in by everybody once.
        for _ in 0..40 {
            at = self.cast.between(2, 92);
            user = self.cast.builder(self.people, at);
            app = *self.cast.dice.pick(&APPS);
            let id = self.account(user, at).okta;
            if !self.grants.iter().any(|known| known.app == app && known.account.okta == id) {
                break;
            }
        }
        let account = self.account(user, at);
        let id = format!("grant:{}/{}", short("0H4", app), user_id(&account));
        let mut thing = Thing::new("oauth-grant", "salesforce-grant", id, app.to_owned(), at).owned(user);
        thing.made(at, &account.mail, Some(user));
        thing.decoy(self.administrator(), "installed-the-app");
        self.things.push(thing);
        self.grants.push(Grant { app, account, at });
    }

    /// Somebody builds an agent and publishes it again; the administrator changes a setting of every other one, last.
    fn agent(&mut self) {
        let at = self.cast.between(2, 92);
        let owner = self.cast.builder(self.people, at);
        let name = self.cast.fresh_name();
        let id = short("0Xx", &name);
        let account = self.account(owner, at);
        let mut thing = Thing::new("agentforce-agent", "agentforce-agent", id.clone(), name.clone(), at).owned(owner);
        thing.made(at, &account.mail, Some(owner));
        let mut versions = vec![(account.clone(), at)];
        let times = self.cast.dice.below(3);
        for at in self.cast.days(self.people, owner, times, (at, END)) {
            versions.push((account.clone(), at));
            thing.changed(at, Some(owner));
            thing.kept(at);
        }
        versions.sort_by_key(|(_, at)| *at);
        let mut changed = versions[versions.len() - 1].clone();
        if self.cast.dice.chance(500) {
            let when = self.cast.moment((changed.1 + DAY).min(END - DAY), END);
            let administrator = self.administrator();
            changed = (self.account(administrator, when), when);
            thing.changed(when, Some(administrator));
            thing.decoy(administrator, "changed-a-setting");
        }
        let user = self.cast.dice.chance(600).then(|| short("005", &format!("agent {name}")));
        if user.is_some() {
            thing.decoy(self.administrator(), "gave-it-its-permissions");
        }
        self.things.push(thing);
        self.agents.push(Agent { id, name, versions, changed, user });
    }
}
