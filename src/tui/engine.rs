//! What the dashboard asks of the rest of the program.
//!
//! The real engine is built on the embedding pipeline; tests bring their own with vectors made by a formula. The
//! dashboard calls everything here from worker threads, except [`Engine::models`] and [`Engine::start`], which must
//! therefore return at once.

use std::sync::Arc;

use crossbeam_channel::Receiver;

use clipscope_analysis::Matrix;
use clipscope_core::dataset::{Dataset, PhotoSource};
use clipscope_core::embedding::Event;
use clipscope_networks::{ModelsInfo, Role};

/// The vectors of one text: one `[dim]` vector for each role that reads text.
pub type TextVectors = Vec<(Role, Arc<[f32]>)>;

/// The rest of the program, as the dashboard sees it.
pub trait Engine: Send + Sync {
    /// The models in use. Must not load anything.
    fn models(&self) -> ModelsInfo;

    /// Changes to the next model set that is installed. Must return at once: nothing is loaded yet.
    ///
    /// # Errors
    /// Why the models stay as they are, in one line that is safe to show.
    fn next_models(&self) -> Result<ModelsInfo, String> {
        Err("there is no other model set".into())
    }

    /// Starts embedding and returns at once; dropping the run cancels it. Events follow the contract of the embedding
    /// pipeline and carry `generation`.
    fn start(&self, dataset: Arc<Dataset>, generation: u64) -> Box<dyn Run>;

    /// Opens the next model set that is installed, beside the one in use, and starts embedding with it; returns at once.
    ///
    /// # Errors
    /// Why there is none, in one line that is safe to show.
    fn start_second(
        &self,
        _dataset: Arc<Dataset>,
        _generation: u64,
    ) -> Result<(ModelsInfo, Box<dyn Run>), String> {
        Err("there is no other model set to compare with".into())
    }

    /// Embeds one caption or phrase. May take as long as a forward pass, and as loading a network the first time.
    ///
    /// # Errors
    /// Why not, in one line; the dashboard makes it safe to show.
    fn embed_caption(&self, text: &str) -> Result<TextVectors, String>;

    /// Draws a grid as a PNG file.
    ///
    /// # Errors
    /// Why not, in one line; the dashboard makes it safe to show.
    fn plot(&self, picture: &GridPicture<'_>) -> Result<Vec<u8>, String> {
        Err(format!("'{}' cannot be drawn: there is no plotter; export CSV or JSON", picture.title))
    }

    /// Decodes a photo for showing: upright, RGB.
    ///
    /// # Errors
    /// Why not, in one line; the dashboard makes it safe to show.
    fn decode(&self, source: &PhotoSource) -> Result<image::RgbImage, String>;
}

/// A grid to be drawn as a picture. All texts are safe to show.
#[derive(Debug, Clone)]
pub struct GridPicture<'a> {
    /// Written above it.
    pub title: String,
    /// `[rows, cols]`.
    pub matrix: &'a Matrix,
    /// One a row.
    pub rows: Vec<String>,
    /// One a column.
    pub cols: Vec<String>,
    /// First rows of the categories after the first one.
    pub row_breaks: Vec<usize>,
    /// First columns of the categories after the first one.
    pub col_breaks: Vec<usize>,
    /// What rows and columns are.
    pub axes: (&'static str, &'static str),
}

/// A run of the workers. Dropping it cancels it.
pub trait Run: Send {
    /// The events of this run.
    fn events(&self) -> &Receiver<Event>;
}
