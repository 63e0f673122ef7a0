"""Imports point one way, and third-party libraries stay behind their fences."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "instrument"

LAYERS: dict[str, int] = {
    **dict.fromkeys(("errors", "units", "clock", "disk", "background", "children", "kernels", "__init__"), 0),
    **dict.fromkeys(("params", "settings", "remembered"), 1),
    **dict.fromkeys(("audio", "features", "mapping", "generator", "outputs", "control", "presets"), 2),
    "motion": 3,
    **dict.fromkeys(("engine", "mining"), 4),
    "ui": 5,
    **dict.fromkeys(("app", "show", "sending", "model", "tools"), 6),
    **dict.fromkeys(("cli", "__main__"), 7),
}
STRANGERS = {"audio", "features", "generator", "outputs", "control"}
"""Parts that never import each other."""
FENCES = {
    "dearpygui": "ui/",
    "sounddevice": "audio/portaudio.py",
    "mido": "control/midi.py",
    "rtmidi": "control/midi.py",
    "pythonosc": "control/osc.py",
    "SpoutGL": "outputs/spout.py",
    "av": "outputs/mp4.py",
    "glfw": "outputs/glfw_window.py",
    "onnx": "generator/onnx/graph.py",
    "onnxruntime": "generator/onnx/engine.py",
    "open_clip": "mining/openclip.py",
    "torchvision": "mining/openclip.py",
}
OFFLINE = ("mining", "tools")
"""Parts that nothing which plays may import."""
FILES = sorted(PACKAGE.rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    """Dotted names a file imports anywhere in it, late imports included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
    return names


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    part = part_of(path)
    for name in imports_of(path):
        if not name.startswith("instrument."):
            continue
        other = name.split(".")[1]
        assert LAYERS[other] <= LAYERS[part], f"{part} may not import {other}"
        assert not (part != other and {part, other} <= STRANGERS), f"{part} and {other} are strangers"
        if part not in (*OFFLINE, "cli"):
            assert other not in OFFLINE, f"{part} plays; {other} is offline work"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_fences(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    for name in imports_of(path):
        fence = FENCES.get(name.split(".")[0])
        assert fence is None or place.startswith((fence, "tools/")), f"{name} belongs in {fence}"


def test_every_part_has_a_layer() -> None:
    assert {part_of(path) for path in FILES} <= set(LAYERS)


def test_a_broken_rule_is_seen(tmp_path: Path) -> None:
    offender = tmp_path / "offender.py"
    offender.write_text("def f():\n    from instrument.ui.surface import Surface\n")
    assert imports_of(offender) == {"instrument.ui.surface"}
