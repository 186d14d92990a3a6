//! Captions that repeat: each distinct text has one vector, and so a data set has one report.

use std::fs;
use std::path::Path;
use std::process::Command;

use clipscope_core::dataset::{Dataset, OpenOptions};
use clipscope_core::embedding::{EventKind, Pipeline, PipelineOptions, Unit, VectorCache};
use clipscope_networks::{Catalog, DeviceKind, ModelStore, Role, SetName};

const SAME: &str = "a photo of something on a table";

/// Twenty photos in four categories with the same caption, and a long odd one for one of them.
fn photos() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..20u32 {
        let category = folder.path().join(["ants", "bread", "coins", "doors"][number as usize % 4]);
        fs::create_dir_all(&category).unwrap();
        let picture = image::RgbImage::from_fn(40, 30, |x, y| {
            let value =
                |shift: u32| ((x * (number % 5 + 1) + y * (number / 5 + 2) + shift * number) * 5 % 256) as u8;
            image::Rgb([value(1), value(7), value(13)])
        });
        picture.save(category.join(format!("{number:02}.png"))).unwrap();
        let odd = "¿Qué? 7½ unlikely (and, frankly, far too many) words; nobody's caption — #42 & “so on” "
            .repeat(3);
        let caption = if number == 11 { odd.as_str() } else { SAME };
        fs::write(category.join(format!("{number:02}.txt")), caption).unwrap();
    }
    folder
}

fn report(folder: &Path, cache: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_clipscope"))
        .args(["eval", "-q", "--format", "json"])
        .args(arguments)
        .arg("--cache-dir")
        .args([cache, folder])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn one_report_whatever_the_threads_the_cache_and_what_ran_before() {
    let folder = photos();
    let fresh = || tempfile::tempdir().unwrap();
    let expected = report(folder.path(), fresh().path(), &["--threads", "1"]);
    for threads in ["1", "2", "7"] {
        let whole = ["--threads", threads];
        let cache = fresh();
        assert!(report(folder.path(), cache.path(), &whole) == expected, "{threads} threads, cold");
        assert!(report(folder.path(), cache.path(), &whole) == expected, "{threads} threads, warm");
        for limit in ["3", "12"] {
            let cache = fresh();
            let before = ["--threads", threads, "--limit", limit];
            assert!(report(folder.path(), cache.path(), &before) != expected);
            let after = report(folder.path(), cache.path(), &whole);
            assert!(after == expected, "{threads} threads, after --limit {limit}");
        }
    }
}

#[test]
fn equal_captions_have_equal_bits_and_each_of_them_its_event() {
    let folder = photos();
    let dataset = std::sync::Arc::new(Dataset::open(folder.path(), &OpenOptions::default()).unwrap());
    let cache = tempfile::tempdir().unwrap();
    let catalog = Catalog::built_in().unwrap();
    let set = catalog.open(&SetName::MINI, DeviceKind::Cpu, &ModelStore::new("unused")).unwrap();
    let options = PipelineOptions {
        threads: 3,
        cache: Some(VectorCache::new(cache.path())),
        null_captions: vec![SAME.into(), "something else".into()],
        ..PipelineOptions::default()
    };
    let typed = set.embed_caption(SAME).unwrap();
    let pipeline = Pipeline::start(dataset.clone(), set.clone(), &options);
    let mut seen = Vec::new();
    for event in pipeline.events() {
        match event.kind {
            EventKind::Embedded { unit, vectors, .. } if !matches!(unit, Unit::Photo(_)) => {
                let equal = vectors.iter().all(|(role, vector)| {
                    let (_, typed) = typed.iter().find(|(found, _)| found == role).unwrap();
                    typed.iter().zip(vector.iter()).all(|(a, b)| a.to_bits() == b.to_bits())
                });
                seen.push((unit, equal));
            }
            EventKind::Embedded { .. } => {}
            EventKind::Finished { .. } => break,
            other => panic!("{other:?}"),
        }
    }
    drop(pipeline);
    seen.sort();
    let odd = dataset.items.iter().position(|item| item.captions != [SAME]).unwrap();
    let mut expected: Vec<_> = (0..20).map(|place| (Unit::Caption(place), place != odd)).collect();
    expected.extend([(Unit::NullCaption(0), true), (Unit::NullCaption(1), false)]);
    assert_eq!(seen, expected);
    // Three distinct texts were embedded and kept.
    let text = set.tower(Role::ClipText).unwrap();
    assert_eq!(VectorCache::new(cache.path()).open(&text.cache_key(), text.card().total_dim()).len(), 3);
}
