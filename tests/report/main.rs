//! What the commands print and write, with the real program: reports, vectors, configuration, log and manual page.

mod config;
mod eval;
mod few;
mod notes;
mod repeated;
mod schema;
mod search_embed;
