"""``render SONG OUT.mp4``: the live chains on a manual clock and a file: every frame is made, however long it takes."""

import argparse
import logging
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from instrument.audio.registry import make_source
from instrument.audio.source import AudioSource, SourceState
from instrument.clock import ManualClock
from instrument.engine.listening import EarSettings, ListeningChain
from instrument.engine.picturing import PictureChain
from instrument.errors import OutputError
from instrument.features.rhythm import NO_RHYTHM
from instrument.features.vector import SILENT, NormalizedFeatures
from instrument.generator.engines import offline, warm_up
from instrument.model import load_model
from instrument.motion.accents import Cue
from instrument.outputs.record import RecordSink
from instrument.outputs.sink import Frame, Sink, StreamFormat
from instrument.params.store import ParamStore
from instrument.presets.bank import LookBank
from instrument.settings import DEFAULTS, Settings

LOG = logging.getLogger(__name__)
FASTER_S = 120.0
"""How long to wait for the fused kernel, which is compiled once on a machine."""


class OfflineShow:
    """Plays one source into one sink, frame by frame, on a clock that waits for it."""

    def __init__(self, source: AudioSource, sink: Sink, store: ParamStore, chain: PictureChain, hop_size: int) -> None:
        self._source = source
        self._sink = sink
        self._store = store
        self._pictures = chain
        self._ears = ListeningChain(source.sample_rate, hop_size)
        self._features: NormalizedFeatures = SILENT
        self._rhythm = NO_RHYTHM
        self._heard_until_s = 0.0

    def run(self, frame_rate_hz: float, seconds: float) -> int:
        """Render `seconds` of the source, or less if it ends before; returns the number of frames."""
        index = 0
        while (now_s := index / frame_rate_hz) < seconds and self._listen_until(now_s):
            cue = Cue(now_s, 1.0 / frame_rate_hz, self._rhythm, self._features.gate_open)
            picture = self._pictures.process(self._features, self._store.snapshot(), 1.0 / frame_rate_hz, cue)
            capture_s = self._features.capture_time_s or math.nan
            self._sink.send(Frame(picture.image, index, now_s, capture_s))
            index += 1
            self._report(now_s, seconds)
        return index

    def _listen_until(self, time_s: float) -> bool:
        while self._heard_until_s < time_s:
            block = self._source.read(math.inf)
            if block is None:
                return self._source.state is not SourceState.ENDED
            self._heard_until_s = block.capture_time_s
            self._sink.send_audio(block.samples, block.capture_time_s)
            for heard in self._ears.process(block, EarSettings.of(self._store.snapshot())):
                self._features, self._rhythm = heard.normalized, heard.rhythm
        return True

    def _report(self, now_s: float, seconds: float) -> None:
        if sys.stderr.isatty():
            done = int(40 * now_s / seconds) if math.isfinite(seconds) else 0
            sys.stderr.write(f"\r[{'#' * done:<40}] {now_s:6.1f} s")
            sys.stderr.flush()


def main(arguments: Sequence[str]) -> int:
    """Render one file. Raises InstrumentError."""
    given = _options().parse_args(list(arguments))
    settings = Settings(
        source=given.song, checkpoint=given.checkpoint, frame_rate_hz=given.fps, engine=offline(given.engine)
    )
    text = given.song if given.song == "synth" else f"file:{given.song}"
    source = make_source(
        text, ManualClock(), block_size=settings.block_size, loop=False, monitor=False, monitor_device=""
    )
    model = load_model(settings)
    if model.notice:
        LOG.warning(model.notice)
    # Both arithmetics are right, but a film that changes from one to the other is not the same film twice.
    warm_up(model.generator, FASTER_S)
    source.open()
    sink = RecordSink(given.out, preset="veryfast")
    store = ParamStore(model.table)
    if given.look is not None:
        LookBank(settings.presets_folder / "looks").recall(given.look, store)
    size_px = model.generator.resolution
    sink.open(StreamFormat(size_px, size_px, given.fps, source.sample_rate, source.channels))
    chain = PictureChain(model.repertoire, model.generator, given.seed)
    length_s = min(given.seconds, source.duration_s or math.inf)
    try:
        frames = OfflineShow(source, sink, store, chain, settings.hop_size).run(given.fps, length_s)
    finally:
        source.close()
        sink.close()
    if frames == 0:
        raise OutputError(f"{given.song}: too short for a single frame")
    sys.stdout.write(f"{frames} frames, {frames / given.fps:.1f} s: {sink.path}\n")
    return 0


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser("instrument render", description="Make a video of a sound file, offline.")
    options.add_argument("song", help="wav, flac, ogg or mp3; or synth, the built-in demo")
    options.add_argument("out", type=Path, help="OUT.mp4")
    options.add_argument("--checkpoint", default=DEFAULTS.checkpoint)
    options.add_argument("--engine", default=DEFAULTS.engine, help="what runs the network; doctor lists them")
    options.add_argument("--look", type=int, help="pad of a look to play with")
    options.add_argument("--fps", type=float, default=DEFAULTS.frame_rate_hz)
    options.add_argument("--seconds", type=float, default=math.inf, help="only so much of it")
    options.add_argument("--seed", type=int, default=0)
    return options
