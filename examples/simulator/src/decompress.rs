//! The floor of every benchmark: decompress each `.gz` file below a folder, and nothing else.
//!
//! Whole files, largest first, into buffers that each thread keeps. A reader of these files cannot be faster than this
//! with the same library.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    pub(crate) read: u64,
    pub(crate) written: u64,
}

/// Decompresses everything below a folder and says how much that was.
pub(crate) fn run(folder: &Path, threads: usize) -> Result<()> {
    let begun = Instant::now();
    let files = find(folder)?;
    let total = all(&files, threads)?;
    let took = begun.elapsed().as_secs_f64();
    let rate = total.written as f64 / took.max(1e-9) / 1e9;
    writeln!(
        io::stdout().lock(),
        "{} files, {} bytes in, {} bytes out, {took:.3} s, {rate:.2} GB/s out, {threads} threads",
        files.len(),
        total.read,
        total.written
    )?;
    Ok(())
}

/// The `.gz` files below a folder, largest first.
fn find(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "gz") {
                found.push((entry.metadata()?.len(), path));
            }
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

fn all(files: &[PathBuf], threads: usize) -> Result<Bytes> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<Bytes> {
        let mut worker = Worker::default();
        while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            worker.file(path).with_context(|| format!("decompressing {}", path.display()))?;
        }
        Ok(worker.done)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_fold(Bytes::default(), |sum, worker| match worker.join() {
            Ok(done) => done.map(|d| Bytes { read: sum.read + d.read, written: sum.written + d.written }),
            Err(_) => bail!("a worker stopped"),
        })
    })
}

#[derive(Default)]
struct Worker {
    packed: Vec<u8>,
    plain: Vec<u8>,
    done: Bytes,
}

impl Worker {
    fn file(&mut self, path: &Path) -> Result<()> {
        self.packed.clear();
        fs::File::open(path)?.read_to_end(&mut self.packed)?;
        let size = plain_size(&self.packed)?;
        if self.plain.len() < size {
            self.plain.resize(size, 0);
        }
        let mut unpacker = libdeflater::Decompressor::new();
        let written = unpacker.gzip_decompress(&self.packed, &mut self.plain[..size])?;
        self.done.read += self.packed.len() as u64;
        self.done.written += written as u64;
        Ok(())
    }
}

/// A gzip member ends with the length of what it holds.
fn plain_size(packed: &[u8]) -> Result<usize> {
    match packed.last_chunk::<4>() {
        Some(&bytes) => Ok(u32::from_le_bytes(bytes) as usize),
        None => bail!("too short for gzip"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_it_decompressed_and_refuses_damage() {
        let folder = tempfile::tempdir().unwrap();
        let text = b"{\"Records\":[]}".repeat(1000);
        let mut packer = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
        let mut packed = vec![0; packer.gzip_compress_bound(text.len())];
        let size = packer.gzip_compress(&text, &mut packed).unwrap();
        packed.truncate(size);
        fs::create_dir(folder.path().join("below")).unwrap();
        for name in ["a.json.gz", "below/b.json.gz"] {
            fs::write(folder.path().join(name), &packed).unwrap();
        }
        fs::write(folder.path().join("c.json"), b"not counted").unwrap();
        let files = find(folder.path()).unwrap();
        let expected = Bytes { read: 2 * size as u64, written: 2 * text.len() as u64 };
        assert_eq!(all(&files, 2).unwrap(), expected);

        packed[size / 2] ^= 0xFF;
        fs::write(folder.path().join("a.json.gz"), &packed).unwrap();
        assert!(all(&files, 2).is_err());
    }
}
