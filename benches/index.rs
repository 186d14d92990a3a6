//! What an index of a large collection costs: `cargo bench --bench index -- [vectors] [dim] [photos]`, 1,000,000 × 512 and
//! 100,000 photos unless given. Everything is made below the system's folder for temporary files (about 1.2 GB) and taken
//! away again. A plain program: the figures are medians of repetitions within one run, and the memory's bandwidth is
//! measured in the same run.

use std::fs::File;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use clipscope::tui::browse::{Browser, view};
use clipscope::tui::theme::Theme;
use clipscope::tui::{Action, ColorMode, Command, ImageMode};
use clipscope_core::dataset::{Dataset, Item, OpenOptions, PhotoSource};
use clipscope_core::index::{
    EmbedOutcome, Index, IndexError, IndexModels, IndexWriter, ListedPhoto, Unlisted, update,
};
use clipscope_core::shards::{ShardManifest, ShardRows, ShardWriter};
use clipscope_core::vector_files::VectorFiles;
use clipscope_networks::Role;
use clipscope_test_support::collection;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use rayon::prelude::*;

/// Frames that are drawn for one figure.
const FRAMES: u32 = 500;

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let size = |index: usize, default| sizes.get(index).copied().unwrap_or(default);
    let (count, dim, photos) = (size(0, 1_000_000), size(1, 512), size(2, 100_000));
    println!(
        "{count} vectors of {dim}, {photos} photos, {} threads, {}",
        rayon::current_num_threads(),
        processor()
    );
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => return println!("there is no folder for temporary files: {error}"),
    };
    if let Err(error) = search(folder.path(), count, dim) {
        println!("search: {error}");
    }
    if let Err(error) = files(&folder.path().join("photos"), photos) {
        println!("files: {error}");
    }
    if let Err(error) = vector_files(folder.path(), photos, dim) {
        println!("files of vectors: {error}");
    }
}

fn made(dim: usize) -> IndexModels {
    IndexModels { key: [0xBE; 32], dim, set: "mini".into() }
}

fn write(folder: &Path, count: usize, dim: usize) -> Result<(), IndexError> {
    let (mut writer, _) = IndexWriter::open(folder, Path::new("/nonexistent"), made(dim))?;
    writer.import(collection::rows(count, dim))
}

fn search(folder: &Path, count: usize, dim: usize) -> Result<(), IndexError> {
    let large = folder.join("large");
    let start = Instant::now();
    write(&large, count, dim)?;
    println!("written in {:.1} s", start.elapsed().as_secs_f64());
    let (few, some) = (folder.join("few"), folder.join("some"));
    write(&few, 20, dim)?;
    write(&some, 2_000, dim)?;

    let before = anonymous_memory();
    println!("open: {:.3} s (median of 5)", median(5, || drop(black_box(Index::open(&large)))));
    let index = Index::open(&large)?;
    let queries = made_queries(count, |number, clusters| collection::vector(number, clusters, dim));
    let first = Instant::now();
    index.search(&queries[0], 10, -1.0)?;
    println!("first search (checksums, first touch): {:.3} s", first.elapsed().as_secs_f64());
    let mut next = queries.iter().cycle();
    let took = median(21, || {
        let query = next.next().map_or(&[][..], Vec::as_slice);
        let _ = black_box(index.search(query, 10, -1.0));
    });
    let bytes = (count * dim * 2) as f64;
    let memory = bandwidth(count * dim * 2);
    println!(
        "exact top-10: {took:.4} s = {:.1} GB/s, {:.0} % of the memory's {:.1} GB/s",
        bytes / took / 1e9,
        100.0 * bytes / took / memory,
        memory / 1e9
    );

    #[cfg(feature = "approximate")]
    approximate(&index, &queries, took)?;

    let frames = |index: Index| {
        let mut browser = Browser::new(
            Arc::new(index),
            "bench".into(),
            None,
            Theme::new(ColorMode::True),
            ImageMode::Off,
            Size::new(200, 60),
        );
        let mut buffer = Buffer::empty(Rect::new(0, 0, 200, 60));
        let keys = [
            Command::PageDown,
            Command::Right,
            Command::Last,
            Command::ZoomOut,
            Command::First,
            Command::ZoomFit,
            Command::ZoomIn,
        ];
        let mut next = keys.iter().cycle();
        let before = processor_time();
        for _ in 0..FRAMES {
            buffer.reset();
            browser.update(Action::Do(*next.next().unwrap_or(&Command::Down)));
            view::render(&browser, &mut buffer);
        }
        let took = (processor_time() - before) / f64::from(FRAMES);
        // Held until here, so that the memory is still in use.
        (took, anonymous_memory(), browser)
    };
    let (large_took, after, large_browser) = frames(index);
    drop(large_browser);
    let (few_took, _, _) = frames(Index::open(&few)?);
    // As many cells on screen as with a million.
    let (some_took, _, _) = frames(Index::open(&some)?);
    println!(
        "frame, 200×60, key to picture, processor time: {:.2} ms; with 20 photos {:.2} ms, with 2,000 {:.2} ms",
        large_took * 1e3,
        few_took * 1e3,
        some_took * 1e3
    );
    println!("memory of the dashboard beyond the mapped file: {:.0} MB", (after - before) / 1e6);
    Ok(())
}

