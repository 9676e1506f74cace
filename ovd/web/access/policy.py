"""AccessPolicy: what the check lets pass without, and with, credentials."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ovd.domain.access import Role
from ovd.errors import NoUsersError
from ovd.web.access.origin import Network, is_loopback

GRADIO = "/gradio_api"
# The way to the provider of a single sign-on, and back; there is nothing without one.
SIGN_ON = "/login/oidc"
SIGN_ON_CALLBACK = "/login/oidc/callback"
# They tell nothing but that the server runs, or begin a session.
_PUBLIC = {
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", SIGN_ON),
    ("GET", SIGN_ON_CALLBACK),
    ("GET", "/favicon.ico"),
    ("GET", "/ovd.webmanifest"),
    ("GET", "/worker.js"),
    ("GET", "/offline.html"),
    ("GET", "/robots.txt"),
    ("POST", "/api/v1/session"),
    ("GET", "/api/v1/health/live"),
    ("GET", "/api/v1/health/ready"),
}
# Routes of Gradio that the page does not use: its own login, a proxy to other hosts, generation
# of code, profiling, and ways to call handlers past the queue but for `run/predict`, which brings
# the suggestions; handlers themselves check the role.
# The screens of sites have a cookie of their own, which what answers them checks.
_SCREEN = re.compile(r"/display/[^/]+(/now)?")
_CLOSED = re.compile(
    r"(/gradio_api)?/(proxy=|vibe|undo-vibe|profiling|monitoring|dev/|run/(?!predict$)|run-history|runs|call/"
    r"|api/(?!v1)|token|user|login_check|process_recording|custom_component|component_server).*"
    r"|/gradio_api/(stream|login|logout|deep_link|openapi.json|docs|redoc).*"
)


@dataclass(frozen=True)
class AccessPolicy:
    """Rules of the check: what passes, and whose forwarded headers are believed.

    Attributes:
        proxies: Addresses of proxies that are trusted.
        hosts: Host names under which requests are answered; empty answers all.
        insecure: Whether everyone may do everything while there are no users.
        root_path: Path below which a proxy shows the app.
        has_sign_on: Whether people sign in at a provider, so that it is never open to everyone.
        is_signed: Returns whether a path with its query carries a valid signature of this server.
    """

    proxies: tuple[Network, ...] = ()
    hosts: tuple[str, ...] = ()
    insecure: bool = False
    root_path: str = ""
    has_sign_on: bool = False
    is_signed: Callable[[str, str], bool] = lambda path, query: False

    def path_of(self, path: str) -> str:
        """Return the path of a request without the root path."""
        root = self.root_path
        inside = path.removeprefix(root) if path == root or path.startswith(f"{root}/") else path
        return re.sub("/{2,}", "/", inside) or "/"

    def is_public(self, method: str, path: str) -> bool:
        """Return whether a path needs no credentials."""
        return ("GET" if method == "HEAD" else method, path.rstrip("/") or "/") in _PUBLIC

    def is_for_screens(self, method: str, path: str) -> bool:
        """Return whether a path may be asked for without credentials, and is answered by them."""
        return method in ("GET", "HEAD") and _SCREEN.fullmatch(path.rstrip("/")) is not None

    def is_closed(self, path: str) -> bool:
        """Return whether a path is answered for no one."""
        return _CLOSED.fullmatch(path) is not None

    def role_for(self, method: str, path: str) -> Role:
        """Return the lowest role for a path; what answers it may ask for more."""
        if path.rstrip("/") == "/display" or (method == "POST" and path.startswith("/display/")):
            return Role.ADMIN
        uploads = method == "POST" and path.startswith((f"{GRADIO}/upload", "/upload"))
        return Role.OPERATOR if uploads else Role.VIEWER


def require_users(host: str, has_users: bool, insecure: bool) -> None:
    """Refuse to listen beyond this machine while everyone there could do everything.

    Args:
        host: Address to listen on.
        has_users: Whether there is a user.
        insecure: Whether that is wanted.

    Raises:
        NoUsersError: If there is no user, and it is not wanted.
    """
    if has_users or insecure or is_loopback(host):
        return
    raise NoUsersError(
        f"{host} can be reached from other machines, and there are no users: everyone could see "
        "the cameras and change them. Make one first: ovd users add NAME --role admin; or listen "
        "on 127.0.0.1; or add --insecure if everyone who reaches this address may do everything"
    )
