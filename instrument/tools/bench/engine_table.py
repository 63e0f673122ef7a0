"""``bench engine``: milliseconds a picture, flat out, for every engine that can run here."""

import argparse
import functools
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from instrument.clock import SystemClock
from instrument.errors import InstrumentError
from instrument.generator.architectures import Architecture
from instrument.generator.checkpoint import Card, Checkpoint, load_checkpoint
from instrument.generator.engines import available, make_generator, warm_up
from instrument.generator.protocol import IDENTITY, Generator
from instrument.generator.self_check import SelfCheck
from instrument.generator.stylegan2.plan import StyleGAN2Config
from instrument.generator.stylegan2.seeded import seeded_stylegan2
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.generator.stylegan3.seeded import seeded_network
from instrument.generator.torch_engine import TorchGenerator
from instrument.settings import DEFAULTS
from instrument.tools.bench.counts import work_of
from instrument.tools.render import FASTER_S

LINE = "{:17} {:11} {:>7} {:>8} {:>8} {:>6} {:>14} {:>8}\n"
WARM_UPS = 3
FEWEST_FRAMES = 5
LONGEST_S = 4.0
"""A slow row is measured for about so long."""


def _t(resolution: int, base: int, most: int) -> NetworkConfig:
    return NetworkConfig(resolution=resolution, z_dim=128, w_dim=128, channel_base=base, channel_max=most)


def _two(resolution: int, base: int, most: int) -> StyleGAN2Config:
    return StyleGAN2Config(resolution=resolution, z_dim=128, w_dim=128, channel_base=base, channel_max=most)


SIZES: dict[str, Architecture] = {
    "T-256-2048/32": _t(256, 2048, 32),
    "T-256-3072/48": _t(256, 3072, 48),
    "T-256-4096/64": _t(256, 4096, 64),
    "T-256-8192/128": _t(256, 8192, 128),
    "T-256-32768/512": _t(256, 32768, 512),
    "R-256-4096/64": replace(_t(256, 4096, 64), conv_kernel=1, use_radial_filters=True),
    "T-512-4096/64": _t(512, 4096, 64),
    "SG2-256-4096/64": _two(256, 4096, 64),
    "SG2-256-32768/512": _two(256, 32768, 512),
}
"""Seeded networks by configuration, resolution, base and maximum of channels."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of one row."""

    wall_ms: float
    cpu_ms: float


Make = Callable[[], Generator]


def main(arguments: Sequence[str]) -> int:
    """Print the table, a line as soon as it is measured."""
    given = _options().parse_args(list(arguments))
    others = others_load()
    heads = ("wall ms", "CPU ms", "fps", "conv+FIR GMAC", "PSNR dB")
    sys.stdout.write(LINE.format("network", "engine", "threads", *heads))
    for name, checkpoint in networks(given.checkpoint, given.sizes):
        check = SelfCheck(checkpoint)
        for threads in given.threads:
            for engine, make in engines(checkpoint, threads):
                cells = row(make, checkpoint, check, given.frames)
                sys.stdout.write(LINE.format(name, engine, threads, *cells))
                sys.stdout.flush()
    sys.stdout.write(f"load average before: {others}; beside other work, threads wait for each other\n")
    return 0


def others_load() -> str:
    """How many threads other programs kept running in the last minute, where the system tells."""
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else "unknown here"


def row(make: Make, checkpoint: Checkpoint, check: SelfCheck, frames: int) -> tuple[str, ...]:
    """The figures of one engine as text, or why it does not run this network."""
    try:
        generator = make()
    except InstrumentError as error:
        return str(error), *[""] * 4
    figures, likeness_db = measure(generator, frames), check.worst_db(generator)
    return (
        f"{figures.wall_ms:.1f}",
        f"{figures.cpu_ms:.1f}",
        f"{1e3 / figures.wall_ms:.1f}",
        work_text(checkpoint),
        "same" if math.isinf(likeness_db) else f"{likeness_db:.0f}",
    )


def work_text(checkpoint: Checkpoint) -> str:
    """Multiply-adds of convolutions and filters in GMAC."""
    work = work_of(checkpoint.config, checkpoint.tensors)
    return f"{work.convolutions:.2f}+{work.filters:.2f}"


def networks(checkpoint: str, sizes: Sequence[str] | None) -> Iterator[tuple[str, Checkpoint]]:
    """The named checkpoint, then the seeded networks of `sizes`: none for None, all for an empty list."""
    yield checkpoint, load_checkpoint(DEFAULTS.checkpoints_folder / checkpoint)
    for size in () if sizes is None else sizes or SIZES:
        config = SIZES[size]
        tensors = seeded_stylegan2(config, 0) if isinstance(config, StyleGAN2Config) else seeded_network(config, 0)
        yield size, Checkpoint(config, tensors, Card(size), "")


def engines(checkpoint: Checkpoint, threads: int) -> Iterator[tuple[str, Make]]:
    """What can run here: torch without its kernel, too."""
    yield "torch plain", functools.partial(TorchGenerator, checkpoint, threads, fused=False)
    for row in available():
        if not row.reason:
            yield row.name, functools.partial(_fast, checkpoint, row.name, threads)


def measure(generator: Generator, frames: int) -> Figures:
    """Medians over up to `frames` pictures of different latents, fewer where they are slow."""
    deviates = np.random.default_rng(0).standard_normal((WARM_UPS + frames, generator.z_dim), np.float32)
    clock, walls_s, cpus_s = SystemClock(), list[float](), list[float]()
    for w in generator.map(deviates):
        ws = np.repeat(w[None], generator.num_ws, axis=0)
        began_s, cpu_s = clock.now_s(), time.process_time()
        generator.render(ws, IDENTITY)
        cpus_s.append(time.process_time() - cpu_s)
        walls_s.append(clock.now_s() - began_s)
        if len(walls_s) >= WARM_UPS + FEWEST_FRAMES and sum(walls_s) > LONGEST_S:
            break
    return Figures(*(1e3 * statistics.median(times[WARM_UPS:]) for times in (walls_s, cpus_s)))


def _fast(checkpoint: Checkpoint, engine: str, threads: int) -> Generator:
    generator, _ = make_generator(checkpoint, engine, threads)
    warm_up(generator, FASTER_S)
    return generator


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser("instrument bench engine", description=__doc__)
    options.add_argument("--checkpoint", default=DEFAULTS.checkpoint)
    text = f"seeded networks too, all or some of {', '.join(SIZES)}"
    options.add_argument("--sizes", nargs="*", choices=SIZES, metavar="SIZE", help=text)
    options.add_argument("--threads", type=int, nargs="+", default=[1, 2][: os.cpu_count() or 1])
    options.add_argument("--frames", type=int, default=100)
    return options
