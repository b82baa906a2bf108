//! AWS tags: read in either of the two ways that AWS writes them, and what an owner tag says.
//!
//! Reference: docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html. A tag is what somebody wrote, no more: it is
//! written down as a declaration, with the session that set it where the record shows it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::text::{Part, Text};
use crate::fact::claim::{Declaring, Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::text::folded;

/// Tags: `{"owner": "mira"}` or `[{"key": "owner", "value": "mira"}]`, keys in either case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tags<'a>(Vec<(Cow<'a, str>, Text<'a>)>);

impl Tags<'_> {
    /// The tags that have a value.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(key, value)| Some((key.as_ref(), value.get()?)))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tag<'a> {
    #[serde(alias = "Key", borrow)]
    key: Text<'a>,
    #[serde(alias = "Value", borrow)]
    value: Text<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Tags<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TagsVisitor).map(Tags)
    }
}

struct TagsVisitor;

impl<'de> Visitor<'de> for TagsVisitor {
    type Value = Vec<(Cow<'de, str>, Text<'de>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tags")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut tags = Vec::new();
        while let Some(tag) = map.next_entry::<Cow<'de, str>, Text<'de>>()? {
            tags.push(tag);
        }
        Ok(tags)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut tags = Vec::new();
        while let Some(tag) = list.next_element::<Part<Tag<'de>>>()? {
            let Some(Tag { key, value }) = tag.into_inner() else { continue };
            if let Some(key) = key.get() {
                tags.push((Cow::Owned(key.to_owned()), value));
            }
        }
        Ok(tags)
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

/// Keys under which people write an owner, without case and separators.
const OWNER_KEYS: &[&str] = &[
    "agentowner",
    "businessowner",
    "contact",
    "contactemail",
    "maintainer",
    "owner",
    "ownedby",
    "owneremail",
    "productowner",
    "responsible",
    "serviceowner",
    "technicalowner",
];

/// Whether a tag of this key names an owner.
pub(crate) fn is_owner_key(key: &str) -> bool {
    let key: String = key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    OWNER_KEYS.contains(&key.as_str())
}

/// Writes down the tags of a thing: each as a detail, an owner tag also as a declaration by whoever set it, and the
/// stack that CloudFormation says it belongs to (`aws:` tags can be set by AWS alone).
pub(crate) fn tagged(facts: &mut FactWriter, thing: HandleId, tags: &Tags<'_>, by: Option<HandleId>) {
    for (key, value) in tags.pairs() {
        facts.described(thing, Detail::Tag, &format!("{key}={value}"));
        if key == "aws:cloudformation:stack-id" {
            let stack = facts.handle(HandleKind::Workload, "", value);
            facts.tied(thing, Tie::PartOf, stack);
        } else if is_owner_key(key) {
            let owner = owner(facts, value);
            facts.declared(owner, thing, Declaring::Tag, by);
        }
    }
}

/// What an owner tag names: an e-mail address, else a login or team of an unknown realm.
pub(crate) fn owner(out: &mut impl Stand, value: &str) -> HandleId {
    match value.split_once('@') {
        Some((local, domain)) if !local.is_empty() && domain.contains('.') => {
            out.handle(HandleKind::Email, "", &folded(value))
        }
        _ => out.handle(HandleKind::Login, "", value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_way_of_writing() {
        for json in
            [r#"{"owner":"mira"}"#, r#"[{"key":"owner","value":"mira"}]"#, r#"[{"Key":"owner","Value":"mira"},7]"#]
        {
            let tags: Tags<'_> = serde_json::from_str(json).expect(json);
            assert_eq!(tags.pairs().collect::<Vec<_>>(), [("owner", "mira")], "{json}");
        }
    }

    #[test]
    fn owner_keys() {
        assert!(is_owner_key("Owner") && is_owner_key("owner-email") && is_owner_key("Service_Owner"));
        assert!(!is_owner_key("cost-center") && !is_owner_key("ownership-model"));
    }
}
