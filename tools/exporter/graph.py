"""PyTorch to ONNX, and ONNX to a graph without weights. Knows nothing of Burn or of checkpoints."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper
from torch.export import Dim

from .network import Network

OPSET = 18
#: File that the graph says its weights are in. It is never written with weights: the tool `import-graphs` makes a sparse one.
EXTERNAL_FILE = "graph.weights"
ALIGNMENT = 64


def exported(network: Network, file: Path) -> onnx.ModelProto:
    """Exports the network to `file` with its weights inside, free of traces of the exporting machine."""
    axes = {"batch": Dim("batch", min=1, max=1024)}
    if network.max_sequence:
        axes["sequence"] = Dim("sequence", min=2, max=network.max_sequence)
    shapes = tuple({i: axes[a] for i, a in network.dynamic_axes[name].items()} for name in network.inputs)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.module,
            tuple(network.inputs.values()),
            str(file),
            input_names=list(network.inputs),
            output_names=[o.name for o in network.outputs],
            dynamic_shapes=shapes,
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    model = onnx.load(file)
    _strip_traces(model)
    _check_names(network, model)
    onnx.checker.check_model(model)
    onnx.save(model, file)
    return model


def _strip_traces(model: onnx.ModelProto) -> None:
    """Removes doc strings and metadata, in which the exporter leaves stack traces with paths of the machine it ran on."""
    graph = model.graph
    parts = [model, graph, *graph.node, *graph.initializer, *graph.value_info, *graph.input, *graph.output, *model.functions]
    for part in parts:
        part.doc_string = ""
        if hasattr(part, "metadata_props"):
            del part.metadata_props[:]


def _check_names(network: Network, model: onnx.ModelProto) -> None:
    """Fails unless inputs and outputs are as declared, in order, and no node has the name of one (burn-onnx mixes them up)."""
    graph = model.graph
    for what, wanted, got in (
        ("inputs", list(network.inputs), [i.name for i in graph.input]),
        ("outputs", [o.name for o in network.outputs], [o.name for o in graph.output]),
    ):
        if wanted != got:
            raise ValueError(f"{network.name}: the exported graph's {what} are {got}, not {wanted}")
    shared = {n.name for n in graph.node} & {v.name for v in (*graph.input, *graph.output)}
    if shared:
        raise ValueError(f"{network.name}: nodes named like an input or output: {sorted(shared)}")


def without_weights(full: onnx.ModelProto) -> tuple[onnx.ModelProto, int]:
    """The graph with every float tensor of more than one element declared external, and the external file's length.

    Scalars and integers stay, since code generation reads them; so does `value_info`, which it needs for shapes.
    """
    model = onnx.ModelProto()
    model.CopyFrom(full)
    offset = 0

    def externalize(tensor: TensorProto) -> None:
        nonlocal offset
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims, dtype=np.int64) < 2:
            return
        length = numpy_helper.to_array(tensor).nbytes
        tensor.ClearField("raw_data")
        tensor.ClearField("float_data")
        tensor.data_location = TensorProto.EXTERNAL
        del tensor.external_data[:]
        for key, value in (("location", EXTERNAL_FILE), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
        offset += -(-length // ALIGNMENT) * ALIGNMENT

    for tensor in model.graph.initializer:
        externalize(tensor)
    for node in model.graph.node:
        if node.op_type == "Constant":
            for attribute in node.attribute:
                if attribute.HasField("t"):
                    externalize(attribute.t)
    return model, offset


def worst_difference_from_onnxruntime(network: Network, file: Path) -> float:
    """Largest difference between PyTorch and ONNX Runtime over every output, relative to the output's largest value.

    At several batch sizes and lengths.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(11)
    worst = 0.0
    for batch, sequence in ((1, 5), (3, 57), (8, 128)):
        sequence = min(sequence, network.max_sequence or sequence)
        inputs = _random_inputs(network, batch, sequence, generator)
        with torch.no_grad():
            expected = network.module(*inputs.values())
        got = session.run([o.name for o in network.outputs], {k: v.numpy() for k, v in inputs.items()})
        for wanted, given in zip((e.numpy() for e in expected), got, strict=True):
            worst = max(worst, float(np.abs(wanted - given).max() / np.abs(wanted).max()))
    return worst


def _random_inputs(network: Network, batch: int, sequence: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
    """Inputs of the given size: noise for images; for texts random ids whose rows end in padding of different lengths."""
    inputs = {}
    lengths = torch.tensor([max(3, sequence - 4 * row) for row in range(batch)])
    real = torch.arange(sequence) < lengths[:, None]
    for name, example in network.inputs.items():
        shape = list(example.shape)
        for axis, what in network.dynamic_axes[name].items():
            shape[axis] = {"batch": batch, "sequence": sequence}[what]
        if example.is_floating_point():
            inputs[name] = torch.randn(shape, generator=generator)
        elif name == "attention_mask":
            inputs[name] = real.long()
        else:
            ids = torch.randint(1000, 20000, shape, generator=generator)
            # With a mask, ids behind it must not matter; without one, the padding itself tells the network where to look.
            inputs[name] = ids if "attention_mask" in network.inputs else ids.where(real, network.card["tokenizer"]["pad_id"])
    return inputs
