import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.audio.playback import CUSHION_S, FLOOD_BLOCKS, WATCH_S, CushionKeeper, Playback
from instrument.audio.ring import RingShape, SharedRing

RATE, SIZE, TONE_HZ = 48000, 480, 137
CUSHION = round(CUSHION_S * RATE / SIZE)
WINDOW = round(WATCH_S * RATE / SIZE)


@pytest.fixture
def ring():
    made = SharedRing.create(RingShape(slots=32, block_size=SIZE, channels=2, sample_rate=RATE))
    yield made
    made.close()


class Deck:
    """Writes a sine into the ring, block by block, and collects what is played."""

    def __init__(self, ring):
        self.ring = ring
        self.playback = Playback(ring)
        self.written = 0
        self.played = []

    def write(self):
        index = np.arange(self.written * SIZE, (self.written + 1) * SIZE)
        sine = np.sin(2 * np.pi * TONE_HZ * index / RATE).astype(np.float32)
        self.ring.write(np.stack([sine, sine], axis=1), 0.0)
        self.written += 1

    def play(self):
        out = np.full((SIZE, 2), 9.0, np.float32)
        self.playback.fill(out)
        self.played.append(out)

    def sound(self):
        return np.concatenate(self.played)[:, 0]


def test_it_waits_for_its_cushion_then_plays_everything(ring):
    deck = Deck(ring)
    for _ in range(CUSHION - 1):
        deck.write()
    deck.play()
    assert not deck.sound().any()
    for _ in range(20):
        deck.write()
        deck.play()
    expected = np.sin(2 * np.pi * TONE_HZ * np.arange(20 * SIZE) / RATE)
    assert np.allclose(deck.sound()[SIZE:], expected, atol=1e-6)


def test_running_dry_is_silence_and_then_a_new_cushion(ring):
    deck = Deck(ring)
    for _ in range(CUSHION):
        deck.write()
    for _ in range(CUSHION + 1):
        deck.play()
    assert not deck.played[-1].any()
    deck.write()
    deck.play()
    assert not deck.played[-1].any()
    for _ in range(CUSHION - 1):
        deck.write()
    deck.play()
    assert deck.played[-1].any()


def test_more_channels_than_two_stay_silent(ring):
    deck = Deck(ring)
    for _ in range(CUSHION):
        deck.write()
    out = np.full((SIZE, 6), 9.0, np.float32)
    deck.playback.fill(out)
    assert out[:, :2].any()
    assert not out[:, 2:].any()


def test_a_burst_is_cut_to_the_cushion(ring):
    deck = Deck(ring)
    for _ in range(CUSHION + FLOOD_BLOCKS + 3):
        deck.write()
    deck.play()
    left = 0
    while deck.played[-1].any():
        deck.play()
        left += 1
    assert left == CUSHION


@pytest.mark.parametrize("writes_per_play", [1.004, 0.996])
def test_drift_is_taken_up_without_a_click_or_a_gap(ring, writes_per_play):
    """Eighty times the drift of real clocks, for 40 s."""
    deck = Deck(ring)
    for _ in range(CUSHION + 1):
        deck.write()
    owed = 0.0
    for _ in range(20 * WINDOW):
        owed += writes_per_play
        while owed >= 1.0:
            deck.write()
            owed -= 1.0
        deck.play()
    sound = deck.sound()
    assert abs(deck.written - len(deck.played)) > 10
    assert np.abs(np.diff(sound)).max() < 1.5 * 2 * np.pi * TONE_HZ / RATE
    assert all(np.abs(block).max() > 0.1 for block in deck.played)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=300))
def test_corrections_are_rare_and_follow_the_lowest_fill(fills):
    keeper = CushionKeeper(cushion=4, window=50)
    for start in range(0, len(fills), 50):
        window = fills[start : start + 50]
        answers = [keeper.process(fill) for fill in window]
        assert not any(answers[:49])
        if len(window) == 50:
            lowest = min(window)
            assert answers[49] == (-1 if lowest > 4 else 1 if lowest < 4 else 0)
