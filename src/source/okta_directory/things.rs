//! What acts beside people: apps, API tokens, AI agents, and who is written down as their owner.

use serde::Deserialize;

use super::{Common, Profile, User, address, born};
use crate::fact::claim::{Declaring, Detail, Tie};
use crate::fact::handle::HandleId;
use crate::fact::handle::HandleKind;
use crate::fact::writer::{FactWriter, Stand};
use crate::source::okta_names::{self, OKTA, has_prefix, orn};
use crate::source::text::{Part, Parts, Text};
use crate::source::{Reading, Refusal};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct App<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    label: Text<'a>,
    #[serde(borrow)]
    sign_on_mode: Text<'a>,
    #[serde(borrow)]
    settings: Part<AppSettings<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AppSettings<'a> {
    #[serde(borrow)]
    oauth_client: Part<OauthClient<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OauthClient<'a> {
    #[serde(borrow)]
    application_type: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ApiToken<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Agent<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    orn: Text<'a>,
    #[serde(borrow)]
    app_id: Text<'a>,
    #[serde(borrow)]
    sign_on_provider: Part<SignOnProvider<'a>>,
    #[serde(borrow)]
    profile: Part<Profile<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SignOnProvider<'a> {
    #[serde(borrow)]
    app_instance_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DelegationLink<'a> {
    #[serde(borrow)]
    from: Part<LinkFrom<'a>>,
    #[serde(borrow)]
    to: Part<LinkTo<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct LinkFrom<'a> {
    #[serde(borrow)]
    client_orn: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct LinkTo<'a> {
    #[serde(borrow)]
    resource_orn: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Owners<'a> {
    #[serde(borrow)]
    pub(super) resource: Part<Named<'a>>,
    #[serde(borrow)]
    pub(super) principals: Parts<Named<'a>>,
}

/// Something with a resource name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named<'a> {
    #[serde(borrow)]
    orn: Text<'a>,
    #[serde(borrow)]
    profile: Part<Profile<'a>>,
}

/// A user's assignment to an app. The name in the app is left out: the record does not say whether users choose it.
pub(super) fn app_user(
    user: &User<'_>,
    common: &Common<'_>,
    realm: &str,
    facts: &mut FactWriter,
) -> Result<(), Refusal> {
    let link = common.links.get().and_then(|links| links.app.get()).and_then(|link| link.href.get());
    let app = link.and_then(|link| link.rsplit('/').next()).filter(|id| has_prefix(id, "0oa"));
    let app = app.ok_or(Refusal::Missing("_links.app.href"))?;
    let realm = if realm == okta_names::ORG { okta_names::realm(link) } else { realm.to_owned() };
    let who = okta_names::user(facts, &realm, user.id.get(), None, None).ok_or(Refusal::Missing("id"))?;
    let app = facts.handle(HandleKind::Resource, OKTA, app);
    facts.granted(None, who, app);
    Ok(())
}

/// An app: an OAuth client, or a place that people sign on to.
pub(super) fn app(app: &App<'_>, common: &Common<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = app.id.get().ok_or(Refusal::Missing("id"))?;
    if app.sign_on_mode.get() != Some("OPENID_CONNECT") {
        let sign_in = facts.handle(HandleKind::SignIn, OKTA, id);
        facts.described(sign_in, Detail::DisplayName, app.label.get().unwrap_or_default());
        return Ok(());
    }
    let client = okta_names::client(facts, id, app.label.get());
    born(client, &common.created, facts);
    let oauth = app.settings.get().and_then(|settings| settings.oauth_client.get());
    if oauth.is_some_and(|oauth| oauth.application_type.get() == Some("service")) {
        okta_names::acts_by_itself(facts, client, id);
    }
    Ok(())
}

