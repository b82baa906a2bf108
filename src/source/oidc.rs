//! Subjects of signed tokens: what a cloud logs of the pipeline's job or the user that came to it.
//!
//! References: docs.github.com/en/actions/reference/security/oidc, docs.gitlab.com/ci/secrets/id_token_authentication. The
//! subject is signed by the platform. GitHub's form is `repo:OWNER/REPO:environment:NAME`, `…:ref:refs/heads/BRANCH`,
//! `…:pull_request`; since July 2026 also `repo:OWNER@ID/REPO@ID:…`, with ids that outlive renames; administrators can
//! append further `key:value` pairs. GitLab's is `project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH`, and
//! administrators choose which pairs it has. Its instances are many; the issuer says which one signed.

use super::text::is_address;
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;
use crate::source::gitlab_names;

/// The realm of repositories and accounts at github.com.
pub(crate) const GITHUB: &str = "github.com";

/// Whose pipelines a subject is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Platform {
    #[default]
    GitHub,
    GitLab,
}

/// What a subject says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Whose form it has.
    pub(crate) platform: Platform,
    /// `owner/repo`, lower case, without ids.
    pub(crate) repository: String,
    /// The repository's lasting id.
    pub(crate) repository_id: Option<String>,
    /// The deployment environment.
    pub(crate) environment: Option<String>,
    /// The branch or tag, without `refs/heads/` or `refs/tags/`.
    pub(crate) branch: Option<String>,
    /// The run, where the administrator had it put into the subject.
    pub(crate) run: Option<String>,
}

impl Subject {
    /// Reads a subject; `None` where it names no repository.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split(':');
        let mut subject = Self::default();
        while let Some(key) = fields.next() {
            match key {
                "repo" | "repository" => {
                    let (owner, repo) = fields.next()?.split_once('/')?;
                    let (owner, _) = with_id(owner);
                    let (repo, id) = with_id(repo);
                    subject.repository = format!("{owner}/{repo}").to_lowercase();
                    subject.repository_id = id.map(str::to_owned);
                }
                "project_path" => {
                    subject.platform = Platform::GitLab;
                    subject.repository = fields.next().filter(|path| path.contains('/'))?.to_lowercase();
                }
                "project_id" => subject.repository_id = fields.next().map(str::to_owned),
                "environment" => subject.environment = fields.next().map(decoded),
                "ref" => {
                    let name = decoded(fields.next()?);
                    let short = name.strip_prefix("refs/heads/").or(name.strip_prefix("refs/tags/"));
                    subject.branch = Some(short.unwrap_or(&name).to_owned());
                }
                "run_id" | "pipeline_id" => subject.run = fields.next().map(str::to_owned),
                _ => {}
            }
        }
        (!subject.repository.is_empty()).then_some(subject)
    }

    /// The realm of the repository and its runs, by who signed.
    pub(crate) fn realm(&self, issuer: Option<&str>) -> String {
        match self.platform {
            Platform::GitHub => GITHUB.to_owned(),
            Platform::GitLab => gitlab_names::realm(issuer),
        }
    }
}

/// `name@123` is a name with its lasting id.
fn with_id(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once('@') {
        Some((name, id)) if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(id)),
        _ => (text, None),
    }
}

/// Values have their colons written as `%3A`.
fn decoded(text: &str) -> String {
    text.replace("%3A", ":").replace("%3a", ":")
}

/// Writes down what a subject says of itself: its repository, environment, branch and run. `issuer` is who signed it,
/// where the record says so.
pub(crate) fn describe(out: &mut impl Stand, subject: HandleId, issuer: Option<&str>, text: &str) {
    let Some(parsed) = Subject::parse(text) else { return };
    let realm = parsed.realm(issuer);
    let repository = out.handle(HandleKind::Repository, &realm, &parsed.repository);
    out.tied(subject, Tie::IssuedFor, repository);
    if let Some(id) = &parsed.repository_id {
        let lasting = out.handle(HandleKind::Repository, &realm, &format!("#{id}"));
        out.tied(lasting, Tie::Named, repository);
    }
    if let Some(run) = &parsed.run {
        let run = out.handle(HandleKind::Run, &realm, run);
        out.tied(subject, Tie::PartOf, run);
    }
    out.described(subject, Detail::Environment, parsed.environment.as_deref().unwrap_or_default());
    out.described(subject, Detail::Branch, parsed.branch.as_deref().unwrap_or_default());
}

/// Ties a subject to the user of the identity provider whom it names: by id, or by login where it is an address. A
/// client's own token has the client's id as its subject and names no user.
///
/// Wrong when an authorization server was set up to put another attribute into `sub`.
pub(crate) fn issued_to(out: &mut impl Stand, subject: HandleId, issuer: &str, name: &str) {
    let host = issuer.split('/').next().unwrap_or_default();
    let is_okta = [".okta.com", ".oktapreview.com", ".okta-emea.com"].iter().any(|end| host.ends_with(end));
    let realm = if is_okta { format!("okta:{host}") } else { issuer.to_owned() };
    let user = if is_okta && name.starts_with("00u") {
        out.handle(HandleKind::UserId, &realm, name)
    } else if !issuer.is_empty() && is_address(name) && !name.contains([':', '/']) {
        out.handle(HandleKind::Login, &realm, name)
    } else {
        return;
    };
    out.tied(subject, Tie::IssuedTo, user);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(text: &str) -> Subject {
        Subject::parse(text).expect("names a repository")
    }

    #[test]
    fn forms_of_a_subject() {
        let by_environment = subject("repo:Corp/Triage:environment:prod");
        assert_eq!(
            (by_environment.repository.as_str(), by_environment.environment.as_deref()),
            ("corp/triage", Some("prod"))
        );
        let by_branch = subject("repo:corp@900100/triage@700200:ref:refs/heads/main");
        assert_eq!(by_branch.repository_id.as_deref(), Some("700200"));
        assert_eq!(by_branch.branch.as_deref(), Some("main"));
        let customised = subject("repo:corp/triage:environment:a%3Ab:run_id:177");
        assert_eq!((customised.environment.as_deref(), customised.run.as_deref()), (Some("a:b"), Some("177")));
        let gitlab = subject("project_path:Finance/Agents/Triage:ref_type:branch:ref:main");
        assert_eq!((gitlab.platform, gitlab.repository.as_str()), (Platform::GitLab, "finance/agents/triage"));
        assert_eq!(gitlab.branch.as_deref(), Some("main"));
        assert_eq!(gitlab.realm(Some("gitlab.example.com")), "gitlab:gitlab.example.com");
        assert_eq!(Subject::parse("system:serviceaccount:agents:triage"), None);
    }
}
