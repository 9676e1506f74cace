"""The page of a screen: a large number and whether there is room, or the code to pair it by."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape

from ovd.services.sites.board import Board, Level
from ovd.texts.display import DisplayTexts, display_texts
from ovd.texts.languages import Language
from ovd.ui.theme import read_script


@dataclass(frozen=True)
class Shown:
    """The texts of a screen.

    Attributes:
        level: Its look, a CSS class of `assets/display.html`.
        number: The number of people, the code to pair by, or "?".
        of: What stands beside the number.
        status: What visitors are to do.
        detail: What explains it.
    """

    level: str
    number: str = ""
    of: str = ""
    status: str = ""
    detail: str = ""

    def to_json(self) -> dict[str, str]:
        """Return it as the script of the page takes it."""
        return dict(self.__dict__)


def show_board(board: Board, at: datetime, language: Language) -> Shown:
    """Return what a paired screen shows.

    Args:
        board: The state of the site.
        at: The time, aware, on the clock of the site.
        language: Language of the texts.
    """
    texts = display_texts(language)
    level = board.level.value
    if board.level is Level.UNKNOWN:
        return Shown(level, "?", status=texts.unknown, detail=texts.unknown_why)
    if board.level is Level.CLOSED:
        return Shown(level, status=texts.closed, detail=_opening(board.opens_at, at, texts))
    number = str(board.people)
    if board.capacity is None:
        return Shown(level, number, texts.inside)
    status = {Level.FREE: texts.free, Level.BUSY: texts.busy, Level.FULL: texts.full}[board.level]
    return Shown(level, number, texts.of_capacity.format(capacity=board.capacity), status)


def show_code(code: str, address: str, language: Language) -> Shown:
    """Return what a screen shows that waits to be paired."""
    texts = display_texts(language)
    how = texts.pair_how.format(address=address)
    return Shown("pair", f"{code[:3]} {code[3:]}", status=texts.pair_title, detail=how)


def render_screen(shown: Shown, site: str, now_path: str, language: Language) -> str:
    """Return the page of a screen as HTML.

    Args:
        shown: What it shows first.
        site: Name of the site; empty while the screen is not paired.
        now_path: Where its script asks for what to show next.
        language: Language of the texts.
    """
    texts = display_texts(language)
    words = {"now": now_path, "waits": not site, "lost": texts.lost, "why": texts.lost_why}
    values = {
        **{part: escape(text) for part, text in shown.to_json().items()},
        "site": escape(site),
        "title": escape(f"{site} · ovd" if site else "ovd"),
        "lang": language.value,
        "words": json.dumps(words, ensure_ascii=False).replace("<", "\\u003c"),
    }
    return _fill(read_script("display.html"), values)


def _fill(template: str, values: Mapping[str, str]) -> str:
    """Replace `{name}` by its value; other braces, as of CSS, stay."""
    names = "|".join(values)
    return re.sub(r"\{(" + names + r")\}", lambda found: values[found[1]], template)


def _opening(opens_at: datetime | None, at: datetime, texts: DisplayTexts) -> str:
    if opens_at is None:
        return ""
    time = f"{opens_at:%H:%M}"
    if opens_at.date() == at.astimezone(opens_at.tzinfo).date():
        return texts.opens_today.format(time=time)
    return texts.opens_on.format(day=texts.weekdays[opens_at.weekday()], time=time)
