//! `clipscope embed`: writes the vectors themselves, in an open format.
//!
//! One safetensors file with a tensor per role, `[n, dim]`, rows of unit length, and a JSON file
//! beside it that names the rows; or one Parquet file per role ([`clipscope_core::shards`]). `--shard i/n`
//! cuts the data set, so that any scheduler can run the parts on different machines.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::common::Common;
use super::endings;
use super::failure::Failure;
use super::options::EmbedOptions;
use super::output::{tell, write_file, write_file_with};
use super::run::{self, Notes};
use super::values::{Shard, VectorFormat};
use clipscope_analysis::Vectors;
use clipscope_base::display_safe::{display_path, json_safe};
use clipscope_base::words::count;
use clipscope_core::dataset::{Dataset, Item, Skipped};
use clipscope_core::shards::{ShardManifest, ShardRows, ShardWriter};
use clipscope_networks::{Modality, ModelSet, ModelsInfo, Role, TowerInfo};

/// The names of the rows, as written beside the vectors.
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
    let format = endings::vectors(options.format, &options.out)?;
    let mut dataset = run::open_part(options.dataset.as_deref(), &options.pick, common)?;
    let whole = Whole::of(&dataset, options.shard);
    dataset.items = dataset.items[whole.photos.clone()].to_vec();
    let dataset = Arc::new(dataset);
    let set = run::open_models(common)?;
    let finished = run::embed_all(&dataset, &set, common, Notes::AtOnce)?;
    let captions: Vec<CaptionId> = dataset
        .items
        .iter()
        .flat_map(|item| {
            let id = |caption: &String| CaptionId { file: item.file.clone(), caption: caption.clone() };
            item.captions.iter().map(id)
        })
        .collect();
    let info = set.info();
    // A row is kept when every tower of its modality has it, so that the tensors' rows agree.
    let kept = |modality: Modality, total: usize| -> Vec<usize> {
        (0..total).filter(|&row| finished.embeddings.is_complete(&info, modality, row)).collect()
    };
    let photo_rows = kept(Modality::Image, dataset.items.len());
    let caption_rows = kept(Modality::Text, captions.len());
    let embedded = Embedded { dataset, captions, photo_rows, caption_rows, info, set, finished };
    match format {
        VectorFormat::Parquet => embedded.parquet(&whole, options, common),
        VectorFormat::Safetensors => embedded.safetensors(options),
    }
}

/// The whole data set, and which part of it a shard covers.
struct Whole {
    /// The photos of the shard.
    photos: Range<usize>,
    /// The captions of those photos, among all captions.
    captions: Range<usize>,
    total_photos: usize,
    total_captions: usize,
    fingerprint: String,
}

impl Whole {
    fn of(dataset: &Dataset, shard: Option<Shard>) -> Self {
        let count = |items: &[Item]| items.iter().map(|item| item.captions.len()).sum();
        let total_photos = dataset.items.len();
        let photos = shard.map_or(0..total_photos, |shard| shard.range(total_photos));
        let before: usize = count(&dataset.items[..photos.start]);
        let captions = before..before + count(&dataset.items[photos.clone()]);
        let mut hash = Sha256::new();
        for text in dataset.items.iter().flat_map(|item| std::iter::once(&item.file).chain(&item.captions)) {
            // With its length, so that no two lists of texts give the same bytes.
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        let total_captions = count(&dataset.items);
        Self { photos, captions, total_photos, total_captions, fingerprint: hex::encode(hash.finalize()) }
    }
}

/// A shard or a whole data set, embedded.
struct Embedded {
    dataset: Arc<Dataset>,
    captions: Vec<CaptionId>,
    photo_rows: Vec<usize>,
    caption_rows: Vec<usize>,
    info: ModelsInfo,
    set: ModelSet,
    finished: run::Finished,
}

impl Embedded {
    fn rows(&self, modality: Modality) -> &[usize] {
        match modality {
            Modality::Image => &self.photo_rows,
            Modality::Text => &self.caption_rows,
        }
    }

    /// The vectors of a role, of unit length, `[rows, dim]`.
    fn vectors(&self, tower: &TowerInfo) -> Result<Vectors, Failure> {
        let rows = self.rows(tower.role.modality());
        self.finished.embeddings.vectors(tower, rows).map_err(Failure::input)
    }

