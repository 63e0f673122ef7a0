"""``export-onnx [OUT.onnx]``: a checkpoint's synthesis network as one ONNX file, for other programs and devices."""

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.clock import SystemClock
from instrument.generator.checkpoint import Checkpoint, load_checkpoint
from instrument.generator.onnx.engine import OnnxGenerator
from instrument.generator.onnx.export import export_onnx
from instrument.generator.protocol import IDENTITY
from instrument.generator.torch_engine import TorchGenerator
from instrument.settings import DEFAULTS

_PICTURES = 4
_MOVED = np.array([[0.9, 0.3, 0.2], [-0.3, 0.9, -0.1], [0.0, 0.0, 1.0]])


def main(arguments: Sequence[str]) -> int:
    """Export one checkpoint. Raises CheckpointError in one line naming the file and the reason."""
    given = _options().parse_args(list(arguments))
    checkpoint = load_checkpoint(DEFAULTS.checkpoints_folder / given.checkpoint)
    path = given.out or Path(f"{given.checkpoint}.onnx")
    clock = SystemClock()
    began_s = clock.now_s()
    export_onnx(checkpoint, path)
    took_s = clock.now_s() - began_s
    sys.stdout.write(f"{path}: {path.stat().st_size / 1e6:.1f} MB in {took_s:.2f} s\n")
    if given.check:
        for line in check(checkpoint, given.provider, given.threads, given.frames):
            sys.stdout.write(f"{line}\n")
    return 0


def check(checkpoint: Checkpoint, provider: str, threads: int, frames: int) -> list[str]:
    """Play it with ONNX Runtime: how long that takes, and how far its pictures are from torch's."""
    clock = SystemClock()
    began_s = clock.now_s()
    generator = OnnxGenerator(checkpoint, threads, provider)
    ready_s = clock.now_s() - began_s
    reference = TorchGenerator(checkpoint, threads, fused=False)
    z = np.random.default_rng(0).standard_normal((_PICTURES, generator.z_dim), np.float32)
    latents = [np.repeat(w[None], generator.num_ws, axis=0) for w in generator.map(z)]
    ratio_db = min(
        psnr_db(generator.render(ws, transform), reference.render(ws, transform))
        for ws in latents
        for transform in (IDENTITY, _MOVED)
    )
    times_s = []
    for index in range(frames):
        began_s = clock.now_s()
        generator.render(latents[index % _PICTURES], IDENTITY)
        times_s.append(clock.now_s() - began_s)
    frame_ms = 1e3 * statistics.median(times_s)
    return [
        f"{generator.description}: ready in {ready_s:.2f} s, {frame_ms:.1f} ms a frame (best {1e3 * min(times_s):.1f})",
        f"against {reference.description}: PSNR {ratio_db:.1f} dB or more",
    ]


def psnr_db(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    """Peak signal to noise ratio of two pictures in dB; infinite if they are the same.

    >>> round(psnr_db(np.zeros((2, 2, 3), np.uint8), np.ones((2, 2, 3), np.uint8)), 1)
    48.1
    """
    error = float(np.square(one.astype(np.float64) - other).mean())
    return 10.0 * float(np.log10(255.0**2 / error)) if error else float("inf")


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser("instrument export-onnx", description=__doc__)
    options.add_argument("out", type=Path, nargs="?", help="OUT.onnx (default: the checkpoint's name)")
    options.add_argument("--checkpoint", default=DEFAULTS.checkpoint)
    options.add_argument("--check", action="store_true", help="play it with ONNX Runtime, and compare with torch")
    options.add_argument("--provider", default="auto", help="for --check: where to run it")
    options.add_argument("--threads", type=int, default=0, help="for --check")
    options.add_argument("--frames", type=int, default=20, help="for --check: frames to time")
    return options
