//! Copilot Studio in Dataverse: agents with their owners and authors, and the users that these are.
//!
//! References: learn.microsoft.com/power-apps/developer/data-platform/reference/entities/bot and …/systemuser. Relied on:
//! `botid` or `systemuserid`; used where present: `_ownerid_value`, `_createdby_value`, `_modifiedby_value`,
//! `_publishedby_value` with their times, `azureactivedirectoryobjectid`, `domainname`, `isdisabled`, `applicationid`.
//!
//! Quirks. People are ids of the database, which its table of users leads to the directory. An owner can be a team; then
//! the id is in no table of users. Which database it is stands in `@odata.context` alone. Its users come from the
//! directory: that one is disabled here says less than that it is there.

use std::borrow::Cow;

use serde::Deserialize;

use super::azure_names::{COPILOT_STUDIO, COPILOT_STUDIO_AGENT, dataverse_user};
use super::entra_names::{self, TENANT};
use super::text::Text;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::{Instant, When};
use crate::bundle::record::{Object, Record};
use crate::fact::claim::{Declaring, Detail, Making, Tie};
use crate::fact::handle::HandleKind;
use crate::fact::writer::{FactWriter, Stand};

/// Reads agents and users of a Dataverse database.
pub struct CopilotStudioSnapshot;

static CARD: Card = Card {
    name: "copilot_studio_snapshot",
    title: "Copilot Studio agents in Dataverse",
    tells: "who owns, made, last changed and published a Copilot Studio agent",
    reference: "https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/bot",
    recognised_by: "objects with botid and schemaname, or with systemuserid and azureactivedirectoryobjectid or domainname",
    exports: &[
        Export {
            form: "agents",
            command: "az rest --method get --resource https://ORG.crm.dynamics.com --url https://ORG.crm.dynamics.com/api/data/v9.2/bots > bots.json",
        },
        Export {
            form: "the database's users",
            command: "az rest --method get --resource https://ORG.crm.dynamics.com --url \"https://ORG.crm.dynamics.com/api/data/v9.2/systemusers?\\$select=systemuserid,azureactivedirectoryobjectid,domainname,fullname,isdisabled,applicationid\" > systemusers.json",
        },
    ],
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Agent<'a> {
    #[serde(borrow)]
    botid: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    schemaname: Text<'a>,
    #[serde(rename = "_ownerid_value", borrow)]
    owner: Text<'a>,
    #[serde(rename = "_createdby_value", borrow)]
    created_by: Text<'a>,
    #[serde(rename = "createdon", borrow)]
    created: Text<'a>,
    #[serde(rename = "_modifiedby_value", borrow)]
    modified_by: Text<'a>,
    #[serde(rename = "modifiedon", borrow)]
    modified: Text<'a>,
    #[serde(rename = "_publishedby_value", borrow)]
    published_by: Text<'a>,
    #[serde(rename = "publishedon", borrow)]
    published: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct User<'a> {
    #[serde(borrow)]
    systemuserid: Text<'a>,
    #[serde(borrow)]
    azureactivedirectoryobjectid: Text<'a>,
    #[serde(borrow)]
    domainname: Text<'a>,
    #[serde(borrow)]
    fullname: Text<'a>,
    #[serde(borrow)]
    isdisabled: Text<'a>,
    #[serde(borrow)]
    applicationid: Text<'a>,
}

impl Source for CopilotStudioSnapshot {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        let user =
            object.has("systemuserid") && (object.has("azureactivedirectoryobjectid") || object.has("domainname"));
        if is_agent(&object) || user { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        facts.snapshot(record.taken);
        let link = record.around.outer.and_then(|outer| outer.text("@odata.context"));
        if is_agent(&object) {
            agent(&object, link.as_deref(), record.taken, facts)
        } else {
            user(&object, link.as_deref(), facts)
        }
    }
}

fn is_agent(object: &Object<'_>) -> bool {
    object.has("botid") && object.has("schemaname")
}

fn agent(
    object: &Object<'_>,
    link: Option<&str>,
    taken: Option<Instant>,
    facts: &mut FactWriter,
) -> Result<Reading, Refusal> {
    let parsed: Agent<'_> = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the agent"))?;
    let id = guid(&parsed.botid).ok_or(Refusal::Missing("botid"))?;
    let agent = facts.handle(HandleKind::Agent, COPILOT_STUDIO, &id);
    facts.described(agent, Detail::Kind, COPILOT_STUDIO_AGENT);
    facts.described(agent, Detail::DisplayName, parsed.name.get().or(parsed.schemaname.get()).unwrap_or_default());
    let created = parsed.created.get().and_then(Instant::parse);
    facts.described(agent, Detail::Born, &created.map(|at| at.to_string()).unwrap_or_default());
    // The database's own field for who owns a row. Wrong where nobody gave it on when its owner left.
    if let Some(owner) = guid(&parsed.owner) {
        let owner = dataverse_user(facts, link, &owner);
        facts.declared(owner, agent, Declaring::OwnerField, None);
    }
    let changed = parsed.modified.get().and_then(Instant::parse).filter(|at| Some(*at) > created);
    let published = parsed.published.get().and_then(Instant::parse);
    for (by, at, how) in [
        (&parsed.created_by, created, Making::Created),
        (&parsed.modified_by, changed, Making::Updated),
        (&parsed.published_by, published, Making::Pointed),
    ] {
        if let (Some(by), Some(at)) = (guid(by), at) {
            let by = dataverse_user(facts, link, &by);
            facts.dated(When::at(at));
            facts.made(by, how, agent);
        }
    }
    facts.dated(When::taken(taken));
    Ok(Reading::Claimed)
}

/// An id of a row.
fn guid<'t>(text: &'t Text<'_>) -> Option<Cow<'t, str>> {
    entra_names::id(text.get()).filter(|id| entra_names::is_guid(id))
}

fn user(object: &Object<'_>, link: Option<&str>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let parsed: User<'_> = serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the user"))?;
    let id = guid(&parsed.systemuserid).ok_or(Refusal::Missing("systemuserid"))?;
    let user = dataverse_user(facts, link, &id);
    facts.described(user, Detail::DisplayName, parsed.fullname.get().unwrap_or_default());
    if entra_names::id(parsed.applicationid.get()).is_some() {
        facts.described(user, Detail::Machine, "app");
        return Ok(Reading::Claimed);
    }
    if let Some(directory) = guid(&parsed.azureactivedirectoryobjectid) {
        // The database is filled from the directory, by this id.
        let directory = facts.handle(HandleKind::UserId, TENANT, &directory);
        facts.tied(user, Tie::SamePerson, directory);
    }
    if let Some(name) = parsed.domainname.get().filter(|name| name.contains('@')) {
        let realm = facts.realm_of(user).to_owned();
        let login = facts.handle(HandleKind::Login, &realm, &entra_names::lower(name));
        facts.tied(user, Tie::Named, login);
    }
    match parsed.isdisabled.get() {
        Some("true") => facts.described(user, Detail::AccountState, "disabled"),
        Some("false") => facts.described(user, Detail::AccountState, "enabled"),
        _ => {}
    }
    Ok(Reading::Claimed)
}
