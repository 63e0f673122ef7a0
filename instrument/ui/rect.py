"""Rectangles and how they are cut up. Pure."""

from dataclasses import dataclass


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
