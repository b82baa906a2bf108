//! Bad input is normal: each kind gives a message that names file and record, is counted, loses nothing else, never
//! panics, and never ends well under `--strict`.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::support::clutch;
use clutch::base::progress::Progress;
use clutch::bundle::Bundle;
use clutch::bundle::limits::Limits;
use clutch::bundle::listing::{Filter, Root};
use clutch::intake::{self, Request};
use serde_json::Value;
use tempfile::TempDir;

/// A record that reads well: a model call of an IAM user.
pub(crate) fn event(number: u32, time: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","principalId":"AIDAEXAMPLE0000000001","arn":"arn:aws:iam::111122223333:user/svc","accountId":"111122223333","accessKeyId":"AKIAEXAMPLE000000001","userName":"svc"}},"eventTime":"{time}","eventSource":"bedrock.amazonaws.com","eventName":"InvokeModel","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","userAgent":"sdk","requestParameters":{{"modelId":"m"}},"responseElements":null,"eventID":"00000000-0000-4000-8000-{number:012}","recipientAccountId":"111122223333"}}"#
    )
}

fn good(number: u32) -> String {
    event(number, "2026-11-10T10:00:00Z")
}

fn lines(numbers: std::ops::Range<u32>) -> String {
    numbers.fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "{}", good(number));
        text
    })
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn bundle(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("writable");
    }
    folder
}

