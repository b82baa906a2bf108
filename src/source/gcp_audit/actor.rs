//! `authenticationInfo`: who acted in an audit log entry.
//!
//! References: cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog and
//! cloud.google.com/iam/docs/audit-logging/examples-workload-identity. Google Cloud gives no id to a session. Whoever
//! acts as themselves is told as the principal, or as the key that was used. Whoever acts through a service account is
//! written beside it (`serviceAccountDelegationInfo`, the first caller first), and the two together are the session:
//! that of a person for a day, that of a pipeline's job for a minute, because runs follow each other quickly.

use serde::Deserialize;

use crate::base::time::Instant;
use crate::fact::claim::{Becoming, Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::gcp_names::{self, GCP, Sort, is_number, key_id, principal, service_account};
use crate::source::text::{Part, Parts, Text};

/// The fields of `authenticationInfo` that tell who acted.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Authentication<'a> {
    #[serde(borrow)]
    principal_email: Text<'a>,
    #[serde(borrow)]
    principal_subject: Text<'a>,
    #[serde(borrow)]
    service_account_key_name: Text<'a>,
    #[serde(borrow)]
    service_account_delegation_info: Parts<Delegation<'a>>,
    #[serde(borrow)]
    oauth_info: Part<OauthInfo<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Delegation<'a> {
    #[serde(borrow)]
    first_party_principal: Part<FirstParty<'a>>,
    #[serde(borrow)]
    principal_subject: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FirstParty<'a> {
    #[serde(borrow)]
    principal_email: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OauthInfo<'a> {
    #[serde(borrow)]
    oauth_client_id: Text<'a>,
}

impl Delegation<'_> {
    /// The caller. A subject says more than the address, which federated callers do not have.
    fn caller(&self) -> Option<&str> {
        let email = self.first_party_principal.get().and_then(|party| party.principal_email.get());
        email.or(self.principal_subject.get())
    }
}

impl Authentication<'_> {
    /// The name of who acted: the address, else the subject.
    fn name(&self) -> Option<&str> {
        self.principal_email.get().or(self.principal_subject.get())
    }

    /// The subject as it is written: in a token exchange it is the identity provider's own.
    pub(super) fn subject(&self) -> Option<&str> {
        self.principal_subject.get()
    }

    /// The callers behind the service account, the first caller first. Services that only run a workload as its
    /// service account are no callers.
    fn callers(&self) -> Vec<&str> {
        let all = self.service_account_delegation_info.get().iter().filter_map(Delegation::caller);
        all.filter(|caller| !gcp_names::is_service_agent(caller)).collect()
    }
}

/// What the authentication alone does not say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    pub(super) at: Instant,
    pub(super) address: Option<&'a str>,
    pub(super) software: Option<&'a str>,
    /// The project or organisation in whose log the entry stands.
    pub(super) account: &'a str,
}

/// Who acted, with everything that the entry ties together.
pub(super) fn actor(authentication: &Authentication<'_>, scene: Scene<'_>, facts: &mut FactWriter) -> Actor {
    let callers = authentication.callers();
    if callers.is_empty() && !is_pool(authentication.name()) {
        return undelegated(authentication, scene, facts);
    }
    let actor = delegated(authentication, &callers, scene, facts);
    around(actor.by, authentication, scene, facts);
    actor
}

/// Who exchanges a token of another identity provider: the subject, as the pool names it; where the exchange failed, as
/// the provider does.
pub(super) fn exchanging(
    authentication: &Authentication<'_>,
    mapped: Option<&str>,
    resource: Option<&str>,
    scene: Scene<'_>,
    facts: &mut FactWriter,
) -> Option<Actor> {
    let by = match mapped.and_then(|mapped| principal(facts, mapped)) {
        Some((subject, _)) => subject,
        None => {
            let pool = resource?.split_once("/providers/")?.0.trim_start_matches("//iam.googleapis.com/");
            gcp_names::subject(facts, pool, authentication.subject()?).0
        }
    };
    around(by, authentication, scene, facts);
    Some(Actor { by, principal: None, on_behalf_of: None })
}

/// Whether somebody acts without a service account of their own: a workload or person of another identity provider.
fn is_pool(name: Option<&str>) -> bool {
    name.is_some_and(|name| name.starts_with("principal://") || name.contains(".svc.id.goog["))
}

