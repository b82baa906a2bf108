//! What must hold for every text, tried on thousands made by dice: how records lie in a file, and in which pieces it is
//! read, changes nothing; what is broken loses only itself.

use proptest::prelude::*;
use serde_json::Value;

use super::framing::{self, Desk};
use super::limits::Limits;
use super::open::{Place, Visitor};
use super::record::{Body, Record};
use super::trouble::{Flaw, Obstacle};
use crate::base::origin::{FileId, Origin};

/// What a visitor was shown.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Shown {
    /// Records and flaws, in their order.
    pub(super) seen: Vec<Seen>,
    pub(super) obstacles: Vec<Obstacle>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Seen {
    Json(Value),
    Other(String),
    Flaw(Flaw),
}

impl Shown {
    pub(super) fn records(&self) -> Vec<&Value> {
        let records = self.seen.iter().filter_map(|seen| match seen {
            Seen::Json(value) => Some(value),
            Seen::Other(_) | Seen::Flaw(_) => None,
        });
        records.collect()
    }

    fn see(&mut self, origin: Origin, seen: Seen) {
        assert_eq!(origin.ordinal as usize, self.seen.len(), "records are numbered one after the other");
        self.seen.push(seen);
    }
}

impl Visitor for Shown {
    fn begin(&mut self, _: &str, _: u32, _: u64) -> FileId {
        FileId(0)
    }

    fn record(&mut self, record: &Record<'_>) {
        let seen = match record.body {
            Body::Json(object) => {
                // A number that no machine can hold is JSON, too; such a record is compared as it is written.
                let value: Value = serde_json::from_str(object.text).unwrap_or_else(|_| object.text.into());
                let members = value.as_object().map_or(object.members.len(), serde_json::Map::len);
                assert_eq!(members, object.members.len(), "{}", object.text);
                Seen::Json(value)
            }
            other => Seen::Other(format!("{other:?}")),
        };
        self.see(record.origin, seen);
    }

    fn flaw(&mut self, origin: Origin, flaw: Flaw) {
        self.see(origin, Seen::Flaw(flaw));
    }

    fn obstacle(&mut self, _: FileId, obstacle: Obstacle) {
        self.obstacles.push(obstacle);
    }
}

pub(super) const PLACE: Place<'static> = Place { file: FileId(0), path: "file", taken: None };

fn whole(text: &[u8]) -> Shown {
    let mut shown = Shown::default();
    framing::whole(text, &PLACE, &Limits::default(), &mut Desk::default(), &mut shown);
    shown
}

/// Reads a text in steps, the first bytes at once. `None` for texts that are never read so.
fn in_steps(text: &[u8], head: usize, step: usize) -> Option<Shown> {
    let mut shown = Shown::default();
    framing::in_steps(text, (head, step), &PLACE, &mut shown).then_some(shown)
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<i32>().prop_map(|eighths| (f64::from(eighths) / 8.0).into()),
        any::<String>().prop_map(Into::into),
        "[ -~]{0,40}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A record: like those of one export, all begin with the same key, which stands nowhere else.
#[derive(Clone, Debug)]
pub(super) struct Made(Vec<(String, Value)>);

impl Made {
    fn value(&self) -> Value {
        Value::Object(self.0.iter().cloned().collect())
    }

    fn written(&self, pretty: bool) -> String {
        let member = |(key, value): &(String, Value)| match pretty {
            true => format!("  {key:?} : {:#}", value).replace('\n', "\n  "),
            false => format!("{key:?}:{value}"),
        };
        let members: Vec<String> = self.0.iter().map(member).collect();
        if pretty { format!("{{\n{}\n}}", members.join(",\n")) } else { format!("{{{}}}", members.join(",")) }
    }
}

fn made() -> impl Strategy<Value = Made> {
    (any::<u32>(), prop::collection::vec(json(), 0..5)).prop_map(|(id, values)| {
        let id = ("eventID".to_owned(), Value::from(id.to_string()));
        let names = ["user", "parameters", "elements", "tags", "agent"].into_iter();
        Made([id].into_iter().chain(names.map(str::to_owned).zip(values)).collect())
    })
}

pub(super) fn records() -> impl Strategy<Value = Vec<Made>> {
    prop::collection::vec(made(), 1..8)
}

/// The ways in which records lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    Lines,
    WindowsLines,
    MarkedLines,
    Concatenated,
    Sequence,
    Array,
    PrettyArray,
    Records,
    PrettyRecords,
    Value,
    Syslog,
    Utf16,
}

const LIES: [Lie; 12] = [
    Lie::Lines,
    Lie::WindowsLines,
    Lie::MarkedLines,
    Lie::Concatenated,
    Lie::Sequence,
    Lie::Array,
    Lie::PrettyArray,
    Lie::Records,
    Lie::PrettyRecords,
    Lie::Syslog,
    Lie::Value,
    Lie::Utf16,
];