/// Coverage as JSON.
fn coverage(bundle: &Path, arguments: &[&str]) -> Value {
    let output = clutch(bundle, &[&["coverage", "-q", "-f", "json"], arguments].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// Checks what every kind of bad input has in common: the message, the books, what is still read, and the exit code.
fn check(folder: &TempDir, file: &str, says: &str, read: u64, arguments: &[&str]) {
    let answer = coverage(folder.path(), arguments);
    let totals = &answer["bundle"];
    let number = |key: &str| totals[key].as_u64().expect("a number");
    assert_eq!(number("records"), number("read") + number("duplicates") + number("set_aside") + number("refused"));
    assert_eq!(number("read"), read, "{answer:#}");
    let item =
        answer["items"].as_array().into_iter().flatten().find(|item| item["path"] == file).expect("the file is listed");
    let told = format!("{} {}", item["refused"], item["obstacles"]);
    assert!(told.contains(says), "{told}");
    let page = clutch(folder.path(), &[&["coverage"], arguments].concat());
    let page = String::from_utf8(page.stdout).expect("text");
    let flat: String = page.split_whitespace().collect();
    let wanted: String = says.split_whitespace().collect();
    assert!(flat.contains(&wanted) && page.contains(file.rsplit('/').next().expect("a name")), "{page}");
    let strict = clutch(folder.path(), &[&["inventory", "--strict"], arguments].concat());
    assert_eq!(strict.status.code(), Some(4), "{strict:?}");
    assert_eq!(clutch(folder.path(), &[&["inventory"], arguments].concat()).status.code(), Some(0));
}

#[test]
fn truncated_gzip() {
    let whole = gzip(lines(0..200).as_bytes());
    let folder = bundle(&[("good.json", lines(900..903).as_bytes()), ("cut.gz", &whole[..whole.len() - 20])]);
    let answer = coverage(folder.path(), &[]);
    let read = answer["bundle"]["read"].as_u64().expect("a number");
    assert!(read > 3, "what came before the cut is read: {answer:#}");
    check(&folder, "cut.gz", "cut short", read, &[]);
}

#[test]
fn a_corrupt_member_in_the_middle() {
    let mut bytes = gzip(lines(0..5).as_bytes());
    let damaged = bytes.len();
    bytes.extend(gzip(lines(5..10).as_bytes()));
    let after = bytes.len();
    bytes.extend(gzip(lines(10..15).as_bytes()));
    for byte in &mut bytes[damaged + 40..after - 12] {
        *byte ^= 0x5a;
    }
    let folder = bundle(&[("members.gz", &bytes)]);
    let answer = coverage(folder.path(), &[]);
    let read = answer["bundle"]["read"].as_u64().expect("a number");
    assert!(read >= 10, "the members before and behind are read: {answer:#}");
    check(&folder, "members.gz", "damaged compression", read, &[]);
}

#[test]
fn half_a_record() {
    let text = format!("{}{}\n{}", lines(0..2), &good(2)[..300], lines(3..5));
    check(&bundle(&[("half.json", text.as_bytes())]), "half.json", "not valid JSON", 4, &[]);
    let text = format!("{}{}", lines(0..2), &good(2)[..300]);
    check(&bundle(&[("end.json", text.as_bytes())]), "end.json", "the file ends inside the record", 2, &[]);
    let text = format!("{{\"Records\":[{},{},{}", good(0), &good(1)[..300], good(2));
    let folder = bundle(&[("list.json", text.as_bytes())]);
    check(&folder, "list.json", "not valid JSON", 2, &[]);
    check(&folder, "list.json", "its list of records is not closed", 2, &[]);
}

#[test]
fn an_over_long_record() {
    let long = format!("{{\"eventVersion\":\"{}\"}}", "x".repeat(3 << 20));
    let text = format!("{}{long}\n{}", lines(0..2), lines(2..4));
    check(&bundle(&[("long.json", text.as_bytes())]), "long.json", "longer than the limit", 4, &["--max-record", "1"]);
}

#[test]
fn deep_nesting() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let text = format!("{}{deep}\n{}", lines(0..2), lines(2..4));
    check(&bundle(&[("deep.json", text.as_bytes())]), "deep.json", "nested too deep", 4, &[]);
    let mut bytes = gzip(lines(0..2).as_bytes());
    for _ in 0..8 {
        bytes = gzip(&bytes);
    }
    let folder = bundle(&[("good.json", lines(5..6).as_bytes()), ("layers.gz", &bytes)]);
    check(&folder, "layers.gz", "nested too deep in archives", 1, &[]);
}

#[test]
fn a_bomb() {
    let mut text = lines(0..1).into_bytes();
    text.resize(300 << 20, b' ');
    let folder = bundle(&[("good.json", lines(5..6).as_bytes()), ("bomb.gz", &gzip(&text))]);
    check(&folder, "bomb.gz", "grows beyond measure", 2, &[]);
    check(&folder, "bomb.gz", "larger than the limit", 2, &["--max-file", "1"]);
}

#[test]
fn invalid_utf8_and_nul() {
    let mut broken = good(2).into_bytes();
    let at = broken.windows(3).position(|window| window == b"svc").expect("in it");
    broken[at] = 0xff;
    let text = [lines(0..2).as_bytes(), &broken, b"\n", lines(3..4).as_bytes()].concat();
    check(&bundle(&[("latin.json", &text)]), "latin.json", "not UTF-8 text", 3, &[]);
    let text = [lines(0..2).as_bytes(), &[0; 64], lines(3..4).as_bytes()].concat();
    check(&bundle(&[("nul.json", &text)]), "nul.json", "NUL bytes", 3, &[]);
}

#[test]
fn tables_with_other_columns() {
    let header = "user,arn,user_creation_time,password_enabled,password_last_used\n";
    let text = format!("{header}svc,arn:aws:iam::111122223333:user/svc\n");
    let folder = bundle(&[("good.json", lines(0..2).as_bytes()), ("report.csv", text.as_bytes())]);
    check(&folder, "report.csv", "more or fewer cells", 2, &[]);
}

#[test]
fn duplicates_are_counted_once() {
    let text = lines(0..3);
    let folder = bundle(&[("a.json", text.as_bytes()), ("b.json", text.as_bytes()), ("c.gz", &gzip(text.as_bytes()))]);
    let answer = coverage(folder.path(), &[]);
    assert_eq!((&answer["bundle"]["read"], &answer["bundle"]["duplicates"]), (&3.into(), &6.into()));
    let read: Vec<&Value> = answer["items"].as_array().expect("files").iter().map(|item| &item["duplicate"]).collect();
    assert_eq!(read, [&Value::from(0), &3.into(), &3.into()], "the first by path is the record");
}

#[test]
fn a_forged_twin() {
    let twin = good(1).replace("user/svc", "user/mallory");
    let folder = bundle(&[("a.json", lines(0..3).as_bytes()), ("b.json", twin.as_bytes())]);
    let answer = coverage(folder.path(), &[]);
    assert_eq!(answer["bundle"]["read"], 4, "both are kept");
    assert_eq!(answer["conflicts"].as_array().map(Vec::len), Some(1), "{answer:#}");
    let told = clutch(folder.path(), &["inventory"]);
    assert!(String::from_utf8_lossy(&told.stderr).contains("different contents"), "{told:?}");
}

#[test]
fn a_record_from_2099() {
    let text = format!("{}{}\n", lines(0..50), event(99, "2099-01-01T00:00:00Z"));
    let folder = bundle(&[("a.json", text.as_bytes())]);
    let answer = coverage(folder.path(), &[]);
    assert_eq!(answer["as_of"], "2026-11-10T10:00:00Z");
    assert_eq!(answer["items"][0]["set_aside"][0]["what"], "clock", "{answer:#}");
    assert!(!String::from_utf8_lossy(&clutch(folder.path(), &["inventory"]).stdout).contains("2099"));
}

#[test]
fn nothing_to_read() {
    for files in [&[][..], &[("empty.json", &b""[..])], &[("notes.txt", b"remember the milk\n")]] {
        let folder = bundle(files);
        let output = clutch(folder.path(), &["inventory"]);
        assert_eq!(output.status.code(), Some(4));
        assert!(String::from_utf8_lossy(&output.stderr).contains("nothing was recognised"), "{output:?}");
        assert!(output.stdout.is_empty());
    }
    let output = clutch(Path::new("/nonexistent/exports"), &["inventory"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nonexistent/exports"), "{output:?}");
}

#[cfg(unix)]
#[test]
fn links_devices_and_folders_without_permission() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::process::CommandExt;
    let folder = bundle(&[("good.json", lines(0..2).as_bytes())]);
    let path = folder.path();
    symlink(path, path.join("loop")).expect("a link");
    symlink("nowhere", path.join("dangling")).expect("a link");
    symlink("/dev/zero", path.join("endless")).expect("a link");
    for (file, says) in [("loop", "leads nowhere or back"), ("dangling", "leads nowhere"), ("endless", "device")] {
        check(&folder, file, says, 2, &[]);
    }
    let closed = path.join("closed");
    fs::create_dir(&closed).expect("a folder");
    fs::write(closed.join("inside.json"), lines(5..6)).expect("writable");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("ours");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("ours");
    // Root may read everything: as root the binary is run as nobody, from where nobody can reach it.
    let tools = tempfile::tempdir().expect("a folder");
    fs::set_permissions(tools.path(), fs::Permissions::from_mode(0o755)).expect("ours");
    let binary = tools.path().join("clutch");
    fs::copy(env!("CARGO_BIN_EXE_clutch"), &binary).expect("copied");
    let mut command = Command::new(&binary);
    if fs::read_dir(&closed).is_ok() {
        command.uid(65_534);
    }
    let output = command.arg("-b").arg(path).args(["coverage", "-f", "json"]).env_clear().output().expect("runs");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).expect("ours");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let closed = answer["items"].as_array().into_iter().flatten().find(|item| item["path"] == "closed/");
    assert!(closed.is_some_and(|item| item["obstacles"].to_string().contains("permission denied")), "{answer:#}");
    assert_eq!(answer["bundle"]["read"], 2);
}

#[test]
fn a_file_that_changes_while_it_is_read() {
    let folder = bundle(&[("a.json", lines(0..3).as_bytes())]);
    let root = Root { name: String::new(), path: folder.path().to_owned() };
    let bundle = Bundle::list(vec![root], &Filter::default(), Limits::default());
    fs::write(folder.path().join("a.json"), lines(0..5)).expect("writable");
    let request = Request { bundle: &bundle, as_of: None, threads: Some(1), progress: &Progress::default() };
    let loaded = intake::load(request);
    let file = &loaded.coverage.files[0];
    assert!(file.obstacles.iter().any(|obstacle| obstacle.to_string().contains("changed while")), "{file:?}");
}

#[test]
fn two_hundred_thousand_tiny_files() {
    let folder = tempfile::tempdir().expect("a folder");
    for group in 0..200 {
        let inner = folder.path().join(format!("{group:03}"));
        fs::create_dir(&inner).expect("a folder");
        for file in 0..1000 {
            fs::write(inner.join(format!("{file:03}.json")), good(group * 1000 + file)).expect("writable");
        }
    }
    fs::write(folder.path().join("000/000.json"), "{").expect("writable");
    let answer = coverage(folder.path(), &[]);
    assert_eq!(answer["bundle"]["read"], 199_999);
    assert_eq!(answer["bundle"]["refused"], 1);
}

#[test]
fn archives_harm_nobody() {
    let mut builder = tar::Builder::new(Vec::new());
    let text = lines(0..2);
    for name in ["logs/a.json", "evil.json"] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_790_000_000);
        builder.append_data(&mut header, name, text.as_bytes()).expect("memory");
    }
    let mut bytes = builder.into_inner().expect("memory");
    let at = bytes.windows(9).position(|window| window == b"evil.json").expect("in it");
    // The library will not write such a name; an attacker will.
    bytes[at..at + 9].copy_from_slice(b"../e.json");
    let sum: u32 = bytes[at..at + 512]
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
        .sum();
    bytes[at + 148..at + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let folder = bundle(&[("evidence.tar.gz", &gzip(&bytes))]);
    check(&folder, "evidence.tar.gz/../e.json", "leads out of the archive", 2, &[]);
}

