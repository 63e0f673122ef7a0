"""The exported network against torch, on ONNX Runtime's CPU; and that nothing but plain operators is in it."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
import torch

from instrument.errors import CheckpointError
from instrument.generator.checkpoint import Card, Checkpoint
from instrument.generator.lrelu.plain import down_matrix, up_matrix
from instrument.generator.mapping_network import MappingNetwork
from instrument.generator.onnx import graph
from instrument.generator.onnx.export import LAYOUT, OPSET, export_onnx, onnx_bytes
from instrument.generator.onnx.layers import phase_plan
from instrument.generator.protocol import IDENTITY
from instrument.generator.snapshots.snapshot import read_snapshot
from instrument.generator.stylegan3.network import SynthesisNetwork
from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig, layer_plan
from instrument.generator.stylegan3.seeded import seeded_network

SHARED = Path(__file__).parents[4] / "shared" / "golden"
TINY = NetworkConfig(resolution=32, z_dim=8, w_dim=8, channel_base=128, channel_max=4)
TURNED = np.array([[0.9, 0.3, 0.2], [-0.3, 0.9, -0.1], [0.0, 0.0, 1.0]])
SHEARED = np.array([[-1.6, 0.4, -0.35], [0.1, 0.7, 1.2], [0.0, 0.0, 1.0]])
TRANSFORMS = (IDENTITY, TURNED, SHEARED)
PLAIN = {
    *("Add", "Sub", "Mul", "Div", "Max", "Floor", "Sqrt", "Sin", "Cos", "Clip", "LeakyRelu", "Cast", "ReduceSum"),
    *("MatMul", "Gemm", "Conv", "Split", "Slice", "Gather", "Concat", "Reshape", "Transpose", "DepthToSpace"),
}

VARIANTS = {
    "t": {},
    "r": {"conv_kernel": 1, "use_radial_filters": True},
    "t, wider up-sampling": {"lrelu_upsampling": 4},
    "r, wider up-sampling": {"conv_kernel": 1, "use_radial_filters": True, "lrelu_upsampling": 4},
    "odd margin": {"margin_size": 7},
    "short filters": {"filter_size": 3},
    "long filters, few layers": {"filter_size": 9, "num_layers": 5, "num_critical": 0},
    "rates that quadruple": {
        "num_layers": 3,
        "num_critical": 1,
        "margin_size": 7,
        "resolution": 256,
        "channel_base": 512,
    },
    "1x1, separable": {"conv_kernel": 1},
    "clamp reached": {"conv_clamp": 0.4},
    "no clamp": {"conv_clamp": None},
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny networks gain nothing from more, and lose much where the machine is busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def session(model: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def eight_bits(raw: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    return np.clip(raw * np.float32(127.5) + 128, 0, 255).astype(np.uint8)


def assert_same_picture(found: npt.NDArray[np.uint8], expected: npt.NDArray[np.uint8]) -> None:
    """Nearly all bytes the same, the others off by one where a number stood on the edge: 68 dB or more."""
    assert found.dtype == np.uint8
    assert found.shape == expected.shape
    assert expected.std() > 5.0, "a flat picture proves nothing"
    difference = np.abs(found.astype(int) - expected)
    assert difference.max() <= 1
    assert difference.mean() < 0.01


def some_ws(checkpoint: Checkpoint, seed: int) -> npt.NDArray[np.float32]:
    """Another `w` for every layer, so that none may take its neighbour's."""
    config = checkpoint.config
    z = np.random.default_rng(seed).standard_normal((config.num_ws, config.z_dim)).astype(np.float32)
    return MappingNetwork(config, checkpoint.tensors)(torch.from_numpy(z)).numpy()


