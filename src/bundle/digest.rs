//! SHA-256 of the files of a bundle: what an investigator writes down before reading.

use std::fs::File;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::Bundle;
use super::listing::unreadable;

/// A file on disk and its digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileDigest {
    /// Its path inside the bundle.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal, or why it cannot be read.
    pub sha256: Result<String, String>,
}

/// The digests of all files, ordered by path. Files left out by the user are not read.
#[must_use]
pub fn digests(bundle: &Bundle) -> Vec<FileDigest> {
    let files = bundle.units().iter().filter(|unit| unit.part.is_none_or(|(_, number)| number == 0));
    let mut digests: Vec<FileDigest> = files
        .map(|unit| match digest(&unit.disk) {
            Ok((size, sha256)) => FileDigest { path: unit.shown.clone(), size, sha256: Ok(sha256) },
            Err(error) => {
                let why = unreadable(&error).to_string();
                FileDigest { path: unit.shown.clone(), size: unit.size, sha256: Err(why) }
            }
        })
        .collect();
    for (path, obstacle) in bundle.obstacles() {
        digests.push(FileDigest { path: path.clone(), size: 0, sha256: Err(obstacle.to_string()) });
    }
    digests.sort_unstable();
    digests
}

fn digest(path: &std::path::Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hasher, mut buffer, mut size) = (Sha256::new(), vec![0; 1 << 16], 0);
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        size += length as u64;
        hasher.update(buffer.get(..length).unwrap_or_default());
    }
    let hex = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((size, hex))
}
