"""Sign-ins at a provider that follows the protocol, and at one that does not."""

import asyncio
import base64
import hmac
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.requests import Request

from ovd.domain.access import Role
from ovd.services.access.scope import identity_of
from ovd.settings import OidcSettings
from ovd.web.app import add_checks, add_sign_in, build_policy
from tests.stages import Stage
from tests.web.oidc.providers import (
    CLIENT_ID,
    CLIENT_SECRET,
    Claims,
    Provider,
    run_provider,
)
from tests.web.site import HOST, ROOT, add_user, visit

CALLBACK = "/login/oidc/callback"
Result = TypeVar("Result")


@pytest.fixture
def provider() -> Iterator[Provider]:
    with run_provider() as provider:
        yield provider


def settings_for(provider: Provider, **changes: object) -> OidcSettings:
    values: dict[str, object] = {
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "label": "Example",
        "viewer": ("cameras",),
        "admin": ("admins",),
    }
    return OidcSettings(**(values | changes))  # type: ignore[arg-type]


async def come_back(client: httpx.AsyncClient, provider: Provider, wanted: str = "/") -> str:
    """Begin a sign-in, and sign in at the provider; returns where it sends the browser."""
    sent = await client.get("/login/oidc", params={"next": wanted})
    assert sent.status_code == 303, sent.text
    return provider.authorize(sent.headers["location"])


async def sign_on(
    client: httpx.AsyncClient, provider: Provider, wanted: str = "/"
) -> httpx.Response:
    return await client.get(await come_back(client, provider, wanted))


def build_app(stage: Stage, oidc: OidcSettings) -> FastAPI:
    """Return the sign-in and its check, and who asks, without the page and the API."""
    changed = stage.services.settings.model_copy(update={"oidc": oidc})
    services = replace(stage.services, settings=changed)
    app = FastAPI()
    add_checks(app, services, build_policy(changed, False, lambda path, query: False))
    add_sign_in(app, services)

    @app.get("/who")
    async def who(request: Request) -> dict[str, str]:
        identity = identity_of(request.scope)
        return {"name": identity.name, "role": identity.role.value, "kind": identity.kind.value}

    return app


def run(
    stage: Stage,
    provider: Provider,
    act: Callable[[httpx.AsyncClient], Awaitable[Result]],
    **changes: object,
) -> Result:
    async def visit() -> Result:
        transport = httpx.ASGITransport(build_app(stage, settings_for(provider, **changes)))
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
            return await act(client)

    return asyncio.run(visit())


def outcome(stage: Stage, provider: Provider, **changes: object) -> tuple[int, list[str]]:
    """Sign in once; returns the status and the cookies that were set."""

    async def act(client: httpx.AsyncClient) -> tuple[int, list[str]]:
        answer = await sign_on(client, provider)
        who = await client.get("/who")
        assert (answer.status_code == 303) == (who.status_code == 200)
        return answer.status_code, sorted(answer.cookies)

    return run(stage, provider, act, **changes)


def test_person_of_a_group_is_signed_in_with_its_role(stage: Stage, provider: Provider):
    async def act(client: httpx.AsyncClient) -> tuple[str, object]:
        answer = await sign_on(client, provider, "/?camera=gate")
        return answer.headers["location"], (await client.get("/who")).json()

    location, who = run(stage, provider, act)

    assert location == "/?camera=gate"
    assert (who["name"], who["role"], who["kind"]) == ("anna", "viewer", "user")


def test_highest_role_of_the_groups_holds(stage: Stage, provider: Provider):
    provider.groups = ["cameras", "admins", "others"]

    outcome(stage, provider)

    assert stage.services.access.users.find("anna").role is Role.ADMIN


def test_role_follows_the_groups_at_the_next_sign_in(stage: Stage, provider: Provider):
    add_user(stage, "root")
    provider.groups = ["admins"]
    outcome(stage, provider)
    provider.groups = ["cameras"]

    outcome(stage, provider)

    assert stage.services.access.users.find("anna").role is Role.VIEWER


def test_person_without_a_group_is_refused_and_older_sessions_end(stage: Stage, provider: Provider):
    async def act(client: httpx.AsyncClient) -> tuple[int, int]:
        await sign_on(client, provider)
        provider.groups = []
        refused = await sign_on(client, provider)
        assert "gives no access" in refused.text
        return refused.status_code, (await client.get("/who")).status_code

    assert run(stage, provider, act) == (403, 401)


def test_default_role_lets_everyone_of_the_provider_in(stage: Stage, provider: Provider):
    provider.groups = None
    provider.told_groups = []

    assert outcome(stage, provider, default_role="operator")[0] == 303
    assert stage.services.access.users.find("anna").role is Role.OPERATOR


