//! What an edit does to the numbers: before and after, side by side.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::tui::app::{App, Edit};
use crate::tui::approach::Approach;
use crate::tui::model::Results;
use crate::tui::text;
use clipscope_analysis::retrieval::ImageResult;
use clipscope_analysis::{Bridge, Retrieval, Share, Structure};
use clipscope_networks::Modality;

/// From this width on, shares have their interval and chance level here too.
const WITH_INTERVALS: usize = 45;

/// Whether more is better.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Better {
    Higher,
    Lower,
}

/// The lines above the numbers while a caption is edited.
pub fn lines(app: &App, edit: &Edit, approach: Approach, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let photo = app.catalog.photo_of(Modality::Text, edit.place).unwrap_or(0);
    let title = format!("caption of {}", app.catalog.label(Modality::Image, photo));
    lines.push(Line::styled(text::cut(&title, width), app.theme.strong()));
    if let Some(reason) = &edit.failure {
        lines.extend(text::wrap(reason, width).into_iter().map(|line| Line::styled(line, app.theme.bad())));
    }
    let wide = width >= WITH_INTERVALS;
    let intervals = if wide { "   95 %      chance" } else { "" };
    lines.push(Line::styled(
        text::cut(&format!("{:<12}{:>7}{:>7}{intervals}", "", "before", "now"), width),
        app.theme.dim(),
    ));
    let now = app.first.results.as_deref().unwrap_or(&edit.baseline);
    for (name, value) in values(approach) {
        let (before, after) = (value.of(&edit.baseline, edit.place), value.of(now, edit.place));
        let better = value.better();
        let shown = |value: Option<f64>| match value {
            None => "–".to_owned(),
            Some(rank) if better == Better::Lower => format!("{rank:.0}"),
            Some(value) => format!("{value:.3}"),
        };
        let (sign, style) = match (before, after) {
            (Some(before), Some(after)) if before != after => {
                let up = after > before;
                let good = up == (better == Better::Higher);
                (if up { " ▲" } else { " ▼" }, if good { app.theme.good() } else { app.theme.bad() })
            }
            _ => ("", Style::new()),
        };
        let mut spans = vec![
            Span::raw(format!("{}{:>7}", text::fit(name, 12), shown(before))),
            Span::styled(format!("{:>7}{sign}", shown(after)), style),
        ];
        if let Value::Share(share) = value
            && let Some(share) = share(now).filter(|_| wide)
        {
            let space = if sign.is_empty() { "   " } else { " " };
            let (low, high) = (text::share(share.lo), text::share(share.hi));
            spans.push(Span::raw(format!("{space}{low}–{high} ")));
            spans.push(Span::styled(text::chance(share.chance), app.theme.dim()));
        }
        lines.push(Line::from(spans));
    }
    lines.push(Line::styled("─".repeat(width), app.theme.dim()));
    lines
}

/// A number of the table.
enum Value {
    /// A rank of the edited caption, given by its place. Lower is better.
    Rank(fn(&Results, usize) -> Option<usize>),
    /// Another number of the edited caption. Higher is better.
    Own(fn(&Results, usize) -> Option<f64>),
    /// A number over the whole data set. Higher is better.
    All(fn(&Results) -> Option<f64>),
    /// A share over the whole data set, with its interval and chance level.
    Share(fn(&Results) -> Option<Share>),
}

impl Value {
    fn of(&self, results: &Results, place: usize) -> Option<f64> {
        match self {
            Self::Rank(rank) => rank(results, place).map(|rank| rank as f64),
            Self::Own(value) => value(results, place),
            Self::All(value) => value(results),
            Self::Share(share) => share(results).map(|share| share.value),
        }
    }

    fn better(&self) -> Better {
        if matches!(self, Self::Rank(_)) { Better::Lower } else { Better::Higher }
    }
}

/// The numbers that an edited caption changes, by their names.
fn values(approach: Approach) -> Vec<(&'static str, Value)> {
    match approach {
        Approach::Clip => vec![
            ("photo rank", Value::Rank(|results, place| own_photo(results, place)?.rank)),
            ("margin", Value::Own(|results, place| own_photo(results, place)?.margin)),
            (
                "caption rank",
                Value::Rank(|results, place| {
                    Some(clip(results)?.captions.get(position(results, place)?)?.rank)
                }),
            ),
            ("top-1 i→t", Value::Share(|results| clip(results)?.image_to_text.top1)),
            ("top-1 t→i", Value::Share(|results| clip(results)?.text_to_image.top1)),
            ("MRR i→t", Value::All(|results| clip(results)?.image_to_text.mrr)),
            ("category", Value::Share(|results| clip(results)?.image_to_text.category_top1)),
        ],
        Approach::Bridge => vec![
            ("CKA", Value::All(|results| bridge(results)?.cka_unbiased)),
            ("RSA", Value::All(|results| bridge(results)?.rsa)),
            ("pairing", Value::Share(|results| bridge(results)?.two_afc.all)),
            (
                "held out",
                Value::Share(|results| bridge(results)?.holdout.as_ref().map(|holdout| holdout.accuracy)),
            ),
        ],
        Approach::Images | Approach::Texts => vec![
            ("separation", Value::All(|results| texts(results)?.separation)),
            ("AUC", Value::All(|results| texts(results)?.auc)),
            ("silhouette", Value::All(|results| texts(results)?.silhouette)),
            ("nearest", Value::Share(|results| texts(results)?.nn_category_accuracy)),
        ],
    }
}

/// The result for the photo that the caption belongs to.
fn own_photo(results: &Results, place: usize) -> Option<&ImageResult> {
    let photo = *results.comparison.collection.caption_image().get(position(results, place)?)?;
    clip(results)?.images.get(photo)
}

fn bridge(results: &Results) -> Option<&Bridge> {
    results.comparison.evaluation.bridge.as_ref()
}

fn position(results: &Results, place: usize) -> Option<usize> {
    results.of(Modality::Text).position(place)
}

fn clip(results: &Results) -> Option<&Retrieval> {
    results.comparison.evaluation.clip.as_ref()
}

fn texts(results: &Results) -> Option<&Structure> {
    Some(&results.comparison.evaluation.pre_clip.as_ref()?.text)
}
