"""Cursors of lists: where the next page begins, in a text that clients hand back."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Query

from ovd.errors import InputError

LARGEST_PAGE = 1000
_LONGEST_CURSOR = 2000
# What a key of a database can be.
_LARGEST_NUMBER = 2**63 - 1
Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="At most so many items.")]
Cursor = Annotated[
    str | None,
    Query(max_length=_LONGEST_CURSOR, description="`next` of the page before."),
]


@dataclass(frozen=True)
class PageRequest:
    """Which part of a list is wanted."""

    limit: Limit = 100
    cursor: Cursor = None


Page = Annotated[PageRequest, Depends()]


def write_cursor(values: Sequence[str | int]) -> str:
    """Return values as a cursor."""
    text = json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, kinds: Sequence[type[str] | type[int]]) -> list[str | int]:
    """Return the values of a cursor.

    Raises:
        InputError: If it was not made by `write_cursor` from values of these kinds.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeError, ValueError, RecursionError):
        values = None
    fits = (
        isinstance(values, list)
        and len(values) == len(kinds)
        and all(type(value) is kind for value, kind in zip(values, kinds, strict=True))
        and all(isinstance(value, str) or abs(value) <= _LARGEST_NUMBER for value in values)
    )
    if not fits or not isinstance(values, list):
        raise InputError("the cursor is not one that this server made; begin without one")
    return values


def cut_page(
    items: Sequence[Item], cursor: str | None, limit: int, key: Callable[[Item], int]
) -> tuple[Sequence[Item], str | None]:
    """Return a page of a list in memory, and the cursor of the next one.

    Args:
        items: All of them, in their order.
        cursor: Made of the key of the last item of the page before.
        limit: At most so many.
        key: Unique number of an item.

    Raises:
        InputError: If the cursor belongs to another list.
    """
    start = 0
    if cursor is not None:
        [last] = read_cursor(cursor, [int])
        start = next((index + 1 for index, item in enumerate(items) if key(item) == last), -1)
        if start < 0:
            raise InputError("the cursor belongs to another list; begin without one")
    page = items[start : start + limit]
    more = start + limit < len(items)
    return page, write_cursor([key(page[-1])]) if more else None
