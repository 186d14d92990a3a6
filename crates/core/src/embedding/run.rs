//! The work of a run, shared by its worker threads.
//!
//! Each distinct text is embedded once, for all captions that have it. Work is divided into fixed batches, texts by length and
//! photos by index. Batches are a matter of speed: no bit of a vector depends on what shares its batch
//! ([`Tower::embed_captions`]), so only what the cache lacks is computed. Each worker computes on one thread, which measured
//! faster on these networks than several threads per batch and keeps the interface responsive.
//!
//! Owns the batches and which worker takes which. The contract about events is [`super::pipeline`]'s. Must not know: who
//! listens.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use crossbeam_channel::Sender;

use super::batch::{self, BatchItem};
use super::cache::TowerCache;
use super::event::{Event, EventKind};
use super::options::PipelineOptions;
use super::record::Record;
use super::unit::Unit;
use crate::dataset::Dataset;
use clipscope_base::priority::{self, Priority};
use clipscope_networks::{DecodeLimits, Modality, ModelSet, Tower};

/// Photos per batch, at most; fewer where there would be fewer than [`SPREAD`] batches.
const PHOTO_BATCH: usize = 8;
/// Batches of a small data set, so that every core gets some.
const SPREAD: usize = 16;
/// Captions per batch.
const CAPTION_BATCH: usize = 8;

/// The reason of a run that cannot start a thread.
pub(super) const NO_THREAD: &str =
    "the system allows no further thread; choose fewer with --threads, or end other programs";

/// Where to find a text to embed.
#[derive(Clone, Copy)]
enum TextPlace {
    Caption { item: usize, number: usize },
    NullCaption(usize),
}

/// Items that go through a network together.
enum Batch {
    Photos(std::ops::Range<usize>),
    /// Indices into [`EmbeddingRun::distinct_texts`].
    Texts(Vec<usize>),
}

/// A tower and its folder of the cache.
struct TowerWithCache {
    tower: Arc<Tower>,
    cache: Option<TowerCache>,
}

/// Everything that the workers share.
pub(super) struct EmbeddingRun {
    dataset: Arc<Dataset>,
    null_captions: Vec<String>,
    /// All captions in the order of the data set, then the null captions.
    texts_in_order: Vec<TextPlace>,
    /// For each distinct text, its indices into `texts_in_order`.
    distinct_texts: Vec<Vec<usize>>,
    captions: usize,
    images: Vec<TowerWithCache>,
    texts: Vec<TowerWithCache>,
    batches: Vec<Batch>,
    next: AtomicUsize,
    done: AtomicUsize,
    failed: AtomicBool,
    cache_broken: AtomicBool,
    canceled: Arc<AtomicBool>,
    limits: DecodeLimits,
    generation: u64,
    background: bool,
    started: Instant,
    sender: Sender<Event>,
}

/// The run was canceled or has failed, or the listener is gone.
struct Stopped;

