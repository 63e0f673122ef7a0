"""Teaches a network a few examples without making it forget the rest.

What it knew is rehearsed: sounds drawn from its own memory of the usual ones, each with its own old answer (Robins,
"Catastrophic forgetting, rehearsal and pseudorehearsal", 1995), the less the nearer they are to an example. Only what
leads to the moods changes; the coordinates, and so the pictures inside a mood, stay as they were.
"""

import numpy as np

from instrument.mapping.fitting import LABEL_SMOOTHING, LEARNING_RATE, WEIGHT_DECAY, layers_of
from instrument.mapping.inputs import ANCHORED, INPUT_NAMES, LATELY
from instrument.mapping.lesson import Lesson
from instrument.mapping.network import MoodNetwork
from instrument.mapping.training import Examples, FloatArray, Weights, train

STEPS = 250
BATCH_SIZE = 192
REHEARSED = 600
"""Sounds drawn from memory."""
REHEARSAL_WEIGHT = 0.5
"""Weight of all of them beside all examples."""
NEAR = 0.7
"""Distance from an example, in standard deviations, within which the old answer no longer counts."""


def relearn(network: MoodNetwork, lesson: Lesson, seed: int) -> MoodNetwork:
    """`network` after the `lesson`; a second of work. The same seed gives the same network."""
    rng = np.random.default_rng(seed)
    mean = network.usual.astype(np.float64)
    deviation = np.maximum(np.sqrt(np.diag(network.scatter.astype(np.float64))), 0.05)
    weights = _weights_of(network, mean, deviation)
    examples = _examples(network, lesson, mean, deviation, rng)
    train(
        weights,
        examples,
        steps=STEPS,
        batch_size=BATCH_SIZE,
        learning_rate=LEARNING_RATE,
        decay=WEIGHT_DECAY,
        rng=rng,
        masks=_changeable(network),
    )
    layers = layers_of(weights, mean, deviation)
    return MoodNetwork(network.names, network.dimension, layers, network.usual, network.scatter)


def _examples(
    network: MoodNetwork, lesson: Lesson, mean: FloatArray, deviation: FloatArray, rng: np.random.Generator
) -> Examples:
    remembered = rng.multivariate_normal(mean, network.scatter.astype(np.float64), REHEARSED, method="eigh")
    inputs = np.concatenate([lesson.inputs, np.clip(remembered, -0.5, 1.5)])
    standardised = (inputs - mean) / deviation
    logits, coords = network.process(inputs)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True)).astype(np.float64)
    moods = powers / powers.sum(axis=1, keepdims=True)
    taught = np.eye(len(network.names))[lesson.moods]
    count = len(taught)
    moods[:count] = (1.0 - LABEL_SMOOTHING) * taught + LABEL_SMOOTHING / taught.shape[1]
    balance = taught @ (1.0 / np.maximum(taught.sum(axis=0), 1.0))
    rehearsal = REHEARSAL_WEIGHT * _old_counts(standardised[:count], standardised[count:])
    importance = np.concatenate([balance / balance.sum(), rehearsal / len(rehearsal)])
    flat = coords.reshape(len(inputs), -1).astype(np.float64)
    return Examples(standardised, moods, importance / importance.mean(), flat, np.zeros_like(flat))


def _old_counts(taught: FloatArray, remembered: FloatArray) -> FloatArray:
    """How much the old answer to each remembered sound still counts: 0 at an example, 1 far from all."""
    nearest = np.full(len(remembered), np.inf)
    for example in taught:
        distances = np.mean((remembered[:, ANCHORED] - example[ANCHORED]) ** 2, axis=1)
        nearest = np.minimum(nearest, distances)
    counts: FloatArray = -np.expm1(-0.5 * nearest / NEAR**2)
    return counts


def _weights_of(network: MoodNetwork, mean: FloatArray, deviation: FloatArray) -> Weights:
    """The network's weights for standardised inputs: the opposite of `layers_of`."""
    weights: Weights = []
    for layer in network.layers:
        weights += [layer.weight.astype(np.float64), layer.bias.astype(np.float64)]
    weights[1] = weights[1] + mean @ weights[0]
    weights[0] = weights[0] * deviation[:, None]
    return weights


def _changeable(network: MoodNetwork) -> Weights:
    """Masks of the weights from which no way leads to a coordinate; a unit that is deaf to the moment stays so."""
    count = len(network.names)
    free = np.arange(network.layers[-1].weight.shape[1]) < count
    masks: Weights = []
    for layer in reversed(network.layers):
        masks = [np.repeat(free[None].astype(np.float64), len(layer.weight), axis=0), free.astype(np.float64), *masks]
        free = ~(layer.weight[:, ~free] != 0.0).any(axis=1)
    hearing = np.zeros(len(INPUT_NAMES), np.bool_)
    hearing[LATELY] = True
    for layer, mask in zip(network.layers, masks[::2], strict=True):
        before, hearing = hearing, (layer.weight[hearing] != 0.0).any(axis=0)
        mask[np.ix_(before, ~hearing)] = 0.0
    return masks
