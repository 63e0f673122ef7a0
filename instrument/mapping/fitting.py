"""Fits the mood network to labelled sounds, and says honestly how well it hears."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError
from instrument.mapping.inputs import ANCHORED, INPUT_NAMES, LATELY
from instrument.mapping.inside import inside_views
from instrument.mapping.network import Layer, MoodNetwork
from instrument.mapping.training import Examples, FloatArray, Weights, initial_weights, train

MOOD_UNITS = 16
"""Units of each hidden layer that lead from the anchored inputs to the moods, and to nothing else."""
INSIDE_UNITS = 24
"""Those that lead from the moment's inputs to the coordinates."""
BATCH_SIZE = 512
LEARNING_RATE = 0.012
WEIGHT_DECAY = 0.05
LABEL_SMOOTHING = 0.1
"""Share of every label spread over all moods: keeps logits within the reach of a hand's bias."""
ELSEWHERE = 0.1
"""How much a mood's coordinates count where it does not sound: they are mixed in there all the same."""
HELD_OUT = 0.2
"""Share of the sounds the network is judged by and never sees."""
FEWEST_TO_HOLD_OUT = 10
"""Sounds a mood on average must have before some are held out."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work a fit is: networks whose logits are averaged, and steps of each.

    The networks begin differently and so err on different sounds.
    """

    members: int = 1
    steps: int = 1000


QUICK = Effort()
"""A second or two."""
THOROUGH = Effort(4, 2000)
"""Ten seconds and more."""


@dataclass(frozen=True, slots=True, eq=False)
class FitReport:
    """How well a network hears: shares of sounds whose strongest mood is the right one.

    `heldout_accuracy` is None where there were too few sounds to spare any, or too few groups. `confusion`
    ``(K, K)`` counts rows of true moods against columns of heard ones, on the held-out sounds, or on all where none
    were. `coords_deviation` ``(K, d)`` is the standard deviation of each coordinate while its mood sounds: near zero
    would mean a picture that stands still.
    """

    train_accuracy: float
    heldout_accuracy: float | None
    confusion: npt.NDArray[np.int64]
    coords_deviation: FloatArray


def fit_moods(
    features: npt.ArrayLike, labels: npt.ArrayLike, names: Sequence[str], dimension: int, seed: int,
    groups: npt.ArrayLike | None = None, *, importance: npt.ArrayLike | None = None, effort: Effort = QUICK,
    hold_out: bool = True,
) -> tuple[MoodNetwork, FitReport]:  # fmt: skip
    """Fit a network for the moods `names` with `dimension` coordinates each; the same seed gives the same network.

    `features` ``(n, inputs)`` are what `InputMemory` gives. `labels` are mood indices ``(n,)`` or weights
    ``(n, K)``. Moods count alike however many sounds each has; `importance`
    ``(n,)`` is how much each sound counts within that. `groups` ``(n,)`` are the recordings the sounds come
    from: neighbours in one recording are alike, so whole groups are held out; without it, single sounds. Without
    `hold_out` none is: the caller judges by sounds of its own.

    Raises
    ------
    CheckpointError
        If the shapes do not fit, a number is not finite, or a mood has no sound.
    """
    inputs = np.asarray(features, dtype=np.float64)
    moods = _mood_weights(np.asarray(labels), len(names), len(inputs))
    _check(inputs, moods, names, dimension)
    rng = np.random.default_rng(seed)
    held_out = np.zeros(len(inputs), np.bool_)
    if hold_out:
        held_out = _held_out(moods, np.arange(len(inputs)) if groups is None else np.asarray(groups), rng)
    counts = np.ones(len(inputs)) if importance is None else np.asarray(importance, dtype=np.float64)
    learned = ~held_out
    network = _fit(inputs[learned], moods[learned], counts[learned], tuple(names), dimension, effort, rng)
    return network, _report(network, inputs, moods, held_out)


