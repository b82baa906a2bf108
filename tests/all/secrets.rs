//! Canary secrets of every shape, planted wherever a log's author can write: none of their letters leaves by any door.
//!
//! The records are those of the fixtures. In each, some of its strings are replaced by a canary, or get one added: names,
//! tags, user agents, parameters, messages, ids, times. What no longer can be read is a record that is refused, which is
//! one more door. The canaries are made here, letter by letter: no secret, not even a false one, stands in this file.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Dice, files, fixtures, name};
use aho_corasick::AhoCorasick;
use serde_json::{Map, Value};

/// A secret: its text, and the parts of it that nobody may see.
struct Canary {
    text: String,
    parts: Vec<String>,
}

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn drawn(dice: &mut Dice, from: &[u8], length: usize) -> String {
    (0..length).map(|_| char::from(from[dice.below(from.len())])).collect()
}

/// One canary of each shape: what it begins with, and how many characters of which kind follow.
fn canaries(dice: &mut Dice) -> Vec<Canary> {
    let shapes: &[(&str, &[u8], usize)] = &[
        ("", BASE64, 40),
        ("IQoJb3JpZ2luX2Vj", BASE64, 300),
        ("FwoGZXIvYXdzE", BASE64, 200),
        ("ghp_", LETTERS, 36),
        ("gho_", LETTERS, 36),
        ("ghs_", LETTERS, 36),
        ("github_pat_", LETTERS, 82),
        ("SSWS 00", LETTERS, 40),
        ("Bearer ", LETTERS, 43),
        ("xoxb-", LETTERS, 40),
        ("xoxp-", LETTERS, 40),
        ("xapp-1-", LETTERS, 60),
        ("glpat-", LETTERS, 20),
        ("hvs.", LETTERS, 90),
        ("sk-proj-", LETTERS, 120),
        ("sk-ant-api03-", LETTERS, 95),
        ("AIzaSy", LETTERS, 33),
        ("ya29.", LETTERS, 150),
        ("DefaultEndpointsProtocol=https;AccountName=tickets;AccountKey=", BASE64, 86),
        ("ABSK", BASE64, 128),
        ("https://hooks.slack.com/services/", LETTERS, 44),
    ];
    let mut all: Vec<Canary> = shapes
        .iter()
        .map(|(begins, letters, length)| {
            let body = drawn(dice, letters, *length);
            Canary { text: format!("{begins}{body}"), parts: vec![body] }
        })
        .collect();
    let parts: Vec<String> = [40, 160, 43].iter().map(|length| drawn(dice, LETTERS, *length)).collect();
    all.push(Canary { text: format!("eyJ{}.eyJ{}.{}", parts[0], parts[1], parts[2]), parts });
    let parts: Vec<String> = (0..6).map(|_| drawn(dice, BASE64, 64)).collect();
    let (begin, end) = ("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----");
    all.push(Canary { text: format!("{begin}\n{}\n{end}\n", parts.join("\n")), parts });
    all
}

/// Keys that name a secret: under them it is masked whatever it looks like.
const KEYS: &[&str] = &[
    "secretAccessKey",
    "sessionToken",
    "password",
    "clientSecret",
    "client_secret",
    "apiKey",
    "x-api-key",
    "Authorization",
    "token",
    "privateKey",
    "webIdentityToken",
];

/// A secret as it can stand in an id, where slashes and line breaks separate names.
fn in_an_id(secret: &str) -> String {
    if secret.contains("://") { "none".to_owned() } else { secret.replace(['/', '\n'], "+") }
}

struct Planter {
    dice: Dice,
    canaries: Vec<Canary>,
    /// A secret without any shape.
    plain: Canary,
    records: usize,
}

impl Planter {
    fn new() -> Self {
        let mut dice = Dice(0x05EC_2E75);
        let canaries = canaries(&mut dice);
        let plain = drawn(&mut dice, b"abcdefghijklmnopqrstuvwxyz", 30);
        Self { dice, canaries, plain: Canary { text: plain.clone(), parts: vec![plain] }, records: 0 }
    }

    fn any(&mut self) -> &str {
        let number = self.dice.below(self.canaries.len());
        &self.canaries[number].text
    }

    /// A text with a canary in it.
    fn planted(&mut self, text: &str) -> String {
        let way = self.dice.below(5);
        // An address is taken in small letters, in which an AWS secret has no shape any more.
        let canary = if text.contains('@') { &self.canaries[3].text } else { self.any() }.to_owned();
        let canary = if text.contains(' ') { canary } else { in_an_id(&canary) };
        match way {
            0 | 1 => canary,
            2 => format!("{text} {canary}"),
            3 => format!("{text}/{canary}"),
            _ => format!("{text}\n{canary}, {text}"),
        }
    }

