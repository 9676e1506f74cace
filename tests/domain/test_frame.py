from datetime import datetime

import numpy as np
import pytest

from ovd.domain.frame import Frame
from tests.builders import START, make_frame


def test_frame_tells_its_size():
    assert make_frame(size_hw=(48, 64)).size_hw == (48, 64)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4), dtype=np.uint8),
        np.zeros((4, 4, 4), dtype=np.uint8),
        np.zeros((4, 4, 3), dtype=np.float32),
    ],
    ids=["grey", "rgba", "float"],
)
def test_frame_refuses_arrays_that_are_no_rgb_image(image):
    with pytest.raises(ValueError, match="image must be"):
        Frame(image, 0, 0.0, START, "gate")


def test_frame_refuses_a_naive_time():
    with pytest.raises(ValueError, match="timezone-aware"):
        Frame(make_frame().image, 0, 0.0, datetime(2026, 1, 1), "gate")
