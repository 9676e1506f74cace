"""The list of queries as HTML: pure functions, every user text escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ovd.domain.events import QueryCount, ZoneEventKind, ZoneTally
from ovd.domain.notes import NoteCode
from ovd.domain.query import Query
from ovd.language.korean.names import describe_notes, name_query, name_reading
from ovd.services.history.today import DayNumbers
from ovd.texts.languages import Language
from ovd.texts.page import PageTexts, language_of
from ovd.texts.page.teaching import TeachTexts
from ovd.ui.html.swatch import swatch

NO_COUNT = "\u2013"
_OFFERS = frozenset({NoteCode.DID_YOU_MEAN, NoteCode.NEAREST, NoteCode.NEAREST_WIDER})


@dataclass(frozen=True)
class _Words:
    """Words that a row is drawn with."""

    texts: PageTexts
    teach: TeachTexts | None

    @property
    def language(self) -> Language:
        return language_of(self.texts)

    def name_of(self, query: Query) -> str:
        return name_query(query.text, query.read_as, self.language)


def query_list(
    queries: Sequence[Query],
    colours: Mapping[str, str],
    texts: PageTexts,
    teach: TeachTexts | None = None,
) -> str:
    """Draw the queries, each with colour, how it was read, threshold and remove button.

    One that the detector does not support comes with buttons for what it might be instead.

    The place of the count is filled by `queries.js` from `query_counts`, so that a new count
    does not touch a slider that is being dragged.

    Args:
        queries: What is or will be counted.
        colours: CSS colour of each supported query by its text.
        texts: The words.
        teach: The words for teaching a name that was not learned; None where that cannot be done.
    """
    if not queries:
        return (
            f'<div class="ovd-empty"><strong>{escape(texts.query_empty_title)}</strong>'
            f"<span>{escape(texts.query_empty_text)}</span></div>"
        )
    rows = "".join(_query_row(query, colours, _Words(texts, teach)) for query in queries)
    return f'<ul class="ovd-queries">{rows}</ul>'


def query_counts(
    queries: Sequence[Query],
    counts: Mapping[str, int],
    live: bool,
    texts: PageTexts,
    moved: Mapping[str, str] | None = None,
) -> tuple[tuple[str, str, str], ...]:
    """Return query text, count and unit of each query; a dash where nothing was counted.

    Args:
        queries: What is or will be counted.
        counts: Newest count by query text; a query that is missing has no count.
        live: Whether the counts are of now; those of a camera that is silent or has ended are not.
        texts: The words.
        moved: What `describe_movement` says by query text.
    """
    unit = texts.query_now if live else texts.query_last
    cells: list[tuple[str, str, str]] = []
    for query in queries:
        count = counts.get(query.text) if query.supported else None
        if count is None:
            cells.append((query.text, NO_COUNT, texts.query_no_count))
        else:
            more = (moved or {}).get(query.text, "")
            cells.append((query.text, f"{count:,}", f"{unit} · {more}" if more else unit))
    return tuple(cells)


def describe_movement(
    count: QueryCount,
    zones: Sequence[ZoneTally],
    texts: PageTexts,
    day: DayNumbers | None = None,
) -> str:
    """Return how many objects a query matched, were not judged, and crossed lines, as words.

    Empty where none of it is known. What stands beside it for the whole day is not said again.

    Args:
        count: What the newest frame shows.
        zones: What crossed lines during the run.
        texts: The words.
        day: The numbers of the day that stand beside it.
    """
    parts = _describe_unjudged(count, texts)
    if count.unique is None:
        return " · ".join(parts)
    tells_lines = day is not None and day.crossed_in is not None
    tells_unique = day is not None and not tells_lines and day.unique is not None
    # Objects count as different ones once they were followed for some frames.
    follows = count.unique == 0 and count.count > 0
    words = texts.query_following if follows else texts.query_unique
    if follows or not tells_unique:
        parts.insert(0, words.format(count=f"{count.unique:,}"))
    lines = [tally for tally in zones if tally.query == count.query.text and tally.inside is None]
    if lines and not tells_lines:
        crossed_in, crossed_out = (
            sum(tally.event_counts[passage] for tally in lines)
            for passage in (ZoneEventKind.IN, ZoneEventKind.OUT)
        )
        parts.append(texts.query_crossed.format(crossed_in=crossed_in, crossed_out=crossed_out))
    return " · ".join(parts)


def _describe_unjudged(count: QueryCount, texts: PageTexts) -> list[str]:
    """Return the words for objects that are not judged yet, or cannot be."""
    numbers = ((count.pending, texts.query_pending), (count.unknown, texts.query_unknown))
    return [words.format(count=f"{number:,}") for number, words in numbers if number]


def _query_row(query: Query, colours: Mapping[str, str], words: _Words) -> str:
    texts = words.texts
    text, name = escape(query.text), escape(words.name_of(query))
    remove = escape(texts.query_remove.format(query=words.name_of(query)))
    colour = colours.get(query.text)
    look = f'" style="--swatch:{colour}' if colour else " unsupported"
    return (
        f'<li class="ovd-query{look}" data-query="{text}">'
        f'<div class="ovd-query-head">{swatch(colours, query.text)}<div class="ovd-query-name">'
        f'<strong title="{text}">{name}</strong>'
        f"{_query_reading(query, words)}</div>"
        f'<div class="ovd-count" data-count-of="{text}"><b></b><small></small></div>'
        f'<div class="ovd-today" data-today-of="{text}"></div>{_options(query, words)}'
        f'<button type="button" class="ovd-remove" data-event="remove_query" data-value="{text}" '
        f'data-removed="{escape(texts.query_removed.format(query=words.name_of(query)))}" '
        f'data-undo="{escape(texts.query_undo)}" data-min-score="{query.min_score:.2f}" '
        f'aria-label="{remove}" title="{remove}">&times;</button></div></li>'
    )


def _query_reading(query: Query, words: _Words) -> str:
    texts, language = words.texts, words.language
    # What it was read as has a place of its own.
    told = [note for note in query.notes if note.code is not NoteCode.READ_AS]
    rest = describe_notes(told, language) if query.notes else query.note
    note = f'<span class="note">{escape(rest)}</span>' if rest else ""
    if not query.supported:
        tag = f'<span class="tag">{escape(texts.query_unsupported)}</span>'
        return f"{tag}{note}{_alternatives(query, words)}"
    shown, name = words.name_of(query), name_reading(query.read_as, language)
    if shown != query.text:
        typed = escape(texts.history_typed.format(typed=query.text))
        return f'<span class="reading">{typed}</span>{note}'
    if name == shown:
        return note
    reading = f"{escape(texts.query_read_as)} <b>{escape(name)}</b>"
    return f'<span class="reading">{reading}</span>{note}'


def _alternatives(query: Query, words: _Words) -> str:
    """Draw the ways on from a query that is not supported: another one in its place, teaching."""
    texts = words.texts
    named = (note.names for note in query.notes if note.code in _OFFERS)
    buttons = "".join(
        f'<button type="button" class="ovd-chip" data-event="replace_query" '
        f'data-value="{escape(query.text)}" data-instead="{escape(name)}" '
        f'title="{escape(texts.query_instead.format(query=called))}">{escape(called)}</button>'
        for names in named
        for name in names
        for called in [name_reading(name, words.language)]
    )
    if words.teach is not None and NoteCode.NOT_LEARNED in {note.code for note in query.notes}:
        buttons += _teach_button(query, words.teach)
    return f'<span class="ovd-chips">{buttons}</span>' if buttons else ""


def _teach_button(query: Query, teach: TeachTexts) -> str:
    hint = escape(teach.open_hint.format(query=query.read_as))
    return (
        f'<button type="button" class="ovd-offer" data-teach="{escape(query.read_as)}" '
        f'data-value="{escape(query.text)}" title="{hint}">{escape(teach.open)}</button>'
    )


def _options(query: Query, words: _Words) -> str:
    """Draw what a row offers behind a tap: threshold, order, the same at other cameras."""
    texts, text = words.texts, escape(query.text)
    name = escape(texts.query_options.format(query=words.name_of(query)))
    buttons = "".join(
        f'<button type="button" class="ovd-chip" data-event="{event}" data-value="{text}" '
        f'data-instead="{step}">{escape(label)}</button>'
        for event, step, label in (
            ("move_query", "-1", texts.query_up),
            ("move_query", "1", texts.query_down),
            ("copy_query", "", texts.query_copy),
        )
    )
    return (
        f'<details class="ovd-options"><summary aria-label="{name}" title="{name}">'
        f'<span aria-hidden="true">&#8943;</span></summary><div>{_threshold(query, words)}'
        f'<div class="ovd-chips">{buttons}{_preview(query, words)}</div></div></details>'
    )


def _preview(query: Query, words: _Words) -> str:
    if not query.supported:
        return ""
    return (
        f'<button type="button" class="ovd-chip" data-preview="{escape(query.text)}" '
        f'data-min-score="{query.min_score:.2f}">{escape(words.texts.query_preview)}</button>'
    )


def _threshold(query: Query, words: _Words) -> str:
    if not query.supported:
        return ""
    texts = words.texts
    name = escape(f"{texts.query_min_score}: {words.name_of(query)}")
    score = f"{query.min_score:.2f}"
    return (
        f'<label class="ovd-threshold"><span>{escape(texts.query_min_score)}</span>'
        f'<input type="range" min="0" max="1" step="0.01" value="{score}" '
        f'aria-label="{name}" data-value="{escape(query.text)}">'
        f"<output>{score}</output></label>"
    )
