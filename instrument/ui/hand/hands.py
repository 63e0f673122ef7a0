"""What a gesture or a key does. Knows no window: it acts on the deck, and asks for dialogs through a protocol."""

from collections.abc import Callable, Mapping, Sequence

from instrument.control.acts import Act
from instrument.params.spec import Kind
from instrument.ui.deck import Deck
from instrument.ui.hand.asking import Dialogs
from instrument.ui.hand.keymap import Key
from instrument.ui.hand.pointer import Gesture, PointerEvent
from instrument.ui.hand.solo import Solo
from instrument.ui.layout.flow import MOOD_GROUP
from instrument.ui.layout.mixing import Points, biases_of, mix_at
from instrument.ui.view import Button, Target, TargetKind
from instrument.units import clamp

SENDER = "surface"
FINE = 0.1
"""Share of the usual movement while Shift is held."""
TRIM = 0.01
"""Share of a control's travel that an arrow key moves it."""


class Hands:
    """The state of the hand: what it holds, and what it is about to do."""

    def __init__(self, deck: Deck, dialogs: Dialogs) -> None:
        self._deck, self._dialogs = deck, dialogs
        self._held: Target | None = None
        self._position = 0.0
        self._controls: tuple[str, ...] = ()
        self._full_screen = False
        self.solo = Solo(deck, SENDER)
        self.corners: Points | None = None
        """Those of the pad, if there is one."""
        self.picking = self.saving = self.hiding = False
        self.page = 0
        self.hovered: Target | None = None
        self.selected: str | None = None

    @property
    def held(self) -> str | None:
        """The parameter in the hand."""
        return self._held.name if self._held is not None and self._held.kind is TargetKind.CONTROL else None

    def meet(self, targets: Sequence[Target], corners: Points | None) -> None:
        """Learn what there is to touch now, and where the corners of the pad are."""
        self.let_go()
        self.corners = corners
        self._controls = tuple(target.name for target in targets if target.kind is TargetKind.CONTROL)

    def point(self, x: float, y: float, targets: Sequence[Target]) -> None:
        """Note what the pointer is over."""
        self.hovered = next((target for target in targets if target.rect.contains(x, y)), None)

    def feel(self, event: PointerEvent) -> None:
        """Do what the gesture means on what the pointer is over."""
        if event.gesture is Gesture.RELEASE:
            self._release()
        elif event.gesture is Gesture.DRAG:
            self._drag(event)
        elif self.hovered is not None:
            self._press(self.hovered, event)

    def let_go(self) -> None:
        """Drop what is held and point at nothing: the pointer belongs to a dialog."""
        self._release()
        self.hovered = None

    def strike(self, key: Key | Act | int, fine: bool = False) -> None:
        """Do what a key means; a number is a pad."""
        if isinstance(key, int):
            self._deck.recall_look(key)
        elif isinstance(key, Act):
            self._deck.act(key, SENDER)
        elif key in (Key.RAISE, Key.LOWER):
            self._trim(TRIM * (FINE if fine else 1.0) * (1.0 if key is Key.RAISE else -1.0))
        elif key in (Key.NEXT, Key.PREVIOUS):
            self._select(1 if key is Key.NEXT else -1)
        else:
            self._keys()[key]()

    def cancel(self) -> bool:
        """Give up learning, saving and whatever dialog is open; False if there was nothing to give up."""
        learning = self._deck.learning() is not None
        something = self._dialogs.close() or self.picking or self.saving or learning
        self.picking = self.saving = False
        if learning:
            self._deck.learn(None)
        return something

    def _keys(self) -> Mapping[Key, Callable[[], None]]:
        return {
            Key.LEARN: self._learn_key,
            Key.CANCEL: self._escape,
            Key.HIDE: self._hide,
            Key.PICTURE: self._picture_alone,
            Key.FULL_SCREEN: self._dialogs.toggle_full_screen,
            Key.LOG: self._dialogs.show_log,
            Key.KEYS: self._dialogs.show_keys,
        }

    def _buttons(self) -> Mapping[Button, Callable[[], None]]:
        deck, dialogs = self._deck, self._dialogs
        return {
            Button.PAUSE: deck.toggle_pause,
            Button.OPEN: dialogs.choose_file,
            Button.INPUT: dialogs.input_menu,
            Button.SETTINGS: dialogs.show_settings,
            Button.LEARN: self._learn_button,
            Button.SAVE: self._save_button,
            Button.UNDO: deck.undo_look,
            Button.NEXT_PAGE: self._turn_page,
            Button.TAP: deck.tap_tempo,
            Button.HALVE: deck.halve_tempo,
            Button.DOUBLE: deck.double_tempo,
            Button.SOUND_CHECK: self._sound_check,
            Button.PROMPT: self._prompt,
            Button.LESSON: deck.learn_taught,
            Button.COMPARE: deck.toggle_taught,
            Button.UNDO_LESSON: deck.undo_teaching,
            Button.LOG: dialogs.show_log,
            Button.KEYS: dialogs.show_keys,
        }

    def _press(self, target: Target, event: PointerEvent) -> None:
        if target.kind is TargetKind.CONTROL:
            self._press_control(target, event)
        elif target.kind is TargetKind.PAD:
            self._press_pad(int(target.name), event)
        elif event.gesture is Gesture.MENU or target.kind is TargetKind.INFO:
            return
        elif target.kind is TargetKind.BUTTON:
            self._buttons()[Button(target.name)]()
        elif target.kind is TargetKind.SOLO:
            self.solo.toggle(target.name)
        elif target.kind is TargetKind.TEACH:
            self._held = target
            self._deck.hold_mood(target.name)
        elif event.gesture is Gesture.DOUBLE:
            self._center()
        else:
            self._held = target
            self._mix(event)

    def _release(self) -> None:
        held, self._held = self._held, None
        if held is not None and held.kind is TargetKind.TEACH:
            self._deck.hold_mood(None)

    def _press_control(self, target: Target, event: PointerEvent) -> None:
        name = target.name
        self.selected = name
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
        if self._held is None or self._held.kind is TargetKind.TEACH:
            return
        if self._held.kind is TargetKind.MIX:
            self._mix(event)
            return
        moved = event.dx - event.dy if self._held.upwards else event.dx
        step = moved / self._held.travel_px * (FINE if event.shift else 1.0)
        # Beyond the end nothing is stored up: turning back answers at once.
        self._position = clamp(self._position + step, 0.0, 1.0)
        self._deck.store.set_normalized(self._held.name, self._position, SENDER)

    def _mix(self, event: PointerEvent) -> None:
        """Lean on the moods as the place on the pad says."""
        rows = self._deck.store.table.group(MOOD_GROUP)
        if self.corners is None or len(self.corners) != len(rows):
            return
        biases = biases_of(mix_at(self.corners, event.x, event.y), min(row.maximum for row in rows))
        self._deck.store.update({row.name: bias for row, bias in zip(rows, biases, strict=True)}, SENDER)

    def _center(self) -> None:
        rows = self._deck.store.table.group(MOOD_GROUP)
        self._deck.store.update({row.name: row.default for row in rows}, SENDER)

    def _press_pad(self, pad: int, event: PointerEvent) -> None:
        if event.gesture is Gesture.MENU:
            self._dialogs.pad_menu(pad)
        elif self.saving or event.ctrl:
            self.saving = False
            name = next((look.name for look in self._deck.looks() if look.pad == pad), None)
            self._dialogs.ask_name(pad, name or f"Look {pad}")
        else:
            self._deck.recall_look(pad)

    def _escape(self) -> None:
        if not self.cancel():
            self._deck.act(Act.PANIC, SENDER)

    def _hide(self) -> None:
        self.hiding = not self.hiding

    def _picture_alone(self) -> None:
        """On the display for it; where there is no second one, this screen shows nothing else."""
        if not self._full_screen and self._deck.toggle_window():
            return
        self._full_screen = not self._full_screen
        self.hiding = self._full_screen
        self._dialogs.toggle_full_screen()

    def _turn_page(self) -> None:
        self.page += 1

    def _save_button(self) -> None:
        self.saving = not self.saving

    def _prompt(self) -> None:
        if self._deck.snapshot().prompt.text:
            self._deck.mine_prompt("")
        else:
            self._dialogs.ask_prompt()

    def _sound_check(self) -> None:
        state = self._deck.snapshot().sound_check
        if state.in_use or state.progress is not None:
            self._deck.undo_sound_check()
        else:
            self._deck.start_sound_check()

    def _select(self, step: int) -> None:
        if self._controls:
            here = self._controls.index(self.selected) if self.selected in self._controls else -1 if step > 0 else 0
            self.selected = self._controls[(here + step) % len(self._controls)]

    def _trim(self, step: float) -> None:
        store = self._deck.store
        if self.selected is not None and self.selected in store.table:
            position = store.spec(self.selected).normalized_of(store.get(self.selected))
            store.set_normalized(self.selected, position + step, SENDER)

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
