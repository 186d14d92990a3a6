//! The weight map: which checkpoint tensor fills which parameter of an imported graph.
//!
//! `models/<network>/weights.json` names a checkpoint tensor, and what is done to it, for every parameter of the generated
//! module. `tools/export_models.py` made the map by comparing values, so nothing is guessed here. A parameter left empty
//! or a tensor left unread is an error: a half-filled network gives plausible nonsense.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine as _;
use burn::tensor::{BoolStore, Bytes, DType};
use burn_pack::Tensor as PackTensor;
use burn_store::{ApplyError, ModuleSnapshot};
use serde::Deserialize;

use super::checkpoint::{Checkpoint, byte_length};
use super::view::transpose;

/// What is done to a checkpoint tensor on its way to a parameter.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Parameter {
    /// Unchanged.
    Copy { source: String },
    /// From `[rows, cols]` to `[cols, rows]`.
    Transpose { source: String },
    /// The weight of a convolution, times `gamma / sqrt(var + eps)` of the batch norm that follows it.
    FoldWeight { source: String, batch_norm: String, eps: f64 },
    /// The bias of that convolution: `beta + (bias − mean) · gamma / sqrt(var + eps)`.
    FoldBias { source: Option<String>, batch_norm: String, eps: f64 },
}

/// A value that belongs to the graph, not to the checkpoint: a scalar, a shape, a table of indices.
#[derive(Debug, Clone, Deserialize)]
struct Constant {
    dtype: String,
    shape: Vec<usize>,
    base64: String,
}

/// A file of the published checkpoint.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct CheckpointFile {
    /// Path in the repository that publishes it, as on the model card.
    pub name: String,
    /// Put in front of the names of its tensors, to tell them from those of another file.
    pub prefix: String,
}

/// A parsed `weights.json`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct WeightMap {
    version: u32,
    parameters: BTreeMap<String, Parameter>,
    #[serde(default)]
    constants: BTreeMap<String, Constant>,
    /// The files of the checkpoint.
    #[serde(default)]
    pub files: Vec<CheckpointFile>,
    /// Prefixes of tensor names that some publications have and others do not; they are removed.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// Tensors of the published checkpoint that this network does not use.
    #[serde(default)]
    ignored: BTreeSet<String>,
    /// The same, by the beginning of their names.
    #[serde(default)]
    ignored_prefixes: Vec<String>,
}

impl WeightMap {
    /// Parses a map.
    ///
    /// # Errors
    /// The parser's message, or an unknown version.
    pub fn parse(json: &str) -> Result<Self, String> {
        let map: Self = serde_json::from_str(json).map_err(|error| error.to_string())?;
        if map.version != 1 {
            return Err(format!("weight map version {} is unknown", map.version));
        }
        Ok(map)
    }

    /// Fills every parameter of `module` from `checkpoint`.
    ///
    /// # Errors
    /// Names the tensors that are missing, left over or of the wrong shape. The module must not be used then.
    pub fn fill<M: ModuleSnapshot>(
        &self,
        module: &mut M,
        checkpoint: &Arc<Checkpoint>,
    ) -> Result<(), String> {
        self.check_names(checkpoint)?;
        let mut tensors = Vec::with_capacity(self.parameters.len() + self.constants.len());
        for (path, parameter) in &self.parameters {
            tensors.push(parameter.tensor(path, checkpoint)?);
        }
        for (path, constant) in &self.constants {
            tensors.push(constant.tensor(path)?);
        }
        let result = module.apply(tensors, None, None, false);
        let mut problems: Vec<String> = result.errors.iter().map(|error| self.describe(error)).collect();
        problems.extend(result.missing.iter().map(|(path, _)| format!("'{path}' is not filled")));
        problems.extend(result.unused.iter().map(|path| format!("'{path}' is not a parameter")));
        if problems.is_empty() { Ok(()) } else { Err(list(&problems)) }
    }

    /// The tensors that the network needs.
    pub fn sources(&self) -> BTreeSet<String> {
        let mut needed = BTreeSet::new();
        for parameter in self.parameters.values() {
            parameter.sources(&mut needed);
        }
        needed
    }

