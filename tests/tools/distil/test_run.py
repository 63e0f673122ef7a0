"""A whole distillation in small: it runs, resumes as if it had not stopped, and says what it is."""

from pathlib import Path

import numpy as np
import pytest
import torch

from instrument.errors import CheckpointError
from instrument.generator.checkpoint import load_checkpoint
from instrument.generator.protocol import IDENTITY
from instrument.generator.stylegan3.plan import layer_plan
from instrument.generator.torch_engine import TorchGenerator
from instrument.mapping.moods import load_moods
from instrument.mapping.network import load_network
from instrument.tools.distil import command, evaluate
from instrument.tools.distil.codes import draw_codes
from instrument.tools.distil.evaluate import edge_energy, repetition
from instrument.tools.distil.family import EMBER, MOODS
from instrument.tools.distil.moods import moods_of
from instrument.tools.distil.rounding import settle
from instrument.tools.distil.run import STATE_FILE, Distillation, Schedule, schedule_for
from instrument.tools.distil.sheet import png, tiles

TINY = Schedule(point_rounds=2, window_rounds=2, point_steps=2, window_steps=1, pool=1)


@pytest.fixture(scope="module")
def straight() -> Distillation:
    work = Distillation(EMBER, TINY, seed=2)
    while work.rounds_done < TINY.rounds:
        work.next_round()
    return work


def test_going_on_is_as_never_stopped(straight: Distillation, tmp_path: Path) -> None:
    for _ in range(TINY.rounds):
        part = Distillation(EMBER, TINY, seed=2)
        part.resume(tmp_path)
        part.next_round()
        part.save(tmp_path)
    whole = straight.tensors()
    assert part.rounds_done == TINY.rounds
    assert all(torch.equal(tensor, whole[name]) for name, tensor in part.tensors().items())


def test_no_layer_reaches_its_neighbours(straight: Distillation) -> None:
    """All are drawn as products; an outer tap that came alive would cost a fifth of the frame rate."""
    codes = draw_codes(straight.teacher.canvas, 1, np.random.default_rng(0))
    tensors = settle(straight.config, straight.tensors(), codes, seed=0)
    for plan in layer_plan(straight.config):
        weight, middle = tensors[f"synthesis.{plan.name}.weight"], plan.kernel // 2
        assert weight.count_nonzero() == weight[:, :, middle, middle].count_nonzero(), plan.name


def test_other_work_is_not_gone_on_with(straight: Distillation, tmp_path: Path) -> None:
    assert not straight.resume(tmp_path)
    straight.save(tmp_path)
    assert not Distillation(EMBER, TINY, seed=3).resume(tmp_path)
    (tmp_path / STATE_FILE).write_bytes(b"cut short")
    assert not Distillation(EMBER, TINY, seed=2).resume(tmp_path)


def test_training_on_points_brings_the_network_closer() -> None:
    plan = Schedule(point_rounds=2, window_rounds=1, point_steps=20)
    work = Distillation(EMBER, plan, seed=1)
    first = work.next_round()
    assert work.next_round() < 0.8 * first


def test_the_command_writes_a_checkpoint_that_plays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "schedule_for", lambda minutes: TINY)
    for name, fewer in (("OF_EACH_MOOD", 1), ("ANY", 1), ("EVERY", 4), ("STEPS", 2), ("REPEATED", 2)):
        monkeypatch.setattr(evaluate, name, fewer)
    monkeypatch.setattr(command, "OF_EACH_MOOD", 1)
    monkeypatch.setattr(command, "ANY", 1)
    folder = tmp_path / "made"
    assert command.main(["--minutes", "0.01", "--out", str(folder)]) == 0
    shown = capsys.readouterr()
    assert "L1 to the teacher" in shown.out
    assert "100%" in shown.err
    assert not (folder / STATE_FILE).exists()
    assert (folder / "sheet.png").read_bytes().startswith(b"\x89PNG")
    checkpoint = load_checkpoint(folder)
    assert "procedural teacher" in checkpoint.card.description
    assert "not adversarially trained" in checkpoint.card.description
    assert checkpoint.card.origin == "run.py distil --family default --minutes 0.01 --seed 1"
    moods = load_moods(folder / "moods.safetensors", checkpoint.fingerprint, checkpoint.config.w_dim)
    assert moods.names == MOODS
    assert load_network(folder / "mapping.safetensors", moods).names == MOODS
    generator = TorchGenerator(checkpoint, 1, fused=False)
    picture = generator.render(np.repeat(moods.centroids[:1], generator.num_ws, axis=0), IDENTITY)
    assert picture.shape == (256, 256, 3)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(["--minutes", "0"], "above 0"), (["--minutes", "nan"], "above 0"), (["--family", "x"], "no family 'x'")],
)
def test_bad_input_is_refused(arguments: list[str], reason: str) -> None:
    with pytest.raises(CheckpointError, match=reason):
        command.main(arguments)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, straight: Distillation) -> None:
    (tmp_path / "file").write_text("in the way")
    work = Distillation(EMBER, Schedule(1, 1, point_steps=1), seed=1)
    with pytest.raises(CheckpointError, match="cannot be written"):
        command.train(work, tmp_path / "file" / "inside")


def test_the_moods_lie_at_their_corners(straight: Distillation) -> None:
    moods = moods_of(straight.teacher, straight.tensors(), "0" * 64)
    apart = np.linalg.norm(moods.centroids[:, None] - moods.centroids[None], axis=-1)
    assert apart[~np.eye(3, dtype=bool)].min() > 2.0
    rows = np.linalg.norm(moods.basis, axis=1)
    np.testing.assert_allclose(rows, rows[0, 0], rtol=1e-4)


def test_longer_is_more_work() -> None:
    assert schedule_for(40.0).rounds > schedule_for(20.0).rounds > schedule_for(0.1).rounds >= 2


def test_repetition_and_edges_know_the_extremes() -> None:
    random = torch.rand(6, 64, 64, 3, generator=torch.Generator().manual_seed(0)) * 2.0 - 1.0
    assert repetition(random[:1].expand(4, -1, -1, -1)) == pytest.approx(1.0, abs=1e-5)
    assert abs(repetition(random)) < 0.2
    assert float(edge_energy(torch.zeros(1, 8, 8, 3))) == 0.0


def test_a_png_has_the_size_of_its_sheet() -> None:
    sheet = tiles(torch.zeros(5, 8, 8, 3), 3)
    assert sheet.shape == (18, 28, 3)
    assert png(sheet)[16:24] == bytes([0, 0, 0, 28, 0, 0, 0, 18])
