//! The page of a record: where it stands, and its text as it is written, secrets masked.

use crate::query::cite::Citations;
use crate::query::show::Replayed;
use crate::report::clean;
use crate::report::page::{Page, Paper};

/// Writes the page; with `laid_out`, a JSON record in lines of its own, every key, number and string as it is written.
#[must_use]
pub fn page(record: &Replayed, laid_out: bool, cite: &Citations, paper: &Paper) -> String {
    let mut page = Page::new(paper.clone());
    let time = record.time.map(|at| at.to_string());
    let parts: Vec<String> =
        [cite.label(record.evidence).to_owned(), record.source.to_owned()].into_iter().chain(time).collect();
    page.paragraph(1, &parts.join(" · "));
    for place in &record.places {
        page.paragraph(1, &format!("{} record {}", place.file, place.number));
    }
    page.gap();
    let text = clean::record(&record.text);
    let lines = if laid_out { in_lines(&text) } else { None };
    for line in lines.as_deref().unwrap_or(&text).lines() {
        // A tab moves nothing but the eye.
        page.line(&clean::terminal(&line.replace('\t', "    ")));
    }
    page.finish()
}

/// Lays JSON out for reading by its white space alone: parsing it would sort keys and round numbers. `None` where the text
/// is no JSON object or list.
fn in_lines(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.starts_with(['{', '[']) || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return None;
    }
    let mut laid = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_string, mut escaped, mut opened) = (0_usize, false, false, false);
    let new_line = |laid: &mut String, depth: usize| {
        laid.push('\n');
        laid.extend(std::iter::repeat_n("  ", depth));
    };
    for character in text.chars() {
        if in_string {
            laid.push(character);
            (in_string, escaped) = (escaped || character != '"', !escaped && character == '\\');
            continue;
        }
        if character.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(character, '}' | ']');
        if closes {
            depth = depth.saturating_sub(1);
        }
        // Nothing stands between the brackets of an empty list.
        if opened != closes {
            new_line(&mut laid, depth);
        }
        opened = matches!(character, '{' | '[');
        laid.push(character);
        match character {
            '{' | '[' => depth += 1,
            ',' => new_line(&mut laid, depth),
            ':' => laid.push(' '),
            '"' => in_string = true,
            _ => {}
        }
    }
    Some(laid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_changes() {
        let text = r#"{"z":12345678901234567890,"a":[1.10,{},[] , {"b":"x: {\\\" ,y"}],"a":null}"#;
        let laid = in_lines(text).unwrap_or_default();
        let expected = r#"{
  "z": 12345678901234567890,
  "a": [
    1.10,
    {},
    [],
    {
      "b": "x: {\\\" ,y"
    }
  ],
  "a": null
}"#;
        assert_eq!(laid, expected);
        assert_eq!(in_lines("user: mira"), None);
        assert_eq!(in_lines("{\"cut\": "), None);
    }
}
