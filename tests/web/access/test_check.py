import httpx
import pytest

from ovd.domain.access import Role
from ovd.errors import NoUsersError
from ovd.web.access.policy import require_users
from tests.stages import Stage
from tests.web.site import PASSWORD, add_user, issue_token, sign_in, visit

PATHS = ("/", "/config", "/live?tab=x", "/stream/gate", "/gradio_api/queue/data?session_hash=x")
FILE = "/gradio_api/file=/etc/passwd"


async def statuses(client: httpx.AsyncClient) -> list[int]:
    return [(await client.get(path)).status_code for path in PATHS]


def test_everything_is_open_on_the_machine_itself_without_users(stage: Stage):
    async def act(client: httpx.AsyncClient) -> list[int]:
        return [(await client.get(path)).status_code for path in ("/", "/config")]

    assert visit(stage, act) == [200, 200]


@pytest.mark.parametrize(
    "options",
    [
        {"client_address": "192.0.2.7"},
        {"base_url": "http://ovd.example"},
        {"base_url": "http://localhost.evil.example"},
    ],
)
def test_nothing_is_open_from_elsewhere_without_users(stage: Stage, options: dict[str, str]):
    assert set(visit(stage, statuses, **options)) == {401}


def test_nothing_is_open_through_a_proxy_without_users(stage: Stage):
    async def act(client: httpx.AsyncClient) -> int:
        return (await client.get("/config", headers={"X-Forwarded-For": "127.0.0.1"})).status_code

    assert visit(stage, act) == 401


def test_nothing_is_open_once_there_is_a_user(stage: Stage):
    add_user(stage)

    assert set(visit(stage, statuses)) == {401}


def test_files_are_closed_without_access(stage: Stage):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> int:
        return (await client.get(FILE)).status_code

    assert visit(stage, act) == 401


def test_page_leads_to_the_login_page_and_back(stage: Stage):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> tuple[str, str]:
        sent = await client.get("/?camera=gate", headers={"Accept": "text/html"})
        back = await client.post(
            sent.headers["location"],
            data={"name": "ANNA", "password": PASSWORD, "next": "/?camera=gate"},
        )
        return sent.headers["location"], back.headers["location"]

    assert visit(stage, act) == ("/login?next=%2F%3Fcamera%3Dgate", "/?camera=gate")


def test_signed_in_user_sees_the_page(stage: Stage):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> int:
        await sign_in(client)
        return (await client.get("/")).status_code

    assert visit(stage, act) == 200


def test_login_page_below_a_path_stays_there(stage: Stage):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> list[str]:
        sent = await client.get("/ovd/", headers={"Accept": "text/html"})
        back = await client.post("/ovd/login", data={"name": "anna", "password": PASSWORD})
        return [sent.headers["location"], back.headers["location"]]

    assert visit(stage, act, root_path="/ovd") == ["/ovd/login", "/ovd/"]


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/\n/x"]
)
def test_login_never_leads_elsewhere(stage: Stage, wanted: str):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> str:
        form = {"name": "anna", "password": PASSWORD, "next": wanted}
        return str((await client.post("/login", data=form)).headers["location"])

    assert visit(stage, act) == "/"


def test_login_page_shows_what_was_typed_as_text(stage: Stage):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> str:
        return (await client.get("/login?next=/%22%3E%3Cscript%3Ealert(1)")).text

    assert "<script" not in visit(stage, act)


def test_wrong_password_shows_the_login_page_again(stage: Stage):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/login", data={"name": "anna", "password": "wrong"})

    answer = visit(stage, act)

    assert answer.status_code == 401
    assert "do not fit" in answer.text
    assert "set-cookie" not in answer.headers


def test_login_page_speaks_korean(stage: Stage):
    async def act(client: httpx.AsyncClient) -> str:
        return (await client.get("/login", headers={"Accept-Language": "ko-KR,ko;q=0.9"})).text

    assert "비밀번호" in visit(stage, act)


def test_too_many_attempts_have_to_wait(stage: Stage):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> httpx.Response:
        for _ in range(6):
            answer = await client.post("/login", data={"name": "anna", "password": "wrong"})
        return answer

    answer = visit(stage, act)

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


def test_sign_out_ends_the_session(stage: Stage):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> int:
        await sign_in(client)
        kept = dict(client.cookies)
        await client.post("/logout", headers={"Origin": "http://localhost"})
        client.cookies.update(kept)
        return (await client.get("/config")).status_code

    assert visit(stage, act) == 401


