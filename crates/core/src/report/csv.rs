//! The report as tables for spreadsheets: a row for each photo, and a row for each number.
//!
//! Two tables, or both kinds of row in one: CSV readers expect every line to have the columns of the first, so a stream is one
//! table. There the column `row` tells the two kinds apart, and columns that a row does not use are empty.

use super::contents::Report;
use super::number_list::{self, Number, ReportNumber};
use clipscope_base::display_safe::csv_safe;

/// The columns of both kinds of row.
const WHOLE: [&str; 24] = [
    "row",
    "file",
    "category",
    "caption",
    "rank",
    "margin",
    "category_correct",
    "best_caption",
    "best_caption_file",
    "best_score",
    "best_confidence",
    "bridge_two_afc",
    "bridge_two_afc_low",
    "bridge_two_afc_high",
    "bridge_two_afc_chance",
    "approach",
    "number",
    "value",
    "low",
    "high",
    "hits",
    "n",
    "chance",
    "models",
];

const OF_PHOTOS: [&str; 16] = [
    "row",
    "file",
    "category",
    "caption",
    "rank",
    "margin",
    "category_correct",
    "best_caption",
    "best_caption_file",
    "best_score",
    "best_confidence",
    "bridge_two_afc",
    "bridge_two_afc_low",
    "bridge_two_afc_high",
    "bridge_two_afc_chance",
    "models",
];

const OF_NUMBERS: [&str; 12] = [
    "row", "approach", "number", "category", "file", "value", "low", "high", "hits", "n", "chance", "models",
];

/// Both kinds of row in one table.
pub(super) fn render(report: &Report) -> String {
    write(&WHOLE, photo_rows(report).chain(number_rows(report)), report)
}

pub(super) fn photos(report: &Report) -> String {
    write(&OF_PHOTOS, photo_rows(report), report)
}

pub(super) fn numbers(report: &Report) -> String {
    write(&OF_NUMBERS, number_rows(report), report)
}

fn photo_rows(report: &Report) -> impl Iterator<Item = Fields> {
    (0..report.dataset.items.len()).map(|index| photo(report, index))
}

fn number_rows(report: &Report) -> impl Iterator<Item = Fields> {
    number_list::numbers(report).into_iter().map(|number| row(&number))
}

fn write(columns: &[&str], rows: impl Iterator<Item = Fields>, report: &Report) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let models = text(&report.models_name());
    // Writing to memory fails only for a row of another length, and all rows have the header's.
    let _ = writer.write_record(columns);
    for fields in rows {
        let _ = writer.write_record(fill(columns, fields, &models));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// The fields of a row that are not empty, by column.
type Fields = Vec<(&'static str, String)>;

fn fill(columns: &[&str], fields: Fields, models: &str) -> Vec<String> {
    let mut record = vec![String::new(); columns.len()];
    for (column, value) in fields.into_iter().chain([("models", models.to_owned())]) {
        if let Some(position) = columns.iter().position(|name| *name == column) {
            record[position] = value;
        }
    }
    record
}

/// The row of a photo. Items, matrix rows and `index` have the same order.
fn photo(report: &Report, index: usize) -> Fields {
    let item = &report.dataset.items[index];
    let image = report.evaluation.clip.as_ref().and_then(|clip| clip.images.get(index));
    let best = image.and_then(|image| image.top_k.first());
    let bridge = report.evaluation.bridge.as_ref();
    let two_afc = bridge
        .and_then(|bridge| bridge.images.iter().find(|image| image.index == index))
        .and_then(|image| image.two_afc);
    vec![
        ("row", "photo".into()),
        ("file", text(&item.file)),
        ("category", text(&item.category)),
        ("caption", text(&item.captions.join(" | "))),
        ("rank", shown(image.and_then(|image| image.rank))),
        ("margin", number(image.and_then(|image| image.margin))),
        ("category_correct", shown(image.and_then(|image| image.category_correct))),
        ("best_caption", text(best.map_or("", |best| best.caption.as_str()))),
        ("best_caption_file", text(best.map_or("", |best| best.file.as_str()))),
        ("best_score", number(best.map(|best| f64::from(best.score)))),
        ("best_confidence", number(best.map(|best| best.confidence))),
        ("bridge_two_afc", number(two_afc.map(|share| share.value))),
        ("bridge_two_afc_low", number(two_afc.map(|share| share.lo))),
        ("bridge_two_afc_high", number(two_afc.map(|share| share.hi))),
        ("bridge_two_afc_chance", number(two_afc.map(|share| share.chance))),
    ]
}

fn row(found: &ReportNumber) -> Fields {
    vec![
        ("row", if found.category.is_some() { "category" } else { "number" }.into()),
        ("file", text(found.file.as_deref().unwrap_or_default())),
        ("category", text(found.category.as_deref().unwrap_or_default())),
        ("approach", found.approach.into()),
        ("number", found.name.clone()),
        ("value", value(found.value)),
        ("low", number(found.low)),
        ("high", number(found.high)),
        ("hits", shown(found.hits)),
        ("n", shown(found.n)),
        ("chance", number(found.chance)),
    ]
}

fn value(value: Option<Number>) -> String {
    match value {
        Some(Number::Whole(value)) => value.to_string(),
        Some(Number::Real(value)) => number(Some(value)),
        None => String::new(),
    }
}

fn number(value: Option<f64>) -> String {
    value.map(|value| format!("{value:.6}")).unwrap_or_default()
}

fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn text(value: &str) -> String {
    csv_safe(value).into_owned()
}
