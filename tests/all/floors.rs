//! The floors of the house: who may import whom, and which crate is fenced into which rooms.
//!
//! A room may import rooms of lower floors that it is allowed to, never one of its own floor or above. A fence lists every
//! room that may name a crate. The broken sentence is the test's message.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{entries, name};

/// Each room, and the rooms it may import besides `base`.
const FLOORS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("bundle", &[]),
    ("fact", &[]),
    ("source", &["bundle", "fact"]),
    ("intake", &["bundle", "fact", "source"]),
    ("identity", &["fact"]),
    ("lineage", &["fact", "identity"]),
    ("attribution", &["fact", "identity", "lineage"]),
    ("lifecycle", &["fact", "identity", "lineage", "attribution"]),
    ("case", &["bundle", "fact", "source", "intake", "identity", "lineage", "attribution", "lifecycle"]),
    ("query", &["case", "bundle", "fact", "source", "intake", "identity", "lineage", "attribution", "lifecycle"]),
    ("report", &["query"]),
    ("cli", &["case", "query", "report"]),
];

/// Each fenced crate, and the rooms that may name it.
const FENCES: &[(&str, &[&str])] = &[
    ("rayon", &["intake"]),
    ("petgraph", &["lineage"]),
    ("comfy_table", &["report"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("indicatif", &["cli"]),
    ("tempfile", &["cli"]),
    ("terminal_size", &["cli"]),
    ("schemars", &["report", "cli"]),
    ("flate2", &["bundle"]),
    ("libdeflater", &["bundle"]),
    ("bzip2", &["bundle"]),
    ("ruzstd", &["bundle"]),
    ("zip", &["bundle"]),
    ("tar", &["bundle"]),
    ("encoding_rs", &["bundle"]),
    ("globset", &["bundle"]),
    ("memchr", &["bundle", "source"]),
    ("sha2", &["bundle", "source"]),
    ("csv", &["bundle", "report"]),
    ("serde", &["source", "report", "cli"]),
    ("serde_json", &["bundle", "source", "report", "cli"]),
    ("toml", &["source"]),
    ("serde_saphyr", &["source"]),
    ("quick_xml", &["source"]),
    ("aho_corasick", &["report"]),
    ("unicode_width", &["report"]),
    ("strsim", &["query"]),
    ("jiff", &["base"]),
    ("siphasher", &["base"]),
    ("hashbrown", &["base", "fact", "intake"]),
    ("foldhash", &["base", "fact", "intake"]),
];

/// The source files of a room, without their tests.
fn files(room: &str) -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![src.join(room), src.join(format!("{room}.rs"))];
    open.retain(|path| path.exists());
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(entries(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("readable");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            files.push((path, code.join("\n")));
        }
    }
    files
}

#[test]
fn every_room_has_its_floor() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let known: Vec<&str> = FLOORS.iter().map(|(room, _)| *room).collect();
    for entry in entries(&src) {
        let room = name(&entry).trim_end_matches(".rs").to_owned();
        assert!(["lib", "main"].contains(&room.as_str()) || known.contains(&room.as_str()), "{room} is on no floor");
    }
    for room in known {
        assert!(!files(room).is_empty(), "the room {room} is not there");
    }
}

#[test]
fn nobody_imports_upwards() {
    let mut broken = Vec::new();
    for (room, allowed) in FLOORS {
        for (path, code) in files(room) {
            for (other, _) in FLOORS {
                let named = code.contains(&format!("crate::{other}::")) || code.contains(&format!("crate::{other};"));
                if named && other != room && *other != "base" && !allowed.contains(other) {
                    broken.push(format!("{}: {room} may not import {other}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn crates_stay_behind_their_fences() {
    let mut broken = Vec::new();
    for (fenced, rooms) in FENCES {
        for (room, _) in FLOORS.iter().filter(|(room, _)| !rooms.contains(room)) {
            for (path, code) in files(room) {
                let names = |line: &str| {
                    line.match_indices(&format!("{fenced}::")).any(|(at, _)| {
                        let before = line[..at].chars().next_back();
                        !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':')
                    })
                };
                if code.lines().any(names) {
                    broken.push(format!("{}: {room} may not name {fenced}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_file_is_a_hall() {
    for (room, _) in FLOORS {
        for (path, _) in files(room) {
            let lines = fs::read_to_string(&path).expect("readable").lines().count();
            assert!(lines <= 600, "{}: {lines} lines are more than one room", path.display());
        }
    }
}
