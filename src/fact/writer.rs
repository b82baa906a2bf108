//! Where sources write what a record claims.
//!
//! A record's claims are held back until intake has decided whether the record is new: a duplicate leaves nothing.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::claim::{
    Act, Becoming, Declaring, Detail, Ending, Event, Granting, Happened, Making, Outcome, Span, Standing, Tie,
};
use super::fold::Fold;
use super::handle::{Handle, HandleId, HandleKind};
use super::mention::{self, Mention};
use super::names::Names;
use crate::base::origin::{EvidenceId, StableHash};
use crate::base::time::{Instant, When};

/// Who acted in a record, as its source understood it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The credential or session that acted, else the principal.
    pub by: HandleId,
    /// The principal it stands for, where the record names one.
    pub principal: Option<HandleId>,
    /// The delegation it carried, where the record names one.
    pub on_behalf_of: Option<HandleId>,
}

/// How much of an event an export form tells: the same event in a fuller form makes a poorer one a duplicate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// The vendor's own record, complete.
    #[default]
    Full,
    /// A table or summary that leaves fields out.
    Poor,
}

/// What names a record and dates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The provider's time, of an event; `None` of a snapshot.
    pub at: Option<Instant>,
    /// A digest of source and vendor id, or of the record's text where the vendor gives no id.
    pub id: u64,
    /// A digest of the record's key fields, which every export form carries.
    pub key: u32,
    /// A digest of what the record claims.
    pub claims: u32,
    /// Whether the vendor gave an id.
    pub vendor_id: bool,
    /// The export form.
    pub form: Form,
    /// The earliest and the latest time that its claims tell of.
    pub tells_of: Option<(Instant, Instant)>,
}

impl Stamp {
    /// The name of the record.
    #[must_use]
    pub fn evidence(&self) -> EvidenceId {
        evidence_of(self.id, self.key)
    }
}

/// The name of a record with this id and key digest.
#[must_use]
pub fn evidence_of(id: u64, key: u32) -> EvidenceId {
    EvidenceId(StableHash::default().number(id).number(u64::from(key)).finish())
}

/// The digest of a source's name and a vendor's id.
#[must_use]
pub fn vendor_id(source: &str, id: &str) -> u64 {
    StableHash::default().text(source).text(id).finish()
}

/// Writes the claims of one record after the other.
#[derive(Debug, Default)]
pub struct FactWriter {
    pub(super) names: Names,
    pub(super) standing: Fold<Standing>,
    pub(super) acts: Fold<Act>,
    pub(super) events: Vec<Happened>,
    pub(super) mentions: Vec<Mention>,
    blocks: Blocks,
    record: Pending,
    /// The account of the last record that had one.
    account: Option<HandleId>,
}

/// What the record at hand has claimed so far.
#[derive(Debug)]
struct Pending {
    when: When,
    at: Option<Instant>,
    id: u64,
    key: u64,
    vendor_id: bool,
    form: Form,
    standing: Vec<(Standing, When)>,
    events: Vec<(Event, When)>,
    acts: Vec<Act>,
    /// A session, and the digest of the name of an act of its that another log may tell of.
    mention: Option<(HandleId, u64)>,
    block: Option<usize>,
    account: Option<HandleId>,
}

impl Default for Pending {
    fn default() -> Self {
        Self {
            when: When::UNDATED,
            at: None,
            id: 0,
            key: 0,
            vendor_id: false,
            form: Form::Full,
            standing: Vec::new(),
            events: Vec::new(),
            acts: Vec::new(),
            mention: None,
            block: None,
            account: None,
        }
    }
}

impl FactWriter {
    /// Forgets what the record before may have left.
    pub fn begin(&mut self) {
        self.record.standing.clear();
        self.record.events.clear();
        self.record.acts.clear();
        self.record = Pending {
            standing: std::mem::take(&mut self.record.standing),
            events: std::mem::take(&mut self.record.events),
            acts: std::mem::take(&mut self.record.acts),
            ..Pending::default()
        };
    }

    /// Says that the record is an event of this time, stamped by the provider.
    pub fn event(&mut self, at: Instant) {
        self.record.at = Some(at);
        self.record.when = When::at(at);
    }

    /// Says that the record shows a state, and when the snapshot was taken, where that is known.
    pub fn snapshot(&mut self, taken: Option<Instant>) {
        self.record.at = None;
        self.record.when = When::taken(taken);
    }

    /// Dates the claims that follow, where a record tells of several times (a creation date in a snapshot).
    pub fn dated(&mut self, when: When) {
        self.record.when = when;
    }

    /// Names the record: the vendor's id for it, and the fields that every export form of it carries.
    ///
    /// Two records of one id and one key are the same record, unless they claim different things; see [`Stamp`].
    pub fn named(&mut self, source: &str, id: &str, key: &[&str], form: Form) {
        self.record.id = vendor_id(source, id);
        self.record.key = key.iter().fold(StableHash::default(), |hash, field| hash.text(field)).finish();
        self.record.vendor_id = true;
        self.record.form = form;
    }

