//! HashiCorp Vault (and OpenBao) as it stands: entities with their aliases, groups, tokens, leases, mounts, roles.
//!
//! References: developer.hashicorp.com/vault/api-docs/secret/identity/entity (and …/group), …/api-docs/auth/token#lookup-a-token,
//! …/api-docs/system/leases, …/api-docs/system/auth. Relied on: `id`, `accessor`, or the path of a role; used where
//! present: `aliases`, `policies`, `member_entity_ids`, `metadata`, `disabled`, times, `role_arns`.
//!
//! Quirks. What `vault read` prints of a role does not name the role, so the export puts its path beside it. The accessor
//! of a token stands here in clear and is hidden in the audit log, unless the device was told to show it: then only the
//! entity joins the two. Names that Vault gives itself (`entity_1f2e3d4c`) say nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::aws_names::principal;
use super::aws_tags::{Tags, tagged};
use super::text::{Part, Parts, Text, is_address};
use super::texts::Texts;
use super::vault_names::{self, CLUSTER, VAULT, mount_realm};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::Instant;
use crate::bundle::record::{Object, Record};
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};

/// Reads what `vault read` and `vault list` print.
pub struct VaultSnapshot;

static CARD: Card = Card {
    name: "vault_snapshot",
    title: "HashiCorp Vault entities, tokens and roles",
    tells: "which entities there are, how each logs in, what it may use; which tokens and leases are alive",
    reference: "https://developer.hashicorp.com/vault/api-docs/secret/identity/entity",
    recognised_by: "objects of the identity, token, lease and mount APIs: aliases with policies, member_entity_ids, accessor with creation_ttl",
    exports: &[
        Export {
            form: "entities",
            command: "for id in $(vault list -format=json identity/entity/id | jq -r '.[]'); do vault read -format=json identity/entity/id/$id; done > vault-entities.json",
        },
        Export {
            form: "groups",
            command: "for id in $(vault list -format=json identity/group/id | jq -r '.[]'); do vault read -format=json identity/group/id/$id; done > vault-groups.json",
        },
        Export {
            form: "tokens",
            command: "for a in $(vault list -format=json auth/token/accessors | jq -r '.[]'); do vault token lookup -format=json -accessor $a; done > vault-tokens.json",
        },
        Export {
            form: "a lease",
            command: "vault write -format=json sys/leases/lookup lease_id=LEASE > vault-lease.json",
        },
        Export { form: "ways of logging in", command: "vault auth list -format=json > vault-auth.json" },
        Export { form: "secrets engines", command: "vault secrets list -format=json > vault-secrets.json" },
        Export {
            form: "roles, with their paths",
            command: "for p in auth/approle/role/ROLE aws/roles/ROLE; do vault read -format=json $p | jq --arg path $p '{path: $path} + .data'; done > vault-roles.json",
        },
    ],
};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Entity,
    Group,
    Token,
    Lease,
    Mounts,
    Role,
}

/// Fields of which a role has one, by the kind of its engine.
const OF_ROLES: &[&str] = &[
    "bind_secret_id",
    "bound_audiences",
    "bound_iam_principal_arns",
    "bound_service_account_names",
    "bound_service_accounts",
    "credential_type",
    "creation_statements",
    "token_policies",
];

/// What an API answer holds: the object itself, or the one that `vault read` prints its answer around.
fn answer<'a>(object: &Object<'a>) -> &'a str {
    let around = object.has("request_id") && object.has("lease_duration");
    object.raw("data").filter(|raw| around && raw.starts_with('{')).unwrap_or(object.text)
}

/// Tells the kind of a record by its keys.
fn kind(object: &Object<'_>) -> Option<Kind> {
    let inner = answer(object);
    let keys: BTreeMap<Cow<'_, str>, IgnoredAny> =
        if inner == object.text { BTreeMap::new() } else { serde_json::from_str(inner).unwrap_or_default() };
    let has = |key: &str| if inner == object.text { object.has(key) } else { keys.contains_key(key) };
    let all = |keys: &[&str]| keys.iter().all(|key| has(key));
    match () {
        () if all(&["aliases", "policies", "merged_entity_ids"]) => Some(Kind::Entity),
        () if all(&["member_entity_ids", "policies"]) => Some(Kind::Group),
        () if all(&["accessor", "creation_ttl", "display_name"]) => Some(Kind::Token),
        () if all(&["issue_time", "expire_time", "last_renewal"]) => Some(Kind::Lease),
        () if has("path") && OF_ROLES.iter().any(|field| has(field)) => Some(Kind::Role),
        () => is_mounts(object).then_some(Kind::Mounts),
    }
}

