"""HubClient: reads what a hub of models has, over HTTP."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from ovd.errors import DownloadBrokenError, HubError, HubOfflineError, RevisionGoneError

ENDPOINT = "https://huggingface.co"
TIMEOUT = httpx.Timeout(30.0, connect=15.0)
_TRUE = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True)
class HubOptions:
    """The environment in which a hub is used.

    Attributes:
        endpoint: Address of the hub.
        offline: Whether downloads are forbidden.
        token: Token of an account, for models that ask for one; empty for none.
    """

    endpoint: str = ENDPOINT
    offline: bool = False
    token: str = ""

    @classmethod
    def of(cls, values: "dict[str, str]") -> "HubOptions":
        """Return the options that the variables of the hub's own tools mean.

        Args:
            values: `HF_ENDPOINT`, `HF_HUB_OFFLINE` and `HF_TOKEN`, where they are set.
        """
        return cls(
            values.get("HF_ENDPOINT", "").rstrip("/") or ENDPOINT,
            values.get("HF_HUB_OFFLINE", "").strip().lower() in _TRUE,
            values.get("HF_TOKEN", ""),
        )


@dataclass(frozen=True)
class HubFile:
    """A file of a repository, as the hub lists it.

    Attributes:
        path: Below the repository.
        size: Bytes.
        sha256: Checksum of a large file; empty for a small one.
        blob_id: Git's checksum of a small file.
    """

    path: str
    size: int
    sha256: str
    blob_id: str


@dataclass(frozen=True)
class HubListing:
    """The files of one revision of a repository."""

    repository: str
    revision: str
    files: tuple[HubFile, ...]


@dataclass(frozen=True, eq=False)
class HubAnswer:
    """Part of a file, as the hub sends it.

    Attributes:
        starts_at: Byte that comes first.
        chunks: The bytes from there on.
    """

    starts_at: int
    chunks: Iterator[bytes]


class HubClient:
    """Asks one hub; proxies are taken from the usual environment variables."""

    def __init__(self, options: HubOptions) -> None:
        """Connect when something is asked for."""
        self._options = options

    def describe(self, repository: str, revision: str = "main") -> HubListing:
        """Return the files of a revision.

        Raises:
            HubOfflineError: If downloads are forbidden.
            RevisionGoneError: If the hub has no such repository or revision.
            HubError: If it cannot be reached, or answers something else.
        """
        path = f"/api/models/{repository}/revision/{revision}"
        with self._open(path, {"blobs": "true"}) as response:
            self._require_ok(response, repository, revision)
            try:
                document = json.loads(response.read())
                files = tuple(_parse_file(entry) for entry in document["siblings"])
                return HubListing(repository, str(document["sha"]), files)
            except (ValueError, KeyError, TypeError) as error:
                raise HubError(
                    f"{self._options.endpoint} answers no list of files for {repository}: {error}"
                ) from error

    @contextmanager
    def stream(self, listing: HubListing, file: HubFile, offset: int) -> Iterator[HubAnswer]:
        """Open a file of a listing from a byte on; the hub may start at 0 all the same.

        Raises:
            DownloadBrokenError: If the connection breaks, here or while it is read.
            HubError: As for `describe`.
        """
        path = f"/{listing.repository}/resolve/{listing.revision}/{file.path}"
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        try:
            with self._open(path, {}, headers) as response:
                if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                    yield HubAnswer(0, iter(()))
                    return
                self._require_ok(response, listing.repository, listing.revision)
                partial = response.status_code == httpx.codes.PARTIAL_CONTENT
                # In pieces as they come: of a larger one that broke off nothing would be kept.
                yield HubAnswer(offset if partial else 0, response.iter_raw())
        except httpx.TransportError as error:
            raise DownloadBrokenError(
                f"the download of {file.path} of {listing.repository} broke off "
                f"({_reason(error)}); what arrived is kept: the same command goes on from there"
            ) from error

    @contextmanager
    def _open(
        self, path: str, query: dict[str, str], headers: dict[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        if self._options.offline:
            raise HubOfflineError(
                "HF_HUB_OFFLINE forbids downloads; unset it, or copy the folder of the model here "
                "and run: ovd weights add DIR"
            )
        own = dict(headers or {})
        if self._options.token:
            own["Authorization"] = f"Bearer {self._options.token}"
        # Bytes as they are stored: a compressed answer could not be resumed.
        own["Accept-Encoding"] = "identity"
        with httpx.Client(follow_redirects=True, timeout=TIMEOUT) as client:
            try:
                request = client.build_request(
                    "GET", self._options.endpoint + path, params=query, headers=own
                )
                response = client.send(request, stream=True)
            except (httpx.TransportError, httpx.TooManyRedirects, httpx.InvalidURL) as error:
                raise HubError(
                    f"{self._options.endpoint} cannot be reached ({_reason(error)}); check the "
                    "network and HTTPS_PROXY, or copy the folder of the model here and run: "
                    "ovd weights add DIR"
                ) from error
            try:
                yield response
            finally:
                response.close()

    def _require_ok(self, response: httpx.Response, repository: str, revision: str) -> None:
        status = response.status_code
        if response.is_success:
            return
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise HubError(
                f"the hub refuses {repository} ({status}): it asks for an account that accepted "
                "its terms; set HF_TOKEN to a token of yours"
            )
        if status == httpx.codes.NOT_FOUND:
            raise RevisionGoneError(
                f"the hub has no {repository} at revision {revision}; remove the folder of the "
                "model to take its newest revision, or add a copy: ovd weights add DIR"
            )
        raise HubError(f"{self._options.endpoint} answers {status} for {repository}; try later")


def _parse_file(entry: "dict[str, object]") -> HubFile:
    lfs = entry.get("lfs")
    large = lfs if isinstance(lfs, dict) else {}
    size = large.get("size", entry.get("size"))
    if not isinstance(size, int):
        raise ValueError(f"{entry.get('rfilename')} has no size")
    return HubFile(
        str(entry["rfilename"]), size, str(large.get("sha256", "")), str(entry.get("blobId", ""))
    )


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
