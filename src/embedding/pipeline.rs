//! The workers: photos are decoded, preprocessed and embedded, captions tokenized and embedded.
//!
//! The contract with whoever listens:
//!
//! - There is exactly one [`EventKind::Embedded`] or [`EventKind::Skipped`] for every photo and
//!   every caption of the data set and every null caption, in any order, unless the run fails or is cancelled.
//! - [`EventKind::Finished`] or [`EventKind::Failed`] is the last event of a run; after a
//!   cancellation there may be none.
//! - Every event carries the generation the run was started with, so that a listener that has
//!   moved on can drop what is stale.
//! - The channel is bounded: a listener that stops reading stops the workers, and one that goes
//!   away ends them.
//! - A vector is in the cache, durably, before its event is sent.
//!
//! Work is cut into fixed batches by the data set, texts by length and photos by place, never by
//! thread, and a batch with a vector missing from the cache is computed whole: the numbers do not
//! depend on how many threads there are. Each worker computes on one thread of its own; that measured faster on this kind of
//! network than several threads on one batch, and leaves the interface its time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use sha2::{Digest, Sha256};

use super::cache::{Record, TowerCache, VectorCache};
use super::embeddings::Unit;
use super::event::{Event, EventKind};
use crate::dataset::Dataset;
use crate::models::{DecodeLimits, Modality, ModelError, ModelSet, Role, Tower, decode_photo};
use crate::priority::{self, Priority};

/// Photos that go through a network together, at most; less where there would be fewer than [`SPREAD`] batches.
const PHOTO_BATCH: usize = 8;
/// Batches that a small data set is cut into, so that every core has some.
const SPREAD: usize = 16;
/// Captions that go through a network together.
const CAPTION_BATCH: usize = 8;
/// Events that may wait for the listener.
const CHANNEL: usize = 256;

/// Said of an item on which a library panicked.
const UNREADABLE: &str = "could not be processed (its reader failed); save it again with another program, or report it with the file";

/// How to run.
#[derive(Debug, Clone, Default)]
pub struct PipelineOptions {
    /// Number of workers; 0 takes one per core.
    pub threads: usize,
    /// Where finished vectors are kept; `None` computes everything.
    pub cache: Option<VectorCache>,
    /// Texts that belong to no photo and are embedded with the captions.
    pub null_captions: Vec<String>,
    /// Carried by every event.
    pub generation: u64,
    /// Someone works with the program meanwhile: the workers take the processor time that is left.
    pub background: bool,
}

/// A run in progress. Dropping it cancels it and waits for its workers.
pub struct Pipeline {
    events: Receiver<Event>,
    cancelled: Arc<AtomicBool>,
    workers: Vec<JoinHandle<()>>,
}

impl Pipeline {
    /// Starts embedding a data set; returns at once.
    #[must_use]
    pub fn start(dataset: Arc<Dataset>, set: ModelSet, options: &PipelineOptions) -> Self {
        let threads = match options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let (sender, events) = bounded(CHANNEL);
        let cancelled = Arc::new(AtomicBool::new(false));
        let run = Arc::new(Run::new(dataset, &set, options, threads, sender, cancelled.clone()));
        let workers = (0..threads)
            .filter_map(|index| {
                let run = Arc::clone(&run);
                std::thread::Builder::new().name(format!("embed-{index}")).spawn(move || run.work()).ok()
            })
            .collect::<Vec<_>>();
        if workers.is_empty() {
            // The system gives no thread at all: do the work here rather than hang the listener.
            // The channel is bounded, so this may only report the failure.
            run.send(EventKind::Failed("the system allows no further thread".into()));
        }
        Self { events, cancelled, workers }
    }

    /// The events of this run.
    #[must_use]
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// Asks the workers to stop after the batch in hand.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.cancel();
        // A worker may be waiting for room in the channel: make room until all have left.
        while self.workers.iter().any(|worker| !worker.is_finished()) {
            let _ = self.events.recv_timeout(Duration::from_millis(5));
        }
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}

/// Where a text that is embedded stands.
#[derive(Clone, Copy)]
enum Text {
    Caption { item: usize, number: usize },
    NullCaption(usize),
}

enum Job {
    Photos(std::ops::Range<usize>),
    /// Places in the order of the texts.
    Texts(Vec<usize>),
}

struct Side {
    tower: Arc<Tower>,
    cache: Option<TowerCache>,
}