impl EmbeddingRun {
    pub(super) fn new(
        dataset: Arc<Dataset>,
        set: &ModelSet,
        options: &PipelineOptions,
        sender: Sender<Event>,
        canceled: Arc<AtomicBool>,
    ) -> Self {
        let towers = |modality| {
            set.towers(modality)
                .map(|tower| {
                    let cache = options
                        .cache
                        .as_ref()
                        .map(|cache| cache.open(&tower.cache_key(), tower.card().total_dim()));
                    TowerWithCache { tower: Arc::clone(tower), cache }
                })
                .collect()
        };
        let mut texts = Vec::new();
        for (item, entry) in dataset.items.iter().enumerate() {
            texts.extend((0..entry.captions.len()).map(|number| TextPlace::Caption { item, number }));
        }
        let captions = texts.len();
        texts.extend((0..options.null_captions.len()).map(TextPlace::NullCaption));
        let photo_batch = dataset.items.len().div_ceil(SPREAD).clamp(1, PHOTO_BATCH);
        // Captions first: they are quick, and the photos' ranks depend on them.
        let batches = |total: usize, size: usize| {
            (0..total).step_by(size).map(move |start| start..(start + size).min(total))
        };
        let distinct_texts =
            distinct(texts.iter().map(|&text| text_at(&dataset, &options.null_captions, text)));
        // The texts of a batch are padded to the longest, so texts of similar length share a batch.
        let length = |same: &[usize]| text_at(&dataset, &options.null_captions, texts[same[0]]).len();
        let mut by_length: Vec<usize> = (0..distinct_texts.len()).collect();
        by_length.sort_by_key(|&number| length(&distinct_texts[number]));
        let batches = by_length
            .chunks(CAPTION_BATCH)
            .map(|numbers| Batch::Texts(numbers.to_vec()))
            .chain(batches(dataset.items.len(), photo_batch).map(Batch::Photos))
            .collect();
        Self {
            null_captions: options.null_captions.clone(),
            texts_in_order: texts,
            distinct_texts,
            captions,
            images: towers(Modality::Image),
            texts: towers(Modality::Text),
            batches,
            next: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            cache_broken: AtomicBool::new(false),
            canceled,
            limits: DecodeLimits::default(),
            generation: options.generation,
            background: options.background,
            started: Instant::now(),
            sender,
            dataset,
        }
    }

