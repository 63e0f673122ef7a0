"""The parts together: what is heard is what is seen, hands ride on top, looks bring everything back."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from instrument.audio.demo import render_phrases
from instrument.audio.registry import make_source
from instrument.audio.source import AudioBlock, AudioSource, SourceState
from instrument.clock import ManualClock, SystemClock
from instrument.engine.listening import ListeningChain
from instrument.engine.snapshot import Lamp
from instrument.features.vector import FeatureVector
from instrument.generator.checkpoint import Card, save_checkpoint
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.generator.stylegan3.seeded import seeded_network
from instrument.params.table import MOTION_SPEED, mood_bias_name
from instrument.settings import DEFAULTS
from instrument.show import Show

HOP_SIZE = 1024
RATE = 48_000
FRAMES_LATER = 10
PlugIn = Callable[..., Any]
WaitUntil = Callable[[Callable[[], bool]], None]
Play = Callable[..., Show]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of music in a file: where the demo's hard part begins."""
    phrases = render_phrases(RATE)
    for _ in range(8):
        next(phrases)
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, next(phrases)[: 6 * RATE], RATE, subtype="FLOAT")
    return path


def hear(source: AudioSource, seconds: float) -> list[FeatureVector]:
    chain = ListeningChain(source.sample_rate, HOP_SIZE)
    vectors: list[FeatureVector] = []
    while len(vectors) < seconds * source.sample_rate / HOP_SIZE and source.state is not SourceState.ENDED:
        block = source.read(1.0)
        if block is not None:
            assert block.lost == 0
            vectors += [heard.vector for heard in chain.process(block)]
    return vectors


@pytest.mark.jack
def test_a_file_and_the_same_file_through_an_interface_are_heard_alike(song: Path, plug_in: PlugIn) -> None:
    by_file = make_source(f"file:{song}", ManualClock(), block_size=HOP_SIZE)
    by_file.open()
    expected = np.array([vector.descriptors() for vector in hear(by_file, 3.0)])
    by_file.close()

    plug_in("FakeIF", "song", str(song))
    live = make_source("live:FakeIF", SystemClock(), block_size=64)
    live.open()
    samples = []
    while sum(map(len, samples)) < 3.0 * RATE:
        block = live.read(1.0)
        assert block is not None
        assert block.lost == 0
        samples.append(block.samples)
    live.close()
    heard = np.concatenate(samples)
    played, _ = soundfile.read(song, dtype="float32")
    # The song starts somewhere in the capture; from there on the samples themselves are the file's.
    start = int(np.flatnonzero(np.abs(heard).max(axis=1))[0]) - int(np.flatnonzero(np.abs(played).max(axis=1))[0])
    aligned = heard[max(start, 0) :]
    np.testing.assert_array_equal(aligned, played[: len(aligned)])
    chain = ListeningChain(RATE, HOP_SIZE)
    actual = np.array([hop.vector.descriptors() for hop in chain.process(AudioBlock(aligned, 0.0))])
    np.testing.assert_allclose(actual, expected[: len(actual)], rtol=1e-5, atol=1e-6)


def test_the_sound_moves_the_picture_and_the_moods(play: Play, song: Path, wait_until: WaitUntil) -> None:
    show = play(source=f"file:{song}", loop=True)
    wait_until(lambda: show.engine.frames > 0)
    first = show.snapshot()
    before = first.frame
    assert before is not None
    wait_until(lambda: max(show.snapshot().moods.played) > 0.6 and show.snapshot().history != ())
    # Where pictures are slow the moods may be there within the first of them.
    wait_until(lambda: show.engine.frames > before.index + FRAMES_LATER)
    later = show.snapshot()
    assert later.frame is not None
    assert np.abs(later.frame.image.astype(int) - before.image.astype(int)).mean() > 1.0
    assert sum(later.moods.played) == pytest.approx(1.0)
    assert later.features is not None
    assert later.timing.latency_p50_ms > 0.0
    assert later.source.position_s is not None


def test_a_source_that_cannot_open_leaves_the_old_one_playing(play: Play, wait_until: WaitUntil) -> None:
    show = play(source="synth")
    show.open_source("file:nowhere.ogg")
    wait_until(lambda: any("nowhere.ogg" in line.text for line in show.snapshot().messages))
    assert show.snapshot().messages[-1].lamp is Lamp.BAD
    hops = show.engine.summary().hops
    wait_until(lambda: show.engine.summary().hops > hops)


