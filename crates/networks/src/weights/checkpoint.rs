//! Published weights, read by tensor name.
//!
//! Reads safetensors, compiled in or memory-mapped, and PyTorch files through a reader that parses the pickle and
//! executes nothing. A tensor is converted to f32 when it is asked for, so that reading a checkpoint never holds more
//! than one converted tensor besides the file.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use burn::tensor::{Bytes, DType};
use burn_pack::Tensor as PackTensor;
use burn_store::{ModuleStore, PytorchStore, SafetensorsStore};
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};

use super::pickle;
use super::read_error::ReadError;
use super::view::View;

/// Longest JSON header of a safetensors file, in bytes.
const MAX_HEADER: u64 = 64 << 20;

/// The bytes of a tensor as they are stored.
#[derive(Clone)]
enum StoredBytes {
    /// Compiled in.
    Static(&'static [u8]),
    /// In a file, read when they are asked for.
    File(PackTensor),
}

/// A tensor of a checkpoint, or a view of one.
#[derive(Clone)]
struct StoredTensor {
    /// Of the view.
    shape: Vec<usize>,
    /// Of what is stored.
    stored_shape: Vec<usize>,
    dtype: DType,
    bytes: StoredBytes,
    view: View,
}

impl StoredTensor {
    fn new(shape: Vec<usize>, dtype: DType, bytes: StoredBytes) -> Self {
        Self { stored_shape: shape.clone(), shape, dtype, bytes, view: View::Whole }
    }

