"""Whether an engine draws the pictures it should: compared with float32 on the processor, before it plays."""

import numpy as np
import numpy.typing as npt

from instrument.generator.checkpoint import Checkpoint
from instrument.generator.protocol import IDENTITY, Generator
from instrument.generator.torch_engine import TorchGenerator

FEWEST_DB = 40.0
"""A picture whose peak signal to noise ratio against the right one is lower is not the same picture."""

CHECKED = 3
"""Latents that are compared: few, because a full-size network takes the processor seconds each."""


class SelfCheck:
    """A few latents of a checkpoint and the pictures that plain torch on the processor makes of them."""

    def __init__(self, checkpoint: Checkpoint, threads: int = 0) -> None:
        """Renders them; sets torch's number of threads for the process."""
        reference = TorchGenerator(checkpoint, threads, fused=False)
        z = np.random.default_rng(0).standard_normal((CHECKED, reference.z_dim), dtype=np.float32)
        self._ws = [np.repeat(w[None], reference.num_ws, axis=0) for w in reference.map(z)]
        self._expected = [reference.render(ws, IDENTITY) for ws in self._ws]

    def worst_db(self, generator: Generator) -> float:
        """Peak signal to noise ratio of the picture that differs most."""
        pictures = (generator.render(ws, IDENTITY) for ws in self._ws)
        return min(psnr_db(picture, right) for picture, right in zip(pictures, self._expected, strict=True))


def psnr_db(picture: npt.NDArray[np.uint8], expected: npt.NDArray[np.uint8]) -> float:
    """Peak signal to noise ratio of 8-bit pictures; infinite where they are the same.

    >>> round(psnr_db(np.zeros((4, 4), np.uint8), np.ones((4, 4), np.uint8)), 1)
    48.1
    """
    error = float(np.mean(np.square(picture.astype(np.float64) - expected)))
    return 20.0 * float(np.log10(255.0)) - 10.0 * float(np.log10(error)) if error else float("inf")
