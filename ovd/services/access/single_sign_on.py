"""SingleSignOn: begins sessions of people for whom a provider vouches."""

from typing import NoReturn

from ovd.domain.access import (
    ExternalIdentity,
    GroupRoles,
    Identity,
    IdentityKind,
    NewUser,
    Role,
    User,
    UserChanges,
)
from ovd.domain.ports import AccessStore
from ovd.errors import ConflictError, NoRoleError, SingleSignOnError
from ovd.services.access.audit import AuditLog
from ovd.services.access.login import BegunSession, LoginService


class SingleSignOn:
    """Gives people of a provider an account with the role of their groups, and a session.

    They are known by their key at the provider: neither a name there nor here gives one person the
    account of another.
    """

    def __init__(
        self, store: AccessStore, login: LoginService, audit: AuditLog, roles: GroupRoles
    ) -> None:
        """Prepare to sign people in.

        Args:
            store: Users and sessions.
            login: Begins sessions.
            audit: Told of every sign-in and change.
            roles: Roles by groups.
        """
        self._store = store
        self._login = login
        self._audit = audit
        self._roles = roles

    def sign_in(self, person: ExternalIdentity, address: str) -> BegunSession:
        """Begin a session; the account is added at the first time, and its role follows the groups.

        Raises:
            NoRoleError: If no group gives a role; sessions that the person had are ended.
            SingleSignOnError: If the name belongs to another user here, or the role of the only
                admin would change.
            StoreError: If the database cannot be used.
        """
        role = self._roles.role_of(person.groups)
        user = self._store.users.find_external(person.key)
        if role is None:
            self._refuse(person, user, address)
        who = Identity(IdentityKind.USER, person.account_name, role, address=address)
        try:
            current = self._account_of(person, user, who)
        except ConflictError as error:
            self._audit.note(who, "session.refused", detail="single sign-on")
            raise SingleSignOnError(f"the single sign-on cannot be used: {error}") from error
        return self._login.begin(current, address)

    def _account_of(self, person: ExternalIdentity, user: User | None, who: Identity) -> User:
        role = who.role
        if user is None:
            added = self._store.users.add(NewUser(person.account_name, role, subject=person.key))
            self._note(who, "users.add", added.name, role)
            return added
        if user.role is role:
            return user
        changed = self._store.users.update(user.name, UserChanges(role))
        self._note(who, "users.change", changed.name, role)
        return changed

    def _note(self, who: Identity, action: str, name: str, role: Role) -> None:
        self._login.forget()
        self._audit.note(who, action, name, f"role {role.value}, by single sign-on")

    def _refuse(self, person: ExternalIdentity, user: User | None, address: str) -> NoReturn:
        who = Identity(IdentityKind.USER, person.account_name, Role.VIEWER, address=address)
        if user is not None:
            self._store.sessions.remove_of(user)
            self._login.forget()
        self._audit.note(who, "session.refused", detail="single sign-on: no role")
        raise NoRoleError("none of your groups gives a role here; ask an admin")
