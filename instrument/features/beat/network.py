"""The small recurrent networks that mark beats in what is heard, hop by hop. numpy only."""

from collections.abc import Mapping
from importlib.resources import files

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load

Floats = npt.NDArray[np.float32]

LAYERS = 2
DELAY_S = 0.035
"""How long after a beat the network speaks of it: an attack needs that long to stand in the window."""
HALF = np.float32(0.5)
WEIGHTS_FILES = ("weights.safetensors", "weights-blends.safetensors", "weights-tunes.safetensors")
"""Three fits to different material: where one is misled the others often are not."""


def load_weights() -> tuple[Mapping[str, Floats], ...]:
    """The weights that ship, one network each; `instrument.tools.beats` says how they came about."""
    folder = files("instrument.features.beat")
    return tuple(load((folder / name).read_bytes()) for name in WEIGHTS_FILES)


class BeatMarker:
    """Gated recurrent units (Cho et al. 2014): from one hop's inputs to how likely it marks a beat, and a bar's first.

    Several networks, each given by its arrays, are asked and the mean of their logits is taken. Owned by one thread;
    nothing is allocated that grows.
    """

    def __init__(self, *networks: Mapping[str, Floats]) -> None:
        self._networks = tuple(_Network(weights) for weights in networks)
        self._share = np.float32(1.0 / len(networks))

    def reset(self) -> None:
        """As if nothing had been heard."""
        for network in self._networks:
            network.reset()

    def process(self, inputs: Floats) -> tuple[float, float]:
        """Beat and first beat of a bar, each in ``(0, 1)``, for the inputs ``(INPUTS,)`` of one hop."""
        logits = self._networks[0].process(inputs)
        for network in self._networks[1:]:
            logits += network.process(inputs)
        logits *= self._share
        marks = _sigmoid(logits)
        return float(marks[0]), float(marks[1])


class _Network:
    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._layers = tuple(_Layer(weights, number) for number in range(LAYERS))
        self._weight = weights["weight_out"]
        self._bias = weights["bias_out"]

    def reset(self) -> None:
        for layer in self._layers:
            layer.state.fill(0.0)

    def process(self, inputs: Floats) -> Floats:
        values = inputs
        for layer in self._layers:
            values = layer.process(values)
        logits: Floats = self._weight @ values
        logits += self._bias
        return logits


class _Layer:
    def __init__(self, weights: Mapping[str, Floats], number: int) -> None:
        self._from_input = weights[f"weight_ih_{number}"]
        self._from_state = weights[f"weight_hh_{number}"]
        self._input_bias = weights[f"bias_ih_{number}"]
        self._state_bias = weights[f"bias_hh_{number}"]
        self._hidden = self._from_state.shape[1]
        self._heard = np.empty(3 * self._hidden, np.float32)
        self._kept = np.empty(3 * self._hidden, np.float32)
        self.state: Floats = np.zeros(self._hidden, np.float32)

    def process(self, inputs: Floats) -> Floats:
        heard, kept, state, hidden = self._heard, self._kept, self.state, self._hidden
        np.dot(self._from_input, inputs, out=heard)
        np.dot(self._from_state, state, out=kept)
        heard += self._input_bias
        kept += self._state_bias
        gates, new = heard[: 2 * hidden], kept[2 * hidden :]
        gates += kept[: 2 * hidden]
        _sigmoid(gates)
        new *= gates[:hidden]
        new += heard[2 * hidden :]
        np.tanh(new, out=new)
        state -= new
        state *= gates[hidden:]
        state += new
        return state


def _sigmoid(values: Floats) -> Floats:
    # By tanh, which cannot overflow; in place.
    values *= HALF
    np.tanh(values, out=values)
    values *= HALF
    values += HALF
    return values
