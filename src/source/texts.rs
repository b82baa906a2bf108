//! Lists of strings, and long ids, as exports write them: forgiving about their type, like a single string.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::text::{Text, is_masked};

/// An optional id. A string, or a number that is exact: one with so many digits that it would be rounded is absent,
/// because the rounded one is somebody else's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exact<'a>(Option<Cow<'a, str>>);

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Written<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Number(u64),
    Other(IgnoredAny),
}

impl<'de: 'a, 'a> Deserialize<'de> for Exact<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Written::deserialize(deserializer).map(|written| {
            Self(match written {
                Written::Text(text) if text.trim().is_empty() || is_masked(&text) => None,
                Written::Text(text) => Some(text),
                Written::Number(number) => Some(Cow::Owned(number.to_string())),
                Written::Other(IgnoredAny) => None,
            })
        })
    }
}

impl Exact<'_> {
    /// The id, where there is one.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// An optional list of strings. What is no string in it is left out; anything but a list is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts<'a>(Vec<Text<'a>>);

impl Texts<'_> {
    /// The strings.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(Text::get)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Texts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextsVisitor).map(Texts)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Vec<Text<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = list.next_element()? {
            texts.push(text);
        }
        Ok(texts)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Vec::new())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rounded_id_is_absent() {
        let id = |json: &str| serde_json::from_str::<Exact<'_>>(json).expect(json).get().map(str::to_owned);
        assert_eq!(id("\"107000000000000000001\"").as_deref(), Some("107000000000000000001"));
        assert_eq!(id("1070000001").as_deref(), Some("1070000001"));
        for absent in ["107000000000000000001", "null", "\"\"", "\"***\"", "{}", "[1]", "true"] {
            assert_eq!(id(absent), None, "{absent}");
        }
    }
}
