//! The trails: records go in as they happen and come out as files, late, out of order, and some of them twice.
//!
//! One open file per account, region and trail. CloudTrail delivers a record some minutes after the act, one in a
//! hundred hours later, one in two thousand days later, and never sorts inside a file. On one Tuesday in four a second
//! trail is on, which delivers every record again, with the same id and content, into files of its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use libdeflater::{CompressionLvl, Compressor};

use crate::clock::{self, DAY, END, HOUR, MINUTE};
use crate::dice::{ALNUM, Dice};
use crate::world::{ACCOUNTS, GLOBAL, HOME};

const REGIONS: [&str; 2] = [HOME, GLOBAL];
const TRAILS: [&str; 2] = ["aws", "aws/org-trail"];

struct Held {
    due: i64,
    order: u64,
    bytes: Vec<u8>,
}

/// Records on their way to one file after another.
struct Lane {
    account: usize,
    region: usize,
    trail: usize,
    held: Vec<Held>,
    open: Vec<u8>,
    records: u64,
    target: u64,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Written {
    /// Records in the files, second copies included.
    pub(crate) records: u64,
    pub(crate) duplicates: u64,
    pub(crate) files: u64,
    pub(crate) plain_bytes: u64,
    pub(crate) packed_bytes: u64,
}

pub(crate) struct Delivery {
    /// Nowhere when the trails are not exported.
    root: Option<PathBuf>,
    seed: u64,
    dice: Dice,
    lanes: Vec<Lane>,
    /// Accounts whose trails were not exported.
    missing: Option<usize>,
    /// Nothing from before this time was exported.
    since: i64,
    packer: Compressor,
    packed: Vec<u8>,
    accepted: u64,
    done: Written,
}

impl Delivery {
    pub(crate) fn new(root: Option<&Path>, seed: u64, since: i64, missing: Option<usize>) -> Self {
        let mut lanes = Vec::new();
        for trail in 0..TRAILS.len() {
            for account in 0..ACCOUNTS.len() {
                for region in 0..REGIONS.len() {
                    let (held, open) = (Vec::new(), Vec::new());
                    lanes.push(Lane { account, region, trail, held, open, records: 0, target: 2000 });
                }
            }
        }
        Self {
            root: root.map(Path::to_path_buf),
            seed,
            dice: Dice::new(seed, &[5]),
            lanes,
            missing,
            since,
            packer: Compressor::new(CompressionLvl::default()),
            packed: Vec::new(),
            accepted: 0,
            done: Written::default(),
        }
    }

    /// Whether a record of this account and time gets into the bundle.
    pub(crate) fn sees(&self, account: usize, at: i64) -> bool {
        self.root.is_some() && at >= self.since && at < END && self.missing != Some(account)
    }

    /// Records taken so far, second copies included.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted
    }

    pub(crate) fn put(&mut self, account: usize, region: &str, at: i64, bytes: Vec<u8>) {
        if !self.sees(account, at) {
            return;
        }
        let region = usize::from(region == GLOBAL);
        if self.second_trail(at) {
            self.done.duplicates += 1;
            self.hold(1, account, region, at, bytes.clone());
        }
        self.hold(0, account, region, at, bytes);
    }

    fn second_trail(&self, at: i64) -> bool {
        let week = at.div_euclid(7 * DAY) as u64;
        clock::weekday(at) == 1 && week.wrapping_add(self.seed).is_multiple_of(4)
    }

    fn hold(&mut self, trail: usize, account: usize, region: usize, at: i64, bytes: Vec<u8>) {
        self.accepted += 1;
        let late = match self.dice.below(2000) {
            0 => self.dice.between(6 * HOUR, 3 * DAY),
            1..=20 => self.dice.between(HOUR, 6 * HOUR),
            _ => self.dice.between(2 * MINUTE, 12 * MINUTE),
        };
        let due = at + late;
        // Five minutes of records land in one heap, in no order.
        let order = (due.div_euclid(5 * MINUTE) as u64) << 32 | self.dice.below(1 << 32);
        let lane = (trail * ACCOUNTS.len() + account) * REGIONS.len() + region;
        self.lanes[lane].held.push(Held { due, order, bytes });
    }

    /// Writes what is due by then; whole files, and the rest of a day at its end.
    pub(crate) fn deliver(&mut self, until: i64) -> Result<()> {
        let ends_day = until.rem_euclid(DAY) == 0;
        for index in 0..self.lanes.len() {
            let lane = &mut self.lanes[index];
            let mut due: Vec<Held> = lane.held.extract_if(.., |held| held.due < until).collect();
            due.sort_by_key(|held| held.order);
            for held in due {
                self.append(index, &held, until)?;
            }
            if ends_day {
                self.close(index, until - MINUTE)?;
            }
        }
        Ok(())
    }

    /// The end of the export: what was still on its way is in the last file.
    pub(crate) fn finish(mut self) -> Result<Written> {
        self.deliver(END + 30 * DAY)?;
        for index in 0..self.lanes.len() {
            self.close(index, END - MINUTE)?;
        }
        Ok(self.done)
    }

    fn append(&mut self, index: usize, held: &Held, until: i64) -> Result<()> {
        let lane = &mut self.lanes[index];
        lane.open.extend_from_slice(if lane.records == 0 { b"{\"Records\":[" } else { b"," });
        lane.open.extend_from_slice(&held.bytes);
        lane.records += 1;
        if lane.records >= lane.target {
            self.close(index, held.due.min(until).min(END - MINUTE))?;
        }
        Ok(())
    }

    fn close(&mut self, index: usize, at: i64) -> Result<()> {
        let random = self.dice.word(16, ALNUM);
        let lane = &mut self.lanes[index];
        let Some(root) = self.root.as_deref().filter(|_| lane.records > 0) else { return Ok(()) };
        lane.open.extend_from_slice(b"]}");
        let at = at.min(END - MINUTE);
        let (account, region) = (ACCOUNTS[lane.account], REGIONS[lane.region]);
        let prefix = if lane.trail == 1 { "AWSLogs/o-example0001" } else { "AWSLogs" };
        let folder = root.join(TRAILS[lane.trail]).join(prefix).join(account).join("CloudTrail").join(region);
        let folder = folder.join(clock::folder(at));
        let name = format!("{account}_CloudTrail_{region}_{}_{random}.json.gz", clock::stamp(at));
        self.packed.resize(self.packer.gzip_compress_bound(lane.open.len()), 0);
        let size = self.packer.gzip_compress(&lane.open, &mut self.packed)?;
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let path = folder.join(name);
        fs::write(&path, &self.packed[..size]).with_context(|| format!("writing {}", path.display()))?;
        self.done.records += lane.records;
        self.done.files += 1;
        self.done.plain_bytes += lane.open.len() as u64;
        self.done.packed_bytes += size as u64;
        lane.open.clear();
        lane.records = 0;
        lane.target = 1000 + self.dice.below(2001);
        Ok(())
    }
}
