import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instrument.outputs.record import RecordSink
from instrument.outputs.sink import Frame, StreamFormat

Reader = Callable[[Path], Any]
RATE = 48000
ORIGIN_S = 1234.5
BLOCK = 1024


def stream_of(**changes: Any) -> StreamFormat:
    values = {"width_px": 48, "height_px": 32, "frame_rate_hz": 30.0, "sample_rate": RATE, "channels": 2}
    return StreamFormat(**(values | changes))


def finished(sink: RecordSink) -> Path:
    sink.close()
    assert sink.path is not None
    return sink.path


def tone(count: int, channels: int = 2, sample_rate: int = RATE) -> npt.NDArray[np.float32]:
    wave = 0.5 * np.sin(2.0 * np.pi * 1000.0 * np.arange(count) / sample_rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def play(sink: RecordSink, frame_times_s: list[float], sound_s: float, make: Callable[[float], Frame]) -> int:
    """Send sound block by block and frames in between as they fall due; returns the number of samples."""
    wave, sent = tone(int(sound_s * RATE)), 0
    for time_s in frame_times_s:
        while sent < len(wave) and sent / RATE < time_s:
            block = wave[sent : sent + BLOCK]
            sent += len(block)
            sink.send_audio(block, ORIGIN_S + sent / RATE)
        sink.send(make(ORIGIN_S + time_s))
    for start in range(sent, len(wave), BLOCK):
        block = wave[start : start + BLOCK]
        sink.send_audio(block, ORIGIN_S + (start + len(block)) / RATE)
    return len(wave)


def test_picture_times_are_the_frame_times(tmp_path: Path, read_back: Reader, grey: Callable[..., Frame]) -> None:
    rng = np.random.default_rng(3)
    times_s = [0.0, *np.cumsum(rng.uniform(0.004, 0.2, 40)).tolist()]
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of())
    samples = play(sink, times_s, times_s[-1], grey)
    found = read_back(finished(sink))
    assert found.codecs == ("h264", "aac")
    np.testing.assert_allclose(found.times_s, times_s, atol=1.0 / 90000)
    assert found.video_duration_s == pytest.approx(times_s[-1] + 1 / 30, abs=1 / 90000 * 2)
    assert found.duration_s == pytest.approx(times_s[-1], abs=1 / 30 + 0.002)
    assert found.sound_start_s == 0.0
    assert samples <= len(found.sound) < samples + BLOCK  # the codec has blocks of 1024
    assert found.sample_rate == RATE


def test_flash_and_click_stay_together(tmp_path: Path, read_back: Reader, grey: Callable[..., Frame]) -> None:
    """Uneven frames, jittering stamps, a hole in the sound, a stall of the picture: offset below a frame throughout."""
    rng = np.random.default_rng(5)
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of(channels=1))
    flashes_s = [1.0, 2.5, 4.0, 6.0]
    times_s = sorted({*flashes_s, *(t for t in np.cumsum(rng.uniform(0.02, 0.05, 230)) if not 4.2 < t < 5.5)})
    wave = np.zeros((8 * RATE, 1), np.float32)
    for flash_s in flashes_s:
        wave[int(flash_s * RATE) : int(flash_s * RATE) + 48] = 0.9
    sent = 0
    for time_s in times_s:
        while sent / RATE < time_s and sent < len(wave):
            block = wave[sent : sent + BLOCK]
            sent += len(block)
            if not 3.0 < sent / RATE < 3.4:  # these blocks were lost
                sink.send_audio(block, ORIGIN_S + sent / RATE + rng.uniform(0.0, 0.003))
        sink.send(grey(ORIGIN_S + time_s, 255 if time_s in flashes_s else 20))
    found = read_back(finished(sink))
    seen_s = [time_s for time_s, image in zip(found.times_s, found.images, strict=True) if image.mean() > 140]
    loud = np.flatnonzero(np.abs(found.sound[:, 0]) > 0.3) / RATE
    heard_s = [loud[0], *loud[1:][np.diff(loud) > 0.1]]
    assert len(seen_s) == len(heard_s) == len(flashes_s)
    offsets_ms = (np.array(heard_s) - np.array(seen_s)) * 1000.0
    assert np.abs(offsets_ms).max() < 10.0, offsets_ms  # a frame is 33 ms


