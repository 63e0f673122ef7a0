"""Hyper-parameters of a network out of a file: typed, bounded, or refused in one line."""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from instrument.errors import CheckpointError, candidates

Config = TypeVar("Config")
Limits = Mapping[str, tuple[float, float]]
"""What a file may ask for, by name."""


def read_hyperparameters(kind: type[Config], values: Mapping[str, Any]) -> Config:
    """The dataclass `kind` from plain data, such as JSON, in the types of its defaults. Raises CheckpointError."""
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    converted: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise CheckpointError(f"unknown hyper-parameter {name[:40]!r}, expected one of: {candidates(known)}")
        converted[name] = _typed(name, value, known[name].default)
    return kind(**converted)


def check_limits(config: Any, limits: Limits) -> None:
    """Raise CheckpointError where a number of `config` lies outside its bounds; `conv_clamp` may be None."""
    for name, (low, high) in limits.items():
        value = getattr(config, name)
        if name == "conv_clamp" and value is None:
            continue
        if not low <= value <= high:
            raise CheckpointError(f"{name} is {value}, expected {low:g} to {high:g}")


def check_power_of_two(name: str, value: int) -> None:
    """Raise CheckpointError unless it is one."""
    if value & (value - 1):
        raise CheckpointError(f"{name} is {value}, expected a power of two")


def _typed(name: str, value: Any, default: Any) -> Any:
    """`value` in the type of the field's default; a whole float passes for an int."""
    if name == "conv_clamp" and value is None:
        return None
    if isinstance(value, int) and abs(value) > 1 << 53:
        raise CheckpointError(f"{name} is out of all bounds")
    if isinstance(default, bool):
        if isinstance(value, bool):
            return value
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        if isinstance(default, float):
            return float(value)
        if value == int(value):
            return int(value)
    shown = repr(value[:40]) if isinstance(value, str) else type(value).__name__
    raise CheckpointError(f"{name} is {shown}, expected {type(default).__name__}")
