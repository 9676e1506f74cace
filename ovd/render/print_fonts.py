"""Fonts of printed reports; they ship with ovd, because a machine may have none with Hangul."""

import unicodedata
from functools import cache
from html import escape
from importlib.resources import as_file, files
from itertools import groupby

from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "NanumSquare", "NanumSquare-Bold"

# ReportLab's own, for the accents that NanumSquare lacks.
_FALLBACK = "Vera"
_UNKNOWN = "□"
_FILES = {REGULAR: "NanumSquareR.ttf", BOLD: "NanumSquareB.ttf"}


@cache
def load_fonts() -> dict[str, frozenset[int]]:
    """Register the fonts with ReportLab; return the code points that each of them has."""
    known = {_FALLBACK: TTFont(_FALLBACK, "Vera.ttf")}
    for name, file in _FILES.items():
        with as_file(files("ovd.render") / "fonts" / file) as path:
            known[name] = TTFont(name, str(path))
    for font in known.values():
        registerFont(font)
    registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    return {name: frozenset(font.face.charToGlyph) for name, font in known.items()}


def escape_markup(text: str) -> str:
    """Return a text as markup of a ReportLab paragraph that shows it literally.

    Characters that no font has become boxes.
    """
    glyphs = load_fonts()

    def font_of(character: str) -> str:
        code = ord(character)
        return next((name for name in (REGULAR, _FALLBACK) if code in glyphs[name]), "")

    parts = []
    for font, run in groupby(_printable(text), key=font_of):
        characters = "".join(run)
        if font == REGULAR:
            parts.append(escape(characters))
        elif font:
            parts.append(f'<font name="{font}">{escape(characters)}</font>')
        else:
            parts.append(_UNKNOWN * len(characters))
    return "".join(parts)


def plain_label(text: str) -> str:
    """Return a text that the font of a drawing can show; accents it lacks are dropped."""
    known = load_fonts()[REGULAR]
    parts = []
    for character in _printable(text):
        bases = [character, *unicodedata.normalize("NFKD", character)]
        parts.append(next((base for base in bases if ord(base) in known), _UNKNOWN))
    return "".join(parts)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
