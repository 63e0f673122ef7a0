"""The surface: one window, drawn from snapshots, writing parameters.

One window a process: Dear PyGui does not survive a second context. Everything here belongs to the main thread.
"""

import logging
import sys
from collections.abc import Callable

import dearpygui.dearpygui as dpg

from instrument.background import come_second
from instrument.clock import Clock
from instrument.ui.deck import Deck
from instrument.ui.display import connected_display
from instrument.ui.draw import theme
from instrument.ui.draw.canvas import Canvas, Paints
from instrument.ui.draw.skin import Skin
from instrument.ui.draw.software import draw_after_others, drawn_by_processor
from instrument.ui.draw.tags import Tag
from instrument.ui.hand import keys
from instrument.ui.hand.hands import Hands
from instrument.ui.hand.keymap import Key
from instrument.ui.hand.pointer import Pointer, PointerState
from instrument.ui.heap import keep_heap
from instrument.ui.layout.plan import Plan, make_plan
from instrument.ui.layout.scaling import REFERENCE_PX
from instrument.ui.pace import SurfacePace
from instrument.ui.panels.picture import PictureTexture
from instrument.ui.panels.stage import BareStage, Stage
from instrument.ui.processor import CardMeter, ProcessorMeter
from instrument.ui.view import Target, View
from instrument.ui.windows.dialogs import DearDialogs

logger = logging.getLogger(__name__)

BADGES_EVERY = 10
"""Frames between two looks at the MIDI bindings: they change by hand only."""
FAULT_SHOWN_S = 10.0
"""A fault of the surface is told for so long after it was last met."""
LATE_S = 0.05
"""A surface that is later than this does not try to catch up."""


