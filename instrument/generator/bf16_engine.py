"""The CPU generator with bfloat16 convolutions, on processors that have instructions for them.

They take two thirds of the time or less. What they cost in likeness depends on the checkpoint, so each one is tried
against float32, in the first pictures: with the paper's half of the layers, then with those at the picture's own rate
only, which cost the most and are followed by the least. Float32 stays where they differ or nothing is gained.
"""

import functools
import logging

import numpy as np
import torch

from instrument.generator.checkpoint import Checkpoint
from instrument.generator.half_trial import HalfTrial, Verdict
from instrument.generator.lrelu.loader import shared_loader
from instrument.generator.lrelu.plain import FilteredLrelu, PlainFilteredLrelu
from instrument.generator.protocol import IDENTITY
from instrument.generator.stylegan3.network import HalfRule, SynthesisNetwork
from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig, runs_at_full_rate, runs_in_half
from instrument.generator.torch_engine import TorchGenerator, to_picture
from instrument.kernels import KernelLoader

_log = logging.getLogger(__name__)

TRIED = 5
"""Latents drawn both ways."""

STRETCH = 1.5
"""How far from the average the tried latents lie, in random ones' distance: a show's moods lie at the edge."""

RULES: tuple[HalfRule, ...] = (runs_in_half, runs_at_full_rate)
"""What is tried, fastest first."""


class Bf16Generator(TorchGenerator):
    """`Generator` that plays in float32 first, and in bfloat16 from when that has proved itself. One owner thread."""

    def __init__(self, checkpoint: Checkpoint, threads: int = 0, label: int = 0) -> None:
        """See `TorchGenerator`. StyleGAN2 stays in float32."""
        super().__init__(checkpoint, threads, label)
        self._checkpoint = checkpoint
        self._half_loader: KernelLoader | None = None
        self._trial: HalfTrial | None = None
        self._half: SynthesisNetwork | None = None
        self._verdict: Verdict | None = None
        self._rules = list(RULES)
        self._is_decided = not isinstance(checkpoint.config, NetworkConfig)

    @property
    def description(self) -> str:
        """Network and engine in a few words."""
        if self._verdict is None or not self._verdict.accepted:
            return super().description
        return f"{self.network_name}, torch cpu bfloat16 ({self._verdict.worst_db:.0f} dB), fused kernel"

    @property
    def is_warming(self) -> bool:
        """Whether the kernel is on its way, or bfloat16 still on trial."""
        return super().is_warming or not self._is_decided

    def wait_until_fast(self, timeout_s: float) -> bool:
        """Block until both kernels are compiled; False if float32's is not used, failed, or `timeout_s` passed.

        The trial itself takes place in the next pictures.
        """
        if not super().wait_until_fast(timeout_s):
            return False
        if not self._is_decided:
            self._ask_for_half().wait(timeout_s)
        return True

    def _warm_up(self) -> None:
        """Float32's kernel first, then bfloat16's, then the trial: one small step for each picture."""
        if super().is_warming:
            super()._warm_up()
        elif not self.is_fused:
            self._is_decided = True
        elif self._trial is not None:
            self._decide(self._trial.step())
        elif (loader := self._ask_for_half()).ready:
            self._trial = self._make_trial()
        elif loader.finished:
            self._is_decided = True

    def _ask_for_half(self) -> KernelLoader:
        if self._half_loader is None:
            self._half_loader = shared_loader(self.entry, half=True)
        return self._half_loader

    def _make_trial(self) -> HalfTrial:
        config = self._checkpoint.config
        assert isinstance(config, NetworkConfig)
        rule = self._rules.pop(0)
        activation = functools.partial(self._half_activation, config, rule)
        exact = self._synthesis
        half = self._half = SynthesisNetwork(config, self._checkpoint.tensors, activation, torch.bfloat16, rule)
        z = np.random.default_rng(0).standard_normal((TRIED, self.z_dim), dtype=np.float32)
        far = self.w_avg + np.float32(STRETCH) * (self.map(z) - self.w_avg)
        latents = [np.repeat(w[None], self.num_ws, axis=0) for w in far]
        return HalfTrial(
            lambda ws: to_picture(exact(torch.from_numpy(ws), IDENTITY)),
            lambda ws: to_picture(half(torch.from_numpy(ws), IDENTITY)),
            latents,
        )

    def _half_activation(
        self,
        config: NetworkConfig,
        rule: HalfRule,
        plan: LayerPlan,
        up_filter: torch.Tensor,
        down_filter: torch.Tensor,
        conv_clamp: float | None,
    ) -> FilteredLrelu:
        from instrument.generator.lrelu.fused import FusedFilteredLrelu, usable

        dtype = torch.bfloat16 if rule(config, plan) else torch.float32
        if not usable(plan, up_filter, down_filter):
            return PlainFilteredLrelu(plan, up_filter, down_filter, conv_clamp, dtype)
        assert self._workspace is not None
        return FusedFilteredLrelu(plan, up_filter, down_filter, conv_clamp, self._workspace, dtype)

    def _decide(self, verdict: Verdict | None) -> None:
        if verdict is None:
            return
        found = f"{verdict.worst_db:.0f} dB, {100 * verdict.share:.0f} % of the time"
        _log.info("bfloat16 %s: %s", "taken" if verdict.accepted else "left", found)
        self._verdict, self._trial = verdict, None
        self._is_decided = verdict.accepted or not verdict.worth_it or not self._rules
        if verdict.accepted and self._half is not None:
            self._synthesis = self._half
        self._half = None
