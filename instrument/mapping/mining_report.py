"""The report that a mining run leaves beside the moods: which scorer found them is what play asks of it."""

from pathlib import Path

from instrument.disk.documents import DocumentKind
from instrument.errors import MiningError

REPORT_FILE = "mining.json"
REPORT_KIND = DocumentKind("latent-instrument/mining", 1, MiningError)
GENERAL = "openclip"
"""The scorer that knows pictures of any kind."""


def scorer_of(folder: Path) -> str:
    """Name of the scorer that the moods of a checkpoint folder were mined with; `GENERAL` where none is told."""
    try:
        words = str(REPORT_KIND.read(folder / REPORT_FILE).get("scorer", "")).split()
    except MiningError:
        return GENERAL
    return words[0] if words else GENERAL
