//! Time in the simulated world: seconds since 1970 in UTC, and the ways in which logs print them.

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 3600;
pub(crate) const DAY: i64 = 86_400;

/// The moment at which every simulated export was taken: 2026-11-20T00:00:00Z.
pub(crate) const END: i64 = 1_795_132_800;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A second, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
}

pub(crate) fn civil(at: i64) -> Civil {
    let days = at.div_euclid(DAY);
    let rest = at.rem_euclid(DAY);
    // Days since 0000-03-01, in eras of 400 years: leap days then fall at the end of a year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    Civil {
        year: era * 400 + year_of_era + i64::from(month <= 2),
        month,
        day: of_year - (153 * shifted_month + 2) / 5 + 1,
        hour: rest / HOUR,
        minute: rest / MINUTE % 60,
        second: rest % 60,
    }
}

/// 0 is Monday.
pub(crate) fn weekday(at: i64) -> i64 {
    (at.div_euclid(DAY) + 3).rem_euclid(7)
}

pub(crate) fn is_weekend(at: i64) -> bool {
    weekday(at) >= 5
}

fn two(text: &mut [u8], at: usize, value: i64) {
    text[at] = b'0' + (value / 10 % 10) as u8;
    text[at + 1] = b'0' + (value % 10) as u8;
}

/// `2026-10-05T09:12:02Z`, as CloudTrail prints it.
pub(crate) fn iso_bytes(at: i64) -> [u8; 20] {
    let when = civil(at);
    let mut text = *b"0000-00-00T00:00:00Z";
    two(&mut text, 0, when.year / 100);
    two(&mut text, 2, when.year % 100);
    for (position, value) in [(5, when.month), (8, when.day), (11, when.hour), (14, when.minute), (17, when.second)] {
        two(&mut text, position, value);
    }
    text
}

pub(crate) fn iso(at: i64) -> String {
    iso_bytes(at).iter().map(|&byte| char::from(byte)).collect()
}

/// `2026-10-05T09:12:02.144Z`, as Okta and GitHub print it.
pub(crate) fn iso_millis(at: i64, millis: u64) -> String {
    let text = iso(at);
    format!("{}.{:03}Z", &text[..19], millis % 1000)
}

/// `2026-10-05T09:12:02+00:00`, as the AWS command line prints it.
pub(crate) fn iso_offset(at: i64) -> String {
    let text = iso(at);
    format!("{}+00:00", &text[..19])
}

/// `2026-10-05T09:12:02.093000+00:00`, as the AWS command line prints a fraction.
pub(crate) fn iso_micros(at: i64, millis: u64) -> String {
    let text = iso(at);
    format!("{}.{:03}000+00:00", &text[..19], millis % 1000)
}

/// `Oct 5, 2026, 9:12:02 PM`: the display date of STS and IAM responses.
pub(crate) fn display(at: i64) -> String {
    let when = civil(at);
    let half = if when.hour < 12 { "AM" } else { "PM" };
    let hour = if when.hour % 12 == 0 { 12 } else { when.hour % 12 };
    let month = MONTHS[(when.month - 1) as usize];
    format!("{month} {}, {}, {hour}:{:02}:{:02} {half}", when.day, when.year, when.minute, when.second)
}

/// `2026/10/05`, as S3 folders are named.
pub(crate) fn folder(at: i64) -> String {
    let when = civil(at);
    format!("{:04}/{:02}/{:02}", when.year, when.month, when.day)
}

/// `20261005T0910Z`, rounded down to five minutes, as log files are named.
pub(crate) fn stamp(at: i64) -> String {
    let when = civil(at - at.rem_euclid(5 * MINUTE));
    format!("{:04}{:02}{:02}T{:02}{:02}Z", when.year, when.month, when.day, when.hour, when.minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_known_moments() {
        assert_eq!(iso(END), "2026-11-20T00:00:00Z");
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(display(END + 21 * HOUR + 732), "Nov 20, 2026, 9:12:12 PM");
        assert_eq!(display(END + 61), "Nov 20, 2026, 12:01:01 AM");
        assert_eq!(iso_millis(0, 7), "1970-01-01T00:00:00.007Z");
        assert_eq!(stamp(END + 14 * MINUTE + 59), "20261120T0010Z");
        assert_eq!(folder(END), "2026/11/20");
    }

    #[test]
    fn knows_the_days_of_the_week() {
        // 2026-11-20 is a Friday.
        assert_eq!(weekday(END), 4);
        assert!(is_weekend(END + DAY) && is_weekend(END + 2 * DAY) && !is_weekend(END + 3 * DAY));
    }
}
