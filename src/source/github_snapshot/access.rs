//! Tokens, keys and apps: whose they are, since when, last used when.
//!
//! A fine-grained token has two numbers in the lists: that of its grant in the organisation (`id`), and the token's own
//! (`token_id`), which the audit log writes beside every use. The list is what ties the two.

use serde::Deserialize;

use super::{Account, account, born, last_used, time};
use crate::base::time::When;
use crate::fact::claim::{Detail, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::Refusal;
use crate::source::github_names::{self, APPS, CLASSIC, FINE_GRAINED, FINE_GRAINED_USES, repository_in};
use crate::source::oidc::GITHUB;
use crate::source::text::{Part, Text};

/// The realm of the numbers of grants, each in one organisation.
const GRANTS: &str = "github.com/fine-grained-token-grants";

/// The realm of requests for a grant, which are counted by themselves.
const REQUESTS: &str = "github.com/fine-grained-token-requests";

/// The realm of authorisations for single sign-on.
const AUTHORISATIONS: &str = "github.com/credential-authorizations";

/// The realm of deploy keys, by number.
const DEPLOY_KEYS: &str = "github.com/deploy-keys";

/// The realm of GitHub Apps by number.
const APP_NUMBERS: &str = "github.com/apps/numbers";

/// A fine-grained token in an organisation, granted or asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Token<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    owner: Part<Account<'a>>,
    #[serde(borrow)]
    token_id: Text<'a>,
    #[serde(borrow)]
    token_name: Text<'a>,
    #[serde(borrow)]
    token_expired: Text<'a>,
    #[serde(borrow)]
    token_last_used_at: Text<'a>,
}

/// A fine-grained token is the user's who made it, whoever let it in.
pub(super) fn token(token: &Token<'_>, granted: bool, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = token.id.get().ok_or(Refusal::Missing("id"))?;
    let owner = account(&token.owner, facts).ok_or(Refusal::Missing("owner"))?;
    let number = token.token_id.get().map(|number| facts.handle(HandleKind::Key, FINE_GRAINED_USES, number));
    let grant = facts.handle(HandleKind::Key, if granted { GRANTS } else { REQUESTS }, id);
    if let Some(number) = number {
        facts.tied(number, Tie::Named, grant);
    }
    let key = number.unwrap_or(grant);
    facts.described(key, Detail::Kind, FINE_GRAINED);
    facts.described(key, Detail::DisplayName, token.token_name.get().unwrap_or_default());
    facts.tied(key, Tie::RunsAs, owner);
    if granted {
        let over = token.token_expired.get() == Some("true");
        facts.described(key, Detail::CredentialState, if over { "inactive" } else { "active" });
    }
    last_used(key, &token.token_last_used_at, facts);
    Ok(())
}

/// A classic token or key that a member authorised for single sign-on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Credential<'a> {
    #[serde(borrow)]
    login: Text<'a>,
    #[serde(borrow)]
    credential_id: Text<'a>,
    #[serde(borrow)]
    credential_type: Text<'a>,
    #[serde(borrow)]
    credential_authorized_at: Text<'a>,
    #[serde(borrow)]
    credential_accessed_at: Text<'a>,
    #[serde(borrow)]
    authorized_credential_title: Text<'a>,
    #[serde(borrow)]
    authorized_credential_note: Text<'a>,
    #[serde(borrow)]
    fingerprint: Text<'a>,
}

