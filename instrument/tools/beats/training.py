"""Fits the network that marks beats, and keeps it as a tensor file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from instrument.features.beat.front_end import BANDS, INPUTS, LAG
from instrument.features.beat.network import DELAY_S, LAYERS
from instrument.features.beat.steps import STEP_S
from instrument.tools.beats.fit_state import keep, recall

Floats = npt.NDArray[np.float32]

HIDDEN = 96
CROP_S = 14.0
WARM_UP_STEPS = 90
"""At the start of a crop, where nobody can know the beat yet; not counted."""
BATCH = 40
LEARNING_RATE = 2.5e-3
RISE, FALL = 100, 300
"""Batches in which it rises at the beginning, and falls to 0 at the end."""
KEEP_EVERY = 50
NEIGHBOUR = 0.5
"""Target in the hops beside that of a beat."""
BEAT_WEIGHT, DOWNBEAT_WEIGHT = 4.0, 8.0
EQUALISER = 0.5
"""Spread of the gain a band may have in training, in natural logarithms."""
STRETCH = 0.2
"""How much faster or slower a piece may be played in training, in natural logarithms."""
SLOWEST_BPM, FASTEST_BPM = 60.0, 188.0
"""But not beyond these."""
HISS_SHARE = 0.3
HISS = (0.3, 12.0)
"""Share of the crops that get noise, and its least and most level before compression (the loudest hop has 300)."""

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

    def __init__(self, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.recurrent = nn.GRU(INPUTS, hidden, LAYERS, batch_first=True)
        self.output = nn.Linear(hidden, 2)

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


def targets(marks: npt.NDArray[np.float64], hops: int, bar: int) -> Floats:
    """``(hops, 3)``: beat, first beat of a bar, and whether the latter is known; `marks` in hops, first the bar's."""
    rows = np.zeros((hops, 3), np.float32)
    for number, mark in enumerate(np.round(marks).astype(int)):
        columns = [0, 1] if bar and number % bar == 0 else [0]
        for row, value in ((mark - 1, NEIGHBOUR), (mark, 1.0), (mark + 1, NEIGHBOUR)):
            if 0 <= row < hops:
                rows[row, columns] = np.maximum(rows[row, columns], value)
    rows[:, 2] = 1.0 if bar in (3, 4) else 0.0
    return rows


def marks_of(example: Example, start: float = 0.0, pace: float = 1.0) -> npt.NDArray[np.float64]:
    """The hops that should be marked when it is played `pace` times as fast from hop `start`."""
    # Hop t ends at (t + 1) hops; what it is asked about lies DELAY_S before that.
    return (example.beats_s / example.hop_s - 1.0 - start) / pace + DELAY_S / example.hop_s


@dataclass(frozen=True, slots=True)
class Plan:
    """How many batches of how many crops, from which seed, and the file in which the fit is kept as it goes."""

    steps: int
    seed: int = 0
    batch: int = BATCH
    state: Path | None = None

    @property
    def fall(self) -> int:
        """The step from which the rate falls; until then fits of any length are the same."""
        return self.steps - min(FALL, self.steps // 2)

    def rate(self, step: int) -> float:
        """Of learning, at a step."""
        rise = min(RISE, max(self.steps // 8, 1))
        return LEARNING_RATE * min(1.0, (step + 1) / rise, (self.steps - step) / (self.steps - self.fall))


def fit(examples: Sequence[Example], plan: Plan, tell: Callable[[int, float], None]) -> dict[str, Floats]:
    """The network's arrays by name, ready for `instrument.features.beat.network`.

    Raises
    ------
    ValueError
        If no example is as long as a crop.
    InstrumentError
        If there is a state that cannot be gone on from.
    """
    torch.manual_seed(plan.seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(plan.seed)
    hops = round(CROP_S / STEP_S)
    long = [example for example in examples if len(example.heard) > hops * np.exp(STRETCH) + 2]
    if not long:
        raise ValueError(f"no piece is longer than {np.exp(STRETCH) * CROP_S:.1f} s")
    sample = np.concatenate([np.asarray(example.heard[::17], np.float32) for example in long])
    mean, spread = sample.mean(axis=0), sample.std(axis=0) + 1e-3
    network = BeatNet()
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    begun = recall(plan.state, network, optimizer, rng) if plan.state and plan.state.is_file() else 0
    for step in range(begun, plan.steps):
        crops = [_crop(long[int(rng.integers(len(long)))], hops, rng) for _ in range(plan.batch)]
        heard = (with_rises(np.stack([levels for levels, _ in crops])) - mean) / spread
        wanted = np.stack([rows for _, rows in crops])
        tell(step, _learn(network, optimizer, plan.rate(step), torch.from_numpy(heard), torch.from_numpy(wanted)))
        if plan.state and (step + 1) % KEEP_EVERY == 0 and step < plan.fall:
            keep(plan.state, step + 1, network, optimizer, rng)
    return _export(network, mean, spread)


def _learn(
    network: BeatNet, optimizer: torch.optim.Adam, rate: float, heard: torch.Tensor, wanted: torch.Tensor
) -> float:
    """One batch; its loss before."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    loss = _loss(network(heard), wanted)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def _crop(example: Example, hops: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Levels ``(hops, BANDS)`` and targets of a stretch of a piece, at another pace and through another equaliser."""
    pace = float(np.exp(rng.uniform(-STRETCH, STRETCH)))
    if len(example.beats_s) > 1:
        tempo_bpm = 60.0 / float(np.median(np.diff(example.beats_s)))
        lowest, highest = min(SLOWEST_BPM / tempo_bpm, 1.0), max(FASTEST_BPM / tempo_bpm, 1.0)
        pace = min(max(pace, lowest), highest)
    start = float(rng.uniform(0.0, len(example.heard) - 1 - hops * pace))
    at = start + pace * np.arange(hops)
    low = at.astype(int)
    part = (at - low)[:, None]
    levels = example.heard[low, :BANDS] * (1.0 - part) + example.heard[low + 1, :BANDS] * part
    bend = np.interp(np.arange(BANDS), np.linspace(0, BANDS - 1, 5), rng.normal(0.0, EQUALISER, 5))
    levels = np.where(levels > 0.0, np.maximum(levels + bend, 0.0), 0.0)
    if rng.random() < HISS_SHARE:
        hiss = np.exp(rng.uniform(*np.log(HISS))) * rng.uniform(0.4, 1.0, levels.shape)
        levels = np.log1p(np.expm1(levels) + hiss)
    return levels.astype(np.float32), targets(marks_of(example, start, pace), hops, example.bar)


def with_rises(levels: Floats) -> Floats:
    """``(batch, hops, INPUTS)`` of levels ``(batch, hops, BANDS)``, as the front end has them once it goes."""
    before = np.zeros((*levels.shape[:2], BANDS + 2), np.float32)
    before[:, LAG:, 1:-1] = levels[:, :-LAG]
    widest = np.maximum(np.maximum(before[..., :-2], before[..., 2:]), before[..., 1:-1])
    rises = np.maximum(levels - widest, 0.0)
    rises[:, :LAG] = 0.0
    return np.concatenate([levels, rises], axis=2)


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
