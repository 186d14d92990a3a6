//! Searching an index.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;

use super::error::IndexError;
use super::manifest::{IndexManifest, SegmentListing, os_string};
use super::models::IndexModels;
use super::place::{FOLDER, root_of};
use super::segment::{BLOCK, Segment};
use clipscope_analysis::Matrix;
use clipscope_analysis::nearest::{self, Hit, Nearest, Query};

/// Attempts to open a consistent index: a segment may be merged away after the manifest was read.
const TRIES: usize = 5;

/// The photos of an index and their vectors. Each photo has a *place*: its number among the living ones, in the order in
/// which they were added.
pub struct Index {
    folder: PathBuf,
    root: PathBuf,
    models: IndexModels,
    segments: Vec<(Segment, SegmentListing)>,
    /// The first place of each segment.
    first_places: Vec<usize>,
    /// The living rows of each segment; `None` for a segment without dead ones.
    living: Vec<Option<Vec<u32>>>,
    len: usize,
    lost: usize,
}

/// A photo of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEntry {
    /// Its path below [`Index::root`], not escaped for display.
    pub path: PathBuf,
    /// SHA-256 of the file when it was indexed.
    pub content: [u8; 32],
    /// Its size in bytes.
    pub size: u64,
}

impl Index {
    /// Opens the index in `folder`. Damaged segments are skipped; see [`Index::lost`].
    ///
    /// # Errors
    /// No index, a newer format, or a damaged manifest.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        let mut tries = 0;
        loop {
            let manifest = IndexManifest::read(folder)?;
            tries += 1;
            let (index, complete) = Self::of(folder, manifest);
            if complete || tries == TRIES {
                return Ok(index);
            }
        }
    }

    /// The index, and whether every segment of the manifest exists.
    fn of(folder: &Path, manifest: IndexManifest) -> (Self, bool) {
        let IndexManifest { models, root, segments: listings } = manifest;
        // An index inside a folder of photos belongs to that folder, whatever its manifest claims: it may have come with
        // photos of a stranger.
        let root = root.filter(|_| !folder.ends_with(FOLDER)).unwrap_or_else(|| root_of(folder));
        let mut index = Self {
            folder: folder.to_owned(),
            root,
            models,
            segments: Vec::new(),
            first_places: Vec::new(),
            living: Vec::new(),
            len: 0,
            lost: 0,
        };
        let mut complete = true;
        for listing in listings {
            let opened = Segment::open(folder, &listing.name, &index.models.key, index.models.dim);
            complete &= !matches!(&opened, Err(IndexError::Io { source, .. }) if source.kind() == ErrorKind::NotFound);
            let Some(segment) = opened.ok().filter(|segment| segment.rows() == listing.rows) else {
                index.lost += listing.rows.saturating_sub(listing.dead.count());
                continue;
            };
            let dead = listing.dead.count();
            let living = (dead > 0).then(|| {
                let rows = 0..segment.rows() as u32;
                rows.filter(|&row| !listing.dead.has(row as usize)).collect::<Vec<u32>>()
            });
            index.first_places.push(index.len);
            index.len += living.as_ref().map_or(segment.rows(), Vec::len);
            index.living.push(living);
            index.segments.push((segment, listing));
        }
        (index, complete)
    }

    /// The number of photos.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the index holds no photo.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of photos whose segment is damaged or missing.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.lost
    }

    /// The models that the vectors come from.
    #[must_use]
    pub fn models(&self) -> &IndexModels {
        &self.models
    }

    /// The folder of the index itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder that the photos' paths are relative to.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The segment and row of a place.
    fn find(&self, place: usize) -> Option<(&Segment, usize)> {
        let number = self.first_places.partition_point(|&first| first <= place).checked_sub(1)?;
        let within = place - self.first_places[number];
        let segment = &self.segments[number].0;
        let row = match &self.living[number] {
            Some(rows) => *rows.get(within)? as usize,
            None => within,
        };
        (row < segment.rows()).then_some((segment, row))
    }

    /// The names of the segments.
    #[cfg(feature = "approximate")]
    pub(super) fn segment_names(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map(|(segment, _)| segment.name.as_str())
    }

    /// The name of a photo's segment.
    #[cfg(feature = "approximate")]
    pub(super) fn segment_of(&self, place: usize) -> Option<&str> {
        Some(&self.find(place)?.0.name)
    }

    /// The photo at a place; `None` if there is none.
    #[must_use]
    pub fn entry(&self, place: usize) -> Option<IndexEntry> {
        let (segment, row) = self.find(place)?;
        let facts = segment.facts(row);
        let path = PathBuf::from(os_string(segment.name_of(row).to_vec()));
        Some(IndexEntry { path, content: facts.content, size: facts.size })
    }

    /// The file of a photo; `None` when its path leads neither below [`Index::root`] nor beside it, where the photos of a
    /// manifest may lie.
    #[must_use]
    pub fn file(&self, place: usize) -> Option<PathBuf> {
        let path = self.root.join(self.entry(place)?.path);
        let plain = |part| !matches!(part, Component::ParentDir);
        let beside = self.root.parent().unwrap_or(&self.root);
        (path.components().all(plain) && path.starts_with(beside)).then_some(path)
    }

    /// SHA-256 of a photo's file when it was indexed.
    #[cfg(feature = "approximate")]
    pub(super) fn content(&self, place: usize) -> Option<[u8; 32]> {
        let (segment, row) = self.find(place)?;
        Some(segment.facts(row).content)
    }

    /// The vector of a photo in half precision, `2·dim` bytes; `None` when it is damaged.
    #[must_use]
    pub fn vector(&self, place: usize) -> Option<&[u8]> {
        let (segment, row) = self.find(place)?;
        segment.vector(row)
    }

    /// The `k` photos most similar to a unit vector that score at least `min_score`, best first; [`Hit::row`] is the place.
    /// Exact: every vector is compared. Of equal scores the lower place comes first, with any number of threads.
    ///
    /// # Errors
    /// A query of another dimension.
    pub fn search(&self, query: &[f32], k: usize, min_score: f32) -> Result<Vec<Hit>, IndexError> {
        self.search_in(|_| true, query, k, min_score).map(Nearest::into_hits)
    }

    /// [`Index::search`] in the segments that are `wanted` by name.
    pub(super) fn search_in(
        &self,
        wanted: impl Fn(&str) -> bool,
        query: &[f32],
        k: usize,
        min_score: f32,
    ) -> Result<Nearest, IndexError> {
        if query.len() != self.models.dim {
            return Err(IndexError::Dimension { expected: self.models.dim, found: query.len() });
        }
        let query = Query::new(query);
        let blocks: Vec<(usize, usize)> = self
            .segments
            .iter()
            .enumerate()
            .filter(|(_, (segment, _))| wanted(&segment.name))
            .flat_map(|(number, (segment, _))| (0..segment.blocks()).map(move |block| (number, block)))
            .collect();
        let empty = || Nearest::new(k, min_score);
        let nearest = blocks
            .par_iter()
            .fold(empty, |mut nearest, &(number, block)| {
                self.scan(&query, number, block, &mut nearest);
                nearest
            })
            .reduce(empty, Nearest::merge);
        Ok(nearest)
    }

    fn scan(&self, query: &Query, number: usize, block: usize, nearest: &mut Nearest) {
        let (segment, listing) = &self.segments[number];
        // A damaged block is skipped.
        let Some(vectors) = segment.block(block) else { return };
        let first_row = block * BLOCK;
        match &self.living[number] {
            None => query.scan(vectors, self.first_places[number] + first_row, nearest),
            Some(rows) => {
                let mut place =
                    self.first_places[number] + rows.partition_point(|&row| (row as usize) < first_row);
                for (index, vector) in vectors.chunks_exact(self.models.dim * 2).enumerate() {
                    if !listing.dead.has(first_row + index) {
                        nearest.offer(Hit { row: place, score: query.score(vector) });
                        place += 1;
                    }
                }
            }
        }
    }

    /// Cosine similarities of some photos with others, `[rows.len(), cols.len()]`; 0 where a vector is damaged.
    #[must_use]
    pub fn window(&self, rows: &[usize], cols: &[usize]) -> Matrix {
        let rows: Vec<Vec<f32>> =
            rows.iter().map(|&place| nearest::from_half(self.vector(place).unwrap_or_default())).collect();
        let cols: Vec<&[u8]> = cols.iter().map(|&place| self.vector(place).unwrap_or_default()).collect();
        nearest::window(&rows, &cols)
    }
}
