//! What a person, a script and a pipeline can rely on: exit codes, streams, formats, schemas, help.
//!
//! Nothing here says what the answers are (the stories do); names are taken from the answers themselves.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use crate::support::{clutch, files, fixtures, name};
use serde_json::Value;
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr;

pub(crate) const FORMATS: [&str; 5] = ["table", "json", "ndjson", "csv", "markdown"];

pub(crate) fn company() -> PathBuf {
    fixtures().join("company/bundle")
}

/// Asks the company.
pub(crate) fn ask(arguments: &[&str]) -> Output {
    clutch(&company(), arguments)
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().expect("it ends by itself")
}

pub(crate) fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("text")
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("text")
}

pub(crate) fn json(bundle: &Path, arguments: &[&str]) -> Value {
    let output = clutch(bundle, &[&["-q", "-f", "json"], arguments].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

pub(crate) fn items(answer: &Value) -> &[Value] {
    answer["items"].as_array().expect("items")
}

pub(crate) fn texts(answer: &Value, pointer: &str) -> Vec<String> {
    items(answer).iter().filter_map(|item| item.pointer(pointer)?.as_str().map(str::to_owned)).collect()
}

/// Names that the company knows: an orphan, an owner, something that is owned, and records.
pub(crate) struct Known {
    pub(crate) orphan: String,
    pub(crate) owner: String,
    pub(crate) owned: String,
    pub(crate) event: String,
    other_event: String,
}

pub(crate) static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let answer = json(&company(), &["inventory"]);
    let first = |status: &str, pointer: &str| {
        let item = items(&answer).iter().find(|item| item["status"] == status).expect("there is one");
        item.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned()
    };
    let mut evidence = answer["evidence"].as_object().expect("evidence").keys().cloned();
    Known {
        orphan: first("orphaned", "/agent/id"),
        owner: first("orphaned", "/owner/id"),
        owned: first("owned", "/agent/id"),
        event: evidence.next().expect("a record"),
        other_event: evidence.next_back().expect("another record"),
    }
});

/// Every command that answers, with words that it can answer.
pub(crate) fn commands(saved: &Saved) -> Vec<Vec<&str>> {
    let known = &*KNOWN;
    vec![
        vec!["who-owns", &known.orphan, &known.owned],
        vec!["owned-by", &known.owner],
        vec!["orphans", "--unattributed"],
        vec!["find", "example"],
        vec!["explain", &known.event],
        vec!["inventory", "--all"],
        vec!["coverage"],
        vec!["sources"],
        vec!["show", &known.event, &known.other_event],
        vec!["manifest"],
        vec!["verify", &saved.manifest],
        vec!["verify", &saved.report],
    ]
}

/// What was saved to be verified.
pub(crate) struct Saved {
    manifest: String,
    report: String,
    _folder: TempDir,
}

impl Saved {
    pub(crate) fn of(bundle: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let save = |command: &str| {
            let file = folder.path().join(command).display().to_string();
            assert_eq!(code(&clutch(bundle, &[command, "-q", "-f", "json", "-o", &file])), 0);
            file
        };
        let (manifest, report) = (save("manifest"), save("inventory"));
        Self { manifest, report, _folder: folder }
    }
}

/// A copy of the company, and more files.
fn copy(more: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in files(&company()) {
        let place = folder.path().join(file.strip_prefix(company()).expect("below"));
        fs::create_dir_all(place.parent().expect("a folder")).expect("writable");
        fs::copy(&file, place).expect("writable");
    }
    for (name, text) in more {
        fs::write(folder.path().join(name), text).expect("writable");
    }
    folder
}

/// Only what is read whole, so that nothing but the question decides.
fn clean() -> TempDir {
    let folder = copy(&[]);
    let answer = json(folder.path(), &["coverage"]);
    for item in items(&answer) {
        if item["refused"] != serde_json::json!([]) || item["obstacles"] != serde_json::json!([]) {
            fs::remove_file(folder.path().join(item["path"].as_str().expect("a path"))).expect("ours");
        }
    }
    folder
}

