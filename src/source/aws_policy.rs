//! Trust policies: who may act as a role, as its policy says. Shared by the AWS sources.
//!
//! References: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html and
//! …/id_roles_providers_create_for-idp_oidc.html. A policy says what is permitted, never what happened: it is written as
//! grants. Denials and conditions other than the subject of a token are not weighed, so a grant can be narrower in truth;
//! `*` names nobody and is left out.
//!
//! The API writes the document as URL-encoded JSON in a string, the CLI as JSON, CloudTrail's request as JSON in a string.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::aws_names::{AWS, Arn, assumed_role, principal, principal_named};
use super::oidc::{Platform, Subject};
use super::text::{Part, Text};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Policy<'a> {
    #[serde(rename = "Statement", borrow)]
    statements: Many<Statement<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Statement<'a> {
    #[serde(borrow)]
    effect: Text<'a>,
    #[serde(borrow)]
    principal: Part<Principals<'a>>,
    #[serde(borrow)]
    condition: Part<Table<'a, Part<Table<'a, Many<Text<'a>>>>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Principals<'a> {
    #[serde(rename = "AWS", borrow)]
    aws: Many<Text<'a>>,
    #[serde(rename = "Service", borrow)]
    service: Many<Text<'a>>,
    #[serde(rename = "Federated", borrow)]
    federated: Many<Text<'a>>,
}

/// A trust policy, in whichever wrapping it came.
#[derive(Default)]
pub(crate) struct Trust<'a>(Option<Policy<'a>>, Option<String>);

impl Trust<'_> {
    /// Writes down who may act as `role`. `by` is who wrote the policy, where the record says so.
    pub(crate) fn write(&self, facts: &mut FactWriter, role: HandleId, by: Option<HandleId>) {
        if let Some(policy) = &self.0 {
            trusted(facts, role, policy, by);
        }
        let text = self.1.as_deref().and_then(|text| {
            let is_json = text.trim_start().starts_with('{');
            if is_json { Some(Cow::Borrowed(text)) } else { percent_decoded(text).map(Cow::Owned) }
        });
        if let Some(text) = text
            && let Ok(policy) = serde_json::from_str(&text)
        {
            trusted(facts, role, &policy, by);
        }
    }
}

fn trusted(facts: &mut FactWriter, role: HandleId, policy: &Policy<'_>, by: Option<HandleId>) {
    for statement in policy.statements.0.iter().filter(|statement| statement.effect.get() == Some("Allow")) {
        let Some(principals) = statement.principal.get() else { continue };
        let services = principals.service.texts().filter(|name| name.contains('.'));
        let mut trusted: Vec<Option<HandleId>> =
            services.map(|name| Some(facts.handle(HandleKind::Service, "", name))).collect();
        trusted.extend(principals.aws.texts().map(|name| account_or_principal(facts, name)));
        for provider in principals.federated.texts() {
            federated(facts, provider, statement, &mut trusted);
        }
        for to in trusted.into_iter().flatten() {
            facts.granted(by, to, role);
        }
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        (bytes, rest) = match (first, behind) {
            (b'%', [high, low, behind @ ..]) => {
                let hex = |byte: &u8| char::from(*byte).to_digit(16);
                bytes.push(u8::try_from(hex(high)? * 16 + hex(low)?).ok()?);
                (bytes, behind)
            }
            _ => {
                bytes.push(*first);
                (bytes, behind)
            }
        };
    }
    String::from_utf8(bytes).ok()
}

/// An account, a user or role by its ARN, or (where that was deleted since) by its unique id.
fn account_or_principal(facts: &mut FactWriter, name: &str) -> Option<HandleId> {
    if let Some(arn) = Arn::parse(name) {
        if arn.resource == "root" {
            return Some(facts.handle(HandleKind::Account, "", arn.account));
        }
        if let Some((role, _)) = assumed_role(&arn) {
            return Some(principal_named(facts, arn.account, "role", role));
        }
        return principal(facts, None, Some(name));
    }
    let is = |letter: fn(&u8) -> bool| !name.is_empty() && name.bytes().all(|byte| letter(&byte));
    match name {
        _ if is(u8::is_ascii_digit) => Some(facts.handle(HandleKind::Account, "", name)),
        _ if (name.starts_with("AROA") || name.starts_with("AIDA")) && is(u8::is_ascii_alphanumeric) => {
            Some(facts.handle(HandleKind::PrincipalId, AWS, name))
        }
        _ => None,
    }
}