/// Who acts as themselves: read once for all entries that repeat it.
fn undelegated(authentication: &Authentication<'_>, scene: Scene<'_>, facts: &mut FactWriter) -> Actor {
    let client = authentication.oauth_info.get().and_then(|info| info.oauth_client_id.get());
    let text = [
        authentication.principal_email.get(),
        authentication.principal_subject.get(),
        authentication.service_account_key_name.get(),
        client,
        scene.address,
        scene.software,
        Some(scene.account),
    ];
    let read: Result<Actor, ()> = facts.circumstances(&text.map(Option::unwrap_or_default), |out| {
        let actor = named(authentication, scene.account, out);
        around(actor.by, authentication, scene, out);
        Ok(actor)
    });
    read.unwrap_or_else(|()| named(authentication, scene.account, facts))
}

/// The principal, or the key that was used. Where nobody is named (anonymous reads, redacted denials), the project.
fn named(authentication: &Authentication<'_>, account: &str, out: &mut impl Stand) -> Actor {
    let Some((principal, sort)) = authentication.name().and_then(|name| principal(out, name)) else {
        let by = out.handle(HandleKind::Account, "", account);
        return Actor { by, principal: None, on_behalf_of: None };
    };
    let by = match authentication.service_account_key_name.get() {
        Some(name) if sort != Sort::Person => key(out, name, authentication.principal_email.get()).unwrap_or(principal),
        // A key belongs to a service account, whatever the entry calls the caller.
        Some(name) => key(out, name, None).unwrap_or(principal),
        None => principal,
    };
    Actor { by, principal: Some(principal), on_behalf_of: None }
}

/// A service-account key that was used, tied to the service account it belongs to.
fn key(out: &mut impl Stand, name: &str, email: Option<&str>) -> Option<HandleId> {
    let id = key_id(name)?;
    let written = name.split_once("/serviceAccounts/")?.1.split('/').next().filter(|name| *name != "-");
    let account = match written {
        Some(unique) if is_number(unique) => service_account(out, email, Some(unique)),
        Some(written) => service_account(out, Some(written), None),
        None => service_account(out, email, None),
    };
    let key = out.handle(HandleKind::Key, "", id);
    out.described(key, Detail::Kind, "service-account-key");
    if let Some(account) = account {
        out.tied(key, Tie::RunsAs, account);
    }
    Some(key)
}

/// Who acts through a service account, or with the token of another identity provider.
fn delegated(authentication: &Authentication<'_>, callers: &[&str], scene: Scene<'_>, facts: &mut FactWriter) -> Actor {
    let target = authentication.name().and_then(|name| principal(facts, name));
    match target {
        // A user's delegation that an agent carries: the agent acts, for the user.
        Some((user, Sort::Person)) => {
            let mut agents = callers.iter().filter_map(|caller| principal(facts, caller));
            match agents.find(|(_, sort)| *sort == Sort::Agent) {
                Some((agent, _)) => Actor { by: agent, principal: Some(agent), on_behalf_of: Some(user) },
                None => Actor { by: user, principal: Some(user), on_behalf_of: None },
            }
        }
        Some((account, Sort::ServiceAccount | Sort::ServiceAgent)) => {
            let name = authentication.name().unwrap_or_default();
            let key = authentication.service_account_key_name.get().and_then(|name| key(facts, name, None));
            let chain = Chain::of(callers, key, scene.at, facts);
            let by = chain.map_or(account, |chain| chain.into(name, account, facts));
            Actor { by, principal: Some(account), on_behalf_of: None }
        }
        Some((subject, Sort::Subject | Sort::Pipeline)) => {
            let name = authentication.name().unwrap_or_default();
            let by = Chain::of(&[name], None, scene.at, facts).map_or(subject, |chain| chain.session(facts));
            Actor { by, principal: None, on_behalf_of: None }
        }
        Some((other, _)) => Actor { by: other, principal: Some(other), on_behalf_of: None },
        None => named(authentication, scene.account, facts),
    }
}

/// From where, and with which client.
fn around(by: HandleId, authentication: &Authentication<'_>, scene: Scene<'_>, out: &mut impl Stand) {
    if let Some(address) = scene.address.filter(|address| is_address(address)) {
        let address = out.handle(HandleKind::Network, "", address);
        out.came_from(by, address);
    }
    out.described(by, Detail::Software, scene.software.unwrap_or_default());
    if let Some(client) = authentication.oauth_info.get().and_then(|info| info.oauth_client_id.get()) {
        out.described(by, Detail::Software, &format!("OAuth client {client}"));
    }
}

