"""Compare what a fixed camera shows with an earlier view: turned, shifted or out of focus.

Points of the scene that stand still are matched by ORB features (Rublee et al., 2011) and a
similarity transform (RANSAC); objects that move are outliers of it.
"""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.frame import Image
from ovd.errors import ImageError

View = NDArray[np.uint8]

_WIDTH = 480
_FEATURES = 1000
_NEAREST_RATIO = 0.8
_REPROJECTION_PX = 3.0
# Views of one scene share hundreds of points, unrelated ones a dozen by chance.
_MIN_INLIERS = 25
_MIN_INLIER_SHARE = 0.3
_RICH_FEATURES = 100
_CALM_PX = 2.0
# Mean shift of the corners as a share of the width from which a view is another one.
MAX_SHIFT = 0.05
# Share of the reference's sharpness below which an image is out of focus.
MIN_SHARPNESS = 0.1


class ViewChange(StrEnum):
    """The difference between two views; UNCLEAR where they cannot be compared."""

    NONE = "none"
    MOVED = "moved"
    DEFOCUSED = "defocused"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class _Match:
    inliers: int
    share: float
    shift: float

    @property
    def is_same_scene(self) -> bool:
        return self.inliers >= _MIN_INLIERS and self.share >= _MIN_INLIER_SHARE


def make_view(image: Image) -> View:
    """Return the small grey image by which views are compared."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    height = max(1, round(grey.shape[0] * _WIDTH / grey.shape[1]))
    return np.asarray(cv2.resize(grey, (_WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)


def encode_view(view: View) -> bytes:
    """Return a view as PNG."""
    return bytes(cv2.imencode(".png", view)[1])


def decode_view(data: bytes) -> View:
    """Return the view of a PNG.

    Raises:
        ImageError: If it is none.
    """
    view = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if view is None:
        raise ImageError("a stored reference view is no image; take a new one")
    return np.asarray(view, np.uint8)


def compare_views(reference: View, view: View) -> ViewChange:
    """Return how a view differs from the reference view of the same camera."""
    if reference.shape != view.shape:  # another resolution or an image that was turned
        return ViewChange.MOVED
    sharpness = _sharpness(view) / max(_sharpness(reference), 1e-6)
    compared = _compare(reference, view)
    if compared.is_same_scene:
        if compared.shift > MAX_SHIFT:
            return ViewChange.MOVED
        return ViewChange.DEFOCUSED if sharpness < MIN_SHARPNESS else ViewChange.NONE
    if sharpness < MIN_SHARPNESS:
        return ViewChange.DEFOCUSED
    # In the dark or under infrared light noise hides the scene, and looks like points of another.
    smooth = _smooth(reference), _smooth(view)
    calm = _compare(*map(_spread, smooth))
    if calm.is_same_scene:
        return ViewChange.MOVED if calm.shift > MAX_SHIFT else ViewChange.NONE
    rich = min(len(_find_features(each)[0]) for each in smooth) >= _RICH_FEATURES
    return ViewChange.MOVED if rich else ViewChange.UNCLEAR


def _compare(reference: View, view: View) -> _Match:
    return _match(reference.shape, _find_features(reference), _find_features(view))


def _smooth(view: View) -> View:
    return np.asarray(cv2.GaussianBlur(view, (0, 0), _CALM_PX), np.uint8)


def _spread(view: View) -> View:
    """Return a view whose contrast is spread over all tones, place by place."""
    return np.asarray(cv2.createCLAHE(2.0, (4, 4)).apply(view), np.uint8)


def _find_features(view: View) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return positions `(N, 2)` in pixels and descriptors `(N, 32)` of distinct points."""
    orb = cv2.ORB.create(_FEATURES, fastThreshold=10)
    points, descriptors = orb.detectAndCompute(view, None)
    if descriptors is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8)
    return np.array([point.pt for point in points], np.float32), np.asarray(descriptors, np.uint8)


def _match(
    size_hw: tuple[int, ...],
    before: tuple[NDArray[np.float32], NDArray[np.uint8]],
    after: tuple[NDArray[np.float32], NDArray[np.uint8]],
) -> _Match:
    none = _Match(0, 0.0, 0.0)
    if min(len(before[0]), len(after[0])) < 2:
        return none
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(before[1], after[1], k=2)
    close = [
        pair[0]
        for pair in pairs
        if len(pair) == 2 and pair[0].distance < _NEAREST_RATIO * pair[1].distance
    ]
    if len(close) < _MIN_INLIERS:
        return none
    start = before[0][[pair.queryIdx for pair in close]]
    end = after[0][[pair.trainIdx for pair in close]]
    transform, inliers = cv2.estimateAffinePartial2D(
        start, end, method=cv2.RANSAC, ransacReprojThreshold=_REPROJECTION_PX
    )
    if transform is None:
        return none
    height, width = size_hw[:2]
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64)
    moved = corners @ transform[:, :2].T + transform[:, 2] - corners
    found = int(np.count_nonzero(inliers))
    shift = float(np.linalg.norm(moved, axis=1).mean() / width)
    return _Match(found, found / len(close), shift)


def _sharpness(view: View) -> float:
    """Return the contrast of fine structure beside that of the whole image."""
    fine = cv2.Laplacian(view, cv2.CV_32F)
    return float(fine.var()) / max(float(view.var()), 1e-6)
