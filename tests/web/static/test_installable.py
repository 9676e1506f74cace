import json

import httpx

from tests.stages import Stage
from tests.web.site import add_user, visit


def test_page_can_be_installed_and_says_when_there_is_no_server(stage: Stage):
    async def look(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [
            await client.get(path) for path in ("/ovd.webmanifest", "/worker.js", "/offline.html")
        ]

    add_user(stage)  # none of it needs signing in, nor tells anything
    manifest, worker, offline = visit(stage, look)

    assert json.loads(manifest.text)["display"] == "standalone"
    assert "offline.html" in worker.text
    assert worker.headers["content-type"].startswith("text/javascript")
    assert "No connection to the ovd server" in offline.text
    assert "ovd 서버에 연결되지 않습니다" in offline.text


def test_page_links_its_manifest(stage: Stage):
    async def look(client: httpx.AsyncClient) -> str:
        return (await client.get("/")).text

    assert 'rel="manifest"' in visit(stage, look)
