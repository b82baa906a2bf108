//! A string as exports write it: borrowed where it can be, forgiving about its type, never a masked value.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// An optional string field. A number or boolean is taken as it is written; `null`, the empty string, an object, an
/// array and a masked value (`***`, `HIDDEN_DUE_TO_SECURITY_REASONS`) are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(Option<Cow<'a, str>>);

impl<'a> Text<'a> {
    /// No text.
    pub(crate) const NONE: Self = Self(None);

    /// The text of a cell or of any other form that is no JSON; what is empty or masked is absent.
    pub(crate) fn of(text: Option<Cow<'a, str>>) -> Self {
        Self(text.and_then(present))
    }

    /// Takes another text where there is none.
    pub(crate) fn or(&mut self, other: Option<Cow<'a, str>>) {
        if self.0.is_none() {
            *self = Self::of(other);
        }
    }

    /// The text, where there is one.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// Words that vendors write in place of a value they hide. They are never names.
const MASKS: &[&str] = &["HIDDEN_DUE_TO_SECURITY_REASONS", "REDACTED", "<sensitiveDataRemoved>", "null", "unknown"];

/// Whether a text can be an e-mail address or a user name of that form: it has an at sign and no white space.
pub(crate) fn is_address(text: &str) -> bool {
    text.contains('@') && !text.contains(char::is_whitespace)
}

/// A name that is compared without case, in lower case. A text with white space is no name and is left as it is written,
/// like one in which letters and digits follow each other as by dice: what is a secret in them can then still be seen for
/// one.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let is_folded = text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    let is_name = !text.contains(char::is_whitespace) && !is_mixed(text);
    if is_folded || !is_name { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// Whether a word in a text is as mixed as only keys are that have no beginning of their own.
pub(crate) fn is_mixed(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '+').any(is_as_by_dice)
}

/// Whether a word can be a key that has no beginning of its own, like the secret of an AWS access key: as long as one, and
/// of letters of both sizes and digits in no order.
fn is_as_by_dice(word: &str) -> bool {
    const LENGTH: usize = 40;
    const CHANGES: usize = 15;
    let kind = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let changes = || word.as_bytes().windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count();
    let has = |is: fn(&u8) -> bool| word.as_bytes().iter().any(is);
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    word.len() >= LENGTH && mixed && changes() >= CHANGES
}

/// Whether a value is hidden by its vendor.
pub(crate) fn is_masked(text: &str) -> bool {
    MASKS.contains(&text) || (text.len() >= 3 && text.bytes().all(|byte| byte == b'*'))
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Self)
    }
}

struct TextVisitor;

fn present(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    (!text.trim().is_empty() && !is_masked(&text)).then_some(text)
}

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(present(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(present(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(present(Cow::Owned(text)))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if value { "true" } else { "false" })))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// An optional object field. Anything but an object is absent.
#[derive(Clone, Debug)]
pub(crate) struct Part<T>(Option<T>);

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Part<T> {
    /// A part of a form that is no JSON.
    pub(crate) fn of(part: T) -> Self {
        Self(Some(part))
    }

    /// The object itself, where there is one.
    pub(crate) fn into_inner(self) -> Option<T> {
        self.0
    }

    /// The object, where there is one.
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<'de, T: Deserialize<'de>> Forgiving<'de> for Part<T> {
    const KIND: &'static str = "an object";

    fn of_map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Self::of)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forgive(PhantomData))
    }
}

/// An optional list of objects; what is no object in it is left out, anything but a list is empty.
#[derive(Clone, Debug)]
pub(crate) struct Parts<T>(Vec<T>);

impl<T> Default for Parts<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Parts<T> {
    /// A list of a form that is no JSON.
    pub(crate) fn of(parts: Vec<T>) -> Self {
        Self(parts)
    }

    /// The objects themselves.
    pub(crate) fn into_inner(self) -> Vec<T> {
        self.0
    }

    /// The objects.
    pub(crate) fn get(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Forgiving<'de> for Parts<T> {
    const KIND: &'static str = "a list";

    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = list.next_element::<Part<T>>()? {
            parts.extend(part.0);
        }
        Ok(Self(parts))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Parts<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forgive(PhantomData))
    }
}

/// What is read from one kind of JSON value, and is empty where any other kind stands in its place.
pub(super) trait Forgiving<'de>: Default {
    /// The kind of value, in words.
    const KIND: &'static str;

    /// Reads an object.
    fn of_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    /// Reads a list.
    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

/// Visits whatever value stands where a [`Forgiving`] one is looked for.
pub(super) struct Forgive<T>(pub(super) PhantomData<T>);

impl<'de, T: Forgiving<'de>> Visitor<'de> for Forgive<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::KIND)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::of_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::of_list(list)
    }

    fn visit_str<E>(self, _: &str) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Entry<'a> {
        #[serde(borrow, default)]
        field: Text<'a>,
    }

    fn field(json: &str) -> Option<String> {
        serde_json::from_str::<Entry<'_>>(json).expect("valid").field.get().map(str::to_owned)
    }

    #[test]
    fn forgiving_about_types() {
        assert_eq!(field(r#"{"field":"a\u0062"}"#).as_deref(), Some("ab"));
        assert_eq!(field(r#"{"field":12}"#).as_deref(), Some("12"));
        for absent in ["{}", r#"{"field":null}"#, r#"{"field":""}"#, r#"{"field":{"a":1}}"#, r#"{"field":["a"]}"#] {
            assert_eq!(field(absent), None, "{absent}");
        }
    }

    #[test]
    fn names_without_case() {
        assert_eq!(folded(" Mira.Holt@Example.com "), "mira.holt@example.com");
        for kept in ["Mira Holt", "p0Qx7Lk2Vb9Tz4Rm1Ns8Wd3Yc6Hg5Jf0Ua7Ie2Ob"] {
            assert_eq!(folded(kept), kept);
        }
        assert_eq!(
            folded("AmazonBedrockExecutionRoleForAgentsOfTheClaimsTeam"),
            "amazonbedrockexecutionroleforagentsoftheclaimsteam"
        );
        let thumbprint = "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567";
        assert_eq!(folded(thumbprint), thumbprint.to_lowercase());
    }

    #[test]
    fn a_masked_value_is_absent() {
        for mask in ["***", "****", "REDACTED", "HIDDEN_DUE_TO_SECURITY_REASONS"] {
            assert_eq!(field(&format!(r#"{{"field":"{mask}"}}"#)), None);
        }
    }
}
