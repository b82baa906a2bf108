//! Reading single records again: the text behind a piece of evidence, and what it claims.

use super::load::stamp;
use super::places::{Place, Places};
use crate::base::origin::{EvidenceId, FileId, Origin};
use crate::base::time::Instant;
use crate::bundle::Bundle;
use crate::bundle::open::{Desk, Visitor};
use crate::bundle::record::{Body, Record};
use crate::bundle::trouble::{Flaw, Obstacle};
use crate::fact::claim::Outcome;
use crate::fact::handle::HandleKind;
use crate::fact::writer::FactWriter;
use crate::source::{self, Pick, Shape};

/// A record that was read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Its name.
    pub evidence: EvidenceId,
    /// Its source.
    pub source: &'static str,
    /// The provider's time.
    pub time: Option<Instant>,
    /// Every place it has, in order.
    pub places: Vec<Place>,
    /// Its text as it stands in the first of them; of a row the cells with the names of their columns.
    pub text: String,
    /// What was done, where it tells of an act.
    pub acts: Vec<Act>,
    /// The network address it came from.
    pub from: Option<String>,
}

/// An act, told in the names that its record uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Who acted.
    pub by: Name,
    /// What was done.
    pub action: String,
    /// On what.
    pub on: Option<Name>,
    /// How it ended.
    pub outcome: Outcome,
    /// On whose behalf.
    pub on_behalf_of: Option<Name>,
}

/// A handle by itself, outside of its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The kind.
    pub kind: HandleKind,
    /// Who gives the name.
    pub realm: String,
    /// The name.
    pub value: String,
}

/// Reads records again, each at its first place. Those that cannot be found (a bundle that changed) are left out.
#[must_use]
pub fn replay(bundle: &Bundle, places: &Places, wanted: &[EvidenceId]) -> Vec<Replayed> {
    let found = places.of(wanted);
    let mut jobs: Vec<(u32, FileKey, Origin, EvidenceId, Vec<Place>)> = Vec::new();
    for evidence in wanted {
        let Some(list) = found.get(evidence) else { continue };
        let Some((_, origin)) = list.first() else { continue };
        let Some(row) = places.row(origin.file) else { continue };
        let key = FileKey { path: row.path.clone() };
        jobs.push((row.unit, key, *origin, *evidence, list.iter().map(|(place, _)| place.clone()).collect()));
    }
    let mut desk = Desk::default();
    let mut replayed = Vec::new();
    for (unit, key, origin, evidence, list) in jobs {
        let Some(unit) = bundle.units().get(unit as usize) else { continue };
        let mut look = Look { path: key.path, ordinal: origin.ordinal, file: None, next: 0, found: None };
        bundle.read(unit, &mut desk, &mut look);
        replayed.extend(look.found.map(|found| Replayed { evidence, places: list, ..found }));
    }
    replayed
}

struct FileKey {
    path: String,
}

/// Looks for one record.
struct Look {
    path: String,
    ordinal: u32,
    file: Option<FileId>,
    next: u32,
    found: Option<Replayed>,
}

impl Visitor for Look {
    fn begin(&mut self, path: &str, _: u32, _: u64) -> FileId {
        let file = FileId(self.next);
        self.next += 1;
        if path == self.path {
            self.file = Some(file);
        }
        file
    }

    fn record(&mut self, record: &Record<'_>) {
        if Some(record.origin.file) == self.file && record.origin.ordinal == self.ordinal {
            self.found = read(record);
        }
    }

    fn flaw(&mut self, _: Origin, _: Flaw) {}

    fn obstacle(&mut self, _: FileId, _: Obstacle) {}
}

fn read(record: &Record<'_>) -> Option<Replayed> {
    let shape = Shape { body: record.body, around: record.around };
    let Pick::One(source) = source::pick(&shape, None) else { return None };
    let mut writer = FactWriter::default();
    writer.begin();
    source.read(record, &mut writer).ok()?;
    let stamp = stamp(&writer, source.card().name, record);
    let name = |handle: crate::fact::handle::Handle<'_>| Name {
        kind: handle.kind,
        realm: handle.realm.to_owned(),
        value: handle.value.to_owned(),
    };
    let acts = writer.acts_of_record().filter_map(|(act, [by, action, on, behalf])| {
        let action = action.map(|action| action.value.to_owned()).unwrap_or_default();
        Some(Act { by: name(by?), action, on: on.map(name), outcome: act.outcome, on_behalf_of: behalf.map(name) })
    });
    Some(Replayed {
        evidence: stamp.evidence(),
        source: source.card().name,
        time: stamp.at,
        places: Vec::new(),
        text: text(record),
        acts: acts.collect(),
        from: writer.address_of_record().map(str::to_owned),
    })
}

fn text(record: &Record<'_>) -> String {
    match record.body {
        Body::Json(object) => object.text.to_owned(),
        Body::Line(text) => text.to_owned(),
        Body::Doc(doc) => doc.text.to_owned(),
        Body::Row(row) => {
            let cells = row.header.iter().zip(row.cells.iter());
            cells.map(|(column, cell)| format!("{column}: {cell}")).collect::<Vec<_>>().join("\n")
        }
    }
}
