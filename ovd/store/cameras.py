"""SqlCameraRepository: cameras, and the one place that knows their credentials."""

from typing import Any

from sqlalchemy import Connection, exists, select
from sqlalchemy.orm import Session

from ovd.domain.cameras import (
    AddedCamera,
    Camera,
    CameraAddress,
    CameraChanges,
    CameraSettings,
    check_camera_name,
)
from ovd.domain.names import normalise_name
from ovd.domain.zones import Mask, require_distinct_masks
from ovd.errors import CameraError, CredentialsError
from ovd.store.alerts.removal import rename_camera
from ovd.store.credentials import CredentialCipher
from ovd.store.database import Database
from ovd.store.schema.access_tables import TokenRow, UserRow
from ovd.store.schema.tables import CameraRow, RunRow, ZoneRow


class SqlCameraRepository:
    """Implements `ovd.domain.cameras.CameraRepository`; counts are never touched."""

    def __init__(self, database: Database, cipher: CredentialCipher) -> None:
        """Work on an open database."""
        self._database = database
        self._cipher = cipher

    def add(self, settings: CameraSettings) -> AddedCamera:
        """Add a camera; see the port.

        Raises:
            CameraError: If there is a camera of that name.
            CredentialsError: If its credentials cannot be encrypted.
            StoreError: If it cannot be written.
        """
        changes = CameraChanges(
            settings.address,
            settings.queries,
            settings.options,
            settings.enabled,
            masks=settings.masks or None,
        )
        credentials = self._encrypt(settings.address)

        def add(connection: Connection) -> AddedCamera:
            with Session(connection) as session:
                row = _row_named(session, settings.name)
                if row is not None and row.added:
                    raise CameraError(
                        f"there is a camera {settings.name!r} already ({row.uri}); choose another "
                        f"name, or remove it first: ovd cameras remove {settings.name!r}"
                    )
                continues = row is not None
                if row is None:
                    row = _new_row(settings.name, settings.address.uri, self._database)
                    session.add(row)
                _apply(row, changes, credentials)
                row.added = True
                session.flush()
                return AddedCamera(row.record(), continues)

        return self._database.change(add)

    def update(self, name: str, changes: CameraChanges) -> Camera:
        """Change what a user set for a camera; see the port.

        Raises:
            CameraError: If there is no camera of that name, or the new name is not free.
            CredentialsError: If its credentials cannot be encrypted.
            StoreError: If it cannot be written.
        """
        credentials = None if changes.address is None else self._encrypt(changes.address)

        def update(connection: Connection) -> Camera:
            with Session(connection) as session:
                row = _find_row(session, name)
                if changes.name is not None:
                    _rename(session, row, check_camera_name(changes.name))
                _apply(row, changes, credentials)
                # Masks leave open where a camera that was only counted is read from.
                row.added = row.added or changes != CameraChanges(masks=changes.masks)
                session.flush()
                return row.record()

        return self._database.change(update)

    def record(self, name: str, uri: str) -> Camera:
        """Return the camera that a run counts under this name; see the port.

        Raises:
            CameraError: If the name cannot be used.
            ValueError: If the URI still holds a password.
            StoreError: If it cannot be written.
        """
        checked, address = check_camera_name(name), CameraAddress.without_credentials(uri)

        def record(connection: Connection) -> Camera:
            with Session(connection) as session:
                row = _row_named(session, checked)
                if row is None:
                    row = _new_row(checked, uri, self._database)
                    session.add(row)
                if row.revision == 0 or _takes(row, uri):
                    _apply(row, CameraChanges(address), None)
                session.flush()
                return row.record()

        return self._database.change(record)

    def all(self, include_removed: bool = False) -> tuple[Camera, ...]:
        """Return the cameras by name; see the port.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(CameraRow)
        if not include_removed:
            statement = statement.where(CameraRow.removed_at.is_(None))
        with self._database.read() as connection, Session(connection) as session:
            cameras = [row.record() for row in session.scalars(statement)]
        return tuple(sorted(cameras, key=lambda camera: camera.name))

    def find(self, name: str) -> Camera:
        """Return the camera of that name.

        Raises:
            CameraError: If there is none, or it was removed.
            StoreError: If it cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            return _find_row(session, name).record()

    def find_address(self, name: str) -> str:
        """Return the address that opens a camera, with credentials.

        Raises:
            CameraError: If there is no camera of that name.
            CredentialsError: If its credentials are not known, or cannot be decrypted.
            StoreError: If it cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            row = _find_row(session, name)
            if row.credentials is None and row.complete:
                return row.uri
            kept, shown = row.credentials, f"camera {row.name!r} cannot be opened: "
        if kept is None:
            raise CredentialsError(
                f"{shown}its password is not kept; give its address again, or write the password "
                "as a {NAME} reference to an environment variable"
            )
        try:
            return self._cipher.decrypt(kept)
        except CredentialsError as error:
            raise CredentialsError(f"{shown}{error}") from error

    def remove(self, name: str) -> bool:
        """Take a camera off; see the port.

        Raises:
            CameraError: If there is no camera of that name.
            StoreError: If it cannot be written.
        """

        def remove(connection: Connection) -> bool:
            with Session(connection) as session:
                row = _find_row(session, name)
                used = select(
                    exists().where(RunRow.camera_id == row.id)
                    | exists().where(ZoneRow.camera_id == row.id)
                )
                kept = bool(session.scalar(used))
                if kept:
                    row.enabled, row.added = False, False
                    row.removed_at = self._database.now()
                    row.complete = row.complete and row.credentials is None
                    row.credentials, row.queries = None, []
                    row.revision += 1
                else:
                    session.delete(row)
                session.flush()
                return kept

        return self._database.change(remove)

    def _encrypt(self, address: CameraAddress) -> str | None:
        if not address.has_credentials or address.full_uri is None:
            return None
        return self._cipher.encrypt(address.full_uri)


def _row_named(session: Session, name: str) -> CameraRow | None:
    return session.scalar(select(CameraRow).where(CameraRow.name == name))


def _find_row(session: Session, name: str) -> CameraRow:
    row = _row_named(session, normalise_name(name))
    if row is None or row.removed_at is not None:
        names = select(CameraRow.name).where(CameraRow.removed_at.is_(None))
        known = ", ".join(sorted(session.scalars(names))) or "none"
        raise CameraError(f"there is no camera {name!r}; known: {known}")
    return row


def _rename(session: Session, row: CameraRow, name: str) -> None:
    """Give a camera another name, in the permissions of users and tokens and in alerts too."""
    if name == row.name:
        return
    other = _row_named(session, name)
    if other is not None:
        past = "was" if other.removed_at is not None else "is"
        raise CameraError(
            f"there {past} a camera {name!r} already, which has its own history; choose another "
            "name"
        )
    for holder in (*session.scalars(select(UserRow)), *session.scalars(select(TokenRow))):
        if holder.cameras is not None and row.name in holder.cameras:
            holder.cameras = sorted({name, *holder.cameras} - {row.name})
    rename_camera(session, row.name, name)
    row.name = name


def _takes(row: CameraRow, uri: str) -> bool:
    """Return whether a run changes the camera that it counts."""
    return not row.added and (row.uri != uri or row.removed_at is not None)


def _new_row(name: str, uri: str, database: Database) -> CameraRow:
    return CameraRow(
        name=name,
        uri=uri,
        created_at=database.now(),
        enabled=False,
        added=False,
        queries=[],
        masks=[],
        detector="",
        verify="",
        complete=True,
        revision=0,
    )


def _describe(mask: Mask) -> dict[str, Any]:
    """Return a mask as `build_mask` takes it."""
    return {
        "kind": mask.kind.value,
        "name": mask.name,
        "points_norm": [list(point) for point in mask.points_norm],
        "anchor": mask.anchor.value,
        "query": mask.query,
    }


def _apply(row: CameraRow, changes: CameraChanges, credentials: str | None) -> None:
    row.removed_at = None
    if changes.address is not None:
        row.uri, row.credentials = changes.address.uri, credentials
        row.complete = changes.address.full_uri is not None
    if changes.queries is not None:
        row.queries = [vars(query) for query in changes.queries]
    if changes.options is not None:
        row.sample_fps = changes.options.sample_fps
        transport = changes.options.transport
        row.transport = None if transport is None else transport.value
        row.detector, row.verify = changes.options.detector, changes.options.verify
    if changes.enabled is not None:
        row.enabled = changes.enabled
    if changes.masks is not None:
        row.masks = [_describe(mask) for mask in require_distinct_masks(changes.masks)]
    row.revision += 1
