//! Windows events in the forms that collectors and tools write them: one event, whoever carried it.
//!
//! References: learn.microsoft.com/windows/win32/wes/eventschema-elements, and the tools' own records: Winlogbeat
//! (`winlog.event_data`), NXLog (flat, `SourceName`), EvtxECmd (`Payload`, a JSON string), evtx_dump (`Event.System`),
//! `wevtutil qe … /f:xml` (one `Event` behind the other).
//!
//! Quirks. Event ids are numbers or strings. Winlogbeat's `@timestamp` may be months behind `winlog.time_created`, which
//! goes before. NXLog writes the local time of the host without a zone; then only the collector's own time is sure.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event as Xml};
use serde::Deserialize;
use serde::de::Deserializer;

use super::text::{Part, Parts, Text};
use super::texts::Members;
use crate::base::time::Instant;
use crate::bundle::record::{Body, DocKind, Object, string};

/// One event.
#[derive(Debug, Default)]
pub(crate) struct WindowsEvent<'a> {
    /// Its number, which means something only at its provider.
    pub(crate) id: Option<u32>,
    pub(crate) provider: Text<'a>,
    pub(crate) channel: Text<'a>,
    pub(crate) computer: Text<'a>,
    /// The number of its record, which begins again when the log is cleared.
    pub(crate) record: Text<'a>,
    time: Option<Instant>,
    data: Members<'a>,
}

impl<'a> WindowsEvent<'a> {
    /// The event that a body is. `None` where it has the form of none.
    pub(crate) fn of(body: &Body<'a>) -> Option<Self> {
        match body {
            Body::Json(object) if object.has("winlog") => winlogbeat(object),
            Body::Json(object) if object.has("EventId") && object.has("Channel") => evtxecmd(object),
            Body::Json(object) if object.has("Event") || (object.has("System") && object.has("EventData")) => {
                dumped(object)
            }
            Body::Json(object) if object.has("EventID") && object.has("SourceName") => nxlog(object),
            Body::Doc(doc) if doc.kind == DocKind::Xml && doc.text.contains("<Event") => xml(doc.text),
            Body::Line(line) if line.trim_start().starts_with("<Event") => xml(line),
            _ => None,
        }
    }

    /// When it was written, where a zone is known.
    pub(crate) fn time(&self) -> Option<Instant> {
        self.time
    }

    /// A value of the event's data. What is not set (`-`, `%%1793`) is none.
    pub(crate) fn data(&self, name: &str) -> Option<&str> {
        let value = self.data.get_folded(name)?.trim();
        (!value.is_empty() && value != "-" && value != "%%1793").then_some(value)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Beat<'a> {
    #[serde(borrow)]
    winlog: Part<Winlog<'a>>,
    #[serde(rename = "@timestamp", borrow)]
    timestamp: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Winlog<'a> {
    #[serde(borrow)]
    event_id: Text<'a>,
    #[serde(borrow)]
    provider_name: Text<'a>,
    #[serde(borrow)]
    channel: Text<'a>,
    #[serde(borrow)]
    computer_name: Text<'a>,
    #[serde(borrow)]
    record_id: Text<'a>,
    #[serde(borrow)]
    time_created: Text<'a>,
    #[serde(borrow)]
    event_data: Part<Members<'a>>,
}

fn winlogbeat<'a>(object: &Object<'a>) -> Option<WindowsEvent<'a>> {
    let beat: Beat<'a> = serde_json::from_str(object.text).ok()?;
    let log = beat.winlog.into_inner()?;
    Some(WindowsEvent {
        id: number(&log.event_id),
        time: time(&log.time_created).or_else(|| time(&beat.timestamp)),
        provider: log.provider_name,
        channel: log.channel,
        computer: log.computer_name,
        record: log.record_id,
        data: log.event_data.into_inner().unwrap_or_default(),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Line<'a> {
    #[serde(borrow)]
    event_id: Text<'a>,
    #[serde(borrow)]
    provider: Text<'a>,
    #[serde(borrow)]
    channel: Text<'a>,
    #[serde(borrow)]
    computer: Text<'a>,
    #[serde(borrow)]
    event_record_id: Text<'a>,
    #[serde(borrow)]
    time_created: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload<'a> {
    #[serde(rename = "EventData", borrow)]
    data: Part<Listed<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Listed<'a> {
    #[serde(rename = "Data", borrow)]
    data: Parts<Datum<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Single<'a> {
    #[serde(rename = "EventData", borrow)]
    data: Part<One<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct One<'a> {
    #[serde(rename = "Data", borrow)]
    data: Part<Datum<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Datum<'a> {
    #[serde(rename = "@Name", borrow)]
    name: Text<'a>,
    #[serde(rename = "#text", borrow)]
    text: Text<'a>,
}

fn evtxecmd<'a>(object: &Object<'a>) -> Option<WindowsEvent<'a>> {
    let line: Line<'a> = serde_json::from_str(object.text).ok()?;
    let payload = object.raw("Payload").and_then(string).unwrap_or_default();
    let listed = serde_json::from_str::<Payload<'_>>(&payload).unwrap_or_default().data.into_inner();
    let mut data = listed.map(|listed| listed.data.into_inner()).unwrap_or_default();
    // A single value stands without a list.
    let one = serde_json::from_str::<Single<'_>>(&payload).unwrap_or_default().data.into_inner();
    data.extend(one.and_then(|one| one.data.into_inner()));
    let owned = |text: &Text<'_>| Text::of(text.get().map(|text| Cow::Owned(text.to_owned())));
    let named = data.iter().filter_map(|one| Some((Cow::Owned(one.name.get()?.to_owned()), owned(&one.text))));
    Some(WindowsEvent {
        id: number(&line.event_id),
        time: time(&line.time_created),
        data: named.collect(),
        provider: line.provider,
        channel: line.channel,
        computer: line.computer,
        record: line.event_record_id,
    })
}

