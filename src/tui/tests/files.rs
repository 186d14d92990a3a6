//! Files that the dashboard writes: captions that are saved, and exports.

use super::support::{Harness, many, twenty};
use super::typing::types;
use crate::tui::keymap::Mode;
use crate::tui::{Action, Command, Effect, update};
use clipscope_core::dataset::{Dataset, OpenOptions};

#[test]
fn leaving_with_an_unsaved_caption_asks_once() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::EditCaption]);
    types(&mut harness, "!");
    harness.does(&[Command::Keep, Command::Quit]);
    assert_eq!(harness.left, None);
    assert!(harness.screen().contains("w saves"));
    harness.does(&[Command::Down, Command::Quit]);
    assert_eq!(harness.left, None, "another key has been pressed since");
    harness.does(&[Command::Quit]);
    assert!(harness.left.is_some());
}

#[test]
fn the_photos_that_ship_are_not_written_to() {
    let mut harness = Harness::finished(Dataset::bundled(), 80, 24);
    harness.does(&[Command::EditCaption]);
    types(&mut harness, "!");
    harness.does(&[Command::Keep, Command::Save]);
    let notice = harness.app.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
    assert!(notice.contains("not saved") && notice.contains("--captions"), "{notice}");
    assert_eq!(harness.app.unsaved(), 1);
}

#[test]
fn a_saved_caption_is_in_the_file_and_the_old_file_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["one.png", "two.png"] {
        image::RgbImage::new(4, 4).save(folder.path().join(name)).expect("written");
    }
    let manifest = folder.path().join("dataset.json");
    let old = r#"{"things": [
  {"filename": "one.png", "description": "the first thing"},
  {"filename": "two.png", "description": ["the second thing", "another view"]}
]}"#;
    std::fs::write(&manifest, old).expect("written");
    let dataset = Dataset::open(folder.path(), &OpenOptions::default()).expect("a data set");
    let mut harness = Harness::finished(dataset, 80, 24);
    harness.does(&[Command::RowEnd, Command::EditCaption]);
    types(&mut harness, " from above");
    harness.does(&[Command::Keep]);
    assert_eq!(
        std::fs::read_to_string(&manifest).expect("read"),
        old,
        "nothing is written before it is asked for"
    );
    harness.does(&[Command::Save]);
    let new = std::fs::read_to_string(&manifest).expect("read");
    assert!(new.contains("another view from above") && new.contains("the second thing"), "{new}");
    assert_eq!(std::fs::read_to_string(folder.path().join("dataset.json.bak")).expect("kept"), old);
    assert_eq!(harness.app.unsaved(), 0);
    harness.does(&[Command::Save]);
    assert!(harness.app.notice.as_ref().is_some_and(|notice| notice.text.contains("as it is in the file")));
}

#[test]
fn captions_saved_together_leave_the_old_file_beside_the_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    image::RgbImage::new(4, 4).save(folder.path().join("one.png")).expect("written");
    let file = folder.path().join("one.txt");
    std::fs::write(&file, "red\nblue\ngreen\n").expect("written");
    let dataset = Dataset::open(folder.path(), &OpenOptions::default()).expect("a data set");
    let mut harness = Harness::finished(dataset, 80, 24);
    for text in ["blue", "red"] {
        harness.does(&[Command::EditCaption, Command::ClearLine]);
        types(&mut harness, text);
        harness.does(&[Command::Keep, Command::Right]);
    }
    harness.does(&[Command::Save]);
    let notice = harness.app.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
    assert!(notice.starts_with("2 captions are saved in "), "{notice}");
    assert_eq!(std::fs::read_to_string(&file).expect("read"), "blue\nred\ngreen\n");
    let old = std::fs::read_to_string(folder.path().join("one.txt.bak")).expect("kept");
    assert_eq!(old, "red\nblue\ngreen\n");
    assert_eq!(harness.app.unsaved(), 0);

    // The file is another one meanwhile: nothing of it is replaced, and the edit stays unsaved.
    std::fs::write(&file, "of someone else\n").expect("written");
    harness.does(&[Command::EditCaption]);
    types(&mut harness, " grass");
    harness.does(&[Command::Keep, Command::Save]);
    let notice = harness.app.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
    assert!(notice.contains("save the caption by hand"), "{notice}");
    assert_eq!(std::fs::read_to_string(&file).expect("read"), "of someone else\n");
    assert_eq!(harness.app.unsaved(), 1);
}

