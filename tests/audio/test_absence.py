import time

import pytest

from instrument.audio.absence import FIRST_LOOK_S, REOPEN_AFTER_S, AbsenceCheck
from instrument.audio.devices import Device, Direction, find_device, list_devices

GONE = Device(7, "NotThere", "JACK Audio Connection Kit", 2, 2, 48000)


@pytest.fixture
def check(request):
    made = []

    def make(device):
        made.append(AbsenceCheck(device))
        return made[-1]

    yield make
    for absence in made:
        absence.close()


def look(absence, silent_s):
    """The verdict once the look that is under way has ended."""
    assert absence.verdict(silent_s, heard=True) == ""
    absence._process.wait(10.0)
    return absence.verdict(silent_s, heard=True)


def test_sound_asks_nobody(check):
    absence = check(GONE)
    assert absence.verdict(0.0, heard=True) == ""
    assert absence.verdict(0.9 * FIRST_LOOK_S, heard=True) == ""
    assert absence._process is None


@pytest.mark.jack
def test_silence_of_a_device_that_has_gone(jack_server, check):
    assert look(check(GONE), 1.1) == "lost"


@pytest.mark.jack
def test_silence_of_a_device_that_is_there_is_looked_at_ever_less_often(plug_in, check):
    plug_in("FakeIF", "play")
    absence = check(find_device(list_devices(), "FakeIF", Direction.INPUT))
    assert look(absence, 1.1) == ""
    assert absence.verdict(2.0, heard=True) == ""
    assert absence._process is None
    assert look(absence, 2.3) == ""
    assert absence.verdict(4.5, heard=True) == ""
    assert absence._process is None


def test_long_silence_after_sound_is_worth_opening_anew_once(check):
    absence = check(GONE)
    begun_s = time.perf_counter()
    assert absence.verdict(REOPEN_AFTER_S, heard=True) == "again"
    assert check(GONE).verdict(REOPEN_AFTER_S, heard=False) == ""
    assert time.perf_counter() - begun_s < 1.0
