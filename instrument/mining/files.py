"""What a mining run leaves behind: ``moods.safetensors``, which is played, and ``mining.json``, which is read."""

import json
from dataclasses import asdict
from pathlib import Path

from instrument.disk.documents import Fields
from instrument.mapping.mining_report import REPORT_FILE, REPORT_KIND
from instrument.mapping.moods import save_moods
from instrument.mining.mining import STATE_FILE, Mined
from instrument.mining.scorer import Scorer
from instrument.mining.work import Work

MOODS_FILE, SHEET_FILE = "moods.safetensors", "mining.png"


def write_mined(folder: Path, mined: Mined, work: Work, scorer: Scorer) -> None:
    """Write moods and report, and remove what a cut run would have gone on from. Raises InstrumentError."""
    REPORT_KIND.write(folder / REPORT_FILE, fields_of(mined, work, scorer))
    anchors = {"anchors": mined.anchors, "anchor_scores": mined.scores}
    save_moods(folder / MOODS_FILE, mined.moods, anchors)
    (folder / STATE_FILE).unlink(missing_ok=True)


def fields_of(mined: Mined, work: Work, scorer: Scorer) -> Fields:
    """The report as JSON. It says nothing of when or where: the same run gives the same file."""
    named = zip(work.names, work.prompts, mined.report.moods, strict=True)
    moods = [{"name": name, "prompt": prompt, **asdict(figures)} for name, prompt, figures in named]
    paths = [
        {
            "from": work.names[path.a],
            "to": work.names[path.b],
            "kept": path.kept,
            "nearer": path.nearer,
            "largest_step": path.largest_step,
        }
        for path in mined.report.paths
    ]
    fields: Fields = {
        "checkpoint_fingerprint": mined.moods.fingerprint,
        "scorer": scorer.identity,
        "work": {key: value for key, value in asdict(work).items() if key not in ("prompts", "names")},
        "moods": moods,
        "paths": paths,
        "chance": 1.0 / len(work.names),
    }
    # As it will be read again: tuples and numbers in JSON's own types.
    return dict(json.loads(json.dumps(fields)))
