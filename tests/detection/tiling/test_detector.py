import numpy as np
import pytest

from ovd.detection.tiling.choice import tile_camera, tile_images
from ovd.detection.tiling.detector import TilingDetector
from ovd.detection.tiling.layout import TileLayout
from ovd.detection.tiling.selective import SelectionConfig, SelectiveTiling
from ovd.domain.detections import Detections
from ovd.errors import ImageError, SettingsError
from tests.builders import make_query
from tests.fakes import FakeDetector

SIZE_HW = (200, 400)
GREY, WHITE = 90, 255
SMALLEST_SHARE = 0.05


class ShortSighted(FakeDetector):
    """Sees white objects that take at least a twentieth of a view's height."""

    def __init__(self):
        super().__init__()
        self.views = []

    def detect(self, images, vocabulary):
        self.views.append([image.shape[:2] for image in images])
        return [self._see(image, vocabulary) for image in images]

    def _see(self, image, vocabulary):
        boxes = []
        for y0, x0 in _starts(image[:, :, 0] == WHITE):
            white = image[y0:, x0:, 0] == WHITE
            height = int(np.argmin(np.append(white[:, 0], False)))
            width = int(np.argmin(np.append(white[0], False)))
            if height >= SMALLEST_SHARE * image.shape[0]:
                boxes.append((x0, y0, x0 + width, y0 + height))
        count = len(boxes)
        return Detections(
            np.array(boxes, dtype=np.float32).reshape(count, 4),
            np.full(count, 0.9, dtype=np.float32),
            np.zeros(count, dtype=np.int64),
            vocabulary.labels,
        )


def _starts(white):
    """Top left corners of white rectangles."""
    padded = np.pad(white, ((1, 0), (1, 0)))
    corners = white & ~padded[:-1, 1:] & ~padded[1:, :-1]
    return np.argwhere(corners).tolist()


def draw(*boxes, size_hw=SIZE_HW):
    image = np.full((*size_hw, 3), GREY, dtype=np.uint8)
    for x0, y0, x1, y1 in boxes:
        image[y0:y1, x0:x1] = WHITE
    return image


SMALL, LARGE = (300, 40, 306, 48), (40, 30, 120, 150)


@pytest.fixture
def inner():
    return ShortSighted()


def test_tiling_finds_what_is_too_small_for_the_full_view(inner):
    vocabulary = inner.encode([make_query()])
    tiling = TilingDetector(inner, TileLayout(2, 2))

    (found,) = tiling.detect([draw(SMALL, LARGE)], vocabulary)

    assert len(inner.detect([draw(SMALL, LARGE)], vocabulary)[0]) == 1
    assert sorted(found.xyxy.tolist()) == sorted([list(map(float, LARGE)), list(map(float, SMALL))])


def test_tiling_shows_all_views_of_an_image_at_once(inner):
    tiling = TilingDetector(inner, TileLayout(1, 2))

    tiling.detect([draw()], inner.encode([make_query()]))

    assert len(inner.views) == 1
    assert inner.views[0][0] == SIZE_HW
    assert len(inner.views[0]) == 3


def test_tiling_gives_one_result_per_image_in_order(inner):
    vocabulary = inner.encode([make_query()])

    found = TilingDetector(inner, TileLayout(2, 2)).detect([draw(), draw(SMALL)], vocabulary)

    assert [len(item) for item in found] == [0, 1]


def test_tiling_leaves_a_small_image_whole(inner):
    TilingDetector(inner, TileLayout()).detect([draw()], inner.encode([make_query()]))

    assert inner.views == [[SIZE_HW]]


def test_tiling_leaves_the_refusal_of_bad_images_to_the_detector():
    class Strict(FakeDetector):
        def detect(self, images, vocabulary):
            raise ImageError("no image")

    tiling = TilingDetector(Strict(), TileLayout(2, 2))

    with pytest.raises(ImageError, match="no image"):
        tiling.detect([np.zeros((0, 4, 3), dtype=np.uint8)], tiling.encode([make_query()]))


class Camera:
    """A camera whose frames a selective tiling sees."""

    def __init__(self, inner, layout=None, **config):
        self.inner = inner
        self.tiling = SelectiveTiling(inner, layout or TileLayout(2, 2), SelectionConfig(**config))
        self.vocabulary = inner.encode([make_query()])

    def show(self, *boxes, vocabulary=None):
        (found,) = self.tiling.detect([draw(*boxes)], vocabulary or self.vocabulary)
        return sorted(tuple(int(value) for value in box) for box in found.xyxy)

    @property
    def tiles_seen(self):
        """Tiles looked at in the newest frame."""
        return len(self.inner.views[-1]) - 1


