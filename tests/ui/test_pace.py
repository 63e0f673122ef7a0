import itertools

from instrument.ui.pace import LONGEST_WAIT_S, RATES_HZ, WAIT_S, SurfacePace


class Play:
    """Seconds of an engine at 30 fps."""

    def __init__(self, careful: bool = False) -> None:
        self.pace = SurfacePace(careful)
        self.now_s, self.frames, self.late = 0.0, 0, 0
        self.pace.note(0.0, 0, 0)

    def second(self, late: int, times: int = 1) -> float:
        for _ in range(times):
            self.now_s += 1.0
            self.frames += 30
            self.late += late
            self.pace.note(self.now_s, self.frames, self.late)
        return self.pace.rate_hz


def test_gives_way_step_by_step_and_no_further() -> None:
    play = Play()
    assert not play.pace.gives_way
    assert [play.second(late=3) for _ in range(5)] == [20.0, 15.0, 10.0, 10.0, 10.0]
    assert play.pace.gives_way


def test_a_single_late_frame_in_three_seconds_is_nothing() -> None:
    play = Play()
    for _ in range(20):
        play.second(late=0, times=3)
    assert play.pace.rate_hz == RATES_HZ[0]


def test_looks_once_a_second_however_often_it_is_asked() -> None:
    play = Play()
    play.second(late=3)
    for step in range(20):
        play.pace.note(play.now_s + 0.04 * step, play.frames + step, play.late + step)
    assert play.pace.rate_hz == 20.0


def test_comes_back_after_a_clean_while() -> None:
    play = Play()
    play.second(late=3, times=2)
    assert play.second(late=0, times=int(WAIT_S)) == 15.0
    assert play.second(late=0, times=2) == 20.0
    assert play.second(late=0, times=int(WAIT_S) + 2) == 30.0
    assert not play.pace.gives_way


def test_waits_longer_after_every_attempt_that_failed() -> None:
    play = Play()
    play.second(late=3)
    waits = []
    for _ in range(8):
        began_s = play.now_s
        while play.second(late=0) < 30.0:
            pass
        waits.append(play.now_s - began_s)
        play.second(late=5)
    assert all(later >= earlier for earlier, later in itertools.pairwise(waits))
    assert waits[3] > 6.0 * waits[0]
    assert waits[-1] < LONGEST_WAIT_S + 5.0


def test_an_engine_that_stands_still_says_nothing() -> None:
    play = Play()
    for second in range(30):
        play.pace.note(100.0 + second, 0, 0)
    assert play.pace.rate_hz == RATES_HZ[0]


def test_a_careful_one_begins_below_and_climbs_while_the_picture_is_even() -> None:
    play = Play(careful=True)
    assert play.pace.rate_hz == RATES_HZ[-1]
    assert play.second(late=0, times=int(WAIT_S) + 2) == 15.0
    assert play.second(late=3) == 10.0
