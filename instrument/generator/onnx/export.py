"""A StyleGAN3 generator as one ONNX file: for TensorRT, DirectML, Core ML and whatever else reads plain operators.

Input `ws` ``(num_ws, w_dim)`` float32 and `transform` ``(3, 3)`` float32, what is done to the picture (last row
``[0, 0, 1]``; the model itself inverts it); output `image` ``(resolution, resolution, 3)`` uint8. Batch 1 and fixed
shapes, weights inside, static from frame to frame, no operator outside ONNX's own domain.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from instrument.disk.atomic import write_atomic
from instrument.errors import CheckpointError
from instrument.generator.checkpoint import Checkpoint
from instrument.generator.onnx.graph import Graph
from instrument.generator.onnx.layers import filtered_lrelu
from instrument.generator.stylegan3.network import in_centre_taps
from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig, input_stage, layer_plan

OPSET = 17
"""The newest that DirectML's provider documents."""
LAYOUT = 1
"""Counts the ways this program has written its files: raise it when the nodes change."""

FloatArray = npt.NDArray[np.float64]
Tensors = Mapping[str, FloatArray]

_FORMAT = "latent-instrument.onnx"
_EPSILON = 1e-8
_TINY = 1e-12


def export_onnx(checkpoint: Checkpoint, path: Path, opset: int = OPSET) -> None:
    """Write the synthesis network of `checkpoint` to `path`, wholly or not at all.

    Raises CheckpointError if the extra is not installed, the network too large, or the file cannot be written.
    """
    content = onnx_bytes(checkpoint, opset)
    try:
        write_atomic(path, content)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be written ({error.strerror})") from error


def onnx_bytes(checkpoint: Checkpoint, opset: int = OPSET) -> bytes:
    """What `export_onnx` writes."""
    config = checkpoint.config
    if not isinstance(config, NetworkConfig):
        raise CheckpointError(f"{checkpoint.card.name}: only StyleGAN3 becomes ONNX, not {config.network_name}")
    tensors = {name: tensor.double().numpy() for name, tensor in checkpoint.tensors.items()}
    graph = Graph()
    image = _synthesis(graph, config, tensors)
    metadata = {
        "format": _FORMAT,
        "layout": str(LAYOUT),
        "name": checkpoint.card.name,
        "fingerprint": checkpoint.fingerprint,
        "config": json.dumps(asdict(config)),
    }
    inputs = {"ws": (config.num_ws, config.w_dim), "transform": (3, 3)}
    shape = (config.resolution, config.resolution, config.img_channels)
    return graph.serialize(inputs, (image, "image", shape), opset, metadata)


def _synthesis(graph: Graph, config: NetworkConfig, tensors: Tensors) -> str:
    ws = graph.ops("Split", config.num_ws, "ws", [1] * config.num_ws, axis=0)
    x = _fourier_input(graph, config, tensors, ws[0])
    for plan, w in zip(layer_plan(config), ws[1:], strict=True):
        x = (_torgb if plan.is_torgb else _layer)(graph, config, plan, tensors, x, w)
    return _to_bytes(graph, config, x)


def _to_bytes(graph: Graph, config: NetworkConfig, x: str) -> str:
    """``(1, 3, h, w)`` to ``(h, w, 3)`` whole numbers from 0 to 255, still in float32.

    Floor, because runtimes do not agree on how a cast rounds.
    """
    x = graph.op("Add", graph.op("Mul", x, config.output_scale * 127.5), 128.0)
    x = graph.op("Transpose", graph.op("Clip", x, 0.0, 255.0), perm=[0, 2, 3, 1])
    return graph.op("Floor", graph.op("Reshape", x, [config.resolution, config.resolution, config.img_channels]))


def _fourier_input(graph: Graph, config: NetworkConfig, tensors: Tensors, w: str) -> str:
    """The signal ``(1, c, size, size)``; see `network.SynthesisInput`."""
    size, channels, rate, cutoff = input_stage(config)
    turn, shift = _coordinates(graph, tensors, w)
    freqs = graph.op("MatMul", tensors["synthesis.input.freqs"], turn)
    phases = graph.op("MatMul", tensors["synthesis.input.freqs"], shift)
    phases = graph.op("Add", phases, tensors["synthesis.input.phases"][:, None])
    # Whole turns are taken off: some devices' sine is coarse far from zero.
    phases = graph.op("Sub", phases, graph.op("Floor", phases))
    width = rate / 2 - cutoff
    amplitude = graph.op("Mul", _length(graph, freqs), -1.0 / width)
    amplitude = graph.op("Clip", graph.op("Add", amplitude, 1.0 + cutoff / width), 0.0, 1.0)
    grid = ((np.arange(size) + 0.5 - size / 2) / rate)[None, :]
    across = graph.op("MatMul", _column(graph, freqs, 0), grid)
    down = graph.op("Add", graph.op("MatMul", _column(graph, freqs, 1), grid), phases)
    across, down = (graph.op("Mul", cycles, 2.0 * math.pi) for cycles in (across, down))
    sin_a, cos_a = (graph.op("Reshape", graph.op(kind, across), [1, channels, 1, size]) for kind in ("Sin", "Cos"))
    sin_b, cos_b = (
        graph.op("Reshape", graph.op("Mul", graph.op(kind, down), amplitude), [1, channels, size, 1])
        for kind in ("Sin", "Cos")
    )
    waves = graph.op("Add", graph.op("Mul", sin_b, cos_a), graph.op("Mul", cos_b, sin_a))
    mix = tensors["synthesis.input.weight"] / math.sqrt(channels)
    return graph.op("Conv", waves, mix[:, :, None, None], kernel_shape=[1, 1])


