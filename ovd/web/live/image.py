"""The route of the live image of a camera."""

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse

from ovd.domain.ports import CameraFleet
from ovd.errors import CameraError, NotFoundError
from ovd.services.access.scope import identity_of
from ovd.services.streaming.broadcast import BOUNDARY, JpegBroadcast


def add_image_route(app: FastAPI, fleet: CameraFleet, broadcast: JpegBroadcast) -> None:
    """Serve `/stream/{camera}`; an unknown camera is answered with 404."""

    @app.get("/stream/{camera:path}")
    async def stream(camera: str, request: Request) -> StreamingResponse:
        try:
            if not identity_of(request.scope).may_see(camera):
                raise NotFoundError
            fleet.status(camera)
        except (CameraError, NotFoundError) as error:  # whose message may name other cameras
            raise HTTPException(404, f"no camera {camera[:80]!r} is being counted") from error
        return StreamingResponse(
            broadcast.parts(camera),
            media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}",
            headers={"Cache-Control": "no-store"},
        )
