"""SelectiveTiling: looks only at those tiles of a camera's frames where it pays."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.detection.motion import changed_blocks, mean_blocks
from ovd.detection.tiling.detector import cut_image
from ovd.detection.tiling.layout import Tile, TileLayout
from ovd.detection.tiling.merging import TileFindings, merge_views
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector, DetectorInfo
from ovd.domain.query import Query, Vocabulary

# So that a tile that adds nothing is not passed over for ever.
LEAST_WORTH = 0.1


@dataclass(frozen=True)
class SelectionConfig:
    """Limits of the choice of tiles.

    Attributes:
        tiles_per_frame: At most so many in one frame; the others keep what was found before.
        blocks_w: Blocks across a tile whose mean colours are compared.
        threshold: Difference of a block, in any colour, 0 to 255, that is a change.
        probe_every: A tile that adds nothing to the full view is looked at once in so many
            frames, though it changes.
        refresh_every: Each tile is looked at once in so many frames, though it does not change.
        newest: Weight of the newest look in the mean of what a tile adds.
        worth_adding: Objects that a tile must add on average to be looked at whenever it changes.
    """

    tiles_per_frame: int = 4
    blocks_w: int = 48
    threshold: float = 8.0
    probe_every: int = 8
    refresh_every: int = 50
    newest: float = 0.25
    worth_adding: float = 0.05


class _TileState:
    """Memory of one tile.

    Attributes:
        tile: Where it lies.
        detections: Found in its last look, in pixels of the tile.
        blocks: Mean colours of its last look; None before the first.
        changed: `(H, W)` bool, which blocks differ from that look in the present frame.
        frames_since_look: Frames since its last look.
        added: Mean number of objects that it added to the full view.
    """

    def __init__(self, tile: Tile, detections: Detections) -> None:
        self.tile = tile
        self.detections = detections
        self.blocks: NDArray[np.uint8] | None = None
        self.changed = np.ones((1, 1), dtype=np.bool_)
        self.frames_since_look = 0
        # A new tile is thought to add an object, so that it is looked at until proved idle.
        self.added = 1.0

    def compare(self, now: NDArray[np.uint8], threshold: float) -> None:
        """Find out what has changed since the last look."""
        self.frames_since_look += 1
        if self.blocks is not None:
            self.changed = changed_blocks(now, self.blocks, threshold)

    def still_valid(self) -> Detections:
        """Return the detections of the last look where nothing has changed since."""
        if not len(self.detections) or not self.changed.any():
            return self.detections
        height, width = self.changed.shape
        scale_x = width / (self.tile.x1 - self.tile.x0)
        scale_y = height / (self.tile.y1 - self.tile.y0)
        keep = [
            not self.changed[
                int(y0 * scale_y) : math.ceil(y1 * scale_y),
                int(x0 * scale_x) : math.ceil(x1 * scale_x),
            ].any()
            for x0, y0, x1, y1 in self.detections.xyxy.tolist()
        ]
        return self.detections.where(np.array(keep, dtype=np.bool_))


class SelectiveTiling:
    """Implements `ovd.domain.ports.Detector` for the frames of one camera, in their order.

    The full view is looked at in every frame, a tile when it has changed since its last look and
    looking there pays: how many objects it added to the full view is remembered. Of a tile that is
    not looked at, what was found stays valid where nothing has changed, so that a parked car far
    away does not flicker. One
    thread uses it.
    """

    def __init__(
        self, detector: Detector, layout: TileLayout, config: SelectionConfig | None = None
    ) -> None:
        """Wrap a detector, which other cameras may share."""
        self._detector = detector
        self._layout = layout
        self._config = config or SelectionConfig()
        self._vocabulary: Vocabulary | None = None
        self._size_hw = (0, 0)
        self._states: list[_TileState] = []

    @property
    def info(self) -> DetectorInfo:
        """Return what is known about the inner detector."""
        return self._detector.info

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries, as the inner detector does."""
        return self._detector.encode(queries)

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in consecutive `(H, W, 3)` uint8 RGB frames; one result per frame.

        Raises:
            OvdError: As the inner detector does.
        """
        return [self._detect_one(image, vocabulary) for image in images]

    def _detect_one(self, image: Image, vocabulary: Vocabulary) -> Detections:
        self._prepare(image, vocabulary)
        blocks = [
            mean_blocks(state.tile.crop(image), self._config.blocks_w) for state in self._states
        ]
        for state, now in zip(self._states, blocks, strict=True):
            state.compare(now, self._config.threshold)
        chosen = self._choose()
        views = [image, *(self._states[index].tile.crop(image) for index in chosen)]
        whole, *found = self._detector.detect(views, vocabulary)
        for index, detections in zip(chosen, found, strict=True):
            self._learn(self._states[index], detections, whole)
            self._states[index].blocks = blocks[index]
        if not self._states:
            return whole
        findings = [TileFindings(state.tile, state.still_valid()) for state in self._states]
        return merge_views(whole, findings, self._size_hw)

    def _prepare(self, image: Image, vocabulary: Vocabulary) -> None:
        """Forget everything where the frame has another size or other things are looked for."""
        size_hw = (image.shape[0], image.shape[1]) if image.ndim == 3 else (0, 0)
        if vocabulary is self._vocabulary and size_hw == self._size_hw:
            return
        nothing = Detections.none(vocabulary.labels)
        self._vocabulary, self._size_hw = vocabulary, size_hw
        self._states = [_TileState(tile, nothing) for tile in cut_image(image, self._layout)]

    def _choose(self) -> list[int]:
        """Return the indices of the tiles to look at, ascending."""
        due = [index for index, state in enumerate(self._states) if self._is_due(state)]
        due.sort(key=lambda index: self._urgency(self._states[index]), reverse=True)
        return sorted(due[: self._config.tiles_per_frame])

    def _is_due(self, state: _TileState) -> bool:
        config = self._config
        if state.blocks is None or state.frames_since_look >= config.refresh_every:
            return True
        if not state.changed.any():
            return False
        return state.added >= config.worth_adding or state.frames_since_look >= config.probe_every

    def _urgency(self, state: _TileState) -> float:
        """Return what is larger for tiles that wait longer, and for those that add more."""
        return state.frames_since_look * (LEAST_WORTH + state.added)

    def _learn(self, state: _TileState, detections: Detections, whole: Detections) -> None:
        """Keep what a look found, and how much of it the full view had missed."""
        findings = [TileFindings(state.tile, detections)]
        added = len(merge_views(whole, findings, self._size_hw)) - len(whole)
        state.detections = detections
        state.changed = np.zeros((1, 1), dtype=np.bool_)
        state.frames_since_look = 0
        state.added += self._config.newest * (max(added, 0) - state.added)
