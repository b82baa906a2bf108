//! Secrets by their shape: what begins, or is mixed, as only secrets are; and what a text itself calls a secret.
//!
//! The shapes are those of the vendors' documentation. Ids are no secrets: an access key id, a token's id or its
//! fingerprint is what joins records, and stays.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::keys::{names_a_secret, names_a_secret_in_a_header};

/// What is printed in place of a secret.
pub(super) const MASK: &str = "[masked]";

/// How a recognised secret begins, and which characters go on with it.
struct Shape {
    begins: &'static str,
    /// The fewest characters behind the beginning that make it a secret.
    at_least: usize,
    /// Further characters that belong to it, beside letters and digits.
    also: &'static [u8],
    /// The fewest letters and digits in one piece, where the beginning alone could be a word's.
    in_one_piece: usize,
}

const fn shape(begins: &'static str, at_least: usize, also: &'static [u8]) -> Shape {
    Shape { begins, at_least, also, in_one_piece: 0 }
}

/// The shapes of secrets. Case is not looked at: what was written small still gives the secret away.
const SHAPES: &[Shape] = &[
    shape("ghp_", 30, b"_"),
    shape("gho_", 30, b"_"),
    shape("ghu_", 30, b"_"),
    shape("ghs_", 30, b"_"),
    shape("ghr_", 30, b"_"),
    shape("github_pat_", 20, b"_"),
    shape("glpat-", 16, b"_-."),
    shape("gldt-", 16, b"_-."),
    shape("glrt-", 16, b"_-."),
    shape("glptt-", 16, b"_-."),
    shape("glcbt-", 16, b"_-."),
    shape("gloas-", 16, b"_-."),
    shape("hvs.", 20, b"_-"),
    shape("hvb.", 20, b"_-"),
    shape("hvr.", 20, b"_-"),
    shape("xoxb-", 10, b"-"),
    shape("xoxp-", 10, b"-"),
    shape("xoxa-", 10, b"-"),
    shape("xoxr-", 10, b"-"),
    shape("xoxs-", 10, b"-"),
    shape("xoxe-", 10, b"-"),
    shape("xoxe.xox", 10, b"-"),
    shape("xapp-", 10, b"-"),
    shape("hooks.slack.com/services/", 20, b"/"),
    // Agents are called sk-something, too; a key is one long piece at some place.
    Shape { begins: "sk-", at_least: 20, also: b"_-", in_one_piece: 16 },
    shape("sk_live_", 16, b""),
    shape("AIza", 30, b"_-"),
    shape("ya29.", 20, b"_-."),
    shape("GOCSPX-", 20, b"_-"),
    shape("eyJ", 30, b"_-.=+/"),
    shape("SSWS ", 20, b"_-"),
    shape("Bearer ", 16, b"_-.~+/="),
    shape("ABSK", 40, b"+/="),
    shape("bedrock-api-key-", 30, b"+/="),
    shape("IQoJ", 60, b"+/="),
    shape("FwoG", 60, b"+/="),
    shape("FQoD", 60, b"+/="),
    shape("npm_", 30, b""),
    shape("hf_", 30, b""),
    shape("sbp_", 30, b""),
    shape("lin_api_", 24, b""),
    shape("ATATT", 40, b"_-="),
    shape("AccountKey=", 40, b"+/="),
    shape("SharedAccessKey=", 40, b"+/="),
    shape("SharedAccessSignature=", 20, b"+/=&%-:."),
];

/// Beginning and end of a private key, whose body may go over lines.
const PRIVATE_KEY: (&str, &str) = ("-----BEGIN", "-----END");

const DASHES: &str = "-----";

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().ascii_case_insensitive(true).build(SHAPES.iter().map(|shape| shape.begins)).ok()
});

/// Masks everything that looks like a secret, leaving its beginning, which names its kind.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    let text = after(Cow::Borrowed(text), private_keys);
    let text = after(text, shapes);
    let text = after(text, aws_secret_keys);
    after(text, assignments)
}

