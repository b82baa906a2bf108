//! How GitLab writes names: instances, users, projects, pipelines, tokens. Shared by the GitLab sources.
//!
//! References: docs.gitlab.com/api/users, …/api/projects, …/api/pipelines, …/api/personal_access_tokens. Ids are small
//! numbers, given once by each instance; names of users and paths of projects can be changed, and then be taken by
//! somebody else. Which instance a record is of, only links in it say: audit events and lists of tokens never do, so they
//! are told of "the" instance, which is the only one of the bundle. Wrong where a bundle holds exports of two instances.

use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;
use crate::source::text::{folded, is_address};

/// The realm of an instance that a record does not name.
pub(crate) const INSTANCE: &str = "gitlab:";

/// The realm of the instance that a link or an issuer of tokens names: `gitlab:gitlab.com`.
pub(crate) fn realm(link: Option<&str>) -> String {
    let host = link.map(|link| link.split_once("://").map_or(link, |(_, rest)| rest));
    let host = host.and_then(|rest| rest.split(['/', '?']).next()).filter(|host| host.contains('.'));
    format!("{INSTANCE}{}", host.unwrap_or_default().to_ascii_lowercase())
}

/// Whether a text is an id: a number, and none of those below one that stand for no user.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text != "0" && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What is known of a user account.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct User<'a> {
    pub(crate) id: Option<&'a str>,
    pub(crate) username: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    /// An address that GitLab has confirmed, or that it writes itself.
    pub(crate) email: Option<&'a str>,
}

/// A user account under every name that is known: by the number, else by the user name.
///
/// The address is the account's own, which its holder has confirmed. Wrong on an instance that lets users enter any
/// address unconfirmed.
pub(crate) fn user(out: &mut impl Stand, realm: &str, user: User<'_>) -> Option<HandleId> {
    let username = user.username.map(str::trim).filter(|name| !name.is_empty());
    let login = username.map(|name| out.handle(HandleKind::Login, realm, &folded(name)));
    let id = user.id.filter(|id| is_id(id)).map(|id| out.handle(HandleKind::UserId, realm, id));
    if let (Some(id), Some(login)) = (id, login) {
        out.tied(id, Tie::Named, login);
    }
    let who = id.or(login)?;
    let machine = username.and_then(machine);
    out.described(who, Detail::Machine, machine.unwrap_or_default());
    out.described(who, Detail::DisplayName, user.name.unwrap_or_default());
    if let Some(email) = user.email.map(str::trim).filter(|email| is_address(email) && machine.is_none()) {
        let email = out.handle(HandleKind::Email, "", &folded(email));
        out.tied(who, Tie::Named, email);
    }
    Some(who)
}

/// What kind of machine a user name is of; `None` for one that a human can have. GitLab gives these names itself.
pub(crate) fn machine(username: &str) -> Option<&'static str> {
    let numbered = |rest: &str| rest.split_once("_bot").is_some_and(|(number, _)| is_id(number));
    match username {
        _ if username.strip_prefix("project_").is_some_and(numbered) => Some("bot"),
        _ if username.strip_prefix("group_").is_some_and(numbered) => Some("bot"),
        _ if username.starts_with("service_account_") => Some("service-account"),
        // It stands for every account that was ever deleted: nobody in particular.
        "ghost" => Some("ghost"),
        "support-bot" | "alert-bot" | "GitLab-Security-Bot" | "duo-code-review-bot" => Some("bot"),
        _ => None,
    }
}

/// A project: by the number that lasts, else by the path, which can be given again after a rename.
pub(crate) fn project(out: &mut impl Stand, realm: &str, id: Option<&str>, path: Option<&str>) -> Option<HandleId> {
    let path = path.map(|path| path.trim_matches('/')).filter(|path| path.contains('/'));
    let path = path.map(|path| out.handle(HandleKind::Repository, realm, &folded(path)));
    let id = id.filter(|id| is_id(id)).map(|id| out.handle(HandleKind::Repository, realm, &format!("#{id}")));
    if let (Some(id), Some(path)) = (id, path) {
        out.tied(id, Tie::Named, path);
    }
    id.or(path)
}

