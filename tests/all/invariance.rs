//! Same records, same answer: for any number of threads, any order, split, merging and duplication of the files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{self, entries, fixtures, name};
use serde_json::Value;

/// The answers that must not change: `as_of` and `items` of every question.
fn answers(bundle: &Path, threads: &str) -> Vec<String> {
    let ask = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_clutch"))
            .args(["-q", "-f", "json", "--threads", threads, "-b"])
            .arg(bundle)
            .args(arguments)
            .env_clear()
            .output()
            .expect("the binary runs");
        let answer: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        format!("{}\n{:#}", answer["as_of"], answer["items"])
    };
    vec![ask(&["inventory", "--all"]), ask(&["orphans", "--unattributed"])]
}

fn same(story: &str, what: &str, expected: &[String], bundle: &Path) {
    let found = answers(bundle, "2");
    for (expected, found) in expected.iter().zip(&found) {
        let differing = expected.lines().zip(found.lines()).find(|(left, right)| left != right);
        assert!(expected == found, "{story}: {what} changes the answer: {differing:?}");
    }
}

/// The records of a file, where it is a list of records of one kind that can stand in any file.
fn records(text: &str) -> Option<Vec<String>> {
    if let Ok(Value::Object(document)) = serde_json::from_str::<Value>(text) {
        let records = document.get("Records")?.as_array()?;
        return Some(records.iter().map(Value::to_string).collect());
    }
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.iter().all(|line| serde_json::from_str::<Value>(line).is_ok_and(|value| value.is_object())).then_some(lines)
}

#[test]
fn answers_do_not_depend_on_how_the_records_lie() {
    let mut folders = entries(&fixtures().join("cases"));
    folders.push(fixtures().join("company"));
    for folder in folders {
        let (story, bundle) = (name(&folder), folder.join("bundle"));
        let expected = answers(&bundle, "1");
        for threads in ["2", "8"] {
            assert_eq!(expected, answers(&bundle, threads), "{story}: {threads} threads change the answer");
        }
        let files = support::files(&bundle);
        let read = |path: &PathBuf| fs::read_to_string(path).expect("readable");
        let lay = |lay: &dyn Fn(&Path)| {
            let folder = tempfile::tempdir().expect("a folder");
            lay(folder.path());
            folder
        };
        let write = |path: PathBuf, text: &str| {
            fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
            fs::write(path, text).expect("writable");
        };
        // Where a file of a host lay is a part of what it says: below another folder it lies as it lay.
        let lies = |file: &PathBuf| file.strip_prefix(&bundle).expect("below the bundle").to_owned();

        let shuffled = lay(&|folder| {
            for (number, file) in files.iter().rev().enumerate() {
                write(folder.join(format!("{:02}-{number}", (number * 7) % 31)).join(lies(file)), &read(file));
            }
        });
        same(&story, "another order of files", &expected, shuffled.path());

        let doubled = lay(&|folder| {
            for (number, file) in files.iter().enumerate() {
                for copy in ["a", "b"] {
                    write(folder.join(format!("{copy}{number}")).join(lies(file)), &read(file));
                }
            }
        });
        same(&story, "every file twice", &expected, doubled.path());

        let split = lay(&|folder| {
            for (number, file) in files.iter().enumerate() {
                match records(&read(file)) {
                    Some(records) => {
                        for (at, record) in records.iter().enumerate() {
                            write(folder.join(format!("{number}-{at}.json")), record);
                        }
                    }
                    None => write(folder.join(format!("{number}")).join(lies(file)), &read(file)),
                }
            }
        });
        same(&story, "a file for each record", &expected, split.path());

        let merged = lay(&|folder| {
            let mut all = Vec::new();
            for (number, file) in files.iter().enumerate() {
                match records(&read(file)) {
                    Some(records) => all.extend(records),
                    None => write(folder.join(format!("{number}")).join(lies(file)), &read(file)),
                }
            }
            all.reverse();
            write(folder.join("all.ndjson"), &all.join("\n"));
        });
        same(&story, "all records in one file, backwards", &expected, merged.path());
    }
}

/// Every record of every fixture in three places: which of them is counted as the record does not depend on who came first.
#[test]
fn the_books_do_not_depend_on_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, file) in support::files(&fixtures().join("sources")).iter().enumerate() {
        if name(file).starts_with("input") && !name(file).ends_with(".loses") {
            for copy in ["a", "b", "c"] {
                fs::copy(file, folder.path().join(format!("{copy}-{number}"))).expect("writable");
            }
        }
    }
    let books = |threads: &str| {
        let output = support::clutch(folder.path(), &["coverage", "-q", "-f", "json", "--threads", threads]);
        String::from_utf8(output.stdout).expect("text")
    };
    let expected = books("1");
    assert!(expected.matches("\"what\"").count() > 50, "some are set aside, some refused");
    for threads in ["2", "8", "3", "8", "2"] {
        let found = books(threads);
        let differing = expected.lines().zip(found.lines()).find(|(left, right)| left != right);
        assert!(expected == found, "{threads} threads: {differing:?}");
    }
}