#[test]
fn what_is_on_screen_is_exported_in_its_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut harness = Harness::finished(twenty(), 120, 40);
    harness.app.export_folder = folder.path().to_owned();
    harness.does(&[Command::Down, Command::Export]);
    assert_eq!(harness.app.mode(), Mode::Export);
    assert!(harness.screen().contains("c CSV"));
    harness.does(&[Command::ExportCsv]);
    assert_eq!(harness.app.mode(), Mode::Main);
    let text = std::fs::read_to_string(folder.path().join("clipscope-clip.csv")).expect("written");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 21);
    let corner = "mini (two networks that never met, joined through class names)";
    assert!(
        lines[0].starts_with(&format!("\"{corner}\",a plane that is a blue biplane in airplanes,")),
        "{}",
        lines[0]
    );
    let row: Vec<&str> = lines[2].split(',').collect();
    assert_eq!((row.len(), row[0]), (21, "airplanes/grey-jet.jpg"));
    assert_eq!(row[1].parse::<f32>().ok(), harness.app.score(1, 0));

    harness.does(&[Command::Export, Command::ExportJson, Command::Export, Command::ExportJson]);
    let json = std::fs::read_to_string(folder.path().join("clipscope-clip-2.json")).expect("a second file");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["rows"][1]["file"], "airplanes/grey-jet.jpg");
    assert_eq!(json["cols"][0]["caption"], "a plane that is a blue biplane in airplanes");
    assert_eq!(json["cursor"], serde_json::json!([1, 0]));
    assert_eq!(json["models"], "mini");
    assert_eq!(json["scores"].as_array().map(Vec::len), Some(20));
    assert_eq!(json["lists"][0]["entries"][0]["mark"], "right");
}

#[test]
fn an_export_says_why_it_was_not_written() {
    let mut harness = Harness::finished(twenty(), 200, 40);
    harness.app.export_folder = "/nonexistent\u{1b}[31m".into();
    harness.does(&[Command::Export, Command::ExportCsv]);
    assert!(harness.screen().contains("/nonexistent⟨U+001B⟩[31m/clipscope-clip.csv: cannot be written"));
    harness.does(&[Command::Export, Command::ExportPng]);
    assert!(harness.screen().contains("no plotter"), "this engine has none");
    harness.does(&[Command::Export, Command::Back]);
    assert_eq!(harness.app.mode(), Mode::Main);
}

#[test]
fn a_hostile_caption_is_no_formula_in_a_spreadsheet() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut harness = Harness::finished(super::support::hostile(), 120, 40);
    harness.app.export_folder = folder.path().to_owned();
    harness.does(&[Command::Export, Command::ExportCsv]);
    let text = std::fs::read_to_string(folder.path().join("clipscope-clip.csv")).expect("written");
    assert!(text.contains("'=1+1") && !text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    // What is copied goes into a spreadsheet too.
    let effects = update(&mut harness.app, Action::Do(Command::Copy));
    let copied = effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text),
        _ => None,
    });
    assert!(copied.is_some_and(|text| text.contains("\t'=1+1")), "{copied:?}");
}

#[test]
fn the_visible_part_of_a_grid_without_a_matrix_is_exported() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut harness = Harness::finished(many(2_001, 3, 1), 80, 24);
    harness.app.export_folder = folder.path().to_owned();
    harness.does(&[Command::ZoomIn, Command::ZoomIn, Command::Last, Command::Export, Command::ExportCsv]);
    let text = std::fs::read_to_string(folder.path().join("clipscope-clip.csv")).expect("written");
    assert!(text.lines().count() > 2 && text.contains("category2/photo2000.jpg"), "{text}");
}
