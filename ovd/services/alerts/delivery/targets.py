"""TargetService: targets of the database and of the settings, and how messages get there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ovd.domain.access import Identity
from ovd.domain.alerts import Target, TargetOptions, TargetSecrets
from ovd.domain.names import name_key
from ovd.domain.ports import Clock, TargetRepository
from ovd.domain.ports.notify import Notifier
from ovd.errors import TargetError, UnknownTargetError
from ovd.notify.addresses import TargetAddress, parse_target_url
from ovd.services.access.audit import AuditLog
from ovd.services.alerts.delivery.composing import compose_test
from ovd.texts.languages import Language

# What the settings call targets themselves.
RESERVED_NAMES = ("mqtt",)
OpenNotifier = Callable[[TargetAddress, str], Notifier]


@dataclass(frozen=True)
class FixedTarget:
    """A target of the settings, and what takes messages there."""

    target: Target
    open_notifier: Callable[[], Notifier]


class TargetService:
    """Changes, lists and opens targets; every change is written to the audit log."""

    def __init__(
        self,
        targets: TargetRepository,
        fixed: Sequence[FixedTarget],
        open_notifier: OpenNotifier,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        """Work on the targets of a repository.

        Args:
            targets: Those that people change.
            fixed: Those of the settings.
            open_notifier: Returns what takes messages to an address, signed with a secret.
            audit: Told of every change.
            clock: Dates test messages.
        """
        self._targets = targets
        self._fixed = {name_key(item.target.name): item for item in fixed}
        self._open = open_notifier
        self._audit = audit
        self._clock = clock

    def all(self) -> tuple[Target, ...]:
        """Return all targets by name, without their secrets.

        Raises:
            StoreError: If they cannot be read.
        """
        fixed = [item.target for item in self._fixed.values()]
        kept = [
            target for target in self._targets.all() if name_key(target.name) not in self._fixed
        ]
        return tuple(sorted([*fixed, *kept], key=lambda target: name_key(target.name)))

    def find(self, name: str) -> Target:
        """Return the target of a name.

        Raises:
            UnknownTargetError: If there is none.
            StoreError: If it cannot be read.
        """
        targets = self.all()
        for target in targets:
            if name_key(target.name) == name_key(name):
                return target
        known = ", ".join(target.name for target in targets) or "none"
        raise UnknownTargetError(f"there is no target {name[:80]!r}; known: {known}")

    def add(
        self, who: Identity, name: str, secrets: TargetSecrets, options: TargetOptions
    ) -> Target:
        """Add a target; nothing is sent to it.

        Raises:
            TargetError: If the name is taken, or messages cannot be sent to the address.
            CredentialsError: If its secrets cannot be encrypted.
            StoreError: If it cannot be written.
        """
        address = parse_target_url(secrets.url)
        if options.language not in tuple(Language):
            raise TargetError(f"no language {options.language!r}; known: {', '.join(Language)}")
        target = Target(name, address.redacted, bool(secrets.secret), options)
        if name_key(target.name) in {*self._fixed, *RESERVED_NAMES}:
            raise TargetError(
                f"the target {target.name!r} is one of the settings; choose another name"
            )
        self._open(address, secrets.secret)
        self._targets.add(target, secrets)
        self._audit.note(who, "targets.add", target.name, target.url)
        return target

    def remove(self, who: Identity, name: str) -> None:
        """Remove a target; what waits for it is dead.

        Raises:
            UnknownTargetError: If there is none of that name.
            TargetError: If the settings name it.
            StoreError: If it cannot be written.
        """
        target = self.find(name)
        if target.fixed:
            raise TargetError(
                f"the target {target.name!r} is named by the settings; remove it from ovd.toml"
            )
        self._targets.remove(target.name)
        self._audit.note(who, "targets.remove", target.name)

    def test(self, who: Identity, name: str) -> Target:
        """Send a test message now; return the target once it was taken.

        Raises:
            UnknownTargetError: If there is none of that name.
            DeliveryError: If it did not take the message.
            StoreError: If it cannot be read.
        """
        target = self.find(name)
        self.open(target).send(compose_test(target, self._clock.now()))
        self._audit.note(who, "targets.test", target.name)
        return target

    def open(self, target: Target) -> Notifier:
        """Return what takes messages to a target.

        Raises:
            UnknownTargetError: If it was removed.
            TargetError: If its address cannot be used any more.
            CredentialsError: If its secrets cannot be decrypted.
            StoreError: If they cannot be read.
        """
        fixed = self._fixed.get(name_key(target.name))
        if fixed is not None:
            return fixed.open_notifier()
        secrets = self._targets.secrets(target.name)
        return self._open(parse_target_url(secrets.url), secrets.secret)
