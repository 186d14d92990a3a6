//! This program's side of `tools/bench_peers.py`, which asks other engines the same questions.
//!
//! ```sh
//! cargo bench --bench peers -- --write-store DIR               # checkpoints made by a formula
//! cargo bench --bench peers -- --tower NAME --store DIR        # one network
//! cargo bench --bench peers -- --files mini|reference --store DIR   # photo files and captions to vectors
//! ```
//! `--workers N` (2) and `--device cpu|cuda|wgpu` are understood too. Every line on standard input is a request
//! `{"batch": 8, "repeats": 3, "vectors": false}`, answered by one line with the seconds that `repeats` passes took,
//! the items of a pass, the peak memory so far and, where asked for, the vectors. In a pass over a network each worker
//! computes on one thread and takes one batch, as the pipeline has it.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clipscope_core::dataset::{Dataset, OpenOptions};
use clipscope_core::embedding::{EventKind, Pipeline, PipelineOptions};
use clipscope_networks::{
    Catalog, CropPixels, DecodeLimits, DeviceKind, Modality, ModelSet, ModelStore, SetName, TokenIds, Tower,
    decode_photo,
};
use clipscope_test_support::checkpoints;
use clipscope_test_support::memory::peak_mb;
use serde::{Deserialize, Serialize};

#[global_allocator]
static ALLOCATOR: clipscope::allocator::Allocator = clipscope::allocator::Allocator;

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    batch: usize,
    repeats: usize,
    #[serde(default)]
    vectors: bool,
}

#[derive(Serialize)]
struct Answer {
    seconds: f64,
    items: usize,
    peak_mb: u64,
    vectors: Vec<Vec<f32>>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let option = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1).map(String::as_str)
    };
    if let Some(folder) = option("--write-store") {
        let store = ModelStore::new(folder);
        checkpoints::write(|repo, file| store.path(repo, file));
        return;
    }
    let store = ModelStore::new(option("--store").map_or_else(std::env::temp_dir, PathBuf::from))
        .without_verification();
    let workers = option("--workers").map_or(2, |text| text.parse().expect("--workers takes a number"));
    let device = match option("--device") {
        Some("cuda") => DeviceKind::Cuda,
        Some("wgpu") => DeviceKind::Wgpu,
        _ => DeviceKind::Cpu,
    };
    let catalog = Catalog::built_in().expect("the cards are good");
    if let Some(name) = option("--tower") {
        let tower = catalog
            .sets()
            .filter_map(|set| ModelSet::open(&catalog, set, device, &store).ok())
            .find_map(|set| set.all_towers().find(|tower| tower.card().name == name).cloned())
            .expect("--tower takes the name of a network");
        let bench = TowerBench::new(tower, workers);
        serve(|request| bench.pass(request.batch));
    } else if let Some(set) = option("--files") {
        let set = catalog.open(&SetName::new(set), device, &store).unwrap_or_else(|error| panic!("{error}"));
        let dataset =
            Arc::new(Dataset::open(&root().join("dataset"), &OpenOptions::default()).expect("dataset/"));
        serve(|_| embed_files(&dataset, &set, workers));
    } else {
        // `cargo bench` without arguments runs every benchmark: this one needs its driver.
        println!("peers: run by tools/bench_peers.py");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Answers requests until the input ends. A pass gives one vector an item.
fn serve(pass: impl Fn(&Request) -> Vec<Vec<f32>>) {
    for line in std::io::stdin().lock().lines() {
        let request: Request = serde_json::from_str(&line.expect("a line")).expect("a request");
        let start = Instant::now();
        let mut vectors = Vec::new();
        for _ in 0..request.repeats {
            vectors = pass(&request);
        }
        let seconds = start.elapsed().as_secs_f64();
        let items = vectors.len();
        if !request.vectors {
            vectors.clear();
        }
        let answer = Answer { seconds, items, peak_mb: peak_mb(), vectors };
        println!("{}", serde_json::to_string(&answer).expect("an answer"));
        std::io::stdout().flush().expect("the driver listens");
    }
}

/// The inputs of a network: crops of the lossless photos, or tokens of the captions.
enum Inputs {
    Photos(Vec<CropPixels>),
    Captions(Vec<TokenIds>),
}

struct TowerBench {
    tower: Arc<Tower>,
    inputs: Inputs,
    pools: Vec<rayon::ThreadPool>,
}

impl TowerBench {
    fn new(tower: Arc<Tower>, workers: usize) -> Self {
        let inputs = match tower.card().modality {
            Modality::Image => Inputs::Photos(
                photos()
                    .iter()
                    .map(|file| {
                        let bytes = std::fs::read(file).expect("a photo");
                        let photo = decode_photo(&bytes, &DecodeLimits::default()).expect("a photo");
                        tower.crop(&photo).expect("a crop")
                    })
                    .collect(),
            ),
            Modality::Text => Inputs::Captions(
                Dataset::bundled()
                    .items
                    .iter()
                    .map(|item| tower.tokenize(&item.captions[0]).expect("tokens"))
                    .collect(),
            ),
        };
        let pool = || rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        Self { tower, inputs, pools: (0..workers).map(|_| pool()).collect() }
    }

    /// One batch a worker, all at once: the items in their order, from the start again where they run out.
    fn pass(&self, batch: usize) -> Vec<Vec<f32>> {
        let mut vectors: Vec<Vec<Vec<f32>>> = vec![Vec::new(); self.pools.len()];
        std::thread::scope(|scope| {
            for (worker, (pool, vectors)) in self.pools.iter().zip(&mut vectors).enumerate() {
                let places = worker * batch..(worker + 1) * batch;
                scope.spawn(move || *vectors = pool.install(|| self.forward(places)));
            }
        });
        vectors.into_iter().flatten().collect()
    }

    fn forward(&self, places: std::ops::Range<usize>) -> Vec<Vec<f32>> {
        fn taken<T: Clone>(all: &[T], places: std::ops::Range<usize>) -> Vec<T> {
            places.map(|place| all[place % all.len()].clone()).collect()
        }
        match &self.inputs {
            Inputs::Photos(photos) => self.tower.embed_photos(&taken(photos, places)),
            Inputs::Captions(captions) => self.tower.embed_captions(&taken(captions, places)),
        }
        .expect("a forward pass")
    }
}

/// The lossless photos of the parity fixtures: every decoder reads the same pixels from them.
fn photos() -> Vec<PathBuf> {
    let folder = root().join("tests/fixtures/parity/photos");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("photos").map(|entry| entry.expect("a photo").path()).collect();
    files.sort();
    files
}

/// A whole run of the pipeline without a cache: one vector a photo or caption, its outputs one after the other.
fn embed_files(dataset: &Arc<Dataset>, set: &ModelSet, workers: usize) -> Vec<Vec<f32>> {
    let options = PipelineOptions { threads: workers, ..PipelineOptions::default() };
    let pipeline = Pipeline::start(Arc::clone(dataset), set.clone(), &options);
    let mut found = Vec::new();
    for event in pipeline.events() {
        match event.kind {
            EventKind::Embedded { unit, vectors, .. } => {
                found.push((unit, vectors.iter().flat_map(|(_, vector)| vector.to_vec()).collect()));
            }
            EventKind::Finished { .. } => break,
            EventKind::Skipped { reason, .. } | EventKind::Failed(reason) => panic!("{reason}"),
            EventKind::Notice(_) | EventKind::Noted { .. } => {}
        }
    }
    found.sort_by_key(|(unit, _)| *unit);
    found.into_iter().map(|(_, vector)| vector).collect()
}
