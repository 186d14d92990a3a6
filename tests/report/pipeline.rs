//! `clipscope eval` in a pipeline: checks of single numbers, differences to an earlier report, and reports for other programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::schema;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder for files, with a cache in it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), contents).unwrap();
        self.path(name)
    }

    /// Runs `clipscope eval -q` in the folder.
    fn eval(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_clipscope"))
            .current_dir(self.0.path())
            .args(["eval", "-q", "--cache-dir", "cache"])
            .args(arguments)
            .output()
            .unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.eval(&[&["--format", "json"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn text(&self, arguments: &[&str]) -> String {
        let output = self.eval(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn follows_the_schema(report: &Value) {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(root().join("schema/eval.schema.json")).unwrap()).unwrap();
    let errors = schema::errors(&schema, report);
    assert!(errors.is_empty(), "{errors:?}");
}

/// Every difference below a value, with its path.
fn differences(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    let Some(object) = value.as_object() else { return };
    if object.contains_key("difference") {
        found.push((path.to_owned(), value.clone()));
        return;
    }
    for (key, value) in object {
        differences(value, &format!("{path}/{key}"), found);
    }
}

#[test]
fn a_report_against_itself_differs_by_nothing() {
    let desk = Desk::new();
    let old = desk.json(&[]);
    assert!(desk.eval(&["--no-matrices", "--out", "old.json"]).status.success());
    let report = desk.json(&["--against", "old.json"]);
    follows_the_schema(&report);
    let against = &report["against"];
    let mut found = Vec::new();
    differences(&against["clip"], "/clip", &mut found);
    assert_eq!(found.len(), 14, "{found:?}");
    for (path, found) in &found {
        assert_eq!(found["difference"], 0.0, "{path}");
        assert_eq!(found["interval"], json!([0.0, 0.0]), "{path}");
        assert_eq!((&found["old"], &found["n"]), (&found["new"], &20.into()), "{path}");
        let share = !path.ends_with("mrr") && !path.ends_with("margin");
        let expected = if share { json!([1.0, 0, 0]) } else { json!([null, null, null]) };
        assert_eq!(json!([found["p"], found["gained"], found["lost"]]), expected, "{path}");
        // Where all items are in both, the number is that of the report at the same path.
        if let Some(number) = old.pointer(path) {
            let number = number.get("value").unwrap_or(number).as_f64().unwrap();
            assert!((found["new"].as_f64().unwrap() - number).abs() < 1e-9, "{path}");
        } else {
            assert_eq!(path, "/clip/text_to_image/mean_margin");
        }
    }
    let nothing = json!({"photos": [], "captions": []});
    assert_eq!((&against["only_old"], &against["only_new"]), (&nothing, &nothing));
    assert_eq!((&against["photos"], &against["captions"]), (&20.into(), &20.into()));
    // Everything else is as it is without --against.
    let mut without = report.clone();
    without.as_object_mut().unwrap().remove("against");
    assert_eq!(without, old);
}

#[test]
fn three_swapped_captions_are_named_with_the_interval_of_what_they_change() {
    let desk = Desk::new();
    assert!(desk.eval(&["--out", "old.json"]).status.success());
    let old: Value = serde_json::from_slice(&fs::read(desk.path("old.json")).unwrap()).unwrap();
    // Three photos of three categories that find their captions get those of each other.
    let mut hits: Vec<&str> = Vec::new();
    for image in old["clip"]["images"].as_array().unwrap() {
        let file = image["file"].as_str().unwrap();
        let category = |file: &str| file.split('/').next().unwrap().to_owned();
        if image["rank"] == 1 && hits.iter().all(|known| category(known) != category(file)) {
            hits.push(file);
        }
    }
    let items = old["dataset"]["items"].as_array().unwrap();
    let caption = |file: &str| items.iter().find(|item| item["file"] == file).unwrap()["captions"][0].clone();
    let mut manifest = json!({});
    for item in items {
        let file = item["file"].as_str().unwrap();
        let swapped = hits[..3].iter().position(|hit| *hit == file);
        let text = swapped.map_or_else(|| caption(file), |place| caption(hits[(place + 1) % 3]));
        let (category, filename) = file.split_once('/').unwrap();
        let entry = json!({"filename": filename, "description": text});
        match manifest[category].as_array_mut() {
            Some(list) => list.push(entry),
            None => manifest[category] = json!([entry]),
        }
    }
    desk.write("swapped.json", manifest.to_string());

    let report = desk.json(&["--captions", "swapped.json", "--against", "old.json"]);
    follows_the_schema(&report);
    let against = &report["against"];
    let top1 = &against["clip"]["image_to_text"]["top1"];
    assert_eq!(top1["old"], old["clip"]["image_to_text"]["top1"]);
    assert_eq!(top1["new"], report["clip"]["image_to_text"]["top1"]);
    assert!((top1["difference"].as_f64().unwrap() + 0.15).abs() < 1e-12, "{top1}");
    assert_eq!((&top1["p"], &top1["gained"], &top1["lost"]), (&0.25.into(), &0.into(), &3.into()));
    let interval = top1["interval"].as_array().unwrap();
    assert!(interval[0].as_f64().unwrap() <= -0.25 && interval[1].as_f64().unwrap() >= -0.05, "{top1}");
    let margin = &against["clip"]["mean_margin"];
    assert!(margin["difference"].as_f64().unwrap() < -0.01, "{margin}");
    assert!(margin["interval"][0].as_f64().unwrap() < margin["difference"].as_f64().unwrap(), "{margin}");
    // As queries, the swapped captions are other items: they are named, and the others did not change.
    assert_eq!((&against["photos"], &against["captions"]), (&20.into(), &17.into()));
    let named = |only: &Value| {
        let captions = only["captions"].as_array().unwrap();
        let mut files: Vec<String> =
            captions.iter().map(|caption| caption["file"].as_str().unwrap().to_owned()).collect();
        files.sort_unstable();
        files
    };
    let mut expected = hits[..3].to_vec();
    expected.sort_unstable();
    assert_eq!(named(&against["only_old"]), expected);
    assert_eq!(named(&against["only_new"]), expected);
    assert_eq!(against["clip"]["text_to_image"]["top1"]["difference"], 0.0);

    // The same in words, in every format for people; and the exit code of a check on the difference.
    let arguments = ["--captions", "swapped.json", "--against", "old.json", "--format"];
    for format in ["text", "markdown", "latex"] {
        let text = desk.text(&[&arguments[..], &[format]].concat());
        assert!(text.contains("Against old.json"), "{text}");
        let models = text.lines().find(|line| line.contains("Models: ")).unwrap();
        assert_eq!(models.matches("mini (stand-in, not CLIP)").count(), 2, "{models}");
        assert!(text.contains("Only the other report has 3 captions: "), "{text}");
        let row = text.lines().find(|line| line.contains("p = 0.250")).unwrap();
        assert!(row.contains("top-1 (R@1)") && row.contains("-0.150"), "{row}");
        if format == "text" {
            assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        }
    }
    let min = "against.clip.image_to_text.top1.difference=-0.1";
    let failed = desk.eval(&["--captions", "swapped.json", "--against", "old.json", "--min", min]);
    assert_eq!(failed.status.code(), Some(1), "{}", stderr(&failed));
    assert!(stderr(&failed).contains("top1.difference is -0.15"), "{}", stderr(&failed));
}

#[test]
fn what_cannot_be_compared_with_is_refused_by_name() {
    let desk = Desk::new();
    let whole = desk.json(&["--no-matrices"]);
    let mut other = whole.clone();
    other["schema"] = 2.into();
    let mut no_clip = whole.clone();
    no_clip["clip"] = Value::Null;
    let mut no_items = whole.clone();
    no_items["clip"].as_object_mut().unwrap().remove("images");
    let mut twice = whole.clone();
    let first = twice["clip"]["images"][0].clone();
    twice["clip"]["images"][1] = first;
    let mut broken = whole.clone();
    broken["clip"]["images"][0]["rank"] = 0.into();
    let text = whole.to_string();
    for (name, contents, words) in [
        ("other.json", other.to_string(), "schema 2"),
        ("no-clip.json", no_clip.to_string(), "\"clip\" is null"),
        ("no-items.json", no_items.to_string(), "no results of single photos"),
        ("twice.json", twice.to_string(), "twice"),
        ("broken.json", broken.to_string(), "nonzero"),
        ("cut.json", text[..text.len() / 2].to_owned(), "cut"),
        ("empty.json", String::new(), "empty"),
        ("list.json", "[]".to_owned(), "list.json"),
        ("else.json", "{}".to_owned(), "not a report"),
        ("prose.json", "Dear reader".to_owned(), "prose.json:1:"),
    ] {
        desk.write(name, contents);
        let output = desk.eval(&["--against", name]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(3), "{name}: {message}");
        assert!(output.stdout.is_empty() && message.lines().count() == 1, "{name}: {message}");
        assert!(message.contains(name) && message.contains(words), "{name}: {message}");
    }
    let missing = desk.eval(&["--against", "nowhere.json"]);
    assert_eq!(missing.status.code(), Some(3));
    assert!(stderr(&missing).contains("check the path given to --against"), "{}", stderr(&missing));
    let folder = desk.eval(&["--against", "."]);
    assert_eq!(folder.status.code(), Some(3), "{}", stderr(&folder));

    // A report of other photos: everything is named, and it is no success.
    let mut elsewhere = whole.clone();
    for list in ["images", "captions"] {
        for item in elsewhere["clip"][list].as_array_mut().unwrap() {
            item["file"] = format!("else/{}", item["file"].as_str().unwrap()).into();
        }
    }
    desk.write("elsewhere.json", elsewhere.to_string());
    let output = desk.eval(&["--against", "elsewhere.json", "--format", "json"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    follows_the_schema(&report);
    assert_eq!(report["against"]["only_old"]["photos"].as_array().unwrap().len(), 20);
    assert!(report["against"]["clip"]["mean_margin"].is_null());
    for arguments in
        [["--against", "x.json", "--approach", "bridge"], ["--against", "x.json", "--approach", "pre-clip"]]
    {
        assert_eq!(desk.eval(&arguments).status.code(), Some(2));
    }
}

#[test]
fn every_number_of_the_report_can_be_checked_by_its_path() {
    let desk = Desk::new();
    let passes = [
        "--min",
        "clip.image_to_text.top1=0.4",
        "--min",
        "clip.text_to_image.r_at.5.value=0.5",
        "--max",
        "clip.image_to_text.median_rank=5",
        "--min",
        "clip.group_score=0.1",
        "--min",
        "clip.per_category.0.mrr=0",
        "--min",
        "clip.similarity.19.19=-1",
        "--max",
        "bridge.cka_p=1",
        "--min",
        "dataset.images=20",
        "--min-accuracy",
        "0.4",
    ];
    desk.text(&passes);

    let fails = desk.eval(&[
        "--approach",
        "clip",
        "--min",
        "clip.image_to_text.top1=0.99",
        "--max",
        "clip.text_to_image.mrr=0.01",
        "--min",
        "clip.mean_margin=-1",
        "--min",
        "bridge.cka_unbiased=0",
        "--min",
        "clip.per_category.99.mrr=0",
        "--min-accuracy",
        "0.98",
    ]);
    let message = stderr(&fails);
    assert_eq!(fails.status.code(), Some(1), "{message}");
    assert!(!fails.stdout.is_empty(), "the report is printed all the same");
    let lines: Vec<&str> = message.lines().collect();
    for (line, words) in lines.iter().zip([
        "image→text top-1 is 0.450 (9/20), below 0.98",
        "clip.image_to_text.top1 is 0.45, below 0.99",
        "bridge.cka_unbiased is not defined for these data",
        "clip.per_category.99.mrr is not in the report: 99 of a list of 5",
        "clip.text_to_image.mrr is 0.",
    ]) {
        assert!(line.starts_with("clipscope: ") && line.contains(words), "{line}: {words}");
    }
    assert_eq!(lines.len(), 5, "{message}");

    for (arguments, words) in [
        (["--min", "clip.text_to_image.recall_at.5=0.5"], "clip.text_to_image.r_at.5"),
        (["--max", "clip.meanmargin=0.5"], "clip.mean_margin"),
        (["--min", "clip.images=3"], "is no number"),
        (["--min", "clip.mean_margin"], "clip.image_to_text.top1=0.4"),
        (["--min", "clip.mean_margin=high"], "clip.image_to_text.top1=0.4"),
        (["--min", "clip.mean_margin=NaN"], "clip.image_to_text.top1=0.4"),
    ] {
        let output = desk.eval(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "nothing was computed for it");
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn without_matrices_every_number_stays() {
    let desk = Desk::new();
    let mut whole = desk.json(&[]);
    let small = desk.json(&["--no-matrices"]);
    follows_the_schema(&small);
    for path in
        ["/pre_clip/image/similarity", "/pre_clip/text/similarity", "/bridge/grid", "/clip/similarity"]
    {
        assert_eq!(small.pointer(path), Some(&Value::Null), "{path}");
        let matrix = whole.pointer_mut(path).unwrap();
        assert_eq!(matrix.as_array().unwrap().len(), 20, "{path}");
        *matrix = Value::Null;
    }
    assert_eq!(whole, small);
    for arguments in [&["--no-matrices"][..], &["--no-matrices", "--format", "json", "--plots", "plots"]] {
        let output = desk.eval(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("--no-matrices"), "{}", stderr(&output));
    }
}

/// Rows by column name. Fails unless every row has the columns of the header.
fn table(bytes: &[u8]) -> Vec<std::collections::HashMap<String, String>> {
    csv::Reader::from_reader(bytes).deserialize().map(Result::unwrap).collect()
}

#[test]
fn csv_with_a_file_is_two_tables_and_on_stdout_one() {
    let desk = Desk::new();
    let output = desk.eval(&["--out", "report.csv"]);
    assert!(output.status.success() && output.stdout.is_empty(), "{}", stderr(&output));
    let photos = table(&fs::read(desk.path("report.csv")).unwrap());
    let numbers = table(&fs::read(desk.path("report.numbers.csv")).unwrap());
    let one = table(&desk.eval(&["--format", "csv"]).stdout);
    assert_eq!(photos.len(), 20);
    assert!(!photos[0].contains_key("number") && !numbers[0].contains_key("rank"));
    assert_eq!(one.len(), photos.len() + numbers.len());
    // The same rows, column by column; what a table does not have is empty in the one.
    for (row, part) in one.iter().zip(photos.iter().chain(&numbers)) {
        for (column, value) in row {
            assert_eq!(part.get(column).map_or("", String::as_str), value, "{column}: {row:?}");
        }
    }
    // To what is no file, everything goes in one stream.
    let stream = desk.eval(&["--format", "csv", "--out", "/dev/stdout"]);
    assert_eq!(table(&stream.stdout), one);
}

/// Photos below categories, and with a caption, that would be commands to LaTeX.
fn hostile(desk: &Desk) -> PathBuf {
    let folder = desk.path("a_b & 50% #1 $x^2$ {~} Łódź 写真");
    for (category, name, photo) in [
        ("[50%] \\input{x} & y", "x_1 & \"2\" --draft.jpg", "food/pizza.jpg"),
        ("[50%] \\input{x} & y", "#$%^{}~.jpg", "food/cupcakes.jpg"),
        ("*", "写真😀.jpg", "clouds/pink-cumulus.jpg"),
        ("*", "é.jpg", "clouds/dark-clouds-at-sunset.jpg"),
    ] {
        fs::create_dir_all(folder.join(category)).unwrap();
        let target = folder.join(category).join(name);
        fs::copy(root().join("dataset").join(photo), &target).unwrap();
        fs::write(target.with_extension("txt"), format!("{name} {category}")).unwrap();
    }
    folder
}

#[test]
fn latex_is_tables_that_compile_whatever_the_names() {
    let desk = Desk::new();
    let folder = hostile(&desk);
    let old = desk.eval(&["--format", "json", "--out", "old & 1.json", folder.to_str().unwrap()]);
    assert!(old.status.success(), "{}", stderr(&old));
    let hostile =
        desk.text(&["--format", "latex", "--timing", "--against", "old & 1.json", folder.to_str().unwrap()]);
    let bundled = desk.eval(&["--out", "report.tex"]);
    assert!(bundled.status.success(), "{}", stderr(&bundled));
    let bundled = fs::read_to_string(desk.path("report.tex")).unwrap();
    assert!(
        bundled
            .contains("CLIP (stand-in): image$\\to$text & top-1 (R@1) & 0.450 & 0.26--0.66 & 9/20 & 0.050"),
        "{bundled}"
    );
    for latex in [&hostile, &bundled] {
        for line in latex.lines().filter(|line| line.starts_with("CLIP")) {
            assert!(line.starts_with("CLIP (stand-in)"), "{line}");
        }
        for (begin, end) in [("\\begin{table}", "\\end{table}"), ("\\begin{tabular}", "\\end{tabular}")] {
            assert_eq!(latex.matches(begin).count(), latex.matches(end).count());
        }
        assert!(latex.contains("\\toprule") && latex.contains("\\midrule") && latex.contains("\\bottomrule"));
        // Every row of a table has the columns of its header.
        let mut columns = 0;
        for line in latex.lines() {
            if let Some(kinds) = line.strip_prefix("\\begin{tabular}{") {
                columns = kinds.trim_end_matches('}').len();
            } else if line.ends_with("\\\\") {
                let spanned = if line.contains("\\multicolumn{4}") { 3 } else { 0 };
                assert_eq!(line.replace("\\&", "").matches('&').count() + 1 + spanned, columns, "{line}");
            }
        }
        let allowed = |c: char| c.is_ascii() || "éŁóź".contains(c);
        assert_eq!(latex.chars().find(|c| !allowed(*c)), None);
    }
    let document = format!(
        "\\documentclass{{article}}\n\\usepackage{{booktabs}}\n\\begin{{document}}\n{hostile}\n{bundled}\n\\end{{document}}\n"
    );
    desk.write("document.tex", document);
    let compiled = Command::new("pdflatex")
        .args(["-interaction=nonstopmode", "-halt-on-error", "document.tex"])
        .current_dir(desk.0.path())
        .output();
    match compiled {
        Ok(compiled) => {
            let log = String::from_utf8_lossy(&compiled.stdout);
            assert!(compiled.status.success(), "{log}");
        }
        Err(error) => eprintln!("not compiled, for want of pdflatex: {error}"),
    }
}
