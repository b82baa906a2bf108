//! The time that a bundle ends, and records that say they are from beyond it.
//!
//! The end is the newest act that a provider stamped. An act more than 48 hours after everything else does not move it:
//! it is set aside as a fault of some clock, or a forgery. So are a few acts, less than one in a thousand, more than a
//! year after everything else.

use std::collections::BTreeMap;

use crate::base::time::Instant;

/// How many of the newest acts are remembered one by one.
const REMEMBERED: usize = 64;

/// How far a single act must lie behind everything else to be set aside.
const SINGLE_HOURS: i64 = 48;

/// How far several must.
const SEVERAL_DAYS: i64 = 366;

/// The stamps of acts, as far as the end of a bundle needs them.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    /// The newest stamps, in ascending order.
    newest: Vec<Instant>,
    /// How many acts each day has.
    days: BTreeMap<i64, u64>,
    /// The day of the last act, which mostly is that of the next one, too.
    last: Option<(i64, u64)>,
}

impl Clock {
    /// Adds the stamp of an act.
    pub(super) fn tick(&mut self, at: Instant) {
        match &mut self.last {
            Some((day, count)) if *day == at.day() => *count += 1,
            _ => {
                self.settle();
                self.last = Some((at.day(), 1));
            }
        }
        if self.newest.len() < REMEMBERED || self.newest.first().is_some_and(|oldest| at > *oldest) {
            let position = self.newest.partition_point(|other| *other <= at);
            self.newest.insert(position, at);
            if self.newest.len() > REMEMBERED {
                self.newest.remove(0);
            }
        }
    }

    fn settle(&mut self) {
        if let Some((day, count)) = self.last.take() {
            *self.days.entry(day).or_default() += count;
        }
    }

    /// Adds what another clock counted.
    pub(super) fn merge(&mut self, mut other: Self) {
        self.settle();
        other.settle();
        for (day, count) in other.days {
            *self.days.entry(day).or_default() += count;
        }
        self.newest.extend(other.newest);
        self.newest.sort_unstable();
        let surplus = self.newest.len().saturating_sub(REMEMBERED);
        self.newest.drain(..surplus);
    }

    /// The newest stamp of all.
    pub(super) fn newest(&self) -> Option<Instant> {
        self.newest.last().copied()
    }

    /// The end of the bundle; what is stamped later is set aside. `None` where nothing is stamped.
    pub(super) fn end(&self) -> Option<Instant> {
        let singles = self.without_singles()?;
        Some(self.without_several().map_or(singles, |end| end.min(singles)))
    }

    /// The newest stamp that is not alone behind everything else.
    fn without_singles(&self) -> Option<Instant> {
        let mut newest = self.newest.iter().rev();
        let mut end = *newest.next()?;
        for before in newest {
            if before.plus_hours(SINGLE_HOURS) >= end {
                break;
            }
            end = *before;
        }
        Some(end)
    }

    /// The end of the last day before a gap behind which only a few acts lie.
    fn without_several(&self) -> Option<Instant> {
        let mut days = self.days.clone();
        if let Some((day, count)) = self.last {
            *days.entry(day).or_default() += count;
        }
        let total: u64 = days.values().sum();
        let mut behind = 0;
        let mut later: Option<i64> = None;
        for (day, count) in days.iter().rev() {
            if later.is_some_and(|later| later - day > SEVERAL_DAYS) && behind * 1000 <= total {
                return Instant::from_millis((day + 1) * 86_400_000 - 1);
            }
            behind += count;
            later = Some(*day);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(times: &[&str]) -> Clock {
        let mut clock = Clock::default();
        for time in times {
            clock.tick(Instant::parse(time).expect("a time"));
        }
        clock
    }

    fn end(clock: &Clock) -> String {
        clock.end().expect("stamped").to_string()
    }

    #[test]
    fn the_newest_act_is_the_end() {
        assert_eq!(end(&clock(&["2026-11-17T10:00:00Z", "2026-11-18T10:00:00Z"])), "2026-11-18T10:00:00Z");
        assert_eq!(end(&clock(&["2026-11-17T10:00:00Z"])), "2026-11-17T10:00:00Z");
        assert!(clock(&[]).end().is_none());
    }

    #[test]
    fn an_act_far_behind_everything_else_does_not_move_it() {
        let forged = clock(&["2026-11-17T10:00:00Z", "2026-11-18T10:00:00Z", "2099-01-01T00:00:00Z"]);
        assert_eq!(end(&forged), "2026-11-18T10:00:00Z");
    }

    #[test]
    fn a_few_far_behind_do_not_move_it_either() {
        let mut clock = Clock::default();
        let start = Instant::parse("2026-11-01T00:00:00Z").expect("a time");
        for minute in 0..4000 {
            clock.tick(start.plus_millis(minute * 60_000));
        }
        for _ in 0..3 {
            clock.tick(Instant::parse("2099-01-01T00:00:00Z").expect("a time"));
        }
        assert_eq!(clock.end().map(Instant::date).as_deref(), Some("2026-11-03"));
    }

    #[test]
    fn the_order_does_not_matter() {
        let times = ["2026-11-17T10:00:00Z", "2026-11-18T10:00:00Z", "2026-11-20T11:00:00Z", "2026-11-16T10:00:00Z"];
        let mut reversed = times;
        reversed.reverse();
        assert_eq!(clock(&times).end(), clock(&reversed).end());
        let mut merged = clock(&times[..2]);
        merged.merge(clock(&times[2..]));
        assert_eq!(merged.end(), clock(&times).end());
    }
}