/// An event as it lies in the log, with or without `Event` around it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Dumped<'a> {
    #[serde(borrow)]
    system: Part<System<'a>>,
    #[serde(borrow)]
    event_data: Part<Members<'a>>,
    #[serde(borrow)]
    event: Part<Inner<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Inner<'a> {
    #[serde(borrow)]
    system: Part<System<'a>>,
    #[serde(borrow)]
    event_data: Part<Members<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct System<'a> {
    #[serde(rename = "EventID", borrow)]
    event_id: Value<'a>,
    #[serde(borrow)]
    provider: Value<'a>,
    #[serde(borrow)]
    time_created: Value<'a>,
    #[serde(borrow)]
    channel: Text<'a>,
    #[serde(borrow)]
    computer: Text<'a>,
    #[serde(rename = "EventRecordID", borrow)]
    record: Text<'a>,
}

/// A value that may have attributes beside it: `4720`, `{"#text": 4720}`, `{"#attributes": {"SystemTime": …}}`.
#[derive(Debug, Default)]
struct Value<'a>(Text<'a>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Shape<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Whole(u64),
    Part(f64),
    Held(#[serde(borrow)] Held<'a>),
}

#[derive(Deserialize)]
struct Held<'a> {
    #[serde(rename = "#text", alias = "Value", alias = "SystemTime", alias = "Name", borrow)]
    own: Option<Box<Shape<'a>>>,
    #[serde(rename = "#attributes", borrow)]
    attributes: Option<Box<Shape<'a>>>,
}

impl<'a> Shape<'a> {
    fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Whole(number) => Some(Cow::Owned(number.to_string())),
            Self::Part(number) => Some(Cow::Owned(number.to_string())),
            Self::Held(held) => held.own.or(held.attributes)?.into_text(),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Text::of(Shape::deserialize(deserializer).ok().and_then(Shape::into_text))))
    }
}

fn dumped<'a>(object: &Object<'a>) -> Option<WindowsEvent<'a>> {
    let dumped: Dumped<'a> = serde_json::from_str(object.text).ok()?;
    let (system, data) = match dumped.event.into_inner() {
        Some(inner) => (inner.system, inner.event_data),
        None => (dumped.system, dumped.event_data),
    };
    let system = system.into_inner()?;
    Some(WindowsEvent {
        id: number(&system.event_id.0),
        time: time(&system.time_created.0),
        provider: system.provider.0,
        channel: system.channel,
        computer: system.computer,
        record: system.record,
        data: data.into_inner().unwrap_or_default(),
    })
}

fn nxlog<'a>(object: &Object<'a>) -> Option<WindowsEvent<'a>> {
    let data = Members::of(Some(object.text));
    let get = |name: &str| Text::of(object.word(name));
    let (id, provider, channel, computer) = (get("EventID"), get("SourceName"), get("Channel"), get("Hostname"));
    let (record, local, collected) = (get("RecordNumber"), get("EventTime"), get("@timestamp"));
    let (id, time) = (number(&id), time(&local).or_else(|| time(&collected)));
    Some(WindowsEvent { id, time, provider, channel, computer, record, data })
}

