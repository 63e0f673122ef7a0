"""The sound check: where noise ends, and which ranges the music has."""

import numpy as np
import pytest

from instrument.features.corpus import CORPUS
from instrument.features.levels import GATE_DB
from instrument.features.room import CHECK_S, HIGHEST_GATE_DB, Room, SoundCheck, believable, room_gate_db
from instrument.features.vector import FeatureVector
from instrument.units import db_to_amplitude

HOP_S = 0.02
HOPS = round(CHECK_S / HOP_S)
RANGES = tuple((corpus.domain(corpus.low), corpus.domain(corpus.high)) for corpus in CORPUS)


def levels(*parts: tuple[float, float]) -> np.ndarray:
    """Levels of (seconds, mean dB) in turn, each wandering by 2 dB."""
    rng = np.random.default_rng(0)
    return np.concatenate([rng.uniform(-2.0, 2.0, round(seconds / HOP_S)) + mean_db for seconds, mean_db in parts])


@pytest.mark.parametrize(
    ("parts", "lowest_db", "highest_db"),
    [
        # music with a pause: between the noise and the music
        (((20.0, -20.0), (3.0, -55.0), (7.0, -18.0)), -52.0, -40.0),
        # music without a pause: out of its reach
        (((30.0, -18.0),), -42.0, -34.0),
        # no music: above the noise
        (((30.0, -52.0),), -49.0, -42.0),
        # a digital pause leaves the usual gate
        (((20.0, -20.0), (10.0, -118.0)), GATE_DB, GATE_DB),
        # a very loud room is still not music
        (((30.0, -43.0),), -38.0, HIGHEST_GATE_DB),
    ],
)
def test_the_gate_is_between_noise_and_music(
    parts: tuple[tuple[float, float], ...], lowest_db: float, highest_db: float
) -> None:
    assert lowest_db <= room_gate_db(levels(*parts), HOP_S) <= highest_db


def check_of(levels_db: np.ndarray, gain_db: float) -> SoundCheck:
    check = SoundCheck(HOP_S)
    rng = np.random.default_rng(1)
    for level_db in levels_db:
        vector = FeatureVector(
            float(rng.uniform(16.0, 24.0)), 1e-3, 1.0, 0.03, 0.05, db_to_amplitude(level_db + gain_db), 0.0, 0
        )
        check.listen(vector, gain_db)
    return check


@pytest.mark.parametrize("gain_db", [0.0, 12.0])
def test_ranges_are_those_of_the_music_whatever_the_hands_gain(gain_db: float) -> None:
    check = check_of(levels((20.0, -20.0), (10.0, -70.0)), gain_db)
    assert check.progress == 1.0
    room = check.room(0.0, gain_db)
    assert believable(room)
    assert room.ranges[0] == pytest.approx((16.4, 23.6), abs=0.3)
    assert room.ranges[-1] == pytest.approx((-21.8, -18.2), abs=0.3)


def test_without_music_there_are_no_ranges() -> None:
    assert check_of(levels((30.0, -55.0)), 0.0).room(0.0, 0.0).ranges == ()


def test_progress_grows_to_one() -> None:
    check = check_of(levels((7.5, -20.0)), 0.0)
    assert check.progress == pytest.approx(0.25)


@pytest.mark.parametrize(
    "room",
    [
        Room(-61.0, 0.0, ()),
        Room(-29.0, 0.0, ()),
        Room(-50.0, 0.0, RANGES[:3]),
        Room(-50.0, 0.0, (*RANGES[:-1], (-10.0, -20.0))),
        Room(-50.0, 0.0, (*RANGES[:-1], (-10.0, 1e6))),
        Room(float("nan"), 0.0, ()),
    ],
)
def test_what_no_check_can_have_found_is_not_believed(room: Room) -> None:
    assert not believable(room)


def test_ranges_of_the_corpus_are_believed() -> None:
    assert believable(Room(-50.0, 3.0, RANGES))
