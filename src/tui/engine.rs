//! The interface between the screens and the rest of the program.
//!
//! The real engine is built on the embedding pipeline; tests bring their own, with vectors from a formula. Everything is
//! called from worker threads, except [`Engine::models`], [`Engine::open_next`], [`Engine::open`] and
//! [`Engine::start`], which must therefore return at once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crossbeam_channel::Receiver;

use super::model::{FetchNews, SetRow, SideId};
use clipscope_analysis::Matrix;
use clipscope_core::dataset::{Dataset, PhotoSource};
use clipscope_core::embedding::Event;
use clipscope_networks::{ModelsInfo, Role};

/// The vectors of one text: a `[dim]` vector for each role that reads text.
pub type TextVectors = Vec<(Role, Arc<[f32]>)>;

/// The rest of the program, as the dashboard sees it.
pub trait Engine: Send + Sync {
    /// The models in use. Must not load anything.
    fn models(&self) -> ModelsInfo;

    /// Opens the next installed model set: for the first side in place of the one in use, for the second beside it. Must not
    /// load anything.
    ///
    /// # Errors
    /// Why there is none, in one line that is safe to show.
    fn open_next(&self, side: SideId) -> Result<ModelsInfo, String> {
        let _ = side;
        Err("there is no other model set".into())
    }

    /// The model sets there are, with what each lacks. Touches the disk, so it is called from a worker.
    ///
    /// # Errors
    /// Why they cannot be listed, in one line; the screens make it safe to show.
    fn sets(&self) -> Result<Vec<SetRow>, String> {
        Err("there is no other model set".into())
    }

    /// Opens the model set called `name` for a side, in place of the one there. Must not load anything.
    ///
    /// # Errors
    /// Why it cannot be opened, in one line that is safe to show.
    fn open(&self, name: &str, side: SideId) -> Result<ModelsInfo, String> {
        let _ = (name, side);
        Err("there is no other model set".into())
    }

    /// Fetches what the model set called `name` lacks, and tells how far it is. Ends soon, with an error, once `stop` is
    /// true; what has arrived stays, and the next fetch goes on from there. Called from a thread of its own.
    ///
    /// # Errors
    /// Why not everything is here, with what to do, in one line; the screens make it safe to show.
    fn fetch(&self, name: &str, tell: &mut dyn FnMut(FetchNews), stop: &AtomicBool) -> Result<(), String> {
        let _ = (name, tell, stop);
        Err("there is nothing to fetch".into())
    }

    /// Starts embedding with the models of a side; those of the second side have been opened before. Dropping the run cancels
    /// it. Events follow the contract of the embedding pipeline and carry `generation`.
    fn start(&self, side: SideId, dataset: Arc<Dataset>, generation: u64) -> Box<dyn Run>;

    /// Embeds a caption or a phrase. Takes a forward pass, and the first time also the loading of a network.
    ///
    /// # Errors
    /// Why not, in one line; the screens make it safe to show.
    fn embed_caption(&self, text: &str) -> Result<TextVectors, String>;

    /// Draws a grid as a PNG file.
    ///
    /// # Errors
    /// Why not, in one line; the screens make it safe to show.
    fn plot(&self, picture: &GridPicture<'_>) -> Result<Vec<u8>, String> {
        Err(format!("'{}' cannot be drawn: there is no plotter; export CSV or JSON", picture.title))
    }

    /// Decodes a photo to be shown: upright, RGB.
    ///
    /// # Errors
    /// Why not, in one line; the screens make it safe to show.
    fn decode(&self, source: &PhotoSource) -> Result<image::RgbImage, String>;
}

/// A grid to be drawn as a picture. All texts are safe to show.
#[derive(Debug, Clone)]
pub struct GridPicture<'a> {
    /// The title above it.
    pub title: String,
    /// `[rows, cols]`.
    pub matrix: &'a Matrix,
    /// The label of each row.
    pub rows: Vec<String>,
    /// The label of each column.
    pub cols: Vec<String>,
    /// The first row of each category but the first.
    pub row_breaks: Vec<usize>,
    /// The first column of each category but the first.
    pub col_breaks: Vec<usize>,
    /// What rows and columns are.
    pub axes: (&'static str, &'static str),
}

/// A run of the embedding workers. Dropping it cancels the run.
pub trait Run: Send {
    /// The events of this run.
    fn events(&self) -> &Receiver<Event>;
}
