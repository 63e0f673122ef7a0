"""The network that finds the first beats of bars: as it is fitted, in torch, and its arrays as the instrument plays it.

It sees one beat after the other, as `instrument.features.beat.bar_marker` cuts them, at the times of the true beats or
a little beside them.
"""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from instrument.features.beat.bar_marker import SLOTS, slots_of
from instrument.features.beat.front_end import INPUTS
from instrument.features.beat.steps import STEP_S
from instrument.features.rhythm import BEATS_IN_BAR
from instrument.tools.beats.crops import STRETCH, Crop, Example, crop, draw, long_enough, with_rises
from instrument.tools.beats.schedule import memory_at, rate_at

Floats = npt.NDArray[np.float32]

FOUND, UNITS = 40, 64
"""What each beat is reduced to, and the recurrent units."""
DROPPED = 0.2
CROP_S = 24.0
BATCH = 32
LEARNING_RATE, RISE, WEIGHT_DECAY = 2e-3, 50, 1e-3
LONGEST_MEMORY, FIRST_MEMORY = 0.995, 10
"""The network that is kept is a running mean: what stays of it with each batch, after how many batches a half."""
FIRST_WEIGHT = 3.0
"""Firsts are one beat in four."""
SKIPPED = 8
"""Fewer beats than this are left out at the start of a crop: it shall not learn that music begins with a bar."""
NOT_COUNTED = 4
"""Beats at the start of what is left."""
BESIDE_ALL, BESIDE_EACH = 0.75, 0.5
"""Hops that beats are taken beside where they are: spread for a whole crop, and beat by beat."""
TUNES_SHARE = 0.5
FEWEST_BEATS = 24
GATES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
"""Arrays of the recurrent units, as torch calls them."""


class BarNet(nn.Module):
    """Logits ``(batch, beats)`` of firsts, from standardised beats ``(batch, beats, SLOTS * INPUTS)``."""

    def __init__(self) -> None:
        super().__init__()
        self.find = nn.Linear(SLOTS * INPUTS, FOUND)
        self.units = nn.GRU(FOUND, UNITS, batch_first=True)
        self.first = nn.Linear(UNITS, 1)
        self.drop = nn.Dropout(DROPPED)

    def forward(self, beats: torch.Tensor) -> torch.Tensor:
        """Each from it and the beats before."""
        states, _ = self.units(self.drop(nn.functional.relu(self.find(beats))))
        return torch.as_tensor(self.first(self.drop(states))[..., 0])


def arrays_of(network: BarNet, mean: Floats, spread: Floats) -> dict[str, Floats]:
    """What `BarMarker` plays; the standardisation by `mean` and `spread` ``(SLOTS * INPUTS,)`` is folded in."""
    weight_in = network.find.weight / torch.from_numpy(spread)
    units = network.units
    arrays: dict[str, torch.Tensor] = {
        "weight_in": weight_in,
        "bias_in": torch.as_tensor(network.find.bias) - weight_in @ torch.from_numpy(mean),
        **{name: torch.as_tensor(getattr(units, f"{name}_l0")) for name in GATES},
        "weight_out": network.first.weight,
        "bias_out": network.first.bias,
    }
    return {name: np.ascontiguousarray(array.detach().numpy(), np.float32) for name, array in arrays.items()}


def beats_of(drawn: Crop, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Beats ``(beats, SLOTS * INPUTS)`` of a crop, and which of them begin a bar ``(beats,)``.

    They begin with one of the first `SKIPPED`; the last in the crop is left out, for it has no end.
    """
    heard = with_rises(drawn.levels[None])[0]
    marks = np.flatnonzero(drawn.marks[:, 0] == 1.0)[rng.integers(SKIPPED) :]
    beside = rng.normal(0.0, BESIDE_ALL) + rng.normal(0.0, BESIDE_EACH, len(marks))
    at = np.clip(np.rint(marks + beside).astype(int) - 1, 0, len(heard) - 1)
    beats = [slots_of(heard[start : max(stop, start + 1)]) for start, stop in itertools.pairwise(at)]
    firsts = drawn.marks[marks[:-1], 1] == 1.0
    return np.array(beats, np.float32).reshape(-1, SLOTS * INPUTS), firsts.astype(np.float32)


def fit_bars(
    made: Sequence[Example], tunes: Sequence[Example], steps: int, seed: int, tell: Callable[[int, float], None]
) -> dict[str, Floats]:
    """The network's arrays by name, fitted to those pieces of both kinds that are in bars of four.

    Raises
    ------
    ValueError
        If none that was `made` is as long as a crop.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    hops = round(CROP_S / STEP_S)
    made, tunes = _usable(made, hops), _usable(tunes, hops)
    if not made:
        raise ValueError(f"no piece in bars of four is longer than {np.exp(STRETCH) * CROP_S:.1f} s")
    mean, spread = _standard((*made, *tunes), hops)
    network, averaged = BarNet(), BarNet()
    averaged.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, steps, LEARNING_RATE, RISE)
        drawn = [beats_of(draw(made, tunes, TUNES_SHARE, hops, rng), rng) for _ in range(BATCH)]
        loss = _loss(network, drawn, mean, spread)
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


def _usable(examples: Sequence[Example], hops: int) -> list[Example]:
    return [
        example
        for example in long_enough(examples, hops)
        if example.bar == BEATS_IN_BAR and len(example.beats_s) >= FEWEST_BEATS
    ]


def _standard(examples: Sequence[Example], hops: int) -> tuple[Floats, Floats]:
    """Mean and spread of what a beat is, each ``(SLOTS * INPUTS,)``."""
    rng = np.random.default_rng(0)
    beats = np.concatenate([beats_of(crop(example, hops, rng), rng)[0] for example in examples[::9]])
    return beats.mean(axis=0), beats.std(axis=0) + np.float32(1e-2)


def _loss(network: BarNet, drawn: Sequence[tuple[Floats, Floats]], mean: Floats, spread: Floats) -> torch.Tensor:
    """Cross-entropy of the beats that count; crops are filled up to the longest."""
    beats, wanted, counted = (
        nn.utils.rnn.pad_sequence([torch.from_numpy(row) for row in rows], batch_first=True)
        for rows in (
            [(each - mean) / spread for each, _ in drawn],
            [firsts for _, firsts in drawn],
            [(np.arange(len(firsts)) >= NOT_COUNTED).astype(np.float32) for _, firsts in drawn],
        )
    )
    losses = nn.functional.binary_cross_entropy_with_logits(
        network(beats), wanted, pos_weight=torch.tensor(FIRST_WEIGHT), reduction="none"
    )
    return torch.as_tensor((losses * counted).sum() / counted.sum())
