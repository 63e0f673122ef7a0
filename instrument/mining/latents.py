"""Pictures of latents, as they are played, and what is kept of a picture."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from instrument.generator.protocol import IDENTITY, Generator
from instrument.mining.scorer import Images, Scorer, Scores, Seen

Latents = npt.NDArray[np.float32]
THUMBNAIL = 16
"""Side in pixels of what is kept of a picture to compare it with others."""


class Studio:
    """A generator and a scorer: what a latent looks like, and how well prompts fit it. One owner thread."""

    def __init__(self, generator: Generator, scorer: Scorer, prompts: Sequence[str]) -> None:
        self.generator = generator
        self.prompts = tuple(prompts)
        self._scorer = scorer

    def draw(self, count: int, rng: np.random.Generator) -> Latents:
        """`count` latents ``(count, w_dim)`` as the generator was trained on, not truncated."""
        return self.generator.map(rng.standard_normal((count, self.generator.z_dim), dtype=np.float32))

    def pictures(self, latents: Latents) -> Images:
        """Pictures ``(n, h, w, 3)`` of latents ``(n, w_dim)``, every layer given the same."""
        rows = self.generator.num_ws
        return np.stack([self.generator.render(np.repeat(w[None], rows, axis=0), IDENTITY) for w in latents])

    def scores(self, images: Images) -> Scores:
        """``(n, k)``."""
        return self.compare(self.see(images))

    def see(self, images: Images) -> Seen:
        """``(n, width)``: what `compare` needs of the pictures."""
        return self._scorer.see(images)

    def compare(self, seen: Seen) -> Scores:
        """``(n, k)`` for pictures that were seen so."""
        return self._scorer.compare(seen, self.prompts)

    def judge(self, latents: Latents) -> Scores:
        """``(n, k)``: the scores of the pictures of these very latents."""
        return self.scores(self.pictures(latents))


def thumbnails(images: Images) -> npt.NDArray[np.float32]:
    """``(n, h, w, 3)`` to ``(n, THUMBNAIL, THUMBNAIL, 3)``, 0 to 1: means of equal parts."""
    count, height, width, _ = images.shape
    rows, columns = (np.linspace(0, size, THUMBNAIL + 1).astype(int)[:-1] for size in (height, width))
    sums = np.add.reduceat(np.add.reduceat(images.astype(np.float64), rows, axis=1), columns, axis=2)
    ones = np.add.reduceat(np.add.reduceat(np.ones((height, width)), rows, axis=0), columns, axis=1)
    small: npt.NDArray[np.float32] = (sums / ones[:, :, None] / 255.0).astype(np.float32)
    assert small.shape == (count, THUMBNAIL, THUMBNAIL, 3), small.shape
    return small
