//! JSON, written straight into a byte buffer in the order in which the real exports write it.

use crate::clock;
use crate::dice::Uuid;

/// Text as a JSON string, with its quotes.
pub(crate) fn quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

fn escaped(out: &mut Vec<u8>, text: &str) {
    for &byte in text.as_bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
}

/// An object that is being written.
pub(crate) struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

/// Writes one object.
pub(crate) fn object(out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    let mut object = Object { out: &mut *out, empty: true };
    fill(&mut object);
    out.push(b'}');
}

/// One object as bytes of its own.
pub(crate) fn body(fill: impl FnOnce(&mut Object<'_>)) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(256);
    object(&mut out, fill);
    Some(out)
}

impl Object<'_> {
    fn key(&mut self, key: &str) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    pub(crate) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        quoted(self.out, value);
        self
    }

    /// A string made of parts.
    pub(crate) fn parts(&mut self, key: &str, parts: &[&str]) -> &mut Self {
        self.key(key);
        self.out.push(b'"');
        parts.iter().for_each(|part| escaped(self.out, part));
        self.out.push(b'"');
        self
    }

    pub(crate) fn uuid(&mut self, key: &str, value: Uuid) -> &mut Self {
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(&value.bytes());
        self.out.push(b'"');
        self
    }

    pub(crate) fn time(&mut self, key: &str, at: i64) -> &mut Self {
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(&clock::iso_bytes(at));
        self.out.push(b'"');
        self
    }

    pub(crate) fn number(&mut self, key: &str, value: i64) -> &mut Self {
        self.key(key);
        self.out.extend_from_slice(value.to_string().as_bytes());
        self
    }

    pub(crate) fn flag(&mut self, key: &str, value: bool) -> &mut Self {
        self.raw(key, if value { b"true" } else { b"false" })
    }

    pub(crate) fn null(&mut self, key: &str) -> &mut Self {
        self.raw(key, b"null")
    }

    /// JSON that is already written.
    pub(crate) fn raw(&mut self, key: &str, value: &[u8]) -> &mut Self {
        self.key(key);
        self.out.extend_from_slice(value);
        self
    }

    pub(crate) fn raw_or_null(&mut self, key: &str, value: Option<&[u8]>) -> &mut Self {
        self.raw(key, value.unwrap_or(b"null"))
    }

    pub(crate) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        self.key(key);
        object(self.out, fill);
        self
    }

    pub(crate) fn list(&mut self, key: &str, fill: impl FnOnce(&mut List<'_>)) -> &mut Self {
        self.key(key);
        list(self.out, fill);
        self
    }

    pub(crate) fn texts(&mut self, key: &str, values: &[&str]) -> &mut Self {
        self.list(key, |list| values.iter().for_each(|value| list.text(value)))
    }
}

/// A list that is being written.
pub(crate) struct List<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

/// Writes one list.
pub(crate) fn list(out: &mut Vec<u8>, fill: impl FnOnce(&mut List<'_>)) {
    out.push(b'[');
    let mut list = List { out: &mut *out, empty: true };
    fill(&mut list);
    out.push(b']');
}

impl List<'_> {
    fn next(&mut self) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
    }

    pub(crate) fn text(&mut self, value: &str) {
        self.next();
        quoted(self.out, value);
    }

    pub(crate) fn object(&mut self, fill: impl FnOnce(&mut Object<'_>)) {
        self.next();
        object(self.out, fill);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_a_parser_reads_back() {
        let mut out = Vec::new();
        object(&mut out, |o| {
            o.text("quote", "a\"b\\c\n\u{1}é").null("nothing").number("n", -3).flag("yes", true);
            o.list("list", |l| {
                l.text("x");
                l.object(|o| {
                    o.parts("arn", &["arn:", "aws"]);
                });
            });
            o.object("empty", |_| {});
        });
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let expected = serde_json::json!({
            "quote": "a\"b\\c\n\u{1}é", "nothing": null, "n": -3, "yes": true,
            "list": ["x", {"arn": "arn:aws"}], "empty": {}
        });
        assert_eq!(value, expected);
    }
}
