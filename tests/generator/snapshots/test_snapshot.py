import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from instrument.errors import CheckpointError
from instrument.generator.checkpoint import Card, Checkpoint
from instrument.generator.snapshots.snapshot import read_snapshot
from instrument.generator.stylegan2.seeded import seeded_stylegan2
from instrument.generator.stylegan3.seeded import seeded_network

Writer = Callable[..., Path]


@pytest.mark.parametrize("name", ["tiny_t", "tiny_r", "tiny_2"])
@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_reads_back_every_number(
    tmp_path: Path, write_snapshot: Writer, request: pytest.FixtureRequest, name: str, protocol: int
) -> None:
    checkpoint = request.getfixturevalue(name)
    found = read_snapshot(write_snapshot(tmp_path / "net.pkl", checkpoint, protocol))
    assert found.config == checkpoint.config
    assert found.arrays.keys() == checkpoint.tensors.keys()
    for key, values in found.arrays.items():
        assert torch.equal(torch.from_numpy(values), checkpoint.tensors[key]), key


def test_reads_a_conditional_stylegan2(tmp_path: Path, write_snapshot: Writer, tiny_2: Checkpoint) -> None:
    config = replace(tiny_2.config, c_dim=3, conv_clamp=None, mapping_layers=2)
    checkpoint = Checkpoint(config, seeded_stylegan2(config, 0), Card("labels"), "")
    assert read_snapshot(write_snapshot(tmp_path / "net.pkl", checkpoint)).config == config


def test_reads_a_conditional_network(tmp_path: Path, write_snapshot: Writer, tiny_t: Checkpoint) -> None:
    config = replace(tiny_t.config, c_dim=3, conv_clamp=None)
    checkpoint = Checkpoint(config, seeded_network(config, 0), Card("labels"), "")
    assert read_snapshot(write_snapshot(tmp_path / "net.pkl", checkpoint)).config == config


