"""Recorders get one rate and one number of channels, whatever is heard."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.audio.source import AudioBlock
from instrument.engine.tap import AudioTap, match_channels


@settings(max_examples=20, deadline=None)
@given(
    source_rate=st.sampled_from([8_000, 44_100, 48_000, 96_000]),
    channels=st.integers(1, 8),
    size=st.integers(100, 3000),
)
def test_length_and_pitch_survive(source_rate: int, channels: int, size: int) -> None:
    tap = AudioTap(48_000, 2)
    seconds = 1.0
    tone = np.sin(2 * np.pi * 440.0 * np.arange(int(seconds * source_rate)) / source_rate).astype(np.float32)
    sound = np.repeat(tone[:, None], channels, axis=1)
    parts = []
    for start in range(0, len(sound), size):
        part = sound[start : start + size]
        parts.append(tap.process(AudioBlock(part, (start + len(part)) / source_rate), source_rate))
    heard = np.concatenate([part.samples for part in parts])
    assert len(heard) / 48_000 == pytest.approx(parts[-1].capture_time_s, abs=1e-6)
    assert heard.shape[1] == 2
    assert 0.75 < parts[-1].capture_time_s < 1.01
    spectrum = np.abs(np.fft.rfft(heard[:, 0] * np.hanning(len(heard))))
    assert np.argmax(spectrum) * 48_000 / len(heard) == pytest.approx(440.0, abs=3.0)


def test_the_same_form_passes_untouched() -> None:
    block = AudioBlock(np.ones((7, 2), np.float32), 0.0)
    assert AudioTap(48_000, 2).process(block, 48_000).samples is block.samples


def test_mono_fills_all_channels_and_many_become_their_mean() -> None:
    assert match_channels(np.array([[0.5]], np.float32), 3).tolist() == [[0.5, 0.5, 0.5]]
    assert match_channels(np.array([[0.0, 1.0, 0.5, 0.5]], np.float32), 2).tolist() == [[0.5, 0.5]]
