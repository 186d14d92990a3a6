//! Rows of a safetensors file, named by the JSON file beside it, as `embed` writes both.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;

use super::collector::Collector;
use super::error::VectorFileError;
use super::row::{Head, NamedNetwork, Row};
use clipscope_base::display_safe::display_path;
use clipscope_networks::{Modality, Role};

/// The tensor with the vectors of the null captions, `[texts, dim]`.
const NULL_CAPTIONS: &str = "null_captions";

/// What is read of the JSON file.
#[derive(Deserialize)]
struct Names {
    models: Models,
    images: Vec<Name>,
    captions: Vec<Name>,
    #[serde(default)]
    null_captions: Vec<String>,
}

#[derive(Deserialize)]
struct Models {
    set: String,
    #[serde(default)]
    stand_in: Option<String>,
    logit_scale: f32,
    towers: Vec<Tower>,
}

#[derive(Deserialize)]
struct Tower {
    role: Role,
    name: String,
    weights_sha256: String,
}

#[derive(Deserialize)]
struct Name {
    file: String,
    #[serde(default)]
    caption: Option<String>,
}

/// The JSON file beside a safetensors file.
pub(super) fn names_file(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".json");
    name.into()
}

/// Reads all rows of a file.
pub(super) fn read(file: &Path, collector: &mut Collector) -> Result<(), VectorFileError> {
    let bytes = fs::read(file).map_err(VectorFileError::io(file))?;
    let names_file = names_file(file);
    let json = fs::read(&names_file).map_err(VectorFileError::io(&names_file))?;
    let names: Names = serde_json::from_slice(&json).map_err(|error| {
        let problem = format!("it does not name the rows of {}: {error}", display_path(file));
        VectorFileError::file(&names_file, problem)
    })?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| {
        VectorFileError::file(file, format!("it cannot be read as safetensors ({error}); write it again"))
    })?;
    collector.begin(file, head(file, &tensors, &names)?)?;
    for tower in &names.models.towers {
        let Ok(tensor) = tensors.tensor(tower.role.name()) else { continue };
        let rows = match tower.role.modality() {
            Modality::Image => &names.images,
            Modality::Text => &names.captions,
        };
        let vectors = Matrix::of(file, tower.role.name(), &tensor, rows.len())?;
        for (number, name) in rows.iter().enumerate() {
            let caption = name.caption.as_deref().filter(|_| tower.role.modality() == Modality::Text);
            collector.row(Row {
                number: number as u64,
                role: tower.role,
                model: Some(&tower.name),
                path: &name.file,
                caption,
                vector: &vectors.row(number),
            })?;
        }
    }
    Ok(())
}

fn head(file: &Path, tensors: &SafeTensors<'_>, names: &Names) -> Result<Head, VectorFileError> {
    let models = &names.models;
    let mut head = Head {
        set: Some(models.set.clone()),
        stand_in: models.stand_in.is_some(),
        logit_scale: Some(models.logit_scale),
        ..Head::default()
    };
    head.networks.extend(models.towers.iter().map(|tower| NamedNetwork {
        role: tower.role,
        name: tower.name.clone(),
        weights_sha256: Some(tower.weights_sha256.clone()),
    }));
    if let Ok(tensor) = tensors.tensor(NULL_CAPTIONS) {
        let vectors = Matrix::of(file, NULL_CAPTIONS, &tensor, names.null_captions.len())?;
        let rows = names.null_captions.iter().enumerate();
        head.null_captions.extend(rows.map(|(row, text)| (text.clone(), vectors.row(row))));
    }
    Ok(head)
}

/// A tensor of numbers, `[rows, dim]`.
struct Matrix<'a> {
    bytes: &'a [u8],
    dim: usize,
}

impl<'a> Matrix<'a> {
    fn of(file: &Path, name: &str, tensor: &TensorView<'a>, rows: usize) -> Result<Self, VectorFileError> {
        match (tensor.dtype(), tensor.shape()) {
            (Dtype::F32, &[found, dim]) if found == rows => Ok(Self { bytes: tensor.data(), dim }),
            (dtype, shape) => {
                let problem = format!(
                    "its tensor {name} is {dtype:?} {shape:?}, where F32 [{rows}, …] is needed; write both files again"
                );
                Err(VectorFileError::file(file, problem))
            }
        }
    }

    fn row(&self, row: usize) -> Vec<f32> {
        let bytes = &self.bytes[row * self.dim * 4..(row + 1) * self.dim * 4];
        bytes.as_chunks::<4>().0.iter().map(|quad| f32::from_le_bytes(*quad)).collect()
    }
}
