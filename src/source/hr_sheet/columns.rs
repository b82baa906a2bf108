//! What the columns of HR exports mean, by their labels.
//!
//! No two employers name the columns of a report alike, so a column is known by what its label means: compared without
//! case, spaces and marks. A column that is not listed is never read; pay, reasons and the types of absences are not
//! listed, and must never be.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meaning {
    /// The number of an employee or contingent worker.
    Number,
    /// The address at work.
    Email,
    /// The name of the account in the HR system or directory.
    Login,
    /// The whole name.
    Name,
    /// The first and last name, where they stand apart.
    FirstName,
    LastName,
    /// Employee, contractor.
    WorkerType,
    /// Whether somebody works here, in a word.
    Status,
    /// The same, as a yes or no.
    Active,
    /// Whether somebody is away, as a yes or no.
    Away,
    /// When somebody began.
    Hired,
    /// When an employment ends, the day included.
    Ended,
    /// The last day of work, which decides where it is given.
    LastDay,
    /// When a contract ends.
    ContractEnd,
    /// Days that a report of absences also has: they are read as days of work only where it is none.
    PlainStart,
    PlainEnd,
    /// The manager, by number, address or name.
    ManagerNumber,
    ManagerEmail,
    Manager,
    /// The manager by an id: their number, unless people have another id in the same report.
    ManagerId,
    /// The team, and what it was before a move.
    Team,
    TeamBefore,
    /// Who leads the team that the row is about.
    TeamLead,
    /// Whether a team is dissolved, and since when.
    TeamInactive,
    TeamEnd,
    /// What happened, whether it was carried out, and from when it holds.
    Event,
    EventStatus,
    Effective,
    /// Whether the account is a machine's.
    Machine,
}

use Meaning::*;

/// The labels of each meaning, the better ones first, without case and marks.
const LABELS: &[(Meaning, &[&str])] = &[
    (
        Number,
        &[
            "employeeid",
            "workerid",
            "contingentworkerid",
            "employeenumber",
            "employeeno",
            "employeeidnumber",
            "empid",
            "personnelnumber",
            "personnelno",
            "filenumber",
            "associateid",
            "personidexternal",
            "employeeidincompany",
            "workemployeeidincompany",
            "staffid",
            "staffnumber",
            "payrollid",
        ],
    ),
    (
        Email,
        &[
            "emailwork",
            "primaryworkemail",
            "workemail",
            "workemailaddress",
            "businessemail",
            "companyemail",
            "emailprimarywork",
            "workcontactemail",
            "emailaddress",
            "email",
            "rootemail",
        ],
    ),
    (Login, &["workdayaccount", "username", "networkid", "adlogin", "login", "userid", "universalid"]),
    (
        Name,
        &[
            "worker",
            "employee",
            "preferredname",
            "fullname",
            "displayname",
            "rootdisplayname",
            "workername",
            "employeename",
            "lastnamefirstname",
            "legalname",
            "name",
        ],
    ),
    (FirstName, &["preferredfirstname", "firstname", "rootfirstname", "legalfirstname", "givenname"]),
    (LastName, &["preferredlastname", "lastname", "rootsurname", "legallastname", "surname", "familyname"]),
    (
        WorkerType,
        &["workertype", "contingentworkertype", "employeetype", "employmenttype", "workforcetype", "contracttype"],
    ),
    (
        Status,
        &[
            "workerstatus",
            "employmentstatus",
            "employeestatus",
            "positionstatus",
            "rolestate",
            "emplstatus",
            "lifecyclestatus",
            "internallifecyclestatus",
            "internalstatus",
            "activestatus",
            "employmentstate",
            "status",
        ],
    ),
    (Active, &["currentlyactive", "isactive", "active", "activeworker"]),
    (Away, &["onleave", "currentlyonleave", "isonleave"]),
    (Hired, &["hiredate", "continuousservicedate", "originalhiredate", "dateofhire", "joiningdate", "workstartdate"]),
    (
        Ended,
        &[
            "terminationdate",
            "internalterminationdate",
            "separationdate",
            "dateofleaving",
            "leavingdate",
            "leavedate",
            "exitdate",
            "terminationeffectivedate",
            "dateoftermination",
        ],
    ),
    (LastDay, &["lastdayofwork", "lastworkingday", "lastdayworked", "lastday"]),
    (
        ContractEnd,
        &["contractenddate", "contractend", "endcontractdate", "assignmentenddate", "contractexpirationdate"],
    ),
    (PlainStart, &["startdate", "from", "fromdate"]),
    (PlainEnd, &["enddate", "to", "todate"]),
    (
        ManagerNumber,
        &[
            "manageremployeeid",
            "workersmanageremployeeid",
            "manageremployeenumber",
            "managernumber",
            "supervisoremployeeid",
        ],
    ),
    (ManagerId, &["managerid", "supervisorid"]),
    (
        ManagerEmail,
        &[
            "manageremail",
            "managerworkemail",
            "workreportstoemail",
            "supervisoremail",
            "reportstoemail",
            "manageremailwork",
        ],
    ),
    (
        Manager,
        &[
            "workersmanager",
            "manager",
            "managername",
            "directmanager",
            "supervisor",
            "supervisorname",
            "reportsto",
            "reportstoname",
            "reportingto",
            "linemanager",
            "workreportstodisplayname",
        ],
    ),
    (
        Team,
        &[
            "supervisoryorganizationproposed",
            "supervisoryorganizationcurrent",
            "supervisoryorganization",
            "supervisoryorg",
            "suporg",
            "toorganization",
            "neworganization",
            "newdepartment",
            "todepartment",
            "department",
            "workdepartment",
            "homedepartmentdescription",
            "organization",
            "organizationname",
            "team",
            "costcenter",
            "costcenterid",
            "division",
            "businessunit",
        ],
    ),
    (
        TeamBefore,
        &[
            "supervisoryorganizationprior",
            "priorsupervisoryorganization",
            "supervisoryorganizationprevious",
            "fromorganization",
            "priororganization",
            "previousorganization",
            "priordepartment",
            "previousdepartment",
            "fromdepartment",
            "olddepartment",
        ],
    ),
    (TeamLead, &["organizationmanager", "teammanager", "departmenthead", "headofdepartment", "organizationowner"]),
    (TeamInactive, &["inactive", "isinactive", "organizationinactive", "organizationstatus"]),
    (
        TeamEnd,
        &["inactivationdate", "inactivedate", "organizationinactivationdate", "dissolutiondate", "inactivesince"],
    ),
    (Event, &["businessprocesstype", "businessprocess", "transactiontype", "eventtype", "event"]),
    (EventStatus, &["businessprocessstatus", "transactionstatus", "eventstatus", "overallstatus"]),
    (Effective, &["effectivedate", "effectiveon", "dateeffective"]),
    (Machine, &["isintegrationuser", "integrationsystemuser", "isintegrationsystemuser", "isserviceaccount"]),
];