def _fit(
    inputs: FloatArray, moods: FloatArray, counts: FloatArray, names: tuple[str, ...], dimension: int,
    effort: Effort, rng: np.random.Generator,
) -> MoodNetwork:  # fmt: skip
    mean, deviation = inputs.mean(axis=0), np.maximum(inputs.std(axis=0), 0.05)
    examples = _examples(inputs, (inputs - mean) / deviation, moods, counts, dimension, rng)
    masks = _masks(len(names), dimension)
    sizes = [len(INPUT_NAMES), *(len(mask) for mask in masks[1::2])]
    fitted = []
    for _ in range(effort.members):
        weights = [array * mask for array, mask in zip(initial_weights(sizes, rng), masks, strict=True)]
        train(
            weights,
            examples,
            steps=effort.steps,
            batch_size=BATCH_SIZE,
            learning_rate=LEARNING_RATE,
            decay=WEIGHT_DECAY,
            rng=rng,
            masks=masks,
        )
        fitted.append(weights)
    centred = inputs - mean
    scatter = centred.T @ centred / len(inputs)
    layers = layers_of(_joined(fitted, len(names)), mean, deviation)
    return MoodNetwork(names, dimension, layers, mean.astype(np.float32), scatter.astype(np.float32))


def _joined(members: Sequence[Weights], count: int) -> Weights:
    """One network of several: its logits are the mean of theirs, its coordinates those of the first."""
    parts = [_part(member, slice(0, MOOD_UNITS), slice(0, count)) for member in members]
    inside = _part(members[0], slice(MOOD_UNITS, None), slice(count, None))
    first = np.concatenate([part[0] for part in (*parts, inside)], axis=1)
    second = _apart([part[2] for part in (*parts, inside)])
    means = np.concatenate([part[4] for part in parts]) / len(parts)
    last = _apart([means, inside[4]])
    bias = np.concatenate([np.mean([part[5] for part in parts], axis=0), inside[5]])
    hidden = [np.concatenate([part[index] for part in (*parts, inside)]) for index in (1, 3)]
    return [first, hidden[0], second, hidden[1], last, bias]


def _part(weights: Weights, units: slice, outputs: slice) -> Weights:
    """The network made of these hidden units and outputs of one of two hidden layers."""
    first, first_bias, second, second_bias, last, bias = weights
    return [
        first[:, units], first_bias[units], second[units, units], second_bias[units], last[units, outputs],
        bias[outputs],
    ]  # fmt: skip


def _apart(blocks: Sequence[FloatArray]) -> FloatArray:
    """The blocks along the diagonal of one matrix of zeros."""
    rows, columns = np.cumsum([(0, 0), *(block.shape for block in blocks)], axis=0).T
    whole = np.zeros((rows[-1], columns[-1]))
    for block, row, column in zip(blocks, rows, columns, strict=False):
        whole[row : row + block.shape[0], column : column + block.shape[1]] = block
    return whole


def _masks(count: int, dimension: int) -> Weights:
    """Two networks side by side in one: a mood must not follow the moment, nor a picture inside it stand still."""
    first = np.zeros((len(INPUT_NAMES), MOOD_UNITS + INSIDE_UNITS))
    first[ANCHORED, :MOOD_UNITS] = first[LATELY, MOOD_UNITS:] = 1.0
    second = np.zeros((MOOD_UNITS + INSIDE_UNITS, MOOD_UNITS + INSIDE_UNITS))
    second[:MOOD_UNITS, :MOOD_UNITS] = second[MOOD_UNITS:, MOOD_UNITS:] = 1.0
    last = np.zeros((MOOD_UNITS + INSIDE_UNITS, count * (1 + dimension)))
    last[:MOOD_UNITS, :count] = last[MOOD_UNITS:, count:] = 1.0
    return [part for matrix in (first, second, last) for part in (matrix, np.ones(matrix.shape[1]))]


def _examples(
    inputs: FloatArray, standardised: FloatArray, moods: FloatArray, counts: FloatArray, dimension: int,
    rng: np.random.Generator,
) -> Examples:  # fmt: skip
    moments = inputs[:, LATELY]
    views = inside_views(moments, moods, dimension, rng)
    balance = counts * (moods @ (1.0 / moods.sum(axis=0)))
    everywhere = ELSEWHERE + (1.0 - ELSEWHERE) * moods
    return Examples(
        inputs=standardised,
        moods=(1.0 - LABEL_SMOOTHING) * moods + LABEL_SMOOTHING / moods.shape[1],
        importance=balance / balance.mean(),
        coords=np.concatenate([view.coords(moments) for view in views], axis=1),
        coords_importance=np.repeat(everywhere / everywhere.mean(axis=0), dimension, axis=1),
    )


