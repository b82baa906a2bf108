//! Values of changed properties: JSON in a string, and in it lists of one, or texts of the vendor's own making.

use std::borrow::Cow;

use serde::Deserialize;

use super::audits::{Change, Event, Target};
use crate::bundle::record::string;
use crate::source::text::{Parts, Text};

impl<'e, 'a> Event<'e, 'a> {
    /// The first target of this type.
    pub(super) fn target(&self, kind: &str) -> Option<&'e Target<'a>> {
        self.audit.targets().iter().find(|target| target.is(kind))
    }

    /// The first target, whatever it is.
    pub(super) fn first(&self) -> Option<&'e Target<'a>> {
        self.audit.targets().first()
    }

    /// A change of any target, by the name of the property.
    pub(super) fn change(&self, name: &str) -> Option<&'e Change<'a>> {
        self.audit.targets().iter().find_map(|target| target.change(name))
    }

    /// What a property is now.
    pub(super) fn now(&self, name: &str) -> Option<Cow<'e, str>> {
        self.change(name).and_then(|change| value(&change.new_value))
    }

    /// What a property is, or was before something was taken away: such records have some values as old ones only.
    pub(super) fn told(&self, name: &str) -> Option<Cow<'e, str>> {
        self.change(name).and_then(|change| value(&change.new_value).or_else(|| value(&change.old_value)))
    }
}

impl<'a> Target<'a> {
    /// Whether it is of this type.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind.get().is_some_and(|own| own.eq_ignore_ascii_case(kind))
    }

    /// A change of it, by the name of the property.
    pub(super) fn change(&self, name: &str) -> Option<&Change<'a>> {
        self.modified_properties.get().iter().find(|change| change.display_name.get() == Some(name))
    }
}

/// A single value: a string, a flag, a number, or the first of a list. `None` for what is empty.
pub(super) fn value<'t>(text: &'t Text<'_>) -> Option<Cow<'t, str>> {
    let text = text.get()?.trim();
    let value = match text.as_bytes().first()? {
        b'"' => string(text)?,
        b'[' => Cow::Owned(list(text).into_iter().next()?),
        _ => Cow::Borrowed(text),
    };
    (!value.trim().is_empty() && value != "null").then_some(value)
}

/// The texts of a list.
pub(super) fn list(text: &str) -> Vec<String> {
    let list: Vec<Text<'_>> = serde_json::from_str(text.trim()).unwrap_or_default();
    list.iter().filter_map(Text::get).map(str::to_owned).collect()
}

/// A credential as the log describes it. Its name is not read: people paste secrets into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyDescription {
    pub(super) id: String,
    pub(super) kind: Option<String>,
}

/// The credentials in a value of `KeyDescription`: `["[KeyIdentifier=…,KeyType=Password,…]"]`.
pub(super) fn keys(text: &Text<'_>) -> Vec<KeyDescription> {
    let keys = list(text.get().unwrap_or_default());
    let field = |key: &str, name: &str| {
        let (_, behind) = key.split_once(name)?;
        let value = behind.split([',', ']']).next()?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    let described = keys.iter().filter_map(|key| {
        let id = field(key, "KeyIdentifier=")?;
        Some(KeyDescription { id, kind: field(key, "KeyType=") })
    });
    described.collect()
}

/// A federated credential in a value of `FederatedIdentityCredentials`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FederatedCredential<'a> {
    #[serde(borrow, rename = "Id", alias = "id")]
    pub(super) id: Text<'a>,
    #[serde(borrow, rename = "Issuer", alias = "issuer")]
    pub(super) issuer: Text<'a>,
    #[serde(borrow, rename = "Subject", alias = "subject")]
    pub(super) subject: Text<'a>,
}

/// The federated credentials in a value.
pub(super) fn federated<'t>(text: &'t Text<'_>) -> Parts<FederatedCredential<'t>> {
    text.get().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// A delegated permission as the log writes it: whose it is, for which API, which scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delegation {
    /// The user it is for; none where it is for all.
    pub(super) user: Option<String>,
    /// The service principal of the API.
    pub(super) api: Option<String>,
    pub(super) scopes: Vec<String>,
}

/// More than this nobody consents to at once.
const MANY: usize = 200;

/// The permissions before and after a consent: `[[Id: …, PrincipalId: …, Scope: a b, …]] => [[…]]; `.
pub(super) fn delegations(text: &str) -> (Vec<Delegation>, Vec<Delegation>) {
    match text.split_once("=>") {
        Some((before, after)) => (side(before), side(after)),
        None => (Vec::new(), side(text)),
    }
}

fn side(text: &str) -> Vec<Delegation> {
    text.split("[Id:").skip(1).take(MANY).filter_map(delegation).collect()
}

fn delegation(text: &str) -> Option<Delegation> {
    let text = text.split(']').next()?;
    let field = |name: &str| {
        let pairs = text.split(',').filter_map(|pair| pair.split_once(':'));
        let value = pairs.into_iter().find(|(key, _)| key.trim() == name)?.1.trim();
        (!value.is_empty()).then_some(value)
    };
    let user = match field("ConsentType")? {
        "AllPrincipals" => None,
        _ => Some(field("PrincipalId")?.to_owned()),
    };
    let scopes = field("Scope").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    Some(Delegation { user, api: field("ResourceId").map(str::to_owned), scopes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> Text<'_> {
        Text::of(Some(Cow::Borrowed(json)))
    }

    #[test]
    fn single_values() {
        for (written, meant) in [
            ("\"False\"", Some("False")),
            ("[\"Risk\"]", Some("Risk")),
            ("[true]", Some("true")),
            ("plain", Some("plain")),
        ] {
            assert_eq!(value(&text(written)).as_deref(), meant, "{written}");
        }
        for none in ["[]", "\"\"", "[\"\"]", "\"null\"", "[null]"] {
            assert_eq!(value(&text(none)), None, "{none}");
        }
    }

    #[test]
    fn keys_without_their_names() {
        let one = r#"["[KeyIdentifier=480946b1-433f-4634-8b85-bfe21266007e,KeyType=Password,KeyUsage=Verify,DisplayName=x]"]"#;
        let key = |id: &str, kind: &str| KeyDescription { id: id.to_owned(), kind: Some(kind.to_owned()) };
        assert_eq!(keys(&text(one)), [key("480946b1-433f-4634-8b85-bfe21266007e", "Password")]);
        assert_eq!(keys(&text("[]")), []);
        assert_eq!(keys(&text("not a list")), []);
    }

    #[test]
    fn what_was_consented_to() {
        let text = "[] => [[Id: q1, ClientId: 77aa, PrincipalId: 5c0e, ResourceId: 90bd, ConsentType: Principal, \
                    Scope:  Mail.Read offline_access, CreatedDateTime: , LastModifiedDateTime ], [Id: q2, ClientId: 77aa, \
                    PrincipalId: , ResourceId: 90bd, ConsentType: AllPrincipals, Scope: User.Read]]; ";
        let (before, after) = delegations(text);
        assert_eq!(before, []);
        let of = |user: Option<&str>, scopes: &[&str]| Delegation {
            user: user.map(str::to_owned),
            api: Some("90bd".to_owned()),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        };
        assert_eq!(after, [of(Some("5c0e"), &["Mail.Read", "offline_access"]), of(None, &["User.Read"])]);
        assert_eq!(delegations("").1, []);
    }
}
