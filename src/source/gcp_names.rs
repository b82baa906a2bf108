//! How Google writes names: principals, service accounts and their keys, agents. Shared by the Google sources.
//!
//! References: cloud.google.com/iam/docs/principal-identifiers, cloud.google.com/iam/docs/service-account-types and
//! cloud.google.com/iam/docs/audit-logging. A service account's e-mail address can be given again after a deletion; its
//! unique id never is. The names of resources begin with the id of a project or with its number, as the service likes.

use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;
use crate::source::oidc::{self, Platform};
use crate::source::text::{folded, is_address};

/// The realm of the people of a Google customer where the record does not say which one.
pub(crate) const GOOGLE: &str = "google:";

/// The realm of ids that Google Cloud never gives twice.
pub(crate) const GCP: &str = "gcp";

/// The issuer of GitHub's pipeline tokens.
const GITHUB_ISSUER: &str = "token.actions.githubusercontent.com";

/// What kind of actor a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A user, in Google's own directory or in a workforce pool.
    Person,
    /// A group of users.
    Group,
    /// A service account.
    ServiceAccount,
    /// A service account that a service of Google's runs for itself.
    ServiceAgent,
    /// An agent with an identity of its own.
    Agent,
    /// A workload outside, by the subject of its token.
    Subject,
    /// A job of a pipeline, by the subject of its token.
    Pipeline,
    /// All jobs of a repository.
    Repository,
    /// A service or component that is no account.
    Service,
}

/// A principal in any of the forms that logs and policies use; `None` where it names nobody in particular (`allUsers`,
/// a whole domain, a pool).
pub(crate) fn principal(out: &mut impl Stand, text: &str) -> Option<(HandleId, Sort)> {
    if let Some(rest) = text.strip_prefix("deleted:") {
        return deleted(out, rest);
    }
    if let Some(rest) = text.strip_prefix("principal://") {
        return of_pool(out, rest);
    }
    if let Some(rest) = text.strip_prefix("principalSet://") {
        // Wrong where an administrator maps something else than GitHub's repository into an attribute of this name.
        let (_, repository) = rest.split_once("/attribute.repository/")?;
        let name = repository.to_lowercase();
        return Some((out.handle(HandleKind::Repository, oidc::GITHUB, &name), Sort::Repository));
    }
    match text.split_once(':') {
        Some(("user", email)) => Some((user(out, email), Sort::Person)),
        Some(("serviceAccount", email)) => Some(account(out, email)),
        Some(("group", email)) => Some((out.handle(HandleKind::Team, GOOGLE, &folded(email)), Sort::Group)),
        Some(("domain" | "projectOwner" | "projectEditor" | "projectViewer", _)) => None,
        Some(("system", _)) => Some((out.handle(HandleKind::Service, "kubernetes", text), Sort::Service)),
        None if text.ends_with("@google.com") && text.starts_with("system@") => {
            Some((out.handle(HandleKind::Service, "", "google"), Sort::Service))
        }
        _ if is_kubernetes(text) || is_service_account(text) => Some(account(out, text)),
        None if is_address(text) => Some((user(out, text), Sort::Person)),
        _ => None,
    }
}

/// A principal that was deleted: `serviceAccount:x@…?uid=123`. The unique id says which of several of that name it was;
/// when it had the name is not said, so the name is shown and joins nothing.
fn deleted(out: &mut impl Stand, text: &str) -> Option<(HandleId, Sort)> {
    let (named, uid) = text.split_once("?uid=")?;
    let (kind, email) = named.split_once(':')?;
    let (who, sort) = match kind {
        "serviceAccount" => (service_account(out, None, Some(uid))?, Sort::ServiceAccount),
        "user" if is_number(uid) => (out.handle(HandleKind::UserId, GOOGLE, uid), Sort::Person),
        _ => return None,
    };
    out.described(who, Detail::DisplayName, email);
    Some((who, sort))
}

/// A user by the address that Google knows them under, which is their login. Logs of Google Cloud never give the id.
pub(crate) fn user(out: &mut impl Stand, email: &str) -> HandleId {
    out.handle(HandleKind::Login, GOOGLE, &folded(email))
}

/// A service account, or a Kubernetes service account in the form of one: `PROJECT.svc.id.goog[NAMESPACE/NAME]`.
fn account(out: &mut impl Stand, email: &str) -> (HandleId, Sort) {
    if let Some((pool, inner)) = email.split_once('[').filter(|_| is_kubernetes(email)) {
        let (namespace, name) = inner.trim_end_matches(']').split_once('/').unwrap_or(("", inner));
        return subject(out, pool, &format!("ns/{namespace}/sa/{name}"));
    }
    let sort = if is_service_agent(email) { Sort::ServiceAgent } else { Sort::ServiceAccount };
    let account = service_account(out, Some(email), None);
    (account.unwrap_or_else(|| out.handle(HandleKind::PrincipalName, "", email)), sort)
}