def test_first_frame_is_looked_at_in_all_tiles(inner):
    camera = Camera(inner)

    assert camera.show(SMALL) == [SMALL]
    assert camera.tiles_seen == 4


def test_still_tiles_are_not_looked_at_again_and_keep_what_was_found(inner):
    camera = Camera(inner)
    camera.show(SMALL, LARGE)

    assert camera.show(SMALL, LARGE) == sorted([SMALL, LARGE])
    assert camera.tiles_seen == 0


def test_object_that_moves_is_followed_and_leaves_no_ghost(inner):
    camera = Camera(inner)
    for step in range(12):
        moved = (300 + 5 * step, 40, 306 + 5 * step, 48)
        assert camera.show(moved) == [moved]


def test_object_that_leaves_is_gone_at_once(inner):
    camera = Camera(inner)
    camera.show(SMALL)

    assert camera.show() == []


def test_object_that_comes_is_found_at_once(inner):
    camera = Camera(inner)
    camera.show()

    assert camera.show(SMALL) == [SMALL]


def test_no_more_tiles_are_looked_at_than_allowed(inner):
    camera = Camera(inner, tiles_per_frame=1)
    for step in range(8):
        camera.show(
            (300 + 5 * step, 40, 306 + 5 * step, 48), (20 + 5 * step, 20, 28 + 5 * step, 28)
        )

        assert camera.tiles_seen <= 1


def test_tiles_beyond_the_limit_have_their_turn(inner):
    camera = Camera(inner, tiles_per_frame=1)
    corners = [(20, 20, 26, 28), (300, 20, 306, 28), (20, 150, 26, 158), (300, 150, 306, 158)]

    found = [camera.show(*corners) for _ in range(4)]

    assert [len(item) for item in found] == [1, 2, 3, 4]


def test_moving_object_leaves_no_ghost_in_a_tile_that_was_not_looked_at(inner):
    camera = Camera(inner, tiles_per_frame=1)
    for step in range(20):
        first = (20 + 6 * step, 20, 28 + 6 * step, 28)
        second = (230 + 6 * step, 150, 238 + 6 * step, 158)

        assert set(camera.show(first, second)) <= {first, second}


def test_tile_that_adds_nothing_is_looked_at_now_and_then_only(inner):
    camera = Camera(inner, probe_every=8)
    looks = []
    for step in range(48):
        camera.show((40 + step, 30, 120 + step, 150))
        looks.append(camera.tiles_seen)

    assert sum(looks[32:]) < 16
    assert sum(looks[32:]) > 0


def test_other_queries_begin_anew(inner):
    camera = Camera(inner)
    camera.show(SMALL)

    camera.show(SMALL, vocabulary=inner.encode([make_query("car")]))

    assert camera.tiles_seen == 4


def test_another_size_of_frame_begins_anew(inner):
    camera = Camera(inner)
    camera.show(SMALL)

    camera.tiling.detect([draw(size_hw=(300, 300))], camera.vocabulary)

    assert camera.tiles_seen == 4


def test_still_tiles_are_looked_at_again_in_the_end(inner):
    camera = Camera(inner, refresh_every=3)

    looks = []
    for _ in range(4):
        camera.show(SMALL)
        looks.append(camera.tiles_seen)

    assert looks == [4, 0, 0, 4]


@pytest.mark.parametrize(
    ("tiles", "kind"), [("none", ShortSighted), ("auto", TilingDetector), ("2x2", TilingDetector)]
)
def test_images_are_tiled_as_settings_say(inner, tiles, kind):
    assert isinstance(tile_images(inner, tiles), kind)


@pytest.mark.parametrize(("tiles", "kind"), [("auto", SelectiveTiling), ("2x2", TilingDetector)])
def test_cameras_are_tiled_as_settings_say(inner, tiles, kind):
    make = tile_camera(tiles)

    assert isinstance(make(inner), kind)


def test_cameras_without_tiles_use_the_detector_as_it_is():
    assert tile_camera("none") is None


def test_tiles_that_cannot_be_read_are_refused(inner):
    with pytest.raises(SettingsError, match="got 'many'"):
        tile_images(inner, "many")
