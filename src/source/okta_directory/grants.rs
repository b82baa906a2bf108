//! Grants: what a user lets an app do in their name, and what an administrator lets it do for everybody.
//!
//! Reference: developer.okta.com/docs/api/openapi/okta-management/management/tag/UserGrant/ (and …/ApplicationGrants/).
//! Each record is one scope. A user's grant names the user; an administrator's names nobody but who allowed it. A scope
//! that was revoked ends nothing: the others may live on.

use serde::Deserialize;

use super::born;
use crate::base::time::{Instant, When};
use crate::fact::claim::{Declaring, Making};
use crate::fact::handle::HandleKind;
use crate::fact::writer::{FactWriter, Stand};
use crate::source::Refusal;
use crate::source::okta_names::{self, OKTA, has_prefix};
use crate::source::text::{Part, Text};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Grant<'a> {
    #[serde(borrow)]
    client_id: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow)]
    scope_id: Text<'a>,
    #[serde(borrow)]
    created: Text<'a>,
    #[serde(borrow)]
    created_by: Part<By<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct By<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

/// A user's grant is a thing of that user's own. What an administrator allows the app for everybody makes the
/// administrator neither the owner of the app nor of anybody's use of it.
pub(super) fn grant(grant: &Grant<'_>, realm: &str, facts: &mut FactWriter) -> Result<(), Refusal> {
    let client = grant.client_id.get().ok_or(Refusal::Missing("clientId"))?;
    let scope = grant.scope_id.get().ok_or(Refusal::Missing("scopeId"))?;
    let scope = facts.handle(HandleKind::Resource, OKTA, &format!("scope/{scope}"));
    let creator = grant.created_by.get().and_then(|by| by.id.get()).filter(|id| has_prefix(id, "00u"));
    let by = creator.and_then(|id| okta_names::user(facts, realm, Some(id), None, None));
    let created = grant.created.get().and_then(Instant::parse);
    let Some(user) = grant.user_id.get().filter(|id| has_prefix(id, "00u")) else {
        let client = okta_names::client(facts, client, None);
        if let Some(at) = created {
            facts.dated(When::at(at));
        }
        facts.granted(by, client, scope);
        return Ok(());
    };
    let owner = okta_names::user(facts, realm, Some(user), None, None).ok_or(Refusal::Missing("userId"))?;
    let given = okta_names::grant(facts, client, None, user);
    born(given, &grant.created, facts);
    facts.granted(by, given, scope);
    if creator.is_some_and(|creator| creator != user) {
        facts.declared(owner, given, Declaring::OwnerField, by);
    } else if let Some(at) = created {
        facts.dated(When::at(at));
        facts.made(owner, Making::Created, given);
    }
    Ok(())
}
