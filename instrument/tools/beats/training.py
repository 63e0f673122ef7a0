"""Fits the network that marks beats, and keeps it as a tensor file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from instrument.features.beat.front_end import BANDS, INPUTS
from instrument.features.beat.network import DELAY_S, HIDDEN, LAYERS
from instrument.features.beat.steps import STEP_S

Floats = npt.NDArray[np.float32]

CROP_S = 14.0
WARM_UP_STEPS = 90
"""At the start of a crop, where nobody can know the beat yet; not counted."""
BATCH = 40
LEARNING_RATE = 4e-3
GENTLER = 0.4
"""Share of it when an earlier fit goes on."""
NEIGHBOUR = 0.5
"""Target in the hops beside that of a beat."""
BEAT_WEIGHT, DOWNBEAT_WEIGHT = 4.0, 8.0
EQUALISER = 0.5
"""Spread of the gain a band may have in training, in natural logarithms."""

ARRAYS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
"""Of a recurrent layer."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """What was heard of a piece ``(hops, INPUTS)``, seconds a hop, times of its beats, and beats of a bar (0 unknown).

    The first beat begins a bar.
    """

    heard: npt.NDArray[np.floating]
    hop_s: float
    beats_s: npt.NDArray[np.float64]
    bar: int


class BeatNet(nn.Module):
    """Gated recurrent layers over the hops, and two logits each: beat and first beat of a bar."""

    def __init__(self) -> None:
        super().__init__()
        self.recurrent = nn.GRU(INPUTS, HIDDEN, LAYERS, batch_first=True)
        self.output = nn.Linear(HIDDEN, 2)

    def forward(self, heard: torch.Tensor) -> torch.Tensor:
        """``(batch, hops, INPUTS)`` to ``(batch, hops, 2)`` logits."""
        hidden, _ = self.recurrent(heard)
        return torch.as_tensor(self.output(hidden))

    def take(self, weights: Mapping[str, Floats]) -> None:
        """Put the arrays of an earlier fit in place; the inputs are then taken as they are."""
        with torch.no_grad():
            for layer in range(LAYERS):
                for name in ARRAYS:
                    getattr(self.recurrent, f"{name}_l{layer}").copy_(torch.from_numpy(weights[f"{name}_{layer}"]))
            self.output.weight.copy_(torch.from_numpy(weights["weight_out"]))
            self.output.bias.copy_(torch.from_numpy(weights["bias_out"]))


def targets(example: Example) -> Floats:
    """``(hops, 3)``: beat, first beat of a bar, and whether the latter is known."""
    rows = np.zeros((len(example.heard), 3), np.float32)
    # Hop t ends at (t + 1) hops; what it is asked about lies DELAY_S before that.
    marks = np.round((example.beats_s + DELAY_S) / example.hop_s).astype(int) - 1
    for number, mark in enumerate(marks):
        columns = [0, 1] if example.bar and number % example.bar == 0 else [0]
        for row, value in ((mark - 1, NEIGHBOUR), (mark, 1.0), (mark + 1, NEIGHBOUR)):
            if 0 <= row < len(rows):
                rows[row, columns] = np.maximum(rows[row, columns], value)
    rows[:, 2] = 1.0 if example.bar in (3, 4) else 0.0
    return rows


def fit(
    examples: Sequence[Example],
    steps: int,
    seed: int,
    tell: Callable[[int, float], None],
    batch: int = BATCH,
    start: Mapping[str, Floats] | None = None,
) -> dict[str, Floats]:
    """The network's arrays by name, ready for `instrument.features.beat.network`, after `steps` batches.

    From `start`, arrays of an earlier fit, it goes on more gently.

    Raises
    ------
    ValueError
        If no example is as long as a crop.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    hops = round(CROP_S / STEP_S)
    labelled = [(example.heard, targets(example)) for example in examples if len(example.heard) > hops]
    if not labelled:
        raise ValueError(f"no piece is longer than {CROP_S:g} s")
    sample = np.concatenate([np.asarray(heard[::17], np.float32) for heard, _ in labelled])
    mean, spread = sample.mean(axis=0), sample.std(axis=0) + 1e-3
    network = BeatNet()
    rate = LEARNING_RATE
    if start is not None:
        network.take(start)
        mean, spread, rate = np.zeros_like(mean), np.ones_like(spread), GENTLER * LEARNING_RATE
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.15)
    for step in range(steps):
        heard, wanted = _batch(labelled, (batch, hops), mean, spread, rng)
        loss = _loss(network(heard), wanted)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        tell(step, float(loss.detach()))
    return _export(network, mean, spread)


def _batch(
    labelled: Sequence[tuple[npt.NDArray[np.floating], Floats]],
    shape: tuple[int, int],
    mean: Floats,
    spread: Floats,
    rng: np.random.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    heard = np.empty((*shape, INPUTS), np.float32)
    wanted = np.empty((*shape, 3), np.float32)
    rows, hops = shape
    for row in range(rows):
        inputs, marks = labelled[int(rng.integers(len(labelled)))]
        start = int(rng.integers(len(inputs) - hops))
        heard[row] = inputs[start : start + hops]
        wanted[row] = marks[start : start + hops]
        bend = np.interp(np.arange(BANDS), np.linspace(0, BANDS - 1, 5), rng.normal(0.0, EQUALISER, 5))
        heard[row, :, :BANDS] = np.maximum(heard[row, :, :BANDS] + bend, 0.0)
    heard -= mean
    heard /= spread
    return torch.from_numpy(heard), torch.from_numpy(wanted)


def _loss(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    logits, wanted = logits[:, WARM_UP_STEPS:], wanted[:, WARM_UP_STEPS:]
    weights = torch.tensor([BEAT_WEIGHT, DOWNBEAT_WEIGHT])
    losses = nn.functional.binary_cross_entropy_with_logits(
        logits, wanted[..., :2], pos_weight=weights, reduction="none"
    )
    return losses[..., 0].mean() + 0.5 * (losses[..., 1] * wanted[..., 2]).mean()


def _export(network: BeatNet, mean: Floats, spread: Floats) -> dict[str, Floats]:
    """Weights with the standardisation of the inputs folded into the first layer."""
    arrays = {}
    for layer in range(LAYERS):
        for name in ARRAYS:
            array = getattr(network.recurrent, f"{name}_l{layer}").detach().numpy().copy()
            arrays[f"{name}_{layer}"] = array
    arrays["weight_ih_0"] /= spread
    arrays["bias_ih_0"] -= arrays["weight_ih_0"] @ mean
    arrays["weight_out"] = network.output.weight.detach().numpy().copy()
    arrays["bias_out"] = network.output.bias.detach().numpy().copy()
    return {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}