/// A list of mounts is an object whose keys are paths.
fn is_mounts(object: &Object<'_>) -> bool {
    let is_mount = |raw: &str| raw.starts_with('{') && raw.contains(r#""accessor""#);
    !object.members.is_empty()
        && object.members.iter().all(|member| member.key.ends_with('/') && is_mount(member.value))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    aliases: Parts<Alias<'a>>,
    #[serde(borrow)]
    policies: Texts<'a>,
    #[serde(borrow)]
    token_policies: Texts<'a>,
    #[serde(borrow)]
    merged_entity_ids: Texts<'a>,
    #[serde(borrow)]
    member_entity_ids: Texts<'a>,
    #[serde(borrow)]
    metadata: Part<Tags<'a>>,
    #[serde(borrow)]
    disabled: Text<'a>,
    #[serde(borrow)]
    creation_time: Text<'a>,
    #[serde(borrow)]
    issue_time: Text<'a>,
    #[serde(borrow)]
    accessor: Text<'a>,
    #[serde(borrow)]
    display_name: Text<'a>,
    #[serde(borrow)]
    entity_id: Text<'a>,
    #[serde(borrow)]
    path: Text<'a>,
    #[serde(borrow)]
    meta: Part<Facts<'a>>,
    #[serde(borrow)]
    role_arns: Texts<'a>,
}

/// One of an entity's ways of logging in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Alias<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    mount_type: Text<'a>,
    #[serde(borrow)]
    metadata: Part<Facts<'a>>,
}

/// What a way of logging in knows of whoever logged in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Facts<'a> {
    #[serde(borrow)]
    role_name: Text<'a>,
    #[serde(borrow)]
    service_account_name: Text<'a>,
    #[serde(borrow)]
    email: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Mount<'a> {
    #[serde(borrow)]
    accessor: Text<'a>,
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
}

impl Source for VaultSnapshot {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let known = shape.body.json().and_then(|object| kind(&object));
        if known.is_some() { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let kind = kind(&object).ok_or(Refusal::Unreadable("the record"))?;
        facts.snapshot(record.taken);
        if kind == Kind::Mounts {
            for member in object.members {
                mount(member.key, &serde_json::from_str(member.value).unwrap_or_default(), facts);
            }
            return Ok(Reading::Claimed);
        }
        let entry: Entry<'_> = serde_json::from_str(answer(&object)).map_err(|_| Refusal::Unreadable("the record"))?;
        match kind {
            Kind::Entity => entity(&entry, facts)?,
            Kind::Group => group(&entry, facts)?,
            Kind::Token => token(&entry, facts)?,
            Kind::Lease => lease(&entry, facts)?,
            Kind::Role => role(&entry, facts)?,
            Kind::Mounts => {}
        }
        Ok(Reading::Claimed)
    }
}

/// The ways of logging in that show a human: an identity provider asks for a password and a second factor.
const OF_HUMANS: &[&str] = &["oidc", "okta", "saml"];

/// The ways of logging in that people and services share: the name decides.
const OF_BOTH: &[&str] = &["kerberos", "ldap", "radius", "userpass"];

/// An entity. It is a human being where every way of logging in is one of humans; where a machine's way was merged into
/// a human's entity it is neither.
fn entity(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = entry.id.get().ok_or(Refusal::Missing("id"))?;
    let entity = vault_names::entity(facts, id);
    let aliases = entry.aliases.get();
    let is_human = |alias: &Alias<'_>| {
        let kind = alias.mount_type.get().unwrap_or_default();
        let by_name = OF_BOTH.contains(&kind) && alias.name.get().is_some_and(is_address);
        OF_HUMANS.contains(&kind) || by_name
    };
    if !aliases.is_empty() && aliases.iter().all(is_human) {
        for alias in aliases {
            let email = alias.metadata.get().and_then(|known| known.email.get());
            let person = vault_names::human(facts, id, alias.name.get());
            vault_names::human(facts, id, email);
            state(entry, person, Detail::AccountState, ["enabled", "disabled"], facts);
        }
    } else {
        let known = aliases.iter().filter_map(|alias| alias.metadata.get());
        let called = known.filter_map(|known| known.role_name.get().or(known.service_account_name.get())).next();
        let own = entry.name.get().filter(|name| !name.starts_with("entity_"));
        facts.described(entity, Detail::DisplayName, own.or(called).unwrap_or_default());
        facts.described(entity, Detail::Kind, "vault-entity");
        state(entry, entity, Detail::CredentialState, ["active", "inactive"], facts);
    }
    facts.described(entity, Detail::Born, &born(entry.creation_time.get()));
    for merged in entry.merged_entity_ids.iter() {
        let merged = vault_names::entity(facts, merged);
        facts.tied(entity, Tie::Named, merged);
    }
    policies(&entry.policies, entity, facts);
    if let Some(tags) = entry.metadata.get() {
        tagged(facts, entity, tags, None);
    }
    Ok(())
}

