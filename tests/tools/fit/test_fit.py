"""`fit` from sound files to a mapping that plays, on a checkpoint of other moods than the shipped ones too."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from instrument.cli import main
from instrument.errors import AudioError, CheckpointError
from instrument.generator.checkpoint import Card, load_checkpoint, save_checkpoint
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.generator.stylegan3.seeded import seeded_network
from instrument.mapping.fitting import Effort
from instrument.mapping.moods import MoodSet, save_moods
from instrument.mapping.network import Layer, MoodNetwork, load_network
from instrument.settings import Settings
from instrument.tools import fit
from instrument.tools.bench import ablation, bass
from instrument.tools.fit.examples import examples, roles_of
from instrument.tools.fit.judging import BassTest, bass_test, confusion, excerpts, table_text
from instrument.tools.fit.material import Heard, bend, find_music, hear_file, shelf
from instrument.tools.fit.synthetic import SAMPLE_RATE, WRITERS

MOODS = ("Lava", "Fog", "Neon")
ROLES = ["--sounds", "Lava=heavy", "Fog=calm", "Neon=bright"]
CONFIG = NetworkConfig(resolution=32, z_dim=8, w_dim=8, channel_base=128, channel_max=6)


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two short tracks of each character."""
    folder = tmp_path_factory.mktemp("music")
    for character in WRITERS:
        for number in range(2):
            write(folder, character, 40 + number)
    return folder


def write(folder: Path, character: str, seed: int) -> None:
    sound = WRITERS[character](np.random.default_rng(seed))[: 16 * SAMPLE_RATE]
    soundfile.write(folder / f"{character}-{seed}.wav", sound, SAMPLE_RATE)


@pytest.fixture(scope="module")
def shelf_of_checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints")
    save_checkpoint(folder / "tiny", CONFIG, seeded_network(CONFIG, 1), Card("tiny"))
    rng = np.random.default_rng(0)
    fingerprint = load_checkpoint(folder / "tiny").fingerprint
    moods = MoodSet(MOODS, ("", "", ""), rng.standard_normal((3, 8)), rng.standard_normal((3, 8, 2)), fingerprint)
    save_moods(folder / "tiny" / "moods.safetensors", moods)
    return folder


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shelf_of_checkpoints: Path) -> Path:
    """Less of everything, so that a fit takes a second or two."""
    settings = Settings(checkpoints_folder=shelf_of_checkpoints)
    for module in (fit, ablation, bass):
        monkeypatch.setattr(module, "DEFAULTS", settings)
    monkeypatch.setattr(ablation, "SECONDS", 6.0)
    monkeypatch.setattr(ablation, "PROJECTIONS", 2)
    monkeypatch.setattr(fit, "VERSIONS", 2)
    monkeypatch.setattr(fit, "EFFORT", Effort(members=1, steps=400))
    monkeypatch.setattr(fit, "clips", lambda _: iter(()))
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path / "cache"))
    return shelf_of_checkpoints / "tiny"


