//! The fields of a record, whatever its form: the members of an object, those of the `data` within it, the cells of a
//! row.
//!
//! GitHub writes one field as a number here and as a string there, and `org`, `org_id` and `repo` as lists where an
//! event concerns several. A list of one is that one; of several none is the record's own, so the field is absent.

use std::borrow::Cow;

use crate::base::time::Instant;
use crate::bundle::record::{Body, Object, Row, string};
use crate::source::Refusal;
use crate::source::text::{Text, is_masked};
use crate::source::texts::Members;

/// The fields of a record.
pub(super) enum Fields<'a> {
    /// An object; older exports of the web page keep most fields in a `data` object inside it.
    Json(Object<'a>, Members<'a>),
    /// A row of a table.
    Row(Row<'a>),
}

impl<'a> Fields<'a> {
    /// The fields of a body; `None` where it is neither object nor row.
    pub(super) fn of(body: &Body<'a>) -> Option<Self> {
        match body {
            Body::Json(object) => Some(Self::Json(*object, Members::of(object.raw("data")))),
            Body::Row(row) => Some(Self::Row(*row)),
            Body::Line(_) | Body::Doc(_) => None,
        }
    }

    /// A field as text. Absent, `null`, empty and masked values are none; so is a value that could be a token itself.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let value = match self {
            Self::Json(object, data) => match object.raw(name).and_then(value) {
                Some(value) => Some(value),
                None => data.get(name).map(Cow::Borrowed),
            },
            Self::Row(row) => row.get(name).map(Cow::Borrowed),
        };
        value.filter(|text| !text.trim().is_empty() && !is_masked(text) && !is_token(text))
    }

    /// A numeric id, which lasts. Zero stands for nobody.
    pub(super) fn id(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut value = self.get(name)?;
        if let Some(whole) = value.strip_suffix(".0") {
            value = Cow::Owned(whole.to_owned());
        }
        (value.bytes().all(|byte| byte.is_ascii_digit()) && value != "0").then_some(value)
    }

    /// Whether a field says `true`.
    pub(super) fn says(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The strings of a list.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let Self::Json(object, _) = self else { return Vec::new() };
        let raw = object.raw(name).filter(|raw| raw.starts_with('['));
        let list: Vec<Text<'_>> = raw.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
        list.iter().filter_map(Text::get).filter(|text| !is_token(text)).map(str::to_owned).collect()
    }

    /// When it happened: GitHub's stamp, else the time it was recorded, which may be a moment later.
    pub(super) fn time(&self) -> Result<Instant, Refusal> {
        let mut refusal = Refusal::Missing("@timestamp");
        for name in ["@timestamp", "at_sign_timestamp", "created_at"] {
            let Some(text) = self.get(name) else { continue };
            match time(&text) {
                Some(at) => return Ok(at),
                None => refusal = Refusal::Unreadable("@timestamp"),
            }
        }
        Err(refusal)
    }

    /// Whether the form is one that leaves fields out: a table, or the web page's own JSON, which has no `@timestamp`.
    pub(super) fn is_poor(&self) -> bool {
        match self {
            Self::Json(object, _) => !object.has("@timestamp") && !object.has("at_sign_timestamp"),
            Self::Row(_) => true,
        }
    }
}

/// A raw JSON value as text.
fn value(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'"' => string(raw),
        b'-' | b'0'..=b'9' | b't' | b'f' => Some(Cow::Borrowed(raw)),
        b'[' => match serde_json::from_str::<Vec<Text<'_>>>(raw).ok()?.as_slice() {
            [only] => only.get().map(|text| Cow::Owned(text.to_owned())),
            _ => None,
        },
        _ => None,
    }
}

/// How tokens of GitHub begin. No field that is read here should hold one; if one does, it is not read.
const TOKENS: &[&str] = &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];

/// Whether a text holds what looks like a token itself rather than its fingerprint.
fn is_token(text: &str) -> bool {
    const SHORTEST: usize = 30;
    text.len() >= SHORTEST && TOKENS.iter().any(|token| text.contains(token))
}

/// Reads a time: milliseconds since 1970, else a text that names its zone, else (in re-exports and tables) one that
/// does not, which is UTC as everything in the log.
fn time(text: &str) -> Option<Instant> {
    /// Smaller numbers are seconds: as milliseconds they would lie before 1974.
    const SECONDS: i64 = 100_000_000_000;
    let text = text.trim();
    let whole = text.split_once('.').map_or(text, |(whole, fraction)| if fraction == "0" { whole } else { text });
    if let Ok(number) = whole.parse::<i64>() {
        return if number < SECONDS { Instant::from_seconds(number) } else { Instant::from_millis(number) };
    }
    Instant::parse(text).or_else(|| Instant::parse_naive_as_utc(text.strip_suffix(" UTC").unwrap_or(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_they_are_written() {
        let at = Instant::from_millis(1_675_191_507_638);
        for text in ["1675191507638", "2023-01-31T18:58:27.638Z", "2023-01-31 18:58:27.638", "1675191507638.0"] {
            assert_eq!(time(text), at, "{text}");
        }
        assert_eq!(time("2023-01-31 18:58:27 UTC"), Instant::from_seconds(1_675_191_507));
        assert_eq!(time("1675191507"), Instant::from_seconds(1_675_191_507));
        assert_eq!(time("yesterday"), None);
    }

    #[test]
    fn a_list_of_one_is_that_one() {
        assert_eq!(value(r#"["example-org"]"#).as_deref(), Some("example-org"));
        assert_eq!(value("[900100]").as_deref(), Some("900100"));
        for none in [r#"["one","two"]"#, "[]", "{}", "[{}]"] {
            assert_eq!(value(none), None, "{none}");
        }
    }

    #[test]
    fn a_token_is_never_read() {
        assert!(is_token("ghp_EXAMPLEexampleEXAMPLEexampleEXAMPLE0"));
        assert!(!is_token("ghp_example") && !is_token("E8Fzcgs3TQXqhrKKC/qNR+2XZnaK3ykQBSAt1kPMiJs="));
    }
}
