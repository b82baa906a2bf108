//! Paths that cannot be had: the message says what is wrong, where, and what to try, in words of people.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::bad_input::event;

/// Runs in a folder; as nobody where `nobody`, for root may read everything.
fn run(folder: &Path, binary: &Path, arguments: &[&str], nobody: bool) -> Output {
    let mut command = Command::new(binary);
    #[cfg(unix)]
    if nobody {
        use std::os::unix::process::CommandExt;
        command.uid(65_534);
    }
    command.current_dir(folder).args(arguments).env_clear().output().expect("the binary runs")
}

#[cfg(unix)]
#[test]
fn paths_that_cannot_be_had() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let tools = tempfile::tempdir().expect("a folder");
    let open = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
    open(tools.path(), 0o755);
    let binary = tools.path().join("clutch");
    fs::copy(env!("CARGO_BIN_EXE_clutch"), &binary).expect("copied");
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    open(folder, 0o777);
    fs::create_dir(folder.join("exports")).expect("a folder");
    fs::create_dir(folder.join("empty")).expect("a folder");
    fs::create_dir(folder.join("closed")).expect("a folder");
    fs::write(folder.join("exports/trail.json"), event(1, "2026-11-10T10:00:00Z")).expect("written");
    fs::write(folder.join("secret.json"), event(1, "2026-11-10T10:00:00Z")).expect("written");
    symlink("moved-away", folder.join("link")).expect("a link");
    open(&folder.join("closed"), 0o000);
    open(&folder.join("secret.json"), 0o000);
    let nobody = fs::read_dir(folder.join("closed")).is_ok();
    let here = folder.canonicalize().expect("there").display().to_string();
    let holds_no = format!("{here} is there, and holds no export");
    let pipe = "write what it gives to a file first";
    let cases: &[(i32, &[&str], &[&str])] = &[
        (4, &["-b", "export", "inventory"], &["cannot be read: export: no such file or folder", &holds_no]),
        (4, &["-b", "a=export/x/y", "inventory"], &["cannot be read: export/x/y: no such file", &holds_no]),
        (4, &["-b", "~/exports", "inventory"], &["the shell did not replace ~; try $HOME/exports"]),
        (4, &["-b", "", "inventory"], &["no such file or folder", "-b takes a folder, a file or an archive"]),
        (
            4,
            &["-b", "link", "coverage"],
            &["cannot be read: link: a link to moved-away, which is not there", "-b takes a folder"],
        ),
        (
            4,
            &["-b", "exports/trail.json/x", "inventory"],
            &["a part of the path is a file", "exports/trail.json is a file; an archive is read whole"],
        ),
        (4, &["-b", "closed", "inventory"], &["cannot be read: closed: permission denied", "somebody who may read it"]),
        (4, &["-b", "secret.json", "manifest"], &["cannot be read: secret.json: permission denied"]),
        (4, &["-b", "/dev/null", "inventory"], &["/dev/null: a device, pipe or socket", pipe]),
        (4, &["-b", "empty", "inventory"], &["nothing was recognised", "there is no file in it"]),
        (4, &["-b", "exports", "--skip", "*", "inventory"], &["--only and --skip leave nothing to read"]),
        (
            4,
            &["-b", "exports", "--owners", "owners.toml", "inventory"],
            &["cannot be read: owners.toml: no such file or folder"],
        ),
        (5, &["-b", "exports", "inventory", "-o", "exports"], &["exports: a folder, not a file"]),
        (5, &["-b", "exports", "inventory", "-o", "out/x.json"], &["out: no such file or folder", "mkdir -p out"]),
        (5, &["-b", "exports", "inventory", "-o", "secret.json/x"], &["secret.json is a file, not a folder"]),
        (2, &["-b", "exports", "verify", "nothing.json"], &["nothing.json: no such file or folder", "verify takes"]),
        (2, &["-b", "exports", "verify", "exports"], &["exports: a folder, not a file"]),
    ];
    let mut wrong = Vec::new();
    for (code, arguments, says) in cases {
        let output = run(folder, &binary, arguments, nobody);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let system = ["entity", "os error", "unsupported"].iter().any(|word| told.contains(word));
        if output.status.code() != Some(*code) || system || says.iter().any(|says| !told.contains(says)) {
            wrong.push(format!("{arguments:?}: {:?}: {told}", output.status.code()));
        }
    }
    open(&folder.join("closed"), 0o755);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