    fn safetensors(self, options: &EmbedOptions) -> Result<(), Failure> {
        let mut tensors = Vec::new();
        for tower in &self.info.towers {
            let vectors = self.vectors(tower)?;
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

        let images = self
            .photo_rows
            .iter()
            .map(|&row| &self.dataset.items[row])
            .map(|item| ImageId { file: item.file.clone(), category: item.category.clone() })
            .collect();
        let skipped = self.dataset.skipped.iter().chain(&self.finished.notes.skipped).cloned().collect();
        let ids = Ids {
            schema: 1,
            dataset: self.dataset.path.clone(),
            shard: options.shard.map(|shard| shard.to_string()),
            models: self.info,
            images,
            captions: self
                .captions
                .into_iter()
                .enumerate()
                .filter(|(row, _)| self.caption_rows.binary_search(row).is_ok())
                .map(|(_, id)| id)
                .collect(),
            skipped,
        };
        let json = serde_json::to_string_pretty(&ids).map_err(Failure::input)?;
        let json = json_safe(&json).into_owned() + "\n";
        let mut ids_file = options.out.clone().into_os_string();
        ids_file.push(".json");
        write_file(&options.out, &file)?;
        write_file(&PathBuf::from(ids_file), json.as_bytes())
    }

    /// Writes one file per role. Caption roles are left out where the whole data set has no captions.
    fn parquet(&self, whole: &Whole, options: &EmbedOptions, common: &Common) -> Result<(), Failure> {
        let photos = self.photo_texts();
        for tower in &self.info.towers {
            let (covered, total) = match tower.role.modality() {
                Modality::Image => (&whole.photos, whole.total_photos),
                Modality::Text => (&whole.captions, whole.total_captions),
            };
            if total == 0 {
                if !common.quiet {
                    tell(format_args!("clipscope: no captions: no file for {}", tower.role.name()));
                }
                continue;
            }
            let kept = self.rows(tower.role.modality());
            let place = |row: usize| (covered.start + row) as u64;
            let all = 0..covered.len();
            let manifest = ShardManifest {
                schema: 1,
                role: tower.role,
                network: tower.name.clone(),
                model: model_key(&self.set, tower.role)?,
                dim: tower.dim,
                dataset: self.dataset.path.clone(),
                fingerprint: whole.fingerprint.clone(),
                total: total as u64,
                first: place(0),
                end: place(covered.len()),
                left_out: all.filter(|row| kept.binary_search(row).is_err()).map(place).collect(),
            };
            let mut rows = match tower.role.modality() {
                Modality::Image => photos.clone(),
                Modality::Text => self.caption_texts(),
            };
            rows.ids = kept.iter().map(|&row| place(row)).collect();
            rows.vectors = self.vectors(tower)?.as_slice().to_vec();
            let file = role_file(&options.out, tower.role);
            write_file_with(&file, |to| {
                let mut writer = ShardWriter::new(to, manifest).map_err(Failure::input)?;
                writer.write(&rows).map_err(Failure::input)?;
                writer.finish().map(drop).map_err(Failure::input)
            })?;
            if !common.quiet {
                tell(format_args!("wrote {}: {}", display_path(&file), count(rows.len(), "vector")));
            }
        }
        Ok(())
    }

    /// The columns of photos besides ids and vectors.
    fn photo_texts(&self) -> ShardRows {
        let mut rows = ShardRows::default();
        for &row in &self.photo_rows {
            let item = &self.dataset.items[row];
            rows.paths.push(item.file.clone());
            rows.categories.push(item.category.clone());
            rows.captions.push(None);
            rows.content_sha256.push(hex::encode(self.finished.contents[row]));
        }
        rows
    }

    /// The columns of captions besides ids and vectors.
    fn caption_texts(&self) -> ShardRows {
        let categories: Vec<&str> = self
            .dataset
            .items
            .iter()
            .flat_map(|item| item.captions.iter().map(|_| item.category.as_str()))
            .collect();
        let mut rows = ShardRows::default();
        for &row in &self.caption_rows {
            let id = &self.captions[row];
            rows.paths.push(id.file.clone());
            rows.categories.push(categories[row].to_owned());
            rows.captions.push(Some(id.caption.clone()));
            rows.content_sha256.push(hex::encode(Sha256::digest(&id.caption)));
        }
        rows
    }
}

/// `vectors.parquet` becomes `vectors.clip_image.parquet`.
fn role_file(out: &Path, role: Role) -> PathBuf {
    let mut name = match out.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("parquet") => out.with_extension(""),
        _ => out.to_path_buf(),
    }
    .into_os_string();
    name.push(format!(".{}.parquet", role.name()));
    name.into()
}

/// The name of a role's tower in files of vectors.
pub(super) fn model_key(set: &ModelSet, role: Role) -> Result<String, Failure> {
    Ok(hex::encode(&set.require(role)?.key()[..16]))
}
