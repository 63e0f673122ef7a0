import re
import subprocess
import sys
from pathlib import Path

import pytest

from instrument.errors import OutputError
from instrument.outputs.null import NullSink
from instrument.outputs.record import RecordSink
from instrument.outputs.registry import SINKS, SinkRow, available, make_sink
from instrument.outputs.spout import DEFAULT_NAME, SpoutSink


@pytest.mark.parametrize("row", SINKS, ids=lambda row: row.name)
def test_every_row_makes_a_sink_that_is_called_like_it(row: SinkRow) -> None:
    sink = make_sink(row.name)
    assert sink.label == row.name
    assert sink.queue_frames >= 1
    assert isinstance(sink.wants_audio, bool)
    sink.close()  # never opened: nothing to do, and no error


def test_what_follows_the_colon_reaches_the_sink() -> None:
    spout = make_sink("spout: Stage: left ")
    assert isinstance(spout, SpoutSink)
    assert spout.sender_name == "Stage: left"
    record = make_sink("record:C:/shows/one.mp4")
    assert isinstance(record, RecordSink)
    assert record.path is None  # chosen at open, since names may be taken
    plain = make_sink("spout")
    assert isinstance(plain, SpoutSink)
    assert plain.sender_name == DEFAULT_NAME
    assert isinstance(make_sink("null"), NullSink)


def test_unknown_name_lists_the_candidates() -> None:
    with pytest.raises(OutputError, match=re.escape("'sprout'; there are: null, spout, spout:SENDER NAME, record")):
        make_sink("sprout")


@pytest.mark.parametrize("text", ["", ":", "null:x", "record:", "spout: ", "Null"])
def test_senseless_texts_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(OutputError) as caught:
        make_sink(text)
    assert "\n" not in str(caught.value)


def test_available_tells_the_truth_about_this_machine() -> None:
    found = {row.name: row for row in available()}
    assert list(found) == [row.name for row in SINKS]
    assert found["null"].can_run
    assert found["record"].can_run
    if sys.platform != "win32":
        assert not found["spout"].can_run
        assert found["spout"].reason == "needs Windows"
    assert all(row.help for row in found.values())


def test_the_registry_imports_no_back_end_by_itself() -> None:
    code = (
        "import sys; from instrument.outputs import registry; registry.available(); registry.make_sink('null');"
        "sys.exit(' '.join({'av', 'SpoutGL', 'instrument.outputs.record'} & set(sys.modules)) or 0)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
