//! The accounts of an AWS organisation: what an account is called, since when it is there, and what it is part of.
//!
//! Reference: docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html. Relied on: `Arn`, `Id`; used where
//! present: `Name`, `Email`, `Status`, `State`, `JoinedTimestamp`, `MasterAccountId`.
//!
//! Quirks. The address of an account is that of its root user: mostly a list that many read and that outlives them. It is
//! written down as a tag of the account, and as nobody's name. `Status` is being replaced by `State`, which also knows
//! accounts that are being closed. Units and roots say nothing of accounts.

use serde::Deserialize;

use super::aws_names::{Arn, time};
use super::text::Text;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::bundle::record::{Member, Object, Record};
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::HandleKind;
use crate::fact::writer::{FactWriter, Stand};

/// Reads listings of an organisation.
pub struct AwsOrganizations;

static CARD: Card = Card {
    name: "aws_organizations",
    title: "AWS Organizations",
    tells: "which accounts there are, what they are called, and which organisation they are part of",
    reference: "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html",
    recognised_by: "objects with an Arn of the service organizations",
    exports: &[
        Export {
            form: "accounts",
            command: "aws organizations list-accounts --output json > organizations-accounts.json",
        },
        Export {
            form: "the organisation",
            command: "aws organizations describe-organization --output json > organization.json",
        },
    ],
};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Entry<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    arn: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    email: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    state: Text<'a>,
    #[serde(borrow)]
    joined_method: Text<'a>,
    #[serde(borrow)]
    joined_timestamp: Text<'a>,
    #[serde(borrow)]
    master_account_id: Text<'a>,
}

/// The text of a record of an organisation: an element of a list, or what an object of its own holds.
fn text_of<'a>(object: &Object<'a>) -> Option<&'a str> {
    let is_ours = |text: &str| text.contains(":organizations::");
    match object.members {
        [Member { key: "Account" | "Organization", value }] if value.starts_with('{') && is_ours(value) => Some(value),
        _ => object.raw("Arn").filter(|arn| is_ours(arn)).map(|_| object.text),
    }
}

impl Source for AwsOrganizations {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = shape.body.json().is_some_and(|object| text_of(&object).is_some());
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let text = text_of(&object).ok_or(Refusal::Unreadable("the record"))?;
        let entry: Entry<'_> = serde_json::from_str(text).map_err(|_| Refusal::Unreadable("the record"))?;
        let arn = entry.arn.get().and_then(Arn::parse).ok_or(Refusal::Unreadable("Arn"))?;
        facts.snapshot(record.taken);
        match arn.resource.split('/').next() {
            Some("account") => account(&entry, &arn, facts)?,
            Some("organization") => organisation(&entry, facts)?,
            Some("ou") => return Ok(Reading::SetAside("organizational unit")),
            Some("root") => return Ok(Reading::SetAside("root of an organisation")),
            _ => return Ok(Reading::SetAside("policy or other record of an organisation")),
        }
        Ok(Reading::Claimed)
    }
}

fn account(entry: &Entry<'_>, arn: &Arn<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let id = entry.id.get().ok_or(Refusal::Missing("Id"))?;
    let account = facts.handle(HandleKind::Account, "", id);
    facts.account(Some(id));
    facts.described(account, Detail::DisplayName, entry.name.get().unwrap_or_default());
    if let Some(email) = entry.email.get() {
        facts.described(account, Detail::Tag, &format!("root-email={email}"));
    }
    let state = match entry.state.get().or(entry.status.get()) {
        Some("ACTIVE") => "enabled",
        Some("SUSPENDED" | "PENDING_CLOSURE" | "CLOSED") => "disabled",
        _ => "",
    };
    facts.described(account, Detail::AccountState, state);
    // An account that was invited is older than its membership.
    let joined = entry.joined_timestamp.get().filter(|_| entry.joined_method.get() == Some("CREATED"));
    if let Some(born) = joined.and_then(time) {
        facts.described(account, Detail::Born, &born.to_string());
    }
    if let Some(organisation) = arn.resource.split('/').nth(1).filter(|id| id.starts_with("o-")) {
        let organisation = facts.handle(HandleKind::Account, "", organisation);
        facts.tied(account, Tie::PartOf, organisation);
    }
    Ok(())
}

fn organisation(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let organisation = entry.id.get().ok_or(Refusal::Missing("Id"))?;
    let organisation = facts.handle(HandleKind::Account, "", organisation);
    if let Some(id) = entry.master_account_id.get() {
        let account = facts.handle(HandleKind::Account, "", id);
        facts.tied(account, Tie::PartOf, organisation);
        facts.account(Some(id));
    }
    Ok(())
}
