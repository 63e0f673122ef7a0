"""One show: a checkpoint, an engine, the hands and the looks, put together from settings."""

import logging
import threading
from dataclasses import replace
from typing import Any

from instrument.audio.input_names import InputNames
from instrument.audio.registry import make_source
from instrument.audio.source import AudioSource
from instrument.clock import Clock
from instrument.control.acts import Act, Acts
from instrument.control.hands import Hands
from instrument.engine.behind import behind
from instrument.engine.chain_maker import OwnFolders
from instrument.engine.engine import Engine
from instrument.engine.snapshot import Lamp, Snapshot
from instrument.errors import InstrumentError
from instrument.generator.checkpoint import list_checkpoints
from instrument.generator.engines import AUTO, wait_until_fast
from instrument.generator.engines import available as available_engines
from instrument.mapping.mining_report import scorer_of
from instrument.model import MINED_FOLDER, Model, load_model
from instrument.outputs.registry import available as available_sinks
from instrument.params.store import ParamStore
from instrument.presets.bank import LookBank
from instrument.remembered import remember
from instrument.sending import Sending
from instrument.settings import HOP_SIZES, Settings
from instrument.ui.deck import Choice, LookPad, Machine, ModelCard

LOG = logging.getLogger(__name__)
KERNEL_WAIT_S = 0.7
"""A compiled kernel is loaded by then, and the first pictures are fast; where it must be compiled, they are slow."""


