"""How far a fit has come, on disk: one that was interrupted goes on as if it had not been."""

import json
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


def keep(path: Path, step: int, network: nn.Module, optimizer: torch.optim.Adam, rng: np.random.Generator) -> None:
    """Write what the fit is after `step` batches."""
    arrays = {}
    for name, parameter in network.named_parameters():
        arrays[name] = parameter.detach()
        for moment in MOMENTS:
            arrays[f"{moment} {name}"] = optimizer.state[parameter][moment].reshape(-1)
    told = {"step": str(step), "rng": json.dumps(rng.bit_generator.state)}
    write_atomic(path, save({name: array.clone().contiguous() for name, array in arrays.items()}, told))


def recall(path: Path, network: nn.Module, optimizer: torch.optim.Adam, rng: np.random.Generator) -> int:
    """Put what was kept back in place: the batches it had come through.

    Raises
    ------
    InstrumentError
        If the file is not of a fit of this network.
    """
    try:
        with safe_open(path, "pt") as arrays, torch.no_grad():
            told = arrays.metadata()
            for name, parameter in network.named_parameters():
                parameter.copy_(arrays.get_tensor(name))
                step, *moments = (arrays.get_tensor(f"{moment} {name}") for moment in MOMENTS)
                shaped = [moment.reshape(parameter.shape) for moment in moments]
                optimizer.state[parameter] = dict(zip(MOMENTS, [step.reshape(()), *shaped], strict=True))
        rng.bit_generator.state = json.loads(told["rng"])
        return int(told["step"])
    except (OSError, SafetensorError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise InstrumentError(f"{path} holds no fit that could go on; delete it") from error
