//! The fields of an Entra record in any form but the API's own: PowerShell's objects, Log Analytics, tables.
//!
//! All of them name fields as the API does, but for capital letters; PowerShell keeps what its classes do not know in
//! `AdditionalProperties`; Log Analytics and its tables write nested values as JSON in a string, and `[UTC]` behind the
//! names of times. So names are compared without case, and a nested value is read from either.

use std::borrow::Cow;

use super::text::{Text, is_masked};
use super::texts::Members;
use crate::base::time::Instant;
use crate::bundle::record::{Body, Object, Row, string, word};

/// The fields of a record.
pub(crate) enum Fields<'a> {
    /// An object, and what stands in its `AdditionalProperties`.
    Json(Object<'a>, Members<'a>),
    /// A row of a table.
    Row(Row<'a>),
}

impl<'a> Fields<'a> {
    /// The fields of a body; `None` where it is neither object nor row.
    pub(crate) fn of(body: &Body<'a>) -> Option<Self> {
        match body {
            Body::Json(object) => Some(Self::Json(*object, Members::of(object.raw("AdditionalProperties")))),
            Body::Row(row) => Some(Self::Row(*row)),
            Body::Line(_) | Body::Doc(_) => None,
        }
    }

    /// A field as text. What is absent, `null`, empty or masked is none.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let value = match self {
            Self::Json(object, more) => match raw(object, name) {
                Some(raw) => flag(raw).or_else(|| word(raw)),
                None => more.get_folded(name).map(Cow::Borrowed),
            },
            Self::Row(row) => cell(row, name).map(Cow::Borrowed),
        };
        value.filter(|text| !text.trim().is_empty() && !is_masked(text))
    }

    /// The first of several names under which there is something.
    pub(crate) fn first(&self, names: &[&str]) -> Option<Cow<'_, str>> {
        names.iter().find_map(|name| self.get(name))
    }

    /// A field for a struct of the API's own fields.
    pub(crate) fn text(&self, name: &str) -> Text<'_> {
        Text::of(self.get(name))
    }

    /// The JSON of a nested value, whether it is written as such or into a string.
    pub(crate) fn nested(&self, name: &str) -> Option<Cow<'a, str>> {
        let is_nested = |text: &str| text.starts_with(['{', '[']);
        match self {
            Self::Json(object, _) => match raw(object, name)? {
                nested if is_nested(nested) => Some(Cow::Borrowed(nested)),
                other => string(other).filter(|text| is_nested(text)),
            },
            Self::Row(row) => cell(row, name).filter(|cell| is_nested(cell)).map(Cow::Borrowed),
        }
    }

    /// Whether the record has such a field, whatever its value.
    pub(crate) fn has(&self, name: &str) -> bool {
        match self {
            Self::Json(object, _) => object.members.iter().any(|member| member.key.eq_ignore_ascii_case(name)),
            Self::Row(row) => row.has(name),
        }
    }
}

fn raw<'a>(object: &Object<'a>, name: &str) -> Option<&'a str> {
    let member = object.members.iter().find(|member| member.key.eq_ignore_ascii_case(name))?;
    (member.value != "null").then_some(member.value)
}

fn flag(raw: &str) -> Option<Cow<'_, str>> {
    matches!(raw, "true" | "false").then_some(Cow::Borrowed(raw))
}

/// The cell under a name; columns of times say their zone. Where a value is nested, PowerShell writes the name of its
/// class into a table.
fn cell<'a>(row: &Row<'a>, name: &str) -> Option<&'a str> {
    let is_class = |cell: &str| {
        cell.starts_with("Microsoft.Graph.PowerShell.") || (cell.starts_with("System.") && cell.ends_with("[]"))
    };
    row.get(name).or_else(|| row.get(&format!("{name} [UTC]"))).filter(|cell| !is_class(cell))
}

/// Reads a time. Everything that Entra writes is in UTC, whether it says so or not.
///
/// The slashed form of Log Analytics' tables is read where it has the American `AM` or `PM`, and so the month first;
/// in any other order of day and month nobody can tell which is which.
pub(crate) fn time(text: &str) -> Option<Instant> {
    Instant::parse(text).or_else(|| Instant::parse_naive_as_utc(text)).or_else(|| american(text))
}

/// `11/18/2026, 8:02:11.447 PM`.
fn american(text: &str) -> Option<Instant> {
    let (date, rest) = text.trim().split_once(", ")?;
    let (clock, half) = rest.split_once(' ')?;
    let mut date = date.split('/').map(str::parse::<u32>);
    let (month, day, year) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let (hour, rest) = clock.split_once(':')?;
    let hour = hour.parse::<u32>().ok().filter(|hour| (1..=12).contains(hour))? % 12;
    let hour = match half {
        "AM" => hour,
        "PM" => hour + 12,
        _ => return None,
    };
    Instant::parse(&format!("{year:04}-{month:02}-{day:02}T{hour:02}:{rest}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_they_are_written() {
        let at = Instant::parse("2026-11-18T20:02:11.447Z");
        for text in [
            "2026-11-18T20:02:11.4470000Z",
            "2026-11-18T20:02:11.447+00:00",
            "2026-11-18 20:02:11.447000100",
            "11/18/2026, 8:02:11.447 PM",
        ] {
            assert_eq!(time(text), at, "{text}");
        }
        assert_eq!(time("9/1/2026, 12:00:00 AM"), Instant::parse("2026-09-01T00:00:00Z"));
        for unclear in ["18/11/2026 20:02:11", "11/18/2026, 20:02:11", "11/18/2026, 8:02:11 pm", "yesterday"] {
            assert_eq!(time(unclear), None, "{unclear}");
        }
    }
}
