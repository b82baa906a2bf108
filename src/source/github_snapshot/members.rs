//! Teams, members, and the names that the company's identity provider gives them.

use serde::Deserialize;

use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::HandleKind;
use crate::fact::writer::{FactWriter, Stand};
use crate::source::Refusal;
use crate::source::github_names;
use crate::source::oidc::GITHUB;
use crate::source::text::{Part, Text};

/// A team.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Team<'a> {
    #[serde(borrow)]
    slug: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    html_url: Text<'a>,
}

/// A team, by the name under which the audit log and the lists of members know it: `ORG/TEAM`.
pub(super) fn team(team: &Team<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let slug = team.slug.get().ok_or(Refusal::Missing("slug"))?;
    let org = team.html_url.get().and_then(|url| url.split_once("/orgs/")?.1.split('/').next());
    let org = org.ok_or(Refusal::Missing("html_url"))?;
    let handle = facts.handle(HandleKind::Team, GITHUB, &format!("{org}/{slug}"));
    facts.account(Some(org));
    facts.described(handle, Detail::DisplayName, team.name.get().unwrap_or_default());
    Ok(())
}

/// A member of an organisation, or of the team that was added to the record.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Member<'a> {
    #[serde(borrow)]
    login: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    team: Text<'a>,
}

/// Teams here are access, many to a person; they are not the team that a person belongs to.
pub(super) fn member(member: &Member<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let (login, id) = (member.login.get(), member.id.get().ok_or(Refusal::Missing("id"))?);
    if member.kind.get() == Some("Organization") {
        return Ok(());
    }
    let machine = github_names::machine(login.unwrap_or_default(), member.kind.get() == Some("Bot"), false);
    let user = github_names::user(facts, login, Some(id), machine).ok_or(Refusal::Missing("id"))?;
    if let Some(team) = member.team.get() {
        let team = facts.handle(HandleKind::Team, GITHUB, team);
        facts.granted(None, user, team);
    }
    Ok(())
}

/// An account with its names at the identity provider.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct External<'a> {
    #[serde(borrow)]
    saml_identity: Part<Names<'a>>,
    #[serde(borrow)]
    scim_identity: Part<Names<'a>>,
    #[serde(borrow)]
    user: Part<User<'a>>,
    #[serde(borrow)]
    org: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Names<'a> {
    #[serde(borrow)]
    name_id: Text<'a>,
    #[serde(borrow)]
    username: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct User<'a> {
    #[serde(borrow)]
    login: Text<'a>,
    #[serde(borrow)]
    database_id: Text<'a>,
}

/// An account that a member linked to the company's identity: the same tie that the audit log writes beside every act.
/// Wrong where the person linked another account since. An invitation that nobody took up has no account yet.
pub(super) fn external(external: &External<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let user = external.user.get().ok_or(Refusal::Missing("user"))?;
    let id = user.database_id.get().ok_or(Refusal::Missing("user.databaseId"))?;
    let who = github_names::user(facts, user.login.get(), Some(id), None).ok_or(Refusal::Missing("user"))?;
    let realm = match external.org.get() {
        Some(org) => format!("saml:{GITHUB}/{org}"),
        None => format!("saml:{GITHUB}"),
    };
    facts.account(external.org.get());
    for names in [&external.saml_identity, &external.scim_identity].into_iter().filter_map(Part::get) {
        for name in [names.name_id.get(), names.username.get()].into_iter().flatten() {
            let login = facts.handle(HandleKind::Login, &realm, name);
            facts.tied(who, Tie::Named, login);
        }
    }
    Ok(())
}
