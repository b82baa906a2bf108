//! Where answers go, and where everything else goes.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::exit::Exit;
use super::global::Global;
use crate::base::disk;
use crate::base::zone::Zone;
use crate::report::clean;
use crate::report::page::{Paper, Tone};

/// Stdout and stderr, and whether people look at them.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) out: bool,
    pub(super) err: bool,
}

impl Default for Terminal {
    fn default() -> Self {
        Self { out: io::stdout().is_terminal(), err: io::stderr().is_terminal() }
    }
}

impl Terminal {
    /// The paper for a page: as wide as the terminal; without one, as wide as `$COLUMNS` says.
    pub(super) fn paper(&self, global: &Global, zone: Zone) -> Paper {
        let to_terminal = self.out && global.output.is_none();
        let width =
            if to_terminal { terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)) } else { None };
        Paper {
            width: width.unwrap_or_else(|| global.columns()).clamp(40, 400),
            colour: global.colour(to_terminal),
            whole_ids: global.ids,
            zone,
        }
    }

    /// Says something on stderr. Whether anybody can hear it does not matter.
    pub(super) fn say(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{}", clean::terminal(text));
    }

    /// A hint under a message.
    pub(super) fn hint(&self, global_colour: bool, text: &str) {
        let label = Paper { colour: global_colour && self.err, ..Paper::default() }.tone(Tone::Label, "hint:");
        let _ = writeln!(io::stderr().lock(), "{label} {}", clean::terminal(text));
    }
}

/// Why a run cannot go on.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    /// What happened, and where.
    pub(super) what: String,
    /// What to try.
    pub(super) hint: Option<String>,
}

impl Failure {
    pub(super) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(super) fn tell(&self, terminal: &Terminal) {
        terminal.say(&format!("clutch: {}", self.what));
        if let Some(hint) = &self.hint {
            terminal.hint(true, hint);
        }
    }
}

/// Writes an answer: to the file asked for, whole or not at all, or to stdout. A reader who stops reading is content.
pub(super) fn write(global: &Global, text: &str) -> Result<(), Failure> {
    let done = match &global.output {
        Some(path) => to_file(path, text),
        None => to_stdout(text),
    };
    done.map_err(|error| {
        let place = global.output.as_ref().map_or_else(|| "stdout".to_owned(), |path| path.display().to_string());
        Failure::new(Exit::Fault, format!("the answer could not be written: {place}: {}", disk::why(&error)))
    })
}

fn to_stdout(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let done = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match done {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Writes beside the file first, with a mode that only its owner may read, and then puts it in its place.
fn to_file(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
