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
mod pool;
mod product;
mod window;

pub(super) use convolution::{Conv2d, MaxPool2d};
pub(super) use layers::{LayerNorm, LayerNormConfig, Linear, erf, sigmoid, softmax};
