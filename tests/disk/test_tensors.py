"""Tensor files: any reader reads them, and their bytes depend on nothing but what is in them."""

import os
import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load

from instrument.disk.tensors import tensors_to_bytes

words = st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=5)
shapes = st.lists(st.integers(0, 4), max_size=3).map(tuple)
WRITE = (
    "import hashlib, numpy as np; from instrument.disk.tensors import tensors_to_bytes;"
    "data = tensors_to_bytes({k: np.ones(3, np.float32) for k in 'abcd'}, {k: 'v' for k in 'pqrstu'});"
    "print(hashlib.sha256(data).hexdigest())"
)


@given(
    tensors=st.dictionaries(st.text('abcdé.\n"', min_size=1, max_size=10), shapes, min_size=1, max_size=5),
    metadata=words,
)
def test_the_library_reads_them(tensors: dict[str, tuple[int, ...]], metadata: dict[str, str]) -> None:
    arrays = {name: np.random.default_rng(1).random(shape, np.float32) for name, shape in tensors.items()}
    again = load(tensors_to_bytes(arrays, metadata))
    assert again.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array)


def test_the_same_bytes_in_every_process() -> None:
    def digest(seed: str) -> str:
        environment = os.environ | {"PYTHONHASHSEED": seed}
        return subprocess.run(
            [sys.executable, "-c", WRITE], env=environment, capture_output=True, check=True
        ).stdout.decode()

    assert digest("1") == digest("2")
