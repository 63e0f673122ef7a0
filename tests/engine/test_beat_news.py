"""No beat moves without a word to the player, and no flood of words."""

import numpy as np

from instrument.audio import demo_voices as voice
from instrument.audio.source import AudioBlock
from instrument.clock import ManualClock
from instrument.engine.beat_news import REST_S, BeatNews
from instrument.engine.listening import ListeningChain
from instrument.engine.messages import MessageLog
from instrument.features.rhythm import BeatState

RATE = 44_100


def told(news: BeatNews, messages: MessageLog, jumps: int, now_s: float, tempo_bpm: float = 124.2) -> int:
    """Lines so far, after a state with so many jumps."""
    news.follow(BeatState(tempo_bpm, 0.9, jumps=jumps), now_s)
    return len(messages.lines())


def test_each_jump_is_told_once_and_those_in_a_row_together() -> None:
    messages = MessageLog(ManualClock())
    news = BeatNews(messages)
    assert told(news, messages, 0, 0.0) == 0
    assert told(news, messages, 1, 1.0) == 1
    assert messages.lines()[0].text == "the beat was found anew: 124 bpm"
    assert told(news, messages, 1, 2.0) == 1
    assert told(news, messages, 2, 3.0, 90.0) == 1
    assert told(news, messages, 3, 4.0, 180.0) == 1
    assert told(news, messages, 3, 1.0 + REST_S, 181.0) == 2
    assert messages.lines()[1].text == "the beat was found anew: 181 bpm"
    assert told(news, messages, 3, 100.0) == 2


def test_another_source_counts_anew() -> None:
    messages = MessageLog(ManualClock())
    news = BeatNews(messages)
    told(news, messages, 4, 0.0)
    assert told(news, messages, 0, 50.0) == 1
    assert told(news, messages, 1, 60.0, 100.0) == 2


def test_a_song_that_changes_its_tempo_is_told() -> None:
    beats_s = np.concatenate([np.arange(0.3, 7.0, 60.0 / 90.0), np.arange(7.1, 14.0, 60.0 / 139.0)])
    samples = np.zeros((15 * RATE, 1), np.float32)
    kick = voice.kick(RATE, 2.0)
    for beat_s in beats_s:
        start = round(beat_s * RATE)
        samples[start : start + len(kick), 0] += 0.6 * kick
    messages = MessageLog(ManualClock())
    chain, news = ListeningChain(RATE, 1024), BeatNews(messages)
    lines_at_7_s = 0
    for heard in chain.process(AudioBlock(samples[: 14 * RATE], 14.0)):
        now_s = heard.vector.capture_time_s
        news.follow(heard.rhythm.beat, now_s)
        lines_at_7_s = len(messages.lines()) if now_s < 7.0 else lines_at_7_s
    assert lines_at_7_s == 0
    assert messages.lines()[-1].text in {f"the beat was found anew: {tempo} bpm" for tempo in range(137, 142)}
