//! Secrets by the key they stand under: whole records are shown with the values of such keys masked.

use std::borrow::Cow;

use super::secrets::{MASK, masked};

/// Endings of keys whose value is a secret: of the key in small letters, without signs between its words.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "secretkey",
    "secretaccesskey",
    "secretstring",
    "secretbinary",
    "secretvalue",
    "apikey",
    "privatekey",
    "signingkey",
    "accountkey",
    "sharedaccesskey",
    "keymaterial",
    "connectionstring",
    "authorization",
    "samlassertion",
    "samlresponse",
    "clientassertion",
    "cookie",
    "amzsignature",
    "token",
];

/// Tokens that say where a list goes on, or that a request is the same as before; and what only names a secret.
const HARMLESS: &[&str] = &[
    "nexttoken",
    "clienttoken",
    "requesttoken",
    "continuationtoken",
    "idempotencytoken",
    "pagetoken",
    "paginationtoken",
    "hashedtoken",
    "synctoken",
    "changetoken",
    "starttoken",
];

/// Whether a key says that its value is a secret.
pub(super) fn names_a_secret(key: &str) -> bool {
    let key = plain(key);
    SECRET.iter().any(|end| key.ends_with(end)) && !HARMLESS.iter().any(|end| key.ends_with(end))
}

/// Whether a name in a plain text (`password: …`) says so. In a sentence, `token:` and `secret:` are only words.
pub(super) fn names_a_secret_in_a_header(name: &str) -> bool {
    !["token", "secret", "cookie"].contains(&plain(name).as_str()) && names_a_secret(name)
}

fn plain(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// What vendors write in place of a secret: it says who hid it.
fn is_hidden(value: &str) -> bool {
    value.is_empty() || value == "HIDDEN_DUE_TO_SECURITY_REASONS" || value.bytes().all(|byte| byte == b'*')
}

/// Masks the secrets of a whole record: in JSON the values of keys that name one, and what looks like one in any
/// string, also in strings that hold JSON; in the cells of a row (`column: cell`) the same; in any other text by shape.
#[must_use]
pub fn record(text: &str) -> Cow<'_, str> {
    if let Some(json) = json(text) {
        return json;
    }
    let names = |line: &str| line.split_once(": ").is_some_and(|(column, _)| names_a_secret(column));
    if !text.lines().any(names) {
        return masked(text);
    }
    let lines = text.split('\n').map(|line| match line.split_once(": ") {
        Some((column, cell)) if names_a_secret(column) && !is_hidden(cell) => Cow::Owned(format!("{column}: {MASK}")),
        _ => Cow::Borrowed(line),
    });
    Cow::Owned(masked(&lines.collect::<Vec<_>>().join("\n")).into_owned())
}

/// Masks the secrets of an object or list in JSON; what holds none stays as it is written. `None` where it is no JSON.
fn json(text: &str) -> Option<Cow<'_, str>> {
    let holds = text.trim_start().starts_with(['{', '[']) && text.trim_end().ends_with(['}', ']']);
    if !holds || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return None;
    }
    let mut walk = Walk { text, clean: String::new(), done: 0, open: Vec::new() };
    walk.run();
    if walk.done == 0 {
        return Some(Cow::Borrowed(text));
    }
    walk.clean.push_str(text.get(walk.done..).unwrap_or_default());
    Some(Cow::Owned(walk.clean))
}

/// An object or list that is open.
#[derive(Clone, Copy, Default)]
struct Level {
    is_object: bool,
    /// The next string of an object is a key.
    at_key: bool,
    /// It stands under a key that names a secret.
    secret: bool,
    /// The key before names one.
    key_is_secret: bool,
    /// The key before is `name` or `key`, as in `{"name": "DB_PASSWORD", "value": "…"}`.
    tells_name: bool,
    /// The key before is `value`.
    tells_value: bool,
    /// The object's `name` or `key` names a secret.
    named_secret: bool,
}

impl Level {
    fn hides(self) -> bool {
        self.secret || self.key_is_secret || (self.named_secret && self.tells_value)
    }
}

/// A walk over a text that is known to be valid JSON.
struct Walk<'t> {
    text: &'t str,
    clean: String,
    done: usize,
    open: Vec<Level>,
}

