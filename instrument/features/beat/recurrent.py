"""The small recurrent network that marks the first beats of bars in what is heard, hop by hop. numpy only."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from instrument.features.beat.squash import squash

Floats = npt.NDArray[np.float32]

LAYERS = 2


class RecurrentNetwork:
    """Gated recurrent units (Cho et al. 2014), from one hop's inputs ``(INPUTS,)`` to two logits: beat, a bar's first.

    What it has heard has no end, so it counts further back than a convolution looks. Owned by one thread.
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._layers = tuple(_Layer(weights, number) for number in range(LAYERS))
        self._weight = weights["weight_out"]
        self._bias = weights["bias_out"]

    def reset(self) -> None:
        """As if nothing had been heard."""
        for layer in self._layers:
            layer.state.fill(0.0)

    def process(self, inputs: Floats) -> Floats:
        """The logits ``(2,)`` of the next hop."""
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
        squash(gates)
        new *= gates[:hidden]
        new += heard[2 * hidden :]
        np.tanh(new, out=new)
        state -= new
        state *= gates[hidden:]
        state += new
        return state