def test_groups_may_be_told_beside_the_token(stage: Stage, provider: Provider):
    provider.groups, provider.told_groups = None, ["admins"]

    assert outcome(stage, provider)[0] == 303
    assert stage.services.access.users.find("anna").role is Role.ADMIN


def test_groups_of_another_person_are_not_taken(stage: Stage, provider: Provider):
    provider.groups, provider.told_groups, provider.told_subject = None, ["admins"], "43"

    assert outcome(stage, provider)[0] == 401


def test_name_at_the_provider_gives_no_one_the_account_of_a_user(stage: Stage, provider: Provider):
    add_user(stage, "anna", Role.ADMIN)

    assert outcome(stage, provider)[0] == 401


def test_person_is_known_by_its_key_whatever_the_name(stage: Stage, provider: Provider):
    outcome(stage, provider)
    provider.name = "anna.lee"
    outcome(stage, provider)
    provider.subject, provider.name = "43", "anna"

    assert outcome(stage, provider)[0] == 401
    assert [user.name for user in stage.services.access.users.all()] == ["anna"]


def test_account_of_a_provider_has_no_password(stage: Stage, provider: Provider):
    outcome(stage, provider)

    async def act(client: httpx.AsyncClient) -> int:
        return (await client.post("/login", data={"name": "anna", "password": ""})).status_code

    assert run(stage, provider, act) == 401


def test_server_with_a_provider_is_never_open(stage: Stage, provider: Provider):
    async def act(client: httpx.AsyncClient) -> int:
        return (await client.get("/who")).status_code

    assert run(stage, provider, act) == 401


def test_sign_in_is_written_to_the_audit_log(stage: Stage, provider: Provider):
    outcome(stage, provider)

    actions = [entry.action for entry in stage.services.access.audit.newest(10)]
    assert {"users.add", "session.begin"} <= set(actions)


def changed(**values: object) -> Callable[[Claims], Claims]:
    return lambda claims: claims | values


def without(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


LIES = {
    "another issuer": changed(iss="https://evil.example"),
    "another audience": changed(aud="another client"),
    "several audiences without ours authorised": changed(aud=["ovd", "x"], azp="x"),
    "no audience": without("aud"),
    "expired": lambda claims: claims | {"exp": int(time.time()) - 120},
    "no end": without("exp"),
    "from the future": lambda claims: claims | {"iat": int(time.time()) + 600},
    "not yet": lambda claims: claims | {"nbf": int(time.time()) + 600},
    "another nonce": changed(nonce="of another sign-in"),
    "no nonce": without("nonce"),
    "no subject": without("sub"),
    "empty subject": changed(sub=""),
    "subject that is a number": changed(sub=42),
    "hash of another access token": changed(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
}


@pytest.mark.parametrize("name", LIES)
def test_token_that_lies_signs_no_one_in(stage: Stage, provider: Provider, name: str):
    provider.change = LIES[name]

    assert outcome(stage, provider) == (401, [])
    assert stage.services.access.users.all() == ()


def _foreign_key(provider: Provider, claims: Claims) -> str:
    key = RSAKey.generate_key(2048, {"kid": provider.key.kid or ""})
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, key)


def _public_key_as_secret(provider: Provider, claims: Claims) -> str:
    signed = jwt.encode({"alg": "RS256"}, claims, provider.key)
    header = base64.urlsafe_b64encode(b'{"alg":"HS256"}').rstrip(b"=").decode()
    content = f"{header}.{signed.split('.')[1]}"
    digest = hmac.digest(provider.key.as_pem(private=False), content.encode(), "sha256")
    return f"{content}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _unsigned(provider: Provider, claims: Claims) -> str:
    signed = jwt.encode({"alg": "RS256"}, claims, provider.key)
    header = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    return f"{header}.{signed.split('.')[1]}."


def _garbage(provider: Provider, claims: Claims) -> str:
    return "no token"


@pytest.mark.parametrize("sign", [_foreign_key, _public_key_as_secret, _unsigned, _garbage])
def test_token_that_the_provider_did_not_sign_is_refused(
    stage: Stage, provider: Provider, sign: Callable[[Provider, Claims], str]
):
    provider.sign = sign

    assert outcome(stage, provider) == (401, [])


def test_answer_holds_once(stage: Stage, provider: Provider):
    async def act(client: httpx.AsyncClient) -> tuple[int, int]:
        back = await come_back(client, provider)
        cookies = dict(client.cookies)
        first = await client.get(back)
        client.cookies.clear()
        client.cookies.update(cookies)
        return first.status_code, (await client.get(back)).status_code

    assert run(stage, provider, act) == (303, 401)
    assert provider.asked.count("/token") == 1


def test_answer_for_another_browser_is_refused(stage: Stage, provider: Provider):
    """Someone is led to the answer of an attacker, to be signed in as the attacker."""

    async def act(client: httpx.AsyncClient) -> list[int]:
        back = await come_back(client, provider)
        client.cookies.clear()
        without_cookie = await client.get(back)
        await come_back(client, provider)
        with_another = await client.get(back)
        return [without_cookie.status_code, with_another.status_code]

    assert run(stage, provider, act) == [401, 401]
    assert "/token" not in provider.asked


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer | {"state": "x"},
        lambda answer: {key: value for key, value in answer.items() if key != "state"},
        lambda answer: answer | {"code": "stolen"},
        lambda answer: {"state": answer["state"], "error": "access_denied"},
        lambda answer: answer | {"iss": "https://evil.example"},
    ],
)
def test_answer_that_was_changed_is_refused(
    stage: Stage,
    provider: Provider,
    change: Callable[[dict[str, str]], dict[str, str]],
):
    async def act(client: httpx.AsyncClient) -> int:
        parts = urlsplit(await come_back(client, provider))
        answer = {key: values[0] for key, values in parse_qs(parts.query).items()}
        return (await client.get(CALLBACK, params=change(answer))).status_code

    assert run(stage, provider, act) == 401


