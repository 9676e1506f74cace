"""The context of routes: services, and the identity that asks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Path, Request

from ovd.api.uploaded_image import ImageLoader
from ovd.bootstrap import Reloaded, Services
from ovd.domain.access import Identity, Role
from ovd.domain.cameras import Camera
from ovd.domain.ports import CameraStatus
from ovd.errors import CameraError, NotFoundError
from ovd.services.access.scope import identity_of
from ovd.services.jobs.service import JobService
from ovd.services.reports.recent import RecentPages
from ovd.services.streaming.broadcast import JpegBroadcast
from ovd.services.streaming.feed import LiveFeed
from ovd.services.streaming.jpegs import LiveJpegs
from ovd.services.streaming.uploads import UploadFolder
from ovd.video.clock import SystemClock
from ovd.video.decoding.image_decoder import ImageDecoder


@dataclass(frozen=True, eq=False)
class ApiContext:
    """Services and streams that routes work with.

    Attributes:
        services: The services of the app.
        jpegs: Newest annotated image per camera.
        feed: What happened at cameras lately.
        uploads: Files that were sent.
        jobs: Does long work.
        closing: Says when endless answers are to end.
        reload: Reads the settings again and applies what may change.
        images: Decodes images that were sent.
        recent: Pages of counts that were read a moment ago, as JSON.
    """

    services: Services
    jpegs: LiveJpegs
    feed: LiveFeed
    uploads: UploadFolder
    jobs: JobService
    closing: Callable[[], bool]
    reload: Callable[[], Reloaded]
    images: ImageLoader = field(default_factory=ImageDecoder)
    recent: RecentPages[bytes] = field(default_factory=lambda: RecentPages(SystemClock()))

    @cached_property
    def broadcast(self) -> JpegBroadcast:
        """Streams of the images."""
        return JpegBroadcast(self.jpegs, self.closing)

    def close(self) -> None:
        """End jobs, and what images are decoded in."""
        self.jobs.close()
        self.images.close()

    def note(self, who: Identity, action: str, target: str = "", detail: str = "") -> None:
        """Write a change into the audit log."""
        self.services.access.audit.note(who, action, target, detail)


# These are coroutines so that no request waits for a thread to run them.
async def _context(request: Request) -> ApiContext:
    context = request.app.state.context
    assert isinstance(context, ApiContext)
    return context


async def _viewer(request: Request) -> Identity:
    return identity_of(request.scope)


async def _operator(request: Request) -> Identity:
    return _with_role(request, Role.OPERATOR)


async def _admin(request: Request) -> Identity:
    return _with_role(request, Role.ADMIN)


def _with_role(request: Request, role: Role) -> Identity:
    identity = identity_of(request.scope)
    identity.require(role)
    return identity


Context = Annotated[ApiContext, Depends(_context)]
Viewer = Annotated[Identity, Depends(_viewer)]
Operator = Annotated[Identity, Depends(_operator)]
Admin = Annotated[Identity, Depends(_admin)]
CameraName = Annotated[str, Path(max_length=200, examples=["gate"])]


def find_camera(context: ApiContext, who: Identity, name: str) -> Camera:
    """Return a camera of the database.

    Raises:
        NotFoundError: If there is none of that name, or the identity may not see it.
    """
    if who.may_see(name):
        try:
            return context.services.cameras.find(name)
        except CameraError:
            pass
    raise NotFoundError(f"there is no camera {name[:80]!r}")


def find_status(context: ApiContext, name: str) -> CameraStatus | None:
    """Return how a camera stands in the fleet, None where it is not there."""
    statuses = context.services.fleet.statuses()
    return next((status for status in statuses if status.camera == name), None)
