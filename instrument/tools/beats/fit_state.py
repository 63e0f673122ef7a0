"""How far a fit has come, on disk: one that was interrupted goes on as if it had not been."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from instrument.disk.atomic import write_atomic
from instrument.errors import InstrumentError

MOMENTS = ("step", "exp_avg", "exp_avg_sq")
"""What Adam remembers of each parameter."""
DRAWS = "draws"
"""Torch's own random numbers, by which channels are dropped."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """All that changes from batch to batch, and for how many batches it is planned."""

    network: nn.Module
    averaged: nn.Module
    optimizer: torch.optim.Optimizer
    rng: np.random.Generator
    steps: int

    def modules(self) -> dict[str, nn.Module]:
        """By the name that their tensors begin with."""
        return {"network": self.network, "averaged": self.averaged}


def keep(path: Path, step: int, fit: Fit) -> None:
    """Write what the fit is after `step` batches."""
    arrays = {DRAWS: torch.get_rng_state()}
    for kind, module in fit.modules().items():
        arrays |= {f"{kind} {name}": array for name, array in module.state_dict().items()}
    for name, parameter in fit.network.named_parameters():
        for moment in MOMENTS:
            arrays[f"{moment} {name}"] = fit.optimizer.state[parameter][moment]
    told = {"step": str(step), "steps": str(fit.steps), "rng": json.dumps(fit.rng.bit_generator.state)}
    write_atomic(path, save({name: array.detach().clone().contiguous() for name, array in arrays.items()}, told))


def recall(path: Path, fit: Fit) -> int:
    """Put what was kept back in place: the batches it had come through.

    Raises
    ------
    InstrumentError
        If the file is not of a fit of this network over as many batches.
    """
    try:
        with safe_open(path, "pt") as arrays:
            told = arrays.metadata()
            if int(told["steps"]) != fit.steps:
                raise ValueError("another number of batches")
            for kind, module in fit.modules().items():
                module.load_state_dict({name: arrays.get_tensor(f"{kind} {name}") for name in module.state_dict()})
            for name, parameter in fit.network.named_parameters():
                moments = {moment: arrays.get_tensor(f"{moment} {name}") for moment in MOMENTS}
                fit.optimizer.state[parameter] = moments
            torch.set_rng_state(arrays.get_tensor(DRAWS))
        fit.rng.bit_generator.state = json.loads(told["rng"])
        return int(told["step"])
    except (OSError, SafetensorError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise InstrumentError(f"{path} holds no fit that could go on; delete it") from error
