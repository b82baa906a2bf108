//! How good answers are: `clutch inventory --format json` against the truth.
//!
//! Per deployment path: how often the first name is right, how often a wrong person is named, how often nobody is, and
//! how often the right person is among the first three. An agent without a true owner has no right name: there every
//! name is wrong and silence is right. Beside it, what naive readers of the same logs would have said.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::score_table;
use crate::truth::{AgentTruth, SCHEMA, Truth};

/// The part of an inventory that is judged.
#[derive(Debug, Deserialize)]
struct Answers {
    items: Vec<Answer>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    agent: Named,
    #[serde(default)]
    status: String,
    #[serde(default)]
    owner: Option<Person>,
    #[serde(default)]
    candidates: Vec<Candidate>,
    #[serde(default)]
    confidence: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Named {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Person {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    email: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Candidate {
    person: Person,
    #[serde(default)]
    rank: Option<u64>,
}

impl Person {
    /// Whether one of these names, in lower case, is this person's. A canonical id may carry a realm after a `#`.
    fn is(&self, names: &[String]) -> bool {
        let id = self.id.as_deref().map(|id| id.split('#').next().unwrap_or(id));
        [self.email.as_deref(), id].into_iter().flatten().any(|name| names.contains(&name.to_lowercase()))
    }

    fn shown(&self) -> String {
        self.email.clone().or_else(|| self.id.clone()).unwrap_or_default()
    }
}

/// What became of one agent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) owned: bool,
    pub(crate) answered: bool,
    /// Who was named, if anybody.
    pub(crate) named: Option<String>,
    pub(crate) right: bool,
    pub(crate) in_three: bool,
    pub(crate) confidence: Option<f64>,
    pub(crate) status: String,
    pub(crate) true_status: String,
    pub(crate) truth: Option<String>,
    /// The role which the wrongly named person plays in the story.
    pub(crate) decoy: Option<String>,
    /// For each baseline: whether it named the owner, or somebody else, or nobody.
    pub(crate) baselines: Vec<(String, Option<bool>)>,
}

impl Verdict {
    pub(crate) fn wrong(&self) -> bool {
        self.named.is_some() && !self.right
    }
}

/// Limits that turn the score into a gate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) max_wrong: Option<f64>,
    pub(crate) min_top1: Option<f64>,
}

/// Prints the score. Says whether the limits are met.
pub(crate) fn run(truth: &Path, answers: &Path, limits: Limits, show: usize) -> Result<bool> {
    let truth: Truth = read(truth)?;
    if truth.schema != SCHEMA {
        bail!("this is no truth file of this simulator: schema {}", truth.schema);
    }
    let answers: Answers = read(answers)?;
    let verdicts = judge(&truth, &answers);
    score_table::print(&truth, &verdicts, show)?;
    let sum = score_table::Tally::of(verdicts.iter());
    let wrong = limits.max_wrong.is_none_or(|limit| sum.wrong_rate() <= limit);
    let top1 = limits.min_top1.is_none_or(|limit| sum.top1_rate() >= limit);
    Ok(wrong && top1)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("parsing {}", path.display()))
}

fn judge(truth: &Truth, answers: &Answers) -> Vec<Verdict> {
    let mut by_name: BTreeMap<&str, &Answer> = BTreeMap::new();
    for answer in &answers.items {
        for alias in &answer.agent.aliases {
            by_name.entry(alias).or_insert(answer);
        }
    }
    // A canonical id beats an alias of something else.
    for answer in &answers.items {
        by_name.insert(&answer.agent.id, answer);
    }
    let find = |agent: &AgentTruth| {
        let mut names = std::iter::once(&agent.id).chain(&agent.aliases);
        names.find_map(|name| by_name.get(name.as_str()).copied())
    };
    truth.agents.iter().map(|agent| verdict(agent, find(agent))).collect()
}

fn verdict(agent: &AgentTruth, answer: Option<&Answer>) -> Verdict {
    let names: Vec<String> = agent.owner_names.iter().map(|name| name.to_lowercase()).collect();
    let owner = answer.and_then(|answer| answer.owner.as_ref());
    let right = owner.is_some_and(|owner| owner.is(&names));
    let decoy = owner.filter(|_| !right).and_then(|owner| {
        let played = agent.decoys.iter().find(|decoy| owner.is(&[decoy.email.to_lowercase()]));
        played.map(|decoy| decoy.why.clone())
    });
    Verdict {
        path: agent.path.clone(),
        id: agent.id.clone(),
        owned: agent.owner.is_some(),
        answered: answer.is_some(),
        named: owner.map(Person::shown),
        right,
        in_three: right || answer.is_some_and(|answer| first_three(answer).iter().any(|person| person.is(&names))),
        confidence: answer.and_then(|answer| answer.confidence),
        status: answer.map(|answer| answer.status.clone()).unwrap_or_default(),
        true_status: agent.status.clone(),
        truth: agent.owner.clone(),
        decoy,
        baselines: agent.baselines.iter().map(|(name, reading)| (name.clone(), naive(reading, &names))).collect(),
    }
}

