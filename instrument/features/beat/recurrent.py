"""A layer of a recurrent network, step by step. numpy only."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from instrument.features.beat.squash import squash

Floats = npt.NDArray[np.float32]


class GatedUnits:
    """Gated recurrent units (Cho et al. 2014) as torch has them: its gates in their order, reset, update, new.

    What they have heard has no end. Owned by one thread.
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._from_input, self._input_bias = weights["weight_ih"], weights["bias_ih"]
        self._from_state, self._state_bias = weights["weight_hh"], weights["bias_hh"]
        self._hidden = self._from_state.shape[1]
        self._heard = np.empty(3 * self._hidden, np.float32)
        self._kept = np.empty(3 * self._hidden, np.float32)
        self._state: Floats = np.zeros(self._hidden, np.float32)

    def reset(self) -> None:
        """As if nothing had been heard."""
        self._state.fill(0.0)

    def process(self, inputs: Floats) -> Floats:
        """The state ``(hidden,)`` after the next inputs ``(inputs,)``; the same array every time."""
        heard, kept, state, hidden = self._heard, self._kept, self._state, self._hidden
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
