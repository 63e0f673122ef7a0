"""Ways about the modules of a snapshot, as the unpickler left them: nothing in them is believed unchecked."""

from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
import numpy.typing as npt

from instrument.errors import candidates
from instrument.generator.snapshots.contents import Arrays, check_bytes, check_finite, check_shape
from instrument.generator.snapshots.pickles import Module, Tensor
from instrument.generator.snapshots.unpickler import RefusedError

_MAX_NUMBERS = 64
"""More than any hyper-parameter has."""


def children(module: Module) -> dict[str, Any]:
    """What lies right below `module`, by name."""
    found = module.state.get("_modules")
    return found if isinstance(found, dict) else {}


def child(module: Module, name: str) -> Module:
    """One of them. Raises RefusedError if it is missing."""
    found = children(module).get(name)
    if not isinstance(found, Module):
        raise RefusedError(f"{module.class_name[:40]} has no {name}")
    return found


def check_classes(generator: Module, known: AbstractSet[str], network: str) -> None:
    """Raise RefusedError where a module is none of the `known` classes that make a `network`."""
    for module in _walk(generator):
        if module.class_name not in known:
            raise RefusedError(
                f"unknown module {module.class_name[:40]!r}, expected {network}'s: {candidates(sorted(known))}"
            )


def table(module: Module, name: str) -> dict[str, Any]:
    """A copy of the table `name` of `module`; empty if there is none."""
    found = module.state.get(name)
    return dict(found) if isinstance(found, dict) else {}


def plain(value: Any) -> Any:
    """Numbers may come wrapped as arrays of a few."""
    values = getattr(value, "values", None)
    if isinstance(values, np.ndarray) and values.size <= _MAX_NUMBERS:
        return values.tolist()
    return value


def mapping_values(generator: Module) -> dict[str, Any]:
    """Hyper-parameters that all StyleGANs share, as the modules recorded them. Raises RefusedError."""
    mapping = child(generator, "mapping")
    if plain(table(mapping, "_init_kwargs").get("lr_multiplier", 0.01)) != 0.01:
        raise RefusedError("a mapping network with an unusual lr_multiplier")
    values = {name: plain(generator.state.get(name)) for name in ("z_dim", "w_dim", "c_dim", "img_channels")}
    values["resolution"] = plain(generator.state.get("img_resolution"))
    values["mapping_layers"] = plain(mapping.state.get("num_layers"))
    return values


def check_attributes(name: str, module: Module, expected: dict[str, Any]) -> None:
    """Raise RefusedError where `module` recorded something other than `expected` of itself."""
    for attribute, value in expected.items():
        if attribute in module.state and plain(module.state[attribute]) != value:
            raise RefusedError(f"{name}: {attribute} is not {value}, as its hyper-parameters demand")


def read_arrays(generator: Module, shapes: dict[str, tuple[int, ...]]) -> Arrays:
    """Copy out exactly the tensors named. Raises RefusedError where one is missing, has another shape or no numbers."""
    check_bytes(shapes)
    return {name: _one_array(generator, name, shape) for name, shape in shapes.items()}


def _walk(module: Module, depth: int = 0) -> list[Module]:
    """`module` and all below it. Raises RefusedError where modules nest like no network's."""
    if depth > 4:
        raise RefusedError("modules nested too deep")
    found = [module]
    for below in children(module).values():
        if isinstance(below, Module):
            found += _walk(below, depth + 1)
        if len(found) > 1000:
            raise RefusedError("too many modules")
    return found


def _one_array(generator: Module, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    *path, leaf = name.split(".")
    module = generator
    for part in path:
        module = child(module, part)
    tensor = (table(module, "_parameters") | table(module, "_buffers")).get(leaf)
    if not isinstance(tensor, Tensor):
        raise RefusedError(f"no tensor {name}")
    check_shape(name, tensor.shape, shape)
    values = tensor.to_numpy()
    check_finite(name, values)
    return values