    fn plant(&mut self, value: &mut Value) {
        match value {
            Value::String(text) if self.dice.below(8) == 0 => *text = self.planted(text),
            Value::Array(list) => list.iter_mut().for_each(|item| self.plant(item)),
            Value::Object(members) => {
                if self.dice.below(8) == 0 {
                    members.insert(self.any().to_owned(), "here".into());
                }
                members.values_mut().for_each(|item| self.plant(item));
                if self.dice.below(8) == 0 {
                    self.hide(members);
                }
            }
            _ => {}
        }
    }

    /// Puts a secret without a shape under keys that name one.
    fn hide(&mut self, members: &mut Map<String, Value>) {
        let plain = &self.plain.text;
        members.extend(KEYS.iter().map(|key| ((*key).to_owned(), plain.clone().into())));
        members.insert("environment".into(), serde_json::json!([{"name": "DB_PASSWORD", "value": plain}]));
        members.insert("held".into(), serde_json::json!({ "apiKey": plain }).to_string().into());
        members.insert("uri".into(), format!("https://example.com/?user=mira&client_secret={plain}").into());
    }

    /// A record, with an id of its own so that no other one is its twin.
    fn record(&mut self, text: &str) -> Option<String> {
        let mut value: Value = serde_json::from_str(text).ok()?;
        self.plant(&mut value);
        for id in ["eventID", "uuid", "_document_id"] {
            if value.get(id).is_some() {
                value[id] = self.next_id().into();
            }
        }
        Some(value.to_string())
    }

    fn next_id(&mut self) -> String {
        self.records += 1;
        format!("00000000-0000-4000-8000-{:012}", self.records)
    }
}

/// Writes the bundle: every input of the sources' plain fixtures and of the company, planted.
fn lay(planter: &mut Planter, folder: &Path) {
    let mut inputs = files(&fixtures().join("sources"));
    inputs.retain(|path| path.parent().is_some_and(|case| case.ends_with("plain")) && name(path).starts_with("input"));
    inputs.extend(files(&fixtures().join("company/bundle/okta")));
    inputs.extend(files(&fixtures().join("company/bundle/aws/identity-center")));
    let write = |name: String, content: &[u8]| fs::write(folder.join(name), content).expect("writable");
    for (number, path) in inputs.iter().enumerate() {
        let text = fs::read_to_string(path).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        let planted = match planter.record(&text) {
            Some(document) => document,
            None if lines.iter().any(|line| line.starts_with('{')) => {
                lines.iter().filter_map(|line| planter.record(line)).map(|line| line + "\n").collect()
            }
            // A table or a document: each of its texts gets a canary at its end.
            None => {
                lines.iter().map(|line| line.replacen("\",", &format!(" {}\",", planter.any()), 1) + "\n").collect()
            }
        };
        write(format!("{number:03}"), planted.as_bytes());
    }
    let shapes: Vec<String> = planter.canaries.iter().map(|canary| canary.text.clone()).collect();
    for (number, shape) in shapes.iter().enumerate() {
        let event = planter.next_id();
        write(file_name(number, shape), agent(&event, shape).as_bytes());
        write(format!("refused-{number}.json"), format!("{{\"unknown\":{shape:?}}}\n{{\"cut\":{shape:?}").as_bytes());
        write(format!("lines-{number}.log"), format!("a line with {shape}\nand more\n").as_bytes());
    }
    let mut archive = tar::Builder::new(Vec::new());
    for (number, shape) in shapes.iter().enumerate() {
        let shape = file_name(number, shape);
        let text = agent(&planter.next_id(), "in an archive");
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("logs/{shape}.json"), text.as_bytes()).expect("memory");
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        archive.append_link(&mut header, format!("links/{shape}"), "elsewhere").expect("memory");
    }
    write("archive.tar".to_owned(), &archive.into_inner().expect("memory"));
}

/// A name that is a secret as far as a name can be: no longer than a file system allows.
fn file_name(number: usize, shape: &str) -> String {
    let name = in_an_id(shape);
    format!("{number} {}", name.get(..200).unwrap_or(&name))
}