const BROKEN: (&str, &str) = ("broken.json", "{\"eventVersion\":\"1.11\",\"eventName\":");

#[test]
fn exit_codes_do_not_depend_on_the_format() {
    let (clean, broken) = (clean(), copy(&[BROKEN]));
    let (clean, broken) = (clean.path(), broken.path());
    let nowhere = Path::new("/nonexistent/exports");
    let known = &*KNOWN;
    let (orphan, owned, event) = (known.orphan.as_str(), known.owned.as_str(), known.event.as_str());
    let missing = "/nonexistent/folder/answer";
    let cases: &[(i32, &Path, &[&str])] = &[
        (0, clean, &["inventory"]),
        (0, clean, &["who-owns", owned, "--check"]),
        (0, clean, &["coverage", "--check", "--strict"]),
        (0, broken, &["inventory"]),
        (0, broken, &["coverage"]),
        (1, clean, &["orphans", "--check"]),
        (1, clean, &["inventory", "--check=any"]),
        (1, clean, &["who-owns", orphan, "--check"]),
        (1, clean, &["owned-by", &known.owner, "--check=worse"]),
        (1, broken, &["orphans", "--check", "--allow-unread", "50%"]),
        (2, clean, &["inventory", "--as-of", "tomorrow"]),
        (2, clean, &["inventory", "--tz", "Nowhere/Land"]),
        (2, clean, &["inventory", "--bogus"]),
        (2, clean, &["inventory", "--require", "nonsense"]),
        (2, clean, &["inventory", "--require", "okta_log:soon"]),
        (2, clean, &["inventory", "--check", "--allow-unread", "many"]),
        (2, clean, &["orphans", "--left-within", "soon"]),
        (2, clean, &["show", event, "--raw"]),
        (2, clean, &["verify", "/nonexistent/manifest.json"]),
        (3, clean, &["who-owns", "nobody-is-called-this"]),
        (3, clean, &["who-owns", "arn:aws"]),
        (3, clean, &["owned-by", "nobody-is-called-this"]),
        (3, clean, &["find", "nobody-is-called-this"]),
        (3, clean, &["explain", "e:ffffffffffffffff"]),
        (3, clean, &["show", "e:ffffffffffffffff"]),
        (3, clean, &["sources", "nonsense"]),
        (4, nowhere, &["inventory"]),
        (4, nowhere, &["manifest"]),
        (4, broken, &["inventory", "--strict"]),
        (4, broken, &["coverage", "--check"]),
        (4, broken, &["orphans", "--check"]),
        (4, broken, &["orphans", "--check", "--allow-unread", "0.1"]),
        (4, clean, &["inventory", "--require", "owners_file"]),
        (5, clean, &["inventory", "-o", missing]),
        (5, clean, &["sources", "-o", missing]),
        // Where several apply: 5, 2, 4, 3, 1 in this order.
        (5, broken, &["who-owns", "nobody-is-called-this", "--strict", "-o", missing]),
        (2, nowhere, &["who-owns", "nobody-is-called-this", "--tz", "Nowhere/Land"]),
        (4, broken, &["who-owns", "nobody-is-called-this", orphan, "--strict", "--check"]),
        (3, clean, &["who-owns", "nobody-is-called-this", orphan, "--check"]),
    ];
    let mut wrong = Vec::new();
    for (expected, bundle, arguments) in cases {
        for format in FORMATS {
            let output = clutch(bundle, &[&["-f", format], *arguments].concat());
            if code(&output) != *expected {
                wrong.push(format!("{} -f {format}: {} {}", arguments.join(" "), code(&output), err(&output)));
            }
            if *expected > 1 {
                assert!(!output.stderr.is_empty(), "{arguments:?}: an error is told");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn several_ids_are_answered_in_the_order_asked() {
    let known = &*KNOWN;
    let asked = [known.owned.as_str(), "nobody-is-called-this", "arn:aws", known.orphan.as_str()];
    let question = [&["who-owns"], &asked[..]].concat();
    let answer = json(&company(), &question);
    let found: Vec<&str> = items(&answer).iter().filter_map(|item| item["asked"].as_str()).collect();
    assert_eq!(found, asked);
    let [one, nobody, several, other] = items(&answer) else { panic!("{answer:#}") };
    assert_eq!((one["agent"]["id"].as_str(), other["agent"]["id"].as_str()), (Some(asked[0]), Some(asked[3])));
    assert!(nobody["not_found"]["near"].is_array() && nobody.get("agent").is_none(), "{nobody:#}");
    assert!(several["ambiguous"].as_array().is_some_and(|list| list.len() > 1), "{several:#}");
    let output = ask(&question);
    assert_eq!(code(&output), 3);
    assert!(err(&output).contains("nobody-is-called-this") && err(&output).contains("can mean several"));
    assert!(!out(&output).contains("nobody-is-called-this"), "stdout carries the answer only");

    // The same from stdin, one a line.
    let mut child = Command::new(env!("CARGO_BIN_EXE_clutch"))
        .arg("-b")
        .arg(company())
        .args(["who-owns", "-", "-q", "-f", "json"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(format!("  {}\n\n{}\r\n", asked.join("\n"), "").as_bytes()).expect("written");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).ok(), Some(answer), "{output:?}");
    assert_eq!(code(&output), 3);
}

#[test]
fn sources_that_must_be_there() {
    let clean = clean();
    let spans = json(clean.path(), &["coverage"]);
    let source = spans["sources"][0]["source"].as_str().expect("a source").to_owned();
    let dated = spans["sources"].as_array().into_iter().flatten().find(|span| span["last"].is_string());
    let dated = dated.and_then(|span| span["source"].as_str()).expect("a source with times").to_owned();
    assert_eq!(code(&clutch(clean.path(), &["inventory", "--require", &source])), 0);
    assert_eq!(code(&clutch(clean.path(), &["inventory", "--require", &format!("{dated}:520w")])), 0);
    let later = ["inventory", "--as-of", "2030-01-01", "--require", &format!("{dated}:36h")];
    let output = clutch(clean.path(), &later);
    assert_eq!(code(&output), 4);
    assert!(err(&output).contains("its newest record is of"), "{output:?}");
    assert!(!output.stdout.is_empty(), "what is known is still answered");
    let absent = clutch(clean.path(), &["inventory", "--require", "owners_file"]);
    assert!(err(&absent).contains("no record of this source was read"), "{absent:?}");
}

#[test]
fn files_left_out_are_told() {
    let all = json(&company(), &["coverage"]);
    let paths: BTreeSet<String> = texts(&all, "/path").into_iter().collect();
    for (option, says) in [("--only", "not among --only"), ("--skip", "left out by --skip")] {
        let answer = json(&company(), &["coverage", option, "aws/*"]);
        assert_eq!(texts(&answer, "/path").into_iter().collect::<BTreeSet<_>>(), paths, "every file is listed");
        for item in items(&answer) {
            let left_out = item["path"].as_str().is_some_and(|path| path.starts_with("aws/")) == (option == "--skip");
            assert_eq!(item["excluded"], if left_out { Value::from(says) } else { Value::Null }, "{item:#}");
            assert_eq!(left_out, item["seen"] == 0, "{item:#}");
        }
        assert!(out(&ask(&["coverage", option, "aws/*"])).contains(says));
    }
    assert_eq!(code(&ask(&["coverage", "--only", "["])), 2);
}

#[test]
fn an_answer_in_a_file_is_whole_or_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("answer.json");
    let path = file.display().to_string();
    let listed = || -> Vec<String> { files(folder.path()).iter().map(|path| name(path)).collect() };
    let printed = ask(&["inventory", "-f", "json"]);
    let filed = ask(&["inventory", "-f", "json", "-o", &path]);
    assert_eq!((code(&filed), filed.stdout.len()), (0, 0));
    assert_eq!(fs::read(&file).expect("written"), printed.stdout, "the same bytes");
    // What stood there stays until the new answer is whole.
    for wrong in [
        clutch(Path::new("/nonexistent"), &["inventory", "-f", "json", "-o", &path]),
        ask(&["inventory", "--as-of", "tomorrow", "-o", &path]),
        ask(&["inventory", "-o", &folder.path().display().to_string()]),
        ask(&["inventory", "-o", &folder.path().join("none/answer.json").display().to_string()]),
        ask(&["inventory", "-o", &format!("{path}/answer.json")]),
    ] {
        assert!(code(&wrong) >= 2, "{wrong:?}");
        assert_eq!(fs::read(&file).expect("still there"), printed.stdout);
        assert_eq!(listed(), ["answer.json"], "nothing is left behind");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&file).expect("there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "evidence is nobody else's business");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).expect("ours");
        let output = as_anybody(folder.path(), &["inventory", "-o", &path]);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("ours");
        assert_eq!(code(&output), 5, "{output:?}");
        assert!(err(&output).contains("could not be written") && err(&output).contains(&path), "{output:?}");
        assert_eq!(listed(), ["answer.json"]);
    }
}

/// Runs the binary with the rights of anybody: root may write everywhere, so as root it is run as nobody, from where
/// nobody can reach it. The company is read from a copy that nobody can read.
#[cfg(unix)]
fn as_anybody(temporary: &Path, arguments: &[&str]) -> Output {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let tools = copy(&[]);
    fs::set_permissions(tools.path(), fs::Permissions::from_mode(0o755)).expect("ours");
    let binary = tools.path().join("clutch-binary");
    fs::copy(env!("CARGO_BIN_EXE_clutch"), &binary).expect("copied");
    let mut command = Command::new(&binary);
    if is_root(tools.path()) {
        command.uid(65_534);
    }
    command.arg("-b").arg(tools.path()).args(["--skip", "clutch-binary"]).args(arguments);
    command.env_clear().env("TMPDIR", temporary).output().expect("it runs")
}

/// Whether rights mean nothing to us.
#[cfg(unix)]
fn is_root(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let closed = folder.join("closed");
    fs::create_dir(&closed).expect("a folder");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("ours");
    let root = fs::read_dir(&closed).is_ok();
    fs::remove_dir(&closed).expect("ours");
    root
}

#[test]
fn a_reader_who_stops_is_content() {
    for arguments in [&["inventory", "--all", "-f", "json"][..], &["coverage"], &["sources"], &["--help"], &["schema"]]
    {
        let mut child = Command::new(env!("CARGO_BIN_EXE_clutch"))
            .arg("-b")
            .arg(company())
            .args(arguments)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(code(&output), 0, "{arguments:?}: {output:?}");
        assert!(!err(&output).contains("panicked"), "{output:?}");
    }
}

#[test]
fn stdout_carries_the_answer_and_stderr_the_rest() {
    let broken = copy(&[BROKEN]);
    let loud = clutch(broken.path(), &["inventory", "-v", "--as-of", "2027-01-01"]);
    assert!(err(&loud).contains("were not read") && err(&loud).contains(BROKEN.0), "{loud:?}");
    assert!(err(&loud).contains("as of 2027-01-01T23:59:59.999Z"), "how a naive time was read: {loud:?}");
    let quiet = clutch(broken.path(), &["inventory", "-q", "--as-of", "2027-01-01"]);
    assert!(quiet.stderr.is_empty(), "{quiet:?}");
    assert_eq!(loud.stdout, quiet.stdout);
    for arguments in [&["who-owns", "nobody-is-called-this"][..], &["inventory", "--tz", "Nowhere/Land"]] {
        let output = ask(arguments);
        assert!(output.stdout.is_empty() && err(&output).starts_with("clutch: "), "{output:?}");
        assert!(err(&output).contains("hint: "), "{output:?}");
    }
}

#[test]
fn colour_only_where_it_is_wanted() {
    let run = |arguments: &[&str], no_color: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clutch"));
        command.arg("-b").arg(company()).args(arguments).env_clear();
        command.envs(no_color.map(|value| ("NO_COLOR", value)));
        command.output().expect("the binary runs").stdout.contains(&0x1b)
    };
    for command in ["inventory", "orphans", "coverage", "sources"] {
        assert!(!run(&[command], None), "no terminal, no colour");
        assert!(!run(&[command, "--color", "never"], None));
        assert!(!run(&[command, "--color", "auto"], Some("1")));
        for format in ["json", "ndjson", "csv", "markdown"] {
            assert!(!run(&[command, "--color", "always", "-f", format], None), "{command} {format}");
        }
    }
    assert!(run(&["inventory", "--color", "always"], None));
    assert!(run(&["inventory", "--color", "always"], Some("1")), "an option goes before the environment");
}

#[test]
fn pages_fit_the_columns() {
    let saved = Saved::of(&company());
    let mut wide = Vec::new();
    for columns in ["60", "80", "132"] {
        // A record and a manifest are there to be copied; they are never broken.
        for arguments in commands(&saved).iter().filter(|words| !["show", "manifest"].contains(&words[0])) {
            let mut command = Command::new(env!("CARGO_BIN_EXE_clutch"));
            command.arg("-b").arg(company()).args(arguments).env_clear().env("COLUMNS", columns);
            let output = command.output().expect("the binary runs");
            let most: usize = columns.parse().expect("a number");
            let long = out(&output).lines().filter(|line| line.width() > most);
            wide.extend(long.map(|line| format!("{} at {columns}: {line}", arguments[0])));
        }
    }
    assert!(wide.is_empty(), "{} lines\n{}", wide.len(), wide.join("\n"));
}

#[test]
fn a_cut_answer_says_so() {
    for command in [&["inventory", "--all"][..], &["orphans", "--unattributed"], &["find", "example"]] {
        let all = items(&json(&company(), command)).len();
        assert!(all > 2, "{command:?}: there is something to cut");
        let says = format!("2 of {all} shown");
        let cut = |format: &str| ask(&[command, &["--limit", "2", "-f", format]].concat());
        assert!(out(&cut("table")).contains(&says), "{}", out(&cut("table")));
        let answer: Value = serde_json::from_slice(&cut("json").stdout).expect("JSON");
        assert_eq!((items(&answer).len(), answer["of"].as_u64()), (2, Some(all as u64)));
        for format in ["ndjson", "csv", "markdown"] {
            assert!(err(&cut(format)).contains(&says), "{format}: {:?}", cut(format));
        }
        assert_eq!(out(&cut("ndjson")).lines().count(), 2);
        let whole = ask(&[command, &["--limit", &all.to_string(), "-f", "csv"]].concat());
        assert!(!err(&whole).contains("shown"), "{whole:?}");
        assert!(json(&company(), command).get("of").is_none());
    }
}

#[test]
fn zones_are_for_people() {
    let known = &*KNOWN;
    let page = |zone: &str| ask(&["explain", &known.event, "--tz", zone, "-q"]);
    assert_ne!(page("UTC").stdout, page("Asia/Tokyo").stdout);
    for format in ["json", "ndjson", "csv", "markdown"] {
        let machine = |zone: &str| ask(&["explain", &known.event, "--tz", zone, "-f", format]).stdout;
        assert_eq!(machine("UTC"), machine("Asia/Tokyo"), "{format}");
    }
    let typed = |zone: &str| json(&company(), &["inventory", "--as-of", "2026-08-15", "--tz", zone])["as_of"].clone();
    assert_eq!(typed("UTC"), "2026-08-15T23:59:59.999Z");
    assert_eq!(typed("Asia/Tokyo"), "2026-08-15T14:59:59.999Z");
    assert_eq!(typed("+02:00"), "2026-08-15T21:59:59.999Z");
    let answer = json(&company(), &["inventory", "--all"]);
    let mut times = Vec::new();
    walk(&answer, &mut |key, value| {
        if ["as_of", "at", "first", "last", "time", "first_seen", "last_seen", "ended_at", "last_used"].contains(&key) {
            times.extend(value.as_str().map(str::to_owned));
        }
    });
    assert!(times.len() > 20 && times.iter().all(|time| time.ends_with('Z')), "{times:?}");
}

/// Shows every member of every object.
pub(crate) fn walk(value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| walk(item, see)),
        Value::Object(members) => {
            for (key, member) in members {
                see(key, member);
                walk(member, see);
            }
        }
        _ => {}
    }
}

