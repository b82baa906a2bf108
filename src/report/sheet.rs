//! Sheets: columns and rows of plain text, for spreadsheets and Markdown pages.

use super::clean;

/// A table without any layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The names of the columns, as machine output calls them.
    pub columns: Vec<&'static str>,
    /// The rows; an unknown value is an empty cell.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// The sheet as CSV (RFC 4180), each cell safe to open in a spreadsheet.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
        // Writing into memory does not fail.
        let _ = writer.write_record(&self.columns);
        for row in &self.rows {
            let _ = writer.write_record(row.iter().map(|cell| clean::cell(cell).into_owned()));
        }
        let bytes = writer.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// The sheet as a Markdown table.
    #[must_use]
    pub fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = line(self.columns.iter().map(|column| (*column).to_owned()).collect());
        text.push_str(&line(self.columns.iter().map(|_| "---".to_owned()).collect()));
        for row in &self.rows {
            text.push_str(&line(row.iter().map(|cell| clean::markdown(cell)).collect()));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_safe() {
        let sheet = Sheet { columns: vec!["id", "name"], rows: vec![vec!["=cmd()".into(), "a,\"b\"|<c>".into()]] };
        assert_eq!(sheet.csv(), "id,name\n'=cmd(),\"a,\"\"b\"\"|<c>\"\n");
        assert_eq!(sheet.markdown(), "| id | name |\n| --- | --- |\n| =cmd() | a,\"b\"\\|&lt;c&gt; |\n");
    }
}