fn is_kubernetes(text: &str) -> bool {
    text.contains(".svc.id.goog[")
}

/// Principals of pools: agents with an identity of their own, workloads and people of other identity providers.
///
/// An agent's identity and the agent are one name. A subject is written at its issuer where its form tells the issuer,
/// else at its pool; wrong where an administrator lets another issuer sign subjects in GitHub's form.
fn of_pool(out: &mut impl Stand, text: &str) -> Option<(HandleId, Sort)> {
    if text.starts_with("agents.global.") {
        let name = text.get(text.find("projects/")?..)?;
        if let Some((agent, kind)) = agent_name(name) {
            return Some((self::agent(out, agent, kind), Sort::Agent));
        }
        return Some((out.handle(HandleKind::Workload, "", name), Sort::Agent));
    }
    let (pool, value) = text.split_once("/subject/").filter(|(_, value)| !value.is_empty())?;
    if let Some((_, pool)) = pool.split_once("/workforcePools/") {
        let login = if is_address(value) { value.to_lowercase() } else { value.to_owned() };
        return Some((out.handle(HandleKind::Login, &format!("workforce:{pool}"), &login), Sort::Person));
    }
    let (_, name) = pool.split_once("/workloadIdentityPools/")?;
    let kubernetes = name.ends_with(".svc.id.goog");
    Some(subject(out, if kubernetes { name } else { pool.strip_prefix("iam.googleapis.com/")? }, value))
}

/// The subject of a workload's token, and what it says of itself.
pub(crate) fn subject(out: &mut impl Stand, pool: &str, value: &str) -> (HandleId, Sort) {
    let platform = oidc::Subject::parse(value).map(|subject| subject.platform);
    let issuer = if platform == Some(Platform::GitHub) { GITHUB_ISSUER } else { pool };
    let subject = out.handle(HandleKind::Subject, issuer, value);
    oidc::describe(out, subject, None, value); // the pool knows who signed, the record does not
    (subject, if platform.is_some() { Sort::Pipeline } else { Sort::Subject })
}

/// Whether an address is a service account's.
pub(crate) fn is_service_account(email: &str) -> bool {
    email.ends_with(".gserviceaccount.com")
}

/// Domains in which services of Google's have their own accounts, one per project.
const AGENT_DOMAINS: &[&str] = &[
    "bigquery-encryption",
    "cloud-filer",
    "cloud-ml.google.com",
    "cloud-redis",
    "cloud-tpu",
    "cloudcomposer-accounts",
    "compute-system",
    "container-engine-robot",
    "containerregistry",
    "dataflow-service-producer-prod",
    "dataproc-accounts",
    "endpoints-portal",
    "firebase-rules",
    "gae-api-prod.google.com",
    "gcf-admin-robot",
    "gs-project-accounts",
    "serverless-robot-prod",
    "service-networking",
    "sourcerepo-service-accounts",
    "storage-transfer-service",
];

/// Whether a service account is one that a service of Google's runs for itself. Decided by the domain, which Google
/// gives; the part before it can be chosen by anybody in a project of their own.
pub(crate) fn is_service_agent(email: &str) -> bool {
    let Some(domain) = email.split_once('@').and_then(|(_, domain)| domain.strip_suffix(".gserviceaccount.com")) else {
        return false;
    };
    let domain = domain.strip_suffix(".iam").unwrap_or(domain);
    domain == "cloudservices" || domain.starts_with("gcp-sa-") || AGENT_DOMAINS.contains(&domain)
}

/// Writes down a service account under all the names that are known of it, and returns the one that lasts longest.
pub(crate) fn service_account(out: &mut impl Stand, email: Option<&str>, unique_id: Option<&str>) -> Option<HandleId> {
    let name = email.map(|email| out.handle(HandleKind::PrincipalName, "", &folded(email)));
    let id = unique_id.filter(|id| is_number(id)).map(|id| out.handle(HandleKind::PrincipalId, GCP, id));
    if let (Some(id), Some(name)) = (id, name) {
        out.tied(id, Tie::Named, name);
    }
    let account = id.or(name)?;
    out.described(account, Detail::Kind, "service-account");
    if email.is_some_and(is_service_agent) {
        out.described(account, Detail::VendorManaged, "service agent");
    }
    Some(account)
}

