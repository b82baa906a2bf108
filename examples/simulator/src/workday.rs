//! Workday: the report of workers and the report of completed changes, as its report service answers them.
//!
//! Personnel knows of everybody when they joined, moved, were away and left, also of those whose accounts stay open. Names
//! carry what has become of their bearers, names of organisations that of their manager. Everybody is in the report.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::clock::{END, iso};
use crate::people::{Kind, People, Person};
use crate::snapshots::{made, save};

fn date(at: i64) -> String {
    iso(at).chars().take(10).collect()
}

pub(crate) fn write(folder: &Path, people: &People) -> Result<()> {
    let folder = made(folder.to_path_buf())?;
    let workers: Vec<Value> = people.all.iter().map(|person| worker(people, person)).collect();
    save(&folder.join("all-workers.json"), &json!({"Report_Entry": workers}))?;
    let changes: Vec<Value> = people.all.iter().flat_map(|person| changes(people, person)).collect();
    save(&folder.join("completed-changes.json"), &json!({"Report_Entry": changes}))
}

/// What an organisation is called: with its manager in brackets.
fn organisation(people: &People, team: usize) -> String {
    let team = &people.teams[team];
    format!("{} ({})", team.name, people.all[team.manager].display())
}

fn worker(people: &People, person: &Person) -> Value {
    let account = person.account(END);
    let left = account.to.filter(|to| *to < END);
    let contractor = person.kind == Kind::Contractor;
    let (status, suffix) = match (left, person.is_away()) {
        (Some(_), _) => ("Terminated", " (Terminated)"),
        (None, true) => ("On Leave", " (On Leave)"),
        _ => ("Active", if contractor { " [C]" } else { "" }),
    };
    let team = person.team_at(left.unwrap_or(END));
    let mut row = json!({
        "Employee_ID": person.number, "Worker": format!("{}{suffix}", person.display()),
        "Email_-_Work": account.mail, "Worker_Type": if contractor { "Contingent Worker" } else { "Employee" },
        "Worker_Status": status, "Supervisory_Organization": organisation(people, team),
        "Hire_Date": date(account.from), "Business_Title": person.title
    });
    if person.kind != Kind::Manager {
        row["Manager_Employee_ID"] = json!(people.all[people.teams[team].manager].number);
    }
    if let Some(at) = left {
        row[if contractor { "Contract_End_Date" } else { "Last_Day_of_Work" }] = json!(date(at));
    }
    row
}

fn changes(people: &People, person: &Person) -> Vec<Value> {
    let contractor = person.kind == Kind::Contractor;
    let row = |process: &str, at: i64| {
        json!({"Business_Process_Type": process, "Status": "Successfully Completed", "Effective_Date": date(at),
               "Employee_ID": person.number, "Worker": person.display()})
    };
    let ended = if contractor { "End Contingent Worker Contract" } else { "Terminate Employee" };
    let ends = person.accounts.iter().filter_map(|account| account.to).filter(|to| *to < END);
    let mut rows: Vec<Value> = ends.map(|at| row(ended, at)).collect();
    rows.extend(person.accounts.get(1).map(|again| row("Rehire", again.from)));
    if let Some((from, to)) = person.away {
        rows.push(row("Request Leave of Absence", from));
        rows.extend(to.map(|at| row("Return Worker from Leave", at)));
    }
    if let Some((at, team)) = person.moved {
        let mut moved = row("Change Job", at);
        moved["Supervisory_Organization_-_Prior"] = json!(organisation(people, person.team));
        moved["Supervisory_Organization_-_Proposed"] = json!(organisation(people, team));
        moved["Manager_Employee_ID"] = json!(people.all[people.teams[team].manager].number);
        rows.push(moved);
    }
    rows
}
