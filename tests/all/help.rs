//! The help texts: read once, kept in `fixtures/help`, and every command has an example.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::contract::{code, out};
use crate::support::{files, fixtures, name};
use unicode_width::UnicodeWidthStr;

#[test]
fn help_is_as_it_was_read() {
    let folder = fixtures().join("help");
    let help = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_clutch")).args(words).env_clear().output().expect("it runs");
        assert_eq!(code(&output), 0, "{words:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
        out(&output).to_owned()
    };
    let overview = help(&["--help"]);
    let listed = overview.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<&str> = listed
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() > 10, "{commands:?}");
    let mut texts = vec![("clutch".to_owned(), overview.clone())];
    for command in commands.iter().filter(|command| **command != "help") {
        let text = help(&[command, "--help"]);
        assert_eq!(text, help(&["help", command]));
        assert!(help(&[command, "-h"]).contains("Usage: clutch"));
        let examples = text.split_once("Examples:").unwrap_or_else(|| panic!("{command} has no example")).1;
        assert!(
            examples
                .lines()
                .any(|line| line.trim_start().contains(&format!("clutch {command}")) || line.contains(command))
        );
        assert!(text.lines().all(|line| line.width() <= 100), "{command}");
        texts.push(((*command).to_owned(), text));
    }
    let mut differing = Vec::new();
    for (command, text) in &texts {
        let file = folder.join(format!("{command}.txt"));
        if std::env::var_os("CLUTCH_BLESS").is_some() {
            fs::create_dir_all(&folder).expect("writable");
            fs::write(&file, text).expect("writable");
        } else if fs::read_to_string(&file).unwrap_or_default() != *text {
            differing.push(file.display().to_string());
        }
    }
    assert!(differing.is_empty(), "CLUTCH_BLESS=1 writes them; read every line: {}", differing.join(", "));
    let kept: BTreeSet<String> = files(&folder).iter().map(|file| name(file)).collect();
    assert_eq!(kept, texts.iter().map(|(command, _)| format!("{command}.txt")).collect(), "and no others");
}
