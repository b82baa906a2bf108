//! A log of one record a line, written in the order of time although records come in only nearly so.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::clock::END;

pub(crate) struct Lines {
    file: Option<BufWriter<File>>,
    since: i64,
    held: Vec<(i64, usize, Vec<u8>)>,
    written: u64,
}

impl Lines {
    /// A log at this place; nowhere when the export is missing.
    pub(crate) fn new(path: Option<&Path>, since: i64) -> Result<Self> {
        let file = match path {
            None => None,
            Some(path) => {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                let file = File::create(path).with_context(|| format!("writing {}", path.display()))?;
                Some(BufWriter::with_capacity(1 << 20, file))
            }
        };
        Ok(Self { file, since, held: Vec::new(), written: 0 })
    }

    pub(crate) fn put(&mut self, at: i64, line: Vec<u8>) {
        if self.file.is_some() && at >= self.since && at < END {
            self.held.push((at, self.held.len(), line));
        }
    }

    /// Writes what happened before then.
    pub(crate) fn deliver(&mut self, until: i64) -> Result<()> {
        let mut due: Vec<_> = self.held.extract_if(.., |(at, _, _)| *at < until).collect();
        due.sort_by_key(|(at, order, _)| (*at, *order));
        if let Some(file) = &mut self.file {
            for (_, _, line) in due {
                file.write_all(&line)?;
                file.write_all(b"\n")?;
                self.written += 1;
            }
        }
        Ok(())
    }

    /// Writes the rest, and says how many lines there are.
    pub(crate) fn finish(mut self) -> Result<u64> {
        self.deliver(i64::MAX)?;
        if let Some(file) = &mut self.file {
            file.flush()?;
        }
        Ok(self.written)
    }
}