/// What opening a Parquet file with the vectors of `count` photos takes, every one of which the data set has.
fn vector_files(folder: &Path, count: usize, dim: usize) -> Result<(), Box<dyn std::error::Error>> {
    let file = folder.join("vectors.parquet");
    let name = |number: usize| format!("folder/{number}.jpg");
    let total = count as u64;
    let manifest = ShardManifest {
        schema: 1,
        role: Role::ClipImage,
        network: "bench".into(),
        model: "bench".into(),
        dim,
        dataset: "bench".into(),
        fingerprint: String::new(),
        total,
        first: 0,
        end: total,
        left_out: Vec::new(),
        made_with: None,
    };
    let mut writer = ShardWriter::new(File::create(&file)?, manifest)?;
    for (number, vector) in collection::rows(count, dim).enumerate() {
        writer.write(&ShardRows {
            ids: vec![number as u64],
            paths: vec![name(number)],
            categories: vec!["bench".into()],
            captions: vec![None],
            content_sha256: vec![String::new()],
            vectors: vector.3,
        })?;
    }
    writer.finish()?;
    let item = |number| Item {
        file: name(number),
        source: PhotoSource::Bundled(&[]),
        category: "bench".into(),
        captions: Vec::new(),
    };
    let dataset = Dataset::from_items("bench", (0..count).map(item).collect());
    let took = median(3, || drop(black_box(VectorFiles::read(std::slice::from_ref(&file), &dataset))));
    println!("Parquet with the vectors of {count} photos, opened: {took:.2} s (median of 3)");
    Ok(())
}

/// A hundred unit vectors beyond a collection of `count`.
fn made_queries(count: usize, make: impl Fn(usize, usize) -> Vec<f32>) -> Vec<Vec<f32>> {
    (0..100)
        .map(|number| {
            let vector = make(count + number * 7919, collection::clusters(count));
            let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
            vector.iter().map(|value| value / length).collect()
        })
        .collect()
}

fn files(folder: &Path, photos: usize) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    collection::photos(folder, photos)?;
    println!("{photos} photos written in {:.1} s", start.elapsed().as_secs_f64());
    let root = folder.canonicalize()?;
    let run = || -> Result<String, Box<dyn std::error::Error>> {
        let (start, before) = (Instant::now(), processor_time());
        let dataset = Dataset::open(&root, &OpenOptions::default())?;
        let scanned = start.elapsed();
        let listed: Vec<ListedPhoto> = dataset
            .items
            .iter()
            .filter_map(|item| {
                let PhotoSource::File(path) = &item.source else { return None };
                Some(ListedPhoto { name: path.strip_prefix(&root).ok()?.to_owned(), path: path.clone() })
            })
            .collect();
        let (mut writer, _) = IndexWriter::open(&root.join(clipscope_core::index::FOLDER), &root, made(512))?;
        let mut next = 0;
        // No network: what is measured is the index.
        let embed = |photos: &[usize]| {
            next += photos.len();
            Ok(photos
                .iter()
                .map(|photo| EmbedOutcome::Vector(collection::vector(*photo, 100, 512)))
                .collect())
        };
        let counts = update::<IndexError>(&mut writer, &listed, Unlisted::Keep, embed, |_, _| {})?;
        let (took, busy) = (start.elapsed().as_secs_f64(), processor_time() - before);
        Ok(format!(
            "{took:.2} s (the scan {:.2} s), {busy:.2} s of processor time, {} embedded, {} unchanged",
            scanned.as_secs_f64(),
            counts.embedded,
            counts.unchanged
        ))
    };
    println!("first indexing, without networks: {}", run()?);
    println!("indexing again, nothing changed: {}", run()?);
    Ok(())
}

#[cfg(feature = "approximate")]
fn approximate(index: &Index, queries: &[Vec<f32>], exact: f64) -> Result<(), IndexError> {
    use clipscope_core::index::approximate::Graph;
    let (start, before) = (Instant::now(), processor_time());
    Graph::build(index)?;
    println!(
        "approximate: built in {:.0} s, {:.0} s of processor time",
        start.elapsed().as_secs_f64(),
        processor_time() - before
    );
    let start = Instant::now();
    let graph = Graph::open(index)?;
    println!("approximate: opened in {:.3} s", start.elapsed().as_secs_f64());
    let mut next = queries.iter().cycle();
    let took = median(101, || {
        let query = next.next().map_or(&[][..], Vec::as_slice);
        let _ = black_box(graph.search(index, query, 10, -1.0));
    });
    println!(
        "approximate top-10: {:.2} ms ({:.0} times as fast as exact), recall@10 {:.4} over {} queries",
        took * 1e3,
        exact / took,
        graph.recall(index, 10, queries)?,
        queries.len()
    );
    let phrases = made_queries(index.len(), |number, clusters| {
        collection::phrase(number, clusters, index.models().dim)
    });
    println!(
        "approximate top-10 of phrases: recall@10 {:.4} over {}",
        graph.recall(index, 10, &phrases)?,
        phrases.len()
    );
    Ok(())
}

/// Bytes a second that all threads together read from memory: the sum over a block as large as the vectors.
fn bandwidth(bytes: usize) -> f64 {
    let block = vec![1u64; bytes / 8];
    let took = median(7, || {
        let sum: u64 = block
            .par_chunks(1 << 17)
            .map(|part| part.iter().fold(0u64, |sum, value| sum.wrapping_add(*value)))
            .sum();
        black_box(sum);
    });
    (block.len() * 8) as f64 / took
}

/// The median time in seconds.
fn median(times: usize, mut run: impl FnMut()) -> f64 {
    let mut took: Vec<f64> = (0..times)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    took.sort_by(f64::total_cmp);
    took[times / 2]
}

/// Bytes of this process that no file stands behind, as Linux reports them.
fn anonymous_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) * 1024.0
}

/// Seconds for which this process had a processor, of all its threads: what a busy machine does not change.
fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may hold anything; the times are the 14th and 15th field, in hundredths of a second.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
    fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    line.trim_start_matches([' ', '\t', ':']).to_owned()
}
