//! Approximate search with a graph over the vectors (HNSW, Malkov and Yashunin 2018, built by the `usearch` library): it
//! finds the best photos without comparing every vector, at the price of missing some. For collections too large to be
//! scanned at every keystroke.
//!
//! The graph's keys are the first eight bytes of each photo's content hash: a renamed photo keeps its node, a removed photo
//! is skipped, and building again adds new photos only. Photos added to the index since the last build are compared one by
//! one. Scores are those of exact search: the graph only proposes photos. Its recall is measured when it is built and
//! stored beside it.
//!
//! ```text
//! graph        usearch's file, mapped for searching
//! graph.json   its models and segments, the checksum of the file, its recall
//! ```

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use usearch::{IndexOptions, MetricKind, ScalarKind, VectorType, f16};

use super::error::IndexError;
use super::map::map;
use super::reader::Index;
use super::recall::Recall;
use clipscope_analysis::nearest::{Hit, Query, from_half, half_dot};
use clipscope_base::storage::{self, Access, UnfinishedFile};

/// Neighbors of a node. Twice as many take twice as long to build and find no more among 100,000 photos (BENCHMARKS.md,
/// "Index").
const CONNECTIVITY: usize = 16;
/// Candidates considered when a node is added, and in a search: with half as many, 3 to 4 % of the best ten are missed among
/// a million photos.
const EXPANSION_ADD: usize = 200;
const EXPANSION_SEARCH: usize = 192;
/// Photos requested from the graph for each one wanted, since some may have been removed.
const SPARE: usize = 2;
/// Bytes per parallel piece of the checksum.
const PART: usize = 1 << 22;
/// Number of queries for measuring the recall.
const RECALL_QUERIES: usize = 200;

/// The graph of an index.
pub struct Graph {
    graph: usearch::Index,
    /// Key and place of every photo, sorted by key.
    places: Vec<(u64, u32)>,
    facts: GraphFacts,
}

/// The content of `graph.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct GraphFacts {
    key: String,
    dim: usize,
    crc: u32,
    recall_at_10: f64,
    queries: usize,
    /// Segments whose photos are in the graph.
    segments: Vec<String>,
}

impl Graph {
    /// Brings the graph up to date with the index, measures its recall, and writes both durably.
    ///
    /// # Errors
    /// Those of the library, and of writing.
    pub fn build(index: &Index) -> Result<Self, IndexError> {
        let path = file_in(index.folder());
        let dim = index.models().dim;
        let places = places(index);
        let mut wanted = places.clone();
        wanted.dedup_by_key(|(key, _)| *key);
        // A missing, damaged or foreign graph is built from scratch.
        let old = match GraphFacts::read(index).and_then(|facts| facts.check(index)) {
            Ok(()) => {
                let graph = new_graph(&path, dim)?;
                graph.load(&path.display().to_string()).map_err(|error| failed(&path, error))?;
                // So is one whose photos are mostly gone.
                (graph.size() <= wanted.len().saturating_mul(SPARE)).then_some(graph)
            }
            Err(_) => None,
        };
        let graph = match old {
            Some(graph) => graph,
            None => new_graph(&path, dim)?,
        };
        let graph = with_metric(&path, graph, dim)?;
        wanted.retain(|(key, _)| !graph.contains(*key));
        graph
            .reserve_capacity_and_threads(graph.size() + wanted.len(), rayon::current_num_threads())
            .map_err(|error| failed(&path, error))?;
        wanted.par_iter().try_for_each(|&(key, place)| {
            // A damaged vector is skipped; the next update of the index computes it again.
            let Some(row) = index.vector(place as usize) else { return Ok(()) };
            graph.add(key, f16::from_i16s(&halves(row))).map_err(|error| failed(&path, error))
        })?;
        let facts = GraphFacts {
            key: hex::encode(index.models().key),
            dim: index.models().dim,
            crc: 0,
            recall_at_10: 0.0,
            queries: RECALL_QUERIES.min(index.len()),
            segments: index.segment_names().map(str::to_owned).collect(),
        };
        let mut built = Self { graph, places, facts };
        let step = (index.len() / RECALL_QUERIES).max(1);
        let queries: Vec<Vec<f32>> = (0..index.len())
            .step_by(step)
            .take(RECALL_QUERIES)
            .filter_map(|place| index.vector(place).map(from_half))
            .collect();
        // Rounded to the digits shown, so that the value read back from JSON is the same.
        built.facts.recall_at_10 = (built.recall(index, 10, &queries)? * 1e4).round() / 1e4;
        built.save(index.folder())?;
        Ok(built)
    }

