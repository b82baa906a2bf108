//! Where a thing is at home: the system that knows it, and the account, tenant or project there.
//!
//! Told by the realm and form of its names; a thing whose own names do not say it is at home where what it acts as is.

use crate::case::Case;
use crate::fact::claim::{Standing, Tie};
use crate::fact::handle::{Handle, HandleKind};
use crate::identity::IdentityId;

/// What stands for a system that the names do not tell.
const OTHER: &str = "other";

/// How realms begin, and the system that gives them. In alphabetical order.
const REALMS: &[(&str, &str)] = &[
    ("agentcore-", "aws"),
    ("anthropic", "anthropic"),
    ("aws", "aws"),
    ("azure", "azure"),
    ("bedrock-", "aws"),
    ("conjur", "conjur"),
    ("copilot-studio", "copilot-studio"),
    ("cursor", "cursor"),
    ("cyberark", "cyberark"),
    ("dataverse:", "copilot-studio"),
    ("entra", "entra"),
    ("foundry:", "azure"),
    ("gcp", "gcp"),
    ("github.com", "github"),
    ("google", "google"),
    ("host", "endpoint"),
    ("ide", "endpoint"),
    ("kubernetes", "kubernetes"),
    ("mcp", "endpoint"),
    ("okta", "okta"),
    ("openai", "openai"),
    ("vault", "vault"),
];

/// How names without a realm begin, and the system that gives them.
const FORMS: &[(&str, &str)] = &[
    ("//", "gcp"),
    ("/subscriptions/", "azure"),
    ("AIDA", "aws"),
    ("AKIA", "aws"),
    ("AROA", "aws"),
    ("ASIA", "aws"),
    ("arn:aws", "aws"),
    ("mcp:", "endpoint"),
    ("organizations/", "gcp"),
    ("projects/", "gcp"),
];

/// How far the way to what a thing acts as is followed; a longer one is a loop.
const LONGEST: usize = 4;

/// The system that knows an identity.
#[must_use]
pub fn system(case: &Case, id: IdentityId) -> &'static str {
    told(case, id, LONGEST, &|handle| system_of(*handle)).unwrap_or(OTHER)
}

/// The account, tenant, project or organisation that an identity belongs to.
#[must_use]
pub fn account(case: &Case, id: IdentityId) -> Option<String> {
    told(case, id, LONGEST, &|handle| account_of(*handle))
}

/// What the names of an identity tell, else those of what it acts as or depends on.
fn told<T>(case: &Case, id: IdentityId, steps: usize, tells: &dyn Fn(&Handle<'_>) -> Option<T>) -> Option<T> {
    let facts = case.facts();
    let handles = case.identities().handles(id);
    let own = handles.iter().find_map(|handle| tells(&facts.handle(*handle)));
    own.or_else(|| {
        let steps = steps.checked_sub(1)?;
        handles.iter().flat_map(|handle| facts.standing_of(*handle)).find_map(|row| match row.claim {
            Standing::Tied { a, b, tie: Tie::RunsAs | Tie::DependsOn } if handles.contains(&a) => {
                let other = case.identities().one(b, row.span.first.instant()).filter(|other| *other != id)?;
                told(case, other, steps, tells)
            }
            _ => None,
        })
    })
}

fn system_of(handle: Handle<'_>) -> Option<&'static str> {
    let by_realm = REALMS.iter().find(|(realm, _)| handle.realm.starts_with(realm));
    // An account of AWS stands alone as the realm of its names.
    let in_account = handle.kind == HandleKind::PrincipalName && is_account(handle.realm);
    let by_form = || FORMS.iter().find(|(form, _)| handle.realm.is_empty() && handle.value.starts_with(form));
    let service_account = handle.realm.is_empty() && handle.value.ends_with(".gserviceaccount.com");
    match by_realm.or_else(by_form) {
        Some((_, system)) => Some(system),
        None if in_account => Some("aws"),
        None if service_account => Some("gcp"),
        None => None,
    }
}

fn account_of(handle: Handle<'_>) -> Option<String> {
    let part = |text: &str, at: usize| text.split(['/', ':']).nth(at).map(str::to_owned);
    let found = match system_of(handle)? {
        "aws" if handle.value.starts_with("arn:") => part(handle.value, 4),
        "aws" => is_account(handle.realm).then(|| handle.realm.to_owned()),
        "azure" if handle.value.starts_with("/subscriptions/") => part(handle.value, 2),
        "gcp" if handle.value.starts_with("projects/") => part(handle.value, 1),
        "gcp" => {
            let host = handle.value.strip_suffix(".iam.gserviceaccount.com")?;
            host.split_once('@').map(|(_, project)| project.to_owned())
        }
        // A realm with an id of its own: `entra:TENANT`, `okta:example.okta.com`.
        _ => handle.realm.split_once(':').map(|(_, id)| id.to_owned()),
    };
    found.filter(|account| !account.is_empty())
}

fn is_account(realm: &str) -> bool {
    realm.len() == 12 && realm.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_by_name() {
        let tells = |kind, realm: &str, value: &str| {
            let handle = Handle { kind, realm, value };
            (system_of(handle), account_of(handle))
        };
        let is = |found: (Option<&'static str>, Option<String>), system: &str, account: Option<&str>| {
            assert_eq!((found.0, found.1.as_deref()), (Some(system), account));
        };
        let tenant = "3f0c2a4e-1d5b-4c8e-9a70-5e2b8d6f1c34";
        is(tells(HandleKind::PrincipalId, &format!("entra:{tenant}"), "18ca"), "entra", Some(tenant));
        is(tells(HandleKind::PrincipalName, "entra-app:", "18ca"), "entra", None);
        is(tells(HandleKind::PrincipalName, "111122223333", "role/x"), "aws", Some("111122223333"));
        is(tells(HandleKind::Agent, "", "arn:aws:bedrock:eu-west-1:111122223333:agent/X"), "aws", Some("111122223333"));
        is(tells(HandleKind::Workload, "", "/subscriptions/0000/resourcegroups/rg"), "azure", Some("0000"));
        is(tells(HandleKind::PrincipalName, "", "bot@proj.iam.gserviceaccount.com"), "gcp", Some("proj"));
        is(tells(HandleKind::Agent, "", "projects/421/locations/x/reasoningEngines/7"), "gcp", Some("421"));
        assert_eq!(system_of(Handle { kind: HandleKind::Agent, realm: "", value: "grant:18ca/5c0e" }), None);
    }
}
