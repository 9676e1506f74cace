"""The path below which a proxy shows the app."""

from starlette.types import ASGIApp, Receive, Scope, Send


class RootPath:
    """ASGI middleware that takes requests with or without the root path in front.

    Some proxies take the path off before they pass a request on, others leave it.
    """

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with `app`, which then finds the root path in the scope as ASGI defines it."""
        if scope["type"] in ("http", "websocket"):
            path = scope["path"]
            is_below = path == self._root_path or path.startswith(f"{self._root_path}/")
            full = path if is_below else self._root_path + path
            scope = dict(scope) | {"root_path": self._root_path, "path": full}
        await self._app(scope, receive, send)
