"""The moods of a checkpoint: where each lies in W, and the directions in which it can vary."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError, ParameterError, candidates
from instrument.mapping.tensor_file import Float32Array, TensorFile, encode_list, read_tensor_file, write_tensor_file
from instrument.params.table import build_table

FORMAT = "latent-instrument/moods"
VERSION = 1
FEWEST, MOST = 2, 12


@dataclass(frozen=True, slots=True, eq=False)
class MoodSet:
    """K moods in the W of one generator. Arrays are kept as read-only copies.

    `prompts` are the words each mood was mined with (empty for one made by hand). `centroids` ``(K, w_dim)`` and
    `basis` ``(K, w_dim, d)`` are float32; a coordinate runs from -1 to 1, so a basis vector is as long as the mood
    is wide in that direction. `fingerprint` is that of the generator they were mined on (`fingerprint_of`).

    Raises
    ------
    CheckpointError
        If the parts do not fit together, or two names would share a parameter.
    """

    names: tuple[str, ...]
    prompts: tuple[str, ...]
    centroids: Float32Array
    basis: Float32Array
    fingerprint: str
    _directions: Float32Array = field(init=False, repr=False)
    """The basis as rows ``(K * d, w_dim)``: one matrix product a call."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "centroids", _frozen(self.centroids))
        object.__setattr__(self, "basis", _frozen(self.basis))
        check_names(self.names, self.prompts)
        _check_arrays(len(self.names), self.centroids, self.basis)
        if not re.fullmatch(r"[0-9a-f]{64}", self.fingerprint):
            raise CheckpointError("the fingerprint of the moods is no sha256 in hex")
        rows = self.basis.transpose(0, 2, 1).reshape(-1, self.w_dim)
        object.__setattr__(self, "_directions", _frozen(rows))

    @property
    def w_dim(self) -> int:
        """Size of `w`."""
        return int(self.centroids.shape[1])

    @property
    def dimension(self) -> int:
        """Coordinates inside a mood: d."""
        return int(self.basis.shape[2])

    @property
    def key(self) -> str:
        """Short name of this generator with these moods, for files that belong to both: moods that are mined anew keep
        the generator's fingerprint."""
        own = hashlib.sha256(repr((self.names, self.dimension)).encode()).hexdigest()
        return f"{self.fingerprint[:16]}-{own[:8]}"

    def target(self, weights: npt.NDArray[np.floating], coords: npt.NDArray[np.floating]) -> Float32Array:
        """Latent of a mix: ``sum_k p_k * (centroid_k + basis_k @ coords_k)``, ``(w_dim,)`` float32.

        `weights` ``(K,)`` sum to 1; `coords` ``(K, d)`` lie in ``[-1, 1]``.
        """
        shares = np.asarray(weights, dtype=np.float32)
        inside = (shares[:, None] * coords).astype(np.float32, copy=False).reshape(-1)
        latent: Float32Array = shares @ self.centroids + inside @ self._directions
        return latent


def fingerprint_of(path: Path) -> str:
    """Sha256 of a generator file in hex: moods belong to one set of weights only. Raises CheckpointError."""
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}") from error


def save_moods(path: Path, moods: MoodSet, beside: Mapping[str, Float32Array] | None = None) -> None:
    """Write `moods` to `path`, and arrays that whoever made them keeps `beside` them and playing does not need.

    Raises CheckpointError, leaving what was there.
    """
    words = {
        "names": encode_list(moods.names),
        "prompts": encode_list(moods.prompts),
        "fingerprint": moods.fingerprint,
    }
    tensors = {**(beside or {}), "centroids": moods.centroids, "basis": moods.basis}
    write_tensor_file(path, FORMAT, VERSION, tensors, words)


def load_moods(path: Path, fingerprint: str, w_dim: int) -> MoodSet:
    """Read the moods of the generator that has this `fingerprint` and `w_dim`.

    Raises
    ------
    CheckpointError
        If the file is missing, damaged, of another kind, or belongs to another generator.
    """
    stored = read_tensor_file(path, FORMAT, VERSION)
    try:
        moods = _moods_of(stored)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    if moods.w_dim != w_dim:
        raise CheckpointError(f"{path} is for a w of {moods.w_dim} numbers, the generator has {w_dim}: mine again")
    if moods.fingerprint != fingerprint:
        raise CheckpointError(f"{path} was mined on another generator than this one: mine again")
    return moods


def mood_names(path: Path) -> tuple[str, ...]:
    """What the moods in a file are called, whichever generator they belong to. Raises CheckpointError."""
    return read_tensor_file(path, FORMAT, VERSION).word_list("names")


def _moods_of(stored: TensorFile) -> MoodSet:
    return MoodSet(
        names=stored.word_list("names"),
        prompts=stored.word_list("prompts"),
        centroids=stored.tensor("centroids", 2),
        basis=stored.tensor("basis", 3),
        fingerprint=stored.word("fingerprint"),
    )


def check_names(names: tuple[str, ...], prompts: tuple[str, ...]) -> None:
    """Raise CheckpointError unless these can be the names of moods."""
    if not FEWEST <= len(names) <= MOST:
        raise CheckpointError(f"{len(names)} moods ({candidates(names)}); there must be {FEWEST} to {MOST}")
    if any(not name.strip() or "\n" in name for name in names):
        raise CheckpointError("a mood has no name, or one of several lines")
    if len(prompts) != len(names):
        raise CheckpointError(f"{len(prompts)} prompts for {len(names)} moods")
    try:
        build_table(names)
    except ParameterError as error:
        raise CheckpointError(f"two moods are called alike: {candidates(names)}") from error


def _check_arrays(count: int, centroids: Float32Array, basis: Float32Array) -> None:
    if centroids.ndim != 2 or centroids.shape[0] != count or centroids.shape[1] < 1:
        raise CheckpointError(f"centroids are {centroids.shape}, not ({count}, w_dim)")
    if basis.ndim != 3 or basis.shape[:2] != centroids.shape or basis.shape[2] < 1:
        raise CheckpointError(f"the basis is {basis.shape}, not ({count}, {centroids.shape[1]}, d)")
    if not (np.isfinite(centroids).all() and np.isfinite(basis).all()):
        raise CheckpointError("the moods hold numbers that are not finite")


def _frozen(array: npt.NDArray[np.floating]) -> Float32Array:
    copy = np.array(array, dtype=np.float32, order="C")
    copy.setflags(write=False)
    return copy