class Show:
    """Everything that plays, and the deck the surface works on. Built and closed by one thread."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = self._next = settings
        self._clock = clock
        self._writing = threading.Lock()
        self._sending = Sending(settings.display, lambda texts: self._keep(outputs=texts))
        sinks = self._sending.begin(settings.outputs if settings.outputs_asked else ())
        source = self._make_source(settings.source)
        # The source first: it is what most often cannot be opened, and loading a model takes longer.
        source.open()
        try:
            model = load_model(settings)
            self.store = ParamStore(model.table)
            self.engine = Engine(
                self.store,
                model.repertoire,
                model.generator,
                source,
                sinks,
                clock,
                frame_rate_hz=settings.frame_rate_hz,
                hop_size=settings.hop_size,
                seed=settings.seed,
                own=OwnFolders(*(settings.config_folder / name for name in ("taught", MINED_FOLDER, "rooms"))),
                sink_gone=self._sending.gone,
            )
            self._bank = LookBank(settings.presets_folder / "looks")
            self._bank_lock = threading.RLock()
            self._acts = Acts(self)
            self._hands = Hands(
                self.store, clock, settings.config_folder / "midi", settings.midi, self._acts,
                lambda line: self.engine.messages.say(Lamp.WARN, line),
            )  # fmt: skip
            self._hands.open_osc(settings.osc)
        except InstrumentError:
            source.close()
            raise
        self._notice = model.notice
        if settings.engine != AUTO:
            self.engine.messages.say(Lamp.GOOD, f"engine {model.engine_reason}")
        wait_until_fast(model.generator, KERNEL_WAIT_S)
        self._listening_at = settings.osc
        self._inputs = InputNames(clock, lambda line: self.engine.messages.say(Lamp.WARN, line))

    def start(self) -> None:
        """Begin to play. Raises InstrumentError if a sink cannot open."""
        self.engine.start()
        self._hands.start()
        if not self._settings.outputs_asked:
            self._sending.open_remembered(self.engine, self._settings.outputs)
        if self._notice:
            self.engine.messages.say(Lamp.WARN, self._notice)
        if self._hands.osc_state:
            self.engine.messages.say(Lamp.GOOD, self._hands.osc_state)
        for trouble in (*self._bank.troubles, *self._hands.troubles):
            self.engine.messages.say(Lamp.WARN, trouble)

    def close(self) -> None:
        """End everything; bounded."""
        self._hands.close()
        self._sending.close()
        self.engine.close()

    def snapshot(self) -> Snapshot:
        """What the surface draws."""
        return self.engine.snapshot(self._hands.connected, self._hands.osc_state)

    def act(self, act: Act, sender: str) -> None:
        """Do what a key can ask for."""
        self._acts.do(act, sender)

    def toggle_pause(self) -> None:
        """Hold or go on with the sound."""
        self.engine.set_paused(not self.engine.paused)

    def open_source(self, text: str) -> None:
        """Change over to another source; a failure becomes a message and the old one plays on."""
        self.engine.open_source(lambda: self._make_source(text), text)
        self._keep(source=text)

    def models(self) -> tuple[ModelCard, ...]:
        """Checkpoints that could be played."""
        return tuple(
            ModelCard(folder.name, sheet if (sheet := folder / "sheet.png").is_file() else None)
            for folder in list_checkpoints(self._settings.checkpoints_folder)
        )

    def open_model(self, name: str) -> None:
        """Change over to another checkpoint; a failure becomes a message and the old one plays on."""
        self._change_model(replace(self._settings, checkpoint=name))

    def machine(self) -> Machine:
        """What belongs to this machine."""
        settings = self._settings
        engines = (Choice(row.name, row.help, row.reason) for row in available_engines())
        outputs = (Choice(row.name, row.help, row.reason, row.argument) for row in available_sinks())
        displays = (Choice(row.name, row.size) for row in self._sending.displays)
        return Machine(
            settings.checkpoint, settings.engine, (Choice(AUTO, "the best of these"), *engines), tuple(outputs),
            self._sending.names, self._next.hop_size, HOP_SIZES, self._next.frame_rate_hz, self._listening_at,
            tuple(displays), self._sending.display,
        )  # fmt: skip

    def change_engine(self, name: str) -> None:
        """Run the network on another engine; a failure becomes a message and the old one plays on."""
        self._change_model(replace(self._settings, engine=name))

    def set_output(self, name: str, argument: str, on: bool) -> None:
        """Send to an output, or no longer."""
        self._sending.switch(self.engine, name, argument, on)

    def toggle_window(self) -> bool:
        """The picture alone on the chosen display, or no longer; False where there is no second display."""
        return self._sending.toggle_window(self.engine)

    def choose_display(self, name: str) -> None:
        """Where the window goes; empty: the second display."""
        self._sending.choose_display(self.engine, name)
        self._keep(display=name)

    def watch_displays(self) -> None:
        """Begin to look which displays there are."""
        self._sending.watch(self.engine)

    def set_osc(self, text: str) -> None:
        """Listen to OSC at ``PORT`` or ``HOST:PORT``, or no longer; looking a host up may take a while."""
        behind("opening OSC", self.engine.messages, lambda: self._open_osc(text))

    def set_next_start(self, hop_size: int, frame_rate_hz: float) -> None:
        """The hop and the frame rate of the next start."""
        self._keep(hop_size=hop_size, frame_rate_hz=frame_rate_hz)

    def input_names(self) -> tuple[str, ...]:
        """Live inputs as last listed; a new list is made in the background."""
        return self._inputs.newest()

    def looks(self) -> tuple[LookPad, ...]:
        """The eight pads."""
        with self._bank_lock:
            pads = self._bank.pads().items()
            return tuple(LookPad(pad, look.name if look else None, self._bank.picture(pad)) for pad, look in pads)

    def save_look(self, pad: int, name: str) -> None:
        """Keep every persisted parameter on a pad, with the picture of this moment."""
        frame = self.engine.snapshot().frame
        try:
            with self._bank_lock:
                self._bank.save(pad, name, self.store, None if frame is None else frame.image)
            self.engine.messages.say(Lamp.GOOD, f"look {pad} saved: {name}")
        except InstrumentError as error:
            self.engine.messages.say(Lamp.BAD, str(error))

    def rename_look(self, pad: int, name: str) -> None:
        """Give a look another name."""
        try:
            with self._bank_lock:
                self._bank.rename(pad, name)
        except InstrumentError as error:
            self.engine.messages.say(Lamp.WARN, str(error))

    def undo_look(self) -> None:
        """Take back the last recall, save or rename."""
        try:
            with self._bank_lock:
                undone = self._bank.undo(self.store)
            self.engine.messages.say(Lamp.GOOD, f"undone: {undone}")
        except InstrumentError as error:
            self.engine.messages.say(Lamp.WARN, str(error))

    def recall_look(self, pad: int) -> None:
        """Bring every persisted parameter to what a pad holds."""
        try:
            with self._bank_lock:
                report = self._bank.recall(pad, self.store)
        except InstrumentError as error:
            self.engine.messages.say(Lamp.WARN, str(error))
            return
        self.engine.messages.say(Lamp.GOOD, report.text())

    def current_look(self) -> tuple[int | None, bool]:
        """The pad recalled last and whether something was moved since."""
        with self._bank_lock:
            return self._bank.current, self._bank.edited(self.store)

    def learn(self, parameter: str | None) -> None:
        """Let the next control that moves ride `parameter`; None calls it off."""
        if parameter is None:
            self._hands.cancel()
        else:
            self._hands.learn(parameter)

    def learning(self) -> str | None:
        """The parameter that waits for a control."""
        return self._hands.learning

    def bindings(self, parameter: str) -> str:
        """Badge of the controls that ride `parameter`, e.g. ``CC 16``."""
        return self._hands.badge(parameter)

    def forget(self, parameter: str) -> None:
        """Take every control off `parameter`."""
        self._hands.forget(parameter)

    def hold_mood(self, mood: str | None) -> None:
        """Collect the sound from now on as an example of `mood`; None lets go."""
        self.engine.desk.hold(mood)

    def learn_taught(self) -> None:
        """Learn what was collected and play it; a failure becomes a message and the old mapping plays on."""
        self.engine.desk.learn()

    def undo_teaching(self) -> None:
        """Go back to the mapping before the last lesson."""
        self.engine.desk.undo_lesson()

    def toggle_taught(self) -> None:
        """Change between the shipped mapping and the taught one, to compare."""
        self.engine.desk.toggle_taught()

    def mine_prompt(self, text: str) -> None:
        """Mine a mood from a prompt in the background; an empty one calls it off."""
        folder = self._settings.checkpoints_folder / self._settings.checkpoint
        self.engine.desk.mine(text, folder, scorer_of(folder))

    def forget_mood(self, mood: str) -> None:
        """Take a mood that was mined live away again."""
        self.engine.desk.forget(mood)

    def tap_tempo(self) -> None:
        """One tap on the beat, now."""
        self.engine.tap_tempo()

    def halve_tempo(self) -> None:
        """The beat is half as fast as believed."""
        self.engine.halve_tempo()

    def double_tempo(self) -> None:
        """The beat is twice as fast as believed."""
        self.engine.double_tempo()

    def start_sound_check(self) -> None:
        """Listen to the room, then use its ranges and its noise floor."""
        self.engine.start_sound_check()

    def undo_sound_check(self) -> None:
        """Call off the sound check, or go back to what was before the last."""
        self.engine.undo_sound_check()

    def _open_osc(self, text: str) -> None:
        try:
            self._hands.open_osc(text)
        except InstrumentError as error:
            text = ""
            self.engine.messages.say(Lamp.BAD, str(error))
        else:
            self.engine.messages.say(Lamp.GOOD, self._hands.osc_state or "OSC is off")
        self._listening_at = text
        self._keep(osc=text)

    def _keep(self, **changes: Any) -> None:
        """Remember for the next start, in the background; the newest state is what is written last."""
        try:
            self._next = replace(self._next, **changes)
        except InstrumentError as error:
            self.engine.messages.say(Lamp.WARN, str(error))
            return
        threading.Thread(target=self._write_settings, name="remember", daemon=True).start()

    def _write_settings(self) -> None:
        with self._writing:
            try:
                remember(self._next)
            except InstrumentError as error:
                self.engine.messages.say(Lamp.WARN, str(error))

    def _change_model(self, settings: Settings) -> None:
        def load() -> Model:
            model = load_model(settings)
            self._settings = settings
            self._keep(checkpoint=settings.checkpoint, engine=settings.engine)
            return model

        self.engine.change_model(load, settings.checkpoint)

    def _make_source(self, text: str) -> AudioSource:
        settings = self._settings
        return make_source(
            text,
            self._clock,
            block_size=settings.block_size,
            loop=settings.loop,
            monitor=settings.monitor,
            monitor_device=settings.monitor_device,
        )
