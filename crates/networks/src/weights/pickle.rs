//! Refuses the pickle of a PyTorch checkpoint that calls anything but constructors of tensors.
//!
//! A pickle is a program. A checkpoint needs a handful of names (tensors, storages, a dictionary) and nothing else. This
//! file walks over the instructions without executing any, before a reader sees the file, and refuses a pickle that names
//! anything else. Must not build objects or read tensors. Instructions and arguments are those of Python's `pickletools`,
//! protocols 0 to 5.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::read_error::ReadError;

/// Longest pickle of a checkpoint. It names tensors and does not hold their values.
const MAX_BYTES: u64 = 64 << 20;
/// Most instructions of all pickles in a file. A tensor takes about a dozen.
const MAX_INSTRUCTIONS: usize = 2_000_000;
/// Pickles in a checkpoint of the format before ZIP archives: a magic number, a version, a description of the machine, the
/// tensors, and the keys of their storages. Raw storage follows.
const MAX_PICKLES: usize = 5;

/// Refuses a checkpoint whose pickle names anything but tensors. Executes nothing.
///
/// # Errors
/// The name that was found, or what is wrong with the file, without its name.
pub(super) fn check(path: &Path, is_zip: bool) -> Result<(), ReadError> {
    let file = File::open(path).map_err(ReadError::unreadable)?;
    let mut bytes = Vec::new();
    if is_zip {
        let mut archive = zip::ZipArchive::new(file).map_err(|error| error.to_string())?;
        // The archive of a compiled module holds code beside the tensors.
        if archive.file_names().filter_map(Result::ok).any(|name| name.ends_with("/constants.pkl")) {
            return Err(ReadError::TorchScript);
        }
        let name = archive
            .file_names()
            .filter_map(|name| Some(name.ok()?.into_owned()))
            .find(|name| name.rsplit('/').next() == Some("data.pkl"))
            .ok_or("the archive holds no data.pkl")?;
        let entry = archive.by_name(&name).map_err(|error| error.to_string())?;
        entry.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(format!("its pickle is longer than {} MiB", MAX_BYTES >> 20).into());
        }
    } else {
        file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    }
    walk(&bytes)
}

/// The encoding of an instruction's argument.
enum Argument {
    /// So many bytes.
    Bytes(usize),
    /// So many lines of text.
    Lines(usize),
    /// A length of so many bytes, then as many bytes as it says.
    Counted(usize),
}

fn argument(instruction: u8) -> Option<Argument> {
    use Argument::{Bytes, Counted, Lines};
    Some(match instruction {
        b'('
        | b'.'
        | b'0'
        | b'1'
        | b'2'
        | b'N'
        | b'Q'
        | b'R'
        | b'a'
        | b'b'
        | b'd'
        | b'}'
        | b'e'
        | b'l'
        | b']'
        | b'o'
        | b's'
        | b't'
        | b')'
        | b'u'
        | 0x81
        | 0x85..=0x89
        | 0x8F..=0x94
        | 0x97
        | 0x98 => Bytes(0),
        b'K' | b'h' | b'q' | 0x80 | 0x82 => Bytes(1),
        b'M' | 0x83 => Bytes(2),
        b'J' | b'j' | b'r' | 0x84 => Bytes(4),
        b'G' | 0x95 => Bytes(8),
        b'F' | b'I' | b'L' | b'S' | b'V' | b'P' | b'g' | b'p' => Lines(1),
        b'c' | b'i' => Lines(2),
        b'U' | b'C' | 0x8A | 0x8C => Counted(1),
        b'T' | b'X' | b'B' | 0x8B => Counted(4),
        0x8D | 0x8E | 0x96 => Counted(8),
        _ => return None,
    })
}

fn walk(bytes: &[u8]) -> Result<(), ReadError> {
    let mut rest = bytes;
    let mut instructions = 0;
    for _ in 0..MAX_PICKLES {
        // Raw storage follows the last pickle.
        if instructions > 0 && rest.first() != Some(&0x80) {
            break;
        }
        walk_one(&mut rest, &mut instructions)?;
    }
    Ok(())
}

