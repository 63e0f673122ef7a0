import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.errors import MiningError
from instrument.mapping.moods import check_names
from instrument.mining.work import DEFAULT_MOODS, names_for, work_for


def test_the_usual_prompts_make_the_usual_moods() -> None:
    work = work_for((), ())
    assert work.names == ("Aggressive", "Calm", "Vibrant")
    assert work.prompts == tuple(DEFAULT_MOODS.values())


def test_own_names_and_names_made_of_prompts() -> None:
    assert work_for(("fire", "water"), ("Hot", "Wet")).names == ("Hot", "Wet")
    asked = ("burning embers", "quiet ocean", "neon grid")
    assert work_for(asked, ()).names == ("Burning Embers", "Quiet Ocean", "Neon Grid")


SIGNS = st.characters(categories=("L", "N", "P", "S")) | st.just(" ")
PROMPTS = st.text(SIGNS, max_size=30).map(lambda text: f"{text}x")


@settings(max_examples=50)
@given(st.lists(PROMPTS, min_size=2, max_size=12))
def test_any_prompts_get_names_that_moods_can_have(prompts: list[str]) -> None:
    names = names_for(prompts)
    assert len({name.lower() for name in names}) == len(prompts)
    assert all(name.strip() for name in names)


def test_a_dozen_prompts_that_begin_alike() -> None:
    names = names_for([f"the red wall {index}" for index in range(12)])
    check_names(names, names)


@pytest.mark.parametrize(
    ("prompts", "names", "samples", "seed", "complaint"),
    [
        (("fire",), (), 100, 1, "1 prompts; there must be 2 to 12"),
        (tuple("abcdefghijklm"), (), 100, 1, "13 prompts"),
        (("fire", " "), (), 100, 1, "a prompt is empty"),
        (("fire", "two\nlines"), (), 100, 1, "not one line"),
        (("fire", "Fire "), (), 100, 1, "the same prompt is given twice"),
        (("fire", "water"), ("One",), 100, 1, r"1 names \(One\) for 2 prompts"),
        (("fire", "water"), ("One", "one"), 100, 1, "called alike"),
        (("fire", "water"), (), 1, 1, "1 samples; there must be 50 to"),
        (("fire", "water"), (), 100, -1, "the seed is -1"),
    ],
)
def test_what_cannot_be_mined_is_said_in_one_line(
    prompts: tuple[str, ...], names: tuple[str, ...], samples: int, seed: int, complaint: str
) -> None:
    with pytest.raises(MiningError, match=complaint) as caught:
        work_for(prompts, names, samples, seed)
    assert "\n" not in str(caught.value)
