"""Gradient descent for the mood network: its loss, written out, and AdamW.

Written in numpy, since the network has a thousand weights: a fit takes seconds, needs no other library, and comes
out the same for the same seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Weights = list[FloatArray]
"""Weight and bias of each layer in turn."""

INSIDE_WEIGHT = 3.0
"""Weight of the coordinates' squared error beside the moods' cross entropy."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """What the network should answer.

    `inputs` ``(n, inputs)`` standardised; `moods` ``(n, K)`` weights that sum to 1; `importance` ``(n,)`` with mean 1;
    `coords` ``(n, K * d)`` and how much each counts, `coords_importance`, of the same shape.
    """

    inputs: FloatArray
    moods: FloatArray
    importance: FloatArray
    coords: FloatArray
    coords_importance: FloatArray

    def take(self, rows: npt.NDArray[np.intp]) -> "Examples":
        """Some of them."""
        return Examples(
            self.inputs[rows],
            self.moods[rows],
            self.importance[rows],
            self.coords[rows],
            self.coords_importance[rows],
        )


def initial_weights(sizes: Sequence[int], rng: np.random.Generator) -> Weights:
    """Glorot normal weights and zero biases for layers of these `sizes`."""
    weights: Weights = []
    for inputs, outputs in pairwise(sizes):
        deviation = np.sqrt(2.0 / (inputs + outputs))
        weights += [rng.normal(0.0, deviation, (inputs, outputs)), np.zeros(outputs)]
    return weights


def loss_and_gradients(weights: Weights, examples: Examples) -> tuple[float, Weights]:
    """Cross entropy of the moods plus weighted squared error of the coordinates, and its gradient by each weight."""
    hidden = [examples.inputs]
    for matrix, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        hidden.append(np.tanh(hidden[-1] @ matrix + bias))
    output = hidden[-1] @ weights[-2] + weights[-1]
    loss, gradient = _loss_at_output(output, examples)
    gradients: Weights = []
    for index in range(len(hidden) - 1, -1, -1):
        gradients = [hidden[index].T @ gradient, gradient.sum(axis=0), *gradients]
        gradient = (gradient @ weights[2 * index].T) * (1.0 - hidden[index] ** 2)
    return loss, gradients


def _loss_at_output(output: FloatArray, examples: Examples) -> tuple[float, FloatArray]:
    count = examples.moods.shape[1]
    samples = len(output)
    logits = output[:, :count] - output[:, :count].max(axis=1, keepdims=True)
    log_shares = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    importance = examples.importance[:, None]
    by_mood = (np.exp(log_shares) - examples.moods) * importance / samples
    coords = np.tanh(output[:, count:])
    error = coords - examples.coords
    scale = INSIDE_WEIGHT / error.size
    by_coords = 2.0 * scale * examples.coords_importance * error * (1.0 - coords**2)
    entropy = -float((examples.moods * log_shares * importance).sum()) / samples
    squared = scale * float((examples.coords_importance * error**2).sum())
    return entropy + squared, np.concatenate([by_mood, by_coords], axis=1)


class AdamW:
    """Adam with decoupled weight decay on the matrices (Loshchilov & Hutter 2019); changes `weights` in place.

    `masks` hold, for each weight and bias, a 1 if it may change and a 0 if not.
    """

    def __init__(self, weights: Weights, decay: float, masks: Weights) -> None:
        self._weights = weights
        self._masks = masks
        self._decay = decay
        self._first = [np.zeros_like(array) for array in weights]
        self._second = [np.zeros_like(array) for array in weights]
        self._steps = 0

    def step(self, gradients: Weights, learning_rate: float) -> None:
        """One step down `gradients`."""
        self._steps += 1
        parts = zip(self._weights, gradients, self._masks, strict=True)
        for index, (array, gradient, mask) in enumerate(parts):
            gradient = gradient * mask
            self._first[index] += 0.1 * (gradient - self._first[index])
            self._second[index] += 0.001 * (gradient**2 - self._second[index])
            first = self._first[index] / (1.0 - 0.9**self._steps)
            second = self._second[index] / (1.0 - 0.999**self._steps)
            if array.ndim == 2:
                array -= learning_rate * self._decay * mask * array
            array -= learning_rate * first / (np.sqrt(second) + 1e-8)


def train(
    weights: Weights, examples: Examples, *, steps: int, batch_size: int, learning_rate: float, decay: float,
    rng: np.random.Generator, masks: Weights,
) -> None:  # fmt: skip
    """Fit `weights` in place: mini-batches drawn by `rng`, the learning rate falling to zero on a cosine.

    See `AdamW` for `masks`.
    """
    optimiser = AdamW(weights, decay, masks)
    samples = len(examples.inputs)
    for step in range(steps):
        rows = rng.integers(0, samples, batch_size) if samples > batch_size else None
        batch = examples if rows is None else examples.take(rows)
        _, gradients = loss_and_gradients(weights, batch)
        optimiser.step(gradients, learning_rate * 0.5 * (1.0 + np.cos(np.pi * step / steps)))
