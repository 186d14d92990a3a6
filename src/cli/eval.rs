//! `clipscope eval`: prints the numbers without the dashboard.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::common::Common;
use super::endings;
use super::failure::Failure;
use super::options::{EvalOptions, Pick};
use super::output::{print, tell, write_file};
use super::run::{self, Notes};
use super::values::{ApproachArgument, FormatArgument, Limit};
use super::vectors;
use clipscope_analysis::Share;
use clipscope_base::display_safe::display_path;
use clipscope_core::comparison::{Comparison, compare, telling};
use clipscope_core::report::{Approaches, Bound, CsvTables, NumberCheck, OldReport, Report, Timing, plots};

pub(super) fn run(options: &EvalOptions, common: &Common) -> Result<(), Failure> {
    let format = endings::report(options.format, options.out.as_deref())?;
    let checks = checks(options)?;
    contradiction(options, format)?;
    // Before the long work, since a report that cannot be compared with ends it.
    let old = options.against.as_deref().map(OldReport::read).transpose().map_err(Failure::input)?;
    let notes = match (format, &options.out) {
        (FormatArgument::Text | FormatArgument::Markdown, None) => Notes::InReport,
        _ => Notes::AtOnce,
    };
    let dataset = options.dataset.as_deref();
    let matrices = if options.no_matrices { Matrices::LeftOut } else { Matrices::Kept };
    let (mut report, comparison, timing) =
        report(dataset, &options.pick, common, approaches(options.approach), notes, matrices)?;
    report.timing = options.timing.then_some(timing);
    if let Some(old) = &old {
        report.compare_with(old).map_err(|why| {
            Failure::new(Failure::MODELS, format!("--against has nothing to compare: {why}"))
        })?;
    }
    write(&report, format, options.out.as_deref())?;
    if let Some(folder) = &options.plots {
        let written = plots::write_all(&report, folder).map_err(Failure::input)?;
        if !common.quiet {
            for file in &written.files {
                tell(format_args!("wrote {}", display_path(file)));
            }
        }
        // Even with -q, since something that was asked for is missing.
        for reason in &written.left_out {
            tell(format_args!("clipscope: {reason}"));
        }
    }
    if !checks.iter().any(NumberCheck::reads_a_matrix) {
        report.drop_matrices();
    }
    let mut failures: Vec<String> =
        options.min_accuracy.and_then(|wanted| too_low(&comparison, wanted)).into_iter().collect();
    failures.extend(report.failures(&checks).map_err(Failure::input)?);
    if let Some(last) = failures.pop() {
        for failure in failures {
            tell(format_args!("clipscope: {failure}"));
        }
        return Err(Failure::new(Failure::CHECK, last));
    }
    compared(&report, common)
}

/// What `--min` and `--max` ask for.
fn checks(options: &EvalOptions) -> Result<Vec<NumberCheck>, Failure> {
    let of = |limits: &[Limit], bound| {
        let check = |limit: &Limit| NumberCheck { path: limit.path.clone(), bound, limit: limit.value };
        limits.iter().map(check).collect::<Vec<_>>()
    };
    let mut checks = Vec::new();
    for (option, of) in
        [("--min", of(&options.min, Bound::AtLeast)), ("--max", of(&options.max, Bound::AtMost))]
    {
        for check in of {
            check.known().map_err(|error| Failure::new(Failure::USAGE, format!("{option}: {error}")))?;
            checks.push(check);
        }
    }
    Ok(checks)
}

/// Options that have no effect beside others.
fn contradiction(options: &EvalOptions, format: FormatArgument) -> Result<(), Failure> {
    let message = if options.no_matrices && format != FormatArgument::Json {
        "--no-matrices has no effect: only --format json has matrices; leave it out"
    } else if options.against.is_some()
        && matches!(options.approach, ApproachArgument::PreClip | ApproachArgument::Bridge)
    {
        "--against compares photos and captions in the shared space; use --approach clip or all"
    } else {
        return Ok(());
    };
    Err(Failure::new(Failure::USAGE, message))
}

fn write(report: &Report, format: FormatArgument, out: Option<&Path>) -> Result<(), Failure> {
    let text = match (format, out) {
        (FormatArgument::Csv, Some(out)) if is_or_becomes_a_file(out) => {
            let CsvTables { photos, numbers } = report.csv_tables();
            write_file(&numbers_file(out), numbers.as_bytes())?;
            return write_file(out, photos.as_bytes());
        }
        (FormatArgument::Text, _) => report.text(),
        (FormatArgument::Json, _) => report.json().map_err(Failure::input)?,
        (FormatArgument::Csv, _) => report.csv(),
        (FormatArgument::Markdown, _) => report.markdown(),
        (FormatArgument::Latex, _) => report.latex(),
    };
    match out {
        None => print(text.as_bytes()),
        Some(file) => write_file(file, text.as_bytes()),
    }
}

