import logging

import httpx
import pytest

from tests.stages import Stage
from tests.web.site import visit


def get(stage: Stage, path: str, request_id: str = "") -> httpx.Response:
    async def fetch(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get(path, headers={"X-Request-Id": request_id} if request_id else {})

    return visit(stage, fetch)


def test_request_keeps_the_id_that_a_proxy_gave(stage: Stage):
    assert get(stage, "/api/v1/health", "proxy-0001").headers["x-request-id"] == "proxy-0001"


@pytest.mark.parametrize("given", ["", "a b c d e f g", "x" * 65, "short"])
def test_request_gets_an_id_where_none_can_be_used(stage: Stage, given: str):
    answer = get(stage, "/api/v1/health", given)

    assert answer.headers["x-request-id"] not in ("", given)


def test_answer_is_logged_with_its_id_and_without_the_query(
    stage: Stage, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.INFO, "ovd.web.requests"):
        get(stage, "/api/v1/health?token=secret%0A", "proxy-0001")

    [record] = caplog.records
    assert record.getMessage() == "GET /api/v1/health: 200"
    assert record.fields["status"] == 200  # type: ignore[attr-defined]
    assert "secret" not in str(record.__dict__)


def test_refused_requests_are_logged_too(stage: Stage, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, "ovd.web.requests"):
        get(stage, "/gradio_api/monitoring/a%0Ab")

    assert [record.getMessage() for record in caplog.records] == [
        "GET /gradio_api/monitoring/a%0Ab: 404"
    ]