def test_a_source_that_cannot_be_listened_to_leaves_the_old_one_playing(
    play: Play, tmp_path: Path, wait_until: WaitUntil
) -> None:
    soundfile.write(tmp_path / "slow.wav", np.zeros((4_000, 1), np.float32), 4_000)
    show = play(source="synth")
    show.open_source(f"file:{tmp_path / 'slow.wav'}")
    wait_until(lambda: any("too low to listen to" in line.text for line in show.snapshot().messages))
    assert show.snapshot().source.label == "demo"
    hops = show.engine.summary().hops
    wait_until(lambda: show.engine.summary().hops > hops + 3)


def test_another_source_takes_over_without_stopping_the_picture(play: Play, song: Path, wait_until: WaitUntil) -> None:
    show = play(source="synth")
    show.open_source(f"file:{song}")
    wait_until(lambda: show.snapshot().source.label == "song.wav")
    frames = show.engine.frames
    wait_until(lambda: show.engine.frames > frames + 3)


def test_another_model_takes_over_without_stopping_the_picture(
    play: Play, tmp_path: Path, wait_until: WaitUntil
) -> None:
    """Other moods, another resolution: the outputs keep their size, common values stay, the moods' rows change."""
    shelf = tmp_path / "checkpoints"
    shutil.copytree(DEFAULTS.checkpoints_folder / "default", shelf / "default")
    config = NetworkConfig(resolution=64, z_dim=8, w_dim=8, channel_base=128, channel_max=6)
    save_checkpoint(shelf / "tiny", config, seeded_network(config, 1), Card("tiny"))
    show = play(source="synth", checkpoints_folder=shelf)
    show.store.set(MOTION_SPEED, 3.0, "test")
    assert [card.name for card in show.models()] == ["default", "tiny"]
    show.open_model("tiny")
    wait_until(lambda: show.snapshot().generator.startswith("stylegan3-t 64 px"))
    frames = show.engine.frames
    wait_until(lambda: show.engine.frames > frames + 3)
    assert show.snapshot().frame.image.shape == (256, 256, 3)
    assert show.snapshot().moods.names == ("A", "B", "C")
    assert [spec.label for spec in show.store.table.group("mood")] == ["A", "B", "C"]
    assert show.store.get(MOTION_SPEED) == 3.0
    assert any("plays A, B, C, latents picked blindly" in line.text for line in show.snapshot().messages)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda show: show.open_model("nothing"), "no generator.safetensors"),
        (lambda show: show.change_engine("steam"), "engine 'steam' is not one of"),
    ],
)
def test_a_model_that_cannot_be_played_leaves_the_old_one_playing(
    play: Play, wait_until: WaitUntil, change: Callable[[Show], None], complaint: str
) -> None:
    show = play(source="synth")
    before = show.snapshot().moods.names
    change(show)
    wait_until(lambda: any(complaint in line.text for line in show.snapshot().messages))
    frames = show.engine.frames
    wait_until(lambda: show.engine.frames > frames + 3)
    assert show.snapshot().moods.names == before


def test_another_engine_takes_over(play: Play, wait_until: WaitUntil, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path))
    show = play(source="synth", engine="torch")
    assert "torch cpu" in show.snapshot().generator
    show.change_engine("onnxruntime")
    wait_until(lambda: "onnxruntime" in show.snapshot().generator)
    frames = show.engine.frames
    wait_until(lambda: show.engine.frames > frames + 3)


def test_pause_holds_the_sound_and_the_picture_lives_on(play: Play, wait_until: WaitUntil) -> None:
    show = play(source="synth")
    wait_until(lambda: show.engine.summary().hops > 0)
    show.toggle_pause()
    wait_until(lambda: show.snapshot().source.state == "paused")
    frames, hops = show.engine.frames, show.engine.summary().hops
    wait_until(lambda: show.engine.frames > frames + 3)
    assert show.engine.summary().hops <= hops + 1
    show.toggle_pause()
    wait_until(lambda: show.engine.summary().hops > hops + 3)


