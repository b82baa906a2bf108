//! HashiCorp Vault (and OpenBao) audit device log: who logged in how, which tokens, leases and keys were issued to whom,
//! who made the roles that machines log in with.
//!
//! References: developer.hashicorp.com/vault/docs/audit and …/audit/schema. Relied on: `type`, `time`, `request.path`,
//! `request.operation`; used where present: `auth` and `response.auth` (`accessor`, `entity_id`, `display_name`,
//! `metadata`), `request.mount_point`, `mount_type`, `mount_accessor`, `namespace`, `remote_address`,
//! `response.secret.lease_id`, `response.wrap_info`, `response.data.access_key`, `error`.
//!
//! Quirks. Every call makes two entries with one `request.id`: the response tells all that the request does, so the
//! request is set aside, except where it dates the issuing of a key. Values are hidden by an HMAC whose salt is the
//! device's: one token has another name in the log of each device, so export one device's log, not two. Texts that are
//! not hidden where they always should be (`log_raw`) are secrets and never read. What stands in the metadata of a token
//! depends on the way of logging in; a token made by another token has whatever its maker wrote, and an AppRole's what
//! the maker of its secret wrote, so of these nothing is believed but the role. An entry with an error made nothing.

mod actor;
mod effects;
mod entry;

use entry::Entry;

use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, needed_time};
use crate::base::time::Instant;
use crate::bundle::record::{Object, Record};
use crate::fact::claim::Outcome;
use crate::fact::handle::HandleKind;
use crate::fact::writer::{FactWriter, Form, Stand};

/// Reads entries of audit devices.
pub struct VaultAudit;

const NAME: &str = "vault_audit";

static CARD: Card = Card {
    name: NAME,
    title: "HashiCorp Vault audit log",
    tells: "who logged in to Vault how, which leases and cloud keys were issued to whom, who made the roles of machines",
    reference: "https://developer.hashicorp.com/vault/docs/audit/schema",
    recognised_by: "objects with time, type request or response, and a request with path, operation and remote_address",
    exports: &[
        Export {
            form: "the file of an audit device, one entry a line (where it is: vault audit list -detailed)",
            command: "ssh VAULT sudo cat /var/log/vault/audit.log > vault-audit.ndjson",
        },
        Export {
            form: "a syslog device, with the header of syslog before each entry",
            command: "ssh VAULT sudo journalctl -t vault -o short-iso > vault-syslog.log",
        },
        Export {
            form: "a CloudWatch log group",
            command: "aws logs filter-log-events --log-group-name GROUP --output json > vault-cloudwatch.json",
        },
    ],
};

impl Source for VaultAudit {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        if shape.body.json().is_some_and(|object| is_entry(&object)) { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let entry = Entry::of(&object);
        if entry.kind.is_some_and(|kind| kind.starts_with("kmip-")) {
            return Ok(Reading::SetAside("kmip"));
        }
        let at = needed_time(entry.time.as_deref(), "time")?;
        let path = entry.request.path.get().ok_or(Refusal::Missing("request.path"))?;
        let operation = entry.request.operation.get().ok_or(Refusal::Missing("request.operation"))?;
        facts.event(at);
        let is_request = entry.kind == Some("request");
        if let Some(id) = entry.request.id.get() {
            let second = at.millis().div_euclid(1000).to_string();
            // The answer is the record of the call; the request has a name beside it.
            let name = if is_request { format!("{id}/request") } else { id.to_owned() };
            facts.named(NAME, &name, &[path, operation, &second], Form::Full);
        }
        let call = Call { at, path, operation, outcome: outcome(&entry), entry: &entry };
        if is_request {
            return Ok(effects::asked(&call, facts));
        }
        let Some(actor) = actor::actor(&call, facts) else {
            return Ok(Reading::SetAside("call without a token"));
        };
        effects::write(&call, actor, facts);
        let on = facts.handle(HandleKind::Resource, &call.realm(), path);
        facts.did(actor, &format!("vault:{operation}"), Some(on), call.outcome);
        Ok(Reading::Claimed)
    }
}

/// A call whose parts beyond the envelope are read, too.
struct Call<'e, 'a> {
    at: Instant,
    path: &'e str,
    operation: &'e str,
    outcome: Outcome,
    entry: &'e Entry<'a>,
}

impl<'e> Call<'e, '_> {
    /// The mount that served the call, and the rest of the path. Entries before version 1.9 do not name the mount: then
    /// it is the first part of the path, or two of a way of logging in.
    fn mount(&self) -> (&'e str, &'e str) {
        let named = self.entry.request.mount_point.get().filter(|mount| self.path.starts_with(mount));
        let parts = if self.path.starts_with("auth/") { 2 } else { 1 };
        let end = named.map_or_else(
            || self.path.match_indices('/').nth(parts - 1).map_or(self.path.len(), |(at, _)| at + 1),
            str::len,
        );
        self.path.split_at_checked(end).unwrap_or((self.path, ""))
    }

    /// What kind of engine served the call. Where the entry does not say, the mount is taken for one of the name that
    /// Vault proposes for its kind.
    fn engine(&self) -> &'e str {
        let (mount, _) = self.mount();
        let proposed = mount.trim_matches('/').rsplit('/').next().unwrap_or_default();
        self.entry.request.mount_type.get().unwrap_or(proposed)
    }

    /// The realm of the names of the mount.
    fn realm(&self) -> String {
        let (mount, _) = self.mount();
        super::vault_names::mount_realm(self.entry.namespace(), mount, self.entry.request.mount_accessor.get())
    }

    fn succeeded(&self) -> bool {
        self.outcome == Outcome::Succeeded
    }

    fn writes(&self) -> bool {
        matches!(self.operation, "create" | "update" | "patch")
    }
}

/// Members of a request that together only Vault writes.
const MARKS: &[&str] = &[
    r#""operation""#,
    r#""path""#,
    r#""remote_address""#,
    r#""mount_type""#,
    r#""client_token_accessor""#,
    r#""namespace""#,
];

/// So many of them tell a request, whatever is missing.
const ENOUGH: usize = 3;

fn is_entry(object: &Object<'_>) -> bool {
    let known = matches!(
        object.raw("type"),
        Some(r#""request""# | r#""response""# | r#""kmip-request""# | r#""kmip-response""#)
    );
    let request = object.raw("request").unwrap_or_default();
    let marks = || MARKS.iter().filter(|mark| request.contains(**mark)).take(ENOUGH).count() == ENOUGH;
    known && object.has("time") && (marks() || object.raw("type").is_some_and(|kind| kind.starts_with("\"kmip-")))
}

fn outcome(entry: &Entry<'_>) -> Outcome {
    match entry.error.get() {
        Some(error) if error.contains("permission denied") => Outcome::Denied,
        Some(_) => Outcome::Failed,
        None => Outcome::Succeeded,
    }
}
