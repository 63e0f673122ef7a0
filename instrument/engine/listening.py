"""From blocks of sound to descriptors: one chain, the same live and offline."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.audio.source import AudioBlock
from instrument.features.extractor import FeatureExtractor
from instrument.features.levels import DcBlocker, LevelNormalizer
from instrument.features.vector import FeatureVector, NormalizedFeatures
from instrument.units import db_to_amplitude


@dataclass(frozen=True, slots=True)
class Heard:
    """One hop: the raw descriptors and the same brought to ``[0, 1]``."""

    vector: FeatureVector
    normalized: NormalizedFeatures


class ListeningChain:
    """Gain, DC blocker, extractor, running normalisation. One owner thread."""

    def __init__(self, sample_rate: int, hop_size: int) -> None:
        self.sample_rate = sample_rate
        self._hop_s = hop_size / sample_rate
        self._dc_blocker = DcBlocker()
        self._extractor = FeatureExtractor(sample_rate, hop_size)
        self._normalizer = LevelNormalizer()

    def process(self, block: AudioBlock, gain_db: float) -> list[Heard]:
        """What one block completes: none, one or several hops, oldest first."""
        gained: npt.NDArray[np.float32] = block.samples * np.float32(db_to_amplitude(gain_db))
        vectors = self._extractor.process(self._dc_blocker.process(gained), block.capture_time_s)
        return [Heard(vector, self._normalizer.process(vector, self._hop_s)) for vector in vectors]
