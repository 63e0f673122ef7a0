import numpy as np
import pytest

from instrument.errors import CheckpointError
from instrument.mapping.inputs import INPUT_NAMES
from instrument.mapping.network import MoodNetwork
from instrument.mapping.teaching import APART_S, MOST, SETTLING_S, Teaching

SOUND = np.full(len(INPUT_NAMES), 0.3)


def hear(teaching: Teaching, seconds: float, frame_s: float = APART_S) -> None:
    for _ in range(round(seconds / frame_s)):
        teaching.note(SOUND, frame_s)


def other(network: MoodNetwork) -> MoodNetwork:
    return MoodNetwork(network.names, network.dimension, network.layers)


@pytest.mark.parametrize("frame_s", [APART_S, 0.5 * APART_S, 2.0 * APART_S])
def test_a_hold_collects_once_it_has_settled(network: MoodNetwork, frame_s: float) -> None:
    teaching = Teaching(network)
    hear(teaching, 2.0, frame_s)
    assert teaching.state().collected_s == (0.0, 0.0, 0.0)
    teaching.hold("Calm")
    assert teaching.state().held == "Calm"
    hear(teaching, SETTLING_S + 3.0, frame_s)
    teaching.note(None, 1.0)
    teaching.hold(None)
    hear(teaching, 2.0, frame_s)
    collected_s = teaching.state().collected_s
    rate = min(1.0, APART_S / frame_s)
    assert collected_s[1] == pytest.approx(3.0 * rate, abs=0.1)
    assert collected_s[0] == collected_s[2] == 0.0


def test_only_the_newest_are_kept(network: MoodNetwork) -> None:
    teaching = Teaching(network)
    teaching.hold("Calm")
    hear(teaching, 1.5 * MOST * APART_S)
    _, lesson = teaching.begin()
    assert len(lesson.moods) == MOST
    assert set(lesson.moods.tolist()) == {1}


def test_a_lesson_plays_and_can_be_compared_and_undone(network: MoodNetwork) -> None:
    teaching = Teaching(network)
    assert not teaching.toggle()
    assert not teaching.undo()
    networks = [network]
    for _ in range(2):
        teaching.hold("Calm")
        hear(teaching, 3.0)
        base, _ = teaching.begin()
        assert base is networks[-1]
        networks.append(other(network))
        teaching.end(networks[-1])
        assert teaching.network is networks[-1]
        assert teaching.state().collected_s == (0.0, 0.0, 0.0)
    assert teaching.toggle()
    assert teaching.network is network
    assert teaching.state().lessons == 2
    assert not teaching.state().playing_taught
    assert teaching.toggle()
    assert teaching.network is networks[2]
    for expected in (networks[1], network):
        assert teaching.undo()
        assert teaching.network is expected
    assert not teaching.undo()


def test_a_failed_lesson_keeps_its_examples(network: MoodNetwork) -> None:
    teaching = Teaching(network)
    with pytest.raises(CheckpointError, match="nothing to learn"):
        teaching.begin()
    teaching.hold("Aggressive")
    hear(teaching, 3.0)
    teaching.begin()
    with pytest.raises(CheckpointError, match="still learning"):
        teaching.begin()
    teaching.end(None)
    assert teaching.network is network
    assert teaching.state().collected_s[0] > 1.0
    assert teaching.begin()[0] is network


def test_an_unknown_mood_is_refused(network: MoodNetwork) -> None:
    with pytest.raises(CheckpointError, match="no mood 'Angry'; there are: Aggressive, Calm, Deep Sea"):
        Teaching(network).hold("Angry")


def test_earlier_lessons_play_from_the_start(network: MoodNetwork) -> None:
    taught = (other(network), other(network))
    teaching = Teaching(network, taught)
    assert teaching.network is taught[1]
    assert teaching.taught == taught
    assert teaching.undo()
    assert teaching.network is taught[0]