def test_sign_in_leads_to_no_other_site(stage: Stage, provider: Provider):
    async def act(client: httpx.AsyncClient) -> str:
        answer = await sign_on(client, provider, "https://evil.example/")
        return str(answer.headers["location"])

    assert run(stage, provider, act) == "/"


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "http://127.0.0.1/another"},
        {"token_endpoint": "http://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
def test_provider_that_describes_itself_falsely_is_not_used(
    stage: Stage, provider: Provider, discovery: dict[str, str]
):
    provider.discovery = discovery

    async def act(client: httpx.AsyncClient) -> int:
        return (await client.get("/login/oidc")).status_code

    assert run(stage, provider, act) == 401


def test_provider_that_is_away_leaves_the_password(stage: Stage, provider: Provider):
    away = replace(provider, port=9)

    async def act(client: httpx.AsyncClient) -> tuple[int, str]:
        answer = await client.get("/login/oidc")
        return answer.status_code, answer.text

    status, page = run(stage, away, act)

    assert status == 401
    assert 'name="password"' in page


def test_keys_that_the_provider_changed_are_fetched_again(stage: Stage, provider: Provider):
    """At most once a minute, so that false tokens cost the provider nothing."""

    async def act(client: httpx.AsyncClient) -> list[int]:
        first = await sign_on(client, provider)
        provider.key = RSAKey.generate_key(2048, {"kid": "second"})
        return [first.status_code, (await sign_on(client, provider)).status_code]

    assert run(stage, provider, act) == [303, 401]
    assert provider.asked.count("/keys") == 1


def test_login_page_offers_the_provider_in_both_languages(stage: Stage, provider: Provider):
    async def act(client: httpx.AsyncClient) -> tuple[str, str]:
        page = "/login?next=/%3Fcamera%3Dgate&lang="
        return (await client.get(f"{page}en")).text, (await client.get(f"{page}ko")).text

    english, korean = run(stage, provider, act, label="<Example>")

    assert "Sign in with &lt;Example&gt;" in english
    assert 'href="/login/oidc?next=%2F%3Fcamera%3Dgate&amp;lang=en"' in english
    assert "계정으로 로그인" in korean


def test_there_is_no_way_to_a_provider_without_one(stage: Stage):
    stage.services.access.users.add(ROOT, "anna", "correct horse battery", Role.ADMIN)

    async def act(client: httpx.AsyncClient) -> list[int]:
        return [(await client.get(path)).status_code for path in ("/login/oidc", CALLBACK)]

    assert set(visit(stage, act)) <= {401, 404}


def test_refusal_is_told_in_the_language_in_which_the_sign_in_began(
    stage: Stage, provider: Provider
):
    provider.groups = []

    async def act(client: httpx.AsyncClient) -> str:
        sent = await client.get("/login/oidc", params={"next": "/", "lang": "ko"})
        english = {"Accept-Language": "en"}
        back = provider.authorize(sent.headers["location"])
        return (await client.get(back, headers=english)).text

    assert "관리자에게 문의하세요" in run(stage, provider, act)
