"""Networks that see one beat after the other: as they are fitted, in torch, and their arrays as they are played."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from instrument.features.beat.beat_sketch import VALUES, BeatSketcher
from instrument.tools.beats.crops import Crop, with_rises
from instrument.tools.beats.schedule import memory_at, rate_at

Floats = npt.NDArray[np.float32]

DROPPED = 0.2
BATCH = 32
LEARNING_RATE, RISE, WEIGHT_DECAY = 2e-3, 50, 1e-3
LONGEST_MEMORY, FIRST_MEMORY = 0.995, 10
"""The network that is kept is a running mean: what stays of it with each batch, after how many batches a half."""
BESIDE_ALL, BESIDE_EACH = 0.75, 0.5
"""Hops that beats are taken beside where they are: spread for a whole crop, and beat by beat."""
GATES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
"""Arrays of the recurrent units, as torch calls them."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a beat is reduced to, recurrent units, and what is asked about each beat."""

    found: int
    units: int
    outputs: int


class BeatwiseNet(nn.Module):
    """Logits ``(batch, beats, outputs)`` from standardised sketches ``(batch, beats, VALUES)``."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.find = nn.Linear(VALUES, shape.found)
        self.units = nn.GRU(shape.found, shape.units, batch_first=True)
        self.out = nn.Linear(shape.units, shape.outputs)
        self.drop = nn.Dropout(DROPPED)

    def forward(self, beats: torch.Tensor) -> torch.Tensor:
        """Each from it and the beats before."""
        states, _ = self.units(self.drop(nn.functional.relu(self.find(beats))))
        return torch.as_tensor(self.out(self.drop(states)))


@dataclass(frozen=True, slots=True)
class Plan:
    """How many batches, from which seed, what each question weighs, and beats at the start that do not count.

    `shares` are those of the questions in the loss, `yes_weights` what a yes weighs against a no.
    """

    steps: int
    seed: int
    shares: tuple[float, ...]
    yes_weights: tuple[float, ...]
    not_counted: int


def sketches(drawn: Crop, marks: npt.NDArray[np.floating | np.integer], rng: np.random.Generator) -> Floats:
    """Of the beats ``(beats, VALUES)`` of a crop that begin at `marks`, in hops, or a little beside.

    The last one has no end and is left out.
    """
    heard = with_rises(drawn.levels[None])[0]
    beside = rng.normal(0.0, BESIDE_ALL) + rng.normal(0.0, BESIDE_EACH, len(marks))
    at = np.clip(np.rint(marks + beside).astype(int) - 1, 0, len(heard) - 1)
    sketcher = BeatSketcher()
    spans = [slice(start, max(stop, start + 1)) for start, stop in itertools.pairwise(at)]
    return np.array([sketcher.sketch(heard[span], drawn.pitches[span]) for span in spans]).reshape(-1, VALUES)


def fit_beatwise(
    shape: Shape,
    sample: Floats,
    draw: Callable[[np.random.Generator], tuple[Floats, Floats]],
    plan: Plan,
    tell: Callable[[int, float], None],
) -> dict[str, Floats]:
    """The network's arrays by name. `sample` are beats that tell what is usual.

    `draw` gives beats of one crop, and what is right for each of them ``(beats, outputs)``, NaN where nobody knows.
    """
    torch.manual_seed(plan.seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(plan.seed)
    mean, spread = sample.mean(axis=0), sample.std(axis=0) + np.float32(1e-2)
    network, averaged = BeatwiseNet(shape), BeatwiseNet(shape)
    averaged.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    for step in range(plan.steps):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, plan.steps, LEARNING_RATE, RISE)
        drawn = [draw(rng) for _ in range(BATCH)]
        loss = _loss(network, [((beats - mean) / spread, wanted) for beats, wanted in drawn], plan)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        memory = memory_at(step, LONGEST_MEMORY, FIRST_MEMORY)
        with torch.no_grad():
            for average, newest in zip(averaged.parameters(), network.parameters(), strict=True):
                average.mul_(memory).add_(newest, alpha=1.0 - memory)
        tell(step, float(loss.detach()))
    return arrays_of(averaged, mean, spread)


def arrays_of(network: BeatwiseNet, mean: Floats, spread: Floats) -> dict[str, Floats]:
    """What `BeatwiseNetwork` plays; the standardisation by `mean` and `spread` ``(VALUES,)`` is folded in."""
    weight_in = network.find.weight / torch.from_numpy(spread)
    units = network.units
    arrays: dict[str, torch.Tensor] = {
        "weight_in": weight_in,
        "bias_in": torch.as_tensor(network.find.bias) - weight_in @ torch.from_numpy(mean),
        **{name: torch.as_tensor(getattr(units, f"{name}_l0")) for name in GATES},
        "weight_out": network.out.weight,
        "bias_out": network.out.bias,
    }
    return {name: np.ascontiguousarray(array.detach().numpy(), np.float32) for name, array in arrays.items()}


def _loss(network: BeatwiseNet, drawn: Sequence[tuple[Floats, Floats]], plan: Plan) -> torch.Tensor:
    """Cross-entropy of the beats that count, by question; crops are filled up to the longest."""
    beats, wanted, counted = (
        nn.utils.rnn.pad_sequence([torch.from_numpy(row) for row in rows], batch_first=True)
        for rows in (
            [each for each, _ in drawn],
            [np.nan_to_num(right) for _, right in drawn],
            [_counted(right, plan.not_counted) for _, right in drawn],
        )
    )
    losses = nn.functional.binary_cross_entropy_with_logits(
        network(beats), wanted, pos_weight=torch.tensor(plan.yes_weights), reduction="none"
    )
    mean = (losses * counted).sum(dim=(0, 1)) / counted.sum(dim=(0, 1)).clamp(min=1.0)
    return torch.as_tensor((mean * torch.tensor(plan.shares)).sum())


def _counted(right: Floats, not_counted: int) -> Floats:
    """1 for what counts ``(beats, outputs)``."""
    late = np.arange(len(right))[:, None] >= not_counted
    return np.asarray(late & ~np.isnan(right), np.float32)
