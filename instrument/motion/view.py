"""Pan, rotation and zoom as one transform of the picture. Pure.

The plane is StyleGAN3's: the picture spans 1.0, from -0.5 to 0.5, x to the right and y *down*. A point of the content
at ``(x, y)`` is to be seen at ``transform @ (x, y, 1)``; a generator hands the inverse to its network.
"""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from instrument.params.table import PAN_X, PAN_Y, ROTATION, ZOOM


def view_of(params: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """The transform ``(3, 3)`` that the picture parameters ask for."""
    return view_transform(params[PAN_X], params[PAN_Y], params[ROTATION], params[ZOOM])


def view_transform(pan_x: float, pan_y: float, rotation_deg: float, zoom: float) -> npt.NDArray[np.float64]:
    """Zoom about the middle of the picture, then turn, then move: ``(3, 3)``.

    `pan_x` and `pan_y` are in widths and heights of the picture, positive to the right and down, whatever the other
    two are; a positive `rotation_deg` turns anticlockwise as seen; `zoom` above 1 enlarges.

    >>> view_transform(0.25, 0.0, 90.0, 2.0).round(3).tolist()
    [[0.0, 2.0, 0.25], [-2.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    cosine = zoom * math.cos(math.radians(rotation_deg))
    sine = zoom * math.sin(math.radians(rotation_deg))
    return np.array([[cosine, sine, pan_x], [-sine, cosine, pan_y], [0.0, 0.0, 1.0]])
