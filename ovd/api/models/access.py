"""Sessions, users, tokens and the audit log in requests and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ovd.api.models.answers import RequestBody
from ovd.api.models.records import Names
from ovd.domain.access import Role

AccountName = Annotated[str, Field(min_length=1, max_length=64)]
Password = Annotated[str, Field(max_length=1024, json_schema_extra={"format": "password"})]


class Login(RequestBody):
    """Name and password."""

    name: Annotated[str, Field(max_length=200)]
    password: Password

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "anna", "password": "a long sentence"}]}
    )


class SessionAnswer(BaseModel):
    """The identity that asks, and what it may do."""

    kind: str
    name: str
    role: Role
    cameras: list[str] | None = Field(description="Cameras that may be seen; null: all.")
    csrf_token: str | None = Field(
        description="For X-CSRF-Token of requests that change something by the session's cookie."
    )


class UserAnswer(BaseModel):
    """A user."""

    name: str
    role: Role
    cameras: list[str] | None
    created_at: datetime


class NewUserBody(RequestBody):
    """A user to be added."""

    name: AccountName
    password: Password
    role: Role = Role.VIEWER
    cameras: Names | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "bo", "password": "a long sentence", "role": "viewer"}]
        }
    )


class UserPatch(RequestBody):
    """Changes to a user; what is left out stays. Every change ends the user's sessions."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"role": "operator", "cameras": None}]}
    )

    password: Password | None = None
    role: Role | None = None
    cameras: Names | None = None


class TokenAnswer(BaseModel):
    """A token, without its secret."""

    name: str
    role: Role
    prefix: str
    cameras: list[str] | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class NewTokenBody(RequestBody):
    """A token to be made."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "grafana", "role": "viewer", "days": 365}]}
    )

    name: AccountName
    role: Role = Role.VIEWER
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    cameras: Names | None = None


class IssuedTokenAnswer(TokenAnswer):
    """A token that was just made."""

    token: str = Field(description="What requests carry; shown this once.")


class AuditAnswer(BaseModel):
    """A change that was made, or a sign-in."""

    id: int
    at: datetime
    kind: str
    actor: str
    address: str
    action: str
    target: str
    detail: str
