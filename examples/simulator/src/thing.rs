//! What is asked about outside AWS: agents, grants, service principals, keys; and what naive readers would say of them.

use std::collections::BTreeMap;

use crate::people::People;
use crate::stage::Naive;
use crate::world::Decoy;

/// Something that acts by itself and belongs to somebody.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) kind: &'static str,
    pub(crate) path: &'static str,
    pub(crate) id: String,
    /// Other names that mean this and nothing else.
    pub(crate) aliases: Vec<String>,
    pub(crate) name: String,
    pub(crate) owner: Option<usize>,
    /// The owner's last act of ownership.
    pub(crate) last_act: i64,
    /// The person that its owner tag or field names.
    pub(crate) tag: Option<String>,
    /// That field was set for this very thing and names somebody else: somebody should look.
    pub(crate) disputed: bool,
    pub(crate) decoys: Vec<Decoy>,
    pub(crate) naive: Naive,
}

impl Thing {
    pub(crate) fn new(kind: &'static str, path: &'static str, id: String, name: String, at: i64) -> Self {
        Self {
            kind,
            path,
            id,
            aliases: Vec::new(),
            name,
            owner: None,
            last_act: at,
            tag: None,
            disputed: false,
            decoys: Vec::new(),
            naive: Naive::default(),
        }
    }

    pub(crate) fn owned(mut self, owner: usize) -> Self {
        self.owner = Some(owner);
        self
    }

    pub(crate) fn alias(mut self, alias: &str) -> Self {
        self.aliases.push(alias.to_owned());
        self
    }

    pub(crate) fn decoy(&mut self, person: usize, why: &'static str) {
        if self.owner != Some(person) && self.decoys.iter().all(|decoy| decoy.person != person) {
            self.decoys.push(Decoy { person, why });
        }
    }

    /// The record that makes it bears this name, which reads as this person or as nobody.
    pub(crate) fn made(&mut self, at: i64, name: &str, reads_as: Option<usize>) {
        self.naive.creator = Some((name.to_owned(), reads_as));
        self.changed(at, reads_as);
    }

    /// A record of a change bears somebody's name.
    pub(crate) fn changed(&mut self, at: i64, reads_as: Option<usize>) {
        self.touched(at, reads_as);
        if let Some(person) = reads_as {
            self.naive.last_changer = later(self.naive.last_changer, at, person);
        }
    }

    /// A record about it bears somebody's name.
    pub(crate) fn touched(&mut self, at: i64, reads_as: Option<usize>) {
        if let Some(person) = reads_as {
            self.naive.last_actor = later(self.naive.last_actor, at, person);
        }
    }

    /// The owner acts as an owner does.
    pub(crate) fn kept(&mut self, at: i64) {
        self.last_act = self.last_act.max(at);
    }
}

fn later(seen: Option<(i64, usize)>, at: i64, person: usize) -> Option<(i64, usize)> {
    seen.filter(|(last, _)| *last > at).or(Some((at, person)))
}

/// The paths of one system with their weights: whichever is furthest behind its share comes next.
pub(crate) struct Shares {
    weights: &'static [(&'static str, usize)],
    done: BTreeMap<&'static str, usize>,
    total: usize,
}

impl Shares {
    pub(crate) fn new(weights: &'static [(&'static str, usize)]) -> Self {
        Self { weights, done: BTreeMap::new(), total: 0 }
    }

    pub(crate) fn next(&mut self) -> &'static str {
        let sum: usize = self.weights.iter().map(|(_, weight)| weight).sum();
        self.total += 1;
        let behind = |&&(path, weight): &&(&'static str, usize)| {
            let done = self.done.get(path).copied().unwrap_or_default();
            (weight * self.total) as i64 - (done * sum) as i64
        };
        let path = self.weights.iter().max_by_key(behind).map_or("", |(path, _)| path);
        *self.done.entry(path).or_default() += 1;
        path
    }
}

/// A person's mail address at a time.
pub(crate) fn mail(people: &People, person: usize, at: i64) -> String {
    people.all[person].account(at).mail.clone()
}
