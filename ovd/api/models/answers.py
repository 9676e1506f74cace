"""Shapes that many answers share."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class ErrorDetail(BaseModel):
    """An error: a stable code for programs, a message for people."""

    code: str = Field(examples=["not_found"])
    message: str = Field(examples=["there is no camera 'gate'"])


class ErrorBody(BaseModel):
    """The body of every answer that tells of an error."""

    error: ErrorDetail


class Items(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(default=None, description="Cursor of the next page; null at the end.")


class RequestBody(BaseModel):
    """A body of a request; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")
