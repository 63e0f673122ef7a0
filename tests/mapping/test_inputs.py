from collections.abc import Callable
from dataclasses import replace

import numpy as np

from instrument.features.corpus import anchor
from instrument.features.levels import LevelNormalizer
from instrument.features.vector import ANCHORED_NAMES, FeatureVector, NormalizedFeatures
from instrument.mapping.inputs import ANCHORED, CHARACTER_S, INPUT_NAMES, LATELY, InputMemory

HOP_S = 1024 / 48000
Hear = Callable[..., NormalizedFeatures]


def heavy(level: float = 0.1) -> FeatureVector:
    return FeatureVector(14.0, 1e-3, 4.0, 0.01, 0.02, level, 0.0, 0, (8.0, 10.0, 12.0, 13.0, 14.0, 60.0))


def test_before_any_sound_there_is_nothing_to_ask() -> None:
    assert InputMemory().inputs is None
    assert len(INPUT_NAMES) == len(set(INPUT_NAMES)) == 16


def test_a_long_section_stays_what_it_is() -> None:
    """The running range makes it the usual; what is anchored says the same after a minute as after a second."""
    normalizer, memory = LevelNormalizer(), InputMemory()
    rng = np.random.default_rng(0)
    seen = []
    for _ in range(round(60.0 / HOP_S)):
        vector = replace(
            heavy(), zero_crossing_rate=0.01 * rng.uniform(0.8, 1.2), chroma_variance=0.02 * rng.uniform(0.8, 1.2)
        )
        memory.listen(normalizer.process(vector, HOP_S), HOP_S)
        inputs = memory.inputs
        assert inputs is not None
        seen.append(inputs)
    soon, late = (np.mean(seen[at : at + 50], axis=0) for at in (50, len(seen) - 50))
    assert np.abs(late[ANCHORED] - soon[ANCHORED]).max() < 0.03
    assert np.abs(late[LATELY] - soon[LATELY]).max() > 0.1


def test_what_is_loud_counts(hear: Hear) -> None:
    """A drum every half second and faint hiss between: the drum is heard."""
    names = list(ANCHORED_NAMES)
    memory = InputMemory()
    drum, hiss = (
        tuple(value if name != "level" else level for name in names) for value, level in ((0.0, 1.0), (1.0, -0.5))
    )
    for hop in range(400):
        sound = drum if hop % 24 < 4 else hiss
        memory.listen(replace(hear(np.full(5, 0.5)), anchored=sound), HOP_S)
    assert memory.inputs is not None
    assert memory.inputs[INPUT_NAMES.index("anchored.zero_crossing_rate")] < 0.1


def test_another_sound_is_reached_in_the_time_it_says(hear: Hear) -> None:
    memory = InputMemory()
    for value, hops in ((0.2, 400), (0.8, round(CHARACTER_S / HOP_S))):
        for _ in range(hops):
            memory.listen(hear(np.full(5, value)), HOP_S)
    assert memory.inputs is not None
    np.testing.assert_allclose(memory.inputs[ANCHORED][0], 0.8 - 0.6 / np.e, atol=0.02)


def test_the_anchor_knows_every_name_and_stays_in_bounds() -> None:
    for level in (1e-9, 0.1, 1.0):
        anchored = anchor(heavy(level))
        assert len(anchored) == len(ANCHORED_NAMES)
        assert min(anchored) >= -0.5
        assert max(anchored) <= 1.5
    unknown = anchor(replace(heavy(), contrast_bands=(8.0, 10.0)))
    assert unknown[-3:] == (0.5, 0.5, 0.5)