/// Somebody whose name is a secret makes an agent whose name, tags and role are one, from a host that is one.
fn agent(event: &str, secret: &str) -> String {
    let id: String = event.chars().rev().filter(char::is_ascii_digit).take(10).collect();
    let named = in_an_id(secret);
    let user = serde_json::json!({
        "type": "IAMUser", "principalId": format!("AIDAEXAMPLE{id}"), "accountId": "111122223333",
        "arn": format!("arn:aws:iam::111122223333:user/{named}"), "accessKeyId": format!("AKIAEXAMPLE{id}"),
        "userName": secret,
    });
    let record = serde_json::json!({
        "eventVersion": "1.11", "userIdentity": user, "eventTime": "2026-11-10T10:00:00Z",
        "eventSource": "bedrock.amazonaws.com", "eventName": "CreateAgent", "awsRegion": "eu-west-1",
        "sourceIPAddress": secret, "userAgent": secret, "errorMessage": secret,
        "requestParameters": {
            "agentName": secret, "description": secret, "tags": {"owner": secret, secret: "x"},
            "agentResourceRoleArn": format!("arn:aws:iam::111122223333:role/{named}"),
        },
        "responseElements": {"agent": {
            "agentId": format!("A{id}"), "agentName": secret,
            "agentArn": format!("arn:aws:bedrock:eu-west-1:111122223333:agent/A{id}"),
        }},
        "resources": [{"ARN": format!("arn:aws:s3:::tickets/{named}"), "type": "AWS::S3::Object"}],
        "eventID": event, "eventType": "AwsApiCall", "recipientAccountId": "111122223333",
    });
    let mut record = record;
    // An agent exists only where its creation succeeded.
    record.as_object_mut().expect("an object").remove("errorMessage");
    record.to_string()
}

/// Looks for eight letters of any canary in a row, large or small.
struct Watch {
    finder: AhoCorasick,
    findings: Vec<String>,
}

impl Watch {
    fn new(planter: &Planter) -> Self {
        let parts = planter.canaries.iter().chain([&planter.plain]).flat_map(|canary| &canary.parts);
        let windows = parts.flat_map(|part| part.as_bytes().windows(8));
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(windows).expect("patterns");
        Self { finder, findings: Vec::new() }
    }

    fn sees(&self, bytes: &[u8]) -> bool {
        self.finder.is_match(bytes)
    }

    fn look(&mut self, what: &str, bytes: &[u8]) {
        let found = self.finder.find_iter(bytes).next().map(|found| {
            let around = &bytes[found.start().saturating_sub(120)..(found.end() + 60).min(bytes.len())];
            format!("{what}: …{}…", String::from_utf8_lossy(around))
        });
        self.findings.extend(found);
    }
}

struct Run<'a> {
    bundle: &'a Path,
    scratch: &'a Path,
}

impl Run<'_> {
    fn run(&self, arguments: &[&str], columns: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_clutch"))
            .arg("-b")
            .arg(self.bundle)
            .args(arguments)
            .env_clear()
            .env("TMPDIR", self.scratch)
            .env("COLUMNS", columns)
            .current_dir(self.scratch)
            .output()
            .expect("the binary runs")
    }

    /// Texts at a path of every item of an answer.
    fn texts(&self, arguments: &[&str], pointer: &str) -> Vec<String> {
        let output = self.run(&[arguments, &["-q", "-f", "json"]].concat(), "80");
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        items.iter().filter_map(|item| item.pointer(pointer)?.as_str().map(str::to_owned)).collect()
    }
}

