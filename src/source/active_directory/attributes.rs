//! The attributes of an entry, in whichever form it was exported.

use std::borrow::Cow;

use super::ldif::{self, Value};
use crate::bundle::record::{Body, DocKind, Object, Row, string, word};
use crate::source::ad_names;
use crate::source::text::Text;
use crate::source::texts::Texts;

/// The attributes that are read, under the name of the schema, with the names that tools give them.
const READ: &[(&str, &[&str])] = &[
    ("accountExpires", &["accountExpires"]),
    ("department", &["department"]),
    ("displayName", &["displayName"]),
    ("distinguishedName", &["distinguishedName", "dn"]),
    ("employeeID", &["employeeID"]),
    ("employeeNumber", &["employeeNumber"]),
    ("employeeType", &["employeeType"]),
    ("Enabled", &["Enabled"]),
    ("isDeleted", &["isDeleted", "Deleted"]),
    ("mail", &["mail", "EmailAddress"]),
    ("managedBy", &["managedBy"]),
    ("manager", &["manager"]),
    ("name", &["name"]),
    ("objectClass", &["objectClass"]),
    ("objectGUID", &["objectGUID"]),
    ("objectSid", &["objectSid", "SID"]),
    ("sAMAccountName", &["sAMAccountName"]),
    ("servicePrincipalName", &["servicePrincipalName", "ServicePrincipalNames"]),
    ("userAccountControl", &["userAccountControl"]),
    ("userPrincipalName", &["userPrincipalName"]),
    ("whenChanged", &["whenChanged", "Modified"]),
    ("whenCreated", &["whenCreated", "Created"]),
];

/// The attributes of one entry that are read: the name of the schema, and a value.
#[derive(Debug)]
pub(super) struct Attributes<'a>(Vec<(&'static str, Cow<'a, str>)>);

/// Whether a body is an entry of the directory: a distinguished name, and what only a directory's entry has.
pub(super) fn is_entry(body: &Body<'_>) -> bool {
    let is_dn = |text: &str| text.contains("DC=") || text.contains("dc=");
    match body {
        Body::Json(object) => {
            object.raw("DistinguishedName").is_some_and(is_dn)
                && ["SamAccountName", "ObjectClass", "SID", "ObjectGUID"].iter().any(|key| object.has(key))
        }
        Body::Row(row) => {
            let named = row.get("DistinguishedName").or_else(|| row.get("DN")).is_some_and(is_dn);
            named && ["sAMAccountName", "objectClass", "objectSid", "SID"].iter().any(|column| row.has(column))
        }
        Body::Doc(doc) => doc.kind == DocKind::Ldif,
        Body::Line(_) => false,
    }
}

impl<'a> Attributes<'a> {
    /// The attributes of a body. `None` where it cannot be an entry.
    pub(super) fn of(body: &Body<'a>) -> Option<Self> {
        let mut found = Self(Vec::new());
        match body {
            Body::Json(object) => found.of_object(object),
            Body::Row(row) => found.of_row(row),
            Body::Doc(doc) => {
                for (name, value) in ldif::attributes(doc.text) {
                    match value {
                        Value::Text(text) => found.add(&name, text.into()),
                        Value::Bytes(bytes) => found.add_bytes(&name, &bytes),
                    }
                }
            }
            Body::Line(_) => return None,
        }
        Some(found)
    }

    fn of_object(&mut self, object: &Object<'a>) {
        for member in object.members {
            match member.value.as_bytes().first() {
                Some(b'{') => {
                    // A security id as PowerShell's object.
                    let id: Sid<'a> = serde_json::from_str(member.value).unwrap_or_default();
                    if let Some(id) = id.value.get() {
                        self.add(member.key, id.to_owned().into());
                    }
                }
                Some(b'[') => {
                    let list: Texts<'a> = serde_json::from_str(member.value).unwrap_or_default();
                    for text in list.iter() {
                        self.add(member.key, text.to_owned().into());
                    }
                }
                Some(b't' | b'f') => self.add(member.key, member.value.into()),
                Some(b'"') => self.add(member.key, string(member.value).unwrap_or_default()),
                _ => self.add(member.key, word(member.value).unwrap_or_default()),
            }
        }
    }

    /// A row: bytes as `X'…'`, several values with `;` between them, or, where PowerShell lost them, the name of a class.
    fn of_row(&mut self, row: &Row<'a>) {
        for (name, cell) in row.header.iter().zip(row.cells.iter()) {
            if cell.starts_with("Microsoft.ActiveDirectory.Management.") {
                continue;
            }
            let bytes = cell.strip_prefix("X'").and_then(|hex| hex.strip_suffix('\'')).and_then(bytes);
            match bytes {
                Some(bytes) => self.add_bytes(name, &bytes),
                None if name.eq_ignore_ascii_case("objectClass") => {
                    cell.split(';').for_each(|class| self.add(name, class.into()));
                }
                None => self.add(name, cell.into()),
            }
        }
    }

    fn add(&mut self, name: &str, value: Cow<'a, str>) {
        let known = READ.iter().find(|(_, names)| names.iter().any(|own| own.eq_ignore_ascii_case(name)));
        if let (Some((name, _)), false) = (known, value.trim().is_empty()) {
            self.0.push((name, value));
        }
    }

    fn add_bytes(&mut self, name: &str, bytes: &[u8]) {
        let id = if name.eq_ignore_ascii_case("objectGUID") { ad_names::guid(bytes) } else { ad_names::sid(bytes) };
        if let Some(id) = id {
            self.add(name, id.into());
        }
    }

    /// The first value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of an attribute.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, _)| *own == name).map(|(_, value)| value.trim())
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Sid<'a> {
    #[serde(borrow)]
    value: Text<'a>,
}

/// Bytes written in hexadecimal digits.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|digit| digit.to_digit(16).and_then(|n| u8::try_from(n).ok())).collect();
    digits
        .filter(|digits| digits.len().is_multiple_of(2))
        .map(|digits| digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}
