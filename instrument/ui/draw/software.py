"""Where no card draws the surface: Mesa's threads do, on the cores that the picture for the wall is rendered on."""

import os
from contextlib import suppress
from pathlib import Path

from instrument.background import NICENESS
from instrument.ui.draw.opengl import gl

PROCESSORS = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software rasterizer")
"""Names of renderers that are programs, not cards."""
TASKS = Path("/proc/self/task")


def drawn_by_processor() -> bool:
    """Whether the OpenGL context of this thread has no card behind it; False where that cannot be told."""
    GL = gl()
    name = GL.glGetString(GL.GL_RENDERER) if GL is not None else None
    return name is not None and any(renderer in name.decode(errors="replace").lower() for renderer in PROCESSORS)


def draw_after_others(tasks: Path = TASKS) -> int:
    """Give Mesa's threads the lesser right to a core, Linux's way; how many there were."""
    moved = 0
    for task in tasks.glob("*"):
        with suppress(OSError):
            if (task / "comm").read_text().startswith(PROCESSORS):
                os.setpriority(os.PRIO_PROCESS, int(task.name), NICENESS)
                moved += 1
    return moved
