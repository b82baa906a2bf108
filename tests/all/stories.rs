//! The stories: each folder of `fixtures/cases/` and the first-run company, asked as their `expect.toml` says.
//!
//! The expected answers were written from the true stories, before any code ran. A new story needs no Rust.

use std::path::Path;
use std::process::Command;

use crate::support::{entries, fixtures, name};
use clutch::base::progress::Progress;
use clutch::case::{Case, Opening, Root};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Expected {
    ask: Vec<Ask>,
}

/// A question, and what its answer must be. What is not given is not looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    args: Vec<String>,
    exit: i64,
    status: Option<String>,
    owner: Option<String>,
    #[serde(default)]
    nobody: bool,
    reasons: Option<Vec<String>>,
    basis: Option<String>,
    owning_team: Option<String>,
    verdict: Option<String>,
    verdict_at_most: Option<String>,
    /// The vendor's ids of records that the chain cites, in this order.
    #[serde(default)]
    chain: Vec<String>,
    /// None of these is named.
    #[serde(default)]
    decoys: Vec<String>,
    /// All of these are listed.
    #[serde(default)]
    candidates: Vec<String>,
    /// Who is asked next, beginning with these.
    #[serde(default)]
    route: Vec<String>,
    #[serde(default)]
    credentials: Vec<String>,
    /// Exactly these agents are listed.
    agents: Option<Vec<String>>,
    performed_by: Option<String>,
    on_behalf_of: Option<Vec<String>>,
    /// The rules by which the owner's names were joined are exactly these.
    joins: Option<Vec<String>>,
    /// Exactly these have a name of the owner's and are somebody else.
    kept_apart: Option<Vec<String>>,
}

