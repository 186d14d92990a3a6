//! `clipscope dataset check`: shows what was understood of a folder or manifest, before anything is embedded. Of each photo,
//! only the headers are read.

use std::fmt::Write as _;

use serde::Serialize;

use super::args::DatasetCommand;
use super::common::Common;
use super::failure::Failure;
use super::output::print;
use super::run;
use clipscope_base::display_safe::{display_path, display_safe};
use clipscope_base::words::count;
use clipscope_core::dataset::{Dataset, DatasetError, DatasetSummary, PhotoReader};
use clipscope_networks::{DecodeLimits, check_photo};

/// Rows listed as text; `-v` and JSON list all.
const LISTED: usize = 20;

/// The answer, as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    schema: u32,
    usable: bool,
    /// Why the data set could not be read at all.
    error: Option<String>,
    dataset: Option<&'a DatasetSummary>,
}

/// The exit code: 0, or 3 where no photo is usable.
pub(super) fn run(command: &DatasetCommand, common: &Common) -> Result<u8, Failure> {
    let DatasetCommand::Check { path, json, pick, .. } = command;
    run::refuse_index(path)?;
    let limits = DecodeLimits::default();
    let inspect = |photo: &mut PhotoReader| check_photo(photo, &limits).map_err(|error| error.to_string());
    let found = Dataset::check(path, &run::open_options(pick, common), &inspect);
    let usable = found.as_ref().is_ok_and(|summary| summary.images > 0);
    if *json {
        let answer = Answer {
            schema: 1,
            usable,
            error: found.as_ref().err().map(DatasetError::to_string),
            dataset: found.as_ref().ok(),
        };
        let text = serde_json::to_string_pretty(&answer).map_err(Failure::input)? + "\n";
        print(text.as_bytes())?;
    } else if let Ok(summary) = &found {
        print(plain(summary, common.verbose > 0).as_bytes())?;
    }
    found?;
    if usable {
        return Ok(0);
    }
    let path = display_path(path);
    Err(Failure::input(format!("{path}: no usable photo; add photos, or fix those that were left out")))
}

/// The answer as text. Writing to a `String` cannot fail, so the results of `writeln!` are dropped.
fn plain(summary: &DatasetSummary, all: bool) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}: {}", display_safe(&summary.path), summary.kind);
    if let Some(selection) = &summary.selection {
        let _ = writeln!(out, "selected    {selection}");
    }
    let _ = writeln!(out, "photos      {}", summary.images);
    let without = match summary.images_without_captions {
        0 => String::new(),
        without => format!(" (photos without one: {without})"),
    };
    let _ = writeln!(out, "captions    {}{without}", summary.captions);
    let _ = writeln!(out, "categories  {}", summary.categories.len());
    let rows = summary.categories.iter().map(|category| {
        let (photos, captions) = (count(category.images, "photo"), count(category.captions, "caption"));
        format!("{}: {photos}, {captions}", category.category)
    });
    list(&mut out, rows, all);
    let _ = writeln!(out, "left out    {}", summary.skipped.len());
    list(
        &mut out,
        summary.skipped.iter().map(|row| format!("{}: {}", row.file, row.reason_behind_file())),
        all,
    );
    let _ = writeln!(out, "\nWhat a report can say");
    for scope in &summary.scopes {
        let sign = if scope.possible { "yes" } else { "no" };
        let _ = writeln!(out, "  {:<9} {sign:<4} {}", scope.approach, scope.what);
    }
    for note in &summary.notes {
        let _ = writeln!(out, "  note: {note}");
    }
    out
}

fn list(out: &mut String, rows: impl ExactSizeIterator<Item = String>, all: bool) {
    let rest = if all { 0 } else { rows.len().saturating_sub(LISTED) };
    for row in rows.take(if all { usize::MAX } else { LISTED }) {
        let _ = writeln!(out, "  {}", display_safe(&row));
    }
    if rest > 0 {
        let _ = writeln!(out, "  and {rest} more; -v lists all");
    }
}
