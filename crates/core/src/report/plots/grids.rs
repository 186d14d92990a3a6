//! The grids of a report as heat maps.

use super::axis::HeatMapAxis;
use super::heat_map::HeatMap;
use crate::report::contents::Report;
use clipscope_analysis::{GRID_LIMIT, Matrix};

/// A file name with its heat map, or why there is none.
pub(super) type NamedHeatMap<'a> = Result<(&'static str, HeatMap<'a>), String>;

const COSINE: &str = "cosine similarity";

pub(super) fn heat_maps<'a>(report: &'a Report) -> Vec<NamedHeatMap<'a>> {
    let items = &report.dataset.items;
    let photos = || {
        HeatMapAxis::grouped("photos", items.iter().map(|item| (item.file.clone(), item.category.as_str())))
    };
    let captions = || {
        let labels = items
            .iter()
            .flat_map(|item| item.captions.iter().map(|caption| (caption.clone(), item.category.as_str())));
        HeatMapAxis::grouped("captions", labels)
    };
    let set = report.models.set.name();
    let mut maps = Vec::new();
    let mut add = |name, what: &str, matrix: &'a Option<Matrix>, rows, cols, measure| {
        maps.push(heat_map(name, format!("{what} ({set})"), matrix.as_ref(), rows, cols, measure));
    };
    if let Some(pre_clip) = &report.evaluation.pre_clip {
        let (image, text) = (&pre_clip.image.similarity, &pre_clip.text.similarity);
        add("pre-clip-images", "Pre-CLIP: photo × photo", image, photos(), photos(), COSINE);
        add("pre-clip-texts", "Pre-CLIP: caption × caption", text, captions(), captions(), COSINE);
    }
    if let Some(bridge) = &report.evaluation.bridge {
        // The bridge compares one caption per photo, and leaves out photos without captions.
        let category = |index: usize| items.get(index).map_or("", |item| item.category.as_str());
        let pairs = || bridge.images.iter();
        let rows = pairs().map(|pair| (pair.file.clone(), category(pair.index)));
        let cols = pairs().map(|pair| (pair.caption.clone(), category(pair.index)));
        let rows = HeatMapAxis::grouped("photos", rows);
        let cols = HeatMapAxis::grouped("captions", cols);
        let what = "Bridge: photo × caption through other pairs";
        add("bridge", what, &bridge.grid, rows, cols, "bridge score");
    }
    if let Some(clip) = &report.evaluation.clip {
        let what = match report.models.stand_in {
            Some(stand_in) => format!("Shared space, {stand_in}: photo × caption"),
            None => "CLIP: photo × caption".into(),
        };
        add("clip", &what, &clip.similarity, photos(), captions(), COSINE);
    }
    maps
}

fn heat_map<'a>(
    name: &'static str,
    title: String,
    matrix: Option<&'a Matrix>,
    rows: HeatMapAxis,
    cols: HeatMapAxis,
    measure: &'static str,
) -> NamedHeatMap<'a> {
    // There is always a photo.
    if rows.labels.is_empty() || cols.labels.is_empty() {
        return Err(format!("no heat map {name}.png: no photo has a caption"));
    }
    let Some(matrix) = matrix else {
        let (rows, cols) = (rows.labels.len(), cols.labels.len());
        return Err(format!(
            "no heat map {name}.png: {rows} × {cols} cells are more than the limit of {GRID_LIMIT}; plot a part of \
             the data set"
        ));
    };
    Ok((name, HeatMap { title, matrix, rows, cols, measure }))
}
