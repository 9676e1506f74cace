import asyncio
import re

import httpx
import pytest

from ovd.domain.access import Role
from ovd.domain.cameras import CameraAddress, CameraSettings
from ovd.domain.sites import parse_site
from ovd.domain.zones import LineZone
from tests.stages import Stage
from tests.web.site import add_user, open_site, sign_in

FAR = {"client_address": "192.0.2.7", "base_url": "https://shop.example"}
DOOR = LineZone("door", ((0.1, 0.5), (0.9, 0.5)))
SHOP = "/display/Corner%20Shop"


@pytest.fixture
def shop(stage: Stage) -> Stage:
    """A site whose one door was never observed, and an admin."""
    store = stage.services.store
    address = CameraAddress.without_credentials("rtsp://127.0.0.1/gate")
    store.zones.replace(store.cameras.add(CameraSettings("gate", address)).camera, (DOOR,))
    site = {"name": "Corner Shop", "doors": [{"camera": "gate", "line": "door"}], "capacity": 40}
    stage.services.sites.add(parse_site(site))
    add_user(stage)
    return stage


def beside(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Another browser at the same server."""
    return httpx.AsyncClient(transport=client._transport, base_url=client.base_url)


def code_of(page: httpx.Response) -> str:
    found = re.search(r'id="number">(\w{3} \w{3})<', page.text)
    assert found is not None, page.text
    return found[1]


async def pair(client: httpx.AsyncClient, code: str, site: str = "Corner Shop") -> httpx.Response:
    fields = {"site": site, "name": "tablet", "code": code}
    return await client.post("/display", data=fields, headers={"Origin": FAR["base_url"]})


def test_screen_is_paired_by_its_code_and_then_shows_the_site(shop: Stage):
    async def run() -> None:
        async with open_site(shop, **FAR) as screen, beside(screen) as admin:
            waiting = await screen.get(SHOP)
            code = code_of(waiting)
            assert (await screen.get(f"{SHOP}/now")).json() == {"code": code.replace(" ", "")}
            assert '<div id="site"></div>' in waiting.text

            await sign_in(admin)
            paired = await pair(admin, code)
            assert paired.status_code == 303, paired.text
            assert "tablet" in (await admin.get("/display")).text

            now = await screen.get(f"{SHOP}/now")
            assert now.json()["level"] == "unknown"
            page = await screen.get(SHOP)
            assert "Corner Shop" in page.text
            assert "Not known" in page.text

            removed = await admin.post(
                "/display/remove",
                data={"site": "Corner Shop", "name": "tablet"},
                headers={"Origin": FAR["base_url"]},
            )
            assert removed.status_code == 303
            assert (await screen.get(f"{SHOP}/now")).status_code == 401

    asyncio.run(run())


def test_cookie_opens_nothing_else(shop: Stage):
    async def run() -> None:
        async with open_site(shop, **FAR) as screen, beside(screen) as admin:
            code = code_of(await screen.get(SHOP))
            await sign_in(admin)
            await pair(admin, code)

            for path in ("/api/v1/cameras", "/api/v1/sites", "/metrics"):
                assert (await screen.get(path)).status_code == 401
            assert (await screen.get("/display")).status_code == 401
            elsewhere = await screen.get("/display/Elsewhere")
            assert (elsewhere.status_code, elsewhere.headers["location"]) == (307, SHOP)
            assert (await screen.get("/display/Elsewhere/now")).status_code == 401

    asyncio.run(run())


def test_site_that_is_not_there_looks_like_one_that_is(shop: Stage):
    async def run() -> None:
        async with open_site(shop, **FAR) as screen:
            there, missing = await screen.get(SHOP), await screen.get("/display/Missing")
            assert there.status_code == missing.status_code == 200
            assert code_of(there)
            assert code_of(missing)

    asyncio.run(run())


@pytest.mark.parametrize("code", ["", "NNNNNN", "<script>"])
def test_wrong_code_is_told(shop: Stage, code: str):
    async def run() -> None:
        async with open_site(shop, **FAR) as admin:
            await sign_in(admin)
            answer = await pair(admin, code)
            assert answer.status_code in (400, 422)
            assert "<script>" not in answer.text

    asyncio.run(run())


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_admins_pair(shop: Stage, role: Role):
    add_user(shop, "otto", role)

    async def run() -> None:
        async with open_site(shop, **FAR) as screen, beside(screen) as other:
            code = code_of(await screen.get(SHOP))
            await sign_in(other, "otto")
            assert (await other.get("/display")).status_code == 403
            assert (await pair(other, code)).status_code == 403
            assert (await screen.get(f"{SHOP}/now")).status_code == 401

    asyncio.run(run())


def test_another_site_cannot_make_an_admin_pair(shop: Stage):
    async def run() -> None:
        async with open_site(shop, **FAR) as screen, beside(screen) as admin:
            code = code_of(await screen.get(SHOP))
            await sign_in(admin)
            fields = {"site": "Corner Shop", "name": "tablet", "code": code}
            evil = {"Origin": "https://evil.example"}
            assert (await admin.post("/display", data=fields, headers=evil)).status_code == 403

    asyncio.run(run())


def test_user_sees_the_sites_of_their_cameras_only(shop: Stage):
    add_user(shop, "vera", Role.VIEWER, ("gate",))
    add_user(shop, "blind", Role.VIEWER, ("yard",))

    async def run() -> None:
        async with open_site(shop, **FAR) as client:
            await sign_in(client, "vera")
            assert (await client.get(f"{SHOP}/now?lang=ko")).json()["status"] == "알 수 없음"
        async with open_site(shop, **FAR) as client:
            await sign_in(client, "blind")
            assert (await client.get(f"{SHOP}/now")).status_code == 401

    asyncio.run(run())


def test_name_of_a_site_is_text_and_no_markup(stage: Stage):
    store = stage.services.store
    address = CameraAddress.without_credentials("rtsp://127.0.0.1/gate")
    store.zones.replace(store.cameras.add(CameraSettings("gate", address)).camera, (DOOR,))
    name = "<img src=x onerror=alert(1)>{words}"
    stage.services.sites.add(
        parse_site({"name": name, "doors": [{"camera": "gate", "line": "door"}]})
    )

    async def run() -> None:
        async with open_site(stage) as client:
            shown = await client.get("/display/%3Cimg%20src=x%20onerror=alert(1)%3E%7Bwords%7D")
            assert shown.status_code == 200
            assert "<img" not in shown.text
            assert "&lt;img src=x onerror=alert(1)&gt;{words}" in shown.text
            assert "<img" not in (await client.get("/display")).text

    asyncio.run(run())
