//! The imported graphs, behind one interface.
//!
//! `cargo run -p import-graphs` writes a module with a `Model` type from every `models/**/graph.onnx`; this file gives all
//! of them one trait. A new network needs a `mod` and a `network!` here, and an entry in `architecture.rs`.

#[allow(clippy::all, unused)]
mod clip_vit_b32_gelu_text;
#[allow(clippy::all, unused)]
mod clip_vit_b32_gelu_vision;
#[allow(clippy::all, unused)]
mod clip_vit_b32_text;
#[allow(clippy::all, unused)]
mod clip_vit_b32_vision;
#[allow(clippy::all, unused)]
mod distilbert_512;
#[allow(clippy::all, unused)]
mod distiluse;
#[allow(clippy::all, unused)]
mod mini_all_minilm_l6_v2;
#[allow(clippy::all, unused)]
mod mini_efficientnet_lite0;
#[allow(clippy::all, unused)]
mod resnet50;

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use super::weights::Weights;

/// An imported network with its weights. Each implements the method of its modality.
pub(super) trait Graph: Send + Sync {
    /// One forward pass over normalized pixels `[batch, 3, height, width]`. Returns the outputs `[batch, dim]` in graph
    /// order, or `None` from a text network.
    fn photos(&self, _pixels: Tensor<4>) -> Option<Vec<Tensor<2>>> {
        None
    }

    /// One forward pass over token ids and mask, both `[batch, length]`. Returns `None` from an image network.
    fn captions(&self, _ids: Tensor<2, Int>, _mask: Tensor<2, Int>) -> Option<Vec<Tensor<2>>> {
        None
    }
}

/// Builds a network on a device and loads its weights.
pub(super) type Build = fn(&Device, &Weights) -> Result<Box<dyn Graph>, String>;

macro_rules! network {
    ($module:ident, $build:ident, $($method:item)+) => {
        impl Graph for $module::Model {
            $($method)+
        }

        pub(super) fn $build(device: &Device, weights: &Weights) -> Result<Box<dyn Graph>, String> {
            let mut model = $module::Model::new(device);
            weights.fill(&mut model)?;
            Ok(Box::new(model.no_grad()))
        }
    };
}

network!(
    mini_efficientnet_lite0,
    mini_image,
    fn photos(&self, pixels: Tensor<4>) -> Option<Vec<Tensor<2>>> {
        let (features, shared) = self.forward(pixels);
        Some(vec![features, shared])
    }
);
network!(
    mini_all_minilm_l6_v2,
    mini_text,
    fn captions(&self, ids: Tensor<2, Int>, mask: Tensor<2, Int>) -> Option<Vec<Tensor<2>>> {
        let (sentence, shared) = self.forward(ids, mask);
        Some(vec![sentence, shared])
    }
);
network!(
    resnet50,
    resnet50_image,
    fn photos(&self, pixels: Tensor<4>) -> Option<Vec<Tensor<2>>> {
        Some(vec![self.forward(pixels)])
    }
);
network!(
    distiluse,
    distiluse_text,
    fn captions(&self, ids: Tensor<2, Int>, mask: Tensor<2, Int>) -> Option<Vec<Tensor<2>>> {
        Some(vec![self.forward(ids, mask)])
    }
);
network!(
    clip_vit_b32_vision,
    clip_image,
    fn photos(&self, pixels: Tensor<4>) -> Option<Vec<Tensor<2>>> {
        Some(vec![self.forward(pixels)])
    }
);
network!(
    clip_vit_b32_text,
    clip_text,
    // CLIP's attention is causal and its vector is read at the first end-of-text token, so padding
    // behind it has no effect and the graph takes no mask.
    fn captions(&self, ids: Tensor<2, Int>, _mask: Tensor<2, Int>) -> Option<Vec<Tensor<2>>> {
        Some(vec![self.forward(ids)])
    }
);
network!(
    clip_vit_b32_gelu_vision,
    clip_gelu_image,
    fn photos(&self, pixels: Tensor<4>) -> Option<Vec<Tensor<2>>> {
        Some(vec![self.forward(pixels)])
    }
);
network!(
    clip_vit_b32_gelu_text,
    clip_gelu_text,
    fn captions(&self, ids: Tensor<2, Int>, _mask: Tensor<2, Int>) -> Option<Vec<Tensor<2>>> {
        Some(vec![self.forward(ids)])
    }
);
network!(
    distilbert_512,
    multilingual_text,
    fn captions(&self, ids: Tensor<2, Int>, mask: Tensor<2, Int>) -> Option<Vec<Tensor<2>>> {
        Some(vec![self.forward(ids, mask)])
    }
);
