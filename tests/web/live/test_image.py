import asyncio
import io
import threading
from collections.abc import AsyncIterator, Callable

import anyio
import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image as PilImage

from ovd.domain.access import Role
from ovd.domain.ports import CameraStatus
from ovd.errors import CameraError
from ovd.services.streaming.broadcast import JpegBroadcast
from ovd.services.streaming.jpegs import LiveJpegs, no_signal_jpeg
from ovd.web.live.image import add_image_route
from tests.builders import make_frame
from tests.stages import Stage
from tests.web.identities import As, make_identity
from tests.web.site import add_user, issue_token, visit


def decode(jpeg: bytes) -> np.ndarray:
    return np.asarray(PilImage.open(io.BytesIO(jpeg)))


def part_of(jpeg: bytes) -> bytes:
    return b"\r\n\r\n" + jpeg + b"\r\n--frame\r\n"


async def collect(
    source: AsyncIterator[bytes], enough: Callable[[list[bytes]], bool]
) -> list[bytes]:
    chunks: list[bytes] = []
    with anyio.fail_after(10):
        async for chunk in source:
            chunks.append(chunk)
            if enough(chunks):
                break
    return chunks


def test_image_of_a_camera_is_its_newest_frame(stage: Stage):
    stage.count("gate", [make_frame(0), make_frame(200)], queries=())

    sequence, jpeg = LiveJpegs(stage.services.fleet).next_jpeg("gate", 0, 1.0)

    assert sequence == 2
    assert jpeg is not None
    image = decode(jpeg)
    assert image.shape == (48, 64, 3)
    assert abs(int(image[20, 30, 0]) - 200) < 5


def test_image_is_encoded_once_for_all_who_watch(stage: Stage):
    stage.count()
    images = LiveJpegs(stage.services.fleet)

    first, second = (images.next_jpeg("gate", 0, 1.0)[1] for _ in range(2))

    assert first is second


def test_image_that_was_seen_is_not_given_again(stage: Stage):
    stage.count()
    images = LiveJpegs(stage.services.fleet)
    sequence, _ = images.next_jpeg("gate", 0, 1.0)

    assert images.next_jpeg("gate", sequence, 1.0) == (sequence, None)


def test_large_image_is_scaled_down(stage: Stage):
    stage.count("gate", [make_frame(0, size_hw=(1080, 1920))])

    _, jpeg = LiveJpegs(stage.services.fleet).next_jpeg("gate", 0, 1.0)

    assert jpeg is not None
    assert decode(jpeg).shape == (720, 1280, 3)


def test_unknown_camera_has_no_image(stage: Stage):
    with pytest.raises(CameraError, match="nowhere"):
        LiveJpegs(stage.services.fleet).next_jpeg("nowhere", 0, 1.0)


def test_stream_ends_when_the_server_closes(stage: Stage):
    stage.count()
    closing = threading.Event()
    closing.set()

    parts = JpegBroadcast(LiveJpegs(stage.services.fleet), closing.is_set).parts("gate")

    assert anyio.run(collect, parts, lambda chunks: False) == [b"--frame\r\n"]


def test_stream_ends_every_image_with_a_boundary(stage: Stage):
    stage.count()
    images = LiveJpegs(stage.services.fleet)

    parts = JpegBroadcast(images, lambda: False).parts("gate")
    chunks = anyio.run(collect, parts, lambda chunks: len(chunks) == 2)

    _, jpeg = images.next_jpeg("gate", 0, 1.0)
    assert jpeg is not None
    assert chunks[0] == b"--frame\r\n"
    assert chunks[1].startswith(b"Content-Type: image/jpeg\r\nContent-Length: ")
    assert chunks[1].endswith(part_of(jpeg))


class SilentImages:
    """Images of a camera that delivered one and then nothing more."""

    def next_jpeg(self, camera: str, than: int, timeout_s: float) -> tuple[int, bytes | None]:
        return (1, b"image") if than == 0 else (than, None)

    def has_signal(self, camera: str) -> bool:
        return False


def test_stream_shows_a_card_instead_of_a_frozen_image():
    parts = JpegBroadcast(SilentImages(), lambda: False).parts("gate")

    chunks = anyio.run(collect, parts, lambda chunks: len(chunks) == 3)

    assert chunks[1].endswith(part_of(b"image"))
    assert chunks[2].endswith(part_of(no_signal_jpeg()))


def test_stream_repeats_a_still_image_to_notice_who_left(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ovd.services.streaming.broadcast.REPEAT_S", 0.0)
    monkeypatch.setattr("ovd.services.streaming.broadcast.WAIT_S", 0.0)
    stage.count()

    parts = JpegBroadcast(LiveJpegs(stage.services.fleet), lambda: False).parts("gate")
    chunks = anyio.run(collect, parts, lambda chunks: len(chunks) == 4)

    assert chunks[1] == chunks[2] == chunks[3]


def test_card_without_signal_is_a_dark_image():
    card = decode(no_signal_jpeg())

    assert card.shape == (360, 640, 3)
    assert card.mean() < 60
    assert card.max() > 60


def test_route_answers_an_unknown_camera_with_404(stage: Stage):
    web = FastAPI()
    web.add_middleware(As, identity=make_identity())
    add_image_route(
        web, stage.services.fleet, JpegBroadcast(LiveJpegs(stage.services.fleet), lambda: True)
    )

    answer = TestClient(web).get("/stream/nowhere")

    assert answer.status_code == 404
    assert "nowhere" in answer.json()["detail"]


def test_route_streams_a_camera_with_any_name(stage: Stage):
    stage.count("north/gate 1")
    web = FastAPI()
    web.add_middleware(As, identity=make_identity())
    add_image_route(
        web, stage.services.fleet, JpegBroadcast(LiveJpegs(stage.services.fleet), lambda: True)
    )

    answer = TestClient(web).get("/stream/north%2Fgate%201?run=1")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "multipart/x-mixed-replace; boundary=frame"
    assert answer.headers["cache-control"] == "no-store"


def test_status_of_an_ended_camera_counts_as_signal(stage: Stage):
    status: CameraStatus = stage.count()

    assert status.state == "done"
    assert LiveJpegs(stage.services.fleet).has_signal("gate")


class CountedImages(SilentImages):
    """Tells how often it was asked for images."""

    def __init__(self) -> None:
        self.asked = 0

    def next_jpeg(self, camera: str, than: int, timeout_s: float) -> tuple[int, bytes | None]:
        self.asked += 1
        return than + 1, b"image %d" % (than + 1)

    def has_signal(self, camera: str) -> bool:
        return True


def test_images_are_prepared_once_for_all_viewers():
    images = CountedImages()

    async def watch() -> list[list[bytes]]:
        broadcast = JpegBroadcast(images, lambda: False)
        seen = [
            collect(broadcast.parts("gate"), lambda chunks: len(chunks) == 4) for _ in range(20)
        ]
        return list(await asyncio.gather(*seen))

    seen = asyncio.run(watch())

    assert all(chunks == seen[0] for chunks in seen)
    assert images.asked <= 5


def test_stream_of_a_camera_that_was_removed_ends(stage: Stage):
    parts = JpegBroadcast(LiveJpegs(stage.services.fleet), lambda: False).parts("nowhere")

    assert anyio.run(collect, parts, lambda chunks: False) == [b"--frame\r\n"]


def test_route_names_no_other_camera(stage: Stage):
    stage.count("yard")
    token = issue_token(stage, Role.VIEWER, ("gate",))
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get("/stream/gate")

    answer = visit(stage, act, token=token)

    assert answer.status_code == 404
    assert "yard" not in answer.text
