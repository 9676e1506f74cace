"""The mark of a query: a colour with a shape, so that neither alone has to tell queries apart."""

from collections.abc import Mapping

# As many as there are dashes of boxes in `live_canvas.js`, in the same order.
_SHAPES = (
    '<rect x="1" y="1" width="12" height="12" rx="2.5"/>',
    '<path d="M7 .8 13.4 12.6H.6z"/>',
    '<circle cx="7" cy="7" r="6.2"/>',
    '<path d="M7 .3 13.7 7 7 13.7.3 7z"/>',
)


def swatch(colours: Mapping[str, str], query: str) -> str:
    """Draw the mark of a query; a hollow one where it is not counted.

    Args:
        colours: CSS colour of each supported query by its text, in their order.
        query: Text of the query.
    """
    colour = colours.get(query)
    if colour is None:
        shape = '<circle cx="7" cy="7" r="5.4" fill="none" stroke="currentColor"/>'
    else:
        shape = _SHAPES[list(colours).index(query) % len(_SHAPES)]
    fill = f' style="fill:{colour}"' if colour else ""
    return (
        f'<svg class="ovd-swatch" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true"'
        f"{fill}>{shape}</svg>"
    )
