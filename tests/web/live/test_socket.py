"""The connection of a window, as a browser speaks to it."""

import asyncio
import weakref
from typing import Any

import pytest

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.ui.session import Session
from tests.builders import make_frame
from tests.stages import Stage
from tests.web.live.windows import RefusedError, Window, with_window
from tests.web.site import add_user


async def first_image(window: Window) -> dict[str, Any]:
    await window.watch("gate")
    [image] = await window.read_images(1)
    return image


def test_one_connection_carries_the_page_and_the_images_of_many_cameras(stage: Stage):
    names = [f"camera {number:02}" for number in range(16)]
    for name in names:
        stage.count(name, [make_frame(0, camera=name)])

    async def look(window: Window) -> tuple[dict[str, Any], list[str]]:
        parts = (await window.read_json())["parts"]
        await window.watch(*names)
        return parts, sorted(image["camera"] for image in await window.read_images(16))

    parts, cameras = with_window(stage, look)

    assert "header" in parts
    assert cameras == names


def test_a_window_gets_the_images_of_what_it_shows_only(stage: Stage):
    stage.count("gate")
    stage.count("yard", [make_frame(0, camera="yard")])

    async def look(window: Window) -> list[dict[str, Any]]:
        await window.watch("yard")
        await window.watch("gate")
        return await window.read_images(1)

    assert [image["camera"] for image in with_window(stage, look)] == ["gate"]


def test_an_image_comes_with_its_boxes_and_their_queries(stage: Stage):
    stage.count("gate")

    image = with_window(stage, first_image)

    assert image["queries"] == ["person"]
    assert image["size"] == [64, 48]
    assert all(0.0 <= place <= 1.0 for box in image["boxes"] for place in box["at"])


def test_frames_are_let_go_of_once_no_window_shows_them(stage: Stage):
    stage.count("gate")
    shown = weakref.ref(stage.services.fleet.latest("gate").result.frame.image)

    async def look(window: Window) -> bool:
        await first_image(window)
        await window.watch()
        await asyncio.to_thread(stage.count, "gate")
        return shown() is None

    assert with_window(stage, look)


@pytest.mark.parametrize("text", ["", "[]", '{"watch": 3}', '{"watch": [["gate"]]}', '{"a": 1}'])
def test_what_a_window_should_not_send_is_ignored(stage: Stage, text: str):
    stage.count("gate")

    async def look(window: Window) -> dict[str, Any]:
        await window.say(text)
        return await first_image(window)

    assert with_window(stage, look)["camera"] == "gate"


def test_without_signing_in_there_is_no_connection_once_there_are_users(stage: Stage):
    add_user(stage)

    with pytest.raises(RefusedError):
        with_window(stage, first_image)


def test_a_tab_of_an_earlier_start_is_told_so(stage: Stage):
    async def look(window: Window) -> dict[str, Any]:
        told = await window.read_json()
        with pytest.raises(RefusedError):
            await window.read()
        return told

    assert with_window(stage, look, tab="other") == {"unknown": True}


def test_the_tab_of_another_user_is_refused(stage: Stage):
    anna = Identity(IdentityKind.USER, "anna", Role.VIEWER)

    with pytest.raises(RefusedError):
        with_window(stage, first_image, Session(camera="gate", identity=anna))


def test_a_page_of_another_site_gets_no_connection(stage: Stage):
    with pytest.raises(RefusedError):
        with_window(stage, first_image, origin="http://evil.example")