/// One step after the other, without a copy where a step finds nothing.
fn after<'t>(text: Cow<'t, str>, step: impl Fn(&str) -> Option<String>) -> Cow<'t, str> {
    match step(&text) {
        Some(masked) => Cow::Owned(masked),
        None => text,
    }
}

/// A copy of a text with masks over some stretches; `None` where there are none.
#[derive(Default)]
struct Copy {
    clean: String,
    done: usize,
}

impl Copy {
    fn mask(&mut self, text: &str, from: usize, to: usize) {
        self.clean.push_str(text.get(self.done..from).unwrap_or_default());
        self.clean.push_str(MASK);
        self.done = to;
    }

    fn finish(mut self, text: &str) -> Option<String> {
        if self.done == 0 {
            return None;
        }
        self.clean.push_str(text.get(self.done..).unwrap_or_default());
        Some(self.clean)
    }
}

fn shapes(text: &str) -> Option<String> {
    let finder = FINDER.as_ref()?;
    let bytes = text.as_bytes();
    let mut copy = Copy::default();
    for found in finder.find_overlapping_iter(text) {
        let Some(shape) = SHAPES.get(found.pattern().as_usize()).filter(|_| found.end() >= copy.done) else {
            continue;
        };
        let goes_on = found.start() < copy.done;
        let length = length(bytes.get(found.end()..).unwrap_or_default(), shape);
        let end = found.end() + length;
        let in_one_piece = || {
            let body = bytes.get(found.end()..end).unwrap_or_default();
            let pieces = body.split(|byte| !byte.is_ascii_alphanumeric());
            pieces.map(<[u8]>::len).max().unwrap_or(0)
        };
        let is_secret = length >= shape.at_least && (shape.in_one_piece == 0 || in_one_piece() >= shape.in_one_piece);
        if is_secret && (goes_on || begins_a_word(bytes.get(..found.start()).unwrap_or_default())) {
            copy.mask(text, found.end(), end);
        }
    }
    copy.finish(text)
}

/// How far a secret goes on. In a URL its last characters are written as `%2B`, `%2F` and `%3D`.
fn length(rest: &[u8], shape: &Shape) -> usize {
    let mut length = 0;
    while let Some(byte) = rest.get(length) {
        let coded =
            || rest.get(length + 1..length + 3).and_then(decoded).is_some_and(|byte| shape.also.contains(&byte));
        if byte.is_ascii_alphanumeric() || shape.also.contains(byte) {
            length += 1;
        } else if *byte == b'%' && coded() {
            length += 3;
        } else {
            break;
        }
    }
    length
}

