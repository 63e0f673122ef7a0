"""The bottom bar: one line that tells what matters now, and the controllers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from instrument.engine.snapshot import Lamp
from instrument.features.rhythm import DropState
from instrument.params.table import ParamTable
from instrument.ui.draw import text
from instrument.ui.draw.canvas import Align, Canvas
from instrument.ui.draw.theme import ACCENT, ALARM, AMBER, BODY_PX, DIM, LINE, SMALL_PX, TEXT, Color
from instrument.ui.layout.plan import Plan
from instrument.ui.layout.rect import Rect
from instrument.ui.panels.why import mood_to_explain, ordered
from instrument.ui.view import Button, Info, Target, TargetKind, View
from instrument.ui.widgets.buttons import LampLight, push_button

LINE_COLORS: dict[Lamp, Color] = {Lamp.OFF: TEXT, Lamp.GOOD: TEXT, Lamp.WARN: AMBER, Lamp.BAD: ALARM}

HEAD_PX = 220
MESSAGE_SHOWN_S = 12.0
"""A message leaves the line after so long, unless it tells of something bad; the log keeps all."""
BUTTON_HELP: Mapping[Button, str] = {
    Button.PAUSE: "Hold the sound, or let it go on.",
    Button.OPEN: "Play a sound file.",
    Button.INPUT: "Listen to an interface, or to the demo.",
    Button.SETTINGS: "Model, engine, inputs, outputs and what else belongs to this machine.",
    Button.LEARN: "Bind a controller: press, click a control, move the controller. M does the same.",
    Button.SAVE: "Save a look: press, then choose a pad. Ctrl+click on a pad does the same.",
    Button.UNDO: "Take back the last recall, save or rename of a look. Z does the same.",
    Button.NEXT_PAGE: "More controls.",
    Button.TAP: "Tap on the beat, four times or more. T does the same.",
    Button.HALVE: "The beat is half as fast as believed.",
    Button.DOUBLE: "The beat is twice as fast as believed.",
    Button.SOUND_CHECK: "Listen to the room for 30 s, then use its ranges and its noise floor; press again to undo.",
    Button.PROMPT: "Mine a mood from your words; it joins the others when it is found. Press while mining to stop.",
    Button.LESSON: "Learn what was collected while a mood's T was held; the shipped mapping is kept.",
    Button.COMPARE: "Change between the shipped mapping and what was taught.",
    Button.UNDO_LESSON: "Forget the newest lesson.",
    Button.LOG: "Every message, and the delay stage by stage. L does the same.",
    Button.KEYS: "What every key does. ? does the same.",
}


@dataclass(frozen=True, slots=True)
class StatusLine:
    """What the bottom line says: the name of a control stands bold before it."""

    text: str
    lamp: Lamp | None = None
    head: str = ""


def status_line(view: View, table: ParamTable) -> StatusLine:
    """The one line: learning first, then faults, the control under the hand, and the newest message. Pure."""
    if view.learning is not None:
        return StatusLine(f"MIDI learn · {table[view.learning].label} · move a controller, Esc cancels", Lamp.WARN)
    if view.picking:
        return StatusLine("MIDI learn · click the control to bind, Esc cancels", Lamp.WARN)
    if view.fault:
        return StatusLine(view.fault, Lamp.BAD)
    if view.held is not None:
        return _control_hint(view, table, view.held)
    hint = _hint(view, table)
    if hint is not None:
        return hint
    return _message(view)


def _message(view: View) -> StatusLine:
    """The newest message while it is fresh; a bad one until another comes."""
    newest = view.snapshot.messages[-1] if view.snapshot.messages else None
    if newest is None or (newest.lamp is not Lamp.BAD and view.now_s - newest.time_s > MESSAGE_SHOWN_S):
        return StatusLine("")
    return StatusLine(newest.text, newest.lamp)


def _hint(view: View, table: ParamTable) -> StatusLine | None:
    """More about what is under the pointer."""
    over = view.hovered
    if over is None:
        return None
    if over.kind is TargetKind.CONTROL:
        return _control_hint(view, table, over.name)
    if over.kind is TargetKind.PAD:
        return _pad_hint(view, int(over.name))
    if over.kind is TargetKind.BUTTON:
        button = Button(over.name)
        return StatusLine(BUTTON_HELP[button], head=button.value.capitalize())
    if over.kind in HINTS:
        head, told = HINTS[over.kind]
        return StatusLine(told, head=head.format(over.name))
    info = Info(over.name)
    return StatusLine(INFOS[info](view), head=info.value.capitalize())


DROP_HELP: Mapping[DropState, str] = {
    DropState.OFF: "Drops are not watched for.",
    DropState.WATCHING: "Waits for a build-up.",
    DropState.ARMED: "A build-up was heard: the drop comes with the bass.",
    DropState.FIRED: "The bass has come back.",
}

HINTS: Mapping[TargetKind, tuple[str, str]] = {
    TargetKind.SOLO: ("Solo {}", "This mood alone; press again for the mix before."),
    TargetKind.TEACH: ("Teach {}", "Hold while its sound plays, a few seconds; then Learn."),
    TargetKind.MIX: ("Moods", "Drag to lean on moods, double-click to let go. Cross: hand, disc: sound, ring: played."),
}


def _control_hint(view: View, table: ParamTable, name: str) -> StatusLine:
    spec = table[name]
    badge = view.badges.get(name, "")
    bound = f"   {badge}" if badge else ""
    return StatusLine(spec.help, head=f"{spec.label}  {spec.text_of(view.values[name])}{bound}")


def _pad_hint(view: View, pad: int) -> StatusLine:
    name = next((look.name for look in view.looks if look.pad == pad), None)
    recall = (
        f"{name} · click or key {pad} plays it, Ctrl+click saves over it, right-click renames."
        if name
        else "Empty · Ctrl+click saves here."
    )
    return StatusLine(recall, head=f"Look {pad}")


def _outputs(view: View) -> str:
    sinks = (
        f"{sink.label} {sink.sent} sent, {sink.dropped} dropped {sink.detail}".rstrip() for sink in view.snapshot.sinks
    )
    return " · ".join(sinks) or "Nothing is sent out."


def _picture(view: View) -> str:
    frame = view.snapshot.frame
    size = "warming up" if frame is None else f"{frame.image.shape[1]} x {frame.image.shape[0]}"
    return f"{view.snapshot.generator} · {size} · {view.snapshot.timing.render_ms:.0f} ms a frame"


def _why(view: View) -> str:
    index = mood_to_explain(view)
    if index is None:
        return "Nothing is asked for yet."
    causes = ordered(view.snapshot.moods.why[index])
    return f"{view.snapshot.moods.names[index]}: " + ", ".join(f"{name} {share:.0%}" for name, share in causes)


def _controllers(view: View, osc: str) -> tuple[str, ...]:
    """What is heard: the controllers, and OSC as `osc` where a port is open."""
    return (*view.snapshot.midi, osc) if view.snapshot.osc else view.snapshot.midi


def _delay(view: View) -> str:
    stages = (f"{stage.name} {stage.p50_ms:.0f} (p95 {stage.p95_ms:.0f})" for stage in view.snapshot.stages)
    timing = view.snapshot.timing
    whole = f"{timing.latency_p50_ms:.0f} ms, p95 {timing.latency_p95_ms:.0f} ms, capture to sinks"
    return " · ".join(stages) or whole


INFOS: Mapping[Info, Callable[[View], str]] = {
    Info.SOURCE: lambda view: view.snapshot.source.label,
    Info.OUTPUTS: _outputs,
    Info.PICTURE: _picture,
    Info.DELAY: _delay,
    Info.WHY: _why,
    Info.DROP: lambda view: DROP_HELP[view.snapshot.rhythm.drop],
    Info.CONTROLLERS: lambda view: " · ".join(_controllers(view, view.snapshot.osc)) or "No controller is connected.",
}


class TwoLines:
    """A text on one line, or smaller, or on two, where that is too short."""

    def __init__(self, canvas: Canvas, box: Rect) -> None:
        self._width, self._size_px, self._small_px = box.width, canvas.px(BODY_PX), canvas.px(SMALL_PX)
        self._one = canvas.label(box, "", BODY_PX)
        self._one_small = canvas.label(box, "", SMALL_PX)
        lines = box.middle(box.width, min(canvas.px(2 * SMALL_PX), box.height)).rows(2)
        self._two = tuple(canvas.label(line, "", SMALL_PX) for line in lines)

    def set(self, content: str, color: Color) -> None:
        """Show `content`."""
        fits = text.width_px(content, self._size_px) <= self._width
        fits_small = not fits and text.width_px(content, self._small_px) <= self._width
        self._one.set(content if fits else "", color)
        self._one_small.set(content if fits_small else "", color)
        broken = () if fits or fits_small else text.wrap(content, self._small_px, self._width, len(self._two))
        for place, label in enumerate(self._two):
            label.set(broken[place] if place < len(broken) else "", color)


class Status:
    """The bottom bar."""

    def __init__(self, canvas: Canvas, plan: Plan, table: ParamTable) -> None:
        self._table = table
        canvas.line([plan.status.x, plan.status.y], [plan.status.right, plan.status.y], LINE)
        bar = plan.status.inset(plan.px(14), 0)
        self._buttons = []
        for button, name, width in ((Button.LEARN, "MIDI learn", 112), (Button.LOG, "Log", 60), (Button.KEYS, "?", 36)):
            strip, bar = bar.from_right(plan.px(width), plan.px(6))
            self._buttons.append(push_button(canvas, strip.middle(strip.width, plan.px(30)), button, name, SMALL_PX))
        midi, bar = bar.from_right(plan.px(196), plan.px(10))
        self._midi = canvas.label(midi.inset(plan.px(8), 0), "", SMALL_PX, DIM, Align.RIGHT)
        self._info = Target(TargetKind.INFO, Info.CONTROLLERS.value, midi)
        lamp, rest = bar.from_left(plan.px(14), plan.px(8))
        self._lamp = LampLight(canvas, lamp)
        self._message = TwoLines(canvas, rest)
        head, rest = bar.from_left(plan.px(HEAD_PX), plan.px(12))
        self._head = canvas.label(head, "", BODY_PX, ACCENT, bold=True)
        self._help = TwoLines(canvas, rest)

    def targets(self) -> tuple[Target, ...]:
        """The buttons, and the controllers' names."""
        return (*(button.target for button in self._buttons), self._info)

    def update(self, view: View) -> None:
        """Show the line and the controllers."""
        line = status_line(view, self._table)
        self._lamp.set(line.lamp)
        self._message.set("" if line.head else line.text, LINE_COLORS[line.lamp or Lamp.OFF])
        self._head.set(line.head)
        self._help.set(line.text if line.head else "", TEXT)
        midi = ", ".join(_controllers(view, "OSC")) or "no MIDI"
        self._midi.set(midi if view.reduced_hz is None else f"surface {view.reduced_hz:g} fps · {midi}")
        learn, *others = self._buttons
        learn.update(view, waiting=view.picking or view.learning is not None)
        for button in others:
            button.update(view)
