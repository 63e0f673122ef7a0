"""SpoutGL cannot be imported off Windows, so its use is checked against its recorded signatures instead."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WRONG_USES = """\
from SpoutGL import SpoutReceiver, SpoutSender, enums

sender = SpoutSender()
pixels = bytes(4)
sender.sendImage(pixels, 1, 1, enums.GL_RGBA, False, 0)
sender.sendImage(pixels, 1, 1, enums.GL_RGBA, False)  # wrong
sender.sendImage(pixels, width=1, height=1, glFormat=6408, invert=False, hostFbo=0)  # wrong
sender.holdFps(60)  # wrong
sender.setFrameSync()  # wrong
SpoutReceiver().receiveTexture()
SpoutReceiver().waitFrameSync("name")
SpoutReceiver().receiveTexture(1)  # wrong
"""


def test_the_sink_calls_spout_as_it_is_and_wrong_calls_are_seen(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    wrong = tmp_path / "wrong_uses.py"
    wrong.write_text(WRONG_USES, encoding="utf-8")
    cache = pytestconfig.cache.mkdir("mypy-win32")  # its own: the platform is part of what mypy keeps
    options = ["--platform", "win32", "--cache-dir", str(cache), "--config-file", str(ROOT / "pyproject.toml")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "instrument/outputs/spout.py", str(wrong)],
        cwd=ROOT,
        env=os.environ | {"MYPYPATH": str(ROOT / "typings")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    complaints = {
        (Path(file).name, int(line)) for file, line in re.findall(r"^(.+?):(\d+): error", done.stdout, re.MULTILINE)
    }
    marked = {number for number, line in enumerate(WRONG_USES.splitlines(), 1) if line.endswith("# wrong")}
    assert complaints == {("wrong_uses.py", number) for number in marked}, done.stdout + done.stderr
