//! Published weights, read by tensor name.
//!
//! Every tensor is handed out as f32, converted when it is asked for, so that reading a checkpoint
//! never holds more than one converted tensor beside the file.

use std::collections::BTreeMap;

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};

/// Where a tensor's bytes are and what they mean.
#[derive(Debug, Clone)]
struct Entry {
    shape: Vec<usize>,
    dtype: Dtype,
    bytes: &'static [u8],
}

/// The tensors of a checkpoint.
#[derive(Debug, Clone)]
pub(super) struct Checkpoint {
    tensors: BTreeMap<String, Entry>,
}

impl Checkpoint {
    /// Reads the header of a safetensors file that is compiled into the program.
    ///
    /// # Errors
    /// The reader's message when the header or an offset is damaged.
    pub fn from_static(bytes: &'static [u8]) -> Result<Self, String> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let tensors = file
            .tensors()
            .into_iter()
            .map(|(name, view)| {
                let entry = Entry { shape: view.shape().to_vec(), dtype: view.dtype(), bytes: view.data() };
                (name, entry)
            })
            .collect();
        Ok(Self { tensors })
    }

    /// Names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Shape of a tensor.
    pub fn shape(&self, name: &str) -> Result<&[usize], String> {
        Ok(&self.entry(name)?.shape)
    }

    /// Values of a tensor as f32, row-major.
    ///
    /// # Errors
    /// When the tensor is missing or of a type that holds no weights.
    pub fn values(&self, name: &str) -> Result<Vec<f32>, String> {
        let entry = self.entry(name)?;
        let bytes = entry.bytes;
        match entry.dtype {
            Dtype::F32 => Ok(four(bytes)),
            Dtype::F16 => {
                let halves: Vec<f16> =
                    bytes.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]])).collect();
                Ok(halves.to_f32_vec())
            }
            Dtype::BF16 => {
                let halves: Vec<bf16> =
                    bytes.chunks_exact(2).map(|pair| bf16::from_le_bytes([pair[0], pair[1]])).collect();
                Ok(halves.to_f32_vec())
            }
            other => Err(format!("tensor '{name}' holds {other:?}, not floating-point weights")),
        }
    }

    fn entry(&self, name: &str) -> Result<&Entry, String> {
        self.tensors.get(name).ok_or_else(|| format!("tensor '{name}' is missing"))
    }
}

fn four(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|quad| f32::from_le_bytes([quad[0], quad[1], quad[2], quad[3]])).collect()
}