/// The byte that two hexadecimal digits stand for.
fn decoded(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Whether a word can begin behind this text: a letter or digit before it may be the end of an escape (`\n`, `%20`).
fn begins_a_word(before: &[u8]) -> bool {
    match before {
        [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f'] => true,
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => true,
        [.., b'\\', b'u', _, _, _, _] => true,
        [.., last] => !last.is_ascii_alphanumeric(),
        [] => true,
    }
}

/// AWS secret access keys have no beginning of their own: forty characters of base64 in which large letters, small
/// letters and digits follow each other as by dice. In paths, hashes and ids they do not.
fn aws_secret_keys(text: &str) -> Option<String> {
    const LENGTH: usize = 40;
    /// By dice about 25 of the 39 neighbours are of different kinds.
    const CHANGES: usize = 15;
    let bytes = text.as_bytes();
    if bytes.len() < LENGTH {
        return None;
    }
    let kind = |byte: u8| match byte {
        b'A'..=b'Z' => 0,
        b'a'..=b'z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let is_key = |word: &[u8]| {
        let changes = word.windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count();
        changes >= CHANGES && (0..3).all(|wanted| word.iter().any(|byte| kind(*byte) == wanted))
    };
    let is_inside = |at: usize| bytes.get(at).is_some_and(|byte| kind(*byte) < 3 || matches!(byte, b'+' | b'/'));
    // A slash or plus sign may be of the key, or stand beside it.
    let is_border = |at: usize| !is_inside(at) || bytes.get(at).is_some_and(|byte| kind(*byte) == 3);
    let mut copy = Copy::default();
    let mut run = 0;
    for at in 0..bytes.len() {
        run = if is_inside(at) { run + 1 } else { 0 };
        let from = (at + 1).saturating_sub(LENGTH);
        if run < LENGTH || from < copy.done || !is_border(at + 1) || (from > 0 && !is_border(from - 1)) {
            continue;
        }
        if bytes.get(from..=at).is_some_and(is_key) {
            copy.mask(text, from, at + 1);
        }
    }
    copy.finish(text)
}

fn private_keys(text: &str) -> Option<String> {
    if !text.contains(DASHES) {
        return None;
    }
    // Some systems write names in small letters; the positions are the same.
    let upper = text.to_ascii_uppercase();
    let from = upper.find(PRIVATE_KEY.0)?;
    let key = upper.get(from..)?;
    if !key.contains("PRIVATE KEY") {
        return None;
    }
    let length = key.find(PRIVATE_KEY.1).map_or(key.len(), |end| end + PRIVATE_KEY.1.len());
    let key = text.get(from..)?;
    let (before, behind) = (text.get(..from)?, key.get(length..)?);
    let behind = after(Cow::Borrowed(behind), private_keys);
    Some(format!("{before}{MASK}{behind}"))
}

/// What a text itself calls a secret: `password=…`, `"client_secret": "…"`, `Authorization: Basic …`.
fn assignments(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut copy = Copy::default();
    for (at, byte) in bytes.iter().enumerate() {
        if !matches!(byte, b'=' | b':') || at < copy.done {
            continue;
        }
        if let Some((from, to)) =
            assigned(bytes, at).filter(|(from, to)| bytes.get(*from..*to) != Some(MASK.as_bytes()))
        {
            copy.mask(text, from, to);
        }
    }
    copy.finish(text)
}

/// Where the secret stands that is assigned by the sign at this position.
fn assigned(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let is_quote = |byte: u8| matches!(byte, b'"' | b'\'');
    let before = bytes.get(..at)?.trim_ascii_end();
    let unquoted = match before {
        [rest @ .., b'\\', b'"'] | [rest @ .., b'"' | b'\''] => rest,
        rest => rest,
    };
    let quoted = unquoted.len() < before.len();
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let length = unquoted.iter().rev().take_while(is_name).count();
    let name = std::str::from_utf8(unquoted.get(unquoted.len() - length..)?).ok()?;
    let behind = bytes.get(at + 1..)?;
    // `=>` and `:=` assign in some languages; `==` compares.
    if bytes.get(at..at + 2) == Some(b"==") {
        return None;
    }
    let sign = usize::from(matches!(behind.first(), Some(b'>' | b'=')));
    let space = behind.get(sign..)?.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let calls = match bytes.get(at) {
        Some(b'=') => names_a_secret(name),
        // A colon also stands in ARNs, times and addresses.
        _ if quoted => names_a_secret(name),
        _ => space > 0 && names_a_secret_in_a_header(name),
    };
    if name.is_empty() || !calls {
        return None;
    }
    let mut from = at + 1 + sign + space;
    let escaped = bytes.get(from) == Some(&b'\\');
    let quote = bytes.get(from + usize::from(escaped)).copied().filter(|byte| is_quote(*byte));
    if quote.is_some() {
        from += usize::from(escaped) + 1;
    }
    let value = bytes.get(from..)?;
    let whole_line = name.to_ascii_lowercase().ends_with("authorization");
    let ends = |byte: &u8| match quote {
        Some(quote) => *byte == quote || *byte == b'\\',
        None if whole_line => matches!(byte, b'\n' | b'\r' | b'"' | b'\''),
        None => {
            byte.is_ascii_whitespace() || matches!(byte, b'&' | b';' | b',' | b')' | b']' | b'}' | b'"' | b'\'' | b'<')
        }
    };
    let length = value.iter().position(ends).unwrap_or(value.len());
    // A mask that is already there ends with a bracket.
    let mask = value.starts_with(MASK.as_bytes()).then_some(MASK.len());
    let length = mask.unwrap_or(length);
    (length > 0).then_some((from, from + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWS: &str = "wJalrXUtnFEMI7K3MDENGbPxRfiCY9sT0bQx4Zv1";

    #[test]
    fn secrets_are_masked_and_ids_are_not() {
        let secret = format!("token ghp_{} used", "a1".repeat(18));
        assert_eq!(masked(&secret), "token ghp_[masked] used");
        let bearer = format!("Authorization: Bearer eyJ{}.x.y", "b".repeat(40));
        assert_eq!(masked(&bearer), "Authorization: [masked]");
        for id in [
            "AKIAEXAMPLE0123456AB",
            "risk-sk-team",
            "agent/sk-ticket-triage-for-payments-team",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/password-AbCdEf",
            "AWSLogs/111122223333/CloudTrail/Customer/Archive/2026/Reports",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "k4BDyRHr0Wbzgz9JvO6ABqZ3FHXhN7SJ1bJmcXvI2aU=",
        ] {
            assert_eq!(masked(id), id);
        }
    }

    #[test]
    fn every_shape_alone_and_behind_escapes() {
        for shape in SHAPES {
            let body = "aB3dE5gH7j".repeat(10);
            for before in ["", "x ", "a=", "\\n", "%20", "\\u003d", "/"] {
                let text = format!("{before}{}{body}", shape.begins);
                let clean = masked(&text);
                assert!(!clean.contains("aB3dE5gH"), "{text}: {clean}");
                assert_eq!(masked(&clean), clean, "masked twice");
            }
        }
    }

    #[test]
    fn one_behind_the_other() {
        let (one, other) = ("aB3d".repeat(10), "xY9z".repeat(10));
        let clean = masked(&format!("Bearer {one}/Bearer {other}, eyJ{one}SSWS {other}")).into_owned();
        assert!(!clean.contains("aB3d") && !clean.contains("xY9z"), "{clean}");
    }

    #[test]
    fn coded_for_a_url_it_goes_on() {
        let token = format!("X=IQoJ{}%2F{}%3D%3D&next=1", "aB3d".repeat(16), "xY9z".repeat(20));
        assert_eq!(masked(&token), "X=IQoJ[masked]&next=1");
    }

    #[test]
    fn aws_secret_keys_by_their_mixture() {
        assert_eq!(masked(AWS), MASK);
        assert_eq!(masked(&format!("key {AWS}, user mira")), "key [masked], user mira");
        assert_eq!(masked(&format!("https://example.com/{AWS}/next")), "https://example.com/[masked]/next");
        let slash = AWS.replace('K', "/");
        assert_eq!(masked(&format!("mira@example.com/{slash}")), "mira@example.com/[masked]");
        assert_eq!(masked(&format!("{AWS}x")), format!("{AWS}x"), "41 are none");
    }

    #[test]
    fn private_keys_over_lines() {
        let key = "a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b";
        assert_eq!(masked(key), "a [masked] RSA PRIVATE KEY----- b");
        assert_eq!(masked(&key.to_lowercase()), "a [masked] rsa private key----- b");
        let chain = "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nMIIE";
        assert!(!masked(chain).contains("MIIE"), "{}", masked(chain));
        let certificate = "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----";
        assert_eq!(masked(certificate), certificate);
    }

    #[test]
    fn what_a_text_calls_a_secret() {
        for (text, clean) in [
            ("/login?user=mira&password=hunter2&x=1", "/login?user=mira&password=[masked]&x=1"),
            ("Authorization: Basic bWlyYTpodW50ZXIy", "Authorization: [masked]"),
            ("{\"client_secret\": \"hunter 2\", \"id\": 1", "{\"client_secret\": \"[masked]\", \"id\": 1"),
            ("{\\\"apiKey\\\":\\\"hunter2\\\",", "{\\\"apiKey\\\":\\\"[masked]\\\","),
            ("db_password => 'hunter2'", "db_password => '[masked]'"),
            ("password: hunter2", "password: [masked]"),
            ("clientToken=1f0c", "clientToken=1f0c"),
            ("if token == wanted", "if token == wanted"),
            ("the password: ", "the password: "),
        ] {
            assert_eq!(masked(text), clean);
            assert_eq!(masked(clean), clean);
        }
    }
}
