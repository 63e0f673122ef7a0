"""Making moods: by words, and by example."""

from instrument.engine.snapshot import PromptState
from instrument.mapping.teaching import TeachingState
from instrument.ui.draw.canvas import Align, Canvas
from instrument.ui.draw.theme import AMBER, BODY_PX, DIM, INSET, LINE, SMALL_PX, TEXT
from instrument.ui.layout.moods import TeachPlan
from instrument.ui.view import Button, Target, TargetKind, View
from instrument.ui.widgets.buttons import Progress, push_button

EMPTY_PROMPT = "A new mood from words…"


def prompt_text(prompt: PromptState) -> str:
    """What stands in the prompt's box.

    >>> prompt_text(PromptState("burning embers", 0.42))
    'burning embers · 42 % · press to stop'
    """
    return f"{prompt.text} · {round(100 * prompt.progress)} % · press to stop" if prompt.text else EMPTY_PROMPT


def collected_text(teaching: TeachingState, names: tuple[str, ...]) -> str:
    """What the lesson has so far, or what it does.

    >>> collected_text(TeachingState(collected_s=(2.0, 0.0)), ("Calm", "Wild"))
    'Calm 2.0 s'
    """
    if teaching.learning:
        return "learning…"
    collected = zip(names, teaching.collected_s, strict=False)
    parts = " · ".join(f"{name} {seconds:.1f} s" for name, seconds in collected if seconds > 0.0)
    if parts:
        return parts
    if teaching.lessons:
        number = f"lesson {teaching.lessons}" if teaching.lessons > 1 else "1 lesson"
        return f"{number} {'plays' if teaching.playing_taught else 'waits'}"
    return "hold T, then Learn"


class TeachLine:
    """The prompt's box, the seconds that were collected, and the lesson's buttons."""

    def __init__(self, canvas: Canvas, plan: TeachPlan) -> None:
        self._box = canvas.box(plan.prompt, INSET, LINE, 6.0)
        self._prompt = canvas.label(plan.prompt.inset(canvas.px(10), 0), EMPTY_PROMPT, BODY_PX, DIM)
        self._progress = Progress(canvas, plan.prompt.inset(canvas.px(8), canvas.px(3)).from_bottom(canvas.px(4))[0])
        self._target = Target(TargetKind.BUTTON, Button.PROMPT.value, plan.prompt)
        self._collected = canvas.label(plan.collected, "", SMALL_PX, DIM, Align.RIGHT)
        self._learn = push_button(canvas, plan.learn, Button.LESSON, "Learn")
        self._compare = push_button(canvas, plan.compare, Button.COMPARE)
        self._undo = push_button(canvas, plan.undo, Button.UNDO_LESSON, "Undo")

    def targets(self) -> tuple[Target, ...]:
        """The prompt and the buttons."""
        return (self._target, self._learn.target, self._compare.target, self._undo.target)

    def update(self, view: View) -> None:
        """Show the prompt and the lesson."""
        prompt, teaching = view.snapshot.prompt, view.snapshot.teaching
        hovered = view.hovers(TargetKind.BUTTON, Button.PROMPT.value)
        self._box.set(color=DIM if hovered else LINE)
        self._prompt.set(prompt_text(prompt), TEXT if prompt.text or hovered else DIM)
        self._progress.show(prompt.progress if prompt.text else None)
        held = teaching.held is not None
        self._collected.set(collected_text(teaching, view.snapshot.moods.names), AMBER if held else DIM)
        ready = any(seconds > 0.0 for seconds in teaching.collected_s) and not teaching.learning
        self._learn.update(view, lit=ready, waiting=teaching.learning)
        self._compare.update(view, lit=teaching.playing_taught, text="Taught" if teaching.playing_taught else "Shipped")
        self._undo.update(view)