/// The service account that a resource name names: `projects/-/serviceAccounts/EMAIL-OR-ID`, with or without a key.
pub(crate) fn service_account_named(out: &mut impl Stand, resource: &str) -> Option<HandleId> {
    let name = resource.split_once("/serviceAccounts/")?.1.split(['/', '?', ':']).next()?;
    match name {
        "" | "-" => None,
        id if is_number(id) => service_account(out, None, Some(id)),
        email if email.contains('@') => service_account(out, Some(email), None),
        _ => None,
    }
}

/// The id of the service-account key that a resource name names. It is a fingerprint: the id in the key's own file.
pub(crate) fn key_id(resource: &str) -> Option<&str> {
    let id = resource.split_once("/serviceAccounts/")?.1.split_once("/keys/")?.1.split(['/', '?', ':']).next()?;
    (!id.is_empty()).then_some(id)
}

/// Whether a text is a number, as unique ids and project numbers are.
pub(crate) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The full name of an agent in a text that holds it, without what stands before and behind, and its kind.
pub(crate) fn agent_name(text: &str) -> Option<(&str, &'static str)> {
    let text = text.get(text.find("projects/")?..)?;
    let kinds = [
        ("/reasoningEngines/", "reasoning-engine"),
        ("/agents/", if text.contains("/assistants/") { "gemini-enterprise-agent" } else { "dialogflow-agent" }),
        ("/engines/", "agent-builder-app"),
    ];
    kinds.into_iter().find_map(|(marker, kind)| Some((up_to_id(text, marker)?, kind)))
}

/// The name of a resource up to the id behind a marker.
pub(crate) fn up_to_id<'a>(text: &'a str, marker: &str) -> Option<&'a str> {
    let start = text.find("projects/").or(text.find("namespaces/"))?;
    let text = text.get(start..)?;
    let at = text.find(marker)? + marker.len();
    let id = text.get(at..)?.split(['/', '?', ':']).next().filter(|id| !id.is_empty() && *id != "-")?;
    text.get(..at + id.len())
}

/// An agent, by its full name.
pub(crate) fn agent(out: &mut impl Stand, name: &str, kind: &str) -> HandleId {
    let agent = out.handle(HandleKind::Agent, "", name);
    out.described(agent, Detail::Kind, kind);
    agent
}

/// Ties the two names of an agent together where a record tells both the number and the id of its project.
///
/// Wrong where the record stands in another project than the agent; then the second name names nothing at all.
pub(crate) fn also_named(out: &mut impl Stand, agent: HandleId, name: &str, project_id: Option<&str>) {
    let Some((number, rest)) = name.strip_prefix("projects/").and_then(|rest| rest.split_once('/')) else { return };
    if let (true, Some(id)) = (is_number(number), project_id.filter(|id| !is_number(id))) {
        let other = out.handle(HandleKind::Agent, "", &format!("projects/{id}/{rest}"));
        out.tied(agent, Tie::Named, other);
    }
}

/// A role on a resource, as something that is granted. Inventories write the service before the name, logs do not.
pub(crate) fn role_on(out: &mut impl Stand, role: &str, resource: Option<&str>) -> HandleId {
    let resource = resource.unwrap_or_default().trim_start_matches("//");
    let plain = resource
        .split_once('/')
        .map(|(_, rest)| rest)
        .filter(|rest| ["projects/", "folders/", "organizations/"].iter().any(|holder| rest.starts_with(holder)));
    out.handle(HandleKind::Resource, plain.unwrap_or(resource), role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_agents_by_their_domain() {
        for agent in [
            "service-831270000001@gcp-sa-aiplatform-re.iam.gserviceaccount.com",
            "831270000001@cloudservices.gserviceaccount.com",
            "service-831270000001@compute-system.iam.gserviceaccount.com",
        ] {
            assert!(is_service_agent(agent), "{agent}");
        }
        for own in ["service-1@claims-prod.iam.gserviceaccount.com", "831270000001@cloudbuild.gserviceaccount.com"] {
            assert!(!is_service_agent(own), "{own}");
        }
    }

    #[test]
    fn names_in_names() {
        let full = "//aiplatform.googleapis.com/projects/8/locations/l/reasoningEngines/55/operations/7";
        assert_eq!(agent_name(full), Some(("projects/8/locations/l/reasoningEngines/55", "reasoning-engine")));
        assert_eq!(agent_name("projects/8/locations/l/reasoningEngines"), None);
        let app = "projects/8/locations/l/collections/c/engines/app/assistants/default_assistant/agents/3:share";
        let agent = "projects/8/locations/l/collections/c/engines/app/assistants/default_assistant/agents/3";
        assert_eq!(agent_name(app), Some((agent, "gemini-enterprise-agent")));
        assert_eq!(key_id("projects/p/serviceAccounts/a@b/keys/9f3c"), Some("9f3c"));
        assert_eq!(key_id("projects/p/locations/global/keys/9f3c"), None);
    }
}
