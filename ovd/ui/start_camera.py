"""Starts a camera as the form describes it, or as it was started before."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from ovd.bootstrap import Services, default_camera_name
from ovd.domain.access import Role
from ovd.domain.ports import SourceOptions
from ovd.errors import (
    AddressError,
    InputError,
    OpenFailure,
    OutputError,
    OvdError,
    ReferenceRefusedError,
    SourceOpenError,
)
from ovd.services.cameras import REMOTE_KINDS, CameraService, add_login
from ovd.services.cameras.testing import name_problem
from ovd.texts.page.cameras import camera_texts
from ovd.ui.camera_form import FormKind, FormValues
from ovd.ui.html.camera_state import ShownCamera
from ovd.ui.page_state import read_page_state
from ovd.ui.session import Session, StartedSource
from ovd.video.uri import SourceUri


def start_camera(services: Services, session: Session, form: FormValues) -> Session:
    """Start counting what the form describes, and show it.

    Raises:
        InputError: If something is missing in the form or on the list of queries.
        SourceOpenError: If the source cannot be read.
        StoreError: If the database cannot be used.
    """
    with _source_uri(services, session, form) as uri:
        camera = form.camera.strip() or default_camera_name(uri)
        return _start(services, session, StartedSource(camera, uri, form.options))


def start_again(services: Services, session: Session, options: SourceOptions) -> Session:
    """Count the shown camera once more, or open the form where its password is not known.

    The fleet completes the address of a camera whose password is kept.

    Args:
        services: Where it is counted.
        session: Whose camera.
        options: How to read a file that another session started.

    Raises:
        OvdError: As `start_camera` does.
    """
    services.overview.expire(cameras_changed=True)
    camera = read_page_state(services.overview.now(), services.fleet, session).camera
    if camera is None:
        return replace(session, adding=True)
    source = session.source_of(camera.name)
    if source is None and SourceUri.parse(camera.uri).kind in REMOTE_KINDS:
        return _start_kept(services, session, camera)
    if source is None and camera.status is not None:
        return _restart(services, session)
    return _start(services, session, source or StartedSource(camera.name, camera.uri, options))


def _restart(services: Services, session: Session) -> Session:
    """Count a file again as another tab started it, also where it was to be repeated."""
    services.overview.expire()
    services.fleet.restart(session.camera)
    services.overview.expire(cameras_changed=True)
    services.newest.expire(session.camera)
    return replace(session, adding=False)


def _start_kept(services: Services, session: Session, camera: ShownCamera) -> Session:
    stored = services.overview.now().camera_of(camera.name)
    queries = camera.status.queries if camera.status else session.draft
    to_complete = replace(session, adding=True, draft=queries)
    if stored is None or not stored.complete:
        return to_complete
    options = SourceOptions(stored.options.sample_fps, transport=stored.options.transport)
    try:
        return _start(services, session, StartedSource(camera.name, camera.uri, options))
    except SourceOpenError as error:
        if error.failure is not OpenFailure.REFUSED:
            raise
        return to_complete


def _start(services: Services, session: Session, source: StartedSource) -> Session:
    services.overview.expire()
    queries = read_page_state(services.overview.now(), services.fleet, session).queries
    if not queries:
        raise InputError(session.texts.needs_query)
    services.fleet.start(source.camera, source.uri, queries, source.options)
    services.overview.expire(cameras_changed=True)
    services.newest.expire(source.camera)
    return session.with_started(source)


def stop_camera(services: Services, session: Session) -> Session:
    """Stop counting the shown camera."""
    services.fleet.stop(session.camera)
    services.newest.expire(session.camera)
    return session


@contextmanager
def _source_uri(services: Services, session: Session, form: FormValues) -> Iterator[str]:
    """Give what to open; an upload is kept in the data folder only if starting it works."""
    texts = session.texts
    if form.kind is FormKind.SAMPLE:
        yield form.sample
    elif form.kind is FormKind.URL:
        session.identity.require(Role.ADMIN)
        try:
            typed = add_login(form.url.strip(), form.user.strip(), form.password)
            address = CameraService(services.store.cameras).parse_remote_address(typed)
        except ReferenceRefusedError as error:
            raise InputError(texts.reference_unknown) from error
        except AddressError as error:
            raise InputError(texts.needs_url) from error
        uri = address.full_uri or address.uri
        if not form.anyway:
            _require_image(services, session, uri, form.camera.strip() or address.uri)
        yield uri
    else:
        if not form.upload:
            raise InputError(texts.needs_upload)
        kept = _keep_upload(Path(form.upload), services.settings.data_dir / "uploads")
        try:
            yield str(kept)
        except OvdError as error:
            kept.unlink()
            raise type(error)(str(error).replace(str(kept), kept.name)) from error


def _require_image(services: Services, session: Session, uri: str, camera: str) -> None:
    """Refuse a stream that sends nothing now, such as one whose host was mistyped."""
    texts = camera_texts(session.language)
    try:
        services.tester.open(uri, camera)
    except OvdError as error:
        problem = str(getattr(texts, f"problem_{name_problem(error).value}"))
        raise SourceOpenError(f"{problem} {session.texts.url_refused}") from error


def _keep_upload(upload: Path, folder: Path) -> Path:
    target = folder / upload.name
    number = 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while target.exists():
            number += 1
            target = folder / f"{upload.stem}-{number}{upload.suffix}"
        return Path(shutil.copy2(upload, target))
    except OSError as error:
        with suppress(OSError):
            target.unlink()
        raise OutputError(f"cannot keep the upload as {target}: {error.strerror}") from error