def test_sound_of_a_gap_is_silent_and_what_follows_is_in_place(
    tmp_path: Path, read_back: Reader, grey: Callable[..., Frame]
) -> None:
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of())
    sink.send(grey(ORIGIN_S))
    sink.send_audio(tone(RATE), ORIGIN_S + 1.0)
    sink.send_audio(tone(RATE), ORIGIN_S + 3.0)  # one second is missing
    sink.send(grey(ORIGIN_S + 3.0))
    sound = read_back(finished(sink)).sound[:, 0]
    assert len(sound) == pytest.approx(3 * RATE, abs=BLOCK)
    level = [np.abs(sound[int(a * RATE) : int(b * RATE)]).mean() for a, b in ((0.1, 0.9), (1.1, 1.9), (2.1, 2.9))]
    assert level[0] == pytest.approx(0.5 * 2 / np.pi, rel=0.05)
    assert level[1] < 0.001
    assert level[2] == pytest.approx(level[0], rel=0.05)


def test_a_silent_source_does_not_hold_the_file_back(
    tmp_path: Path, read_back: Reader, grey: Callable[..., Frame]
) -> None:
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of())
    for index in range(30 * 6):
        sink.send(grey(ORIGIN_S + index / 30))
    assert sink.path is not None
    assert read_back(sink.path.with_name("a.mp4.part")).times_s[-1] > 3.0  # on disk already
    sink.send_audio(tone(RATE), ORIGIN_S + 7.0)
    found = read_back(finished(sink))
    assert len(found.sound) == pytest.approx(7 * RATE, abs=BLOCK)
    assert np.abs(found.sound[: int(5.9 * RATE)]).max() < 0.01
    assert np.abs(found.sound[int(6.1 * RATE) :]).max() > 0.4


def test_sound_first_then_picture(tmp_path: Path, read_back: Reader, grey: Callable[..., Frame]) -> None:
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of())
    sink.send_audio(tone(RATE), ORIGIN_S + 1.0)
    for time_s in (0.4, 0.5, 1.0):
        sink.send(grey(ORIGIN_S + time_s))
    found = read_back(finished(sink))
    np.testing.assert_allclose(found.times_s, [0.0, 0.5, 1.0], atol=1e-4)
    assert np.abs(found.sound[:BLOCK]).max() > 0.3


def test_times_that_stand_still_or_run_back(tmp_path: Path, read_back: Reader, grey: Callable[..., Frame]) -> None:
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of(sample_rate=0, channels=0))
    for time_s in (0.0, 0.1, 0.1, 0.05, 0.2):
        sink.send(grey(ORIGIN_S + time_s))
    found = read_back(finished(sink))
    np.testing.assert_allclose(found.times_s, [0.0, 0.1, 0.1, 0.1, 0.2], atol=1e-4)
    assert len(set(found.times_s)) == 5


