//! Fast forward passes on the CPU.
//!
//! Owns: the layers and functions that replace Burn's in the imported graphs, and the vector code behind them. Must not
//! know: networks, cards or files of weights. Starts no threads: each worker of the pipeline runs one forward pass.

mod buffers;
mod convolution;
mod depthwise;
mod elementwise;
mod layers;
mod level;
mod matmul;
mod pool;
mod product;
mod window;

pub(super) use convolution::{Conv2d, MaxPool2d};
pub(super) use layers::{LayerNorm, LayerNormConfig, Linear, erf, matmul, sigmoid, softmax};

/// Raised when a change of the kernels changes bits of what they return.
const VERSION: u32 = 2;

/// What decides the bits of a result besides a network and its input.
pub(super) fn identity() -> String {
    format!("kernels {VERSION}, {}", level::Level::best().name())
}
