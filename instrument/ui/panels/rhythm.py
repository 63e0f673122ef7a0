"""The rhythm: tempo, the bar as it goes by, onsets, the drop; and the hand's word on them."""

import math

from instrument.engine.snapshot import SoundCheckState
from instrument.features.rhythm import BEATS_IN_BAR, BeatState, DropState
from instrument.ui.draw.canvas import Align, Canvas
from instrument.ui.draw.theme import (
    ACCENT,
    AMBER,
    CLEAR,
    DIM,
    INSET,
    LINE,
    ON_ACCENT,
    SMALL_PX,
    TEMPO_PX,
    TEXT,
    between_colors,
)
from instrument.ui.layout.plan import Plan
from instrument.ui.layout.rect import Rect
from instrument.ui.view import Button, Info, Target, TargetKind, View
from instrument.ui.widgets.buttons import Progress, push_button

SURE = 0.4
"""From this confidence on the tempo is shown as known."""
FLASH_S = 0.15
"""In this time the lamp of an onset fades."""
DROPS: dict[DropState, str] = {
    DropState.OFF: "Drop off", DropState.WATCHING: "Drop waits", DropState.ARMED: "DROP ARMED", DropState.FIRED: "DROP",
}  # fmt: skip


def tempo_text(beat: BeatState) -> str:
    """The tempo as read from afar.

    >>> tempo_text(BeatState(tempo_bpm=128.04, confidence=0.9)), tempo_text(BeatState())
    ('128.0', '–')
    """
    return f"{beat.tempo_bpm:.1f}" if beat.tempo_bpm > 0.0 else "–"


def flash(age_s: float) -> float:
    """Brightness of an onset's lamp so long after it, ``[0, 1]``, in steps of a tenth.

    >>> flash(0.0), flash(10.0)
    (1.0, 0.0)
    """
    return round(math.exp(-max(age_s, 0.0) / FLASH_S), 1)


def check_text(state: SoundCheckState) -> str:
    """What the button of the sound check says."""
    if state.progress is not None:
        return "Stop check"
    return "Undo check" if state.in_use else "Sound check"


class Beats:
    """Four beats; the one that goes by fills until the next, whose announced place is marked."""

    def __init__(self, canvas: Canvas, room: Rect) -> None:
        self._beats = room.middle(room.width, min(room.height, canvas.px(20))).columns(BEATS_IN_BAR, canvas.px(5))
        self._frames = tuple(canvas.box(beat, INSET, LINE, 4.0) for beat in self._beats)
        self._fill = canvas.bar(self._beats[0], ACCENT)
        self._next = canvas.bar(self._beats[0], TEXT)
        self._width = canvas.px(3)

    def update(self, beat: BeatState, now_s: float) -> None:
        """Show where in the bar `now_s` is."""
        known = beat.tempo_bpm > 0.0
        index, phase = divmod(beat.position(now_s), 1.0)
        for place, frame in enumerate(self._frames):
            past = known and place < int(index)
            frame.set(fill=between_colors(INSET, ACCENT, 0.3) if past else INSET)
        room = self._beats[int(index)]
        width = max(phase, 0.12) * room.width if known else 0.0
        self._fill.place(Rect(room.x, room.y, width, room.height))
        self._fill.set(fill=TEXT if phase < 0.12 else ACCENT)
        self._mark(beat, now_s)

    def _mark(self, beat: BeatState, now_s: float) -> None:
        coming = next((time_s for time_s in beat.next_beats_s if time_s > now_s), None)
        if coming is None or beat.tempo_bpm <= 0.0:
            self._next.place(Rect(0, 0, 0, 0))
            return
        # A beat begins at the left edge of its box; one that is announced a little early or late stands beside it.
        index, phase = divmod((beat.position(coming) + 0.5) % BEATS_IN_BAR, 1.0)
        room = self._beats[int(index)]
        x = min(max(room.x + (phase - 0.5) * room.width, self._beats[0].x), self._beats[-1].right - self._width)
        self._next.place(Rect(x, room.y - 4, self._width, room.height + 8))


class RhythmPanel:
    """The right part of the listening panel."""

    def __init__(self, canvas: Canvas, plan: Plan) -> None:
        rhythm = plan.listening.rhythm
        figures, unit = rhythm.tempo.from_left(plan.px(78), plan.px(4))
        self._tempo = canvas.label(figures, "–", TEMPO_PX, TEXT, bold=True)
        self._unit = canvas.label(unit, "BPM", SMALL_PX, DIM)
        lamp, word = rhythm.onset.from_left(plan.px(22), plan.px(4))
        self._lamp = canvas.circle(lamp.centre, canvas.px(9), INSET, LINE, 2.0)
        self._onset = canvas.label(word, "Onset", SMALL_PX, DIM)
        self._bar = Beats(canvas, rhythm.bar)
        self._buttons = (
            push_button(canvas, rhythm.tap, Button.TAP, "Tap"),
            push_button(canvas, rhythm.halve, Button.HALVE, "÷ 2"),
            push_button(canvas, rhythm.double, Button.DOUBLE, "× 2"),
        )
        self._drop_box = canvas.box(rhythm.drop, CLEAR, LINE, 6.0)
        self._drop = canvas.label(rhythm.drop, "", SMALL_PX, DIM, Align.CENTRE, bold=True)
        self._check = push_button(canvas, rhythm.sound_check, Button.SOUND_CHECK, "", SMALL_PX)
        foot = rhythm.sound_check.inset(plan.px(6), plan.px(3)).from_bottom(plan.px(4))[0]
        self._progress = Progress(canvas, foot)
        self._info = Target(TargetKind.INFO, Info.DROP.value, rhythm.drop)

    def targets(self) -> tuple[Target, ...]:
        """Its buttons."""
        return (*(button.target for button in self._buttons), self._check.target, self._info)

    def update(self, view: View) -> None:
        """Show the rhythm at this moment."""
        rhythm, check = view.snapshot.rhythm, view.snapshot.sound_check
        beat = rhythm.beat
        sure = beat.by_hand or beat.confidence >= SURE
        self._tempo.set(tempo_text(beat), TEXT if sure else DIM)
        self._unit.set("by hand" if beat.by_hand else "BPM" if sure else "BPM ?")
        light = 0.0 if rhythm.onset is None else flash(view.now_s - rhythm.onset.time_s)
        self._lamp.set(fill=between_colors(INSET, TEXT, light))
        self._onset.set("Onset", between_colors(DIM, TEXT, light))
        self._bar.update(beat, view.now_s)
        for button in self._buttons:
            button.update(view)
        waits, fires = rhythm.drop is DropState.ARMED, rhythm.drop is DropState.FIRED
        self._drop_box.set(fill=AMBER if waits else ACCENT if fires else CLEAR)
        self._drop.set(DROPS[rhythm.drop], ON_ACCENT if waits or fires else DIM)
        self._check.update(view, text=check_text(check))
        self._progress.show(check.progress)