/// An API token: its owner's own. The list has only tokens that can be used.
pub(super) fn api_token(
    token: &ApiToken<'_>,
    common: &Common<'_>,
    realm: &str,
    facts: &mut FactWriter,
) -> Result<(), Refusal> {
    let id = token.id.get().ok_or(Refusal::Missing("id"))?;
    let owner = okta_names::user(facts, realm, token.user_id.get(), None, None).ok_or(Refusal::Missing("userId"))?;
    let token = okta_names::api_token(facts, id, token.name.get());
    facts.tied(token, Tie::RunsAs, owner);
    facts.described(token, Detail::CredentialState, "active");
    born(token, &common.created, facts);
    Ok(())
}

/// An AI agent or virtual MCP server, with the app through which people sign on to it.
pub(super) fn agent(agent: &Agent<'_>, common: &Common<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = agent.id.get().ok_or(Refusal::Missing("id"))?;
    let name = agent.profile.get().and_then(|profile| profile.name.get().or(profile.display_name.get()));
    let kind = agent.orn.get().and_then(orn).map_or("okta-ai-agent", |(kind, _)| agent_kind(kind));
    let handle = okta_names::agent(facts, id, kind, name);
    born(handle, &common.created, facts);
    let provider = agent.sign_on_provider.get().and_then(|provider| provider.app_instance_id.get());
    if let Some(app) = provider.or(agent.app_id.get()).filter(|id| has_prefix(id, "0oa")) {
        let client = okta_names::client(facts, app, None);
        facts.tied(handle, Tie::RunsAs, client);
    }
    Ok(())
}

fn agent_kind(kind: &str) -> &'static str {
    if kind.contains("mcp") { "okta-virtual-mcp-server" } else { "okta-ai-agent" }
}

/// A client or agent that may call an agent in its users' names.
pub(super) fn delegation_link(link: &DelegationLink<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let from = link.from.get().and_then(|from| from.client_orn.get()).and_then(orn);
    let to = link.to.get().and_then(|to| to.resource_orn.get()).and_then(orn);
    let from = from.and_then(|name| thing(name, facts)).ok_or(Refusal::Missing("from.clientOrn"))?;
    let to = to.and_then(|name| thing(name, facts)).ok_or(Refusal::Missing("to.resourceOrn"))?;
    facts.granted(None, from, to);
    Ok(())
}

/// An agent or OAuth client by its resource name; nothing else acts.
fn thing((kind, id): (&str, &str), facts: &mut FactWriter) -> Option<HandleId> {
    match kind {
        "ai-agents" => Some(okta_names::agent(facts, id, "okta-ai-agent", None)),
        "virtual-mcp" => Some(okta_names::agent(facts, id, agent_kind(kind), None)),
        "oidc" | "oidc_client" | "oauth2" => Some(okta_names::client(facts, id, None)),
        _ => None,
    }
}

/// Who is written down as the owner of an agent or client in Okta's governance. Only an administrator can write there.
/// Wrong where nobody has looked after the entry since.
pub(super) fn owners(
    resource: Option<&Named<'_>>,
    principals: &[Named<'_>],
    realm: &str,
    facts: &mut FactWriter,
) -> Result<Reading, Refusal> {
    let name = resource.and_then(|resource| resource.orn.get()).and_then(orn);
    let name = name.ok_or(Refusal::Missing("resource.orn"))?;
    let Some(owned) = thing(name, facts) else { return Ok(Reading::SetAside("owners of what does not act")) };
    for principal in principals {
        let empty = Profile::default();
        let profile = principal.profile.get().unwrap_or(&empty);
        let owner = match principal.orn.get().and_then(orn) {
            Some(("users", id)) => {
                let user = okta_names::user(facts, realm, Some(id), None, profile.name.get());
                if let Some(user) = user {
                    address(user, profile, facts);
                }
                user
            }
            Some(("groups", id)) => Some(okta_names::group(facts, id, profile.name.get())),
            _ => None,
        };
        if let Some(owner) = owner {
            facts.declared(owner, owned, Declaring::OwnerField, None);
        }
    }
    Ok(Reading::Claimed)
}
