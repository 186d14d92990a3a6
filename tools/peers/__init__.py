"""What `bench_peers.py` compares the program with: ONNX Runtime and PyTorch on the same graphs, photos and captions."""
