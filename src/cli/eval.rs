//! `clipscope eval`: prints the numbers without the dashboard.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::common::Common;
use super::endings;
use super::failure::Failure;
use super::options::{EvalOptions, Pick};
use super::output::{print, tell, write_file};
use super::run::{self, Notes};
use super::values::{ApproachArgument, FormatArgument};
use super::vectors;
use clipscope_base::display_safe::display_path;
use clipscope_core::comparison::{Comparison, compare, telling};
use clipscope_core::report::{Approaches, Report, Timing, plots};

pub(super) fn run(options: &EvalOptions, common: &Common) -> Result<(), Failure> {
    let format = endings::report(options.format, options.out.as_deref())?;
    let notes = match (format, &options.out) {
        (FormatArgument::Text | FormatArgument::Markdown, None) => Notes::InReport,
        _ => Notes::AtOnce,
    };
    let dataset = options.dataset.as_deref();
    let (mut report, comparison, timing) =
        report(dataset, &options.pick, common, approaches(options.approach), notes)?;
    report.timing = options.timing.then_some(timing);
    let text = match format {
        FormatArgument::Text => report.text(),
        FormatArgument::Json => report.json().map_err(Failure::input)?,
        FormatArgument::Csv => report.csv(),
        FormatArgument::Markdown => report.markdown(),
    };
    match &options.out {
        None => print(text.as_bytes())?,
        Some(file) => write_file(file, text.as_bytes())?,
    }
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
    if let Some(wanted) = options.min_accuracy {
        check(&comparison, wanted)?;
    }
    compared(&report, common)
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
        None => Ok(()),
    }
}

/// Prints the report of `clipscope [DATASET]` where there is no terminal.
pub(super) fn plain_report(dataset: Option<&Path>, pick: &Pick, common: &Common) -> Result<(), Failure> {
    let (report, ..) = report(dataset, pick, common, Approaches::ALL, Notes::InReport)?;
    print(report.text().as_bytes())?;
    compared(&report, common)
}

fn report(
    dataset: Option<&Path>,
    pick: &Pick,
    common: &Common,
    approaches: Approaches,
    notes: Notes,
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
    let options = clipscope_analysis::Options::default();
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

fn approaches(argument: ApproachArgument) -> Approaches {
    let all = argument == ApproachArgument::All;
    Approaches {
        pre_clip: all || argument == ApproachArgument::PreClip,
        bridge: all || argument == ApproachArgument::Bridge,
        clip: all || argument == ApproachArgument::Clip,
    }
}

fn check(comparison: &Comparison, wanted: f64) -> Result<(), Failure> {
    let clip = comparison.evaluation.clip.as_ref();
    let Some(top1) = clip.and_then(|clip| clip.image_to_text.top1) else {
        return Err(Failure::new(Failure::CHECK, "there is no image→text accuracy: no photo has a caption"));
    };
    if telling(Some(top1)).is_none() {
        let message = "the image→text accuracy says nothing: a photo has no other caption to choose from";
        return Err(Failure::new(Failure::CHECK, message));
    }
    if top1.value < wanted {
        let message =
            format!("image→text top-1 is {:.3} ({}/{}), below {wanted}", top1.value, top1.hits, top1.n);
        return Err(Failure::new(Failure::CHECK, message));
    }
    Ok(())
}
