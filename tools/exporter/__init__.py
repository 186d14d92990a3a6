"""Parts of `export_models.py` and `make_parity_fixtures.py`: maintainers' tools, never needed to build or use clipscope.

network        what a network is: checkpoint, PyTorch module, model card
mini           the two networks of the `mini` set
stand_in       the shared space of `mini` (its anchors and scoring)
preprocessing  photos to pixel tensors, with Pillow: the reference for the Rust code
graph          PyTorch to ONNX, and ONNX to a graph without weights
modelgen       burn-onnx: the generated Rust code and the parameters it wants
weight_map     which checkpoint tensor each Burn parameter comes from
"""
