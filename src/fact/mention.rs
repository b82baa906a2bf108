//! Acts that another log may tell of as well, under an id that both write.
//!
//! Nearly every call has such an id and hardly any is told twice, so a mention keeps a digest and no name. It becomes a
//! claim when all is read, where another record wrote the name.

use super::claim::{Folded, Span, Standing, Tie};
use super::handle::{Handle, HandleId, HandleKind};
use super::seal::Roster;
use super::writer::Stamp;
use crate::base::origin::EvidenceId;
use crate::base::time::When;

/// A session's act that another log may tell of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mention {
    /// The session.
    who: HandleId,
    /// The digest of the act's name.
    act: u64,
    when: When,
    record: EvidenceId,
}

/// The digest of the name of an act.
pub(super) fn digest(realm: &str, value: &str) -> u64 {
    Handle { kind: HandleKind::SharedAct, realm, value }.stable_hash()
}

impl Mention {
    pub(super) fn new(who: HandleId, act: u64, stamp: &Stamp) -> Self {
        Self { who, act, when: stamp.at.map_or(When::UNDATED, When::at), record: stamp.evidence() }
    }

    /// The claim that the mention is of, where the roster has the act; the session is still in its writer's number.
    pub(super) fn claim(&self, roster: &Roster, number: impl Fn(&mut HandleId)) -> Option<Folded<Standing>> {
        let act = roster.shared_act(self.act)?;
        let mut who = self.who;
        number(&mut who);
        let claim = Standing::Tied { a: who, b: act, tie: Tie::SameSession };
        Some(Folded { claim, span: Span::once(self.when, self.record) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Instant;
    use crate::fact::seal::{Closed, Roster};
    use crate::fact::writer::{FactWriter, Form, Stand};

    const REALM: &str = "requests:111122223333";

    /// A writer that has kept one record, which says this.
    fn kept(write: impl FnOnce(&mut FactWriter)) -> FactWriter {
        let mut writer = FactWriter::default();
        writer.begin();
        writer.event(Instant::from_seconds(1_789_000_000).expect("a time"));
        writer.named("test", "event-1", &[], Form::Full);
        write(&mut writer);
        let stamp = writer.stamp("test", &[]);
        writer.keep(&stamp, None);
        writer
    }

    /// How many claims of a session are made where one record mentions an act and another names this one.
    fn claims(named: &str) -> usize {
        let caller = kept(|facts| {
            let session = facts.handle(HandleKind::Session, "", "ASIAEXAMPLE000000001");
            facts.also_told_as(session, REALM, "request-1");
        });
        let other = kept(|facts| {
            facts.handle(HandleKind::SharedAct, REALM, named);
        });
        let (roster, writers) = Roster::of([caller, other].map(Closed::of).into());
        writers.into_iter().map(|writer| writer.numbered(&roster).standing.len()).sum()
    }

    #[test]
    fn an_act_that_another_log_names_is_of_the_session() {
        assert_eq!(claims("request-1"), 1);
        assert_eq!(claims("request-2"), 0);
    }
}
