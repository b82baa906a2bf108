//! Pages for people: one file per question.

pub mod coverage;
pub mod explain;
pub mod lists;
pub mod shared;
pub mod show;
pub mod sources;
pub mod who_owns;

/// `1 record`, `2 records`, `38,114 records`.
#[must_use]
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A number with a comma between thousands.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The beginning and the end of an id that is too long for its place: `AKIA…7QPL`. A secret is masked first: its two ends
/// would not be recognised any more.
#[must_use]
pub fn elided(text: &str, width: usize) -> String {
    let text = super::clean::masked(text);
    let length = text.chars().count();
    if length <= width || width < 5 {
        return text.into_owned();
    }
    let (head, tail) = ((width - 1) / 2, width - 1 - (width - 1) / 2);
    let begin: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(length - tail).collect();
    format!("{begin}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_for_people() {
        assert_eq!(counted(1, "record", "records"), "1 record");
        assert_eq!(counted(38_114, "record", "records"), "38,114 records");
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(elided("AKIAEXAMPLEM4TRI7QPL", 9), "AKIA…7QPL");
        assert_eq!(elided("short", 9), "short");
        assert_eq!(elided(&format!("ghp_{}", "a1".repeat(18)), 9), "ghp_…ked]");
    }
}
