import gzip
import io
import struct
import zlib
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image as PilImage

from ovd.api.paging import write_cursor
from ovd.domain.access import Role
from tests.api.conftest import Client, code_of
from tests.clips import make_steady_clip

PASSWORD = "correct horse battery"


def make_png(width: int = 64, height: int = 48, value: int = 3) -> bytes:
    file = io.BytesIO()
    PilImage.fromarray(np.full((height, width, 3), value, np.uint8)).save(file, "PNG")
    return file.getvalue()


def test_unknown_path_and_method_have_the_same_shape_of_error(api: Client):
    assert code_of(api.get("/nothing")) == (404, "not_found")
    assert code_of(api.put("/cameras")) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"text": 1}', b'{"text": "x", "y": 1}'],
)
def test_malformed_body_is_told(api: Client, content: bytes):
    answer = api.post("/queries", content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code in (400, 422)
    assert set(answer.json()["error"]) == {"code", "message"}


def test_deeply_nested_body_is_told(api: Client):
    answer = api.post(
        "/queries", content=b"[" * 100_000, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code in (400, 422)


def test_validation_never_repeats_a_password(api: Client):
    answer = api.post("/users", json={"name": "bo", "password": [PASSWORD], "extra": PASSWORD})

    assert code_of(answer) == (422, "invalid_request")
    assert PASSWORD not in answer.text


def test_post_with_a_key_is_done_once(api: Client):
    keyed = {"headers": {"Idempotency-Key": "a"}, "json": {"name": "grafana"}}

    first = api.post("/tokens", **keyed)
    again = api.post("/tokens", **keyed)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()


def test_form_with_a_key_is_answered_once_whatever_its_boundary(api: Client, tmp_path: Path):
    clip = make_steady_clip(tmp_path / "clip.mp4").read_bytes()

    def send(path: str = "/uploads") -> httpx.Response:
        return api.post(path, headers={"Idempotency-Key": "a"}, files={"file": ("a.mp4", clip)})

    first, again = send(), send()

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert send("/uploads?x=1").status_code == 409
    assert len(list((tmp_path / "uploads").iterdir())) == 1


def test_key_of_another_request_is_a_conflict(api: Client):
    api.post("/tokens", headers={"Idempotency-Key": "a"}, json={"name": "grafana"})

    answer = api.post("/tokens", headers={"Idempotency-Key": "a"}, json={"name": "other"})

    assert code_of(answer) == (409, "conflict")


def test_keys_of_two_people_are_apart(api: Client):
    keyed = {"headers": {"Idempotency-Key": "a"}, "json": {"text": "person"}}
    first = api.post("/queries", **keyed)
    api.identity = api.identity.__class__(api.identity.kind, "bo", Role.OPERATOR)

    assert first.status_code == 201
    assert api.post("/queries", **keyed).status_code == 409


def test_saved_query_has_an_id_that_stays(api: Client):
    added = api.post("/queries", json={"text": "Person"}).json()

    assert api.get("/queries").json()["items"] == [added]
    assert api.delete(f"/queries/{added['id']}").status_code == 204
    assert api.post("/queries", json={"text": "person"}).json()["id"] == added["id"]


def test_query_is_read(api: Client):
    [reading] = api.post("/queries/read", json={"text": "car"}).json()["queries"]

    assert (reading["query"], reading["read_as"], reading["supported"]) == ("car", "car", True)


def test_objects_are_detected_in_an_image(api: Client):
    answer = api.post(
        "/detect", files={"image": ("a.png", make_png())}, data={"query": ["person", "car"]}
    ).json()

    assert (answer["image"], answer["width"], answer["height"]) == ("a.png", 64, 48)
    assert len(answer["detections"]) == 6
    assert set(answer["detections"][0]["box"]) == {"xmin", "ymin", "xmax", "ymax"}
    assert [query["query"] for query in answer["queries"]] == ["person", "car"]


@pytest.mark.parametrize("content", [b"", b"text", b"GIF89a", b"<svg/>", make_png()[:60]])
def test_image_that_is_none_is_refused(api: Client, content: bytes):
    answer = api.post("/detect", files={"image": ("a.png", content)}, data={"query": "person"})

    assert code_of(answer) == (400, "bad_image")
    assert ".image" not in answer.text


def test_image_that_would_fill_the_memory_is_refused_before_it_is_decoded(api: Client):
    bomb = io.BytesIO()
    PilImage.new("1", (30_000, 30_000)).save(bomb, "PNG")

    answer = api.post(
        "/detect", files={"image": ("a.png", bomb.getvalue())}, data={"query": "person"}
    )

    assert code_of(answer) == (400, "bad_image")
    assert "megapixels" in answer.text


def test_user_is_added_changed_and_removed(api: Client):
    added = api.post("/users", json={"name": "bo", "password": PASSWORD, "cameras": ["gate"]})
    changed = api.patch("/users/BO", json={"cameras": None, "role": "operator"})

    assert (added.status_code, added.json()["cameras"]) == (201, ["gate"])
    assert (changed.json()["role"], changed.json()["cameras"]) == ("operator", None)
    assert api.delete("/users/bo").status_code == 204
    assert code_of(api.delete("/users/bo")) == (404, "not_found")


def test_audit_log_tells_who_did_what(api: Client):
    api.post("/queries", json={"text": "person"})
    api.post("/tokens", json={"name": "x"})

    page = api.get("/audit", params={"limit": 1}).json()
    rest = api.get("/audit", params={"cursor": page["next"]}).json()

    assert [(e["actor"], e["action"]) for e in page["items"]] == [("anna", "tokens.add")]
    assert [(e["action"], e["target"]) for e in rest["items"]] == [("queries.add", "person")]
    assert rest["next"] is None


def test_body_that_is_compressed_is_not_inflated(api: Client):
    bomb = gzip.compress(b" " * 20_000_000 + b"{}")
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    answer = api.post("/queries", content=bomb, headers=headers)

    assert answer.status_code in (400, 415, 422)


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP"])
def test_image_whose_text_inflates_to_much_more_is_refused_or_ignored(api: Client, kind: bytes):
    bomb = b"a\0\0" + zlib.compress(bytes(100_000_000))
    checksum = struct.pack(">I", zlib.crc32(kind + bomb))
    png = make_png()
    image = png[:33] + struct.pack(">I", len(bomb)) + kind + bomb + checksum + png[33:]

    answer = api.post("/detect", files={"image": ("a.png", image)}, data={"query": "person"})

    assert answer.status_code in (200, 400)


@pytest.mark.parametrize(
    "path", ["/audit", "/runs", "/gaps", "/alerts/log", "/deliveries", "/jobs"]
)
@pytest.mark.parametrize("cursor", [write_cursor([10**30]), write_cursor([-(10**30)]), "W10", "%"])
def test_cursor_that_no_list_made_is_refused(api: Client, path: str, cursor: str):
    assert code_of(api.get(path, params={"cursor": cursor})) == (400, "bad_input")
