"""The network that marks beats as it is fitted, in torch, and its arrays as the instrument plays them."""

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from instrument.features.beat.front_end import INPUTS
from instrument.features.beat.network import BLOCKS, FIRST_TAPS, TAPS, TEMPI_BPM

Floats = npt.NDArray[np.float32]

CHANNELS = 64
DROPPED = 0.1
"""Share of a block's channels that are left out of each crop in training."""


class CausalConvolution(nn.Module):
    """Over ``(batch, channels, hops)``, looking back only; before the first hop there were zeros."""

    def __init__(self, inputs: int, outputs: int, taps: int, dilation: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(inputs, outputs, taps, dilation=dilation)
        self._before = (taps - 1) * dilation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As many hops as came in."""
        return torch.as_tensor(self.convolution(nn.functional.pad(x, (self._before, 0))))


class Block(nn.Module):
    """A dilated convolution whose findings are mixed and added to what came in."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.look = CausalConvolution(channels, channels, TAPS, dilation)
        self.norm = nn.BatchNorm1d(channels)
        self.mix = nn.Conv1d(channels, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``(batch, channels, hops)`` to the same."""
        found = nn.functional.dropout1d(nn.functional.relu(self.norm(self.look(x))), DROPPED, self.training)
        return torch.as_tensor(x + self.mix(found))


class BeatNet(nn.Module):
    """Marks of beats and the tempo; beside them the marks of a bar's first, which are asked for in training only.

    To know the tempo is to know which of the possible beats is meant (Böck, Davies and Knees, "Multi-task learning of
    tempo and beat", 2019).
    """

    def __init__(self, channels: int = CHANNELS) -> None:
        super().__init__()
        self.first = CausalConvolution(INPUTS, channels, FIRST_TAPS, 1)
        self.blocks = nn.ModuleList(Block(channels, 2**number) for number in range(BLOCKS))
        self.marks = nn.Conv1d(channels, 2, 1)
        self.tempo = nn.Conv1d(channels, len(TEMPI_BPM), 1)

    def forward(self, heard: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits ``(batch, hops, 2)`` and ``(batch, hops, tempi)`` of standardised inputs ``(batch, hops, INPUTS)``."""
        x = self.first(heard.transpose(1, 2))
        for block in self.blocks:
            x = block(x)
        x = nn.functional.relu(x)
        return self.marks(x).transpose(1, 2), self.tempo(x).transpose(1, 2)


def arrays_of(network: BeatNet, mean: Floats, spread: Floats) -> dict[str, Floats]:
    """What `instrument.features.beat.network` plays: beats and tempo; standardisation and norms are folded in.

    `mean` and `spread` ``(INPUTS,)`` are those of the inputs.
    """
    first = network.first.convolution.weight / torch.from_numpy(spread)[:, None]
    arrays = {
        "rest": torch.from_numpy(mean),
        "weight_in": _flat(first),
        "bias_in": _given(network.first.convolution.bias) - first.sum(dim=2) @ torch.from_numpy(mean),
        "weight_out": network.marks.weight[:1, :, 0],
        "bias_out": _given(network.marks.bias)[:1],
        "weight_tempo": network.tempo.weight[:, :, 0],
        "bias_tempo": _given(network.tempo.bias),
    }
    for number, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        look, norm = block.look.convolution, block.norm
        scale = norm.weight * torch.rsqrt(_given(norm.running_var) + norm.eps)
        arrays[f"weight_{number}"] = _flat(look.weight * scale[:, None, None])
        arrays[f"bias_{number}"] = (_given(look.bias) - _given(norm.running_mean)) * scale + norm.bias
        arrays[f"mix_{number}"] = block.mix.weight[:, :, 0]
        arrays[f"mix_bias_{number}"] = _given(block.mix.bias)
    return {name: np.ascontiguousarray(array.detach().numpy(), np.float32) for name, array in arrays.items()}


def _flat(weight: torch.Tensor) -> torch.Tensor:
    """``(out, in, taps)`` as ``(out, taps * in)``, the oldest tap first."""
    return weight.transpose(1, 2).flatten(1)


def _given(tensor: torch.Tensor | None) -> torch.Tensor:
    assert tensor is not None
    return tensor
