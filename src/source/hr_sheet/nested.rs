//! Sections of a worker in JSON: `work.reportsTo.id`, `attributes.email.value`, `manager.descriptor`.
//!
//! Only sections that are listed or have a meaning as a whole are entered: a section on pay is never read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Sheet;
use super::columns::{meaning, plain};

/// Sections that hold what is of interest, by their plain label.
const SECTIONS: &[&str] = &["attributes", "employment", "internal", "properties", "root", "work", "workreportsto"];

/// Sections whose own name says nothing: their members stand for themselves.
const TRANSPARENT: &[&str] = &["attributes", "employment", "properties"];

/// How deep sections are read.
const DEEPEST: usize = 3;

/// Reads a section into a sheet.
pub(super) fn read<'a>(sheet: &mut Sheet<'a>, label: String, text: &'a str) {
    if SECTIONS.contains(&label.as_str()) || meaning(&label).is_some() {
        let seed = Seed { sheet, label, depth: 0 };
        // What cannot be read is not there; the record as a whole is valid JSON.
        let _ = seed.deserialize(&mut serde_json::Deserializer::from_str(text));
    }
}

/// A value somewhere in a section.
struct Seed<'s, 'a> {
    sheet: &'s mut Sheet<'a>,
    label: String,
    depth: usize,
}

impl<'de: 'a, 'a> DeserializeSeed<'de> for Seed<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de: 'a, 'a> Visitor<'de> for Seed<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let key = plain(&key);
            let is_the_value = matches!(key.as_str(), "descriptor" | "value");
            let label = match self.label.as_str() {
                own if is_the_value => own.to_owned(),
                own if TRANSPARENT.contains(&own) => key,
                own => format!("{own}{key}"),
            };
            let enters = self.depth < DEEPEST && (meaning(&label).is_some() || SECTIONS.contains(&label.as_str()));
            if enters {
                map.next_value_seed(Seed { sheet: &mut *self.sheet, label, depth: self.depth + 1 })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.sheet.add(&self.label, || Some(Cow::Borrowed(text)));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.sheet.add(&self.label, || Some(Cow::Owned(text.to_owned())));
        Ok(())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.sheet.add(&self.label, || Some(Cow::Borrowed(if flag { "true" } else { "false" })));
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.sheet.add(&self.label, || Some(Cow::Owned(number.to_string())));
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.sheet.add(&self.label, || Some(Cow::Owned(number.to_string())));
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
