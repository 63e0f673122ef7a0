"""Which moods the strips explain."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from instrument.params.table import mood_bias_name
from instrument.ui.layout.rect import Rect
from instrument.ui.panels.why import mood_to_explain, moods_to_explain
from instrument.ui.view import Target, TargetKind, View

NOWHERE = Rect(0, 0, 1, 1)


@pytest.fixture
def view(make_deck: Callable[..., Any]) -> View:
    deck = make_deck(("Low", "High", "Middle"))
    snapshot = deck.snapshot()
    moods = replace(snapshot.moods, asked=(0.1, 0.6, 0.3))
    return View(replace(snapshot, moods=moods), deck.store.snapshot())


def test_the_strongest_comes_first_and_then_the_runner_up(view: View) -> None:
    assert moods_to_explain(view) == [1, 2, 0]
    assert mood_to_explain(view) == 1


@pytest.mark.parametrize(
    ("kind", "name"), [(TargetKind.SOLO, "Low"), (TargetKind.TEACH, "Low"), (TargetKind.CONTROL, mood_bias_name("Low"))]
)
def test_the_one_under_the_pointer_goes_before(view: View, kind: TargetKind, name: str) -> None:
    assert moods_to_explain(replace(view, hovered=Target(kind, name, NOWHERE))) == [0, 1, 2]


def test_a_pointer_elsewhere_changes_nothing(view: View) -> None:
    assert moods_to_explain(replace(view, hovered=Target(TargetKind.PAD, "1", NOWHERE))) == [1, 2, 0]


def test_without_moods_nothing_is_explained(view: View) -> None:
    moods = replace(view.snapshot.moods, names=(), asked=(), played=(), why=())
    bare = replace(view, snapshot=replace(view.snapshot, moods=moods))
    assert (moods_to_explain(bare), mood_to_explain(bare)) == ([], None)
