//! The two forms of an event, the API's object and the console's row, read into one.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, Error};

use crate::bundle::record::{Object, Row, string};
use crate::fact::writer::Form;
use crate::source::okta_names::{has_prefix, is_id, orn};
use crate::source::text::{Part, Parts, Text};

/// An event, its parts still raw in the API's form.
pub(super) struct Entry<'a> {
    pub(super) form: Form,
    pub(super) event_type: Option<Cow<'a, str>>,
    pub(super) published: Option<Cow<'a, str>>,
    pub(super) uuid: Option<Cow<'a, str>>,
    pub(super) context: Context<'a>,
    result: Text<'a>,
    parts: RawParts<'a>,
}

/// Where actor, client and targets are read from when they are needed.
enum RawParts<'a> {
    Json { actor: &'a str, client: &'a str, target: &'a str },
    Row(Row<'a>),
}

/// What stands beside actor and targets and is needed for joins.
#[derive(Debug, Default)]
pub(super) struct Context<'a> {
    /// The API token that acted, or the id of an access token.
    token: Text<'a>,
    /// The OAuth client whose access token acted.
    token_client: Text<'a>,
    /// The session that all records of one sign-in share.
    pub(super) session: Text<'a>,
    pub(super) debug: Debug<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OutcomePart<'a> {
    #[serde(borrow)]
    result: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Transaction<'a> {
    #[serde(borrow, alias = "details")]
    detail: Part<TransactionDetail<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TransactionDetail<'a> {
    #[serde(borrow)]
    request_api_token_id: Text<'a>,
    #[serde(borrow)]
    request_api_token_client_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Authentication<'a> {
    #[serde(borrow)]
    root_session_id: Text<'a>,
    #[serde(borrow)]
    external_session_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DebugContext<'a> {
    #[serde(borrow)]
    debug_data: Part<Debug<'a>>,
}

/// The debug data that joins need. Okta does not promise them; what is missing is missed and no more.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Debug<'a> {
    #[serde(borrow)]
    pub(super) sign_on_mode: Text<'a>,
    #[serde(borrow)]
    pub(super) issuer: Text<'a>,
    #[serde(borrow)]
    pub(super) subject: Text<'a>,
    #[serde(borrow)]
    pub(super) request_uri: Text<'a>,
    #[serde(borrow)]
    pub(super) grant_type: Text<'a>,
    #[serde(borrow)]
    pub(super) privilege_granted: Text<'a>,
}

/// Somebody or something that acted or was acted upon.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Party<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(rename = "type", borrow)]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) alternate_id: Text<'a>,
    #[serde(borrow)]
    pub(super) display_name: Text<'a>,
    /// Of the details nothing but the sign-on mode: a client's secret stands beside it.
    #[serde(borrow)]
    detail_entry: Part<DetailEntry<'a>>,
    #[serde(borrow)]
    pub(super) change_details: Part<Changes<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DetailEntry<'a> {
    #[serde(borrow)]
    sign_on_mode_type: Text<'a>,
}

/// What a change was from and to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Changes<'a> {
    #[serde(borrow)]
    pub(super) from: Part<Profile<'a>>,
    #[serde(borrow)]
    pub(super) to: Part<Profile<'a>>,
}

/// The profile fields that say who somebody is and where they belong.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Profile<'a> {
    #[serde(borrow)]
    pub(super) login: Text<'a>,
    #[serde(borrow)]
    pub(super) email: Text<'a>,
    #[serde(borrow)]
    pub(super) department: Text<'a>,
    #[serde(borrow)]
    pub(super) manager: Text<'a>,
    #[serde(borrow)]
    pub(super) manager_id: Text<'a>,
}

/// Where somebody acted from, and with which software, as it says itself.
#[derive(Debug, Default)]
pub(super) struct Client<'a> {
    pub(super) ip_address: Text<'a>,
    pub(super) software: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ClientPart<'a> {
    #[serde(borrow)]
    ip_address: Text<'a>,
    #[serde(borrow)]
    user_agent: Part<UserAgent<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UserAgent<'a> {
    #[serde(borrow)]
    raw_user_agent: Text<'a>,
}

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    User,
    AppUser,
    Group,
    App,
    Client,
    ApiToken,
    Agent,
    Other,
}

