"""The looks of one folder on eight pads: keep the moment, bring it back, and know whether it was changed since."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from instrument.disk.documents import file_stem
from instrument.errors import PresetError, candidates
from instrument.params.store import ParamStore
from instrument.presets import pictures
from instrument.presets.history import History, Step, contents
from instrument.presets.look import PADS, Look, load_look, save_look
from instrument.presets.pictures import Image

SENDER = "look"
"""Who the parameter store says made the change."""


@dataclass(frozen=True, slots=True)
class RecallReport:
    """What a recall did: the look, and the parameters where look and instrument did not match.

    `ignored` are not parameters of a look here (moods of another checkpoint), `defaulted` were missing in the look,
    `limited` were outside the range and are at its edge.
    """

    look: Look
    ignored: tuple[str, ...] = ()
    defaulted: tuple[str, ...] = ()
    limited: tuple[str, ...] = ()

    def text(self) -> str:
        """One line for the performer.

        >>> RecallReport(Look("Ember", 3, {}), ignored=("mood.sea.bias",)).text()
        'look 3: Ember; not known here: mood.sea.bias'
        """
        parts = [f"look {self.look.pad}: {self.look.name}"]
        named = (("not known here", self.ignored), ("at default", self.defaulted), ("limited", self.limited))
        parts += [f"{what}: {candidates(names)}" for what, names in named if names]
        return "; ".join(parts)


class LookBank:
    """The looks of a folder. One owner thread; reading and writing files blocks it.

    A look names its own pad. Where two files name the same, the one written last has it and the other is kept
    without a pad. Saving to a pad under the name that is there rewrites that file; under another name it makes a
    new file, and the look that was there is kept without a pad. Files that cannot be read are never touched.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shelf: dict[Path, Look] = {}
        self._troubles: list[str] = []
        self._current: int | None = None
        self._recalled: Mapping[str, float] = {}
        self._pictures: dict[Path, Image] = {}
        self._history = History()
        self.reload()

    @property
    def troubles(self) -> tuple[str, ...]:
        """One line for each file that could not be used as it says."""
        return tuple(self._troubles)

    @property
    def current(self) -> int | None:
        """Pad recalled or saved last."""
        return self._current

    def edited(self, store: ParamStore) -> bool:
        """Whether a persisted parameter has left what the current look brought; False before any recall."""
        return self._current is not None and store.persisted() != self._recalled

    def looks(self) -> tuple[Look, ...]:
        """All looks that could be read, by file name, with and without a pad."""
        return tuple(self._shelf[path] for path in sorted(self._shelf))

    def pads(self) -> dict[int, Look | None]:
        """The look of every pad, None where there is none, in order."""
        taken = {look.pad: look for look in self._shelf.values() if look.pad is not None}
        return {pad: taken.get(pad) for pad in PADS}

    def reload(self) -> None:
        """Read the folder anew; one that does not exist is an empty bank. Never raises."""
        self._shelf, self._troubles, self._pictures = {}, [], {}
        taken: set[int] = set()
        for path in self._newest_first():
            try:
                look = load_look(path)
            except PresetError as error:
                self._troubles.append(f"look left out: {error}")
                continue
            if look.pad in taken:
                self._troubles.append(f"{path.name} is kept without a pad: a newer look is on {look.pad}")
                look = replace(look, pad=None)
            if look.pad is not None:
                taken.add(look.pad)
            self._shelf[path] = look
            picture = pictures.load(path)
            if picture is not None:
                self._pictures[path] = picture

    def save(self, pad: int, name: str, store: ParamStore, image: Image | None = None) -> Look:
        """Keep every persisted parameter of `store` on `pad` as `name`. Raises PresetError, losing nothing.

        `image` is how it looks now, ``(height, width, 3)`` uint8 of any size.
        """
        look = Look(name.strip(), pad, store.persisted())
        before = self._path_of(pad)
        same = before is not None and self._shelf[before].name == look.name
        path = before if before is not None and same else self._free_path(look.name)
        step = Step(f"saving look {pad}", self._files(path, before), self._current, self._recalled)
        save_look(look, path)
        self._history.push(step)
        if image is not None:
            self._pictures[path] = pictures.thumbnail(image)
            pictures.save(self._pictures[path], path)
        self._shelf[path] = look
        self._current, self._recalled = pad, look.values
        if before is not None and before != path:
            self._shelf[before] = replace(self._shelf[before], pad=None)
            save_look(self._shelf[before], before)
        return look

    def recall(self, pad: int, store: ParamStore) -> RecallReport:
        """Set every persisted parameter at once, with sender ``look``; one missing in the look gets its default.

        Raises
        ------
        PresetError
            If there is no look on `pad`; nothing changes.
        """
        pads = self.pads()
        look = pads.get(pad)
        if look is None:
            filled = (str(number) for number, other in pads.items() if other)
            raise PresetError(f"there is no look on pad {pad}; there are looks on: {candidates(filled)}")
        rows = {name: spec for name, spec in store.table.items() if spec.persisted}
        values = {name: spec.constrain(look.values.get(name, spec.default)) for name, spec in rows.items()}
        self._history.push(Step(f"recalling look {pad}", {}, self._current, self._recalled, store.persisted()))
        store.update(values, SENDER)
        self._current, self._recalled = pad, values
        return RecallReport(
            look,
            ignored=tuple(name for name in look.values if name not in rows),
            defaulted=tuple(name for name in rows if name not in look.values),
            limited=tuple(name for name in rows if name in look.values and look.values[name] != values[name]),
        )

    def rename(self, pad: int, name: str) -> Look:
        """Give the look on `pad` another name; its file keeps its own. Raises PresetError, losing nothing."""
        path = self._path_of(pad)
        if path is None:
            raise PresetError(f"there is no look on pad {pad} to rename")
        look = replace(self._shelf[path], name=name.strip())
        step = Step(f"renaming look {pad}", self._files(path), self._current, self._recalled)
        save_look(look, path)
        self._history.push(step)
        self._shelf[path] = look
        return look

    def undo(self, store: ParamStore) -> str:
        """Take back the last recall, save or rename; what it was, in a few words. Raises PresetError."""
        step = self._history.pop()
        step.restore()
        if step.files:
            self.reload()
        if step.values is not None:
            known = {name: value for name, value in step.values.items() if name in store.table}
            store.update(known, SENDER)
        self._current, self._recalled = step.current, step.recalled
        return step.what

    def picture(self, pad: int) -> Image | None:
        """How the look on `pad` looked when it was saved, ``(96, 96, 3)`` uint8; None if that is not known."""
        path = self._path_of(pad)
        return None if path is None else self._pictures.get(path)

    def _path_of(self, pad: int) -> Path | None:
        return next((path for path, look in self._shelf.items() if look.pad == pad), None)

    def _files(self, *paths: Path | None) -> dict[Path, bytes | None]:
        """What stands in the files of these looks now."""
        return {file: contents(file) for path in paths if path is not None for file in (path, pictures.beside(path))}

    def _newest_first(self) -> list[Path]:
        aged = []
        for path in self._folder.glob("*.json"):
            try:
                aged.append((-path.stat().st_mtime_ns, path))
            except OSError as error:
                self._troubles.append(f"look left out: {path.name} cannot be read: {error.strerror}")
        return [path for _, path in sorted(aged)]

    def _free_path(self, name: str) -> Path:
        stem = file_stem(name)
        path, number = self._folder / f"{stem}.json", 2
        while path.exists():
            path, number = self._folder / f"{stem}-{number}.json", number + 1
        return path
