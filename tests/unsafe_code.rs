//! Where unsafe code is, so that none comes in unseen.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules that may hold unsafe code: the allocator, vector instructions, memory maps and a C++ library (see SECURITY.md).
const ALLOWED: [&str; 6] = [
    "src/allocator.rs",
    "src/analysis/kernel.rs",
    "src/analysis/nearest.rs",
    "src/index/approximate.rs",
    "src/index/map.rs",
    "src/models/burnpack.rs",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn unsafe_code_is_in_the_named_modules_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("build.rs")];
    sources(&root.join("src"), &mut files);
    assert!(files.len() > 50);
    let mut with_unsafe = Vec::new();
    let mut allowances = Vec::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap().display().to_string();
        for line in fs::read_to_string(&file).unwrap().lines() {
            let code = line.split("//").next().unwrap_or_default();
            let words = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect::<Vec<_>>();
            if words.contains(&"unsafe") && with_unsafe.last() != Some(&name) {
                with_unsafe.push(name.clone());
            }
            if words.contains(&"unsafe_code") {
                allowances.push(format!("{name}: {}", code.trim()));
            }
        }
    }
    with_unsafe.sort();
    assert_eq!(with_unsafe, ALLOWED);
    allowances.sort();
    assert_eq!(
        allowances,
        [
            "src/analysis/mod.rs: #[allow(unsafe_code)]",
            "src/analysis/mod.rs: #[allow(unsafe_code)]",
            "src/index/mod.rs: #[allow(unsafe_code)]",
            "src/index/mod.rs: #[allow(unsafe_code)]",
            "src/lib.rs: #![deny(unsafe_code)]",
            "src/lib.rs: #[allow(unsafe_code)]",
            "src/main.rs: #![forbid(unsafe_code)]",
            "src/models/mod.rs: #[allow(unsafe_code)]",
        ],
        "the lints of the library and the program, and one exception for each module named above"
    );
}