#[test]
fn every_story_is_answered() {
    let mut folders = entries(&fixtures().join("cases"));
    folders.push(fixtures().join("company"));
    let mut failures = Vec::new();
    for folder in folders {
        let expected = std::fs::read_to_string(folder.join("expect.toml")).expect("an expect.toml");
        let expected: Expected =
            toml::from_str(&expected).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let bundle = folder.join("bundle");
        let root = Root { name: String::new(), path: bundle.clone() };
        let case = Case::open(Opening { roots: vec![root], ..Opening::default() }, &Progress::default());
        for ask in &expected.ask {
            for failure in check(&case, &bundle, ask) {
                failures.push(format!("{}: clutch {}: {failure}", name(&folder), ask.args.join(" ")));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

fn check(case: &Case, bundle: &Path, ask: &Ask) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_clutch"))
        .args(["-q", "-f", "json", "-b"])
        .arg(bundle)
        .args(&ask.args)
        .env_clear()
        .output()
        .expect("the binary runs");
    let mut failures = Vec::new();
    let mut differs = |what: &str, expected: String, found: String| {
        if expected != found {
            failures.push(format!("{what}: expected {expected}, found {found}"));
        }
    };
    differs("exit", ask.exit.to_string(), output.status.code().map_or_else(String::new, |code| code.to_string()));
    let answer: Value = match serde_json::from_slice(&output.stdout) {
        Ok(answer) => answer,
        Err(error) => return vec![format!("no JSON: {error}; {}", String::from_utf8_lossy(&output.stderr))],
    };
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    if let Some(agents) = &ask.agents {
        let mut found: Vec<String> = items.iter().flat_map(agents_of).collect();
        let mut agents = agents.clone();
        found.sort();
        agents.sort();
        differs("agents", format!("{agents:?}"), format!("{found:?}"));
        return failures;
    }
    let Some(item) = items.first() else { return vec!["no item".to_owned()] };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let owner = item["owner"]["id"].as_str();
    if ask.nobody {
        differs("owner", "nobody".to_owned(), owner.unwrap_or("nobody").to_owned());
    }
    for (what, expected, found) in [
        ("status", &ask.status, &item["status"]),
        ("owner", &ask.owner, &item["owner"]["id"]),
        ("basis", &ask.basis, &item["basis"]),
        ("owning team", &ask.owning_team, &item["owning_team"]),
        ("verdict", &ask.verdict, &item["verdict"]),
        ("performed by", &ask.performed_by, &item["performed_by"]),
    ] {
        if let Some(expected) = expected {
            differs(what, expected.clone(), text(found));
        }
    }
    if let Some(reasons) = &ask.reasons {
        let mut found = list(&item["reasons"], "code");
        let mut reasons = reasons.clone();
        found.sort();
        reasons.sort();
        differs("reasons", format!("{reasons:?}"), format!("{found:?}"));
    }
    if let Some(joins) = &ask.joins {
        let mut found = list(&item["joins"], "rule");
        found.sort();
        found.dedup();
        differs("joins", format!("{joins:?}"), format!("{found:?}"));
        for join in item["joins"].as_array().into_iter().flatten() {
            let told = join["grade"].is_string() && join["evidence"].as_array().is_some_and(|list| !list.is_empty());
            differs("a join's grade and records", "told".to_owned(), if told { "told" } else { "missing" }.to_owned());
        }
    }
    if let Some(apart) = &ask.kept_apart {
        let mut found = list_of(&item["kept_apart"], &["other", "id"]);
        found.sort();
        found.dedup();
        differs("kept apart", format!("{apart:?}"), format!("{found:?}"));
    }
    if let Some(behalf) = &ask.on_behalf_of {
        differs("on behalf of", format!("{behalf:?}"), format!("{:?}", texts(&item["on_behalf_of"])));
    }
    let words = ["possible", "probable", "confirmed"];
    let rank = |word: &str| words.iter().position(|one| *one == word);
    if let (Some(most), Some(found)) = (&ask.verdict_at_most, item["verdict"].as_str())
        && rank(found) > rank(most)
    {
        differs("verdict", format!("at most {most}"), found.to_owned());
    }
    for decoy in ask.decoys.iter().filter(|decoy| owner == Some(decoy.as_str())) {
        failures.push(format!("the decoy {decoy} is named"));
    }
    missing(&mut failures, "candidate", &ask.candidates, &list_of(&item["candidates"], &["person", "id"]));
    missing(&mut failures, "credential", &ask.credentials, &list(&item["credentials"], "id"));
    let asked: Vec<String> = item["route_to"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|route| route["why"] != "owner")
        .map(|route| text(&route["person"]["id"]))
        .collect();
    if !asked.starts_with(&ask.route) {
        failures.push(format!("route: expected {:?} first, found {asked:?}", ask.route));
    }
    failures.extend(chain(case, item, &ask.chain));
    failures
}

/// The records of a chain are cited in order.
fn chain(case: &Case, item: &Value, expected: &[String]) -> Vec<String> {
    let cited: Vec<String> = item["chain"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|hop| texts(&hop["evidence"]))
        .map(|label| label.trim_start_matches("e:").to_owned())
        .collect();
    let mut at = 0;
    let mut failures = Vec::new();
    for id in expected {
        let records = case.places().with_vendor_id(id);
        let is = |label: &String| records.iter().any(|record| format!("{:016x}", record.0).starts_with(label.as_str()));
        match cited.iter().skip(at).position(is) {
            Some(offset) => at += offset + 1,
            None => failures.push(format!("chain: {id} is not cited, or out of order; cited {cited:?}")),
        }
    }
    failures
}

fn missing(failures: &mut Vec<String>, what: &str, expected: &[String], found: &[String]) {
    for one in expected.iter().filter(|one| !found.contains(one)) {
        failures.push(format!("{what} {one} is missing in {found:?}"));
    }
}

/// The agents that an item lists: itself, or what a person owns.
fn agents_of(item: &Value) -> Vec<String> {
    match item["agents"].as_array() {
        Some(_) => list_of(&item["agents"], &["agent", "id"]),
        None => item["agent"]["id"].as_str().map(str::to_owned).into_iter().collect(),
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn list(value: &Value, key: &str) -> Vec<String> {
    list_of(value, &[key])
}

fn list_of(value: &Value, path: &[&str]) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    let texts = items.filter_map(|item| path.iter().fold(item, |item, key| &item[*key]).as_str());
    texts.map(str::to_owned).collect()
}
