//! How HashiCorp Vault writes names: mounts, entities, roles, leases, and the users it makes elsewhere. Shared by the
//! Vault sources, and by those of the clouds in which Vault makes users.
//!
//! References: developer.hashicorp.com/vault/docs/concepts/identity and …/api-docs/secret/aws#username_template. Ids of
//! entities, leases and tokens are random and never given twice. A role is named by its path, which means something only
//! at one mount of one cluster: no record names the cluster, newer ones name the mount by its accessor.

use crate::base::time::Instant;
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;
use crate::source::aws_names::session_start;
use crate::source::okta_names;
use crate::source::text::{folded, is_address};

/// The realm of what Vault never names twice: entities, tokens, leases.
pub(crate) const VAULT: &str = "vault";

/// The realm of users of a cluster; no record says which cluster it is.
pub(crate) const CLUSTER: &str = "vault:";

/// The realm of the roles of a mount. The mount's accessor tells it from the mount of the same path in another cluster;
/// older records have none, and mean the only mount of that path in the bundle.
pub(crate) fn mount_realm(namespace: &str, mount: &str, accessor: Option<&str>) -> String {
    let path = [namespace.trim_matches('/'), mount.trim_matches('/')];
    let path: Vec<&str> = path.into_iter().filter(|part| !part.is_empty() && *part != "root").collect();
    format!("{VAULT}/{}:{}", path.join("/").replace(':', "_"), accessor.unwrap_or_default())
}

/// An entity: what Vault takes for one user, human or not, over all ways of logging in.
pub(crate) fn entity(out: &mut impl Stand, id: &str) -> HandleId {
    out.handle(HandleKind::PrincipalId, VAULT, id)
}

/// Says that an entity is a human being: it logs in at an identity provider, in a browser. `name` is what the provider
/// calls it, by the claim that the administrator chose.
pub(crate) fn human(out: &mut impl Stand, id: &str, name: Option<&str>) -> HandleId {
    let (person, entity) = (out.handle(HandleKind::UserId, CLUSTER, id), entity(out, id));
    out.tied(person, Tie::Named, entity);
    match name.map(str::trim).unwrap_or_default() {
        name if is_address(name) => {
            let login = out.handle(HandleKind::Login, CLUSTER, &folded(name));
            out.tied(person, Tie::Named, login);
        }
        name if okta_names::has_prefix(name, "00u") => {
            let user = out.handle(HandleKind::UserId, okta_names::ORG, name);
            out.tied(person, Tie::SamePerson, user);
        }
        name => out.described(person, Detail::DisplayName, name),
    }
    person
}

/// A role of a way of logging in, by its path. An AppRole role is one identity of its own.
pub(crate) fn role(out: &mut impl Stand, realm: &str, mount: &str, name: &str) -> HandleId {
    let path = format!("{}/role/{name}", mount.trim_matches('/'));
    let role = out.handle(HandleKind::PrincipalId, realm, &path);
    out.described(role, Detail::DisplayName, name);
    role
}

/// A lease: a credential that was issued for a time.
pub(crate) fn lease(out: &mut impl Stand, id: &str) -> HandleId {
    let lease = out.handle(HandleKind::Session, VAULT, id);
    out.described(lease, Detail::Kind, "vault-lease");
    lease
}

/// The most of a caller's and a role's name that Vault puts into the name of a user.
const STEM: usize = 42;

/// What the name of the AWS user begins with that Vault makes for a caller and a role: `vault-<caller>-<role>`.
///
/// By the default template; where an administrator has set another one, nothing is found under this name.
pub(crate) fn leased_stem(caller: &str, role: &str) -> String {
    let plain = |text: &str| -> String {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "+=,.@_-".contains(letter);
        text.chars().map(|letter| if allowed(letter) { letter } else { '_' }).collect()
    };
    let stem: String = format!("{}-{}", plain(caller), plain(role)).chars().take(STEM).collect();
    format!("vault-{stem}")
}

/// The beginning and the second of its making, of the name of an AWS user that Vault made:
/// `vault-<caller>-<role>-<unix time>-<random>`.
fn leased_user(name: &str) -> Option<(&str, Instant)> {
    const DIGITS: usize = 10;
    let (rest, random) = name.rsplit_once('-').filter(|(rest, _)| rest.starts_with("vault-"))?;
    let (stem, second) = rest.rsplit_once('-')?;
    let is_random = !random.is_empty() && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_second = second.len() == DIGITS && second.bytes().all(|byte| byte.is_ascii_digit());
    let at = Instant::from_seconds(second.parse().ok()?)?;
    (is_random && is_second && stem.len() > "vault-".len()).then_some((stem, at))
}

/// What stands for one issuance of a user's key, in Vault's log and in the cloud's alike: the name's beginning and the
/// second.
pub(crate) fn issuance(out: &mut impl Stand, stem: &str, at: Instant) -> HandleId {
    out.handle(HandleKind::SessionStart, VAULT, &session_start(stem, at))
}

/// Ties the key of an AWS user that Vault made to its issuance: the user's name says for whom and for which role Vault
/// made it, and when. Claims nothing of users of other names.
///
/// Whoever may make users can give one such a name; what was issued at that second is then in Vault's log or not at all.
pub(crate) fn leased_key(out: &mut impl Stand, key: HandleId, user: &str) {
    if let Some((stem, at)) = leased_user(user) {
        let issuance = issuance(out, stem, at);
        out.tied(key, Tie::SameSession, issuance);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_users_that_vault_makes() {
        let stem = leased_stem("oidc-priya.n@corp.example", "agent-deploy");
        assert_eq!(stem, "vault-oidc-priya.n@corp.example-agent-deploy");
        let at = Instant::parse("2026-09-14T08:40:10Z").expect("a time");
        assert_eq!(leased_user(&format!("{stem}-1789375210-XyZ01abc")), Some((stem.as_str(), at)));
        let long = leased_stem("oidc-somebody.with.a.long.name@example.com", "a role");
        assert_eq!(long.len(), "vault-".len() + STEM);
        assert_eq!(leased_stem("jwt-a b", "r"), "vault-jwt-a_b-r");
        for other in
            ["vault-1789375210-abc", "vault-a-b-178937521-abc", "alice", "vault-a-b-1789375210-", "vault-admin"]
        {
            assert_eq!(leased_user(other), None, "{other}");
        }
    }

    #[test]
    fn mounts_by_path_and_accessor() {
        assert_eq!(mount_realm("root", "auth/approle/", Some("auth_approle_1a")), "vault/auth/approle:auth_approle_1a");
        assert_eq!(mount_realm("team-a/", "aws/", None), "vault/team-a/aws:");
    }
}
