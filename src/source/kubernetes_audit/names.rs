//! How Kubernetes writes names: clusters, service accounts, users, workloads. Shared by every source that holds calls to
//! a cluster's API.
//!
//! References: kubernetes.io/docs/reference/access-authn-authz/authentication and …/service-accounts-admin,
//! docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html. Names mean something in one cluster only, and no
//! event says of which cluster it is: a carrier may (a log group, a resource id, the labels of a log entry). A service
//! account is known by its namespace and name, which is also the subject of its tokens, whoever trusts them.

use crate::base::time::Instant;
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;
use crate::source::text::{folded, is_address};
use crate::source::{aws_names, gcp_names, oidc};

/// The realm of a cluster that a record does not name; of a named one, its beginning.
pub(super) const KUBERNETES: &str = "kubernetes:";

/// The realm of the ids that clusters give to tokens, which are never given twice.
const TOKENS: &str = "kubernetes";

/// What a service account's name begins with, as a user and as the subject of a token.
const ACCOUNT: &str = "system:serviceaccount:";

/// A user as the API server authenticated it, with what it says beside the name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct User<'a> {
    pub(super) name: &'a str,
    pub(super) uid: Option<&'a str>,
    /// `JTI=<id of a token>` or `X509SHA256=<fingerprint of a certificate>`.
    pub(super) credential: Option<&'a str>,
    /// Of a caller that AWS authenticated.
    pub(super) access_key: Option<&'a str>,
    pub(super) canonical_arn: Option<&'a str>,
    pub(super) session_name: Option<&'a str>,
}

/// What kind of user a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// A part of the cluster itself, or nobody who was authenticated.
    Component,
    Account,
    /// Everybody else: people, and what acts with a name of another system.
    Other,
}

/// Controllers of the control plane, which have service accounts of their own in `kube-system`.
const CONTROLLERS: &[&str] = &[
    "attachdetach-controller",
    "certificate-controller",
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemon-set-controller",
    "deployment-controller",
    "disruption-controller",
    "endpoint-controller",
    "endpointslice-controller",
    "endpointslicemirroring-controller",
    "expand-controller",
    "ephemeral-volume-controller",
    "generic-garbage-collector",
    "horizontal-pod-autoscaler",
    "job-controller",
    "legacy-service-account-token-cleaner",
    "namespace-controller",
    "node-controller",
    "persistent-volume-binder",
    "pod-garbage-collector",
    "pv-protection-controller",
    "pvc-protection-controller",
    "replicaset-controller",
    "replication-controller",
    "resourcequota-controller",
    "root-ca-cert-publisher",
    "route-controller",
    "service-account-controller",
    "service-controller",
    "statefulset-controller",
    "ttl-after-finished-controller",
    "ttl-controller",
];

/// The namespace and name of a service account.
pub(super) fn account_name(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix(ACCOUNT)?.split_once(':')?;
    (!namespace.is_empty() && !name.is_empty() && !name.contains(':')).then_some((namespace, name))
}

/// What kind of user a name is of. What begins with `system:` can be given by the cluster alone; `system:admin` is the
/// administrator's certificate of some distributions.
pub(super) fn sort(user: &str) -> Sort {
    match account_name(user) {
        Some(("kube-system", name)) if CONTROLLERS.contains(&name) => Sort::Component,
        Some(_) => Sort::Account,
        None if user == "system:admin" => Sort::Other,
        None if user.starts_with("system:") || user.starts_with("eks:") || user == "aksService" => Sort::Component,
        None => Sort::Other,
    }
}

/// A service account, which is also the subject of its tokens.
pub(super) fn service_account(out: &mut impl Stand, cluster: &str, namespace: &str, name: &str) -> HandleId {
    let text = format!("{ACCOUNT}{namespace}:{name}");
    let account = out.handle(HandleKind::PrincipalName, cluster, &text);
    let subject = out.handle(HandleKind::Subject, cluster, &text);
    out.tied(account, Tie::Named, subject);
    out.described(account, Detail::Kind, "kubernetes-service-account");
    account
}

/// A token by its id, which stands for the service account it was issued to.
pub(super) fn token(out: &mut impl Stand, id: &str, account: HandleId) -> HandleId {
    let token = out.handle(HandleKind::Session, TOKENS, id.strip_prefix("JTI=").unwrap_or(id));
    out.tied(token, Tie::RunsAs, account);
    token
}

