//! The fields of an entry that are used.

use std::borrow::Cow;

use serde::Deserialize;

use crate::bundle::record::{Object, string};
use crate::source::text::{Part, Text};

/// An entry, the parts that tell who acted still raw.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub(super) kind: Option<&'a str>,
    pub(super) time: Option<Cow<'a, str>>,
    pub(super) error: Text<'a>,
    /// The token that called, as raw JSON.
    pub(super) auth: &'a str,
    pub(super) request: Request<'a>,
    pub(super) response: Response<'a>,
}

/// A token, by what Vault tells of it on every call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Auth<'a> {
    #[serde(borrow)]
    pub(super) accessor: Text<'a>,
    #[serde(borrow)]
    pub(super) client_token: Text<'a>,
    #[serde(borrow)]
    pub(super) display_name: Text<'a>,
    #[serde(borrow)]
    pub(super) entity_id: Text<'a>,
    #[serde(borrow)]
    pub(super) entity_created: Text<'a>,
    #[serde(borrow)]
    pub(super) metadata: Part<Metadata<'a>>,
}

/// What a way of logging in wrote into a token.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata<'a> {
    // OIDC and JWT: the role, and claims under names that the administrator chose.
    #[serde(borrow)]
    pub(super) role: Text<'a>,
    #[serde(borrow)]
    pub(super) email: Text<'a>,
    #[serde(borrow)]
    pub(super) user_email: Text<'a>,
    #[serde(borrow)]
    pub(super) sub: Text<'a>,
    #[serde(borrow)]
    pub(super) repository: Text<'a>,
    #[serde(borrow)]
    pub(super) run_id: Text<'a>,
    #[serde(borrow)]
    pub(super) project_path: Text<'a>,
    #[serde(borrow)]
    pub(super) pipeline_id: Text<'a>,
    #[serde(borrow)]
    pub(super) environment: Text<'a>,
    #[serde(rename = "ref", borrow)]
    pub(super) branch: Text<'a>,
    // AppRole.
    #[serde(borrow)]
    pub(super) role_name: Text<'a>,
    // Kubernetes.
    #[serde(borrow)]
    pub(super) service_account_name: Text<'a>,
    #[serde(borrow)]
    pub(super) service_account_namespace: Text<'a>,
    // GitHub, LDAP, user names with passwords.
    #[serde(borrow)]
    pub(super) username: Text<'a>,
    #[serde(borrow)]
    pub(super) org: Text<'a>,
    // AWS.
    #[serde(borrow)]
    pub(super) client_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) canonical_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) client_user_id: Text<'a>,
    // Google Cloud.
    #[serde(borrow)]
    pub(super) service_account_email: Text<'a>,
    // Certificates.
    #[serde(borrow)]
    pub(super) cert_name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) operation: Text<'a>,
    #[serde(borrow)]
    pub(super) path: Text<'a>,
    #[serde(borrow)]
    pub(super) mount_point: Text<'a>,
    #[serde(borrow)]
    pub(super) mount_type: Text<'a>,
    #[serde(borrow)]
    pub(super) mount_accessor: Text<'a>,
    #[serde(borrow)]
    namespace: Part<Namespace<'a>>,
    #[serde(borrow)]
    pub(super) client_token: Text<'a>,
    #[serde(borrow)]
    remote_address: Text<'a>,
    #[serde(borrow)]
    pub(super) data: Part<RequestData<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Namespace<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    path: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RequestData<'a> {
    /// The token that is unwrapped, hidden.
    #[serde(borrow)]
    pub(super) token: Text<'a>,
    #[serde(borrow)]
    pub(super) disabled: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Response<'a> {
    #[serde(borrow)]
    pub(super) auth: Part<Auth<'a>>,
    #[serde(borrow)]
    pub(super) secret: Part<Secret<'a>>,
    #[serde(borrow)]
    pub(super) data: Part<ResponseData<'a>>,
    #[serde(borrow)]
    pub(super) wrap_info: Part<WrapInfo<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Secret<'a> {
    #[serde(borrow)]
    pub(super) lease_id: Text<'a>,
}

/// Of what was answered only ids: of a key its public half, of a secret the accessor.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ResponseData<'a> {
    #[serde(borrow)]
    pub(super) access_key: Text<'a>,
    #[serde(borrow)]
    pub(super) secret_id_accessor: Text<'a>,
}

/// What an answer was wrapped into, to be handed to somebody else.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WrapInfo<'a> {
    #[serde(borrow)]
    pub(super) token: Text<'a>,
    #[serde(borrow)]
    pub(super) wrapped_accessor: Text<'a>,
}

impl<'a> Entry<'a> {
    pub(super) fn of(object: &Object<'a>) -> Self {
        let mut entry = Self { auth: "null", ..Self::default() };
        for member in object.members {
            let raw = member.value;
            match member.key {
                "type" => entry.kind = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')),
                "time" => entry.time = string(raw).filter(|text| !text.is_empty()),
                "error" => entry.error = Text::of(string(raw)),
                "auth" => entry.auth = raw,
                "request" => entry.request = part(raw),
                "response" => entry.response = part(raw),
                _ => {}
            }
        }
        entry
    }

    /// The namespace that the call was made in; empty for the outermost.
    pub(super) fn namespace(&self) -> &str {
        let namespace = self.request.namespace.get();
        let path = namespace.and_then(|namespace| namespace.path.get());
        path.or_else(|| namespace?.id.get()).filter(|path| *path != "root").unwrap_or_default()
    }

    /// The address that the call came from. Older entries write the port behind it.
    pub(super) fn address(&self) -> Option<&str> {
        let text = self.request.remote_address.get()?;
        match text.rsplit_once(':') {
            Some((address, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !address.contains(':') => {
                Some(address)
            }
            _ => Some(text),
        }
    }
}

/// Parses a raw part into the fields that are used; whatever cannot be read is as if it were absent.
pub(super) fn part<'a, T: Deserialize<'a> + Default>(raw: &'a str) -> T {
    if raw.starts_with('{') { serde_json::from_str(raw).unwrap_or_default() } else { T::default() }
}
