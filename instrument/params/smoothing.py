"""Glides from one parameter value to the next, without steps a viewer could see."""

from collections.abc import Mapping

from instrument.params.table import ParamTable
from instrument.units import one_pole_step


class Smoother:
    """Follows a snapshot with each row's own time constant. One owner, one thread.

    Gliding happens on the control's travel (normalized), so that an exponential range glides evenly.
    """

    def __init__(self, table: ParamTable) -> None:
        self._table = table
        self._positions: dict[str, float] = {}

    def process(self, values: Mapping[str, float], dt_s: float) -> dict[str, float]:
        """Values to play now, `dt_s` seconds after the last call; the first call starts at the target."""
        played = {}
        for name, target in values.items():
            spec = self._table[name]
            played[name] = target if spec.smoothing_s == 0.0 else self._glide(name, target, dt_s)
        return played

    def glide_on_from(self, before: "Smoother") -> None:
        """Be where `before` is, with every row that both have."""
        self._positions.update({name: at for name, at in before._positions.items() if name in self._table})

    def reset(self) -> None:
        """Forget where the glides were: the next call starts at its target."""
        self._positions.clear()

    def _glide(self, name: str, target: float, dt_s: float) -> float:
        spec = self._table[name]
        goal = spec.normalized_of(target)
        position = self._positions.get(name, goal)
        position += (goal - position) * one_pole_step(dt_s, spec.smoothing_s)
        arrived = abs(goal - position) < 1e-6
        self._positions[name] = goal if arrived else position
        return target if arrived else spec.value_of(position)
