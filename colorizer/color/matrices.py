"""Which sum of red, green and blue luma is: the weights of ITU-R BT.601, BT.709 and BT.2020."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Matrix = Literal["bt601", "bt709", "bt2020"]
KR_KB: dict[Matrix, tuple[float, float]] = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
}
"""The weights of red and of blue; green has the rest."""


def luma_weights(matrix: Matrix) -> NDArray[np.float32]:
    """The weights of red, green and blue, which add up to 1."""
    red, blue = KR_KB[matrix]
    return np.array([red, 1 - red - blue, blue], np.float32)


LUMA_WEIGHTS = luma_weights("bt601")
"""Of pictures."""