def layers_of(weights: Weights, mean: FloatArray, deviation: FloatArray) -> tuple[Layer, ...]:
    """The layers for play: the first takes inputs as they come, standardising folded in."""
    first = weights[0] / deviation[:, None]
    matrices = [first, *weights[2::2]]
    biases = [weights[1] - mean @ first, *weights[3::2]]
    return tuple(
        Layer(matrix.astype(np.float32), bias.astype(np.float32)) for matrix, bias in zip(matrices, biases, strict=True)
    )


def _report(network: MoodNetwork, inputs: FloatArray, moods: FloatArray, held_out: npt.NDArray[np.bool_]) -> FitReport:
    logits, coords = network.process(inputs)
    true, heard = moods.argmax(axis=1), logits.argmax(axis=1)
    right = true == heard
    judged = held_out if held_out.any() else ~held_out
    count = len(network.names)
    confusion = np.zeros((count, count), dtype=np.int64)
    np.add.at(confusion, (true[judged], heard[judged]), 1)
    return FitReport(
        train_accuracy=float(right[~held_out].mean()),
        heldout_accuracy=float(right[held_out].mean()) if held_out.any() else None,
        confusion=confusion,
        coords_deviation=_deviation(coords.astype(np.float64), moods),
    )


def _deviation(coords: FloatArray, moods: FloatArray) -> FloatArray:
    shares = (moods / moods.sum(axis=0))[:, :, None]
    mean = (shares * coords).sum(axis=0)
    deviation: FloatArray = np.sqrt((shares * (coords - mean) ** 2).sum(axis=0))
    return deviation


def _held_out(moods: FloatArray, groups: npt.NDArray[np.generic], rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Rows to judge by: a share of the groups of each mood, as long as every mood keeps one to learn from."""
    if len(groups) != len(moods):
        raise CheckpointError(f"{len(groups)} groups for {len(moods)} sounds")
    held_out = np.zeros(len(moods), dtype=np.bool_)
    if len(moods) < FEWEST_TO_HOLD_OUT * moods.shape[1]:
        return held_out
    for mood in range(moods.shape[1]):
        own = rng.permutation(np.unique(groups[moods.argmax(axis=1) == mood]))
        spared = own[: max(1, round(HELD_OUT * len(own)))] if len(own) > 1 else own[:0]
        held_out |= np.isin(groups, spared)
    learned = moods[~held_out].sum(axis=0)
    return held_out if (learned > 0.0).all() else np.zeros_like(held_out)


def _mood_weights(labels: npt.NDArray[np.generic], count: int, samples: int) -> FloatArray:
    if labels.shape == (samples,) and np.issubdtype(labels.dtype, np.integer):
        indices = labels.astype(np.int64)
        if ((indices < 0) | (indices >= count)).any():
            raise CheckpointError(f"a label is no mood: {count} moods, labels {indices.min()} to {indices.max()}")
        return np.eye(count)[indices]
    if labels.shape != (samples, count):
        raise CheckpointError(f"labels are {labels.shape} {labels.dtype}, not mood indices or ({samples}, {count})")
    weights = labels.astype(np.float64)
    totals = weights.sum(axis=1, keepdims=True)
    if not np.isfinite(weights).all() or (weights < 0.0).any() or (totals <= 0.0).any():
        raise CheckpointError("the weights of a label must be finite, none below zero, and not all zero")
    normalized: FloatArray = weights / totals
    return normalized


def _check(inputs: FloatArray, moods: FloatArray, names: Sequence[str], dimension: int) -> None:
    if inputs.ndim != 2 or inputs.shape[1] != len(INPUT_NAMES) or not np.isfinite(inputs).all():
        raise CheckpointError(f"the features must be (n, {len(INPUT_NAMES)}) finite numbers, not {inputs.shape}")
    if dimension < 1:
        raise CheckpointError(f"{dimension} coordinates a mood; there must be at least one")
    silent = [name for name, total in zip(names, moods.sum(axis=0), strict=True) if total <= 0.0]
    if silent:
        raise CheckpointError(f"no sound is labelled {silent[0]!r}: the mapping cannot be fitted")
