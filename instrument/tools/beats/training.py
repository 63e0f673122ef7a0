"""Fits the network that marks beats, and keeps it as a tensor file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from instrument.features.beat.network import TEMPI_BPM
from instrument.features.beat.steps import STEP_S
from instrument.tools.beats.beat_net import CHANNELS, BeatNet, arrays_of
from instrument.tools.beats.crops import STRETCH, Crop, Example, draw, long_enough, with_rises
from instrument.tools.beats.fit_state import Fit, keep, recall
from instrument.tools.beats.schedule import memory_at, rate_at

Floats = npt.NDArray[np.float32]

CROP_S = 20.0
"""Nearly twice as long as the network looks back."""
MARKS_FROM, TEMPO_FROM = 90, 200
"""Hops at the start of a crop where nobody can know the beat, or the tempo, yet; not counted."""
BATCH = 28
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-4
RISE = 100
"""Batches in which the rate rises at the beginning."""
KEEP_EVERY = 50
TUNES_SHARE = 0.55
"""Of the crops, if there are tunes: what people wrote is more varied than what we make."""
BEAT_WEIGHT, DOWNBEAT_WEIGHT = 4.0, 8.0
DOWNBEAT_SHARE, TEMPO_SHARE = 0.5, 0.1
"""Of the loss, against that of the beats."""
LONGEST_MEMORY, FIRST_MEMORY = 0.998, 10
"""The network that is kept is a running mean: what stays of it with each batch, after how many batches a half."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many batches of how many crops, from which seed, how wide a network, and the file that keeps the fit."""

    steps: int
    seed: int = 0
    batch: int = BATCH
    channels: int = CHANNELS
    state: Path | None = None

    def rate(self, step: int) -> float:
        """Of learning, at a step."""
        return rate_at(step, self.steps, LEARNING_RATE, RISE)


def fit(
    made: Sequence[Example], tunes: Sequence[Example], plan: Plan, tell: Callable[[int, float], None]
) -> dict[str, Floats]:
    """The network's arrays by name, ready for `instrument.features.beat.network`, fitted to pieces of both kinds.

    Raises
    ------
    ValueError
        If no piece that was `made` is as long as a crop.
    InstrumentError
        If there is a state that cannot be gone on from.
    """
    torch.manual_seed(plan.seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(plan.seed)
    hops = round(CROP_S / STEP_S)
    made, tunes = long_enough(made, hops), long_enough(tunes, hops)
    if not made:
        raise ValueError(f"no piece is longer than {np.exp(STRETCH) * CROP_S:.1f} s")
    mean, spread = _standard((*made, *tunes))
    network = BeatNet(plan.channels)
    averaged = AveragedModel(network, avg_fn=_averaged, use_buffers=True)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    fitted = Fit(network, averaged, optimizer, rng, plan.steps)
    begun = recall(plan.state, fitted) if plan.state and plan.state.is_file() else 0
    for step in range(begun, plan.steps):
        crops = [draw(made, tunes, TUNES_SHARE, hops, rng) for _ in range(plan.batch)]
        heard = (with_rises(np.stack([drawn.levels for drawn in crops])) - mean) / spread
        tell(step, _learn(network, optimizer, plan.rate(step), torch.from_numpy(heard.astype(np.float32)), crops))
        averaged.update_parameters(network)
        if plan.state and (step + 1) % KEEP_EVERY == 0:
            keep(plan.state, step + 1, fitted)
    kept = averaged.module
    assert isinstance(kept, BeatNet)
    return arrays_of(kept.eval(), mean, spread)


def _standard(examples: Sequence[Example]) -> tuple[Floats, Floats]:
    """Mean and spread of the inputs, each ``(INPUTS,)``."""
    sample = np.concatenate([np.asarray(example.heard[::17], np.float32) for example in examples])
    return sample.mean(axis=0), sample.std(axis=0) + np.float32(1e-3)


def _averaged(average: torch.Tensor, newest: torch.Tensor, count: torch.Tensor | int) -> torch.Tensor:
    memory = memory_at(int(count), LONGEST_MEMORY, FIRST_MEMORY)
    return average * memory + newest * (1.0 - memory)


def _learn(
    network: BeatNet, optimizer: torch.optim.Optimizer, rate: float, heard: torch.Tensor, crops: Sequence[Crop]
) -> float:
    """One batch; its loss before."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    # In half the time, where the processor multiplies bfloat16; the sums stay float32.
    with torch.autocast("cpu", torch.bfloat16):
        marks, tempo = network(heard)
    wanted = torch.from_numpy(np.stack([drawn.marks for drawn in crops]))
    played = torch.from_numpy(np.stack([drawn.tempo for drawn in crops]))
    loss = _marks_loss(marks.float(), wanted) + TEMPO_SHARE * _tempo_loss(tempo.float(), played)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def _marks_loss(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    logits, wanted = logits[:, MARKS_FROM:], wanted[:, MARKS_FROM:]
    weights = torch.tensor([BEAT_WEIGHT, DOWNBEAT_WEIGHT])
    losses = nn.functional.binary_cross_entropy_with_logits(
        logits, wanted[..., :2], pos_weight=weights, reduction="none"
    )
    return losses[..., 0].mean() + DOWNBEAT_SHARE * (losses[..., 1] * wanted[..., 2]).mean()


def _tempo_loss(logits: torch.Tensor, played: torch.Tensor) -> torch.Tensor:
    """Cross-entropy against a bump over the tempi next to the one that is played; where there is none, nothing."""
    logits, played = logits[:, TEMPO_FROM:], played[:, TEMPO_FROM:]
    bumps = torch.exp(-0.5 * (torch.arange(len(TEMPI_BPM)) - played[..., None]).square())
    bumps = bumps / bumps.sum(dim=-1, keepdim=True).clamp_min(1e-6)
    losses = -(bumps * nn.functional.log_softmax(logits, dim=-1)).sum(dim=-1)
    return (losses * (played >= 0.0)).mean()
