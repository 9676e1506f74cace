"""What the commands people wait for import, and what they do not."""

import json
import subprocess
import sys

import numpy as np
import pytest

from ovd.bootstrap import open_catalogue
from ovd.settings import load_settings
from ovd.video.images import save_image

pytestmark = pytest.mark.weights

NEVER = {
    "IPython",
    "altair",
    "matplotlib",
    "onnx",
    "open_clip",
    "openpyxl",
    "pandas",
    "plotly",
    "pyarrow",
    "reportlab",
    "scipy",
    "sklearn",
    "timm",
    "torch",
    "torchvision",
    "transformers",
    "weasyprint",
}
NOT_FOR_IMAGES = NEVER | {"alembic", "av", "fastapi", "gradio", "rich", "sqlalchemy"}
DETECT = """
import json, sys
from ovd.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""
SERVE = """
import asyncio, json, sys, threading
import httpx
from ovd.bootstrap import build_services
from ovd.settings import load_settings
from ovd.web.app import build_web_app

async def answer():
    services = build_services(load_settings())
    app = build_web_app(services, threading.Event())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        found = await client.get("/")
    services.close()
    return found

found = asyncio.run(answer())
print(found.status_code, "gradio-app" in found.text)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def run(code, *arguments):
    """Return what a script printed, and the packages it imported."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout, set(json.loads(done.stderr.splitlines()[-1]))


@pytest.fixture
def data_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("OVD_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("query_text", "read_as"),
    [("person", "person"), ("persn", "person"), ('"tuk tuk taxi"', '"tuk tuk taxi"')],
)
def test_detect_imports_nothing_that_it_does_not_use(data_dir, query_text, read_as):
    save_image(data_dir / "black.png", np.zeros((60, 80, 3), np.uint8))

    printed, imported = run(
        DETECT, "detect", str(data_dir / "black.png"), "-q", query_text, "--json"
    )

    assert json.loads(printed)[0]["queries"][0]["read_as"] == read_as
    assert imported & NOT_FOR_IMAGES == set()


def test_former_detector_imports_nothing_that_it_does_not_use(data_dir):
    save_image(data_dir / "black.png", np.zeros((60, 80, 3), np.uint8))

    _, imported = run(
        DETECT, "detect", str(data_dir / "black.png"), "-q", "person", "--detector", "embedded"
    )

    assert imported & NOT_FOR_IMAGES == set()


def test_page_is_answered_without_what_only_reports_and_training_use(data_dir):
    open_catalogue(load_settings()).close()

    printed, imported = run(SERVE)

    assert printed.split() == ["200", "True"]
    assert imported & (NEVER | {"alembic"}) == set()