    /// Compares the names of the checkpoint with those of the map.
    fn check_names(&self, checkpoint: &Checkpoint) -> Result<(), String> {
        let needed = self.sources();
        let present: BTreeSet<&str> = checkpoint.names().collect();
        let missing: Vec<String> = needed
            .iter()
            .filter(|name| !present.contains(name.as_str()))
            .map(|name| format!("tensor '{name}' is missing"))
            .collect();
        let extra: Vec<String> = present
            .iter()
            .filter(|name| !needed.contains(**name) && !self.is_ignored(name))
            .map(|name| format!("tensor '{name}' is not part of this network"))
            .collect();
        let problems: Vec<String> =
            [missing, extra].iter().filter(|kind| !kind.is_empty()).map(|kind| list(kind)).collect();
        if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
    }

    /// Says what went wrong with a parameter, in the names and shapes of the checkpoint.
    fn describe(&self, error: &ApplyError) -> String {
        let source = |path: &str| self.parameters.get(path).map_or(path, Parameter::source).to_string();
        match error {
            ApplyError::ShapeMismatch { path, expected, found } => {
                let (mut expected, mut found) = (expected.to_vec(), found.to_vec());
                if matches!(self.parameters.get(path), Some(Parameter::Transpose { .. })) {
                    expected.reverse();
                    found.reverse();
                }
                format!(
                    "tensor '{}' has the shape {found:?}, but this network needs {expected:?}",
                    source(path)
                )
            }
            ApplyError::LoadError { path, message } => format!("tensor '{}': {message}", source(path)),
            other => other.to_string(),
        }
    }

    /// Whether a tensor may be there although the network does not need it.
    pub fn is_ignored(&self, name: &str) -> bool {
        self.ignored.contains(name) || self.ignored_prefixes.iter().any(|prefix| name.starts_with(prefix))
    }
}

/// The first few problems, and how many more there are.
pub(super) fn list(problems: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown = problems.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
    match problems.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

impl Parameter {
    /// The checkpoint tensor that messages about the parameter name.
    fn source(&self) -> &str {
        match self {
            Self::Copy { source } | Self::Transpose { source } | Self::FoldWeight { source, .. } => source,
            Self::FoldBias { source, batch_norm, .. } => source.as_ref().unwrap_or(batch_norm),
        }
    }

    fn sources(&self, names: &mut BTreeSet<String>) {
        match self {
            Self::Copy { source } | Self::Transpose { source } => {
                names.insert(source.clone());
            }
            Self::FoldWeight { source, batch_norm, .. } => {
                names.insert(source.clone());
                names.extend(BatchNorm::names(batch_norm));
            }
            Self::FoldBias { source, batch_norm, .. } => {
                names.extend(source.clone());
                names.extend(BatchNorm::names(batch_norm));
            }
        }
    }

    /// The parameter's tensor. Its shape is checked now. Its values are computed when they are asked for, so that only
    /// one parameter at a time is held twice.
    fn tensor(&self, path: &str, checkpoint: &Arc<Checkpoint>) -> Result<PackTensor, String> {
        let shape = self.shape(checkpoint)?;
        let bytes = byte_length(&shape, DType::F32).ok_or_else(|| format!("'{path}' is too large"))?;
        let (parameter, checkpoint) = (self.clone(), Arc::clone(checkpoint));
        let provider = move || parameter.bytes(&checkpoint).map_err(burn_pack::Error::ValidationError);
        Ok(PackTensor::deferred(path.into(), DType::F32, shape, None, bytes, provider))
    }

    fn shape(&self, checkpoint: &Checkpoint) -> Result<Vec<usize>, String> {
        match self {
            Self::Copy { source } => Ok(checkpoint.shape(source)?.to_vec()),
            Self::Transpose { source } => match checkpoint.shape(source)? {
                &[rows, cols] => Ok(vec![cols, rows]),
                _ => Err(format!("tensor '{source}' is not a matrix")),
            },
            Self::FoldWeight { source, batch_norm, .. } => {
                let shape = checkpoint.shape(source)?.to_vec();
                let channels = BatchNorm::channels(checkpoint, batch_norm)?;
                if shape.first() != Some(&channels) || channels == 0 {
                    return Err(format!(
                        "tensor '{source}' and batch norm '{batch_norm}' have different numbers of channels"
                    ));
                }
                Ok(shape)
            }
            Self::FoldBias { source, batch_norm, .. } => {
                let channels = BatchNorm::channels(checkpoint, batch_norm)?;
                if let Some(source) = source
                    && checkpoint.shape(source)? != [channels]
                {
                    return Err(format!(
                        "tensor '{source}' and batch norm '{batch_norm}' have different numbers of channels"
                    ));
                }
                Ok(vec![channels])
            }
        }
    }

    /// The parameter's values, row-major, in the shape that [`Parameter::shape`] gives.
    fn values(&self, checkpoint: &Checkpoint) -> Result<Vec<f32>, String> {
        let values = match self {
            Self::Copy { source } => checkpoint.values(source)?,
            Self::Transpose { source } => {
                let shape = self.shape(checkpoint)?;
                transpose(&checkpoint.values(source)?, shape[1], shape[0])
            }
            Self::FoldWeight { source, batch_norm, eps } => {
                let norm = BatchNorm::read(checkpoint, batch_norm, *eps)?;
                let mut values = checkpoint.values(source)?;
                let each = values.len() / norm.scale.len().max(1);
                for (filter, scale) in values.chunks_exact_mut(each.max(1)).zip(&norm.scale) {
                    for value in filter {
                        *value = (f64::from(*value) * scale) as f32;
                    }
                }
                values
            }
            Self::FoldBias { source, batch_norm, eps } => {
                let norm = BatchNorm::read(checkpoint, batch_norm, *eps)?;
                let bias = match source {
                    Some(source) => checkpoint.values(source)?,
                    None => vec![0.0; norm.scale.len()],
                };
                let shifted = bias.iter().enumerate().map(|(channel, &bias)| {
                    norm.beta[channel] + (f64::from(bias) - norm.mean[channel]) * norm.scale[channel]
                });
                shifted.map(|value| value as f32).collect()
            }
        };
        check_finite(values.iter().copied())?;
        Ok(values)
    }

    /// The bytes of the parameter's values, which are f32.
    fn bytes(&self, checkpoint: &Checkpoint) -> Result<Bytes, String> {
        if let Self::Copy { source } = self
            && let Some(bytes) = checkpoint.f32_bytes(source)?
        {
            check_finite(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])))?;
            return Ok(bytes);
        }
        self.values(checkpoint).map(Bytes::from_elems)
    }
}

