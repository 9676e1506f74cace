import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from ovd.web.static.assets import FrontendAssets

SCRIPT = "export const answer = 42;\n" * 50


async def say_other(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(f"other {Request(scope).url.path}")(scope, receive, send)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "page-1a2b.js").write_text(SCRIPT)
    (tmp_path / "assets" / "page-3c4d.css").write_text("h1 { color: red }")
    (tmp_path / "secret.js").write_text("const secret = 1")
    return tmp_path / "assets"


def ask(folder: Path, *paths: str, root_path: str = "", **headers: str) -> list[httpx.Response]:
    async def ask_all() -> list[httpx.Response]:
        app = FrontendAssets(say_other, folder, root_path)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ovd") as client:
            return [await client.get(path, headers=headers) for path in paths]

    return asyncio.run(ask_all())


def test_script_is_sent_for_good_and_compressed_where_that_is_understood(folder: Path):
    plain, packed = (
        ask(folder, "/assets/page-1a2b.js", **{"Accept-Encoding": encoding})[0]
        for encoding in ("identity", "gzip, br")
    )

    assert plain.text == packed.text == SCRIPT
    assert "immutable" in plain.headers["cache-control"]
    assert plain.headers["content-type"].startswith("text/javascript")
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])


@pytest.mark.parametrize(
    "path", ["/assets/none.js", "/assets/%2e%2e/secret.js", "/assets/..%2fsecret.js", "/assets/"]
)
def test_what_is_no_file_of_the_folder_is_left_to_the_application(folder: Path, path: str):
    [answer] = ask(folder, path)

    assert answer.text.startswith("other")


def test_page_names_the_scripts_that_pages_before_needed(folder: Path):
    first, *_, second = ask(folder, "/", "/assets/page-1a2b.js", "/assets/page-3c4d.css", "/")

    assert "link" not in first.headers
    assert second.headers["link"] == "<assets/page-1a2b.js>;rel=modulepreload"


def test_application_below_a_path_has_its_scripts_below_it(folder: Path):
    script, page = ask(folder, "/cams/assets/page-1a2b.js", "/cams/", root_path="/cams")

    assert script.text == SCRIPT
    assert "page-1a2b.js" in page.headers["link"]