/// An identity provider: the subjects whose tokens are accepted, or the repositories where subjects are patterns; the
/// provider as a whole where the policy tells no tokens apart.
fn federated(facts: &mut FactWriter, provider: &str, statement: &Statement<'_>, trusted: &mut Vec<Option<HandleId>>) {
    let issuer = provider.split_once(":oidc-provider/").map_or(provider, |(_, issuer)| issuer);
    let before = trusted.len();
    for (comparison, compared) in statement.condition.get().map(|table| table.0.as_slice()).unwrap_or_default() {
        let plain = comparison.trim_start_matches("ForAnyValue:").trim_start_matches("ForAllValues:");
        if !matches!(plain.trim_end_matches("IfExists"), "StringEquals" | "StringLike") {
            continue;
        }
        for (key, values) in compared.get().map(|table| table.0.as_slice()).unwrap_or_default() {
            if key.strip_prefix(issuer) == Some(":sub") {
                trusted.extend(values.texts().map(|subject| subject_or_repository(facts, issuer, subject)));
            }
        }
    }
    if trusted.iter().skip(before).all(Option::is_none) {
        trusted.push(Some(facts.handle(HandleKind::Resource, "", provider)));
    }
}

/// A subject, or the repository that a pattern of subjects pins; `None` where it pins none.
fn subject_or_repository(facts: &mut FactWriter, issuer: &str, subject: &str) -> Option<HandleId> {
    let is_pattern = |text: &str| text.contains(['*', '?']);
    if !is_pattern(subject) {
        return Some(facts.handle(HandleKind::Subject, issuer, subject));
    }
    let parsed = Subject::parse(subject).filter(|parsed| !is_pattern(&parsed.repository))?;
    let is_github = issuer.starts_with("token.actions.githubusercontent.com");
    (is_github || parsed.platform == Platform::GitLab)
        .then(|| facts.handle(HandleKind::Repository, &parsed.realm(Some(issuer)), &parsed.repository))
}

impl<'de: 'a, 'a> Deserialize<'de> for Trust<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TrustVisitor)
    }
}

struct TrustVisitor;

impl<'de> Visitor<'de> for TrustVisitor {
    type Value = Trust<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a policy")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Policy::deserialize(MapAccessDeserializer::new(map)).map(|policy| Trust(Some(policy), None))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Trust(None, Some(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Trust::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Trust::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Trust::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Trust::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Trust::default())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Trust::default())
    }
}

/// One value, or a list of them. What cannot be a value is left out.
struct Many<T>(Vec<T>);

impl Many<Text<'_>> {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(Text::get)
    }
}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Many<Text<'a>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyVisitor(PhantomData)).map(Self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Many<Statement<'a>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts: Vec<Part<Statement<'a>>> = deserializer.deserialize_any(ManyVisitor(PhantomData))?;
        Ok(Self(parts.into_iter().filter_map(Part::into_inner).collect()))
    }
}

struct ManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one value or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(values)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(vec![T::deserialize(MapAccessDeserializer::new(map))?])
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(vec![T::deserialize(serde::de::value::BorrowedStrDeserializer::new(text))?])
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(vec![T::deserialize(serde::de::value::StrDeserializer::new(text))?])
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
}

/// An object with keys of anybody's choice, in its order.
struct Table<'a, T>(Vec<(Cow<'a, str>, T)>);

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Table<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TableVisitor(PhantomData)).map(Self)
    }
}

struct TableVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for TableVisitor<T> {
    type Value = Vec<(Cow<'de, str>, T)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}