def test_without_sound_there_is_no_sound_track(tmp_path: Path, read_back: Reader, grey: Callable[..., Frame]) -> None:
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of(sample_rate=0, channels=0))
    sink.send(grey(ORIGIN_S))
    sink.send_audio(tone(BLOCK), ORIGIN_S)
    found = read_back(finished(sink))
    assert len(found.codecs) == 1
    assert found.sound is None
    assert found.video_duration_s == pytest.approx(1 / 30, abs=0.001)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    width_px=st.integers(16, 70),
    height_px=st.integers(16, 70),
    frame_rate_hz=st.sampled_from([12.0, 23.976, 30.0, 59.94, 60.0]),
    sample_rate=st.sampled_from([8000, 22050, 44100, 48000, 96000, 50000, 192000]),
    channels=st.integers(1, 9),
)
def test_any_size_rate_and_channel_count(
    tmp_path: Path,
    read_back: Reader,
    width_px: int,
    height_px: int,
    frame_rate_hz: float,
    sample_rate: int,
    channels: int,
) -> None:
    image = np.zeros((height_px, width_px, 3), np.uint8)
    image[:, : width_px // 2] = (230, 30, 60)
    image[:, width_px // 2 :] = (40, 200, 90)
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(StreamFormat(width_px, height_px, frame_rate_hz, sample_rate, channels))
    for index in range(5):
        sink.send(Frame(image, index, index / frame_rate_hz, 0.0))
    sink.send_audio(tone(sample_rate // 4, channels, sample_rate), 0.25)
    path = finished(sink)
    found = read_back(path)
    path.unlink()
    assert len(found.images) == 5
    height, width = found.images[0].shape[:2]
    assert (height, width) == (height_px + height_px % 2, width_px + width_px % 2)
    assert found.colorspace == 1  # BT.709, said in the file
    for x, colour in ((width // 4, (230, 30, 60)), (width - 1, (40, 200, 90))):  # width - 1 is padding if odd
        np.testing.assert_allclose(found.images[-1][-1, x], colour, atol=12)
    assert found.sound.shape[1] == min(channels, 2)
    assert len(found.sound) / found.sample_rate == pytest.approx(0.25, abs=2 * 1024 / found.sample_rate)


def test_a_frame_of_another_size_is_scaled(tmp_path: Path, read_back: Reader, grey: Callable[..., Frame]) -> None:
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of())
    for index, (height_px, width_px) in enumerate(((32, 48), (64, 96), (31, 47))):
        sink.send(grey(ORIGIN_S + index / 30, 100 + index * 50, height_px, width_px))
    found = read_back(finished(sink))
    assert [image.shape for image in found.images] == [(32, 48, 3)] * 3
    np.testing.assert_allclose([image.mean() for image in found.images], [100, 150, 200], atol=3)


def test_broken_samples_do_not_end_the_recording(tmp_path: Path, read_back: Reader, grey: Callable[..., Frame]) -> None:
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of())
    sink.send(grey(ORIGIN_S))
    bad = tone(RATE)
    bad[1000:2000] = np.nan
    bad[3000] = np.inf
    sink.send_audio(bad, ORIGIN_S + 1.0)
    sink.send_audio(np.zeros((0, 2), np.float32), ORIGIN_S + 1.0)
    sound = read_back(finished(sink)).sound
    assert np.isfinite(sound).all()
    assert np.abs(sound[RATE // 2 :]).max() == pytest.approx(0.5, abs=0.05)


def test_keyframes_come_every_second_so_that_players_can_seek(
    tmp_path: Path, read_back: Reader, grey: Callable[..., Frame]
) -> None:
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of(sample_rate=0))
    for index in range(91):
        sink.send(grey(ORIGIN_S + index / 30))
    assert read_back(finished(sink)).keyframes == 4


def test_a_finished_file_is_an_ordinary_mp4(tmp_path: Path, grey: Callable[..., Frame]) -> None:
    """One index and one body, no fragments: editors and older players want it so."""
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of())
    play(sink, [index / 30 for index in range(90)], 3.0, grey)
    content, boxes, at = finished(sink).read_bytes(), [], 0
    while at < len(content):
        size, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8].decode()
        boxes.append(kind)
        at += size if size > 1 else int.from_bytes(content[at + 8 : at + 16])
    assert at == len(content)
    assert set(boxes) <= {"ftyp", "free", "wide", "mdat", "moov"}
    assert boxes.count("moov") == boxes.count("mdat") == 1


def test_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grey: Callable[..., Frame]) -> None:
    monkeypatch.chdir(tmp_path)
    sink = RecordSink.from_argument("")
    paths = []
    for _ in range(2):  # one sink may record again: another file
        sink.open(stream_of())
        sink.send(grey(ORIGIN_S))
        paths.append(finished(sink))
    assert all(re.fullmatch(r"recordings/\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(-2)?\.mp4", path.as_posix()) for path in paths)
    assert paths[0] != paths[1]
    named = RecordSink.from_argument("sub/take")
    named.open(stream_of())
    named.send(grey(ORIGIN_S))
    assert finished(named).as_posix() == "sub/take.mp4"
    assert Path("sub/take.mp4").stat().st_size > 0


def test_nothing_sent_leaves_no_file(tmp_path: Path) -> None:
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of())
    sink.close()
    sink.close()
    assert list(tmp_path.iterdir()) == []


def test_sound_alone_is_kept(tmp_path: Path, read_back: Reader) -> None:
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(stream_of())
    sink.send_audio(tone(RATE), ORIGIN_S)
    found = read_back(finished(sink))
    assert len(found.sound) == pytest.approx(RATE, abs=BLOCK)
