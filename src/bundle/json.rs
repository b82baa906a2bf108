//! Splits JSON: where an object ends, and what stands in it, in one validating pass over the bytes.
//!
//! It accepts what serde_json accepts as a value, and nothing else; a property test holds the two together. Only the top
//! level is remembered; what is nested is checked and skipped.

use super::record::Member;

/// Deeper than this nobody writes; it bounds the stack.
const DEEPEST: usize = 100;

/// Why bytes are no JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The bytes end before the value does.
    Incomplete,
    /// At this position stands something that JSON does not allow.
    Invalid(usize),
    /// Containers stand in containers, too deep to follow.
    TooDeep,
    /// A key stands twice in one object: two readers would read two different things.
    DuplicateKey(usize),
    /// The bytes are no UTF-8 text, from this position on.
    NotText(usize),
}

/// Splits objects, one after the other; keeps its scratch space between them.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// For each member where its key and its value begin and end.
    ranges: Vec<[usize; 4]>,
}

impl Splitter {
    /// Splits the object that begins at the first byte. Returns its text; its members go to `members`.
    pub(super) fn object<'a>(&mut self, bytes: &'a [u8], members: &mut Vec<Member<'a>>) -> Result<&'a str, Fault> {
        members.clear();
        self.ranges.clear();
        let end = Scanner { bytes }.object(0, 1, |range| self.ranges.push(range))?;
        let text = text_of(bytes.get(..end).unwrap_or_default())?;
        // A key can only stand twice where its mark was seen before; the marks of most objects are all different.
        let mut marks = 0_u128;
        for [key, key_end, value, value_end] in &self.ranges {
            let member = Member {
                key: text.get(*key..*key_end).unwrap_or_default(),
                value: text.get(*value..*value_end).unwrap_or_default(),
            };
            let mark = mark(member.key.as_bytes());
            if marks & mark != 0 && members.iter().any(|other| other.key == member.key) {
                return Err(Fault::DuplicateKey(key - 1));
            }
            marks |= mark;
            members.push(member);
        }
        Ok(text)
    }

    /// Splits a text that holds one object and nothing else around it but white space.
    pub(super) fn whole<'a>(&mut self, text: &'a str, members: &mut Vec<Member<'a>>) -> Option<&'a str> {
        let text = text.trim();
        let object = text.starts_with('{').then(|| self.object(text.as_bytes(), members))?.ok()?;
        (object.len() == text.len()).then_some(object)
    }
}

/// The elements of a raw array that is known to be valid, as raw JSON.
pub(super) fn elements(raw: &str) -> impl Iterator<Item = &str> {
    let bytes = raw.as_bytes();
    let mut at = if bytes.first() == Some(&b'[') { 1 } else { bytes.len() };
    std::iter::from_fn(move || {
        at = skip_space(bytes, at);
        if bytes.get(at) == Some(&b',') {
            at = skip_space(bytes, at + 1);
        }
        let end = end_of_value(bytes, at).ok()?;
        let element = raw.get(at..end);
        at = end;
        element
    })
}

/// The position behind the white space at this one.
pub(super) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// The position behind the value that begins at this one.
pub(super) fn end_of_value(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    Scanner { bytes }.value(at, 0)
}

/// The position behind the string that begins at this one.
pub(super) fn end_of_string(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    Scanner { bytes }.string(at)
}

/// One of 128 bits, by the length and some letters of a key.
fn mark(key: &[u8]) -> u128 {
    let letter = |at: usize| key.get(at).copied().map_or(0, u32::from);
    let middle = letter(key.len() / 2);
    let mixed = (key.len() as u32).wrapping_mul(31) ^ letter(0).wrapping_mul(7) ^ middle.wrapping_mul(13);
    1 << ((mixed ^ letter(key.len().saturating_sub(2)).wrapping_mul(57)) % 128)
}

fn text_of(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|error| Fault::NotText(error.valid_up_to()))
}

#[derive(Clone, Copy)]
struct Scanner<'a> {
    bytes: &'a [u8],
}

