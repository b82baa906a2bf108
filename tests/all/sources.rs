//! Every source against its fixtures: `fixtures/sources/<source>/<case>/` with `input*`, `facts.txt`, `coverage.txt`.
//!
//! In a case called `routes` every input is the same events in another export form and must give the same facts, except
//! the lines that contain a phrase which `<input>.loses` lists. `CLUTCH_BLESS=1` writes what was found; read every line.

use std::path::{Path, PathBuf};

use crate::support::{coverage_text, entries, facts_text, fixtures, load, name};

#[test]
fn sources_claim_what_their_fixtures_say() {
    let mut failures = Vec::new();
    for source in entries(&fixtures().join("sources")) {
        for case in entries(&source) {
            let inputs: Vec<PathBuf> =
                entries(&case).into_iter().filter(|path| name(path).starts_with("input") && !is_loss(path)).collect();
            assert!(!inputs.is_empty(), "{}: no input", case.display());
            if name(&case) == "routes" {
                routes(&case, &inputs, &mut failures);
            } else {
                let loaded = load(&inputs, 1);
                compare(&case.join("facts.txt"), &lines(&facts_text(&loaded.facts)), &mut failures);
                compare(&case.join("coverage.txt"), &coverage_text(&loaded.coverage), &mut failures);
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn is_loss(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "loses")
}

/// Each input alone gives the facts of the case, minus what its form is stated to lose.
fn routes(case: &Path, inputs: &[PathBuf], failures: &mut Vec<String>) {
    let first = inputs.first().expect("an input");
    compare(&case.join("facts.txt"), &lines(&facts_text(&load(std::slice::from_ref(first), 1).facts)), failures);
    let expected = std::fs::read_to_string(case.join("facts.txt")).unwrap_or_default();
    let mut coverage = String::new();
    for input in inputs {
        let loaded = load(std::slice::from_ref(input), 1);
        let losses = std::fs::read_to_string(format!("{}.loses", input.display())).unwrap_or_default();
        let lost = |line: &str| losses.lines().any(|phrase| !phrase.is_empty() && line.contains(phrase));
        let kept =
            |text: &str| text.lines().filter(|line| !lost(line)).map(|line| format!("{line}\n")).collect::<String>();
        let found = kept(&lines(&facts_text(&loaded.facts)));
        if found != kept(&expected) {
            failures.push(format!(
                "{}: other facts than facts.txt:\n{}",
                input.display(),
                difference(&kept(&expected), &found)
            ));
        }
        coverage.push_str(&coverage_text(&loaded.coverage));
    }
    compare(&case.join("coverage.txt"), &coverage, failures);
}

fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn compare(path: &Path, found: &str, failures: &mut Vec<String>) {
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == found {
        return;
    }
    if std::env::var_os("CLUTCH_BLESS").is_some() {
        std::fs::write(path, found).expect("writable");
    } else {
        failures.push(format!("{}:\n{}", path.display(), difference(&expected, found)));
    }
}

/// The lines that only one side has.
fn difference(expected: &str, found: &str) -> String {
    let missing =
        expected.lines().filter(|line| !found.lines().any(|other| other == *line)).map(|line| format!("- {line}"));
    let surplus =
        found.lines().filter(|line| !expected.lines().any(|other| other == *line)).map(|line| format!("+ {line}"));
    missing.chain(surplus).collect::<Vec<_>>().join("\n")
}
