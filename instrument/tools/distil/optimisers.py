"""Adam and Muon with their state in the open, so that a run can stop and go on as if it had not."""

import torch

from instrument.tools.distil.upper import UpperLayer

BETAS = (0.9, 0.99)
MOMENTUM = 0.95
ADAM_SHARE = 0.4
"""Adam's rate as a share of Muon's, where they work side by side."""


class Adam:
    """Kingma and Ba, "Adam: a method for stochastic optimization", 2015."""

    def __init__(self, parameters: list[torch.Tensor]) -> None:
        self._parameters = [parameter.requires_grad_(True) for parameter in parameters]
        self._mean = [torch.zeros_like(parameter) for parameter in parameters]
        self._power = [torch.zeros_like(parameter) for parameter in parameters]
        self._steps = torch.zeros(1)

    def state(self) -> list[torch.Tensor]:
        """All it remembers; write into these to bring it back."""
        return [*self._mean, *self._power, self._steps]

    def step(self, loss: torch.Tensor, rate: float) -> None:
        """One step down the gradient of `loss`."""
        gradients = torch.autograd.grad(loss, self._parameters)
        self.move(gradients, rate)

    def move(self, gradients: tuple[torch.Tensor, ...], rate: float) -> None:
        """One step for gradients that are known."""
        self._steps += 1
        late = float(self._steps)
        with torch.no_grad():
            for value, mean, power, gradient in zip(self._parameters, self._mean, self._power, gradients, strict=True):
                mean.lerp_(gradient, 1.0 - BETAS[0])
                power.lerp_(gradient.square(), 1.0 - BETAS[1])
                size = (power / (1.0 - BETAS[1] ** late)).sqrt_().add_(1e-8)
                value.addcdiv_(mean, size, value=-rate / (1.0 - BETAS[0] ** late))


class Muon:
    """Momentum whose steps are made orthogonal, for the weights; Adam for everything else.

    Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024.
    """

    def __init__(self, layers: list[UpperLayer]) -> None:
        self._weights = [layer.weight.requires_grad_(True) for layer in layers]
        self._momentum = [torch.zeros_like(weight) for weight in self._weights]
        self._others = [value for layer in layers for value in layer.parameters()[1:]]
        self._adam = Adam(self._others)

    def state(self) -> list[torch.Tensor]:
        """All it remembers; write into these to bring it back."""
        return [*self._momentum, *self._adam.state()]

    def step(self, loss: torch.Tensor, rate: float) -> None:
        """One step down the gradient of `loss`."""
        gradients = torch.autograd.grad(loss, [*self._weights, *self._others])
        count = len(self._weights)
        self._adam.move(gradients[count:], ADAM_SHARE * rate)
        with torch.no_grad():
            for weight, momentum, gradient in zip(self._weights, self._momentum, gradients[:count], strict=True):
                momentum.mul_(MOMENTUM).add_(gradient)
                weight.sub_(orthogonal(gradient.add(momentum, alpha=MOMENTUM)), alpha=rate)


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """Roughly the nearest matrix of equal singular values, by five steps of Newton and Schulz's iteration."""
    x: torch.Tensor = matrix / (matrix.norm() + 1e-12)
    wide = x.shape[0] <= x.shape[1]
    x = x if wide else x.T
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x if wide else x.T


def falling(step: int, steps: int, warm_up: int, constant: float) -> float:
    """Learning rate as a share of the highest: a ramp up, a plateau of `constant` of the steps, a line down to nothing.

    >>> falling(0, 100, 10, 0.5), falling(40, 100, 10, 0.5), falling(75, 100, 10, 0.5)
    (0.1, 1.0, 0.5)
    """
    down = (steps - step) / max(steps * (1.0 - constant), 1.0)
    return min((step + 1) / warm_up, 1.0, down)
