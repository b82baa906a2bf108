//! What a log's author may not do to a terminal, a sheet, a shell or a page; and the masking of secrets.
//!
//! Log values are written by strangers. Control characters, escape codes, direction overrides and invisible characters
//! are shown as what they are; a cell that a spreadsheet would run is quoted; what looks like a secret is masked in every
//! output, also in machine formats.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// Makes a text safe for a terminal line: one line, no control, no direction override, nothing invisible, no secret.
#[must_use]
pub fn terminal(text: &str) -> Cow<'_, str> {
    let text = masked(text);
    if !text.chars().any(is_hostile) {
        return text;
    }
    let mut clean = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_hostile(character) {
            let _ = write!(clean, "\\u{{{:x}}}", u32::from(character));
        } else {
            clean.push(character);
        }
    }
    Cow::Owned(clean)
}

/// Makes a text safe for a cell of a sheet: as for a terminal, and never a formula (CWE-1236).
#[must_use]
pub fn cell(text: &str) -> Cow<'_, str> {
    let text = terminal(text);
    if text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return Cow::Owned(format!("'{text}"));
    }
    text
}

/// Makes a text safe for a Markdown page: as for a terminal, with Markdown's own characters and HTML escaped.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in terminal(text).chars() {
        match character {
            '<' => clean.push_str("&lt;"),
            '>' => clean.push_str("&gt;"),
            '&' => clean.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' => {
                clean.push('\\');
                clean.push(character);
            }
            _ => clean.push(character),
        }
    }
    clean
}

/// Characters that do something instead of showing something.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(
            u32::from(character),
            0x00AD
                | 0x034F
                | 0x061C
                | 0x115F..=0x1160
                | 0x17B4..=0x17B5
                | 0x180B..=0x180F
                | 0x200B..=0x200F
                | 0x2028..=0x202E
                | 0x2060..=0x206F
                | 0x3164
                | 0xFE00..=0xFE0F
                | 0xFEFF
                | 0xFFA0
                | 0xFFF0..=0xFFFB
                | 0x1BCA0..=0x1BCA3
                | 0x1D173..=0x1D17A
                | 0xE0000..=0xE0FFF
        )
}

/// How a recognised secret begins, and which characters go on with it.
struct Shape {
    begins: &'static str,
    /// The fewest characters behind the beginning that make it a secret.
    at_least: usize,
    /// Further characters that belong to it, beside letters and digits.
    also: &'static [u8],
}

/// The shapes of secrets, by their vendors' documentation. Ids (AWS access key ids, Okta token ids) are no secrets.
const SHAPES: &[Shape] = &[
    Shape { begins: "ghp_", at_least: 30, also: b"_" },
    Shape { begins: "gho_", at_least: 30, also: b"_" },
    Shape { begins: "ghu_", at_least: 30, also: b"_" },
    Shape { begins: "ghs_", at_least: 30, also: b"_" },
    Shape { begins: "ghr_", at_least: 30, also: b"_" },
    Shape { begins: "github_pat_", at_least: 20, also: b"_" },
    Shape { begins: "glpat-", at_least: 16, also: b"_-." },
    Shape { begins: "gldt-", at_least: 16, also: b"_-." },
    Shape { begins: "hvs.", at_least: 20, also: b"_-" },
    Shape { begins: "hvb.", at_least: 20, also: b"_-" },
    Shape { begins: "xoxb-", at_least: 10, also: b"-" },
    Shape { begins: "xoxp-", at_least: 10, also: b"-" },
    Shape { begins: "xoxa-", at_least: 10, also: b"-" },
    Shape { begins: "xapp-", at_least: 10, also: b"-" },
    Shape { begins: "sk-", at_least: 20, also: b"_-" },
    Shape { begins: "AIza", at_least: 30, also: b"_-" },
    Shape { begins: "ya29.", at_least: 20, also: b"_-." },
    Shape { begins: "eyJ", at_least: 30, also: b"_-." },
    Shape { begins: "SSWS ", at_least: 20, also: b"_-" },
    Shape { begins: "Bearer ", at_least: 16, also: b"_-.~+/=" },
    Shape { begins: "ABSK", at_least: 40, also: b"+/=" },
    Shape { begins: "IQoJ", at_least: 60, also: b"+/=" },
    Shape { begins: "FwoG", at_least: 60, also: b"+/=" },
    Shape { begins: "npm_", at_least: 30, also: b"" },
    Shape { begins: "AccountKey=", at_least: 40, also: b"+/=" },
    Shape { begins: "aws_secret_access_key=", at_least: 40, also: b"+/=" },
];

