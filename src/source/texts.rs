//! Lists and objects of strings, and long ids, as exports write them: forgiving about their type, like a single string.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess};

use super::text::{Forgive, Forgiving, Text, is_masked};

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

impl<'de: 'a, 'a> Forgiving<'de> for Texts<'a> {
    const KIND: &'static str = "a list of strings";

    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = list.next_element()? {
            texts.push(text);
        }
        Ok(Self(texts))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Texts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forgive(PhantomData))
    }
}

/// The members of an object whose names are not known beforehand: those that are texts, numbers or flags.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, Text<'a>)>);

impl<'a> Members<'a> {
    /// The members of a raw JSON value; none where it is no object, or no JSON.
    pub(crate) fn of(raw: Option<&'a str>) -> Self {
        raw.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default()
    }

    /// The text under a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name)?.1.get()
    }

    /// The text under a name that may be written in capital or small letters.
    pub(crate) fn get_folded(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1.get()
    }
}

impl<'a> FromIterator<(Cow<'a, str>, Text<'a>)> for Members<'a> {
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, Text<'a>)>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

impl<'de: 'a, 'a> Forgiving<'de> for Members<'a> {
    const KIND: &'static str = "an object";

    fn of_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Self(members))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forgive(PhantomData))
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
    #[test]
    fn members_that_are_texts() {
        let members = Members::of(Some(r#"{"Name":"tickets","size":3,"list":["a"],"none":null}"#));
        assert_eq!((members.get("Name"), members.get("size")), (Some("tickets"), Some("3")));
        assert_eq!((members.get("name"), members.get_folded("name")), (None, Some("tickets")));
        assert_eq!((members.get("list"), members.get("none")), (None, None));
        for none in [None, Some("[1]"), Some("\"text\""), Some("{")] {
            assert_eq!(Members::of(none).get("Name"), None, "{none:?}");
        }
    }
}