class Surface:
    """The window of the instrument.

    `width` and `height` are those of the window in pixels; `scale` multiplies every length, None follows the
    window's size.
    """

    def __init__(
        self,
        deck: Deck,
        title: str = "The Latent Instrument",
        width: int = REFERENCE_PX[0],
        height: int = REFERENCE_PX[1],
        scale: float | None = None,
    ) -> None:
        self._deck, self._title, self._scale = deck, title, scale
        self._size = (width, height)
        self.dialogs = DearDialogs(deck)
        self._hands = Hands(deck, self.dialogs)
        self._pointer, self._keys = Pointer(), keys.Keyboard()
        self._stage: Stage | BareStage | None = None
        self._badges: dict[str, str] = {}
        self._laid_out: tuple[object, ...] = ()
        self._last_s: float | None = None
        self.frames = 0
        """Frames drawn so far."""
        self._fault, self._fault_s = "", 0.0
        self._pace, self._processor, self._card = SurfacePace(), ProcessorMeter(), CardMeter()
        self._on_processor = False
        self.faults = 0
        """Errors met in drawing and in answering a hand; the show went on."""
        self.targets: tuple[Target, ...] = ()
        """What can be touched, and where."""
        self.plan: Plan | None = None
        """The layout on show."""

    @property
    def rate_hz(self) -> float:
        """How often a second it is drawn now."""
        return self._pace.rate_hz

    def open(self) -> None:
        """Open the window. Raises DisplayError if there is no screen."""
        keep_heap()
        with connected_display():
            self._open()

    def let_others_first(self) -> None:
        """Where the processor draws, let this thread, and all that it starts, come after every other. For good.

        On Linux only: elsewhere the whole process would come after others.
        """
        if self._on_processor and sys.platform == "linux":
            come_second()

    def step(self, now_s: float) -> bool:
        """Answer the hand, draw one frame; False once the window was closed. Blocks for a frame at most.

        While the window is minimised it blocks until it is seen again.
        """
        if not dpg.is_dearpygui_running():
            return False
        dt_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        if now_s - self._fault_s > FAULT_SHOWN_S:
            self._fault = ""
        for job in dpg.get_callback_queue() or ():
            self._guarded(lambda job=job: _call(job))  # type: ignore[misc]
        self._guarded(lambda: self._answer(now_s))
        self._guarded(lambda: self._draw(dt_s))
        dpg.render_dearpygui_frame()
        self.frames += 1
        return True

    def run(self, clock: Clock, should_stop: Callable[[], bool]) -> None:
        """Draw as often as the picture allows until the window is closed or `should_stop` says so."""
        deadline_s = clock.now_s()
        while not should_stop() and self.step(clock.now_s()):
            deadline_s = max(deadline_s + 1.0 / self._pace.rate_hz, clock.now_s() - LATE_S)
            clock.sleep_until_s(deadline_s)

    def close(self) -> None:
        """Close the window. Afterwards this process cannot open another one."""
        dpg.destroy_context()

    def _open(self) -> None:
        dpg.create_context()
        dpg.configure_app(manual_callback_management=True)
        self._skin = Skin()
        self._paints = Paints()
        self._texture = PictureTexture(self._paints.registry)
        width, height = self._size
        dpg.create_viewport(
            title=self._title, width=width, height=height, x_pos=0, y_pos=0, min_width=640, min_height=400,
            clear_color=theme.PANEL,
        )  # fmt: skip
        dpg.setup_dearpygui()
        self._drawlist: Tag = dpg.add_viewport_drawlist(front=False)
        dpg.show_viewport()
        self._on_processor = drawn_by_processor()
        if self._on_processor:
            draw_after_others()
            self._pace = SurfacePace(careful=True)

    def _answer(self, now_s: float) -> None:
        """Bring the layout up to date, then hand gestures and keys over."""
        self._lay_out()
        self.dialogs.tend()
        x, y = dpg.get_mouse_pos(local=False)
        state = PointerState(
            x, y, dpg.is_mouse_button_down(dpg.mvMouseButton_Left), dpg.is_mouse_button_down(dpg.mvMouseButton_Right),
            keys.ctrl_down(), keys.shift_down(),
        )  # fmt: skip
        event = self._pointer.process(state, now_s)
        struck = self._keys.process(now_s)
        if self.dialogs.is_open:
            struck = tuple(key for key in struck if key is Key.CANCEL)
        if self._makes_room() or (self.dialogs.is_open and not self.dialogs.is_page):
            self._hands.let_go()
        elif self._hands.held is None and self._stage is not None:
            self._hands.point(x, y, self._stage.touchable)
        if event is not None:
            self._hands.feel(event)
        for key in struck:
            self._hands.strike(key, state.shift)

    def _lay_out(self) -> None:
        width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        table = self._deck.store.table
        hiding = self._hands.hiding and not self.dialogs.is_page
        on_card = self._card.process(self._last_s or 0.0) is not None
        layout = (width, height, table, self._hands.page, hiding, on_card)
        if layout == self._laid_out or width < 1 or height < 1:
            return
        self._laid_out = layout
        plan = make_plan(width, height, self._scale, table, self._hands.page)
        self._skin.wear(plan.scale)
        self.dialogs.meet(plan.page, plan.scale)
        dpg.delete_item(self._drawlist, children_only=True)
        fonts = (self._skin.fonts.medium, self._skin.fonts.bold)
        canvas = Canvas(self._drawlist, plan.scale, fonts, self._paints)
        stage: Stage | BareStage
        if hiding:
            stage = BareStage(canvas, plan, self._texture, self._title)
        else:
            stage = Stage(canvas, plan, table, self._texture, self._title, on_card)
        self._stage, self.targets, self.plan = stage, stage.targets, plan
        self._hands.meet(self.targets, stage.corners)
        self._paints.sweep()

    def _makes_room(self) -> bool:
        """Let the panels go where a page opens, and come back where it closes; whether either happened."""
        return self._stage is not None and self._stage.open_page(self.dialogs.is_page)

    def _draw(self, dt_s: float) -> None:
        view = self._view(dt_s)
        if self._stage is not None:
            self._stage.update(view)

    def _view(self, dt_s: float) -> View:
        if self.frames % BADGES_EVERY == 0:
            self._badges = {name: self._deck.bindings(name) for name in self._deck.store.table}
        hands, snapshot, now_s = self._hands, self._deck.snapshot(), self._last_s or 0.0
        self._pace.note(now_s, snapshot.timing.frames, snapshot.timing.late)
        return View(
            snapshot, self._deck.store.snapshot(), now_s, dt_s, self._deck.looks(), self._deck.current_look(),
            self._deck.learning(), hands.picking, hands.saving, hands.hovered, hands.held, hands.selected,
            hands.solo.mood, self._badges, self._fault, self._pace.rate_hz if self._pace.gives_way else None,
            self._processor.process(now_s), self._card.process(now_s),
        )  # fmt: skip

    def _guarded(self, act: Callable[[], None]) -> None:
        """The top of the main thread: what breaks here must not end the show. Counted, logged once, told below."""
        try:
            act()
        except Exception as error:
            self.faults += 1
            text = f"surface: {error}"
            if text != self._fault:
                logger.exception("the surface met an error and goes on")
            self._fault, self._fault_s = text, self._last_s or 0.0


def _call(job: tuple[Callable[..., None] | None, object, object, object]) -> None:
    callback, sender, answer, data = job
    if callback is not None:
        callback(sender, answer, data)