#[test]
fn no_canary_leaves_by_any_door() {
    let mut planter = Planter::new();
    let (bundle, scratch, out) = (tempfile::tempdir(), tempfile::tempdir(), tempfile::tempdir());
    let (bundle, scratch, out) = (bundle.expect("a folder"), scratch.expect("a folder"), out.expect("a folder"));
    lay(&mut planter, bundle.path());
    let mut watch = Watch::new(&planter);
    let run = Run { bundle: bundle.path(), scratch: scratch.path() };

    let things: Vec<String> = run.texts(&["inventory", "--all"], "/agent/handle").into_iter().take(60).collect();
    assert!(things.len() > 50, "agents were made");
    let people = run.texts(&["find", "a"], "/id");
    let people: Vec<&str> = people.iter().map(String::as_str).filter(|id| id.contains('@')).take(30).collect();
    let step = (planter.records / 60).max(1);
    let events: Vec<String> =
        (1..=planter.records).step_by(step).map(|number| format!("00000000-0000-4000-8000-{number:012}")).collect();
    // Words that are secrets themselves: they are echoed, searched for, and near to what they name.
    let secrets: Vec<String> = planter.canaries.iter().map(|canary| canary.text.clone()).collect();
    let nearly: Vec<String> = secrets.iter().map(|secret| format!("{}q", &secret[..secret.len() - 1])).collect();
    let list = |words: &[String]| words.to_vec();
    // A private key begins with dashes.
    let ask = |command: &str| vec![command.to_owned(), "--".to_owned()];
    let save = |name: &str| out.path().join(name).display().to_string();
    let (manifest, report) = (save("manifest.json"), save("report.json"));
    let commands: Vec<Vec<String>> = vec![
        [ask("who-owns"), things].concat(),
        [ask("who-owns"), list(&secrets), list(&nearly)].concat(),
        [ask("owned-by"), people.iter().map(|id| (*id).to_owned()).collect(), list(&secrets)].concat(),
        vec!["orphans".into(), "--unattributed".into()],
        vec!["inventory".into(), "--all".into()],
        vec!["find".into(), "a".into()],
        vec!["find".into(), "sk-".into()],
        [ask("explain"), list(&events), list(&secrets)].concat(),
        [ask("show"), list(&events), list(&nearly)].concat(),
        vec!["coverage".into(), "-v".into()],
        vec!["manifest".into()],
        vec!["verify".into(), manifest.clone()],
        vec!["verify".into(), report.clone()],
        vec!["sources".into()],
    ];
    for (command, file) in [(vec!["manifest"], &manifest), (vec!["inventory", "--all"], &report)] {
        let output = run.run(&[&command[..], &["-q", "-f", "json", "-o", file]].concat(), "80");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    let mut masks = 0;
    for command in &commands {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        for format in ["table", "json", "ndjson", "csv", "markdown"] {
            let file = save(&format!("{}.{format}", words[0]));
            let whole = run.run(&[&["-f", format], &words[..]].concat(), "80");
            let what = format!("{} {format}", words[..words.len().min(2)].join(" "));
            assert!(!matches!(whole.status.code(), None | Some(2 | 4 | 5)), "{what}: {:?}", whole.status);
            watch.look(&format!("{what}, stdout"), &whole.stdout);
            watch.look(&format!("{what}, stderr"), &whole.stderr);
            masks += String::from_utf8_lossy(&whole.stdout).matches("[masked]").count();
            if format == "json" && ["show", "inventory", "manifest", "verify"].contains(&words[0]) {
                let filed = run.run(&[&["-f", format, "-o", &file], &words[..]].concat(), "80");
                assert!(filed.stdout.is_empty(), "{filed:?}");
                watch.look(&format!("{what}, -o"), &fs::read(&file).expect("written"));
            }
        }
        for columns in ["40", "200"] {
            let page = run.run(&[&["--ids"], &words[..]].concat(), columns);
            watch.look(&format!("{}, {columns} columns", words[0]), &page.stdout);
        }
    }
    assert!(watch.findings.is_empty(), "{} leaks\n{}", watch.findings.len(), watch.findings.join("\n"));
    assert!(masks > 1000, "what was planted was shown, masked: {masks}");

    // The only door: a whole record, on demand, into a file.
    let refused = run.run(&["show", &events[0], "--raw"], "80");
    assert_eq!(refused.status.code(), Some(2));
    let file = save("raw.json");
    let mut words: Vec<&str> = vec!["show", "--raw", "-q", "-o", &file];
    words.extend(events.iter().map(String::as_str));
    let raw = run.run(&words, "80");
    watch.look("show --raw, stdout and stderr", &[raw.stdout, raw.stderr, refused.stdout, refused.stderr].concat());
    assert!(watch.findings.is_empty(), "{:?}", watch.findings);
    let raw = fs::read_to_string(&file).expect("written");
    assert!(watch.sees(raw.as_bytes()) && raw.contains(&planter.plain.text), "the records do hold canaries");
    assert_eq!(fs::read_dir(scratch.path()).expect("a folder").count(), 0, "nothing stays behind");
}

#[test]
fn a_manifest_with_masked_names_can_still_be_verified() {
    let bundle = tempfile::tempdir().expect("a folder");
    let mut dice = Dice(7);
    for number in 0..2 {
        let name = format!("ghp_{}", drawn(&mut dice, LETTERS, 36));
        fs::write(bundle.path().join(name), format!("{number}")).expect("writable");
    }
    let out = tempfile::tempdir().expect("a folder");
    let file = out.path().join("manifest.json").display().to_string();
    let run = Run { bundle: bundle.path(), scratch: out.path() };
    assert_eq!(run.run(&["manifest", "-f", "json", "-o", &file], "80").status.code(), Some(0));
    assert!(fs::read_to_string(&file).expect("written").contains("ghp_[masked]"));
    assert_eq!(run.run(&["verify", &file], "80").status.code(), Some(0));
    let one = files(bundle.path()).remove(0);
    fs::write(one, "changed").expect("writable");
    assert_eq!(run.run(&["verify", &file], "80").status.code(), Some(1));
}
