//! What a log's author may not do to a terminal, a sheet, a shell or a page; and the masking of secrets.
//!
//! Log values are written by strangers. Control characters, escape codes, direction overrides and invisible characters
//! are shown as what they are; a cell that a spreadsheet would run is quoted; what looks like a secret is masked in every
//! output, also in machine formats.

mod keys;
mod secrets;

use std::borrow::Cow;
use std::fmt::Write as _;

pub use keys::record;
pub use secrets::masked;

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
    fn markdown_is_text() {
        assert_eq!(markdown("<b>[x](y)|"), "&lt;b&gt;\\[x\\](y)\\|");
    }
}
