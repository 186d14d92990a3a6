//! What an edit does to the numbers: before and after, side by side.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::analysis::{Retrieval, Share};
use crate::models::Modality;
use crate::tui::app::{App, Edit, Results};
use crate::tui::{Approach, text};

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
    lines.push(Line::styled(
        text::cut(&format!("{:<12}{:>7}{:>7}", "", "before", "now"), width),
        app.theme.dim(),
    ));
    let now = app.results.as_deref().unwrap_or(&edit.baseline);
    for (name, better, value) in values(approach) {
        let (before, after) = (value(&edit.baseline, edit.place), value(now, edit.place));
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
        lines.push(Line::from(vec![
            Span::raw(format!("{}{:>7}", text::fit(name, 12), shown(before))),
            Span::styled(format!("{:>7}{sign}", shown(after)), style),
        ]));
    }
    lines.push(Line::styled("─".repeat(width), app.theme.dim()));
    lines
}

type Value = fn(&Results, usize) -> Option<f64>;

/// The numbers that an edited caption moves. None is computed here.
fn values(approach: Approach) -> Vec<(&'static str, Better, Value)> {
    match approach {
        Approach::Clip => vec![
            ("photo rank", Better::Lower, |results, place| {
                let photo = *results.comparison.collection.caption_image().get(position(results, place)?)?;
                clip(results)?.images.get(photo)?.rank.map(|rank| rank as f64)
            }),
            ("margin", Better::Higher, |results, place| {
                let photo = *results.comparison.collection.caption_image().get(position(results, place)?)?;
                clip(results)?.images.get(photo)?.margin
            }),
            ("caption rank", Better::Lower, |results, place| {
                Some(clip(results)?.captions.get(position(results, place)?)?.rank as f64)
            }),
            ("top-1 i→t", Better::Higher, |results, _| share(clip(results)?.image_to_text.top1)),
            ("top-1 t→i", Better::Higher, |results, _| share(clip(results)?.text_to_image.top1)),
            ("MRR i→t", Better::Higher, |results, _| clip(results)?.image_to_text.mrr),
            ("category", Better::Higher, |results, _| share(clip(results)?.image_to_text.category_top1)),
        ],
        Approach::Bridge => vec![
            ("CKA", Better::Higher, |results, _| results.comparison.evaluation.bridge.as_ref()?.cka_unbiased),
            ("RSA", Better::Higher, |results, _| results.comparison.evaluation.bridge.as_ref()?.rsa),
            ("one of two", Better::Higher, |results, _| {
                share(results.comparison.evaluation.bridge.as_ref()?.two_afc.all)
            }),
            ("held out", Better::Higher, |results, _| {
                let holdout = results.comparison.evaluation.bridge.as_ref()?.holdout.as_ref()?;
                Some(holdout.accuracy.value)
            }),
        ],
        Approach::Images | Approach::Texts => vec![
            ("separation", Better::Higher, |results, _| texts(results)?.separation),
            ("AUC", Better::Higher, |results, _| texts(results)?.auc),
            ("silhouette", Better::Higher, |results, _| texts(results)?.silhouette),
            ("nearest", Better::Higher, |results, _| share(texts(results)?.nn_category_accuracy)),
        ],
    }
}

fn position(results: &Results, place: usize) -> Option<usize> {
    results.of(Modality::Text).position(place)
}

fn clip(results: &Results) -> Option<&Retrieval> {
    results.comparison.evaluation.clip.as_ref()
}

fn texts(results: &Results) -> Option<&crate::analysis::Structure> {
    Some(&results.comparison.evaluation.pre_clip.as_ref()?.text)
}

fn share(share: Option<Share>) -> Option<f64> {
    share.map(|share| share.value)
}
