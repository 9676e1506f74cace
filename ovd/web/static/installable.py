"""The page as an app of a phone: its manifest, and the worker that answers without a server."""

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response

from ovd.texts.offline import OFFLINE_TEXTS
from ovd.ui.theme import read_script

MANIFEST = {
    "name": "ovd",
    "short_name": "ovd",
    "start_url": "./",
    "scope": "./",
    "display": "standalone",
    "background_color": "#0b1118",
    "theme_color": "#146a79",
    "icons": [
        {"src": "favicon.ico", "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}
    ],
}


def add_app_routes(app: FastAPI) -> None:
    """Serve the manifest, the worker, and the page that says that there is no connection."""
    worker, offline = read_script("worker.js"), _offline_page()

    @app.get("/ovd.webmanifest")
    def manifest() -> JSONResponse:
        return JSONResponse(MANIFEST, media_type="application/manifest+json")

    @app.get("/worker.js")
    def script() -> Response:
        return Response(worker, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    @app.get("/offline.html")
    def shell() -> Response:
        return Response(offline, media_type="text/html; charset=utf-8")


def _offline_page() -> str:
    texts = "".join(
        f'<section lang="{language.value}"><h1>{words.title}</h1><p>{words.text}</p>'
        f'<button type="button">{words.again}</button></section>'
        for language, words in OFFLINE_TEXTS.items()
    )
    return read_script("offline.html").replace("<!-- texts -->", texts)
