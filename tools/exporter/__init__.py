"""Parts of the tools beside this folder: for maintainers, never needed to build or use clipscope.

network         what a network is: checkpoint, PyTorch module, model card, published files
mini            the two networks of the `mini` set
stand_in        the shared space of `mini` (its anchors and scoring)
reference       the four networks of the `reference` set
others          CLIP with the exact GELU, and its multilingual text tower
clip_tokenizer  CLIP's tokenizer.json from OpenAI's vocabulary
formula         weights and images that need no download
texts           texts that tokenizers are compared on
preprocessing   photos to pixel tensors, with Pillow: the reference for the Rust code
graph           PyTorch to ONNX, and ONNX to a graph without weights
modelgen        burn-onnx: the generated Rust code and the parameters it wants
tensors         short lists of tensors
weight_map      which checkpoint tensor each Burn parameter comes from
"""
