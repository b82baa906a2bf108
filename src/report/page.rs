//! The paper that pages for people are written on: width, colour, labelled paragraphs, tables.

use comfy_table::{CellAlignment, ContentArrangement, Table};
use unicode_width::UnicodeWidthStr;

use super::clean;
use crate::base::zone::Zone;

/// How a page is to look.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Columns.
    pub width: usize,
    /// Whether escape codes for colour may be written.
    pub colour: bool,
    /// Whether whole ids are shown instead of short ones.
    pub whole_ids: bool,
    /// The zone in which times are shown.
    pub zone: Zone,
}

impl Default for Paper {
    fn default() -> Self {
        Self { width: 80, colour: false, whole_ids: false, zone: Zone::default() }
    }
}

/// What a piece of text means; the colour follows from it, and the text reads without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Somebody should look.
    Warn,
    /// Something is wrong.
    Bad,
    /// A heading or label.
    Label,
    /// Less important.
    Faint,
    /// Important.
    Strong,
}

impl Paper {
    /// The text in the colour of its tone. The text is not cleaned here.
    #[must_use]
    pub fn tone(&self, tone: Tone, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Warn => "33",
            Tone::Bad => "31;1",
            Tone::Label => "36",
            Tone::Faint => "2",
            Tone::Strong => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// A page that grows line by line.
#[derive(Debug)]
pub struct Page {
    paper: Paper,
    text: String,
}

/// The column in which a labelled paragraph's text begins.
const INDENT: usize = 11;

/// Paragraphs are no wider than this, however wide the terminal is: eyes lose long lines. Tables may be.
const READABLE: usize = 110;

impl Page {
    /// An empty page.
    #[must_use]
    pub fn new(paper: Paper) -> Self {
        Self { paper, text: String::new() }
    }

    /// The paper it is written on.
    #[must_use]
    pub fn paper(&self) -> &Paper {
        &self.paper
    }

    /// An empty line.
    pub fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A line that is already clean and coloured.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A paragraph of plain text, cleaned and wrapped, with an indent.
    pub fn paragraph(&mut self, indent: usize, text: &str) {
        for line in wrapped(&clean::terminal(text), self.readable().saturating_sub(indent)) {
            let line = format!("{:indent$}{line}", "");
            self.line(&line);
        }
    }

    /// A status, and beside it what there is to say of it, cleaned and wrapped.
    pub fn status(&mut self, (word, tone): (&str, Tone), text: &str) {
        let toned = self.paper.tone(tone, word);
        let lines = wrapped(&clean::terminal(text), self.readable().saturating_sub(word.len() + 4));
        for (at, line) in lines.iter().enumerate() {
            let margin = if at == 0 { toned.clone() } else { " ".repeat(word.len()) };
            self.line(&format!(" {margin}  {line}"));
        }
    }

    /// A labelled paragraph: the label stands in the margin of its first line. The text is cleaned and wrapped.
    pub fn labelled(&mut self, label: &str, text: &str) {
        self.labelled_in(label, text, None);
    }

    /// A labelled paragraph in a tone.
    pub fn labelled_in(&mut self, label: &str, text: &str, tone: Option<Tone>) {
        let lines = wrapped(&clean::terminal(text), self.column());
        for (at, line) in lines.iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let line = tone.map_or_else(|| line.clone(), |tone| self.paper.tone(tone, line));
            self.margin(label, &line);
        }
    }

    /// A line with a label in the margin; the line is already clean and coloured.
    pub fn margin(&mut self, label: &str, line: &str) {
        let padded = format!("{label:<width$}", width = INDENT - 2);
        let label = self.paper.tone(Tone::Label, &padded);
        let line = format!(" {label} {line}");
        self.line(&line);
    }

    /// How many columns a labelled line has.
    #[must_use]
    pub fn column(&self) -> usize {
        self.readable().saturating_sub(INDENT)
    }

    fn readable(&self) -> usize {
        self.paper.width.min(READABLE)
    }

    /// A line of two texts: one at the left, one at the right edge. Where both do not fit, the right one follows on a
    /// line of its own.
    pub fn sides(&mut self, label: &str, left: &str, right: &str, tones: (Option<Tone>, Option<Tone>)) {
        let (left, right) = (clean::terminal(left).into_owned(), clean::terminal(right).into_owned());
        let wide_right = right.width();
        let column = self.column();
        let paper = self.paper.clone();
        let toned =
            |tone: Option<Tone>, text: &str| tone.map_or_else(|| text.to_owned(), |tone| paper.tone(tone, text));
        let lines = wrapped(&left, column);
        let last = lines.len().saturating_sub(1);
        for (at, line) in lines.iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let mut text = toned(tones.0, line);
            if at == last && line.width() + 2 + wide_right <= column {
                let between = column - line.width() - wide_right;
                text = format!("{text}{:between$}{}", "", toned(tones.1, &right));
            }
            self.margin(label, &text);
        }
        if lines.last().is_some_and(|line| line.width() + 2 + wide_right > column) && wide_right > 0 {
            let before = column.saturating_sub(wide_right);
            let text = format!("{:before$}{}", "", toned(tones.1, &right));
            self.margin("", &text);
        }
    }

