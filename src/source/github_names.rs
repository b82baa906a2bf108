//! How GitHub writes names: accounts, tokens, apps, repositories. Shared by the GitHub sources.
//!
//! References: docs.github.com/en/rest/users, …/rest/orgs/personal-access-tokens and …/rest/apps. The number of an account
//! or repository lasts; a login or name can be changed, and then be registered by somebody else.

use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;
use crate::source::fingerprint::padded;
use crate::source::oidc::GITHUB;

/// The realm of GitHub Apps, by client id or name.
pub(crate) const APPS: &str = "github.com/apps";

/// The realm of OAuth apps, by the number that GitHub gives them.
pub(crate) const OAUTH_APPS: &str = "github.com/oauth-apps";

/// The realm of the numbers of classic tokens and OAuth tokens, which GitHub counts together.
pub(crate) const TOKENS: &str = "github.com/tokens";

/// The realm of the numbers that uses of fine-grained tokens carry, and the lists of grants beside the grant's own.
pub(crate) const FINE_GRAINED_USES: &str = "github.com/fine-grained-token-uses";

pub(crate) const FINE_GRAINED: &str = "fine-grained-token";
pub(crate) const CLASSIC: &str = "classic-token";
pub(crate) const OAUTH: &str = "oauth-token";
const UNKNOWN_TOKEN: &str = "token";

/// The account that acts for agents of GitHub's own.
pub(crate) const AGENT: &str = "agent";

/// A user account under the names that are known of it: the number that lasts, the login that may change hands.
pub(crate) fn user(
    out: &mut impl Stand,
    login: Option<&str>,
    id: Option<&str>,
    machine: Option<&str>,
) -> Option<HandleId> {
    let id = id.map(|id| out.handle(HandleKind::UserId, GITHUB, id));
    let login = login.map(|login| out.handle(HandleKind::Login, GITHUB, login));
    if let (Some(id), Some(login)) = (id, login) {
        out.tied(id, Tie::Named, login);
    }
    let user = id.or(login)?;
    out.described(user, Detail::Machine, machine.unwrap_or_default());
    Some(user)
}

/// What kind of machine an account is; `None` for an account that a human can have.
pub(crate) fn machine(login: &str, is_bot: bool, is_agent: bool) -> Option<&'static str> {
    match login {
        _ if is_agent => Some(AGENT),
        "Copilot" => Some(AGENT),
        _ if is_bot || login.ends_with("[bot]") => Some("bot"),
        "deploy_key" => Some("deploy-key"),
        "web-flow" => Some("web-flow"),
        "github" | "github-staff" => Some("vendor"),
        _ => None,
    }
}

/// `ghost` stands for every account that was ever deleted: nobody in particular.
pub(crate) fn is_nobody(login: &str) -> bool {
    login == "ghost"
}

/// A token by its fingerprint, else by its number, with the tie between both: a token that is issued anew keeps its
/// number and gets another fingerprint.
pub(crate) fn token(
    out: &mut impl Stand,
    kind: &str,
    fingerprint: Option<&str>,
    number: Option<&str>,
    numbers: &str,
) -> Option<HandleId> {
    let fingerprint = fingerprint.map(|fingerprint| out.handle(HandleKind::Key, GITHUB, &padded(fingerprint)));
    // Of a token of unknown kind the number could be another token's, too.
    let number = number.filter(|_| fingerprint.is_none() || kind != UNKNOWN_TOKEN);
    let number = number.map(|number| out.handle(HandleKind::Key, numbers, number));
    if let (Some(number), Some(fingerprint)) = (number, fingerprint) {
        out.tied(number, Tie::Named, fingerprint);
    }
    let token = fingerprint.or(number)?;
    out.described(token, Detail::Kind, kind);
    Some(token)
}

/// What kind of long-lived token an access type names; spellings differ between exports. `None` for what is none:
/// tokens of apps, and keys, of which the log says no more.
pub(crate) fn token_kind(access: Option<&str>) -> Option<&'static str> {
    let Some(access) = access else { return Some(UNKNOWN_TOKEN) };
    let access = access.to_ascii_lowercase().replace(['_', '-'], " ");
    match () {
        () if access.contains("fine grained") => Some(FINE_GRAINED),
        () if access.contains("personal access token") => Some(CLASSIC),
        () if access.contains("oauth") => Some(OAUTH),
        () => None,
    }
}

/// A repository by its name, lower case as subjects of its tokens are compared.
pub(crate) fn repository_named(out: &mut impl Stand, name: &str) -> HandleId {
    out.handle(HandleKind::Repository, GITHUB, &name.to_lowercase())
}

/// A repository: by the number that lasts, else by the name, which can be given again after a rename.
pub(crate) fn repository(out: &mut impl Stand, name: Option<&str>, id: Option<&str>) -> Option<HandleId> {
    let name = name.filter(|name| name.contains('/')).map(|name| repository_named(out, name));
    let id = id.map(|id| out.handle(HandleKind::Repository, GITHUB, &format!("#{id}")));
    if let (Some(id), Some(name)) = (id, name) {
        out.tied(id, Tie::Named, name);
    }
    id.or(name)
}

/// `OWNER/REPO` in an address of GitHub's: of a page, or of the API.
pub(crate) fn repository_in(url: &str) -> Option<&str> {
    let path = url.split_once("://")?.1.split_once('/')?.1;
    let path = path.strip_prefix("api/v3/").unwrap_or(path);
    let path = path.strip_prefix("repos/").unwrap_or(path);
    let owner = path.find('/')?;
    let rest = path.get(owner + 1..)?;
    let end = rest.find('/').unwrap_or(rest.len());
    let name = path.get(..owner + 1 + end)?;
    (owner > 0 && end > 0).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_and_people() {
        assert_eq!(machine("dependabot[bot]", false, false), Some("bot"));
        assert_eq!(machine("lena-fors", true, false), Some("bot"));
        assert_eq!(machine("Copilot", true, false), Some("agent"));
        assert_eq!(machine("lena-fors", false, false), None);
    }

    #[test]
    fn kinds_of_tokens() {
        assert_eq!(token_kind(Some("Fine-grained personal access token")), Some(FINE_GRAINED));
        assert_eq!(token_kind(Some("personal_access_token")), Some(CLASSIC));
        assert_eq!(token_kind(Some("OAuth access token")), Some(OAUTH));
        for none in ["GitHub App server-to-server token", "GitHub App user-to-server token", "Public Key (User/Deploy)"]
        {
            assert_eq!(token_kind(Some(none)), None, "{none}");
        }
    }

    #[test]
    fn repositories_in_addresses() {
        for url in [
            "https://github.com/example-org/claims-agent/pull/57",
            "https://api.github.com/repos/example-org/claims-agent/keys/1",
            "https://github.example.com/api/v3/repos/example-org/claims-agent",
        ] {
            assert_eq!(repository_in(url), Some("example-org/claims-agent"), "{url}");
        }
        assert_eq!(repository_in("https://github.com/example-org"), None);
    }
}
