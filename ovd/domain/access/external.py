"""Identities that a single sign-on vouches for, and the roles that their groups give."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ovd.domain.access.accounts import MAX_ACCOUNT_NAME
from ovd.domain.access.identity import Role

_UNUSABLE = re.compile(r"[^\w.@+-]+")


@dataclass(frozen=True)
class ExternalIdentity:
    """A person as a single sign-on knows them.

    Attributes:
        issuer: Address of the provider.
        subject: Key of the person there, which never changes.
        name: Name that is wanted, in any form.
        groups: Groups that the person belongs to.
    """

    issuer: str
    subject: str
    name: str
    groups: frozenset[str]

    @property
    def key(self) -> str:
        """Return the key of the person among those of all providers, 64 characters."""
        return hashlib.sha256(f"{self.issuer}\n{self.subject}".encode(errors="replace")).hexdigest()

    @property
    def account_name(self) -> str:
        """Return the name in the form of an account's: letters, digits and `. _ - @ +`."""
        plain = _UNUSABLE.sub("-", self.name).lstrip(".@+-")[:MAX_ACCOUNT_NAME]
        return plain or f"user-{self.key[:12]}"


@dataclass(frozen=True)
class GroupRoles:
    """Roles by the groups of a single sign-on.

    Attributes:
        groups: Groups that give a role.
        default: Role of people in none of them; None refuses them.
    """

    groups: Mapping[Role, frozenset[str]]
    default: Role | None = None

    def role_of(self, groups: Iterable[str]) -> Role | None:
        """Return the highest role that the groups give; None where they give none."""
        held = frozenset(groups)
        given = [role for role in Role if held & self.groups.get(role, frozenset())]
        return max(given, key=lambda role: role.rank) if given else self.default
