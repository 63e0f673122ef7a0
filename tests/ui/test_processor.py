import os
from types import SimpleNamespace
from typing import Any

import pytest

from instrument.ui.processor import CardLoad, CardMeter, ProcessorMeter, card_load, load_of


def cuda(**known: Any) -> Any:
    """What ``torch.cuda`` would say of a card of 8 GB; no such card is here."""
    return SimpleNamespace(
        current_device=lambda: 0,
        get_device_properties=lambda device: SimpleNamespace(total_memory=8_000_000_000 + device),
        memory_reserved=lambda: 2_500_000_000,
        **known,
    )


def missing() -> int:
    raise ModuleNotFoundError("nvidia-ml-py does not seem to be installed")


@pytest.mark.parametrize(
    ("utilization", "text"), [(lambda: 62, "62 % · 2.5 GB"), (missing, "2.5 of 8.0 GB"), (lambda: 0, "0 % · 2.5 GB")]
)
def test_a_card_tells_its_load_and_memory_or_its_memory_alone(utilization: Any, text: str) -> None:
    assert load_of(cuda(utilization=utilization)).text == text


def test_without_a_card_in_use_nothing_is_told() -> None:
    assert card_load() is None


def test_the_card_is_asked_once_a_second() -> None:
    asked: list[int] = []

    def look() -> CardLoad:
        asked.append(len(asked))
        return CardLoad(None, asked[-1], 10)

    meter = CardMeter(look)
    seen = [meter.process(now_s).used_bytes for now_s in (0.0, 0.5, 0.99, 1.0, 1.5, 2.0)]  # type: ignore[union-attr]
    assert seen == [0, 0, 0, 1, 1, 2]


def test_the_processor_is_measured_over_a_second() -> None:
    meter = ProcessorMeter()
    assert (meter.process(0.0), meter.process(0.5)) == (0.0, 0.0)
    while sum(os.times()[:2]) - meter._since[1] < 0.05:  # type: ignore[index]
        pass
    assert 0.05 <= meter.process(1.0) < 5.0
