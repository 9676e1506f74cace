"""Upkeep: whether there is room for counts, and removing old ones while others are written."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from ovd.domain.records import RetentionPolicy, StoreHealth, StoreState
from ovd.store.alerts.removal import prune_messages
from ovd.store.connection.engine import folder_of_engine
from ovd.store.database import Database
from ovd.store.maintenance import pruning


class Upkeep:
    """Prunes an open database between its writes, and tells how it stands."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database
        self._wanted_bytes = 0

    def trim(self, policy: RetentionPolicy, make_room: Callable[[int], int]) -> int:
        """Remove what a policy no longer keeps, in short transactions between writes.

        When room runs out, `make_room` is asked for the missing bytes first and returns how many
        it freed, also while nothing can be written; only then the oldest counts per frame go.

        Returns:
            How many rows were removed.

        Raises:
            StoreError: If rows could not be removed, or what waited could not be written.
        """
        self._wanted_bytes = policy.min_free_bytes
        free = self._free_bytes()
        missing = 0 if free is None else policy.min_free_bytes - free
        if missing > 0:
            missing -= make_room(missing)
        with self._database.read() as connection:
            removals = pruning.plan(connection, policy, self._database.now())
            if missing > 0 and (room := pruning.plan_room(connection, missing)) is not None:
                removals.append(room)
        removed = sum(self._remove(removal) for removal in removals)
        return removed + self._remove_messages(policy)

    def _remove_messages(self, policy: RetentionPolicy) -> int:
        if policy.alerts.days is None:
            return 0
        before = self._database.now() - timedelta(days=policy.alerts.days)
        removed = 0
        while batch := self._database.change(partial(prune_messages, before=before)):
            removed += batch
        return removed

    def _remove(self, removal: pruning.Removal) -> int:
        with self._database.read() as connection:
            places = pruning.find_places(connection, removal)
        if not places:
            return 0
        self._database.change(lambda to: pruning.mark(to, removal))
        removed = 0
        for place in places:
            remove_batch = partial(pruning.remove_batch, removal=removal, place=place)
            while batch := self._database.change(remove_batch):
                removed += batch
        return removed

    @property
    def _folder(self) -> Path | None:
        return folder_of_engine(self._database.engine)

    def _free_bytes(self) -> int | None:
        folder = self._folder
        if folder is None:
            return None
        with self._database.read() as connection:
            return pruning.disk_bytes(folder) + pruning.unused_bytes(connection)

    def health(self) -> StoreHealth:
        """Return how the store stands; cheap enough to ask every second.

        Raises:
            StoreError: If the database cannot be read.
        """
        failure, queued = self._database.failure, self._database.queued
        free = self._free_bytes()
        if failure is not None:
            return StoreHealth(StoreState.FAILING, queued, free, str(failure))
        on_disk = None if self._folder is None else pruning.disk_bytes(self._folder)
        if on_disk is not None and on_disk < self._wanted_bytes:
            return StoreHealth(
                StoreState.LOW_SPACE, queued, free, pruning.warn(on_disk, self._wanted_bytes)
            )
        return StoreHealth(StoreState.GOOD, queued, free)
