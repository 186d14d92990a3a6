//! Writes PyTorch checkpoints: a ZIP archive of stored files with a pickle that names the tensors.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;

/// A tensor to be written.
pub(crate) struct Tensor {
    pub name: String,
    pub shape: Vec<usize>,
    /// `FloatStorage` or `LongStorage`.
    pub storage: &'static str,
    pub bytes: Vec<u8>,
}

/// What is saved around the tensors.
#[derive(Clone, Copy)]
pub enum Around {
    /// Nothing: a state dict.
    Nothing,
    /// What a training program saves: the tensors as `state_dict`, beside a number, a name and the state of an optimizer,
    /// which holds the first tensor once more.
    Training,
}

/// Writes `tensors` as `torch.save` does.
pub(crate) fn write(path: &Path, around: Around, tensors: impl Iterator<Item = Tensor> + Clone) {
    let mut zip = Zip { out: BufWriter::new(File::create(path).unwrap()), entries: Vec::new() };
    zip.file("archive/data.pkl", &pickle(around, tensors.clone()));
    zip.file("archive/byteorder", b"little");
    for (index, tensor) in tensors.enumerate() {
        zip.file(&format!("archive/data/{index}"), &tensor.bytes);
    }
    zip.file("archive/version", b"3\n");
    zip.finish();
}

/// The dictionary as a protocol 2 pickle, as `torch.save` builds it.
fn pickle(around: Around, tensors: impl Iterator<Item = Tensor> + Clone) -> Vec<u8> {
    let mut out = vec![0x80, 2];
    if matches!(around, Around::Training) {
        out.extend(b"}(");
        string(&mut out, "epoch");
        int(&mut out, 32);
        string(&mut out, "name");
        string(&mut out, "a run");
        string(&mut out, "optimizer");
        out.extend(b"}(");
        string(&mut out, "state");
        out.extend(b"}(");
        int(&mut out, 0);
        out.extend(b"}(");
        string(&mut out, "exp_avg");
        tensors.clone().take(1).for_each(|first| tensor(&mut out, 0, &first));
        out.extend(b"uu");
        string(&mut out, "param_groups");
        out.extend(b"]u");
        string(&mut out, "state_dict");
    }
    out.extend(b"}(");
    for (index, each) in tensors.enumerate() {
        string(&mut out, &each.name);
        tensor(&mut out, index, &each);
    }
    out.push(b'u');
    if matches!(around, Around::Training) {
        out.push(b'u');
    }
    out.push(b'.');
    out
}

/// The call that rebuilds a tensor, whose values lie in the archive's file `index`.
fn tensor(out: &mut Vec<u8>, index: usize, tensor: &Tensor) {
    out.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
    string(out, "storage");
    out.extend(format!("ctorch\n{}\n", tensor.storage).bytes());
    string(out, &index.to_string());
    string(out, "cpu");
    let count: usize = tensor.shape.iter().product();
    int(out, count);
    out.extend(b"tQ"); // The tuple that stands for the storage.
    int(out, 0);
    out.push(b'(');
    tensor.shape.iter().for_each(|&size| int(out, size));
    out.extend(b"t(");
    let mut stride = count;
    for &size in &tensor.shape {
        stride /= size.max(1);
        int(out, stride);
    }
    out.extend(b"t\x89ccollections\nOrderedDict\n)RtR");
}

fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'X');
    out.extend((text.len() as u32).to_le_bytes());
    out.extend(text.bytes());
}

fn int(out: &mut Vec<u8>, value: usize) {
    out.push(b'J');
    out.extend((value as i32).to_le_bytes());
}

/// A ZIP archive without compression.
struct Zip {
    out: BufWriter<File>,
    /// Name, check sum, length and offset.
    entries: Vec<(String, u32, u32, u32)>,
}

impl Zip {
    fn file(&mut self, name: &str, bytes: &[u8]) {
        let offset = self.out.stream_position().unwrap() as u32;
        let (sum, length) = (crc32(bytes), bytes.len() as u32);
        self.out.write_all(b"PK\x03\x04").unwrap();
        self.fields(sum, length, name);
        self.out.write_all(&[0; 2]).unwrap(); // No extra field.
        self.out.write_all(name.as_bytes()).unwrap();
        self.out.write_all(bytes).unwrap();
        self.entries.push((name.into(), sum, length, offset));
    }

    /// What local and central headers share: version, flags, method, time, date, sums, lengths.
    fn fields(&mut self, sum: u32, length: u32, name: &str) {
        self.out.write_all(&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]).unwrap();
        for value in [sum, length, length] {
            self.out.write_all(&value.to_le_bytes()).unwrap();
        }
        self.out.write_all(&(name.len() as u16).to_le_bytes()).unwrap();
    }

    fn finish(mut self) {
        let start = self.out.stream_position().unwrap() as u32;
        for (name, sum, length, offset) in std::mem::take(&mut self.entries) {
            self.out.write_all(b"PK\x01\x02\x14\x00").unwrap();
            self.fields(sum, length, &name);
            self.out.write_all(&[0; 12]).unwrap();
            self.out.write_all(&offset.to_le_bytes()).unwrap();
            self.out.write_all(name.as_bytes()).unwrap();
            self.entries.push((name, sum, length, offset));
        }
        let count = self.entries.len() as u16;
        let size = self.out.stream_position().unwrap() as u32 - start;
        self.out.write_all(b"PK\x05\x06\0\0\0\0").unwrap();
        for value in [count, count] {
            self.out.write_all(&value.to_le_bytes()).unwrap();
        }
        for value in [size, start] {
            self.out.write_all(&value.to_le_bytes()).unwrap();
        }
        self.out.write_all(&[0; 2]).unwrap();
        self.out.flush().unwrap();
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let table: [u32; 256] = std::array::from_fn(|index| {
        (0..8).fold(index as u32, |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    });
    !bytes.iter().fold(!0, |crc, &byte| (crc >> 8) ^ table[((crc ^ u32::from(byte)) & 0xFF) as usize])
}