/// A user under its own name, without what it was authenticated with.
///
/// A name in the form of an address is a person's at whoever the cluster trusts to sign people in; wrong where an
/// administrator lets a provider name its users after somebody else's addresses. Prefixes that administrators set before
/// the names of such users are left out where they are the usual one.
pub(super) fn named(out: &mut impl Stand, cluster: &str, name: &str) -> HandleId {
    if let Some((namespace, name)) = account_name(name).filter(|_| sort(name) == Sort::Account) {
        return service_account(out, cluster, namespace, name);
    }
    if sort(name) == Sort::Component {
        return out.handle(HandleKind::Service, TOKENS, name);
    }
    if let Some(principal) = of_aws(out, name) {
        return principal;
    }
    if gcp_names::is_service_account(name)
        && let Some((account, _)) = gcp_names::principal(out, name)
    {
        return account;
    }
    if let Some((issuer, subject)) = name.strip_prefix("https://").and_then(|name| name.split_once('#')) {
        let user = out.handle(HandleKind::Subject, issuer, subject);
        oidc::issued_to(out, user, issuer, subject);
        return user;
    }
    let plain = name.strip_prefix("oidc:").unwrap_or(name);
    if is_address(plain) {
        return out.handle(HandleKind::Login, cluster, &folded(plain));
    }
    let user = out.handle(HandleKind::PrincipalName, cluster, name);
    out.described(user, Detail::Kind, "kubernetes-user");
    user
}

/// The role or user that an ARN in place of a name stands for.
fn of_aws(out: &mut impl Stand, name: &str) -> Option<HandleId> {
    let arn = aws_names::Arn::parse(name)?;
    match aws_names::assumed_role(&arn) {
        Some((role, _)) => Some(aws_names::principal_named(out, arn.account, "role", role)),
        None => aws_names::principal(out, None, Some(name)),
    }
}

/// What a user was authenticated with, else the user; and the user.
///
/// The API server writes these itself. A key of AWS is the one that AWS's own records tell of. Where it is left out, the
/// session is named by role and session name, and began before the call. A certificate may be in many hands: it is what
/// acts, and its name is whatever its issuer wrote.
pub(super) fn acting(out: &mut impl Stand, cluster: &str, user: User<'_>, at: Instant) -> (HandleId, HandleId) {
    let principal = named(out, cluster, user.name);
    if let Some(key) = user.access_key {
        let kind = if aws_names::is_long_lived(key) { HandleKind::Key } else { HandleKind::Session };
        let key = out.handle(kind, "", key);
        let arn = user.canonical_arn.or(Some(user.name).filter(|name| name.contains(":iam::")));
        let role = arn.and_then(|arn| aws_names::principal(out, None, Some(arn))).unwrap_or(principal);
        out.tied(key, Tie::RunsAs, role);
        return (key, role);
    }
    let role = user.uid.and_then(|uid| uid.rsplit(':').next()).filter(|id| id.starts_with("AROA"));
    if let (Some(role), Some(session)) = (role, user.session_name) {
        let by = out.handle(HandleKind::SessionStart, "", &format!("{role}:{session}@<{at}"));
        let role = aws_names::principal(out, Some(role), user.canonical_arn).unwrap_or(principal);
        out.tied(by, Tie::RunsAs, role);
        return (by, role);
    }
    match user.credential.and_then(|credential| credential.split_once('=')) {
        Some(("JTI", id)) if sort(user.name) == Sort::Account => (token(out, id, principal), principal),
        Some(("X509SHA256", print)) if !print.is_empty() => {
            let key = out.handle(HandleKind::Key, "", &print.to_ascii_lowercase());
            out.described(key, Detail::Kind, "client-certificate");
            out.tied(key, Tie::RunsAs, principal);
            (key, principal)
        }
        _ => (principal, principal),
    }
}

/// The name of an object in its cluster: `NAMESPACE/deployments/NAME`, or `clusterroles/NAME` where it is in none.
pub(super) fn object(namespace: Option<&str>, resource: &str, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{namespace}/{resource}/{name}"),
        None => format!("{resource}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_of_users() {
        for component in [
            "system:node:ip-10-0-4-17.eu-west-1.compute.internal",
            "system:serviceaccount:kube-system:replicaset-controller",
            "system:anonymous",
            "eks:certificate-controller",
        ] {
            assert_eq!(sort(component), Sort::Component, "{component}");
        }
        assert_eq!(sort("system:serviceaccount:argocd:argocd-application-controller"), Sort::Account);
        assert_eq!(sort("system:serviceaccount:claims:replicaset-controller"), Sort::Account);
        for other in ["kubernetes-admin", "mira.holt@example.com", "system:admin"] {
            assert_eq!(sort(other), Sort::Other, "{other}");
        }
        assert_eq!(account_name("system:serviceaccount:claims:"), None);
    }
}
