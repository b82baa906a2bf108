//! The four forms of a message, read into one: names of fields, each with its value where it stands once.

use std::borrow::Cow;

use serde::Deserialize;

use crate::base::time::Instant;
use crate::bundle::record::Object;
use crate::source::Refusal;
use crate::source::text::{Part, Text, is_masked};

/// A message: its header, and its fields under the names of the XML form.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    header: &'a str,
    fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// What stands between a form's header and its fields.
const CEF: &str = "CEF:0|Cyber-Ark|Vault|";
const LEEF: &str = "LEEF:1.0|Cyber-Ark|Vault|";
const XML: &str = "<audit_record>";

/// CEF's names of the fields. The labels say what the numbered ones are; the translators that CyberArk ships write these.
const OF_CEF: &[(&str, &str)] = &[
    ("act", "Action"),
    ("suser", "Issuer"),
    ("fname", "File"),
    ("dvc", ""),
    ("shost", "Station"),
    ("dhost", "Address"),
    ("duser", "UserName"),
    ("externalId", ""),
    ("app", ""),
    ("reason", ""),
    ("cs1Label", ""),
    ("cs1", "TargetUser"),
    ("cs2Label", ""),
    ("cs2", "Safe"),
    ("cs3Label", ""),
    ("cs3", "DeviceType"),
    ("cs4Label", ""),
    ("cs4", ""),
    ("cs5Label", ""),
    ("cs5", ""),
    ("cn1Label", ""),
    ("cn1", ""),
    ("cn2Label", ""),
    ("cn2", ""),
    ("msg", ""),
];

/// LEEF's names, where they differ.
const OF_LEEF: &[(&str, &str)] =
    &[("usrName", "Issuer"), ("src", "Station"), ("dhost", "Address"), ("duser", "UserName")];

/// The properties of an account that are read. Whoever may change an account may give it others, of any name.
const PROPERTIES: &[&str] = &["AWSAccessKeyID", "AWSAccountID", "UserName"];

/// Whether a line is a message in one of the forms.
pub(super) fn is_line(line: &str) -> bool {
    line.contains(CEF) || line.contains(LEEF) || (line.contains(XML) && line.contains("<Vendor>Cyber-Ark</Vendor>"))
}

impl<'a> Entry<'a> {
    pub(super) fn of_line(line: &'a str) -> Option<Self> {
        if let Some((header, rest)) = line.split_once(CEF) {
            return Self::of_bars(header, rest, cef);
        }
        if let Some((header, rest)) = line.split_once(LEEF) {
            return Self::of_bars(header, rest, leef);
        }
        let (header, rest) = line.split_once(XML)?;
        Some(Self { header, fields: xml(rest) })
    }

    /// Version, code, name and severity stand between bars before the fields; LEEF has no name.
    fn of_bars(header: &'a str, rest: &'a str, read: fn(&'a str) -> Fields<'a>) -> Option<Self> {
        let (_, rest) = rest.split_once('|')?;
        let (code, rest) = rest.split_once('|')?;
        let mut fields = read(rest);
        fields.push((Cow::Borrowed("MessageID"), Cow::Borrowed(code.trim())));
        Some(Self { header, fields })
    }

    pub(super) fn of_json(object: &Object<'a>) -> Option<Self> {
        let syslog: Syslog<'a> = serde_json::from_str(object.raw("syslog")?).ok()?;
        Some(Self { header: "", fields: syslog.audit_record.into_inner()?.fields() })
    }

    /// A field that is there once, and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim());
        let value = values.next().filter(|value| !value.is_empty() && !is_masked(value))?;
        values.next().is_none().then_some(value)
    }

    pub(super) fn code(&self) -> Option<u32> {
        self.get("MessageID")?.parse().ok()
    }

    /// The time: the record's own, else the header's.
    pub(super) fn time(&self) -> Result<Instant, Refusal> {
        if let Some(text) = self.get("IsoTimestamp") {
            return Instant::parse(text).ok_or(Refusal::Unreadable("IsoTimestamp"));
        }
        if let Some(at) = self.header.split_whitespace().find_map(Instant::parse) {
            return Ok(at);
        }
        let is_old = self.header.split_whitespace().any(|word| word.matches(':').count() == 2);
        Err(Refusal::Missing(if is_old { "year and zone of the time" } else { "time" }))
    }
}

