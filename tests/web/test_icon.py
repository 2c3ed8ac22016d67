import numpy as np

from colorizer.web.icon import studio_icon


def test_the_icon_is_half_grey_and_half_in_colour() -> None:
    icon = np.asarray(studio_icon()).astype(int)
    assert np.ptp(icon[32, 20, :3]) == 0
    assert np.ptp(icon[32, 44, :3]) > 50
    assert icon[0, 0, 3] == 0