impl Walk<'_> {
    fn run(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let level = self.open.last().copied().unwrap_or_default();
            match byte {
                b'{' | b'[' => {
                    let is_object = *byte == b'{';
                    self.open.push(Level { is_object, at_key: is_object, secret: level.hides(), ..Level::default() });
                }
                b'}' | b']' => {
                    self.open.pop();
                }
                b',' => {
                    if let Some(level) = self.open.last_mut() {
                        let Level { is_object, secret, named_secret, .. } = *level;
                        *level = Level { is_object, at_key: is_object, secret, named_secret, ..Level::default() };
                    }
                }
                b'"' => {
                    let end = at + string(bytes.get(at..).unwrap_or_default());
                    self.string(at, end, level);
                    at = end;
                    continue;
                }
                b'-' | b'0'..=b'9' if level.hides() => {
                    let is_number = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                    let end = at + bytes.get(at..).unwrap_or_default().iter().take_while(is_number).count();
                    self.replace(at, end, &format!("\"{MASK}\""));
                    at = end;
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn string(&mut self, from: usize, to: usize, level: Level) {
        let raw = self.text.get(from..to).unwrap_or_default();
        let Ok(value) = serde_json::from_str::<String>(raw) else { return };
        if let Some(open) = self.open.last_mut() {
            if level.is_object && level.at_key {
                let word = plain(&value);
                *open = Level {
                    at_key: false,
                    key_is_secret: names_a_secret(&value),
                    tells_name: word == "name" || word == "key",
                    tells_value: word == "value",
                    ..*open
                };
            } else if level.tells_name {
                open.named_secret = names_a_secret(&value);
            }
        }
        let is_value = !(level.is_object && level.at_key);
        let clean = if is_value && level.hides() && !is_hidden(&value) {
            Cow::Borrowed(MASK)
        } else {
            json(&value).unwrap_or_else(|| masked(&value))
        };
        if clean != value {
            let quoted = serde_json::Value::String(clean.into_owned()).to_string();
            self.replace(from, to, &quoted);
        }
    }

    fn replace(&mut self, from: usize, to: usize, with: &str) {
        self.clean.push_str(self.text.get(self.done..from).unwrap_or_default());
        self.clean.push_str(with);
        self.done = to;
    }
}

/// The length of the string that begins here, quotes included.
fn string(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_name_a_secret() {
        for key in [
            "secretAccessKey",
            "SecretAccessKey",
            "sessionToken",
            "password",
            "newPassword",
            "client_secret",
            "clientSecret",
            "apiKey",
            "x-api-key",
            "OPENAI_API_KEY",
            "Authorization",
            "token",
            "access_token",
            "webIdentityToken",
            "X-Amz-Security-Token",
            "SAMLAssertion",
            "secretString",
        ] {
            assert!(names_a_secret(key), "{key}");
        }
        for key in [
            "accessKeyId",
            "nextToken",
            "clientToken",
            "clientRequestToken",
            "hashed_token",
            "token_id",
            "passwordLastUsed",
            "secretId",
            "secretArn",
            "apiKeyId",
            "keyId",
            "tokenEndpoint",
            "authorizationDetails",
        ] {
            assert!(!names_a_secret(key), "{key}");
        }
    }

    #[test]
    fn values_of_such_keys_are_masked_and_the_rest_stays_as_written() {
        for (text, clean) in [
            (r#"{ "a" : 1, "password":"x\"y" , "b":[1.50]}"#, r#"{ "a" : 1, "password":"[masked]" , "b":[1.50]}"#),
            (
                r#"{"token":{"id":"a","n":7,"ok":true},"x":"a"}"#,
                r#"{"token":{"id":"[masked]","n":"[masked]","ok":true},"x":"a"}"#,
            ),
            (r#"{"tokens":["a"],"apiKey":["b","c"]}"#, r#"{"tokens":["a"],"apiKey":["[masked]","[masked]"]}"#),
            (r#"{"password":null,"token":"","secret":"***"}"#, r#"{"password":null,"token":"","secret":"***"}"#),
            (r#"{"password":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#, r#"{"password":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#),
            (
                r#"[{"Key":"DB_PASSWORD","Value":"x"},{"Key":"team","Value":"y"}]"#,
                r#"[{"Key":"DB_PASSWORD","Value":"[masked]"},{"Key":"team","Value":"y"}]"#,
            ),
            (r#"{"a":"{\"b\":\"[1]\",\"apiKey\":\"x\"}"}"#, r#"{"a":"{\"b\":\"[1]\",\"apiKey\":\"[masked]\"}"}"#),
            (
                r#"{"u":"https://x/?client_secret=y&z=1","v":"y"}"#,
                r#"{"u":"https://x/?client_secret=[masked]&z=1","v":"y"}"#,
            ),
            ("user: mira\nsession_token: x\nnext: y", "user: mira\nsession_token: [masked]\nnext: y"),
            ("password = \"x\"\nuser = \"mira\"", "password = \"[masked]\"\nuser = \"mira\""),
        ] {
            assert_eq!(record(text), clean);
            assert_eq!(record(clean), clean, "masked twice");
        }
    }

    #[test]
    fn escapes_hide_nothing() {
        let body = "aB3dE5gH7j".repeat(4);
        for secret in [format!("\\u0067hp_{body}"), format!("x\\nghp_{body}"), format!("gh\\u0070_{body}")] {
            let text = format!("{{\"a\":[\"{secret}\"]}}");
            assert!(!record(&text).contains("aB3dE5gH"), "{}", record(&text));
        }
        let key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCY9sT0bQx4Zv".replace('/', "\\/").replace('+', "\\u002b");
        assert_eq!(record(&format!("{{\"a\":\"{key}\"}}")), r#"{"a":"[masked]"}"#);
    }
}
