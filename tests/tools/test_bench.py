"""The benchmarks: what they count, and that each prints its table."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from instrument.cli import COMMANDS
from instrument.errors import CheckpointError
from instrument.generator.checkpoint import Card, check_tensors, load_checkpoint, save_checkpoint
from instrument.generator.lrelu.plain import PlainFilteredLrelu, down_matrix, up_matrix
from instrument.generator.protocol import IDENTITY, Generator
from instrument.generator.self_check import SelfCheck
from instrument.generator.stylegan2.network import StyleGAN2Synthesis
from instrument.generator.stylegan2.plan import StyleGAN2Config
from instrument.generator.stylegan2.seeded import seeded_stylegan2
from instrument.generator.stylegan3.network import SynthesisLayer
from instrument.generator.stylegan3.plan import NetworkConfig, layer_plan
from instrument.generator.stylegan3.seeded import seeded_network
from instrument.settings import Settings
from instrument.tools import bench
from instrument.tools.bench import engine_table, pacing, tick
from instrument.tools.bench.counts import convolution_macs, filter_macs, work_of

GOLDEN = Path(__file__).parents[1] / "generator" / "golden"
T = NetworkConfig(resolution=256)
R = replace(T, conv_kernel=1, use_radial_filters=True)


@pytest.mark.parametrize(
    ("config", "base", "most", "convolutions", "filters"),
    [
        (T, 1024, 16, 0.2, 0.2),
        (T, 2048, 32, 0.9, 0.4),
        (T, 4096, 64, 3.6, 0.9),
        (T, 8192, 128, 14.5, 1.7),
        (R, 4096, 64, 0.4, 1.9),
        (replace(T, resolution=512), 4096, 64, 4.2, 1.6),
    ],
)
def test_the_work_of_a_network(
    config: NetworkConfig, base: int, most: int, convolutions: float, filters: float
) -> None:
    """Counted independently for the same sizes when the formulation was chosen."""
    work = work_of(replace(config, channel_base=base, channel_max=most))
    assert work.convolutions == pytest.approx(convolutions, abs=0.06)
    assert work.filters == pytest.approx(filters, abs=0.06)


@pytest.mark.parametrize("layer", layer_plan(replace(T, resolution=64)), ids=lambda layer: layer.name)
def test_the_filters_work_is_that_of_their_matrices(layer) -> None:
    """As many multiply-adds as the banded matrices have taps, but for those that fall outside the picture."""
    if layer.is_torgb:
        assert filter_macs(layer) == 0
        return
    narrow = layer.in_size + layer.kernel - 1
    up = np.count_nonzero(up_matrix(np.ones(layer.up_taps), narrow, layer))
    wide = narrow * layer.up + layer.pad_lo + layer.pad_hi - layer.up_taps + 1
    down = np.count_nonzero(down_matrix(np.ones(layer.down_taps), wide, layer))
    macs = (up * narrow + up * wide + down * wide + down * layer.out_size) * layer.out_channels
    assert macs <= filter_macs(layer) <= 1.15 * macs


def test_the_convolutions_work_is_what_torch_would_do() -> None:
    layer = layer_plan(T)[4]
    x = torch.empty(1, layer.in_channels, layer.in_size, layer.in_size, device="meta")
    weight = torch.empty(layer.out_channels, layer.in_channels, layer.kernel, layer.kernel, device="meta")
    y = torch.nn.functional.conv2d(x, weight, padding=layer.kernel - 1)
    assert convolution_macs(layer) == y.numel() * weight[0].numel()


def test_centre_taps_count_as_they_are_drawn() -> None:
    config = NetworkConfig(resolution=32, z_dim=8, w_dim=8, channel_base=64, channel_max=4, num_layers=4)
    plan = layer_plan(config)[2]
    name = f"synthesis.{plan.name}.weight"
    whole = seeded_network(config, 0)
    centre = torch.zeros_like(whole[name])
    centre[:, :, 1, 1] = whole[name][:, :, 1, 1]
    flops = []
    for tensors in (whole, whole | {name: centre}):
        layer = SynthesisLayer(config, plan, tensors, PlainFilteredLrelu)
        with FlopCounterMode(display=False) as counter:
            layer.convolve(torch.zeros(plan.in_size, plan.in_size, plan.in_channels))
        flops.append(counter.get_total_flops())
    saved = work_of(config).convolutions - work_of(config, whole | {name: centre}).convolutions
    assert round(1e9 * saved) == (flops[0] - flops[1]) / 2
    assert work_of(config, whole) == work_of(config)


@pytest.mark.parametrize("change", [{}, {"resolution": 8}, {"channel_base": 1024, "channel_max": 20}])
def test_the_work_of_stylegan2_is_what_torch_does(change: dict[str, int]) -> None:
    """Torch counts two operations for a multiply-add, and only those of convolutions and products of matrices."""
    small = StyleGAN2Config(resolution=32, z_dim=16, w_dim=16, channel_base=256, channel_max=16)
    config = replace(small, **change)
    network = StyleGAN2Synthesis(config, seeded_stylegan2(config, 0))
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(torch.zeros(config.num_ws, config.w_dim), IDENTITY)
    work = work_of(config)
    assert work.filters > 0.0
    assert round(1e9 * (work.convolutions + work.filters)) == counter.get_total_flops() / 2


def test_the_engine_table_has_a_row_for_every_way_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small = replace(T, resolution=64, conv_kernel=1, z_dim=8, w_dim=8, channel_base=256, channel_max=8)
    save_checkpoint(tmp_path / "small", small, seeded_network(small, 1), Card("small"))
    monkeypatch.setattr(engine_table, "DEFAULTS", Settings(checkpoints_folder=tmp_path))
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path / "cache"))
    threads = torch.get_num_threads()
    assert bench.main(["engine", "--checkpoint", "small", "--threads", "1", "--frames", "6"]) == 0
    torch.set_num_threads(threads)
    head, *rows, last = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["network", "engine", "threads"]
    assert len(rows) >= 2
    assert last.startswith("load average before: ")
    assert rows[0].split()[:4] == ["small", "torch", "plain", "1"]
    assert rows[0].split()[-1] == "same"
    assert float(rows[1].split()[3]) > 0.0
    assert rows[1].split()[-1] == "same" or float(rows[1].split()[-1]) > 60.0


def test_an_engine_that_does_not_run_a_network_says_why_in_its_row() -> None:
    def make() -> Generator:
        raise CheckpointError("only StyleGAN3 becomes ONNX")

    checkpoint = load_checkpoint(GOLDEN / "sg2_32")
    cells = engine_table.row(make, checkpoint, SelfCheck(checkpoint, 1), 1)
    assert engine_table.LINE.format("SG2", "onnxruntime", 1, *cells).rstrip().endswith("1 only StyleGAN3 becomes ONNX")


def test_seeded_sizes_are_added_by_name() -> None:
    names = [name for name, _ in engine_table.networks("default", ["T-256-2048/32"])]
    assert names == ["default", "T-256-2048/32"]
    assert len(list(engine_table.networks("default", None))) == 1
    ((_, _), (_, two)) = engine_table.networks("default", ["SG2-256-4096/64"])
    check_tensors(two.config, two.tensors)
    assert len({work_of(config) for config in engine_table.SIZES.values()}) == len(engine_table.SIZES)


def test_the_pacing_bench_says_what_it_promises(capsys: pytest.CaptureFixture[str]) -> None:
    threads = torch.get_num_threads()
    assert bench.main(["pacing", "--fps", "10", "--seconds", "0.5", "--threads", "1"]) == 0
    torch.set_num_threads(threads)
    head, paced, idle, busy = capsys.readouterr().out.splitlines()
    assert head.startswith("stylegan3-t 256 px")
    for word in ("10 fps: got ", " late, ", "% of the cores", "p99", "of 93 by over a period"):
        assert word in paced
    assert "idle: late p50" in idle
    assert "flat out: late p50" in busy


def test_late_frames_are_counted() -> None:
    """A picture that takes 50 ms at 30 fps is late as soon as it lags; one that takes nothing never is."""
    pause = pacing.threading.Event()
    slow = pacing.play(lambda: pause.wait(0.05), 30.0, 1.0)
    assert slow.frames <= 21
    assert slow.late >= slow.frames // 3
    assert 0.0 <= slow.share < 0.5


def test_a_tick_is_late_when_nobody_wakes_it() -> None:
    late_s = tick.lateness_s(0.05, 0.005, work_s=0.01)
    assert len(late_s) == 10
    assert late_s[-1] > 0.04


def test_the_golden_table_has_a_row_for_every_array(capsys: pytest.CaptureFixture[str]) -> None:
    threads = torch.get_num_threads()
    assert bench.main(["golden", "--folder", str(GOLDEN)]) == 0
    torch.set_num_threads(threads)
    _, *lines = capsys.readouterr().out.splitlines()
    rows = {tuple(line.split()[:2]): line.split()[2:] for line in lines}
    for path in GOLDEN.glob("*/expected.npz"):
        with np.load(path) as file:
            assert {name for model, name in rows if model == path.parent.name} == set(file)
    for (model, name), (_, *figures) in rows.items():
        if name.startswith("image"):
            assert len(figures) == 3
            assert all(float(error) < 1e-5 for error in figures[1:] if error != "-"), (model, name)
            assert (figures[2] == "-") == (model == "sg2_32"), "the fused kernel draws StyleGAN3"
        elif name in ("w", "ws"):
            assert float(figures[1]) < 1e-6, (model, name)
        else:
            assert figures == ["given"]


def test_the_golden_table_sees_another_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(GOLDEN / "sg2_32", tmp_path / "one")
    with np.load(tmp_path / "one" / "expected.npz") as file:
        arrays = dict(file)
    arrays["w"][0, 3] += 0.25
    arrays["image_identity"][3, 4, 1] -= 0.5
    np.savez(tmp_path / "one" / "expected.npz", **arrays, layer_names=np.array(["b4.conv1"]))
    assert bench.main(["golden", "--folder", str(tmp_path)]) == 0
    lines = capsys.readouterr().out
    assert re.search(r" w +1x8 +\S+ +2.5e-01 ", lines)
    assert re.search(r" image_identity +32x32x3 +\S+ +5.0e-01 ", lines)
    assert re.search(r" layer_names +1 +OTHER", lines)


def test_golden_models_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no golden models; name their folder with --folder"):
        bench.main(["golden", "--folder", str(tmp_path)])
    shutil.copytree(GOLDEN / "t32", tmp_path / "one")
    for content, said in (
        (b"nonsense", "not the arrays of a golden model"),
        ((GOLDEN / "t32" / "expected.npz").read_bytes()[:900], "not the arrays of a golden model"),
    ):
        (tmp_path / "one" / "expected.npz").write_bytes(content)
        with pytest.raises(CheckpointError, match=f"expected.npz: {said}"):
            bench.main(["golden", "--folder", str(tmp_path)])
    for arrays, said in (
        ({"z": np.zeros((1, 3))}, "no z of 8 columns"),
        ({"z": np.zeros((1, 8)), "c": np.zeros((1, 0)), "w": np.zeros((1, 8))}, "no ws"),
    ):
        np.savez(tmp_path / "one" / "expected.npz", **arrays)
        with pytest.raises(CheckpointError, match=said):
            bench.main(["golden", "--folder", str(tmp_path)])


def test_benches_are_reachable() -> None:
    assert COMMANDS["bench"][0] == bench.__name__
    assert {"engine", "golden", "pacing", "startup", "features"} <= set(bench.BENCHES)
