//! Workday: reports of workers, terminations, contracts and organisation changes, and user activity.
//!
//! References: community.workday.com (Reports-as-a-Service), and for user activity the REST service
//! `/ccx/api/privacy/v1/TENANT/activityLogging`. Relied on: for reports, columns whose labels say what they mean (every
//! tenant names its columns itself; see [`super::hr_sheet`]), of which a worker's number, address or account; for
//! activity `systemAccount`, `activityAction` and `requestTime`; used where present: `taskDisplayName`, `target`,
//! `ipAddress`.
//!
//! Quirks. RaaS writes labels with underscores (`Email_-_Work`), spreadsheets with spaces. The number of a worker stays
//! with who is hired again. A report names no tenant. Activity names accounts as `mholt`, in tables as
//! `mholt / Mira Holt`; integration users act under accounts that no worker has.

use std::borrow::Cow;

use serde::Deserialize;

use super::hr_sheet::{self, Meaning, Sheet};
use super::text::{Part, Text, folded};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, needed_time};
use crate::bundle::record::{Body, Record};
use crate::fact::claim::Outcome;
use crate::fact::handle::HandleKind;
use crate::fact::writer::{Actor, FactWriter, Stand};

/// Reads Workday's reports and user activity.
pub struct Workday;

static CARD: Card = Card {
    name: "workday",
    title: "Workday",
    tells: "who works here, since when no longer, in which team, under which manager; which teams were dissolved",
    reference: "https://community.workday.com/sites/default/files/file-hosting/restapi/",
    recognised_by: "Report_Entry, or columns such as Supervisory Organization, Email - Work, Worker Status, Business Process Type; activity by systemAccount and activityAction",
    exports: &[
        Export {
            form: "a report of workers, terminated ones included (RaaS JSON; columns Employee ID, Email - Work, Worker Status, Supervisory Organization, Manager Employee ID, Hire Date, Termination Date, Contract End Date)",
            command: "curl -u \"$USER\" \"https://HOST/ccx/service/customreport2/TENANT/OWNER/All_Workers?format=json\" > workday-workers.json",
        },
        Export {
            form: "the same as CSV",
            command: "curl -u \"$USER\" \"https://HOST/ccx/service/customreport2/TENANT/OWNER/All_Workers?format=csv\" > workday-workers.csv",
        },
        Export {
            form: "completed changes (columns Business Process Type, Effective Date, Employee ID, Supervisory Organization - Prior, Supervisory Organization)",
            command: "curl -u \"$USER\" \"https://HOST/ccx/service/customreport2/TENANT/OWNER/Completed_Changes?format=json\" > workday-changes.json",
        },
        Export {
            form: "organisations, dissolved ones included (columns Organization, Manager Employee ID, Inactive, Inactivation Date)",
            command: "curl -u \"$USER\" \"https://HOST/ccx/service/customreport2/TENANT/OWNER/Organizations?format=csv\" > workday-organizations.csv",
        },
        Export {
            form: "user activity",
            command: "curl -H \"Authorization: Bearer $TOKEN\" \"https://HOST/ccx/api/privacy/v1/TENANT/activityLogging?from=2026-11-01T00:00:00Z&to=2026-11-30T00:00:00Z&limit=1000\" > workday-activity.json",
        },
    ],
};

/// The realm of Workday's numbers and accounts. No export names its tenant.
const REALM: &str = "workday:";

/// The list that reports stand in.
const REPORT: &str = "Report_Entry";

/// Labels that no other system writes, without case and marks.
const MARKS: &[&str] = &[
    "businessprocesstype",
    "contingentworkerid",
    "emailwork",
    "primaryworkemail",
    "suporg",
    "supervisoryorganization",
    "supervisoryorganizationcurrent",
    "supervisoryorganizationproposed",
    "workdayaccount",
    "workerstatus",
    "workersmanager",
];

/// Whether the columns of a record are a Workday report's.
pub(super) fn is_report(shape: &Shape<'_>) -> bool {
    let marked = |label: &str| MARKS.contains(&hr_sheet::plain(label).as_str());
    let has_mark = match &shape.body {
        Body::Json(object) => {
            shape.around.list == Some(REPORT) || object.members.iter().any(|member| marked(member.key))
        }
        Body::Row(row) => row.header.iter().any(|label| marked(label)),
        Body::Line(_) | Body::Doc(_) => false,
    };
    has_mark
        && Sheet::of(&shape.body).is_some_and(|sheet| {
            sheet.is_of_people() || sheet.is_of_teams() || (sheet.has(Meaning::Event) && sheet.has(Meaning::Effective))
        })
}

/// A line of user activity, in either form.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Activity<'a> {
    #[serde(borrow)]
    system_account: Text<'a>,
    #[serde(borrow)]
    request_time: Text<'a>,
    #[serde(borrow)]
    task_display_name: Text<'a>,
    #[serde(borrow)]
    ip_address: Text<'a>,
    #[serde(borrow)]
    target: Part<Target<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Target<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    descriptor: Text<'a>,
}

impl<'a> Activity<'a> {
    fn of(body: &Body<'a>) -> Option<Self> {
        match body {
            Body::Json(object) if object.has("systemAccount") && object.has("activityAction") => {
                serde_json::from_str(object.text).ok()
            }
            Body::Row(row) if row.has("System Account") && row.has("Activity Action") => {
                let cell = |name| Text::of(row.get(name).map(Cow::Borrowed));
                Some(Self {
                    system_account: cell("System Account"),
                    request_time: cell("Request Time"),
                    task_display_name: cell("Task"),
                    ip_address: cell("IP Address"),
                    target: Part::of(Target { id: Text::NONE, descriptor: cell("Target") }),
                })
            }
            _ => None,
        }
    }
}

impl Source for Workday {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        if shape.around.list == Some(REPORT) || Activity::of(&shape.body).is_some() || is_report(shape) {
            Fit::Certain
        } else {
            Fit::No
        }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        facts.account(None);
        if let Some(activity) = Activity::of(&record.body) {
            return act(&activity, facts);
        }
        let sheet = Sheet::of(&record.body).ok_or(Refusal::Unreadable("the record"))?;
        hr_sheet::claim(&sheet, REALM, record.taken, facts)
    }
}

/// What somebody did in Workday, by the name of the task.
fn act(activity: &Activity<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let account = activity.system_account.get().ok_or(Refusal::Missing("systemAccount"))?;
    let at = needed_time(activity.request_time.get(), "requestTime")?;
    let task = activity.task_display_name.get().ok_or(Refusal::Missing("taskDisplayName"))?;
    facts.event(at);
    let account = facts.handle(HandleKind::Login, REALM, &folded(hr_sheet::login(account)));
    if let Some(address) = activity.ip_address.get().filter(|text| text.parse::<std::net::IpAddr>().is_ok()) {
        let address = facts.handle(HandleKind::Network, "", address);
        facts.came_from(account, address);
    }
    let target = activity.target.get().and_then(|target| target.id.get().or(target.descriptor.get()));
    let target = target.map(|target| facts.handle(HandleKind::Resource, REALM, target));
    let actor = Actor { by: account, principal: None, on_behalf_of: None };
    facts.did(actor, &format!("workday:{task}"), target, Outcome::Succeeded);
    Ok(Reading::Claimed)
}
