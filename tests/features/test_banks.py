"""The banks say the same as librosa's, without the zeros."""

from pathlib import Path

import librosa
import numpy as np
import pytest

from instrument.errors import AudioError
from instrument.features.banks import (
    MEL_BANDS,
    ask_librosa,
    contrast_edges_hz,
    make_banks,
    make_contrast_bands,
    shipped_filters,
)
from instrument.features.descriptors import SpectralContrast
from instrument.tools.ship_filters import RATES, WINDOW_SIZE


@pytest.mark.filterwarnings("ignore:Empty filters detected")
@pytest.mark.parametrize("sample_rate", [8000, 44100, 48000, 192000])
def test_sparse_mel_equals_dense(sample_rate: int) -> None:
    bank = make_banks(sample_rate, 2048).mel
    power = np.random.default_rng(0).random(1025, np.float32)
    sparse = np.add.reduceat(power[bank.columns] * bank.weights, bank.starts)
    dense = librosa.filters.mel(sr=sample_rate, n_fft=2048) @ power
    assert sparse.shape == (MEL_BANDS,)
    np.testing.assert_allclose(sparse, dense, rtol=1e-6)


@pytest.mark.parametrize(("sample_rate", "bands"), [(8000, 5), (12800, 5), (12801, 6), (48000, 6), (192000, 6)])
def test_bands_above_nyquist_are_left_out(sample_rate: int, bands: int) -> None:
    assert len(contrast_edges_hz(sample_rate)) == bands + 1
    contrast = make_contrast_bands(sample_rate, 2048)
    assert len(contrast.slices) == len(contrast.counts) == bands
    assert contrast.bins.max() == 1024


@pytest.mark.parametrize("sample_rate", [8000, 25600, 44100, 192000])
def test_each_contrast_band_is_librosas(sample_rate: int) -> None:
    """25.6 kHz puts bins exactly on the edges, where neighbouring bands share one."""
    magnitude = np.random.default_rng(2).random(1025, np.float32) ** 4
    bands = make_contrast_bands(sample_rate, 2048)
    octaves = len(bands.slices)
    theirs = librosa.feature.spectral_contrast(S=magnitude[:, np.newaxis], sr=sample_rate, n_bands=octaves)
    np.testing.assert_allclose(SpectralContrast(bands).process(magnitude), theirs[1:, 0], atol=1e-5)


def test_a_window_too_short_for_the_bands_is_refused() -> None:
    with pytest.raises(AudioError, match="too short"):
        make_banks(192000, 512)


def test_kept_banks_are_the_designed_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path / "cache"))
    designed, kept = make_banks(32_000, 2048), make_banks(32_000, 2048)
    assert len(list((tmp_path / "cache").glob("banks-*.safetensors"))) == 1
    for array in ("hann", "chroma"):
        np.testing.assert_array_equal(getattr(kept, array), getattr(designed, array))
    np.testing.assert_array_equal(kept.mel.weights, designed.mel.weights)
    np.testing.assert_array_equal(kept.mel.columns, designed.mel.columns)


@pytest.mark.parametrize("rubbish", [b"", b"PK\x03\x04 not a zip", bytes(1000)])
def test_rubbish_in_the_cache_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rubbish: bytes) -> None:
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path))
    designed = make_banks(32_000, 2048)
    (kept,) = tmp_path.glob("banks-*.safetensors")
    kept.write_bytes(rubbish)
    np.testing.assert_array_equal(make_banks(32_000, 2048).chroma, designed.chroma)
    assert kept.stat().st_size > 100_000


def test_a_cache_that_cannot_be_written_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path / "file"))
    assert make_banks(32_000, 2048).mel.weights.size > 0


@pytest.mark.parametrize("sample_rate", RATES)
def test_what_ships_is_what_librosa_designs(sample_rate: int) -> None:
    """After another librosa: python -m instrument.tools.ship_filters."""
    shipped = shipped_filters(sample_rate, WINDOW_SIZE)
    assert shipped is not None
    for name, filter_ in ask_librosa(sample_rate, WINDOW_SIZE).items():
        np.testing.assert_array_equal(shipped[name], filter_)
        assert shipped[name].dtype == filter_.dtype


def test_other_rates_are_designed() -> None:
    assert shipped_filters(22_050, WINDOW_SIZE) is None
    assert shipped_filters(48_000, 1024) is None
