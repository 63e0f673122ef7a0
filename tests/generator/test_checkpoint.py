import json
import struct
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from instrument.errors import CheckpointError
from instrument.generator.architectures import architecture_from_dict, architecture_to_dict
from instrument.generator.checkpoint import (
    CARD_FILE,
    GENERATOR_FILE,
    Card,
    Checkpoint,
    list_checkpoints,
    load_checkpoint,
    save_checkpoint,
)
from instrument.generator.stylegan3.plan import NetworkConfig

CARD = Card(name="tiny", title="Tiny", description="Süß", origin="seed 1", licence="CC0-1.0", created_by="tests")


@pytest.fixture
def folder(tmp_path: Path, tiny_t: Checkpoint) -> Path:
    save_checkpoint(tmp_path / "tiny", tiny_t.config, tiny_t.tensors, CARD)
    return tmp_path / "tiny"


def refusal(folder: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(folder)
    message = str(caught.value)
    assert str(folder) in message
    assert "\n" not in message
    return message


def forget_fingerprint(folder: Path) -> None:
    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    (folder / CARD_FILE).write_text(json.dumps(card | {"fingerprint": ""}), encoding="utf-8")


def metadata(config: NetworkConfig) -> dict[str, str]:
    return {"format": "latent-instrument.generator", "version": "1", "config": json.dumps(asdict(config))}


def test_comes_back_as_it_was(folder: Path, tiny_t: Checkpoint) -> None:
    found = load_checkpoint(folder)
    assert found.config == tiny_t.config
    assert found.card == replace(CARD, fingerprint=found.fingerprint)
    assert len(found.fingerprint) == 64
    assert found.tensors.keys() == tiny_t.tensors.keys()
    assert all(torch.equal(found.tensors[name], tensor) for name, tensor in tiny_t.tensors.items())
    assert sorted(path.name for path in folder.iterdir()) == [CARD_FILE, GENERATOR_FILE]


def test_stylegan2_comes_back_as_it_was(tmp_path: Path, tiny_2: Checkpoint) -> None:
    save_checkpoint(tmp_path / "two", tiny_2.config, tiny_2.tensors, CARD)
    found = load_checkpoint(tmp_path / "two")
    assert found.config == tiny_2.config
    assert found.tensors.keys() == tiny_2.tensors.keys()
    assert all(torch.equal(found.tensors[name], tensor) for name, tensor in tiny_2.tensors.items())


def test_files_from_before_there_was_a_choice_are_stylegan3() -> None:
    """And the same network still gives the same file: its checksum ties moods to it."""
    config = NetworkConfig(resolution=64)
    assert architecture_to_dict(config) == asdict(config)
    assert architecture_from_dict(asdict(config)) == architecture_from_dict(
        {"architecture": "stylegan3"} | asdict(config)
    )
    assert architecture_from_dict(asdict(config)) == config


def test_lists_folders_with_a_generator(folder: Path) -> None:
    (folder.parent / "empty").mkdir()
    (folder.parent / "file.pkl").touch()
    assert list_checkpoints(folder.parent) == (folder,)
    assert list_checkpoints(folder / "none") == ()


def test_missing_folder_names_what_is_there(folder: Path) -> None:
    assert "tiny" in refusal(folder.parent / "other")


@pytest.mark.parametrize("length", [0, 4, 8, 100, 5000, -1])
def test_truncated(folder: Path, length: int) -> None:
    path = folder / GENERATOR_FILE
    path.write_bytes(path.read_bytes()[:length])
    assert "fingerprint" in refusal(folder)
    forget_fingerprint(folder)
    assert "damaged" in refusal(folder)


@pytest.mark.parametrize("claim", [1 << 62, 1 << 33, 50_000_000])
def test_header_that_claims_too_much(folder: Path, claim: int) -> None:
    path = folder / GENERATOR_FILE
    path.write_bytes(struct.pack("<Q", claim) + path.read_bytes()[8:])
    forget_fingerprint(folder)
    refusal(folder)


def test_tensor_that_claims_too_much(folder: Path, tiny_t: Checkpoint) -> None:
    header = json.dumps(
        {
            "__metadata__": metadata(tiny_t.config),
            "mapping.w_avg": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 4 << 40]},
        }
    ).encode()
    (folder / GENERATOR_FILE).write_bytes(struct.pack("<Q", len(header)) + header)
    forget_fingerprint(folder)
    refusal(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mapping.w_avg": torch.zeros(3)}, "has shape"),
        ({"mapping.w_avg": torch.full((16,), torch.nan)}, "not finite"),
        ({"mapping.w_avg": torch.full((16,), torch.inf)}, "not finite"),
        ({"mapping.w_avg": torch.zeros(16, dtype=torch.float64)}, "F64"),
        ({"surplus": torch.zeros(1)}, "too many"),
        ({"mapping.w_avg": None}, "missing"),
    ],
)
def test_wrong_tensors(folder: Path, tiny_t: Checkpoint, change: dict[str, Any], said: str) -> None:
    tensors = {name: tensor for name, tensor in {**tiny_t.tensors, **change}.items() if tensor is not None}
    save_file(tensors, folder / GENERATOR_FILE, metadata(tiny_t.config))
    forget_fingerprint(folder)
    assert said in refusal(folder)


@pytest.mark.parametrize(
    "values",
    [
        None,
        {"format": "pt"},
        {"version": "2"},
        {"config": "{"},
        {"config": "[]"},
        {"config": '{"resolution": 64}'},
        {"config": '{"colour": 64}'},
        {"config": '{"architecture": "stylegan4"}'},
        {"config": '{"architecture": ["stylegan3"]}'},
        {"config": '{"architecture": "stylegan2", "resolution": 32}'},
        {"config": '{"architecture": "stylegan2", "num_layers": 14}'},
    ],
)
def test_foreign_safetensors(folder: Path, tiny_t: Checkpoint, values: dict[str, str] | None) -> None:
    about = None if values is None else metadata(tiny_t.config) | values
    save_file(dict(tiny_t.tensors), folder / GENERATOR_FILE, about)
    forget_fingerprint(folder)
    refusal(folder)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"name": 1, "version": 1}', '{"name": "x", "version": 9}', '{"name":"x","version":1,"title":2}'],
)
def test_wrong_card(folder: Path, text: str) -> None:
    (folder / CARD_FILE).write_text(text, encoding="utf-8")
    assert CARD_FILE in refusal(folder)


def test_no_card(folder: Path) -> None:
    (folder / CARD_FILE).unlink()
    assert CARD_FILE in refusal(folder)


def test_saving_refuses_and_leaves_the_old(folder: Path, tiny_t: Checkpoint) -> None:
    before = (folder / GENERATOR_FILE).read_bytes()
    bad = {**tiny_t.tensors, "mapping.w_avg": torch.full((16,), torch.nan)}
    with pytest.raises(CheckpointError, match="not finite"):
        save_checkpoint(folder, tiny_t.config, bad, CARD)
    assert (folder / GENERATOR_FILE).read_bytes() == before


def test_saving_where_one_cannot(tmp_path: Path, tiny_t: Checkpoint) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match="cannot be written"):
        save_checkpoint(tmp_path / "file" / "folder", tiny_t.config, tiny_t.tensors, CARD)