/// What the workers share.
struct Run {
    dataset: Arc<Dataset>,
    null_captions: Vec<String>,
    /// All captions in their order, then the null captions.
    texts_in_order: Vec<Text>,
    captions: usize,
    images: Vec<Side>,
    texts: Vec<Side>,
    jobs: Vec<Job>,
    next: AtomicUsize,
    done: AtomicUsize,
    failed: AtomicBool,
    cache_broken: AtomicBool,
    cancelled: Arc<AtomicBool>,
    limits: DecodeLimits,
    generation: u64,
    background: bool,
    started: Instant,
    sender: Sender<Event>,
}

/// The listener is gone, or the run was cancelled or has failed.
struct Stopped;

impl Run {
    fn new(
        dataset: Arc<Dataset>,
        set: &ModelSet,
        options: &PipelineOptions,
        threads: usize,
        sender: Sender<Event>,
        cancelled: Arc<AtomicBool>,
    ) -> Self {
        let sides = |modality| {
            set.towers(modality)
                .map(|tower| {
                    let cache = options
                        .cache
                        .as_ref()
                        .map(|cache| cache.open(&tower.cache_key(), tower.card().total_dim()));
                    Side { tower: Arc::clone(tower), cache }
                })
                .collect()
        };
        let mut texts = Vec::new();
        for (item, entry) in dataset.items.iter().enumerate() {
            texts.extend((0..entry.captions.len()).map(|number| Text::Caption { item, number }));
        }
        let captions = texts.len();
        texts.extend((0..options.null_captions.len()).map(Text::NullCaption));
        let photo_batch = dataset.items.len().div_ceil(SPREAD).clamp(1, PHOTO_BATCH);
        // Captions first: they are quick, and the photos' ranks need them.
        let batches = |total: usize, size: usize| {
            (0..total).step_by(size).map(move |start| start..(start + size).min(total))
        };
        // Texts of a batch are padded to its longest: those of like length go together.
        let length = |text| match text {
            Text::Caption { item, number } => dataset.items[item].captions[number].len(),
            Text::NullCaption(index) => options.null_captions[index].len(),
        };
        let mut by_length: Vec<usize> = (0..texts.len()).collect();
        by_length.sort_by_key(|&place| length(texts[place]));
        let jobs = by_length
            .chunks(CAPTION_BATCH)
            .map(|places| Job::Texts(places.to_vec()))
            .chain(batches(dataset.items.len(), photo_batch).map(Job::Photos))
            .collect();
        Self {
            null_captions: options.null_captions.clone(),
            texts_in_order: texts,
            captions,
            images: sides(Modality::Image),
            texts: sides(Modality::Text),
            jobs,
            next: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            cache_broken: AtomicBool::new(false),
            cancelled,
            limits: DecodeLimits::for_workers(threads),
            generation: options.generation,
            background: options.background,
            started: Instant::now(),
            sender,
            dataset,
        }
    }

