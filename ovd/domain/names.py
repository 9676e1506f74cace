"""Normalisation of names that users give: one form for one name, whatever the keyboard."""

import unicodedata


def normalise_name(text: str) -> str:
    """Return the composed Unicode form (NFC) of a name, without spaces around it.

    Korean names come composed from some systems and decomposed from others, and look the same.
    """
    return unicodedata.normalize("NFC", text).strip()


def name_key(text: str) -> str:
    """Return the key that two spellings of one name share: `normalise_name` without case."""
    return normalise_name(normalise_name(text).casefold())