/// Beginning and end of a private key, whose body may go over lines.
const PRIVATE_KEY: (&str, &str) = ("-----BEGIN", "-----END");

/// What is printed in place of a secret.
const MASK: &str = "[masked]";

static FINDER: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(SHAPES.iter().map(|shape| shape.begins)).ok());

/// Masks everything that looks like a secret, leaving its beginning, which names its kind.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    let text = private_keys(text);
    let Some(finder) = FINDER.as_ref() else { return text };
    let mut clean = String::new();
    let mut done = 0;
    for found in finder.find_iter(text.as_ref()) {
        let Some(shape) = SHAPES.get(found.pattern().as_usize()).filter(|_| found.start() >= done) else { continue };
        let begins_a_word =
            text.as_bytes().get(found.start().wrapping_sub(1)).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let rest = text.as_bytes().get(found.end()..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || shape.also.contains(byte)).count();
        if begins_a_word && length >= shape.at_least {
            clean.push_str(text.get(done..found.end()).unwrap_or_default());
            clean.push_str(MASK);
            done = found.end() + length;
        }
    }
    if done == 0 {
        return text;
    }
    clean.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(clean)
}

fn private_keys(text: &str) -> Cow<'_, str> {
    let Some(from) =
        text.find(PRIVATE_KEY.0).filter(|from| text.get(*from..).is_some_and(|key| key.contains("PRIVATE KEY")))
    else {
        return Cow::Borrowed(text);
    };
    let to = text.find(PRIVATE_KEY.1).filter(|to| *to > from).map_or(text.len(), |to| to + PRIVATE_KEY.1.len());
    let (before, behind) = (text.get(..from).unwrap_or_default(), text.get(to..).unwrap_or_default());
    Cow::Owned(format!("{before}{MASK}{}", private_keys(behind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts_on_a_terminal() {
        assert_eq!(terminal("mira\u{1b}[31m\nholt"), "mira\\u{1b}[31m\\u{a}holt");
        assert_eq!(terminal("\u{202e}tloh"), "\\u{202e}tloh");
        assert_eq!(terminal("Åsa Öberg"), "Åsa Öberg");
    }

    #[test]
    fn nothing_runs_in_a_sheet() {
        assert_eq!(cell("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(cell(" @SUM(1)"), "' @SUM(1)");
        assert_eq!(cell("mira"), "mira");
    }

    #[test]
    fn secrets_are_masked_and_ids_are_not() {
        let secret = format!("token ghp_{} used", "a1".repeat(18));
        assert_eq!(masked(&secret), "token ghp_[masked] used");
        let bearer = format!("Authorization: Bearer eyJ{}.x.y", "b".repeat(40));
        assert!(!masked(&bearer).contains("bbbb"));
        assert_eq!(masked("AKIAEXAMPLE0123456AB"), "AKIAEXAMPLE0123456AB");
        assert_eq!(masked("risk-sk-team"), "risk-sk-team");
        let key = "a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b";
        assert_eq!(masked(key), "a [masked] RSA PRIVATE KEY----- b");
    }

    #[test]
    fn markdown_is_text() {
        assert_eq!(markdown("<b>[x](y)|"), "&lt;b&gt;\\[x\\](y)\\|");
    }
}