def assert_plays_like_torch(checkpoint: Checkpoint, model: bytes) -> None:
    runner = session(model)
    network = SynthesisNetwork(checkpoint.config, checkpoint.tensors)
    for seed, transform in enumerate(TRANSFORMS):
        ws = some_ws(checkpoint, seed)
        (found,) = runner.run(["image"], {"ws": ws, "transform": transform.astype(np.float32)})
        assert_same_picture(found, eight_bits(network(torch.from_numpy(ws), transform).numpy()))


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_kind_of_network_plays_like_torch(variant: str) -> None:
    config = replace(TINY, **VARIANTS[variant])  # type: ignore[arg-type]
    checkpoint = Checkpoint(config, seeded_network(config, 1), Card("tiny"), "")
    assert_plays_like_torch(checkpoint, onnx_bytes(checkpoint))


@pytest.mark.parametrize("radial", [False, True])
def test_filters_need_not_be_symmetric(radial: bool) -> None:
    config = replace(TINY, use_radial_filters=radial)
    random = np.random.default_rng(0)
    tensors = {
        name: tensor * torch.from_numpy(random.uniform(0.5, 1.5, tensor.shape).astype(np.float32))
        if name.endswith("_filter")
        else tensor
        for name, tensor in seeded_network(config, 1).items()
    }
    checkpoint = Checkpoint(config, tensors, Card("lopsided"), "")
    assert_plays_like_torch(checkpoint, onnx_bytes(checkpoint))


def test_centre_taps_are_written_as_kernels_of_one_tap(tiny_t: Checkpoint) -> None:
    """The checkpoints that ship hold nothing else, and a runtime would multiply all the zeros."""
    name = next(key for key in tiny_t.tensors if key.startswith("synthesis.L2_") and key.endswith(".weight"))
    centre = torch.zeros_like(tiny_t.tensors[name])
    centre[:, :, 1, 1] = tiny_t.tensors[name][:, :, 1, 1]
    checkpoint = replace(tiny_t, tensors=tiny_t.tensors | {name: centre})
    model = onnx_bytes(checkpoint)
    assert_plays_like_torch(checkpoint, model)
    assert len(onnx_bytes(tiny_t)) - len(model) == pytest.approx(4 * centre.numel() * 8 / 9, rel=0.01)


@pytest.mark.parametrize("opset", [13, 21])
def test_other_opsets_play_the_same(tiny_t: Checkpoint, opset: int) -> None:
    model = onnx_bytes(tiny_t, opset)
    assert onnx.load_model_from_string(model).opset_import[0].version == opset
    assert_plays_like_torch(tiny_t, model)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference's golden data is not beside the repository")
@pytest.mark.parametrize("name", ["sg3t64", "sg3r64", "sg3t256"])
def test_plays_like_the_published_network(name: str) -> None:
    snapshot = read_snapshot(SHARED / f"{name}.pkl")
    tensors = {key: torch.from_numpy(values) for key, values in snapshot.arrays.items()}
    with np.load(SHARED / f"{name}.npz") as file:
        data = dict(file)
    runner = session(onnx_bytes(Checkpoint(snapshot.config, tensors, Card(name), "")))
    for transform, expected in (
        (np.eye(3, dtype=np.float32), data["image_identity"][0]),
        (data["user_transform"].astype(np.float32), data["image_moved"][0]),
    ):
        (found,) = runner.run(["image"], {"ws": data["ws_psi07"][0], "transform": transform})
        assert_same_picture(found, eight_bits(expected.transpose(1, 2, 0)))