/// It is the member's who authorised it: nobody can authorise another's. Its number is that of the authorisation; a key
/// has its fingerprint, too, by which the audit log knows it.
pub(super) fn credential(credential: &Credential<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = credential.credential_id.get().ok_or(Refusal::Missing("credential_id"))?;
    let login = credential.login.get().ok_or(Refusal::Missing("login"))?;
    let owner = github_names::user(facts, Some(login), None, None).ok_or(Refusal::Missing("login"))?;
    let of_key = credential.credential_type.get().is_some_and(|kind| kind.to_ascii_lowercase().contains("key"));
    let number = facts.handle(HandleKind::Key, AUTHORISATIONS, id);
    let fingerprint = credential.fingerprint.get().filter(|_| of_key);
    let key = match fingerprint.map(|print| facts.handle(HandleKind::Key, GITHUB, print)) {
        Some(fingerprint) => {
            facts.tied(number, Tie::Named, fingerprint);
            fingerprint
        }
        None => number,
    };
    facts.described(key, Detail::Kind, if of_key { "ssh-key" } else { CLASSIC });
    let name = credential.authorized_credential_note.get().or(credential.authorized_credential_title.get());
    facts.described(key, Detail::DisplayName, name.unwrap_or_default());
    facts.described(key, Detail::CredentialState, "active");
    facts.tied(key, Tie::RunsAs, owner);
    last_used(key, &credential.credential_accessed_at, facts);
    born(key, &credential.credential_authorized_at, facts);
    Ok(())
}

/// An app that is installed in an organisation.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Installation<'a> {
    #[serde(borrow)]
    app_id: Text<'a>,
    #[serde(borrow)]
    app_slug: Text<'a>,
    #[serde(borrow)]
    client_id: Text<'a>,
    #[serde(borrow)]
    account: Part<Account<'a>>,
    #[serde(borrow)]
    created_at: Text<'a>,
}

/// What is installed where. Who installed it the list does not say, and whoever did would not own it by that.
pub(super) fn installation(installation: &Installation<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = installation.app_id.get().ok_or(Refusal::Missing("app_id"))?;
    let holder = installation.account.get().and_then(|account| account.login.get());
    let holder = holder.ok_or(Refusal::Missing("account"))?;
    let number = facts.handle(HandleKind::Agent, APP_NUMBERS, id);
    let app = match installation.client_id.get() {
        Some(client) => {
            let client = facts.handle(HandleKind::Agent, APPS, client);
            facts.tied(client, Tie::Named, number);
            client
        }
        None => number,
    };
    facts.account(Some(holder));
    facts.described(app, Detail::Kind, "github-app");
    facts.described(app, Detail::DisplayName, installation.app_slug.get().unwrap_or_default());
    let holder = facts.handle(HandleKind::Account, "", holder);
    if let Some(at) = time(&installation.created_at) {
        facts.dated(When::at(at));
    }
    facts.granted(None, app, holder);
    Ok(())
}

/// A deploy key.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DeployKey<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    url: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    last_used: Text<'a>,
    #[serde(borrow)]
    added_by: Text<'a>,
    #[serde(borrow)]
    enabled: Text<'a>,
}

/// A deploy key, which is a repository's. Whoever added it issued it. The key itself is not read.
pub(super) fn deploy_key(key: &DeployKey<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = key.id.get().ok_or(Refusal::Missing("id"))?;
    let name = key.url.get().and_then(repository_in).ok_or(Refusal::Missing("url"))?;
    let repository = github_names::repository_named(facts, name);
    let handle = facts.handle(HandleKind::Key, DEPLOY_KEYS, id);
    facts.account(name.split('/').next());
    facts.described(handle, Detail::Kind, "deploy-key");
    facts.described(handle, Detail::DisplayName, key.title.get().unwrap_or_default());
    let off = key.enabled.get() == Some("false");
    facts.described(handle, Detail::CredentialState, if off { "inactive" } else { "active" });
    facts.tied(handle, Tie::PartOf, repository);
    last_used(handle, &key.last_used, facts);
    if let (Some(by), Some(at)) = (added_by(key, facts), time(&key.created_at)) {
        facts.dated(When::at(at));
        facts.made(by, Making::Issued, handle);
    }
    Ok(())
}

fn added_by(key: &DeployKey<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let login = key.added_by.get().filter(|login| !github_names::is_nobody(login))?;
    github_names::user(facts, Some(login), None, github_names::machine(login, false, false))
}
