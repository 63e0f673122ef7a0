"""What a subscriber is told: every value once, then what others than OSC have changed. Pure but for the store."""

from instrument.control.osc_book import Said, told
from instrument.control.osc_router import SENDER
from instrument.params.store import ParamStore
from instrument.params.table import ParamTable


class News:
    """One subscriber's. One owner thread."""

    def __init__(self, store: ParamStore) -> None:
        self._store = store
        self._table: ParamTable | None = None
        self._version = 0

    def take(self) -> list[Said]:
        """What is new since the last call; all of it at first, and with the table of another checkpoint."""
        table, version = self._store.table, self._store.version
        if table is self._table and version == self._version:
            return []
        changes = list(self._store.changes_since(self._version))
        values = self._store.snapshot()
        everything = table is not self._table
        names = table if everything else (change.name for change in changes if change.sender != SENDER)
        self._table, self._version = table, version
        return [said for name in names if name in table for said in told(table[name], values[name])]
