"""The whole web app over a stage, with people who have signed in or not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from threading import Event
from typing import TypeVar

import httpx

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.web.app import build_web_app
from tests.stages import Stage

PASSWORD = "correct horse battery"
ROOT = Identity(IdentityKind.COMMAND, "root", Role.ADMIN)
HOST = "http://localhost"
Result = TypeVar("Result")


def add_user(
    stage: Stage,
    name: str = "anna",
    role: Role = Role.ADMIN,
    cameras: tuple[str, ...] | None = None,
) -> None:
    stage.services.access.users.add(ROOT, name, PASSWORD, role, cameras)


def issue_token(
    stage: Stage, role: Role = Role.ADMIN, cameras: tuple[str, ...] | None = None
) -> str:
    return stage.services.access.tokens.issue(
        ROOT, f"{role.value}-token", role, cameras=cameras
    ).secret


@asynccontextmanager
async def open_site(
    stage: Stage,
    client_address: str = "127.0.0.1",
    base_url: str = HOST,
    token: str = "",
    **settings: str,
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the web app; with the bearer token that is given."""
    changed = stage.services.settings.model_copy(update=settings)
    web = build_web_app(replace(stage.services, settings=changed), Event())
    transport = httpx.ASGITransport(web, client=(client_address, 1), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        web.router.lifespan_context(web),
        httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers) as client,
    ):
        yield client


def visit(
    stage: Stage, act: Callable[[httpx.AsyncClient], Awaitable[Result]], **options: str
) -> Result:
    """Do something with a client of the web app."""

    async def run() -> Result:
        async with open_site(stage, **options) as client:  # type: ignore[arg-type]
            return await act(client)

    return asyncio.run(run())


async def sign_in(client: httpx.AsyncClient, name: str = "anna") -> None:
    answer = await client.post("/login", data={"name": name, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
