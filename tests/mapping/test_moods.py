import contextlib
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from instrument.errors import CheckpointError
from instrument.mapping.moods import FORMAT, MOST, MoodSet, fingerprint_of, load_moods, save_moods
from instrument.mapping.tensor_file import write_tensor_file


def test_what_is_saved_is_loaded(moods: MoodSet, tmp_path: Path) -> None:
    path = tmp_path / "moods.safetensors"
    save_moods(path, moods)
    loaded = load_moods(path, moods.fingerprint, moods.w_dim)
    assert (loaded.names, loaded.prompts, loaded.fingerprint) == (moods.names, moods.prompts, moods.fingerprint)
    np.testing.assert_array_equal(loaded.centroids, moods.centroids)
    np.testing.assert_array_equal(loaded.basis, moods.basis)
    assert loaded.basis.dtype == np.float32
    assert [entry.name for entry in tmp_path.iterdir()] == ["moods.safetensors"]


@pytest.mark.parametrize("mood", range(3))
def test_one_mood_alone_is_its_centroid_and_moves_along_its_basis(moods: MoodSet, mood: int) -> None:
    weights = np.eye(3)[mood]
    coords = np.zeros((3, moods.dimension))
    np.testing.assert_array_equal(moods.target(weights, coords), moods.centroids[mood])
    coords[:] = 0.25
    coords[mood] = [1.0, -0.5, 0.0, 0.2]
    expected = moods.centroids[mood] + moods.basis[mood] @ coords[mood]
    np.testing.assert_allclose(moods.target(weights, coords), expected, rtol=1e-5, atol=1e-5)


@given(
    seed=st.integers(0, 2**32 - 1), count=st.integers(2, MOST), w_dim=st.integers(1, 20), dimension=st.integers(1, 9)
)
def test_the_target_is_the_formula_of_the_design(seed: int, count: int, w_dim: int, dimension: int) -> None:
    rng = np.random.default_rng(seed)
    names = tuple(f"mood {index}" for index in range(count))
    centroids = rng.standard_normal((count, w_dim))
    basis = rng.standard_normal((count, w_dim, dimension))
    weights, coords = rng.dirichlet(np.ones(count)), rng.uniform(-1, 1, (count, dimension))
    expected = sum(weights[k] * (centroids[k] + basis[k] @ coords[k]) for k in range(count))
    moods = MoodSet(names, names, centroids, basis, "0" * 64)
    result = moods.target(weights, coords)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, atol=1e-4)


def test_its_arrays_cannot_be_changed_from_outside(moods: MoodSet) -> None:
    own = np.zeros((2, 3), dtype=np.float32)
    made = MoodSet(("A", "B"), ("", ""), own, np.zeros((2, 3, 1)), "0" * 64)
    own[:] = 7.0
    assert not made.centroids.any()
    with pytest.raises(ValueError, match="read-only"):
        moods.centroids[0, 0] = 1.0


BROKEN = {
    "too few": {"names": ("One",), "prompts": ("",)},
    "too many": {"names": tuple("abcdefghijklm"), "prompts": ("",) * 13},
    "nameless": {"names": ("A", "B", " ")},
    "of two lines": {"names": ("A", "B", "C\nD")},
    "called alike": {"names": ("Deep Sea", "deep  sea", "Calm")},
    "prompts missing": {"prompts": ("fire",)},
    "too few centroids": {"centroids": np.zeros((2, 16))},
    "flat centroids": {"centroids": np.zeros(16)},
    "basis of another w": {"basis": np.zeros((3, 15, 4))},
    "empty basis": {"basis": np.zeros((3, 16, 0))},
    "not finite": {"centroids": np.full((3, 16), np.nan)},
    "no fingerprint": {"fingerprint": "ABC"},
}


