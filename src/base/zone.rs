//! The time zone in which a person reads and types times. Machine output is always UTC.

use super::time::Instant;

/// A time zone.
#[derive(Clone, Debug)]
pub struct Zone {
    zone: jiff::tz::TimeZone,
}

impl Default for Zone {
    fn default() -> Self {
        Self { zone: jiff::tz::TimeZone::UTC }
    }
}

impl Zone {
    /// A zone by its IANA name (`Europe/Berlin`), or by an offset (`+02:00`). `None` where there is no such zone.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        if name.eq_ignore_ascii_case("utc") || name == "Z" {
            return Some(Self::default());
        }
        let offset = || {
            let (sign, rest) = match name.split_at_checked(1)? {
                ("+", rest) => (1, rest),
                ("-", rest) => (-1, rest),
                _ => return None,
            };
            let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
            let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
            let offset = jiff::tz::Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
            Some(jiff::tz::TimeZone::fixed(offset))
        };
        offset().or_else(|| jiff::tz::TimeZone::get(name).ok()).map(|zone| Self { zone })
    }

    /// Whether it is UTC.
    #[must_use]
    pub fn is_utc(&self) -> bool {
        self.zone == jiff::tz::TimeZone::UTC
    }

    /// Reads a time that a person typed: with a zone as it says, without one in this zone; a bare date means the end of
    /// that day.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<Instant> {
        let text = text.trim();
        if let Some(instant) = Instant::parse(text) {
            return Some(instant);
        }
        let civil = match text.parse::<jiff::civil::Date>() {
            Ok(date) if text.len() <= 10 => date.at(23, 59, 59, 999_000_000),
            _ => text.parse::<jiff::civil::DateTime>().ok()?,
        };
        let stamp = civil.to_zoned(self.zone.clone()).ok()?.timestamp();
        Instant::from_millis(stamp.as_millisecond())
    }

    /// A date and time to the minute: `2026-06-03 09:11Z`, in another zone with its offset.
    #[must_use]
    pub fn minute(&self, instant: Instant) -> String {
        self.format(instant, "%Y-%m-%d %H:%M")
    }

    /// A date alone, in this zone.
    #[must_use]
    pub fn date(&self, instant: Instant) -> String {
        self.zoned(instant).map_or_else(|| instant.date(), |zoned| zoned.strftime("%Y-%m-%d").to_string())
    }

    fn format(&self, instant: Instant, pattern: &str) -> String {
        let Some(zoned) = self.zoned(instant) else { return instant.to_string() };
        let suffix = if self.is_utc() { "Z".to_owned() } else { zoned.strftime("%:z").to_string() };
        format!("{}{suffix}", zoned.strftime(pattern))
    }

    fn zoned(&self, instant: Instant) -> Option<jiff::Zoned> {
        let stamp = jiff::Timestamp::from_millisecond(instant.millis()).ok()?;
        Some(stamp.to_zoned(self.zone.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        let utc = Zone::default();
        let end = utc.parse("2026-08-15").expect("a date");
        assert_eq!(end.to_string(), "2026-08-15T23:59:59.999Z");
        assert_eq!(utc.parse("2026-08-15 10:00"), utc.parse("2026-08-15T10:00:00Z"));
        let berlin = Zone::named("Europe/Berlin").expect("a zone");
        assert_eq!(berlin.parse("2026-08-15 12:00"), utc.parse("2026-08-15T10:00:00Z"));
        let instant = utc.parse("2026-08-15T10:00:00Z").expect("a time");
        assert_eq!(
            (utc.minute(instant), berlin.minute(instant)),
            ("2026-08-15 10:00Z".into(), "2026-08-15 12:00+02:00".into())
        );
        assert_eq!(Zone::named("+02:00").expect("an offset").minute(instant), "2026-08-15 12:00+02:00");
        assert!(Zone::named("Mars/Olympus").is_none() && utc.parse("soon").is_none());
    }
}