@pytest.mark.parametrize("config", ["tiny_t", "tiny_r"])
def test_only_plain_operators(request: pytest.FixtureRequest, config: str, tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    export_onnx(request.getfixturevalue(config), path)
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load_model(path)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", OPSET)]
    assert {node.domain for node in model.graph.node} == {""}
    assert {node.op_type for node in model.graph.node} <= PLAIN
    assert not model.functions
    assert not any(tensor.external_data for tensor in model.graph.initializer)


def test_shapes_are_fixed_and_named(tiny_t: Checkpoint) -> None:
    runner = session(onnx_bytes(tiny_t))
    inputs = [(node.name, node.shape, node.type) for node in runner.get_inputs()]
    assert inputs == [("ws", [16, 16], "tensor(float)"), ("transform", [3, 3], "tensor(float)")]
    assert [(node.name, node.shape, node.type) for node in runner.get_outputs()] == [
        ("image", [32, 32, 3], "tensor(uint8)")
    ]


def test_the_file_says_what_it_is(tiny_t: Checkpoint) -> None:
    checkpoint = replace(tiny_t, fingerprint="abc")
    metadata = session(onnx_bytes(checkpoint)).get_modelmeta().custom_metadata_map
    assert json.loads(metadata.pop("config")) == asdict(tiny_t.config)
    assert metadata == {
        "format": "latent-instrument.onnx",
        "layout": str(LAYOUT),
        "name": "tiny-t",
        "fingerprint": "abc",
    }


def test_the_same_network_gives_the_same_bytes(tiny_t: Checkpoint) -> None:
    assert onnx_bytes(tiny_t) == onnx_bytes(tiny_t)


PHASED = [TINY, replace(TINY, conv_kernel=1), replace(TINY, lrelu_upsampling=4, margin_size=7)]


@pytest.mark.parametrize(
    "plan", [plan for config in PHASED for plan in layer_plan(config)[:-1]], ids=lambda plan: plan.name
)
def test_phases_put_together_are_the_filters(plan: LayerPlan) -> None:
    """The same banded matrices that torch multiplies by."""
    random = np.random.default_rng(0)
    up_filter, down_filter = random.standard_normal(plan.up_taps), random.standard_normal(plan.down_taps)
    phases = phase_plan(plan, up_filter)
    size, beside = plan.in_size + plan.kernel - 1, 64
    up = np.zeros((phases.up * phases.samples, size + 2 * beside))
    for row in range(len(up)):
        start = beside + phases.first + row // phases.up
        up[row, start : start + phases.kernels.shape[1]] = phases.kernels[row % phases.up]
    expected = up_matrix(up_filter, size, plan)
    used = slice(phases.shift, phases.shift + len(expected))
    np.testing.assert_array_equal(up[used, beside : beside + size], expected)

    down = np.zeros((plan.out_size, len(up)))
    taps = np.append(down_filter[::-1], 0.0)  # -1 picks the zero
    for out, row in enumerate(down):
        for phase in range(phases.up):
            first = phases.up * (out // phases.out_phases) + phase
            kernel = taps[phases.down_kernel(phase, out % phases.out_phases, plan.down_taps)]
            row[first : first + phases.up * len(kernel) : phases.up] = kernel
    np.testing.assert_array_equal(down[:, used], down_matrix(down_filter, len(expected), plan))


@pytest.mark.parametrize("opset", [12, 99])
def test_an_unknown_opset_is_refused(tiny_t: Checkpoint, opset: int) -> None:
    with pytest.raises(CheckpointError, match=f"opset {opset} cannot be written, expected 13 to"):
        onnx_bytes(tiny_t, opset)


def test_too_large_a_network_is_refused(tiny_t: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MAX_BYTES", 10_000)
    with pytest.raises(CheckpointError, match="too many for one ONNX file"):
        onnx_bytes(tiny_t)


def test_a_path_that_cannot_be_written(tiny_t: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CheckpointError, match="cannot be written"):
        export_onnx(tiny_t, tmp_path / "file" / "out.onnx")


def test_without_the_extra(tiny_t: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(CheckpointError, match=r"onnx is not installed; .*\[onnx\]"):
        onnx_bytes(tiny_t)


def test_another_architecture_is_refused_in_one_line(tiny_2: Checkpoint) -> None:
    with pytest.raises(CheckpointError, match="only StyleGAN3 becomes ONNX, not stylegan2"):
        onnx_bytes(tiny_2)
