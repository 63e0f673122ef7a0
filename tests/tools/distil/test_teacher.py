"""The procedural teacher: seeded, in range, and a law for every pixel by itself."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.errors import CheckpointError
from instrument.motion.slerp import slerp_about
from instrument.tools.distil.codes import draw_codes, fields_at, grid, make_canvas, mood_code
from instrument.tools.distil.construct import code_rows
from instrument.tools.distil.evaluate import look_of
from instrument.tools.distil.family import FAMILIES, MOODS, Family, family_named
from instrument.tools.distil.folding import FOLD, FOLDS, fold
from instrument.tools.distil.moods import moods_of
from instrument.tools.distil.teacher import Teacher, ramp

SIZE = 64
WAY = 24
"""Steps from one mood to the next."""


def drawn(teacher: Teacher, count: int, seed: int = 3) -> torch.Tensor:
    return draw_codes(teacher.canvas, count, np.random.default_rng(seed))


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_pictures_are_seeded_and_in_range(family: Family) -> None:
    one, again = Teacher(family), Teacher(family)
    codes = drawn(one, 3)
    pictures = one.pictures(codes, SIZE)
    assert torch.equal(pictures, again.pictures(codes, SIZE))
    assert pictures.shape == (3, SIZE, SIZE, 3)
    assert float(pictures.min()) >= -1.0
    assert float(pictures.max()) <= 1.0
    assert float(pictures.std(dim=(1, 2)).amax(dim=1).min()) > 0.1, "a picture is flat"


def test_a_pixel_does_not_depend_on_its_neighbours(teacher: Teacher) -> None:
    codes = drawn(teacher, 2)
    whole = teacher.pictures(codes, SIZE).view(2, -1, 3)
    chosen = torch.tensor([0, 77, SIZE * SIZE - 1])
    alone = teacher.colours(codes, grid(SIZE)[chosen][None].expand(2, -1, -1))
    torch.testing.assert_close(alone, whole[:, chosen], atol=2e-4, rtol=0.0)


@given(size=st.sampled_from([16, 32]), seed=st.integers(0, 50))
@settings(max_examples=8, deadline=None)
def test_the_size_of_the_picture_is_only_its_sampling(size: int, seed: int) -> None:
    """Where two grids share no points, the means of the fields over them still agree."""
    canvas = make_canvas(family_named("default"))
    codes = draw_codes(canvas, 1, np.random.default_rng(seed))
    fine, coarse = (fields_at(canvas, codes, grid(side)[None]) for side in (64, size))
    for name, values in fine.items():
        assert float((values.mean() - coarse[name].mean()).abs()) < 0.02


def test_a_weaker_code_changes_what_is_seen_and_not_its_contrast(teacher: Teacher) -> None:
    codes = drawn(teacher, 24)
    whole, weak = (fields_at(teacher.canvas, scale * codes, grid(24)[None])["height"] for scale in (1.0, 0.5))
    assert float(weak.std()) == pytest.approx(float(whole.std()), rel=0.15)
    assert float((weak - whole).abs().mean()) > 0.05


def test_folding_makes_a_triangle_wave(teacher: Teacher) -> None:
    phase = torch.linspace(-4.0, 4.0, 161)
    folded = phase
    for width in FOLDS:
        folded = (folded - width).abs()
    expected = 1.0 - (phase - 1.0 - 2.0 * ((phase - 1.0) / 2.0).round()).abs()
    torch.testing.assert_close(folded, 1.0 - expected, atol=1e-5, rtol=0.0)
    fields = fields_at(teacher.canvas, drawn(teacher, 2), grid(16)[None])
    known = fold(teacher.folding, fields)
    assert all(bool((known[name + FOLD] >= 0.0).all()) for name in teacher.folding.outputs)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_every_corner_is_its_mood_and_looks_like_it(family: Family) -> None:
    teacher = Teacher(family)
    rng = np.random.default_rng(4)
    looks = []
    for mood in range(len(MOODS)):
        codes = torch.stack([mood_code(teacher.canvas, mood, rng) for _ in range(4)])
        weights = teacher.mood_weights(codes)
        torch.testing.assert_close(weights.sum(dim=1), torch.ones(4))
        assert float(weights[:, mood].mean()) > 0.85
        looks.append(look_of(teacher.pictures(codes, 128)))
    aggressive, calm, vibrant = looks
    assert calm.edges < 0.3 * min(aggressive.edges, vibrant.edges)
    assert vibrant.hue < min(aggressive.hue, calm.hue)
    assert set(family.words) == set(MOODS)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_the_ways_between_the_moods_are_even(family: Family) -> None:
    """Where one mood's pictures stand still and another's rush, or the one gives way to the other in a few steps, a
    steady hand makes an unsteady picture."""
    teacher = Teacher(family)
    size = teacher.canvas.code_size
    middle = torch.zeros(2 * size)
    places = moods_of(teacher, {"mapping.w_avg": middle}, "0" * 64).centroids
    for a, b in itertools.combinations(places, 2):
        way = np.stack([slerp_about(middle.numpy(), a, b, step / WAY) for step in range(WAY + 1)])
        codes = torch.from_numpy(way) @ code_rows(2 * size).T
        changes = teacher.pictures(codes, 48).diff(dim=0).abs().mean(dim=(1, 2, 3))
        assert float(changes.max() / changes.mean()) < 1.6


def test_heavier_patches_let_a_mood_go_bit_by_bit() -> None:
    shares = []
    for patches in (0.2, 0.8):
        teacher = Teacher(replace(family_named("lacquer"), patches=patches))
        way = torch.linspace(0.0, 1.0, WAY + 1)[:, None]
        codes = (1.0 - way) * mood_code(teacher.canvas, 1) + way * mood_code(teacher.canvas, 2)
        shares.append(teacher.mood_weights(codes)[:, 2].diff().max())
    assert shares[1] < 0.7 * shares[0]


def test_a_ramp_goes_through_its_colours() -> None:
    palette = ((0.0, 0.0, 0.0), (1.0, 0.5, 0.0), (1.0, 1.0, 1.0))
    colours = ramp(palette, torch.tensor([-1.0, 0.25, 0.5, 2.0]))
    expected = torch.tensor([[0.0, 0.0, 0.0], [0.5, 0.25, 0.0], [1.0, 0.5, 0.0], [1.0, 1.0, 1.0]])
    torch.testing.assert_close(colours, expected)


def test_an_unknown_family_lists_those_there_are() -> None:
    with pytest.raises(CheckpointError, match="default, lacquer"):
        family_named("nobody")