    /// A table: a header and rows of plain text, cleaned and fitted to the width. A row's tone colours its first cell.
    ///
    /// Narrow columns get the room they need; wide ones share what is left, their texts broken between words, and words
    /// that are too long for their column (ids) are shown by their beginning and end.
    pub fn table(&mut self, header: &[&str], rows: &[(Option<Tone>, Vec<String>)]) {
        let rows: Vec<(Option<Tone>, Vec<String>)> = rows
            .iter()
            .map(|(tone, cells)| (*tone, cells.iter().map(|text| clean::terminal(text).into_owned()).collect()))
            .collect();
        let widths = fair_widths(header, &rows, self.paper.width);
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(header.iter().zip(&widths).map(|(title, width)| fitted(title, *width)));
        for (_, cells) in &rows {
            table.add_row(cells.iter().zip(&widths).map(|(text, width)| {
                let cell = comfy_table::Cell::new(fitted(text, *width));
                // A count is written with commas; a long run of digits is an account's id.
                let digits = text.bytes().filter(u8::is_ascii_digit).count();
                let is_count = (1..7).contains(&digits) || text.contains(',');
                let number = is_count && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b',');
                if number { cell.set_alignment(CellAlignment::Right) } else { cell }
            }));
        }
        let mut next = rows.iter().peekable();
        for (at, line) in table.lines().enumerate() {
            let line = line.trim_end();
            let begins = |row: &&(Option<Tone>, Vec<String>)| {
                let first = row.1.first().and_then(|cell| cell.split(' ').next());
                first.is_some_and(|word| !word.is_empty() && line.starts_with(&format!(" {word}")))
            };
            let line = match next.peek().filter(|row| at > 0 && begins(row)).map(|row| (row.0, row.1.first())) {
                _ if at == 0 => self.paper.tone(Tone::Label, line),
                Some((Some(tone), Some(cell))) => line.replacen(cell.as_str(), &self.paper.tone(tone, cell), 1),
                _ => line.to_owned(),
            };
            if at > 0 && next.peek().is_some_and(begins) {
                next.next();
            }
            self.line(&line);
        }
    }

    /// The whole page.
    #[must_use]
    pub fn finish(self) -> String {
        self.text
    }
}

/// How wide each column of a table may be: narrow ones as wide as they are, the others alike.
fn fair_widths(header: &[&str], rows: &[(Option<Tone>, Vec<String>)], width: usize) -> Vec<usize> {
    /// What a table puts around each cell.
    const PADDING: usize = 2;
    let natural: Vec<usize> = header
        .iter()
        .enumerate()
        .map(|(column, title)| {
            let cells = rows.iter().filter_map(|(_, cells)| cells.get(column)).map(|cell| cell.width());
            cells.max().unwrap_or(0).max(title.width())
        })
        .collect();
    let longest_word = |column: usize| {
        let cells = rows.iter().filter_map(|(_, cells)| cells.get(column)).flat_map(|cell| cell.split(' '));
        // A title stays on its line where there is room.
        let title = header.get(column).map_or(0, |title| title.width());
        cells.map(|word| word.width()).max().unwrap_or(0).max(title)
    };
    let words: Vec<usize> = (0..natural.len()).map(longest_word).collect();
    let room = width.saturating_sub(PADDING * natural.len());
    if words.iter().sum::<usize>() <= room {
        return shared(&words, &natural, room);
    }
    shared(&vec![6; natural.len()], &words, room)
}

/// Shares room among columns: each has at least what it needs, and what is left goes to those that want more, the
/// easiest to content first.
fn shared(needed: &[usize], wanted: &[usize], room: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = needed.iter().zip(wanted).map(|(needed, wanted)| *needed.min(wanted)).collect();
    let mut left = room.saturating_sub(widths.iter().sum());
    let missing: Vec<usize> = wanted.iter().zip(&widths).map(|(wanted, width)| wanted.saturating_sub(*width)).collect();
    let mut order: Vec<usize> = (0..widths.len()).collect();
    order.sort_by_key(|column| missing.get(*column).copied());
    let columns = order.len();
    for (done, column) in order.into_iter().enumerate() {
        let share = left / (columns - done);
        if let (Some(width), Some(wanted)) = (widths.get_mut(column), wanted.get(column)) {
            let more = wanted.saturating_sub(*width).min(share);
            *width += more;
            left -= more;
        }
    }
    widths
}

/// A text in lines of a column's width; a word that is wider is elided.
fn fitted(text: &str, width: usize) -> String {
    let words: Vec<String> = text.split(' ').map(|word| super::text::elided(word, width)).collect();
    wrapped(&words.join(" "), width).join("\n")
}

/// Breaks a text into lines of at most this many columns, between words where it can, within a long word where it must.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(6);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let gap = usize::from(!line.is_empty());
        if line.width() + gap + word.width() <= width {
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for character in word.chars() {
            let mut buffer = [0; 4];
            if line.width() + (*character.encode_utf8(&mut buffer)).width() > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_never_pass_the_edge() {
        for line in wrapped("arn:aws:bedrock:eu-west-1:111122223333:agent/XCZ9AGUFOR was made by mira", 20) {
            assert!(line.width() <= 20, "{line}");
        }
        assert_eq!(wrapped("", 20), [""]);
        assert_eq!(wrapped("one two", 20), ["one two"]);
    }

    #[test]
    fn tables_fit_and_narrow_columns_are_not_broken() {
        let mut page = Page::new(Paper { width: 40, ..Paper::default() });
        let row = ["review", "arn:aws:bedrock:eu-west-1:111122223333:agent/X", "a Bedrock agent"];
        page.table(&["STATUS", "AGENT", "KIND"], &[(None, row.map(str::to_owned).to_vec())]);
        let text = page.finish();
        assert!(text.lines().all(|line| line.width() <= 40), "{text}");
        assert!(text.contains("review") && text.contains('…') && text.contains("Bedrock"), "{text}");
    }

    #[test]
    fn the_right_side_keeps_its_place() {
        let mut page = Page::new(Paper { width: 40, ..Paper::default() });
        page.sides("Owner", "Mira Holt", "confirmed", (None, None));
        assert_eq!(page.finish(), " Owner     Mira Holt           confirmed\n");
    }
}
