//! Pub/Sub messages that hold a log entry: `{"message": {"data": "<base64>"}}`.
//!
//! Reference: cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage. A sink's message carries attributes that
//! begin with `logging.googleapis.com/`; a message without them is ours if its data says so.

use serde::Deserialize;

use crate::bundle::record::Object;
use crate::source::text::{Part, Text};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(borrow)]
    message: Part<Message<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    data: Text<'a>,
}

/// Whether an object is a Pub/Sub message with an audit log entry.
pub(super) fn is_message(object: &Object<'_>) -> bool {
    let Some(message) = object.raw("message").filter(|message| message.starts_with('{')) else { return false };
    let carried = object.has("subscription") || object.has("ackId") || message.contains("messageId");
    let sink = message.contains("\"logging.googleapis.com/");
    let told = || decoded(object).is_some_and(|entry| entry.contains("\"logName\"") && entry.contains("\"insertId\""));
    message.contains("\"data\"") && carried && (sink || told())
}

/// The entry that a message holds.
pub(super) fn decoded(object: &Object<'_>) -> Option<String> {
    let envelope: Envelope<'_> = serde_json::from_str(object.text).ok()?;
    String::from_utf8(base64(envelope.message.get()?.data.get()?)?).ok()
}

/// Decodes base64, in either alphabet; `None` where the text is something else.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\n' | b'\r' => continue,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_base64() {
        assert_eq!(base64("eyJhIjoxfQ==").as_deref(), Some(br#"{"a":1}"#.as_slice()));
        assert_eq!(base64("Pz8_Pj4-").as_deref(), Some(b"???>>>".as_slice()));
        assert_eq!(base64("a b"), None);
    }
}
