//! What the ending of a name given to `--out` asks for.
//!
//! Owns the endings that stand for a format. Any other ending, or none, fits every format.

use std::path::Path;

use super::failure::Failure;
use super::values::{FormatArgument, VectorFormat};
use clipscope_base::display_safe::display_path;

/// Endings of formats that some command writes or that people expect of one, in lower case.
const KNOWN: [&str; 27] = [
    "txt",
    "text",
    "json",
    "jsonl",
    "csv",
    "tsv",
    "md",
    "markdown",
    "tex",
    "html",
    "htm",
    "xml",
    "yaml",
    "yml",
    "toml",
    "pdf",
    "xls",
    "xlsx",
    "png",
    "jpg",
    "svg",
    "parquet",
    "safetensors",
    "npy",
    "npz",
    "gz",
    "zip",
];

/// The format of a report: the one asked for, else the one that the name asks for, else text.
pub(super) fn report(format: Option<FormatArgument>, out: Option<&Path>) -> Result<FormatArgument, Failure> {
    let formats = [
        (FormatArgument::Text, &["txt", "text"][..]),
        (FormatArgument::Json, &["json"]),
        (FormatArgument::Csv, &["csv"]),
        (FormatArgument::Markdown, &["md", "markdown"]),
        (FormatArgument::Latex, &["tex"]),
    ];
    agreed(format, out, &formats, FormatArgument::Text)
}

/// The format of vectors: the one asked for, else the one that the name asks for, else safetensors.
pub(super) fn vectors(format: Option<VectorFormat>, out: &Path) -> Result<VectorFormat, Failure> {
    let formats = [(VectorFormat::Safetensors, &["safetensors"][..]), (VectorFormat::Parquet, &["parquet"])];
    agreed(format, Some(out), &formats, VectorFormat::Safetensors)
}

/// Refuses a name that asks for anything but Parquet.
pub(super) fn parquet(out: &Path) -> Result<(), Failure> {
    match ending(out) {
        Some(ending) if ending != "parquet" => {
            Err(usage(out, &ending, "this command writes Parquet; end the name in .parquet"))
        }
        _ => Ok(()),
    }
}

fn agreed<F: Copy + PartialEq + clap::ValueEnum>(
    asked: Option<F>,
    out: Option<&Path>,
    formats: &[(F, &[&str])],
    default: F,
) -> Result<F, Failure> {
    let Some((out, ending)) = out.and_then(|out| Some((out, ending(out)?))) else {
        return Ok(asked.unwrap_or(default));
    };
    let name =
        |format: F| format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let of = |wanted: F| {
        formats.iter().find(|(format, _)| *format == wanted).map_or("", |(_, endings)| endings[0])
    };
    let meant =
        formats.iter().find(|(_, endings)| endings.contains(&ending.as_str())).map(|(format, _)| *format);
    match (asked, meant) {
        (asked, Some(meant)) if asked.is_none_or(|asked| asked == meant) => Ok(meant),
        (Some(asked), _) => {
            let what =
                format!("--format is {}; end the name in .{}, or change --format", name(asked), of(asked));
            Err(usage(out, &ending, &what))
        }
        (None, _) => {
            let endings: Vec<String> =
                formats.iter().map(|(_, endings)| format!(".{}", endings[0])).collect();
            let what = format!("that format is not written here; end the name in {}", endings.join(" or "));
            Err(usage(out, &ending, &what))
        }
    }
}

fn usage(out: &Path, ending: &str, what: &str) -> Failure {
    Failure::new(Failure::USAGE, format!("--out {} ends in .{ending}, but {what}", display_path(out)))
}

/// The ending of a name, if it stands for a format.
fn ending(path: &Path) -> Option<String> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    KNOWN.contains(&ending.as_str()).then_some(ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_chooses_the_format_unless_one_is_asked_for() {
        let of = |format, name: &str| report(format, Some(Path::new(name))).map_err(|failure| failure.code);
        for (name, format) in [
            ("r.md", FormatArgument::Markdown),
            ("r.MARKDOWN", FormatArgument::Markdown),
            ("a/r.json", FormatArgument::Json),
            ("r.csv", FormatArgument::Csv),
            ("r.tex", FormatArgument::Latex),
            ("r.txt", FormatArgument::Text),
            ("r", FormatArgument::Text),
            ("r.2026", FormatArgument::Text),
            ("/dev/stdout", FormatArgument::Text),
        ] {
            assert_eq!(of(None, name), Ok(format), "{name}");
            assert_eq!(of(Some(format), name), Ok(format), "{name}");
        }
        assert_eq!(report(None, None).map_err(|failure| failure.code), Ok(FormatArgument::Text));
        assert_eq!(of(Some(FormatArgument::Csv), "r.log"), Ok(FormatArgument::Csv));
        for (format, name) in [
            (Some(FormatArgument::Json), "r.md"),
            (Some(FormatArgument::Text), "r.csv"),
            (Some(FormatArgument::Markdown), "r.html"),
            (None, "r.html"),
            (None, "r.parquet"),
        ] {
            assert_eq!(of(format, name), Err(Failure::USAGE), "{name}");
        }
        let refused = report(Some(FormatArgument::Json), Some(Path::new("r.md"))).unwrap_err().message;
        assert_eq!(
            refused,
            "--out r.md ends in .md, but --format is json; end the name in .json, or change --format"
        );
    }

    #[test]
    fn vectors_are_not_written_under_the_name_of_another_format() {
        let of = |format, name: &str| vectors(format, Path::new(name)).map_err(|failure| failure.code);
        assert_eq!(of(None, "v.parquet"), Ok(VectorFormat::Parquet));
        assert_eq!(of(None, "v"), Ok(VectorFormat::Safetensors));
        assert_eq!(of(Some(VectorFormat::Parquet), "v.1"), Ok(VectorFormat::Parquet));
        for (format, name) in [
            (Some(VectorFormat::Safetensors), "v.parquet"),
            (Some(VectorFormat::Parquet), "v.safetensors"),
            (None, "v.json"),
        ] {
            assert_eq!(of(format, name), Err(Failure::USAGE), "{name}");
        }
        assert!(parquet(Path::new("v.parquet")).is_ok() && parquet(Path::new("v")).is_ok());
        assert!(parquet(Path::new("v.safetensors")).is_err());
    }
}