def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stage: Stage):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> str:
        answer = await client.post("/login", data={"name": "anna", "password": PASSWORD})
        return str(answer.headers["set-cookie"])

    cookie = visit(stage, act)
    secure = visit(stage, act, base_url="https://localhost")

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert secure.startswith("__Host-ovd=")
    assert "Secure" in secure


def test_session_given_by_someone_else_is_not_used(stage: Stage):
    """Session fixation: the secret of a session is always made by the server."""
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> bool:
        chosen = {"Cookie": "ovd_session=chosen-by-an-attacker"}
        form = {"name": "anna", "password": PASSWORD}
        answer = await client.post("/login", data=form, headers=chosen)
        client.cookies.clear()
        still = await client.get("/config", headers=chosen)
        return "chosen" in answer.headers["set-cookie"] or still.status_code != 401

    assert not visit(stage, act)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"X-CSRF-Token": "0" * 64},
    ],
)
def test_cookie_alone_changes_nothing(stage: Stage, headers: dict[str, str]):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> int:
        await sign_in(client)
        answer = await client.post("/gradio_api/queue/join", json={}, headers=headers)
        return answer.status_code

    assert visit(stage, act) == 403


def test_other_site_cannot_change_an_open_server(stage: Stage):
    async def act(client: httpx.AsyncClient) -> list[int]:
        foreign = {"Origin": "http://evil.example"}
        join = await client.post("/gradio_api/queue/join", json={}, headers=foreign)
        image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
        stream = await client.get("/stream/gate", headers=image)
        return [join.status_code, stream.status_code]

    assert visit(stage, act) == [403, 403]


def test_token_opens_what_its_role_allows(stage: Stage):
    token = issue_token(stage, Role.VIEWER)
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> list[int]:
        upload = await client.post("/gradio_api/upload", files={"files": b"x"})
        return [(await client.get("/config")).status_code, upload.status_code]

    assert visit(stage, act, token=token) == [200, 403]


@pytest.mark.parametrize(
    "name", ["token", "access_token", "api_key", "authorization", "ovd_session"]
)
def test_token_in_the_address_is_not_accepted(stage: Stage, name: str):
    token = issue_token(stage)
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> int:
        return (await client.get("/config", params={name: token})).status_code

    assert visit(stage, act) == 401


@pytest.mark.parametrize(
    "value",
    ["Bearer", "Bearer ", "Bearer x", "Basic YTpi", "bearer \udcff", "Bearer " + "x" * 5000],
)
def test_other_credentials_are_refused(stage: Stage, value: str):
    async def act(client: httpx.AsyncClient) -> int:
        headers = {b"authorization": value.encode("utf-8", "surrogateescape")}
        return (await client.get("/config", headers=headers)).status_code

    assert visit(stage, act) == 401


@pytest.mark.parametrize(
    "path",
    [
        "/proxy=http://169.254.169.254/",
        "/gradio_api/proxy=http://169.254.169.254/",
        "/monitoring",
        "/gradio_api/vibe-code/",
        "/gradio_api/profiling/traces",
        "/token",
        "/user",
        "/api/predict",
        "/gradio_api/run/suggest",
        "//gradio_api//monitoring",
    ],
)
def test_routes_of_gradio_that_the_page_does_not_use_are_closed(stage: Stage, path: str):
    async def act(client: httpx.AsyncClient) -> int:
        return (await client.get("http://localhost" + path)).status_code

    assert visit(stage, act) == 404


def test_host_that_is_not_allowed_is_refused(stage: Stage):
    async def act(client: httpx.AsyncClient) -> list[int]:
        good = await client.get("/login", headers={"Host": "ovd.example:7860"})
        bad = await client.get("/login", headers={"Host": "evil.example"})
        return [good.status_code, bad.status_code]

    assert visit(stage, act, allowed_hosts="OVD.example") == [200, 403]


def test_permitted_cameras_are_the_only_ones_a_viewer_sees(stage: Stage):
    stage.count("gate")
    stage.count("yard")
    token = issue_token(stage, Role.VIEWER, ("yard",))

    async def act(client: httpx.AsyncClient) -> int:
        return (await client.get("/stream/gate")).status_code

    assert visit(stage, act, token=token) == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "ovd.example"])
def test_server_for_others_needs_a_user(host: str):
    with pytest.raises(NoUsersError, match="ovd users add"):
        require_users(host, has_users=False, insecure=False)
    require_users(host, has_users=True, insecure=False)
    require_users(host, has_users=False, insecure=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_server_for_this_machine_needs_none(host: str):
    require_users(host, has_users=False, insecure=False)