    fn check_length(&self, name: &str, found: usize) -> Result<(), String> {
        match byte_length(&self.stored_shape, self.dtype) {
            Some(expected) if expected == found => Ok(()),
            expected => {
                let expected =
                    expected.map_or_else(|| "more than any file has".into(), |bytes| bytes.to_string());
                Err(format!("tensor '{name}' has {found} bytes, but its shape needs {expected}"))
            }
        }
    }
}

/// Bytes of a tensor; `None` when the number overflows, as only the shape in a damaged file can make it.
pub(super) fn byte_length(shape: &[usize], dtype: DType) -> Option<usize> {
    shape.iter().try_fold(dtype.size(), |bytes, &side| bytes.checked_mul(side))
}

/// The tensors of a checkpoint, which may be several files.
#[derive(Clone, Default)]
pub(super) struct Checkpoint {
    tensors: BTreeMap<String, StoredTensor>,
}

impl Checkpoint {
    /// Reads the header of a safetensors file that is compiled into the program.
    ///
    /// # Errors
    /// The reader's message when the header is damaged.
    pub fn from_static(bytes: &'static [u8]) -> Result<Self, String> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            let dtype = match view.dtype() {
                Dtype::F32 => DType::F32,
                Dtype::F16 => DType::F16,
                Dtype::BF16 => DType::BF16,
                // Many checkpoints hold counters, too; [`Checkpoint::values`] refuses them.
                _ => DType::I64,
            };
            let bytes = StoredBytes::Static(view.data());
            tensors.insert(name, StoredTensor::new(view.shape().to_vec(), dtype, bytes));
        }
        Ok(Self { tensors })
    }

    /// Adds the tensors of a file, with `prefix` in front of their names. The content tells the format: a safetensors
    /// file begins with the length of its header, a PyTorch file is a ZIP archive or a pickle.
    ///
    /// # Errors
    /// What is wrong with the file, without its name.
    pub fn add_file(&mut self, path: &Path, prefix: &str) -> Result<(), ReadError> {
        // The readers are other people's code on other people's files: a panic in them counts as an error in the
        // file.
        let tensors = catch_unwind(AssertUnwindSafe(|| read(path))).unwrap_or_else(|_| {
            Err("the file is damaged in a way that its reader does not handle".to_string().into())
        })?;
        for (name, tensor) in tensors {
            let (shape, dtype) = (tensor.shape.to_vec(), tensor.dtype);
            let stored = StoredTensor::new(shape, dtype, StoredBytes::File(tensor));
            self.tensors.insert(format!("{prefix}{name}"), stored);
        }
        Ok(())
    }

    /// Removes `prefix` from every name that begins with it.
    pub fn strip_prefix(&mut self, prefix: &str) {
        self.tensors = std::mem::take(&mut self.tensors)
            .into_iter()
            .map(|(name, tensor)| (name.strip_prefix(prefix).map_or(name.clone(), String::from), tensor))
            .collect();
    }

    /// Keeps the tensors that `name` gives a name, under that name. Returns how many it gave none.
    pub fn rename(&mut self, name: impl Fn(&str) -> Option<String>) -> usize {
        let before = self.tensors.len();
        self.tensors = std::mem::take(&mut self.tensors)
            .into_iter()
            .filter_map(|(old, tensor)| Some((name(&old)?, tensor)))
            .collect();
        before - self.tensors.len()
    }

    /// Replaces stored tensors by views of them: `(name, stored name, view)`. A stored tensor that is missing gives no
    /// view; one of which there are views is no longer found under its own name.
    ///
    /// # Errors
    /// Names the tensor whose shape allows no such view.
    pub fn take_views(&mut self, views: &[(String, String, View)]) -> Result<(), String> {
        let mut seen = Vec::with_capacity(views.len());
        for (name, stored, view) in views {
            let Some(tensor) = self.tensors.get(stored) else { continue };
            let shape = view
                .shape(&tensor.shape)
                .ok_or_else(|| format!("tensor '{stored}' has the unexpected shape {:?}", tensor.shape))?;
            seen.push((name.clone(), StoredTensor { shape, view: *view, ..tensor.clone() }));
        }
        for (_, stored, _) in views {
            self.tensors.remove(stored);
        }
        self.tensors.extend(seen);
        Ok(())
    }

    /// The names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The shape of a tensor.
    pub fn shape(&self, name: &str) -> Result<&[usize], String> {
        Ok(&self.tensor(name)?.shape)
    }

    /// The values of a tensor as f32, row-major.
    ///
    /// # Errors
    /// When the tensor is missing, holds integers, or has another length than its shape says.
    pub fn values(&self, name: &str) -> Result<Vec<f32>, String> {
        let tensor = self.tensor(name)?;
        let read;
        let bytes: &[u8] = match &tensor.bytes {
            StoredBytes::Static(bytes) => bytes,
            StoredBytes::File(_) => {
                read = self.bytes(name)?;
                &read
            }
        };
        tensor.check_length(name, bytes.len())?;
        let bytes = tensor.view.bytes(bytes);
        let values: Vec<f32> = match tensor.dtype {
            DType::F32 => {
                bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
            }
            DType::F16 => {
                let halves: Vec<f16> =
                    bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]])).collect();
                halves.to_f32_vec()
            }
            DType::BF16 => {
                let halves: Vec<bf16> =
                    bytes.chunks_exact(2).map(|b| bf16::from_le_bytes([b[0], b[1]])).collect();
                halves.to_f32_vec()
            }
            other => return Err(format!("tensor '{name}' holds {other:?}, not floating-point weights")),
        };
        Ok(tensor.view.values(values, &tensor.shape))
    }

    /// The bytes of a tensor that is stored as f32 in a file; `None` for any other. Saves the copy that
    /// [`Checkpoint::values`] makes, which matters for an embedding table of hundreds of megabytes.
    ///
    /// # Errors
    /// As [`Checkpoint::values`].
    pub fn f32_bytes(&self, name: &str) -> Result<Option<Bytes>, String> {
        let tensor = self.tensor(name)?;
        if tensor.dtype != DType::F32
            || tensor.view != View::Whole
            || matches!(tensor.bytes, StoredBytes::Static(_))
        {
            return Ok(None);
        }
        let bytes = self.bytes(name)?;
        tensor.check_length(name, bytes.len())?;
        Ok(Some(bytes))
    }

    /// The stored bytes of a tensor, read from its file.
    fn bytes(&self, name: &str) -> Result<Bytes, String> {
        match &self.tensor(name)?.bytes {
            StoredBytes::Static(bytes) => Ok(Bytes::from_bytes_vec(bytes.to_vec())),
            StoredBytes::File(tensor) => catch_unwind(AssertUnwindSafe(|| tensor.to_bytes()))
                .map_err(|_| format!("tensor '{name}' cannot be read"))?
                .map_err(|error| format!("tensor '{name}' cannot be read: {error}")),
        }
    }

    fn tensor(&self, name: &str) -> Result<&StoredTensor, String> {
        self.tensors.get(name).ok_or_else(|| format!("tensor '{name}' is missing"))
    }
}

fn read(path: &Path) -> Result<BTreeMap<String, PackTensor>, ReadError> {
    let (head, length) = head(path).map_err(ReadError::unreadable)?;
    if length == 0 {
        Err(ReadError::Empty)
    } else if is_safetensors(&head, length) {
        let mut store = SafetensorsStore::from_file(path);
        store.get_all_tensors().cloned().map_err(|error| ReadError::Damaged(error.to_string()))
    } else if head.starts_with(b"PK\x03\x04") || head.starts_with(&[0x80]) {
        // The reader silently skips calls that it does not know, which would leave tensors out.
        pickle::check(path, head.starts_with(b"PK"))?;
        // Numbers in names are places in a list: closing gaps would hide that a layer is missing.
        let mut store = PytorchStore::from_file(path).map_indices_contiguous(false);
        store.get_all_tensors().cloned().map_err(|error| ReadError::Damaged(error.to_string()))
    } else {
        Err(ReadError::NotACheckpoint)
    }
}

/// The first bytes of a file and its length.
fn head(path: &Path) -> std::io::Result<(Vec<u8>, u64)> {
    use std::io::Read as _;
    let file = fs::File::open(path)?;
    let length = file.metadata()?.len();
    let mut head = Vec::new();
    file.take(16).read_to_end(&mut head)?;
    Ok((head, length))
}

