"""The instrument with its surface in a process of its own: ``seen_show.py FOLDER``, FOLDER holding copies to write to.

Plays the demo until the window is closed or its stdin is, then says as JSON what was played and drawn; before that,
once the third look was recalled and some pictures were sent, it says so.
"""

import json
import sys
import threading
import time
from pathlib import Path

from instrument import app
from instrument.background import end_at_once
from instrument.clock import SystemClock
from instrument.outputs.null import NullSink
from instrument.outputs.sink import Frame
from instrument.settings import Settings
from instrument.show import Show
from instrument.ui.surface import Surface

LOOK, SOME = 3, 4


def tell_when_recalled(show: Show) -> None:
    while show.current_look()[0] != LOOK or show.engine.summary().sinks[0].sent < SOME:
        threading.Event().wait(0.02)
    print("recalled", flush=True)


def main(folder: Path) -> None:
    end_at_once()
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    settings = Settings(
        presets_folder=folder / "presets", config_folder=folder / "config", midi=False, monitor=False, outputs=("null",)
    )
    faults: list[int] = []
    close = Surface.close

    def noted_close(surface: Surface) -> None:
        faults.append(surface.faults)
        close(surface)

    Surface.close = noted_close  # type: ignore[method-assign]
    clock = SystemClock()
    sent_s: list[float] = []
    send = NullSink.send

    def noted_send(sink: NullSink, frame: Frame) -> None:
        sent_s.append(time.monotonic())
        send(sink, frame)

    NullSink.send = noted_send  # type: ignore[method-assign]
    show = Show(settings, clock)
    show.start()
    print("ready", flush=True)
    threading.Thread(target=tell_when_recalled, args=(show,), daemon=True).start()
    app.play(show, settings, clock, stop)
    values, (pad, edited), summary = show.store.snapshot(), show.current_look(), show.engine.summary()
    show.close()
    said = {
        "values": values, "pad": pad, "edited": edited, "faults": faults,
        "frames": summary.frames, "sent": summary.sinks[0].sent, "sent_s": sent_s,
    }  # fmt: skip
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
