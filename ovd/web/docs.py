"""The documentation of the API at `/docs`, without asking any other host."""

import importlib.util
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from starlette.responses import HTMLResponse, JSONResponse, Response

_FILES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
_START = """window.onload = () => SwaggerUIBundle({url: "openapi.json", dom_id: "#docs",
deepLinking: true, validatorUrl: null, tryItOutEnabled: true});"""


def find_swagger() -> Path | None:
    """Return the folder of Swagger UI (Apache-2.0), which the package fastapi-offline carries."""
    spec = importlib.util.find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "static"


def add_docs_routes(web: FastAPI, describe: Callable[[], dict[str, Any]], root_path: str) -> None:
    """Serve `/openapi.json`, and `/docs`, which shows it.

    Args:
        web: The application.
        describe: Returns the OpenAPI description.
        root_path: Path below which a proxy shows the app.
    """

    @web.get("/openapi.json")
    async def description() -> Response:
        schema = await run_in_threadpool(describe)
        servers = [{"url": f"{root_path}{server['url']}"} for server in schema["servers"]]
        return JSONResponse(schema | {"servers": servers})

    @web.get("/docs")
    async def page() -> Response:
        root = escape(root_path)
        return HTMLResponse(
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>ovd API</title>'
            f'<base href="{root}/"><link rel="stylesheet" href="docs/swagger-ui.css"></head><body>'
            f'<div id="docs"></div><script src="docs/swagger-ui-bundle.js"></script>'
            f"<script>{_START}</script></body></html>"
        )

    @web.get("/docs/{name}")
    async def file(name: str) -> Response:
        folder = find_swagger()
        if name not in _FILES or folder is None:
            raise HTTPException(404, "there is no such file")
        return FileResponse(folder / name, media_type=_FILES[name])
