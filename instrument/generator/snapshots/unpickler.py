"""An unpickler that answers only from a table of names, and checks byte code before it runs."""

import io
import pickle
import pickletools
from typing import Any

_MAX_OPCODES = 1 << 18
"""Ten times what a snapshot with all its networks has; each may cost a hundred bytes of memory."""
_MAX_TUPLES = 1 << 14
"""Nine times what such a snapshot has. Nested in each other and hashed, 150 000 overrun the stack of the process."""
_MAX_DIMENSIONS = 8

FOREIGN = (
    pickle.UnpicklingError,
    EOFError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    MemoryError,
    RecursionError,
)
"""What damaged byte code makes the unpickler raise."""


class RefusedError(Exception):
    """A pickle asks for something no snapshot needs. Becomes a CheckpointError that names the file."""


def one_line(error: BaseException) -> str:
    """What is wrong, short and printable: some of it may be quoted from a hostile file."""
    text = " ".join(str(error).split()) or type(error).__name__
    return "".join(sign if sign.isprintable() else "?" for sign in text[:200])


def check_opcodes(stream: io.BytesIO, most: int = _MAX_OPCODES) -> None:
    """Walk one pickle of at most so many opcodes without running it, and rewind.

    A short file can claim a memo that fills the memory, or build what is a hundred times larger than itself.
    """
    start, tuples = stream.tell(), 0
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            tuples += opcode.name.startswith("TUPLE")
            if count >= most or tuples > _MAX_TUPLES:
                raise RefusedError(f"builds more than any snapshot does ({count} opcodes, {tuples} tuples)")
            if "PUT" in opcode.name and int(argument or 0) > most:
                raise RefusedError(f"damaged: claims {argument} remembered objects")
            if opcode.name.startswith("EXT"):
                raise RefusedError("uses the extension registry, which no snapshot does")
    finally:
        stream.seek(start)


class Unchangeable:
    """What byte code may make and not change: BUILD would set any attribute behind the checks."""

    __slots__ = ()

    def __setstate__(self, state: Any) -> None:
        """Refuse."""
        raise RefusedError("tries to change what was checked")


class AllowListUnpickler(pickle.Unpickler):
    """Answers only the names of its table."""

    def __init__(self, stream: io.BytesIO, names: dict[tuple[str, str], Any]) -> None:
        super().__init__(stream, encoding="latin1")
        self._names = names

    def find_class(self, module: str, name: str) -> Any:
        """What stands for a global. Raises RefusedError if it is not in the table."""
        if module.startswith("dnnlib.tflib"):
            raise RefusedError(
                "a TensorFlow snapshot; only those of PyTorch (StyleGAN2-ADA, StyleGAN3) can be imported"
            )
        try:
            return self._names[module, name]
        except KeyError:
            raise RefusedError(f"asks for {module[:60]}.{name[:60]}, which no snapshot needs") from None

    def persistent_load(self, pid: Any) -> Any:
        """Refuse, and do not quote: the text of nested lists can fill the memory."""
        del pid
        raise RefusedError("refers to something outside the file")


def integers(values: Any) -> tuple[int, ...]:
    """A shape or the like, not negative. Raises RefusedError."""
    if not isinstance(values, (tuple, list)) or len(values) > _MAX_DIMENSIONS:
        raise RefusedError("a shape that is not one")
    if not all(isinstance(value, int) and 0 <= value < 1 << 62 for value in values):
        raise RefusedError("a shape that is not one")
    return tuple(int(value) for value in values)
