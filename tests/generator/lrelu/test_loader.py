"""The fused kernel's own end of `instrument.kernels`."""

from instrument.generator.lrelu.loader import MODULE, entry_for, shared_loader
from instrument.kernels import KernelLoader, is_cached

ONE = entry_for(1)


def test_becomes_ready() -> None:
    loader = shared_loader(ONE)
    assert loader.wait(120.0)
    assert loader.ready
    assert loader.finished
    assert shared_loader(ONE) is loader


def test_a_kernel_that_was_compiled_is_known_to_be_kept() -> None:
    from instrument.generator.lrelu.compiling import kernel_of

    assert shared_loader(ONE).wait(120.0)
    assert is_cached(*kernel_of(ONE, False))


def test_an_entry_that_does_not_exist_is_decided_too() -> None:
    loader = KernelLoader("no such kernel", MODULE, "fused_none", False)
    assert not loader.wait(120.0)
    assert loader.finished
