import threading

from instrument.control.events import ControlEvent
from instrument.control.inbox import Inbox


def event(number: int) -> ControlEvent:
    return ControlEvent("K", "control", 0, number, 0.5, 0.0)


def test_events_come_out_in_order_and_once():
    inbox = Inbox()
    inbox.put(event(1))
    inbox.put(event(2))
    assert [taken.number for taken in inbox.take(0.0)] == [1, 2]
    assert inbox.take(0.0) == []


def test_when_full_the_oldest_are_given_up_and_counted():
    inbox = Inbox(capacity=2)
    for number in range(5):
        inbox.put(event(number))
    assert [taken.number for taken in inbox.take(0.0)] == [3, 4]
    assert inbox.dropped == 3


def test_a_newer_word_takes_the_place_of_an_older_one_under_its_name_and_comes_last():
    inbox = Inbox(capacity=3)
    inbox.put(event(1), "/a")
    inbox.put(event(2))
    for number in range(3, 9):
        inbox.put(event(number), "/a" if number % 2 else "/b")
    assert [taken.number for taken in inbox.take(0.0)] == [2, 7, 8]
    assert inbox.dropped == 0
    inbox.put(event(9), "/a")
    assert [taken.number for taken in inbox.take(0.0)] == [9]


def test_who_waits_is_woken_by_an_event_and_by_closing():
    inbox = Inbox()
    taken: list[list[ControlEvent]] = []
    waiter = threading.Thread(target=lambda: taken.extend(inbox.take(30.0) for _ in range(2)))
    waiter.start()
    inbox.put(event(7))
    inbox.close()
    waiter.join(5.0)
    assert not waiter.is_alive()
    assert taken[0] == [event(7)]
    assert taken[1] == []
