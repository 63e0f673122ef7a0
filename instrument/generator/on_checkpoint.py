"""What every engine knows and does alike: the sizes of its network, and the mapping, which is small enough anywhere."""

import numpy as np
import numpy.typing as npt
import torch

from instrument.generator.checkpoint import Checkpoint
from instrument.generator.mapping_network import MappingNetwork


class OnCheckpoint:
    """The half of `Generator` that no engine changes: all but `render` and `description`."""

    def __init__(self, checkpoint: Checkpoint, label: int = 0) -> None:
        """`label` is the class that a conditional network shows."""
        self._config = checkpoint.config
        self._w_avg = checkpoint.tensors["mapping.w_avg"].numpy().copy()
        with torch.inference_mode():
            self._mapping = MappingNetwork(checkpoint.config, checkpoint.tensors)
            self._label = torch.zeros(1, checkpoint.config.c_dim)
            self._label[:, label : label + 1] = 1.0

    @property
    def z_dim(self) -> int:
        """Size of `z`."""
        return self._config.z_dim

    @property
    def w_dim(self) -> int:
        """Size of `w`."""
        return self._config.w_dim

    @property
    def num_ws(self) -> int:
        """Rows of `ws`."""
        return self._config.num_ws

    @property
    def resolution(self) -> int:
        """Width and height of the picture in pixels."""
        return self._config.resolution

    @property
    def w_avg(self) -> npt.NDArray[np.float32]:
        """Mean of `w`, ``(w_dim,)``."""
        return self._w_avg

    @property
    def network_name(self) -> str:
        """The network in a few words."""
        return f"{self._config.network_name} {self.resolution} px"

    def map(self, z: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """``(n, z_dim)`` to ``(n, w_dim)``, not truncated."""
        assert z.ndim == 2, z.shape
        assert z.shape[1] == self.z_dim, z.shape
        with torch.inference_mode():
            deviates = torch.tensor(z, dtype=torch.float32)
            return self._mapping(deviates, self._label.expand(len(z), -1)).numpy()

    def check_shapes(self, ws: npt.NDArray[np.float32], transform: npt.NDArray[np.float64]) -> None:
        """Assert what `Generator.render` asks for."""
        assert ws.shape == (self.num_ws, self.w_dim), ws.shape
        assert transform.shape == (3, 3), transform.shape
