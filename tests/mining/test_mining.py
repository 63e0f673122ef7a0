from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from instrument.errors import MiningError
from instrument.generator.protocol import Generator
from instrument.mapping.mining_report import REPORT_FILE, REPORT_KIND
from instrument.mapping.moods import load_moods
from instrument.mining import mining
from instrument.mining.files import MOODS_FILE, write_mined
from instrument.mining.latents import Studio
from instrument.mining.mining import STATE_FILE, Mined, Mining
from instrument.mining.ranking import worth
from instrument.mining.work import Work
from tests.mining.conftest import FINGERPRINT, PROMPTS, ColourScorer

Mine = Callable[..., Mining]


def finished(mining: Mining) -> Mined:
    while not mining.is_done:
        mining.next_step()
    return mining.result()


def assert_same(one: Mined, other: Mined) -> None:
    for name in ("centroids", "basis"):
        np.testing.assert_array_equal(getattr(one.moods, name), getattr(other.moods, name))
    np.testing.assert_array_equal(one.anchors, other.anchors)
    np.testing.assert_array_equal(one.scores, other.scores)
    assert one.report == other.report


@pytest.fixture(scope="session")
def mined(mine: Mine) -> Mined:
    return finished(mine())


def test_the_score_that_is_stored_is_that_of_the_latent_that_is_stored(mined: Mined, generator: Generator) -> None:
    studio = Studio(generator, ColourScorer(), PROMPTS)
    for anchors, scores in zip(mined.anchors, mined.scores, strict=True):
        np.testing.assert_array_equal(studio.judge(anchors), scores)


def test_the_anchors_of_a_mood_are_sorted_and_better_than_a_draw(mined: Mined, generator: Generator) -> None:
    studio = Studio(generator, ColourScorer(), PROMPTS)
    usual = worth(studio.judge(studio.draw(60, np.random.default_rng(0))))
    for mood, scores in enumerate(mined.scores):
        own = worth(scores)[:, mood]
        assert (np.diff(own) <= 0.0).all()
        assert np.median(own) > np.quantile(usual[:, mood], 0.8)


def test_climbing_helps(mine: Mine, work: Work, mined: Mined) -> None:
    without = finished(mine(replace(work, climbs=0)))
    for mood in range(len(PROMPTS)):
        assert worth(mined.scores[mood])[:, mood].mean() > worth(without.scores[mood])[:, mood].mean()


def test_fresh_pictures_of_a_mood_are_its_own(mined: Mined) -> None:
    assert mined.report.worst_agreement >= 0.9, mined.report


@pytest.mark.parametrize("cut", [1, 4, 6, 9, 12, 17])
def test_a_run_that_was_cut_ends_like_one_that_was_not(mine: Mine, mined: Mined, tmp_path: Path, cut: int) -> None:
    first = mine()
    for _ in range(cut):
        first.next_step()
    first.save(tmp_path)
    second = mine()
    assert second.resume(tmp_path)
    assert second.steps_done == cut
    assert_same(finished(second), mined)


def test_regions_nearly_as_good_are_taken_for_their_even_ways(
    mine: Mine, mined: Mined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mining, "EVENED", 0)
    as_they_come = finished(mine())
    before, after = (max(path.largest_step for path in some.report.paths) for some in (as_they_come, mined))
    assert after < before
    np.testing.assert_array_equal(as_they_come.anchors, mined.anchors)


def test_another_seed_is_another_run(mine: Mine, work: Work, mined: Mined) -> None:
    assert (finished(mine(replace(work, seed=6))).anchors != mined.anchors).any()


@pytest.mark.parametrize("change", ["seed", "samples", "fingerprint", "damage", "nothing"])
def test_what_is_not_the_same_work_is_begun_anew(mine: Mine, work: Work, tmp_path: Path, change: str) -> None:
    begun = mine()
    begun.next_step()
    begun.save(tmp_path)
    others = {
        "seed": lambda: mine(replace(work, seed=9)),
        "samples": lambda: mine(replace(work, samples=121)),
        "fingerprint": lambda: mine(work, "cd" * 32),
    }
    if change == "damage":
        path = tmp_path / STATE_FILE
        path.write_bytes(path.read_bytes()[:200])
    other = others.get(change, mine)()
    assert other.resume(tmp_path) is (change == "nothing")
    assert other.steps_done == (change == "nothing")


def test_there_is_no_result_before_the_end(mine: Mine) -> None:
    mining = mine()
    mining.next_step()
    with pytest.raises(MiningError, match="stands at step 1 of"):
        mining.result()


def test_what_is_written_can_be_played_and_read(mined: Mined, work: Work, tmp_path: Path, mine: Mine) -> None:
    mine().save(tmp_path)
    write_mined(tmp_path, mined, work, ColourScorer())
    moods = load_moods(tmp_path / MOODS_FILE, FINGERPRINT, 8)
    np.testing.assert_array_equal(moods.centroids, mined.moods.centroids)
    assert moods.prompts == PROMPTS
    fields = REPORT_KIND.read(tmp_path / REPORT_FILE)
    assert fields["checkpoint_fingerprint"] == FINGERPRINT
    assert fields["scorer"] == "colours"
    assert [mood["agreement"] for mood in fields["moods"]] == [mood.agreement for mood in mined.report.moods]
    assert sorted(path.name for path in tmp_path.iterdir()) == [REPORT_FILE, MOODS_FILE]


def test_a_dozen_moods(mine: Mine, generator: Generator) -> None:
    class TwelveHues(ColourScorer):
        identity = "hues"

        def compare(self, light: np.ndarray, prompts: tuple[str, ...]) -> np.ndarray:
            angle = np.arctan2(3**0.5 * (light[:, 1] - light[:, 2]), 2 * light[:, 0] - light[:, 1] - light[:, 2])
            return np.cos(angle[:, None] - np.linspace(0, 2 * np.pi, len(prompts), endpoint=False)).astype(np.float32)

    names = tuple(f"hue {index}" for index in range(12))
    work = Work(names, names, samples=50, kept=8, climbers=2, climbs=1, held_out=5)
    mined = finished(Mining(generator, FINGERPRINT, TwelveHues(), work))
    assert mined.moods.centroids.shape == (12, 8)
    assert len(mined.report.paths) == 66
