"""From a StyleGAN3 snapshot to a configuration and a table of tensors."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError, candidates
from instrument.generator.pickles import Module, Tensor, read_snapshot_pickle
from instrument.generator.plan import LayerPlan, NetworkConfig, config_from_dict, layer_plan, tensor_shapes
from instrument.generator.unpickler import RefusedError, one_line

Arrays = dict[str, npt.NDArray[np.float32]]

_KWARGS = (
    "channel_base",
    "channel_max",
    "num_layers",
    "num_critical",
    "first_cutoff",
    "first_stopband",
    "last_stopband_rel",
    "margin_size",
    "output_scale",
    "conv_kernel",
    "filter_size",
    "lrelu_upsampling",
    "use_radial_filters",
    "conv_clamp",
)
_CLASSES = {
    "Generator",
    "MappingNetwork",
    "SynthesisNetwork",
    "SynthesisInput",
    "SynthesisLayer",
    "FullyConnectedLayer",
}


def read_snapshot(path: Path) -> tuple[NetworkConfig, Arrays]:
    """Configuration and float32 tensors of the moving-average generator in a StyleGAN3 ``.pkl``.

    Raises CheckpointError in one line, naming the file and the reason.
    """
    content = read_snapshot_pickle(path)
    try:
        generator = _generator(content)
        config = _config(generator)
        _check_layers(generator, config)
        return config, _tensors(generator, config)
    except (RefusedError, CheckpointError) as error:
        raise CheckpointError(f"{path.name}: {one_line(error)}") from error


def _generator(content: Any) -> Module:
    if not isinstance(content, dict):
        raise RefusedError("not a StyleGAN snapshot: no table with G_ema in it")
    generator = content.get("G_ema")
    if not isinstance(generator, Module):
        names = [key[:30] for key in list(content)[:10] if isinstance(key, str)]
        raise RefusedError(f"no generator G_ema in it, only: {candidates(names)}")
    synthesis = _children(generator).get("synthesis")
    if isinstance(synthesis, Module) and "b4" in _children(synthesis):
        raise RefusedError("a StyleGAN2 snapshot: not yet playable; StyleGAN3 snapshots are")
    for module in _walk(generator):
        if module.class_name not in _CLASSES:
            raise RefusedError(
                f"unknown module {module.class_name[:40]!r}, expected StyleGAN3's: {candidates(sorted(_CLASSES))}"
            )
    return generator


def _children(module: Module) -> dict[str, Any]:
    children = module.state.get("_modules")
    return children if isinstance(children, dict) else {}


def _child(module: Module, name: str) -> Module:
    child = _children(module).get(name)
    if not isinstance(child, Module):
        raise RefusedError(f"{module.class_name} has no {name}")
    return child


def _walk(module: Module, depth: int = 0) -> list[Module]:
    """`module` and all below it. Raises RefusedError where modules nest like no network's."""
    if depth > 4:
        raise RefusedError("modules nested too deep")
    found = [module]
    for child in _children(module).values():
        if isinstance(child, Module):
            found += _walk(child, depth + 1)
        if len(found) > 1000:
            raise RefusedError("too many modules")
    return found


def _config(generator: Module) -> NetworkConfig:
    """Hyper-parameters as the modules recorded them, checked."""
    synthesis, mapping = _child(generator, "synthesis"), _child(generator, "mapping")
    kwargs = _table(generator, "_init_kwargs") | _table(synthesis, "_init_kwargs")
    values = {name: _plain(kwargs[name]) for name in _KWARGS if name in kwargs}
    for name in ("z_dim", "w_dim", "c_dim", "img_channels"):
        values[name] = _plain(generator.state.get(name))
    values["resolution"] = _plain(generator.state.get("img_resolution"))
    values["mapping_layers"] = _plain(mapping.state.get("num_layers"))
    if _table(mapping, "_init_kwargs").get("lr_multiplier", 0.01) != 0.01:
        raise RefusedError("a mapping network with an unusual lr_multiplier")
    return config_from_dict(values)


def _table(module: Module, name: str) -> dict[str, Any]:
    table = module.state.get(name)
    return dict(table) if isinstance(table, dict) else {}


def _plain(value: Any) -> Any:
    """Numbers may come wrapped as arrays of one."""
    values = getattr(value, "values", None)
    if isinstance(values, np.ndarray):
        return values.tolist()
    return value


def _check_layers(generator: Module, config: NetworkConfig) -> None:
    """Every layer's own record of its geometry must be what the plan says."""
    synthesis = _child(generator, "synthesis")
    for layer in layer_plan(config):
        state = _child(synthesis, layer.name).state
        for name, expected in _geometry(layer).items():
            if name in state and _plain(state[name]) != expected:
                raise RefusedError(f"{layer.name}: {name} is not {expected}, as its hyper-parameters demand")


def _geometry(layer: LayerPlan) -> dict[str, Any]:
    return {
        "up_factor": layer.up,
        "down_factor": layer.down,
        "padding": [layer.pad_lo, layer.pad_hi, layer.pad_lo, layer.pad_hi],
        "conv_kernel": layer.kernel,
        "is_torgb": layer.is_torgb,
    }


def _tensors(generator: Module, config: NetworkConfig) -> Arrays:
    """Copy out exactly the tensors the plan names. Raises RefusedError where one is missing or has another shape."""
    return {name: _one_tensor(generator, name, shape) for name, shape in tensor_shapes(config).items()}


def _one_tensor(generator: Module, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    *path, leaf = name.split(".")
    module = generator
    for part in path:
        module = _child(module, part)
    tensor = (_table(module, "_parameters") | _table(module, "_buffers")).get(leaf)
    if not isinstance(tensor, Tensor):
        raise RefusedError(f"no tensor {name}")
    if tensor.shape != shape:
        raise RefusedError(f"{name} has shape {tensor.shape}, expected {shape}")
    values = tensor.to_numpy()
    if not np.isfinite(values).all():
        raise RefusedError(f"{name} holds numbers that are not finite")
    return values