    /// The realm of a handle.
    #[must_use]
    pub fn realm_of(&self, id: HandleId) -> &str {
        self.names.get(id).realm
    }

    /// The text of a handle, without its realm.
    #[must_use]
    pub fn text(&self, id: HandleId) -> &str {
        self.names.get(id).value
    }

    /// Says in whose account, tenant or organisation the record was written; coverage counts by it.
    pub fn account(&mut self, account: Option<&str>) {
        // Most records are of the account of the record before.
        let known = self.account.filter(|known| account == Some(self.names.get(*known).value));
        self.account = known.or_else(|| account.map(|account| self.handle(HandleKind::Account, "", account)));
        self.record.account = self.account;
    }

    /// The account of the record at hand, if its source said one.
    #[must_use]
    pub fn account_of_record(&self) -> Option<HandleId> {
        self.record.account
    }

    /// `by` brought `made` into being, or changed it.
    pub fn made(&mut self, by: HandleId, how: Making, made: HandleId) {
        self.happened(Event::Made { by, made, how });
    }

    /// `by` allowed `to` the use of `what`.
    pub fn granted(&mut self, by: Option<HandleId>, to: HandleId, what: HandleId) {
        self.happened(Event::Granted { by, to, what, how: Granting::Given });
    }

    /// `by` took from `to` the use of `what`.
    pub fn taken(&mut self, by: Option<HandleId>, to: HandleId, what: HandleId) {
        self.happened(Event::Granted { by, to, what, how: Granting::Taken });
    }

    /// `by` acted as `into`, or obtained it.
    pub fn became(&mut self, by: HandleId, how: Becoming, into: HandleId) {
        self.happened(Event::Became { by, into, how });
    }

    /// `owner` was written down as the owner of `owned`.
    pub fn declared(&mut self, owner: HandleId, owned: HandleId, how: Declaring, by: Option<HandleId>) {
        self.happened(Event::Declared { owner, owned, how, by });
    }

    /// `who` stopped.
    pub fn ended(&mut self, who: HandleId, how: Ending, by: Option<HandleId>) {
        self.happened(Event::Ended { who, by, how });
    }

    /// An act. Acts are events: they hold only in a record that was dated with [`Self::event`].
    pub fn did(&mut self, actor: Actor, action: &str, on: Option<HandleId>, outcome: Outcome) {
        let action = self.word(action);
        let act = Act { by: actor.by, action, on, outcome, on_behalf_of: actor.on_behalf_of };
        self.record.acts.push(act);
    }

    /// Says that the act of `session` may stand in another log as well, which tells of it under this name. That both are
    /// of one session is claimed only where some record writes the name as a handle.
    pub fn also_told_as(&mut self, session: HandleId, realm: &str, value: &str) {
        self.record.mention = Some((session, mention::digest(realm, value)));
    }

