//! Logs that clouds lay down as one file an hour, a record a line: diagnostic settings of Azure, log sinks of Google Cloud.
//!
//! Inside an hour nothing is sorted, and about one line in four hundred is delivered twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::clock::{self, END, HOUR};
use crate::dice::Dice;

/// How a log names its files.
#[derive(Clone, Debug)]
pub(crate) enum Naming {
    /// `insights-logs-…/tenantId=…/y=2026/m=09/d=14/h=08/m=00/PT1H.json`
    Azure { container: &'static str, of: String },
    /// `cloudaudit.googleapis.com/activity/2026/09/14/08_00_00_08_59_59_S0.json`, as it arrives where a name must not
    /// have colons.
    Google { stream: &'static str },
}

impl Naming {
    fn file(&self, hour: i64) -> PathBuf {
        let when = clock::civil(hour);
        let (day, h) = (clock::folder(hour), when.hour);
        match self {
            Self::Azure { container, of } => PathBuf::from(format!(
                "{container}/{of}/y={:04}/m={:02}/d={:02}/h={h:02}/m=00/PT1H.json",
                when.year, when.month, when.day
            )),
            Self::Google { stream } => {
                PathBuf::from(format!("cloudaudit.googleapis.com/{stream}/{day}/{h:02}_00_00_{h:02}_59_59_S0.json"))
            }
        }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Written {
    /// Records in the files, second copies included.
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

/// One log, with what is still to be written by the hour it belongs to.
struct Log {
    naming: Naming,
    held: BTreeMap<i64, Vec<Vec<u8>>>,
}

pub(crate) struct Hourly {
    root: Option<PathBuf>,
    since: i64,
    dice: Dice,
    logs: Vec<Log>,
    accepted: u64,
    done: Written,
}

impl Hourly {
    /// Logs below this folder; nowhere when the export is missing.
    pub(crate) fn new(root: Option<&Path>, since: i64, dice: Dice, names: Vec<Naming>) -> Self {
        let logs = names.into_iter().map(|naming| Log { naming, held: BTreeMap::new() }).collect();
        Self { root: root.map(Path::to_path_buf), since, dice, logs, accepted: 0, done: Written::default() }
    }

    /// Whether anything is written at all.
    pub(crate) fn wanted(&self) -> bool {
        self.root.is_some()
    }

    /// Records of this time and before, taken so far.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted
    }

    pub(crate) fn put(&mut self, log: usize, at: i64, line: Vec<u8>) {
        if self.root.is_some() && at >= self.since && at < END {
            self.logs[log].held.entry(at - at.rem_euclid(HOUR)).or_default().push(line);
        }
    }

    /// How many records of this hour are waiting.
    pub(crate) fn waiting(&self, hour: i64) -> u64 {
        self.logs.iter().map(|log| log.held.get(&hour).map_or(0, |lines| lines.len() as u64)).sum()
    }

    /// Writes the hours that are over.
    pub(crate) fn deliver(&mut self, until: i64) -> Result<()> {
        let Some(root) = &self.root else { return Ok(()) };
        for Log { naming, held } in &mut self.logs {
            while let Some(entry) = held.first_entry().filter(|entry| *entry.key() < until) {
                let (hour, mut lines) = entry.remove_entry();
                self.accepted += lines.len() as u64;
                let again: Vec<Vec<u8>> = lines.iter().filter(|_| self.dice.below(400) == 0).cloned().collect();
                lines.extend(again);
                self.dice.shuffle(&mut lines);
                let path = root.join(naming.file(hour));
                let text = joined(&lines);
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
                }
                fs::write(&path, &text).with_context(|| format!("writing {}", path.display()))?;
                self.done.records += lines.len() as u64;
                self.done.bytes += text.len() as u64;
            }
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Written> {
        self.deliver(i64::MAX)?;
        Ok(self.done)
    }
}

fn joined(lines: &[Vec<u8>]) -> Vec<u8> {
    let mut text = Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text
}
