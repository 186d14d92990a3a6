//! The workers: photos are decoded, preprocessed and embedded, captions tokenized and embedded.
//!
//! The contract with whoever listens:
//!
//! - There is exactly one [`EventKind::Embedded`] or [`EventKind::Skipped`] for every photo and
//!   every caption of the data set and every null caption, in any order, unless the run fails or is cancelled.
//! - [`EventKind::Finished`] is the last event of a run; [`EventKind::Failed`] ends it too, but a worker may still tell
//!   what it had done. After a cancellation there may be neither.
//! - Every event carries the generation the run was started with, so that a listener that has
//!   moved on can drop what is stale.
//! - The channel is bounded: a listener that stops reading stops the workers, and one that goes
//!   away ends them.
//! - A vector is in the cache, durably, before its event is sent, where the cache can be written.
//!
//! Work is cut into fixed batches by the data set, texts by length and photos by place, never by
//! thread, and a batch with a vector missing from the cache is computed whole: the numbers do not
//! depend on how many threads there are. Each worker computes on one thread of its own; that measured faster on this kind of
//! network than several threads on one batch, and leaves the interface its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::batch::{self, Slot};
use super::cache::{Record, TowerCache, VectorCache};
use super::embeddings::Unit;
use super::event::{Event, EventKind};
use crate::dataset::Dataset;
use clipscope_base::priority::{self, Priority};
use clipscope_networks::{DecodeLimits, Modality, ModelSet, Tower};

/// Photos that go through a network together, at most; less where there would be fewer than [`SPREAD`] batches.
const PHOTO_BATCH: usize = 8;
/// Batches that a small data set is cut into, so that every core has some.
const SPREAD: usize = 16;
/// Captions that go through a network together.
const CAPTION_BATCH: usize = 8;
/// Events that may wait for the listener.
const CHANNEL: usize = 256;

/// Said where the system gives a worker no thread.
const NO_THREAD: &str =
    "the system allows no further thread; choose fewer with --threads, or end other programs";

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
    /// Starts embedding a data set; returns once the keys of the cache are read.
    #[must_use]
    pub fn start(dataset: Arc<Dataset>, set: ModelSet, options: &PipelineOptions) -> Self {
        let threads = match options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let (sender, events) = bounded(CHANNEL);
        let cancelled = Arc::new(AtomicBool::new(false));
        let run = Arc::new(Run::new(dataset, &set, options, sender, cancelled.clone()));
        let workers = (0..threads)
            .filter_map(|index| {
                let run = Arc::clone(&run);
                std::thread::Builder::new().name(format!("embed-{index}")).spawn(move || run.work()).ok()
            })
            .collect::<Vec<_>>();
        if workers.is_empty() {
            // Otherwise the listener would wait for ever.
            run.send(EventKind::Failed(NO_THREAD.into()));
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
            limits: DecodeLimits::default(),
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
            self.fail(NO_THREAD.into());
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

    /// What is embedded, or why it cannot be read.
    fn bytes(&self, unit: Unit) -> Result<Vec<u8>, String> {
        let text = |place: usize| Ok(self.text(self.texts_in_order[place]).as_bytes().to_vec());
        match unit {
            Unit::Photo(index) => {
                let bytes = self.dataset.items[index].source.read();
                bytes.map(|bytes| bytes.into_owned()).map_err(|error| error.to_string())
            }
            Unit::Caption(index) => text(index),
            Unit::NullCaption(index) => text(self.captions + index),
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
            let bytes = self.bytes(slot.unit);
            slot.fill(bytes);
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
                    content: slot.content,
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
        batch::records(slots, tower, &self.limits).map_err(|error| {
            self.fail(error.to_string());
            Stopped
        })
    }
}
