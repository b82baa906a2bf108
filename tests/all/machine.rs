//! Machine output: it keeps its schema, all formats agree on the items, and two runs print the same bytes.

use std::collections::BTreeSet;
use std::process::Command;

use crate::contract::{FORMATS, KNOWN, Saved, ask, commands, company, items, json, out, texts, walk};
use crate::support::{clutch, fixtures};
use serde_json::Value;

/// A key that two agents share, in the story that tells of it.
const SHARED: &str = "AKIAEXAMPLETWO000001";

#[test]
fn machine_output_keeps_its_schema() {
    let saved = Saved::of(&company());
    let schemas: Value = serde_json::from_slice(&ask(&["schema"]).stdout).expect("JSON");
    let mut asked = commands(&saved);
    // Items of every form that the schemas allow.
    asked.push(vec!["who-owns", &KNOWN.orphan, "nobody-is-called-this", "arn:aws"]);
    asked.push(vec!["owned-by", &KNOWN.owner, "nobody-is-called-this", "--reports"]);
    asked.push(vec!["explain", "e:ffffffffffffffff", &KNOWN.event]);
    asked.push(vec!["show", "e:ffffffffffffffff", &KNOWN.event]);
    asked.push(vec!["inventory", "--limit", "1"]);
    asked.push(vec!["coverage", "--skip", "aws/*"]);
    let mut seen = BTreeSet::new();
    for arguments in &asked {
        let command = arguments[0];
        let schema: Value = serde_json::from_slice(&ask(&["schema", command]).stdout).expect("JSON");
        assert_eq!(schemas[command], schema);
        let (mut known, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        compiler.add_resource("schema.json", schema).expect("a schema");
        let index = compiler.compile("schema.json", &mut known).expect("a schema");
        let answer = json(&company(), arguments);
        if let Err(error) = known.validate(&answer, index) {
            panic!("{arguments:?}: {error:#}");
        }
        assert_eq!(answer["schema"], format!("clutch.{command}/1"));
        // A schema that lets everything pass proves nothing.
        let mut other = answer.clone();
        other["items"] = serde_json::json!([{"asked": 1}]);
        assert!(known.validate(&other, index).is_err(), "{command}");
        // Several agents behind one key.
        if command == "who-owns" {
            let shared = json(&fixtures().join("cases/one-key-on-two-laptops/bundle"), &[command, SHARED]);
            known.validate(&shared, index).unwrap_or_else(|error| panic!("{error:#}"));
            assert_eq!(shared["items"][0]["agents"].as_array().map(Vec::len), Some(2), "{shared}");
        }
        seen.insert(command.to_owned());
        walk(&answer, &mut |key, value| {
            // The cells of a record that is shown are its author's.
            assert!(key == "text" || value != "", "{command}: {key} is an empty string");
        });
    }
    let described: BTreeSet<String> = schemas.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(described, seen, "every schema was looked at");
}

#[test]
fn formats_agree_on_the_items() {
    let saved = Saved::of(&company());
    for arguments in commands(&saved) {
        let in_format = |format: &str| ask(&[&["-q", "-f", format], &arguments[..]].concat());
        let answer = json(&company(), &arguments);
        let lines: Vec<Value> = out(&in_format("ndjson"))
            .lines()
            .map(|line| serde_json::from_str(line).expect("an object a line"))
            .collect();
        assert_eq!(items(&answer), lines, "{arguments:?}");
        let (pointer, column) = match arguments[0] {
            "find" => ("/value", "value"),
            "explain" => ("/event_id", "event_id"),
            "show" => ("/evidence", "evidence"),
            "coverage" | "manifest" => ("/path", "path"),
            "sources" => ("/name", "name"),
            "verify" => ("/id", "id"),
            _ => ("/agent/id", "id"),
        };
        let expected: BTreeSet<String> = match arguments[0] {
            "owned-by" => {
                let agents = items(&answer).iter().flat_map(|item| item["agents"].as_array().expect("agents"));
                agents.filter_map(|agent| agent["agent"]["id"].as_str().map(str::to_owned)).collect()
            }
            _ => texts(&answer, pointer).into_iter().collect(),
        };
        assert!(!expected.is_empty(), "{arguments:?}");
        let sheet = in_format("csv");
        let mut reader = csv::Reader::from_reader(&sheet.stdout[..]);
        let at = reader.headers().expect("a header").iter().position(|name| name == column).expect("the column");
        let found: BTreeSet<String> = reader.records().map(|row| row.expect("a row")[at].to_owned()).collect();
        assert_eq!(found, expected, "{arguments:?}: csv");
        let page = in_format("markdown");
        let rows = out(&page).lines().skip(2).count();
        assert_eq!(rows, csv::Reader::from_reader(&sheet.stdout[..]).records().count(), "{arguments:?}: markdown");
    }
}

#[test]
fn two_runs_print_the_same_bytes() {
    let saved = Saved::of(&company());
    for arguments in commands(&saved) {
        for format in FORMATS {
            // Each process has hash seeds of its own.
            let run = |threads: &str| ask(&[&["-f", format, "--threads", threads], &arguments[..]].concat());
            let (one, other) = (run("1"), run("2"));
            if arguments[0] == "manifest" && format == "json" {
                continue; // It writes down its own command line.
            }
            assert_eq!((&one.stdout, &one.stderr), (&other.stdout, &other.stderr), "{arguments:?} {format}");
        }
    }
}

#[test]
fn sheets_have_a_row_for_every_name_asked() {
    let bundle = fixtures().join("cases/one-key-on-two-laptops/bundle");
    let rows = |arguments: &[&str]| -> Vec<Vec<String>> {
        let output = clutch(&bundle, &[&["-q", "-f", "csv"], arguments].concat());
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        let records = csv::Reader::from_reader(&output.stdout[..]).into_records();
        let cells = |row: csv::StringRecord| row.iter().map(str::to_owned).collect::<Vec<_>>();
        records.map(|row| cells(row.expect("a row"))).collect()
    };
    let told =
        |rows: &[Vec<String>]| -> Vec<String> { rows.iter().map(|row| format!("{} {}", row[0], row[1])).collect() };
    let owners = rows(&["who-owns", "nobody-is-called-this", SHARED, "rates"]);
    let shared = format!("{SHARED} shared");
    assert_eq!(told(&owners), ["nobody-is-called-this not-found", &shared, &shared, "rates ambiguous"]);
    assert_eq!(owners[3].last().map(String::as_str), Some("mcp:lap-1042/rates; mcp:lap-2001/rates"));
    let owned = rows(&["owned-by", "mira.holt@example.com", "nobody-is-called-this"]);
    assert_eq!(told(&owned), ["mira.holt@example.com answered", "nobody-is-called-this not-found"]);
    for command in ["explain", "show"] {
        let told = told(&rows(&[command, "e:ffffffffffffffff", "nobody-is-called-this"]));
        assert_eq!(told, ["e:ffffffffffffffff not-found", "nobody-is-called-this not-found"], "{command}");
    }
}

#[test]
fn a_record_is_shown_as_it_is_written() {
    let written = concat!(
        r#"{"zone":12345678901234567890,"eventVersion":"1.11","eventTime":"2026-11-02T09:00:00Z","#,
        r#""userIdentity":{"type":"IAMUser","accountId":"111122223333","userName":"mira","accessKeyId":"AKIAEXAMPLESHOW00001","#,
        r#""arn":"arn:aws:iam::111122223333:user/mira","principalId":"AIDAEXAMPLESHOW000001"},"#,
        r#""eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"0b7d3c58-1111-4e6f-9d3a-0d4d5c1a2b3c","#,
        r#""requestParameters":{"size":1.10,"bucketName":"b"},"awsRegion":"eu-west-1","recipientAccountId":"111122223333"}"#,
    );
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("trail.json"), format!("{{\"Records\":[{written}]}}")).expect("written");
    let show = |more: &[&str]| {
        let output = clutch(folder.path(), &[&["-q", "show", "0b7d3c58-1111-4e6f-9d3a-0d4d5c1a2b3c"], more].concat());
        out(&output).to_owned()
    };
    assert!(show(&[]).lines().any(|line| line == written), "{}", show(&[]));
    let pretty = show(&["--pretty"]);
    assert!(pretty.contains("{\n  \"zone\": 12345678901234567890,\n  \"eventVersion\""), "{pretty}");
    assert!(pretty.contains("    \"size\": 1.10,\n    \"bucketName\": \"b\"\n  },"), "{pretty}");
}

#[test]
fn rows_that_were_found_say_by_what() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clutch"));
    let output = command.arg("-b").arg(company()).args(["find", "mira"]).env_clear().env("COLUMNS", "300").output();
    let page = out(&output.expect("the binary runs")).to_owned();
    let rows: Vec<&str> = page.lines().filter(|line| line.contains("Mira Holt")).collect();
    let different: BTreeSet<&&str> = rows.iter().collect();
    assert!(rows.len() > 1 && rows.len() == different.len(), "{page}");
}