/// Whether a second file can stand beside it: not so for `/dev/stdout`, pipes and links.
fn is_or_becomes_a_file(path: &Path) -> bool {
    std::fs::symlink_metadata(path).map_or(true, |metadata| metadata.is_file())
}

/// The file of the numbers beside that of the photos: `report.numbers.csv` for `report.csv`.
fn numbers_file(photos: &Path) -> PathBuf {
    if photos.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
        return photos.with_extension("numbers.csv");
    }
    let mut name = photos.as_os_str().to_owned();
    name.push(".numbers.csv");
    name.into()
}

/// Fails where nothing of what was asked for could be compared: a report without numbers is no success.
fn compared(report: &Report, common: &Common) -> Result<(), Failure> {
    match report.nothing_to_compare() {
        Some(_) if report.lacks_networks() && !common.vectors.is_empty() => {
            let why = "the files have no vectors for it; give files of more roles with --vectors";
            Err(Failure::input(format!("{}: nothing can be compared: {why}", report.path())))
        }
        Some(why) => {
            let code = if report.lacks_networks() { Failure::MODELS } else { Failure::INPUT };
            Err(Failure::new(code, format!("{}: nothing can be compared: {why}", report.path())))
        }
        None if report.nothing_in_both() => Err(Failure::input(
            "--against: the other report has none of these photos with captions; give one of the same data set",
        )),
        None => Ok(()),
    }
}

/// Prints the report of `clipscope [DATASET]` where there is no terminal.
pub(super) fn plain_report(dataset: Option<&Path>, pick: &Pick, common: &Common) -> Result<(), Failure> {
    let (report, ..) = report(dataset, pick, common, Approaches::ALL, Notes::InReport, Matrices::Kept)?;
    print(report.text().as_bytes())?;
    compared(&report, common)
}

fn report(
    dataset: Option<&Path>,
    pick: &Pick,
    common: &Common,
    approaches: Approaches,
    notes: Notes,
    matrices: Matrices,
) -> Result<(Report, Comparison, Timing), Failure> {
    let dataset = Arc::new(run::open_part(dataset, pick, common)?);
    let (info, finished) = if common.vectors.is_empty() {
        let set = run::open_models(common)?;
        (set.info(), run::embed_all(&dataset, &set, common, notes)?)
    } else {
        let files = vectors::read(&dataset, common)?;
        (files.models().clone(), vectors::finished(&files, &dataset, common, notes)?)
    };
    let start = Instant::now();
    let mut options = clipscope_analysis::Options::default();
    if matrices == Matrices::LeftOut {
        options.similarity_limit = 0;
        options.bridge.grid_limit = 0;
    }
    let comparison = compare(&dataset, &finished.embeddings, &info, &options).map_err(Failure::input)?;
    let timing = Timing {
        embedding_s: finished.elapsed.as_secs_f64(),
        analysis_s: start.elapsed().as_secs_f64(),
        cached: finished.cached,
        computed: finished.computed,
    };
    let report = Report::new(&dataset, &comparison, &info, &finished.notes, approaches);
    Ok((report, comparison, timing))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Matrices {
    Kept,
    LeftOut,
}

fn approaches(argument: ApproachArgument) -> Approaches {
    let all = argument == ApproachArgument::All;
    Approaches {
        pre_clip: all || argument == ApproachArgument::PreClip,
        bridge: all || argument == ApproachArgument::Bridge,
        clip: all || argument == ApproachArgument::Clip,
    }
}

/// Why the accuracy is not as high as wanted; `None` if it is.
fn too_low(comparison: &Comparison, wanted: f64) -> Option<String> {
    let clip = comparison.evaluation.clip.as_ref();
    let Some(top1) = clip.and_then(|clip| clip.image_to_text.top1) else {
        return Some("there is no image→text accuracy: no photo has a caption".into());
    };
    if telling(Some(top1)).is_none() {
        return Some(
            "the image→text accuracy says nothing: a photo has no other caption to choose from".into(),
        );
    }
    let Share { value, hits, n, .. } = top1;
    (value < wanted).then(|| format!("image→text top-1 is {value:.3} ({hits}/{n}), below {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_stand_beside_the_photos() {
        for (photos, numbers) in [
            ("a/report.csv", "a/report.numbers.csv"),
            ("r.CSV", "r.numbers.csv"),
            ("report", "report.numbers.csv"),
            ("r.2026", "r.2026.numbers.csv"),
        ] {
            assert_eq!(numbers_file(Path::new(photos)), Path::new(numbers));
        }
    }
}
