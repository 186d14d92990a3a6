//! The formats of a report.

use super::{contents::Report, csv, latex, markdown, text};
use clipscope_base::display_safe::json_safe;

/// A report as two tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvTables {
    pub photos: String,
    pub numbers: String,
}

impl Report {
    /// Writes the report as indented JSON with a final newline. Texts are kept as they were found; characters that must
    /// not reach a terminal are escaped the JSON way.
    ///
    /// # Errors
    /// When a number cannot be written as JSON, which no number of the analysis is.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        let text = serde_json::to_string_pretty(self)?;
        Ok(json_safe(&text).into_owned() + "\n")
    }

    /// Writes the report as one CSV table with a header. The column `row` is `photo` in the rows of photos and `category`
    /// or `number` in the rows of single numbers, named as in the JSON report; shares have their interval and chance level.
    /// Fields are safe to open in a spreadsheet.
    #[must_use]
    pub fn csv(&self) -> String {
        csv::render(self)
    }

    /// Writes the report as two CSV tables: a row for each photo, and a row for each number. Rows and columns are those of
    /// [`Report::csv`], without the columns that the table does not use.
    #[must_use]
    pub fn csv_tables(&self) -> CsvTables {
        CsvTables { photos: csv::photos(self), numbers: csv::numbers(self) }
    }

    /// Writes the report as LaTeX tables for a document that uses booktabs.
    #[must_use]
    pub fn latex(&self) -> String {
        latex::render(self)
    }

    /// Writes the report as Markdown tables.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }

    /// Writes the report as plain text of at most 100 columns.
    #[must_use]
    pub fn text(&self) -> String {
        text::render(self)
    }
}