#[test]
fn what_an_author_of_logs_may_not_do() {
    let name = "\u{1b}[2J\u{202e}=cmd";
    let escaped = "\\u001b[2J\\u202e=cmd";
    let text = lines(0..2)
        .replace("\"userName\":\"svc\"", &format!("\"userName\":\"{escaped}\""))
        .replace("user/svc", &format!("user/{escaped}"));
    let folder = bundle(&[("a.json", text.as_bytes())]);
    for format in ["table", "csv", "markdown"] {
        let output = clutch(folder.path(), &["inventory", "--all", "-f", format]);
        let page = String::from_utf8(output.stdout).expect("text");
        assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'), "{page:?}");
    }
    let formula =
        lines(0..2).replace("user/svc", "user/=cmd()").replace("\"userName\":\"svc\"", "\"userName\":\"=cmd()\"");
    let folder = bundle(&[("a.json", formula.as_bytes())]);
    let output = clutch(folder.path(), &["find", "cmd", "-f", "csv"]);
    let sheet = String::from_utf8(output.stdout).expect("text");
    assert!(
        sheet.contains("cmd()") && !sheet.split([',', '\n']).any(|cell| cell.trim_matches('"').starts_with('=')),
        "{sheet}"
    );
    let told = clutch(folder.path(), &["who-owns", name]);
    assert_eq!(told.status.code(), Some(3));
    assert!(!String::from_utf8_lossy(&told.stderr).contains('\u{1b}'), "{told:?}");
}
