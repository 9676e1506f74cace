"""ReferenceViews: compares what cameras show with their reference views, twice a minute."""

from collections.abc import Callable
from dataclasses import dataclass

from ovd.domain.alerts import SavedView
from ovd.domain.ports import CameraViews, Clock, LiveFrame
from ovd.errors import ImageError, OvdError
from ovd.video.view_change import (
    View,
    ViewChange,
    compare_views,
    decode_view,
    encode_view,
    make_view,
)

CHECK_S = 30.0
# While nothing is known, as before the first frame, a camera is looked at more often.
FIRST_S = 5.0
_CHANGED = (ViewChange.MOVED, ViewChange.DEFOCUSED)


@dataclass
class _Watched:
    due_s: float = 0.0
    frame: int = 0
    earlier: ViewChange | None = None
    moved: bool | None = None


class ReferenceViews:
    """Implements `ovd.services.alerts.surroundings.ViewWatch`.

    The first image of a camera becomes its reference view, until a new one is taken. A camera is
    moved once two comparisons in a row say so.
    """

    def __init__(
        self, views: CameraViews, latest: Callable[[str], LiveFrame | None], clock: Clock
    ) -> None:
        """Compare nothing yet.

        Args:
            views: Keeps the reference views.
            latest: Returns the newest counted frame of a camera.
            clock: Pacing.
        """
        self._views = views
        self._latest = latest
        self._clock = clock
        self._cameras: dict[str, _Watched] = {}

    def is_moved(self, camera: str) -> bool | None:
        """Return whether a camera was moved or defocused; None while that is unknown."""
        watched, now_s = self._cameras.setdefault(camera, _Watched()), self._clock.monotonic()
        if now_s >= watched.due_s:
            try:
                self._check(camera, watched)
            except OvdError:  # the camera was removed, or the database cannot be used now
                watched.moved = None
            watched.due_s = now_s + (CHECK_S if watched.moved is not None else FIRST_S)
        return watched.moved

    def _check(self, camera: str, watched: _Watched) -> None:
        latest = self._latest(camera)
        if latest is None or latest.sequence == watched.frame:
            return
        watched.frame = latest.sequence
        frame = latest.result.frame
        view, saved = make_view(frame.image), self._views.find(camera)
        change = None if saved is None else _compare(saved, view)
        if change is None:
            self._views.save(SavedView(camera, frame.captured_at, encode_view(view)))
            watched.earlier, watched.moved = None, False
            return
        confirmed = watched.earlier in _CHANGED and change in _CHANGED
        watched.earlier = change
        if change is ViewChange.NONE:
            watched.moved = False
        elif change is ViewChange.UNCLEAR:
            watched.moved = None
        elif confirmed:
            watched.moved = True


def _compare(saved: SavedView, view: View) -> ViewChange | None:
    """Return how a view differs from a reference view; None where that is damaged."""
    try:
        return compare_views(decode_view(saved.image), view)
    except ImageError:
        return None
