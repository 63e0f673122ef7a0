"""Writes down a computation node by node as an ONNX model. Needs the extra ``onnx``, imported when a graph is begun."""

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError

Array = npt.NDArray[Any]
Operand = str | float | Array | Sequence[int]
"""The name of an earlier result, or numbers that become a constant: floats in float32, integers in int64."""

OLDEST_OPSET = 13
"""What the operators are written for: axes of ReduceSum and parts of Split are inputs."""
MAX_BYTES = 2_000_000_000
"""Protocol buffers hold less than 2 GiB."""


class Graph:
    """A model in the making. Equal constants are kept once."""

    def __init__(self) -> None:
        self._onnx = load_onnx()
        self._nodes: list[Any] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._tensors: list[Any] = []

    def op(self, kind: str, *operands: Operand, **attributes: Any) -> str:
        """Add a node with one result and return the result's name."""
        return self.ops(kind, 1, *operands, **attributes)[0]

    def ops(self, kind: str, results: int, *operands: Operand, **attributes: Any) -> list[str]:
        """Add a node with several results and return their names."""
        number = len(self._nodes)
        names = [f"{kind}_{number}" if results == 1 else f"{kind}_{number}_{index}" for index in range(results)]
        inputs = [operand if isinstance(operand, str) else self.constant(operand) for operand in operands]
        self._nodes.append(self._onnx.helper.make_node(kind, inputs, names, name=f"{kind}_{number}", **attributes))
        return names

    def constant(self, values: float | Array | Sequence[int]) -> str:
        """Name of a constant that holds `values`."""
        array = np.asarray(values)
        array = np.ascontiguousarray(array, np.int64 if array.dtype.kind == "i" else np.float32).reshape(array.shape)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            name = self._constants[key] = f"constant_{len(self._constants)}"
            self._tensors.append(self._onnx.numpy_helper.from_array(array, name))
        return self._constants[key]

    def serialize(
        self,
        inputs: Mapping[str, Sequence[int]],
        output: tuple[str, str, Sequence[int]],
        opset: int,
        metadata: Mapping[str, str],
    ) -> bytes:
        """The checked model. `inputs` are float32 by name and shape; `output` is the result that leaves as uint8, the
        name it leaves by, and its shape. Raises CheckpointError if `opset` is not known or the model too large.
        """
        self._check(opset)
        make, uint8, float32 = self._onnx.helper, self._onnx.TensorProto.UINT8, self._onnx.TensorProto.FLOAT
        result, name, shape = output
        cast = make.make_node("Cast", [result], [name], name=name, to=uint8)
        graph = make.make_graph(
            [*self._nodes, cast],
            "synthesis",
            [make.make_tensor_value_info(key, float32, list(size)) for key, size in inputs.items()],
            [make.make_tensor_value_info(name, uint8, list(shape))],
            self._tensors,
        )
        versions = [make.make_opsetid("", opset)]
        model = make.make_model(
            graph,
            producer_name="latent-instrument",
            opset_imports=versions,
            ir_version=make.find_min_ir_version_for(versions),
        )
        make.set_model_props(model, dict(metadata))
        self._onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString())

    def _check(self, opset: int) -> None:
        newest = self._onnx.defs.onnx_opset_version()
        if not OLDEST_OPSET <= opset <= newest:
            raise CheckpointError(f"opset {opset} cannot be written, expected {OLDEST_OPSET} to {newest}")
        size = sum(len(content) for _, _, content in self._constants)
        if size > MAX_BYTES:
            raise CheckpointError(f"{size / 1e9:.1f} GB of weights are too many for one ONNX file, which ends at 2 GB")


def load_onnx() -> ModuleType:
    """The library. Raises CheckpointError if it is not installed."""
    try:
        import onnx
        import onnx.checker
        import onnx.helper
        import onnx.numpy_helper
    except ImportError as error:
        raise CheckpointError(missing_package("onnx")) from error
    return onnx


def missing_package(name: str) -> str:
    """What to do about a package of the extra that is not there."""
    return f'{name} is not installed; in the Python that plays: python -m pip install --editable ".[onnx]"'
