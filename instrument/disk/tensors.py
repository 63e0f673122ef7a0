"""Safetensors that are the same bytes for the same content, so that their checksum can name them."""

import json
import struct
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save


def tensors_to_bytes(tensors: Mapping[str, npt.NDArray[np.floating]], metadata: Mapping[str, str]) -> bytes:
    """A safetensors file of one tensor or more, its header in order of names, which the library leaves to chance.

    >>> one = tensors_to_bytes({"a": np.zeros(2, np.float32)}, {"x": "1", "y": "2"})
    >>> one == tensors_to_bytes({"a": np.zeros(2, np.float32)}, {"y": "2", "x": "1"})
    True
    """
    data = save({name: np.asarray(tensor, order="C") for name, tensor in tensors.items()}, metadata=dict(metadata))
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] = dict(sorted(metadata.items()))
    text = json.dumps(dict(sorted(header.items())), separators=(",", ":")).encode()
    # The format wants its tensors to begin at a multiple of eight.
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data[8 + length :]
