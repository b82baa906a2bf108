//! Callers that a signed token names, where `userIdentity` says `anonymous`: AgentCore gateways.
//!
//! Reference: docs.aws.amazon.com/bedrock-agentcore/latest/devguide/understanding-gateway-cloudtrail-log-entries.html. A
//! gateway that checks tokens logs the claims of the token it accepted; issuer and subject together are the caller. A
//! token that was not accepted proves nothing: then the caller stays unknown.

use serde::Deserialize;

use super::{Event, is_address, part};
use crate::bundle::record::string;
use crate::fact::claim::Detail;
use crate::fact::handle::HandleKind;
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::oidc;
use crate::source::text::{Part, Text};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Additional<'a> {
    #[serde(borrow)]
    jwt: Part<Jwt<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Jwt<'a> {
    #[serde(borrow)]
    claims: Part<Claims<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Claims<'a> {
    #[serde(borrow)]
    iss: Text<'a>,
    #[serde(borrow)]
    sub: Text<'a>,
}

/// The caller that a token names.
pub(super) fn caller(event: &Event<'_>, facts: &mut FactWriter) -> Option<Actor> {
    if event.service != "bedrock-agentcore" || !event.entry.additional.contains("\"jwt\"") {
        return None;
    }
    let additional = part::<Additional<'_>>(event.entry.additional);
    let claims = additional.jwt.get()?.claims.get()?;
    let (issuer, name) = (without_scheme(claims.iss.get()?), claims.sub.get()?);
    let by = facts.handle(HandleKind::Subject, issuer, name);
    oidc::describe(facts, by, Some(issuer), name);
    oidc::issued_to(facts, by, issuer, name);
    if let Some(from) = string(event.entry.source_ip).filter(|ip| is_address(ip)) {
        let from = facts.handle(HandleKind::Network, "", &from);
        facts.came_from(by, from);
    }
    if let Some(software) = string(event.entry.user_agent) {
        facts.described(by, Detail::Software, &software);
    }
    Some(Actor { by, principal: None, on_behalf_of: None })
}

/// An issuer as the other records of tokens write it: `https://` is left out, as in the name of an OIDC provider.
fn without_scheme(issuer: &str) -> &str {
    issuer.strip_prefix("https://").unwrap_or(issuer)
}
