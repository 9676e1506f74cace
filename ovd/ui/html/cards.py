"""Common parts of the cards of the page: the heading, and the text of an empty one."""

from html import escape


def card_title(title: str, text: str = "", aside: str = "") -> str:
    """Draw the heading of a card.

    Args:
        title: The heading.
        text: A sentence beside it.
        aside: HTML at the far end.
    """
    more = f"<p>{escape(text)}</p>" if text else ""
    return f'<div class="ovd-title"><h2>{escape(title)}</h2>{more}{aside}</div>'


def empty(text: str, kind: str = "") -> str:
    """Draw the content of a card that has nothing to show."""
    return f'<div class="ovd-empty {kind}"><span>{escape(text)}</span></div>'
