//! Tests of both screens without a terminal: what the state does, what is drawn, and how a fault ends it.

mod browse;
mod drawn;
mod exits;
mod files;
mod grid;
mod models;
mod models_page;
mod panels;
mod random;
mod sequences;
mod snapshots;
mod state;
mod support;
mod typing;