impl Scanner<'_> {
    fn value(self, at: usize, depth: usize) -> Result<usize, Fault> {
        match self.bytes.get(at) {
            None => Err(Fault::Incomplete),
            Some(b'"') => self.string(at),
            Some(b'{') => self.object(at, depth + 1, |_| ()),
            Some(b'[') => self.array(at, depth + 1),
            Some(b't') => self.literal(at, b"true"),
            Some(b'f') => self.literal(at, b"false"),
            Some(b'n') => self.literal(at, b"null"),
            Some(b'-' | b'0'..=b'9') => self.number(at),
            Some(_) => Err(Fault::Invalid(at)),
        }
    }

    /// Checks an object and tells of each member where its key (without quotes) and its value begin and end.
    fn object(self, open: usize, depth: usize, mut member: impl FnMut([usize; 4])) -> Result<usize, Fault> {
        if depth > DEEPEST {
            return Err(Fault::TooDeep);
        }
        let mut at = skip_space(self.bytes, open + 1);
        if self.bytes.get(at) == Some(&b'}') {
            return Ok(at + 1);
        }
        loop {
            self.expect(at, b'"')?;
            let key_end = self.string(at)?;
            let key = at + 1;
            at = skip_space(self.bytes, key_end);
            self.expect(at, b':')?;
            let value = skip_space(self.bytes, at + 1);
            let value_end = self.value(value, depth)?;
            member([key, key_end - 1, value, value_end]);
            at = skip_space(self.bytes, value_end);
            match self.bytes.get(at) {
                Some(b'}') => return Ok(at + 1),
                Some(b',') => at = skip_space(self.bytes, at + 1),
                Some(_) => return Err(Fault::Invalid(at)),
                None => return Err(Fault::Incomplete),
            }
        }
    }

    fn array(self, open: usize, depth: usize) -> Result<usize, Fault> {
        if depth > DEEPEST {
            return Err(Fault::TooDeep);
        }
        let mut at = skip_space(self.bytes, open + 1);
        if self.bytes.get(at) == Some(&b']') {
            return Ok(at + 1);
        }
        loop {
            at = skip_space(self.bytes, self.value(at, depth)?);
            match self.bytes.get(at) {
                Some(b']') => return Ok(at + 1),
                Some(b',') => at = skip_space(self.bytes, at + 1),
                Some(_) => return Err(Fault::Invalid(at)),
                None => return Err(Fault::Incomplete),
            }
        }
    }

    fn expect(self, at: usize, byte: u8) -> Result<(), Fault> {
        match self.bytes.get(at) {
            Some(found) if *found == byte => Ok(()),
            Some(_) => Err(Fault::Invalid(at)),
            None => Err(Fault::Incomplete),
        }
    }

    fn literal(self, at: usize, word: &[u8]) -> Result<usize, Fault> {
        let rest = self.bytes.get(at..).unwrap_or_default();
        if rest.starts_with(word) {
            Ok(at + word.len())
        } else if word.starts_with(rest) {
            Err(Fault::Incomplete)
        } else {
            Err(Fault::Invalid(at))
        }
    }

    fn number(self, start: usize) -> Result<usize, Fault> {
        let digits = |mut at: usize| {
            while self.bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let needed = |at: usize| match self.bytes.get(at) {
            Some(byte) if byte.is_ascii_digit() => Ok(digits(at)),
            Some(_) => Err(Fault::Invalid(at)),
            None => Err(Fault::Incomplete),
        };
        let first = if self.bytes.get(start) == Some(&b'-') { start + 1 } else { start };
        let mut at = if self.bytes.get(first) == Some(&b'0') { first + 1 } else { needed(first)? };
        if self.bytes.get(at) == Some(&b'.') {
            at = needed(at + 1)?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(at) {
            at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(at) {
                at += 1;
            }
            at = needed(at)?;
        }
        Ok(at)
    }

    /// The position behind the string whose quote is at `open`.
    fn string(self, open: usize) -> Result<usize, Fault> {
        let mut at = open + 1;
        loop {
            at = self.plain(at);
            match self.bytes.get(at) {
                Some(b'"') => return Ok(at + 1),
                Some(b'\\') => at = self.escape(at + 1)?,
                Some(_) => return Err(Fault::Invalid(at)),
                None => return Err(Fault::Incomplete),
            }
        }
    }

    /// The position of the next quote, backslash or control character; eight bytes at a time.
    fn plain(self, mut at: usize) -> usize {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const HIGHS: u64 = 0x8080_8080_8080_8080;
        let zero_in = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
        while let Some(chunk) = self.bytes.get(at..at + 8).and_then(|chunk| <[u8; 8]>::try_from(chunk).ok()) {
            let word = u64::from_le_bytes(chunk);
            let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
            let found = zero_in(word ^ (ONES * u64::from(b'"'))) | zero_in(word ^ (ONES * u64::from(b'\\'))) | control;
            if found != 0 {
                // A borrow may raise a false mark, but only behind a true one: the lowest is always right.
                return at + found.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
        while self.bytes.get(at).is_some_and(|byte| *byte != b'"' && *byte != b'\\' && *byte >= 0x20) {
            at += 1;
        }
        at
    }

    fn escape(self, at: usize) -> Result<usize, Fault> {
        match self.bytes.get(at) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 1),
            Some(b'u') => {
                let first = self.hex(at + 1)?;
                match first {
                    0xD800..=0xDBFF => self.low_surrogate(at + 5),
                    0xDC00..=0xDFFF => Err(Fault::Invalid(at)),
                    _ => Ok(at + 5),
                }
            }
            Some(_) => Err(Fault::Invalid(at)),
            None => Err(Fault::Incomplete),
        }
    }

    fn low_surrogate(self, at: usize) -> Result<usize, Fault> {
        self.expect(at, b'\\')?;
        self.expect(at + 1, b'u')?;
        match self.hex(at + 2)? {
            0xDC00..=0xDFFF => Ok(at + 6),
            _ => Err(Fault::Invalid(at)),
        }
    }

    fn hex(self, at: usize) -> Result<u32, Fault> {
        (at..at + 4).try_fold(0, |value, at| match self.bytes.get(at) {
            None => Err(Fault::Incomplete),
            Some(byte) => char::from(*byte).to_digit(16).map(|digit| value * 16 + digit).ok_or(Fault::Invalid(at)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn members(text: &str) -> Result<Vec<(String, String)>, Fault> {
        let mut members = Vec::new();
        Splitter::default().object(text.as_bytes(), &mut members)?;
        Ok(members.iter().map(|member| (member.key.to_owned(), member.value.to_owned())).collect())
    }

    #[test]
    fn splits_the_top_level_only() {
        let split = members(r#"{"a":1, "b" : {"a":[1,{"x":"}"}]},"c":"q\"}" }{"next":1}"#).expect("valid");
        let expected = [("a", "1"), ("b", r#"{"a":[1,{"x":"}"}]}"#), ("c", r#""q\"}""#)];
        assert_eq!(split, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(members(r#"{"a":1,"#), Err(Fault::Incomplete));
        assert_eq!(members(r#"{"a":01}"#), Err(Fault::Invalid(6)));
        assert_eq!(members(r#"{"a":1,"a":2}"#), Err(Fault::DuplicateKey(7)));
        assert_eq!(members(&format!("{{\"a\":{}", "[".repeat(5000))), Err(Fault::TooDeep));
        assert_eq!(members("{\"a\":\"\u{0}\"}"), Err(Fault::Invalid(6)));
    }

    #[test]
    fn elements_of_an_array() {
        assert_eq!(
            elements(r#"[ {"a":1}, 2 ,"x,y",[3] ]"#).collect::<Vec<_>>(),
            [r#"{"a":1}"#, "2", r#""x,y""#, "[3]"]
        );
        assert_eq!(elements("[]").count(), 0);
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn agrees_with_serde_on_valid_values(value in json()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).expect("serializable")] {
                prop_assert_eq!(end_of_value(text.as_bytes(), 0), Ok(text.len()));
            }
        }

        #[test]
        fn agrees_with_serde_on_damaged_values(value in json(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = value.to_string().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let judge = serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_ok();
            let whole = end_of_value(&bytes, 0).is_ok_and(|end| skip_space(&bytes, end) == bytes.len());
            let space = skip_space(&bytes, 0) > 0;
            // serde_json does not look into ignored strings for UTF-8; both are asked about text only.
            if std::str::from_utf8(&bytes).is_ok() && !space {
                prop_assert_eq!(whole, judge, "{:?}", String::from_utf8_lossy(&bytes));
            }
        }
    }
}