pub(super) fn laid(records: &[String], lie: Lie) -> Vec<u8> {
    let with = |before: &str, between: &str, behind: &str| format!("{before}{}{behind}", records.join(between));
    let text = match lie {
        Lie::Lines => with("", "\n", "\n"),
        Lie::WindowsLines => with("", "\r\n", "\r\n"),
        Lie::MarkedLines => with("\u{feff}", "\n", ""),
        Lie::Concatenated => with("", "", ""),
        Lie::Sequence => with("\u{1e}", "\n\u{1e}", "\n"),
        Lie::Array => with("[", ",", "]"),
        Lie::PrettyArray => with("[\n  ", ",\n  ", "\n]\n"),
        Lie::Records => with("{\"Records\":[", ",", "]}"),
        Lie::PrettyRecords => with(" {\n  \"Records\" : [\n", ",\n", "\n  ],\n  \"done\": {\"a\":[1]}\n}\n"),
        Lie::Value => with("{\"@odata.context\":\"x\",\"value\":[", ", ", "],\"nextLink\":null}"),
        Lie::Syslog => with("<14>Nov 10 10:00:00 host app: ", "\n<14>Nov 10 10:00:00 host app: ", "\n"),
        Lie::Utf16 => {
            let units = format!("\u{feff}{}", records.join("\n"));
            return units.encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
    };
    text.into_bytes()
}

fn written(records: &[Made], lie: Lie) -> Vec<String> {
    let pretty = matches!(lie, Lie::PrettyArray | Lie::PrettyRecords | Lie::Concatenated);
    records.iter().map(|record| record.written(pretty)).collect()
}

pub(super) fn lie() -> impl Strategy<Value = Lie> {
    prop::sample::select(&LIES[..])
}

/// A text that is shown as text where a property fails.
pub(super) struct Text(pub(super) Vec<u8>);

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

/// Texts of which most are as exports write them, and some are damaged.
pub(super) fn text() -> impl Strategy<Value = Text> {
    let damage = prop::option::of((any::<prop::sample::Index>(), any::<u8>(), 0..3_usize));
    (records(), lie(), damage).prop_map(|(records, lie, damage)| {
        let mut text = laid(&written(&records, lie), lie);
        if let Some((at, byte, way)) = damage {
            let at = at.index(text.len());
            match way {
                0 => text[at] = byte,
                1 => text.truncate(at),
                _ => drop(text.drain(at..(at + usize::from(byte)).min(text.len()))),
            }
        }
        Text(text)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// In lines, in a list, in an envelope, pretty-printed, in UTF-16: the same records in the same order.
    #[test]
    fn how_records_lie_changes_nothing(records in records(), lie in lie()) {
        let shown = whole(&laid(&written(&records, lie), lie));
        let expected: Vec<Value> = records.iter().map(Made::value).collect();
        prop_assert_eq!(shown.records(), expected.iter().collect::<Vec<_>>());
        prop_assert_eq!((shown.seen.len(), &shown.obstacles[..]), (records.len(), &[][..]));
    }

    /// However many bytes are read at a time, whole texts and damaged ones: the same records, flaws and obstacles.
    #[test]
    fn any_split_gives_the_same(text in text(), head in 64..400_usize, step in 1..200_usize) {
        let Some(stepped) = in_steps(&text.0, head, step) else { return Ok(()) };
        let shown = whole(&text.0);
        // A small document is read as one; what streams by is never small.
        prop_assume!(!matches!(shown.seen.first(), Some(Seen::Other(text)) if text.starts_with("Doc")));
        prop_assert_eq!(stepped, shown);
    }

    /// A record that is broken is one flaw, and all others are read.
    #[test]
    fn a_broken_record_loses_only_itself(
        records in records(),
        // UTF-16 is decoded first. What stands beside a list of values tells whose they are: such a document is read whole.
        lie in prop::sample::select(&LIES[..10]),
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        way in 0..5_usize,
    ) {
        let mut texts = written(&records, lie);
        let which = which.index(texts.len());
        let broken = broken(&texts[which], at, way);
        let in_list = matches!(lie, Lie::Array | Lie::PrettyArray | Lie::Records | Lie::PrettyRecords);
        prop_assume!(!(in_list && is_swallowing(&broken)));
        prop_assume!(!((in_list || lie == Lie::Concatenated) && which == 0 && is_without_key(&broken)));
        texts[which] = "BROKEN".to_owned();
        let text = laid(&texts, lie);
        let from = text.windows(6).position(|window| window == b"BROKEN").expect("in it");
        let text = Text([&text[..from], &broken, &text[from + 6..]].concat());
        let shown = whole(&text.0);
        let mut expected: Vec<Value> = records.iter().map(Made::value).collect();
        expected.remove(which);
        prop_assert_eq!(shown.records(), expected.iter().collect::<Vec<_>>(), "{:?}", text);
        prop_assert_eq!(shown.seen.len(), records.len(), "it is accounted for: {:?}", text);
    }
}

/// Whether a list stands open at the end: then the next records of a list are its elements, by all rules of JSON.
fn is_swallowing(broken: &[u8]) -> bool {
    let (mut open, mut quoted, mut bytes) = (Vec::new(), false, broken.iter());
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if quoted => drop(bytes.next()),
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => open.push(*byte),
            b'}' | b']' if !quoted => drop(open.pop()),
            _ => {}
        }
    }
    open.last() == Some(&b'[')
}

/// Whether not even its first key is whole: at the beginning nobody knows yet what records begin with.
fn is_without_key(broken: &[u8]) -> bool {
    !broken
        .trim_ascii_start()
        .strip_prefix(b"{")
        .is_some_and(|inside| inside.trim_ascii_start().starts_with(b"\"eventID\""))
}

/// A record that is none any more, in one of the ways in which exports are found broken.
fn broken(text: &str, at: prop::sample::Index, way: usize) -> Vec<u8> {
    let at = 1 + at.index(text.len() - 1);
    let bytes = text.as_bytes();
    match way {
        // Its end was never written.
        0 => bytes[..at].to_vec(),
        // A control character, as it may not stand in JSON.
        1 => [&bytes[..at], b"\x01", &bytes[at..]].concat(),
        // No UTF-8.
        2 => [&bytes[..at], b"\xff", &bytes[at..]].concat(),
        // A comma too many.
        3 => [&bytes[..bytes.len() - 1], b",}"].concat(),
        // A key that stands twice.
        _ => [&bytes[..bytes.len() - 1], b",\"eventID\":\"other\"}"].concat(),
    }
}