    /// The acts that the record at hand has claimed so far, and the names they are told in.
    pub fn acts_of_record(&self) -> impl Iterator<Item = (Act, [Option<Handle<'_>>; 4])> {
        self.record.acts.iter().map(|act| {
            let handles = [Some(act.by), Some(act.action), act.on, act.on_behalf_of];
            (*act, handles.map(|id| id.map(|id| self.names.get(id))))
        })
    }

    /// The network address that the actor of the record at hand came from.
    #[must_use]
    pub fn address_of_record(&self) -> Option<&str> {
        let block = self.record.block.and_then(|index| self.blocks.rows.get(index));
        let claims = block.map(|block| block.claims.as_slice()).unwrap_or_default();
        let all = claims.iter().copied().chain(self.record.standing.iter().map(|(claim, _)| *claim));
        all.into_iter().find_map(|claim| match claim {
            Standing::CameFrom { from, .. } => Some(self.names.get(from).value),
            Standing::Tied { .. } | Standing::Described { .. } => None,
        })
    }

    fn happened(&mut self, event: Event) {
        self.record.events.push((event, self.record.when));
    }

    /// Reads a stretch of text that many records repeat (who acted, from where, with which client) once, and remembers
    /// what it claims and who the actor is.
    ///
    /// `text` is the stretch, in parts; the same parts always claim the same. `read` is called where they are new.
    ///
    /// # Errors
    /// Those of `read`; nothing is remembered then.
    pub fn circumstances<E>(
        &mut self,
        text: &[&str],
        read: impl FnOnce(&mut Circumstances<'_>) -> Result<Actor, E>,
    ) -> Result<Actor, E> {
        let hash = self.blocks.hash(text);
        if let Some((index, actor)) = self.blocks.find(hash) {
            self.record.block = Some(index);
            return Ok(actor);
        }
        let mut circumstances = Circumstances { names: &mut self.names, claims: Vec::new() };
        let actor = read(&mut circumstances)?;
        let claims = circumstances.claims;
        let digest = claims.iter().fold(StableHash::default(), |hash, claim| digest_standing(&self.names, hash, claim));
        self.record.block = Some(self.blocks.add(hash, Block { actor, claims, digest: digest.finish(), span: None }));
        Ok(actor)
    }

    /// What names and dates the record at hand. Call it when the source is done.
    ///
    /// `source` is the source's name, `text` the record's text: together they name a record that has no id of its own.
    #[must_use]
    pub fn stamp(&self, source: &str, text: &[&str]) -> Stamp {
        let record = &self.record;
        let of_text = || text.iter().fold(StableHash::default().text(source), |hash, part| hash.text(part)).finish();
        Stamp {
            at: record.at,
            id: if record.vendor_id { record.id } else { of_text() },
            key: low(record.key),
            claims: low(self.digest()),
            vendor_id: record.vendor_id,
            form: record.form,
            tells_of: self.tells_of(),
        }
    }

    fn tells_of(&self) -> Option<(Instant, Instant)> {
        if let Some(at) = self.record.at {
            return Some((at, at));
        }
        let standing = self.record.standing.iter().map(|(_, when)| *when);
        let times = standing.chain(self.record.events.iter().map(|(_, when)| *when)).filter_map(When::instant);
        times.fold(None, |span, at| Some(span.map_or((at, at), |(first, last)| (at.min(first), at.max(last)))))
    }

    /// Keeps what the record at hand claims, as of this horizon: acts after it are left out.
    pub fn keep(&mut self, stamp: &Stamp, horizon: Option<Instant>) {
        let evidence = stamp.evidence();
        let beyond = stamp.at.is_some_and(|at| horizon.is_some_and(|horizon| at > horizon));
        for (claim, when) in self.record.standing.drain(..) {
            self.standing.add(claim, Span::once(when, evidence));
        }
        for (event, when) in self.record.events.drain(..) {
            self.events.push(Happened { when, event, record: evidence });
        }
        let span = Span::once(stamp.at.map_or(When::UNDATED, When::at), evidence);
        for act in self.record.acts.drain(..).filter(|_| !beyond) {
            self.acts.add(act, span);
        }
        if let Some((session, act)) = self.record.mention.take() {
            self.mentions.push(Mention::new(session, act, stamp));
        }
        if let Some(block) = self.record.block.take() {
            self.blocks.saw(block, span);
        }
    }

    /// Folds what the circumstances claimed into the rest. Call it once, when all records are written.
    pub(super) fn settle(&mut self) {
        for block in std::mem::take(&mut self.blocks).rows {
            let Some(span) = block.span else { continue };
            for claim in block.claims {
                self.standing.add(claim, span);
            }
        }
    }

    fn digest(&self) -> u64 {
        let (names, record) = (&self.names, &self.record);
        let block = record.block.and_then(|index| self.blocks.rows.get(index)).map_or(0, |block| block.digest);
        let mut hash = StableHash::default().number(block);
        if let Some((session, act)) = record.mention {
            hash = hash.number(names.stable(session)).number(act);
        }
        for (claim, when) in &record.standing {
            hash = digest_standing(names, hash, claim).number(when_number(*when));
        }
        for (event, when) in &record.events {
            hash = digest_event(names, hash, event).number(when_number(*when));
        }
        for act in &record.acts {
            let handles = [Some(act.by), Some(act.action), act.on, act.on_behalf_of];
            hash = digest_handles(names, hash, 16 + act.outcome as u64, handles);
        }
        hash.finish()
    }
}

/// What can be said both of a record and of the circumstances it shares with others.
pub trait Stand {
    /// The handle of a name.
    fn handle(&mut self, kind: HandleKind, realm: &str, value: &str) -> HandleId;

    /// Claims something that holds while it is seen.
    fn stands(&mut self, claim: Standing);

    /// The handle of a word: an action, the value of a detail.
    fn word(&mut self, text: &str) -> HandleId {
        self.handle(HandleKind::Word, "", text)
    }

    /// One system itself puts `a` and `b` together.
    fn tied(&mut self, a: HandleId, tie: Tie, b: HandleId) {
        self.stands(Standing::Tied { a, b, tie });
    }

    /// A detail of someone or something. An empty value claims nothing.
    fn described(&mut self, who: HandleId, detail: Detail, value: &str) {
        if !value.is_empty() {
            let value = self.word(value);
            self.stands(Standing::Described { who, detail, value });
        }
    }

    /// Someone acted from this network address.
    fn came_from(&mut self, who: HandleId, from: HandleId) {
        self.stands(Standing::CameFrom { who, from });
    }
}

impl Stand for FactWriter {
    fn handle(&mut self, kind: HandleKind, realm: &str, value: &str) -> HandleId {
        self.names.intern(Handle { kind, realm, value })
    }

    fn stands(&mut self, claim: Standing) {
        self.record.standing.push((claim, self.record.when));
    }
}

/// Writes what a stretch of text claims whenever it is seen: standing claims only.
#[derive(Debug)]
pub struct Circumstances<'w> {
    names: &'w mut Names,
    claims: Vec<Standing>,
}

impl Stand for Circumstances<'_> {
    fn handle(&mut self, kind: HandleKind, realm: &str, value: &str) -> HandleId {
        self.names.intern(Handle { kind, realm, value })
    }

