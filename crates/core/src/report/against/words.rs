//! The comparison with another report in words, the same in the text, Markdown and LaTeX reports.

use super::super::contents::Report;
use super::super::rows::Row;
use super::{Against, AgainstDirection, Only};
use clipscope_analysis::paired::Difference;
use clipscope_analysis::retrieval::R_AT;
use clipscope_base::display_safe::display_safe;
use clipscope_base::words::count;

/// Items that are named; all others are in JSON.
const NAMED: usize = 3;

pub(in crate::report) fn heading(against: &Against) -> String {
    format!("Against {}", against.old.report)
}

/// The model set of each report, with what it stands in for.
pub(in crate::report) fn models(report: &Report, against: &Against) -> String {
    let old = &against.old;
    let stand_in = old.stand_in.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
    format!("Models: {}{stand_in} before, {} now.", old.models, report.models_name())
}

/// What a reader has to know before the numbers, a sentence each. Not yet safe to display.
pub(in crate::report) fn remarks(report: &Report, against: &Against) -> Vec<String> {
    let mut remarks = vec![
        models(report, against),
        format!(
            "{} with captions and {} are in both. Intervals: 95 % of {} draws of photos, seed {}. p: exact, by photo.",
            count(against.photos, "photo"),
            count(against.captions, "different caption"),
            against.draws,
            against.seed,
        ),
    ];
    let clip = report.evaluation.clip.as_ref();
    let changed = |before: u64, now: Option<usize>, what: &str| {
        let now = now.filter(|now| *now as u64 != before)?;
        Some(format!("Ranks are among {now} {what} now and were among {before}: that alone changes them."))
    };
    remarks.extend(changed(against.old.captions, clip.map(|clip| clip.image_to_text.candidates), "captions"));
    remarks.extend(changed(against.old.photos, clip.map(|clip| clip.text_to_image.candidates), "photos"));
    let towers = |role: &str| against.old.towers.iter().find(|tower| tower.role == role);
    for tower in &report.models.towers {
        if let Some(old) = towers(tower.role.name()).filter(|old| old.name != tower.name) {
            remarks.push(format!("{}: {} before, {} now.", tower.role.name(), old.name, tower.name));
        }
    }
    for (only, which) in [(&against.only_old, "the other report"), (&against.only_new, "this report")] {
        remarks.extend(missing(only, which));
    }
    remarks
}

fn missing(only: &Only, which: &str) -> Vec<String> {
    let captions: Vec<String> = only
        .captions
        .iter()
        .take(NAMED)
        .map(|caption| format!("{} ({})", caption.caption, caption.file))
        .collect();
    [("photo", only.photos.len(), &only.photos[..]), ("caption", only.captions.len(), &captions[..])]
        .into_iter()
        .filter(|(_, all, _)| *all > 0)
        .map(|(what, all, names)| {
            let named = names.iter().take(NAMED).map(|name| display_safe(name).into_owned());
            let more = if all > NAMED { format!(", and {} more", all - NAMED) } else { String::new() };
            let named: Vec<String> = named.collect();
            format!("Only {which} has {}: {}{more}.", count(all, what), named.join(", "))
        })
        .collect()
}

/// The differences by direction, each with its title.
pub(in crate::report) fn sections<'a>(against: &Against) -> [(&'static str, Vec<Row<'a>>); 3] {
    let clip = &against.clip;
    [
        ("image→text", direction(&clip.image_to_text)),
        ("text→image", direction(&clip.text_to_image)),
        (
            "both directions",
            vec![
                row("mean margin", clip.mean_margin),
                row("own beats every null", clip.null_captions.beaten),
            ],
        ),
    ]
}

fn direction<'a>(found: &AgainstDirection) -> Vec<Row<'a>> {
    let recalls = R_AT
        .iter()
        .zip(found.r_at)
        .map(|(k, recall)| row(&if *k == 1 { "top-1 (R@1)".into() } else { format!("R@{k}") }, recall));
    let mut rows: Vec<Row<'a>> = recalls.collect();
    rows.extend(found.category_top1.map(|category| row("category top-1", category)));
    rows.push(row("MRR", found.mrr));
    rows.extend(found.mean_margin.map(|margin| row("mean margin", margin)));
    rows
}

fn row<'a>(name: &str, found: Option<Difference>) -> Row<'a> {
    let value = found.map(difference).ok_or_else(|| "no item has it in both reports".to_owned());
    Row { name: name.to_owned(), value: value.map(Into::into), part: false, file: None }
}

fn difference(found: Difference) -> String {
    let interval =
        found.interval.map(|[low, high]| format!("  95 % [{low:+.2}, {high:+.2}]")).unwrap_or_default();
    let p = found.p.map(|p| if p < 0.001 { "  p < 0.001".into() } else { format!("  p = {p:.3}") });
    let changes = found.gained.zip(found.lost).map(|(gained, lost)| format!("  (+{gained} −{lost})"));
    format!(
        "{:.3} → {:.3}  {:+.3}{interval}{}{}",
        found.old,
        found.new,
        found.difference,
        p.unwrap_or_default(),
        changes.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_one_line() {
        let found = Difference {
            old: 0.45,
            new: 0.3,
            difference: -0.15,
            interval: Some([-0.35, 0.0]),
            p: Some(0.25),
            n: 20,
            gained: Some(1),
            lost: Some(4),
        };
        assert_eq!(difference(found), "0.450 → 0.300  -0.150  95 % [-0.35, +0.00]  p = 0.250  (+1 −4)");
        let mean = Difference { interval: None, p: None, gained: None, lost: None, ..found };
        assert_eq!(difference(mean), "0.450 → 0.300  -0.150");
        assert!(difference(Difference { p: Some(1e-9), ..found }).contains("p < 0.001"));
    }
}