fn state(entry: &Entry<'_>, who: HandleId, detail: Detail, words: [&str; 2], facts: &mut FactWriter) {
    match entry.disabled.get() {
        Some("true") => facts.described(who, detail, words[1]),
        Some("false") => facts.described(who, detail, words[0]),
        _ => {}
    }
}

/// A time as the details write it; empty where it cannot be read.
fn born(text: Option<&str>) -> String {
    text.and_then(Instant::parse).map_or_else(String::new, |at| at.to_string())
}

/// What an entity or role may use, by the names of policies.
fn policies(policies: &Texts<'_>, to: HandleId, facts: &mut FactWriter) {
    for policy in policies.iter().filter(|policy| *policy != "default") {
        let policy = facts.handle(HandleKind::Resource, CLUSTER, &format!("policy/{policy}"));
        facts.granted(None, to, policy);
    }
}

/// A group gives its policies to its members.
fn group(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    entry.id.get().ok_or(Refusal::Missing("id"))?;
    for member in entry.member_entity_ids.iter() {
        let member = vault_names::entity(facts, member);
        policies(&entry.policies, member, facts);
    }
    Ok(())
}

/// A token that is alive. What its maker wrote into a token of a token is nobody's word but the maker's.
fn token(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let accessor = entry.accessor.get().ok_or(Refusal::Missing("accessor"))?;
    let token = facts.handle(HandleKind::Session, VAULT, accessor);
    facts.described(token, Detail::DisplayName, entry.display_name.get().unwrap_or_default());
    facts.described(token, Detail::Born, &born(entry.issue_time.get()));
    let Some(id) = entry.entity_id.get() else { return Ok(()) };
    let entity = vault_names::entity(facts, id);
    facts.tied(token, Tie::RunsAs, entity);
    let path = entry.path.get().unwrap_or_default();
    let nothing = Facts::default();
    let known = entry.meta.get().filter(|_| !path.starts_with("auth/token/")).unwrap_or(&nothing);
    if path.ends_with("/callback") {
        vault_names::human(facts, id, known.email.get());
    }
    if let Some(called) = known.role_name.get().or(known.service_account_name.get()) {
        facts.tied(token, Tie::HeldBy, entity);
        facts.described(entity, Detail::DisplayName, called);
    }
    Ok(())
}

fn lease(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let lease = vault_names::lease(facts, entry.id.get().ok_or(Refusal::Missing("id"))?);
    facts.described(lease, Detail::Born, &born(entry.issue_time.get()));
    Ok(())
}

fn mount(path: &str, mount: &Mount<'_>, facts: &mut FactWriter) {
    let Some((accessor, kind)) = mount.accessor.get().zip(mount.kind.get()) else { return };
    // Accessors of ways of logging in begin with `auth_`; their paths are written without `auth/` here.
    let path = if accessor.starts_with("auth_") { format!("auth/{path}") } else { path.to_owned() };
    let mount = facts.handle(HandleKind::Resource, &mount_realm("", &path, Some(accessor)), &path);
    facts.described(mount, Detail::Kind, kind);
}

/// A role: of a way of logging in an identity that machines log in as, of a secrets engine what leases are made from.
fn role(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let path = entry.path.get().ok_or(Refusal::Missing("path"))?;
    let named = path.rsplit_once("/role/").or_else(|| path.rsplit_once("/roles/"));
    let (mount, name) = named.filter(|(_, name)| !name.is_empty()).ok_or(Refusal::Unreadable("path"))?;
    if mount.starts_with("auth/") {
        let role = vault_names::role(facts, &mount_realm("", mount, None), mount, name);
        policies(&entry.token_policies, role, facts);
        return Ok(());
    }
    let role = facts.handle(HandleKind::Resource, &mount_realm("", mount, None), path);
    for arn in entry.role_arns.iter() {
        if let Some(becomes) = principal(facts, None, Some(arn)) {
            facts.tied(role, Tie::DependsOn, becomes);
        }
    }
    Ok(())
}
