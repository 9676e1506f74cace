import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ovd.ui.live_page import LivePage
from ovd.ui.session import Session
from ovd.web.live.streams import BEAT, UNKNOWN, LiveStreams
from tests.stages import WAIT_S, Stage


@pytest.fixture
def page(stage: Stage) -> LivePage:
    page = LivePage(stage.services)
    page.sessions.begin("tab", Session(camera="gate"))
    return page


@asynccontextmanager
async def running(page: LivePage) -> AsyncIterator[LiveStreams]:
    streams = LiveStreams(page, lambda: False)
    task = asyncio.create_task(streams.run())
    async with asyncio.timeout(WAIT_S):
        yield streams
    task.cancel()
    await asyncio.wait({task})


def parts_of(event: bytes) -> dict[str, object]:
    name, data = event.decode().strip().split("\n")
    assert name == "event: parts"
    parts: dict[str, object] = json.loads(data.removeprefix("data: "))
    return parts


async def next_parts(events: AsyncIterator[bytes], name: str) -> dict[str, object]:
    while True:
        event = await anext(events)
        if event != BEAT and name in parts_of(event):
            return parts_of(event)


def test_stream_begins_with_the_whole_page(page: LivePage, stage: Stage):
    async def first() -> bytes:
        async with running(page) as streams:
            return await anext(streams.events("tab"))

    stage.count("gate")

    assert {"view", "header", "image", "queries"} <= set(parts_of(asyncio.run(first())))


def test_action_reaches_all_tabs_before_the_next_round(page: LivePage, stage: Stage):
    async def watch() -> list[object]:
        async with running(page) as streams:
            tabs = [streams.events("tab"), streams.events("other")]
            for events in tabs:
                await next_parts(events, "queries")
            stage.services.fleet.set_queries("gate", ())
            stage.services.overview.expire()
            await asyncio.to_thread(page.wake)
            return [(await next_parts(events, "queries"))["queries"] for events in tabs]

    page.sessions.begin("other", Session(camera="gate"))
    stage.count("gate")

    assert all("Nothing to count yet" in str(html) for html in asyncio.run(watch()))


def test_report_is_sent_when_it_was_read(page: LivePage, stage: Stage):
    async def watch() -> object:
        async with running(page) as streams:
            return (await next_parts(streams.events("tab"), "table"))["table"]

    stage.count("gate")

    assert "<td" in str(asyncio.run(watch()))


def test_tab_of_an_earlier_start_is_told_to_load_anew(page: LivePage):
    async def watch() -> list[bytes]:
        async with running(page) as streams:
            return [event async for event in streams.events("unknown")]

    assert asyncio.run(watch()) == [UNKNOWN]


def test_stream_ends_when_the_server_closes(page: LivePage):
    async def watch() -> list[bytes]:
        streams = LiveStreams(page, lambda: True)
        return [event async for event in streams.events("tab")]

    assert asyncio.run(watch()) == []


def test_quiet_stream_gives_signs_of_life(page: LivePage, monkeypatch: pytest.MonkeyPatch):
    async def watch() -> bytes:
        async with running(page) as streams:
            events = streams.events("tab")
            while (event := await anext(events)) != BEAT:
                pass
            return event

    monkeypatch.setattr("ovd.web.live.streams.BEAT_S", 0.01)

    assert asyncio.run(watch()) == BEAT


def test_error_in_a_round_does_not_end_the_streams(
    page: LivePage, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    draw, failed = page.draw_changes, []

    def draw_or_fail(viewers: object) -> object:
        if not failed:
            failed.append(True)
            raise RuntimeError("a bug")
        return draw(viewers)  # type: ignore[arg-type]

    async def watch() -> dict[str, object]:
        async with running(page) as streams:
            return await next_parts(streams.events("tab"), "header")

    monkeypatch.setattr(page, "draw_changes", draw_or_fail)
    monkeypatch.setattr("ovd.web.live.streams.RESTART_S", 0.0)
    stage.count("gate")

    assert "header" in asyncio.run(watch())
    assert "a bug" in caplog.text