@pytest.mark.parametrize("case", BROKEN)
def test_parts_that_do_not_fit_are_refused(moods: MoodSet, case: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        replace(moods, **BROKEN[case])
    assert "\n" not in str(caught.value)


def test_moods_of_another_generator_are_refused(moods: MoodSet, tmp_path: Path) -> None:
    path = tmp_path / "moods.safetensors"
    save_moods(path, moods)
    with pytest.raises(CheckpointError, match="another generator"):
        load_moods(path, "cd" * 32, moods.w_dim)
    with pytest.raises(CheckpointError, match="a w of 16 numbers, the generator has 512"):
        load_moods(path, moods.fingerprint, 512)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_a_file_cut_short_is_refused_in_one_line(moods: MoodSet, tmp_path: Path, share: float) -> None:
    path = tmp_path / "moods.safetensors"
    save_moods(path, moods)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(CheckpointError, match="damaged") as caught:
        load_moods(path, moods.fingerprint, moods.w_dim)
    assert "\n" not in str(caught.value)


@given(position=st.integers(0, 900), value=st.integers(0, 255))
def test_a_changed_byte_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "changed.safetensors"
    save_moods(path, MoodSet(("A", "B"), ("", ""), np.ones((2, 3)), np.ones((2, 3, 2)), "0" * 64))
    data = bytearray(path.read_bytes())
    data[position % len(data)] = value
    path.write_bytes(data)
    with contextlib.suppress(CheckpointError):
        loaded = load_moods(path, "0" * 64, 3)
        assert np.isfinite(loaded.target(np.array([0.5, 0.5]), np.zeros((2, 2)))).all()


WORDS = {"names": '["A", "B"]', "prompts": '["", ""]', "fingerprint": "0" * 64}
ARRAYS = {"centroids": np.zeros((2, 3), np.float32), "basis": np.zeros((2, 3, 1), np.float32)}


@pytest.mark.parametrize("missing", [*WORDS, *ARRAYS])
def test_a_file_without_one_of_its_parts_is_refused(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "moods.safetensors"
    words = {name: word for name, word in WORDS.items() if name != missing}
    arrays = {name: array for name, array in ARRAYS.items() if name != missing}
    write_tensor_file(path, FORMAT, 1, arrays, words)
    with pytest.raises(CheckpointError, match=f"{missing}.*missing"):
        load_moods(path, "0" * 64, 3)


@pytest.mark.parametrize("names", ['{"A": 1}', "[1, 2]", "A, B", "", "[" * 100_000])
def test_names_that_are_no_list_are_refused(tmp_path: Path, names: str) -> None:
    path = tmp_path / "moods.safetensors"
    write_tensor_file(path, FORMAT, 1, ARRAYS, {**WORDS, "names": names})
    with pytest.raises(CheckpointError, match="'names' is not a list of words"):
        load_moods(path, "0" * 64, 3)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ({}, "no latent-instrument/moods file"),
        ({"format": "pt"}, "no latent-instrument/moods file but 'pt'"),
        ({"format": FORMAT, "version": "2"}, "version 2"),
        ({"format": FORMAT, "version": "one"}, "does not say its version"),
        ({"format": FORMAT}, "does not say its version"),
    ],
)
def test_foreign_and_future_files_are_refused(tmp_path: Path, words: dict[str, str], answer: str) -> None:
    path = tmp_path / "moods.safetensors"
    save_file(ARRAYS, path, metadata={**WORDS, **words})
    with pytest.raises(CheckpointError, match=answer):
        load_moods(path, "0" * 64, 3)


def test_arrays_of_another_type_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "moods.safetensors"
    halves = {name: array.astype(np.float16) for name, array in ARRAYS.items()}
    save_file(halves, path, metadata={**WORDS, "format": FORMAT, "version": "1"})
    with pytest.raises(CheckpointError, match="as F16, not as float32"):
        load_moods(path, "0" * 64, 3)


def test_a_missing_file_and_an_unwritable_place_are_one_line(moods: MoodSet, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be read: No such file"):
        load_moods(tmp_path / "moods.safetensors", moods.fingerprint, 16)
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match="cannot be written"):
        save_moods(tmp_path / "file" / "moods.safetensors", moods)
    with pytest.raises(CheckpointError, match="cannot be read"):
        fingerprint_of(tmp_path / "generator.safetensors")


def test_the_fingerprint_is_the_sha256_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "generator.safetensors"
    path.write_bytes(b"weights")
    assert fingerprint_of(path) == hashlib.sha256(b"weights").hexdigest()
