//! What the bundle hands on: records, each with its place, still in the vendor's words.

use std::borrow::Cow;

use crate::base::origin::Origin;
use crate::base::time::Instant;

/// One raw unit of an export: an event, a row, a line, a small document.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Where it was read.
    pub origin: Origin,
    /// What it holds.
    pub body: Body<'a>,
    /// What stood around it in its document.
    pub around: Around<'a>,
    /// The file's path inside the bundle and its archives, with `/` between the parts.
    pub path: &'a str,
    /// When the export was made, where a manifest or an archive entry says so. Never the time of a file on disk.
    pub taken: Option<Instant>,
}

/// The four shapes that exports come in.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// A JSON object, split into its members.
    Json(Object<'a>),
    /// A row of a table with a header.
    Row(Row<'a>),
    /// A line of text.
    Line(&'a str),
    /// A small document, whole.
    Doc(Doc<'a>),
}

impl<'a> Body<'a> {
    /// The object, where the body is one.
    #[must_use]
    pub fn json(&self) -> Option<Object<'a>> {
        match self {
            Self::Json(object) => Some(*object),
            Self::Row(_) | Self::Line(_) | Self::Doc(_) => None,
        }
    }

    /// The row, where the body is one.
    #[must_use]
    pub fn row(&self) -> Option<Row<'a>> {
        match self {
            Self::Row(row) => Some(*row),
            Self::Json(_) | Self::Line(_) | Self::Doc(_) => None,
        }
    }
}

/// What stood around a record in its document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// The name of the list that the record stood in (`Records`, `value`, `UserDetailList`).
    pub list: Option<&'a str>,
    /// The members of the outer object that stand beside that list, where they are small (`NextToken`, a generation time).
    pub outer: Option<Object<'a>>,
}

/// A member of a JSON object: its key without quotes (and without escapes), and its value as raw JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// The key.
    pub key: &'a str,
    /// The value, as it stands in the text: a string keeps its quotes, an object its braces.
    pub value: &'a str,
}

/// A JSON object, split once into its top-level members. It is valid JSON, and no key stands in it twice.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// The object as it stands in the text, braces included.
    pub text: &'a str,
    /// Its members, in the order of the text.
    pub members: &'a [Member<'a>],
}

impl<'a> Object<'a> {
    /// The raw value under a key; `None` where the key is absent or the value is `null`.
    #[must_use]
    pub fn raw(&self, key: &str) -> Option<&'a str> {
        let member = self.members.iter().find(|member| member.key == key)?;
        (member.value != "null").then_some(member.value)
    }

    /// Whether the key is there, whatever its value.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.members.iter().any(|member| member.key == key)
    }

    /// The string under a key. `None` where it is absent, `null`, empty, or no string: an absent value is never `""`.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        string(self.raw(key)?).filter(|text| !text.is_empty())
    }

    /// The string or number under a key, as text: many vendors write ids both ways.
    #[must_use]
    pub fn word(&self, key: &str) -> Option<Cow<'a, str>> {
        word(self.raw(key)?)
    }

    /// The boolean under a key, also where it is written as the string `true` or `false`.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.raw(key)? {
            "true" | "\"true\"" => Some(true),
            "false" | "\"false\"" => Some(false),
            _ => None,
        }
    }
}

/// Decodes a raw JSON string. `None` where the raw value is no string.
#[must_use]
pub fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
}

/// A raw JSON string, decoded, or a number as it is written. `None` for the empty string and everything else.
#[must_use]
pub fn word(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'"' => string(raw).filter(|text| !text.is_empty()),
        b'-' | b'0'..=b'9' => Some(Cow::Borrowed(raw)),
        _ => None,
    }
}

/// A row of a table, with the names of its columns.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The header, as it stands in the file (white space and a byte-order mark trimmed).
    pub header: &'a [String],
    /// The cells; never more than the header has columns.
    pub cells: &'a csv::StringRecord,
}

impl<'a> Row<'a> {
    /// The cell under a column name, compared without case; `None` where the column is absent or the cell is empty. Of
    /// columns with one name the first that is filled.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&'a str> {
        let mut named = self.header.iter().zip(self.cells).filter(|(name, _)| name.eq_ignore_ascii_case(column));
        named.find_map(|(_, cell)| Some(cell.trim()).filter(|cell| !cell.is_empty()))
    }

    /// Whether the table has a column of this name, compared without case.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.header.iter().any(|name| name.eq_ignore_ascii_case(column))
    }
}

/// A small document that is read as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Doc<'a> {
    /// What its text looks like; several kinds share their simplest forms, so a source may try more than one.
    pub kind: DocKind,
    /// Its text.
    pub text: &'a str,
}

impl<'a> Doc<'a> {
    /// The JSON of a document in JSON with comments: without comments and without commas before closing brackets.
    #[must_use]
    pub fn uncommented(&self) -> Cow<'a, str> {
        match String::from_utf8(super::framing::without_comments(self.text.as_bytes()).0) {
            Ok(text) => Cow::Owned(text),
            Err(_) => Cow::Borrowed(self.text),
        }
    }
}

/// The kinds of small documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocKind {
    /// JSON with comments or trailing commas.
    Jsonc,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
    /// INI, as in `~/.aws/credentials`.
    Ini,
    /// XML.
    Xml,
    /// An entry of a directory, in LDIF.
    Ldif,
}
