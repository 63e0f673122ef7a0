"""Rectangles and how they are cut up. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in pixels, origin at the window's top left.

    >>> Rect(0, 0, 100, 20).from_left(30, gap=5)
    (Rect(x=0, y=0, width=30, height=20), Rect(x=35, y=0, width=65, height=20))
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """First pixel column behind it."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """First pixel row below it."""
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def contains(self, x: float, y: float) -> bool:
        """Whether the point lies in it."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def overlaps(self, other: "Rect") -> bool:
        """Whether they share more than an edge."""
        apart = self.right <= other.x or other.right <= self.x or self.bottom <= other.y or other.bottom <= self.y
        return not apart

    def encloses(self, other: "Rect") -> bool:
        """Whether `other` lies in it wholly."""
        across = self.x <= other.x and other.right <= self.right
        return across and self.y <= other.y and other.bottom <= self.bottom

    def inset(self, across: float, down: float | None = None) -> "Rect":
        """It without a margin of `across` left and right and `down` (the same if not given) above and below."""
        rows = across if down is None else down
        return Rect(self.x + across, self.y + rows, self.width - 2 * across, self.height - 2 * rows)

    def from_left(self, width: float, gap: float = 0) -> tuple["Rect", "Rect"]:
        """A strip of `width`, and what is left behind a `gap`."""
        strip = Rect(self.x, self.y, width, self.height)
        return strip, Rect(strip.right + gap, self.y, self.width - width - gap, self.height)

    def from_right(self, width: float, gap: float = 0) -> tuple["Rect", "Rect"]:
        """As `from_left`, at the other side."""
        strip = Rect(self.right - width, self.y, width, self.height)
        return strip, Rect(self.x, self.y, self.width - width - gap, self.height)

    def from_top(self, height: float, gap: float = 0) -> tuple["Rect", "Rect"]:
        """A strip of `height`, and what is left below a `gap`."""
        strip = Rect(self.x, self.y, self.width, height)
        return strip, Rect(self.x, strip.bottom + gap, self.width, self.height - height - gap)

    def from_bottom(self, height: float, gap: float = 0) -> tuple["Rect", "Rect"]:
        """As `from_top`, at the other side."""
        strip = Rect(self.x, self.bottom - height, self.width, height)
        return strip, Rect(self.x, self.y, self.width, self.height - height - gap)

    def columns(self, count: int, gap: float = 0) -> tuple["Rect", ...]:
        """`count` strips side by side, on whole pixels, the last one ending at its edge."""
        step = (self.width + gap) / count
        edges = [self.x + round(index * step) for index in range(count)]
        ends = [*(edge - gap for edge in edges[1:]), self.right]
        return tuple(Rect(x, self.y, end - x, self.height) for x, end in zip(edges, ends, strict=True))

    def rows(self, count: int, gap: float = 0) -> tuple["Rect", ...]:
        """`count` strips on top of each other, on whole pixels, the last one ending at its edge."""
        step = (self.height + gap) / count
        edges = [self.y + round(index * step) for index in range(count)]
        ends = [*(edge - gap for edge in edges[1:]), self.bottom]
        return tuple(Rect(self.x, y, self.width, end - y) for y, end in zip(edges, ends, strict=True))

    def middle(self, width: float, height: float) -> "Rect":
        """A rectangle of that size around its centre, on whole pixels."""
        return Rect(self.x + (self.width - width) // 2, self.y + (self.height - height) // 2, width, height)

    def square(self) -> "Rect":
        """The largest square around its centre."""
        side = min(self.width, self.height)
        return self.middle(side, side)

    def fit(self, width: float, height: float) -> "Rect":
        """The largest rectangle of the shape ``width : height`` around its centre.

        >>> Rect(0, 0, 100, 50).fit(1, 1)
        Rect(x=25.0, y=0.0, width=50.0, height=50.0)
        """
        factor = min(self.width / width, self.height / height)
        return self.middle(width * factor, height * factor)


def between(window: Rect, rects: Sequence[Rect]) -> tuple[Rect, ...]:
    """What of `window` no one of `rects` covers, as few rectangles that do not overlap.

    >>> between(Rect(0, 0, 10, 10), [Rect(0, 0, 4, 10), Rect(6, 0, 4, 10)])
    (Rect(x=4, y=0, width=2, height=10),)
    """
    edges = sorted({window.y, window.bottom, *(edge for rect in rects for edge in (rect.y, rect.bottom))})
    open_strips: dict[tuple[float, float], float] = {}
    done: list[Rect] = []
    for top, foot in pairwise(edge for edge in edges if window.y <= edge <= window.bottom):
        strips = _free(window, [rect for rect in rects if rect.y <= top and rect.bottom >= foot])
        ended = [span for span in open_strips if span not in strips]
        done += [_strip(span, open_strips.pop(span), top) for span in ended]
        for span in strips:
            open_strips.setdefault(span, top)
    return (*done, *(_strip(span, top, window.bottom) for span, top in open_strips.items()))


def _free(window: Rect, covered: Sequence[Rect]) -> list[tuple[float, float]]:
    """The spans ``(from, to)`` across `window` that nothing covers."""
    spans, x = [], window.x
    for rect in sorted(covered, key=lambda rect: rect.x):
        if rect.x > x:
            spans.append((x, rect.x))
        x = max(x, rect.right)
    return [*spans, (x, window.right)] if x < window.right else spans


def _strip(span: tuple[float, float], top: float, foot: float) -> Rect:
    return Rect(span[0], top, span[1] - span[0], foot - top)
