//! Values as directory tools write them: times, counts of intervals.

use crate::base::time::Instant;

/// `20260914083000.0Z`, `/Date(1757839923000)/`, or a time with its zone. What PowerShell writes in the words of a place
/// is none: nobody can tell day from month.
pub(super) fn time(text: &str) -> Option<Instant> {
    let text = text.trim();
    if let Some(millis) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        return Instant::from_millis(millis.parse().ok()?);
    }
    let compact = text
        .strip_suffix('Z')
        .and_then(|text| text.split('.').next())
        .filter(|digits| digits.len() == 14 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let Some(digits) = compact else { return Instant::parse(text) };
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    let (date, clock) =
        ([part(0..4), part(4..6), part(6..8)].join("-"), [part(8..10), part(10..12), part(12..14)].join(":"));
    Instant::parse(&format!("{date}T{clock}Z"))
}

/// Intervals of 100 ns since 1601; nought and the largest number stand for never.
pub(super) fn filetime(text: &str) -> Option<Instant> {
    const BEFORE_1970: i64 = 11_644_473_600_000;
    let count: i64 = text.trim().parse::<i64>().ok().filter(|count| *count > 0 && *count < i64::MAX)?;
    Instant::from_millis(count / 10_000 - BEFORE_1970)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_tools_write_them() {
        let at = Instant::parse("2026-09-14T08:30:00Z");
        for text in ["20260914083000.0Z", "/Date(1789374600000)/", "2026-09-14T08:30:00.0000000Z"] {
            assert_eq!(time(text), at, "{text}");
        }
        assert_eq!(filetime("134338482000000000"), at);
        for none in ["13.09.2026 08:30:00", "9/14/2026 8:30:00 AM", "2026091408Z", ""] {
            assert_eq!(time(none), None, "{none}");
        }
        assert!(filetime("0").is_none() && filetime("9223372036854775807").is_none());
    }
}