/// A caller's address is a network address unless it is `private`, `gce-internal-ip` or redacted.
fn is_address(text: &str) -> bool {
    text.contains(['.', ':']) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:".contains(&byte))
}

/// A caller's name in the name of a session.
fn label(name: &str) -> String {
    match name.strip_prefix("principal://") {
        Some(name) => name.trim_start_matches("iam.googleapis.com/").to_owned(),
        None => name.trim_start_matches("user:").trim_start_matches("serviceAccount:").to_lowercase(),
    }
}

/// A caller on the way to a service account: who it is now, and by which names it came.
pub(super) struct Chain {
    by: HandleId,
    how: Becoming,
    path: String,
    stamp: String,
}

impl Chain {
    /// The chain through these callers, the first caller first; `key` is the key with which it began.
    ///
    /// Google promises that the callers are sorted by the order of the delegation. Wrong where a service leaves the
    /// delegation out of its entries (App Engine, GKE): then the service account alone is seen to act.
    fn of(callers: &[&str], key: Option<HandleId>, at: Instant, facts: &mut FactWriter) -> Option<Self> {
        let (first, rest) = callers.split_first()?;
        let (who, sort) = principal(facts, first)?;
        let mut chain = Self::begin(who, sort, first, at);
        // The key is the first caller's own; else the chain would have begun with another.
        if let Some(key) = key.filter(|_| sort == Sort::ServiceAccount) {
            chain.by = key;
        }
        for caller in rest {
            let Some((account, Sort::ServiceAccount)) = principal(facts, caller) else { continue };
            chain = chain.step(caller, account, facts);
        }
        Some(chain)
    }

    fn begin(who: HandleId, sort: Sort, name: &str, at: Instant) -> Self {
        let pipeline = sort == Sort::Pipeline;
        let day = at.date();
        let stamp = if pipeline { at.to_string().chars().take("2026-01-01T00:00".len()).collect() } else { day };
        let how = if matches!(sort, Sort::Pipeline | Sort::Subject) { Becoming::Federated } else { Becoming::Assumed };
        Self { by: who, how, path: label(name), stamp }
    }

    /// The chain that an actor continues: a session that came by a chain, or a principal.
    pub(super) fn continued(
        authentication: &Authentication<'_>,
        actor: Actor,
        at: Instant,
        facts: &mut FactWriter,
    ) -> Option<Self> {
        let name = authentication.name()?;
        let callers = authentication.callers();
        let first = callers.first().copied().unwrap_or(name);
        let (_, sort) = principal(facts, first)?;
        let mut chain = Self::begin(actor.by, sort, first, at);
        chain.how = Becoming::Assumed; // a token that was exchanged before is a session by now
        if let Some((_, rest)) = callers.split_first() {
            for caller in rest.iter().chain([&name]) {
                chain.path = format!("{} > {}", chain.path, label(caller));
            }
        }
        Some(chain)
    }

    /// The session for which a token of another identity provider was exchanged.
    pub(super) fn exchanged(name: &str, at: Instant, facts: &mut FactWriter) -> Option<HandleId> {
        let (subject, sort) = principal(facts, name)?;
        Some(Self::begin(subject, sort, name, at).session(facts))
    }

    /// One service account further on the way.
    pub(super) fn step(mut self, name: &str, account: HandleId, facts: &mut FactWriter) -> Self {
        self.path = format!("{} > {}", self.path, label(name));
        self.by = self.session(facts);
        facts.tied(self.by, Tie::RunsAs, account);
        self.how = Becoming::Assumed;
        self
    }

    /// The session in which the last service account of the chain is used.
    fn into(self, name: &str, account: HandleId, facts: &mut FactWriter) -> HandleId {
        self.step(name, account, facts).by
    }

    /// The session at the end of the chain, and that the caller came to it.
    fn session(&self, facts: &mut FactWriter) -> HandleId {
        let session = facts.handle(HandleKind::Session, GCP, &format!("{}@{}", self.path, self.stamp));
        facts.became(self.by, self.how, session);
        session
    }
}