fn naive(reading: &Option<crate::truth::Reading>, names: &[String]) -> Option<bool> {
    let person = reading.as_ref().and_then(|reading| reading.person.as_ref())?;
    Some(names.contains(&person.to_lowercase()))
}

fn first_three(answer: &Answer) -> Vec<&Person> {
    let mut candidates: Vec<&Candidate> = answer.candidates.iter().collect();
    // Stable: candidates without a rank keep their order.
    candidates.sort_by_key(|candidate| candidate.rank.unwrap_or(u64::MAX));
    candidates.into_iter().take(3).map(|candidate| &candidate.person).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::{DecoyTruth, Reading};

    fn agent(id: &str, owner: Option<&str>) -> AgentTruth {
        AgentTruth {
            id: id.to_owned(),
            aliases: vec![format!("short-{id}")],
            name: "name".to_owned(),
            kind: "bedrock-agent".to_owned(),
            path: "sso".to_owned(),
            owner: owner.map(str::to_owned),
            owner_names: owner.into_iter().flat_map(|name| [name.to_owned(), "other-login".to_owned()]).collect(),
            status: "owned".to_owned(),
            decoys: vec![DecoyTruth { email: "mel@example.com".to_owned(), why: "approver".to_owned() }],
            baselines: BTreeMap::from([(
                "creator".to_owned(),
                Some(Reading { text: "x".to_owned(), person: Some("mel@example.com".to_owned()) }),
            )]),
        }
    }

    fn judged(owner: Option<&str>, answer: serde_json::Value) -> Verdict {
        verdict(&agent("a", owner), Some(&serde_json::from_value(answer).unwrap()))
    }

    #[test]
    fn a_right_name_is_right_by_mail_login_or_canonical_id() {
        for owner in [
            serde_json::json!({"id": "ada@example.com#okta:00u1", "email": null}),
            serde_json::json!({"id": "x", "email": "Ada@Example.com"}),
            serde_json::json!({"id": "other-login", "email": null}),
        ] {
            let answer = serde_json::json!({"agent": {"id": "a"}, "status": "owned", "owner": owner});
            let verdict = judged(Some("ada@example.com"), answer);
            assert!(verdict.right && verdict.in_three && !verdict.wrong());
        }
    }

    #[test]
    fn a_wrong_name_is_wrong_and_says_which_decoy_it_fell_for() {
        let answer = serde_json::json!({"agent": {"id": "a"}, "status": "owned",
            "owner": {"id": "mel@example.com", "email": "mel@example.com"},
            "candidates": [
                {"person": {"email": "z@example.com"}, "rank": 3},
                {"person": {"email": "ada@example.com"}, "rank": 2},
                {"person": {"email": "mel@example.com"}, "rank": 1}]});
        let verdict = judged(Some("ada@example.com"), answer);
        assert!(verdict.wrong() && verdict.in_three);
        assert_eq!(verdict.decoy.as_deref(), Some("approver"));
        assert_eq!(verdict.baselines, [("creator".to_owned(), Some(false))]);
    }

    #[test]
    fn where_nobody_owns_any_name_is_wrong_and_silence_is_not() {
        let named = serde_json::json!({"agent": {"id": "a"}, "status": "owned", "owner": {"id": "x", "email": "x"}});
        assert!(judged(None, named).wrong());
        let silent = serde_json::json!({"agent": {"id": "a"}, "status": "unattributed", "owner": null});
        let verdict = judged(None, silent);
        assert!(!verdict.wrong() && verdict.answered);
    }

    #[test]
    fn answers_are_found_by_alias_and_a_canonical_id_wins() {
        let truth = Truth {
            schema: SCHEMA.to_owned(),
            seed: 1,
            degrade: "none".to_owned(),
            from: String::new(),
            to: String::new(),
            records: 0,
            agents: vec![agent("a", Some("ada@example.com")), agent("b", None), agent("c", None)],
        };
        let answers = serde_json::json!({"items": [
            {"agent": {"id": "z", "aliases": ["a", "short-b"]}, "status": "unattributed"},
            {"agent": {"id": "a"}, "status": "owned", "owner": {"email": "ada@example.com"}}]});
        let verdicts = judge(&truth, &serde_json::from_value(answers).unwrap());
        assert!(verdicts[0].right);
        assert!(verdicts[1].answered);
        assert!(!verdicts[2].answered);
    }
}
