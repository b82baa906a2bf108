//! Parameters under the names that the API gives them, whichever case their service logs.
//!
//! Most services write the first letter of a parameter lower-case (`roleArn`), some write it as the API has it
//! (`RoleArn`). Read through [`Camel`], both are the same.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

/// A value whose keys are read as if their first letter were lower-case.
pub(super) struct Camel<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Camel<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(CamelVisitor(PhantomData)).map(Self)
    }
}

struct CamelVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for CamelVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(CamelMap(map)))
    }
}

struct CamelMap<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for CamelMap<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(Key(key)) = self.0.next_key()? else { return Ok(None) };
        match key {
            Cow::Borrowed(key) => seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some),
            Cow::Owned(key) => seed.deserialize(StrDeserializer::new(&key)).map(Some),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}

/// A key with its first letter lower-case; borrowed where it has it so.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
        let is_lower = !key.starts_with(|first: char| first.is_ascii_uppercase());
        Ok(Key(if is_lower { Cow::Borrowed(key) } else { lowered(key) }))
    }

    fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
        Ok(Key(lowered(key)))
    }
}

fn lowered<'a>(key: &str) -> Cow<'a, str> {
    let mut key = key.to_owned();
    if let Some(first) = key.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    Cow::Owned(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::text::Text;

    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Request<'a> {
        #[serde(borrow)]
        role_arn: Text<'a>,
    }

    #[test]
    fn keys_of_either_case() {
        for json in [r#"{"roleArn":"r","x":{"RoleArn":1}}"#, r#"{"X":[1],"RoleArn":"r"}"#, r#"{"\u0052oleArn":"r"}"#] {
            let Camel(request) = serde_json::from_str::<Camel<Request<'_>>>(json).expect(json);
            assert_eq!(request.role_arn.get(), Some("r"), "{json}");
        }
        assert!(serde_json::from_str::<Camel<Request<'_>>>("null").is_err());
    }
}
