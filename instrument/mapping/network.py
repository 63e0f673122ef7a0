"""The small network that hears a mood: five normalized descriptors in, mood logits and coordinates out.

Plain numpy for play: it costs less than handing a few numbers to another library.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError, candidates
from instrument.mapping.inputs import INPUT_NAMES
from instrument.mapping.moods import MoodSet
from instrument.mapping.tensor_file import Float32Array, TensorFile, encode_list, read_tensor_file, write_tensor_file

FORMAT = "latent-instrument/mapping"
VERSION = 2
"""Files of version 1 know only some of today's inputs; their network hears nothing in the others."""
USUAL, USUAL_DEVIATION = 0.5, 0.25
"""Mean and standard deviation an input is taken to have where a file does not say."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """``x @ weight + bias``: `weight` ``(inputs, outputs)``, `bias` ``(outputs,)``, float32."""

    weight: Float32Array
    bias: Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class MoodNetwork:
    """A perceptron with tanh between its layers, fitted for the moods `names` with `dimension` coordinates each.

    The last layer gives K logits, then K * d numbers that tanh brings to coordinates. `usual` ``(n,)`` is the mean of
    the inputs it was fitted to and `scatter` ``(n, n)`` their covariance: what "ordinary sound" is to it.

    Raises
    ------
    CheckpointError
        If the layers do not lead from the inputs to that.
    """

    names: tuple[str, ...]
    dimension: int
    layers: tuple[Layer, ...]
    usual: Float32Array = field(default_factory=lambda: np.full(len(INPUT_NAMES), USUAL, np.float32))
    scatter: Float32Array = field(
        default_factory=lambda: (USUAL_DEVIATION**2 * np.eye(len(INPUT_NAMES))).astype(np.float32)
    )

    def __post_init__(self) -> None:
        width = len(INPUT_NAMES)
        if self.usual.shape != (width,) or self.scatter.shape != (width, width):
            raise CheckpointError("what the mood network takes for usual does not fit its inputs")
        for index, layer in enumerate(self.layers):
            if layer.weight.ndim != 2 or layer.weight.shape[0] != width or layer.bias.shape != layer.weight.shape[1:]:
                raise CheckpointError(f"layer {index} of the mood network does not fit the one before it")
            width = layer.weight.shape[1]
        if self.dimension < 1 or width != len(self.names) * (1 + self.dimension):
            raise CheckpointError(f"the mood network ends in {width} numbers, which does not fit its moods")

    def process(self, inputs: npt.NDArray[np.floating]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Logits ``(..., K)`` and coordinates ``(..., K, d)`` in ``[-1, 1]`` of inputs ``(..., n)``."""
        values = np.asarray(inputs, dtype=np.float32)
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


def save_network(path: Path, network: MoodNetwork, origin: str = "", learned: Sequence[str] = ()) -> None:
    """Write `network` to `path`. Raises CheckpointError, leaving what was there.

    `origin` says what it was fitted to, `learned` names the recordings among that.
    """
    tensors: dict[str, Float32Array] = {"usual": network.usual, "scatter": network.scatter}
    for index, layer in enumerate(network.layers):
        tensors[f"layer{index}.weight"] = layer.weight
        tensors[f"layer{index}.bias"] = layer.bias
    words = {
        "moods": encode_list(network.names),
        "inputs": encode_list(INPUT_NAMES),
        "dimension": str(network.dimension),
        "origin": origin,
        "learned": encode_list(learned),
    }
    write_tensor_file(path, FORMAT, VERSION, tensors, words)


def load_network(path: Path, moods: MoodSet) -> MoodNetwork:
    """Read the network that was fitted for `moods`.

    Raises
    ------
    CheckpointError
        If the file is missing, damaged, of another kind, or fitted for other moods or other descriptors.
    """
    network = load_network_alone(path)
    try:
        network.check_fits(moods)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    return network


def learned_recordings(path: Path) -> frozenset[str]:
    """The recordings that the network in a file was fitted to; none where it does not say. Raises CheckpointError."""
    stored = read_tensor_file(path, FORMAT, VERSION)
    return frozenset(stored.word_list("learned")) if "learned" in stored.words else frozenset()


def load_network_alone(path: Path) -> MoodNetwork:
    """Read a network whatever moods it is for. Raises CheckpointError as `load_network`."""
    stored = read_tensor_file(path, FORMAT, VERSION)
    try:
        return _network_of(stored)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error


def _network_of(stored: TensorFile) -> MoodNetwork:
    inputs = stored.word_list("inputs")
    written = stored.word("dimension")
    if not (written.isascii() and written.isdigit()):
        raise CheckpointError("the number of coordinates is not a number")
    count = sum(name.endswith(".weight") for name in stored.tensors)
    layers = [
        Layer(stored.tensor(f"layer{index}.weight", 2), stored.tensor(f"layer{index}.bias", 1))
        for index in range(count)
    ]
    layers[:1] = [_hearing_all(layer, inputs) for layer in layers[:1]]
    names, dimension = stored.word_list("moods"), int(written[:9])
    if "usual" not in stored.tensors:
        return MoodNetwork(names, dimension, tuple(layers))
    return MoodNetwork(names, dimension, tuple(layers), stored.tensor("usual", 1), stored.tensor("scatter", 2))


def _hearing_all(layer: Layer, inputs: Sequence[str]) -> Layer:
    """A first layer for `inputs` as one for all of today's, deaf to those it does not know."""
    unknown = [name for name in inputs if name not in INPUT_NAMES]
    if unknown or len(set(inputs)) != len(inputs):
        raise CheckpointError(f"the mapping listens to {candidates(inputs)}, not to {candidates(INPUT_NAMES)}")
    if layer.weight.shape[0] != len(inputs):
        raise CheckpointError("layer 0 of the mood network does not fit its inputs")
    weight = np.zeros((len(INPUT_NAMES), layer.weight.shape[1]), np.float32)
    weight[[INPUT_NAMES.index(name) for name in inputs]] = layer.weight
    return Layer(weight, layer.bias)
