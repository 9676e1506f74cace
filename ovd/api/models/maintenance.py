"""Maintenance in requests and answers."""

from pydantic import BaseModel, Field


class ReloadAnswer(BaseModel):
    """The outcome of reading the settings again."""

    applied: list[str] = Field(description="Settings that changed and hold from now on.")
    after_restart: list[str] = Field(description="Settings that change with the next start.")
