//! The truth beside the bundle: for each agent its owner, or nobody, with the decoys and what naive readers would say.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::people::People;
use crate::run::{Order, Outcome};
use crate::stage::Naive;
use crate::thing::Thing;
use crate::world::{Agent, Decoy, Path as WorldPath, World};

pub(crate) const SCHEMA: &str = "clutch-simulator.truth/1";

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Truth {
    pub(crate) schema: String,
    pub(crate) seed: u64,
    pub(crate) degrade: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) records: u64,
    pub(crate) agents: Vec<AgentTruth>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AgentTruth {
    pub(crate) id: String,
    /// Other names that mean this agent and no other.
    pub(crate) aliases: Vec<String>,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) path: String,
    /// The primary mail of the true owner; nothing when the records cannot say who that is.
    pub(crate) owner: Option<String>,
    /// Every name by which the owner may rightly be called.
    pub(crate) owner_names: Vec<String>,
    pub(crate) status: String,
    pub(crate) decoys: Vec<DecoyTruth>,
    /// What naive readers would answer: `creator`, `last_actor`, `last_changer`, `tag`.
    pub(crate) baselines: BTreeMap<String, Option<Reading>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DecoyTruth {
    pub(crate) email: String,
    pub(crate) why: String,
}

/// A name as it stands in the log, and the person whom a careless reader takes it for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reading {
    pub(crate) text: String,
    pub(crate) person: Option<String>,
}

pub(crate) fn write(folder: &Path, order: &Order, world: &World, outcome: &Outcome) -> Result<()> {
    let agents = (0..world.agents.len()).map(|index| agent(world, outcome, index));
    let agents = agents.chain(outcome.things.iter().map(|it| thing(&world.people, it))).collect();
    let truth = Truth {
        schema: SCHEMA.to_owned(),
        seed: order.seed,
        degrade: order.degrade.to_string(),
        from: clock::iso(outcome.since),
        to: clock::iso(clock::END),
        records: outcome.written.records + outcome.entra.records + outcome.azure.records + outcome.google.records,
        agents,
    };
    let path = folder.join("truth.json");
    let mut text = serde_json::to_vec_pretty(&truth)?;
    text.push(b'\n');
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

fn agent(world: &World, outcome: &Outcome, index: usize) -> AgentTruth {
    let it = &world.agents[index];
    let disputed = it.path == WorldPath::TagRot;
    let told = Told { people: &world.people, owner: it.owner, last_act: it.last_act, disputed };
    AgentTruth {
        id: it.arn(),
        aliases: vec![it.id.clone()],
        name: it.name.clone(),
        kind: it.kind.name().to_owned(),
        path: it.path.name().to_owned(),
        owner: told.owner(),
        owner_names: told.owner_names(),
        status: told.status().to_owned(),
        decoys: told.decoys(&it.decoys),
        baselines: told.baselines(&outcome.naive[index], owner_tag(world, it)),
    }
}

fn thing(people: &People, it: &Thing) -> AgentTruth {
    let told = Told { people, owner: it.owner, last_act: it.last_act, disputed: it.disputed };
    AgentTruth {
        id: it.id.clone(),
        aliases: it.aliases.clone(),
        name: it.name.clone(),
        kind: it.kind.to_owned(),
        path: it.path.to_owned(),
        owner: told.owner(),
        owner_names: told.owner_names(),
        status: told.status().to_owned(),
        decoys: told.decoys(&it.decoys),
        baselines: told.baselines(&it.naive, it.tag.clone()),
    }
}

/// Whose something is, seen from the owner's last act.
struct Told<'a> {
    people: &'a People,
    owner: Option<usize>,
    last_act: i64,
    /// A tag that says something names somebody else.
    disputed: bool,
}

impl Told<'_> {
    fn mail(&self, person: usize) -> String {
        self.people.all[person].account(self.last_act).mail.clone()
    }

    fn owner(&self) -> Option<String> {
        self.owner.map(|owner| self.mail(owner))
    }

    fn owner_names(&self) -> Vec<String> {
        self.owner.map(|owner| self.people.all[owner].called().into_iter().collect()).unwrap_or_default()
    }

    fn decoys(&self, decoys: &[Decoy]) -> Vec<DecoyTruth> {
        decoys.iter().map(|decoy| DecoyTruth { email: self.mail(decoy.person), why: decoy.why.to_owned() }).collect()
    }

    fn baselines(&self, naive: &Naive, tag: Option<String>) -> BTreeMap<String, Option<Reading>> {
        let read = |seen: Option<(i64, usize)>| {
            seen.map(|(_, person)| Reading { text: self.mail(person), person: Some(self.mail(person)) })
        };
        let creator = naive.creator.as_ref();
        let creator = creator
            .map(|(text, person)| Reading { text: text.clone(), person: person.map(|person| self.mail(person)) });
        BTreeMap::from([
            ("creator".to_owned(), creator),
            ("last_actor".to_owned(), read(naive.last_actor)),
            ("last_changer".to_owned(), read(naive.last_changer)),
            ("tag".to_owned(), tag.map(|value| Reading { text: value.clone(), person: Some(value) })),
        ])
    }

    /// A re-hire does not bring back what was left behind: the account in use at the last act decides.
    fn status(&self) -> &'static str {
        let Some(owner) = self.owner else { return "unattributed" };
        let person = &self.people.all[owner];
        let moved = person.moved.is_some_and(|(at, _)| at > self.last_act);
        if person.account(self.last_act).to.is_some() {
            "orphaned"
        } else if person.is_away() || moved || self.disputed {
            "review"
        } else {
            "owned"
        }
    }
}

/// The owner tag of the agent itself, of its user, of its role.
fn owner_tag(world: &World, agent: &Agent) -> Option<String> {
    let user = agent.user.map(|user| &world.users[user].tags);
    let role = agent.role.map(|role| &world.roles[role].tags);
    let tags = [Some(&agent.tags), user, role].into_iter().flatten().flatten();
    let mut owners = tags.filter(|(key, _)| key == "owner" || key == "requested-by").map(|(_, value)| value);
    owners.next().cloned()
}