    /// Opens the graph of an index. The file is mapped, not read.
    ///
    /// # Errors
    /// No graph, a graph of other models, or a damaged one.
    pub fn open(index: &Index) -> Result<Self, IndexError> {
        let facts = GraphFacts::read(index)?;
        facts.check(index)?;
        let path = file_in(index.folder());
        let graph = new_graph(&path, index.models().dim)?;
        graph.view(&path.display().to_string()).map_err(|error| failed(&path, error))?;
        let graph = with_metric(&path, graph, index.models().dim)?;
        Ok(Self { graph, places: places(index), facts })
    }

    /// Number of photos added to the index since its graph was built; `None` without a graph.
    #[must_use]
    pub fn outside(index: &Index) -> Option<usize> {
        let facts = GraphFacts::read(index).ok()?;
        let outside = |&place: &usize| index.segment_of(place).is_some_and(|name| !facts.holds(name));
        Some((0..index.len()).filter(outside).count())
    }

    /// The recall measured when the graph was built.
    #[must_use]
    pub fn measured_recall(&self) -> Recall {
        Recall { recall_at_10: self.facts.recall_at_10, queries: self.facts.queries }
    }

    /// Like [`Index::search`], but some of the best photos may be missing.
    ///
    /// # Errors
    /// A query of another dimension, or an error of the library.
    pub fn search(
        &self,
        index: &Index,
        query: &[f32],
        k: usize,
        min_score: f32,
    ) -> Result<Vec<Hit>, IndexError> {
        if query.len() != index.models().dim {
            return Err(IndexError::Dimension { expected: index.models().dim, found: query.len() });
        }
        let half: Vec<u8> = clipscope_analysis::nearest::to_half(query).collect();
        let path = file_in(index.folder());
        let matches = self
            .graph
            .search(f16::from_i16s(&halves(&half)), k.saturating_mul(SPARE))
            .map_err(|error| IndexError::damaged(&path, error.to_string()))?;
        let mut nearest = index.search_in(|name| !self.facts.holds(name), query, k, min_score)?;
        let query = Query::new(query);
        for key in matches.keys {
            let first = self.places.partition_point(|(other, _)| *other < key);
            for (_, place) in self.places[first..].iter().take_while(|(other, _)| *other == key) {
                let place = *place as usize;
                // The other photos have been compared already.
                if index.segment_of(place).is_some_and(|name| self.facts.holds(name))
                    && let Some(row) = index.vector(place)
                {
                    nearest.offer(Hit { row: place, score: query.score(row) });
                }
            }
        }
        Ok(nearest.into_hits())
    }

    /// The mean share of the `k` best photos that are found, over `queries` of unit length. A photo that ties with the last
    /// of them counts as one of them.
    ///
    /// # Errors
    /// As [`Graph::search`].
    pub fn recall(&self, index: &Index, k: usize, queries: &[Vec<f32>]) -> Result<f64, IndexError> {
        let mut sum = 0.0;
        for query in queries {
            let exact = index.search(query, k, f32::NEG_INFINITY)?;
            let Some(last) = exact.last() else { continue };
            let found = self.search(index, query, k, last.score)?;
            sum += found.len() as f64 / exact.len() as f64;
        }
        Ok(sum / queries.len().max(1) as f64)
    }