fn walk_one(rest: &mut &[u8], instructions: &mut usize) -> Result<(), ReadError> {
    // The last two strings pushed, which STACK_GLOBAL takes its name from.
    let mut texts: [&[u8]; 2] = [b"?", b"?"];
    loop {
        *instructions += 1;
        if *instructions > MAX_INSTRUCTIONS {
            return Err(format!("its pickle has more than {MAX_INSTRUCTIONS} instructions").into());
        }
        let instruction = take(rest, 1)?[0];
        let argument = argument(instruction)
            .ok_or_else(|| format!("its pickle has the unknown instruction 0x{instruction:02x}"))?;
        let (mut first, mut second): (&[u8], &[u8]) = (b"", b"");
        match argument {
            Argument::Bytes(count) => {
                take(rest, count)?;
            }
            Argument::Lines(count) => {
                first = line(rest)?;
                if count == 2 {
                    second = line(rest)?;
                }
            }
            Argument::Counted(width) => {
                let mut length = [0; 8];
                length[..width].copy_from_slice(take(rest, width)?);
                let length = usize::try_from(u64::from_le_bytes(length)).unwrap_or(usize::MAX);
                first = take(rest, length)?;
            }
        }
        match instruction {
            b'.' => return Ok(()),
            b'c' if is_known(first, second) => {}
            b'c' | b'i' => return Err(refusal(first, second)),
            // No format of `torch.save` uses STACK_GLOBAL, and what it names is not known without executing the pickle.
            0x93 => return Err(refusal(texts[0], texts[1])),
            0x82..=0x84 => {
                let reason = "its pickle names a registered extension; nothing was executed";
                return Err(ReadError::Unsafe(reason.into()));
            }
            b'X' | 0x8C | 0x8D => texts = [texts[1], first],
            _ => {}
        }
    }
}

/// Whether a file of tensors needs the name.
fn is_known(module: &[u8], name: &[u8]) -> bool {
    match module {
        b"collections" => name == b"OrderedDict",
        b"torch" => name.ends_with(b"Storage") || name == b"Size",
        b"torch.storage" => matches!(name, b"TypedStorage" | b"UntypedStorage"),
        b"torch._utils" => {
            matches!(name, b"_rebuild_tensor" | b"_rebuild_tensor_v2" | b"_rebuild_parameter")
        }
        _ => false,
    }
}

fn refusal(module: &[u8], name: &[u8]) -> ReadError {
    ReadError::Unsafe(format!(
        "its pickle names '{}.{}', which has no place in a file of tensors; nothing was executed",
        String::from_utf8_lossy(&module[..module.len().min(80)]),
        String::from_utf8_lossy(&name[..name.len().min(80)])
    ))
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], String> {
    let (taken, left) = rest.split_at_checked(count).ok_or("its pickle is cut off")?;
    *rest = left;
    Ok(taken)
}

fn line<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let end = rest.iter().position(|&byte| byte == b'\n').ok_or("its pickle is cut off")?;
    let line = take(rest, end)?;
    take(rest, 1)?;
    Ok(line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_named_wherever_it_stands() {
        // As the root, inside a dictionary, as INST, and as STACK_GLOBAL of protocol 4.
        let call = b"cos\nsystem\nX\x04\x00\x00\x00true\x85R";
        let inside = [&b"\x80\x02}X\x01\x00\x00\x00a"[..], call, b"s."].concat();
        let root = [&b"\x80\x02"[..], call, b"."].concat();
        let inst = b"(S'true'\nios\nsystem\n.".to_vec();
        let stack = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.".to_vec();
        for pickle in [inside, root, inst, stack] {
            let reason = walk(&pickle).unwrap_err().to_string();
            assert!(reason.contains("os.system") && reason.contains("nothing was executed"), "{reason}");
        }
    }

    #[test]
    fn names_of_tensors_pass() {
        let pickle =
            b"\x80\x02ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n\
            ctorch\nFloatStorage\nu.";
        walk(pickle).unwrap();
        // Text that looks like an instruction is text.
        walk(b"\x80\x02X\x0a\x00\x00\x00cos\nsystem.").unwrap();
    }

    #[test]
    fn endless_and_cut_pickles_end() {
        assert!(walk(&vec![b'}'; MAX_INSTRUCTIONS + 1]).unwrap_err().to_string().contains("instructions"));
        assert!(walk(b"\x80\x02X\xff\xff\xff\xffa").unwrap_err().to_string().contains("cut off"));
        assert!(walk(b"").unwrap_err().to_string().contains("cut off"));
        assert!(walk(b"\xff").unwrap_err().to_string().contains("0xff"));
    }
}