    /// A worker's life.
    fn work(&self) {
        let background = self.background;
        let yielding = move |_| {
            if background {
                priority::lower(Priority::Embedding);
            }
        };
        yielding(0);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).start_handler(yielding).build();
        let Ok(pool) = pool else {
            self.fail("the system allows no further thread".into());
            return;
        };
        if self.jobs.is_empty() {
            self.finish();
            return;
        }
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = self.jobs.get(number) else { return };
            if self.stopped() || pool.install(|| self.run(job)).is_err() {
                return;
            }
            // The worker that completes the last job, whichever it is, says so.
            if self.done.fetch_add(1, Ordering::AcqRel) + 1 == self.jobs.len() {
                self.send(EventKind::Finished { elapsed: self.started.elapsed() });
            }
        }
    }

    fn text(&self, text: Text) -> &str {
        match text {
            Text::Caption { item, number } => &self.dataset.items[item].captions[number],
            Text::NullCaption(index) => &self.null_captions[index],
        }
    }

    fn finish(&self) {
        if self.done.fetch_add(1, Ordering::AcqRel) == 0 {
            self.send(EventKind::Finished { elapsed: self.started.elapsed() });
        }
    }

    fn stopped(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }

    /// Sends an event; false when nobody listens any more.
    fn send(&self, kind: EventKind) -> bool {
        self.sender.send(Event { generation: self.generation, kind }).is_ok()
    }

    /// Reports the first failure only.
    fn fail(&self, reason: String) {
        if !self.failed.swap(true, Ordering::AcqRel) {
            self.send(EventKind::Failed(reason));
        }
    }

    fn run(&self, job: &Job) -> Result<(), Stopped> {
        match job {
            Job::Photos(range) => {
                let units: Vec<_> = range.clone().map(Unit::Photo).collect();
                self.batch(&units, &self.images)
            }
            Job::Texts(places) => {
                let units: Vec<_> = places
                    .iter()
                    .map(|&place| match self.texts_in_order[place] {
                        Text::Caption { .. } => Unit::Caption(place),
                        Text::NullCaption(index) => Unit::NullCaption(index),
                    })
                    .collect();
                self.batch(&units, &self.texts)
            }
        }
    }

    /// Embeds a batch with every tower of its modality and sends one event per item.
    fn batch(&self, units: &[Unit], sides: &[Side]) -> Result<(), Stopped> {
        let mut slots: Vec<Slot> = units.iter().map(|&unit| Slot::new(unit)).collect();
        for slot in &mut slots {
            slot.read(self);
        }
        for side in sides {
            self.batch_of_tower(&mut slots, side)?;
        }
        for slot in slots {
            let kind = match slot.failure {
                Some(reason) => EventKind::Skipped { unit: slot.unit, reason },
                None => EventKind::Embedded {
                    unit: slot.unit,
                    vectors: slot.vectors,
                    cached: slot.cached,
                    truncated: slot.truncated,
                },
            };
            if self.stopped() || !self.send(kind) {
                return Err(Stopped);
            }
        }
        Ok(())
    }

    fn batch_of_tower(&self, slots: &mut [Slot], side: &Side) -> Result<(), Stopped> {
        let stored: Vec<Option<Arc<Record>>> =
            slots.iter().map(|slot| side.cache.as_ref()?.get(&slot.content)).collect();
        let complete = slots.iter().zip(&stored).all(|(s, r)| s.failure.is_some() || r.is_some());
        if complete {
            for (slot, record) in slots.iter_mut().zip(stored) {
                if let Some(record) = record {
                    slot.accept(&record, &side.tower);
                }
            }
            return Ok(());
        }
        let records = self.compute(slots, &side.tower)?;
        let fresh: Vec<([u8; 32], Record)> = records
            .iter()
            .enumerate()
            .filter_map(|(index, record)| {
                let known = stored[index].is_some();
                Some((slots[index].content, record.clone()?)).filter(|_| !known)
            })
            .collect();
        self.store(side, fresh);
        for (slot, record) in slots.iter_mut().zip(&records) {
            slot.cached = false;
            if let Some(record) = record {
                slot.accept(record, &side.tower);
            }
        }
        Ok(())
    }

    fn store(&self, side: &Side, fresh: Vec<([u8; 32], Record)>) {
        let Some(cache) = &side.cache else { return };
        if let Err(error) = cache.put(fresh)
            && !self.cache_broken.swap(true, Ordering::AcqRel)
        {
            self.send(EventKind::Notice(format!("{error}; vectors of this run are not kept")));
        }
    }

    /// One record per slot that has not failed.
    fn compute(&self, slots: &mut [Slot], tower: &Tower) -> Result<Vec<Option<Record>>, Stopped> {
        isolated(slots, |slots| self.forward(slots, tower)).map_err(|error| {
            self.fail(error.to_string());
            Stopped
        })
    }

    /// The forward pass of a batch. Errors of single items go into their slots; what is returned
    /// as an error concerns the tower.
    fn forward(&self, slots: &mut [Slot], tower: &Tower) -> Result<Vec<Option<Record>>, ModelError> {
        tower.load()?;
        let mut places = Vec::with_capacity(slots.len());
        let mut truncated = vec![false; slots.len()];
        let vectors = match tower.card().modality {
            Modality::Image => {
                let mut crops = Vec::with_capacity(slots.len());
                for (place, slot) in slots.iter_mut().enumerate() {
                    if slot.failure.is_some() {
                        continue;
                    }
                    match decode_photo(&slot.bytes, self.limits).and_then(|p| tower.crop(&p)) {
                        Ok(crop) => {
                            crops.push(crop);
                            places.push(place);
                        }
                        Err(error) => slot.failure = Some(error.to_string()),
                    }
                }
                tower.embed_photos(&crops)?
            }
            Modality::Text => {
                let mut tokens = Vec::with_capacity(slots.len());
                for (place, slot) in slots.iter_mut().enumerate() {
                    if slot.failure.is_some() {
                        continue;
                    }
                    match tower.tokenize(&String::from_utf8_lossy(&slot.bytes)) {
                        Ok(ids) => {
                            truncated[place] = ids.truncated;
                            tokens.push(ids);
                            places.push(place);
                        }
                        Err(error) => slot.failure = Some(error.to_string()),
                    }
                }
                tower.embed_captions(&tokens)?
            }
        };
        let mut records = vec![None; slots.len()];
        for (place, vector) in places.into_iter().zip(vectors) {
            match unusable(&vector, tower) {
                Some(reason) => slots[place].failure = Some(reason),
                None => records[place] = Some(Record { vector, truncated: truncated[place] }),
            }
        }
        Ok(records)
    }
}

