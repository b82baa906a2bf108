//! Time as clutch uses it: milliseconds since 1970 in UTC, never today's date.

use std::fmt;

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// The earliest and the latest instant that can be printed as a four-digit year.
const PRINTABLE: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

impl Instant {
    /// The last instant of the year 9999.
    pub const LAST: Self = Self(253_402_300_799_999);

    /// An instant from milliseconds since 1970; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        PRINTABLE.contains(&millis).then_some(Self(millis))
    }

    /// An instant from seconds since 1970; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        Self::from_millis(seconds.checked_mul(1000)?)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This instant moved by a number of milliseconds, kept within the printable years.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis).clamp(*PRINTABLE.start(), *PRINTABLE.end()))
    }

    /// This instant moved by whole hours, kept within the printable years.
    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Self {
        self.plus_millis(hours.saturating_mul(3_600_000))
    }

    /// This instant moved by whole days of 24 hours, kept within the printable years.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        self.plus_hours(days.saturating_mul(24))
    }

    /// The number of whole UTC days since 1970.
    #[must_use]
    pub const fn day(self) -> i64 {
        self.0.div_euclid(86_400_000)
    }

    /// Reads a time that states its zone: RFC 3339 with `Z` or an offset, `T` or a space between date and time.
    ///
    /// The fixed form `YYYY-MM-DDTHH:MM:SS[.fraction]Z` is read by hand, because every audit record carries one;
    /// everything else goes to jiff.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        fixed_utc(text.as_bytes()).or_else(|| {
            let stamp: jiff::Timestamp = text.trim().parse().ok()?;
            Self::from_millis(stamp.as_millisecond())
        })
    }

    /// Reads a time that does not state its zone (`2026-09-14 08:02:11`, `2026-09-14T08:02:11.5`), as if it were UTC.
    ///
    /// Only for systems whose documentation says that such times are UTC; a record of unknown zone cannot prove an order.
    #[must_use]
    pub fn parse_naive_as_utc(text: &str) -> Option<Self> {
        let civil: jiff::civil::DateTime = text.trim().parse().ok()?;
        let stamp = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        Self::from_millis(stamp.as_millisecond())
    }

    /// The date alone, `YYYY-MM-DD`, in UTC.
    #[must_use]
    pub fn date(self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC with `Z`; milliseconds only where they are not zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.day());
        let in_day = self.0.rem_euclid(86_400_000);
        let (hour, minute, second, milli) =
            (in_day / 3_600_000, in_day / 60_000 % 60, in_day / 1000 % 60, in_day % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if milli != 0 {
            write!(f, ".{milli:03}")?;
        }
        f.write_str("Z")
    }
}

/// When a fact holds: it happened, it was seen in a snapshot, or nobody says.
///
/// Packed into eight bytes, because there are millions; ordered by time, with what is undated last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct When(i64);

impl When {
    /// A snapshot without a time says so: taken as of the bundle's end.
    pub const UNDATED: Self = Self(i64::MAX);

    /// It happened at this instant, stamped by the provider.
    #[must_use]
    pub const fn at(instant: Instant) -> Self {
        Self(instant.0 * 2)
    }

    /// A snapshot taken at this instant says so: true then, begun at an unknown time before.
    #[must_use]
    pub const fn seen(instant: Instant) -> Self {
        Self(instant.0 * 2 + 1)
    }

    /// [`Self::seen`] where the time is known, else [`Self::UNDATED`].
    #[must_use]
    pub fn taken(instant: Option<Instant>) -> Self {
        instant.map_or(Self::UNDATED, Self::seen)
    }

    /// The instant, where there is one.
    #[must_use]
    pub fn instant(self) -> Option<Instant> {
        (self != Self::UNDATED).then_some(Instant(self.0.div_euclid(2)))
    }

    /// The instant of something that happened; `None` for what a snapshot merely shows.
    #[must_use]
    pub fn happened(self) -> Option<Instant> {
        (self.0 % 2 == 0).then_some(Instant(self.0 / 2))
    }
}

