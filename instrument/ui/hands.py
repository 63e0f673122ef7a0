"""What a gesture or a key does. Knows no window: it acts on the deck, and asks for dialogs through a protocol."""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from instrument.params.spec import Kind
from instrument.params.table import MOTION_FREEZE
from instrument.ui.deck import Deck
from instrument.ui.pointer import Gesture, PointerEvent
from instrument.ui.view import Button, Target, TargetKind
from instrument.units import clamp

SENDER = "surface"
FINE = 0.1
"""Share of the usual movement while Shift is held."""


class Key(Enum):
    """Keys that are not pads."""

    FREEZE = "freeze"
    LEARN = "learn"
    CANCEL = "cancel"
    FULL_SCREEN = "full screen"


class Dialogs(Protocol):
    """What asks the performer something, and the window it is asked in."""

    def ask_value(self, parameter: str) -> None:
        """Ask for a value to set."""
        ...

    def ask_name(self, pad: int, name: str) -> None:
        """Ask for the name of a look, with `name` written in already, and save it."""
        ...

    def control_menu(self, parameter: str) -> None:
        """Offer what can be done with a control."""
        ...

    def input_menu(self) -> None:
        """Offer the inputs."""
        ...

    def model_menu(self) -> None:
        """Offer the models."""
        ...

    def toggle_full_screen(self) -> None:
        """Let the surface fill its screen, or give that back."""
        ...

    def choose_file(self) -> None:
        """Ask for an audio file to open."""
        ...

    def close(self) -> None:
        """Close whatever is open, changing nothing."""
        ...


class Hands:
    """The state of the hand: what it holds, and what it is about to do."""

    def __init__(self, deck: Deck, dialogs: Dialogs) -> None:
        self._deck = deck
        self._dialogs = dialogs
        self._held: Target | None = None
        self._position = 0.0
        self.picking = False
        self.saving = False
        self.page = 0
        self.hovered: Target | None = None

    @property
    def held(self) -> str | None:
        """The parameter in the hand."""
        return None if self._held is None else self._held.name

    def point(self, x: float, y: float, targets: Sequence[Target]) -> None:
        """Note what the pointer is over."""
        self.hovered = next((target for target in targets if target.rect.contains(x, y)), None)

    def feel(self, event: PointerEvent) -> None:
        """Do what the gesture means on what the pointer is over."""
        if event.gesture is Gesture.RELEASE:
            self._held = None
        elif event.gesture is Gesture.DRAG:
            self._drag(event)
        elif self.hovered is not None:
            self._press(self.hovered, event)

    def let_go(self) -> None:
        """Drop what is held and point at nothing: the pointer belongs to a dialog."""
        self._held = None
        self.hovered = None

    def strike(self, key: Key | int) -> None:
        """Do what a key means; a number is a pad."""
        if isinstance(key, int):
            self._deck.recall_look(key)
        elif key is Key.FREEZE:
            self._toggle(MOTION_FREEZE)
        elif key is Key.LEARN:
            self._learn_key()
        elif key is Key.FULL_SCREEN:
            self._dialogs.toggle_full_screen()
        else:
            self.cancel()

    def cancel(self) -> None:
        """Give up learning, saving and whatever dialog is open."""
        self._dialogs.close()
        self.picking = self.saving = False
        if self._deck.learning() is not None:
            self._deck.learn(None)

    def _press(self, target: Target, event: PointerEvent) -> None:
        if target.kind is TargetKind.CONTROL:
            self._press_control(target, event)
        elif event.gesture is Gesture.MENU or target.kind is TargetKind.INFO:
            return
        elif target.kind is TargetKind.PAD:
            self._press_pad(int(target.name), event.ctrl)
        else:
            self._press_button(Button(target.name))

    def _press_control(self, target: Target, event: PointerEvent) -> None:
        name = target.name
        if event.gesture is Gesture.MENU:
            self._dialogs.control_menu(name)
        elif self.picking:
            self.picking = False
            self._deck.learn(name)
        elif self._deck.store.spec(name).kind is Kind.SWITCH:
            self._toggle(name)
        elif event.ctrl:
            self._dialogs.ask_value(name)
        elif event.gesture is Gesture.DOUBLE:
            self._deck.store.reset(name, SENDER)
        else:
            self._held = target
            self._position = self._deck.store.spec(name).normalized_of(self._deck.store.get(name))

    def _drag(self, event: PointerEvent) -> None:
        if self._held is None:
            return
        moved = event.dx - event.dy if self._held.upwards else event.dx
        step = moved / self._held.travel_px * (FINE if event.shift else 1.0)
        # Beyond the end nothing is stored up: turning back answers at once.
        self._position = clamp(self._position + step, 0.0, 1.0)
        self._deck.store.set_normalized(self._held.name, self._position, SENDER)

    def _press_pad(self, pad: int, ctrl: bool) -> None:
        if not (self.saving or ctrl):
            self._deck.recall_look(pad)
            return
        self.saving = False
        name = next((look.name for look in self._deck.looks() if look.pad == pad), None)
        self._dialogs.ask_name(pad, name or f"Look {pad}")

    def _press_button(self, button: Button) -> None:
        if button is Button.PAUSE:
            self._deck.toggle_pause()
        elif button is Button.OPEN:
            self._dialogs.choose_file()
        elif button is Button.INPUT:
            self._dialogs.input_menu()
        elif button is Button.MODEL:
            self._dialogs.model_menu()
        elif button is Button.LEARN:
            self._learn_button()
        elif button is Button.SAVE:
            self.saving = not self.saving
        else:
            self.page += 1

    def _learn_button(self) -> None:
        if self.picking or self._deck.learning() is not None:
            self.cancel()
        else:
            self.picking = True

    def _learn_key(self) -> None:
        over = self.hovered
        if over is not None and over.kind is TargetKind.CONTROL and self._deck.learning() != over.name:
            self.picking = False
            self._deck.learn(over.name)
        else:
            self._learn_button()

    def _toggle(self, name: str) -> None:
        spec = self._deck.store.spec(name)
        middle = 0.5 * (spec.minimum + spec.maximum)
        self._deck.store.set(name, spec.minimum if self._deck.store.get(name) >= middle else spec.maximum, SENDER)
