"""Importing: what goes in comes back, what no tensor tells is said, and the licence is shown."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from instrument.errors import CheckpointError, SettingsError
from instrument.generator.architectures import Architecture
from instrument.generator.checkpoint import (
    CARD_FILE,
    GENERATOR_FILE,
    Card,
    Checkpoint,
    load_checkpoint,
    save_checkpoint,
)
from instrument.generator.snapshots.importing import import_model, read_model, read_safetensors
from instrument.generator.snapshots.licence import NOT_STATED
from instrument.generator.stylegan2.plan import StyleGAN2Config, stylegan2_layers
from instrument.generator.stylegan2.seeded import seeded_stylegan2
from instrument.generator.stylegan3.plan import NetworkConfig, layer_plan
from instrument.generator.stylegan3.seeded import seeded_network
from instrument.settings import DEFAULTS
from instrument.tools import import_model as command

GOLDEN = Path(__file__).parents[1] / "golden"
NAMES = ["tiny_t", "tiny_r", "tiny_2"]

T = NetworkConfig(resolution=64, z_dim=24, w_dim=16, channel_base=512, channel_max=24)
R = replace(T, conv_kernel=1, use_radial_filters=True, c_dim=3)
TWO = StyleGAN2Config(resolution=64, z_dim=24, w_dim=16, channel_base=384, channel_max=20)


def made(config: Architecture) -> dict[str, torch.Tensor]:
    return seeded_stylegan2(config, 5) if isinstance(config, StyleGAN2Config) else seeded_network(config, 5)


def layers(config: Architecture) -> tuple[Any, ...]:
    """Different numbers may make the same network: where the most channels are reached everywhere, any base does."""
    return stylegan2_layers(config) if isinstance(config, StyleGAN2Config) else layer_plan(config)


def assert_same(found: Checkpoint, expected: Checkpoint) -> None:
    assert found.tensors.keys() == expected.tensors.keys()
    assert all(torch.equal(found.tensors[name], tensor) for name, tensor in expected.tensors.items())


@pytest.mark.parametrize("name", NAMES)
def test_a_pickle_and_what_came_of_it_import_alike(
    tmp_path: Path, request: pytest.FixtureRequest, name: str, write_snapshot: Callable[..., Path]
) -> None:
    """Pickle to our safetensors, and that to another, the licence with it."""
    checkpoint = request.getfixturevalue(name)
    path = write_snapshot(tmp_path / "net.pkl", checkpoint)
    card = import_model(path, tmp_path / "models" / "one", "one")
    ours = tmp_path / "models" / "one" / GENERATOR_FILE
    again = import_model(ours, tmp_path / "models" / "two", "two")
    one, two = (load_checkpoint(tmp_path / "models" / folder) for folder in ("one", "two"))
    assert one.config == two.config == checkpoint.config
    assert_same(one, checkpoint)
    assert_same(two, checkpoint)
    assert (one.card, two.card) == (card, again)
    assert one.fingerprint == two.fingerprint
    assert "net.pkl" in card.origin
    assert one.fingerprint in again.origin
    with pytest.raises(CheckpointError, match="already"):
        import_model(path, tmp_path / "models" / "one", "one")


@pytest.mark.parametrize("name", ["t32", "r32", "sg2_32"])
@pytest.mark.parametrize("prefix", ["", "G_ema."])
def test_bare_tensors_of_the_golden_networks(tmp_path: Path, name: str, prefix: str) -> None:
    golden = load_checkpoint(GOLDEN / name)
    tensors = {f"{prefix}{key}": tensor for key, tensor in golden.tensors.items()}
    if prefix:
        tensors["D.b4.weight"] = torch.zeros(3, dtype=torch.int32)
    if name == "sg2_32":
        # Training code stores filters of layers that do not enlarge, too.
        tensors[f"{prefix}synthesis.b4.conv1.resample_filter"] = torch.zeros(4, 4)
    save_file(tensors, tmp_path / "net.safetensors", {"format": "pt"})
    import_model(tmp_path / "net.safetensors", tmp_path / "mine", "mine")
    found = load_checkpoint(tmp_path / "mine")
    assert_same(found, golden)
    assert layers(found.config) == layers(golden.config)
    assert "conv_clamp 256" in found.card.description


@pytest.mark.parametrize(
    "config",
    [
        T,
        R,
        TWO,
        replace(T, channel_base=1536, num_layers=10),
        replace(T, channel_base=700, filter_size=4, mapping_layers=3),
        replace(R, num_critical=4, channel_base=300),
        replace(TWO, resolution=16, c_dim=2, mapping_layers=2, channel_base=128),
    ],
)
def test_the_architecture_is_told_by_names_and_shapes(tmp_path: Path, config: Architecture) -> None:
    tensors = made(config)
    save_file(tensors, tmp_path / "net.safetensors")
    found = read_safetensors(tmp_path / "net.safetensors")
    assert layers(found.config) == layers(config)
    assert replace(found.config, channel_base=0) == replace(config, channel_base=0)
    assert all(torch.equal(torch.from_numpy(found.arrays[name]), tensor) for name, tensor in tensors.items())


def test_published_bases_are_told_exactly(tmp_path: Path) -> None:
    for config in (T, replace(TWO, channel_base=512)):
        save_file(made(config), tmp_path / "net.safetensors")
        assert read_safetensors(tmp_path / "net.safetensors").config == config


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_in_other_precisions(tmp_path: Path, tiny_2: Checkpoint, dtype: torch.dtype) -> None:
    tensors = {name: tensor.to(dtype) for name, tensor in tiny_2.tensors.items()}
    save_file(tensors, tmp_path / "net.safetensors")
    found = read_safetensors(tmp_path / "net.safetensors").arrays
    assert all(torch.equal(torch.from_numpy(found[name]), tensor.float()) for name, tensor in tensors.items())


def test_a_network_of_other_cutoffs_is_refused(tmp_path: Path) -> None:
    """Names and shapes are those of the published ones; only the filters know better."""
    config = replace(T, first_stopband=4.4)
    assert [layer.name for layer in layer_plan(config)] == [layer.name for layer in layer_plan(T)]
    save_file(made(config), tmp_path / "net.safetensors")
    with pytest.raises(CheckpointError, match=r"net\.safetensors: the down_filter of L11_84_10 has other cutoffs"):
        read_safetensors(tmp_path / "net.safetensors")


def test_refused_import_writes_nothing(tmp_path: Path) -> None:
    for name in ("net.pkl", "net.safetensors"):
        (tmp_path / name).write_bytes(b"nonsense")
        with pytest.raises(CheckpointError, match=name):
            import_model(tmp_path / name, tmp_path / "models" / "mine", "mine")
    assert not (tmp_path / "models").exists()


@pytest.fixture
def imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[str, dict[str, str]]]:
    """Import a file as a person does: what is printed, and the card as it lies on the disk."""
    monkeypatch.setattr(command, "DEFAULTS", replace(DEFAULTS, checkpoints_folder=tmp_path))

    def run(path: Path, *arguments: str) -> tuple[str, dict[str, str]]:
        assert command.main([str(path), *arguments]) == 0
        folder = arguments[1] if arguments else path.stem
        return capsys.readouterr().out, json.loads((tmp_path / folder / CARD_FILE).read_text(encoding="utf-8"))

    return run


SOURCE = """\
# Copyright (c) 2021, A. Lovelace.  All rights reserved.
#
# For research\x1b[2J only\x07, \u202ereversed.
\"\"\"Networks.\"\"\"
# Not this one.
raise SystemExit
"""


@pytest.mark.parametrize("name", NAMES)
def test_the_licence_above_the_source_is_shown(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    name: str,
    make_module: Callable[..., Any],
    write_snapshot: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    imported: Callable[..., tuple[str, dict[str, str]]],
) -> None:
    monkeypatch.setattr(type(make_module("Generator", {})), "source", SOURCE)
    printed, card = imported(write_snapshot(tmp_path / "net.pkl", request.getfixturevalue(name)), "--name", "mine")
    assert card["licence"].splitlines() == [
        "Copyright (c) 2021, A. Lovelace.  All rights reserved.",
        "",
        "For research[2J only, reversed.",
    ]
    for line in card["licence"].splitlines():
        assert line in printed
    assert printed.startswith("mine: imported from net.pkl, sha256 ")
    assert "Networks" not in printed
    assert all(sign.isprintable() for sign in printed.replace("\n", ""))


def test_where_no_licence_is_stated_it_says_so(
    tmp_path: Path,
    tiny_t: Checkpoint,
    write_snapshot: Callable[..., Path],
    imported: Callable[..., tuple[str, dict[str, str]]],
) -> None:
    printed, card = imported(write_snapshot(tmp_path / "net.pkl", tiny_t))
    assert card["licence"] == NOT_STATED
    assert f"licence: {NOT_STATED}" in printed.splitlines()


@pytest.mark.parametrize("key", ["license", "licence"])
def test_the_licence_in_the_metadata_is_shown(
    tmp_path: Path, tiny_2: Checkpoint, key: str, imported: Callable[..., tuple[str, dict[str, str]]]
) -> None:
    save_file(dict(tiny_2.tensors), tmp_path / "net.safetensors", {key: "CC-BY-4.0\r\n\x1b]0;title\x07 by Ada\n"})
    printed, card = imported(tmp_path / "net.safetensors")
    assert card["licence"] == "CC-BY-4.0\n]0;title by Ada"
    assert "  CC-BY-4.0\n  ]0;title by Ada\n" in printed
    assert "conv_clamp 256; mapping lr_multiplier 0.01" in printed


def test_the_licence_of_our_own_card_goes_along_only_with_its_file(tmp_path: Path, tiny_t: Checkpoint) -> None:
    for folder in ("one", "two"):
        save_checkpoint(tmp_path / folder, tiny_t.config, tiny_t.tensors, Card(folder, licence="CC0-1.0"))
    assert read_model(tmp_path / "one" / GENERATOR_FILE).licence == "CC0-1.0"
    card = json.loads((tmp_path / "two" / CARD_FILE).read_text(encoding="utf-8"))
    (tmp_path / "two" / CARD_FILE).write_text(json.dumps(card | {"fingerprint": "0" * 64}), encoding="utf-8")
    assert read_model(tmp_path / "two" / GENERATOR_FILE).licence == ""


def test_endless_comments_are_cut(tmp_path: Path, tiny_2: Checkpoint) -> None:
    save_file(dict(tiny_2.tensors), tmp_path / "net.safetensors", {"license": "all\n" * 10_000 + "x" * 100_000})
    licence = read_safetensors(tmp_path / "net.safetensors").licence
    assert licence.splitlines() == ["all"] * 60


@pytest.mark.parametrize("name", ["../mine", "a/b", "..", ""])
def test_a_name_is_one_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises((SettingsError, CheckpointError)):
        command.main([str(tmp_path / "net.pkl"), f"--name={name}"])