    fn save(&mut self, folder: &Path) -> Result<(), IndexError> {
        let path = file_in(folder);
        let fail = IndexError::write(&path);
        let file = UnfinishedFile::create_in(folder, Access::Umask).map_err(&fail)?;
        self.graph
            .save(&file.path().display().to_string())
            .map_err(|error| fail(std::io::Error::other(error.to_string())))?;
        // The library may have replaced the file.
        fs::File::open(file.path()).and_then(|file| file.sync_all()).map_err(&fail)?;
        self.facts.crc = checksum(&map(file.path())?);
        let mut facts = UnfinishedFile::create_in(folder, Access::Umask).map_err(&fail)?;
        let text = serde_json::to_string(&self.facts).map_err(|error| fail(error.into()))?;
        facts.write_all(text.as_bytes()).map_err(&fail)?;
        // Between the two renames the checksum does not match, so the graph is not used.
        file.rename(&path).map_err(&fail)?;
        facts.finish(&facts_in(folder)).map_err(&fail)?;
        let _ = storage::sync_folder(folder);
        Ok(())
    }
}

impl GraphFacts {
    fn read(index: &Index) -> Result<Self, IndexError> {
        let path = facts_in(index.folder());
        let text = fs::read_to_string(&path).map_err(IndexError::read(&path))?;
        serde_json::from_str(&text).map_err(|error| IndexError::damaged(&path, error.to_string()))
    }

    fn holds(&self, segment: &str) -> bool {
        self.segments.iter().any(|held| held == segment)
    }

    fn check(&self, index: &Index) -> Result<(), IndexError> {
        let path = file_in(index.folder());
        if self.key != hex::encode(index.models().key) || self.dim != index.models().dim {
            return Err(IndexError::damaged(&path, "it was built with other models"));
        }
        if checksum(&map(&path)?) != self.crc {
            return Err(IndexError::damaged(&path, "it does not match its checksum"));
        }
        Ok(())
    }
}

/// An error of the library.
fn failed(path: &Path, error: impl std::fmt::Display) -> IndexError {
    IndexError::damaged(path, error.to_string())
}

fn file_in(folder: &Path) -> PathBuf {
    folder.join("graph")
}

fn facts_in(folder: &Path) -> PathBuf {
    folder.join("graph.json")
}

/// The CRC-32 of a file, computed in parallel.
fn checksum(bytes: &[u8]) -> u32 {
    let part = |part: &[u8]| {
        let mut sum = crc32fast::Hasher::new();
        sum.update(part);
        sum
    };
    let join = |mut sum: crc32fast::Hasher, next: crc32fast::Hasher| {
        sum.combine(&next);
        sum
    };
    bytes.par_chunks(PART).map(part).reduce(crc32fast::Hasher::new, join).finalize()
}

/// Key and place of every photo, sorted by key.
fn places(index: &Index) -> Vec<(u64, u32)> {
    let entry = |place: usize| {
        let content = index.content(place)?;
        Some((u64::from_le_bytes(*content.first_chunk()?), u32::try_from(place).ok()?))
    };
    let mut places: Vec<(u64, u32)> = (0..index.len()).into_par_iter().filter_map(entry).collect();
    places.par_sort_unstable();
    places
}

fn halves(row: &[u8]) -> Vec<i16> {
    row.as_chunks::<2>().0.iter().map(|&pair| i16::from_le_bytes(pair)).collect()
}

fn new_graph(path: &Path, dimensions: usize) -> Result<usearch::Index, IndexError> {
    usearch::Index::new(&IndexOptions {
        dimensions,
        metric: MetricKind::IP,
        quantization: ScalarKind::F16,
        connectivity: CONNECTIVITY,
        expansion_add: EXPANSION_ADD,
        expansion_search: EXPANSION_SEARCH,
        multi: false,
    })
    .map_err(|error| failed(path, error))
}

/// Makes the library use this program's dot product, which has F16C.
fn with_metric(path: &Path, mut graph: usearch::Index, dim: usize) -> Result<usearch::Index, IndexError> {
    let metric = move |a: *const f16, b: *const f16| {
        // SAFETY: the library passes two of its vectors, each of `dim` half floats, which outlive the call.
        let (a, b) = unsafe {
            (
                std::slice::from_raw_parts(a.cast::<u8>(), dim * 2),
                std::slice::from_raw_parts(b.cast::<u8>(), dim * 2),
            )
        };
        1.0 - half_dot(a, b)
    };
    <f16 as VectorType>::change_metric(&mut graph, Box::new(metric)).map_err(|error| failed(path, error))?;
    Ok(graph)
}
