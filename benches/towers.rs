//! Loading and running every tower, with weights made by a formula.
//!
//! ```sh
//! cargo bench --bench towers
//! ```
//! For each tower: the first load (official checkpoint → weight map → Burnpack), a later load (Burnpack
//! mapped into memory), the peak memory of each in a process of its own, and the time an item takes on
//! one thread at batches of 1, 8 and 32.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use clipscope_networks::{
    Catalog, DeviceKind, Modality, ModelSet, ModelStore, Role, SetDefinition, SetName, TokenIds, Tower,
};
use clipscope_test_support::memory::peak_mb;
use clipscope_test_support::{checkpoints, formula};

#[global_allocator]
static ALLOCATOR: clipscope::allocator::Allocator = clipscope::allocator::Allocator;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--one") {
        Some(place) => one(&arguments[place + 1], Path::new(&arguments[place + 2]), &arguments[place + 3]),
        None => all(),
    }
}

/// Starts this program once per tower and load, so that each has a peak memory of its own.
fn all() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = ModelStore::new(folder.path());
    checkpoints::write(|repo, file| store.path(repo, file));
    checkpoints::write_others(|repo, file| store.path(repo, file));
    let program = std::env::current_exe().expect("the path of this program");
    for network in Catalog::built_in().expect("the cards are good").networks() {
        for load in ["first", "later"] {
            let status = Command::new(&program)
                .args(["--one", &network.card().name])
                .arg(folder.path())
                .arg(load)
                .status()
                .expect("this program starts again");
            assert!(status.success());
        }
    }
}

fn one(name: &str, folder: &Path, load: &str) {
    let store = ModelStore::new(folder).without_verification();
    let catalog = Catalog::built_in().expect("the cards are good");
    let card = catalog.network(name).expect("the network is known").card();
    // A network may be in no built-in set.
    let mut set = SetDefinition::empty(SetName::new("one"), String::new());
    Role::ALL.into_iter().filter(|&role| card.plays(role)).for_each(|role| set.put(role, name));
    let set = ModelSet::open(&catalog, &set, DeviceKind::Cpu, &store).expect("the files are there");
    let tower = set.all_towers().next().expect("the tower is there").clone();
    let start = Instant::now();
    tower.load().expect("the weights load");
    let seconds = start.elapsed().as_secs_f64();
    println!("{name}: {load} load {seconds:.3} s, peak memory {} MB", peak_mb());
    if load == "later" {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        pool.install(|| run(&tower));
    }
}

fn run(tower: &Tower) {
    for batch in [1, 8, 32] {
        let mut times: Vec<f64> = (0..5).map(|_| forward(tower, batch)).collect();
        times.sort_by(f64::total_cmp);
        let [low, median, high] = [times[0], times[2], times[4]].map(|s| s * 1000.0 / batch as f64);
        println!("  batch {batch:>2}: {median:.1} ms an item ({low:.1} to {high:.1}), one thread");
    }
}

fn forward(tower: &Tower, batch: usize) -> f64 {
    match tower.card().modality {
        Modality::Image => {
            let pixels: Vec<f32> = (0..batch as u64).flat_map(|n| formula::image(n, 224)).collect();
            let start = Instant::now();
            tower.embed_normalized(pixels).expect("a forward pass");
            start.elapsed().as_secs_f64()
        }
        Modality::Text => {
            // 20 tokens: what the captions that ship take on average.
            let ids: Vec<u32> = (0..20).map(|index| 1000 + index).collect();
            let captions = vec![TokenIds { ids, truncated: false }; batch];
            let start = Instant::now();
            tower.embed_captions(&captions).expect("a forward pass");
            start.elapsed().as_secs_f64()
        }
    }
}