    fn stands(&mut self, claim: Standing) {
        self.claims.push(claim);
    }
}

/// A stretch of text that was read once, and how often it was seen.
#[derive(Debug)]
struct Block {
    actor: Actor,
    claims: Vec<Standing>,
    digest: u64,
    span: Option<Span>,
}

/// The stretches read so far, found by a seeded hash of 128 bits: a stranger cannot aim at it, chance does not hit it.
#[derive(Debug, Default)]
struct Blocks {
    rows: Vec<Block>,
    table: HashTable<([u64; 2], u32)>,
    seeds: [RandomState; 2],
}

impl Blocks {
    /// The first hash is of everything; the second, of some bytes of each part, makes chance hits unlikelier still and
    /// costs little.
    fn hash(&self, text: &[&str]) -> [u64; 2] {
        const SOME: usize = 16;
        let [whole, some] = &self.seeds;
        let (mut whole, mut some) = (whole.build_hasher(), some.build_hasher());
        for part in text {
            let bytes = part.as_bytes();
            whole.write(bytes);
            whole.write_usize(bytes.len());
            for at in [bytes.len() / 4, bytes.len() / 2, bytes.len() / 4 * 3] {
                some.write(bytes.get(at..).map(|rest| rest.get(..SOME).unwrap_or(rest)).unwrap_or_default());
            }
        }
        [whole.finish(), some.finish()]
    }

    fn find(&self, hash: [u64; 2]) -> Option<(usize, Actor)> {
        let (_, index) = self.table.find(hash[0], |(known, _)| *known == hash)?;
        self.rows.get(*index as usize).map(|block| (*index as usize, block.actor))
    }

    fn add(&mut self, hash: [u64; 2], block: Block) -> usize {
        let index = self.rows.len();
        self.rows.push(block);
        if let Ok(number) = u32::try_from(index) {
            self.table.insert_unique(hash[0], (hash, number), |(known, _)| known[0]);
        }
        index
    }

    fn saw(&mut self, index: usize, span: Span) {
        if let Some(block) = self.rows.get_mut(index) {
            block.span = Some(block.span.map_or(span, |before| before.and(span)));
        }
    }
}

fn digest_standing(names: &Names, hash: StableHash, claim: &Standing) -> StableHash {
    match *claim {
        Standing::Tied { a, b, tie } => digest_handles(names, hash, 64 + tie as u64, [Some(a), Some(b), None, None]),
        Standing::Described { who, detail, value } => {
            digest_handles(names, hash, 128 + detail as u64, [Some(who), Some(value), None, None])
        }
        Standing::CameFrom { who, from } => digest_handles(names, hash, 1, [Some(who), Some(from), None, None]),
    }
}

fn digest_event(names: &Names, hash: StableHash, event: &Event) -> StableHash {
    match *event {
        Event::Made { by, made, how } => {
            digest_handles(names, hash, 256 + how as u64, [Some(by), Some(made), None, None])
        }
        Event::Granted { by, to, what, how } => {
            digest_handles(names, hash, 2 + how as u64, [by, Some(to), Some(what), None])
        }
        Event::Became { by, into, how } => {
            digest_handles(names, hash, 288 + how as u64, [Some(by), Some(into), None, None])
        }
        Event::Declared { owner, owned, how, by } => {
            digest_handles(names, hash, 320 + how as u64, [Some(owner), Some(owned), by, None])
        }
        Event::Ended { who, by, how } => digest_handles(names, hash, 352 + how as u64, [Some(who), by, None, None]),
    }
}

fn digest_handles(names: &Names, hash: StableHash, tag: u64, handles: [Option<HandleId>; 4]) -> StableHash {
    handles.iter().fold(hash.number(tag), |hash, id| hash.number(id.map_or(0, |id| names.stable(id))))
}

fn when_number(when: When) -> u64 {
    when.instant().map_or(u64::MAX, |at| at.millis().unsigned_abs() << 1 | u64::from(when.happened().is_none()))
}

/// The lower half of a digest.
fn low(digest: u64) -> u32 {
    (digest & 0xffff_ffff) as u32
}
