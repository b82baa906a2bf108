//! The README says what the code does: its source table is made from the sources' own cards, and every source has a card,
//! a file and fixtures.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clutch::source::ALL;

use crate::support::{entries, fixtures, name};

const BEGIN: &str = "<!-- sources: made by the test, from the cards -->\n";
const END: &str = "<!-- end of sources -->";

#[test]
fn the_source_table_is_that_of_the_cards() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).expect("a README");
    let begin = readme.find(BEGIN).expect("the beginning of the table") + BEGIN.len();
    let end = readme.find(END).expect("the end of the table");
    let table = table();
    if readme[begin..end] != table {
        if std::env::var_os("CLUTCH_BLESS").is_some() {
            fs::write(&path, format!("{}{table}{}", &readme[..begin], &readme[end..])).expect("writable");
        } else {
            panic!("the README's source table differs from the cards; CLUTCH_BLESS=1 writes it");
        }
    }
}

fn table() -> String {
    let mut table = "| source | tells | export it with |\n| --- | --- | --- |\n".to_owned();
    for source in ALL {
        let card = source.card();
        let commands: Vec<String> =
            card.exports.iter().map(|export| format!("`{}`", export.command.replace('|', "\\|"))).collect();
        let _ = writeln!(table, "| **{}** `{}` | {} | {} |", card.title, card.name, card.tells, commands.join("<br>"));
    }
    table
}

#[test]
fn registry_files_and_fixtures_agree() {
    let names: Vec<&str> = ALL.iter().map(|source| source.card().name).collect();
    assert!(names.is_sorted(), "{names:?}");
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/source");
    for source in &names {
        let file = src.join(format!("{source}.rs")).exists() || src.join(source).join("mod.rs").exists();
        assert!(file, "{source} has no file of its name");
        for case in ["plain", "routes", "odd"] {
            let case = fixtures().join("sources").join(source).join(case);
            assert!(case.join("facts.txt").exists(), "{} is missing", case.display());
        }
    }
    for folder in entries(&fixtures().join("sources")) {
        assert!(names.contains(&name(&folder).as_str()), "{} is of no source", folder.display());
    }
}
