"""Files people make: headers, versions, and writes that lose nothing."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.disk.documents import DocumentKind, file_stem
from instrument.errors import PresetError

KIND = DocumentKind("test kind", 1, PresetError)
GROWN = DocumentKind(
    "test kind",
    3,
    PresetError,
    {
        1: lambda fields: {**fields, "pad": fields["slot"]},
        2: lambda fields: {name: value for name, value in fields.items() if name != "slot"},
    },
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON)
def test_what_was_written_is_read(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("documents") / "deeper" / "x.json"
    KIND.write(path, {"value": value})
    assert KIND.read(path)["value"] == value
    assert [other.name for other in path.parent.iterdir()] == ["x.json"]


def test_the_past_is_brought_up_step_by_step(tmp_path):
    path = tmp_path / "x.json"
    KIND.write(path, {"slot": 5})
    assert GROWN.read(path) == {"format": "test kind", "version": 3, "pad": 5}
    assert json.loads(path.read_text())["version"] == 1, "reading does not write"


def test_a_version_nothing_leads_on_from_is_refused():
    orphan = DocumentKind("test kind", 3, PresetError, {1: dict})
    with pytest.raises(PresetError, match="x has version 1, which can no longer be read"):
        orphan.upgraded({"version": 1}, "x")


TEXTS = {
    "empty": "",
    "half": '{"format": "test kind", "ver',
    "list": "[]",
    "foreign": '{"format": "other", "version": 1}',
    "future": '{"format": "test kind", "version": 2}',
    "no version": '{"format": "test kind"}',
    "version true": '{"format": "test kind", "version": true}',
    "version 0": '{"format": "test kind", "version": 0}',
    "version text": '{"format": "test kind", "version": "1"}',
    "deep": "[" * 200_000,
    "long number": '{"format": "test kind", "version": ' + "1" * 5000 + "}",
}


@pytest.mark.parametrize("case", TEXTS)
def test_broken_files_are_one_clear_line(tmp_path, case):
    path = tmp_path / "x.json"
    path.write_text(TEXTS[case])
    with pytest.raises(PresetError, match=r"^x\.json .+$") as caught:
        KIND.read(path)
    assert "\n" not in str(caught.value)


@given(st.binary())
def test_any_bytes_are_refused_in_one_line(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "x.json"
    path.write_bytes(data)
    with pytest.raises(PresetError, match=r"^x\.json "):
        KIND.read(path)


def test_a_byte_order_mark_is_no_trouble(tmp_path):
    (tmp_path / "x.json").write_text('{"format": "test kind", "version": 1}', encoding="utf-8-sig")
    assert KIND.read(tmp_path / "x.json")["version"] == 1


def test_missing_and_unreadable_files_are_one_line(tmp_path):
    with pytest.raises(PresetError, match=r"gone\.json cannot be read: No such file"):
        KIND.read(tmp_path / "gone.json")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(PresetError, match=r"folder\.json cannot be read"):
        KIND.read(tmp_path / "folder.json")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "x.json"
    KIND.write(path, {"value": 1})

    def full_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(PresetError, match=r"x\.json cannot be written: No space left"):
        KIND.write(path, {"value": 2})
    assert KIND.read(path)["value"] == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_a_file_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PresetError, match=r"x\.json cannot be written"):
        KIND.write(tmp_path / "file" / "x.json", {})


@given(st.text(max_size=200))
def test_stems_are_safe_everywhere(name):
    stem = file_stem(name)
    assert 0 < len(stem) <= 48
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert Path(stem).name == stem


@pytest.mark.parametrize("name", ["CON", "nul", "Com1", "LPT9", "aux"])
def test_device_names_of_windows_are_avoided(name):
    assert file_stem(name) == f"{name.lower()}-"