    /// Takes batches until none is left. Each worker thread runs this once.
    pub(super) fn work(&self) {
        let background = self.background;
        let lower_priority = move |_| {
            if background {
                priority::lower(Priority::Embedding);
            }
        };
        lower_priority(0);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).start_handler(lower_priority).build();
        let Ok(pool) = pool else {
            self.fail(NO_THREAD.into());
            return;
        };
        if self.batches.is_empty() && self.done.fetch_add(1, Ordering::AcqRel) == 0 {
            self.send_finished();
        }
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(batch) = self.batches.get(number) else { return };
            if self.stopped() || pool.install(|| self.run(batch)).is_err() {
                return;
            }
            if self.done.fetch_add(1, Ordering::AcqRel) + 1 == self.batches.len() {
                self.send_finished();
            }
        }
    }

    /// The bytes of a photo or caption, or the reason why they cannot be read.
    fn bytes(&self, unit: Unit) -> Result<Vec<u8>, String> {
        let text = |place: usize| Ok(self.text(self.texts_in_order[place]).as_bytes().to_vec());
        match unit {
            Unit::Photo(index) => {
                let bytes = self.dataset.items[index].source.read();
                // Whoever is told of it names the photo.
                bytes.map(|bytes| bytes.into_owned()).map_err(|error| error.without_path())
            }
            Unit::Caption(index) => text(index),
            Unit::NullCaption(index) => text(self.captions + index),
        }
    }

    fn text(&self, text: TextPlace) -> &str {
        text_at(&self.dataset, &self.null_captions, text)
    }

    fn send_finished(&self) {
        self.send(EventKind::Finished { elapsed: self.started.elapsed() });
    }

    fn stopped(&self) -> bool {
        self.canceled.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }

    /// Sends an event; false when the listener is gone.
    pub(super) fn send(&self, kind: EventKind) -> bool {
        self.sender.send(Event { generation: self.generation, kind }).is_ok()
    }

    /// Reports a failure, unless one was reported before.
    fn fail(&self, reason: String) {
        if !self.failed.swap(true, Ordering::AcqRel) {
            self.send(EventKind::Failed(reason));
        }
    }

    fn run(&self, batch: &Batch) -> Result<(), Stopped> {
        match batch {
            Batch::Photos(range) => {
                let items = range.clone().map(|photo| BatchItem::new(vec![Unit::Photo(photo)]));
                self.batch(items.collect(), &self.images)
            }
            Batch::Texts(numbers) => {
                let unit = |&place: &usize| match self.texts_in_order[place] {
                    TextPlace::Caption { .. } => Unit::Caption(place),
                    TextPlace::NullCaption(index) => Unit::NullCaption(index),
                };
                let units = |&number: &usize| self.distinct_texts[number].iter().map(unit).collect();
                let items = numbers.iter().map(|number| BatchItem::new(units(number)));
                self.batch(items.collect(), &self.texts)
            }
        }
    }

    /// Embeds a batch with every tower of its modality and sends one event per unit.
    fn batch(&self, mut items: Vec<BatchItem>, towers: &[TowerWithCache]) -> Result<(), Stopped> {
        for item in &mut items {
            let bytes = self.bytes(item.units[0]);
            item.fill(bytes);
        }
        for tower in towers {
            self.batch_of_tower(&mut items, tower)?;
        }
        for item in &items {
            for &unit in &item.units {
                if let (Unit::Photo(photo), Some(note), None) = (unit, item.note, &item.failure)
                    && !self.send(EventKind::Noted { photo, note })
                {
                    return Err(Stopped);
                }
                let kind = match &item.failure {
                    Some(reason) => EventKind::Skipped { unit, reason: reason.clone() },
                    None => EventKind::Embedded {
                        unit,
                        vectors: item.vectors.clone(),
                        content: item.content,
                        cached: item.cached,
                        truncated: item.truncated,
                    },
                };
                if self.stopped() || !self.send(kind) {
                    return Err(Stopped);
                }
            }
        }
        Ok(())
    }

    /// Adds a tower's vectors to a batch. What the cache lacks is computed. The items may change places.
    fn batch_of_tower(&self, items: &mut [BatchItem], tower: &TowerWithCache) -> Result<(), Stopped> {
        let mut known = 0;
        for place in 0..items.len() {
            let item = &mut items[place];
            let stored = tower.cache.as_ref().filter(|_| item.failure.is_none());
            if let Some(record) = stored.and_then(|cache| cache.get(&item.content)) {
                item.accept(&record, &tower.tower);
                items.swap(known, place);
                known += 1;
            }
        }
        let missing = &mut items[known..];
        if missing.iter().all(|item| item.failure.is_some()) {
            return Ok(());
        }
        let records = self.compute(missing, &tower.tower)?;
        let fresh = missing.iter().zip(&records);
        let fresh = fresh.filter_map(|(item, record)| Some((item.content, record.clone()?)));
        self.store(tower, fresh.collect());
        for (item, record) in missing.iter_mut().zip(&records) {
            item.cached = false;
            if let Some(record) = record {
                item.accept(record, &tower.tower);
            }
        }
        Ok(())
    }

    fn store(&self, tower: &TowerWithCache, fresh: Vec<([u8; 32], Record)>) {
        let Some(cache) = &tower.cache else { return };
        if let Err(error) = cache.put(fresh)
            && !self.cache_broken.swap(true, Ordering::AcqRel)
        {
            self.send(EventKind::Notice(format!("{error}; the vectors of this run are not kept")));
        }
    }

    /// One record per item that has not failed.
    fn compute(&self, items: &mut [BatchItem], tower: &Tower) -> Result<Vec<Option<Record>>, Stopped> {
        batch::records(items, tower, &self.limits).map_err(|error| {
            self.fail(error.to_string());
            Stopped
        })
    }
}

fn text_at<'a>(dataset: &'a Dataset, null_captions: &'a [String], text: TextPlace) -> &'a str {
    match text {
        TextPlace::Caption { item, number } => &dataset.items[item].captions[number],
        TextPlace::NullCaption(index) => &null_captions[index],
    }
}

/// For each distinct text, in the order in which they first appear, the positions of the texts equal to it.
fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Vec<usize>> {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut distinct: Vec<Vec<usize>> = Vec::new();
    for (position, text) in texts.enumerate() {
        let number = *numbers.entry(text).or_insert(distinct.len());
        if number == distinct.len() {
            distinct.push(Vec::new());
        }
        distinct[number].push(position);
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one_and_every_text_belongs_to_one() {
        assert_eq!(distinct(["b", "a", "b", "", "a", "b"].into_iter()), [vec![0, 2, 5], vec![1, 4], vec![3]]);
        assert!(distinct(std::iter::empty()).is_empty());
    }
}
