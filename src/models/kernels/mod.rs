//! Fast forward passes on the CPU.
//!
//! Owns: the layers and functions that stand in for Burn's in the imported graphs, and the vector
//! code behind them. Must not know: networks, cards or weights files. Nothing here is a thread; a
//! worker of the pipeline runs one forward pass on its own.

mod buffers;
mod depthwise;
mod elementwise;
mod layers;
mod level;
mod product;

pub(super) use layers::{Conv2d, LayerNorm, LayerNormConfig, Linear, erf, sigmoid, softmax};
