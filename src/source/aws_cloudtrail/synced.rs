//! Secrets that CyberArk's Secrets Hub keeps in step with a managed account.
//!
//! Reference: docs.cyberark.com/secrets-hub (secrets in AWS, tags). The Hub writes safe and account into the tags of the
//! secret it makes; with them the secret is the account's. Whoever may tag secrets can write them, too, and would then
//! have a secret of their own taken for the account's.

use serde::Deserialize;

use super::{Event, part};
use crate::fact::claim::Tie;
use crate::fact::handle::HandleId;
use crate::fact::writer::{FactWriter, Stand};
use crate::source::aws_tags::Tags;
use crate::source::cyberark_names::account;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Request<'a> {
    #[serde(borrow)]
    tags: Tags<'a>,
}

/// Says of a secret that was made or tagged which managed account it is.
pub(super) fn write(event: &Event<'_>, secret: Option<HandleId>, facts: &mut FactWriter) {
    if event.service != "secretsmanager" || !matches!(event.name, "CreateSecret" | "TagResource") {
        return;
    }
    let request = part::<Request<'_>>(event.entry.request);
    let tag = |name: &str| request.tags.pairs().find(|(key, _)| *key == name).map(|(_, value)| value);
    if let (Some(secret), Some(safe), Some(object)) = (secret, tag("CyberArk Safe"), tag("CyberArk Account")) {
        let account = account(facts, safe, object);
        facts.tied(secret, Tie::DependsOn, account);
    }
}
