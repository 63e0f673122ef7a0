"""Filter banks and band edges, made once at start: the only place that asks librosa, and never while playing."""

import logging
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from instrument.disk.atomic import write_atomic
from instrument.errors import AudioError
from instrument.settings import cache_folder

LOG = logging.getLogger(__name__)
Filters = dict[str, npt.NDArray[np.floating]]
LAYOUT = 1
"""Changes when what is kept on disk changes its meaning."""
FILTERS = ("hann", "mel", "chroma")
MINIMUM_SAMPLE_RATE = 8000
MEL_BANDS = 128
CONTRAST_FLOOR_HZ = 200.0
"""Upper edge of the lowest contrast band; each further band is an octave."""
CONTRAST_OCTAVES = 6
CONTRAST_QUANTILE = 0.02
"""Share of a band's bins that make its peak, and its valley."""


@dataclass(frozen=True, slots=True)
class MelBank:
    """A mel filter bank without its zeros (99 % of it): the products of one band lie side by side.

    `columns` ``(entries,)`` are the spectrum bins, `weights` ``(entries,)`` their weights and `starts`
    ``(MEL_BANDS,)`` the first entry of each band. Band energies are sums over the runs, which needs no matrix
    product and so never wakes the threads of a BLAS.
    """

    columns: npt.NDArray[np.intp]
    weights: npt.NDArray[np.float32]
    starts: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class ContrastBands:
    """The octave bands of spectral contrast, lowest (0 to 200 Hz) left out.

    `bins` ``(entries,)`` lists the spectrum bins of all bands one after the other, `slices` where each band lies
    in that list. `counts` is how many bins make the valley of each band, and the peak; `cuts` ``(3 * bands,)`` cuts
    each band into valley, middle and peak once it is sorted.
    """

    bins: npt.NDArray[np.intp]
    slices: tuple[slice, ...]
    cuts: npt.NDArray[np.intp]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Banks:
    """Everything the descriptors of one sample rate and window need.

    `hann` is ``(window_size,)`` and periodic, `chroma` ``(12, bins)``.
    """

    hann: npt.NDArray[np.float64]
    mel: MelBank
    chroma: npt.NDArray[np.float32]
    contrast: ContrastBands


def make_banks(sample_rate: int, window_size: int) -> Banks:
    """The banks of a sample rate in Hz.

    librosa designs them; what it designed is kept on disk, since importing it takes a second of every start.

    Above 96 kHz some mel bands are narrower than a bin and stay empty, as in librosa: they never add to onset
    strength. At 12.8 kHz and below the octaves that would begin above Nyquist are left out of contrast.

    Raises
    ------
    AudioError
        If the rate is below 8 kHz, or the window too short to resolve the contrast bands.
    """
    if sample_rate < MINIMUM_SAMPLE_RATE:
        raise AudioError(f"a sample rate of {sample_rate} Hz is too low to listen to; {MINIMUM_SAMPLE_RATE} or more")
    if sample_rate / window_size > CONTRAST_FLOOR_HZ:
        raise AudioError(f"a window of {window_size} samples is too short at {sample_rate} Hz")
    path = cache_folder() / f"banks-{LAYOUT}-librosa-{version('librosa')}-{sample_rate}-{window_size}.safetensors"
    filters = shipped_filters(sample_rate, window_size) or _read_filters(path, window_size)
    if filters is None:
        filters = ask_librosa(sample_rate, window_size)
        _write_filters(path, filters)
    return Banks(
        hann=filters["hann"].astype(np.float64),
        mel=make_sparse(filters["mel"]),
        chroma=filters["chroma"],
        contrast=make_contrast_bands(sample_rate, window_size),
    )


def shipped_path(sample_rate: int, window_size: int) -> Path:
    """Where the filters of the usual rates and window are, so that a first start does not wait ten seconds for librosa
    to compile itself."""
    return Path(__file__).with_name(f"filters-{sample_rate}-{window_size}.npz")


def shipped_filters(sample_rate: int, window_size: int) -> Filters | None:
    """What ships, or None where this rate and window do not, or it is of another librosa."""
    try:
        with np.load(shipped_path(sample_rate, window_size), allow_pickle=False) as stored:
            filters: Filters = {name: stored[name] for name in FILTERS}
            return filters if str(stored["librosa"]) == version("librosa") else None
    except (OSError, ValueError, KeyError):
        return None


