import io
from base64 import b64encode
from typing import Any

import pytest
from PIL import Image

from ovd.domain.access import Role
from tests.api.conftest import Client, code_of
from tests.api.test_lists import count_two_minutes
from tests.api.test_schedules import WEEKLY


def make_logo() -> str:
    file = io.BytesIO()
    Image.new("RGB", (90, 30), "#ff0000").save(file, "PNG")
    return b64encode(file.getvalue()).decode()


def preview(api: Client, **body: Any) -> Image.Image:
    answer = api.post("/reports/preview", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    return Image.open(io.BytesIO(answer.content))


def reds(image: Image.Image) -> int:
    return sum(
        count
        for count, (red, green, blue) in image.convert("RGB").getcolors(1 << 24) or []
        if red > 200 and green < 60 and blue < 60
    )


@pytest.mark.parametrize("format_name", ["pdf", "csv"])
def test_preview_is_page_one_as_an_image_with_the_logo(api: Client, format_name: str):
    count_two_minutes(api)

    image = preview(api, format=format_name, logo=make_logo(), compare="previous")

    assert image.size == (1000, 1415)
    assert reds(image) > 1000
    assert reds(preview(api, format=format_name)) == 0


def test_preview_of_a_very_long_report_is_drawn_in_longer_buckets(api: Client):
    count_two_minutes(api)
    period = {"from": "2025-01-01T00:00:00Z", "to": "2026-06-01T00:00:00Z"}

    assert preview(api, bucket="1m", **period).width == 1000


def test_viewer_of_some_cameras_gets_no_page_of_others(api: Client):
    count_two_minutes(api)
    api.acting_as(Role.VIEWER, frozenset({"door"}))

    assert api.post("/reports/preview", json={"cameras": ["gate"]}).status_code == 403


def test_logo_that_is_none_is_refused(api: Client):
    count_two_minutes(api)

    refused = api.post("/reports", json={"format": "pdf", "logo": b64encode(b"GIF").decode()})

    assert code_of(refused) == (400, "bad_input")


def test_schedule_keeps_its_logo_until_it_is_removed(api: Client):
    added = api.post("/schedules", json=WEEKLY | {"format": "pdf", "logo": make_logo()}).json()
    changed = api.patch("/schedules/gates", json={"at": "07:00"}).json()
    removed = api.patch("/schedules/gates", json={"logo": ""}).json()

    assert [item["has_logo"] for item in (added, changed, removed)] == [True, True, False]


def test_files_of_the_server_are_no_logos(api: Client):
    assert api.post("/schedules", json=WEEKLY | {"logo_file": "/etc/passwd"}).status_code == 422