impl Party<'_> {
    /// The id, of a resource name its last part.
    pub(super) fn id(&self) -> Option<&str> {
        let id = self.id.get()?;
        Some(orn(id).map_or(id, |(_, id)| id)).filter(|id| is_id(id))
    }

    /// The id as it is written.
    pub(super) fn raw_id(&self) -> Option<&str> {
        self.id.get()
    }

    /// What it is: by its type, and where the type is new, by its id.
    pub(super) fn role(&self) -> Role {
        let begins = |prefix| self.id().is_some_and(|id| has_prefix(id, prefix));
        match self.kind.get().unwrap_or_default() {
            _ if begins("wlp") => Role::Agent,
            "User" => Role::User,
            "AppUser" => Role::AppUser,
            "UserGroup" => Role::Group,
            "AppInstance" => Role::App,
            "PublicClientApp" | "PublicClientAppEntity" => Role::Client,
            "Token" => Role::ApiToken,
            "WorkloadPrincipal" => Role::Agent,
            _ if begins("00u") => Role::User,
            _ if begins("00g") => Role::Group,
            _ if begins("0oa") => Role::App,
            _ if begins("00T") => Role::ApiToken,
            _ => Role::Other,
        }
    }

    /// How people sign on to an app: `SAML_2_0`, `OPENID_CONNECT`.
    pub(super) fn sign_on_mode(&self) -> Option<&str> {
        self.detail_entry.get()?.sign_on_mode_type.get()
    }
}

/// What the actor alone does not say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    /// The API token that acted.
    pub(super) token: Option<&'a str>,
    /// The OAuth client whose access token acted.
    pub(super) client: Option<&'a str>,
    /// The user's session that the system acts for.
    pub(super) session: Option<&'a str>,
    /// Okta's support acts in the organisation.
    pub(super) support: bool,
    /// A client acts by itself, not to pass a user's sign-in on.
    pub(super) by_itself: bool,
}

impl<'a> Scene<'a> {
    pub(super) fn of(entry: &'a Entry<'_>, event: &str) -> Self {
        let Context { token, token_client, session, debug } = &entry.context;
        let of_a_user = |session: &&str| !session.starts_with("trs") && is_id(session);
        Self {
            token: token.get().filter(|token| is_id(token) && !token.starts_with("AT.")),
            client: token_client.get().filter(|id| is_id(id)),
            session: session.get().filter(of_a_user).filter(|_| entry.by_system()),
            support: event.starts_with("user.session.impersonation.")
                && !event.ends_with(".grant")
                && !event.ends_with(".revoke"),
            by_itself: !event.starts_with("app.oauth2.") || debug.grant_type.get() == Some("client_credentials"),
        }
    }

    /// All of it as text.
    pub(super) fn key(&self) -> [&'a str; 4] {
        let flags = match (self.support, self.by_itself) {
            (true, _) => "support",
            (false, true) => "by itself",
            (false, false) => "",
        };
        [self.token.unwrap_or_default(), self.client.unwrap_or_default(), self.session.unwrap_or_default(), flags]
    }
}

impl<'a> Entry<'a> {
    /// The API's form.
    pub(super) fn of(object: &Object<'a>) -> Self {
        let mut entry = Self {
            form: Form::Full,
            event_type: None,
            published: None,
            uuid: None,
            context: Context::default(),
            result: Text::default(),
            parts: RawParts::Json { actor: "null", client: "null", target: "null" },
        };
        let RawParts::Json { actor, client, target } = &mut entry.parts else { return entry };
        for member in object.members {
            let raw = member.value;
            match member.key {
                "eventType" => entry.event_type = present(raw),
                "published" => entry.published = present(raw),
                "uuid" => entry.uuid = present(raw),
                "actor" => *actor = raw,
                "client" => *client = raw,
                "target" => *target = raw,
                "outcome" => entry.result = part::<OutcomePart<'_>>(raw).result,
                "transaction" => {
                    let detail = part::<Transaction<'_>>(raw).detail.into_inner().unwrap_or_default();
                    entry.context.token = detail.request_api_token_id;
                    entry.context.token_client = detail.request_api_token_client_id;
                }
                "authenticationContext" => {
                    let Authentication { root_session_id, external_session_id } = part(raw);
                    entry.context.session =
                        if root_session_id.get().is_some() { root_session_id } else { external_session_id };
                }
                "debugContext" => {
                    entry.context.debug = part::<DebugContext<'_>>(raw).debug_data.into_inner().unwrap_or_default();
                }
                _ => {}
            }
        }
        entry
    }