def test_a_checkpoint_is_taught_and_judged(
    small: Path, music: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--checkpoint", "tiny", *ROLES]
    assert main(["fit", "--audio", str(music), *common]) == 0
    told = capsys.readouterr().out
    network = load_network(small / "mapping.safetensors", fit.moods_of(small))
    assert network.dimension == 2
    assert "6 tracks, each judged by a network that did not learn from it" in told
    assert "rule \\ heard" in told
    learned = [next(hear_file(path, 1)) for path in find_music([music])]
    table = confusion(network, learned, roles_of(MOODS, ROLES[1:]))
    assert np.trace(table) > 0.8 * table.sum()

    assert main(["bench", "bass", "--audio", str(music), *common]) == 2
    assert "was fitted to all 6 tracks" in capsys.readouterr().err
    write(tmp_path, "heavy", 50)
    write(tmp_path, "calm", 51)
    unheard = ["--audio", str(music), str(tmp_path), *common]
    assert main(["bench", "bass", *unheard]) == 0
    assert "2 tracks that were not learned from" in capsys.readouterr().out
    assert main(["bench", "ablation", *unheard]) == 0
    rows = capsys.readouterr().out.splitlines()
    full = next(row.split() for row in rows if row.startswith("full  "))
    blind = next(row.split() for row in rows if row.startswith("no network"))
    rough = next(row.split() for row in rows if row.startswith("full, no RMS-driven travel"))
    # Counted from the end, since names have spaces: agreement of what is heard, and (from the front) jitter.
    assert float(full[-5].rstrip("%")) > max(70.0, float(blind[-5].rstrip("%")))
    assert float(full[1]) < 0.3 * float(rough[4])


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["--checkpoint", "tiny"], "which sound is 'Lava'? say --sounds Lava=CHARACTER"),
        (["--checkpoint", "tiny", "--sounds", "Lava=loud"], "'Lava=loud' is not MOOD=CHARACTER"),
        (["--checkpoint", "nothing"], "no generator.safetensors"),
        (["--checkpoint", "tiny", *ROLES, "--audio", "/nowhere"], "no such file or folder"),
    ],
)
def test_what_cannot_be_fitted_is_one_line(
    small: Path, arguments: list[str], answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fit", *arguments]) == 2
    error = capsys.readouterr().err
    assert answer in error
    assert error.count("\n") == 1


def test_a_folder_without_music_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no sound files"):
        find_music([tmp_path])
    with pytest.raises(AudioError, match="no sound is named"):
        find_music([])


def test_what_was_heard_is_kept(small: Path, music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = find_music([music])[0]
    first = list(hear_file(path, 2))
    monkeypatch.setattr("instrument.tools.fit.material.decode", lambda _: pytest.fail("heard again"))
    for once, again in zip(first, hear_file(path, 2), strict=True):
        np.testing.assert_allclose(once.inputs, again.inputs, atol=1e-5)
        np.testing.assert_allclose(once.measured, again.measured, atol=1e-4)


@pytest.mark.parametrize("treble", [False, True])
def test_a_shelf_lifts_its_own_end(treble: bool) -> None:
    section = shelf(1000.0, 9.0, 48_000, treble)
    turns = np.exp(-2j * np.pi * np.array([20.0, 1000.0, 20_000.0]) / 48_000)
    gains_db = 20.0 * np.log10(np.abs(np.polyval(section[2::-1], turns) / np.polyval(section[:2:-1], turns)))
    expected = [0.0, 4.5, 9.0] if treble else [9.0, 4.5, 0.0]
    np.testing.assert_allclose(gains_db, expected, atol=0.1)


def test_a_bent_version_is_another_mix_of_the_same_length() -> None:
    sound = WRITERS["bright"](np.random.default_rng(1))[: 4 * SAMPLE_RATE]
    bent = bend(sound, SAMPLE_RATE, np.random.default_rng(2))
    assert bent.shape == sound.shape
    assert bent.dtype == np.float32
    assert np.abs(bent).max() <= 1.0
    assert 0.3 < np.corrcoef(bent[:, 0], sound[:, 0])[0, 1] < 0.999


def test_moods_of_other_names_take_characters_and_share_them() -> None:
    roles = roles_of(("Calm", "Lava", "Ash"), ("Lava=heavy", "Ash=heavy"))
    np.testing.assert_allclose(roles.labels(np.eye(3)), [[0, 0.5, 0.5], [1, 0, 0], [0, 0, 0]])
    with pytest.raises(CheckpointError, match="which sound is 'Mist'"):
        roles_of(("Calm", "Mist"), ())


def heard(bass_share: float, level_db: float, hops: int = 500) -> Heard:
    measured = np.tile([bass_share, -15.0, level_db, 1.5, 3.0], (hops, 1))
    return Heard("00000000", None, 1024 / 48_000, np.full((hops, 16), bass_share), measured)


def deciding(mood: int) -> MoodNetwork:
    bias = np.zeros(6, np.float32)
    bias[mood] = 3.0
    return MoodNetwork(("Aggressive", "Calm", "Vibrant"), 1, (Layer(np.zeros((16, 6), np.float32), bias),))


def test_the_bass_test_passes_and_fails() -> None:
    """The top quarter of what is not quiet, whoever plays; a mapping that says heavy passes, another fails."""
    roles = roles_of(("Aggressive", "Calm", "Vibrant"), ())
    tracks = [heard(share, -15.0) for share in (0.1, 0.3, 0.5, 0.7, 0.8)] + [heard(0.99, -50.0)]

    def judged(mood: int, tracks: list[Heard]) -> BassTest:
        return bass_test([row for one in tracks for row in excerpts(deciding(mood), one, roles)])

    test = judged(0, tracks)
    assert test.passed
    assert test.excerpts == 2
    assert test.share == pytest.approx(0.7)
    failed = judged(1, tracks)
    assert not failed.passed
    assert failed.heavy == 0
    assert not judged(0, [heard(0.9, -50.0)]).passed


def test_the_confusion_table_counts_the_rule_against_the_network() -> None:
    roles = roles_of(("Aggressive", "Calm", "Vibrant"), ())
    table = confusion(deciding(1), [heard(0.9, -12.0, 10), heard(0.01, -40.0, 20)], roles)
    assert table.sum() == 30
    assert table[0].tolist() == [0, 10, 0]
    assert table[:, [0, 2]].sum() == 0
    assert "Aggressive" in table_text(table, roles.moods)


def test_examples_leave_out_what_no_mood_plays() -> None:
    roles = roles_of(("Lava", "Ash"), ("Lava=heavy", "Ash=calm"))
    bright = np.tile([0.01, -8.0, -16.0, 1.8, 12.0], (26, 1))
    inputs, labels, importance = examples(
        [Heard("a", None, 0.02, np.zeros((26, 16)), bright), Heard("b", "heavy", 0.02, np.ones((26, 16)), bright)],
        roles,
    )
    assert inputs.tolist() == np.ones((2, 16)).tolist()
    assert labels.tolist() == [[1.0, 0.0]] * 2
    assert importance.min() > 1.0