/// The path of the project that a link leads into: `group/app` of `https://gitlab.com/group/app/-/pipelines/47`.
pub(crate) fn path_in(link: &str) -> Option<&str> {
    let (_, rest) = link.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    let (path, _) = path.split_once("/-/")?;
    path.contains('/').then_some(path)
}

/// A pipeline, by its number in the instance.
pub(crate) fn pipeline(out: &mut impl Stand, realm: &str, id: &str) -> Option<HandleId> {
    is_id(id).then(|| out.handle(HandleKind::Run, realm, id))
}

/// The kinds of long-lived credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A user's own, or one of a bot's: the list does not say.
    Personal,
    /// A project's or group's: it acts as a bot that GitLab makes for it.
    Project,
    Group,
    Deploy,
    DeployKey,
    /// Of an agent in a cluster.
    ClusterAgent,
}

impl Token {
    /// The word for its kind.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Personal => "personal-access-token",
            Self::Project => "project-access-token",
            Self::Group => "group-access-token",
            Self::Deploy => "deploy-token",
            Self::DeployKey => "deploy-key",
            Self::ClusterAgent => "cluster-agent-token",
        }
    }

    /// What its number counts: GitLab counts the tokens of users, projects and groups together.
    const fn counted_as(self) -> &'static str {
        match self {
            Self::Personal | Self::Project | Self::Group => "access-token",
            Self::Deploy | Self::DeployKey | Self::ClusterAgent => self.kind(),
        }
    }

    /// Whether it stands for an identity that exists for it alone.
    pub(crate) const fn is_its_own(self) -> bool {
        !matches!(self, Self::Personal | Self::ClusterAgent)
    }
}

/// A token, by its number. One that stands for no user stands for an identity of its own, which is returned, too.
pub(crate) fn token(
    out: &mut impl Stand,
    kind: Token,
    id: &str,
    name: Option<&str>,
) -> Option<(HandleId, Option<HandleId>)> {
    let named = format!("{}/{}", kind.counted_as(), Some(id).filter(|id| is_id(id))?);
    let key = out.handle(HandleKind::Key, INSTANCE, &named);
    out.described(key, Detail::DisplayName, name.unwrap_or_default());
    if !kind.is_its_own() {
        return Some((key, None));
    }
    out.described(key, Detail::Kind, kind.kind());
    let principal = out.handle(HandleKind::PrincipalName, INSTANCE, &named);
    out.described(principal, Detail::Kind, kind.kind());
    out.described(principal, Detail::DisplayName, name.unwrap_or_default());
    out.tied(key, Tie::RunsAs, principal);
    Some((key, Some(principal)))
}

/// An agent in a cluster, by its number.
pub(crate) fn cluster_agent(out: &mut impl Stand, id: &str, name: Option<&str>) -> Option<HandleId> {
    let agent = is_id(id).then(|| out.handle(HandleKind::Agent, INSTANCE, &format!("cluster-agent/{id}")))?;
    out.described(agent, Detail::Kind, "gitlab-cluster-agent");
    out.described(agent, Detail::DisplayName, name.unwrap_or_default());
    Some(agent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_and_paths() {
        assert_eq!(realm(Some("https://GitLab.example.com/finance/app")), "gitlab:gitlab.example.com");
        assert_eq!(realm(Some("gitlab.com")), "gitlab:gitlab.com");
        assert_eq!(realm(None), INSTANCE);
        assert_eq!(path_in("https://gitlab.com/finance/agents/triage/-/jobs/8"), Some("finance/agents/triage"));
        assert_eq!(path_in("https://gitlab.com/lena"), None);
    }

    #[test]
    fn machines_and_people() {
        for bot in ["project_815_bot_9f3c", "group_12_bot", "service_account_group_12_77"] {
            assert!(machine(bot).is_some(), "{bot}");
        }
        for human in ["lena.fors", "project_owner_bot", "group_bot", "robot"] {
            assert_eq!(machine(human), None, "{human}");
        }
    }
}
