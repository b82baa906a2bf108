//! What happens in Salesforce: event log files, the setup audit trail, the history of logins.
//!
//! References: developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_eventlogfile.htm
//! (and …_setupaudittrail.htm, …_loginhistory.htm). Relied on: `EVENT_TYPE` with `TIMESTAMP_DERIVED` or `TIMESTAMP` and a
//! user; `Action`, `Display`, `CreatedDate` of the trail; `UserId`, `LoginTime`, `LoginType` of the history. Used where
//! present: `USER_ID`, `USER_ID_DERIVED`, `USER_NAME`, `ORGANIZATION_ID`, `REQUEST_ID`, `CONNECTED_APP_ID`,
//! `CONNECTED_APP_NAME`, `ENTITY_NAME`, `CLIENT_IP`, `REQUEST_STATUS`, `STATUS_CODE`; `CreatedById`, `DelegateUser`;
//! `Application`, `Status`, `SourceIp`.
//!
//! Quirks. Log files of an hour and of the day hold the same rows. A request's id repeats for its parts. Only the daily
//! `ApiTotalUsage`, which every organisation has, says both an app's id and its label. The trail tells its subject in a
//! sentence in the reader's language. Pages of the setup write times in the reader's zone and language: such files are
//! recognised, and their rows refused; the query tells the same with a zone.

mod events;
mod trail;

use super::salesforce_fields::Fields;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::bundle::record::Record;
use crate::fact::writer::FactWriter;

/// Reads logs of Salesforce.
pub struct SalesforceLog;

const NAME: &str = "salesforce_log";

static CARD: Card = Card {
    name: NAME,
    title: "Salesforce event logs, setup audit trail and logins",
    tells: "which app used whose access to read what, who signed in, who changed users, apps and agents",
    reference: "https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_eventlogfile.htm",
    recognised_by: "rows and objects with EVENT_TYPE and a TIMESTAMP; with Action, Section and Display; with LoginTime and LoginType",
    exports: &[
        Export {
            form: "event log files (CSV, one a type and day)",
            command: "sf data query -q \"SELECT Id,EventType,LogDate FROM EventLogFile\" --json; sf api request rest \"/services/data/v62.0/sobjects/EventLogFile/ID/LogFile\" > 2026-11-16_ApiTotalUsage.csv",
        },
        Export {
            form: "the setup audit trail, 180 days (JSON or CSV)",
            command: "sf data query -q \"SELECT Id,CreatedDate,CreatedById,CreatedBy.Username,Action,Section,Display,DelegateUser FROM SetupAuditTrail\" --json > sf-setup-audit-trail.json",
        },
        Export {
            form: "the history of logins, 180 days (JSON or CSV)",
            command: "sf data query -q \"SELECT Id,UserId,LoginTime,LoginType,Application,SourceIp,Status FROM LoginHistory\" --json > sf-login-history.json",
        },
    ],
};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A row of an event log file.
    Logged,
    Trail,
    Login,
    /// A row of a page of the setup.
    Page,
    /// The list of log files.
    Listing,
}

fn kind(fields: &Fields<'_>) -> Option<Kind> {
    match fields.object().as_deref() {
        Some("SetupAuditTrail") => return Some(Kind::Trail),
        Some("LoginHistory") => return Some(Kind::Login),
        Some("EventLogFile") => return Some(Kind::Listing),
        Some(_) => return None,
        None => {}
    }
    let has = |names: &[&str]| fields.has(names);
    match () {
        () if has(&["EVENT_TYPE", "TIMESTAMP_DERIVED"]) || has(&["EVENT_TYPE", "TIMESTAMP", "REQUEST_ID"]) => {
            Some(Kind::Logged)
        }
        // A collector's own form, of which only objects are known.
        () if matches!(fields, Fields::Json(_)) && has(&["EVENT_TYPE", "USER"]) => Some(Kind::Logged),
        () if has(&["Action", "Section", "Display", "CreatedDate"]) => Some(Kind::Trail),
        () if has(&["UserId", "LoginTime", "LoginType"]) => Some(Kind::Login),
        () if has(&["Username", "Login Time", "Login Type"]) || has(&["Date", "User", "Action", "Section"]) => {
            Some(Kind::Page)
        }
        () => None,
    }
}

impl Source for SalesforceLog {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        match Fields::of(&shape.body).and_then(|fields| kind(&fields)) {
            Some(Kind::Page) => Fit::Likely,
            Some(_) => Fit::Certain,
            None => Fit::No,
        }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let fields = Fields::of(&record.body).ok_or(Refusal::Unreadable("the record"))?;
        match kind(&fields).ok_or(Refusal::Unreadable("the record"))? {
            Kind::Logged => events::logged(&fields, facts),
            Kind::Trail => trail::trail(&fields, facts),
            Kind::Login => events::login(&fields, facts),
            Kind::Page if fields.has(&["Login Time"]) => Err(Refusal::Unreadable("Login Time")),
            Kind::Page => Err(Refusal::Unreadable("Date")),
            Kind::Listing => Ok(Reading::SetAside("a list of log files")),
        }
    }
}