/// Refuses values that are not finite: a single one makes every vector of the network meaningless.
fn check_finite(mut values: impl Iterator<Item = f32>) -> Result<(), String> {
    if values.any(|value| !value.is_finite()) {
        return Err("a weight is not a finite number; the file is damaged".into());
    }
    Ok(())
}

/// A batch norm as `y = beta + (x − mean) · scale`.
struct BatchNorm {
    scale: Vec<f64>,
    beta: Vec<f64>,
    mean: Vec<f64>,
}

impl BatchNorm {
    fn names(prefix: &str) -> [String; 4] {
        ["weight", "bias", "running_mean", "running_var"].map(|part| format!("{prefix}.{part}"))
    }

    /// The length that its four parts have in common.
    fn channels(checkpoint: &Checkpoint, prefix: &str) -> Result<usize, String> {
        let [gamma, beta, mean, var] = Self::names(prefix).map(|name| checkpoint.shape(&name));
        let (gamma, beta, mean, var) = (gamma?, beta?, mean?, var?);
        match gamma {
            &[channels] if [beta, mean, var] == [gamma; 3] => Ok(channels),
            _ => Err(format!("batch norm '{prefix}' has parts of different lengths")),
        }
    }

    fn read(checkpoint: &Checkpoint, prefix: &str, eps: f64) -> Result<Self, String> {
        let [gamma, beta, mean, var] = Self::names(prefix).map(|name| checkpoint.values(&name));
        let (gamma, beta, mean, var) = (gamma?, beta?, mean?, var?);
        if [beta.len(), mean.len(), var.len()] != [gamma.len(); 3] {
            return Err(format!("batch norm '{prefix}' has parts of different lengths"));
        }
        let wide = |values: Vec<f32>| values.into_iter().map(f64::from).collect::<Vec<_>>();
        let scale =
            wide(gamma).into_iter().zip(wide(var)).map(|(gamma, var)| gamma / (var + eps).sqrt()).collect();
        Ok(Self { scale, beta: wide(beta), mean: wide(mean) })
    }
}

