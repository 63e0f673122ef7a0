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
from instrument.generator.seeded import seeded_network
from instrument.generator.snapshot import read_snapshot

Writer = Callable[..., Path]


@pytest.mark.parametrize("name", ["tiny_t", "tiny_r"])
@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_reads_back_every_number(
    tmp_path: Path, write_snapshot: Writer, request: pytest.FixtureRequest, name: str, protocol: int
) -> None:
    checkpoint = request.getfixturevalue(name)
    config, arrays = read_snapshot(write_snapshot(tmp_path / "net.pkl", checkpoint, protocol))
    assert config == checkpoint.config
    assert arrays.keys() == checkpoint.tensors.keys()
    for key, values in arrays.items():
        assert torch.equal(torch.from_numpy(values), checkpoint.tensors[key]), key


def test_reads_a_conditional_network(tmp_path: Path, write_snapshot: Writer, tiny_t: Checkpoint) -> None:
    config = replace(tiny_t.config, c_dim=3, conv_clamp=None)
    checkpoint = Checkpoint(config, seeded_network(config, 0), Card("labels"), "")
    assert read_snapshot(write_snapshot(tmp_path / "net.pkl", checkpoint))[0] == config


def refusal(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        read_snapshot(path)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    return message


def test_truncated_anywhere(tmp_path: Path, write_snapshot: Writer, tiny_t: Checkpoint) -> None:
    path = write_snapshot(tmp_path / "net.pkl", tiny_t)
    content = path.read_bytes()
    for share in (0.0, 0.001, 0.3, 0.7, 0.999):
        path.write_bytes(content[: int(share * len(content))])
        refusal(path)
    path.write_bytes(content[:-1])
    refusal(path)


def test_a_tensor_that_is_wrong(tmp_path: Path, write_snapshot: Writer, tiny_t: Checkpoint) -> None:
    name = next(key for key in tiny_t.tensors if key.startswith("synthesis.L3_") and key.endswith("8.weight"))
    weight = tiny_t.tensors[name]
    for wrong, said in (
        (weight * torch.nan, "not finite"),
        (weight[:, :, :1], "has shape"),
        (weight[None], "has shape"),
    ):
        tensors = {**tiny_t.tensors, name: wrong}
        message = refusal(write_snapshot(tmp_path / "net.pkl", replace(tiny_t, tensors=tensors)))
        assert name in message
        assert said in message
    missing = {key: value for key, value in tiny_t.tensors.items() if key != name}
    assert "no tensor" in refusal(write_snapshot(tmp_path / "net.pkl", replace(tiny_t, tensors=missing)))


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


def test_stylegan2_is_named(tmp_path: Path, make_module: Callable[..., Any]) -> None:
    block = make_module("SynthesisBlock", {"_modules": {}})
    synthesis = make_module("SynthesisNetwork", {"_modules": {"b4": block}})
    generator = make_module("Generator", {"_modules": {"synthesis": synthesis}})
    path = tmp_path / "sg2.pkl"
    path.write_bytes(pickle.dumps({"G_ema": generator}))
    assert "StyleGAN2 snapshot: not yet playable" in refusal(path)


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