/// What `forward` makes of a batch. A panic in a library on one item's data must not take the others along: the batch is
/// then done item by item.
fn isolated(
    slots: &mut [Slot],
    mut forward: impl FnMut(&mut [Slot]) -> Result<Vec<Option<Record>>, ModelError>,
) -> Result<Vec<Option<Record>>, ModelError> {
    if let Ok(whole) = catch_unwind(AssertUnwindSafe(|| forward(slots))) {
        return whole;
    }
    let mut records = Vec::with_capacity(slots.len());
    for slot in slots {
        let one = catch_unwind(AssertUnwindSafe(|| forward(std::slice::from_mut(slot))));
        records.push(match one {
            Ok(record) => record?.pop().flatten(),
            Err(_) => {
                slot.failure = Some(UNREADABLE.into());
                None
            }
        });
    }
    Ok(records)
}

/// Why a tower's answer cannot be compared with anything, if so.
fn unusable(vector: &[f32], tower: &Tower) -> Option<String> {
    let mut start = 0;
    for output in &tower.card().outputs {
        let part = &vector[start..start + output.dim];
        start += output.dim;
        if part.iter().any(|value| !value.is_finite()) {
            return Some(format!("{} gave a vector that is not finite", tower.card().name));
        }
        if part.iter().all(|&value| value == 0.0) {
            return Some(format!("{} gave a zero vector", tower.card().name));
        }
    }
    None
}

/// An item on its way through the towers.
struct Slot {
    unit: Unit,
    bytes: Vec<u8>,
    content: [u8; 32],
    vectors: Vec<(Role, Arc<[f32]>)>,
    failure: Option<String>,
    cached: bool,
    truncated: bool,
}

impl Slot {
    fn new(unit: Unit) -> Self {
        Self {
            unit,
            bytes: Vec::new(),
            content: [0; 32],
            vectors: Vec::new(),
            failure: None,
            cached: true,
            truncated: false,
        }
    }

    fn read(&mut self, run: &Run) {
        match self.unit {
            Unit::Photo(index) => match run.dataset.items[index].source.read() {
                Ok(bytes) => self.bytes = bytes.into_owned(),
                Err(error) => self.failure = Some(error.to_string()),
            },
            Unit::Caption(index) => {
                self.bytes = run.text(run.texts_in_order[index]).as_bytes().to_vec();
            }
            Unit::NullCaption(index) => {
                self.bytes = run.text(run.texts_in_order[run.captions + index]).as_bytes().to_vec();
            }
        }
        self.content = Sha256::digest(&self.bytes).into();
    }

    fn accept(&mut self, record: &Record, tower: &Tower) {
        let mut rest = record.vector.as_slice();
        for output in &tower.card().outputs {
            let (vector, tail) = rest.split_at(output.dim);
            self.vectors.push((output.role, vector.into()));
            rest = tail;
        }
        self.truncated |= record.truncated;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_on_one_item_leaves_that_item_out_and_no_other() {
        let mut slots: Vec<Slot> = (0..4).map(|photo| Slot::new(Unit::Photo(photo))).collect();
        let records = isolated(&mut slots, |slots| {
            assert!(slots.iter().all(|slot| slot.unit != Unit::Photo(2)), "a decoder falls over");
            let vector = |slot: &Slot| {
                let Unit::Photo(photo) = slot.unit else { return None };
                Some(Record { vector: vec![photo as f32], truncated: false })
            };
            Ok(slots.iter().map(vector).collect())
        });
        let firsts = |record: &Option<Record>| record.as_ref().map(|record| record.vector[0]);
        let firsts: Vec<Option<f32>> = records.unwrap().iter().map(firsts).collect();
        assert_eq!(firsts, [Some(0.0), Some(1.0), None, Some(3.0)]);
        let failures: Vec<bool> = slots.iter().map(|slot| slot.failure.is_some()).collect();
        assert_eq!(failures, [false, false, true, false]);
    }
}
