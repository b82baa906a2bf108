//! LDIF (RFC 2849): one entry of it.

use std::borrow::Cow;

use crate::source::base64;

/// A value of an attribute.
#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    Bytes(Vec<u8>),
}

/// The attributes of an entry, in order. A line that begins with a space continues the one before; values behind `::` are
/// base64; a value that is kept elsewhere (`:<`) is left out.
pub(super) fn attributes(text: &str) -> Vec<(String, Value)> {
    let mut lines: Vec<Cow<'_, str>> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix(' '), lines.last_mut()) {
            (Some(more), Some(last)) => last.to_mut().push_str(more),
            _ => lines.push(Cow::Borrowed(line)),
        }
    }
    let found = lines.iter().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        let value = match value.strip_prefix(':') {
            Some(encoded) if is_id(name) => Value::Bytes(base64::decode(encoded)?),
            Some(encoded) => decoded(encoded.trim())?,
            None if value.starts_with('<') => return None,
            None => Value::Text(value.trim().to_owned()),
        };
        Some((name.trim().to_owned(), value))
    });
    found.collect()
}

/// Whether an attribute holds an id, whose bytes may look like text.
fn is_id(name: &str) -> bool {
    name.eq_ignore_ascii_case("objectGUID") || name.eq_ignore_ascii_case("objectSid")
}

/// What was encoded: text that LDIF cannot hold as it is, or bytes.
fn decoded(encoded: &str) -> Option<Value> {
    let bytes = base64::decode(encoded)?;
    Some(match String::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => Value::Text(text),
        Ok(text) => Value::Bytes(text.into_bytes()),
        Err(error) => Value::Bytes(error.into_bytes()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_go_on() {
        let found =
            attributes("dn: CN=Holt\\, Mira,\n OU=Claims\n# note\nmail:: bWlyYQ==\nphoto:< file://x\nid:: //79\n");
        let text = |at: usize| match &found[at].1 {
            Value::Text(text) => text.as_str(),
            Value::Bytes(_) => "bytes",
        };
        assert_eq!(found.len(), 3);
        assert_eq!((found[0].0.as_str(), text(0)), ("dn", "CN=Holt\\, Mira,OU=Claims"));
        assert_eq!((text(1), text(2)), ("mira", "bytes"));
    }
}