/// Path, time of change, rights and bytes of every file and folder.
#[cfg(unix)]
fn state(folder: &Path) -> Vec<(PathBuf, std::time::Duration, u32, Vec<u8>)> {
    use std::os::unix::fs::MetadataExt;
    let mut all = vec![folder.to_owned()];
    let mut states = Vec::new();
    while let Some(path) = all.pop() {
        let meta = fs::symlink_metadata(&path).expect("there");
        let bytes = if meta.is_dir() { Vec::new() } else { fs::read(&path).expect("readable") };
        if meta.is_dir() {
            all.extend(crate::support::entries(&path));
        }
        let changed = std::time::Duration::new(meta.mtime() as u64, meta.mtime_nsec() as u32);
        states.push((path, changed, meta.mode(), bytes));
    }
    states.sort();
    states
}

#[cfg(unix)]
#[test]
fn the_evidence_is_only_read_and_nothing_is_left() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let rights = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
    let (evidence, tools, temporary) = (copy(&[]), tempfile::tempdir(), tempfile::tempdir());
    let (tools, temporary) = (tools.expect("a folder"), temporary.expect("a folder"));
    let binary = tools.path().join("clutch");
    fs::copy(env!("CARGO_BIN_EXE_clutch"), &binary).expect("copied");
    let saved = Saved::of(evidence.path());
    for file in [&saved.manifest, &saved.report] {
        fs::copy(file, tools.path().join(name(Path::new(file)))).expect("copied");
        rights(&tools.path().join(name(Path::new(file))), 0o644);
    }
    rights(tools.path(), 0o755);
    rights(temporary.path(), 0o777);
    let root = is_root(tools.path());
    let folders: BTreeSet<PathBuf> = files(evidence.path())
        .iter()
        .flat_map(|file| file.ancestors().map(Path::to_owned).collect::<Vec<_>>())
        .collect();
    let inside = |path: &&PathBuf| path.starts_with(evidence.path());
    folders.iter().filter(inside).for_each(|path| rights(path, if path.is_dir() { 0o555 } else { 0o444 }));
    let before = state(evidence.path());
    let (manifest, report) = (tools.path().join("manifest"), tools.path().join("inventory"));
    let saved = Saved { manifest: manifest.display().to_string(), report: report.display().to_string(), ..saved };
    for arguments in commands(&saved) {
        for format in ["table", "json"] {
            let mut command = Command::new(&binary);
            if root {
                command.uid(65_534);
            }
            command.arg("-b").arg(evidence.path()).args(["-f", format]).args(&arguments).env_clear();
            command.env("TMPDIR", temporary.path()).current_dir(evidence.path());
            let output = command.output().expect("it runs");
            assert_eq!(code(&output), 0, "{arguments:?}: {output:?}");
            let usual = clutch(evidence.path(), &[&["-f", format], &arguments[..]].concat());
            assert_eq!(output.stdout, usual.stdout, "{arguments:?}: the environment changes nothing");
        }
    }
    let after = state(evidence.path());
    folders.iter().filter(inside).filter(|path| path.is_dir()).for_each(|path| rights(path, 0o755));
    assert!(before == after, "the evidence has changed");
    assert_eq!(fs::read_dir(temporary.path()).expect("readable").count(), 0, "a temporary file is left");
}
