//! `clipscope embed`: the vectors themselves, in an open format.
//!
//! One safetensors file with a tensor per role, `[n, dim]`, rows of unit length, and a JSON file
//! beside it that names the rows. `--shard i/n` cuts the data set, so that any scheduler can run
//! the parts on different machines.

use std::path::PathBuf;
use std::sync::Arc;

use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;

use super::args::{Common, EmbedOptions};
use super::{Failure, run, write_file};
use crate::dataset::Skipped;
use crate::display_safe::json_safe;
use crate::embedding::Vectors;
use crate::models::{Modality, ModelsInfo, Role};

/// The rows' names, as written beside the vectors.
#[derive(Serialize)]
struct Ids {
    schema: u32,
    dataset: String,
    shard: Option<String>,
    models: ModelsInfo,
    images: Vec<ImageId>,
    captions: Vec<CaptionId>,
    skipped: Vec<Skipped>,
}

#[derive(Serialize)]
struct ImageId {
    file: String,
    category: String,
}

#[derive(Serialize)]
struct CaptionId {
    file: String,
    caption: String,
}

pub(super) fn run(options: &EmbedOptions, common: &Common) -> Result<(), Failure> {
    let mut dataset = run::open_dataset(options.dataset.as_deref(), common)?;
    if let Some(shard) = options.shard {
        let range = shard.range(dataset.items.len());
        dataset.items = dataset.items[range].to_vec();
    }
    let dataset = Arc::new(dataset);
    let set = run::open_models(common)?;
    let info = set.info();
    let finished = run::embed_all(&dataset, &set, common)?;

    let captions: Vec<CaptionId> = dataset
        .items
        .iter()
        .flat_map(|item| {
            let id = |caption: &String| CaptionId { file: item.file.clone(), caption: caption.clone() };
            item.captions.iter().map(id)
        })
        .collect();
    // A row is kept when every tower of its modality has it, so that the tensors' rows agree.
    let kept = |modality: Modality, total: usize| -> Vec<usize> {
        let roles: Vec<Role> =
            info.towers.iter().map(|tower| tower.role).filter(|role| role.modality() == modality).collect();
        (0..total)
            .filter(|&place| roles.iter().all(|&role| finished.embeddings.get(role, place).is_some()))
            .collect()
    };
    let photo_rows = kept(Modality::Image, dataset.items.len());
    let caption_rows = kept(Modality::Text, captions.len());

    let mut tensors = Vec::new();
    for tower in &info.towers {
        let rows = match tower.role.modality() {
            Modality::Image => &photo_rows,
            Modality::Text => &caption_rows,
        };
        let vectors = Vectors::from_rows(
            tower.dim,
            rows.iter().filter_map(|&row| finished.embeddings.get(tower.role, row)),
        )
        .map_err(Failure::input)?;
        let bytes: Vec<u8> = vectors.as_slice().iter().flat_map(|value| value.to_le_bytes()).collect();
        tensors.push((tower.role.name(), vec![vectors.rows(), tower.dim], bytes));
    }
    let views = tensors
        .iter()
        .map(|(name, shape, bytes)| {
            TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (*name, view))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failure::input)?;
    let file = safetensors::serialize(views, None).map_err(Failure::input)?;

    let images = photo_rows
        .iter()
        .map(|&row| &dataset.items[row])
        .map(|item| ImageId { file: item.file.clone(), category: item.category.clone() })
        .collect();
    let ids = Ids {
        schema: 1,
        dataset: dataset.path.clone(),
        shard: options.shard.map(|shard| shard.to_string()),
        models: info,
        images,
        captions: captions
            .into_iter()
            .enumerate()
            .filter(|(row, _)| caption_rows.binary_search(row).is_ok())
            .map(|(_, id)| id)
            .collect(),
        skipped: dataset.skipped.iter().chain(&finished.notes.skipped).cloned().collect(),
    };
    let json = serde_json::to_string_pretty(&ids).map_err(Failure::input)?;
    let json = json_safe(&json).into_owned() + "\n";
    let mut ids_file = options.out.clone().into_os_string();
    ids_file.push(".json");
    write_file(&options.out, &file)?;
    write_file(&PathBuf::from(ids_file), json.as_bytes())
}
