//! Paths that were given: what is wrong with one, where exactly, and what to try.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::output::Failure;
use crate::base::disk;

/// Looks whether what is to be read can be read: a folder listed, a file opened.
pub(super) fn readable(path: &Path, takes: &str) -> Result<(), Failure> {
    let opened = fs::metadata(path).and_then(|meta| match meta.file_type() {
        kind if kind.is_dir() => fs::read_dir(path).map(drop),
        kind if kind.is_file() => fs::File::open(path).map(drop),
        // Opening a pipe would wait for its writer.
        _ => Err(Error::from(ErrorKind::Unsupported)),
    });
    opened.map_err(|error| {
        let why = why(path, &error);
        let hint = tried(path, &error).unwrap_or_else(|| takes.to_owned());
        Failure::new(Exit::Unread, format!("cannot be read: {}: {why}", path.display())).hint(hint)
    })
}

/// Looks before any work is done whether an answer can be put where it is wanted.
pub(super) fn writable(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |why: String, hint: &str| {
        Err(Failure::new(Exit::Fault, format!("the answer could not be written: {}: {why}", path.display())).hint(hint))
    };
    if path.is_dir() {
        return failed("a folder, not a file".to_owned(), "-o takes the name of a file");
    }
    match fs::metadata(folder) {
        Ok(meta) if meta.is_dir() => Ok(()),
        Ok(_) => failed(format!("{} is a file, not a folder", folder.display()), "-o writes a file into a folder"),
        Err(error) => {
            let hint = format!("-o makes no folders: mkdir -p {}", folder.display());
            failed(format!("{}: {}", folder.display(), disk::why(&error)), &hint)
        }
    }
}

/// Why a path cannot be had.
fn why(path: &Path, error: &Error) -> String {
    if error.kind() == ErrorKind::Unsupported {
        return "a device, pipe or socket".to_owned();
    }
    match fs::read_link(path) {
        Ok(target) if error.kind() == ErrorKind::NotFound => {
            format!("a link to {}, which is not there", target.display())
        }
        _ => disk::why(error),
    }
}

/// What to try, where the way to the path says it.
fn tried(path: &Path, error: &Error) -> Option<String> {
    match error.kind() {
        ErrorKind::Unsupported => Some("write what it gives to a file first, and name that".to_owned()),
        ErrorKind::PermissionDenied => {
            Some("run clutch as somebody who may read it, or copy the exports to where you may".to_owned())
        }
        ErrorKind::NotADirectory => {
            let file = path.ancestors().find(|above| above.is_file())?;
            Some(format!("{} is a file; an archive is read whole: -b {}", file.display(), file.display()))
        }
        ErrorKind::NotFound if path.starts_with("~") => {
            Some(format!("the shell did not replace ~; try $HOME/{}", path.strip_prefix("~").ok()?.display()))
        }
        ErrorKind::NotFound if !path.as_os_str().is_empty() && !path.is_symlink() => {
            let whole = std::env::current_dir().map_or_else(|_| PathBuf::from(path), |here| here.join(path));
            let above = whole.ancestors().skip(1).find(|above| above.is_dir())?;
            let next = whole.strip_prefix(above).ok()?.components().next()?;
            Some(format!("{} is there, and holds no {}", above.display(), next.as_os_str().display()))
        }
        _ => None,
    }
}
