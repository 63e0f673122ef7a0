"""The small network that hears a mood: five normalized descriptors in, mood logits and coordinates out.

Plain numpy for play: it costs less than handing five numbers to another library.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError, candidates
from instrument.features.vector import DESCRIPTORS
from instrument.mapping.moods import MoodSet
from instrument.mapping.tensor_file import Float32Array, TensorFile, encode_list, read_tensor_file, write_tensor_file

FORMAT = "latent-instrument/mapping"
VERSION = 1
INPUT_NAMES: tuple[str, ...] = tuple(descriptor.name for descriptor in DESCRIPTORS)
"""What goes in, in order. The level is left out: it hurries the motion and says nothing of the mood."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """``x @ weight + bias``: `weight` ``(inputs, outputs)``, `bias` ``(outputs,)``, float32."""

    weight: Float32Array
    bias: Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class MoodNetwork:
    """A perceptron with tanh between its layers, fitted for the moods `names` with `dimension` coordinates each.

    The last layer gives K logits, then K * d numbers that tanh brings to coordinates.

    Raises
    ------
    CheckpointError
        If the layers do not lead from the five descriptors to that.
    """

    names: tuple[str, ...]
    dimension: int
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        width = len(INPUT_NAMES)
        for index, layer in enumerate(self.layers):
            if layer.weight.ndim != 2 or layer.weight.shape[0] != width or layer.bias.shape != layer.weight.shape[1:]:
                raise CheckpointError(f"layer {index} of the mood network does not fit the one before it")
            width = layer.weight.shape[1]
        if self.dimension < 1 or width != len(self.names) * (1 + self.dimension):
            raise CheckpointError(f"the mood network ends in {width} numbers, which does not fit its moods")

    def process(self, descriptors: npt.NDArray[np.floating]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Logits ``(..., K)`` and coordinates ``(..., K, d)`` in ``[-1, 1]`` of normalized descriptors ``(..., 5)``."""
        values = np.asarray(descriptors, dtype=np.float32)
        for layer in self.layers[:-1]:
            values = np.tanh(values @ layer.weight + layer.bias)
        values = values @ self.layers[-1].weight + self.layers[-1].bias
        count = len(self.names)
        coords = np.tanh(values[..., count:])
        return values[..., :count], coords.reshape(*coords.shape[:-1], count, self.dimension)

    def check_fits(self, moods: MoodSet) -> None:
        """Raise CheckpointError unless this network was fitted for these moods, in this order."""
        if self.names != moods.names:
            raise CheckpointError(
                f"the mapping is for the moods {candidates(self.names)}, "
                f"the checkpoint has {candidates(moods.names)}: fit again"
            )
        if self.dimension != moods.dimension:
            raise CheckpointError(
                f"the mapping has {self.dimension} coordinates a mood, the moods have {moods.dimension}: fit again"
            )


def save_network(path: Path, network: MoodNetwork) -> None:
    """Write `network` to `path`. Raises CheckpointError, leaving what was there."""
    tensors: dict[str, Float32Array] = {}
    for index, layer in enumerate(network.layers):
        tensors[f"layer{index}.weight"] = layer.weight
        tensors[f"layer{index}.bias"] = layer.bias
    words = {
        "moods": encode_list(network.names),
        "inputs": encode_list(INPUT_NAMES),
        "dimension": str(network.dimension),
    }
    write_tensor_file(path, FORMAT, VERSION, tensors, words)


def load_network(path: Path, moods: MoodSet) -> MoodNetwork:
    """Read the network that was fitted for `moods`.

    Raises
    ------
    CheckpointError
        If the file is missing, damaged, of another kind, or fitted for other moods or other descriptors.
    """
    stored = read_tensor_file(path, FORMAT, VERSION)
    try:
        network = _network_of(stored)
        network.check_fits(moods)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    return network


def _network_of(stored: TensorFile) -> MoodNetwork:
    _check_inputs(stored.word_list("inputs"))
    written = stored.word("dimension")
    if not (written.isascii() and written.isdigit()):
        raise CheckpointError("the number of coordinates is not a number")
    count = sum(name.endswith(".weight") for name in stored.tensors)
    layers = tuple(
        Layer(stored.tensor(f"layer{index}.weight", 2), stored.tensor(f"layer{index}.bias", 1))
        for index in range(count)
    )
    return MoodNetwork(stored.word_list("moods"), int(written[:9]), layers)


def _check_inputs(inputs: Sequence[str]) -> None:
    if tuple(inputs) != INPUT_NAMES:
        raise CheckpointError(f"the mapping listens to {candidates(inputs)}, not to {candidates(INPUT_NAMES)}")
