"""From blocks of sound to descriptors and rhythm: one chain, the same live and offline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from instrument.audio.source import AudioBlock
from instrument.features.beat.tracker import BeatTracker
from instrument.features.beats import Beats
from instrument.features.drop import DropDetector
from instrument.features.extractor import FeatureExtractor
from instrument.features.input_level import AutoGain, ClipDetector
from instrument.features.levels import GATE_DB, DcBlocker, LevelNormalizer
from instrument.features.onsets import OnsetPicker
from instrument.features.rhythm import NO_RHYTHM, Onset, Rhythm
from instrument.features.room import Room, SoundCheck
from instrument.features.sanitize import silence_bad_samples
from instrument.features.vector import FeatureVector, NormalizedFeatures
from instrument.kernels import KernelLoader
from instrument.params.table import ACCENT_DROP, AUTO_GAIN, HOLD, INPUT_GAIN
from instrument.units import db_to_amplitude


@dataclass(frozen=True, slots=True)
class Heard:
    """One hop: the raw descriptors, the same brought to ``[0, 1]``, and the rhythm after it."""

    vector: FeatureVector
    normalized: NormalizedFeatures
    rhythm: Rhythm = NO_RHYTHM


@dataclass(frozen=True, slots=True)
class EarSettings:
    """How the hands want it heard; as it stands, with nothing done to the level."""

    gain_db: float = 0.0
    auto_gain: bool = False
    hold: bool = False
    arms_drops: bool = True

    @classmethod
    def of(cls, values: Mapping[str, float]) -> Self:
        """What the parameters say."""
        on = {name: values[name] >= 0.5 for name in (AUTO_GAIN, HOLD, ACCENT_DROP)}
        return cls(values[INPUT_GAIN], on[AUTO_GAIN], on[HOLD], on[ACCENT_DROP])


PLAIN = EarSettings()


class ListeningChain:
    """Gain, DC blocker, extractor, running normalisation, attacks, beat and drop. One owner thread.

    Sound that is not finite, or far beyond full scale, counts as silence. Clipping is looked for before any gain.
    """

    def __init__(
        self,
        sample_rate: int,
        hop_size: int,
        beats_of: Callable[[int, int], Beats] = BeatTracker,
    ) -> None:
        self.sample_rate = sample_rate
        self._hop_size = hop_size
        self._hop_s = hop_size / sample_rate
        self._filled = 0
        self._clips = ClipDetector(sample_rate)
        self._auto_gain = AutoGain(sample_rate)
        self._dc_blocker = DcBlocker()
        self._extractor = FeatureExtractor(sample_rate, hop_size)
        self._normalizer = LevelNormalizer()
        bins = len(self._extractor.power)
        self._onsets = OnsetPicker(sample_rate, hop_size, bins)
        self._drop = DropDetector(sample_rate, bins)
        self.beats = beats_of(sample_rate, hop_size)
        """Told by hand what it gets wrong."""
        self._onset: Onset | None = None
        self._room: Room | None = None
        self._check: SoundCheck | None = None
        self._bad_samples = 0

    @property
    def clipped(self) -> bool:
        """Whether the input was at full scale during the last second."""
        return self._clips.clipped

    @property
    def bad_samples(self) -> int:
        """Samples, counted per channel, that were not sound and were taken as 0."""
        return self._bad_samples

    def process(self, block: AudioBlock, settings: EarSettings = PLAIN) -> list[Heard]:
        """What one block completes: none, one or several hops, oldest first."""
        samples, bad = silence_bad_samples(block.samples)
        self._bad_samples += bad
        heard: list[Heard] = []
        taken = 0
        # Cut where hops end, so that everything is decided at the same samples whatever the blocks.
        while taken < len(samples):
            part = samples[taken : taken + self._hop_size - self._filled]
            taken += len(part)
            self._filled = (self._filled + len(part)) % self._hop_size
            newest_s = block.capture_time_s - (len(samples) - taken) / self.sample_rate
            heard += self._process_part(part, newest_s, settings)
        return heard

    def _process_part(self, samples: npt.NDArray[np.float32], newest_s: float, settings: EarSettings) -> list[Heard]:
        self._clips.process(samples)
        blocked = self._dc_blocker.process(self._gain(samples, settings))
        return [self._hear(vector, settings) for vector in self._extractor.hops(blocked, newest_s)]

    def speed_up(self, loader: KernelLoader) -> None:
        """Measure hops by the compiled kernel from when `loader` has it; see `FeatureExtractor.speed_up`."""
        self._extractor.speed_up(loader)

    def reset(self) -> None:
        """As new, but for the room."""
        room = self._room
        for part in (self._clips, self._dc_blocker, self._extractor, self._normalizer, self._onsets, self._drop):
            part.reset()
        self._auto_gain.reset()
        self.beats.reset()
        self._onset, self._check, self._room = None, None, None
        self._filled = self._bad_samples = 0
        if room is not None:
            self.use_room(room)

    def _gain(self, samples: npt.NDArray[np.float32], settings: EarSettings) -> npt.NDArray[np.float32]:
        gate_db = self._room.gate_db if self._room else GATE_DB
        gained = self._auto_gain.process(samples, gate_db, rides=settings.auto_gain)
        # The hand's gain opens the usual gate; one that was learned knows what is noise.
        self._normalizer.gate_db = gate_db + self._auto_gain.gain_db + (settings.gain_db if self._room else 0.0)
        gained *= np.float32(db_to_amplitude(settings.gain_db))
        return gained

    def _hear(self, vector: FeatureVector, settings: EarSettings) -> Heard:
        extractor = self._extractor
        normalized = self._normalizer.process(vector, self._hop_s, hold=settings.hold)
        onset = self._onsets.process(extractor.power, extractor.window, vector.capture_time_s)
        if onset is not None and normalized.gate_open:
            self._onset = onset
        drop = self._drop.process(extractor.power, vector.onset_strength, self._hop_s, arms=settings.arms_drops)
        if self._check is not None:
            self._check.listen(vector, self._auto_gain.gain_db + settings.gain_db)
        beat = self.beats.process(extractor.power, vector.capture_time_s, extractor.window)
        return Heard(vector, normalized, Rhythm(beat, self._onset, drop))

    # The room: begun, looked at and ended by the owner.

    @property
    def room(self) -> Room | None:
        """The room whose ranges and floor are in use."""
        return self._room

    @property
    def check_progress(self) -> float | None:
        """Share of the sound check that is done; None while none runs."""
        return self._check.progress if self._check else None

    @property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """The normaliser's ranges now, each in its domain, in the order of `CORPUS`."""
        return self._normalizer.bounds()

    def start_check(self) -> None:
        """Listen to the room from now on; one that runs begins anew."""
        self._check = SoundCheck(self._hop_s)

    def cancel_check(self) -> None:
        """Forget what was heard of the room."""
        self._check = None

    def end_check(self, gain_db: float) -> Room | None:
        """What the check found, with the hand's gain as it is; None if none ran."""
        check, self._check = self._check, None
        return check.room(self._auto_gain.gain_db, gain_db) if check else None

    def use_room(self, room: Room | None, gain_db: float = 0.0) -> None:
        """Go on in this room, heard with the hand's gain; None goes back to the usual gate and keeps the ranges."""
        self._room = room
        if room is not None:
            self._auto_gain.reset(room.auto_gain_db)
        if room is not None and room.ranges:
            *others, (low, high) = room.ranges
            self._normalizer.start_at((*others, (low + gain_db, high + gain_db)))

    def use_bounds(self, bounds: tuple[tuple[float, float], ...]) -> None:
        """Go on from these ranges."""
        self._normalizer.start_at(bounds)
