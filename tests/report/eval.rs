//! `clipscope eval` as a user runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::schema;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the program with its own cache folder.
fn clipscope(cache: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clipscope"))
        .args(arguments)
        .arg("--cache-dir")
        .arg(cache)
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_photos_that_ship_reach_the_promised_accuracy() {
    let cache = tempfile::tempdir().unwrap();
    let report = json(&clipscope(cache.path(), &["eval", "--format", "json"]));
    assert_eq!(report["schema"], 1);
    assert_eq!(report["dataset"]["images"], 20);
    assert_eq!(report["dataset"]["captions"], 20);
    assert_eq!(report["pre_clip"]["image"]["dim"], 1280);
    assert_eq!(report["pre_clip"]["text"]["dim"], 384);
    assert_eq!(report["clip"]["dim"], 1000);
    assert_eq!(report["models"]["set"], "mini");
    assert_eq!(report["models"]["stand_in"], "stand-in, not CLIP");
    let direction = &report["clip"]["image_to_text"];
    assert!(direction["top1"].as_f64().unwrap() >= 0.40, "{direction}");
    assert!(direction["category_top1"].as_f64().unwrap() >= 0.80, "{direction}");
    assert!((direction["chance"].as_f64().unwrap() - 0.05).abs() < 1e-9, "{direction}");
    let similarity = report["clip"]["similarity"].as_array().unwrap();
    assert_eq!(similarity.len(), 20);
    assert!(similarity.iter().all(|row| row.as_array().unwrap().len() == 20));
    assert_eq!(report["clip"]["images"].as_array().unwrap().len(), 20);
    assert!(report.get("timing").is_none());
}

#[test]
fn equal_inputs_give_equal_bytes_with_any_number_of_threads_and_from_the_cache() {
    let cache = tempfile::tempdir().unwrap();
    let first = clipscope(cache.path(), &["eval", "--format", "json", "--threads", "1"]);
    let again = clipscope(cache.path(), &["eval", "--format", "json", "--threads", "1"]);
    let fresh = tempfile::tempdir().unwrap();
    let threads = clipscope(fresh.path(), &["eval", "--format", "json", "--threads", "3"]);
    assert!(first.status.success());
    assert!(first.stdout == again.stdout, "the cache changed the report");
    assert!(first.stdout == threads.stdout, "the number of threads changed the report");
}

#[test]
fn the_second_run_computes_nothing() {
    let cache = tempfile::tempdir().unwrap();
    let run = || json(&clipscope(cache.path(), &["eval", "--format", "json", "--timing"]));
    let first = run();
    assert_eq!((&first["timing"]["computed"], &first["timing"]["cached"]), (&40.into(), &0.into()));
    let second = run();
    assert_eq!((&second["timing"]["computed"], &second["timing"]["cached"]), (&0.into(), &40.into()));
}

#[test]
fn spanish_captions_replace_the_english_ones() {
    let cache = tempfile::tempdir().unwrap();
    let file = root().join("dataset/descriptions.es.json");
    let report =
        json(&clipscope(cache.path(), &["eval", "--format", "json", "--captions", file.to_str().unwrap()]));
    let english = json(&clipscope(cache.path(), &["eval", "--format", "json"]));
    assert_eq!(report["dataset"]["images"], 20);
    assert_ne!(report["dataset"]["items"][0]["captions"], english["dataset"]["items"][0]["captions"]);
    assert_ne!(report["clip"]["image_to_text"], english["clip"]["image_to_text"]);
    assert_eq!(report["pre_clip"]["image"], english["pre_clip"]["image"]);
}

#[test]
fn plots_are_one_png_a_grid() {
    let cache = tempfile::tempdir().unwrap();
    let plots = cache.path().join("new/plots");
    let output = clipscope(cache.path(), &["eval", "-q", "--plots", plots.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    for name in ["pre-clip-images.png", "pre-clip-texts.png", "bridge.png", "clip.png"] {
        let picture = image::open(plots.join(name)).unwrap();
        assert!(picture.width() > 600 && picture.height() > 600, "{name}");
    }
}

#[test]
fn the_text_report_names_the_stand_in_and_the_chance_levels() {
    let cache = tempfile::tempdir().unwrap();
    // Without a terminal on stdout, the bare command prints the report.
    let output = clipscope(cache.path(), &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("stand-in, not CLIP"), "{text}");
    assert!(text.contains("chance 0.050"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn min_accuracy_decides_the_exit_code() {
    let cache = tempfile::tempdir().unwrap();
    let passes = clipscope(cache.path(), &["eval", "--min-accuracy", "0.4"]);
    assert_eq!(passes.status.code(), Some(0), "{}", stderr(&passes));
    let fails = clipscope(cache.path(), &["eval", "--min-accuracy", "0.99"]);
    assert_eq!(fails.status.code(), Some(1));
    assert!(stderr(&fails).contains("below 0.99"), "{}", stderr(&fails));
    assert_eq!(clipscope(cache.path(), &["eval", "--min-accuracy", "7"]).status.code(), Some(2));
}

/// Bad input: exit code 3 and one line that says what and where.
fn refused(dataset: &Path, words: &[&str]) {
    let cache = tempfile::tempdir().unwrap();
    let output = clipscope(cache.path(), &["eval", dataset.to_str().unwrap()]);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(output.stdout.is_empty());
    for word in words {
        assert!(message.contains(word), "'{word}' is not in: {message}");
    }
}

#[test]
fn bad_input_gives_one_line_and_exit_code_3() {
    let folder = tempfile::tempdir().unwrap();
    refused(&folder.path().join("no-such-folder"), &["no-such-folder"]);

    let broken = folder.path().join("dataset.json");
    fs::write(&broken, "{\"a\": [{\"filename\": \"x.jpg\",, }]}").unwrap();
    refused(&broken, &["dataset.json", "1"]);

    let only_text = tempfile::tempdir().unwrap();
    fs::create_dir(only_text.path().join("things")).unwrap();
    fs::write(only_text.path().join("things/fake.jpg"), "I am text").unwrap();
    fs::write(only_text.path().join("things/other.jpg"), "text as well").unwrap();
    refused(only_text.path(), &["fake.jpg", "not a picture"]);
}

#[test]
fn a_missing_captions_file_is_named_with_the_option_that_asked_for_it() {
    let cache = tempfile::tempdir().unwrap();
    let output = clipscope(cache.path(), &["eval", "--captions", "no-such-file.json"]);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{message}");
    assert!(
        message.contains("no-such-file.json: no such file; check the path given to --captions"),
        "{message}"
    );
}

#[test]
fn a_report_that_cannot_be_written_names_the_file_asked_for_and_no_other() {
    let cache = tempfile::tempdir().unwrap();
    let out = cache.path().join("no/such/folder/report.txt");
    let output = clipscope(cache.path(), &["eval", "-q", "--out", out.to_str().unwrap()]);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{message}");
    let named = message.replace(out.to_str().unwrap(), "");
    assert!(named.len() < message.len() && !named.contains('/'), "{message}");
}

#[test]
fn common_options_work_before_the_command_and_absurd_threads_are_wrong_use() {
    let cache = tempfile::tempdir().unwrap();
    let before = clipscope(cache.path(), &["-q", "--threads", "2", "eval", "--approach", "clip"]);
    let after = clipscope(cache.path(), &["eval", "--approach", "clip", "-q"]);
    assert!(before.status.success(), "{}", stderr(&before));
    assert_eq!(before.stdout, after.stdout);
    let threads = clipscope(cache.path(), &["eval", "--threads", "99999999"]);
    assert_eq!(threads.status.code(), Some(2), "{}", stderr(&threads));
}

#[test]
fn the_same_choice_of_two_is_made_by_the_bridge_and_in_the_shared_space() {
    let cache = tempfile::tempdir().unwrap();
    let output = clipscope(cache.path(), &["eval", "-q", "--format", "json"]);
    let report = json(&output);
    let clip = &report["clip"]["two_afc"];
    // From the similarity matrix of the same report, in the most literal form.
    let cell = |i: usize, j: usize| report["clip"]["similarity"][i][j].as_f64().unwrap();
    let category = |i: usize| report["dataset"]["items"][i]["category"].clone();
    let (mut all, mut within, mut same) = (0, 0, 0);
    for i in 0..20 {
        for j in i + 1..20 {
            let right = u64::from(cell(i, i) + cell(j, j) > cell(i, j) + cell(j, i));
            all += right;
            if category(i) == category(j) {
                same += 1;
                within += right;
            }
        }
    }
    assert_eq!((&clip["all_hits"], &clip["pairs"]), (&all.into(), &190.into()));
    assert_eq!((&clip["within_hits"], &clip["within_pairs"]), (&within.into(), &same.into()));
    assert_eq!(clip["chance"], report["bridge"]["two_afc"]["chance"]);
    let text = String::from_utf8(clipscope(cache.path(), &["eval", "-q"]).stdout).unwrap();
    let question = "CLIP (stand-in)  given two photos and two captions, are they paired correctly?";
    let answer = text.lines().skip_while(|line| !line.contains(question)).nth(1).unwrap();
    assert!(answer.contains(&format!("({all}/190, ")), "{answer}");
}

#[test]
fn one_bad_photo_is_skipped_and_reported_and_the_others_are_done() {
    let folder = tempfile::tempdir().unwrap();
    for category in ["food", "clouds"] {
        let target = folder.path().join(category);
        fs::create_dir(&target).unwrap();
        for entry in fs::read_dir(root().join("dataset").join(category)).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, target.join(path.file_name().unwrap())).unwrap();
        }
    }
    fs::write(folder.path().join("food/bad.jpg"), "not a photo at all").unwrap();
    let cache = tempfile::tempdir().unwrap();
    let output = clipscope(cache.path(), &["eval", "--format", "json", folder.path().to_str().unwrap()]);
    let message = stderr(&output);
    assert!(message.contains("skipped food/bad.jpg"), "{message}");
    let report = json(&output);
    assert_eq!(report["dataset"]["images"], 8);
    let skipped = report["dataset"]["skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 1);
    assert_eq!(skipped[0]["file"], "food/bad.jpg");
    assert_eq!(report["pre_clip"]["image"]["similarity"].as_array().unwrap().len(), 8);
}

#[test]
fn a_photo_without_an_end_is_used_and_noted_whether_it_is_cached_or_not() {
    let folder = tree(&[
        ("drinks/a.jpg", "drinks/espresso-red-cup.jpg"),
        ("drinks/b.jpg", "drinks/iced-coffee-straw.jpg"),
        ("drinks/c.jpg", "drinks/latte-art-coffee.jpg"),
    ]);
    for name in ["b.jpg", "c.jpg"] {
        let path = folder.path().join("drinks").join(name);
        let mut bytes = fs::read(&path).unwrap();
        bytes.truncate(bytes.len() - 2);
        fs::write(&path, bytes).unwrap();
    }
    let cache = tempfile::tempdir().unwrap();
    let eval = |format: &str| {
        clipscope(cache.path(), &["eval", "--format", format, folder.path().to_str().unwrap()])
    };
    let cold = eval("json");
    let report = json(&cold);
    assert_eq!(report["dataset"]["images"], 3);
    assert_eq!(report["dataset"]["skipped"].as_array().unwrap().len(), 0);
    let notes = report["dataset"]["photo_notes"].as_array().unwrap();
    let files: Vec<&Value> = notes.iter().map(|row| &row["file"]).collect();
    assert_eq!(files, ["drinks/b.jpg", "drinks/c.jpg"]);
    assert!(notes[0]["note"].as_str().unwrap().contains("end-of-image marker is missing"));
    let schema: Value =
        serde_json::from_slice(&fs::read(root().join("schema/eval.schema.json")).unwrap()).unwrap();
    assert_eq!(schema::errors(&schema, &report), Vec::<String>::new());
    let line =
        "note on drinks/b.jpg: the end-of-image marker is missing; all pixels are there (and 1 more photo";
    assert!(stderr(&cold).contains(line), "{}", stderr(&cold));
    let warm = eval("json");
    assert!(warm.stdout == cold.stdout && warm.stderr == cold.stderr);
    for (format, heading) in [("text", "Used, with a note: 2"), ("markdown", "## Used, with a note")] {
        let text = String::from_utf8(eval(format).stdout).unwrap();
        assert!(text.contains(heading) && text.contains("drinks/c.jpg"), "{text}");
    }
}

#[test]
fn wrong_use_is_exit_code_2_and_a_missing_model_set_4() {
    let cache = tempfile::tempdir().unwrap();
    assert_eq!(clipscope(cache.path(), &["eval", "--format", "yaml"]).status.code(), Some(2));
    let missing = clipscope(cache.path(), &["eval", "--models", "reference"]);
    assert_eq!(missing.status.code(), Some(4), "{}", stderr(&missing));
    let device = clipscope(cache.path(), &["eval", "--device", "cuda"]);
    assert_eq!(device.status.code(), Some(4));
    assert!(stderr(&device).contains("--device cpu"));
}

/// A folder tree with some of the photos that ship: (target, source below dataset/).
fn tree(photos: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (target, source) in photos {
        let target = folder.path().join(target);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(root().join("dataset").join(source), target).unwrap();
    }
    folder
}

#[test]
fn every_json_report_follows_the_schema() {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(root().join("schema/eval.schema.json")).unwrap()).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let valid = |arguments: &[&str]| {
        let mut all = vec!["eval", "-q", "--format", "json"];
        all.extend(arguments);
        let report = json(&clipscope(cache.path(), &all));
        let errors = schema::errors(&schema, &report);
        assert!(errors.is_empty(), "{arguments:?}: {errors:?}");
        report
    };
    let whole = valid(&[]);
    valid(&["--timing"]);
    assert!(valid(&["--approach", "clip"])["bridge"].is_null());

    // One photo without a caption: nothing that needs two items or a caption is defined, and that is no success.
    let one = tree(&[("food/pizza.jpg", "food/pizza.jpg")]);
    let output = clipscope(cache.path(), &["eval", "-q", "--format", "json", one.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors = schema::errors(&schema, &report);
    assert!(errors.is_empty(), "{errors:?}");
    assert!(report["pre_clip"]["image"]["separation"].is_null());
    assert!(report["clip"]["image_to_text"]["top1"].is_null());
    assert!(report["bridge"]["holdout"].is_null());
    // The same caption twice, categories of one.
    let two = tree(&[("a/x.jpg", "food/pizza.jpg"), ("b/y.jpg", "food/cupcakes.jpg")]);
    for file in ["a/x.txt", "b/y.txt"] {
        fs::write(two.path().join(file), "something to eat\n").unwrap();
    }
    let report = valid(&[two.path().to_str().unwrap()]);
    assert_eq!(report["clip"]["image_to_text"]["top1"], 1.0, "equal captions are a hit for both");

    // The schema can fail.
    let mut broken = whole;
    broken["clip"]["image_to_text"]["top1"] = "high".into();
    assert!(!schema::errors(&schema, &broken).is_empty());
}

/// The rows of a CSV report as maps from column to value.
fn csv_rows(output: &Output) -> Vec<std::collections::HashMap<String, String>> {
    csv::Reader::from_reader(output.stdout.as_slice()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn csv_has_a_row_a_photo_and_a_row_a_number() {
    let cache = tempfile::tempdir().unwrap();
    let report = json(&clipscope(cache.path(), &["eval", "-q", "--format", "json", "--approach", "all"]));
    let rows = csv_rows(&clipscope(cache.path(), &["eval", "-q", "--format", "csv"]));
    let kind = |kind: &str| rows.iter().filter(|row| row["row"] == kind).collect::<Vec<_>>();
    let photos = kind("photo");
    assert_eq!(photos.len(), 20);
    assert_eq!(
        (photos[0]["file"].as_str(), photos[0]["rank"].as_str()),
        ("clouds/dark-clouds-at-sunset.jpg", "1")
    );
    assert_eq!(photos[0]["bridge_two_afc_chance"], "0.500000");
    assert_eq!(kind("category").len(), 5 * 3);
    // Every number is that of the JSON report, found by its name.
    let numbers = kind("number");
    assert!(numbers.len() > 50, "{}", numbers.len());
    for row in &numbers {
        let pointer = format!("/{}/{}", row["approach"], row["number"].replace('.', "/"));
        let value = report.pointer(&pointer).unwrap_or_else(|| panic!("{pointer}"));
        let value = value.get("value").unwrap_or(value);
        // What is whole in JSON is whole here: a seed is no 20210226.000000.
        let shown = value.as_u64().map(|whole| whole.to_string());
        let shown = shown.unwrap_or_else(|| format!("{:.6}", value.as_f64().unwrap()));
        assert_eq!(row["value"], shown, "{pointer}");
    }
    // Every share has its interval and its chance level.
    for row in numbers.iter().chain(&kind("category")).filter(|row| !row["hits"].is_empty()) {
        assert!(["low", "high", "n", "chance"].iter().all(|column| !row[*column].is_empty()), "{row:?}");
    }
    assert!(rows.iter().all(|row| row["models"].contains("stand-in, not CLIP")));
}

#[test]
fn markdown_and_text_hold_the_same_numbers() {
    let cache = tempfile::tempdir().unwrap();
    let run = |format: &str| {
        let output = clipscope(cache.path(), &["eval", "-q", "--timing", "--format", format]);
        String::from_utf8(output.stdout).unwrap()
    };
    let (markdown, text) = (run("markdown"), run("text"));
    assert!(markdown.contains("## What changed") && markdown.contains("stand-in, not CLIP"), "{markdown}");
    assert!(markdown.contains("| top-1 (R@1) | 0.450  (9/20)"), "{markdown}");
    // Every row about the shared space says that it is not CLIP's.
    let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with("| CLIP")).collect();
    assert_eq!(rows.len(), 4, "{markdown}");
    assert!(rows.iter().all(|row| row.starts_with("| CLIP (stand-in) |")), "{rows:?}");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("  CLIP")).collect();
    assert!(rows.len() == 4 && rows.iter().all(|row| row.starts_with("  CLIP (stand-in) ")), "{rows:?}");
    for (format, report) in [("markdown", &markdown), ("text", &text)] {
        for words in [
            "cosines to 18 other pairs, never to the two compared",
            "18 largest cosines are kept and raised to the power 8",
            "20210226",
            "group score",
            "mean margin",
            "smallest margin",
            "best null caption, mean",
            "MRR",
            "(100 shuffles)",
            "from the cache",
        ] {
            let found = report.contains(words) || report.contains(&words.replace(['(', ')'], ""));
            assert!(found, "'{words}' is not in {format}:\n{report}");
        }
    }
    // The rows of a category, with interval and chance.
    assert!(
        markdown.contains("| racing_cars | 4 | ") || markdown.contains("| racing\\_cars | 4 | "),
        "{markdown}"
    );
    let row = text.lines().find(|line| line.trim_start().starts_with("racing_cars ")).unwrap();
    assert_eq!(row.matches('[').count(), 2, "{row}");
}

#[test]
fn a_photo_without_a_caption_is_neither_right_nor_wrong() {
    let folder = tree(&[("a/x.jpg", "food/pizza.jpg"), ("b/y.jpg", "food/cupcakes.jpg")]);
    fs::write(folder.path().join("a/x.txt"), "a pizza\n").unwrap();
    let cache = tempfile::tempdir().unwrap();
    for format in ["text", "markdown"] {
        let output =
            clipscope(cache.path(), &["eval", "-q", "--format", format, folder.path().to_str().unwrap()]);
        let report = String::from_utf8(output.stdout).unwrap();
        let line = report.lines().find(|line| line.contains("b/y.jpg")).unwrap();
        assert!(line.contains("– a pizza") && !line.contains('✗'), "{line}");
    }
}

#[test]
fn the_installed_models_are_listed_verified_and_found() {
    let cache = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = clipscope(cache.path(), arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let list = run(&["models", "list"]);
    assert!(list.contains("resnet50") && list.contains("not installed") && list.contains("MIT"), "{list}");
    let verified = run(&["models", "verify"]);
    assert_eq!(verified.matches(" ok ").count(), 2, "{verified}");
    assert!(run(&["models", "path"]).starts_with(cache.path().to_str().unwrap()));
    assert_eq!(clipscope(cache.path(), &["models", "fetch", "no-such-network"]).status.code(), Some(2));
}

/// A cache folder in which every file of the reference set is there, with `bytes` in it.
fn complete_reference_set(bytes: &[u8]) -> tempfile::TempDir {
    let cache = tempfile::tempdir().unwrap();
    let distiluse = "sentence-transformers--distiluse-base-multilingual-cased-v2";
    for file in [
        "timm--resnet50.tv_in1k/model.safetensors".to_string(),
        "openai--clip-vit-base-patch32/pytorch_model.bin".into(),
        format!("{distiluse}/model.safetensors"),
        format!("{distiluse}/2_Dense/model.safetensors"),
        format!("{distiluse}/tokenizer.json"),
    ] {
        let path = cache.path().join("models").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    cache
}

#[test]
fn a_complete_reference_set_is_the_default_and_a_wrong_checkpoint_is_exit_code_4() {
    let cache = complete_reference_set(b"not the published weights");
    for arguments in [&["eval", "-q"][..], &["eval", "-q", "--models", "reference"], &["models", "verify"]] {
        let output = clipscope(cache.path(), arguments);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(4), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.contains("SHA-256") || message.contains("tokenizer"), "{message}");
    }
    // The small set still works when it is asked for.
    let output = clipscope(cache.path(), &["eval", "-q", "--models", "mini", "--format", "json"]);
    assert_eq!(json(&output)["models"]["set"], "mini");
}
