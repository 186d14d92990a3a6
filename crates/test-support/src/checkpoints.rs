//! The checkpoints of the reference set in their published layout and names, with weights made by [`formula`].

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, View};
use serde::Deserialize;
use serde_json::Value;

use crate::{formula, pytorch};

pub const RESNET: (&str, &str) = ("timm/resnet50.tv_in1k", "model.safetensors");
pub const CLIP: (&str, &str) = ("openai/clip-vit-base-patch32", "pytorch_model.bin");
pub const DISTILUSE: &str = "sentence-transformers/distiluse-base-multilingual-cased-v2";

/// Data type and shape of a tensor.
#[derive(Clone, Deserialize)]
pub struct Description {
    dtype: String,
    pub shape: Vec<usize>,
}

/// Tensors of one file by name.
pub type Tensors = BTreeMap<String, Description>;

/// The folder with what the reference implementations gave.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/reference")
}

/// One of the fixtures that are JSON.
pub fn json(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(fixtures().join(name)).unwrap()).unwrap()
}

/// Every tensor of a published file.
pub fn described(repo: &str, file: &str) -> Tensors {
    serde_json::from_value(json("checkpoints.json")[repo][file].clone()).unwrap()
}

/// A tensor whose values are computed when it is written.
struct Formula<'a> {
    /// Name in the formula, with the prefix of its file.
    name: String,
    description: &'a Description,
}

impl Formula<'_> {
    fn bytes(&self) -> Vec<u8> {
        let count: usize = self.description.shape.iter().product();
        match self.description.dtype.as_str() {
            "F32" => {
                let values = formula::weights(&self.name, &self.description.shape);
                values.iter().flat_map(|value| value.to_le_bytes()).collect()
            }
            "I64" => (0..count as i64).flat_map(i64::to_le_bytes).collect(),
            other => panic!("{other}"),
        }
    }
}

impl View for &Formula<'_> {
    fn dtype(&self) -> Dtype {
        if self.description.dtype == "F32" { Dtype::F32 } else { Dtype::I64 }
    }
    fn shape(&self) -> &[usize] {
        &self.description.shape
    }
    fn data(&self) -> std::borrow::Cow<'_, [u8]> {
        self.bytes().into()
    }
    fn data_len(&self) -> usize {
        self.description.shape.iter().product::<usize>() * if self.dtype() == Dtype::F32 { 4 } else { 8 }
    }
}

/// Writes `tensors`; `prefix` stands before their names in the formula.
pub fn write_safetensors(path: &Path, tensors: &Tensors, prefix: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let formula: Vec<(String, Formula)> = tensors
        .iter()
        .map(|(name, description)| (name.clone(), Formula { name: format!("{prefix}{name}"), description }))
        .collect();
    let views = formula.iter().map(|(name, tensor)| (name, tensor));
    safetensors::serialize_to_file(views, None, path).unwrap();
}

fn write_pytorch(path: &Path, tensors: &Tensors) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    pytorch::write(
        path,
        tensors.iter().map(|(name, description)| {
            let tensor = Formula { name: name.clone(), description };
            let storage = if description.dtype == "F32" { "FloatStorage" } else { "LongStorage" };
            let bytes = tensor.bytes();
            pytorch::Tensor { name: name.clone(), shape: description.shape.clone(), storage, bytes }
        }),
    );
}

/// Writes every checkpoint to where `place` says that a file of a repository lies.
pub fn write(place: impl Fn(&str, &str) -> PathBuf) {
    write_safetensors(&place(RESNET.0, RESNET.1), &described(RESNET.0, RESNET.1), "");
    write_pytorch(&place(CLIP.0, CLIP.1), &described(CLIP.0, CLIP.1));
    for (file, prefix) in [("model.safetensors", ""), ("2_Dense/model.safetensors", "2_Dense.")] {
        write_safetensors(&place(DISTILUSE, file), &described(DISTILUSE, file), prefix);
    }
    fs::copy(fixtures().join("distiluse-tokenizer.json"), place(DISTILUSE, "tokenizer.json")).unwrap();
}