def ask_librosa(sample_rate: int, window_size: int) -> Filters:
    """The filters as librosa designs them; slow to import."""
    import librosa.filters

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Empty filters detected", UserWarning)
        mel = librosa.filters.mel(sr=sample_rate, n_fft=window_size, n_mels=MEL_BANDS, fmax=0.5 * sample_rate)
    chroma = librosa.filters.chroma(sr=sample_rate, n_fft=window_size, tuning=0.0)
    return {"hann": librosa.filters.get_window("hann", window_size), "mel": mel, "chroma": chroma}


def _read_filters(path: Path, window_size: int) -> Filters | None:
    """What an earlier start kept, or None if there is nothing usable."""
    bins = window_size // 2 + 1
    shapes = {"hann": (window_size,), "mel": (MEL_BANDS, bins), "chroma": (12, bins)}
    try:
        filters: Filters = load(path.read_bytes())
    except (OSError, SafetensorError):
        return None
    if {name: filter_.shape for name, filter_ in filters.items()} != shapes:
        return None
    return filters if all(np.isfinite(filter_).all() for filter_ in filters.values()) else None


def _write_filters(path: Path, filters: Filters) -> None:
    """Keep them for the next start; a folder that cannot be written only costs that start a second."""
    try:
        write_atomic(path, save(filters))
    except OSError:
        LOG.info("filter banks cannot be kept in %s", path.parent)


def make_sparse(mel: npt.NDArray[np.float32]) -> MelBank:
    """Keep what is not zero of a ``(bands, bins)`` bank; an empty band keeps one zero, since a run needs an entry.

    >>> make_sparse(np.array([[0.0, 2.0, 1.0], [0.0, 0.0, 0.0]], np.float32)).starts
    array([0, 2])
    """
    kept = mel != 0.0
    kept[~kept.any(axis=1), 0] = True
    bands, columns = np.nonzero(kept)
    return MelBank(columns, np.ascontiguousarray(mel[kept]), np.searchsorted(bands, np.arange(len(mel))))


def contrast_edges_hz(sample_rate: int) -> npt.NDArray[np.float64]:
    """Edges of the octaves whose lower edge is below Nyquist, ``(bands + 1,)`` Hz.

    >>> contrast_edges_hz(8000)
    array([ 200.,  400.,  800., 1600., 3200., 6400.])
    """
    edges_hz = np.ldexp(CONTRAST_FLOOR_HZ, np.arange(CONTRAST_OCTAVES + 1))
    usable = int(np.count_nonzero(edges_hz[:-1] < 0.5 * sample_rate))
    return edges_hz[: usable + 1]


def make_contrast_bands(sample_rate: int, window_size: int) -> ContrastBands:
    """The bins of each octave as ``librosa.feature.spectral_contrast`` takes them.

    A band begins one bin below its lower edge; all but the last end one bin early, and the last goes on to
    Nyquist. The method is that of Jiang et al., "Music type classification by spectral contrast feature" (2002).
    """
    frequencies_hz = np.fft.rfftfreq(window_size, 1.0 / sample_rate)
    edges_hz = contrast_edges_hz(sample_rate)
    bands = []
    counts = []
    for low_hz, high_hz in pairwise(edges_hz):
        inside = np.flatnonzero((frequencies_hz >= low_hz) & (frequencies_hz <= high_hz))
        last = high_hz == edges_hz[-1]
        band = np.arange(inside[0] - 1, len(frequencies_hz) if last else inside[-1] + 1)
        counts.append(max(int(np.rint(CONTRAST_QUANTILE * len(band))), 1))
        bands.append(band if last else band[:-1])
    ends = np.cumsum([len(band) for band in bands])
    starts = ends - [len(band) for band in bands]
    return ContrastBands(
        bins=np.concatenate(bands),
        slices=tuple(slice(int(start), int(end)) for start, end in zip(starts, ends, strict=True)),
        cuts=np.stack([starts, starts + counts, ends - counts], axis=1).ravel(),
        counts=tuple(counts),
    )