/// Reads an event's XML. What is broken in it ends the reading; what was read by then is kept.
fn xml(text: &str) -> Option<WindowsEvent<'static>> {
    let owned = |text: String| Text::of(Some(Cow::Owned(text)));
    let (mut event, mut data) = (WindowsEvent::default(), Vec::new());
    let mut reader = Reader::from_str(text);
    let (mut element, mut held, mut name) = (String::new(), String::new(), None);
    loop {
        match reader.read_event().ok()? {
            Xml::Start(start) => {
                element = start.local_name().into_inner().to_owned();
                name = attribute(&start, "Name");
                event.attributes(&start);
                held.clear();
            }
            Xml::Empty(start) => event.attributes(&start),
            Xml::Text(text) => held.push_str(&text),
            Xml::CData(text) => held.push_str(&text),
            Xml::GeneralRef(reference) => {
                let letter = reference.resolve_char_ref().ok()?;
                match (letter, quick_xml::escape::resolve_predefined_entity(&reference)) {
                    (Some(letter), _) => held.push(letter),
                    (None, Some(text)) => held.push_str(text),
                    (None, None) => {}
                }
            }
            Xml::End(end) if end.local_name().into_inner() == element => {
                let text = std::mem::take(&mut held);
                match element.as_str() {
                    "EventID" => event.id = text.trim().parse().ok(),
                    "Channel" => event.channel = owned(text),
                    "Computer" => event.computer = owned(text),
                    "EventRecordID" => event.record = owned(text),
                    "Data" => {
                        if let Some(name) = name.take() {
                            data.push((Cow::Owned(name), owned(text)));
                        }
                    }
                    _ => {}
                }
            }
            Xml::Eof => {
                event.data = data.into_iter().collect();
                return Some(event);
            }
            _ => {}
        }
    }
}

impl WindowsEvent<'_> {
    /// What an element of XML says in its attributes.
    fn attributes(&mut self, start: &BytesStart<'_>) {
        match start.local_name().into_inner() {
            "Provider" => self.provider = Text::of(attribute(start, "Name").map(Cow::Owned)),
            "TimeCreated" => self.time = attribute(start, "SystemTime").and_then(|text| instant(&text)),
            _ => {}
        }
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).ok()??;
    quick_xml::escape::unescape(&attribute.value).ok().map(Cow::into_owned)
}

fn number(text: &Text<'_>) -> Option<u32> {
    text.get()?.trim().parse().ok()
}

fn time(text: &Text<'_>) -> Option<Instant> {
    instant(text.get()?)
}

/// A time with its zone, or the seconds since 1970.
fn instant(text: &str) -> Option<Instant> {
    let seconds = || text.parse::<f64>().ok().filter(|seconds| *seconds > 1e8 && *seconds < 1e11);
    Instant::parse(text).or_else(|| Instant::from_millis((seconds()? * 1000.0).round() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_of_xml() {
        let text = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider \
                    Name='Microsoft-Windows-Security-Auditing' Guid='{1}'/><EventID>4720</EventID><TimeCreated \
                    SystemTime='2026-09-14T08:30:00.0000000Z'/><EventRecordID>7</EventRecordID><Channel>Security</Channel>\
                    <Computer>dc01</Computer></System><EventData><Data Name='TargetUserName'>a&amp;b&#33;</Data><Data \
                    Name='PrivilegeList'>-</Data></EventData></Event>";
        let event = xml(text).expect("an event");
        assert_eq!((event.id, event.data("targetusername")), (Some(4720), Some("a&b!")));
        assert_eq!((event.data("PrivilegeList"), event.computer.get()), (None, Some("dc01")));
        assert_eq!(event.time(), Instant::parse("2026-09-14T08:30:00Z"));
        assert!(xml("<Event><System>").is_some() && xml("<Event></System>").is_none());
    }

    #[test]
    fn values_with_and_without_attributes() {
        let of = |json: &str| {
            serde_json::from_str::<Value<'_>>(json).ok().and_then(|value| value.0.get().map(str::to_owned))
        };
        for json in ["4720", "\"4720\"", r##"{"#text":4720,"#attributes":{"Qualifiers":0}}"##, r#"{"Value":4720}"#] {
            assert_eq!(of(json).as_deref(), Some("4720"), "{json}");
        }
        let json = r##"{"#attributes":{"SystemTime":"2026-09-14T08:30:00Z"}}"##;
        assert_eq!(of(json).as_deref(), Some("2026-09-14T08:30:00Z"));
    }
}
