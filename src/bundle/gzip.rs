//! Gzip: all members, and beyond a damaged one to the next.
//!
//! Reference: RFC 1952. A gzip file is a sequence of members; tools that concatenate log files make such sequences. The
//! common decoders stop at the first member, or give up at the first damaged one. Here a damaged member is noted, a line
//! break is put in its place so that no two halves of records are taken for one, and reading goes on at the next member.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

use super::trouble::{Notes, Obstacle};

/// How a member begins: magic number and the only compression method there is.
pub(super) const MAGIC: [u8; 3] = [0x1f, 0x8b, 0x08];

/// Reads all members.
pub(super) struct Members<R: BufRead> {
    state: State<R>,
    notes: Notes,
}

enum State<R: BufRead> {
    Inside(Box<GzDecoder<R>>),
    Between(R),
    /// A line break is due, then the next member.
    Broken(R),
    Done,
}

impl<R: BufRead> Members<R> {
    /// Notes what is wrong, in the order it is met.
    pub(super) fn new(reader: R, notes: Notes) -> Self {
        Self { state: State::Between(reader), notes }
    }

    /// Looks for the beginning of a member, from here or, behind a damaged one, further on.
    fn next_member(&mut self, mut reader: R, damaged: bool) -> io::Result<State<R>> {
        let head = reader.fill_buf()?;
        if head.is_empty() {
            return Ok(State::Done);
        }
        if head.starts_with(&MAGIC) {
            return Ok(State::Inside(Box::new(GzDecoder::new(reader))));
        }
        if !damaged {
            // Padding with NUL bytes is common; anything else behind the last member is worth a word.
            if skip_nul(&mut reader)? {
                return Ok(State::Done);
            }
            if reader.fill_buf()?.starts_with(&MAGIC) {
                return Ok(State::Inside(Box::new(GzDecoder::new(reader))));
            }
            self.notes.add(Obstacle::Trailing);
        }
        if skip_to_magic(&mut reader)? {
            return Ok(State::Inside(Box::new(GzDecoder::new(reader))));
        }
        Ok(State::Done)
    }
}

/// Skips NUL bytes; `true` where nothing else follows.
fn skip_nul(reader: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(true);
        }
        let (length, nul) = (buffer.len(), buffer.iter().take_while(|byte| **byte == 0).count());
        reader.consume(nul);
        if nul < length {
            return Ok(false);
        }
    }
}

/// Skips to the next beginning of a member; `false` where there is none. A beginning that lies across the borders of the
/// reader's buffer is missed: then one more member is lost, and the note on the damaged one covers it.
fn skip_to_magic(reader: &mut impl BufRead) -> io::Result<bool> {
    let mut first = true;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(false);
        }
        let skip = usize::from(first);
        first = false;
        let found = memchr::memmem::find(buffer.get(skip..).unwrap_or_default(), &MAGIC);
        let (length, at) = (buffer.len(), found.map(|at| at + skip));
        reader.consume(at.unwrap_or(length));
        if at.is_some() {
            return Ok(true);
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Ok(0),
                State::Between(reader) => self.state = self.next_member(reader, false)?,
                State::Broken(reader) => {
                    self.state = self.next_member(reader, true)?;
                    if let (State::Inside(_), Some(slot)) = (&self.state, out.first_mut()) {
                        *slot = b'\n';
                        return Ok(1);
                    }
                }
                State::Inside(mut decoder) => match decoder.read(out) {
                    Ok(0) => self.state = State::Between(decoder.into_inner()),
                    Ok(length) => {
                        self.state = State::Inside(decoder);
                        return Ok(length);
                    }
                    Err(error) => {
                        let cut = error.kind() == io::ErrorKind::UnexpectedEof;
                        let obstacle = if cut { Obstacle::CutShort } else { Obstacle::Corrupt(error.to_string()) };
                        self.notes.add(obstacle);
                        self.state = State::Broken(decoder.into_inner());
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn member(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).expect("memory");
        encoder.finish().expect("memory")
    }

    fn read(bytes: &[u8]) -> (String, Vec<Obstacle>) {
        let (notes, mut text) = (Notes::default(), String::new());
        Members::new(bytes, notes.clone()).read_to_string(&mut text).expect("memory");
        (text, notes.take())
    }

    #[test]
    fn all_members_and_padding() {
        let bytes = [member("one\n"), member("two\n"), vec![0; 9]].concat();
        assert_eq!(read(&bytes), ("one\ntwo\n".to_owned(), Vec::new()));
    }

    #[test]
    fn beyond_a_damaged_member() {
        let text: String = (0..2000).map(|number| format!("{}\n", number * 7919)).collect();
        let mut bytes = [member(&text), member("after\n")].concat();
        bytes[1500] ^= 0x55;
        bytes[1501] ^= 0xaa;
        let (text, obstacles) = read(&bytes);
        assert!(text.ends_with("after\n") && !obstacles.is_empty(), "{obstacles:?}");
    }

    #[test]
    fn cut_short() {
        let whole = member("some text that is long enough to be cut somewhere in the middle of it\n");
        let (_, obstacles) = read(&whole[..whole.len() - 12]);
        assert_eq!(obstacles, [Obstacle::CutShort]);
        let (_, obstacles) = read(&[member("x\n"), b"rubbish".to_vec()].concat());
        assert_eq!(obstacles, [Obstacle::Trailing]);
    }
}
