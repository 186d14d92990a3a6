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
    pub dtype: String,
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

/// The values of a tensor of this name and shape.
pub type Values<'a> = &'a dyn Fn(&str, &[usize]) -> Vec<f32>;

/// What is saved around the tensors of a PyTorch file.
pub use crate::pytorch::Around;

/// A tensor whose values are computed when it is written.
struct Computed<'a> {
    /// Name in the formula, with the prefix of its file.
    name: String,
    description: &'a Description,
    values: Values<'a>,
}

impl Computed<'_> {
    fn bytes(&self) -> Vec<u8> {
        let count: usize = self.description.shape.iter().product();
        match self.description.dtype.as_str() {
            "F32" => {
                let values = (self.values)(&self.name, &self.description.shape);
                assert_eq!(values.len(), count, "{}", self.name);
                values.iter().flat_map(|value| value.to_le_bytes()).collect()
            }
            "I64" => (0..count as i64).flat_map(i64::to_le_bytes).collect(),
            other => panic!("{other}"),
        }
    }
}

impl View for &Computed<'_> {
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
        self.description.bytes()
    }
}

impl Description {
    fn bytes(&self) -> usize {
        self.shape.iter().product::<usize>() * if self.dtype == "F32" { 4 } else { 8 }
    }
}

/// Writes `tensors`; `prefix` stands before their names in the formula.
pub fn write_safetensors(path: &Path, tensors: &Tensors, prefix: &str) {
    write_safetensors_of(path, tensors, &|name, shape| formula::weights(&format!("{prefix}{name}"), shape));
}

/// Writes `tensors` with the given values.
pub fn write_safetensors_of(path: &Path, tensors: &Tensors, values: Values) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let made: Vec<(String, Computed)> = tensors
        .iter()
        .map(|(name, description)| (name.clone(), Computed { name: name.clone(), description, values }))
        .collect();
    let views = made.iter().map(|(name, tensor)| (name, tensor));
    safetensors::serialize_to_file(views, None, path).unwrap();
}

/// Writes a file with these tensors, all zeros, that takes no space on disk.
pub fn write_zeros(path: &Path, tensors: &Tensors) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut header = serde_json::Map::new();
    let mut end = 0;
    for (name, tensor) in tensors {
        let start = end;
        end += tensor.bytes();
        let about =
            serde_json::json!({"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [start, end]});
        header.insert(name.clone(), about);
    }
    let header = Value::Object(header).to_string();
    fs::write(path, [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat()).unwrap();
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len((8 + header.len() + end) as u64).unwrap();
}

/// Writes `tensors` with the given values as `torch.save` does.
pub fn write_pytorch_of(path: &Path, around: Around, tensors: &Tensors, values: Values) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    pytorch::write(
        path,
        around,
        tensors.iter().map(|(name, description)| {
            let tensor = Computed { name: name.clone(), description, values };
            let storage = if description.dtype == "F32" { "FloatStorage" } else { "LongStorage" };
            let bytes = tensor.bytes();
            pytorch::Tensor { name: name.clone(), shape: description.shape.clone(), storage, bytes }
        }),
    );
}

fn write_pytorch(path: &Path, tensors: &Tensors) {
    write_pytorch_of(path, Around::Nothing, tensors, &formula::weights);
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

/// Writes the checkpoints of the networks beside the reference set, whose tensors have the same names and shapes as its own.
pub fn write_others(place: impl Fn(&str, &str) -> PathBuf) {
    const MULTILINGUAL: &str = "sentence-transformers/clip-ViT-B-32-multilingual-v1";
    let clip = place("laion/CLIP-ViT-B-32-laion2B-s34B-b79K", CLIP.1);
    fs::create_dir_all(clip.parent().unwrap()).unwrap();
    write_pytorch(&clip, &described(CLIP.0, CLIP.1));
    write_safetensors(
        &place(MULTILINGUAL, "model.safetensors"),
        &described(DISTILUSE, "model.safetensors"),
        "",
    );
    let mut dense = described(DISTILUSE, "2_Dense/model.safetensors");
    dense.remove("linear.bias");
    let values = |name: &str, shape: &[usize]| formula::weights(&format!("2_Dense.{name}"), shape);
    write_pytorch_of(&place(MULTILINGUAL, "2_Dense/pytorch_model.bin"), Around::Nothing, &dense, &values);
    fs::copy(fixtures().join("distiluse-tokenizer.json"), place(MULTILINGUAL, "tokenizer.json")).unwrap();
}