def _coordinates(graph: Graph, tensors: Tensors, w: str) -> tuple[str, str]:
    """From picture to pattern coordinates ``p @ turn + shift``: ``(2, 2)`` and ``(2, 1)``.

    The player's transform undone, then what `w` asks for.
    """
    user = graph.op("Reshape", "transform", [9])
    products = graph.op("Mul", graph.op("Gather", user, [0, 1]), graph.op("Gather", user, [4, 3]))
    determinant = graph.op("ReduceSum", graph.op("Mul", products, np.array([1.0, -1.0])), [0], keepdims=1)
    adjugate = graph.op("Mul", graph.op("Gather", user, [4, 1, 3, 0]), np.array([1.0, -1.0, -1.0, 1.0]))
    undo = graph.op("Reshape", graph.op("Div", adjugate, determinant), [2, 2])
    undo_shift = graph.op("MatMul", undo, graph.op("Reshape", graph.op("Gather", user, [2, 5]), [2, 1]))
    asked = _dense(graph, tensors, "synthesis.input.affine", w)
    length = _length(graph, graph.op("Gather", asked, [0, 1], axis=1))
    asked = graph.op("Reshape", graph.op("Div", asked, graph.op("Max", length, _TINY)), [4])
    turn = graph.op("Mul", graph.op("Gather", asked, [0, 1, 1, 0]), np.array([1.0, -1.0, 1.0, 1.0]))
    turn = graph.op("Reshape", turn, [2, 2])
    move = graph.op("Reshape", graph.op("Gather", asked, [2, 3]), [2, 1])
    shift = graph.op("MatMul", turn, graph.op("Mul", graph.op("Add", undo_shift, move), -1.0))
    return graph.op("MatMul", turn, undo), shift


def _layer(graph: Graph, config: NetworkConfig, plan: LayerPlan, tensors: Tensors, x: str, w: str) -> str:
    """Modulated convolution and filtered leaky ReLU; see `network.SynthesisLayer`."""
    name = f"synthesis.{plan.name}"
    weight = tensors[f"{name}.weight"]
    weight = weight / np.sqrt(np.square(weight).mean(axis=(1, 2, 3), keepdims=True))
    style = _dense(graph, tensors, f"{name}.affine", w)
    power = graph.op("ReduceSum", graph.op("Mul", style, style), [1], keepdims=1)
    style = graph.op("Div", style, graph.op("Sqrt", graph.op("Mul", power, 1.0 / plan.in_channels)))
    demodulation = graph.op("MatMul", graph.op("Mul", style, style), np.square(weight).sum(axis=(2, 3)).T)
    demodulation = graph.op("Div", 1.0, graph.op("Sqrt", graph.op("Add", demodulation, _EPSILON)))
    x = _scale(graph, x, graph.op("Mul", style, tensors[f"{name}.magnitude_ema"] ** -0.5), plan.in_channels)
    x = _convolve(graph, x, weight)
    x = _scale(graph, x, demodulation, plan.out_channels)
    x = graph.op("Add", x, tensors[f"{name}.bias"][None, :, None, None])
    filters = tensors[f"{name}.up_filter"], tensors[f"{name}.down_filter"]
    return filtered_lrelu(graph, x, plan, *filters, config.conv_clamp)


def _torgb(graph: Graph, config: NetworkConfig, plan: LayerPlan, tensors: Tensors, x: str, w: str) -> str:
    """The last layer neither demodulates nor bends."""
    name = f"synthesis.{plan.name}"
    gain = tensors[f"{name}.magnitude_ema"] ** -0.5 / math.sqrt(plan.in_channels * plan.kernel**2)
    style = graph.op("Mul", _dense(graph, tensors, f"{name}.affine", w), gain)
    x = _convolve(graph, _scale(graph, x, style, plan.in_channels), tensors[f"{name}.weight"])
    x = graph.op("Add", x, tensors[f"{name}.bias"][None, :, None, None])
    return x if config.conv_clamp is None else graph.op("Clip", x, -config.conv_clamp, config.conv_clamp)


def _convolve(graph: Graph, x: str, weight: FloatArray) -> str:
    """Every output that touches the picture: the size grows by kernel - 1.

    A kernel that holds nothing but its centre taps is written as one of one tap, a ninth of the work.
    """
    kernel, middle = weight.shape[2], weight.shape[2] // 2
    if in_centre_taps(torch.from_numpy(weight)):
        centre = weight[:, :, middle : middle + 1, middle : middle + 1]
        return graph.op("Conv", x, centre, kernel_shape=[1, 1], pads=[middle] * 4)
    return graph.op("Conv", x, weight, kernel_shape=[kernel, kernel], pads=[kernel - 1] * 4)


def _scale(graph: Graph, x: str, scale: str, channels: int) -> str:
    """`x` times `scale` ``(1, channels)``, channel by channel."""
    return graph.op("Mul", x, graph.op("Reshape", scale, [1, channels, 1, 1]))


def _dense(graph: Graph, tensors: Tensors, name: str, x: str) -> str:
    """``(1, in)`` to ``(1, out)``."""
    weight = tensors[f"{name}.weight"]
    return graph.op("Gemm", x, weight / math.sqrt(weight.shape[1]), tensors[f"{name}.bias"], transB=1)


def _length(graph: Graph, x: str) -> str:
    """Euclidean length of each row, ``(n, 1)``."""
    return graph.op("Sqrt", graph.op("ReduceSum", graph.op("Mul", x, x), [1], keepdims=1))


def _column(graph: Graph, x: str, index: int) -> str:
    return graph.op("Slice", x, [index], [index + 1], [1])
