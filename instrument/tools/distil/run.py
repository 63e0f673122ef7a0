"""A whole distillation as rounds of work, each of which can be the last before a break.

What a round does depends on the seed, its number and the state before it, and on nothing else.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open

from instrument.disk.atomic import write_atomic
from instrument.disk.tensors import tensors_to_bytes
from instrument.tools.distil.construct import Tensors, build, built_layers, config_for
from instrument.tools.distil.family import Family
from instrument.tools.distil.folding import shapes_of
from instrument.tools.distil.optimisers import Adam, Muon
from instrument.tools.distil.pointwise import draw_points, train_points
from instrument.tools.distil.teacher import Teacher
from instrument.tools.distil.upper import UpperLayer, calibrate, gains_of, start, tensors_of
from instrument.tools.distil.windows import WindowNetwork, junctions, make_pool, train_windows

STATE_FILE = "distil-state.safetensors"
_POINTS, _WINDOWS = 1, 2


@dataclass(frozen=True, slots=True)
class Schedule:
    """How much of each training: rounds, and steps a round; `pool` latents a round of windows."""

    point_rounds: int
    window_rounds: int
    point_steps: int = 250
    window_steps: int = 120
    pool: int = 40

    @property
    def rounds(self) -> int:
        """All of them."""
        return self.point_rounds + self.window_rounds


POINT_ROUNDS_A_MINUTE = 7.0
WINDOW_ROUNDS_A_MINUTE = 2.0
"""On one core of a 2024 server processor."""
POINT_SHARE = 0.4
"""Of the time goes to points; the rest goes to windows."""


def schedule_for(minutes: float) -> Schedule:
    """About `minutes` of one core. The work is counted in steps and not in time, so that a seed is a result.

    >>> schedule_for(10.0)
    Schedule(point_rounds=28, window_rounds=12, point_steps=250, window_steps=120, pool=40)
    """
    points = round(POINT_SHARE * minutes * POINT_ROUNDS_A_MINUTE)
    return Schedule(max(points, 1), max(round((1.0 - POINT_SHARE) * minutes * WINDOW_ROUNDS_A_MINUTE), 1))


class Distillation:
    """The teacher, the network and where its training stands."""

    def __init__(self, family: Family, schedule: Schedule, seed: int) -> None:
        self.schedule = schedule
        self.teacher = Teacher(family)
        self.config = config_for(self.teacher.canvas)
        self.rounds_done = 0
        self._seed = seed
        self._built = built_layers(self.teacher.folding)
        self._lower, known = build(self.config, self.teacher)
        self._reads = gains_of(known, self.teacher.folding.outputs)
        shapes = shapes_of(family)
        self._layers = start(self.config, known, shapes, seed, self._built)
        codes, x, _ = draw_points(self.teacher, self._reads, self._rng(0))
        with torch.no_grad():
            calibrate(self._layers, x, codes, len(shapes), seed)
        self._points = Muon(self._layers)
        self._windows = Adam([value for layer in self._layers for value in layer.parameters()])
        self._network = WindowNetwork(self._layers, self.config.resolution)

    def tensors(self) -> Tensors:
        """The network as it is now, by StyleGAN's names."""
        return self._lower | tensors_of(self.config, self._layers)

    @property
    def layers(self) -> list[UpperLayer]:
        """The trained half."""
        return self._layers

    def junctions(self, codes: torch.Tensor) -> torch.Tensor:
        """What the built half hands on for codes ``(m, n)``: ``(m, c, s, s)``."""
        return junctions(self.config, self._lower, codes, self._built, self._layers[0].weight.shape[1])

    def next_round(self) -> float:
        """Do one round; returns its mean L1 (range -1 to 1)."""
        done, plan = self.rounds_done, self.schedule
        rng = self._rng(_POINTS if done < plan.point_rounds else _WINDOWS, done)
        if done < plan.point_rounds:
            steps = range(done * plan.point_steps, (done + 1) * plan.point_steps)
            whole = plan.point_rounds * plan.point_steps
            l1 = train_points(self.teacher, self._reads, self._layers, self._points, steps, whole, rng)
        else:
            late = done - plan.point_rounds
            steps = range(late * plan.window_steps, (late + 1) * plan.window_steps)
            pool = make_pool(self.config, self.teacher, self._lower, self._layers, plan.pool, self._built, rng)
            whole, first = plan.window_rounds * plan.window_steps, self._layers[0].plan
            size = self.config.resolution
            l1 = train_windows(
                self._network, first, pool, self._windows, steps, whole, size, self.teacher.family.sharpness, rng
            )
        self.rounds_done += 1
        return l1

    def save(self, folder: Path) -> None:
        """Write where the training stands. Raises OSError."""
        named = {f"{index:03}": value.detach().numpy() for index, value in enumerate(self._state())}
        words = {"work": self._work(), "rounds": str(self.rounds_done)}
        write_atomic(folder / STATE_FILE, tensors_to_bytes(named, words))

    def resume(self, folder: Path) -> bool:
        """Go on where `save` left off, if that was the same work; False if there is nothing of the kind."""
        try:
            with safe_open(folder / STATE_FILE, framework="pt") as file:
                words = file.metadata() or {}
                if words.get("work") != self._work():
                    return False
                values = [file.get_tensor(name).clone() for name in sorted(file.keys())]
        except (OSError, SafetensorError):
            return False
        with torch.no_grad():
            for own, value in zip(self._state(), values, strict=True):
                own.copy_(value)
        self.rounds_done = int(words["rounds"])
        return True

    def _state(self) -> list[torch.Tensor]:
        trained = [value for layer in self._layers for value in layer.parameters()]
        return [*trained, *self._points.state(), *self._windows.state()]

    def _work(self) -> str:
        """What tells one run from another."""
        return json.dumps([repr(self.teacher.family), repr(self.schedule), self._seed, repr(self.config)])

    def _rng(self, *place: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, *place])
