//! Days as HR reports write them.

use crate::base::time::Instant;

/// The beginning of a day, in UTC. `None` where the text names no day, or where nobody can tell day from month.
///
/// A time or an offset behind the day (`2026-09-30-07:00`) is of the employer's zone, and left out: the day is what was
/// meant.
pub(super) fn day(text: &str) -> Option<Instant> {
    let text = text.trim();
    let (year, month, day) = iso(text).or_else(|| millis(text)).or_else(|| parted(text)).or_else(|| named(text))?;
    Instant::parse(&format!("{year:04}-{month:02}-{day:02}T00:00:00Z"))
}

/// The end of a day that is still part of something.
pub(super) fn through(day: Instant) -> Instant {
    day.plus_days(1).plus_millis(-1)
}

type Date = (u32, u32, u32);

fn iso(text: &str) -> Option<Date> {
    let date = text.get(..10)?;
    let mut parts = date.split('-').map(str::parse::<u32>);
    let date = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let behind = text.get(10..)?.chars().next();
    (date.0 >= 1900 && behind.is_none_or(|behind| !behind.is_ascii_digit())).then_some(date)
}

/// `/Date(1727654400000)/`.
fn millis(text: &str) -> Option<Date> {
    let millis = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let millis = millis.split('+').next()?.parse().ok()?;
    iso(&Instant::from_millis(millis)?.date())
}

/// `30.09.2026`, `30/09/2026`, `09/30/2026`: with dots the day stands first, with slashes a number above twelve tells.
fn parted(text: &str) -> Option<Date> {
    let mark = if text.contains('.') { '.' } else { '/' };
    let mut parts = text.split(mark).map(|part| part.trim().parse::<u32>());
    let (first, second, year) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let is_whole = parts.next().is_none() && year >= 1900;
    match (first, second) {
        _ if !is_whole => None,
        (day, month) if mark == '.' || day > 12 || day == month => Some((year, month, day)),
        (month, day) if day > 12 => Some((year, month, day)),
        _ => None,
    }
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// `30-Sep-2026`, `30 September 2026`, `Sep 30, 2026`.
fn named(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(['-', ' ', ',']).filter(|part| !part.is_empty()).collect();
    let [one, two, year] = parts.as_slice() else { return None };
    let month = |name: &str| {
        let name = name.get(..3)?.to_ascii_lowercase();
        MONTHS.iter().position(|month| *month == name).and_then(|at| u32::try_from(at + 1).ok())
    };
    let (month, day) = match (month(one), month(two)) {
        (Some(month), None) => (month, two),
        (None, Some(month)) => (month, one),
        _ => return None,
    };
    Some((year.parse().ok().filter(|year| *year >= 1900)?, month, day.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_as_they_are_written() {
        let at = Instant::parse("2026-09-30T00:00:00Z");
        for text in [
            "2026-09-30",
            "2026-09-30-07:00",
            "2026-09-30T00:00:00.000-07:00",
            "30.09.2026",
            "30/09/2026",
            "9/30/2026",
            "30-Sep-2026",
            "Sep 30, 2026",
            "30 September 2026",
            "/Date(1790726400000)/",
        ] {
            assert_eq!(day(text), at, "{text}");
        }
    }

    #[test]
    fn a_day_that_could_be_two_is_none() {
        for text in ["09/10/2026", "10/09/2026", "tomorrow", "2026", "", "2026-13-40", "1/2/3/4", "0000-00-00"] {
            assert_eq!(day(text), None, "{text}");
        }
        assert!(day("09/09/2026").is_some());
    }
}