def refusal(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        read_snapshot(path)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("name", ["tiny_t", "tiny_2"])
def test_truncated_anywhere(tmp_path: Path, write_snapshot: Writer, request: pytest.FixtureRequest, name: str) -> None:
    path = write_snapshot(tmp_path / "net.pkl", request.getfixturevalue(name))
    content = path.read_bytes()
    for share in (0.0, 0.001, 0.3, 0.7, 0.999):
        path.write_bytes(content[: int(share * len(content))])
        refusal(path)
    path.write_bytes(content[:-1])
    refusal(path)


@pytest.mark.parametrize(
    ("checkpoint_name", "name"),
    [
        ("tiny_t", "synthesis.L3_36_8.weight"),
        ("tiny_2", "synthesis.b8.conv0.weight"),
        ("tiny_2", "synthesis.b16.torgb.weight"),
        ("tiny_2", "synthesis.b4.const"),
        ("tiny_2", "synthesis.b32.conv1.noise_const"),
        ("tiny_2", "synthesis.b32.resample_filter"),
        ("tiny_2", "synthesis.b16.conv0.resample_filter"),
    ],
)
def test_a_tensor_that_is_wrong(
    tmp_path: Path, write_snapshot: Writer, request: pytest.FixtureRequest, checkpoint_name: str, name: str
) -> None:
    checkpoint = request.getfixturevalue(checkpoint_name)
    weight = checkpoint.tensors[name]
    for wrong, said in (
        (weight * torch.nan, "not finite"),
        (weight[:1], "has shape"),
        (weight[None], "has shape"),
    ):
        tensors = {**checkpoint.tensors, name: wrong}
        message = refusal(write_snapshot(tmp_path / "net.pkl", replace(checkpoint, tensors=tensors)))
        assert name in message
        assert said in message
    missing = {key: value for key, value in checkpoint.tensors.items() if key != name}
    assert "no tensor" in refusal(write_snapshot(tmp_path / "net.pkl", replace(checkpoint, tensors=missing)))


def test_hyper_parameters_that_do_not_match(
    tmp_path: Path, make_generator: Callable[..., Any], tiny_t: Checkpoint
) -> None:
    for change, said in (
        ({"margin_size": 9}, "L"),
        ({"resolution": 1 << 40}, "unknown|resolution|no "),
        ({"channel_max": 10**12}, "channel_max"),
        ({"first_cutoff": "os.system"}, "first_cutoff"),
    ):
        generator = make_generator(tiny_t)
        generator.state["_init_kwargs"] = generator.state["_init_kwargs"] | change
        if "resolution" in change:
            generator.state["img_resolution"] = change["resolution"]
        path = tmp_path / "net.pkl"
        path.write_bytes(pickle.dumps({"G_ema": generator}))
        assert re.search(said, refusal(path))


def test_stylegan2_hyper_parameters_in_a_table_of_their_own(
    tmp_path: Path, make_generator: Callable[..., Any], tiny_2: Checkpoint
) -> None:
    """As StyleGAN2-ADA keeps them, where the synthesis does not repeat them."""
    generator = make_generator(tiny_2)
    generator.state["_init_kwargs"] = {"synthesis_kwargs": generator.state["_init_kwargs"]}
    generator.state["_modules"]["synthesis"].state["_init_kwargs"] = {}
    path = tmp_path / "net.pkl"
    path.write_bytes(pickle.dumps({"G_ema": generator}))
    assert read_snapshot(path).config == tiny_2.config


@pytest.mark.parametrize(
    ("place", "change", "said"),
    [
        (("synthesis", "b8"), {"architecture": "resnet"}, "architecture 'resnet' (b8)"),
        (("synthesis", "b4"), {"architecture": "orig"}, "architecture 'orig' (b4)"),
        (("synthesis", "b8", "conv1"), {"use_noise": False}, "b8.conv1: use_noise is not True"),
        (("synthesis", "b8", "conv0"), {"up": 4}, "b8.conv0: up is not 2"),
        (("synthesis", "b8", "conv1"), {"activation": "relu"}, "b8.conv1: activation"),
        (("synthesis", "b16", "torgb"), {"conv_clamp": 3.0}, "b16.torgb: conv_clamp"),
        (("synthesis", "b4", "conv1"), {"conv_clamp": "os.system"}, "conv_clamp"),
        (("synthesis",), {"_init_kwargs": {"channel_max": 10**12}}, "channel_max"),
        (("synthesis",), {"_init_kwargs": {"channel_base": 16}}, "no channels"),
        (("mapping",), {"num_layers": 9}, "fc8"),
        (("mapping",), {"_init_kwargs": {"lr_multiplier": 1.0}}, "lr_multiplier"),
        ((), {"img_resolution": 64}, "b64"),
        ((), {"img_resolution": 4096}, "resolution"),
        ((), {"img_resolution": 48}, "power of two"),
    ],
)
def test_stylegan2_that_is_another(
    tmp_path: Path,
    make_generator: Callable[..., Any],
    tiny_2: Checkpoint,
    place: tuple[str, ...],
    change: dict[str, Any],
    said: str,
) -> None:
    generator = make_generator(tiny_2)
    module = generator
    for name in place:
        module = module.state["_modules"][name]
    module.state |= change
    path = tmp_path / "net.pkl"
    path.write_bytes(pickle.dumps({"G_ema": generator}))
    assert said in refusal(path)


def test_a_block_that_is_none(tmp_path: Path, make_module: Callable[..., Any]) -> None:
    for block in (make_module("SynthesisBlock", {"_modules": {}}), None, 4, make_module("Conv2dLayer", {})):
        synthesis = make_module("SynthesisNetwork", {"_modules": {"b4": block}})
        generator = make_module("Generator", {"_modules": {"synthesis": synthesis}})
        path = tmp_path / "sg2.pkl"
        path.write_bytes(pickle.dumps({"G_ema": generator}))
        refusal(path)


@pytest.mark.parametrize("content", [{}, [], ("G", "D", "Gs"), {"G_ema": None}, {"G_ema": {"state": 1}}, 7])
def test_not_a_generator(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "other.pkl"
    path.write_bytes(pickle.dumps(content))
    refusal(path)


def test_unknown_modules(tmp_path: Path, make_module: Callable[..., Any]) -> None:
    path = tmp_path / "other.pkl"
    path.write_bytes(pickle.dumps({"G_ema": make_module("Discriminator", {"_modules": {}})}))
    assert "Discriminator" in refusal(path)


def test_modules_that_contain_themselves(tmp_path: Path, make_module: Callable[..., Any]) -> None:
    state: dict[str, Any] = {"_modules": {}}
    generator = make_module("Generator", state)
    inner: Any = generator
    for _ in range(50):
        inner = make_module("Generator", {"_modules": {"a": inner}})
    path = tmp_path / "deep.pkl"
    path.write_bytes(pickle.dumps({"G_ema": inner}))
    assert "nested" in refusal(path)