type Fields<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// The fields of CEF: `key=value`, one behind the other, values with spaces in them. A value runs to the next known key.
fn cef(text: &str) -> Fields<'_> {
    let text = text.split_once('|').and_then(|(_, rest)| rest.split_once('|')).map_or("", |(_, rest)| rest);
    let mut starts: Vec<(usize, usize, &str)> = Vec::new();
    for &(key, name) in OF_CEF {
        for (at, _) in text.match_indices(key) {
            let is_key = (at == 0 || text.as_bytes().get(at - 1) == Some(&b' '))
                && text.as_bytes().get(at + key.len()) == Some(&b'=');
            if is_key {
                starts.push((at, at + key.len() + 1, name));
            }
        }
    }
    starts.sort_unstable();
    let ends = starts.iter().skip(1).map(|(at, ..)| *at).chain([text.len()]);
    let fields = starts.iter().zip(ends).filter(|((.., name), _)| !name.is_empty());
    fields
        .map(|((_, from, name), to)| {
            let value = text.get(*from..to).unwrap_or_default().trim().trim_matches('"');
            let plain = if value.contains("\\\\") || value.contains("\\=") || value.contains("\\|") {
                Cow::Owned(value.replace("\\\\", "\\").replace("\\=", "=").replace("\\|", "|"))
            } else {
                Cow::Borrowed(value)
            };
            (Cow::Borrowed(*name), plain)
        })
        .collect()
}

/// The fields of LEEF, with tabs between them.
fn leef(text: &str) -> Fields<'_> {
    let pairs = text.split('\t').filter_map(|field| field.split_once('='));
    pairs
        .map(|(key, value)| {
            let key = key.trim();
            let name = OF_LEEF.iter().find(|(leef, _)| *leef == key).map_or(key, |&(_, name)| name);
            (Cow::Borrowed(name), Cow::Borrowed(value))
        })
        .collect()
}

/// The fields of the XML form: one element each, and the account's properties as attributes.
fn xml(text: &str) -> Fields<'_> {
    let mut fields = Vec::new();
    let mut rest = text.split("</audit_record>").next().unwrap_or_default();
    while let Some((_, tag)) = rest.split_once('<') {
        let Some((tag, after)) = tag.split_once('>') else { break };
        rest = after;
        if let Some(attributes) = tag.strip_prefix("CAProperty ") {
            let of = |name: &str| {
                let (_, value) = attributes.split_once(&format!("{name}=\""))?;
                value.split('"').next()
            };
            let pair = of("Name").filter(|name| PROPERTIES.contains(name)).zip(of("Value"));
            fields.extend(pair.map(|(name, value)| (Cow::Borrowed(name), unescaped(value))));
            continue;
        }
        if tag.starts_with(['/', '!', '?']) || tag.ends_with('/') || tag == "CAProperties" {
            continue;
        }
        if let Some((value, after)) = rest.split_once(&format!("</{tag}>")) {
            fields.push((Cow::Borrowed(tag), unescaped(value)));
            rest = after;
        }
    }
    fields
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    Cow::Owned(plain.replace("&amp;", "&"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Syslog<'a> {
    #[serde(borrow)]
    audit_record: Part<AuditRecord<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AuditRecord<'a> {
    #[serde(borrow)]
    iso_timestamp: Text<'a>,
    #[serde(rename = "MessageID", borrow)]
    message_id: Text<'a>,
    #[serde(borrow)]
    action: Text<'a>,
    #[serde(borrow)]
    issuer: Text<'a>,
    #[serde(borrow)]
    target_user: Text<'a>,
    #[serde(borrow)]
    safe: Text<'a>,
    #[serde(borrow)]
    file: Text<'a>,
    #[serde(borrow)]
    station: Text<'a>,
    #[serde(rename = "CAProperties", borrow)]
    properties: Part<Properties<'a>>,
}

/// The properties of an account; one alone stands there without its list.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Properties<'a> {
    #[serde(rename = "CAProperty", borrow)]
    list: OneOrMore<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore<'a> {
    More(#[serde(borrow)] Vec<Property<'a>>),
    One(#[serde(borrow)] Property<'a>),
    Other(serde::de::IgnoredAny),
}

impl Default for OneOrMore<'_> {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Property<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    value: Text<'a>,
}

impl<'a> AuditRecord<'a> {
    fn fields(self) -> Fields<'a> {
        let own = [
            ("IsoTimestamp", self.iso_timestamp),
            ("MessageID", self.message_id),
            ("Action", self.action),
            ("Issuer", self.issuer),
            ("TargetUser", self.target_user),
            ("Safe", self.safe),
            ("File", self.file),
            ("Station", self.station),
        ];
        let mut fields: Fields<'a> = Vec::new();
        for (name, value) in own {
            fields.extend(value.get().map(|value| (Cow::Borrowed(name), Cow::Owned(value.to_owned()))));
        }
        let properties = match self.properties.into_inner().unwrap_or_default().list {
            OneOrMore::One(property) => vec![property],
            OneOrMore::More(properties) => properties,
            OneOrMore::Other(_) => Vec::new(),
        };
        for property in properties {
            let pair = property.name.get().filter(|name| PROPERTIES.contains(name)).zip(property.value.get());
            fields.extend(pair.map(|(name, value)| (Cow::Owned(name.to_owned()), Cow::Owned(value.to_owned()))));
        }
        fields
    }
}