fn is_safetensors(head: &[u8], length: u64) -> bool {
    let Some((size, rest)) = head.split_first_chunk::<8>() else { return false };
    let size = u64::from_le_bytes(*size);
    size <= MAX_HEADER && size.saturating_add(8) <= length && rest.starts_with(b"{")
}

#[cfg(test)]
mod tests {
    use clipscope_test_support::formula;

    use super::*;

    #[test]
    fn a_file_of_torch_save_is_read_value_by_value() {
        // Single and half precision, integers, and two views of one storage: rows with an offset, and a transposed
        // matrix. Written by tools/make_reference_fixtures.py.
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/reference/small.bin");
        let mut checkpoint = Checkpoint::default();
        checkpoint.add_file(&file, "p.").unwrap();
        let matrix = formula::weights("matrix", &[6, 4]);
        let found = |name: &str| checkpoint.values(name).unwrap();
        assert_eq!(found("p.matrix"), matrix);
        let halves: Vec<f32> =
            formula::weights("half", &[5]).into_iter().map(|value| f16::from_f32(value).to_f32()).collect();
        assert_eq!(found("p.half"), halves);
        assert_eq!(found("p.logit_scale"), formula::weights("logit_scale", &[]));
        assert_eq!(found("p.matrix_rows_2_to_4"), matrix[8..20]);
        let columns = (0..4).flat_map(|col| (0..6).map(move |row| (row, col)));
        let transposed: Vec<f32> = columns.map(|(row, col)| matrix[row * 4 + col]).collect();
        assert_eq!(checkpoint.shape("p.matrix_transposed").unwrap(), [4, 6]);
        assert_eq!(found("p.matrix_transposed"), transposed);
    }

    #[test]
    fn a_pickle_that_calls_a_function_is_an_error_and_runs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (file, mark) = (folder.path().join("evil.bin"), folder.path().join("mark"));
        let command = format!("touch {}", mark.display());
        let mut pickle = b"\x80\x02cos\nsystem\nX".to_vec();
        pickle.extend((command.len() as u32).to_le_bytes());
        pickle.extend(command.bytes());
        pickle.extend(b"\x85R.");
        fs::write(&file, pickle).unwrap();
        let reason = Checkpoint::default().add_file(&file, "").unwrap_err().to_string();
        assert!(reason.contains("os.system"), "{reason}");
        assert!(!mark.exists());
    }

    #[test]
    fn a_call_among_good_tensors_is_an_error_too() {
        use std::io::{Read as _, Write as _};
        let good = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/reference/small.bin");
        let mut archive = zip::ZipArchive::new(fs::File::open(good).unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("evil.bin");
        let mut evil = zip::ZipWriter::new(fs::File::create(&file).unwrap());
        for place in 0..archive.len() {
            let mut entry = archive.by_index(place).unwrap();
            let name = entry.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            if name.ends_with("data.pkl") {
                // One more entry of the dictionary: os.system("true").
                assert_eq!(bytes.pop(), Some(b'.'));
                bytes.extend(b"X\x01\0\0\0xcos\nsystem\nX\x04\0\0\0true\x85Rs.");
            }
            let stored =
                zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
            evil.start_file(name, stored).unwrap();
            evil.write_all(&bytes).unwrap();
        }
        evil.finish().unwrap();
        let reason = Checkpoint::default().add_file(&file, "").unwrap_err().to_string();
        assert!(reason.contains("os.system"), "{reason}");
    }

    #[test]
    fn a_tensor_with_fewer_bytes_than_its_shape_needs_is_an_error() {
        // Guards against a reader that does not compare the two itself.
        let shape = vec![3];
        let stored =
            PackTensor::new("a".into(), DType::F32, shape.clone(), None, Bytes::from_bytes_vec(vec![0; 8]));
        for bytes in [StoredBytes::Static(&[0; 8]), StoredBytes::File(stored)] {
            let tensor = StoredTensor::new(shape.clone(), DType::F32, bytes);
            let in_file = matches!(tensor.bytes, StoredBytes::File(_));
            let checkpoint = Checkpoint { tensors: BTreeMap::from([("a".to_owned(), tensor)]) };
            let expected = "tensor 'a' has 8 bytes, but its shape needs 12";
            assert_eq!(checkpoint.values("a").unwrap_err(), expected);
            if in_file {
                assert_eq!(checkpoint.f32_bytes("a").unwrap_err(), expected);
            }
        }
    }

    #[test]
    fn integers_are_no_weights() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/reference/small.bin");
        let mut checkpoint = Checkpoint::default();
        checkpoint.add_file(&file, "").unwrap();
        let refused = checkpoint.names().filter(|name| checkpoint.values(name).is_err()).count();
        assert_eq!(refused, 1);
    }
}