impl Constant {
    fn tensor(&self, path: &str) -> Result<PackTensor, String> {
        let dtype = match self.dtype.as_str() {
            "F32" => DType::F32,
            "I64" => DType::I64,
            "I32" => DType::I32,
            "Bool" => DType::Bool(BoolStore::Native),
            other => return Err(format!("constant '{path}' has the unknown type {other}")),
        };
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(&self.base64)
            .map_err(|error| format!("constant '{path}': {error}"))?;
        if byte_length(&self.shape, dtype) != Some(bytes.len()) {
            return Err(format!(
                "constant '{path}' has {} bytes, which is not what its shape {:?} needs",
                bytes.len(),
                self.shape
            ));
        }
        let bytes = Bytes::from_bytes_vec(bytes);
        Ok(PackTensor::new(path.into(), dtype, self.shape.clone(), None, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::tensor::{Dtype, TensorView, serialize};

    fn checkpoint(tensors: &[(&str, &[usize], &[f32])]) -> Arc<Checkpoint> {
        let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
            .iter()
            .map(|(name, shape, values)| {
                let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                ((*name).to_string(), shape.to_vec(), bytes)
            })
            .collect();
        let views = bytes.iter().map(|(name, shape, bytes)| {
            (name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
        });
        Arc::new(Checkpoint::from_static(serialize(views, None).unwrap().leak()).unwrap())
    }

    fn values(tensor: &PackTensor) -> Vec<f32> {
        let bytes = tensor.to_bytes().unwrap();
        bytes.chunks_exact(4).map(|quad| f32::from_le_bytes(quad.try_into().unwrap())).collect()
    }

    #[test]
    fn a_folded_batch_norm_equals_the_convolution_and_the_norm() {
        let file = checkpoint(&[
            ("conv", &[2, 1], &[2.0, 3.0]),
            ("bn.weight", &[2], &[0.5, 2.0]),
            ("bn.bias", &[2], &[1.0, -1.0]),
            ("bn.running_mean", &[2], &[4.0, 6.0]),
            ("bn.running_var", &[2], &[0.24, 0.99]),
        ]);
        let norm = || "bn".to_string();
        let weight = Parameter::FoldWeight { source: "conv".into(), batch_norm: norm(), eps: 0.01 };
        let bias = Parameter::FoldBias { source: None, batch_norm: norm(), eps: 0.01 };
        let (weight, bias) =
            (values(&weight.tensor("w", &file).unwrap()), values(&bias.tensor("b", &file).unwrap()));
        for channel in 0..2 {
            let x = 1.7f32;
            let conv = [2.0, 3.0][channel] * x;
            let (gamma, beta) = ([0.5, 2.0][channel], [1.0, -1.0][channel]);
            let (mean, var): (f32, f32) = ([4.0, 6.0][channel], [0.24, 0.99][channel]);
            let expected = (conv - mean) / (var + 0.01).sqrt() * gamma + beta;
            let folded = weight[channel] * x + bias[channel];
            assert!((folded - expected).abs() < 1e-5, "{folded} {expected}");
        }
    }

    #[test]
    fn a_constant_with_a_shape_beyond_all_memory_is_an_error() {
        let side = usize::MAX / 2;
        // Multiplied out without a check this would be 0 values of 4 bytes.
        let constant = Constant { dtype: "F32".into(), shape: vec![side + 1, 2], base64: String::new() };
        let message = constant.tensor("c").unwrap_err();
        assert!(message.contains("'c' has 0 bytes"), "{message}");
    }

    #[test]
    fn missing_and_left_over_tensors_are_named() {
        let json = r#"{"version":1,"external_bytes":0,"ignored":["idle"],
            "parameters":{"a":{"op":"copy","source":"wanted"}}}"#;
        let map = WeightMap::parse(json).unwrap();
        let file = checkpoint(&[("other", &[1], &[0.0]), ("idle", &[1], &[0.0])]);
        let message = map.check_names(&file).unwrap_err();
        assert!(message.contains("'wanted' is missing"), "{message}");
        assert!(message.contains("'other' is not part"), "{message}");
        assert!(!message.contains("idle"), "{message}");
    }
}
