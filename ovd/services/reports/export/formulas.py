"""Neutralisation of text that a spreadsheet would run as a formula."""

# What a spreadsheet takes for the start of a formula; those of East Asia also in full width.
_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")


def neutralise(text: str) -> str:
    """Make a text inert in spreadsheets: prefix an apostrophe if it could start a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
