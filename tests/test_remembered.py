"""What a machine remembers between two starts, and what wins over it."""

import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from instrument.app import open_show, settings_from
from instrument.clock import SystemClock
from instrument.errors import InstrumentError
from instrument.remembered import NAME, remember, remembered
from instrument.settings import DEFAULTS, Settings


@pytest.fixture
def machine(tmp_path: Path) -> Settings:
    return replace(
        DEFAULTS, config_folder=tmp_path, source="live:Scarlett", outputs=("null",), display="HDMI-A-1",
        checkpoint="lacquer", hop_size=512, frame_rate_hz=25.0, engine="torch", osc="9000",
    )  # fmt: skip


def test_what_is_remembered_comes_back_equal(machine: Settings) -> None:
    remember(machine)
    assert remembered(machine.config_folder) == (machine, ())


def test_what_was_meant_for_one_show_is_not_remembered(machine: Settings) -> None:
    remember(replace(machine, source="file:song.flac", outputs=("record:out.mp4", "null")))
    settings, troubles = remembered(machine.config_folder)
    assert (settings.source, settings.outputs, troubles) == ("synth", ("null",), ())


def test_a_first_start_has_nothing_to_remember(tmp_path: Path) -> None:
    assert remembered(tmp_path) == (replace(DEFAULTS, config_folder=tmp_path), ())


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": "another"}', "\x00" * 40])
def test_a_broken_file_is_one_line_and_the_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    settings, troubles = remembered(tmp_path)
    assert settings == replace(DEFAULTS, config_folder=tmp_path)
    assert len(troubles) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("hop_size", 100), ("hop_size", "512"), ("hop_size", True), ("frame_rate_hz", 0), ("outputs", "null"),
     ("outputs", [3]), ("display", 2), ("osc", 9000), ("engine", None), ("checkpoint", 4)],
)  # fmt: skip
def test_a_bad_value_is_left_out_and_the_others_stay(machine: Settings, field: str, value: Any) -> None:
    remember(machine)
    path = machine.config_folder / NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    settings, troubles = remembered(machine.config_folder)
    assert settings == replace(machine, **{field: getattr(DEFAULTS, field)})
    assert len(troubles) == 1


def test_the_command_line_wins_over_what_is_remembered(machine: Settings) -> None:
    settings = settings_from(["--hop", "256", "--source", "synth", "--output", "record:a.mp4"], machine)
    assert (settings.hop_size, settings.source, settings.outputs) == (256, "synth", ("record:a.mp4",))
    assert (settings.checkpoint, settings.frame_rate_hz, settings.engine) == ("lacquer", 25.0, "torch")


def test_a_remembered_port_is_closed_from_the_command_line(machine: Settings) -> None:
    assert settings_from([], machine).osc == "9000"
    assert settings_from(["--osc", "off"], machine).osc == ""
    assert settings_from(["--osc", "0.0.0.0:9001"], machine).osc == "0.0.0.0:9001"


def test_a_port_that_somebody_else_has_costs_nothing_but_the_port(
    machine: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        settings = replace(machine, source="synth", osc=str(other.getsockname()[1]), midi=False, monitor=False)
        plain = Settings(config_folder=machine.config_folder, midi=False, monitor=False)
        show, played = open_show(settings, plain, SystemClock())
    show.close()
    assert played == replace(settings, osc="")
    assert "OSC cannot listen" in capsys.readouterr().err


def test_outputs_of_the_last_show_are_not_asked_for_and_those_of_the_command_line_are(machine: Settings) -> None:
    remembered_ones, asked = settings_from([], machine), settings_from(["--output", "null"], machine)
    assert (remembered_ones.outputs, remembered_ones.outputs_asked) == (("null",), False)
    assert (asked.outputs, asked.outputs_asked) == (("null",), True)


def test_a_show_starts_without_what_has_gone_since(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = Settings(config_folder=tmp_path, midi=False, monitor=False)
    show, settings = open_show(replace(plain, checkpoint="gone"), plain, SystemClock())
    show.close()
    assert settings == plain
    assert "gone" in capsys.readouterr().err


def test_what_was_asked_for_itself_is_an_error(tmp_path: Path) -> None:
    asked = Settings(config_folder=tmp_path, midi=False, monitor=False, checkpoint="gone")
    with pytest.raises(InstrumentError):
        open_show(asked, asked, SystemClock())
