//! HR reports of any system, by what their columns mean: who works here, since when no longer, in which team, under whom.
//!
//! References: documentation.bamboohr.com/reference/request-custom-report-1, developer.rippling.com (employees),
//! apidocs.hibob.com/reference/post_people-search, the CSV exports of ADP, Personio and Deel, SuccessFactors' OData. Relied
//! on: a column that names a worker by number or address, and one that tells of an employment: a first or last day, or
//! its state (see [`super::hr_sheet`]).
//!
//! Quirks. Two HR systems count their people independently, and an export mostly does not say which system it is of. So
//! numbers stand in a realm by the marks of the system, where it has any; address and account join people across realms.
//! Lists of people mostly leave out who has left: who is in none is unknown, not gone.

use super::hr_sheet::{self, Sheet};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, workday};
use crate::bundle::record::{Body, Record};
use crate::fact::writer::FactWriter;

/// Reads HR reports by the meaning of their columns.
pub struct HrReport;

static CARD: Card = Card {
    name: "hr_report",
    title: "HR reports of other systems",
    tells: "who works here, since when no longer, in which team, under which manager",
    reference: "https://documentation.bamboohr.com/reference/request-custom-report-1",
    recognised_by: "columns that name workers by number or address, and tell of their employments: a first or last day, or a state",
    exports: &[
        Export {
            form: "BambooHR (JSON)",
            command: "curl -u \"$KEY:x\" -H 'Accept: application/json' -X POST \"https://api.bamboohr.com/api/gateway.php/COMPANY/v1/reports/custom?format=JSON\" -d '{\"fields\":[\"employeeNumber\",\"displayName\",\"workEmail\",\"department\",\"supervisorEId\",\"hireDate\",\"terminationDate\",\"employmentStatus\"]}' > bamboohr.json",
        },
        Export {
            form: "Rippling (JSON), terminated ones included",
            command: "curl -H \"Authorization: Bearer $TOKEN\" \"https://api.rippling.com/platform/api/employees/include_terminated\" > rippling.json",
        },
        Export {
            form: "HiBob (JSON)",
            command: "curl -u \"$USER\" -X POST https://api.hibob.com/v1/people/search -d '{\"fields\":[\"root.email\",\"work.employeeIdInCompany\",\"work.department\",\"work.reportsTo\",\"work.startDate\",\"internal.terminationDate\",\"internal.lifecycleStatus\"],\"showInactive\":true}' > hibob.json",
        },
        Export {
            form: "any other system (CSV with a header), people who left included",
            command: "a report with the columns Employee ID, Work Email, Name, Department, Manager Employee ID, Hire Date, Termination Date, Employment Status",
        },
    ],
};

/// Marks of systems, as plain labels, and the realm of their numbers.
const SYSTEMS: &[(&str, &str)] = &[
    ("supervisoreid", "bamboohr"),
    ("rolestate", "rippling"),
    ("roleid", "rippling"),
    ("employeeidincompany", "hibob"),
    ("workemployeeidincompany", "hibob"),
    ("lifecyclestatus", "hibob"),
    ("associateid", "adp"),
    ("personidexternal", "successfactors"),
    ("emplstatus", "successfactors"),
    ("contracttype", "deel"),
];

/// The realm of numbers where nothing tells the system.
const UNMARKED: &str = "hr";

impl Source for HrReport {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let of_people = Sheet::of(&shape.body).is_some_and(|sheet| sheet.is_of_people());
        if of_people && !workday::is_report(shape) { Fit::Likely } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        facts.account(None);
        let sheet = Sheet::of(&record.body).ok_or(Refusal::Unreadable("the record"))?;
        hr_sheet::claim(&sheet, realm(&record.body), record.taken, facts)
    }
}

/// The realm in which the numbers of a record mean one person.
fn realm(body: &Body<'_>) -> &'static str {
    let labels: Vec<String> = match body {
        Body::Json(object) => object.members.iter().map(|member| hr_sheet::plain(member.key)).collect(),
        Body::Row(row) => row.header.iter().map(|label| hr_sheet::plain(label)).collect(),
        Body::Line(_) | Body::Doc(_) => Vec::new(),
    };
    let marked = SYSTEMS.iter().find(|(mark, _)| labels.iter().any(|label| label == mark));
    // HiBob keeps its number in a section of the worker.
    let in_sections = labels.iter().any(|label| label == "work") && labels.iter().any(|label| label == "internal");
    marked.map_or(if in_sections { "hibob" } else { UNMARKED }, |(_, realm)| realm)
}
