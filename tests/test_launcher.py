"""The launcher's pure parts, and that the second start takes no detour."""

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def launcher() -> ModuleType:
    spec = importlib.util.spec_from_file_location("launcher", ROOT / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("system", "nvidia", "cuda_index"),
    [
        ("Windows", True, True),
        ("Windows", False, False),
        ("Linux", True, False),
        ("Linux", False, False),
        ("Darwin", False, False),
    ],
)
def test_torch_build(launcher: ModuleType, system: str, nvidia: bool, cuda_index: bool) -> None:
    assert (launcher.CUDA_INDEX in launcher.torch_arguments(system, nvidia)) is cuda_index


def test_only_the_standard_library() -> None:
    tree = ast.parse((ROOT / "run.py").read_text())
    names = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    names |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= sys.stdlib_module_names


def test_torch_pin_is_the_projects(launcher: ModuleType) -> None:
    assert f'"{launcher.TORCH}"' in (ROOT / "pyproject.toml").read_text()


def test_fingerprint_follows_what_is_wanted(launcher: ModuleType) -> None:
    base = launcher.fingerprint(b"a", (3, 11), "")
    assert base == launcher.fingerprint(b"a", (3, 11, 9), "")
    others = [
        launcher.fingerprint(*change) for change in ((b"b", (3, 11), ""), (b"a", (3, 12), ""), (b"a", (3, 11), "test"))
    ]
    assert base not in others


def test_second_start_installs_nothing(launcher: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.touch()
    wanted = launcher.fingerprint((ROOT / "pyproject.toml").read_bytes(), sys.version_info[:2], "")
    (tmp_path / "installed").write_text(wanted)
    monkeypatch.setattr(launcher, "VENV", tmp_path)
    monkeypatch.setattr(launcher, "PYTHON", python)
    monkeypatch.setattr(launcher.subprocess, "call", lambda *_args, **_kwargs: pytest.fail("something was installed"))
    launcher.install("")


def test_system_packages_that_are_there(launcher: ModuleType) -> None:
    assert launcher.missing_packages(("no-such-package-by-that-name",)) in ([], ["no-such-package-by-that-name"])
    if launcher.shutil.which("dpkg-query"):
        assert launcher.missing_packages(("dpkg", "no-such-package-by-that-name")) == ["no-such-package-by-that-name"]


def test_wrong_python_is_one_line(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "NEWEST", (3, 10))
    with pytest.raises(SystemExit, match=r"Python 3\.11 to 3\.10 is needed"):
        launcher.main([])
