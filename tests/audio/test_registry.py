import pytest
import soundfile

from instrument.audio.file import FileSource
from instrument.audio.live import LiveSource
from instrument.audio.registry import SOURCES, make_source, parse_live
from instrument.audio.source import SourceState
from instrument.audio.synth import SynthSource
from instrument.clock import ManualClock
from instrument.errors import AudioError


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "a song.wav"
    soundfile.write(path, [0.25] * 100, 8000)
    return path


@pytest.mark.parametrize(
    ("text", "kind"),
    [("synth", SynthSource), ("live", LiveSource), ("live:Scarlett", LiveSource), ("live:S:1,2", LiveSource)],
)
def test_made_but_not_open(text, kind):
    source = make_source(text, ManualClock())
    assert type(source) is kind
    assert source.state is SourceState.CLOSED
    source.close()


@pytest.mark.parametrize("form", ["{}", "file:{}"])
def test_a_file_by_its_path(song, form):
    source = make_source(form.format(song), ManualClock(), block_size=64, loop=True)
    assert type(source) is FileSource
    source.open()
    assert source.label == "a song.wav"
    assert [source.read(1.0).samples.shape for _ in range(5)] == [(64, 1)] * 5
    source.close()


def test_the_demo_always_loops():
    source = make_source("synth", ManualClock(), block_size=1 << 20, loop=False)
    source.open()
    for _ in range(6):
        source.read(100.0)
    assert source.state is SourceState.PLAYING
    source.close()


@pytest.mark.parametrize("text", ["", "nothing", "song.wav", "life:Scarlett", "SYNTH"])
def test_unknown_ones_list_what_there_is(text):
    with pytest.raises(AudioError) as caught:
        make_source(text, ManualClock())
    assert all(kind.usage in str(caught.value) for kind in SOURCES.values())


@pytest.mark.parametrize("text", ["synth:loud", "file:"])
def test_arguments_that_make_no_sense(text):
    with pytest.raises(AudioError, match=text.partition(":")[0]):
        make_source(text, ManualClock())


@pytest.mark.parametrize(
    ("argument", "parsed"),
    [
        ("", ("", ())),
        ("Scarlett", ("Scarlett", ())),
        ("Scarlett:3", ("Scarlett", (3,))),
        ("Scarlett:3,4", ("Scarlett", (3, 4))),
        (":1,2", ("", (1, 2))),
        ("HDA Intel (hw:0,0)", ("HDA Intel (hw:0,0)", ())),
        ("USB: Audio (hw:1,0):2", ("USB: Audio (hw:1,0)", (2,))),
    ],
)
def test_parse_live(argument, parsed):
    assert parse_live(argument) == parsed
