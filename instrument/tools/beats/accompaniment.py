"""Arrangements by MMA (Debian package ``mma``), which plays chords in the manner of a style: MIDI files with a beat."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np

from instrument.errors import InstrumentError

STYLES_FOLDER = Path("/usr/share/mma/lib/stdlib")
CHORDS = ("C", "Am", "F", "G7", "Dm7", "Em", "Bb", "D7", "A7", "Cm7", "Fm", "Ebmaj7", "G", "E7")
GROOVES_A_PIECE = 3
UNSUITED = ("metronome", "none", "evansish", "desert")


def styles() -> list[Path]:
    """Style files in four-four or three-four, by name; empty where MMA is not installed."""
    found = []
    for path in sorted(STYLES_FOLDER.glob("*.mma")):
        meters = set(re.findall(r"^Time\s+(\S+)", path.read_text(errors="replace"), re.M))
        if meters and meters <= {"3", "4"} and not path.name.startswith(UNSUITED):
            found.append(path)
    return found


def arrange(style: Path, rng: np.random.Generator, duration_s: float, into: Path) -> None:
    """Write a piece in some of the grooves of `style` as the MIDI file `into`.

    Raises
    ------
    InstrumentError
        If MMA is not there or cannot.
    """
    program = shutil.which("mma")
    if program is None:
        raise InstrumentError("mma is not installed; apt-get install mma")
    grooves = re.findall(r"^DefGroove\s+(\S+)", style.read_text(errors="replace"), re.M)
    grooves = [groove for groove in grooves if not re.search("Intro|End|Fill|Triple", groove)]
    tempo_bpm = int(np.clip(np.exp(rng.normal(np.log(116.0), 0.22)), 70, 176))
    chords = [str(chord) for chord in rng.choice(CHORDS, size=4)]
    lines = [f"Tempo {tempo_bpm}", f"RndSeed {int(rng.integers(1, 10_000))}", f"Use {style.stem}"]
    for number in range(int(duration_s * tempo_bpm / 180.0) + 1):
        if number % 12 == 0 and number // 12 < GROOVES_A_PIECE:
            lines.append(f"Groove {rng.choice(grooves)}")
        lines.append(chords[number // 2 % 4])
    source = into.with_suffix(".mma")
    source.write_text("\n".join(lines) + "\n")
    done = subprocess.run([program, "-f", str(into), str(source)], capture_output=True, text=True, check=False)
    if done.returncode or not into.is_file():
        raise InstrumentError(f"mma could not arrange {style.name}: {done.stdout.strip()[-200:]}")
