"""The small networks that mark beats in what is heard, hop by hop, and the convolutions of those. numpy only."""

from collections.abc import Mapping
from importlib.resources import files

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load

from instrument.features.beat.squash import squash

Floats = npt.NDArray[np.float32]

BLOCKS = 8
"""Layers one upon the other; each looks twice as far back as the one below."""
FIRST_TAPS = 3
TAPS = 5
TEMPI_BPM = np.geomspace(50.0, 220.0, 75)
"""Tempi that it tells apart."""
DELAY_S = 0.035
"""How long after a beat the network speaks of it: an attack needs that long to stand in the window."""
WEIGHTS_FILES = ("weights.safetensors", "weights-second.safetensors")
"""Two fits: where one is misled the other often is not."""
BARS_FILE = "weights-bars.safetensors"
CHECKS_FILE = "weights-checks.safetensors"


def load_weights() -> tuple[Mapping[str, Floats], ...]:
    """The weights that ship, one network each; `instrument.tools.beats` says how they came about."""
    return tuple(_load(name) for name in WEIGHTS_FILES)


def load_bars() -> Mapping[str, Floats]:
    """Those of the network that finds the first beat of a bar."""
    return _load(BARS_FILE)


def load_checks() -> Mapping[str, Floats]:
    """Those of the network that checks the beats that are played."""
    return _load(CHECKS_FILE)


def _load(name: str) -> Mapping[str, Floats]:
    return load((files("instrument.features.beat") / name).read_bytes())


class BeatMarker:
    """From one hop's inputs to how likely it marks a beat, and how likely each tempo is.

    Dilated causal convolutions with residual connections, which hear the last eleven seconds: a temporal convolutional
    network as in Davies and Böck, "Temporal convolutional networks for musical audio beat tracking" (2019), that does
    not look ahead. Several networks, each given by its arrays, are asked and the mean of their logits is taken. Owned
    by one thread; nothing is allocated that grows.
    """

    def __init__(self, *networks: Mapping[str, Floats]) -> None:
        self._networks = tuple(_Network(weights) for weights in networks)
        self._share = np.float32(1.0 / len(networks))

    def reset(self) -> None:
        """As if nothing had been heard."""
        for network in self._networks:
            network.reset()

    def process(self, inputs: Floats) -> float:
        """The mark, in ``(0, 1)``, for the inputs ``(INPUTS,)`` of one hop."""
        logit = self._networks[0].process(inputs)
        for network in self._networks[1:]:
            logit += network.process(inputs)
        logit *= self._share
        return float(squash(logit)[0])

    def tempi(self) -> Floats:
        """Log-odds of each of `TEMPI_BPM` after the newest hop, ``(tempi,)``, up to what is added to all."""
        logits = self._networks[0].tempi()
        for network in self._networks[1:]:
            logits += network.tempi()
        logits *= self._share
        return logits


class _Network:
    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._first = _Convolution(weights["weight_in"], weights["bias_in"], FIRST_TAPS, 1, weights["rest"])
        self._blocks = tuple(_Block(weights, number) for number in range(BLOCKS))
        self._weight, self._bias = weights["weight_out"], weights["bias_out"]
        self._tempo_weight, self._tempo_bias = weights["weight_tempo"], weights["bias_tempo"]
        self._found = np.zeros(len(weights["bias_in"]), np.float32)

    def reset(self) -> None:
        self._first.reset()
        for block in self._blocks:
            block.reset()
        self._found.fill(0.0)

    def process(self, inputs: Floats) -> Floats:
        values = self._first.process(inputs)
        for block in self._blocks:
            block.process(values)
        np.maximum(values, 0.0, out=self._found)
        logit: Floats = self._weight @ self._found
        logit += self._bias
        return logit

    def tempi(self) -> Floats:
        logits: Floats = self._tempo_weight @ self._found
        logits += self._tempo_bias
        return logits


class _Block:
    """Adds to `values` what it finds in their past."""

    def __init__(self, weights: Mapping[str, Floats], number: int) -> None:
        self._convolution = _Convolution(weights[f"weight_{number}"], weights[f"bias_{number}"], TAPS, 2**number)
        self._mix = weights[f"mix_{number}"]
        self._mix_bias = weights[f"mix_bias_{number}"]
        self._mixed = np.empty(len(self._mix), np.float32)

    def reset(self) -> None:
        self._convolution.reset()

    def process(self, values: Floats) -> None:
        found = self._convolution.process(values)
        np.maximum(found, 0.0, out=found)
        np.dot(self._mix, found, out=self._mixed)
        values += self._mixed
        values += self._mix_bias


class _Convolution:
    """`taps` looks back in time, `dilation` hops from one to the next, before which there was `rest`."""

    def __init__(self, weight: Floats, bias: Floats, taps: int, dilation: int, rest: Floats | float = 0.0) -> None:
        """`weight` is ``(out, taps * in)``, the oldest tap first."""
        self._weight, self._bias, self._rest = weight, bias, rest
        self._kept = np.empty(((taps - 1) * dilation + 1, weight.shape[1] // taps), np.float32)
        self._ago = np.arange(1 - taps, 1) * dilation
        self._rows = np.empty_like(self._ago)
        self._heard = np.empty((taps, self._kept.shape[1]), np.float32)
        self._values = np.empty(len(weight), np.float32)
        self.reset()

    def reset(self) -> None:
        self._kept[:] = self._rest
        self._at = 0

    def process(self, inputs: Floats) -> Floats:
        self._at = (self._at + 1) % len(self._kept)
        self._kept[self._at] = inputs
        np.add(self._ago, self._at, out=self._rows)
        np.take(self._kept, self._rows, axis=0, out=self._heard, mode="wrap")
        np.dot(self._weight, self._heard.reshape(-1), out=self._values)
        self._values += self._bias
        return self._values