impl fmt::Debug for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.happened(), self.instant()) {
            (Some(at), _) => write!(f, "{at}"),
            (None, Some(seen)) => write!(f, "seen {seen}"),
            (None, None) => f.write_str("undated"),
        }
    }
}

fn fixed_utc(bytes: &[u8]) -> Option<Instant> {
    let (&b'Z', bytes) = bytes.split_last()? else { return None };
    let (whole, fraction) = match bytes.get(19) {
        None => (bytes, None),
        Some(b'.') => (bytes.get(..19)?, Some(bytes.get(20..)?)),
        Some(_) => return None,
    };
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T' | b' ', h1, h2, b':', n1, n2, b':', s1, s2] = whole else {
        return None;
    };
    let two = |a: u8, b: u8| Some(digit(a)? * 10 + digit(b)?);
    let (year, month, day) = (two(y1, y2)? * 100 + two(y3, y4)?, two(m1, m2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(n1, n2)?, two(s1, s2)?);
    if year == 0 || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None; // a leap second goes to jiff, which folds it
    }
    let millis = fraction.map_or(Some(0), fraction_millis)?;
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Instant::from_millis(seconds * 1000 + millis)
}

fn fraction_millis(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let mut millis = 0;
    for place in 0..digits.len().max(3) {
        let value = digits.get(place).map_or(Some(0), |byte| digit(*byte))?;
        if place < 3 {
            millis = millis * 10 + value;
        }
    }
    Some(millis)
}

fn digit(byte: u8) -> Option<i64> {
    byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
}

const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 of a proleptic Gregorian date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse of [`days_from_civil`].
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_form_agrees_with_jiff() {
        for text in [
            "2026-09-14T08:02:11Z",
            "2024-02-29T23:59:59.999Z",
            "1999-12-31T00:00:00.1Z",
            "2000-02-29T12:00:00.123456789Z",
            "0001-01-01T00:00:00Z",
            "9998-12-31T23:59:59Z",
        ] {
            let by_hand = fixed_utc(text.as_bytes()).expect(text);
            let judge: jiff::Timestamp = text.parse().expect(text);
            assert_eq!(by_hand.millis(), judge.as_millisecond(), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-09-14T24:00:00Z",
            "2026-09-14T08:02:11.Z",
            "",
            "Z",
            "now",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }

    #[test]
    fn offsets_and_naive_times() {
        let utc = Instant::parse("2022-02-07T22:23:37Z");
        assert_eq!(Instant::parse("2022-02-08 09:23:37+11:00"), utc);
        assert_eq!(Instant::parse("2022-02-07T22:23:37"), None);
        assert_eq!(Instant::parse_naive_as_utc("2022-02-07 22:23:37"), utc);
    }

    #[test]
    fn when_packs_and_orders() {
        let instant = Instant::from_millis(-1).expect("in range");
        assert_eq!(When::at(instant).happened(), Some(instant));
        assert_eq!((When::seen(instant).happened(), When::seen(instant).instant()), (None, Some(instant)));
        assert_eq!((When::UNDATED.happened(), When::UNDATED.instant()), (None, None));
        assert!(When::at(instant) < When::seen(instant) && When::seen(instant) < When::at(instant.plus_millis(1)));
        assert!(When::seen(instant.plus_days(9_999_999)) < When::UNDATED);
    }

    #[test]
    fn printing_and_reading_back() {
        for millis in [0, -1, 1_789_378_200_000, 951_827_696_789, -62_135_596_800_000, 253_402_300_799_999] {
            let instant = Instant::from_millis(millis).expect("in range");
            assert_eq!(Instant::parse(&instant.to_string()), Some(instant));
        }
        assert_eq!(Instant::from_millis(1_789_378_200_005).expect("in range").to_string(), "2026-09-14T09:30:00.005Z");
    }
}