/// Parts of labels that only a report of absences has.
const OF_ABSENCES: &[&str] =
    &["leavetype", "leaveofabsence", "leavereason", "leavefamily", "leavestart", "leaveend", "absence", "timeoff"];

/// A label without case, spaces and marks; `Employee #` is the employee's number.
pub(crate) fn plain(label: &str) -> String {
    let mut plain = String::with_capacity(label.len());
    for letter in label.chars() {
        match letter {
            '#' => plain.push_str("number"),
            letter if letter.is_ascii_alphanumeric() => plain.push(letter.to_ascii_lowercase()),
            _ => {}
        }
    }
    plain
}

/// The rank of the label `status` among those of its meaning: many records have one that are not of people at work.
pub(super) const STATUS_OF_ANYTHING: usize = 11;

/// What a plain label means, and how good a label of that meaning it is: the lower, the better.
pub(crate) fn meaning(plain: &str) -> Option<(Meaning, usize)> {
    LABELS.iter().find_map(|(meaning, labels)| Some((*meaning, labels.iter().position(|label| *label == plain)?)))
}

/// Whether a plain label stands in reports of absences alone.
pub(crate) fn is_of_absences(plain: &str) -> bool {
    OF_ABSENCES.iter().any(|part| plain.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_in_any_spelling() {
        for label in ["Employee ID", "Employee_ID", "employeeId", "EMPLOYEE-ID", "Employee #"] {
            assert_eq!(meaning(&plain(label)).map(|(meaning, _)| meaning), Some(Number), "{label}");
        }
        assert_eq!(meaning(&plain("Email - Work")).map(|(meaning, _)| meaning), Some(Email));
        assert_eq!(meaning(&plain("Worker's Manager")).map(|(meaning, _)| meaning), Some(Manager));
    }

    #[test]
    fn what_is_nobodys_business_has_no_meaning() {
        for label in
            ["Leave Type", "Termination Reason", "Reason", "Base Pay", "Annual Salary", "Comment", "Date of Birth"]
        {
            assert_eq!(meaning(&plain(label)), None, "{label}");
        }
    }

    #[test]
    fn the_state_of_anything_is_the_last_of_the_states() {
        assert_eq!(meaning("status"), Some((Status, STATUS_OF_ANYTHING)));
    }

    #[test]
    fn no_label_means_two_things() {
        let mut all: Vec<&str> = LABELS.iter().flat_map(|(_, labels)| labels.iter().copied()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
