//! One row per photo, for spreadsheets.

use super::Report;
use crate::display_safe::csv_safe;

const HEADER: [&str; 11] = [
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
];

pub(super) fn render(report: &Report) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let clip = report.evaluation.clip.as_ref();
    let bridge = report.evaluation.bridge.as_ref();
    // Writing to memory does not fail; a row of another length would, and all have the header's.
    let _ = writer.write_record(HEADER);
    for (place, item) in report.dataset.items.iter().enumerate() {
        let image = clip.and_then(|clip| clip.images.get(place));
        let best = image.and_then(|image| image.top_k.first());
        let two_afc = bridge
            .and_then(|bridge| bridge.images.iter().find(|image| image.index == place))
            .and_then(|image| image.two_afc);
        let number = |value: Option<f64>| value.map(|value| format!("{value:.6}")).unwrap_or_default();
        let text = |value: Option<&str>| csv_safe(value.unwrap_or_default()).into_owned();
        let _ = writer.write_record([
            text(Some(&item.file)),
            text(Some(&item.category)),
            text(Some(&item.captions.join(" | "))),
            image.and_then(|image| image.rank).map(|rank| rank.to_string()).unwrap_or_default(),
            number(image.and_then(|image| image.margin)),
            image.and_then(|image| image.category_correct).map(|hit| hit.to_string()).unwrap_or_default(),
            text(best.map(|best| best.caption.as_str())),
            text(best.map(|best| best.file.as_str())),
            number(best.map(|best| f64::from(best.score))),
            number(best.map(|best| best.confidence)),
            number(two_afc),
        ]);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
