"""Users, API tokens and the audit log, for admins."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from ovd.api.context import Admin, Context
from ovd.api.models.access import (
    AuditAnswer,
    IssuedTokenAnswer,
    NewTokenBody,
    NewUserBody,
    TokenAnswer,
    UserAnswer,
    UserPatch,
)
from ovd.api.models.answers import Items
from ovd.api.paging import Cursor, Limit, read_cursor, write_cursor
from ovd.domain.access import Token, User
from ovd.services.access.users import UserRequest

router = APIRouter(tags=["access"])
Name = Annotated[str, Path(max_length=64)]


@router.get("/users")
def list_users(context: Context, who: Admin) -> Items[UserAnswer]:
    """List the users by name."""
    users = context.services.access.users.all()
    return Items[UserAnswer](items=[_describe_user(user) for user in users])


@router.post("/users", status_code=201)
def add_user(body: NewUserBody, context: Context, who: Admin) -> UserAnswer:
    """Add a user; the first one must be an admin, or nobody could manage users."""
    cameras = None if body.cameras is None else tuple(body.cameras)
    user = context.services.access.users.add(who, body.name, body.password, body.role, cameras)
    return _describe_user(user)


@router.patch("/users/{name}")
def change_user(name: Name, body: UserPatch, context: Context, who: Admin) -> UserAnswer:
    """Change a user, which ends the user's sessions."""
    request = UserRequest(
        role=body.role,
        password=body.password,
        cameras=None if body.cameras is None else tuple(body.cameras),
        sets_cameras="cameras" in body.model_fields_set,
    )
    return _describe_user(context.services.access.users.change(who, name, request))


@router.delete("/users/{name}", status_code=204)
def remove_user(name: Name, context: Context, who: Admin) -> None:
    """Remove a user, and end the user's sessions."""
    context.services.access.users.remove(who, name)


@router.get("/tokens")
def list_tokens(context: Context, who: Admin) -> Items[TokenAnswer]:
    """List the API tokens by name, without their secrets."""
    tokens = context.services.access.tokens.all()
    return Items[TokenAnswer](items=[TokenAnswer.model_validate(_facts(token)) for token in tokens])


@router.post("/tokens", status_code=201)
def add_token(body: NewTokenBody, context: Context, who: Admin) -> IssuedTokenAnswer:
    """Make an API token, which the answer shows this once."""
    cameras = None if body.cameras is None else tuple(body.cameras)
    issued = context.services.access.tokens.issue(who, body.name, body.role, body.days, cameras)
    return IssuedTokenAnswer.model_validate(_facts(issued.token) | {"token": issued.secret})


@router.delete("/tokens/{name}", status_code=204)
def revoke_token(name: Name, context: Context, who: Admin) -> None:
    """End an API token at once."""
    context.services.access.tokens.revoke(who, name)


@router.get("/audit")
def list_audit(
    context: Context,
    who: Admin,
    actor: Annotated[str | None, Query(max_length=200, description="Only of this one.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Items[AuditAnswer]:
    """List changes and sign-ins, newest first."""
    before = None if cursor is None else int(read_cursor(cursor, [int])[0])
    entries = context.services.access.audit.newest(limit + 1, before, actor)
    page = entries[:limit]
    return Items[AuditAnswer](
        items=[AuditAnswer(**vars(entry)) for entry in page],
        next=write_cursor([page[-1].id]) if len(entries) > limit else None,
    )


def _describe_user(user: User) -> UserAnswer:
    return UserAnswer(
        name=user.name,
        role=user.role,
        cameras=None if user.cameras is None else sorted(user.cameras),
        created_at=user.created_at,
    )


def _facts(token: Token) -> dict[str, object]:
    return {
        "name": token.name,
        "role": token.role,
        "prefix": token.prefix,
        "cameras": None if token.cameras is None else sorted(token.cameras),
        "created_by": token.created_by,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
    }