@pytest.mark.jack
def test_two_knobs_ride_while_the_sound_drives(play: Play, plug: PlugIn, wait_until: WaitUntil) -> None:
    show = play(source="synth", midi=True)
    controller = plug("Fake nanoKONTROL")
    wait_until(lambda: bool(show.snapshot().midi))
    bias = mood_bias_name("Aggressive")
    for parameter, number in ((MOTION_SPEED, 16), (bias, 17)):
        show.learn(parameter)
        controller.say((0xB0, number, 10), (0xB0, number, 60))
        wait_until(lambda: show.learning() is None)
        assert show.bindings(parameter) == f"CC {number}"
    wait_until(lambda: show.snapshot().frame is not None)
    before = show.snapshot()
    for value in range(0, 128, 8):
        controller.say((0xB0, 16, value), (0xB0, 17, value))
    controller.say((0xB0, 16, 127), (0xB0, 17, 127))
    wait_until(lambda: show.store.get(MOTION_SPEED) == pytest.approx(12.0))
    wait_until(lambda: show.store.get(bias) == 6.0)
    wait_until(lambda: show.snapshot().moods.played[0] > 0.8)
    assert show.snapshot().moods.asked[0] < 0.1, "the sound asks for another mood"
    assert before.frame is not None
    red = before.frame.image[..., 0].mean()
    wait_until(lambda: abs(show.snapshot().frame.image[..., 0].mean() - red) > 10.0)  # type: ignore[union-attr]


def test_a_recalled_look_brings_every_parameter_back_exactly(play: Play) -> None:
    show = play(source="synth")
    table = show.store.table
    rng = np.random.default_rng(5)
    show.store.update({name: spec.value_of(rng.random()) for name, spec in table.items() if spec.persisted}, "test")
    wanted = show.store.persisted()
    show.save_look(8, "Mine")
    others = {name: table[name].value_of(1.0 - table[name].normalized_of(value)) for name, value in wanted.items()}
    show.store.update(others, "test")
    assert all(show.store.get(name) != wanted[name] for name in wanted)
    assert show.current_look() == (8, True)
    show.recall_look(8)
    assert show.store.persisted() == wanted
    assert show.current_look() == (8, False)
    assert next(pad.name for pad in show.looks() if pad.pad == 8) == "Mine"


def test_an_empty_pad_says_so_and_changes_nothing(play: Play) -> None:
    show = play(source="synth")
    before = show.store.snapshot()
    show.recall_look(7)
    assert show.store.snapshot() == before
    assert show.snapshot().messages[-1].lamp is Lamp.WARN


def test_the_ears_show_what_they_hear_and_take_the_hands_word(play: Play, wait_until: WaitUntil) -> None:
    show = play(source="synth", outputs=("null",))
    wait_until(lambda: {"ears", "picture", "sound to null"} <= {stage.name for stage in show.snapshot().stages})
    stages = {stage.name: stage for stage in show.snapshot().stages}
    assert all(0.0 <= stage.p50_ms <= stage.p95_ms <= stage.worst_ms for stage in stages.values())
    show.start_sound_check()
    wait_until(lambda: (show.snapshot().sound_check.progress or 0.0) > 0.01)
    show.undo_sound_check()
    wait_until(lambda: show.snapshot().sound_check.progress is None)
    for correct in (show.tap_tempo, show.halve_tempo, show.double_tempo):
        correct()
    hops = show.engine.summary().hops
    wait_until(lambda: show.engine.summary().hops > hops + 3)
    assert not any(line.lamp is Lamp.BAD for line in show.snapshot().messages)


def test_clipping_is_shown_and_told_once(play: Play, tmp_path: Path, wait_until: WaitUntil) -> None:
    noise = np.random.default_rng(0).uniform(-3.0, 3.0, (4 * RATE, 2)).clip(-1.0, 1.0)
    soundfile.write(tmp_path / "hot.wav", noise, RATE, subtype="FLOAT")
    show = play(source=f"file:{tmp_path / 'hot.wav'}", loop=True)
    wait_until(lambda: show.snapshot().clipped)
    hops = show.engine.summary().hops
    wait_until(lambda: show.engine.summary().hops > hops + 50)
    told = [line for line in show.snapshot().messages if "the input clips" in line.text]
    assert [(line.lamp, line.text.startswith("hot.wav")) for line in told] == [(Lamp.WARN, True)]