    /// The console's form. It has up to four targets and of the debug data the request alone.
    pub(super) fn of_row(row: &Row<'a>) -> Self {
        let needed = |column: &str| column_text(row, column).map(Cow::Borrowed);
        let context = Context {
            session: cell(row, "authenticationcontext.externalsessionid"),
            debug: Debug { request_uri: cell(row, "debugcontext.debugdata.requesturi"), ..Debug::default() },
            ..Context::default()
        };
        Self {
            form: Form::Poor,
            event_type: needed("eventtype"),
            published: needed("timestamp").or_else(|| needed("published")),
            uuid: needed("uuid"),
            context,
            result: cell(row, "outcome.result"),
            parts: RawParts::Row(*row),
        }
    }

    /// The result of the event.
    pub(super) fn result(&self) -> Option<&str> {
        self.result.get()
    }

    /// Who acted.
    pub(super) fn actor(&self) -> Party<'a> {
        match &self.parts {
            RawParts::Json { actor, .. } => part(actor),
            RawParts::Row(row) => party(row, "actor"),
        }
    }

    /// From where and with which client.
    pub(super) fn client(&self) -> Client<'a> {
        match &self.parts {
            RawParts::Json { client, .. } => {
                let ClientPart { ip_address, user_agent } = part(client);
                Client { ip_address, software: user_agent.into_inner().unwrap_or_default().raw_user_agent }
            }
            RawParts::Row(row) => Client { ip_address: cell(row, "client.ipaddress"), software: cell(row, USER_AGENT) },
        }
    }

    /// On what.
    pub(super) fn targets(&self) -> Vec<Party<'a>> {
        match &self.parts {
            RawParts::Json { target, .. } => serde_json::from_str::<Parts<_>>(target).unwrap_or_default().into_inner(),
            RawParts::Row(row) => {
                let numbered = (0..=9).map(|number| party(row, &format!("target{number}")));
                numbered.filter(|party| party.id().is_some() || party.alternate_id.get().is_some()).collect()
            }
        }
    }

    /// The text that tells who acted and from where.
    pub(super) fn who_and_where(&self) -> [Cow<'a, str>; 2] {
        match &self.parts {
            RawParts::Json { actor, client, .. } => [Cow::Borrowed(*actor), Cow::Borrowed(*client)],
            RawParts::Row(row) => {
                let joined = |columns: &[&str]| {
                    let cells = columns.iter().map(|name| column_text(row, name).unwrap_or_default());
                    Cow::Owned(cells.collect::<Vec<_>>().join("\n"))
                };
                [
                    joined(&["actor.id", "actor.type", "actor.alternateid", "actor.displayname"]),
                    joined(&["client.ipaddress", USER_AGENT]),
                ]
            }
        }
    }

    fn by_system(&self) -> bool {
        match &self.parts {
            RawParts::Json { actor, .. } => actor.contains("\"SystemPrincipal\""),
            RawParts::Row(row) => column_text(row, "actor.type") == Some("SystemPrincipal"),
        }
    }
}

/// The console's column of the client software.
const USER_AGENT: &str = "client.useragent.rawuseragent";

/// A raw JSON string that is there and not empty.
fn present(raw: &str) -> Option<Cow<'_, str>> {
    string(raw).filter(|text| !text.is_empty())
}

/// Parses a raw part into the fields that are used; whatever cannot be read is as if it were absent.
fn part<'a, T: Deserialize<'a> + Default>(raw: &'a str) -> T {
    if raw.starts_with('{') { serde_json::from_str(raw).unwrap_or_default() } else { T::default() }
}

/// The position of a column. Names are compared without case and underscores: the console writes `actor.alternate_id`,
/// other tools `actor.alternateId`.
pub(super) fn column(row: &Row<'_>, name: &str) -> Option<usize> {
    let same = |header: &String| {
        let plain = header.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase());
        plain.eq(name.bytes())
    };
    row.header.iter().position(same)
}

fn column_text<'a>(row: &Row<'a>, name: &str) -> Option<&'a str> {
    row.cells.get(column(row, name)?).map(str::trim).filter(|cell| !cell.is_empty())
}

fn cell<'a>(row: &Row<'a>, name: &str) -> Text<'a> {
    let read = |cell| Text::deserialize(BorrowedStrDeserializer::<Error>::new(cell)).ok();
    column_text(row, name).and_then(read).unwrap_or_default()
}

fn party<'a>(row: &Row<'a>, group: &str) -> Party<'a> {
    Party {
        id: cell(row, &format!("{group}.id")),
        kind: cell(row, &format!("{group}.type")),
        alternate_id: cell(row, &format!("{group}.alternateid")),
        display_name: cell(row, &format!("{group}.displayname")),
        ..Party::default()
    }
}
