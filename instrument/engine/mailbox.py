"""Hands things from one thread to another; when the reader is slow, the oldest are dropped and counted."""

import threading
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """Bounded queue that never makes the writer wait. Capacity 1 is latest-wins.

    >>> box = Mailbox[str]()
    >>> box.put("old"), box.put("new"), box.get(0.0), box.dropped
    (None, None, 'new', 1)
    """

    def __init__(self, capacity: int = 1) -> None:
        self._items: deque[Item] = deque()
        self._capacity = capacity
        self._changed = threading.Condition()
        self._closed = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Items that were pushed out unread."""
        return self._dropped

    def put(self, item: Item) -> None:
        """Leave `item`; never blocks. Nothing is kept once closed."""
        with self._changed:
            if self._closed:
                return
            if len(self._items) >= self._capacity:
                self._items.popleft()
                self._dropped += 1
            self._items.append(item)
            self._changed.notify()

    def get(self, timeout_s: float) -> Item | None:
        """The oldest item, or None after `timeout_s` or when closed and empty."""
        with self._changed:
            if not self._items and not self._closed:
                self._changed.wait(timeout_s)
            return self._items.popleft() if self._items else None

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._items

    def wake(self) -> None:
        """Let a waiting `get` return at once."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Take nothing more; what is inside can still be read."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed
