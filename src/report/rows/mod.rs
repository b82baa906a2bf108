//! Answers as sheets: one row for each item, the columns named as machine output names them.

pub mod asked;

use super::sheet::Sheet;
use crate::base::time::Instant;
use crate::query::cite::Citations;
use crate::query::coverage::Answer as CoverageAnswer;
use crate::query::find::Found;
use crate::query::orphans::Orphan;
use crate::query::sources::Card;
use crate::query::views::PersonView;
use crate::query::who_owns::Owned;

fn time(at: Option<Instant>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn some(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

fn id(person: Option<&PersonView>) -> String {
    person.map(|person| person.id.clone()).unwrap_or_default()
}

const OWNED: [&str; 19] = [
    "id",
    "kind",
    "name",
    "path",
    "status",
    "reasons",
    "owner",
    "owner_name",
    "owner_status",
    "owner_team",
    "basis",
    "confidence",
    "verdict",
    "ask_next",
    "first_seen",
    "last_seen",
    "ended_at",
    "finding",
    "content",
];

fn owned_row(item: &Owned) -> Vec<String> {
    let owner = item.owner.as_ref();
    let reasons: Vec<&str> = item.reasons.iter().map(|reason| reason.code.word()).collect();
    let asked: Vec<String> = item.route.iter().map(|(person, why)| format!("{} ({why})", person.id)).collect();
    vec![
        item.agent.id.clone(),
        item.agent.kind.clone(),
        some(item.agent.name.as_ref()),
        item.path.unwrap_or_default().to_owned(),
        item.status.word().to_owned(),
        reasons.join("; "),
        id(owner),
        owner.and_then(|owner| owner.name.clone()).unwrap_or_default(),
        owner.and_then(|owner| owner.status).unwrap_or_default().to_owned(),
        owner.and_then(|owner| owner.team.clone()).unwrap_or_default(),
        item.basis.unwrap_or_default().to_owned(),
        item.confidence.map(|confidence| format!("{confidence:.4}")).unwrap_or_default(),
        item.verdict.unwrap_or_default().to_owned(),
        asked.join("; "),
        time(item.agent.first_seen),
        time(item.agent.last_seen),
        time(item.agent.ended_at),
        item.finding.clone(),
        item.content.clone(),
    ]
}

/// Acting things with their owners.
#[must_use]
pub fn owned<'i>(items: impl IntoIterator<Item = &'i Owned>) -> Sheet {
    Sheet { columns: OWNED.to_vec(), rows: items.into_iter().map(owned_row).collect() }
}

/// Orphans with their risk.
#[must_use]
pub fn orphans(items: &[Orphan]) -> Sheet {
    let columns = ["rank", "risk", "used_after_departure", "long_lived_credential", "resources"];
    let row = |orphan: &Orphan| {
        let risk = &orphan.risk;
        let mut row = vec![
            orphan.rank.to_string(),
            risk.word().to_owned(),
            risk.used_after_departure.to_string(),
            risk.long_lived_credential.to_string(),
            risk.resources.to_string(),
        ];
        row.extend(owned_row(&orphan.item));
        row
    };
    Sheet { columns: columns.into_iter().chain(OWNED).collect(), rows: items.iter().map(row).collect() }
}

/// What was found.
#[must_use]
pub fn found(items: &[Found], cite: &Citations) -> Sheet {
    let row = |item: &Found| {
        vec![
            item.id.clone(),
            item.kind.clone(),
            some(item.name.as_ref()),
            item.matched.to_owned(),
            item.value.clone(),
            time(item.first),
            time(item.last),
            item.evidence.map(|record| cite.label(record).to_owned()).unwrap_or_default(),
        ]
    };
    let columns = vec!["id", "kind", "name", "matched", "value", "first", "last", "evidence"];
    Sheet { columns, rows: items.iter().map(row).collect() }
}

/// Files with what became of their records.
#[must_use]
pub fn coverage(answer: &CoverageAnswer<'_>) -> Sheet {
    let rows = answer.coverage.files.iter().map(|file| {
        let totals = file.totals();
        let obstacles: Vec<String> = file.obstacles.iter().map(ToString::to_string).collect();
        let refused: Vec<String> =
            file.refused.iter().map(|(why, refused)| format!("{} × {why}", refused.count)).collect();
        let aside: Vec<String> =
            file.set_aside.iter().map(|((source, what), count)| format!("{count} × {source}: {what}")).collect();
        vec![
            file.path.clone(),
            file.size.to_string(),
            totals.seen().to_string(),
            totals.read.to_string(),
            totals.duplicate.to_string(),
            totals.set_aside.to_string(),
            totals.refused.to_string(),
            file.read.keys().copied().collect::<Vec<_>>().join("; "),
            refused
                .into_iter()
                .chain(aside)
                .chain(obstacles)
                .chain(file.excluded.map(str::to_owned))
                .collect::<Vec<_>>()
                .join("; "),
        ]
    });
    let columns = vec!["path", "bytes", "seen", "read", "duplicate", "set_aside", "refused", "sources", "notes"];
    Sheet { columns, rows: rows.collect() }
}

/// The sources.
#[must_use]
pub fn sources(cards: &[&Card]) -> Sheet {
    let rows = cards.iter().flat_map(|card| {
        card.exports.iter().map(|export| {
            [card.name, card.title, card.tells, export.form, export.command, card.recognised_by, card.reference]
                .map(str::to_owned)
                .to_vec()
        })
    });
    let columns = vec!["name", "title", "tells", "form", "command", "recognised_by", "reference"];
    Sheet { columns, rows: rows.collect() }
}
