//! Sheets of questions that name what they are about: each row begins with the words asked and how they were answered. Words
//! that mean nothing, or several, have a row of their own, which ends with what is near or what they can mean.

use super::{OWNED, id, owned_row, some, time};
use crate::base::origin::EvidenceId;
use crate::query::cite::Citations;
use crate::query::explain::{self, Explained};
use crate::query::owned_by;
use crate::query::show::{self, Replayed};
use crate::query::who_owns;
use crate::report::clean;
use crate::report::sheet::Sheet;

/// How words were answered.
enum Told<'a> {
    /// With these rows, and a word for what they are.
    Rows(&'static str, Vec<Vec<String>>),
    /// With the names that they can mean.
    Several(Vec<String>),
    /// With the names that are near.
    Nothing(&'a [String]),
}

/// A sheet of answers: the words asked and how they were answered, the columns of the question, the names that are near.
fn sheet<'a>(columns: &[&'static str], answers: impl Iterator<Item = (&'a str, Told<'a>)>) -> Sheet {
    let mut rows = Vec::new();
    for (asked, told) in answers {
        let empty = vec![String::new(); columns.len()];
        let (answer, found, near) = match told {
            // Somebody who owns nothing was asked for, too.
            Told::Rows(answer, found) if found.is_empty() => (answer, vec![empty], String::new()),
            Told::Rows(answer, found) => (answer, found, String::new()),
            Told::Several(several) => ("ambiguous", vec![empty], several.join("; ")),
            Told::Nothing(near) => ("not-found", vec![empty], near.join("; ")),
        };
        for row in found {
            let before = [asked.to_owned(), answer.to_owned()];
            rows.push(before.into_iter().chain(row).chain([near.clone()]).collect());
        }
    }
    let columns = ["asked", "answer"].into_iter().chain(columns.iter().copied()).chain(["near"]);
    Sheet { columns: columns.collect(), rows }
}

/// Agents with their owners; of what several share a row for each of them.
#[must_use]
pub fn who_owns(answers: &[who_owns::Answer]) -> Sheet {
    let told = answers.iter().map(|answer| match answer {
        who_owns::Answer::Owned(item) => {
            let asked = item.asked.as_deref().unwrap_or_default();
            (asked, Told::Rows("answered", vec![owned_row(item)]))
        }
        who_owns::Answer::Shared(item) => {
            (item.asked.as_str(), Told::Rows("shared", item.agents.iter().map(owned_row).collect()))
        }
        who_owns::Answer::Ambiguous { asked, several } => (asked.as_str(), Told::Several(several.clone())),
        who_owns::Answer::NotFound { asked, near } => (asked.as_str(), Told::Nothing(near)),
    });
    sheet(&OWNED, told)
}

/// What people own.
#[must_use]
pub fn owned_by(answers: &[owned_by::Answer]) -> Sheet {
    let told = answers.iter().map(|answer| match answer {
        owned_by::Answer::Owner { asked, items, .. } => {
            (asked.as_str(), Told::Rows("answered", items.iter().map(owned_row).collect()))
        }
        owned_by::Answer::Ambiguous { asked, several } => (asked.as_str(), Told::Several(several.clone())),
        owned_by::Answer::NotFound { asked, near } => (asked.as_str(), Told::Nothing(near)),
    });
    sheet(&OWNED, told)
}

fn labels(records: &[EvidenceId], cite: &Citations) -> Vec<String> {
    records.iter().map(|record| cite.label(*record).to_owned()).collect()
}

/// Explained acts.
#[must_use]
pub fn explain(answers: &[explain::Answer], cite: &Citations) -> Sheet {
    let row = |item: &Explained| {
        vec![
            cite.label(item.evidence).to_owned(),
            item.source.to_owned(),
            time(item.time),
            some(item.action.as_ref()),
            some(item.resource.as_ref()),
            item.outcome.unwrap_or_default().to_owned(),
            some(item.from.as_ref()),
            some(item.performed_by.as_ref()),
            item.on_behalf_of.join("; "),
            id(item.owner.as_ref()),
            some(item.nobody_because.as_ref()),
        ]
    };
    let told = answers.iter().map(|answer| match answer {
        explain::Answer::Explained { asked, items } => {
            (asked.as_str(), Told::Rows("answered", items.iter().map(row).collect()))
        }
        explain::Answer::Ambiguous { asked, several } => (asked.as_str(), Told::Several(labels(several, cite))),
        explain::Answer::NotFound { asked } => (asked.as_str(), Told::Nothing(&[])),
    });
    let columns = [
        "event_id",
        "source",
        "time",
        "action",
        "resource",
        "outcome",
        "from",
        "performed_by",
        "on_behalf_of",
        "owner",
        "nobody_because",
    ];
    sheet(&columns, told)
}

/// Records that are shown.
#[must_use]
pub fn show(answers: &[show::Answer], cite: &Citations) -> Sheet {
    let row = |record: &Replayed| {
        let places: Vec<String> =
            record.places.iter().map(|place| format!("{}:{}", place.file, place.number)).collect();
        vec![
            cite.label(record.evidence).to_owned(),
            record.source.to_owned(),
            time(record.time),
            places.join("; "),
            clean::record(&record.text).into_owned(),
        ]
    };
    let told = answers.iter().map(|answer| match answer {
        show::Answer::Shown { asked, records } => {
            (asked.as_str(), Told::Rows("answered", records.iter().map(row).collect()))
        }
        show::Answer::Ambiguous { asked, several } => (asked.as_str(), Told::Several(labels(several, cite))),
        show::Answer::NotFound { asked } => (asked.as_str(), Told::Nothing(&[])),
    });
    sheet(&["evidence", "source", "time", "places", "text"], told)
}
