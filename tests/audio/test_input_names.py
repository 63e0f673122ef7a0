"""The list of inputs: made beside the show, and not more often than it is worth."""

from collections.abc import Callable

import pytest

from instrument.audio.input_names import EVERY_S, InputNames
from instrument.clock import ManualClock
from instrument.errors import AudioError

WaitUntil = Callable[[Callable[[], bool]], None]


class Listing:
    """What is plugged in, and how often somebody looked."""

    def __init__(self) -> None:
        self.plugged: tuple[str, ...] = ("Scarlett",)
        self.looks = 0
        self.broken = False

    def make(self) -> tuple[str, ...]:
        self.looks += 1
        if self.broken:
            raise AudioError("no sound system")
        return self.plugged


@pytest.fixture
def listing() -> Listing:
    return Listing()


def test_a_menu_that_asks_with_every_frame_starts_one_listing(listing: Listing, wait_until: WaitUntil) -> None:
    clock, told = ManualClock(), list[str]()
    names = InputNames(clock, told.append, listing.make)
    wait_until(lambda: names.newest() == ("Scarlett",))
    for _ in range(100):
        clock.advance(0.9 * EVERY_S / 100)
        names.newest()
    assert listing.looks == 1
    listing.plugged = ("Scarlett", "Babyface")
    clock.advance(EVERY_S)
    wait_until(lambda: names.newest() == ("Scarlett", "Babyface"))
    assert listing.looks == 2
    assert told == []


def test_a_list_that_cannot_be_made_is_told_and_the_old_one_stays(listing: Listing, wait_until: WaitUntil) -> None:
    clock, told = ManualClock(), list[str]()
    names = InputNames(clock, told.append, listing.make)
    names.newest()
    wait_until(lambda: names.newest() == ("Scarlett",))
    listing.broken = True
    clock.advance(EVERY_S)
    names.newest()
    wait_until(lambda: told == ["no sound system"])
    assert names.newest() == ("Scarlett",)
